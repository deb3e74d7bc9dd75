import Foundation
import LedgerCore
import NodeSequencer
import NodeStore
import TestSupport
import Testing

/// A node's folder from nothing to whole, whatever interrupts it.
struct FolderCreationTests {
    private static let origin = LedgerBuilder.origin

    private static func names(_ folder: URL) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }

    @Test func `what was begun is finished with the same keys and by the same options`()
        async throws
    {
        try await withFolder { folder in
            let place = NodeFolder(path: folder.path)
            let kept = folder.path + ".kept"
            let begun = try place.create(origin: Self.origin, seed: nil, kept: kept).keys
            #expect(throws: NodeFolder.Failure.unfinished(place.path)) { try place.keys() }
            try NodeDatabase(path: place.databasePath).close()
            let files = try Self.names(folder)
            let other = NodeFolder.Failure.otherOptions(
                place.path, "--origin \(Self.origin) --kept \(kept)", isEmpty: false)
            #expect(throws: other) {
                try place.create(origin: "other.example/log", seed: nil, kept: kept)
            }
            #expect(throws: other) {
                try place.create(origin: Self.origin, seed: 7, kept: kept)
            }
            #expect(throws: other) { try place.create(origin: Self.origin, seed: nil) }
            #expect(try Self.names(folder) == files)
            let again = try place.create(origin: Self.origin, seed: nil, kept: kept)
            #expect(again.keys.log.verifierKey == begun.log.verifierKey)
            #expect(again.keys.operatorKeys == begun.operatorKeys)
            #expect(throws: NodeFolder.Failure.locked(place.path)) {
                try place.create(origin: Self.origin, seed: nil, kept: kept)
            }
            try place.finish()
            withExtendedLifetime(again.lock) {}
            #expect(try place.keys().log.verifierKey == begun.log.verifierKey)
            #expect(place.keptPath == kept)
            let left = try Self.names(folder).filter {
                $0.hasSuffix(".new") || $0 == "init.unfinished"
            }
            #expect(left.isEmpty, "\(left)")
        }
    }

    @Test func `keys are made anew only before there is a database`() async throws {
        try await withFolder { folder in
            let place = NodeFolder(path: folder.path)
            let first = try place.create(origin: Self.origin, seed: nil).keys
            // A loss of power before the second key file: one is there, and half of the other.
            try FileManager.default.removeItem(at: folder.appending(path: "operator.key"))
            try Data("half".utf8).write(to: folder.appending(path: "operator.key.new"))
            let second = try place.create(origin: Self.origin, seed: nil).keys
            try place.finish()
            #expect(second.log.verifierKey != first.log.verifierKey)
            #expect(try place.keys().log.verifierKey == second.log.verifierKey)
        }
    }

    @Test(arguments: [
        "log.key", "operator.key", "ledger.sqlite", "kept.path", "witness.key", "witness.sqlite",
    ])
    func `a folder with a part of a ledger is left as it is`(part: String) async throws {
        try await withFolder { folder in
            let place = NodeFolder(path: folder.path)
            try place.make()
            let file = folder.appending(path: part)
            try Data("kept".utf8).write(to: file)
            #expect(throws: NodeFolder.Failure.exists(place.path)) {
                try place.create(origin: Self.origin, seed: nil)
            }
            #expect(try Data(contentsOf: file) == Data("kept".utf8))
            #expect(try Self.names(folder) == [part])
        }
    }

    @Test func `a place that cannot keep the checkpoint is told before anything is begun`()
        async throws
    {
        try await withFolder { folder in
            let place = NodeFolder(path: folder.appending(path: "node").path)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let used = folder.appending(path: "used")
            try Data("of another ledger".utf8).write(to: used)
            for kept in ["\(folder.path)/not-there/cp", folder.path, used.path] {
                #expect(throws: NodeFolder.Failure.self) {
                    try place.create(origin: Self.origin, seed: nil, kept: kept)
                }
                #expect(!place.hasLedger)
            }
            let fresh = folder.appending(path: "cp")
            try Data().write(to: fresh)
            _ = try place.create(origin: Self.origin, seed: nil, kept: fresh.path)
            #expect(place.hasLedger)
        }
    }
}
