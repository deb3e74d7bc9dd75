import Foundation
import HealthRecords
import TestSupport

/// Files for the tests of this target.
enum Records {
    /// Reads one of the sample files that ship with the product.
    static func sample(_ name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: root.appending(path: "Samples/records/\(name)")))
    }

    static func read(_ text: String) throws -> ImportedFile {
        try FHIRBundle.read(Array(text.utf8), name: "test.json")
    }

    /// The row of a file with one resource.
    static func row(_ text: String) throws -> RecordRow {
        let rows = try read(text).rows
        guard rows.count == 1 else { throw CocoaError(.coderInvalidValue) }
        return rows[0]
    }

    /// What Foundation's parser makes of the resources of a bundle: an independent reading.
    static func resources(_ bytes: [UInt8]) throws -> [[String: Any]] {
        let bundle = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let entries = bundle?["entry"] as? [[String: Any]] ?? []
        return entries.compactMap { $0["resource"] as? [String: Any] }
    }

    /// Bytes that differ from place to place, the same on every run.
    static func bytes(_ count: Int) -> [UInt8] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }
}
