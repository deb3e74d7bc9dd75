import Crypto
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import Synchronization

/// A device of a test: signs entries in order.
struct TestDevice: Sendable {
    let key = Curve25519.Signing.PrivateKey()
    let keys: DeviceKeys
    private(set) var sequence: Int64 = 0
    private(set) var previous = Hash.zero

    init() {
        let wrapping = Curve25519.KeyAgreement.PrivateKey().publicKey
        keys = DeviceKeys(
            signing: [UInt8](key.publicKey.rawRepresentation),
            wrapping: [UInt8](wrapping.rawRepresentation))
    }

    var account: AccountID { AccountID(firstDevice: keys.device) }

    mutating func sign(_ body: EntryBody, for account: AccountID? = nil, origin: String) throws
        -> Entry
    {
        let cursor = OutboxCursor(
            device: keys.device, nextSequence: sequence + 1, previous: previous)
        let entry = try sign(body, at: cursor, for: account, origin: origin)
        sequence += 1
        previous = entry.id
        return entry
    }

    func sign(
        _ body: EntryBody, at cursor: OutboxCursor, for account: AccountID? = nil, origin: String
    ) throws -> Entry {
        try Entry.signed(
            EntryPayload(
                account: account ?? self.account, audience: origin, device: keys.device,
                sequence: cursor.nextSequence, previous: cursor.previous,
                issuedAt: Timestamp(milliseconds: 0), body: body), with: key)
    }
}

/// A whole ledger in memory: decides like the real one.
struct FakeLedger {
    struct Recorded {
        var entry: Entry
        var chain: ChainID
        var envelope: EntryEnvelope
        var salt: [UInt8]
        var time: Timestamp
    }

    let origin = "ledger.example/test"
    let signer: NoteSigner
    var recorded: [Recorded] = []
    var log = MerkleLog()
    var state = LedgerState()
    var heads: [ChainID: (count: Int64, head: Hash)] = [:]
    var verdicts: [Hash: Verdict] = [:]
    var time = Timestamp(milliseconds: 1_700_000_000_000)
    var operatorDevice = TestDevice()
    var sponsor = TestDevice()

    init() throws {
        signer = try NoteSigner(
            name: origin, privateKey: Curve25519.Signing.PrivateKey())
        let admission = InstitutionAdmitted(
            name: LocalizedText(english: "Operator"), keys: operatorDevice.keys,
            roles: [.operator])
        try record(operatorDevice.sign(.institutionAdmitted(admission), origin: origin))
        let institute = InstitutionAdmitted(
            name: LocalizedText(english: "Gut Institute", chinese: "肠道研究所"),
            keys: sponsor.keys, roles: [.sponsor], region: "CN", isForeignHeld: true)
        try record(
            operatorDevice.sign(
                .institutionAdmitted(institute), for: sponsor.account, origin: origin))
    }

    /// Records an entry, or refuses it.
    @discardableResult
    mutating func record(_ entry: Entry, skippingRules: Bool = false) throws -> Verdict {
        if let verdict = verdicts[entry.id] { return verdict }
        time = time.adding(milliseconds: 1000)
        let keys = EntryKeys(state)
        let payload = try entry.payload()
        let chain: ChainID =
            payload.body.kind.isPublic ? .catalogue : .account(payload.account)
        if !skippingRules {
            let verified = try EntryVerifier.verify(entry, origin: origin) { keys[$0] }
            do {
                try state.apply(verified, at: time)
            } catch {
                return try refuse(entry, error)
            }
        }
        let head = heads[chain] ?? (0, AccountChain.start)
        let envelope = EntryEnvelope(
            previousHead: head.head, chainSequence: head.count + 1, time: time)
        // The same each time, so that two ways to one end can be compared byte by byte.
        let salt = Hash.of(label: "test/salt\n", entry.id.bytes).bytes
        let index = log.append(leafData: envelope.leafData(entry: entry.id, salt: salt))
        heads[chain] = (head.count + 1, AccountChain.next(head.head, entryID: entry.id))
        recorded.append(
            Recorded(entry: entry, chain: chain, envelope: envelope, salt: salt, time: time))
        let proof = TransparencyProof(
            inclusion: try log.inclusionProof(index: index, size: log.size),
            note: try checkpoint(size: log.size))
        let verdict = Verdict.accepted(
            Acceptance(
                index: Int64(index), envelope: envelope.bytes, salt: salt, proof: proof.bytes))
        verdicts[entry.id] = verdict
        return verdict
    }

