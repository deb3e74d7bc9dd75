import Crypto
import Foundation
import LedgerCore
import NodeAPI
import NodeSequencer
import SyncCore
import Synchronization
import TestSupport
import Testing

@testable import ClientRuntime

/// What an institution believes of what a node shows it.
struct StudyLedgerTests {
    private typealias Story = StudyTeamTests.Story

    /// Expects that something is doubted, and why.
    private static func expectDoubt(_ alarm: Alarm, of body: () async throws -> Void) async throws {
        do {
            try await body()
            Issue.record("it was believed: \(alarm)")
        } catch let doubt as StudyDoubt {
            #expect(doubt.description == alarm.explanation)
        }
    }

    /// A catalogue under the log's own signature, in which a stranger signed the terms.
    private static func forged(_ body: [UInt8], by log: NoteSigner) throws -> [UInt8] {
        let page = try EntryPage(body: body)
        let stranger = Curve25519.Signing.PrivateKey()
        let origin = log.verifierKey.name
        var head = AccountChain.start
        var tree = MerkleLog()
        var parts: [(entry: Entry, envelope: EntryEnvelope, salt: [UInt8])] = []
        for paged in page.entries {
            var entry = Entry(bytes: paged.entry)
            let payload = try entry.payload()
            if case .projectPublished = payload.body {
                entry = try Entry.signed(payload, with: stranger)
            }
            let envelope = EntryEnvelope(
                previousHead: head, chainSequence: Int64(parts.count + 1),
                time: try #require(EntryEnvelope(bytes: paged.envelope)).time)
            head = AccountChain.next(head, entryID: entry.id)
            _ = tree.append(leafData: envelope.leafData(entry: entry.id, salt: paged.salt))
            parts.append((entry, envelope, paged.salt))
        }
        var entries: [PagedEntry] = []
        for (index, part) in parts.enumerated() {
            entries.append(
                PagedEntry(
                    index: LeafIndex(index), entry: part.entry.bytes,
                    envelope: part.envelope.bytes, salt: part.salt,
                    proof: try tree.inclusionProof(index: index, size: tree.size).hashes))
        }
        let checkpoint = Checkpoint(origin: origin, size: tree.size, root: tree.root)
        let statement = AccountHead(
            origin: origin, treeSize: tree.size, chain: .catalogue,
            entryCount: Int64(tree.size), head: head)
        return EntryPage(
            checkpoint: try log.sign(checkpoint.text).bytes, entries: entries,
            head: try log.sign(statement.text).bytes
        ).body
    }

    @Test func `terms that another than their sponsor signed are not believed`() async throws {
        let story = try await Story()
        let published = try await story.desk.catalogue().map(\.payload.body)
        #expect(published.contains(.projectPublished(story.builder.terms)))

        // A home that has seen nothing yet has nothing but the signatures to go by.
        let fresh = HomeFolders(root: story.root.appending(path: "fresh"))
        try fresh.prepare()
        let desk = try StudyDesk(
            keys: story.keys, gateway: NodeGateway(story.breaking), folders: fresh,
            clock: story.clock)
        let log = story.node.keys.log
        story.breaking.bend.withLock {
            $0 = { call, answer in
                guard call.path == "/v1/catalogue" else { return answer }
                return (try? StudyLedgerTests.forged(answer, by: log)) ?? answer
            }
        }
        try await Self.expectDoubt(.entryForged) { _ = try await desk.catalogue() }
        try await story.end()
    }

    @Test func `what a catalogue leaves out at its end is missed`() async throws {
        let story = try await Story()
        story.breaking.bend.withLock {
            $0 = { call, answer in
                guard call.path == "/v1/catalogue", let page = try? EntryPage(body: answer) else {
                    return answer
                }
                return EntryPage(
                    checkpoint: page.checkpoint, entries: Array(page.entries.dropLast()),
                    head: page.head
                ).body
            }
        }
        try await Self.expectDoubt(.headMismatch) { _ = try await story.desk.catalogue() }
        try await story.end()
    }

    @Test func `a home remembers the ledger it saw, also for the next program`() async throws {
        let story = try await Story()
        _ = try await story.desk.entries(after: nil)
        // A ledger that grew goes on from what was seen.
        _ = try await story.decide(story.builder.join)
        #expect(try await !story.anotherDesk().entries(after: nil).isEmpty)

        let log = story.node.keys.log
        let size = story.node.sequencer.ledger.newest.size
        let other = Checkpoint(origin: log.verifierKey.name, size: size, root: Hash.of([1]))
        let larger = Checkpoint(origin: log.verifierKey.name, size: size + 1, root: Hash.of([1]))
        let later = try story.anotherDesk()
        for (checkpoint, alarm) in [(other, Alarm.fork), (larger, Alarm.notConsistent)] {
            let note = try log.sign(checkpoint.text).bytes
            story.breaking.bend.withLock {
                $0 = { call, answer in
                    guard call.path == "/v1/projects/entries" else { return answer }
                    return EntryPage(checkpoint: note, entries: [], head: []).body
                }
            }
            // The tiles of a larger tree are there.
            if alarm == .notConsistent { _ = try await story.decide(story.builder.grant()) }
            try await Self.expectDoubt(alarm) { _ = try await later.entries(after: nil) }
        }
        try await story.end()
    }

    @Test func `what one program saw last is not forgotten for what another saw before`()
        async throws
    {
        let story = try await Story()
        let gateway = NodeGateway(story.breaking)
        let file = story.folders.data.appending(path: "another-ledger.json")
        // All are open before any of them writes, as a service is that runs for days.
        let logs = (0..<3).map { _ in StudyLog(gateway: gateway, file: file) }
        func show(_ log: StudyLog) async throws {
            let page = try EntryPage(
                body: try await gateway.send(.projectsPage(after: nil, at: nil)))
            _ = try await log.verified(page.checkpoint)
        }
        try await show(logs[0])
        _ = try await story.decide(story.builder.join)
        try await show(logs[1])
        let size = logs[1].size
        #expect(size > logs[0].size)
        try logs[1].keep()
        try logs[0].keep()
        #expect(StudyLog(gateway: gateway, file: file).size == size)
        // Two programs that were shown different trees tell each other.
        let other = Checkpoint(
            origin: story.node.keys.origin, size: size, root: Hash.of([1]))
        _ = try await logs[2].verified(story.node.keys.log.sign(other.text).bytes)
        try await Self.expectDoubt(.fork) { try logs[2].keep() }
        try await story.end()
    }

    /// The same answer with other records.
    private static func grant(
        _ grant: UseGrant, entry: [UInt8]? = nil, index: LeafIndex? = nil,
        _ record: (UsableRecord) -> UsableRecord = { $0 }
    ) -> UseGrant {
        let known = grant.acceptance
        return UseGrant(
            entry: entry ?? grant.entry,
            acceptance: Acceptance(
                index: index ?? known.index, envelope: known.envelope, salt: known.salt,
                proof: known.proof),
            authorization: grant.authorization, records: grant.records.map(record))
    }

    @Test func `nothing is opened unless the ledger names it and its member stated it`()
        async throws
    {
        let story = try await Story()
        let (entry, stated) = try await story.give()
        func use() async throws -> StudyUse {
            try await story.desk.use(
                story.builder.project, of: story.member.device.account, for: .review,
                contributions: [entry: stated])
        }
        #expect(try await use().records.map(\.contribution) == [entry])
        let lies: [@Sendable (UseGrant) -> UseGrant] = [
            { grant in
                Self.grant(grant) {
                    UsableRecord(
                        contribution: $0.contribution, record: Hash.of([9]), kind: $0.kind,
                        sizeBytes: $0.sizeBytes, wrapped: $0.wrapped)
                }
            },
            { grant in
                Self.grant(grant) {
                    UsableRecord(
                        contribution: Hash.of([9]), record: $0.record, kind: $0.kind,
                        sizeBytes: $0.sizeBytes, wrapped: $0.wrapped)
                }
            },
            { grant in
                let stranger = Curve25519.Signing.PrivateKey()
                let signed = (try? Entry(bytes: grant.entry).payload()).flatMap {
                    try? Entry.signed($0, with: stranger)
                }
                return Self.grant(grant, entry: signed?.bytes)
            },
            { grant in Self.grant(grant, index: grant.acceptance.index + 1) },
        ]
        for (number, lie) in lies.enumerated() {
            story.breaking.bend.withLock {
                $0 = { call, answer in
                    guard call.path == "/v1/uses", let grant = try? UseGrant(body: answer) else {
                        return answer
                    }
                    return lie(grant).body
                }
            }
            await #expect(throws: StudyDoubt.self, "number \(number)") { _ = try await use() }
        }
        try await story.end()
    }

    @Test func `an answer to a statement counts only if the log signed it`() async throws {
        let story = try await Story()
        let submit = NodeCall.submit(EntrySubmission([])).path
        let statement = (story.desk.account, EntryBody.projectClosed(story.builder.project))
        let lies: [@Sendable (Verdict) -> Verdict] = [
            { _ in .rejected(Refusal(code: EntryRejection.projectUnknown.rawValue, name: "x")) },
            { verdict in
                guard case .accepted(let known) = verdict else { return verdict }
                return .accepted(
                    Acceptance(
                        index: known.index, envelope: known.envelope,
                        salt: Hash.of([1]).bytes, proof: known.proof))
            },
        ]
        for (number, lie) in lies.enumerated() {
            story.breaking.bend.withLock {
                $0 = { call, answer in
                    guard call.path == submit, let list = try? VerdictList(body: answer) else {
                        return answer
                    }
                    return VerdictList(list.verdicts.map(lie)).body
                }
            }
            await #expect(throws: StudyDoubt.self, "number \(number)") {
                try await story.desk.state([statement])
            }
        }
        // What was doubted is still to be answered, and was stated once.
        story.breaking.bend.withLock { $0 = nil }
        let verdicts = try await story.desk.state([statement])
        guard case .accepted? = verdicts.first, verdicts.count == 1 else {
            Issue.record("it was not recorded: \(verdicts)")
            return
        }
        #expect(
            try StudyBook(file: story.folders.data.appending(path: "study.json")).sequence == 2)
        try await story.end()
    }

    @Test func `a use that was logged before does not stand for a new one`() async throws {
        let story = try await Story()
        let (entry, stated) = try await story.give()
        let kept = Kept()
        story.breaking.bend.withLock {
            $0 = { call, answer in
                call.path == "/v1/uses" ? kept.first(answer) : answer
            }
        }
        func use() async throws -> StudyUse {
            try await story.desk.use(
                story.builder.project, of: story.member.device.account, for: .review,
                contributions: [entry: stated])
        }
        _ = try await use()
        _ = try await story.desk.entries(after: nil)
        await #expect(throws: StudyDoubt.self) { _ = try await use() }
        try await story.end()
    }

    /// The first of several answers.
    private final class Kept: Sendable {
        private let answer = Mutex<[UInt8]?>(nil)

        func first(_ other: [UInt8]) -> [UInt8] {
            answer.withLock { answer in
                let first = answer ?? other
                answer = first
                return first
            }
        }
    }

    @Test func `a node with another log than before is not worked with`() async throws {
        let story = try await Story()
        _ = try await story.desk.entries(after: nil)
        let key = Curve25519.Signing.PrivateKey()
        let other = try VerifierKey(
            name: story.node.keys.origin, algorithm: story.node.keys.log.verifierKey.algorithm,
            publicKey: [UInt8](key.publicKey.rawRepresentation))
        story.breaking.bend.withLock {
            $0 = { call, answer in
                guard call.path == NodeCall.log.path else { return answer }
                return LogDescription(
                    origin: other.name, verifierKey: other.text, time: LedgerBuilder.start
                ).body
            }
        }
        let later = try story.anotherDesk()
        await #expect(throws: StudyDoubt.self) { _ = try await later.entries(after: nil) }
        try await story.end()
    }
}
