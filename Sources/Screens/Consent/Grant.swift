import LedgerCore
import SyncCore
import TerminalCore

/// Authorizing as a sequence of short decisions, one on each screen.
///
/// What was decided so far is a draft: it is kept on this machine, signed by nobody and told to
/// nobody, until the person goes on or discards it.
enum Grant {
    /// One decision.
    enum Step: CaseIterable {
        case reasons, purposes, kinds, recipients, links, until, earnings, revoking, question
        case summary

        /// Whether the terms have something to decide here.
        func isAsked(_ terms: ProjectTerms) -> Bool {
            switch self {
            case .purposes: terms.mixesCareAndResearch
            case .links: !terms.links.isEmpty
            case .question: terms.question != nil
            case .reasons, .kinds, .recipients, .until, .earnings, .revoking, .summary: true
            }
        }
    }

    /// What is told before the first decision.
    enum Opening: Equatable {
        /// There is a draft to go on with.
        case resuming(ConsentDraft)
        /// There was a draft, about terms that have changed since.
        case outdated(ConsentDraft)
    }

    /// A date to choose.
    struct End: Equatable {
        var label: Phrase
        var at: Timestamp
    }

    struct Model: Equatable {
        let detail: ProjectDetail
        /// The decisions these terms ask for, in order.
        let steps: [Step]
        /// The decision the person is at.
        private(set) var position = 0
        private(set) var opening: Opening?
        private(set) var kinds: Set<RecordKind>
        private(set) var purposes: Set<DataUse>
        /// The projects whose records may be linked: none that the person did not choose.
        private(set) var links: Set<ProjectID> = []
        /// The position of the chosen end among `ends`.
        private(set) var choice = 0
        let ends: [End]
        /// The answer to the question that was not the right one.
        private(set) var wrongAnswer: Int?

        init(_ detail: ProjectDetail, now: Timestamp) {
            let terms = detail.terms
            self.detail = detail
            steps = Step.allCases.filter { $0.isAsked(terms) }
            kinds = Set(terms.requiredKinds)
            if kinds.isEmpty, let only = terms.kinds.first { kinds = [only.kind] }
            // Care and research are two questions: a yes to care is no yes to research.
            purposes = terms.mixesCareAndResearch ? [.clinicalCare] : Set(terms.purposes)
            ends = Grant.ends(terms, now: now)
            opening = detail.draft.map { $0.terms == terms.hash ? .resuming($0) : .outdated($0) }
        }

        var terms: ProjectTerms { detail.terms }
        var step: Step { steps[position] }
        var end: Timestamp { ends[min(choice, ends.count - 1)].at }
        var chosenKinds: [RecordKind] { terms.kinds.map(\.kind).filter(kinds.contains) }
        var chosenPurposes: [DataUse] { terms.purposes.filter(purposes.contains) }
        var chosenLinks: [ProjectID] { terms.links.filter(links.contains) }
        /// Whether something was decided that is worth keeping.
        var hasBegun: Bool { opening == nil && position > 0 }

        var choiceCount: Int {
            guard opening == nil else { return 0 }
            return switch step {
            case .reasons, .recipients, .earnings, .revoking, .summary: 0
            case .purposes: terms.purposes.count
            case .kinds: terms.kinds.count
            case .links: terms.links.count
            case .until: ends.count
            case .question: terms.question?.answers.count ?? 0
            }
        }

        /// The choice that has the keys when the decision is shown.
        var startFocus: Int { step == .until ? choice : 0 }
        /// Whether something is ticked here.
        var isTicked: Bool { opening == nil && [.purposes, .kinds, .links].contains(step) }

        /// Ticks a choice or takes the tick away; one kind and one purpose always stay.
        mutating func toggle(_ index: Int) {
            guard isTicked, (0..<choiceCount).contains(index) else { return }
            switch step {
            case .purposes: purposes.toggle(terms.purposes[index])
            case .kinds where !terms.kinds[index].isRequired:
                kinds.toggle(terms.kinds[index].kind)
            case .links: links.formSymmetricDifference([terms.links[index]])
            default: break
            }
        }

