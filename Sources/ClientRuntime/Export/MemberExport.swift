import ClientStore
import Foundation
import HealthRecords
package import LedgerCore
package import Screens
import SyncCore

/// What an export holds.
package struct ExportReport: Equatable, Sendable {
    /// Where it is.
    package let folder: String
    /// Entries with their proofs.
    package let entries: Int
    /// The member's own among them.
    package let ownEntries: Int
    /// Entries of the member that have no proof yet.
    package let waiting: Int
    /// Entries of the member that were refused.
    package let refused: Int
    /// Consents, a receipt each.
    package let consents: Int
    /// Records.
    package let records: Int
    /// Their rows.
    package let rows: Int
    /// The names of wards, each of whom has an export of their own.
    package let wards: [String]
}

extension MemberSession {
    /// Writes everything of the member into a folder: at once, or nothing.
    ///
    /// It needs no node. Nothing in the folder is encrypted but the data keys of contributions.
    ///
    /// - Parameters:
    ///   - path: A folder that is not there yet, or empty; one that begins with `~/` is in the
    ///     person's home.
    ///   - since: Only what is newer; `nil` for everything.
    ///   - words: The language of what is written for a person.
    ///   - goesOn: Asked before each file and page, with rows written and rows in all; `false` ends
    ///     it.
    /// - Returns: Where it is and what it holds.
    /// - Throws: `ExportRefusal`, `HomeError`, `StoreFailure`, `CancellationError`.
    package func export(
        to path: String, since: Timestamp? = nil, _ words: Words,
        goesOn: (_ done: Int64, _ total: Int64) -> Bool = { _, _ in true }
    ) throws -> ExportReport {
        let export = try MemberExport(
            actions(), words, since: since, wards: wardNames(), drafts: ExportDrafts(folders))
        return try export.write(
            to: path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path, goesOn)
    }

    private func wardNames() throws -> [String] {
        guard ward == nil else { return [] }
        return try folders.wardFiles().map { WardFile.name(at: $0) }.sorted()
    }
}

extension MemberSession {
    /// Words in the language that is shown, at this machine's time of day.
    var shownWords: Words {
        Words(
            Language(localeTag: shownLocale),
            utcOffsetMinutes: TimeZone.current.secondsFromGMT() / 60, now: clock.now)
    }
}

/// Writes an export.
private struct MemberExport {
    let actions: MemberActions
    let words: Words
    let facts: ExportFacts
    let enrolment: Enrolment
    let since: Timestamp?
    let wards: [String]
    let drafts: ExportDrafts

    private var store: ClientStore { actions.store }

    init(
        _ actions: MemberActions, _ words: Words, since: Timestamp?, wards: [String],
        drafts: ExportDrafts
    ) throws {
        self.actions = actions
        self.drafts = drafts
        self.wards = wards
        self.words = words
        self.since = since
        guard let enrolment = try actions.store.enrolment() else { throw VaultError.missing }
        self.enrolment = enrolment
        facts = try ExportFacts(actions.store, enrolment, at: actions.clock.now, since: since)
    }

    func write(to path: String, _ goesOn: (Int64, Int64) -> Bool) throws -> ExportReport {
        drafts.sweep()
        let folder = try ExportFolder(path, drafts: drafts, random: actions.random)
        let records = try store.recordsToTakeHome().filter(isNew)
        let total = records.reduce(Int64(0)) { $0 + Int64($1.record.rowCount) }
        var done: Int64 = 0
        for kept in records {
            try write(kept, to: folder) { rows in goesOn(done + Int64(rows), total) }
            done += Int64(kept.record.rowCount)
        }
        func ask() throws {
            guard goesOn(total, total) else { throw CancellationError() }
        }
        try writeEntries(to: folder, ask)
        try writeDocuments(to: folder, ask)
        let unrecorded = Unrecorded(
            refused: try store.refusalsToTakeHome().filter { isNew($0.refusedAt) },
            waiting: try store.waitingToTakeHome())
        let (refused, waiting) = try write(unrecorded, to: folder)
        try writeUploads(to: folder, ask)
        let results = try writeResults(to: folder, ask)
        let page = ExportPage(
            facts, words, records: records.map(\.record), points: try points(), uses: try uses(),
            summary: try store.pointsSummary(at: facts.time), refused: refused, waiting: waiting,
            results: results)
        try ask()
        try folder.write(page.html, to: ExportPath.page)
        try seal(folder)
        // The last time: then it is whole.
        try ask()
        return ExportReport(
            folder: try folder.finish(), entries: facts.entries.count,
            ownEntries: facts.ownSinceBeginning.count, waiting: waiting.count,
            refused: refused.count, consents: facts.permissions.count, records: records.count,
            rows: Int(total), wards: wards)
    }

