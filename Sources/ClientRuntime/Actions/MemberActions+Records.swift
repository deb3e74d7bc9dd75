package import ClientStore
import Crypto
import Foundation
package import HealthRecords
package import LedgerCore
import NodeAPI
package import Screens
package import SyncCore

/// What a contribution hands over.
package struct ContributionReceipt: Equatable, Sendable {
    /// The entry that was queued.
    package let entry: Hash
    /// How many rows leave this machine.
    package let rows: Int
    /// How many rows were left out because their date is outside what the project collects.
    package let outside: Int
    /// What was taken out of the rows that leave, and how often.
    package let removed: [RemovedPart: Int]
}

/// Why a record cannot be handed over, where no rule of the ledger says so.
package enum RecordProblem: Error, Equatable, CustomStringConvertible, Sendable {
    /// It is not on this machine.
    case missing(Int64)
    /// No row is left to hand over.
    case nothingLeft
    /// Other rows would leave than those that were shown.
    case notAsShown
    /// What would leave is longer than a node takes.
    case tooLarge(bytes: Int64)

    /// What to tell the person.
    package var description: String {
        switch self {
        case .missing(let id): "there is no record \(id) on this machine"
        case .nothingLeft: "no row is left that the project collects"
        case .notAsShown:
            "other rows would leave than those that were shown: nothing was handed over"
        case .tooLarge(let bytes):
            "\(bytes >> 20) MiB would leave, and a node takes \(NodeLimits.recordBytes >> 20) MiB:"
                + " strike some rows"
        }
    }
}

extension MemberActions {
    // MARK: Records on this machine

    /// Opens the sealed rows of a record.
    package func rows(of record: LocalRecord) throws -> RowFile {
        try RowFile(path: store.sealedPath(record.sealed), keys: keys)
    }

    /// Returns a record, or says that it is missing.
    package func record(_ id: Int64) throws -> LocalRecord {
        guard let record = try store.record(id) else { throw RecordProblem.missing(id) }
        return record
    }

    /// Deletes a record from this machine.
    package func erase(_ id: Int64) throws {
        _ = try record(id)
        try store.deleteRecord(id)
    }

    // MARK: Contributing

    /// Hands a record to a project: chosen, committed to, sealed, stored, stated, in this order.
    ///
    /// Rows that are struck, and rows from outside the dates the project collects, never leave
    /// memory. Where rows were shown as staying because of their date, it is refused unless they are
    /// the very same now.
    ///
    /// - Parameters:
    ///   - draft: Which rows of which record go where.
    ///   - goesOn: Asked from time to time, with how many of the rows were looked at; `false` ends
    ///     it, and nothing of it stays.
    /// - Returns: What was handed over.
    /// - Throws: `ActionRefusal`, `RecordProblem`, `StoreFailure`, `CancellationError`.
    package func contribute(
        _ draft: ContributionDraft,
        goesOn: (_ done: Int64, _ total: Int64) -> Bool = { _, _ in true }
    ) throws -> ContributionReceipt {
        let detail = try project(draft.project)
        let terms = detail.terms
        guard !detail.isClosed else { throw ActionRefusal(.projectClosed) }
        try checkAuthority(terms)
        try checkTakesPart(detail)
        let standing = detail.authorization?.state
        guard standing != .withdrawn, standing != .invalidated else {
            throw ActionRefusal(.noAuthorization)
        }
        let record = try record(draft.record)
        guard terms.kinds.contains(where: { $0.kind == record.kind }) else {
            throw ActionRefusal(.kindNotAsked)
        }
        let file = try rows(of: record)
        let struck = RowSet(draft.struck, capacity: file.rowCount)
        let window = terms.collectionFrom.milliseconds...terms.collectionUntil.milliseconds
        var outside = 0
        var isAsShown = true
        let key = DataKey(randomBytes: random.bytes)
        let path = store.sealedPath(Hash.zero) + "-" + Hex.encode(random.bytes(8))
        var handOver = try HandOver(file, to: path, key: key, random: random)
        try handOver.write(
            where: { row, time in
                guard !struck.contains(row) else { return false }
                let isInside = time.map(window.contains) ?? true
                if let shown = draft.outside, shown.contains(row) == isInside {
                    isAsShown = false
                }
                if !isInside { outside += 1 }
                return isInside
            }, goesOn: { goesOn(Int64($0), Int64(file.rowCount)) })
        guard isAsShown else { throw RecordProblem.notAsShown }
        // Whoever ended it while the last page was sealed did so before anything was signed.
        guard goesOn(Int64(file.rowCount), Int64(file.rowCount)) else { throw CancellationError() }
        guard let given = try handOver.finish(path: store.sealedPath) else {
            throw RecordProblem.nothingLeft
        }
        guard given.sizeBytes <= NodeLimits.recordBytes else {
            unlink(store.sealedPath(given.address))
            throw RecordProblem.tooLarge(bytes: given.sizeBytes)
        }
        try KeptKey(key: key, record: record.id, sizeBytes: given.sizeBytes).write(
            for: given.address, in: self)
        let statement = RecordContributed(
            project: draft.project, record: given.address, commitment: given.commitment,
            kind: record.kind, rows: Int64(given.rowCount),
            from: given.firstMilliseconds.map(Timestamp.init(milliseconds:))
                ?? terms.collectionFrom,
            until: given.lastMilliseconds.map(Timestamp.init(milliseconds:))
                ?? terms.collectionUntil,
            sizeBytes: given.sizeBytes)
        let entry = try queue(
            .recordContributed(statement), after: pendingSignUp(draft.project), seen: terms.hash)
        try store.enqueueUpload(
            sealed: given.address, contribution: entry, record: record.id,
            sizeBytes: given.sizeBytes,
            wraps: WrapUpload([]).body, at: clock.now)
        try handOverKeys(of: draft.project)
        return ContributionReceipt(
            entry: entry, rows: given.rowCount, outside: outside, removed: given.removed)
    }

