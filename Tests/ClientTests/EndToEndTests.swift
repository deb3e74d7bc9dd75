import ClientStore
import Crypto
import Foundation
import LedgerCore
import Logging
import NodeAPI
import NodeClient
import NodeSequencer
import NodeServer
import NodeStore
import ServiceLifecycle
import SyncCore
import SyncEngine
import TestSupport
import Testing

/// A node of the real thing in this process: HTTP, SQLite, sequencer.
struct RealNode {
    let database: NodeDatabase
    let keys: NodeKeys
    let clock: ManualClock
    let sequencer: Sequencer
    let url: String
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    init(
        folder: String, port: Int = 0, clock: ManualClock,
        change: (inout NodeServerOptions) -> Void = { _ in }
    ) async throws {
        let place = NodeFolder(path: folder)
        if FileManager.default.fileExists(atPath: place.databasePath) {
            keys = try place.keys()
        } else {
            keys = try place.create(origin: LedgerBuilder.origin, seed: 1).keys
            try place.finish()
        }
        self.clock = clock
        database = try NodeDatabase(path: place.databasePath)
        let records = try RecordFiles(folder: place.recordsPath)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        sequencer = try await Sequencer(
            store: database, records: records, keys: keys, clock: clock, logger: logger)
        try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
        var options = NodeServerOptions(host: "127.0.0.1", port: port)
        options.tickInterval = .milliseconds(20)
        change(&options)
        let server = NodeServer(
            sequencer: sequencer, store: database, records: records, clock: clock,
            options: options, logger: logger)
        let (ports, found) = AsyncStream<Int>.makeStream()
        let services = server.services { port in
            found.yield(port)
            found.finish()
        }
        let group = ServiceGroup(configuration: .init(services: services, logger: logger))
        self.group = group
        running = Task {
            defer { found.finish() }
            try await group.run()
        }
        var listening: Int?
        for await port in ports { listening = port }
        url = "http://127.0.0.1:\(try #require(listening))"
    }

    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await running.value
        try database.close()
    }

    func order(_ order: OperatorOrder) async throws {
        let id = try database.add(order)
        for _ in 0..<500 {
            if case .done? = try database.result(ofOrder: id) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw EntryDefect.field("order")
    }

    /// Admits an institution that sponsors projects.
    func admitSponsor() async throws -> TestSupport.TestDevice {
        let sponsor = try TestSupport.TestDevice("sponsor")
        try await order(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "Institute"), keys: sponsor.keys,
                    roles: [.sponsor])))
        return sponsor
    }

    func invite() throws -> InvitationCode {
        let code = InvitationCode(random: (0..<13).map { _ in UInt8.random(in: 0...31) })
        try database.add(
            StoredInvitation(
                key: code.key,
                expires: clock.now().adding(milliseconds: NodeLimits.invitationMilliseconds)))
        return code
    }
}

/// A client of the real thing.
struct RealClient {
    let store: ClientStore
    let client: NodeClient
    let engine: SyncEngine
    let device: TestSupport.TestDevice

    init(folder: String, node: RealNode, name: String) throws {
        let device = try TestSupport.TestDevice(name)
        self.device = device
        let clock = node.clock
        store = try ClientStore(directory: folder, clock: { clock.now() })
        let address = try #require(NodeAddress(node.url))
        client = NodeClient(
            address: address,
            signer: RequestSigner(
                device: { device.id },
                sign: { bytes in (try? device.signing.signature(for: bytes)).map { [UInt8]($0) } }),
            clock: { clock.now() })
        engine = SyncEngine(
            store: store, node: client, clock: SyncClock(now: { clock.now() }))
    }

    @discardableResult
    func queue(_ bodies: EntryBody..., at time: Timestamp) throws -> [Hash] {
        try store.enqueue(at: time) { cursor in
            var cursor = cursor
            var device = device
            return try bodies.map { body in
                device.sequence = cursor.nextSequence - 1
                device.previous = cursor.previous
                let entry = try device.entry(body)
                cursor = cursor.after(entry)
                return entry
            }
        }
    }
}

@Suite struct EndToEndTests {
    @Test func `a member joins, contributes, is paid, revokes, and reconciles after an outage`()
        async throws
    {
        let folder = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let clock = ManualClock(LedgerBuilder.start)
        var node = try await RealNode(folder: folder + "/node", clock: clock)
        var sponsor = try await node.admitSponsor()
        try await node.order(.fund(sponsor.account, Points(1000)))
        let builder = try LedgerBuilder(sponsor: sponsor.account)
        let member = try RealClient(folder: folder + "/member", node: node, name: "ada")
        let open = NodeClient(
            address: try #require(NodeAddress(node.url)), clock: { clock.now() })
        let published = try [
            sponsor.entry(.projectPublished(builder.terms)),
            sponsor.entry(
                .escrowPlaced(EscrowPlaced(project: builder.project, points: Points(500)))),
        ]
        _ = try await open.ask(.submit(EntrySubmission(published))) { try VerdictList(body: $0) }

        // Joining the ledger: a wrong code first.
        let enroller = Enroller(
            store: member.store, node: open, clock: SyncClock(now: { clock.now() }))
        let device = member.device
        let sign: (EntryPayload) throws -> Entry = {
            try Entry.signed($0, with: device.signing)
        }
        let wrong = InvitationCode(random: Array(repeating: 3, count: 13))
        await #expect(throws: EnrolmentFailure.invitationRefused) {
            try await enroller.enrol(
                code: wrong, nodeURL: node.url, keys: device.keys, sign: sign)
        }
        _ = try await enroller.enrol(
            code: try node.invite(), nodeURL: node.url, keys: device.keys, sign: sign)
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.projects(ProjectQuery(), offset: 0, limit: 5).total == 1)

