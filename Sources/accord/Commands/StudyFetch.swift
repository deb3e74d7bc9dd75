import ClientRuntime
import Foundation
import Glibc
import HealthRecords
import LedgerCore
import NodeAPI
import TerminalCore

/// Reads records into a folder, with a manifest of the entries that allow each file.
///
/// No file is written before the node allowed and logged the use it comes from. The manifest is
/// replaced after each use, so an interruption costs one use at most; what it left is taken away
/// with the next one. One program at a time has the folder: none writes over another's manifest.
struct StudyFetch {
    /// How one member's records were read, or why not.
    struct Outcome {
        let account: AccountID
        var use: StudyUse?
        var problem: Problem?
        var files: [String] = []
        var defects: [StudyRecord.Defect] = []
        /// How many records were asked for and not given, though others may be.
        var missing = 0
        /// Everything was there already.
        var isKept = false
    }

    let folder: URL
    let office: StudyOffice
    let purpose: UsePurpose
    let isAgain: Bool
    private let latch: FolderLatch

    /// Takes the folder, which is made where it is missing.
    init(folder: String, office: StudyOffice, purpose: UsePurpose, isAgain: Bool = false) throws {
        self.folder = URL(filePath: folder, directoryHint: .isDirectory)
        self.office = office
        self.purpose = purpose
        self.isAgain = isAgain
        try HomeFolders.makePrivate(self.folder)
        do {
            latch = try FolderLatch(self.folder)
        } catch let error as HomeError where error.problem == .inUse {
            throw CommandFailure(
                .refused, "another program writes to \(folder): try again when it is done",
                "另一个程序正在写入 \(folder)：请待其完成后重试")
        }
        try sweep()
    }

    private var manifestFile: URL { folder.appending(path: "manifest.json") }

