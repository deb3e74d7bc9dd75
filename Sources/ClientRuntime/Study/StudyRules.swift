package import LedgerCore
import TOMLKit

/// How the service of a study team decides, as a file says.
///
///     minimum_rows = 10
///     use_every = "24h"
///     [project.sleep-1]
///     accept = ["wearable"]
///     duplicates = "accept"
///
/// What stands outside the tables holds for every project that does not say otherwise.
package struct StudyRules: Equatable, Sendable {
    /// How one project's contributions are reviewed, and how often its records are used.
    package struct Rule: Equatable, Sendable {
        /// The kinds to accept; `nil` means all that the project asks.
        package var accepted: Set<RecordKind>?
        /// The fewest rows a contribution may have.
        package var minimumRows: Int64 = 1
        /// Whether rows somebody handed to the project before are accepted again.
        package var acceptsDuplicates = false
        /// How often accepted records are used, in milliseconds; `nil` for never.
        package var useEveryMilliseconds: Int64? = 86_400_000

        /// Makes the rule that holds where no file says otherwise.
        package init() {}
    }

    /// What holds for every project.
    package var standard = Rule()
    /// What holds for single projects.
    package var projects: [ProjectID: Rule] = [:]

    /// Makes the rules that hold without a file.
    package init() {}

    /// The rule of a project.
    package subscript(project: ProjectID) -> Rule { projects[project] ?? standard }

    /// What a file holds: the rules, unless something is wrong.
    package static func read(_ text: String) -> (rules: StudyRules?, problems: [StudyFileProblem]) {
        var reader = Reader(file: StudyFileReader(text))
        let rules = reader.read(text)
        let problems = reader.file.sortedProblems
        return (problems.isEmpty ? rules : nil, problems)
    }

    /// Reads `20s`, `5m`, `24h` or a bare number of seconds.
    package static func milliseconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000]
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let number = Int64(digits), (1...1_000_000).contains(number) else { return nil }
        return number * (unit ?? 1_000)
    }

    private struct Reader {
        static let keys = ["accept", "minimum_rows", "duplicates", "use_every"]
        var file: StudyFileReader

        mutating func read(_ text: String) -> StudyRules? {
            guard let top = file.open(text) else { return nil }
            file.noteUnknownKeys(in: top, known: Reader.keys + ["project"])
            var rules = StudyRules()
            rules.standard = rule(in: top, else: Rule())
            guard let all = file.section("project", in: top, isNeeded: false) else { return rules }
            for name in all.table.keys {
                guard let id = ProjectID(name), let table = all.table[name]?.table else {
                    file.note(
                        .init(), "[project.\(name)] is no table of a project",
                        "[project.\(name)] 不是项目的表")
                    continue
                }
                let section = StudyFileReader.Section(name: "project.\(name)", table: table)
                file.noteUnknownKeys(in: section, known: Reader.keys)
                rules.projects[id] = rule(in: section, else: rules.standard)
            }
            return rules
        }

        private mutating func rule(in section: StudyFileReader.Section, else standard: Rule) -> Rule
        {
            var rule = standard
            if section.table["accept"] != nil {
                rule.accepted = Set(
                    file.words(
                        "accept", in: section, known: RecordKind.allCases.map(\.rawValue),
                        RecordKind.init(rawValue:)))
            }
            rule.minimumRows = file.integer(
                "minimum_rows", in: section, range: 0...10_000_000, default: standard.minimumRows)
            switch file.text("duplicates", in: section) {
            case "accept": rule.acceptsDuplicates = true
            case "reject": rule.acceptsDuplicates = false
            case let other?:
                file.noteUnknown(
                    other, of: "duplicates", in: section, known: ["accept", "reject"])
            case nil: break
            }
            if let text = file.text("use_every", in: section) {
                rule.useEveryMilliseconds = text == "never" ? nil : StudyRules.milliseconds(text)
                if rule.useEveryMilliseconds == nil, text != "never" {
                    file.note(
                        "use_every", in: section,
                        "use_every is a time such as \"20s\", \"5m\" or \"24h\", or \"never\"",
                        "use_every 须为 \"20s\"、\"5m\"、\"24h\" 这样的时间，或 \"never\"")
                }
            }
            return rule
        }
    }
}
