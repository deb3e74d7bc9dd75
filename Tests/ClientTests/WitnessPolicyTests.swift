import ClientStore
import Foundation
import LedgerCore
import Logging
import NodeAPI
import NodeClient
import NodeSequencer
import SyncCore
import SyncEngine
import TestSupport
import Testing

/// What a member accepts where witnesses have to cosign.
struct WitnessPolicyTests {
    @Test func `a history made for one member is refused before it is accepted`() async throws {
        try await withScratch { scratch in
            let clock = ManualClock(LedgerBuilder.start)
            // The same log twice: its key signs one history for most, another one for Ada.
            let honest = try await RealNode(folder: "\(scratch)/honest", clock: clock)
            let lying = try await RealNode(folder: "\(scratch)/lying", clock: clock)
            #expect(honest.keys.log.verifierKey == lying.keys.log.verifierKey)
            let hall = try WitnessHall(
                count: 3, needed: 2, log: honest.keys.log.verifierKey, clock: clock)
            let bo = try RealClient(folder: "\(scratch)/bo", node: honest, name: "bo")
            try await bo.enrol(at: honest)
            let ada = try RealClient(folder: "\(scratch)/ada", node: lying, name: "ada")
            try await ada.enrol(at: lying)
            await hall.cosign(honest)
            await hall.cosign(lying)

            try bo.store.setWitnessPolicy(hall.policy)
            #expect(await bo.engine.syncOnce() == .complete)
            let seen = try bo.store.status()
            #expect(seen.verifiedSize == 2)
            #expect(seen.confirmedAt == LedgerBuilder.start)
            #expect(!seen.lacksConfirmation(at: clock.now()))

            try ada.store.setWitnessPolicy(hall.policy)
            #expect(await ada.engine.syncOnce() == .unfinished(.unconfirmed))
            #expect(try ada.store.status().verifiedSize == 0)
            #expect(try ada.store.frozenReason() == nil)
            #expect(try ada.store.status().lacksConfirmation(at: clock.now()))
            // What she decides is sent all the same: a revocation waits for no witness.
            let project = try #require(ProjectID("any"))
            let revoked = try ada.queue(
                .authorizationRevoked(.init(project: project, major: 1, mode: .stop)),
                at: clock.now())[0]
            #expect(await ada.engine.syncOnce() == .unfinished(.unconfirmed))
            #expect(try ada.store.activity(entry: revoked)?.state == .accepted)
            // Without a policy nothing tells her: so the refusal above is the policy's.
            try ada.store.setWitnessPolicy(nil)
            #expect(await ada.engine.syncOnce() == .complete)
            #expect(try ada.store.status().verifiedSize == 3)
            try await bo.client.shutdown()
            try await ada.client.shutdown()
            try await honest.stop()
            try await lying.stop()
        }
    }

    @Test func `a checkpoint nobody confirmed for a day is told, and what is new waits`()
        async throws
    {
        try await withScratch { scratch in
            let clock = ManualClock(LedgerBuilder.start)
            let node = try await RealNode(folder: "\(scratch)/node", clock: clock)
            let log = node.keys.log.verifierKey
            let hall = try WitnessHall(count: 2, needed: 1, log: log, clock: clock)
            let ada = try RealClient(folder: "\(scratch)/ada", node: node, name: "ada")
            try await ada.enrol(at: node)
            await hall.cosign(node)
            try ada.store.setWitnessPolicy(hall.policy)
            #expect(await ada.engine.syncOnce() == .complete)
            clock.advance(milliseconds: 86_400_000)
            #expect(await ada.engine.syncOnce() == .complete)
            #expect(try !ada.store.status().lacksConfirmation(at: clock.now()))
            clock.advance(milliseconds: 1_000)
            #expect(try ada.store.status().lacksConfirmation(at: clock.now()))
            // The same tree, confirmed again.
            await hall.cosign(node)
            #expect(await ada.engine.syncOnce() == .complete)
            #expect(try !ada.store.status().lacksConfirmation(at: clock.now()))
            #expect(try ada.store.status().confirmedAt == clock.now())
            // It is kept with the store.
            let again = try ClientStore(
                directory: "\(scratch)/ada", clock: { [clock] in clock.now() })
            #expect(try again.witnessPolicy() == hall.policy)
            #expect(try again.status().confirmedAt == clock.now())
            // Another policy has confirmed nothing yet.
            let other = try WitnessHall(count: 3, needed: 3, log: log, clock: clock)
            try ada.store.setWitnessPolicy(other.policy)
            #expect(try ada.store.status().confirmedAt == nil)
            #expect(await ada.engine.syncOnce() == .unfinished(.unconfirmed))
            // One that needs nobody is not confirmed, and lacks nothing.
            let nobody = try WitnessHall(count: 1, needed: nil, log: log, clock: clock)
            try ada.store.setWitnessPolicy(nobody.policy)
            #expect(await ada.engine.syncOnce() == .complete)
            #expect(try !ada.store.status().lacksConfirmation(at: clock.now()))
            try await ada.client.shutdown()
            try await node.stop()
        }
    }

