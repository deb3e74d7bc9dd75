package import LedgerCore
import SyncCore
import TerminalCore

/// What a key of the consent screens asks for.
package enum ConsentMessage: Equatable, Sendable {
    /// What was begun is forgotten; nobody is told.
    case draftDiscarded
    /// Take part, and go on to what may be used.
    case signUpAndAuthorize
    /// The last decision is taken back, or the selected one that waits.
    case undoRequested
    case tourStarted
    case tourStepped
    /// No hints any more.
    case tourEnded
}

/// A page that a key agrees to.
package enum ConsentPage: Equatable, Sendable {
    /// A page of a sheet that allows use. `step` is the decision it asks for; `nil` where the sheet
    /// has one page, or offers a draft.
    case use(ProjectID, step: Int?)
    /// Taking part in a project.
    case signUp(ProjectID)
    /// What leaves this machine of a record, and what stays.
    case contribution(ProjectID, record: Int64)
    /// The words of a device that asks to be admitted.
    case device(AskingDevice)

    /// How long it stands before a key answers it, in milliseconds: what no key opened is there
    /// before anybody has seen it.
    package var restMilliseconds: Int64 {
        switch self {
        case .use, .signUp, .contribution: 0
        case .device: 1_000
        }
    }
}

extension AppModel {
    /// The page on top that a key agrees to; `nil` where there is none.
    package var consentPage: ConsentPage? {
        switch overlays.last?.content {
        case .grant(let grant):
            ConsentPage.use(grant.terms.project, step: grant.opening == nil ? grant.position : nil)
        case .account(.extend(let model)): ConsentPage.use(model.line.project, step: nil)
        case .signUp(let detail): ConsentPage.signUp(detail.terms.project)
        case .contribute(let contribute) where contribute.step == .summary:
            contribute.target.flatMap { target in
                contribute.record.map {
                    ConsentPage.contribution(target.project, record: $0.id)
                }
            }
        case .addDevice(let adding): adding.asking.map(ConsentPage.device)
        default: nil
        }
    }

    mutating func updateConsent(_ message: ConsentMessage) -> [Effect] {
        switch message {
        case .draftDiscarded: return discardDraft()
        case .signUpAndAuthorize:
            guard case .signUp(let detail)? = overlays.last?.content else { return [] }
            let effects = confirmSignUp(detail)
            followUp = overlays.last?.action
            return effects
        case .undoRequested: return undo()
        case .tourStarted:
            tour = Tour()
            return []
        case .tourStepped:
            tour = tour?.next
            return []
        case .tourEnded:
            tour = nil
            return []
        }
    }

    mutating func confirmSignUp(_ detail: ProjectDetail) -> [Effect] {
        let terms = detail.terms
        return start(
            .signUp(terms.project, major: terms.major, minor: terms.minor, seen: terms.hash))
    }

    /// Opens the first decision, or what is told before it.
    mutating func openGrant(_ detail: ProjectDetail) -> [Effect] {
        let grant = Grant.Model(detail, now: settings.now)
        overlays.append(Overlay(.grant(grant)))
        var effects = [load(.records)]
        if case .outdated = grant.opening {
            effects.append(perform(.discardDraft(detail.terms.project)))
        }
        return effects
    }

    /// What Enter does in an authorization.
    mutating func confirm(_ former: Grant.Model, _ focus: Int) -> [Effect] {
        var grant = former
        if grant.opening == nil, grant.step == .summary {
            return sign(grant.draft(settings.language), grant.terms)
        }
        grant.stepForward(focus)
        return show(grant, focus: grant.wrongAnswer ?? grant.startFocus)
    }

    /// Goes one decision back; at the first one, leaves.
    mutating func stepBack(_ former: Grant.Model) -> [Effect] {
        var grant = former
        guard grant.stepBack() else { return updateDialog(.closed) }
        return show(grant, focus: grant.startFocus)
    }

    /// Ticks a kind, a purpose or a link.
    mutating func toggle(_ former: Grant.Model, _ focus: Int) -> [Effect] {
        var grant = former
        grant.toggle(focus)
        return grant == former ? [] : show(grant, focus: focus)
    }

    /// Shows an authorization as it stands now, and keeps it as a draft.
    private mutating func show(_ grant: Grant.Model, focus: Int) -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        overlays[top].content = .grant(grant)
        overlays[top].focus = focus
        overlays[top].scroll = 0
        return grant.hasBegun ? [perform(.keepDraft(grant.kept(at: settings.now)))] : []
    }

    /// Says that a draft is kept, when its sheet is left half-way.
    mutating func leave(_ grant: Grant.Model) {
        if grant.hasBegun { hint(say(ConsentText.draftKept), .done) }
    }

    private mutating func discardDraft() -> [Effect] {
        guard let top = overlays.indices.last, case .grant(var grant) = overlays[top].content
        else { return [] }
        let project = grant.terms.project
        let isOffered = grant.opening != nil
        undoable.append(.draft(grant.draftKept(at: settings.now)))
        grant.startAnew(now: settings.now)
        if isOffered {
            overlays[top] = Overlay(.grant(grant))
        } else {
            overlays.removeLast()
        }
        hint(say(ConsentText.draftGone), .done)
        return [perform(.discardDraft(project))]
    }
}