    /// Reads what is wanted of a project, member by member, and asks for the members of `alsoAsk`
    /// although nothing of theirs is known.
    func fetch(
        _ project: ProjectID, _ wanted: [StudySeats.Contribution], alsoAsk: [AccountID] = []
    ) async throws -> [Outcome] {
        var manifest = try StudyManifest(file: manifestFile)
        var order = [AccountID]()
        var given: [AccountID: [(entry: Hash, statement: RecordContributed)]] = [:]
        for one in wanted {
            if given[one.account] == nil { order.append(one.account) }
            given[one.account, default: []].append((one.entry, one.statement))
        }
        var outcomes = [Outcome]()
        for account in order + alsoAsk {
            let records = given[account] ?? []
            let missing = records.filter {
                isAgain || !manifest.holds($0.entry, purpose, in: folder)
            }
            let names = Set(missing.map(\.entry))
            let present = records.filter { !names.contains($0.entry) }
                .compactMap { manifest[$0.entry]?.path }.sorted()
                .map { folder.appending(path: $0).path(percentEncoded: false) }
            if !records.isEmpty, missing.isEmpty {
                outcomes.append(Outcome(account: account, files: present, isKept: true))
                continue
            }
            var outcome = Outcome(account: account)
            outcome.files = present
            let batches = StudyDesk.batches(of: missing)
            for batch in batches.isEmpty ? [[:]] : batches
            where outcome.problem?.denial?.isFinal != true {
                try await use(batch, of: project, &outcome, &manifest)
            }
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// Reads what one use may name.
    private func use(
        _ batch: [Hash: RecordContributed], of project: ProjectID, _ outcome: inout Outcome,
        _ manifest: inout StudyManifest
    ) async throws {
        let account = outcome.account
        let use: StudyUse
        do {
            use = try await office.desk.use(
                project, of: account, for: purpose, contributions: batch)
        } catch let problem as Problem {
            guard let denial = problem.denial else { throw problem }
            outcome.problem = problem
            // What is not covered, or not there yet, says nothing about the rest.
            guard denial.isFinal else {
                outcome.missing += batch.count
                return
            }
            outcome.files = []
            // Nor does what is missing for one purpose say anything about the others.
            return try remove(from: &manifest) {
                $0.account == account && $0.project == project
                    && (denial.isOfAuthorization || $0.purpose == purpose)
            }
        }
        outcome.use = use
        outcome.missing += max(batch.count - use.records.count, 0)
        let place = folder.appending(path: account.text, directoryHint: .isDirectory)
        try HomeFolders.makePrivate(place)
        for record in use.records {
            guard case .success(let content) = record.content else {
                if case .failure(let defect) = record.content {
                    outcome.defects.append(defect)
                }
                continue
            }
            let name = "\(record.contribution.hex).\(fileExtension(of: content))"
            let path = "\(account.text)/\(name)"
            try HomeFolders.writePrivate(content, to: place.appending(path: name))
            manifest.note(
                StudyManifest.File(
                    path: path, account: account, project: project, purpose: purpose,
                    kind: record.kind, contribution: record.contribution, grant: use.grant,
                    use: use.entry, useIndex: use.index, digest: Hash.of(content)))
            outcome.files.append(folder.appending(path: path).path(percentEncoded: false))
        }
        try manifest.write(to: manifestFile)
    }

    private func fileExtension(of content: [UInt8]) -> String {
        var reader = RecordFileReader(name: "contribution")
        // What nothing recognises is kept as it is.
        try? content.withUnsafeBytes { try reader.append($0) }
        try? reader.finish()
        return reader.format?.fileExtension ?? StudyManifest.plainEnding
    }

    /// Takes away what members no longer allow, as far as entries tell: the files of who allows
    /// nothing, and single ones that were erased or that a later grant does not cover.
    func removeWithdrawn(_ project: ProjectID, _ seats: StudySeats, _ output: Output) throws {
        var manifest = try StudyManifest(file: manifestFile)
        var present: [Hash: RecordContributed] = [:]
        for one in seats.contributions { present[one.entry] = one.statement }
        let user = office.desk.account
        let gone = manifest.files(of: project).filter { file in
            let member = seats.members[file.account] ?? StudyMember()
            guard let statement = present[file.contribution] else { return true }
            return !member.allows(statement, to: user, for: file.purpose)
        }
        guard !gone.isEmpty else { return }
        let names = Set(gone.map(\.contribution))
        try remove(from: &manifest) { names.contains($0.contribution) }
        for account in Set(gone.map(\.account)).sorted() {
            let count = gone.count { $0.account == account }
            output.note(
                "\(account.text): no longer allowed, files taken away: \(count)",
                "\(account.text)：已不再允许，已移除文件：\(count)")
        }
    }

    /// Takes files away that the manifest names.
    private func remove(
        from manifest: inout StudyManifest, where isGone: (StudyManifest.File) -> Bool
    ) throws {
        let left = manifest.remove(in: folder, where: isGone)
        try manifest.write(to: manifestFile)
        if let first = left.first { throw StudyFetch.failure(left: first) }
    }

    /// Takes away what a program that was stopped wrote and did not come to name: nobody would take
    /// it away when its member no longer allows it.
    private func sweep() throws {
        let manifest = try StudyManifest(file: manifestFile)
        let named = Set(manifest.paths)
        let root = folder.path(percentEncoded: false)
        for account in try FileManager.default.contentsOfDirectory(atPath: root).sorted()
        where AccountID(account) != nil {
            let place = folder.appending(path: account).path(percentEncoded: false)
            // What is no folder, or a link to one, was not made here.
            guard StudyFetch.isThere(place, as: S_IFDIR) else { continue }
            for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
            where StudyManifest.isName(name) && !named.contains("\(account)/\(name)") {
                let path = "\(place)/\(name)"
                guard StudyFetch.isThere(path, as: S_IFREG) else { continue }
                guard unlink(path) == 0 || errno == ENOENT else {
                    throw StudyFetch.failure(left: path)
                }
            }
        }
    }

    /// Whether a path leads to a file or folder itself, and not to a link.
    private static func isThere(_ path: String, as kind: mode_t) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == kind
    }

    private static func failure(left path: String) -> CommandFailure {
        CommandFailure(
            .refused, "\(path) may not be kept and could not be taken away: remove it",
            "\(path) 不得保留，但无法移除：请将其删除")
    }

    // MARK: Telling

    static func report(_ outcomes: [Outcome], _ output: Output) throws {
        output.json(jsonObject([("uses", .array(outcomes.map(json)))]))
        for outcome in outcomes {
            if outcome.isKept {
                output.line(
                    "\(outcome.account.text): \(outcome.files.count) records are there",
                    "\(outcome.account.text)：已有 \(outcome.files.count) 份记录")
            } else if let use = outcome.use {
                output.line(
                    "\(outcome.account.text): \(outcome.files.count) records read, logged as #\(use.index)",
                    "\(outcome.account.text)：已读取 \(outcome.files.count) 份记录，记录为 #\(use.index)")
            }
            if let denial = outcome.problem?.denial {
                let place = outcome.problem?.index.map { ", logged as #\($0)" } ?? ""
                output.line(
                    "\(outcome.account.text): denied: \(denial.rawValue)\(place); no data was sent",
                    "\(outcome.account.text)：被拒绝：\(denial.rawValue)；未发送任何数据")
            }
            if outcome.missing > 0 {
                output.line(
                    "\(outcome.account.text): \(outcome.missing) not given: not covered, or not here yet; run again later",
                    "\(outcome.account.text)：\(outcome.missing) 份未提供：不在授权范围内，或尚未送达；请稍后再次运行")
            }
            for defect in outcome.defects {
                output.note(
                    "\(outcome.account.text): \(defect.rawValue)",
                    "\(outcome.account.text)：\(defect.chinese)")
            }
        }
        if outcomes.contains(where: { !$0.defects.isEmpty }) { throw CommandFailure(.integrity) }
        if outcomes.contains(where: { $0.problem != nil }) { throw CommandFailure(.refused) }
    }

    private static func json(_ outcome: Outcome) -> JSONValue {
        jsonObject([
            ("account", .string(outcome.account.text)),
            (
                "defects",
                outcome.defects.isEmpty
                    ? nil : .array(outcome.defects.map { .string($0.rawValue) })
            ),
            ("denied", outcome.problem?.denial.map { .string($0.rawValue) }),
            ("entry", outcome.use.map { .string($0.entry.hex) }),
            ("files", .array(outcome.files.map(JSONValue.string))),
            ("index", (outcome.use?.index ?? outcome.problem?.index).map(JSONValue.integer)),
            ("kept", outcome.isKept ? .bool(true) : nil),
            ("missing", outcome.missing > 0 ? .integer(Int64(outcome.missing)) : nil),
        ])
    }
}

extension StudyRecord.Defect {
    /// Why a record cannot be read, in Chinese; the raw value says it in English.
    fileprivate var chinese: SafeText {
        switch self {
        case .damaged: "记录已损坏"
        case .keyDoesNotFit: "密钥与记录不符"
        case .commitmentDiffers: "内容与提交时所承诺的不符"
        }
    }
}

/// `manifest.json`: for each file the ledger entries that allow it.
struct StudyManifest: Equatable {
    /// One file.
    struct File: Equatable {
        let path: String
        let account: AccountID
        let project: ProjectID
        let purpose: UsePurpose
        let kind: RecordKind
        let contribution: Hash
        let grant: Hash
        let use: Hash
        let useIndex: LeafIndex
        let digest: Hash
    }

