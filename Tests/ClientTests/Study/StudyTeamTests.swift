import Crypto
import Foundation
import LedgerCore
import NodeAPI
import NodeClient
import NodeSequencer
import SyncCore
import SyncEngine
import Synchronization
import TestSupport
import Testing

@testable import ClientRuntime

/// What a study team does with very many contributions.
struct StudyTeamTests {
    private static func contributions(_ sizes: [Int64]) throws -> [(
        entry: Hash, statement: RecordContributed
    )] {
        let builder = try LedgerBuilder(sponsor: TestSupport.TestDevice("s").account)
        return try sizes.enumerated().map { number, size in
            let body = builder.contribution(
                Hash.of([UInt8(number % 256), UInt8(number / 256)]), sizeBytes: size)
            guard case .recordContributed(let stated) = body else { throw CancellationError() }
            return (Hash.of([1, UInt8(number % 256), UInt8(number / 256)]), stated)
        }
    }

    @Test func `as many contributions as one use can name and the memory hold go together`() throws
    {
        let many = StudyDesk.batches(
            of: try Self.contributions(Array(repeating: 1_000, count: 130)))
        #expect(many.map(\.count) == [EntryLimits.listCount, EntryLimits.listCount, 2])
        let large = StudyDesk.batches(
            of: try Self.contributions([40 << 20, 40 << 20, 10, 100 << 20, 10]))
        #expect(large.map(\.count) == [1, 2, 1, 1])
        #expect(StudyDesk.batches(of: []).isEmpty)
    }

