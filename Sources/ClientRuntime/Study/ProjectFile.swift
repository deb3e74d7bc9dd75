package import LedgerCore
import TOMLKit

/// A project as a study team writes it: a TOML file, checked as a whole.
package enum ProjectFile {
    /// What a file holds: the terms, unless something is wrong.
    package struct Reading: Equatable, Sendable {
        /// The terms in their first version; `nil` if there is a problem.
        package let terms: ProjectTerms?
        /// Everything that is wrong, in the order of the file.
        package let problems: [StudyFileProblem]
    }

    /// Reads a file; where it does not say, `account` reads the data.
    package static func read(_ text: String, account: AccountID) -> Reading {
        var reading = Draft(text: text, account: account)
        let terms = reading.terms()
        let problems = reading.file.sortedProblems
        return Reading(terms: problems.isEmpty ? terms : nil, problems: problems)
    }

    private static let keys = [
        "project", "programme", "title", "why", "kinds", "purposes", "limits", "diseases", "links",
        "recipients", "ethics", "source", "collect_from", "collect_until", "use_until",
        "erase_at", "seats", "reward", "criteria", "of_age", "returns", "lapse",
    ]

    private struct Draft {
        let text: String
        let account: AccountID
        var file: StudyFileReader

        init(text: String, account: AccountID) {
            self.text = text
            self.account = account
            file = StudyFileReader(text)
        }

        mutating func terms() -> ProjectTerms? {
            guard let top = file.open(text) else { return nil }
            file.noteUnknownKeys(in: top, known: ProjectFile.keys)
            let project = project(in: top)
            let programmes = Programme.allCases.map(\.rawValue)
            let programme = file.text("programme", in: top, isNeeded: true).flatMap { name in
                let known = Programme(rawValue: name)
                if known == nil {
                    file.noteUnknown(name, of: "programme", in: top, known: programmes)
                }
                return known
            }
            let (title, why) = (words("title", in: top), words("why", in: top))
            let kinds = kinds(in: top)
            let purposes = uses("purposes", in: top)
            let limits = uses("limits", in: top)
            let diseases = diseases(in: top, purposes)
            let links = file.words("links", in: top, known: []) { ProjectID($0) }
            let recipients = file.words("recipients", in: top, known: []) { AccountID($0) }
            let ethics = limited("ethics", in: top, bytes: 200)
            let source = limited("source", in: top, bytes: 500)
            let times = times(in: top)
            let seats = file.integer("seats", in: top, range: 0...1_000_000_000, default: 0)
            let ofAge = file.integer(
                "of_age", in: top, range: ComingOfAge.projectYears, default: ComingOfAge.years)
            let returns = returns(in: top)
            let lapse = lapse(in: top)
            let reward = reward(in: top)
            let criteria = file.criteria(in: top)
            guard let project, let programme, let title, let why, let times, let reward,
                file.problems.isEmpty
            else { return nil }
            return ProjectTerms(
                project: project, programme: programme, title: title, why: why,
                recipients: recipients.isEmpty ? [account] : recipients, ethics: ethics,
                source: source, kinds: kinds, purposes: purposes, limits: limits,
                collectionFrom: times[0], collectionUntil: times[1], useUntil: times[2],
                eraseAt: times[3], seats: seats, reward: reward, diseases: diseases, links: links,
                criteria: criteria, ofAge: ofAge, returns: returns,
                lapse: lapse)
        }

        private mutating func project(in top: StudyFileReader.Section) -> ProjectID? {
            guard let name = file.text("project", in: top, isNeeded: true) else { return nil }
            if let project = ProjectID(name) { return project }
            file.note(
                "project", in: top,
                "\"\(name)\" cannot be a project's name: use 1 to 64 letters, digits, dots, - and _",
                "\"\(name)\" 不能作为项目名称：请用 1 至 64 个字母、数字、点、- 或 _")
            return nil
        }

        private mutating func words(_ key: String, in top: StudyFileReader.Section)
            -> LocalizedText?
        {
            if top.table[key]?.string != nil {
                guard let text = file.text(key, in: top), !text.isEmpty else {
                    file.note(key, in: top, "\"\(key)\" is empty", "\"\(key)\" 为空")
                    return nil
                }
                return LocalizedText(english: text)
            }
            guard let section = file.section(key, in: top, isNeeded: true) else { return nil }
            file.noteUnknownKeys(in: section, known: ["en", "zh"])
            let english = file.text("en", in: section) ?? ""
            let chinese = file.text("zh", in: section) ?? ""
            guard !english.isEmpty || !chinese.isEmpty else {
                file.note(
                    key, in: top, "\"\(key)\" needs a text: en, zh or both",
                    "\"\(key)\" 需要文字：en、zh 或两者")
                return nil
            }
            guard english.utf8.count + chinese.utf8.count <= 3_000 else {
                file.note(
                    key, in: top, "\"\(key)\" is too long: at most 3,000 bytes in all",
                    "\"\(key)\" 过长：合计不超过 3000 字节")
                return nil
            }
            return LocalizedText(english: english, chinese: chinese)
        }

        private mutating func limited(
            _ key: String, in top: StudyFileReader.Section, bytes: Int
        ) -> String {
            let text = file.text(key, in: top) ?? ""
            if text.utf8.count > bytes {
                file.note(
                    key, in: top, "\"\(key)\" is too long: at most \(bytes) bytes",
                    "\"\(key)\" 过长：不超过 \(bytes) 字节")
            }
            return text
        }

        private mutating func kinds(in top: StudyFileReader.Section) -> [KindRequest] {
            guard let section = file.section("kinds", in: top, isNeeded: true) else { return [] }
            file.noteUnknownKeys(in: section, known: RecordKind.allCases.map(\.rawValue))
            var kinds = [KindRequest]()
            for kind in RecordKind.allCases where section.table[kind.rawValue] != nil {
                switch file.text(kind.rawValue, in: section) {
                case "required": kinds.append(KindRequest(kind, isRequired: true))
                case "optional": kinds.append(KindRequest(kind, isRequired: false))
                case let other?:
                    file.noteUnknown(
                        other, of: kind.rawValue, in: section, known: ["required", "optional"])
                case nil: break
                }
            }
            if section.table.keys.isEmpty {
                file.note(
                    "kinds", in: top, "the project has to ask for at least one kind of data",
                    "项目至少要请求一种数据")
            }
            return kinds
        }

        /// Purposes are DUO permissions, limits DUO modifiers: each has its own list.
        private mutating func uses(_ key: String, in top: StudyFileReader.Section) -> [DataUse] {
            let isPurposes = key == "purposes"
            let known = DataUse.allCases.filter { $0.isPermission == isPurposes }
            let uses = file.words(
                key, in: top, isNeeded: isPurposes, known: known.map(\.rawValue),
                DataUse.init(rawValue:))
            for use in uses where use.isPermission != isPurposes {
                file.note(
                    key, item: use.rawValue, in: top,
                    isPurposes
                        ? "\(use.rawValue) limits and does not permit: move it to limits"
                        : "\(use.rawValue) permits and does not limit: move it to purposes",
                    isPurposes
                        ? "\(use.rawValue) 是限制而非许可：请移到 limits"
                        : "\(use.rawValue) 是许可而非限制：请移到 purposes")
            }
            if isPurposes, top.table[key] != nil, uses.isEmpty {
                file.note(
                    key, in: top, "at least one purpose is needed, such as \"HMB\"",
                    "至少需要一个用途，例如 \"HMB\"")
            }
            return uses
        }

        private mutating func returns(in top: StudyFileReader.Section) -> [ResultClass] {
            let names = ResultClass.allCases.map(\.rawValue)
            return file.words("returns", in: top, known: names, ResultClass.init(rawValue:))
        }

        private mutating func lapse(in top: StudyFileReader.Section) -> RevocationMode {
            let names = RevocationMode.allCases.map(\.rawValue)
            guard let name = file.text("lapse", in: top) else { return .stop }
            if let mode = RevocationMode(rawValue: name) { return mode }
            file.noteUnknown(name, of: "lapse", in: top, known: names)
            return .stop
        }

        private mutating func diseases(
            in top: StudyFileReader.Section, _ purposes: [DataUse]
        ) -> [DiseaseTerm] {
            var terms = [DiseaseTerm]()
            for text in file.texts("diseases", in: top) {
                if let term = DiseaseTerm(text) {
                    terms.append(term)
                } else {
                    file.note(
                        "diseases", item: text, in: top,
                        "\"\(text)\" is no disease term: write one such as MONDO:0005148",
                        "\"\(text)\" 不是疾病术语：请写成 MONDO:0005148 这样的形式")
                }
            }
            if !terms.isEmpty, !purposes.contains(.diseaseSpecific) {
                file.note(
                    "diseases", in: top, "diseases need the purpose \"DS\"",
                    "指定疾病时，用途须包含 \"DS\"")
            }
            return Set(terms).sorted()
        }

        private mutating func times(in top: StudyFileReader.Section) -> [Timestamp]? {
            let from = file.time("collect_from", in: top, isEnd: false)
            let until = file.time("collect_until", in: top, isEnd: true)
            let useUntil = file.time("use_until", in: top, isEnd: true)
            let eraseAt = file.time("erase_at", in: top, isEnd: true)
            if let from, let until, until < from {
                file.note(
                    "collect_until", in: top, "collect_until is before collect_from",
                    "collect_until 早于 collect_from")
            }
            if let useUntil, let eraseAt, eraseAt < useUntil {
                file.note(
                    "erase_at", in: top,
                    "erase_at is before use_until: data would be used after it was erased",
                    "erase_at 早于 use_until：数据会在删除之后仍被使用")
            }
            guard let from, let until, let useUntil, let eraseAt else { return nil }
            return [from, until, useUntil, eraseAt]
        }

        private static let rewardKeys = [
            "contribution", "use", "use_cap", "member_cap", "window_days",
        ]

        private mutating func reward(in top: StudyFileReader.Section) -> RewardRule? {
            guard top.table["reward"] != nil else { return RewardRule.none }
            guard let section = file.section("reward", in: top, isNeeded: true) else { return nil }
            let paid = ["consent", "signup", "sign_up", "grant", "stay", "keep", "not_revoking"]
            let forbidden = section.table.keys.filter { paid.contains($0) }
            for key in forbidden {
                file.note(
                    key, in: section,
                    "points are paid for contribution and use, never for consenting or for staying",
                    "积分只为贡献和使用而支付，绝不为同意或不撤销而支付")
            }
            file.noteUnknownKeys(in: section, known: Draft.rewardKeys + forbidden)
            let points = 0...Points.limit.value
            let contribution = file.integer("contribution", in: section, range: points, default: 0)
            let use = file.integer("use", in: section, range: points, default: 0)
            let useCap = file.integer("use_cap", in: section, range: points, default: 0)
            let memberCap = file.integer("member_cap", in: section, range: points, default: 0)
            let days = file.integer("window_days", in: section, range: 0...365, default: 7)
            if contribution + use > 0, memberCap == 0 {
                file.note(
                    section.table["member_cap"] == nil ? "contribution" : "member_cap",
                    in: section, "with member_cap 0 nobody is paid: say the most one member earns",
                    "member_cap 为 0 时无人获得积分：请写明每位成员最多可得多少")
            }
            if use > 0, useCap == 0 {
                file.note(
                    "use", in: section, "with use_cap 0 no use is paid: say the most uses earn",
                    "use_cap 为 0 时使用不付积分：请写明使用最多可得多少")
            }
            return RewardRule(
                perContribution: Points(contribution), perUse: Points(use),
                useCap: Points(useCap), memberCap: Points(memberCap),
                qualityWindowMilliseconds: days * 86_400_000)
        }
    }
}
