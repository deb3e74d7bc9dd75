import ClientStore
import Foundation
package import HealthRecords
package import LedgerCore
import Screens
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
    /// Bytes that were read before this run began.
    package let startBytes: Int64
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
    /// Bytes of content after which an import that was ended has gone on; `nil` for one from the
    /// beginning.
    package internal(set) var wentOnAtBytes: Int64?
    /// Whether an import was begun before and could not go on: the file is another one by now.
    package internal(set) var hasBegunAnew = false
    /// Whether records of this name with as many rows between the same times were there before.
    package internal(set) var looksImportedBefore = false

    /// Where it began, if it is not the beginning of a file never seen before.
    private var beginning: [LocalizedText] {
        let name = PlainText.line(name)
        if let bytes = wentOnAtBytes {
            return [
                LocalizedText(
                    english: "\(name): went on where it was ended, after \(bytes >> 20) MiB",
                    chinese: "\(name)：从上次停止处继续（\(bytes >> 20) MiB 之后）")
            ]
        }
        guard hasBegunAnew else { return [] }
        return [
            LocalizedText(
                english: "\(name): it has changed since its import was ended, so it was read anew",
                chinese: "\(name)：文件自上次停止导入后已更改，因此重新读取")
        ]
    }

    /// How many rows are new.
    package var rowCount: Int { outlines.reduce(0) { $0 + $1.rowCount } }

    /// What was left out and why, a line for each reason.
    package var problems: [LocalizedText] {
        if let refusal { return [refusal.words] + unread }
        var problems = beginning
        problems += skipped.counts.map { reason, count in
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
        if looksImportedBefore {
            let name = PlainText.line(name)
            problems.append(
                LocalizedText(
                    english: "\(name): looks the same as what you imported before; "
                        + "if it is, remove one of the two",
                    chinese: "\(name)：与您之前导入的看起来相同；如确实相同，请删除其中一份"))
        }
        return problems + unread
    }

    /// How many files of the same archive were not read.
    private var unread: [LocalizedText] {
        guard !others.isEmpty else { return [] }
        let name = PlainText.line(name)
        return [
            LocalizedText(
                english: "\(name): \(others.count) other files of the archive were not read",
                chinese: "\(name)：压缩包中另有 \(others.count) 个文件未读取")
        ]
    }
}

/// Why an import ended before its last file: the rows could not be stored.
package struct ImportStop: Equatable, Sendable {
    /// The file it ended in; nothing of that one is kept.
    package let file: String
    /// The archive it is in; `nil` for a file of its own.
    package let archive: String?
    /// How many files after it were not looked at, those of the same archive among them.
    package let filesLeft: Int
    /// How many of them are in the same archive.
    package let entriesLeft: Int
    /// Records of the files before it: they are kept.
    package let recordsBefore: Int
    let trouble: Trouble

    /// What is kept, why it ended and what to do.
    package var words: LocalizedText {
        let name = PlainText.line(file)
        return LocalizedText(
            english: "\(name): stopped here, nothing of it is in your records; "
                + "records kept of the files before it: \(recordsBefore)\(unread.english). "
                + "\(reason.english), then import \(again.english) again",
            chinese: "\(name)：在此停止，未加入您的记录；之前的 \(recordsBefore) 条记录已保存\(unread.chinese)。"
                + "\(reason.chinese)，然后重新导入\(again.chinese)")
    }

    private var unread: (english: String, chinese: String) {
        entriesLeft == 0
            ? ("", "")
            : (
                "; files of its archive not looked at: \(entriesLeft)",
                "；压缩包中尚有 \(entriesLeft) 个文件未查看"
            )
    }

    /// What can be imported: a file or an archive, and what was named after it.
    private var again: (english: String, chinese: String) {
        let archive = archive.map { PlainText.line($0) }
        let (english, chinese) = (archive ?? "it", archive.map { " \($0)" } ?? "该文件")
        let pathsLeft = filesLeft - entriesLeft
        guard pathsLeft > 0 else { return (english, chinese) }
        let space = archive == nil ? "" : " "
        return (
            "\(english) and the \(pathsLeft) after it",
            "\(chinese)\(space)及其后 \(pathsLeft) 个文件"
        )
    }

    private var reason: (english: String, chinese: String) {
        switch trouble {
        case .diskFull: ("The disk is full: make room", "磁盘已满：请腾出空间")
        case .diskFails: ("The disk fails: see that it is sound", "磁盘读写出错：请检查磁盘")
        case .storeBusy:
            ("Another program is using your data: wait for it", "另一个程序正在使用您的数据：请稍候")
        default:
            (
                "Your data cannot be written: look at the folder's permissions",
                "无法写入您的数据：请检查文件夹权限"
            )
        }
    }
}

