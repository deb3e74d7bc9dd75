internal import LedgerCore
internal import NodeAPI
internal import SyncCore

/// What of a damaged store is worth keeping: what was signed or pinned, what only it knows.
///
/// Everything the ledger has comes back from the node. What can prove itself has to: entries by
/// their signature, the log's key by its name, checkpoints and refusals by the log. The rest is kept
/// if it has the form of its table.
struct Salvage {
    typealias Value = DamagedFile.Value

    /// A signed entry of the outbox.
    struct Waiting {
        let entry: Entry
        let payload: EntryPayload
        let attempts: Int64
        let queuedAt: Int64
        /// The place the node promised, with the proof that names it.
        let promise: (index: LeafIndex, receipt: [UInt8])?
        let isDisputed: Bool

        /// Whether it takes back what the person allowed: sent once too often it does no harm.
        var isProtective: Bool {
            switch payload.body {
            case .authorizationRevoked, .authorizationPaused, .signupLeft: true
            default: false
            }
        }
    }

    /// A row to be put back as it is.
    struct Kept {
        let sql: String
        let values: [Value]
    }

    /// What is pinned; `nil` if the key of the log cannot be read.
    private(set) var enrolment: Enrolment?
    /// The version of the tables, 0 if it cannot be read.
    private(set) var version: Int64 = 0
    /// Whose cosignatures the person asks for.
    private(set) var witnessPolicy: WitnessPolicy?
    /// Whether witnesses were asked for, and it cannot be read which.
    private(set) var areWitnessesLost = false
    /// Texts of `meta` that are put back.
    private(set) var settings: [MetaKey: String] = [:]
    /// What was signed and not proven, by device and number.
    private(set) var waiting: [Waiting] = []
    /// The last entry that was found of each device.
    private(set) var cursors: [DeviceID: (sequence: Int64, last: Hash)] = [:]
    /// Entries that may have been taken back: they are not sent.
    private(set) var doubtfulCount = 0
    /// Numbers of this device that nothing was found of.
    private(set) var missingCount = 0
    /// Records of this machine.
    private(set) var records: [Kept] = []
    /// Drafts, filters, uploads and the like.
    private(set) var wishes: [Kept] = []
    /// What the log refused, and its verified checkpoints.
    private(set) var receipts: [Kept] = []

    private var keys: EntryKeys
    private let ownKeys: DeviceKeys?

