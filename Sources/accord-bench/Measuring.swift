import Foundation

/// Time as it is measured here.
enum Stopwatch {
    /// Runs `work` and returns how many seconds it took.
    static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        return (ContinuousClock.now - start).seconds
    }

    /// Runs `work` and returns how many seconds it took.
    static func seconds(_ work: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await work()
        return (ContinuousClock.now - start).seconds
    }

    /// The processor time this process used so far, in seconds.
    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension Duration {
    /// The length in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension [Double] {
    /// The middle value; the mean of the two middle ones for an even count; 0 of none.
    var median: Double {
        let ordered = sorted()
        guard let last = ordered.last else { return 0 }
        let middle = ordered.count / 2
        if ordered.count == 1 { return last }
        return ordered.count.isMultiple(of: 2)
            ? (ordered[middle - 1] + ordered[middle]) / 2 : ordered[middle]
    }

    /// The smallest value that `share` of all values do not exceed; 0 of none.
    func percentile(_ share: Double) -> Double {
        let ordered = sorted()
        guard !ordered.isEmpty else { return 0 }
        let position = Int((share * Double(ordered.count)).rounded(.up)) - 1
        return ordered[Swift.min(Swift.max(position, 0), ordered.count - 1)]
    }
}

/// Why something could not be measured.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A new folder that is removed afterwards.
struct ScratchFolder {
    let path: String

    /// Makes a folder in `parent`, or where the system keeps temporary files.
    init(in parent: String?) throws {
        let parent = parent ?? FileManager.default.temporaryDirectory.path(percentEncoded: false)
        path = URL(filePath: parent).appending(path: "accord-bench-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The path of something in the folder.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    func remove() {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Progress.say("could not remove \(path): \(error)")
        }
    }
}