/// What importing files gave.
package struct ImportReport: Sendable {
    /// Each file, archives taken apart.
    package var files: [ImportedFile] = []
    /// Why it ended before the last file; `nil` if it did not.
    package internal(set) var stop: ImportStop?

    /// The records that are new, one for each kind of a file.
    package var records: [Int64] { files.flatMap(\.records) }
    /// The rows of them.
    package var rowCount: Int { files.reduce(0) { $0 + $1.rowCount } }
    /// What was left out, in words.
    package var problems: [LocalizedText] {
        files.flatMap(\.problems) + (stop.map { [$0.words] } ?? [])
    }
}

/// The person ended an import; none of the file's rows became a record.
package struct ImportCancelled: Error, CustomStringConvertible, Sendable {
    /// The file.
    package let file: String
    /// How much of it was read, in hundredths, where it can go on.
    package let percent: Int
    /// Whether the next import of the file goes on from there.
    package let goesOn: Bool
    /// Records of the files before it: they are kept.
    package internal(set) var recordsBefore = 0

    /// What to tell the person.
    package var description: String { words.english }

    /// What to tell the person, in both languages.
    package var words: LocalizedText {
        let name = PlainText.line(file)
        return goesOn
            ? LocalizedText(
                english: "stopped at \(percent) %: nothing of \(name) is in your records yet; "
                    + "import it again to go on from there",
                chinese: "已在 \(percent)% 处停止：\(name) 尚未加入您的记录；再次导入即可继续")
            : LocalizedText(
                english: "stopped: nothing of \(name) was kept; import it again to begin anew",
                chinese: "已停止：未保留 \(name) 的任何内容；再次导入将重新开始")
    }

    init(file: String, percent: Int, goesOn: Bool) {
        self.file = file
        self.percent = percent
        self.goesOn = goesOn
    }
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
    /// - Returns: What each file gave; up to the one whose rows could not be stored, if records of
    ///   files before it are kept.
    /// - Throws: `StoreFailure`, `ImportCancelled`; a file that cannot be read is a problem of the
    ///   report.
    package func importRecords(
        _ paths: [String], options: RecordReadOptions = RecordReadOptions(),
        progress: (ImportProgress) -> Bool = { _ in true }
    ) throws -> ImportReport {
        try sweepImports()
        var report = ImportReport()
        for (number, path) in paths.enumerated() {
            var current = path
            var entriesLeft = 0
            do {
                let (sources, others) = try RecordSource.open(path)
                for (position, source) in sources.enumerated() {
                    current = source.name
                    entriesLeft = sources.count - position - 1
                    var file = try RecordImport(source, options, self).run(progress)
                    if position == 0 { file.others = others }
                    report.files.append(file)
                }
            } catch var cancelled as ImportCancelled {
                cancelled.recordsBefore = report.records.count
                throw cancelled
            } catch let error as RecordImportError {
                var file = ImportedFile(name: error.file)
                file.refusal = error
                report.files.append(file)
            } catch let error where Self.isOfStorage(error) && !report.records.isEmpty {
                let own = URL(filePath: path).lastPathComponent
                report.stop = ImportStop(
                    file: current, archive: current == own ? nil : own,
                    filesLeft: entriesLeft + paths.count - number - 1, entriesLeft: entriesLeft,
                    recordsBefore: report.records.count, trouble: Trouble(error))
                return report
            }
        }
        return report
    }

    private static func isOfStorage(_ error: any Error) -> Bool {
        error is RowFileProblem || error is StoreFailure || error is HomeError
    }

    // MARK: Unfinished files

    private static let importPrefix = "import-"

    /// A file for sealed rows that is swept away unless it is finished or waited for.
    func writer() throws -> RowFileWriter {
        let name = Hex.encode(random.bytes(8))
        let path =
            "\(store.directory)/records/\(MemberActions.importPrefix)"
            + "\(getpid())-\(name)"
        return try RowFileWriter(path: path, keys: keys, random: random)
    }

    /// Removes what imports left that were killed.
    private func sweepImports() throws {
        let folder = "\(store.directory)/records"
        let waiting = try ImportBookmark.waiting(in: folder, keys: keys)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasPrefix(MemberActions.importPrefix) && !waiting.contains("\(folder)/\(name)") {
            let owner = name.dropFirst(MemberActions.importPrefix.count).prefix { $0 != "-" }
            guard let process = pid_t(owner), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            unlink("\(folder)/\(name)")
        }
    }
}