    // MARK: Keys for recipients

    /// Puts the wrapped keys of everything contributed to a project on their way, where an
    /// authorization is in force or on its way.
    ///
    /// Doing it again is harmless; what was handed over under the same grant stays as it is.
    ///
    /// - Returns: The contributions whose keys do not open any more: they keep none of the others
    ///   back.
    @discardableResult
    package func handOverKeys(of id: ProjectID) throws -> [ContributionLine] {
        let detail = try project(id)
        guard let line = detail.authorization, allows(line) else { return [] }
        let grant = try store.latestDecision(for: line.id)
        var recipients: [(AccountID, Curve25519.KeyAgreement.PublicKey)] = []
        for recipient in line.grant.recipients {
            guard let wrapping = try store.institutionKeys(recipient)?.wrapping else { continue }
            recipients.append((recipient, try .init(rawRepresentation: wrapping)))
        }
        // Keys of kinds that were not granted stay here.
        let kinds = (line.pending?.grant ?? line.grant).kinds
        let contributions = Dictionary(
            detail.contributions.filter { kinds.contains($0.kind) }.map { ($0.entry, $0) }
        ) { $1 }
        var closed: [ContributionLine] = []
        for upload in try store.uploads() {
            guard let contribution = contributions[upload.contribution] else { continue }
            var kept: KeptKey
            switch try KeptKey.find(for: upload.record, in: self) {
            case .missing: continue
            case .damaged:
                closed.append(contribution)
                continue
            case .open(let key): kept = key
            }
            guard kept.grant != grant else { continue }
            let wraps = try recipients.map { recipient, publicKey in
                WrappedKey(
                    authorization: line.id, recipient: recipient,
                    wrapped: try KeyWrap.wrap(
                        kept.key, for: publicKey, authorization: grant, record: upload.record))
            }
            try store.enqueueUpload(
                sealed: upload.record, contribution: upload.contribution, record: kept.record,
                sizeBytes: upload.sizeBytes, wraps: WrapUpload(wraps, for: grant).kept,
                at: clock.now)
            kept.grant = grant
            try kept.write(for: upload.record, in: self)
        }
        return closed
    }

    /// The contributions that a grant covers and whose keys are not on this machine: the device that
    /// has them wraps them once it sees the grant.
    func keptElsewhere(_ draft: AuthorizationDraft) throws -> [ContributionLine] {
        let here = Set(try store.uploads().map(\.contribution))
        let erased = try store.erasedContributions()
        return try project(draft.project).contributions.filter { line in
            guard draft.kinds.contains(line.kind), !here.contains(line.entry),
                !erased.contains(line.entry)
            else { return false }
            if case .rejected = line.review { return false }
            return true
        }
    }