    private var files: [Hash: File] = [:]

    /// Reads a manifest; one that is missing names no file.
    init(file: URL) throws {
        let path = file.path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path) else { return }
        guard let json = try? JSONValue(canonical: [UInt8](content)),  // any defect is the same
            let list = json["files"]?.array
        else { throw HomeError(path: path, problem: .unreadable("it is no manifest")) }
        for one in list.compactMap(File.init(json:)) { files[one.contribution] = one }
    }

    func write(to file: URL) throws {
        let list = files.values.sorted { $0.path < $1.path }.map(\.json)
        try HomeFolders.writePrivate(
            jsonObject([("files", .array(list)), ("manifest", .integer(1))]).canonicalBytes,
            to: file)
    }

    subscript(contribution: Hash) -> File? { files[contribution] }

    /// The files read for research, by path.
    var forResearch: [File] {
        files.values.filter { $0.purpose != .review }.sorted { $0.path < $1.path }
    }

    /// The files of a project.
    func files(of project: ProjectID) -> [File] { files.values.filter { $0.project == project } }

    /// Where its files are, in its folder.
    var paths: [String] { files.values.map(\.path) }

    /// How the name of a file ends whose content nothing recognises.
    static let plainEnding = "bin"
    private static let endings = Set(RecordFormat.allCases.map(\.fileExtension) + [plainEnding])

