import LedgerCore
import SyncCore
import TerminalCore

/// Every version of a project the person agreed to, and what changed from one to the next.
enum Agreements {
    struct Model: Equatable {
        let title: LocalizedText
        /// Newest first.
        let agreements: [Agreement]
    }

    static func write(_ model: Model, _ say: Words, focus: Int, into page: inout Document) {
        page.heading(say(model.title))
        page.blank()
        if model.agreements.isEmpty { page.text(say(.noAgreements), .textMuted) }
        for (index, agreement) in model.agreements.enumerated() {
            let version = version(agreement.grant.major, agreement.grant.minor)
            page.choice(
                index, isFocused: index == focus,
                [Run(say(.agreedVersion, say.date(agreement.at), version))],
                trailing: [Run(say(standing(agreement, isLast: index == 0)), .textMuted)],
                note: say(
                    .agreedScope, say.list(agreement.grant.kinds.map { say($0.name) }),
                    say.date(agreement.grant.until)))
        }
    }

    /// How an agreement stands: replaced by the next, ended, or in force as far as it says.
    private static func standing(_ agreement: Agreement, isLast: Bool) -> Phrase {
        guard agreement.state == .proven || agreement.state == .accepted else {
            return agreement.state == .disputed ? .disputed : .grantPending
        }
        switch agreement.later.last?.kind {
        case .authorizationRevoked?: return .revoked
        case .signupLeft?: return .leftProject
        case .authorizationExpired?: return .expired
        case .authorizationLapsed?: return .lapsed
        case .authorizationPaused? where isLast: return .paused
        default: return isLast ? .inForce : .replaced
        }
    }

    static func version(_ major: Int64, _ minor: Int64) -> SafeText { "\(major).\(minor)" }

    // MARK: One version

    static func write(
        _ model: Model, _ position: Int, _ say: Words, into page: inout Document
    ) {
        guard model.agreements.indices.contains(position) else { return }
        let agreement = model.agreements[position]
        let grant = agreement.grant
        page.heading(say(model.title))
        page.field(say(.granted), say.dateTime(agreement.at))
        page.field(say(.version), version(grant.major, grant.minor))
        page.field(say(.kinds), say.list(grant.kinds.map { say($0.name) }))
        page.fields(
            say(.purpose), say.meanings(grant.purposes, of: grant.diseases).map { Run($0) })
        page.links(agreement.links, say)
        page.fields(say(.who), agreement.recipients.map { Run(say($0)) })
        page.field(say(.until), say(.useAndErase, say.date(grant.until), say.date(grant.eraseAt)))
        page.field(
            say(.collected), say.span(from: grant.collectionFrom, until: grant.collectionUntil))
        for change in agreement.later {
            page.field(say.shortDate(change.at), say(change.name), .statusWarning)
        }
        page.blank()
        let former =
            model.agreements.indices.contains(position + 1)
            ? model.agreements[position + 1] : nil
        writeDifference(agreement, former, say, into: &page)
        page.blank()
        writeShown(agreement, say, into: &page)
    }

    /// What is other than in the agreement before.
    private static func writeDifference(
        _ agreement: Agreement, _ former: Agreement?, _ say: Words, into page: inout Document
    ) {
        guard let former else { return page.text(say(.firstAgreement), .textMuted) }
        page.heading(say(.sinceBefore))
        let changes = AgreementDiff.changes(from: former, to: agreement, say)
        if changes.isEmpty { page.text(say(.nothingChanged), .textMuted) }
        for change in changes {
            let old: [Run] = change.old.isEmpty ? [] : [Run("− " + change.old, .textMuted)]
            let new: [Run] = change.new.isEmpty ? [] : [Run("+ " + change.new, .textStrong)]
            page.fields(say(change.what), old + new)
        }
    }

