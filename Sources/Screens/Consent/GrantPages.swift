import LedgerCore
import SyncCore
import TerminalCore

/// What the screens of an authorization say.
extension Grant {
    /// The title of the box: how far, and that nothing is signed.
    static func title(_ grant: Model, _ say: Words) -> SafeText {
        guard grant.opening == nil else { return say(ConsentText.draftTitle) }
        return say(ConsentText.title, "\(grant.position + 1)", "\(grant.steps.count)")
    }

    static func write(
        _ grant: Model, _ model: AppModel, focus: Int, into page: inout Document
    ) {
        let say = model.say
        switch grant.opening {
        case .resuming(let draft): return writeDraft(draft, grant, say, into: &page)
        case .outdated(let draft): return writeOutdated(draft, grant, say, into: &page)
        case nil: break
        }
        page.heading(say(grant.step.question))
        page.blank()
        switch grant.step {
        case .reasons: writeReasons(grant, say, into: &page)
        case .purposes: writePurposes(grant, say, focus: focus, into: &page)
        case .kinds: writeKinds(grant, model, focus: focus, into: &page)
        case .recipients: writeRecipients(grant, say, into: &page)
        case .links: writeLinks(grant, say, focus: focus, into: &page)
        case .until: writeEnds(grant, say, focus: focus, into: &page)
        case .earnings:
            for run in say.earns(grant.detail, .textStrong) { page.text(run.text, run.role) }
            page.blank()
            page.text(say(ConsentText.grantingPaysNothing))
            page.text(say(ConsentText.stoppingCostsNothing), .textMuted)
            writeResults(grant, say, into: &page)
        case .revoking: writeRevoking(grant, say, into: &page)
        case .question: writeQuestion(grant, say, focus: focus, into: &page)
        case .summary: writeSummary(grant, model, into: &page)
        }
    }

    // MARK: A draft

    private static func writeDraft(
        _ draft: ConsentDraft, _ grant: Model, _ say: Words, into page: inout Document
    ) {
        page.heading(page.short(say(grant.terms.title)))
        page.text(say(ConsentText.draftNotSigned), .statusWarning)
        page.blank()
        let position = min(max(draft.step, 0), grant.steps.count - 1)
        page.text(
            say(
                ConsentText.draftStands, say.dateTime(draft.changedAt), "\(position + 1)",
                "\(grant.steps.count)"))
        page.field(say(ConsentText.nextDecision), say(grant.steps[position].question))
        page.field(say(.kinds), say.list(draft.kinds.map { say($0.name) }))
        page.field(say(.until), say.date(draft.until))
    }

    private static func writeOutdated(
        _ draft: ConsentDraft, _ grant: Model, _ say: Words, into page: inout Document
    ) {
        page.heading(page.short(say(grant.terms.title)))
        page.blank()
        page.text(say(ConsentText.termsChanged, say.dateTime(draft.changedAt)), .statusWarning)
        page.text(say(ConsentText.readAnew))
    }

    // MARK: Decisions

    private static func writeReasons(_ grant: Model, _ say: Words, into page: inout Document) {
        let terms = grant.terms
        page.field(say(.project), page.short(say(terms.title)), .textStrong)
        page.field(say(.why), say(terms.why))
        page.fields(
            say(.purpose),
            say.plainMeanings(terms.purposes, of: terms.diseases).map { Run($0) })
        page.field(say(.limits), say.clauses(terms.limits.map { say($0.meaning) }))
        page.field(say(.ethics), SafeText(untrusted: terms.ethics))
    }

    private static func writePurposes(
        _ grant: Model, _ say: Words, focus: Int, into page: inout Document
    ) {
        for (index, purpose) in grant.terms.purposes.enumerated() {
            let isCare = purpose == .clinicalCare
            page.choice(
                index, isFocused: index == focus, isChecked: grant.purposes.contains(purpose),
                [Run(say(purpose.meaning))],
                trailing: [
                    Run(say(isCare ? ConsentText.care : ConsentText.research), .textMuted)
                ], note: say.note(purpose, of: grant.terms.diseases))
        }
        page.blank()
        page.text(say(ConsentText.careStays), .textMuted)
    }

