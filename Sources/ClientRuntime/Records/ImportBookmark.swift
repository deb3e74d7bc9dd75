import Crypto
import Foundation
import HealthRecords
import LedgerCore

/// How far the import of a long file has come.
///
/// It is enough to go on after the program was ended or killed, and stands beside the sealed rows,
/// sealed like them.
struct ImportBookmark: Codable {
    /// The bytes of content after which an import writes one.
    static let stepBytes: Int64 = 8 << 20
    /// How long one waits to be taken up again, in seconds.
    private static let keptSeconds: Double = 30 * 86_400
    private static let prefix = "bookmark-"

    /// What the file was when it was begun.
    struct Source: Codable, Equatable {
        let name: String
        let sizeBytes: Int64
        let changedNanoseconds: Int64
        let node: UInt64
    }

    let source: Source
    let reading: ReadingState
    /// The sealed rows so far, by their kind.
    let rows: [String: RowFileWriter.State]

    // MARK: Files

    /// The name of the bookmark of a source: it tells nothing of the file.
    static func path(of source: RecordSource, in folder: String) -> String {
        let digest = SHA256.hash(data: Data("\(source.path)\n\(source.name)".utf8))
        return "\(folder)/\(prefix)\(Hex.encode(Array(digest.prefix(16))))"
    }

    /// Reads a bookmark; `nil` if there is none, or it is not one of these keys.
    init?(path: String, keys: VaultKeys) {
        guard let sealed = FileManager.default.contents(atPath: path),
            // One that cannot be opened or read is none: the file is read from its beginning.
            let bytes = try? keys.open([UInt8](sealed), label: Self.label(path)),
            let bookmark = try? JSONDecoder().decode(Self.self, from: Data(bytes))
        else { return nil }
        self = bookmark
    }

    init(source: Source, reading: ReadingState, rows: [String: RowFileWriter.State]) {
        self.source = source
        self.reading = reading
        self.rows = rows
    }

    /// Keeps it; what is there before is replaced in one step.
    func write(to path: String, keys: VaultKeys) throws {
        let bytes = [UInt8](try JSONEncoder().encode(self))
        try HomeFolders.writePrivate(
            try keys.seal(bytes, label: Self.label(path)), to: URL(filePath: path))
    }

    private static func label(_ path: String) -> String {
        "accord/import/v1 \(URL(filePath: path).lastPathComponent)"
    }

    /// Forgets an import, and what it has sealed so far.
    func discard(at path: String) {
        unlink(path)
        for state in rows.values { unlink(state.path) }
    }

    /// The sealed rows that bookmarks wait for; bookmarks nobody came back to are discarded.
    static func waiting(in folder: String, keys: VaultKeys) throws -> Set<String> {
        var paths: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasPrefix(prefix) && !name.hasSuffix(".new") {
            let path = "\(folder)/\(name)"
            guard let bookmark = ImportBookmark(path: path, keys: keys) else {
                unlink(path)
                continue
            }
            var status = stat()
            let isKept =
                stat(path, &status) == 0
                && Double(time(nil) - status.st_mtim.tv_sec) < keptSeconds
            if isKept {
                paths.formUnion(bookmark.rows.values.map(\.path))
            } else {
                bookmark.discard(at: path)
            }
        }
        return paths
    }
}
