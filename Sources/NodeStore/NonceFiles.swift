internal import Foundation
package import NodeSequencer
internal import Synchronization

/// The nonces of requests in two files, one for each span of time.
///
///     nonces.now     the machine's boot, a space, the second that all is known from
///                    then a nonce on each line
///     nonces.before  the same of the span before
///
/// A line is written with one call and not synchronised: it outlives the process, and a loss of power
/// shows in the boot that is noted. What was signed before the first start after that is then too
/// old.
package final class NonceFiles: NonceMemory {
    /// See `NonceMemory`.
    package let recalled: RecalledNonces
    private let folder: String
    private let header: String
    private let file: Mutex<Int32>

    /// Opens or makes the files.
    ///
    /// - Parameters:
    ///   - folder: Where they lie.
    ///   - nowSeconds: The time, in seconds since 1970.
    ///   - boot: Names the time since the machine started; `nil` for what the kernel says.
    /// - Throws: `RecordFileError`.
    package init(folder: String, nowSeconds: Int64, boot: String? = nil) throws {
        self.folder = folder
        let boot = boot ?? NonceFiles.kernelBoot
        let spans = ["nonces.before", "nonces.now"].compactMap { name in
            Span(FileManager.default.contents(atPath: "\(folder)/\(name)"))
        }
        let isWhole = spans.last?.boot == boot
        let from = isWhole ? spans.map(\.fromSeconds).max() ?? nowSeconds : nowSeconds
        recalled = RecalledNonces(
            nonces: Set(isWhole ? spans.flatMap(\.nonces) : []), knownFromSeconds: from)
        header = "\(boot) \(from)\n"
        file = Mutex(-1)
        try file.withLock { file in
            if isWhole { try open(&file, O_APPEND) } else { try start(&file) }
        }
    }

    deinit {
        file.withLock { if $0 >= 0 { close($0) } }
    }

    /// See `NonceMemory`.
    package func remember(_ nonce: String) throws {
        try file.withLock { file in try write("\(nonce)\n", to: file) }
    }

    /// See `NonceMemory`.
    package func turn() throws {
        try file.withLock { file in
            // It is missing where the last turn could not make it: for want of room, say.
            guard
                rename("\(folder)/nonces.now", "\(folder)/nonces.before") == 0 || errno == ENOENT
            else { throw RecordFileError("keep nonces", errno) }
            try start(&file)
        }
    }

    /// What a file says.
    private struct Span {
        let boot: String
        let fromSeconds: Int64
        let nonces: [String]

        init?(_ content: Data?) {
            guard let content else { return nil }
            let lines = String(decoding: content, as: UTF8.self).split(separator: "\n")
            let head = lines.first?.split(separator: " ") ?? []
            guard head.count == 2, let seconds = Int64(head[1]) else { return nil }
            boot = String(head[0])
            fromSeconds = seconds
            nonces = lines.dropFirst().map(String.init)
        }
    }

    /// Without a name for it every start counts as one after a loss of power.
    private static var kernelBoot: String {
        let content = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id")
        return content.map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } }
            ?? UUID().uuidString
    }

    private func start(_ file: inout Int32) throws {
        try open(&file, O_TRUNC)
        do {
            try write(header, to: file)
        } catch {
            // The next turn must not put it in the place of the span before.
            unlink("\(folder)/nonces.now")
            throw error
        }
    }

    private func open(_ file: inout Int32, _ how: Int32) throws {
        if file >= 0 { close(file) }
        file = Foundation.open("\(folder)/nonces.now", O_WRONLY | O_CREAT | O_CLOEXEC | how, 0o600)
        guard file >= 0 else { throw RecordFileError("keep nonces", errno) }
    }

    private func write(_ line: String, to file: Int32) throws {
        let bytes = Array(line.utf8)
        guard Foundation.write(file, bytes, bytes.count) == bytes.count else {
            throw RecordFileError("keep nonces", errno)
        }
    }
}
