import ClientStore
import Foundation
import HealthRecords
package import LedgerCore
package import SyncCore

/// What was brought back from an export.
package struct TakenIn: Equatable, Sendable {
    /// Records that are new here.
    package let records: Int
    /// Their rows.
    package let rows: Int
    /// Records that were here already and were left as they are.
    package let known: Int
    /// Contributions whose keys another vault sealed: a later authorization cannot wrap them here.
    package let foreignKeys: Int
    /// Refusals that are new here.
    package let refusals: Int
    /// What waited on the other device and is sent from here now, as it was signed.
    package let sent: [ActivityLine]
    /// What was to stop use, there or once here, and was decided anew by this device.
    package let anew: [ActivityLine]
    /// What waited there and stays there: that device sends it, or it is decided anew.
    package let waiting: [ActivityLine]
    /// Where an export began that holds only what is newer; `nil` for one of everything.
    package let since: Timestamp?
}

extension MemberSession {
    /// Brings everything back that an export holds and the ledger does not.
    ///
    /// That is records, what was kept beside them, and what waited to be sent; decisions come with
    /// the next synchronisation. The whole export is checked first, against the key of the ledger
    /// this machine joined, and all of it is taken in at once or nothing.
    ///
    /// - Parameters:
    ///   - folder: The export.
    ///   - choice: What becomes of entries that waited there.
    ///   - goesOn: Asked from time to time, with bytes read and bytes in all; `false` ends it.
    /// - Returns: What is new here.
    /// - Throws: `ExportRefusal`, `StoreFailure`, `CancellationError`.
    package func takeIn(
        _ folder: String, _ choice: WaitingChoice = .stopsOnly,
        goesOn: (_ done: Int64, _ total: Int64) -> Bool = { _, _ in true }
    ) throws -> TakenIn {
        let actions = try actions()
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        let path = expanded(folder)
        // The files are read twice: checked, then taken in.
        let check = try ExportCheck(path, logKey: enrolment.logKey) { goesOn($0, 2 * $1) }
        if check.defects.first?.reason == .otherLog { throw ExportRefusal.otherAccount }
        guard check.account == nil || check.account == enrolment.account else {
            throw ExportRefusal.otherAccount
        }
        if let defect = check.defects.first { throw ExportRefusal.damaged(defect) }
        guard let manifest = check.manifest else {
            throw ExportRefusal.damaged(ExportDefect(ExportPath.manifest, .noManifest))
        }
        return try MemberImport(actions, path, manifest, devices: liveDevices())
            .run(choice) { goesOn($0 + $1, 2 * $1) }
    }

    /// Returns what waits in an export and is sent from here only if the person says so; nothing of
    /// one that is damaged or somebody else's, which `takeIn` refuses.
    package func waitingToAskAbout(in folder: String) throws -> [ActivityLine] {
        try forImport(of: folder)?.toAskAbout() ?? []
    }

    /// What to ask an export that was not checked yet; `nil` for one that is damaged or somebody
    /// else's.
    private func forImport(of folder: String) throws -> MemberImport? {
        let actions = try actions()
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        let path = expanded(folder)
        guard
            let content = ExportCheck.content(
                path, ExportPath.manifest, limit: ExportManifest.byteLimit),
            let manifest = ExportManifest(bytes: content), manifest.logKey == enrolment.logKey,
            manifest.account == enrolment.account
        else { return nil }
        return try MemberImport(actions, path, manifest, devices: liveDevices())
    }

    /// Whether an export knows of something this device signed to stop use and does not know any
    /// more: the ledger may have it, so that a round before `takeIn` saves saying it twice.
    package func hasForgottenStops(in folder: String) throws -> Bool {
        try forImport(of: folder)?.hasForgottenStops() ?? false
    }

    private func expanded(_ folder: String) -> String {
        folder.hasPrefix("~/") ? NSHomeDirectory() + folder.dropFirst() : folder
    }

    /// The devices that may sign for the account, as far as is verified here.
    private func liveDevices() throws -> [DeviceID: DeviceKeys] {
        var devices: [DeviceID: DeviceKeys] = [:]
        for line in try store.activity(offset: 0, limit: .max).lines.reversed()
        where line.state == .proven {
            if let keys = line.body.introducedKeys { devices[keys.device] = keys }
            if case .deviceRevoked(let id) = line.body { devices[id] = nil }
        }
        return devices
    }
}