    // MARK: A node in memory that says anything

    /// A member of a node whose checkpoints these witnesses cosign, whatever they are.
    private func member(cosignedBy numbers: [Int], needed: Int = 2) throws -> TestMember {
        let member = try TestMember(.withProjects())
        let log = try #require(try member.store.enrolment()).logKey
        try member.store.setWitnessPolicy(
            WitnessHall(count: 3, needed: needed, log: log, clock: ManualClock(TestMember.now))
                .policy)
        cosign(member, numbers)
        return member
    }

    private func cosign(
        _ member: TestMember, _ numbers: [Int],
        _ change: @escaping @Sendable (NoteSignature) -> NoteSignature = { $0 }
    ) {
        member.node.change { node in
            node.bendCheckpoint = { ledger in
                var note = try ledger.checkpoint(size: ledger.log.size)
                for number in numbers {
                    let line = try WitnessHall.cosigner(number).cosign(
                        checkpointText: note.text, timeSeconds: TestMember.seconds)
                    try note.add(change(line))
                }
                return note
            }
        }
    }

    private func rewrite(_ member: TestMember) throws {
        try member.node.change { node in
            let size = node.ledger.log.size
            try node.ledger.rollBack(to: size - 2)
            for number in 0..<4 { try node.ledger.publish("other-\(number)") }
        }
    }

    private func evidence(_ member: TestMember) throws -> Evidence {
        let path = try #require(try member.store.evidencePath())
        let data = try #require(FileManager.default.contents(atPath: path))
        let evidence = try #require(Evidence(parsing: [UInt8](data)))
        #expect(evidence.holds())
        return evidence
    }