    /// What the person was shown, and whether the entry says so.
    private static func writeShown(
        _ agreement: Agreement, _ say: Words, into page: inout Document
    ) {
        page.heading(say(.whatWasShown))
        let language = say(
            agreement.grant.language == Language.chinese.rawValue ? .inChinese : .inEnglish)
        switch agreement.seen {
        case nil: page.text(say(.shownNotSaid), .statusWarning)
        case agreement.grant.terms?:
            page.text(say(.shownExactly, language))
        case .some: page.text(say(.shownOther), .statusWarning)
        }
        page.field(
            say(.fingerprint),
            SafeText(untrusted: String((agreement.seen ?? agreement.grant.terms).hex.prefix(16))),
            .textMuted)
        guard let terms = agreement.terms else {
            return page.text(say(.termsNotHere), .textMuted)
        }
        page.field(say(.project), say(terms.title))
        page.field(say(.why), say(terms.why))
        page.fields(say(.limits), terms.limits.map { Run(say($0.meaning)) })
        page.fields(say(.earns), say.reward(terms.reward).map { Run($0) })
        if !terms.ethics.isEmpty { page.field(say(.ethics), SafeText(untrusted: terms.ethics)) }
    }

    /// Tells that a new grant will be for a newer version than the one agreed to.
    static func writeVersionChange(
        _ grant: AuthorizationGranted, _ terms: ProjectTerms, _ say: Words,
        into page: inout Document
    ) {
        guard grant.terms != terms.hash else { return }
        page.text(
            say(
                .newerVersion, version(grant.major, grant.minor),
                version(terms.major, terms.minor)), .statusWarning)
    }
}

extension Agreement.Change {
    /// What happened, in a word or two.
    var name: Phrase {
        switch kind {
        case .authorizationPaused: .didPause
        case .authorizationResumed: .didResume
        case .authorizationRevoked: .didRevoke
        case .authorizationLapsed: .lapsed
        case .signupLeft: .didLeave
        default: .didExpire
        }
    }
}

/// What differs between two agreements, in words.
enum AgreementDiff {
    struct Change: Equatable {
        var what: Phrase
        var old: SafeText
        var new: SafeText
    }

    static func changes(from former: Agreement, to present: Agreement, _ say: Words) -> [Change] {
        let (old, new) = (former.grant, present.grant)
        var changes: [Change] = []
        func note(_ what: Phrase, _ old: SafeText, _ new: SafeText) {
            if old != new { changes.append(Change(what: what, old: old, new: new)) }
        }
        func noteSets(_ what: Phrase, _ old: [SafeText], _ new: [SafeText]) {
            note(
                what, say.clauses(old.filter { !new.contains($0) }),
                say.clauses(new.filter { !old.contains($0) }))
        }
        note(
            .version, Agreements.version(old.major, old.minor),
            Agreements.version(new.major, new.minor))
        noteSets(.kinds, old.kinds.map { say($0.name) }, new.kinds.map { say($0.name) })
        noteSets(
            .purpose, say.meanings(old.purposes, of: old.diseases),
            say.meanings(new.purposes, of: new.diseases))
        noteSets(
            .linked, former.links.map { say.linked($0) }, present.links.map { say.linked($0) })
        noteSets(.who, former.recipients.map { say($0) }, present.recipients.map { say($0) })
        note(.until, say.date(old.until), say.date(new.until))
        note(.erased, say.date(old.eraseAt), say.date(new.eraseAt))
        note(
            .collected, say.span(from: old.collectionFrom, until: old.collectionUntil),
            say.span(from: new.collectionFrom, until: new.collectionUntil))
        guard let before = former.terms, let after = present.terms else { return changes }
        note(.project, say(before.title), say(after.title))
        note(.why, say(before.why), say(after.why))
        noteSets(
            .limits, before.limits.map { say($0.meaning) }, after.limits.map { say($0.meaning) })
        noteSets(.earns, say.reward(before.reward), say.reward(after.reward))
        note(
            .ethics, SafeText(untrusted: before.ethics), SafeText(untrusted: after.ethics))
        return changes
    }
}