    private func isNew(_ time: Timestamp) -> Bool { since.map { time >= $0 } ?? true }

    private func isNew(_ kept: KeptRecord) -> Bool {
        isNew(kept.record.importedAt) || kept.handedOver.contains { isNew($0.queuedAt) }
    }

    // MARK: Entries and documents

    private func writeEntries(to folder: ExportFolder, _ ask: () throws -> Void) throws {
        for entry in facts.entries {
            try ask()
            try folder.write(entry.receipt.entry.bytes, to: ExportPath.entry(entry.index))
            try folder.write(entry.receipt.bytes, to: ExportPath.receipt(entry.index))
        }
        try folder.write(Array((facts.logKey.text + "\n").utf8), to: ExportPath.key)
    }

    private func writeDocuments(to folder: ExportFolder, _ ask: () throws -> Void) throws {
        let fhir = FHIRExport(facts)
        try folder.write(fhir.bundle, to: ExportPath.fhir)
        try ask()
        try folder.write(fhir.r5Bundle, to: ExportPath.fhirR5)
        for permission in facts.permissions {
            try ask()
            try folder.write(
                ConsentReceipt(permission, facts).document,
                to: ExportPath.consent(permission.line.id))
        }
        let tables = ExportTables(words)
        try ask()
        try folder.write(tables.points(try points()), to: ExportPath.points)
        try ask()
        try folder.write(tables.uses(try uses()), to: ExportPath.uses)
        try folder.write(KeptJSON(try store.wordsToTakeHome()).document, to: ExportPath.kept)
    }

    /// Writes what is not in the ledger, and returns it as lines.
    private func write(_ unrecorded: Unrecorded, to folder: ExportFolder) throws
        -> (refused: [ActivityLine], waiting: [ActivityLine])
    {
        let refused = try unrecorded.refused.compactMap { try store.activity(entry: $0.entry.id) }
        let waiting = try unrecorded.waiting.compactMap { try store.activity(entry: $0.entry.id) }
        let tables = ExportTables(words)
        try folder.write(tables.unrecorded(refused), to: ExportPath.refused)
        try folder.write(tables.unrecorded(waiting), to: ExportPath.waiting)
        try folder.write(unrecorded.document, to: ExportPath.unrecorded)
        return (refused, waiting)
    }

    /// Writes what the node does not have of what was handed over: ciphertext, as it goes there.
    private func writeUploads(to folder: ExportFolder, _ ask: () throws -> Void) throws {
        let uploads = try store.uploadsToTakeHome()
        var written: Set<Hash> = []
        for upload in uploads where !upload.hasSentBytes {
            guard written.insert(upload.sealed).inserted else { continue }
            let file = try folder.begin(ExportPath.upload(upload.sealed))
            let pieceBytes = 1 << 20
            for offset in stride(from: 0, to: upload.sizeBytes, by: pieceBytes) {
                try ask()
                try file.append(
                    store.sealedBytes(of: upload.sealed, offset: offset, count: pieceBytes))
            }
            try folder.end(file)
        }
        let items = uploads.map {
            UnfinishedUploads.Item(upload: $0, key: actions.sealedKey(of: $0.sealed))
        }
        try folder.write(UnfinishedUploads(items).document, to: ExportPath.uploads)
    }

    /// Writes the results that can be opened, and returns them; the entries hold all of them, sealed.
    private func writeResults(to folder: ExportFolder, _ ask: () throws -> Void) throws
        -> [ResultLine]
    {
        try store.results().reversed().filter { isNew($0.at) }.filter { line in
            try ask()
            guard case .text(let text) = actions.open(line).content else { return false }
            try folder.write(Array((text + "\n").utf8), to: ExportPath.result(line.index))
            return true
        }
    }

    private func points() throws -> [PointsLine] {
        try store.points(offset: 0, limit: 1 << 30).lines.reversed().filter { isNew($0.at) }
    }

    private func uses() throws -> [UseLine] {
        try store.uses(.everything).reversed().filter { isNew($0.at) }
    }

    /// Signs what was written.
    private func seal(_ folder: ExportFolder) throws {
        let tree = try store.observedTree()
        let manifest = ExportManifest(
            origin: facts.origin, logKey: facts.logKey, account: facts.account,
            device: actions.keys.device, deviceKey: actions.keys.publicKeys.signing,
            writtenAt: facts.time, treeSize: tree.size, root: tree.root,
            language: words.language.rawValue, beginning: facts.beginning, files: folder.files)
        try folder.writeUnlisted(manifest.bytes, to: ExportPath.manifest)
        try folder.writeUnlisted(
            manifest.signed(with: actions.keys.signing), to: ExportPath.signature)
    }