/// Takes an export in that was checked.
private final class MemberImport {
    private let actions: MemberActions
    private let folder: String
    private let manifest: ExportManifest
    private let files: [String: ExportManifest.File]
    private let devices: [DeviceID: DeviceKeys]
    /// Files written for records that are no records yet.
    private var written: [String] = []

    private var store: ClientStore { actions.store }

    init(
        _ actions: MemberActions, _ folder: String, _ manifest: ExportManifest,
        devices: [DeviceID: DeviceKeys]
    ) {
        self.devices = devices
        self.actions = actions
        self.folder = folder
        self.manifest = manifest
        files = Dictionary(manifest.files.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    }

    deinit {
        for path in written { unlink(path) }
    }

    func run(_ choice: WaitingChoice, _ goesOn: (Int64, Int64) -> Bool) throws -> TakenIn {
        let total = manifest.files.reduce(Int64(0)) { $0 &+ $1.sizeBytes }
        var done: Int64 = 0
        let here = try store.recordsToTakeHome()
        var records: [(kept: KeptRecord, keys: [[UInt8]?])] = []
        var brought = BroughtAlong(try keptWords())
        let unrecorded = try unrecorded()
        brought.refusals = unrecorded.refused
        let plan = try plan(unrecorded, choice)
        brought.waiting = plan.asSigned
        var foreignKeys = 0
        var known = 0
        /// The numbers records have here, by those they had there.
        var hereNumbers: [Int64: Int64] = [:]
        for file in manifest.files where file.path.hasSuffix("." + ExportPath.rowsExtension) {
            guard let rows = try source(file.path),
                let line = try rows.line(limit: RowLines.lineLimit),
                let lines = RowLines(head: line)
            else { throw unreadable(file.path) }
            if let record = here.first(where: { lines.kept.record.isSame(as: $0.record) }) {
                known += 1
                hereNumbers[lines.kept.record.id] = record.record.id
                // Handed over since it was brought here.
                let given = Set(record.handedOver.map(\.entry))
                for (one, key) in zip(lines.kept.handedOver, lines.keys)
                where !given.contains(one.entry) {
                    if try restore(key, of: one, record: record.record.id) {
                        brought.handedOver.append((record.record.id, one))
                    } else {
                        foreignKeys += 1
                    }
                }
                continue
            }
            let record = try take(lines, rows, file) { goesOn(done + $0, total) }
            done += file.sizeBytes + (files[contentPath(lines)]?.sizeBytes ?? 0)
            records.append(
                (KeptRecord(record: record, handedOver: lines.kept.handedOver), lines.keys))
        }
        let numbers = try store.numbers(for: records.map(\.kept.record.id))
        for (position, number) in numbers.enumerated() {
            let (kept, keys) = records[position]
            hereNumbers[kept.record.id] = number
            var given: [HandedOver] = []
            for (one, key) in zip(kept.handedOver, keys) {
                if try restore(key, of: one, record: number) {
                    given.append(one)
                } else {
                    foreignKeys += 1
                }
            }
            records[position].kept.record.id = number
            records[position].kept.handedOver = given
        }
        brought.records = records.map(\.kept)
        brought.uploads = try uploads(plan) { hereNumbers[$0] }
        // First what stops use: whatever comes after it may fail.
        let (anew, left) = try decideAnew(plan)
        let refusals = try store.takeIn(brought)
        written = []
        return TakenIn(
            records: records.count, rows: records.reduce(0) { $0 + $1.kept.record.rowCount },
            known: known, foreignKeys: foreignKeys, refusals: refusals,
            sent: try plan.asSigned.map(line),
            anew: try anew.compactMap { try store.activity(entry: $0) },
            waiting: try left.map(line), since: manifest.beginning?.since)
    }

    // MARK: What waited

    /// What is sent from here only if the person says so.
    func toAskAbout() throws -> [ActivityLine] {
        guard let unrecorded = readableUnrecorded() else { return [] }
        let unasked = Set(try plan(unrecorded, .stopsOnly).asSigned.map(\.entry.id))
        return try plan(unrecorded, .everything).asSigned.filter { !unasked.contains($0.entry.id) }
            .map(line)
    }

    /// Whether this device is to decide anew what it signed itself and does not know any more.
    func hasForgottenStops() throws -> Bool {
        guard let unrecorded = readableUnrecorded() else { return false }
        return try plan(unrecorded, .stopsOnly).anew.contains {
            try $0.entry.payload().device == actions.keys.device
        }
    }

    private func readableUnrecorded() -> Unrecorded? {
        guard files[ExportPath.unrecorded] != nil, let content = content(ExportPath.unrecorded)
        else { return nil }
        return Unrecorded(content, of: manifest.account, logKey: manifest.logKey)
    }

    private func plan(_ unrecorded: Unrecorded, _ choice: WaitingChoice) throws -> WaitingPlan {
        let unknown = try unrecorded.waiting.filter {
            try store.activity(entry: $0.entry.id) == nil
        }
        return try WaitingPlan(
            unknown, choice, own: actions.keys.device, devices: devices, origin: manifest.origin,
            isOvertaken: { try store.isOvertaken($0, since: manifest.treeSize) },
            isNumberTaken: { try store.isNumberTaken($0, by: $1) })
    }

    /// Signs with this device what cannot be sent as it was signed and is to stop use.
    private func decideAnew(_ plan: WaitingPlan) throws -> (
        entries: [Hash], left: [KeptWaiting]
    ) {
        var entries: [Hash] = []
        var left = plan.left
        for waiting in plan.anew {
            if let entry = try actions.stopAnew(waiting.entry.payload().body) {
                entries.append(entry)
            } else {
                left.append(waiting)
            }
        }
        return (entries, left)
    }

    private func line(_ waiting: KeptWaiting) throws -> ActivityLine {
        let body = try waiting.entry.payload().body
        let detail = try body.project.flatMap { try store.project($0, at: actions.clock.now) }
        return ActivityLine(
            entry: waiting.entry.id, index: nil, at: waiting.queuedAt, body: body,
            state: waiting.state, rejection: nil, isRead: true, title: detail?.terms.title,
            actor: nil)
    }

    // MARK: Uploads

    /// The uploads to go on with here: of contributions that are known here, or sent from here.
    private func uploads(_ plan: WaitingPlan, number: (Int64) -> Int64?) throws -> [KeptUpload] {
        // An export of an earlier version has none.
        guard files[ExportPath.uploads] != nil else { return [] }
        guard let content = content(ExportPath.uploads),
            let unfinished = UnfinishedUploads(content)
        else { throw unreadable(ExportPath.uploads) }
        let sent = try Dictionary(
            plan.asSigned.map { ($0.entry.id, try $0.entry.payload().body) },
            uniquingKeysWith: { one, _ in one })
        let granted = try WaitingPlan.grantedProjects(plan.asSigned)
        let notGranted = try WaitingPlan.grantedProjects(plan.left)
        return try unfinished.items.compactMap { item in
            var upload = item.upload
            guard
                let body = try sent[upload.contribution]
                    ?? store.activity(entry: upload.contribution)?.body
            else { return nil }
            // Keys made under a grant that stays out, or that ended, go to nobody.
            if let project = body.project,
                try notGranted.contains(project)
                    || !(granted.contains(project) || actions.allowsUse(of: project))
            {
                upload.wraps = nil
            }
            upload.record = upload.record.flatMap(number)
            // Without its key a later authorization could not wrap it; what is sealed goes all the
            // same to those it was sealed for.
            _ = try restore(item.key, sealed: upload.sealed, record: upload.record ?? 0)
            if !upload.hasSentBytes { try bring(upload) }
            return upload
        }
    }

    /// Copies the ciphertext of an upload.
    private func bring(_ upload: KeptUpload) throws {
        let path = store.sealedPath(upload.sealed)
        guard access(path, F_OK) != 0 else { return }
        let name = ExportPath.upload(upload.sealed)
        guard let source = try source(name), source.sizeBytes == upload.sizeBytes else {
            throw unreadable(name)
        }
        let draft = path + ".new"
        // What an import left that was ended by force.
        unlink(draft)
        let handle = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw RowFileProblem("store what is handed over", errno) }
        let descriptor = Descriptor(handle)
        written.append(draft)
        var rest = source.sizeBytes
        while rest > 0 {
            guard let piece = try source.take(Int(min(rest, 1 << 20))) else {
                throw unreadable(name)
            }
            try DurableFile.write(piece, to: descriptor.handle)
            rest -= Int64(piece.count)
        }
        guard source.isAtEnd, source.digest == upload.sealed, fsync(descriptor.handle) == 0,
            rename(draft, path) == 0
        else { throw unreadable(name) }
        written.append(path)
        guard HomeFolders.sync(folder: store.directory + "/records") else {
            throw RowFileProblem("store what is handed over", errno)
        }
    }

