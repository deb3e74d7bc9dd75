import LedgerCore
import SyncCore
import TerminalCore

/// What the person allowed, and how it stands.
enum Authorizations {
    struct Model: Equatable {
        var lines: [AuthorizationLine] = []
        var list = ListState()

        var selected: AuthorizationLine? {
            lines.indices.contains(list.selection) ? lines[list.selection] : nil
        }

        /// The authorization of a project: one that can be revoked before any other.
        func line(for project: ProjectID) -> AuthorizationLine? {
            lines.first { $0.project == project && $0.isRevocable }
                ?? lines.first { $0.project == project }
        }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        [
            model.openKey(.read), model.revokeKey, model.pauseKey,
            changeKey("e", .account(.extensionRequested), .extend, model),
            changeKey("s", .account(.narrowingRequested), .shareLess, model),
            projectKey("v", .account(.agreementsRequested), .agreements, model),
            projectKey("U", .account(.usesRequested), .whoUsed, model),
            projectKey("w", .account(.reasonRequested), .whyPoints, model),
            model.grantKey, model.contributeKey,
        ]
    }

    /// A key that changes an authorization by a new grant.
    private static func changeKey(
        _ key: Character, _ message: Message, _ help: Phrase, _ model: AppModel
    ) -> KeyBinding {
        let line = model.authorizations.selected
        let obstacle: Phrase?
        switch line?.state {
        case nil: obstacle = .nothingSelected
        case .reconsentDue?: obstacle = .agreeAnewFirst
        case .active?, .paused?:
            obstacle =
                line?.isRevocable != true
                ? .nothingInForce : line?.isOfFormerVersion == true ? .agreeAnewFirst : nil
        case .replaced?, .withdrawn?, .expired?, .terminated?, .invalidated?:
            obstacle = .nothingInForce
        }
        return KeyBinding([.character(key)], message, help, disabled: obstacle)
    }

    private static func projectKey(
        _ key: Character, _ message: Message, _ help: Phrase, _ model: AppModel
    ) -> KeyBinding {
        KeyBinding(
            [.character(key)], message, help,
            disabled: model.authorizations.selected == nil ? .nothingSelected : nil)
    }

    /// The state in a word; what is on its way is "not yet in force".
    static func stateRun(_ line: AuthorizationLine, _ say: Words) -> Run {
        if let pending = line.pending {
            return Run("○ " + say(pending.name), .statusWarning)
        }
        if !line.overdue.isEmpty { return Run("✗ " + say(HomeText.overdueTitle), .statusError) }
        let state = say(line.state.phrase)
        switch line.state {
        case .active: return Run("● " + state, .statusOK)
        case .paused: return Run("‖ " + state, .statusWarning)
        case .reconsentDue: return Run("! " + state, .statusWarning)
        case .replaced, .withdrawn, .expired, .terminated:
            return Run("✗ " + state, .textMuted)
        case .invalidated: return Run("✗ " + state, .statusError)
        }
    }

    // MARK: View

    static func paint(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        let say = model.say
        let lines = model.authorizations.lines
        let inForce = lines.count { $0.state == .active && $0.pending == nil }
        let title = say(.authorizations) + " · " + say(.countInForce, "\(inForce)")
        painter.write([Run(title, .heading)], row: 0, column: 1, in: layout.list)
        painter.nodes.append(SemanticNode(.heading, title))
        if lines.isEmpty {
            painter.explain(say(.noAuthorizations), row: 2, in: layout.list)
        }
        painter.list(list(model, layout))
    }

    static func list(_ model: AppModel, _ layout: Layout) -> ListPane {
        let say = model.say
        let lines = model.authorizations.lines
        let isWide = layout.list.columns >= 60
        return ListPane(
            name: say(.authorizations), state: model.authorizations.list, count: lines.count,
            rect: layout.lines, hasKeys: !model.authorizations.list.isDetailOpen
        ) { position in
            let line = lines[position]
            return ListLine(
                runs: [Run(say(line.title), line.isRevocable ? .text : .textMuted)],
                trailing: trailing(line, say, isWide: isWide))
        }
    }

    /// The state, and how many days are left where there is room.
    private static func trailing(_ line: AuthorizationLine, _ say: Words, isWide: Bool) -> [Run] {
        let state = stateRun(line, say)
        guard isWide, line.pending == nil, line.isRevocable else { return [state] }
        return [Run(say.daysLeft(until: line.grant.until) + "  ", .textMuted), state]
    }

    /// How it stands, as a sentence.
    private static func stateSentence(
        _ line: AuthorizationLine, _ say: Words
    ) -> SafeText {
        let until = say.date(line.grant.until)
        switch line.state {
        case .active:
            return say(
                .inForceFor, say.list(line.recipients.map { say($0) }), until,
                say.daysLeft(until: line.grant.until))
        case .paused: return say(.pausedMeans)
        case .reconsentDue: return say(.reconsentMeans)
        case .replaced: return say(.replacedMeans)
        case .withdrawn:
            return line.lapse.map { say(.lapsedMeans, say($0.explained)) } ?? say(.withdrawnMeans)
        case .expired: return say(.expiredMeans, until)
        case .terminated: return say(.terminatedMeans)
        case .invalidated: return say(.invalidatedMeans)
        }
    }

    static func writeDetail(_ model: AppModel, into page: inout Document) {
        guard let line = model.authorizations.selected else { return }
        let say = model.say
        let grant = line.grant
        page.heading(say(line.title))
        page.line([stateRun(line, say)])
        if line.pending != nil { page.text(say(.revokeNotYetInForce), .statusWarning) }
        // What it asks the person to do was decided: only what still holds is said then.
        let isAnswered = line.pending != nil && [.paused, .reconsentDue].contains(line.state)
        if line.grantedAt != nil, !isAnswered {
            let outgrown =
                line.state == .reconsentDue ? Wards.sentence(line, model) : nil
            page.text(outgrown ?? stateSentence(line, say))
        }
        for erasure in line.overdue { Overdue.writeNote(erasure, say, into: &page) }
        page.blank()
        page.field(say(.kinds), say.list(grant.kinds.map { say($0.name) }))
        page.fields(
            say(.purpose), say.meanings(grant.purposes, of: grant.diseases).map { Run($0) })
        page.links(line.links, say)
        page.fields(say(.who), line.recipients.map { Run(say($0)) })
        page.field(say(.until), say(.useAndErase, say.date(grant.until), say.date(grant.eraseAt)))
        page.field(
            say(.collected), say.span(from: grant.collectionFrom, until: grant.collectionUntil))
        page.blank()
        page.field(say(.granted), line.grantedAt.map(say.dateTime) ?? say(.onItsWay))
        page.field(
            say(.used),
            line.uses == 0
                ? say(.neverUsed)
                : line.lastUse.map {
                    say(.usedTimes, say.times(line.uses), say.dateTime($0))
                }
                    ?? say.times(line.uses))
        if line.uses > 0 {
            page.field(say.month(say.currentMonth), say.times(line.monthUses))
        }
        if line.derived > 0 {
            page.field(say(.derived), say.count(.derivedCount, line.derived))
        }
        if line.isRevocable {
            page.blank()
            page.field(say(.revoking), say(.revokingExplained), .textMuted)
        }
    }
}

extension AuthorizationLine.PendingDecision {
    /// What is on its way, in a word or three.
    var name: Phrase {
        switch kind {
        case .authorizationRevoked: .revocationPending
        case .authorizationPaused: .pausePending
        case .authorizationResumed: .resumePending
        default: .grantPending
        }
    }
}
