internal import Foundation
internal import LedgerCore
internal import Logging

/// Writes each log message as one line of JSON to standard error, so that no text can forge one.
struct JSONLogHandler: LogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    init(label: String) {
        self.label = label
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members: [JSONValue.Member] = [
            .init("at", .integer(Int64(Date().timeIntervalSince1970 * 1000))),
            .init("level", .string(event.level.rawValue)),
            .init("message", .string(event.message.description)),
            .init("source", .string(label)),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        if !all.isEmpty {
            members.append(
                .init("with", .sorted(all.map { .init($0.key, .string("\($0.value)")) })))
        }
        var line = JSONValue.sorted(members).canonicalBytes
        line.append(0x0a)
        // A log that takes no more, on a full disk, ends no node.
        try? FileHandle.standardError.write(contentsOf: Data(line))
    }
}