    private static func writeKinds(
        _ grant: Model, _ model: AppModel, focus: Int, into page: inout Document
    ) {
        let say = model.say
        for (index, request) in grant.terms.kinds.enumerated() {
            let rows = rowsAsked(request.kind, grant.terms, model.records.lines)
            let here = rows > 0 ? say.count(ConsentText.rowsFallUnder, rows) : say(.noRowsHere)
            page.choice(
                index, isFocused: index == focus, isChecked: grant.kinds.contains(request.kind),
                [Run(say(request.kind.name))]
                    + (page.width < 50 ? [] : [Run("  " + here, .textMuted)]),
                trailing: [Run(say(request.isRequired ? .required : .optional), .textMuted)])
        }
        page.blank()
        page.text(dates(of: grant.terms, say), .textMuted)
    }

    /// Which of what is handed over is meant; a window with an open end is told without it.
    private static func dates(of terms: ProjectTerms, _ say: Words) -> SafeText {
        let (from, until) = (terms.collectionFrom, terms.collectionUntil)
        if from.milliseconds > 0 { return say(.kindsExplained, say.date(from), say.date(until)) }
        return until >= .latest
            ? say(.kindsAnyDateExplained) : say(.kindsUntilExplained, say.date(until))
    }

    /// How many rows on this machine are in records of a kind with dates the project collects.
    static func rowsAsked(
        _ kind: RecordKind, _ terms: ProjectTerms, _ records: [RecordLine]
    ) -> Int {
        records.filter { record in
            guard record.kind == kind else { return false }
            let first = record.from ?? terms.collectionFrom
            let last = record.until ?? first
            return first <= terms.collectionUntil && last >= terms.collectionFrom
        }.reduce(0) { $0 + $1.rowCount }
    }

    private static func writeRecipients(_ grant: Model, _ say: Words, into page: inout Document) {
        let places = grant.detail.recipientPlaces
        for (index, recipient) in grant.detail.recipients.enumerated() {
            page.text("• " + say(recipient), .textStrong)
            guard places.indices.contains(index) else { continue }
            page.text("  " + say.place(places[index]), .textMuted)
        }
        page.blank()
        page.text(say(ConsentText.onlyThese))
        page.text(say(ConsentText.keptSealed), .textMuted)
    }

    private static func writeLinks(
        _ grant: Model, _ say: Words, focus: Int, into page: inout Document
    ) {
        for (index, link) in grant.detail.links.enumerated() {
            page.choice(
                index, isFocused: index == focus, isChecked: grant.links.contains(link.project),
                [Run(page.linked(link, say))])
        }
        page.blank()
        page.text(say(ConsentText.linkedMeans), .textMuted)
        page.text(say(ConsentText.linksNotNeeded))
    }

    private static func writeEnds(
        _ grant: Model, _ say: Words, focus: Int, into page: inout Document
    ) {
        for (index, end) in grant.ends.enumerated() {
            page.choice(
                index, isFocused: index == focus, [Run(say(end.label))],
                trailing: [Run(say.date(end.at), .textMuted)])
        }
        page.blank()
        page.text(say(.untilExplained, say.date(grant.terms.eraseAt)), .textMuted)
    }

    /// What comes back to the member besides points.
    private static func writeResults(_ grant: Model, _ say: Words, into page: inout Document) {
        let classes = grant.terms.resultClasses
        guard !classes.isEmpty else { return }
        page.blank()
        let isAll = classes.count == ResultClass.allCases.count
        page.field(
            say(ResultText.returns),
            isAll ? say(ResultText.everySort) : say.list(classes.map { say($0.name) }))
        page.text(say(ResultText.chosenApart), .textMuted)
    }