    private func unrecorded() throws -> Unrecorded {
        guard let unrecorded = readableUnrecorded() else {
            throw unreadable(ExportPath.unrecorded)
        }
        return unrecorded
    }

    /// A small file that is still what was checked.
    private func content(_ path: String) -> [UInt8]? {
        guard let file = files[path],
            let content = ExportCheck.content(folder, path, limit: ExportManifest.byteLimit),
            Hash.of(content) == file.digest
        else { return nil }
        return content
    }

    private func unreadable(_ path: String) -> ExportRefusal {
        .damaged(ExportDefect(path, .unreadable))
    }

    private func source(_ path: String) throws -> ExportSource? {
        guard files[path] != nil else { return nil }
        return try ExportSource(folder, path)
    }

    private func contentPath(_ lines: RowLines) -> String {
        ExportPath.record(
            lines.kept.record.id, lines.kept.record.kind, lines.frame.format.fileExtension)
    }

    private func keptWords() throws -> KeptWords {
        guard let content = content(ExportPath.kept), let kept = KeptJSON(content)
        else { throw unreadable(ExportPath.kept) }
        return kept.words
    }

    // MARK: Records

    /// Seals the rows of a record under this machine's storage key.
    private func take(
        _ lines: RowLines, _ rows: ExportSource, _ file: ExportManifest.File,
        _ goesOn: (Int64) -> Bool
    ) throws -> LocalRecord {
        let path = contentPath(lines)
        guard let content = try source(path) else { throw unreadable(file.path) }
        try expect(lines.frame.homeHead, in: content, path)
        let writer = try actions.writer()
        var page = RowPage()
        defer { page.wipe() }
        var counts = Array(repeating: 0, count: lines.outline.groups.count)
        for number in 0..<lines.kept.record.rowCount {
            guard let line = try rows.line(limit: RowLines.lineLimit), let row = lines.row(line)
            else { throw unreadable(file.path) }
            if number > 0 { try expect(lines.frame.separator, in: content, path) }
            guard let unit = try content.take(row.unitByteCount) else { throw unreadable(path) }
            page.append(
                time: row.time, flags: row.flags, group: row.group, text: row.text, unit: unit)
            counts[Int(row.group)] += 1
            if page.byteCount >= RowPage.fullBytes {
                guard goesOn(rows.position + content.position) else { throw CancellationError() }
                try writer.append(page)
                page.wipe()
            }
        }
        if page.count > 0 { try writer.append(page) }
        try expect(lines.frame.foot, in: content, path)
        // Files that changed since they were checked are refused here.
        guard rows.isAtEnd, rows.digest == file.digest, counts == lines.outline.groupCounts else {
            throw unreadable(file.path)
        }
        guard content.isAtEnd, content.digest == files[path]?.digest else {
            throw unreadable(path)
        }
        let name = Hash.of(label: "accord/rows-name/v1\n", actions.random.bytes(32))
        try writer.finish(lines.outline, lines.frame, as: store.sealedPath(name))
        written.append(store.sealedPath(name))
        var record = lines.kept.record
        record.sealed = name
        return record
    }

    private func expect(_ bytes: [UInt8], in content: ExportSource, _ path: String) throws {
        guard try content.take(bytes.count) == bytes else { throw unreadable(path) }
    }

    // MARK: Keys of what was handed over

    /// Keeps the data key of a contribution, where this vault can open it.
    private func restore(_ key: [UInt8]?, of given: HandedOver, record: Int64) throws -> Bool {
        try restore(key, sealed: given.sealed, record: record)
    }

    private func restore(_ key: [UInt8]?, sealed: Hash, record: Int64) throws -> Bool {
        guard let key else { return false }
        let kept = try actions.keep(sealedKey: key, of: sealed, record: record)
        if let path = kept.path { written.append(path) }
        return kept.isOpen
    }
}

extension LocalRecord {
    /// Whether two are the same import of the same file.
    fileprivate func isSame(as other: LocalRecord) -> Bool {
        (fileName, kind, rowCount, importedAt) == (
            other.fileName, other.kind, other.rowCount, other.importedAt
        )
    }
}
