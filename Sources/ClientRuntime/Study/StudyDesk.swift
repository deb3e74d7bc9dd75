import Foundation
package import HealthRecords
package import LedgerCore
package import NodeAPI
package import Screens
import SyncCore

/// The data user's side: publishes projects, reviews contributions, uses records.
///
/// It signs with the institution's own key and reads what its projects' entries say. Each use is
/// asked for, never assumed: the node decides it in the transaction that logs it.
package final class StudyDesk {
    /// The institution's account.
    package let account: AccountID

    let keys: VaultKeys
    let gateway: NodeGateway
    let log: StudyLog
    /// The keys of the devices that are known: its own, and those the catalogue introduces.
    var known = EntryKeys()
    /// Whether the catalogue was read.
    var hasCatalogue = false
    let bookFile: URL
    private let folder: URL
    private let clock: RuntimeClock
    private let seenFile: URL
    var book: StudyBook
    /// What was refused, and nobody was told.
    var untold: [(entry: Hash, body: EntryBody, refusal: Refusal)] = []
    /// Tells that another program of the institution has the turn to sign for a while.
    package var onWait: () -> Void = {}
    private let policy: WitnessPolicy?
    private var seen: SeenRows?

    /// Opens the desk of the institution whose vault is open.
    package init(keys: VaultKeys, gateway: NodeGateway, folders: HomeFolders, clock: RuntimeClock)
        throws
    {
        self.keys = keys
        self.gateway = gateway
        self.clock = clock
        folder = folders.data
        bookFile = folder.appending(path: "study.json")
        seenFile = folders.data.appending(path: "seen-rows")
        book = try StudyBook(file: bookFile)
        log = StudyLog(
            gateway: gateway, file: folders.data.appending(path: "seen-ledger.json"))
        policy = try Self.witnessPolicy(in: folders)
        account = AccountID(firstDevice: keys.device)
        known.add(keys.publicKeys)
    }

    // MARK: Stating

    /// Signs statements, stores them, sends them, and returns what the node decided about each.
    ///
    /// - Throws: `NodeUnreachable` when the node gives no verdict; the entries stay stored and are
    ///   sent again before the next ones, and stand for the same statements then. `StudyTurnTaken`
    ///   where another program keeps sending: nothing is stored then.
    @discardableResult
    package func state(_ statements: [(AccountID, EntryBody)]) async throws -> [Verdict] {
        try await enter(statements).map(\.verdict)
    }

    /// An entry, and what the node decided about it.
    package typealias Decided = (entry: Hash, verdict: Verdict)

    /// States things as `state` does, and returns the entry of each, too.
    package func enter(_ statements: [(AccountID, EntryBody)]) async throws -> [Decided] {
        let turn = try await StudyTurn.take(in: folder, onWait)
        defer { withExtendedLifetime(turn) {} }
        // Another program of the institution may have signed since.
        book = try StudyBook(file: bookFile)
        // What was signed and never answered is not signed once more: who was told that the node did
        // not answer asks for the same again.
        var unanswered = try book.pending.map { (id: $0.id, payload: try $0.payload()) }
        let answered = try await flush()
        var decided: [Decided?] = statements.map { account, body in
            let place = unanswered.firstIndex {
                $0.payload.account == account && $0.payload.body == body
            }
            guard let place else { return nil }
            return answered[unanswered.remove(at: place).id]
        }
        let origin = try await log.key().name
        var rest = decided.indices.filter { decided[$0] == nil }[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(NodeLimits.submissionCount / 2))
            rest = rest.dropFirst(batch.count)
            let entries = try book.sign(
                batch.map { statements[$0] }, with: keys, origin: origin, at: clock.now)
            try book.write(to: bookFile)
            let verdicts = try await flush()
            for (place, entry) in zip(batch, entries) { decided[place] = verdicts[entry.id] }
        }
        let answers = decided.compactMap { $0 }
        let told = Set(answers.map(\.entry))
        untold.removeAll { told.contains($0.entry) }
        return answers
    }

    /// What the node refused of what was stored before, and nobody asked about since: each is handed
    /// out once.
    package func takeRefused() -> [(body: EntryBody, refusal: Refusal)] {
        defer { untold = [] }
        return untold.map { (body: $0.body, refusal: $0.refusal) }
    }

    /// Sends what was stored and not decided.
    ///
    /// What the node cannot take under its number is put in its place, once: a node that says now
    /// this and now that is not asked in a loop.
    ///
    /// - Returns: What was decided, by the id under which it was stored before this.
    private func flush() async throws -> [Hash: Decided] {
        var decided = [Hash: Decided]()
        // What was signed anew, by the id it has now.
        var former = [Hash: Hash]()
        var attempts = 0
        var mayRenumber = true
        while !book.pending.isEmpty {
            let batch = Array(book.pending.prefix(NodeLimits.submissionCount))
            let answer = try VerdictList(
                body: try await gateway.send(.submit(EntrySubmission(batch))))
            let isOutOfPlace = mayRenumber && StudyDesk.isOutOfPlace(answer.verdicts)
            var settled = Set<Hash>()
            for (entry, verdict) in zip(batch, answer.verdicts) {
                if case .retry = verdict { continue }
                try await check(verdict, of: entry)
                if isOutOfPlace, verdict.isOfNumber { continue }
                settled.insert(entry.id)
                if case .rejected(let refusal) = verdict {
                    untold.append((entry.id, try entry.payload().body, refusal))
                }
                decided[former[entry.id] ?? entry.id] = (entry: entry.id, verdict: verdict)
            }
            book.settle(settled)
            try book.write(to: bookFile)
            if isOutOfPlace {
                mayRenumber = false
                let placed = try await renumber()
                decided.merge(placed.decided) { $1 }
                former = placed.former
                continue
            }
            guard settled.isEmpty else { continue }
            attempts += 1
            guard attempts < 20 else { throw NodeUnreachable("it keeps asking to try again") }
            // Jitter: many that were told so at once do not come back at once.
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...100 * attempts)))
        }
        return decided
    }

    /// The node's time, as it says itself.
    package func nodeTime() async throws -> Timestamp { try await gateway.log().time }

    // MARK: Reading

    /// Reads the entries of a project that follow `index`, all pages of them.
    package func entries(of project: ProjectID, after index: LeafIndex?) async throws
        -> [StudyEntry]
    {
        try await pages(after: index) { .projectPage(project, after: $0, at: $1) }
    }

    /// Reads the entries that follow `index` about every project the institution may read.
    package func entries(after index: LeafIndex?) async throws -> [StudyEntry] {
        try await pages(after: index) { .projectsPage(after: $0, at: $1) }
    }

    private func pages(
        after index: LeafIndex?, _ call: (_ after: LeafIndex?, _ size: Int64?) -> NodeCall
    ) async throws -> [StudyEntry] {
        var entries = [StudyEntry]()
        var strangers = [Entry]()
        var last = index
        if !hasCatalogue { _ = try await catalogue() }
        let confirmed = try await confirmed()
        while true {
            let page = try EntryPage(
                body: try await gateway.send(call(last, confirmed.map { Int64($0.size) })))
            let checkpoint = try await pinned(page, to: confirmed).checkpoint
            for paged in page.entries {
                let entry = Entry(bytes: paged.entry)
                let payload = try await verified(entry)
                if !payload.body.kind.isOfMembers, known[payload.device] == nil {
                    strangers.append(entry)
                }
                guard last.map({ $0 < paged.index }) ?? true else {
                    throw StudyDoubt(.outOfOrder)
                }
                guard let envelope = EntryEnvelope(bytes: paged.envelope) else {
                    throw StudyDoubt(
                        "entry #\(paged.index) has no envelope", "条目 #\(paged.index) 没有信封")
                }
                let leaf = MerkleTree.leafHash(
                    envelope.leafData(entry: entry.id, salt: paged.salt))
                do {
                    try paged.inclusion(treeSize: checkpoint.size).verify(
                        leafHash: leaf, root: checkpoint.root)
                } catch {
                    throw StudyDoubt(.notIncluded)
                }
                entries.append(
                    StudyEntry(
                        id: entry.id, index: paged.index, at: envelope.time, payload: payload))
                last = paged.index
            }
            if page.entries.count < NodeLimits.pageCount {
                try await verify(strangers)
                try log.keep()
                return entries
            }
        }
    }

    /// The checkpoint of a page: signed, going on from the one before, and the confirmed one.
    func pinned(_ page: EntryPage, to confirmed: Checkpoint?) async throws -> VerifiedCheckpoint {
        let pinned = try await log.verified(page.checkpoint)
        guard confirmed == nil || pinned.checkpoint == confirmed else { throw StudyDoubt(.fork) }
        return pinned
    }

    /// The newest checkpoint, where witnesses have to confirm it; `nil` where nobody needs to.
    func confirmed() async throws -> Checkpoint? {
        guard let policy, !policy.needsNobody else { return nil }
        let logKey = try await log.key()
        guard policy.covers(logKey) else {
            throw StudyDoubt(
                "the log is not the one the witnesses look after", "该账本不是见证方所见证的账本")
        }
        let note = try SignedNote(parsing: try await gateway.send(.checkpoint))
        // A wrong cosignature is none: anybody on the way could have added it.
        guard
            let verified = try? VerifiedCheckpoint(
                note: note, logKey: logKey, witnesses: policy.witnesses.map(\.key),
                origin: logKey.name),
            policy.satisfiedSeconds(by: verified.cosignatures) != nil
        else { throw NodeUnreachable(.unconfirmed) }
        return verified.checkpoint
    }

    /// Waits until the ledger is larger than `size`, and returns its size then; `size` itself if
    /// nothing happened for so many seconds.
    package func waitForChanges(since size: Int64, seconds: Int64) async throws -> Int64 {
        let body = try await gateway.send(
            .changes(since: size, waitSeconds: seconds), deadline: SyncLimits.pollDeadline)
        // No body says: no news.
        return body.isEmpty ? size : try ChangeNotice(body: body).size
    }

    // MARK: Using

    /// Asks for records of a member, and opens what is allowed.
    ///
    /// What to ask for is parted as `batches` does it; no contributions ask for whatever is allowed.
    ///
    /// - Throws: `Problem` with its denial, `NodeUnreachable`.
    package func use(
        _ project: ProjectID, of subject: AccountID, for purpose: UsePurpose,
        contributions: [Hash: RecordContributed]
    ) async throws -> StudyUse {
        let query = UseQuery(
            project: project, subject: subject, purpose: purpose,
            contributions: contributions.keys.sorted())
        let seen = log.size
        let grant = try UseGrant(body: try await gateway.send(.use(query)))
        let use = Entry(bytes: grant.entry)
        let allowed = try await checked(
            grant, for: query, after: seen, statements: contributions)
        var records = [StudyRecord]()
        for record in grant.records {
            let opened = try await open(
                record, grant: allowed.grant, use: use.id,
                statement: contributions[record.contribution])
            records.append(opened)
        }
        return StudyUse(
            entry: use.id, index: grant.acceptance.index, grant: allowed.grant, records: records)
    }

    /// Parts contributions so that one use can name each part and the memory hold it: in their
    /// order, as many as an entry may list, and 64 MiB unless one alone is larger.
    package static func batches(
        of contributions: [(entry: Hash, statement: RecordContributed)]
    ) -> [[Hash: RecordContributed]] {
        var batches: [[Hash: RecordContributed]] = []
        var room: Int64 = 0
        for (entry, statement) in contributions {
            let isFull = batches.last.map { $0.count >= EntryLimits.listCount } ?? true
            if isFull || statement.sizeBytes > room {
                batches.append([:])
                room = 64 << 20
            }
            batches[batches.count - 1][entry] = statement
            room -= statement.sizeBytes
        }
        return batches
    }

    private func open(
        _ record: UsableRecord, grant: Hash, use: Hash, statement: RecordContributed?
    ) async throws -> StudyRecord {
        let bytes = try await gateway.send(.record(record.record, use: use))
        func result(_ content: Result<[UInt8], StudyRecord.Defect>) -> StudyRecord {
            StudyRecord(
                contribution: record.contribution, kind: record.kind, address: record.record,
                content: content)
        }
        let sealed = SealedRecord(bytes: bytes)
        guard sealed.address == record.record else { return result(.failure(.damaged)) }
        let plaintext: [UInt8]
        do {
            let key = try KeyWrap.unwrap(
                record.wrapped, with: keys.wrapping, authorization: grant, record: record.record)
            plaintext = try sealed.open(with: key)
        } catch {
            return result(.failure(.keyDoesNotFit))
        }
        guard let content = ContributionContent(bytes: plaintext) else {
            return result(.failure(.damaged))
        }
        if let statement, content.commitment != statement.commitment {
            return result(.failure(.commitmentDiffers))
        }
        return result(.success(content.bundle))
    }
}

