import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import NodeClient
import NodeSequencer
import NodeStore
import SyncCore
import SyncEngine
import TestSupport
import Testing

/// Every state in which the end of a program can leave an upload, on both sides.
@Suite struct UploadStatesTests {
    /// What the node has of a record.
    enum AtNode: CaseIterable {
        case nothing, part, allButTheName, other, namedOnly, fileless, named
    }

    private static let length = 10
    /// How much the member's machine noted.
    private static let noted = [0, 4, length]

    private static func content(_ number: Int) -> [UInt8] {
        [UInt8(number)] + (1..<UInt8(length))
    }

    @Test func `from each of them rounds lead to a record that is whole at the node`()
        async throws
    {
        try await story { node, member, builder, place in
            let cases = AtNode.allCases.flatMap { state in Self.noted.map { (state, $0) } }
            for (number, (state, noted)) in cases.enumerated() {
                let content = Self.content(number)
                try await Self.leave(state, of: content, owner: member.device.account, place, node)
                let (record, contribution) = try Self.contribute(content, member, builder)
                try member.store.advanceUpload(
                    record, contribution: contribution, offset: Int64(noted))
            }
            // As a node does at its start.
            let files = try RecordFiles(folder: place.recordsPath)
            try files.sweep(piecesBefore: 0) { try !node.database.owners(of: $0).isEmpty }
            // What is not what it should be ends a round: the node has let go of it then.
            for _ in 0..<5 { _ = await member.engine.syncOnce() }
            #expect(try member.store.pendingUploads().isEmpty)
            for (number, state) in cases.enumerated() {
                let record = Hash.of(Self.content(number))
                #expect(
                    try files.read(record, offset: 0, count: 100) == Self.content(number),
                    "\(state)")
                #expect(
                    try node.database.owners(of: record) == [member.device.account], "\(state)")
            }
            let parts = try FileManager.default.contentsOfDirectory(
                atPath: place.recordsPath + "/partial")
            #expect(parts == [])
        }
    }

    @Test func `keys of what another device has wait for it, and hold nothing else up`()
        async throws
    {
        try await story { node, member, builder, place in
            let (theirs, own) = (Self.content(1), Self.content(2))
            let (record, contribution) = try Self.contribute(theirs, member, builder)
            try member.store.advanceUpload(
                record, contribution: contribution, offset: Int64(Self.length))
            try FileManager.default.removeItem(atPath: member.store.sealedPath(record))
            let mine = try Self.contribute(own, member, builder).record
            for _ in 0..<2 { #expect(await member.engine.syncOnce() == .complete) }
            #expect(try member.store.pendingUploads().map(\.record) == [record])
            let files = try RecordFiles(folder: place.recordsPath)
            #expect(try files.read(mine, offset: 0, count: 100) == own)
            // It arrives from there: then the keys go.
            try await Self.leave(.named, of: theirs, owner: member.device.account, place, node)
            #expect(await member.engine.syncOnce() == .complete)
            #expect(try member.store.pendingUploads().isEmpty)
        }
    }

    @Test func `what was erased is not sent again by a machine that has not heard of it`()
        async throws
    {
        try await story { node, member, builder, place in
            let content = Self.content(3)
            let record = try Self.contribute(content, member, builder).record
            for _ in 0..<2 { #expect(await member.engine.syncOnce() == .complete) }
            #expect(try node.database.owners(of: record) == [member.device.account])
            try member.queue(
                .authorizationRevoked(
                    AuthorizationRevoked(project: builder.project, major: 1, mode: .stopAndErase)),
                at: node.clock.now())
            #expect(await member.engine.syncOnce() == .complete)
            node.clock.advance(milliseconds: 400 * 86_400_000)
            for _ in 0..<100 where try !node.database.owners(of: record).isEmpty {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try node.database.owners(of: record) == [])
            let answer = await #expect(throws: NodeFailure.self) {
                try await member.client.ask(
                    .uploadRecord(
                        record, offset: 0, length: Int64(content.count), bytes: content)
                ) { try UploadProgress(body: $0) }
            }
            guard case .problem(let problem)? = answer else { throw EntryDefect.field("answer") }
            #expect(problem.code == .notAllowed)
            #expect(try RecordFiles(folder: place.recordsPath).size(of: record) == nil)
        }
    }

    @Test func `an older node that knows no grant of keys gets them without it`() async throws {
        try await story { node, member, builder, _ in
            let record = try Self.contribute(
                Self.content(4), member, builder, for: Hash.of([1])
            ).record
            let id = builder.authorization(of: member.device.account)
            let recipient = builder.terms.recipients[0]
            let clock = node.clock
            let engine = SyncEngine(
                store: member.store, node: OlderNode(node: member.client),
                clock: SyncClock(now: { clock.now() }))
            #expect(await engine.syncOnce() == .complete)
            #expect(try member.store.pendingUploads().isEmpty)
            #expect(try node.database.wraps(of: id, for: recipient) == [record: [1, 2, 3]])
        }
    }

    @Test func `keys that come while others are sent wait in their place`() async throws {
        try await story { _, member, builder, _ in
            let (record, contribution) = try Self.contribute(Self.content(5), member, builder)
            let sent = try #require(try member.store.pendingUploads().first)
            try member.store.enqueueUpload(
                sealed: record, contribution: contribution, record: nil,
                sizeBytes: sent.sizeBytes, wraps: WrapUpload([], for: Hash.of([1])).kept,
                at: LedgerBuilder.start)
            try member.store.noteSentWraps(of: sent)
            let waiting = try #require(try member.store.pendingUploads().first)
            #expect(!waiting.hasSentWraps)
            try member.store.noteSentWraps(of: waiting)
            #expect(try member.store.uploads().first?.hasSentWraps == true)
        }
    }

    @Test func `keys stay here while a revocation is on its way`() async throws {
        try await story { node, member, builder, _ in
            let (record, contribution) = try Self.contribute(Self.content(6), member, builder)
            let revocation = try member.queue(
                .authorizationRevoked(
                    AuthorizationRevoked(project: builder.project, major: 1, mode: .stop)),
                at: node.clock.now())
            // The ciphertext alone tells nobody anything.
            #expect(try member.store.pendingUploads().map(\.record) == [record])
            try member.store.advanceUpload(
                record, contribution: contribution, offset: Int64(Self.length))
            #expect(try member.store.pendingUploads().isEmpty)
            #expect(try member.store.withdraw(revocation[0]) == .done)
            #expect(try member.store.pendingUploads().map(\.record) == [record])
        }
    }

    @Test func `a record that is gone from this machine holds no other up`() async throws {
        try await story { _, member, builder, place in
            for number in 7...8 { _ = try Self.contribute(Self.content(number), member, builder) }
            let records = try member.store.pendingUploads().map(\.record)
            try FileManager.default.removeItem(atPath: member.store.sealedPath(records[0]))
            for _ in 0..<2 {
                guard case .recordsWait(.unreachable) = await member.engine.syncOnce() else {
                    Issue.record("nobody says that a record waits")
                    return
                }
            }
            #expect(try member.store.pendingUploads().map(\.record) == [records[0]])
            #expect(try RecordFiles(folder: place.recordsPath).size(of: records[1]) != nil)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: WaveringNode.Way.allCases)
    func `a node that takes no piece is not sent it in a loop`(way: WaveringNode.Way) async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let sealed = try member.store.storeSealed(Self.content(9))
        try member.store.enqueueUpload(
            sealed: sealed, contribution: .zero, record: nil, sizeBytes: Int64(Self.length),
            wraps: [], at: TestMember.now)
        let engine = SyncEngine(
            store: member.store, node: WaveringNode(node: member.node, way: way),
            clock: SyncClock(now: { TestMember.now }))
        guard case .recordsWait = await engine.syncOnce() else {
            Issue.record("nobody says that a record waits")
            return
        }
        #expect(try member.store.pendingUploads().map(\.record) == [sealed])
    }

    // MARK: The story

    private func story(
        _ body: (RealNode, RealClient, LedgerBuilder, NodeFolder) async throws -> Void
    ) async throws {
        let folder = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let clock = ManualClock(LedgerBuilder.start)
        let node = try await RealNode(folder: folder + "/node", clock: clock)
        let open = NodeClient(
            address: try #require(NodeAddress(node.url)), clock: { clock.now() })
        let member = try RealClient(folder: folder + "/member", node: node, name: "ada")
        var failure: (any Error)?
        do {
            let builder = try await Self.takePart(node, open, member)
            try await body(node, member, builder, NodeFolder(path: folder + "/node"))
        } catch {
            failure = error
        }
        try await open.shutdown()
        try await member.client.shutdown()
        try await node.stop()
        if let failure { throw failure }
    }

    private static func contribute(
        _ content: [UInt8], _ member: RealClient, _ builder: LedgerBuilder,
        for grant: Hash? = nil
    ) throws -> (record: Hash, contribution: Hash) {
        let sealed = try member.store.storeSealed(content)
        let now = LedgerBuilder.start
        let entries = try member.queue(
            builder.contribution(sealed, sizeBytes: Int64(content.count)), at: now)
        let wraps = WrapUpload(
            [
                WrappedKey(
                    authorization: builder.authorization(of: member.device.account),
                    recipient: builder.terms.recipients[0], wrapped: [1, 2, 3])
            ], for: grant)
        try member.store.enqueueUpload(
            sealed: sealed, contribution: entries[0], record: nil,
            sizeBytes: Int64(content.count), wraps: wraps.kept, at: now)
        return (sealed, entries[0])
    }

    /// Leaves a record as the end of a node at some moment leaves it.
    private static func leave(
        _ state: AtNode, of content: [UInt8], owner: AccountID, _ place: NodeFolder,
        _ node: RealNode
    ) async throws {
        let record = Hash.of(content)
        let partial = "\(place.recordsPath)/partial/\(record.hex)-\(owner.text)"
        let named = "\(place.recordsPath)/\(record.hex.prefix(2))/\(record.hex)"
        func write(_ bytes: [UInt8], to path: String) throws {
            let file = URL(filePath: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        func own() async throws {
            try await node.database.addRecord(
                record, owner: owner, sizeBytes: Int64(content.count))
        }
        switch state {
        case .nothing: break
        case .part: try write(Array(content.prefix(4)), to: partial)
        case .allButTheName: try write(content, to: partial)
        // What a loss of power makes of bytes that were not brought to the disk.
        case .other: try write(Array(repeating: 0, count: content.count), to: partial)
        case .namedOnly: try write(content, to: named)
        // The database was put back, and the files were not.
        case .fileless: try await own()
        case .named:
            try write(content, to: named)
            try await own()
        }
    }

    private static func takePart(
        _ node: RealNode, _ open: NodeClient, _ member: RealClient
    ) async throws -> LedgerBuilder {
        var sponsor = try await node.admitSponsor()
        let builder = try LedgerBuilder(sponsor: sponsor.account)
        let published = try sponsor.entry(.projectPublished(builder.terms))
        _ = try await open.ask(.submit(EntrySubmission([published]))) {
            try VerdictList(body: $0)
        }
        let device = member.device
        _ = try await Enroller(
            store: member.store, node: open, clock: SyncClock(now: { node.clock.now() })
        ).enrol(code: try node.invite(), nodeURL: node.url, keys: device.keys) {
            try Entry.signed($0, with: device.signing)
        }
        #expect(await member.engine.syncOnce() == .complete)
        try member.queue(builder.join, builder.grant(), at: node.clock.now())
        #expect(await member.engine.syncOnce() == .complete)
        return builder
    }
}

/// A node that refuses a query item it does not know.
private struct OlderNode: NodeConnection {
    let node: NodeClient

    func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
    {
        if call.query.hasPrefix("grant=") { throw .problem(Problem(.malformedRequest)) }
        return try await node.send(call, deadline: deadline, limit: limit)
    }
}

/// A node that takes no piece of a record, and never says so.
struct WaveringNode: NodeConnection {
    enum Way: CaseIterable {
        case standsStill, saysNowThisAndNowThat
    }

    let node: FakeNode
    let way: Way

    func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
    {
        guard call.path.hasPrefix("/v1/records/") else {
            return try await node.send(call, deadline: deadline, limit: limit)
        }
        let isAtStart = call.query.hasPrefix("offset=0")
        switch way {
        case .standsStill: return UploadProgress(offset: 0, isComplete: false).body
        case .saysNowThisAndNowThat:
            throw .problem(Problem(.offsetMismatch, offset: isAtStart ? 3 : 0))
        }
    }
}
