import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import NodeAPI
import Screens
import StudyImport
import SyncCore
import TerminalCore

/// The study team's side.
struct StudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: Spoken.help(
            "Publish projects, review contributions, use records.", "发布项目，审核贡献，使用记录。"),
        subcommands: [
            StudyKeys.self, StudyNew.self, StudyCheck.self, StudyImportFiles.self,
            StudyPublish.self, StudyAmend.self, StudyClose.self, StudyCorrect.self,
            StudyLapse.self, StudySplit.self,
            StudyList.self, StudyCount.self, StudyReview.self, StudyUseRecords.self,
            StudyDerive.self, StudyWishesCommand.self, StudyReturn.self,
            StudyRun.self, StudyEndorse.self, StudyTerminate.self, StudyApprove.self,
            StudyAttest.self, StudyWitnesses.self,
        ])
}

/// Makes the keys of an institution.
struct StudyKeys: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: Spoken.help(
            "Make the institution's keys, and print the public ones for accord-node admit.",
            "生成机构的密钥，并输出供 accord-node admit 使用的公钥。"))

    @Option(
        help: Spoken.help(
            "The folder of the institution; otherwise ACCORD_HOME.", "机构的文件夹；未指定时为 ACCORD_HOME。"),
        completion: .directory)
    var home: String?
    @Option(
        help: Spoken.help(
            "The file to write; otherwise the keys are printed.", "要写入的文件；未指定时直接输出公钥。"),
        completion: .file())
    var out: String?
    @Option(
        help: Spoken.help(
            "A number that gives the same keys each time, for rehearsals.", "每次生成相同密钥的数字，用于演练。"))
    var seed: UInt64?
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let folders = StudyOffice.folders(home)
        try folders.prepare()
        if FileManager.default.fileExists(atPath: folders.storeFile.path(percentEncoded: false)) {
            throw output.failure(
                .wrongUse, "a person has joined here: give the institution a folder, --home DIR",
                "此处已有个人账户：请用 --home 为机构指定文件夹")
        }
        let keys = try publicKeys(folders, output)
        let json = jsonObject([
            ("key", .string(Base64.url.encode(keys.signing))),
            ("wrap", .string(Base64.url.encode(keys.wrapping))),
        ])
        let text = JSONPrinter.text(json) + "\n"
        guard let out else { return Output.write(text, to: STDOUT_FILENO) }
        // The same keys may be written once more; whatever else is there stays.
        let files = FileManager.default
        if files.fileExists(atPath: out), files.contents(atPath: out) != Data(text.utf8) {
            throw output.failure(
                .wrongUse, "\(out) exists: nothing was written", "\(out) 已存在：未写入任何内容")
        }
        try HomeFolders.writePrivate(Array(text.utf8), to: URL(filePath: out), amongOthers: true)
        let account = AccountID(firstDevice: keys.device).text
        output.json(jsonObject([("account", .string(account)), ("file", .string(out))]))
        output.line(
            "wrote \(out); the account is \(account); next:  accord-node admit --keys \(out) --name-en NAME",
            "已写入 \(out)；账户为 \(account)；下一步：accord-node admit --keys \(out) --name-en 名称")
    }

    private func publicKeys(_ folders: HomeFolders, _ output: Output) throws -> DeviceKeys {
        do {
            return try Vault.read(from: folders.vaultFile).publicKeys
        } catch VaultError.missing {
            let random = seed.map { RandomSource(seed: $0) } ?? RandomSource()
            let vault = try Vault(
                sealing: VaultKeys(random: random), passphrase: passphrase.new(output),
                random: random)
            try vault.write(to: folders.vaultFile)
            return vault.publicKeys
        }
    }
}