        /// Goes on to the next decision; a wrong answer is explained first.
        mutating func stepForward(_ focus: Int) {
            if opening != nil { return open() }
            if step == .until { choice = min(focus, ends.count - 1) }
            if step == .question, let question = terms.question, focus != question.right {
                wrongAnswer = focus
                return
            }
            wrongAnswer = nil
            position = min(position + 1, steps.count - 1)
        }

        /// Goes one step back; `false` at the first.
        mutating func stepBack() -> Bool {
            guard opening == nil, position > 0 else { return false }
            wrongAnswer = nil
            position -= 1
            return true
        }

        /// The same at each of its decisions; none while it offers a draft.
        var everyStep: [Model] {
            guard opening == nil else { return [] }
            return steps.indices.map { step in
                var model = self
                model.position = step
                return model
            }
        }

        /// Begins anew: nothing of the draft is left.
        mutating func startAnew(now: Timestamp) {
            var detail = detail
            detail.draft = nil
            self = Model(detail, now: now)
        }

        /// Goes on where the draft was left.
        private mutating func open() {
            defer { opening = nil }
            guard case .resuming(let draft) = opening else { return }
            let asked = Set(terms.kinds.map(\.kind))
            kinds = Set(terms.requiredKinds).union(draft.kinds.filter(asked.contains))
            let allowed = draft.purposes.filter(terms.purposes.contains)
            if !allowed.isEmpty { purposes = Set(allowed) }
            links = Set(draft.links.filter(terms.links.contains))
            choice =
                ends.indices.min { one, other in
                    abs(ends[one].at.milliseconds - draft.until.milliseconds)
                        < abs(ends[other].at.milliseconds - draft.until.milliseconds)
                } ?? 0
            position = min(max(draft.step, 0), steps.count - 1)
        }

        /// The draft as it stands: the one that is offered, or what was decided since.
        func draftKept(at time: Timestamp) -> ConsentDraft {
            switch opening {
            case .resuming(let draft), .outdated(let draft): draft
            case nil: kept(at: time)
            }
        }

        /// What is kept when the person leaves now.
        func kept(at time: Timestamp) -> ConsentDraft {
            ConsentDraft(
                project: terms.project, terms: terms.hash, kinds: chosenKinds,
                purposes: chosenPurposes, links: chosenLinks, until: end, step: position,
                changedAt: time)
        }

        func draft(_ language: Language) -> AuthorizationDraft {
            AuthorizationDraft(
                project: terms.project, major: terms.major, minor: terms.minor, terms: terms.hash,
                language: language, kinds: chosenKinds, until: end, purposes: chosenPurposes,
                links: chosenLinks)
        }
    }

    private static func ends(_ terms: ProjectTerms, now: Timestamp) -> [End] {
        let day: Int64 = 86_400_000
        let spans: [(Phrase, Int64)] = [
            (.untilYear, 365), (.untilHalfYear, 182), (.untilQuarter, 91), (.untilMonth, 30),
        ]
        return [End(label: .untilProjectEnds, at: terms.useUntil)]
            + spans.map { End(label: $0.0, at: now.adding(milliseconds: $0.1 * day)) }
            // The day of the project's end is there already.
            .filter { $0.at.adding(milliseconds: day) <= terms.useUntil }
    }
}

extension ProjectTerms {
    /// Whether data is asked for the person's own care and for something else too.
    var mixesCareAndResearch: Bool { purposes.contains(.clinicalCare) && purposes.count > 1 }
}

extension Set {
    /// Takes a member out, or puts it in; the last one stays.
    fileprivate mutating func toggle(_ member: Element) {
        if !contains(member) {
            insert(member)
        } else if count > 1 {
            remove(member)
        }
    }
}