    private static func writeRevoking(_ grant: Model, _ say: Words, into page: inout Document) {
        page.text(say(ConsentText.revokeWithTwoKeys))
        page.blank()
        for mode in RevocationMode.allCases {
            page.field(say(mode.name), say(mode.explained), labelWidth: 30)
        }
        page.field(say(ConsentText.whenUnable), say(grant.terms.lapse.name), labelWidth: 30)
        page.blank()
        page.text(say(ConsentText.cannotBeUndone), .statusWarning)
    }

    private static func writeQuestion(
        _ grant: Model, _ say: Words, focus: Int, into page: inout Document
    ) {
        guard let question = grant.terms.question else { return }
        page.text(say(question.text))
        page.blank()
        for (index, answer) in question.answers.enumerated() {
            page.choice(
                index, isFocused: index == focus,
                [Run("\(index + 1)  ", .key), Run(say(answer))])
        }
        page.blank()
        guard grant.wrongAnswer != nil else {
            return page.text(say(ConsentText.questionExplained), .textMuted)
        }
        page.text(say(question.explanation), .statusWarning)
        page.text(say(ConsentText.answerAgain), .textMuted)
    }

    private static func writeSummary(
        _ grant: Model, _ model: AppModel, into page: inout Document
    ) {
        let say = model.say
        let terms = grant.terms
        page.field(say(.project), page.short(say(terms.title)))
        page.field(say(.kinds), say.list(grant.chosenKinds.map { say($0.name) }))
        page.fields(
            say(.purpose),
            say.plainMeanings(grant.chosenPurposes, of: terms.diseases).map { Run($0) })
        page.field(say(.who), say.list(grant.detail.recipients.map { say($0) }))
        page.field(say(.until), say(.useAndErase, say.date(grant.end), say.date(terms.eraseAt)))
        page.fields(say(.earns), say.earns(grant.detail))
        writeFewLinks(grant, say, into: &page)
        page.blank()
        page.text(say(ConsentText.notSignedYet), .statusWarning)
        page.text(say(ConsentText.withdrawAnyTime), .textMuted)
    }
}

extension Grant {
    /// The first of the chosen links: what comes below has to stay in sight.
    private static func writeFewLinks(_ grant: Model, _ say: Words, into page: inout Document) {
        guard !grant.terms.links.isEmpty else { return }
        let links = grant.detail.links.filter { grant.links.contains($0.project) }
        guard !links.isEmpty else {
            return page.field(say(.linked), say(ConsentText.linkedWithNone))
        }
        let shown = links.prefix(links.count > 3 ? 2 : 3).map {
            Run(page.short(say.linked($0), rows: 1))
        }
        let rest = links.count - shown.count
        let more = rest > 0 ? [Run(say(ProjectText.moreWords, "\(rest)"), .textMuted)] : []
        page.fields(say(.linked), shown + more)
    }
}

extension Grant.Step {
    /// What is decided, as a question.
    var question: ConsentText {
        switch self {
        case .reasons: .askReasons
        case .purposes: .askPurposes
        case .kinds: .askKinds
        case .recipients: .askRecipients
        case .links: .askLinks
        case .until: .askUntil
        case .earnings: .askEarnings
        case .revoking: .askRevoking
        case .question: .askQuestion
        case .summary: .askSummary
        }
    }
}

extension Document {
    /// The projects whose records may be linked with these; nothing where there are none.
    mutating func links(_ links: [LinkedProject], _ say: Words) {
        guard !links.isEmpty else { return }
        let names = links.map { Run(short(say.linked($0))) }
        fields(say(.linked), names + [Run(say(ConsentText.linkedMeans), .textMuted)])
    }

    /// A project that may be linked, cut to the line of a choice with a box to tick.
    func linked(_ link: LinkedProject, _ say: Words) -> SafeText {
        textWidth.truncate(say.linked(link), cells: max(width - 7, 8))
    }

    /// A text cut to so many lines of a field.
    func short(_ text: SafeText, rows: Int = 2) -> SafeText {
        textWidth.truncate(text, cells: max((width - 12) * rows - 4, 8))
    }
}