/// Imports studies of registries.
struct StudyImportFiles: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: Spoken.help(
            "Publish the studies of registry files as projects.", "将登记文件中的研究发布为项目。"),
        discussion: Spoken.help(
            """
            Reads ClinicalTrials.gov (JSON, XML), FHIR ResearchStudy, CTIS, EUCTR, ISRCTN, ChiCTR \
            and WHO registry tables. Projects that are in the catalogue already are left out.
            """,
            """
            可读取 ClinicalTrials.gov（JSON、XML）、FHIR ResearchStudy、CTIS、\
            EUCTR、ISRCTN、ChiCTR 和 WHO 登记表格。已在目录中的项目会略过。
            """))

    @Argument(
        help: Spoken.help("The files, or folders of files.", "文件，或含有文件的文件夹。"), completion: .file())
    var files: [String]
    @Flag(help: Spoken.help("Read and count only; nothing is sent.", "只读取并计数；不发送任何内容。"))
    var dryRun = false
    @Flag(help: Spoken.help("Only studies that take people in.", "只要正在招募的研究。"))
    var onlyOpen = false
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let reading = try StudyReading(paths: files, output: output)
        let studies = onlyOpen ? reading.studies.filter { $0.isOpen(at: now) } : reading.studies
        reading.report(output)
        guard !studies.isEmpty else {
            output.json(reading.json([]))
            throw output.failure(
                .refused, "no study was found: nothing was published", "没有找到研究，未发布任何内容")
        }
        guard !dryRun else {
            output.json(reading.json([("dry_run", .bool(true))]))
            return output.line(
                "\(output.studies(studies.count)) could be published; nothing was sent",
                "可发布 \(studies.count) 项研究；未发送任何内容")
        }
        try await StudyOffice.open(office, output) { office in
            let known = try await office.catalogue().terms
            let terms = studies.filter { known[$0.project] == nil }
                .map { $0.terms(recipients: [office.desk.account], now: now) }
            let stated = try await office.state(terms.map(EntryBody.projectPublished), output)
            let old = studies.count - terms.count
            output.json(
                reading.json([
                    ("already_published", .integer(Int64(old))),
                    ("published", .integer(Int64(stated.recorded))), ("refused", stated.json),
                ]))
            output.line(
                "\(stated.recorded) projects published, \(old) were in the catalogue already",
                "已发布 \(stated.recorded) 个项目，\(old) 个已在目录中")
            try stated.conclude(output)
        }
    }

    private var now: Timestamp { RuntimeClock().now }
}

/// What came out of registry files.
struct StudyReading {
    private(set) var studies: [ImportedStudy] = []
    private var files: [(name: String, outcome: Result<StudyFileOutcome, StudyRefusal>)] = []
    /// The same study in an earlier file.
    private var repeated = 0

    init(paths: [String], output: Output) throws {
        var seen = Set<ProjectID>()
        for path in try StudyReading.expanded(paths, output) {
            guard let content = FileManager.default.contents(atPath: path) else {
                throw output.failure(
                    .wrongUse, "could not read \(path): nothing was published",
                    "无法读取 \(path)，未发布任何内容")
            }
            let name = URL(filePath: path).lastPathComponent
            do throws(StudyRefusal) {
                let outcome = try StudyFile.read(name: name, bytes: [UInt8](content))
                for study in outcome.studies {
                    if seen.insert(study.project).inserted {
                        studies.append(study)
                    } else {
                        repeated += 1
                    }
                }
                files.append((name, .success(outcome)))
            } catch {
                files.append((name, .failure(error)))
            }
        }
    }

    /// Folders stand for the files in them, sorted by name.
    private static func expanded(_ paths: [String], _ output: Output) throws -> [String] {
        try paths.flatMap { path -> [String] in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw output.failure(
                    .wrongUse, "there is no file \(path)", "没有文件 \(path)")
            }
            guard isFolder.boolValue else { return [path] }
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                .filter { !$0.hasPrefix(".") }.map { "\(path)/\($0)" }
        }
    }

    /// Says what was found in each file, and what was left out.
    func report(_ output: Output) {
        var table = Table(.right, .right, .left)
        var single = 0
        for case (let name, .success(let outcome)) in files {
            let (count, skipped) = (outcome.studies.count, outcome.skipped.count)
            if count == 1, skipped == 0, files.count > 8 {
                single += 1
                continue
            }
            table.add(
                output.studies(count),
                skipped == 0 ? "" : output.say("\(skipped) skipped", "跳过 \(skipped)"), "\(name)")
        }
        if single > 0 {
            table.add(
                output.studies(single), "",
                output.say("one in each of \(single) files", "\(single) 个文件各一项"))
        }
        output.lines(table.lines(columns: output.columns))
        for (name, result) in files {
            switch result {
            case .success(let outcome):
                for skipped in outcome.skipped.prefix(10) {
                    let (place, why) = (
                        output.told(skipped.position), output.told(skipped.defect)
                    )
                    output.note("\(name), \(place): \(why)", "\(name)，\(place)：\(why)")
                }
                let rest = outcome.skipped.count - 10
                if rest > 0 { output.note("\(name): \(rest) more", "\(name)：另有 \(rest) 项") }
            case .failure(let refusal): Output.complain(output.told(refusal))
            }
        }
        if repeated > 0 {
            output.note("\(repeated) stand in several files", "\(repeated) 项在多个文件中重复")
        }
    }

    /// The counts for scripts, with more members.
    func json(_ members: [(String, JSONValue?)]) -> JSONValue {
        let list = files.map { name, result -> JSONValue in
            switch result {
            case .success(let outcome):
                jsonObject([
                    ("file", .string(name)),
                    (
                        "skipped",
                        .array(
                            outcome.skipped.map {
                                jsonObject([
                                    ("at", .string("\($0.position)")),
                                    ("why", .string("\($0.defect)")),
                                ])
                            })
                    ),
                    ("studies", .integer(Int64(outcome.studies.count))),
                ])
            case .failure(let refusal):
                jsonObject([
                    ("at", .string("\(refusal.position)")), ("file", .string(name)),
                    ("refused", .string("\(refusal.defect)")), ("studies", .integer(0)),
                ])
            }
        }
        return jsonObject(
            [
                ("files", .array(list)), ("repeated", .integer(Int64(repeated))),
                ("studies", .integer(Int64(studies.count))),
            ] + members)
    }
}

