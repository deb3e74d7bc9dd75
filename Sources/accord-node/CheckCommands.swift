internal import ArgumentParser
internal import Foundation
internal import LedgerCore
internal import NodeSequencer
internal import NodeStore

extension AccordNode {
    /// Verifies everything.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verifies the whole ledger: signatures, tree, chains, rules and points.")

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
            // A copy stands still while the node goes on.
            let (_, live, _) = try data.open()
            try live.backUp(to: copy.path(percentEncoded: false))
            try live.close()
            let database = try NodeDatabase(path: copy.path(percentEncoded: false))
            let report = try LedgerCheck(store: database, logKey: keys.log.verifierKey).run()
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
            abstract: "Writes a consistent copy of the ledger, also while the node serves.")

        @OptionGroup var data: FolderOption
        @Argument(help: "The file to write; it must not exist.")
        var file: String

        func run() async throws {
            guard !FileManager.default.fileExists(atPath: file) else {
                throw CommandFailure(status: .wrongUse, message: "\(file) exists")
            }
            let (_, database, _) = try data.open()
            try database.backUp(to: file)
            try database.close()
            print("copied to \(file)")
        }
    }
}