    /// What another device of the account gets; of very many contributions the newest.
    ///
    /// A key that does not open any more is left out.
    func handedKeys() throws -> HandedKeys {
        let items = try store.uploads().reversed().prefix(HandedKeys.limit).compactMap { upload in
            try KeptKey.read(for: upload.record, in: self).map {
                HandedKeys.Item(
                    record: upload.record, contribution: upload.contribution, key: $0.key,
                    sizeBytes: upload.sizeBytes)
            }
        }
        return HandedKeys(
            storage: keys.storageBytes, policy: try store.witnessPolicy(), items: Array(items))
    }

    /// Keeps the data keys that another device of the account handed over, in place of those that do
    /// not open any more, too.
    func adopt(_ items: [HandedKeys.Item]) throws {
        for item in items where try KeptKey.read(for: item.record, in: self) == nil {
            try KeptKey(key: item.key, record: 0, sizeBytes: item.sizeBytes).write(
                for: item.record, in: self)
            try store.adoptUpload(
                sealed: item.record, contribution: item.contribution, sizeBytes: item.sizeBytes,
                at: clock.now)
        }
    }

    /// Whether data may flow to a project once everything on its way has arrived.
    func allowsUse(of project: ProjectID) throws -> Bool {
        try store.authorizations(at: clock.now).contains { $0.project == project && allows($0) }
    }

    /// Signs with this device what an import brought to stop use and the node cannot take any more
    /// as another device signed it.
    private func decideStrandedAnew() throws {
        for entry in try store.strandedStops() {
            _ = try stopAnew(entry.payload().body)
            try store.forgetStranded(entry.id)
        }
    }

    /// Signs with this device what another one signed to stop use.
    ///
    /// - Returns: The entry; `nil` if there is nothing left to stop, or it stops nothing.
    func stopAnew(_ body: EntryBody) throws -> Hash? {
        do {
            switch body {
            case .authorizationRevoked(let revoked): return try revoke(revoked)
            case .authorizationPaused(let subject): return try pause(subject)
            case .signupLeft(let project): return try leave(project)
            default: return nil
            }
        } catch is ActionRefusal {
            return nil
        }
    }

    /// Whether data may flow under an authorization once everything on its way has arrived.
    private func allows(_ line: AuthorizationLine) -> Bool {
        switch line.pending?.kind {
        case .authorizationGranted?, .authorizationResumed?: true
        case .authorizationRevoked?, .signupLeft?: false
        default: line.state == .active || line.state == .paused || line.state == .reconsentDue
        }
    }

    /// Completes what a crash cut short: contributions without their upload.
    ///
    /// Grants without keys get theirs after the first verified round: another device may have signed
    /// a newer one.
    package func mend() throws {
        // What stops use comes first: nothing that fails keeps it back.
        try decideStrandedAnew()
        try store.destroyErased()
        let queued = Set(try store.uploads().map(\.contribution))
        for item in try store.undecided(limit: 10_000) + store.promised() {
            guard case .recordContributed(let stated) = try item.entry.payload().body,
                !queued.contains(item.entry.id),
                let kept = try KeptKey.read(for: stated.record, in: self)
            else { continue }
            try store.enqueueUpload(
                sealed: stated.record, contribution: item.entry.id, record: kept.record,
                sizeBytes: kept.sizeBytes, wraps: WrapUpload([]).body, at: clock.now)
        }
    }

    /// What says which keys have to be wrapped.
    struct WrappingNeeds: Equatable, Sendable {
        /// What each authorization in force, or on its way, rests on.
        fileprivate let grants: [AuthorizationID: Hash]
        /// A hash of the wrapped keys of what was contributed.
        fileprivate let wraps: [Hash: Hash]
    }

    /// As long as this is the same there is nothing to hand over.
    func wrappingNeeds() throws -> WrappingNeeds {
        var grants: [AuthorizationID: Hash] = [:]
        for line in try store.authorizations(at: clock.now) where allows(line) {
            grants[line.id] = try store.latestDecision(for: line.id)
        }
        let wraps = try store.uploads().map { ($0.contribution, Hash.of($0.wraps)) }
        return WrappingNeeds(grants: grants, wraps: Dictionary(wraps) { $1 })
    }

