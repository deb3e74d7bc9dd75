import ClientRuntime
import ClientStore
import Foundation
import GRDB
import LedgerCore
import Screens
import SyncCore
import SyncEngine
import Testing

/// Checking one's own copy of the ledger once more.
@Suite struct LedgerCheckTests {
    @Test func `a copy that was synchronised holds, and every entry of it is counted`() async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        _ = try member.join("sleep")
        #expect(await member.engine.syncOnce() == .complete)
        var reports: [Int64] = []
        let count = try LedgerCheck.run(member.store) { progress in
            reports.append(progress.done)
            return true
        }
        #expect(count == (try member.store.entryCount()) && count > 4)
        #expect(reports == Array(1...count))
        #expect(throws: CancellationError.self) {
            try LedgerCheck.run(member.store) { $0.done < 3 }
        }
    }

    @Test func `a single changed character is found, and where it stands`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let queue = try DatabaseQueue(path: member.directory + "/accord.sqlite")
        let index = try await queue.write { db in
            let row = try #require(
                try Row.fetchOne(
                    db, sql: "SELECT idx, jws FROM entry ORDER BY idx LIMIT 1 OFFSET 2")
            )
            let index: Int64 = row[0]
            var bytes: Data = row[1]
            // The last character but one of the signature: the form stays right.
            let last = bytes.count - 2
            bytes[last] = bytes[last] == 0x41 ? 0x42 : 0x41
            try db.execute(
                sql: "UPDATE entry SET jws = ? WHERE idx = ?", arguments: [bytes, index])
            return index
        }
        try queue.close()
        let failure = #expect(throws: LedgerCheckFailure.self) {
            try LedgerCheck.run(member.store)
        }
        #expect(failure?.index == index)
    }
}
