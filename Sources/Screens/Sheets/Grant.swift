import LedgerCore
import SyncCore
import TerminalCore

/// Authorizing in four short steps, one decision on each.
enum Grant {
    enum Step: Int, CaseIterable { case reasons, kinds, until, summary }

    struct Model: Equatable {
        let detail: ProjectDetail
        var step = Step.reasons
        var kinds: Set<RecordKind>
        /// The position of the chosen end among `ends`.
        var choice = 0
        let ends: [End]

        /// A date to choose.
        struct End: Equatable {
            var label: Phrase
            var at: Timestamp
        }

        init(_ detail: ProjectDetail, now: Timestamp) {
            self.detail = detail
            kinds = Set(detail.terms.requiredKinds)
            if kinds.isEmpty, let only = detail.terms.kinds.first { kinds = [only.kind] }
            let day: Int64 = 86_400_000
            let spans: [(Phrase, Int64)] = [
                (.untilYear, 365), (.untilHalfYear, 182), (.untilQuarter, 91), (.untilMonth, 30),
            ]
            let end = detail.terms.useUntil
            ends =
                [End(label: .untilProjectEnds, at: end)]
                + spans.map { End(label: $0.0, at: now.adding(milliseconds: $0.1 * day)) }
                .filter { $0.at < end }
        }

        var terms: ProjectTerms { detail.terms }
        var end: Timestamp { ends[min(choice, ends.count - 1)].at }
        var chosenKinds: [RecordKind] { terms.kinds.map(\.kind).filter(kinds.contains) }

        var choiceCount: Int {
            switch step {
            case .reasons, .summary: 0
            case .kinds: terms.kinds.count
            case .until: ends.count
            }
        }

        mutating func toggle(_ index: Int) {
            guard step == .kinds, terms.kinds.indices.contains(index) else { return }
            let request = terms.kinds[index]
            guard !request.isRequired else { return }
            if kinds.contains(request.kind) {
                if kinds.count > 1 { kinds.remove(request.kind) }
            } else {
                kinds.insert(request.kind)
            }
        }

        mutating func stepForward(_ focus: Int) {
            if step == .until { choice = min(focus, ends.count - 1) }
            step = Step(rawValue: step.rawValue + 1) ?? .summary
        }

        /// Goes one step back; `false` at the first.
        mutating func stepBack() -> Bool {
            guard let former = Step(rawValue: step.rawValue - 1) else { return false }
            step = former
            return true
        }

        func title(_ say: Words) -> SafeText {
            say(.grantTitle, "\(step.rawValue + 1)", "\(Step.allCases.count)")
        }

        func draft(_ language: Language) -> AuthorizationDraft {
            AuthorizationDraft(
                project: terms.project, major: terms.major, minor: terms.minor, terms: terms.hash,
                language: language, kinds: chosenKinds, until: end)
        }
    }

    static func write(
        _ grant: Model, _ model: AppModel, focus: Int, into page: inout Document
    ) {
        let say = model.say
        switch grant.step {
        case .reasons: writeReasons(grant, say, into: &page)
        case .kinds: writeKinds(grant, model, focus: focus, into: &page)
        case .until:
            page.heading(say(.untilQuestion))
            page.blank()
            for (index, end) in grant.ends.enumerated() {
                page.choice(
                    index, isFocused: index == focus, [Run(say(end.label))],
                    trailing: [Run(say.date(end.at), .textMuted)])
            }
            page.blank()
            page.text(say(.untilExplained, say.date(grant.terms.eraseAt)), .textMuted)
        case .summary: writeSummary(grant, say, into: &page)
        }
    }

    private static func writeReasons(
        _ grant: Model, _ say: Words, into page: inout Document
    ) {
        let terms = grant.terms
        page.heading(say(terms.title))
        page.blank()
        page.field(say(.why), say(terms.why))
        page.fields(say(.who), grant.detail.recipients.map { Run(say($0)) })
        page.fields(say(.purpose), terms.purposes.map { Run(say($0.meaning)) })
        if !terms.limits.isEmpty {
            page.fields(say(.limits), terms.limits.map { Run(say($0.meaning)) })
        }
        if !terms.ethics.isEmpty {
            page.field(say(.ethics), SafeText(untrusted: terms.ethics))
        }
    }

    private static func writeKinds(
        _ grant: Model, _ model: AppModel, focus: Int, into page: inout Document
    ) {
        let say = model.say
        page.heading(say(.kindsQuestion))
        page.blank()
        for (index, request) in grant.terms.kinds.enumerated() {
            let rows = model.records.lines.filter { $0.kind == request.kind }
                .reduce(0) { $0 + $1.rowCount }
            let here = rows > 0 ? say.count(.rowsHere, rows) : say(.noRowsHere)
            page.choice(
                index, isFocused: index == focus, isChecked: grant.kinds.contains(request.kind),
                [Run(say(request.kind.name))]
                    + (page.width < 50 ? [] : [Run("  " + here, .textMuted)]),
                trailing: [Run(say(request.isRequired ? .required : .optional), .textMuted)])
        }
        page.blank()
        page.text(
            say(
                .kindsExplained, say.date(grant.terms.collectionFrom),
                say.date(grant.terms.collectionUntil)), .textMuted)
    }

    private static func writeSummary(
        _ grant: Model, _ say: Words, into page: inout Document
    ) {
        let terms = grant.terms
        page.heading(say(.grantSummary))
        page.blank()
        page.fields(say(.project), [Run(page.short(say(terms.title)))])
        page.field(say(.kinds), say.list(grant.chosenKinds.map { say($0.name) }))
        page.field(say(.who), say.list(grant.detail.recipients.map { say($0) }))
        page.field(say(.until), say.date(grant.end))
        page.fields(say(.earns), say.reward(terms.reward).map { Run($0) })
        page.blank()
        page.text(say(.revokeAnyTime))
        page.text(say(.pointsStay), .textMuted)
    }
}

extension Document {
    /// A text cut to two lines of a field.
    func short(_ text: SafeText) -> SafeText {
        textWidth.truncate(text, cells: max((width - 12) * 2 - 4, 8))
    }
}