        // Taking part.
        let content = Array("ciphertext".utf8)
        let sealed = try member.store.storeSealed(content)
        let statements = try member.queue(
            builder.join, builder.grant(),
            builder.contribution(sealed, sizeBytes: Int64(content.count)), at: clock.now())
        let wraps = WrapUpload([
            WrappedKey(
                authorization: builder.authorization(of: device.account),
                recipient: sponsor.account, wrapped: [1, 2, 3])
        ])
        try member.store.enqueueUpload(
            sealed: sealed, contribution: statements[2], record: nil,
            sizeBytes: Int64(content.count), wraps: wraps.body, at: clock.now())
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.pendingUploads().isEmpty)
        for entry in statements {
            #expect(try member.store.activity(entry: entry)?.state == .proven)
        }

        // The study team accepts: points.
        let reviewed = ContributionReviewed(
            project: builder.project, contribution: statements[2])
        let accepted = try sponsor.entry(
            .contributionAccepted(reviewed), about: device.account)
        _ = try await open.ask(.submit(EntrySubmission([accepted]))) {
            try VerdictList(body: $0)
        }
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.pointsSummary(at: clock.now()).onTheWay == Points(50))

        // An outage: the revocation waits, and is not in force.
        let port = try #require(Int(node.url.split(separator: ":").last ?? ""))
        try await node.stop()
        try member.queue(builder.revoke(), at: clock.now())
        guard case .unfinished(.away(let outage)) = await member.engine.syncOnce(),
            outage.cause == .refused
        else {
            Issue.record("the node is down, and the client did not notice")
            return
        }
        let waiting = try #require(try member.store.authorizations(at: clock.now()).first)
        #expect(waiting.state == .active)
        #expect(waiting.pending?.kind == .authorizationRevoked)

        node = try await RealNode(folder: folder + "/node", port: port, clock: clock)
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.authorizations(at: clock.now()).first?.state == .withdrawn)
        #expect(try member.store.pointsSummary(at: clock.now()).onTheWay == Points(50))

        try await member.client.shutdown()
        try await open.shutdown()
        try await node.stop()
    }

    @Test func `what a full node does not take waits in the outbox until there is room`()
        async throws
    {
        let folder = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let clock = ManualClock(LedgerBuilder.start)
        var node = try await RealNode(folder: folder + "/node", clock: clock)
        let port = try #require(Int(node.url.split(separator: ":").last ?? ""))
        var sponsor = try await node.admitSponsor()
        let builder = try LedgerBuilder(sponsor: sponsor.account)
        let member = try RealClient(folder: folder + "/member", node: node, name: "ada")
        let open = NodeClient(
            address: try #require(NodeAddress(node.url)), clock: { clock.now() })
        let published = try sponsor.entry(.projectPublished(builder.terms))
        _ = try await open.ask(.submit(EntrySubmission([published]))) {
            try VerdictList(body: $0)
        }
        let device = member.device
        let enroller = Enroller(
            store: member.store, node: open, clock: SyncClock(now: { clock.now() }))
        _ = try await enroller.enrol(
            code: try node.invite(), nodeURL: node.url, keys: device.keys,
            sign: { try Entry.signed($0, with: device.signing) })
        try member.queue(builder.join, builder.grant(), at: clock.now())
        #expect(await member.engine.syncOnce() == .complete)
        try await node.stop()

        node = try await RealNode(folder: folder + "/node", port: port, clock: clock) {
            $0.freeSpaceReserve.bytes = .max
        }
        let revoked = try member.queue(builder.revoke(), at: clock.now())
        let again = try member.queue(builder.grant(cites: revoked[0]), at: clock.now())
        #expect(await member.engine.syncOnce() != .complete)
        // What was revoked is in force, and known to be.
        #expect(try member.store.activity(entry: revoked[0])?.state == .proven)
        #expect(try member.store.authorizations(at: clock.now()).first?.state == .withdrawn)
        let full = NodeFailure.problem(Problem(.storageFull))
        #expect(await member.engine.syncOnce() == .unfinished(full))
        #expect(try member.store.activity(entry: again[0])?.state == .sent)
        #expect(try member.store.status().outboxCount == 1)
        try await node.stop()

        node = try await RealNode(folder: folder + "/node", port: port, clock: clock)
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.activity(entry: again[0])?.state == .proven)
        #expect(try member.store.authorizations(at: clock.now()).first?.state == .active)

        try await member.client.shutdown()
        try await open.shutdown()
        try await node.stop()
    }
}
