import ClientStore
import Foundation
import GRDB
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import Testing

/// A machine that counts its entries otherwise than the node does.
@Suite struct RenumberingTests {
    private let member: TestMember
    private let engine: SyncEngine

    init() throws {
        let member = try TestMember(FakeLedger.withProjects())
        self.member = member
        engine = SyncEngine(
            store: member.store, node: member.node,
            clock: SyncClock(now: { TestMember.now }),
            sign: { try Entry.signed($0, with: member.device.key) })
    }

    private func leave(_ project: String) throws -> Hash {
        let id = try #require(ProjectID(project))
        return try #require(member.queue(.signupLeft(id)).first)
    }

    /// What a crash or an old copy does: the entry is gone, its number is used.
    private func lose(_ entry: Hash) throws {
        let file = try DatabaseQueue(path: member.directory + "/accord.sqlite")
        try file.write { db in
            try db.execute(
                sql: "DELETE FROM outbox WHERE id = ?", arguments: [Data(entry.bytes)])
        }
        try file.close()
    }

    @Test func `behind a lost entry what stops is signed anew, and the rest is said to be refused`()
        async throws
    {
        defer { member.remove() }
        let joined = try member.join("sleep")
        #expect(await engine.syncOnce() == .complete)
        try lose(member.join("full"))
        let left = try leave("sleep")
        let later = try member.join("full")
        member.node.change { $0.place = DevicePlace(sequence: 2, last: joined) }

        #expect(await engine.syncOnce() == .complete)
        #expect(try member.store.undecided(limit: 8).isEmpty)
        #expect(try member.store.activity(entry: left) == nil)
        #expect(try member.store.activity(entry: later)?.rejection == .sequenceReused)
        let last = try #require(member.node.change { $0.ledger.recorded.last }).entry.payload()
        #expect(last.body.kind == .signupLeft && last.body.project == ProjectID("sleep"))
        #expect(last.sequence == 3 && last.previous == joined)
        // The person decides again, and it counts; what only this machine refused needs no proof.
        let again = try member.join("full")
        #expect(await engine.syncOnce() == .complete)
        #expect(try member.state(of: again) == .proven)
        #expect(try member.store.refusalsToTakeHome().isEmpty)
    }

    @Test func `a node that says now this place and now that is asked once between two rounds`()
        async throws
    {
        defer { member.remove() }
        let joined = try member.join("sleep")
        #expect(await engine.syncOnce() == .complete)
        try lose(member.join("full"))
        _ = try leave("sleep")
        member.node.change {
            $0.place = DevicePlace(sequence: 2, last: joined)
            $0.bendBytes = { path, body in
                path == "/v1/devices/me/cursor"
                    ? DevicePlace(sequence: .random(in: 10...99), last: joined).body : body
            }
        }
        #expect(await engine.syncOnce() == .unfinished(nil))
        let asked = member.node.change { $0.calls.count { $0 == "/v1/devices/me/cursor" } }
        #expect(asked == 1)
        #expect(try member.store.undecided(limit: 8).count == 1)
    }

    @Test func `a place that contradicts the ledger moves nothing, and what is new is fetched`()
        async throws
    {
        defer { member.remove() }
        _ = try member.join("sleep")
        #expect(await engine.syncOnce() == .complete)
        try lose(member.join("full"))
        let left = try leave("sleep")
        member.node.change { $0.place = DevicePlace(sequence: 1, last: .zero) }
        let calls = member.node.change { $0.calls.count }

        #expect(await engine.syncOnce() == .unfinished(nil))
        #expect(try member.store.undecided(limit: 8).map(\.entry.id) == [left])
        #expect(member.node.change { $0.calls.dropFirst(calls).contains("/checkpoint") })
    }
}
