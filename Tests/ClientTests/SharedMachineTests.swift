import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import Screens
import SyncCore
import SyncEngine
import Synchronization
import TestSupport
import Testing

@testable import ClientRuntime

/// Decisions on a shared machine: signed only with the person's secret, sent at once or taken back.
@Suite struct SharedMachineTests {
    /// A way to a node that can be cut off, or swallow what is sent.
    private final class Way: NodeConnection {
        /// Hanging, the node takes decisions in and never answers.
        enum State { case open, refused, hanging }
        let node: FakeNode
        let state = Mutex(State.open)

        init(_ node: FakeNode) { self.node = node }

        func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
            -> [UInt8]
        {
            switch state.withLock({ $0 }) {
            case .hanging where call.path != "/v1/entries", .open:
                return try await node.send(call, deadline: deadline, limit: limit)
            case .refused: throw .away(NodeOutage(.refused, at: "localhost:1"))
            case .hanging:
                // Ends when the test does: nobody waits for it.
                while (try? await Task.sleep(for: .milliseconds(20))) != nil {}
                throw .timedOut
            }
        }
    }

    /// A person at a shared machine, enrolled and in step with a ledger that has two projects.
    private struct Visit {
        let session: MemberSession
        let node: FakeNode
        let way: Way
        let clock: RuntimeClock
        let folder: URL

        static let secret = "the personal one"

        init(patience: Duration = .milliseconds(300)) async throws {
            var ledger = try FakeLedger.withProjects()
            folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
            clock = RuntimeClock(at: TestMember.now)
            let node = FakeNode(ledger)
            self.node = node
            let way = Way(node)
            self.way = way
            session = try MemberSession(
                folders: HomeFolders(root: folder), clock: clock, random: RandomSource(seed: 7),
                wiring: .init(connect: { _, _ in NodeLink(way, close: {}) }),
                isOnlineOnly: true,
                secretTries: SecretTries(file: folder.appending(path: "badge.tries")),
                sendingPatience: patience)
            let keys = try session.prepareVault(passphrase: Self.secret)
            let account = AccountID(firstDevice: keys.device)
            let enrolled = try Entry.signed(
                EntryPayload(
                    account: account, audience: ledger.origin, device: keys.device, sequence: 1,
                    previous: .zero, issuedAt: TestMember.now,
                    body: .memberEnrolled(keys.publicKeys)), with: keys.signing)
            try ledger.record(enrolled)
            let joined = ledger
            node.change {
                $0.ledger = joined
                $0.member = account
            }
            try session.store.adopt(
                Enrolment(
                    origin: ledger.origin, logKey: ledger.signer.verifierKey,
                    nodeURL: "http://localhost", device: keys.device, account: account),
                cursor: OutboxCursor(
                    device: keys.device, nextSequence: 2, previous: enrolled.id))
            try session.unlock(passphrase: Self.secret)
            let outcome = try await session.syncOnce()
            #expect(outcome == .complete)
            session.start()
        }

        func end() async {
            await session.stop()
            try? FileManager.default.removeItem(at: folder)
        }

        func terms() throws -> ProjectTerms {
            let id = try #require(ProjectID("sleep"))
            return try #require(try session.store.project(id, at: clock.now)).terms
        }

        func signUp() async throws -> ActionOutcome {
            let terms = try terms()
            return await session.perform(
                .signUp(terms.project, major: terms.major, minor: terms.minor, seen: terms.hash))
        }

        func grant(_ secret: String?) async throws -> ActionOutcome {
            let terms = try terms()
            var draft = AuthorizationDraft(
                project: terms.project, major: terms.major, minor: terms.minor,
                terms: terms.hash, language: .english, kinds: terms.requiredKinds,
                until: terms.useUntil)
            draft.secret = secret
            return await session.perform(.grant(draft))
        }

        func next() throws -> Int64 {
            let device = try #require(try session.store.enrolment()).device
            return try session.store.cursor(of: device).nextSequence
        }
    }

    @Test func `no file of a shared machine is listed or read, whatever is asked for`() async throws
    {
        let visit = try await Visit()
        let file = visit.folder.appending(path: "found.json")
        try Data("{}".utf8).write(to: file)
        let path = visit.folder.path(percentEncoded: false)
        #expect(throws: (any Error).self) { try visit.session.answer(.folder(path)) }
        await #expect(throws: (any Error).self) { try await visit.session.list(path) }
        let outcome = await visit.session.perform(
            .importFiles([file.path(percentEncoded: false)]))
        #expect(outcome == .failed(.filesNotHere))
        #expect(try visit.session.store.records().isEmpty)
        await visit.end()
    }

    @Test func `a decision that cannot be sent is taken back and said so, and can be made again`()
        async throws
    {
        let visit = try await Visit()
        let before = try visit.next()
        visit.way.state.withLock { $0 = .refused }
        let outcome = try await visit.signUp()
        #expect(outcome == .failed(.notSent))
        #expect(try visit.session.store.undecided(limit: 10).isEmpty)
        #expect(try visit.next() == before)
        visit.way.state.withLock { $0 = .open }
        guard case .done(.some) = try await visit.signUp() else {
            Issue.record("the same decision was not taken once the node was back")
            return await visit.end()
        }
        #expect(try visit.session.store.undecided(limit: 10).isEmpty)
        await visit.end()
    }

    @Test func `a decision that may have arrived is not taken back, and that is said too`()
        async throws
    {
        let visit = try await Visit(patience: .seconds(3))
        visit.way.state.withLock { $0 = .hanging }
        #expect(try await visit.signUp() == .failed(.noAnswerYet))
        #expect(try visit.session.store.undecided(limit: 10).map(\.state) == [.sent])
        await visit.end()
    }

    @Test func `nothing is authorized without the person's secret, and wrong ones are limited`()
        async throws
    {
        let visit = try await Visit()
        guard case .done = try await visit.signUp() else {
            Issue.record("not signed up")
            return await visit.end()
        }
        let signed = try visit.next()
        #expect(try await visit.grant(nil) == .failed(.wrongSecret))
        for _ in 0..<6 {
            #expect(try await visit.grant("another one") == .failed(.wrongSecret))
        }
        #expect(try await visit.grant(Visit.secret) == .failed(.secretWait(minutes: 1)))
        #expect(try visit.next() == signed)
        visit.clock.set(visit.clock.now.adding(milliseconds: 60_000))
        guard case .done(let entry?) = try await visit.grant(Visit.secret) else {
            Issue.record("the right secret was refused")
            return await visit.end()
        }
        let recorded = visit.node.change { $0.ledger.recorded.map(\.entry.id) }
        #expect(recorded.contains(entry))
        #expect(try visit.next() == signed + 1)
        let subject = AuthorizationSubject(project: try visit.terms().project, major: 1)
        guard case .done = await visit.session.perform(.pause(subject)) else {
            Issue.record("pausing took a secret")
            return await visit.end()
        }
        #expect(
            await visit.session.perform(.resume(subject, secret: nil)) == .failed(.wrongSecret))
        #expect(try visit.next() == signed + 2)
        guard case .done = await visit.session.perform(.resume(subject, secret: Visit.secret))
        else {
            Issue.record("the right secret did not resume")
            return await visit.end()
        }
        await visit.end()
    }
}