/// Publishes projects of one's own.
struct StudyPublish: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: Spoken.help("Publish a project, or a new version of it.", "发布项目，或其新版本。"),
        discussion: Spoken.help(
            """
            FILE is TOML as  accord study new  writes it, or JSON: one project or a list of them. \
            Times are like 2027-12-31 or 2027-12-31T12:00:00Z, in UTC. What may be left out in JSON: \
            major, minor, recipients (you), ethics, source, limits, seats, reward. Example:

              {"project":"sleep-1","programme":"staff-plan","title":{"en":"Sleep"},
               "why":{"en":"To find out."},"kinds":[["wearable",true]],"purposes":["HMB"],
               "collect_from":"2020-01-01","collect_until":"2027-12-31",
               "use_until":"2028-12-31","erase_at":"2029-06-30","seats":50,
               "reward":{"contribution":600,"use":20,"use_cap":600,"member_cap":1200,
                         "window":0}}
            """,
            """
            文件为  accord study new  写出的 TOML，或 JSON：一个项目或项目列表。时间写作 \
            2027-12-31 或 2027-12-31T12:00:00Z，均为 UTC。JSON 中可省略：major、\
            minor、recipients（即本机构）、ethics、source、limits、seats、reward。例如：

              {"project":"sleep-1","programme":"staff-plan","title":{"zh":"睡眠"},
               "why":{"zh":"了解睡眠。"},"kinds":[["wearable",true]],"purposes":["HMB"],
               "collect_from":"2020-01-01","collect_until":"2027-12-31",
               "use_until":"2028-12-31","erase_at":"2029-06-30","seats":50,
               "reward":{"contribution":600,"use":20,"use_cap":600,"member_cap":1200,
                         "window":0}}
            """))

    @Argument(help: Spoken.help("The file.", "文件。"), completion: .file())
    var file: String
    @Option(
        help: Spoken.help(
            "How many points to set aside for each project, beyond what is set aside.",
            "在已预留之外，为每个项目再预留多少积分。"))
    var escrow: Int64?
    @Option(
        help: Spoken.help(
            "After a major change, how many days the old consent still holds.", "重大变更后，原有同意还有效多少天。")
    )
    var graceDays: Int64 = 30
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (0...3_650).contains(graceDays) else {
            throw ValidationError(
                english: "--grace-days is 0 to 3650", chinese: "--grace-days 为 0 到 3650")
        }
        guard escrow.map({ (1...Points.limit.value).contains($0) }) ?? true else {
            throw ValidationError(
                english: "--escrow is 1 to \(Points.limit.value)",
                chinese: "--escrow 为 1 到 \(Points.limit.value)")
        }
    }

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let drafts = try ProjectDrafts.read(file, account: office.desk.account, output)
            let catalogue = try await office.catalogue()
            var statements = [EntryBody]()
            for draft in drafts {
                var terms = draft
                if let old = catalogue.own[terms.project] {
                    let isUnchanged = StudyAmend.changes(old, draft).isEmpty
                    if isUnchanged { StudyAmend.reportUnchanged(old, output) }
                    // A TOML file says nothing of versions: they follow from the change.
                    if file.hasSuffix(".toml") { terms = StudyAmend.next(draft, after: old) }
                    if !isUnchanged {
                        statements.append(
                            .projectAmended(
                                ProjectAmended(
                                    terms: terms, graceMilliseconds: graceDays * 86_400_000)))
                    }
                } else {
                    statements.append(.projectPublished(terms))
                    tellWhatIsPromised(terms, output)
                }
                if let escrow {
                    statements.append(
                        .escrowPlaced(EscrowPlaced(project: terms.project, points: Points(escrow))))
                }
            }
            let stated = try await office.state(statements, output)
            output.json(
                jsonObject([
                    ("projects", .array(drafts.map { .string($0.project.text) })),
                    ("recorded", .integer(Int64(stated.recorded))), ("refused", stated.json),
                ]))
            let names = drafts.map(\.project.text).joined(separator: ", ")
            if stated.refused.isEmpty { output.line("published \(names)", "已发布 \(names)") }
            try stated.conclude(output)
        }
    }

    /// Says what members will see: that less is set aside than the project may have to pay.
    private func tellWhatIsPromised(_ terms: ProjectTerms, _ output: Output) {
        let words = output.words
        let aside = words.points(Points(escrow ?? 0))
        guard let promised = terms.promised else {
            return output.note(
                """
                \(terms.project.text): \(aside) set aside, and no limit to what it may have to pay: \
                members see that
                """, "\(terms.project.text)：已预留 \(aside)，可能需支付的积分没有上限，成员会看到")
        }
        guard Points(escrow ?? 0) < promised else { return }
        output.note(
            """
            \(terms.project.text): \(aside) set aside of \(words.points(promised)) that it may have \
            to pay: members see that; set more aside with  accord study publish \
            \(file) --escrow POINTS
            """,
            """
            \(terms.project.text)：可能需支付 \(words.points(promised))，已预留 \(aside)，成员会看到；\
            可用  accord study publish \(file) --escrow 积分  增加预留
            """)
    }
}

