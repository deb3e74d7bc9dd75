import ClientStore
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

    @Test func `a record from before the time that a later authorization names is not allowed`()
        throws
    {
        let device = try TestSupport.TestDevice("s")
        let builder = try LedgerBuilder(sponsor: device.account)
        let stated = try Self.contributions([1])[0].statement
        let terms = builder.terms
        var member = StudyMember()
        for (from, isAllowed) in [(terms.collectionFrom, true), (stated.until, false)] {
            let granted = AuthorizationGranted(
                project: terms.project, major: terms.major, minor: terms.minor,
                terms: terms.hash, language: "en", kinds: [.wearable], purposes: terms.purposes,
                recipients: terms.recipients, collectionFrom: from,
                collectionUntil: terms.collectionUntil, until: terms.useUntil,
                eraseAt: terms.eraseAt, cites: .zero, observedSize: 0, observedRoot: .zero)
            let payload = EntryPayload(
                account: device.account, audience: LedgerBuilder.origin, device: device.id,
                sequence: 1, previous: .zero, issuedAt: LedgerBuilder.start,
                body: .authorizationGranted(granted))
            member.note(
                StudyEntry(id: Hash.of([1]), index: 1, at: LedgerBuilder.start, payload: payload))
            let allows = member.allows(
                stated, to: device.account, for: .research(.healthResearch))
            #expect(allows == isAllowed)
        }
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

    @Test func `rows another program of the institution saw meanwhile are known`() throws {
        let folder = URL(filePath: TestMember.temporaryFolder())
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "seen-rows")
        // Both are open before either notes anything, as a service is that runs for days.
        let (service, command) = (try SeenRows(file: file), try SeenRows(file: file))
        #expect(try service.note(Hash.of([1]), contribution: Hash.of([7])))
        #expect(try !command.note(Hash.of([1]), contribution: Hash.of([8])))
        #expect(try command.note(Hash.of([2]), contribution: Hash.of([8])))
        #expect(try !service.note(Hash.of([2]), contribution: Hash.of([9])))
        #expect(try service.note(Hash.of([2]), contribution: Hash.of([8])))
        #expect(try !SeenRows(file: file).note(Hash.of([1]), contribution: Hash.of([8])))
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

    @Test func `who waits for another program of the institution is told so`() async throws {
        let folder = URL(filePath: TestMember.temporaryFolder())
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var other: FolderLatch? = try await StudyTurn.take(in: folder)
        await #expect(throws: StudyTurnTaken.self) {
            _ = try await StudyTurn.take(in: folder, patience: .zero)
        }
        var count = 0
        let turn = try await StudyTurn.take(in: folder, notice: .zero) {
            count += 1
            // The other one is done.
            withExtendedLifetime(other) {}
            other = nil
        }
        withExtendedLifetime(turn) { #expect(count == 1) }
    }

    /// Lets calls through, but for the next one to a path, and may answer otherwise than the node.
    final class Breaking: NodeConnection {
        let next = Mutex<String?>(nil)
        /// How many calls to that path come through before.
        let before = Mutex(0)
        let bend = Mutex<(@Sendable (NodeCall, [UInt8]) -> [UInt8])?>(nil)
        private let node: NodeClient

        init(_ node: NodeClient) { self.node = node }

        func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
            -> [UInt8]
        {
            let breaks = next.withLock { path in
                guard path == call.path, isDue() else { return false }
                path = nil
                return true
            }
            if breaks { throw .timedOut }
            let answer = try await node.send(call, deadline: deadline, limit: limit)
            let change = bend.withLock { $0 }
            return change?(call, answer) ?? answer
        }

        private func isDue() -> Bool {
            before.withLock { count in
                guard count > 0 else { return true }
                count -= 1
                return false
            }
        }
    }

    /// A study team at a node with a project of its own, and a member who joined.
    struct Story {
        let root = URL(filePath: TestMember.temporaryFolder())
        let node: RealNode
        let client: NodeClient
        let breaking: Breaking
        let keys: VaultKeys
        let folders: HomeFolders
        let desk: StudyDesk
        let builder: LedgerBuilder
        let member: RealClient
        let clock = RuntimeClock(at: LedgerBuilder.start)

        init() async throws {
            let folders = HomeFolders(root: root.appending(path: "team"))
            try folders.prepare()
            self.folders = folders
            let place = root.path(percentEncoded: false)
            let node = try await RealNode(
                folder: place + "/node", clock: ManualClock(LedgerBuilder.start))
            self.node = node
            let keys = try VaultKeys(random: RandomSource(seed: 5))
            self.keys = keys
            let time = clock
            try await node.order(
                .admit(
                    InstitutionAdmitted(
                        name: LocalizedText(english: "Institute"), keys: keys.publicKeys,
                        roles: [.sponsor])))
            client = NodeClient(
                address: try #require(NodeAddress(node.url)),
                signer: RequestSigner(
                    device: { keys.device },
                    sign: { (try? keys.signing.signature(for: $0)).map { [UInt8]($0) } }),
                clock: { time.now })
            breaking = Breaking(client)
            desk = try StudyDesk(
                keys: keys, gateway: NodeGateway(breaking), folders: folders, clock: time)
            builder = try LedgerBuilder(sponsor: desk.account)
            try await desk.state([(desk.account, .projectPublished(builder.terms))])
            member = try RealClient(folder: place + "/member", node: node, name: "ada")
            let device = member.device
            let enroller = Enroller(
                store: member.store, node: client, clock: SyncClock(now: { time.now }))
            _ = try await enroller.enrol(
                code: try node.invite(), nodeURL: node.url, keys: device.keys,
                sign: { try Entry.signed($0, with: device.signing) })
            #expect(await member.engine.syncOnce() == .complete)
        }

        /// What another program of the institution works with.
        func anotherDesk() throws -> StudyDesk {
            try StudyDesk(
                keys: keys, gateway: NodeGateway(breaking), folders: folders, clock: clock)
        }

        /// Has the member decide something, and sends it.
        func decide(_ bodies: EntryBody...) async throws -> [Hash] {
            let entries = try bodies.flatMap { try member.queue($0, at: clock.now) }
            #expect(await member.engine.syncOnce() == .complete)
            return entries
        }

        /// Has the member join and hand over a record, whose key nobody can open.
        func give() async throws -> (Hash, RecordContributed) {
            let (sealed, body) = try record("ciphertext")
            let given = try member.queue(builder.join, builder.grant(), body, at: clock.now)
            try await upload(sealed, of: given[2])
            guard case .recordContributed(let stated) = body else { throw CancellationError() }
            return (given[2], stated)
        }

        /// Seals a record, and says what hands it over.
        func record(_ text: String) throws -> (sealed: Hash, body: EntryBody) {
            let sealed = try member.store.storeSealed(Array(text.utf8))
            return (sealed, builder.contribution(sealed, sizeBytes: Int64(text.utf8.count)))
        }

        /// Sends what was sealed, with its key.
        func upload(_ sealed: Hash, of contribution: Hash) async throws {
            let wraps = WrapUpload([
                WrappedKey(
                    authorization: builder.authorization(of: member.device.account),
                    recipient: desk.account, wrapped: [1, 2, 3])
            ])
            try member.store.enqueueUpload(
                sealed: sealed, contribution: contribution, record: nil,
                sizeBytes: Int64("ciphertext".utf8.count), wraps: wraps.body, at: clock.now)
            #expect(await member.engine.syncOnce() == .complete)
        }

        /// Has the institution accept contributions.
        func accept(_ contributions: Hash...) async throws {
            try await desk.state(
                contributions.map {
                    (
                        member.device.account,
                        EntryBody.contributionAccepted(
                            .init(project: builder.project, contribution: $0))
                    )
                })
        }

        func end() async throws {
            try await member.client.shutdown()
            try await client.shutdown()
            try await node.stop()
            try FileManager.default.removeItem(at: root)
        }
    }

    @Test func `an appeal is told although the node went away when it was read`() async throws {
        let story = try await Story()
        let (project, account) = (story.builder.project, story.member.device.account)
        let given = try await story.decide(
            story.builder.join, story.builder.contribution(Hash.of([1])))
        let rejected = try await story.desk.state([
            (
                account,
                .contributionRejected(
                    .init(project: project, contribution: given[1], reason: .quality))
            )
        ])
        guard case .accepted? = rejected.first else {
            Issue.record("it was not rejected: \(rejected)")
            return
        }
        let team = StudyTeam(
            desk: story.desk, projects: [story.builder.terms], usesAgain: false)
        #expect(try await team.work().isEmpty)
        _ = try await story.decide(
            .contributionAppealed(.init(project: project, contribution: given[1])))

        story.breaking.next.withLock { $0 = NodeCall.log.path }
        await #expect(throws: NodeUnreachable.self) { _ = try await team.work() }
        let told = try await team.work()
        guard case .appealed(project, account, _, given[1])? = told.first else {
            Issue.record("the appeal was lost: \(told)")
            return
        }
        #expect(told.count == 1)
        try await story.end()
    }

    @Test func `what a grant does not cover is asked for once, not in every turn`() async throws {
        let story = try await Story()
        let terms = story.builder.terms
        _ = try await story.decide(
            story.builder.join, story.builder.contribution(Hash.of([1]), kind: .clinical),
            .authorizationGranted(
                AuthorizationGranted(
                    project: terms.project, major: terms.major, minor: terms.minor,
                    terms: terms.hash, language: "en", kinds: [.wearable],
                    purposes: terms.purposes, recipients: terms.recipients,
                    collectionFrom: terms.collectionFrom, collectionUntil: terms.collectionUntil,
                    until: terms.useUntil, eraseAt: terms.eraseAt, cites: .zero, observedSize: 0,
                    observedRoot: .zero)))
        let team = StudyTeam(desk: story.desk, projects: [terms], usesAgain: true)
        let first = try await team.work()
        guard case .denied(_, _, .review, .nothingCovered)? = first.first, first.count == 1 else {
            Issue.record("it was not denied: \(first)")
            return
        }
        // The denial itself is news; nothing follows from it.
        for _ in 0..<3 { #expect(try await team.work().isEmpty) }
        try await story.end()
    }

    @Test func `what cannot be given yet is not asked for at every turn, and at once after news`()
        async throws
    {
        let story = try await Story()
        let (builder, account) = (story.builder, story.member.device.account)
        let team = StudyTeam(
            desk: story.desk, projects: [builder.terms], usesAgain: true, patience: .seconds(3_600))
        // Entries alone: neither ciphertext nor keys follow.
        _ = try await story.decide(
            builder.join, builder.grant(), builder.contribution(Hash.of([1])))
        // That one purpose is not named says nothing of the others.
        do {
            _ = try await story.desk.use(
                builder.project, of: account, for: .research(.clinicalCare), contributions: [:])
            Issue.record("a purpose that nobody agreed to was allowed")
        } catch let problem as Problem {
            #expect(problem.denial == .purposeNotNamed)
        }
        #expect(try await Self.missing(team.work()) == 1)
        let size = story.node.sequencer.ledger.newest.size
        for _ in 0..<3 { #expect(try await team.work().isEmpty) }
        #expect(story.node.sequencer.ledger.newest.size == size)
        _ = try await story.decide(builder.contribution(Hash.of([2])))
        #expect(try await Self.missing(team.work()) == 1)
        #expect(try await team.work().isEmpty)
        try await story.end()
    }

    @Test func `what was done before the node went away is told although the rest was not done`()
        async throws
    {
        let story = try await Story()
        let builder = story.builder
        // Two that no use reads together, and neither of them has arrived.
        _ = try await story.decide(
            builder.join, builder.grant(),
            builder.contribution(Hash.of([1]), sizeBytes: 40 << 20),
            builder.contribution(Hash.of([2]), sizeBytes: 40 << 20))
        let team = StudyTeam(
            desk: story.desk, projects: [builder.terms], usesAgain: false,
            patience: .seconds(3_600))
        story.breaking.before.withLock { $0 = 1 }
        story.breaking.next.withLock { $0 = "/v1/uses" }
        await #expect(throws: NodeUnreachable.self) { _ = try await team.work() }
        #expect(Self.missing(team.takeEvents()) == 1)
        #expect(team.takeEvents().isEmpty)
        try await story.end()
    }

    @Test func `what is not there with the rest is used when it has come`() async throws {
        let story = try await Story()
        let (first, _) = try await story.give()
        let late = try story.record("CIPHERTEXT")
        let second = try await story.decide(late.body)[0]
        try await story.accept(first, second)
        let team = StudyTeam(
            desk: story.desk, projects: [story.builder.terms], usesAgain: false, patience: .zero)
        #expect(try await Self.used(team.work()) == [1])
        // Only what is still to come is asked for.
        #expect(try await Self.used(team.work()) == [0])
        try await story.upload(late.sealed, of: second)
        #expect(try await Self.used(team.work()) == [1])
        #expect(try await team.work().isEmpty)
        try await story.end()
    }

    @Test func `what a member lets be used again is used at once`() async throws {
        let story = try await Story()
        let (given, _) = try await story.give()
        try await story.accept(given)
        let subject = AuthorizationSubject(project: story.builder.project, major: 1)
        _ = try await story.decide(.authorizationPaused(subject))
        let team = StudyTeam(desk: story.desk, projects: [story.builder.terms], usesAgain: false)
        #expect(try await Self.used(team.work()) == [0])
        #expect(try await team.work().isEmpty)
        _ = try await story.decide(.authorizationResumed(subject))
        #expect(try await Self.used(team.work()) == [1])
        try await story.end()
    }

    /// How many records each use gave; none where it was denied.
    private static func used(_ events: [StudyTeam.Event]) -> [Int] {
        events.compactMap { event in
            switch event {
            case .used(_, _, _, let records, _): records
            case .denied: 0
            default: nil
            }
        }
    }

    /// How many reviews were denied because nothing is there yet.
    private static func missing(_ events: [StudyTeam.Event]) -> Int {
        events.count { event in
            if case .denied(_, _, .review, .recordMissing) = event { true } else { false }
        }
    }

    @Test func `what was stored without an answer and is refused later is told`() async throws {
        let story = try await Story()
        try await story.node.order(.fund(story.desk.account, Points(100)))
        func escrow(_ points: Int64) -> (AccountID, EntryBody) {
            (
                story.desk.account,
                .escrowPlaced(
                    EscrowPlaced(project: story.builder.project, points: Points(points)))
            )
        }
        story.breaking.next.withLock { $0 = NodeCall.submit(EntrySubmission([])).path }
        await #expect(throws: NodeUnreachable.self) {
            try await story.desk.state([escrow(400)])
        }
        // Another statement: who made it asked for nothing else.
        let verdicts = try await story.desk.state([escrow(40)])
        guard case .accepted? = verdicts.first, verdicts.count == 1 else {
            Issue.record("it was not set aside: \(verdicts)")
            return
        }
        let told = story.desk.takeRefused()
        #expect(told.map(\.body) == [escrow(400).1])
        #expect(told.map(\.refusal.rejection) == [.budgetTooLow])
        #expect(story.desk.takeRefused().isEmpty)
        // What is asked about is told once, with its verdict.
        try await story.desk.state([escrow(500)])
        #expect(story.desk.takeRefused().isEmpty)
        try await story.end()
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