    @Test func `rows that were seen are known after a restart, and a line that was cut off is not`()
        throws
    {
        let folder = URL(filePath: TestMember.temporaryFolder())
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "seen-rows")
        let (rows, others) = (Hash.of([1]), Hash.of([2]))
        let seen = try SeenRows(file: file)
        #expect(try seen.note(rows, contribution: Hash.of([7])))
        #expect(try seen.note(rows, contribution: Hash.of([7])))
        #expect(try !seen.note(rows, contribution: Hash.of([8])))
        #expect(try seen.note(others, contribution: Hash.of([8])))
        let whole = try Data(contentsOf: file)
        for cut in 1..<130 {
            try whole.dropLast(cut).write(to: file)
            let again = try SeenRows(file: file)
            #expect(try !again.note(rows, contribution: Hash.of([9])))
            #expect(try again.note(others, contribution: Hash.of([9])))
            #expect(try !SeenRows(file: file).note(others, contribution: Hash.of([8])))
        }
        try Data(String(repeating: "x", count: 260).utf8).write(to: file)
        #expect(throws: HomeError.self) { try SeenRows(file: file) }
    }

    @Test func `what cannot be given yet is not asked for at every turn, and at once after news`()
        async throws
    {
        let folder = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let clock = ManualClock(LedgerBuilder.start)
        let node = try await RealNode(folder: folder + "/node", clock: clock)
        let address = try #require(NodeAddress(node.url))
        let open = NodeClient(address: address, clock: { clock.now() })
        let member = try RealClient(folder: folder + "/member", node: node, name: "ada")
        var sponsor = try await node.admitSponsor()
        let keys = try VaultKeys(
            secrets: [UInt8](sponsor.signing.rawRepresentation)
                + [UInt8](sponsor.wrapping.rawRepresentation) + [UInt8](repeating: 0, count: 32))
        let signer = RequestSigner(
            device: { keys.device },
            sign: { bytes in (try? keys.signing.signature(for: bytes)).map { [UInt8]($0) } })
        let client = NodeClient(address: address, signer: signer, clock: { clock.now() })
        var failure: (any Error)?
        do {
            let builder = try LedgerBuilder(sponsor: sponsor.account)
            let published = try sponsor.entry(.projectPublished(builder.terms))
            _ = try await open.ask(.submit(EntrySubmission([published]))) {
                try VerdictList(body: $0)
            }
            let device = member.device
            _ = try await Enroller(
                store: member.store, node: open, clock: SyncClock(now: { clock.now() })
            ).enrol(code: try node.invite(), nodeURL: node.url, keys: device.keys) {
                try Entry.signed($0, with: device.signing)
            }
            let desk = try StudyDesk(
                keys: keys, gateway: NodeGateway(client),
                folders: HomeFolders(root: URL(filePath: folder + "/team")),
                clock: RuntimeClock(at: clock.now()))
            let team = StudyTeam(
                desk: desk, projects: [builder.terms], usesAgain: true, patience: .seconds(3_600))
            #expect(await member.engine.syncOnce() == .complete)
            // Entries alone: neither ciphertext nor keys follow.
            try member.queue(
                builder.join, builder.grant(), builder.contribution(Hash.of([1])), at: clock.now())
            #expect(await member.engine.syncOnce() == .complete)
            // That one purpose is not named says nothing of the others.
            do {
                _ = try await desk.use(
                    builder.project, of: device.account, for: .research(.clinicalCare),
                    contributions: [:])
                Issue.record("a purpose that nobody agreed to was allowed")
            } catch let problem as Problem {
                #expect(problem.denial == .purposeNotNamed)
            }
            #expect(try await Self.missing(team.work()) == 1)
            let size = node.sequencer.ledger.newest.size
            for _ in 0..<3 { #expect(try await team.work().isEmpty) }
            #expect(node.sequencer.ledger.newest.size == size)
            try member.queue(builder.contribution(Hash.of([2])), at: clock.now())
            #expect(await member.engine.syncOnce() == .complete)
            #expect(try await Self.missing(team.work()) == 1)
            #expect(try await team.work().isEmpty)
        } catch {
            failure = error
        }
        try await client.shutdown()
        try await open.shutdown()
        try await member.client.shutdown()
        try await node.stop()
        if let failure { throw failure }
    }

    /// How many reviews were denied because nothing is there yet.
    private static func missing(_ events: [StudyTeam.Event]) -> Int {
        events.count { event in
            if case .denied(_, _, .review, .recordMissing) = event { true } else { false }
        }
    }

    @Test func `a service and a command of one institution do not take each other's numbers`()
        async throws
    {
        let root = URL(filePath: TestMember.temporaryFolder())
        defer { try? FileManager.default.removeItem(at: root) }
        let folders = HomeFolders(root: root.appending(path: "team"))
        try folders.prepare()
        let node = try await RealNode(
            folder: root.path(percentEncoded: false) + "/node",
            clock: ManualClock(LedgerBuilder.start))
        let keys = try VaultKeys(random: RandomSource(seed: 5))
        try await node.order(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "Institute"), keys: keys.publicKeys,
                    roles: [.sponsor])))
        let clock = RuntimeClock(at: LedgerBuilder.start)
        let client = NodeClient(
            address: try #require(NodeAddress(node.url)), clock: { clock.now })
        func desk() throws -> StudyDesk {
            try StudyDesk(
                keys: keys, gateway: NodeGateway(client), folders: folders, clock: clock)
        }
        // Both read the book before either signs, as a service does that runs for days.
        let (service, command) = (try desk(), try desk())
        for (number, one) in [service, command, service, command, command].enumerated() {
            let terms = try LedgerBuilder(project: "p-\(number)", sponsor: one.account).terms
            let verdicts = try await one.state([(one.account, .projectPublished(terms))])
            #expect(verdicts.count == 1)
            for case .rejected(let refusal) in verdicts {
                Issue.record("the ledger refused number \(number): \(refusal.name)")
            }
        }
        #expect(try StudyBook(file: folders.data.appending(path: "study.json")).sequence == 5)
        try await client.shutdown()
        try await node.stop()
    }

    /// Lets calls through, but for the next one to a path.
    private final class Breaking: NodeConnection {
        let next = Mutex<String?>(nil)
        private let node: NodeClient

        init(_ node: NodeClient) { self.node = node }

        func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
            -> [UInt8]
        {
            let breaks = next.withLock { path in
                guard path == call.path else { return false }
                path = nil
                return true
            }
            if breaks { throw .timedOut }
            return try await node.send(call, deadline: deadline, limit: limit)
        }
    }

    @Test func `an appeal is told although the node went away when it was read`() async throws {
        let root = URL(filePath: TestMember.temporaryFolder())
        defer { try? FileManager.default.removeItem(at: root) }
        let folders = HomeFolders(root: root.appending(path: "team"))
        try folders.prepare()
        let place = root.path(percentEncoded: false)
        let node = try await RealNode(
            folder: place + "/node", clock: ManualClock(LedgerBuilder.start))
        let keys = try VaultKeys(random: RandomSource(seed: 5))
        try await node.order(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "Institute"), keys: keys.publicKeys,
                    roles: [.sponsor])))
        let clock = RuntimeClock(at: LedgerBuilder.start)
        let client = NodeClient(
            address: try #require(NodeAddress(node.url)),
            signer: RequestSigner(
                device: { keys.device },
                sign: { bytes in (try? keys.signing.signature(for: bytes)).map { [UInt8]($0) } }),
            clock: { clock.now })
        let breaking = Breaking(client)
        let desk = try StudyDesk(
            keys: keys, gateway: NodeGateway(breaking), folders: folders, clock: clock)
        let builder = try LedgerBuilder(sponsor: desk.account)
        try await desk.state([(desk.account, .projectPublished(builder.terms))])

        // A member hands something over; it is rejected, and the member appeals.
        let member = try RealClient(folder: place + "/member", node: node, name: "ada")
        let device = member.device
        let enroller = Enroller(
            store: member.store, node: client, clock: SyncClock(now: { clock.now }))
        _ = try await enroller.enrol(
            code: try node.invite(), nodeURL: node.url, keys: device.keys,
            sign: { try Entry.signed($0, with: device.signing) })
        #expect(await member.engine.syncOnce() == .complete)
        let given = try member.queue(
            builder.join, builder.contribution(Hash.of([1])), at: clock.now)
        #expect(await member.engine.syncOnce() == .complete)
        let rejected = try await desk.state([
            (
                device.account,
                .contributionRejected(
                    .init(project: builder.project, contribution: given[1], reason: .quality))
            )
        ])
        guard case .accepted? = rejected.first else {
            Issue.record("it was not rejected: \(rejected)")
            return
        }
        let team = StudyTeam(desk: desk, projects: [builder.terms], usesAgain: false)
        #expect(try await team.work().isEmpty)
        try member.queue(
            .contributionAppealed(.init(project: builder.project, contribution: given[1])),
            at: clock.now)
        #expect(await member.engine.syncOnce() == .complete)

        breaking.next.withLock { $0 = NodeCall.log.path }
        await #expect(throws: NodeUnreachable.self) { _ = try await team.work() }
        let told = try await team.work()
        guard case .appealed(builder.project, device.account, _, given[1])? = told.first else {
            Issue.record("the appeal was lost: \(told)")
            return
        }
        #expect(told.count == 1)
        try await member.client.shutdown()
        try await client.shutdown()
        try await node.stop()
    }

    @Test func `points that were set aside without an answer are not set aside twice`() async throws
    {
        let story = try await Story()
        try await story.node.order(.fund(story.desk.account, Points(1_000)))
        let statement = EntryBody.escrowPlaced(
            EscrowPlaced(project: story.builder.project, points: Points(400)))
        story.breaking.next.withLock { $0 = NodeCall.submit(EntrySubmission([])).path }
        await #expect(throws: NodeUnreachable.self) {
            try await story.desk.state([(story.desk.account, statement)])
        }
        // Told to try again later, the team does.
        let verdicts = try await story.desk.state([(story.desk.account, statement)])
        guard case .accepted? = verdicts.first, verdicts.count == 1 else {
            Issue.record("it was not set aside: \(verdicts)")
            return
        }
        let book = story.root.appending(path: "team/data/study.json")
        #expect(try StudyBook(file: book).sequence == 2)
        // Said once more after that, it is meant.
        try await story.desk.state([(story.desk.account, statement)])
        #expect(try StudyBook(file: book).sequence == 3)
        try await story.end()
    }
}