extension StudyDesk {
    /// Whose cosignatures an institution asks for before it believes a page; `nil` for nobody's.
    ///
    /// - Throws: `WitnessPolicyError`, where the file was changed by hand.
    package static func witnessPolicy(in folders: HomeFolders) throws -> WitnessPolicy? {
        let place = policyFile(folders).path(percentEncoded: false)
        return try FileManager.default.contents(atPath: place).map {
            try WitnessPolicy(parsing: [UInt8]($0))
        }
    }

    /// Asks for the cosignatures of a policy from now on; `nil` for nobody's.
    package static func setWitnessPolicy(_ policy: WitnessPolicy?, in folders: HomeFolders) throws {
        let file = policyFile(folders)
        if let policy { return try HomeFolders.writePrivate(policy.bytes, to: file) }
        guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else {
            return
        }
        try FileManager.default.removeItem(at: file)
    }

    private static func policyFile(_ folders: HomeFolders) -> URL {
        folders.data.appending(path: "witnesses")
    }

    /// Whether nobody handed the same rows to the project in another contribution before; what was
    /// asked about once is remembered.
    package func isFirst(_ rows: RowCollector, of contribution: Hash, in project: ProjectID) throws
        -> Bool
    {
        let seen = try self.seen ?? SeenRows(file: seenFile)
        self.seen = seen
        return try seen.note(
            SeenRows.fingerprint(of: rows, in: project, key: keys.storage),
            contribution: contribution)
    }
}

