import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import TestSupport
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
        try SecondProgram.expect(evidence, at: path)
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

    @Test func `an empty tree is an older copy, and confirms nothing`() async throws {
        let member = try await synced()
        let size = try member.store.status().verifiedSize
        member.node.change { node in
            node.bendCheckpoint = { try $0.checkpoint(size: 0) }
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

    @Test(arguments: [false, true])
    func `a revocation that is recorded twice freezes the client`(isKnown: Bool) async throws {
        let member = try TestMember(.withProjects())
        let project = try #require(ProjectID("sleep"))
        let cursor = OutboxCursor(
            device: member.device.keys.device, nextSequence: member.device.sequence + 1,
            previous: member.device.previous)
        let revoked = try member.device.sign(
            .authorizationRevoked(.init(project: project, major: 1, mode: .stop)), at: cursor,
            origin: member.origin)
        for isSecond in [false, true] {
            if isSecond, isKnown { #expect(await member.engine.syncOnce() == .complete) }
            try member.node.change { node in
                // As a node that takes it for new.
                node.ledger.verdicts = [:]
                try node.ledger.record(revoked)
            }
        }
        try await expectFrozen(member, .rulesBroken)
    }

    @Test func `a revocation that this very round brought is not one of a former round`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let project = try #require(ProjectID("sleep"))
        let revocation = try #require(
            try member.queue(
                .authorizationRevoked(.init(project: project, major: 1, mode: .stop))
            ).first)
        #expect(await member.engine.syncOnce() == .complete)
        let size = try member.store.status().verifiedSize
        #expect(try member.store.recorded(among: [revocation], in: size) == revocation)
        // As another process sees it whose round began before.
        #expect(try member.store.recorded(among: [revocation], in: size - 1) == nil)
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

    @Test func `a wrong inclusion proof freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, _, _ in
                page = page.changing(1) { entry in
                    entry.with(proof: entry.proof.map { _ in Hash.of([3]) })
                }
            }
        }
        try await expectFrozen(member, .notIncluded)
    }

    @Test func `an entry served for another place freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, _, _ in
                page = page.changing(1) { $0.with(index: $0.index + 1) }
            }
        }
        try await expectFrozen(member, .notIncluded)
    }

    @Test func `another time of an entry freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, _, _ in
                page = page.changing(1) { entry in
                    guard let old = EntryEnvelope(bytes: entry.envelope) else { return entry }
                    let later = EntryEnvelope(
                        previousHead: old.previousHead, chainSequence: old.chainSequence,
                        time: old.time.adding(milliseconds: 1))
                    return entry.with(envelope: later.bytes)
                }
            }
        }
        try await expectFrozen(member, .notIncluded)
    }

    @Test func `an entry with another signature freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, _, _ in
                page = page.changing(1) { entry in
                    var bytes = entry.entry
                    let place = bytes.count - 3
                    bytes[place] = bytes[place] == 0x41 ? 0x42 : 0x41
                    return entry.with(entry: bytes)
                }
            }
        }
        try await expectFrozen(member, .notIncluded)
    }

    @Test func `two entries that change places freeze the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, chain, _ in
                guard chain == .catalogue else { return }
                var entries = page.entries
                entries.swapAt(entries.count - 2, entries.count - 1)
                page = EntryPage(checkpoint: page.checkpoint, entries: entries, head: page.head)
            }
        }
        try await expectFrozen(member, .entryHidden)
    }

    @Test func `an entry that is served twice freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, chain, _ in
                guard chain == .catalogue, let first = page.entries.first else { return }
                page = EntryPage(
                    checkpoint: page.checkpoint, entries: [first] + page.entries, head: page.head)
            }
        }
        try await expectFrozen(member, .outOfOrder)
    }

    @Test func `a page of another tree than the one asked for freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, _, ledger in
                let other = try FakeLedger().checkpoint(size: 1)
                page = EntryPage(
                    checkpoint: other.bytes, entries: page.entries, head: page.head)
            }
        }
        try await expectFrozen(member, .checkpointUnsigned)
    }

    @Test func `a head that another key signed freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        let other = try FakeLedger().signer
        member.node.change { node in
            node.bendPage = { page, _, _ in
                let text = try SignedNote(parsing: page.head).text
                page = EntryPage(
                    checkpoint: page.checkpoint, entries: page.entries,
                    head: try other.sign(text).bytes)
            }
        }
        try await expectFrozen(member, .headUnsigned)
    }

    @Test func `the head of another chain freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, chain, ledger in
                guard chain == .catalogue, let other = ledger.recorded.last?.chain else { return }
                let head = try ledger.page(of: other, after: 0, at: ledger.log.size).head
                page = EntryPage(
                    checkpoint: page.checkpoint, entries: page.entries, head: head)
            }
        }
        try await expectFrozen(member, .headUnsigned)
    }

    @Test func `a head with another hash freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, chain, ledger in
                guard chain == .catalogue else { return }
                let note = try ledger.signer.sign(
                    AccountHead(
                        origin: ledger.origin, treeSize: ledger.log.size, chain: chain,
                        entryCount: Int64(page.entries.count), head: Hash.of([9])
                    ).text)
                page = EntryPage(
                    checkpoint: page.checkpoint, entries: page.entries, head: note.bytes)
            }
        }
        try await expectFrozen(member, .headMismatch)
    }

    @Test func `a hidden newest entry of the account freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        let account = member.device.account
        member.node.change { node in
            node.bendPage = { page, chain, _ in
                guard chain == .account(account) else { return }
                page = EntryPage(
                    checkpoint: page.checkpoint, entries: page.entries.dropLast(),
                    head: page.head)
            }
        }
        try await expectFrozen(member, .headMismatch)
    }

    @Test func `a page that brings nothing and does not end freezes the client`() async throws {
        let member = try TestMember(.withProjects())
        member.node.change { node in
            node.bendPage = { page, _, _ in
                page = EntryPage(checkpoint: page.checkpoint, entries: [], head: [])
            }
        }
        let outcome = await member.engine.syncOnce()
        #expect(outcome == .frozen(reason: Alarm.headUnsigned.explanation))
        member.remove()
    }

    @Test func `an institution that is admitted twice freezes the client`() async throws {
        var ledger = try FakeLedger.withProjects()
        let admission = InstitutionAdmitted(
            name: LocalizedText(english: "Twice"), keys: ledger.sponsor.keys, roles: [.sponsor])
        try ledger.record(
            ledger.operatorDevice.sign(
                .institutionAdmitted(admission), for: ledger.sponsor.account,
                origin: ledger.origin), skippingRules: true)
        try await expectFrozen(TestMember(ledger), .rulesBroken)
    }
}

/// The program in Python that reads the same files and knows nothing of ours.
enum SecondProgram {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Scripts/check_evidence.py")

    /// Expects it to find that evidence holds, and that the opposite does not.
    static func expect(_ evidence: Evidence, at path: String) throws {
        guard let answer = try run([path]) else { return }
        #expect(answer.status == 0, "\(answer.output)")
        #expect(answer.output.contains("\(evidence.alarm.rawValue) holds"))
        var opposite = evidence
        opposite.logKey = try FakeLedger().signer.verifierKey.text
        guard evidence.alarm != .checkpointUnsigned, evidence.alarm != .headUnsigned else { return }
        let other = path + ".other"
        try Data(opposite.bytes).write(to: URL(filePath: other))
        let refused = try run([other])
        #expect(refused?.status == 1, "\(refused?.output ?? "")")
    }

    private static func run(_ files: [String]) throws -> (status: Int32, output: String)? {
        let answer = try PythonPackage.run(
            URL(filePath: "/usr/bin/env"), ["python3", script.path] + files)
        guard answer.status != 127 else {
            print("skipped: there is no python3")
            return nil
        }
        return answer
    }
}

extension PagedEntry {
    fileprivate func with(
        index: LeafIndex? = nil, entry: [UInt8]? = nil, envelope: [UInt8]? = nil,
        proof: [Hash]? = nil
    ) -> PagedEntry {
        PagedEntry(
            index: index ?? self.index, entry: entry ?? self.entry,
            envelope: envelope ?? self.envelope, salt: salt, proof: proof ?? self.proof)
    }
}

extension EntryPage {
    /// The page with one of its entries changed, where there are so many.
    fileprivate func changing(_ place: Int, _ change: (PagedEntry) -> PagedEntry) -> EntryPage {
        guard entries.indices.contains(place) else { return self }
        var entries = entries
        entries[place] = change(entries[place])
        return EntryPage(checkpoint: checkpoint, entries: entries, head: head)
    }
}
