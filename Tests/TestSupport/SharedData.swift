package import Foundation

/// The folder of real inputs beside the project, `../shared/data`, where there is one.
///
/// The project builds and passes its tests without it; tests that use it are skipped, saying so.
package enum SharedData {
    /// The folder, or `nil` where it is missing.
    package static let folder: URL? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.deletingLastPathComponent().appending(path: "shared/data")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// Whether the folder is there: the condition of tests that need it.
    package static var isPresent: Bool { folder != nil }

    /// What a skipped test says.
    package static let comment = "../shared/data is missing: skipped"

    /// Reads a file below the folder.
    package static func bytes(_ path: String) throws -> [UInt8] {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return [UInt8](try Data(contentsOf: folder.appending(path: path)))
    }

    /// Reads a UTF-8 text file below the folder.
    package static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// Lists the files of one folder below it, sorted by name.
    package static func files(in path: String, suffix: String = "") throws -> [URL] {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return try FileManager.default.contentsOfDirectory(
            at: folder.appending(path: path), includingPropertiesForKeys: nil
        ).filter { $0.lastPathComponent.hasSuffix(suffix) }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }
}
