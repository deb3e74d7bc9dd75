import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import Testing

/// Each lie freezes the client, leaves evidence that holds offline, and changes nothing else.
@Suite struct LyingNodeTests {
    private func expectFrozen(_ member: TestMember, _ alarm: Alarm) async throws {
        let before = try member.store.status()
        let outcome = await member.engine.syncOnce()
        #expect(outcome == .frozen(reason: alarm.explanation))
        #expect(try member.store.status().verifiedSize == before.verifiedSize)
        let path = try #require(try member.store.evidencePath())
        let data = try #require(FileManager.default.contents(atPath: path))
        let evidence = try #require(Evidence(parsing: [UInt8](data)))
        #expect(evidence.alarm == alarm)
        #expect(evidence.holds())
        // A frozen client sends nothing, whatever the node does now.
        let calls = member.node.change { $0.calls.count }
        #expect(await member.engine.syncOnce() == .frozen(reason: alarm.explanation))
        #expect(member.node.change { $0.calls.count } == calls)
        member.remove()
    }

    private func synced() async throws -> TestMember {
        let member = try TestMember(.withProjects())
        #expect(await member.engine.syncOnce() == .complete)
        return member
    }

    @Test func `a fork of the same size freezes the client`() async throws {
        let member = try await synced()
        member.node.change { node in
            node.bendCheckpoint = { ledger in
                try ledger.signer.sign(
                    Checkpoint(origin: ledger.origin, size: ledger.log.size, root: Hash.of([7]))
                        .text
                )
            }
        }
        try await expectFrozen(member, .fork)
    }

    @Test func `a larger tree with another history freezes the client`() async throws {
        let member = try await synced()
        try member.node.change { node in
            let size = node.ledger.log.size
            try node.ledger.rollBack(to: size - 2)
            for number in 0..<4 { try node.ledger.publish("other-\(number)") }
        }
        try await expectFrozen(member, .notConsistent)
    }

    @Test func `a rollback to another history freezes the client`() async throws {
        let member = try await synced()
        try member.node.change { node in
            let size = node.ledger.log.size
            try node.ledger.rollBack(to: size - 2)
            try node.ledger.publish("other")
        }
        try await expectFrozen(member, .rolledBack)
    }

    @Test func `an older copy of the same history is ignored`() async throws {
        let member = try await synced()
        let size = try member.store.status().verifiedSize
        try member.node.change { node in
            let size = node.ledger.log.size
            try node.ledger.rollBack(to: size - 2)
        }
        #expect(await member.engine.syncOnce() == .unfinished(nil))
        #expect(try member.store.status().verifiedSize == size)
        #expect(try member.store.frozenReason() == nil)
        member.remove()
    }

    @Test func `a checkpoint of another key freezes the client`() async throws {
        let member = try await synced()
        let other = try FakeLedger()
        member.node.change { node in
            node.bendCheckpoint = { ledger in
                try other.signer.sign(
                    Checkpoint(origin: ledger.origin, size: 9, root: Hash.of([7])).text)
            }
        }
        try await expectFrozen(member, .checkpointUnsigned)
    }

    @Test func `a hidden entry in the middle freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, chain, _ in
                guard chain == .catalogue else { return }
                var entries = page.entries
                entries.remove(at: 2)
                page = EntryPage(checkpoint: page.checkpoint, entries: entries, head: page.head)
            }
        }
        try await expectFrozen(member, .entryHidden)
    }

    @Test func `hidden newest entries freeze the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, chain, _ in
                guard chain == .catalogue else { return }
                page = EntryPage(
                    checkpoint: page.checkpoint, entries: page.entries.dropLast(),
                    head: page.head)
            }
        }
        try await expectFrozen(member, .headMismatch)
    }

    @Test func `an old head freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, chain, ledger in
                let stale = try ledger.page(of: chain, after: 0, at: ledger.log.size - 1)
                page = EntryPage(
                    checkpoint: page.checkpoint, entries: page.entries, head: stale.head)
            }
        }
        try await expectFrozen(member, .headUnsigned)
    }

    @Test func `an accepted entry that the account does not have freezes the client`()
        async throws
    {
        let member = try await synced()
        let entry = try member.join("sleep")
        let account = member.device.account
        member.node.change { node in
            node.bendPage = { page, chain, ledger in
                guard chain == .account(account) else { return }
                // A well-signed head of a chain without the newest entry.
                let kept = ledger.recorded.filter { $0.chain == chain }.dropLast()
                var head = AccountChain.start
                for recorded in kept {
                    head = AccountChain.next(head, entryID: recorded.entry.id)
                }
                let note = try ledger.signer.sign(
                    AccountHead(
                        origin: ledger.origin, treeSize: ledger.log.size, chain: chain,
                        entryCount: Int64(kept.count), head: head
                    ).text)
                page = EntryPage(checkpoint: page.checkpoint, entries: [], head: note.bytes)
            }
        }
        try await expectFrozen(member, .promiseBroken)
        #expect(try member.state(of: entry) == .disputed)
    }

    @Test func `a forged signature freezes the client`() async throws {
        var ledger = try FakeLedger.withProjects()
        let thief = TestDevice()
        let terms = try TestTerms.make(
            "forged", title: LocalizedText(english: "Forged"), recipient: ledger.sponsor.account)
        let cursor = OutboxCursor(
            device: ledger.sponsor.keys.device, nextSequence: ledger.sponsor.sequence + 1,
            previous: ledger.sponsor.previous)
        let forged = try Entry.signed(
            EntryPayload(
                account: ledger.sponsor.account, audience: ledger.origin, device: cursor.device,
                sequence: cursor.nextSequence, previous: cursor.previous,
                issuedAt: Timestamp(milliseconds: 0), body: .projectPublished(terms)),
            with: thief.key)
        try ledger.record(forged, skippingRules: true)
        try await expectFrozen(TestMember(ledger), .entryForged)
    }

    @Test func `an entry that the rules refuse freezes the client`() async throws {
        var ledger = try FakeLedger.withProjects()
        let project = try #require(ProjectID("missing"))
        try ledger.record(
            ledger.sponsor.sign(.projectClosed(project), origin: ledger.origin),
            skippingRules: true)
        try await expectFrozen(TestMember(ledger), .rulesBroken)
    }

    @Test func `a wrong salt freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, _, _ in
                page = EntryPage(
                    checkpoint: page.checkpoint,
                    entries: page.entries.map {
                        PagedEntry(
                            index: $0.index, entry: $0.entry, envelope: $0.envelope,
                            salt: [UInt8](repeating: 1, count: 32), proof: $0.proof)
                    }, head: page.head)
            }
        }
        try await expectFrozen(member, .notIncluded)
    }

    @Test func `entries of another chain freeze the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, chain, ledger in
                guard chain == .catalogue, let member = ledger.recorded.last?.chain else { return }
                page = try ledger.page(of: member, after: 0, at: ledger.log.size)
            }
        }
        try await expectFrozen(member, .outOfOrder)
    }
}