/// Something the node says cannot be true: a study team stops then.
package struct StudyDoubt: Error, CustomStringConvertible, Sendable {
    /// What it is.
    package let what: Bilingual

    init(_ english: String, _ chinese: String) { what = Bilingual(english, chinese) }

    init(_ alarm: Alarm) { what = alarm.explained }

    /// What it is, for logs.
    package var description: String { what.english }
}

/// One entry of a project, as a study team reads it.
package struct StudyEntry: Equatable, Sendable {
    /// Its id.
    package let id: Hash
    /// Its index.
    package let index: LeafIndex
    /// When the node recorded it.
    package let at: Timestamp
    /// What it states.
    package let payload: EntryPayload
}

/// An allowed use, and what it gave.
package struct StudyUse: Sendable {
    /// The entry that logs it.
    package let entry: Hash
    /// Its index.
    package let index: LeafIndex
    /// The grant that allowed it.
    package let grant: Hash
    /// The records read.
    package let records: [StudyRecord]
}

/// One record a study team read.
package struct StudyRecord: Sendable {
    /// The contribution it came with.
    package let contribution: Hash
    /// Its kind.
    package let kind: RecordKind
    /// Its address.
    package let address: Hash
    /// The FHIR bundle, or why it cannot be read.
    package let content: Result<[UInt8], Defect>

    /// Why a record cannot be read.
    package enum Defect: String, Error, Sendable {
        /// The ciphertext is not what its address says.
        case damaged = "the record is damaged"
        /// The wrapped key does not open it.
        case keyDoesNotFit = "the key does not fit"
        /// What it holds is not what was committed to.
        case commitmentDiffers = "the content is not what was committed to"
    }
}
