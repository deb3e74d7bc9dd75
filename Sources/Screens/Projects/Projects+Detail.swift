import LedgerCore
import SyncCore
import TerminalCore

extension Projects {
    /// Everything that is asked, for what, by whom, until when, for what reward.
    static func writeDetail(_ model: AppModel, into page: inout Document) {
        guard let line = model.projects.selected else { return }
        guard let detail = model.detail, detail.terms.project == line.id else { return }
        write(detail, model, into: &page)
    }

    static func write(_ detail: ProjectDetail, _ model: AppModel, into page: inout Document) {
        let say = model.say
        let terms = detail.terms
        func kind(_ request: KindRequest) -> Run {
            let need = say(request.isRequired ? .required : .optional)
            return Run("\(request.isRequired ? "●" : "○") \(say(request.kind.name)) · \(need)")
        }
        page.heading(say(terms.title))
        page.text(say(detail.institution))
        page.text(say(terms.programme.name), .textMuted)
        writeStanding(detail, say, into: &page)
        page.blank()
        page.field(say(.why), say(terms.why))
        page.blank()
        page.fields(
            say(.asks),
            terms.kinds.filter(\.isRequired).map(kind)
                + terms.kinds.filter { !$0.isRequired }.map(kind))
        page.fields(
            say(.purpose),
            say.meanings(terms.purposes, of: terms.diseases).map { Run($0) }
                + terms.limits.map { Run(say.meaning($0), .textMuted) })
        page.links(detail.links, say)
        let fit = say.eligibility(detail.eligibility)
        let criteria = say.criteria(terms.criteria)
        page.fields(
            say(ProjectText.forWhom),
            criteria.isEmpty
                ? [Run(say(.forAnybody))]
                : criteria.map { Run($0) } + [Run(fit.text, fit.role)])
        page.fields(say(.who), readers(detail, say))
        if !terms.ethics.isEmpty { page.field(say(.ethics), SafeText(untrusted: terms.ethics)) }
        page.field(
            say(.collected), say.collected(terms))
        page.field(
            say(.until), say(.useAndErase, say.date(terms.useUntil), say.date(terms.eraseAt)))
        let isSpent = detail.caps.contains { $0.left == .zero }
        let caps = say.limit(of: terms.programme, detail.caps).map {
            Run($0, isSpent ? .statusWarning : .textMuted)
        }
        page.fields(say(.earns), say.earns(detail, .points) + [caps].compactMap(\.self))
        let returned = terms.resultClasses.map { Run(say($0.name)) }
        if !returned.isEmpty {
            page.fields(
                say(ResultText.returns), returned + [Run(say(ResultText.onWish), .textMuted)])
        }
        if terms.seats > 0 { page.field(say(.seats), say.number(terms.seats)) }
        if let age = say.ofAge(terms) { page.field(say(ProjectText.ofAge), age) }
        page.field(say(.revoking), say(.revokingExplained))
        page.field(say(ProjectText.lapse), say(ProjectText.lapseMeans, say(terms.lapse.name)))
        page.blank()
        page.field(
            say(.version), "\(terms.major).\(terms.minor) · \(say.date(detail.changedAt))",
            .textMuted)
        let hosts = model.settings.preferences.linkHosts
        let (source, address) = LinkRule.parts(terms.source)
        if let address {
            page.address(
                say(.source), SafeText(untrusted: source), address,
                isLink: LinkRule.allows(address, hosts: hosts))
        } else {
            page.field(say(.source), SafeText(untrusted: source), .textMuted)
        }
    }

    /// The recipients; where they are, too, if that limits what they may do.
    private static func readers(_ detail: ProjectDetail, _ say: Words) -> [Run] {
        let names = detail.recipients.map { say($0) }
        guard detail.terms.limits.contains(.geographical),
            names.count == detail.recipientPlaces.count
        else { return names.map { Run($0) } }
        return zip(names, detail.recipientPlaces).map { Run($0 + " · " + say.place($1)) }
    }

    /// How the person stands in it.
    private static func writeStanding(
        _ detail: ProjectDetail, _ say: Words, into page: inout Document
    ) {
        var parts: [Run] = []
        switch detail.participation {
        case .none: if detail.isClosed { parts = [Run("✗ " + say(.closed), .statusError)] }
        case .joining(let state):
            parts = [Run("○ " + say(.joining) + " · " + say(state.name), .statusWarning)]
        case .joined: parts = [Run("● " + say(.youTakePart), .statusOK)]
        case .leaving(let state):
            parts = [Run("○ " + say(.leaving) + " · " + say(state.name), .statusWarning)]
        }
        if let line = detail.authorization {
            if !parts.isEmpty { parts.append(Run(" · ", .textMuted)) }
            parts.append(Authorizations.stateRun(line, say))
        }
        if !parts.isEmpty { page.line(parts) }
        for contribution in detail.contributions {
            page.line(Records.runs(contribution, say))
        }
    }
}
