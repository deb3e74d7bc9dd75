import ClientStore
import Foundation
import HealthRecords
import LedgerCore

/// The import of one file: reads it, seals its rows, and can go on where it was ended.
final class RecordImport {
    private let source: RecordSource
    private let options: RecordReadOptions
    private let actions: MemberActions
    private let folder: String
    private let bookmarkPath: String
    /// Whether nobody else imports the same file at the moment.
    private var mayBookmark = true

    private var reader: RecordFileReader
    private var writers: [RecordKind: RowFileWriter] = [:]
    private var imported: ImportedFile
    private var start: Int64 = 0
    private var lastMark: Int64 = 0
    private var firstReadBytes: Int64?

    init(_ source: RecordSource, _ options: RecordReadOptions, _ actions: MemberActions) {
        self.source = source
        self.options = options
        self.actions = actions
        folder = "\(actions.store.directory)/records"
        bookmarkPath = ImportBookmark.path(of: source, in: folder)
        reader = RecordFileReader(name: source.name, options: options)
        imported = ImportedFile(name: source.name)
        takeUp()
    }

    /// Reads the file to its end.
    ///
    /// - Throws: `ImportCancelled` if `progress` says so; `StoreFailure`.
    func run(_ progress: (ImportProgress) -> Bool) throws -> ImportedFile {
        do {
            try read(progress)
        } catch let error as RecordImportError {
            imported.format = reader.format
            imported.refusal = error
            imported.skipped = reader.collector.skipped
            forget()
            return imported
        }
        try keep()
        return imported
    }

    // MARK: Reading

    private func read(_ progress: (ImportProgress) -> Bool) throws {
        let collector = reader.collector
        try source.read(from: start) { piece in
            if piece.isEmpty { return try check(progress) }
            if firstReadBytes == nil { firstReadBytes = start > 0 ? source.readBytes : 0 }
            try reader.append(piece)
            try seal(collector.takePages())
            if source.contentBytes - lastMark >= ImportBookmark.stepBytes { try bookmark() }
            try check(progress)
        }
        try reader.finish()
        try seal(collector.takeAllPages())
        // A format that is held as a whole was only read now, which takes a while.
        try check(progress)
    }

    private func check(_ progress: (ImportProgress) -> Bool) throws {
        let state = ImportProgress(
            file: source.name, readBytes: source.readBytes, sizeBytes: source.sizeBytes,
            rows: reader.collector.rowCount, startBytes: firstReadBytes ?? source.readBytes)
        guard !progress(state) else { return }
        try bookmark()
        let share = Double(source.readBytes) / Double(max(source.sizeBytes, 1))
        throw ImportCancelled(
            file: source.name, percent: lastMark > 0 ? Int(min(share, 1) * 100) : 0,
            goesOn: lastMark > 0)
    }

    private func seal(_ pages: [(kind: RecordKind, page: RowPage)]) throws {
        for (kind, page) in pages {
            var page = page
            let writer = try writers[kind] ?? actions.writer()
            writers[kind] = writer
            try writer.append(page)
            page.wipe()
        }
    }

    // MARK: Going on

    /// Takes up an import that was ended or killed, if the file is still the same.
    private func takeUp() {
        guard FileManager.default.fileExists(atPath: bookmarkPath) else { return }
        guard let bookmark = ImportBookmark(path: bookmarkPath, keys: actions.keys) else {
            return
        }
        guard bookmark.source == source.identity, options == RecordReadOptions(),
            let reader = RecordFileReader(goingOnWith: bookmark.reading, name: source.name)
        else {
            imported.hasBegunAnew = true
            bookmark.discard(at: bookmarkPath)
            return
        }
        var writers: [RecordKind: RowFileWriter] = [:]
        for (name, state) in bookmark.rows {
            guard let kind = RecordKind(rawValue: name) else { return }
            do {
                writers[kind] = try RowFileWriter(state, keys: actions.keys)
            } catch is RowFileInUse {
                mayBookmark = false
                return
            } catch {
                // The rows are gone: the file is read from its beginning.
                imported.hasBegunAnew = true
                bookmark.discard(at: bookmarkPath)
                return
            }
        }
        self.reader = reader
        self.writers = writers
        start = bookmark.reading.mark.offset
        lastMark = start
        imported.wentOnAtBytes = start
    }

    /// Notes how far it is, where the format lets it go on from here.
    private func bookmark() throws {
        guard mayBookmark, options == RecordReadOptions(), reader.state != nil else { return }
        try seal(reader.collector.takeAllPages())
        guard let reading = reader.state else { return }
        var rows: [String: RowFileWriter.State] = [:]
        for (kind, writer) in writers { rows[kind.rawValue] = try writer.rest() }
        try ImportBookmark(source: source.identity, reading: reading, rows: rows)
            .write(to: bookmarkPath, keys: actions.keys)
        for writer in writers.values { writer.isWaitedFor = true }
        lastMark = reading.mark.offset
    }

    private func forget() {
        for writer in writers.values { writer.isWaitedFor = false }
        if mayBookmark { unlink(bookmarkPath) }
    }

    // MARK: Keeping

    /// Makes records of what was read: all of them or none.
    private func keep() throws {
        let collector = reader.collector
        imported.format = reader.format
        imported.skipped = collector.skipped
        imported.outlines = collector.outlines
        var records: [LocalRecord] = []
        for outline in collector.outlines {
            guard let writer = writers[outline.kind] else { continue }
            let name = Hash.of(label: "accord/rows-name/v1\n", actions.random.bytes(32))
            try writer.finish(outline, collector.frame, as: actions.store.sealedPath(name))
            records.append(
                LocalRecord(
                    fileName: source.name, kind: outline.kind, rowCount: outline.rowCount,
                    identifyingCount: outline.identifyingCount,
                    from: Self.time(outline.firstMilliseconds),
                    until: Self.time(outline.lastMilliseconds),
                    importedAt: actions.clock.now, sealed: name))
        }
        do {
            imported.looksImportedBefore =
                try !records.isEmpty && records.allSatisfy(actions.store.hasRecord(like:))
            imported.records = try actions.store.insertRecords(records)
        } catch {
            for record in records { unlink(actions.store.sealedPath(record.sealed)) }
            throw error
        }
        forget()
    }

    private static func time(_ milliseconds: Int64?) -> Timestamp? {
        milliseconds.flatMap { $0 >= 0 ? Timestamp(milliseconds: $0) : nil }
    }
}