    // MARK: Records

    private func write(
        _ kept: KeptRecord, to folder: ExportFolder, _ goesOn: (_ rows: Int) -> Bool
    ) throws {
        let file = try actions.rows(of: kept.record)
        let keys = kept.handedOver.map { actions.sealedKey(of: $0.sealed) }
        let lines = RowLines(kept, keys: keys, outline: file.outline, frame: file.frame)
        let id = kept.record.id
        let content = try folder.begin(
            ExportPath.record(id, kept.record.kind, file.frame.format.fileExtension))
        let rows = try folder.begin(
            ExportPath.record(id, kept.record.kind, ExportPath.rowsExtension))
        try rows.append(lines.head + [0x0a])
        try content.append(file.frame.homeHead)
        var isFirst = true
        try file.forEachPage { page, firstRow in
            guard goesOn(firstRow) else { throw CancellationError() }
            for row in 0..<page.count {
                if !isFirst { try content.append(file.frame.separator) }
                isFirst = false
                try content.append(page.unit(at: row))
                try rows.append(RowLines.line(of: row, in: page) + [0x0a])
            }
        }
        try content.append(file.frame.foot)
        try folder.end(content)
        try folder.end(rows)
    }
}

/// What a person keeps besides records and entries, as a document.
struct KeptJSON {
    let words: KeptWords

    init(_ words: KeptWords) { self.words = words }

    var document: JSONValue {
        .document([
            "drafts": .array(
                words.drafts.map { draft in
                    .document([
                        "changed": .integer(draft.changedAt.milliseconds),
                        "kinds": .array(draft.kinds.map { .string($0.rawValue) }),
                        "links": .list(draft.links.map { .string($0.text) }),
                        "project": .string(draft.project.text),
                        "purposes": .array(draft.purposes.map { .string($0.rawValue) }),
                        "step": .integer(Int64(draft.step)), "terms": .string(draft.terms.hex),
                        "until": .integer(draft.until.milliseconds),
                    ])
                }),
            "filters": .array(
                words.filters.map { filter in
                    .document([
                        "facets": .array(filter.facets.map { .string($0.text) }),
                        "name": .string(filter.name), "order": .string(filter.order.rawValue),
                        "search": .string(filter.search),
                    ])
                }), "profile": .string(words.profile.text), "version": .integer(1),
        ])
    }

    /// Reads a document; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        // What it is not, does not matter.
        guard bytes.last == 0x0a, let json = try? JSONValue(canonical: bytes.dropLast()),
            json["version"]?.integer == 1, let profile = json["profile"]?.string,
            let drafts = json["drafts"]?.array, let filters = json["filters"]?.array
        else { return nil }
        words = KeptWords(
            profile: OwnProfile(text: profile), filters: filters.compactMap(KeptJSON.filter),
            drafts: drafts.compactMap(KeptJSON.draft))
        guard KeptJSON(words).document == json else { return nil }
    }

    private static func filter(_ json: JSONValue) -> SavedFilter? {
        guard let name = json["name"]?.string, let search = json["search"]?.string,
            let order = json["order"]?.string.flatMap(ProjectOrder.init(rawValue:)),
            let facets = json["facets"]?.array
        else { return nil }
        return SavedFilter(
            name: name,
            facets: facets.compactMap { $0.string.flatMap { ProjectFacet(text: $0) } },
            search: search, order: order)
    }

    private static func draft(_ json: JSONValue) -> ConsentDraft? {
        guard let project = json["project"]?.string.flatMap({ ProjectID($0) }),
            let terms = json["terms"]?.string.flatMap({ Hash(hex: $0) }),
            let kinds = json["kinds"]?.array, let purposes = json["purposes"]?.array,
            let until = json["until"]?.integer, let changed = json["changed"]?.integer,
            let step = json["step"]?.integer.flatMap({ Int(exactly: $0) }), step >= 0
        else { return nil }
        // Left out where there are none, as in all that older programs wrote.
        let links = json["links"]?.array ?? []
        return ConsentDraft(
            project: project, terms: terms,
            kinds: kinds.compactMap { $0.string.flatMap(RecordKind.init(rawValue:)) },
            purposes: purposes.compactMap { $0.string.flatMap(DataUse.init(rawValue:)) },
            links: links.compactMap { $0.string.flatMap { ProjectID($0) } },
            until: Timestamp(milliseconds: until), step: step,
            changedAt: Timestamp(milliseconds: changed))
    }
}