    /// Whether a file is called as those of a manifest are, or as one that is being written.
    static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return (parts.count == 2 || parts.count == 3 && parts[2] == "new")
            && Hash(hex: parts[0]) != nil && endings.contains(parts[1])
    }

    /// Whether the file of a contribution is there, whole, and was read for this purpose.
    func holds(_ contribution: Hash, _ purpose: UsePurpose, in folder: URL) -> Bool {
        guard let file = files[contribution], file.purpose == purpose,
            let content = FileManager.default.contents(
                atPath: folder.appending(path: file.path).path(percentEncoded: false))
        else { return false }
        return Hash.of([UInt8](content)) == file.digest
    }

    mutating func note(_ file: File) { files[file.contribution] = file }

    /// Takes files away: from the folder first, so that none is left unnamed.
    ///
    /// Returns where those are that could not be taken away: they stay named.
    mutating func remove(in folder: URL, where isGone: (File) -> Bool) -> [String] {
        var left: [String] = []
        for file in files.values where isGone(file) {
            let path = folder.appending(path: file.path).path(percentEncoded: false)
            if unlink(path) == 0 || errno == ENOENT {
                files[file.contribution] = nil
            } else {
                left.append(path)
            }
        }
        return left.sorted()
    }
}

extension StudyManifest.File {
    var json: JSONValue {
        jsonObject([
            ("account", .string(account.text)), ("contribution", .string(contribution.hex)),
            ("grant", .string(grant.hex)), ("kind", .string(kind.rawValue)),
            ("path", .string(path)), ("project", .string(project.text)),
            ("purpose", .string(purpose.text)), ("sha256", .string(digest.hex)),
            ("use", .string(use.hex)), ("use_index", .integer(useIndex)),
        ])
    }

    init?(json: JSONValue) {
        guard let path = json["path"]?.string, !path.hasPrefix("/"), !path.contains(".."),
            let account = json["account"]?.string.flatMap({ AccountID($0) }),
            let project = json["project"]?.string.flatMap({ ProjectID($0) }),
            let purpose = json["purpose"]?.string.flatMap({ UsePurpose($0) }),
            let kind = json["kind"]?.string.flatMap({ RecordKind(rawValue: $0) }),
            let contribution = json["contribution"]?.string.flatMap({ Hash(hex: $0) }),
            let grant = json["grant"]?.string.flatMap({ Hash(hex: $0) }),
            let use = json["use"]?.string.flatMap({ Hash(hex: $0) }),
            let index = json["use_index"]?.integer,
            let digest = json["sha256"]?.string.flatMap({ Hash(hex: $0) })
        else { return nil }
        self.init(
            path: path, account: account, project: project, purpose: purpose, kind: kind,
            contribution: contribution, grant: grant, use: use, useIndex: index, digest: digest)
    }
}