    /// Refuses an entry, with the log's signature.
    mutating func refuse(_ entry: Entry, _ rejection: EntryRejection) throws -> Verdict {
        let receipt = RefusalReceipt(
            origin: origin, entry: entry.id, code: rejection.rawValue, time: time)
        let verdict = Verdict.rejected(
            Refusal(
                code: rejection.rawValue, name: "\(rejection)",
                receipt: try signer.sign(receipt.text).bytes))
        verdicts[entry.id] = verdict
        return verdict
    }

    /// Goes back to the first `size` entries: what no honest node does.
    mutating func rollBack(to size: Int) throws {
        let kept = recorded.prefix(size)
        recorded = []
        log = MerkleLog()
        state = LedgerState()
        heads = [:]
        verdicts = [:]
        for old in kept {
            let keys = EntryKeys(state)
            let verified = try EntryVerifier.verify(old.entry, origin: origin) { keys[$0] }
            try state.apply(verified, at: old.time)
            log.append(leafData: old.envelope.leafData(entry: old.entry.id, salt: old.salt))
            let head = heads[old.chain] ?? (0, AccountChain.start)
            heads[old.chain] = (
                head.count + 1, AccountChain.next(head.head, entryID: old.entry.id)
            )
            recorded.append(old)
        }
    }

    func checkpoint(size: Int) throws -> SignedNote {
        try signer.sign(Checkpoint(origin: origin, size: size, root: log.root(size: size)).text)
    }

    func page(of chain: ChainID, after: Int64, at size: Int) throws -> EntryPage {
        let own = recorded.prefix(size).enumerated().filter { $0.element.chain == chain }
        let rest = own.filter { $0.element.envelope.chainSequence > after }
        let entries = try rest.prefix(NodeLimits.pageCount).map { index, recorded in
            PagedEntry(
                index: Int64(index), entry: recorded.entry.bytes,
                envelope: recorded.envelope.bytes, salt: recorded.salt,
                proof: try log.inclusionProof(index: index, size: size).hashes)
        }
        var head = AccountChain.start
        for entry in own { head = AccountChain.next(head, entryID: entry.element.entry.id) }
        let note = try signer.sign(
            AccountHead(
                origin: origin, treeSize: size, chain: chain, entryCount: Int64(own.count),
                head: head
            ).text)
        return EntryPage(
            checkpoint: try checkpoint(size: size).bytes, entries: entries,
            head: entries.count == rest.count ? note.bytes : [])
    }
}

extension FakeLedger {
    /// Publishes a project of the sponsor, and sets points aside for it.
    mutating func publish(
        _ id: String, title: LocalizedText = LocalizedText(english: "A study"), seats: Int64 = 0,
        escrow: Int64 = 0, perContribution: Int64 = 0
    ) throws {
        let terms = try TestTerms.make(
            id, title: title, recipient: sponsor.account, seats: seats,
            perContribution: perContribution)
        try record(sponsor.sign(.projectPublished(terms), origin: origin))
        guard escrow > 0 else { return }
        try record(
            operatorDevice.sign(
                .budgetFunded(Points(escrow)), for: sponsor.account, origin: origin))
        let placed = EscrowPlaced(project: terms.project, points: Points(escrow))
        try record(sponsor.sign(.escrowPlaced(placed), origin: origin))
    }
}

enum TestTerms {
    static func make(
        _ id: String, title: LocalizedText, recipient: AccountID, seats: Int64 = 0,
        perContribution: Int64 = 0
    ) throws -> ProjectTerms {
        struct Missing: Error {}
        guard let project = ProjectID(id) else { throw Missing() }
        return ProjectTerms(
            project: project, programme: .staffPlan, title: title,
            why: LocalizedText(english: "Find which bacteria go with poor sleep."),
            recipients: [recipient],
            kinds: [
                KindRequest(.clinical, isRequired: true), KindRequest(.wearable, isRequired: false),
            ], purposes: [.healthResearch], collectionFrom: Timestamp(milliseconds: 0),
            collectionUntil: Timestamp(milliseconds: 3_000_000_000_000),
            useUntil: Timestamp(milliseconds: 3_000_000_000_000),
            eraseAt: Timestamp(milliseconds: 3_100_000_000_000), seats: seats,
            reward: RewardRule(
                perContribution: Points(perContribution), perUse: .zero, useCap: .zero,
                memberCap: Points(perContribution * 2), qualityWindowMilliseconds: 1000))
    }
}

