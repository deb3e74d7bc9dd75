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

    private func place(_ sequence: Int64, _ last: Hash) -> DevicePlace {
        DevicePlace(
            origin: member.origin, device: member.device.keys.device, sequence: sequence,
            last: last, challenge: 0)
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
        let known = place(2, joined)
        member.node.change { $0.place = known }

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
        let known = place(2, joined)
        let (origin, signer) = member.node.change { ($0.ledger.origin, $0.ledger.signer) }
        let device = member.device.keys.device
        member.node.change {
            $0.place = known
            $0.bendBytes = { path, body in
                guard path == "/v1/devices/me/cursor",
                    let asked = DevicePlace(verifying: body, logKey: signer.verifierKey)
                else { return body }
                let other = DevicePlace(
                    origin: origin, device: device, sequence: 40, last: joined,
                    challenge: asked.challenge)
                return (try? signer.sign(other.text).bytes) ?? body
            }
        }
        #expect(await engine.syncOnce() == .unfinished(nil))
        let asked = member.node.change { $0.calls.count { $0 == "/v1/devices/me/cursor" } }
        #expect(asked == 1)
        #expect(try member.store.undecided(limit: 8).count == 1)
    }

    @Test func `a place that no device ever comes to is none`() async throws {
        defer { member.remove() }
        let joined = try member.join("sleep")
        #expect(await engine.syncOnce() == .complete)
        let left = try leave("sleep")
        let known = place(.max - 1, joined)
        member.node.change { $0.place = known }
        #expect(await engine.syncOnce() == .unfinished(nil))
        #expect(try member.store.undecided(limit: 8).map(\.entry.id) == [left])
    }

    @Test
    func `who cannot be asked for the place refuses nothing, and a place nobody signed is none`()
        async throws
    {
        defer { member.remove() }
        let joined = try member.join("sleep")
        #expect(await engine.syncOnce() == .complete)
        // Another entry has the number: a machine that was put back from a copy.
        let known = place(3, joined)
        let left = try leave("sleep")
        member.node.change {
            $0.place = known
            $0.bendBytes = { path, body in
                path == "/v1/devices/me/cursor" ? Array(body.dropLast(2)) : body
            }
        }
        for _ in 0..<2 {
            #expect(await engine.syncOnce() == .unfinished(nil))
            #expect(try member.store.undecided(limit: 8).map(\.entry.id) == [left])
        }
        member.node.change { $0.bendBytes = nil }
        #expect(await engine.syncOnce() == .complete)
        let sleep = try #require(ProjectID("sleep"))
        let line = try #require(try member.store.activity(stating: .signupLeft(sleep)))
        #expect(line.state == .proven && line.entry != left)
    }

    @Test
    func `a revocation that others may have is sent as it was signed, and no former place counts`()
        async throws
    {
        defer { member.remove() }
        let joined = try member.join("sleep")
        #expect(await engine.syncOnce() == .complete)
        try lose(member.join("full"))
        try lose(member.join("full"))
        let sleep = try #require(ProjectID("sleep"))
        let revoked = try #require(
            member.queue(.authorizationRevoked(.init(project: sleep, major: 1, mode: .stop)))
                .first)
        let known = place(2, joined)
        let former = try member.node.change { node in
            node.place = known
            return try node.ledger.signer.sign(known.text).bytes
        }
        member.node.change {
            $0.bendBytes = { path, body in path == "/v1/devices/me/cursor" ? former : body }
        }
        #expect(await engine.syncOnce() == .unfinished(nil))
        #expect(try member.store.undecided(limit: 8).map(\.entry.id) == [revoked])

        member.node.change { $0.bendBytes = nil }
        #expect(await engine.syncOnce() == .complete)
        #expect(try member.state(of: revoked) == .proven)
        let recorded = try member.node.change {
            try $0.ledger.recorded.suffix(3).map { try $0.entry.payload() }
        }
        #expect(recorded.map(\.sequence) == [3, 4, 5])
        #expect(recorded.allSatisfy { $0.body.kind == .authorizationRevoked })
        let next = try member.join("full")
        #expect(await engine.syncOnce() == .complete)
        #expect(try member.state(of: next) == .proven)
    }

    @Test func `a place that contradicts the ledger moves nothing, and what is new is fetched`()
        async throws
    {
        defer { member.remove() }
        _ = try member.join("sleep")
        #expect(await engine.syncOnce() == .complete)
        try lose(member.join("full"))
        let left = try leave("sleep")
        let known = place(1, .zero)
        member.node.change { $0.place = known }
        let calls = member.node.change { $0.calls.count }

        #expect(await engine.syncOnce() == .unfinished(nil))
        #expect(try member.store.undecided(limit: 8).map(\.entry.id) == [left])
        #expect(member.node.change { $0.calls.dropFirst(calls).contains("/checkpoint") })
    }
}
