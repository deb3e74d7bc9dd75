import AsyncHTTPClient
import Crypto
import Foundation
import LedgerCore
import Logging
import NIOCore
import NIOHTTP1
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// A request as it went over the network.
struct CapturedRequest: Sendable {
    let method: String
    let path: String
    let body: [UInt8]
    let headers: [(name: String, value: String)]
}

/// A real node in this process: real HTTP, real SQLite, a clock that stands still.
final class TestNode: Sendable {
    let folder: URL
    let clock: ManualClock
    let database: NodeDatabase
    let records: RecordFiles
    let keys: NodeKeys
    let sequencer: Sequencer
    let url: String
    /// Everything that was sent, as somebody on the way could keep it.
    let captured = Mutex<[CapturedRequest]>([])
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    struct Answer {
        let status: Int
        let body: [UInt8]
        let headers: [String: String]

        var problem: Problem? { try? Problem(body: body) }
    }

    /// Makes or reopens a node in a folder and waits until it listens.
    init(
        folder: URL, clock: ManualClock = ManualClock(LedgerBuilder.start),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        snapshots: (any SnapshotKeeper)? = nil,
        snapshotInterval: Int = Sequencer.snapshotInterval,
        pieceInterval: Int = Sequencer.pieceInterval,
        change: (inout NodeServerOptions) -> Void = { _ in }
    ) async throws {
        self.folder = folder
        self.clock = clock
        let place = NodeFolder(path: folder.path)
        if FileManager.default.fileExists(atPath: place.databasePath) {
            keys = try place.keys()
        } else {
            keys = try place.create(origin: LedgerBuilder.origin, seed: 1).keys
            try place.finish()
        }
        database = try NodeDatabase(path: place.databasePath)
        records = try RecordFiles(folder: place.recordsPath)
        sequencer = try await Sequencer(
            store: database, records: records, keys: keys, clock: clock,
            snapshots: snapshots ?? place.snapshots, snapshotInterval: snapshotInterval,
            pieceInterval: pieceInterval, logger: logger)
        try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
        var options = NodeServerOptions()
        options.tickInterval = .milliseconds(20)
        change(&options)
        let server = NodeServer(
            sequencer: sequencer, store: database, records: records,
            nonces: try NonceFiles(
                folder: folder.path, nowSeconds: clock.now().milliseconds / 1000),
            clock: clock, options: options, logger: logger)
        let (ports, found) = AsyncStream<Int>.makeStream()
        group = ServiceGroup(
            configuration: .init(
                services: server.services { port in
                    found.yield(port)
                    found.finish()
                }, logger: logger))
        running = Task { [group] in
            defer { found.finish() }
            try await group.run()
        }
        var port: Int?
        for await listening in ports { port = listening }
        url = "http://127.0.0.1:\(try #require(port))"
    }

    var authority: String { String(url.dropFirst("http://".count)) }

    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await running.value
        try database.close()
    }

    /// Waits until the node ends by itself.
    ///
    /// - Throws: why it ended.
    func ended() async throws {
        defer { try? database.close() }
        try await running.value
    }

    /// Sends a call, signed by a device where it has to be.
    func send(_ call: NodeCall, as device: TestDevice? = nil) async throws -> Answer {
        var headers: [(name: String, value: String)] = [("Content-Type", call.contentType)]
        if call.isSigned, let device { headers += try signature(of: call, by: device) }
        return try await send(
            method: call.method.rawValue,
            path: call.path + (call.query.isEmpty ? "" : "?\(call.query)"), body: call.body,
            headers: headers)
    }

    func signature(
        of call: NodeCall, by device: TestDevice, nonce: String = TestNode.nonce(),
        createdSeconds: Int64? = nil, authority: String? = nil, method: String? = nil
    ) throws -> [(name: String, value: String)] {
        let signature = RequestSignature(
            createdSeconds: createdSeconds ?? clock.now().milliseconds / 1000, nonce: nonce,
            device: device.id)
        let components = SignedComponents(
            method: method ?? call.method.rawValue, authority: authority ?? self.authority,
            path: call.path, query: call.query, bodyDigest: Hash.of(call.body))
        return signature.headers(
            for: components,
            signature: [UInt8](
                try device.signing.signature(for: signature.base(of: components))))
    }

    func send(
        method: String, path: String, body: [UInt8] = [],
        headers: [(name: String, value: String)] = []
    ) async throws -> Answer {
        captured.withLock {
            $0.append(CapturedRequest(method: method, path: path, body: body, headers: headers))
        }
        var request = HTTPClientRequest(url: url + path)
        request.method = .RAW(value: method)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        if !body.isEmpty { request.body = .bytes(body) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Answer(
            status: Int(response.status.code), body: Array(bytes.readableBytesView),
            headers: Dictionary(
                response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 }
            ))
    }

    static func nonce() -> String {
        Base64.url.encode((0..<18).map { _ in UInt8.random(in: 0...255) })
    }
}