/// A node in memory that can be unreachable, lose answers, and lie.
final class FakeNode: NodeConnection {
    struct Behaviour {
        var ledger: FakeLedger
        var isDown = false
        var losesNextAnswer = false
        var refusesUnsigned = false
        /// Says this of every entry, and records none.
        var lie: Verdict?
        var calls: [String] = []
        var member: AccountID?
        var uploaded: [Hash: [UInt8]] = [:]
        /// The records that are whole and have their name.
        var completed: Set<Hash> = []
        var losesUploadAnswer = false
        /// It says that records are whole, and that they are not.
        var contradictsItself = false
        /// The last entry of the member's device, where the node looks at numbers.
        var place: DevicePlace?
        var wireVersion = NodeLimits.maxWireVersion
        /// Answers everything but `/v1/log` with what this version cannot read.
        var isMuddled = false
        /// Changes a page before it is sent.
        var bendPage: (@Sendable (inout EntryPage, ChainID, FakeLedger) throws -> Void)?
        /// Changes the bytes of an answer to a path before they are sent.
        var bendBytes: (@Sendable (String, [UInt8]) -> [UInt8])?
        /// Changes the checkpoint before it is sent.
        var bendCheckpoint: (@Sendable (FakeLedger) throws -> SignedNote)?
    }

    private let behaviour: Mutex<Behaviour>

    init(_ ledger: FakeLedger) {
        behaviour = Mutex(Behaviour(ledger: ledger))
    }

    func change<Value: Sendable>(
        _ body: @Sendable (inout sending Behaviour) throws -> sending Value
    ) rethrows -> Value {
        try behaviour.withLock { try body(&$0) }
    }

    func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
    {
        if call.path == "/v1/changes" {
            // Long polls rest until the test is over.
            while (try? await Task.sleep(for: .milliseconds(20))) != nil {
                let size = change { $0.isDown ? -1 : Int64($0.ledger.log.size) }
                if size < 0 { throw .unreachable("down") }
                let known = call.query.split(separator: "&").first?.dropFirst(5)
                if size > Int64(known ?? "") ?? 0 { return ChangeNotice(size: size).body }
            }
            throw .timedOut
        }
        let result: Result<[UInt8], NodeFailure> = change { behaviour in
            behaviour.calls.append(call.path)
            if behaviour.isDown { return .failure(.unreachable("down")) }
            do {
                let answer = try FakeNode.answer(call, &behaviour)
                let body = behaviour.bendBytes?(call.path, answer) ?? answer
                if behaviour.losesNextAnswer {
                    behaviour.losesNextAnswer = false
                    return .failure(.timedOut)
                }
                return .success(body)
            } catch let problem as Problem {
                return .failure(.problem(problem))
            } catch {
                return .failure(.malformed("\(error)"))
            }
        }
        return try result.get()
    }

