import Foundation
import Glibc

/// What healthy clients feel while others flood the node: the real program on the loopback.
///
/// The floor is what the same clients feel alone, measured before each flood in the same run. Who
/// floods has the lowest priority on this machine, as somebody far away has none: a flood takes from
/// the node what the node gives to it, and from the healthy clients nothing else.
enum FloodFigures {
    private static let rounds = 3
    private static let clientCount = 4
    /// How long the healthy clients are watched, alone and during a flood.
    private static let watch = (alone: Duration.seconds(3), flooded: Duration.seconds(5))

    static func measure(_ floods: [Flood], in scratch: ScratchFolder) async throws -> [Figure] {
        try FileLimit.raise(to: UInt64(2 * Flood.idleCount + 1_000))
        let node = try ProgramNode(folder: scratch.file("flooded"))
        defer { node.end() }
        var clients = [HealthyClient]()
        for number in 0..<clientCount { clients.append(try HealthyClient(number, at: node)) }
        let material = try FloodMaterial(forger: clients[0])
        _ = try await feel(clients, for: .seconds(2))
        let memory = node.memoryBytes
        var figures = [Figure]()
        var misses = 0
        for flood in floods {
            Progress.say("flood: \(flood.name)")
            var paired = PairedRounds()
            var sent = [Double]()
            var open = [Double]()
            for _ in 0..<rounds {
                let alone = try await feel(clients, for: watch.alone)
                paired.floors.append(alone.milliseconds.percentile(0.99))
                let source = FloodSource(flood, node.port, material)
                let start = ContinuousClock.now
                async let done = source.run()
                // The flood is at its height once it has begun everywhere.
                await source.isUnderWay()
                let flooded = try await feel(clients, for: watch.flooded)
                source.stop()
                let outcome = try await done
                paired.values.append(flooded.milliseconds.percentile(0.99))
                misses += alone.misses + flooded.misses
                sent.append(Double(outcome.sent) / (ContinuousClock.now - start).seconds)
                open.append(Double(outcome.open))
            }
            let figure = Figure(
                "floods: \(flood.name), p99 of others", paired, "ms", floor: "alone")
            figures.append(
                figure.judged(
                    "≤ \(Int(flood.factor)) × alone", figure.ratio ?? .infinity <= flood.factor))
            if flood == .idle {
                figures.append(
                    Figure("floods: \(flood.name), still open at the end", open.median, "")
                        .wanting(atLeast: Double(Flood.idleCount)))
            } else {
                figures.append(Figure("floods: \(flood.name), sent", sent.median, "1/s"))
            }
        }
        figures.append(
            Figure("floods: healthy requests refused or unanswered", Double(misses), "")
                .wanting(atMost: 0))
        figures.append(
            Figure(
                "floods: memory of the node after all of them",
                PairedRounds(
                    values: [Double(node.memoryBytes) / 1_048_576],
                    floors: [Double(memory) / 1_048_576]), "MiB", floor: "before"))
        return figures
    }

    /// How long each request of the healthy clients took, and how many were not answered as they
    /// have to be.
    private static func feel(_ clients: [HealthyClient], for time: Duration) async throws
        -> (milliseconds: [Double], misses: Int)
    {
        let felt = try await Threads.run(clients.count) { clients[$0].work(for: time) }
        return (felt.flatMap(\.milliseconds), felt.reduce(0) { $0 + $1.misses })
    }
}

/// How many files this process and its children may have open.
enum FileLimit {
    /// Allows at least `count`.
    static func raise(to count: UInt64) throws {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < count else { return }
        limit.rlim_cur = rlim_t(count)
        guard limit.rlim_max >= count, setrlimit(kind, &limit) == 0 else {
            throw BenchFailure("\(count) open files are needed: raise the limit (ulimit -n)")
        }
    }
}
