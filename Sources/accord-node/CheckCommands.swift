internal import ArgumentParser
internal import Foundation
internal import LedgerCore
internal import NodeSequencer
internal import NodeStore

extension AccordNode {
    /// Verifies everything.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verifies the whole ledger: signatures, tree, chains, rules and points.",
            discussion: "Uses all cores; the node may serve meanwhile.")

        @OptionGroup var data: FolderOption
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            let keys = try data.folder.keys()
            let copy = FileManager.default.temporaryDirectory.appending(
                path: "accord-check-\(UUID().uuidString).sqlite")
            defer {
                for suffix in ["", "-wal", "-shm"] {
                    // A leftover copy harms nobody.
                    try? FileManager.default.removeItem(
                        atPath: copy.path(percentEncoded: false) + suffix)
                }
            }
            // Before the copy, which may hold more, but never less.
            let kept = try CheckpointFile.note(
                at: data.folder.keptPath, logKey: keys.log.verifierKey)
            // A copy stands still while the node goes on.
            let (_, live, _) = try data.open()
            try live.backUp(to: copy.path(percentEncoded: false))
            try live.close()
            // Whoever is stopped here leaves no keys that outlive an erasure.
            try NodeDatabase.removeKeys(
                from: copy.path(percentEncoded: false), isCompacted: false)
            let database = try NodeDatabase(path: copy.path(percentEncoded: false))
            let report = try await LedgerCheck(store: database, logKey: keys.log.verifierKey)
                .run(kept: kept)
            let storage = try database.integrityReport()
            try database.close()
            guard storage == "ok" else {
                throw CommandFailure(status: .integrity, message: "integrity: \(storage)")
            }
            print(json ? report.json : report.text)
        }
    }

    /// Copies the ledger.
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a consistent copy of the ledger, also while the node serves.",
            discussion: """
                The copy has no keys that members wrapped for recipients: whoever kept it beside the \
                ciphertext (records/) could read what a member erases later. A node that goes on \
                from it has recipients wait for keys until members authorize anew; a copy made with \
                --with-keys does not, and has to be destroyed within the time that erasing may take.
                """)

        @OptionGroup var data: FolderOption
        @Argument(help: "The file to write; it must not exist.")
        var file: String
        @Flag(help: "Copies the wrapped keys too: keep it apart from records/, and not for long.")
        var withKeys = false

        func run() async throws {
            guard !FileManager.default.fileExists(atPath: file) else {
                throw CommandFailure(status: .wrongUse, message: "\(file) exists")
            }
            let (_, database, _) = try data.open()
            try database.writeCopy(to: file, withKeys: withKeys)
            try database.close()
            print("copied to \(file)")
        }
    }

    /// Puts a copy back.
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verifies a copy of the ledger and puts it in the place of the database.",
            discussion: """
                The node must not serve meanwhile. A copy that lacks anything this log has signed \
                is refused: going on from it would give members two histories. The database that \
                was there stays beside it, with the keys that members wrapped for recipients: destroy \
                it within the time that erasing may take.
                """)

        @OptionGroup var data: FolderOption
        @Argument(help: "The copy, as  accord-node backup  wrote it.")
        var file: String
        @Flag(
            help: "Goes on though the kept checkpoint is lost: nothing then tells an old copy.")
        var withoutKept = false

        func run() async throws {
            let logKey = try data.folder.keys().log.verifierKey
            var entries = 0
            let withoutKept = withoutKept
            let old = try await data.folder.restore(from: file) { database, kept in
                guard kept != nil || withoutKept else {
                    throw CommandFailure(
                        status: .integrity,
                        message: """
                            \(data.folder.keptPath), which keeps the newest checkpoint, is gone, \
                            so it cannot be told whether \(file) is an old copy. Put it back; if \
                            it is lost and no copy is newer, say --without-kept.
                            """)
                }
                let storage = try database.integrityReport()
                guard storage == "ok" else {
                    throw CommandFailure(status: .integrity, message: "integrity: \(storage)")
                }
                do {
                    entries = try await LedgerCheck(store: database, logKey: logKey)
                        .run(kept: kept).entries
                } catch SequencerFailure.behind(let stored, let signed) {
                    throw CommandFailure(
                        status: .integrity,
                        message: """
                            not restored: \(file) holds \(stored) entries, and this log has signed \
                            a checkpoint for \(signed). Look for a newer copy. If there is none, \
                            entries \(stored) to \(signed - 1) are lost and this log has to end: \
                            make another one with "accord-node init" in a new folder and under \
                            another origin. Members keep the receipts they have.
                            """)
                }
            }
            print("restored \(entries) entries from \(file)")
            if let old {
                print(
                    """
                    the database that was there is \(old); it has the keys that members wrapped for \
                    recipients: destroy it within the time that erasing may take
                    """)
            }
        }
    }
}