    private static func answer(_ call: NodeCall, _ node: inout Behaviour) throws -> [UInt8] {
        let query = Dictionary(
            uniqueKeysWithValues: call.query.split(separator: "&").map { pair in
                let parts = pair.split(separator: "=")
                return (String(parts[0]), Int64(parts[1]) ?? 0)
            })
        let path = call.path
        if node.isMuddled, path != "/v1/log" { return Array("{\"wire\":99}".utf8) }
        switch (call.method, path) {
        case (.get, "/v1/log"):
            return LogDescription(
                origin: node.ledger.origin, verifierKey: node.ledger.signer.verifierKey.text,
                time: node.ledger.time, minWireVersion: node.wireVersion,
                maxWireVersion: node.wireVersion
            ).body
        case (.get, "/checkpoint"):
            let size = node.ledger.log.size
            return try node.bendCheckpoint?(node.ledger).bytes
                ?? node.ledger.checkpoint(size: size).bytes
        case (.post, "/v1/entries"):
            let entries = try EntrySubmission(body: call.body).entries.map(Entry.init)
            var verdicts = [Verdict]()
            if node.refusesUnsigned {
                let refusal = Verdict.rejected(Refusal(code: 0, name: "defect", text: "no"))
                return VerdictList(entries.map { _ in refusal }).body
            }
            if let lie = node.lie { return VerdictList(entries.map { _ in lie }).body }
            for entry in entries { verdicts.append(try verdict(on: entry, &node)) }
            return VerdictList(verdicts).body
        case (.get, "/v1/devices/me/cursor"):
            guard let place = node.place else { throw Problem(.notFound) }
            let answer = DevicePlace(
                origin: place.origin, device: place.device, sequence: place.sequence,
                last: place.last, challenge: query["challenge"] ?? 0)
            return try node.ledger.signer.sign(answer.text).bytes
        case (.get, "/v1/catalogue"), (.get, "/v1/accounts/me/entries"):
            guard let member = node.member else { throw Problem(.deviceUnknown) }
            let chain: ChainID = path == "/v1/catalogue" ? .catalogue : .account(member)
            let size = Int(query["at"] ?? 0)
            guard size <= node.ledger.log.size else { throw Problem(.checkpointUnknown) }
            var page = try node.ledger.page(of: chain, after: query["after"] ?? 0, at: size)
            try node.bendPage?(&page, chain, node.ledger)
            return page.body
        default: break
        }
        if path.hasPrefix("/tile/") { return try tile(path, node.ledger) }
        if path.hasPrefix("/v1/records/") { return try record(call, query, &node) }
        throw Problem(.notFound)
    }

    /// Decides as a node does that looks at numbers: the next one of the device, and a revocation
    /// under any.
    private static func verdict(on entry: Entry, _ node: inout Behaviour) throws -> Verdict {
        guard let place = node.place else { return try node.ledger.record(entry) }
        let payload = try entry.payload()
        guard payload.sequence <= place.sequence + 1 else { return .retry(.sequenceGap) }
        let isNext = payload.sequence == place.sequence + 1
        let isRevoke = payload.body.kind == .authorizationRevoked
        guard isRevoke || isNext && payload.previous == place.last else {
            return try node.ledger.refuse(entry, .sequenceReused)
        }
        if isNext {
            node.place = DevicePlace(
                origin: place.origin, device: place.device, sequence: payload.sequence,
                last: entry.id, challenge: 0)
        }
        return try node.ledger.record(entry)
    }

    private static func tile(_ path: String, _ ledger: FakeLedger) throws -> [UInt8] {
        guard let tile = TilePath(parsing: String(path.dropFirst())),
            case .hashes(let level) = tile.content,
            let bytes = try ledger.log.tile(level: level, index: tile.index, width: tile.width)
        else { throw Problem(.notFound) }
        return bytes
    }

    private static func record(
        _ call: NodeCall, _ query: [String: Int64], _ node: inout Behaviour
    ) throws -> [UInt8] {
        let parts = call.path.split(separator: "/")
        guard let record = Hash(hex: String(parts[2])) else { throw Problem(.notFound) }
        let isComplete = node.completed.contains(record)
        var held = node.uploaded[record] ?? []
        if parts.count == 4 {
            guard parts[3] == "keys" else {
                return UploadProgress(
                    offset: Int64(held.count), isComplete: isComplete && !node.contradictsItself
                ).body
            }
            guard isComplete, !node.contradictsItself else { throw Problem(.notFound) }
            return []
        }
        if isComplete || Int64(held.count) == query["length"] {
            node.completed.insert(record)
            return UploadProgress(offset: Int64(held.count), isComplete: true).body
        }
        guard Int64(held.count) == query["offset"] else {
            throw Problem(.offsetMismatch, offset: Int64(held.count))
        }
        held += call.body
        node.uploaded[record] = held
        if Int64(held.count) == query["length"] { node.completed.insert(record) }
        if node.losesUploadAnswer {
            node.losesUploadAnswer = false
            throw Problem(.busy)
        }
        return UploadProgress(
            offset: Int64(held.count), isComplete: Int64(held.count) == query["length"]
        ).body
    }
}