/// Lists an institution's own projects.
struct StudyList: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Spoken.help("List the institution's projects and its budget.", "列出机构的项目及其预算。"))

    @Option(help: Spoken.help("How many lines at most; 0 for all.", "最多多少行；0 表示全部。"))
    var limit = 20
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let catalogue = try await office.catalogue()
            let all = catalogue.own.values.sorted { $0.project < $1.project }
            let shown = limit <= 0 ? all : Array(all.prefix(limit))
            output.json(
                jsonObject([
                    ("account", .string(office.desk.account.text)),
                    ("budget", .integer(catalogue.budget.value)),
                    (
                        "projects",
                        .array(
                            shown.map { terms in
                                jsonObject([
                                    ("closed", .bool(catalogue.closed.contains(terms.project))),
                                    ("major", .integer(terms.major)),
                                    ("minor", .integer(terms.minor)),
                                    ("project", .string(terms.project.text)),
                                    ("seats", .integer(terms.seats)),
                                    ("shares", catalogue.sharing[terms.project]?.json),
                                    ("title", .text(terms.title)),
                                ])
                            })
                    ),
                    ("total", .integer(Int64(all.count))),
                ]))
            var table = Table(.left, .left, .left, .left, .left)
            for terms in shown {
                let isClosed = catalogue.closed.contains(terms.project)
                let shared = (catalogue.sharing[terms.project]?.total).map {
                    output.say(
                        "\(output.words.points($0)) shared", "已分成 \(output.words.points($0))")
                }
                table.add(
                    "\(terms.project.text)", "v\(terms.major).\(terms.minor)",
                    isClosed ? output.words(.closed) : .empty, shared ?? .empty,
                    output.words(terms.title))
            }
            output.lines(table.lines(columns: output.columns))
            let budget = output.words.points(catalogue.budget)
            output.line(
                "\(shown.count) of \(all.count) projects; \(budget) to set aside",
                "共 \(all.count) 个项目，显示 \(shown.count) 个；可拨付 \(budget)")
        }
    }
}

extension Output {
    /// A number of studies.
    func studies(_ count: Int) -> SafeText {
        say(count == 1 ? "1 study" : "\(count) studies", "\(count) 项研究")
    }
}