    /// Puts the wrapped keys of everything contributed on their way, as `handOverKeys(of:)` does.
    ///
    /// - Returns: The contributions whose keys do not open any more.
    func handOverKeys() throws -> [ContributionLine] {
        try Set(store.authorizations(at: clock.now).map(\.project)).sorted()
            .flatMap { try handOverKeys(of: $0) }
    }
}

extension MemberActions {
    // MARK: Keys that are taken along

    /// Returns the data key of what was handed over as it is kept: sealed under the storage key;
    /// `nil` if there is none.
    func sealedKey(of address: Hash) -> [UInt8]? {
        FileManager.default.contents(atPath: KeptKey.path(address, self)).map { [UInt8]($0) }
    }

    /// Keeps a data key that was taken along, for a record of this machine.
    ///
    /// - Returns: Whether this vault opens it, and the file that was written, if one was.
    func keep(sealedKey: [UInt8], of address: Hash, record: Int64) throws -> (
        isOpen: Bool, path: String?
    ) {
        let path = KeptKey.path(address, self)
        var kept: KeptKey
        do {
            kept = try KeptKey(sealed: sealedKey, for: address, in: self)
        } catch VaultError.damaged {
            return (false, nil)
        }
        let known = try KeptKey.read(for: address, in: self)
        // One that another device handed over is of no record yet.
        if let known, known.record != 0 { return (true, nil) }
        if kept.record == record {
            try HomeFolders.writePrivate(sealedKey, to: URL(filePath: path))
        } else {
            kept.record = record
            try kept.write(for: address, in: self)
        }
        return (true, known == nil ? path : nil)
    }
}

/// The data key of a sealed record, kept beside it under the storage key: a later grant wraps it.
private struct KeptKey {
    let key: DataKey
    /// The record it was made from.
    var record: Int64
    let sizeBytes: Int64
    /// The grant it was wrapped for last.
    var grant = Hash.zero

    init(key: DataKey, record: Int64, sizeBytes: Int64) {
        self.key = key
        self.record = record
        self.sizeBytes = sizeBytes
    }

    /// What is kept for a sealed record.
    enum Found {
        case missing
        /// It was changed, or another vault sealed it: it is as good as none.
        case damaged
        case open(KeptKey)
    }

    static func find(for address: Hash, in actions: MemberActions) throws -> Found {
        guard let content = actions.sealedKey(of: address) else { return .missing }
        do {
            return .open(try KeptKey(sealed: content, for: address, in: actions))
        } catch VaultError.damaged {
            return .damaged
        }
    }

    /// Returns the key of a sealed record; `nil` if there is none that opens.
    static func read(for address: Hash, in actions: MemberActions) throws -> KeptKey? {
        guard case .open(let kept) = try find(for: address, in: actions) else { return nil }
        return kept
    }

    /// Opens a key as it is kept.
    ///
    /// - Throws: `VaultError.damaged` if another vault sealed it, or it was changed.
    init(sealed: [UInt8], for address: Hash, in actions: MemberActions) throws {
        let bytes = try actions.keys.open(sealed, label: KeptKey.label(address))
        let json = try JSONValue(canonical: bytes)
        guard let keyBytes = json["key"]?.string.flatMap({ Base64.url.decode($0) }),
            let key = DataKey(bytes: keyBytes),
            let record = json["record"]?.integer, let size = json["size"]?.integer,
            let grant = json["grant"]?.string.flatMap({ Hash(hex: $0) })
        else { throw VaultError.damaged }
        self.init(key: key, record: record, sizeBytes: size)
        self.grant = grant
    }

    func write(for address: Hash, in actions: MemberActions) throws {
        let json = JSONValue.sorted([
            .init("grant", .string(grant.hex)),
            .init("key", .string(Base64.url.encode(key.bytes))), .init("record", .integer(record)),
            .init("size", .integer(sizeBytes)),
        ])
        let sealed = try actions.keys.seal(json.canonicalBytes, label: KeptKey.label(address))
        try HomeFolders.writePrivate(sealed, to: URL(filePath: KeptKey.path(address, actions)))
    }

    static func path(_ address: Hash, _ actions: MemberActions) -> String {
        actions.store.sealedPath(address) + ".key"
    }

    private static func label(_ address: Hash) -> String { "accord/data-key/v1 \(address.hex)" }
}
