import ClientStore
import Foundation
package import HealthRecords
package import LedgerCore
import SyncCore

/// How far the import of a file has come.
package struct ImportProgress: Equatable, Sendable {
    /// The file.
    package let file: String
    /// Bytes read so far, of the file or the archive's entry.
    package let readBytes: Int64
    /// Its length.
    package let sizeBytes: Int64
    /// Rows found so far.
    package let rows: Int
}

/// What importing one file gave.
package struct ImportedFile: Sendable {
    /// The file, or the archive with the file in it.
    package let name: String
    /// What it was recognised as; `nil` if it was not.
    package internal(set) var format: RecordFormat?
    /// The records that are new, one for each kind.
    package internal(set) var records: [Int64] = []
    /// The same records' outlines.
    package internal(set) var outlines: [RecordOutline] = []
    /// What gave no row.
    package internal(set) var skipped = SkippedParts()
    /// Why nothing of it was imported; `nil` if something was.
    package internal(set) var refusal: RecordImportError?
    /// Files of the same archive that were not read.
    package internal(set) var others: [String] = []

    /// How many rows are new.
    package var rowCount: Int { outlines.reduce(0) { $0 + $1.rowCount } }

    /// What was left out and why, a line for each reason.
    package var problems: [LocalizedText] {
        if let refusal { return [refusal.words] }
        var problems = skipped.counts.map { reason, count in
            let place = skipped.listed.first { $0.reason == reason }?.place.words
            let at = (
                english: place.map { " (\(count == 1 ? "" : "first ")\($0.english))" } ?? "",
                chinese: place.map { "（\(count == 1 ? "" : "首处：")\($0.chinese)）" } ?? ""
            )
            let (reason, name) = (reason.words, PlainText.line(name))
            return LocalizedText(
                english: "\(name): left out \(count): \(reason.english)\(at.english)",
                chinese: "\(name)：略过 \(count) 处：\(reason.chinese)\(at.chinese)")
        }
        if !others.isEmpty {
            let name = PlainText.line(name)
            problems.append(
                LocalizedText(
                    english: "\(name): \(others.count) other files of the archive were not read",
                    chinese: "\(name)：压缩包中另有 \(others.count) 个文件未读取"))
        }
        return problems
    }
}

/// What importing files gave.
package struct ImportReport: Sendable {
    /// Each file, archives taken apart.
    package var files: [ImportedFile] = []

    /// The records that are new, one for each kind of a file.
    package var records: [Int64] { files.flatMap(\.records) }
    /// The rows of them.
    package var rowCount: Int { files.reduce(0) { $0 + $1.rowCount } }
    /// What was left out, in words.
    package var problems: [LocalizedText] { files.flatMap(\.problems) }
}

/// The person ended an import; nothing of the file was kept.
package struct ImportCancelled: Error, CustomStringConvertible, Sendable {
    /// What to tell the person.
    package let description = "the import was cancelled; nothing of the file was kept"
}

extension MemberActions {
    /// Reads files and keeps their rows, sealed, as one record for each kind of data.
    ///
    /// A file is read piece by piece, whatever its length.
    ///
    /// - Parameters:
    ///   - paths: The files.
    ///   - options: What the person says about them.
    ///   - progress: Called from time to time; `false` ends the import of the file.
    /// - Returns: What each file gave.
    /// - Throws: `StoreFailure`, `ImportCancelled`; a file that cannot be read is a problem of the
    ///   report.
    package func importRecords(
        _ paths: [String], options: RecordReadOptions = RecordReadOptions(),
        progress: (ImportProgress) -> Bool = { _ in true }
    ) throws -> ImportReport {
        try sweepImports()
        var report = ImportReport()
        for path in paths {
            do {
                let (sources, others) = try RecordSource.open(path)
                for source in sources {
                    var file = try importFile(source, options, progress)
                    file.others = others
                    report.files.append(file)
                }
            } catch let error as RecordImportError {
                var file = ImportedFile(name: error.file)
                file.refusal = error
                report.files.append(file)
            }
        }
        return report
    }

    private func importFile(
        _ source: RecordSource, _ options: RecordReadOptions,
        _ progress: (ImportProgress) -> Bool
    ) throws -> ImportedFile {
        var imported = ImportedFile(name: source.name)
        var reader = RecordFileReader(name: source.name, options: options)
        let collector = reader.collector
        var writers: [RecordKind: RowFileWriter] = [:]
        func keep(_ pages: [(kind: RecordKind, page: RowPage)]) throws {
            for (kind, page) in pages {
                var page = page
                let writer = try writers[kind] ?? writer(number: writers.count)
                writers[kind] = writer
                try writer.append(page)
                page.wipe()
            }
        }
        do {
            try source.read { piece in
                try reader.append(piece)
                try keep(collector.takePages())
                let state = ImportProgress(
                    file: source.name, readBytes: source.readBytes, sizeBytes: source.sizeBytes,
                    rows: collector.rowCount)
                guard progress(state) else { throw ImportCancelled() }
            }
            try reader.finish()
            try keep(collector.takeAllPages())
        } catch let error as RecordImportError {
            imported.format = reader.format
            imported.refusal = error
            imported.skipped = collector.skipped
            return imported
        }
        imported.format = reader.format
        imported.skipped = collector.skipped
        imported.outlines = collector.outlines
        for outline in collector.outlines {
            guard let writer = writers[outline.kind] else { continue }
            let name = Hash.of(label: "accord/rows-name/v1\n", random.bytes(32))
            try writer.finish(outline, collector.frame, as: store.sealedPath(name))
            imported.records.append(
                try store.insertRecord(
                    LocalRecord(
                        fileName: source.name, kind: outline.kind, rowCount: outline.rowCount,
                        identifyingCount: outline.identifyingCount,
                        from: MemberActions.time(outline.firstMilliseconds),
                        until: MemberActions.time(outline.lastMilliseconds),
                        importedAt: clock.now, sealed: name)))
        }
        return imported
    }

    private static func time(_ milliseconds: Int64?) -> Timestamp? {
        milliseconds.flatMap { $0 >= 0 ? Timestamp(milliseconds: $0) : nil }
    }

    // MARK: Unfinished files

    private static let importPrefix = "import-"

    private func writer(number: Int) throws -> RowFileWriter {
        let name = Hex.encode(random.bytes(8))
        let path =
            "\(store.directory)/records/\(MemberActions.importPrefix)"
            + "\(getpid())-\(name)"
        return try RowFileWriter(path: path, keys: keys, random: random)
    }

    /// Removes what imports left that were killed.
    private func sweepImports() throws {
        let folder = "\(store.directory)/records"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasPrefix(MemberActions.importPrefix) {
            let owner = name.dropFirst(MemberActions.importPrefix.count).prefix { $0 != "-" }
            guard let process = pid_t(owner), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            unlink("\(folder)/\(name)")
        }
    }
}