    @Test func `two cosigned histories freeze the client, and the evidence names the witnesses`()
        async throws
    {
        let member = try member(cosignedBy: [1, 2])
        #expect(await member.engine.syncOnce() == .complete)
        try rewrite(member)
        // Two witnesses are with the node: enough for the policy, and not for the client.
        cosign(member, [1, 3])
        #expect(
            await member.engine.syncOnce() == .frozen(reason: Alarm.notConsistent.explanation))
        let evidence = try evidence(member)
        let keys = try (1...3).map { try WitnessHall.cosigner($0).verifierKey }
        let enrolment = try #require(try member.store.enrolment())
        let signers = try [evidence.storedNote, evidence.receivedNote].map { note in
            try VerifiedCheckpoint(
                parsing: note, logKey: enrolment.logKey, witnesses: keys, origin: enrolment.origin
            ).cosignatures.map(\.key)
        }
        // W1 cosigned both.
        #expect(signers == [[keys[0], keys[1]], [keys[0], keys[2]]])
        member.remove()
    }

    @Test func `another history freezes the client though nobody cosigned it`() async throws {
        for isLarger in [true, false] {
            let member = try member(cosignedBy: [1, 2])
            #expect(await member.engine.syncOnce() == .complete)
            if isLarger {
                try rewrite(member)
            } else {
                try member.node.change { node in
                    let size = node.ledger.log.size
                    try node.ledger.rollBack(to: size - 1)
                    try node.ledger.publish("other")
                }
            }
            cosign(member, [])
            let alarm = isLarger ? Alarm.notConsistent : .fork
            #expect(await member.engine.syncOnce() == .frozen(reason: alarm.explanation))
            #expect(try evidence(member).alarm == alarm)
            member.remove()
        }
    }

    @Test func `what too few cosigned waits, and nothing of it is kept`() async throws {
        let member = try member(cosignedBy: [1])
        #expect(await member.engine.syncOnce() == .unfinished(.unconfirmed))
        #expect(try member.store.status().verifiedSize == 0)
        cosign(member, [1, 3])
        #expect(await member.engine.syncOnce() == .complete)
        let size = try member.store.status().verifiedSize
        #expect(size > 0)
        // It grows, and only one goes along.
        try member.node.change { node in try node.ledger.publish("new") }
        cosign(member, [2])
        #expect(await member.engine.syncOnce() == .unfinished(.unconfirmed))
        #expect(try member.store.status().verifiedSize == size)
        #expect(try member.store.frozenReason() == nil)
        cosign(member, [2, 3])
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.status().verifiedSize == size + 1)
        member.remove()
    }

    @Test func `a wrong cosignature is none, and one witness counts once`() async throws {
        let member = try member(cosignedBy: [])
        cosign(member, [1, 2, 3]) { line in
            var bytes = line.signature
            bytes[bytes.count - 1] ^= 1
            return NoteSignature(name: line.name, keyID: line.keyID, signature: bytes)
        }
        #expect(await member.engine.syncOnce() == .unfinished(.unconfirmed))
        cosign(member, [1, 1])
        #expect(await member.engine.syncOnce() == .unfinished(.unconfirmed))
        // Of somebody the policy does not know.
        cosign(member, [1, 4, 5])
        #expect(await member.engine.syncOnce() == .unfinished(.unconfirmed))
        #expect(try member.store.frozenReason() == nil)
        cosign(member, [4, 1, 2])
        #expect(await member.engine.syncOnce() == .complete)
        member.remove()
    }

    @Test func `a receipt carries the cosignatures of its checkpoint`() async throws {
        let member = try member(cosignedBy: [1, 2])
        let entry = try member.join("sleep")
        // The first round sends it; the second has the checkpoint with it.
        #expect(await member.engine.syncOnce() == .complete)
        let receipt = try #require(try member.store.proof(of: entry)).receipt
        for number in [1, 2] {
            let key = try WitnessHall.cosigner(number).verifierKey
            #expect(receipt.contains("— \(key.name) "))
        }
        member.remove()
    }
}

extension TestMember {
    /// The time of the tests, in seconds since 1970.
    fileprivate static var seconds: UInt64 { UInt64(now.milliseconds / 1000) }
}

extension WitnessHall {
    /// Has a node's newest checkpoint cosigned as far as the witnesses go along.
    fileprivate func cosign(_ node: RealNode) async {
        await Cosigning(
            ledger: node.sequencer.ledger, policy: policy, link: self, clock: node.clock,
            kept: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _ in }.round()
    }
}

extension RealClient {
    fileprivate func enrol(at node: RealNode) async throws {
        let open = NodeClient(
            address: try #require(NodeAddress(node.url)), clock: { node.clock.now() })
        _ = try await Enroller(
            store: store, node: open, clock: SyncClock(now: { node.clock.now() })
        ).enrol(code: try node.invite(), nodeURL: node.url, keys: device.keys) {
            try Entry.signed($0, with: device.signing)
        }
        try await open.shutdown()
    }
}

private func withScratch(_ body: (String) async throws -> Void) async throws {
    let folder = TestMember.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try await body(folder)
}