/// Calls `body` with the folder of a new node, and removes it afterwards.
func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "accord-node-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// Calls `body` with a running node, and stops it afterwards.
func withNode(
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    change: (inout NodeServerOptions) -> Void = { _ in },
    _ body: (TestNode) async throws -> Void
) async throws {
    try await withFolder { folder in
        let node = try await TestNode(folder: folder, logger: logger, change: change)
        do {
            try await body(node)
        } catch {
            try await node.stop()
            throw error
        }
        try await node.stop()
    }
}

// What tests do at a node.
extension TestNode {
    /// Sends entries and returns their verdicts.
    func submit(_ entries: Entry...) async throws -> [Verdict] {
        let answer = try await send(.submit(EntrySubmission(entries)))
        #expect(answer.status == 200)
        return try VerdictList(body: answer.body).verdicts
    }

    /// Sends an entry that has to be accepted.
    @discardableResult
    func accept(_ entry: Entry) async throws -> Acceptance {
        let verdicts = try await submit(entry)
        guard case .accepted(let acceptance) = try #require(verdicts.first) else {
            Issue.record("expected acceptance, got \(verdicts)")
            throw EntryDefect.field("verdict")
        }
        return acceptance
    }

    /// Sends an entry that has to be rejected.
    func rejection(of entry: Entry) async throws -> Refusal {
        let verdicts = try await submit(entry)
        guard case .rejected(let refusal) = try #require(verdicts.first) else {
            Issue.record("expected rejection, got \(verdicts)")
            throw EntryDefect.field("verdict")
        }
        return refusal
    }

    /// Adds an invitation and returns its code.
    func invite() throws -> InvitationCode {
        let code = InvitationCode(random: (0..<13).map { _ in UInt8.random(in: 0...31) })
        try database.add(
            StoredInvitation(
                key: code.key,
                expires: clock.now().adding(milliseconds: NodeLimits.invitationMilliseconds)))
        return code
    }

    /// Enrols a new member.
    func member(_ name: String) async throws -> TestDevice {
        var device = try TestDevice(name)
        let entry = try device.entry(.memberEnrolled(device.keys))
        let answer = try await send(
            .enrol(
                EnrolmentRequest(
                    code: try invite(), entry: entry, verifierKey: keys.log.verifierKey.text)))
        #expect(answer.status == 200)
        return device
    }

    /// Has the operator carry out an order.
    @discardableResult
    func order(_ order: OperatorOrder) async throws -> OrderResult {
        let id = try database.add(order)
        for _ in 0..<500 {
            if let result = try database.result(ofOrder: id) { return result }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw EntryDefect.field("order")
    }

    /// Admits a sponsor with an open, funded project.
    func sponsor(
        reward: RewardRule? = nil, funds: Int64 = 10_000, partners: [AccountID] = []
    ) async throws -> (TestDevice, LedgerBuilder) {
        var sponsor = try TestDevice("sponsor")
        try await order(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "Hospital"), keys: sponsor.keys,
                    roles: [.sponsor])))
        try await order(.fund(sponsor.account, Points(funds)))
        var builder = try LedgerBuilder(sponsor: sponsor.account)
        if let reward { builder.reward = reward }
        builder.partners = partners
        try await accept(try sponsor.entry(.projectPublished(builder.terms)))
        try await accept(
            try sponsor.entry(
                .escrowPlaced(EscrowPlaced(project: builder.project, points: Points(funds)))))
        return (sponsor, builder)
    }

    /// A project of a sponsor, with a partner that may read.
    func partners() async throws
        -> (partner: TestDevice, sponsor: TestDevice, builder: LedgerBuilder)
    {
        let partner = try TestDevice("partner")
        try await order(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "Partner"), keys: partner.keys,
                    roles: [.sponsor])))
        let (sponsor, builder) = try await sponsor(partners: [partner.account])
        return (partner, sponsor, builder)
    }

    /// Uploads a record in pieces.
    func upload(_ content: [UInt8], as device: TestDevice, pieceSize: Int = 100_000) async throws {
        let record = Hash.of(content)
        for start in stride(from: 0, to: content.count, by: pieceSize) {
            let piece = Array(content[start..<min(start + pieceSize, content.count)])
            let answer = try await send(
                .uploadRecord(
                    record, offset: Int64(start), length: Int64(content.count), bytes: piece),
                as: device)
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        }
    }

    /// A member with an accepted contribution under a grant, keys stored.
    func takePart(
        _ name: String, _ builder: LedgerBuilder, _ sponsor: inout TestDevice, content: [UInt8],
        wrapped: [UInt8] = [1, 2, 3]
    ) async throws -> (device: TestDevice, contribution: Hash) {
        var device = try await member(name)
        try await accept(try device.entry(builder.join))
        try await upload(content, as: device)
        let contributed = try device.entry(
            builder.contribution(Hash.of(content), sizeBytes: Int64(content.count)))
        try await accept(contributed)
        try await accept(try device.entry(builder.grant()))
        let stored = try await send(
            .storeKeys(
                of: Hash.of(content),
                WrapUpload([
                    WrappedKey(
                        authorization: builder.authorization(of: device.account),
                        recipient: sponsor.account, wrapped: wrapped)
                ])), as: device)
        #expect(stored.status == 204)
        try await accept(
            try sponsor.entry(
                .contributionAccepted(
                    ContributionReviewed(
                        project: builder.project, contribution: contributed.id)),
                about: device.account))
        return (device, contributed.id)
    }

    /// Asks for the records of a member.
    func use(
        _ builder: LedgerBuilder, of account: AccountID, as device: TestDevice,
        purpose: UsePurpose = .research(.healthResearch)
    ) async throws -> Answer {
        try await send(
            .use(UseQuery(project: builder.project, subject: account, purpose: purpose)),
            as: device)
    }

    /// Reads a whole chain page by page, verifying proofs, links and the head.
    func verifiedChain(_ chain: ChainID, as device: TestDevice?, pageSize: Int = 3) async throws
        -> [EntryPayload]
    {
        let logKey = keys.log.verifierKey
        var payloads = [EntryPayload]()
        var head = AccountChain.start
        var size: Int64?
        while true {
            let call: NodeCall =
                chain == .catalogue
                ? .cataloguePage(after: Int64(payloads.count), at: size, limit: pageSize)
                : .accountPage(after: Int64(payloads.count), at: size, limit: pageSize)
            let answer = try await send(call, as: device)
            let page = try EntryPage(body: answer.body)
            let checkpoint = try VerifiedCheckpoint(
                parsing: page.checkpoint, logKey: logKey, origin: logKey.name
            ).checkpoint
            size = Int64(checkpoint.size)
            for paged in page.entries {
                let entry = Entry(bytes: paged.entry)
                let envelope = try #require(EntryEnvelope(bytes: paged.envelope))
                try paged.inclusion(treeSize: checkpoint.size).verify(
                    leafHash: MerkleTree.leafHash(
                        envelope.leafData(entry: entry.id, salt: paged.salt)),
                    root: checkpoint.root)
                #expect(envelope.previousHead == head)
                #expect(envelope.chainSequence == Int64(payloads.count) + 1)
                head = AccountChain.next(head, entryID: entry.id)
                payloads.append(try entry.payload())
            }
            if page.head.isEmpty { continue }
            let stated = try AccountHead(
                verifying: page.head, logKey: logKey, origin: logKey.name, chain: chain)
            #expect(stated.head == head)
            #expect(stated.entryCount == Int64(payloads.count))
            #expect(stated.treeSize == checkpoint.size)
            return payloads
        }
    }
}
