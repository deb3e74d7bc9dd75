import LedgerCore
import SyncCore
import TerminalCore

/// A new end for an authorization: a new grant that cites the latest decision.
enum Extend {
    struct Model: Equatable {
        let line: AuthorizationLine
        let detail: ProjectDetail
        /// The ends to choose from, the soonest first.
        let ends: [End]

        /// A later end.
        struct End: Equatable {
            var label: Phrase
            var at: Timestamp
        }

        init(_ line: AuthorizationLine, _ detail: ProjectDetail, now: Timestamp) {
            self.line = line
            self.detail = detail
            let from = max(line.latest.until, now)
            let last = detail.terms.useUntil
            let day: Int64 = 86_400_000
            let spans: [(Phrase, Int64)] = [
                (.monthMore, 30), (.quarterMore, 91), (.halfYearMore, 182), (.yearMore, 365),
            ]
            ends =
                last <= from
                ? []
                : spans.map { End(label: $0.0, at: from.adding(milliseconds: $0.1 * day)) }
                    .filter { $0.at < last } + [End(label: .untilProjectEnds, at: last)]
        }

        /// What choosing an end signs; everything else stays as it was agreed.
        func draft(_ choice: Int, _ language: Language) -> AuthorizationDraft? {
            guard ends.indices.contains(choice) else { return nil }
            return line.draft(detail.terms, language, until: ends[choice].at)
        }
    }

    static func write(_ model: Model, _ say: Words, focus: Int, into page: inout Document) {
        page.heading(say(model.line.title))
        page.line([Run(say(.nowUntil, say.date(model.line.latest.until)), .textMuted)])
        page.blank()
        for (index, end) in model.ends.enumerated() {
            page.choice(
                index, isFocused: index == focus, [Run(say(end.label))],
                trailing: [Run(say.date(end.at), .textMuted)])
        }
        guard !model.ends.isEmpty else {
            return page.text(say(.nothingLater, say.date(model.detail.terms.useUntil)))
        }
        page.blank()
        Agreements.writeVersionChange(model.line.latest, model.detail.terms, say, into: &page)
        page.links(model.line.links, say)
        page.text(say(.extendExplained), .textMuted)
    }
}

/// Fewer kinds, purposes or links: a new grant that cites the latest decision.
enum Narrow {
    struct Model: Equatable {
        let line: AuthorizationLine
        let detail: ProjectDetail
        private(set) var kinds: Set<RecordKind>
        private(set) var purposes: Set<DataUse>
        private(set) var links: Set<ProjectID>
        /// The links that were agreed to and are still asked for.
        let linked: [LinkedProject]

        init(_ line: AuthorizationLine, _ detail: ProjectDetail) {
            self.line = line
            self.detail = detail
            kinds = Set(line.latest.kinds)
            purposes = Set(line.latest.purposes)
            linked = detail.links.filter { line.latest.links.contains($0.project) }
            links = Set(linked.map(\.project))
        }

        var choiceCount: Int {
            line.latest.kinds.count + line.latest.purposes.count + linked.count
        }

        /// Whether taking part needs a kind.
        func isRequired(_ kind: RecordKind) -> Bool {
            detail.terms.requiredKinds.contains(kind)
        }

        /// Whether anything of it can be left out.
        var canNarrow: Bool {
            line.latest.purposes.count > 1 || !linked.isEmpty
                || !line.latest.kinds.allSatisfy(isRequired)
        }

        /// Whether something less than before is ticked.
        var isNarrower: Bool {
            kinds.count < line.latest.kinds.count || purposes.count < line.latest.purposes.count
                || links.count < linked.count
        }

        mutating func toggle(_ choice: Int) {
            let grant = line.latest
            let link = choice - grant.kinds.count - grant.purposes.count
            if grant.kinds.indices.contains(choice) {
                let kind = grant.kinds[choice]
                guard !isRequired(kind) else { return }
                if !kinds.contains(kind) {
                    kinds.insert(kind)
                } else if kinds.count > 1 {
                    kinds.remove(kind)
                }
            } else if grant.purposes.indices.contains(choice - grant.kinds.count) {
                let purpose = grant.purposes[choice - grant.kinds.count]
                if !purposes.contains(purpose) {
                    purposes.insert(purpose)
                } else if purposes.count > 1 {
                    purposes.remove(purpose)
                }
            } else if linked.indices.contains(link) {
                links.formSymmetricDifference([linked[link].project])
            }
        }

        func draft(_ language: Language) -> AuthorizationDraft {
            line.draft(
                detail.terms, language, kinds: line.latest.kinds.filter(kinds.contains),
                purposes: line.latest.purposes.filter(purposes.contains),
                links: line.latest.links.filter(links.contains))
        }
    }

    static func write(_ model: Model, _ say: Words, focus: Int, into page: inout Document) {
        page.heading(say(model.line.title))
        page.blank()
        page.line([Run(say(.kinds), .textMuted)])
        let grant = model.line.latest
        for (index, kind) in grant.kinds.enumerated() {
            let isRequired = model.isRequired(kind)
            page.choice(
                index, isFocused: index == focus, isChecked: model.kinds.contains(kind),
                [Run(say(kind.name))],
                trailing: isRequired ? [Run(say(.required), .textMuted)] : [])
        }
        page.blank()
        page.line([Run(say(.purpose), .textMuted)])
        for (offset, purpose) in grant.purposes.enumerated() {
            let index = grant.kinds.count + offset
            page.choice(
                index, isFocused: index == focus, isChecked: model.purposes.contains(purpose),
                [Run(say.meaning(purpose))], note: say.note(purpose, of: grant.diseases))
        }
        writeLinks(model, say, focus: focus, into: &page)
        page.blank()
        Agreements.writeVersionChange(grant, model.detail.terms, say, into: &page)
        page.text(say(.narrowExplained), .textMuted)
        page.text(say(.pointsStay), .textMuted)
    }

    private static func writeLinks(
        _ model: Model, _ say: Words, focus: Int, into page: inout Document
    ) {
        guard !model.linked.isEmpty else { return }
        page.blank()
        page.line([Run(say(.linked), .textMuted)])
        let first = model.choiceCount - model.linked.count
        for (index, link) in zip(first..., model.linked) {
            page.choice(
                index, isFocused: index == focus, isChecked: model.links.contains(link.project),
                [Run(page.linked(link, say))])
        }
    }
}

extension AuthorizationLine {
    /// The latest grant, the one on its way included.
    var latest: AuthorizationGranted { pending?.grant ?? grant }

    /// A new grant on the present terms: what is not said stays as it was agreed.
    func draft(
        _ terms: ProjectTerms, _ language: Language, kinds: [RecordKind]? = nil,
        purposes: [DataUse]? = nil, links: [ProjectID]? = nil, until: Timestamp? = nil
    ) -> AuthorizationDraft {
        let asked = Set(terms.kinds.map(\.kind))
        var draft = AuthorizationDraft(
            project: terms.project, major: terms.major, minor: terms.minor, terms: terms.hash,
            language: language, kinds: (kinds ?? latest.kinds).filter(asked.contains),
            until: until ?? min(latest.until, terms.useUntil),
            purposes: (purposes ?? latest.purposes).filter(terms.purposes.contains),
            links: (links ?? latest.links).filter(terms.links.contains))
        draft.changed = latest
        return draft
    }
}