    /// Reads what is left.
    ///
    /// - Parameters:
    ///   - file: The damaged file.
    ///   - keys: The public keys of this machine's vault, or `nil` where there is none.
    ///   - hasSealed: Whether the sealed rows with this name are on the disk.
    init(_ file: DamagedFile, keys: DeviceKeys?, hasSealed: (Hash) -> Bool) {
        ownKeys = keys
        self.keys = keys.map { EntryKeys(signing: $0.signing) } ?? EntryKeys()
        var rows = Rows()
        file.forEachRow { rows.sort($0) }
        version = rows.version ?? 0
        for statement in rows.statements { learn(statement.jws) }
        pin(rows)
        keepWitnesses(rows)
        keepWaiting(rows)
        keepRefusals(rows)
        keepCheckpoints(rows)
        for row in rows.records {
            guard let sealed = row.values[8].blob.flatMap({ Hash(bytes: $0) }), hasSealed(sealed)
            else { continue }
            records.append(
                Kept(
                    sql: "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    values: [.integer(row.number ?? 0)] + row.values.dropFirst()))
        }
        wishes = rows.wishes
    }

    /// Devices bring their own keys: an id is the hash of its key.
    private mutating func learn(_ jws: [UInt8]) {
        // What is no entry introduces nobody.
        guard let payload = try? Entry(bytes: jws).payload() else { return }
        keys.learn(from: payload)
    }

    private mutating func pin(_ rows: Rows) {
        for key in [MetaKey.frozenReason, .evidencePath, .pendingEnrolment] {
            if let text = rows.settings[key.rawValue]?.text { settings[key] = text }
        }
        guard let text = rows.settings[MetaKey.logKey.rawValue]?.text,
            // A key that names itself wrongly was damaged.
            let logKey = try? VerifierKey(parsing: text)
        else { return }
        func stated(_ key: MetaKey) -> String? { rows.settings[key.rawValue]?.text }
        let device = ownKeys?.device ?? stated(.device).flatMap { DeviceID($0) }
        let signed = rows.waiting.lazy.compactMap { try? Entry(bytes: $0.jws).payload() }
            .first { $0.device == device }
        let account = signed?.account ?? stated(.account).flatMap { AccountID($0) }
        guard let device, let account else { return }
        enrolment = Enrolment(
            origin: logKey.name, logKey: logKey, nodeURL: stated(.nodeURL) ?? "", device: device,
            account: account)
    }

    private mutating func keepWitnesses(_ rows: Rows) {
        let stated = rows.settings[MetaKey.witnessPolicy.rawValue]?.blob
        // One that cannot be read any more was damaged.
        witnessPolicy = stated.flatMap { try? WitnessPolicy(parsing: $0) }
        let areAskedFor =
            stated != nil || rows.settings[MetaKey.needsWitnesses.rawValue]?.integer == 1
        areWitnessesLost = areAskedFor && witnessPolicy == nil
    }

    // MARK: What was signed

    private mutating func keepWaiting(_ rows: Rows) {
        var found: [DeviceID: [Int64: [Waiting]]] = [:]
        var strangers: Set<Hash> = []
        for row in rows.waiting {
            guard let waiting = verified(row) else {
                // Numbers of this device that are missing are counted below.
                let entry = Entry(bytes: row.jws)
                if let payload = try? entry.payload(), !isOwn(payload.device) {
                    strangers.insert(entry.id)
                }
                continue
            }
            let (device, sequence) = (waiting.payload.device, waiting.payload.sequence)
            let known = found[device]?[sequence]?.contains { $0.entry == waiting.entry } ?? false
            if !known { found[device, default: [:]][sequence, default: []].append(waiting) }
        }
        var known: [DeviceID: [Int64: Hash]] = [:]
        var seen: [DeviceID: Set<Int64>] = [:]
        for statement in rows.statements {
            let entry = Entry(bytes: statement.jws)
            guard let payload = try? entry.payload(), isOwn(payload.device) else { continue }
            seen[payload.device, default: []].insert(payload.sequence)
            guard statement.hasNumber else { continue }
            known[payload.device, default: [:]][payload.sequence] = entry.id
        }
        for device in found.keys.sorted() {
            let stated = rows.cursors[device.text]
            for (sequence, copies) in (found[device] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let followers = (found[device]?[sequence + 1] ?? []).map(\.payload.previous)
                let confirmed = Set(followers + (stated.map { [$0.last] } ?? []))
                let best = copies.first { confirmed.contains($0.entry.id) } ?? copies[0]
                guard isSure(best, confirmed, stated) else {
                    doubtfulCount += 1
                    continue
                }
                waiting.append(best)
                known[device, default: [:]][sequence] = best.entry.id
                seen[device, default: []].insert(sequence)
            }
        }
        missingCount = strangers.count
        for device in Set([ownKeys?.device, enrolment?.device].compactMap(\.self)) {
            let entries = known[device] ?? [:]
            if let last = entries.max(by: { $0.key < $1.key }) {
                cursors[device] = (last.key, last.value)
            }
            let end = max(entries.keys.max() ?? 0, rows.cursors[device.text]?.sequence ?? 0)
            let found = seen[device]?.count { $0 <= end } ?? 0
            missingCount += Int(clamping: end) - found
        }
    }

    /// Whether an entry certainly was not taken back; one that protects the person needs no proof.
    private func isSure(
        _ waiting: Waiting, _ confirmed: Set<Hash>, _ stated: (sequence: Int64, last: Hash)?
    ) -> Bool {
        guard let stated, !waiting.isProtective else { return true }
        return waiting.payload.sequence <= stated.sequence || confirmed.contains(waiting.entry.id)
    }

    private func isOwn(_ device: DeviceID) -> Bool {
        device == ownKeys?.device || device == enrolment?.device
    }

    private func verified(_ row: Rows.Outbox) -> Waiting? {
        let entry = Entry(bytes: row.jws)
        guard let payload = try? entry.payload() else { return nil }
        let origin = enrolment?.origin ?? payload.audience
        // Whatever is wrong with it, it was not signed so.
        guard (try? EntryVerifier.verify(entry, origin: origin, key: { keys[$0] })) != nil else {
            return nil
        }
        return Waiting(
            entry: entry, payload: payload, attempts: max(row.attempts, 1),
            queuedAt: row.queuedAt, promise: promise(row), isDisputed: row.state == "disputed")
    }

    /// A promise counts where the log signed it and both copies of its place agree.
    private func promise(_ row: Rows.Outbox) -> (index: LeafIndex, receipt: [UInt8])? {
        guard let index = row.index, let receipt = row.receipt, let enrolment,
            Salvage.isPromise(receipt, of: index, signedBy: enrolment.logKey)
        else { return nil }
        return (index, receipt)
    }

    /// Whether a receipt is signed by the log and names a place.
    static func isPromise(
        _ receipt: [UInt8], of index: LeafIndex, signedBy key: VerifierKey
    ) -> Bool {
        guard let proof = try? TransparencyProof(parsing: receipt),
            Int64(proof.leafIndex) == index
        else { return false }
        return (try? VerifiedCheckpoint(note: proof.note, logKey: key, origin: key.name)) != nil
    }

    // MARK: What the log signed

    private mutating func keepRefusals(_ rows: Rows) {
        guard let enrolment else { return }
        for row in rows.refusals {
            guard let jws = row.values[1].blob, let note = row.values[5].blob,
                let code = row.values[4].integer
            else { continue }
            let entry = Entry(bytes: jws)
            guard
                note.isEmpty
                    ? isRefusedHere(entry, code)
                    : isRefusal(note, of: entry, code, signedBy: enrolment.logKey)
            else { continue }
            receipts.append(
                Kept(
                    sql: "INSERT OR IGNORE INTO refusal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    values: [.blob(entry.id.bytes)] + row.values.dropFirst()))
        }
    }

    private func isRefusal(
        _ note: [UInt8], of entry: Entry, _ code: Int64, signedBy key: VerifierKey
    ) -> Bool {
        guard let receipt = RefusalReceipt(verifying: note, logKey: key) else { return false }
        return receipt.entry == entry.id && Int64(receipt.code) == code
    }

    /// Whether only this machine took an entry of its own for refused, whose number is another's.
    private func isRefusedHere(_ entry: Entry, _ code: Int64) -> Bool {
        guard code == Rows.sequenceReused, let enrolment else { return false }
        // Whatever is wrong with it, it was not signed so.
        let verified = try? EntryVerifier.verify(entry, origin: enrolment.origin) { keys[$0] }
        return verified != nil
    }

    /// The verified checkpoints: the ledger must not be smaller or another one afterwards.
    private mutating func keepCheckpoints(_ rows: Rows) {
        guard let enrolment else { return }
        for row in rows.checkpoints {
            guard let size = row.number, let note = row.values[1].blob,
                let verified = try? VerifiedCheckpoint(
                    parsing: note, logKey: enrolment.logKey, origin: enrolment.origin),
                Int64(verified.checkpoint.size) == size
            else { continue }
            receipts.append(
                Kept(
                    sql: "INSERT OR IGNORE INTO checkpoint VALUES (?, ?, ?)",
                    values: [.integer(size), .blob(note), row.values[2]]))
        }
    }
}

extension Salvage {
    /// The rows that were found, each with the table its form belongs to.
    struct Rows {
        /// A row of the outbox.
        struct Outbox {
            let jws: [UInt8]
            let state: String
            let queuedAt: Int64
            let attempts: Int64
            let index: Int64?
            let receipt: [UInt8]?
        }

        /// The code of a refusal for the sake of the number alone.
        static let sequenceReused = Int64(EntryRejection.sequenceReused.rawValue)

        var settings: [String: Value] = [:]
        /// The smallest that is found: rows of an index may look alike.
        var version: Int64?
        var waiting: [Outbox] = []
        var cursors: [String: (sequence: Int64, last: Hash)] = [:]
        /// Entries that were recorded or refused, and whether their number is not another's.
        var statements: [(hasNumber: Bool, jws: [UInt8])] = []
        var refusals: [DamagedFile.Row] = []
        var checkpoints: [DamagedFile.Row] = []
        var records: [DamagedFile.Row] = []
        var wishes: [Kept] = []

        /// Puts a row where it belongs; one of no form that is looked for is left out.
        mutating func sort(_ row: DamagedFile.Row) {
            if row.number == nil { sortUnnumbered(row.values) } else { sortNumbered(row) }
        }

        private mutating func sortUnnumbered(_ values: [Value]) {
            switch values.count {
            case 2:
                guard let key = values[0].text else { return }
                if key == MetaKey.schemaVersion.rawValue, let number = values[1].integer {
                    version = min(version ?? number, number)
                }
                if MetaKey(rawValue: key) != nil, settings[key] == nil { settings[key] = values[1] }
                if ["profile", "visit"].contains(key), values[1].text != nil {
                    wish("own", values)
                }
            case 3:
                guard let device = values[0].text, DeviceID(device) != nil,
                    let sequence = values[1].integer, sequence > 0,
                    let last = values[2].blob.flatMap({ Hash(bytes: $0) })
                else { return }
                if sequence > cursors[device]?.sequence ?? 0 { cursors[device] = (sequence, last) }
            case 4:
                if values.allSatisfy({ $0.text != nil }) { wish("saved_filter", values) }
            // A draft that an older program kept has no links.
            case 7: sortDraft(values + [.text("")])
            case 8 where values[0].text != nil: sortDraft(values)
            case 8: sortUpload(values)
            case 13: sortWaiting(values)
            default: break
            }
        }

        private mutating func sortWaiting(_ values: [Value]) {
            guard values[0].text != nil, values[1].integer != nil, let jws = values[3].blob,
                let state = values[6].text
            else { return }
            waiting.append(
                Outbox(
                    jws: jws, state: state, queuedAt: values[7].integer ?? 0,
                    attempts: values[8].integer ?? 0, index: values[11].integer,
                    receipt: values[12].blob))
        }

        private mutating func sortDraft(_ values: [Value]) {
            guard values[0].text.flatMap({ ProjectID($0) }) != nil, values[1].blob?.count == 32,
                values[2].text != nil, values[3].text != nil, values[4].integer != nil,
                let step = values[5].integer, step >= 0, values[6].integer != nil,
                values[7].text != nil
            else { return }
            wish("consent_draft", values)
        }

        private mutating func sortUpload(_ values: [Value]) {
            guard values[0].blob?.count == 32, values[1].blob?.count == 32,
                values[2].isNull || values[2].integer != nil, let total = values[3].integer,
                let position = values[4].integer, (0...max(total, 0)).contains(position),
                values[5].blob != nil, let hasSent = values[6].integer, 0...1 ~= hasSent,
                values[7].integer != nil
            else { return }
            wish("upload", values)
        }

        private mutating func wish(_ table: String, _ values: [Value]) {
            let places = values.map { _ in "?" }.joined(separator: ", ")
            wishes.append(
                Kept(sql: "INSERT OR IGNORE INTO \(table) VALUES (\(places))", values: values))
        }

        private mutating func sortNumbered(_ row: DamagedFile.Row) {
            let values = row.values
            switch values.count {
            case 3 where values[0].isNull && values[1].blob != nil && values[2].integer != nil:
                checkpoints.append(row)
            case 4 where values[0].isNull && values[1].integer != nil && values[3].text != nil:
                guard let tone = values[2].text, NoticeLine.Tone(rawValue: tone) != nil else {
                    return
                }
                wish("notice", [.integer(row.number ?? 0)] + values.dropFirst())
            case 9:
                guard values[0].isNull, values[1].text != nil,
                    values[2].text.flatMap(RecordKind.init(rawValue:)) != nil,
                    values[3].integer != nil, values[4].integer != nil,
                    [5, 6].allSatisfy({ values[$0].isNull || values[$0].integer != nil }),
                    values[7].integer != nil, values[8].blob?.count == 32
                else { return }
                records.append(row)
            case 10:
                guard let jws = values[1].blob, values[2].text != nil,
                    values[3].isNull || values[3].text != nil,
                    [4, 6, 7, 8, 9].allSatisfy({ values[$0].integer != nil })
                else { return }
                statements.append((values[4].integer != Rows.sequenceReused, jws))
                refusals.append(row)
            case 12:
                if let jws = values[4].blob { statements.append((true, jws)) }
            default: break
            }
        }
    }
}
