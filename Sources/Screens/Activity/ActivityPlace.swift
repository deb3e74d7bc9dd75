import LedgerCore
import SyncCore
import TerminalCore

/// Every entry about the person, with its state, its reason and its proof.
enum ActivityPlace {
    struct Model: Equatable {
        var page = Page<ActivityLine>.empty
        var list = ListState()

        var selected: ActivityLine? { page.line(at: list.selection) }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        let line = model.activity.selected
        let isUnread = line?.state == .rejected && line?.isRead == false
        return [
            model.openKey(.open), model.proofKey, model.revokeKey,
            KeyBinding(
                [.character("m")], .activityMarked, .markRead,
                disabled: isUnread ? nil : .nothingToMark),
        ]
    }

    /// Time, and the state of what is not verified yet.
    static func trailing(_ line: ActivityLine, _ say: Words) -> [Run] {
        let time = Run(say.moment(line.at), .textMuted)
        switch line.state {
        case .proven: return [time]
        case .queued, .sent, .accepted, .rejected, .disputed:
            return [line.state.run(say), Run("  "), time]
        }
    }

    // MARK: View

    static func paint(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        let say = model.say
        let page = model.activity.page
        painter.write(
            [Run(say(.activity), .heading)],
            trailing: [Run(say.number(Int64(page.total)), .textMuted)], row: 0, column: 1,
            in: layout.list)
        painter.nodes.append(SemanticNode(.heading, say(.activity)))
        if page.total == 0 {
            painter.write(
                [Run(say(.nothingHappened), .textMuted)], row: 2, column: 1, in: layout.list)
        }
        painter.list(
            say(.activity), model.activity.list, count: page.total, in: layout.lines,
            hasKeys: !model.activity.list.isDetailOpen
        ) { position in
            page.line(at: position).map { line in
                var text = say.headline(line)
                if layout.list.columns >= 60, let title = line.title {
                    text += " · " + say(title)
                }
                let isNew = line.state == .rejected && !line.isRead
                return Painter.ListLine(
                    runs: [Run(text, isNew ? .textStrong : .text)],
                    trailing: trailing(line, say))
            }
        }
    }

    /// One entry: what, who, why allowed, how far, and what can be done about a refusal.
    static func write(_ line: ActivityLine, _ model: AppModel, into page: inout Document) {
        let say = model.say
        page.heading(say.headline(line))
        page.line([line.state.run(say)])
        page.text(say(line.state.explained), .textMuted)
        page.blank()
        page.field(say(.when), say.dateTime(line.at))
        if let title = line.title { page.field(say(.project), say(title)) }
        if let actor = line.actor { page.field(say(.who), say(actor)) }
        writeBody(line, model, into: &page)
        if let rejection = line.rejection {
            page.field(say(.reason), say(rejection.reason), .statusError)
            page.field(say(.nextStep), say(rejection.nextStep))
        }
        page.blank()
        if let index = line.index { page.field(say(.entry), "#\(index)") }
        page.field(say(.entryID), SafeText(untrusted: line.entry.hex), .textMuted)
    }

    private static func writeBody(
        _ line: ActivityLine, _ model: AppModel, into page: inout Document
    ) {
        let say = model.say
        switch line.body {
        case .useAllowed(let use):
            page.field(say(.purpose), say(use.purpose.meaning))
            page.field(say(.used), say.count(.recordCount, use.contributions.count))
            writeReason(use, model, into: &page)
        case .useDenied(let use):
            page.field(say(.purpose), say(use.purpose.meaning))
            page.field(say(.reason), say(use.reason.explained), .statusWarning)
            page.text(say(.deniedGaveNothing))
        case .authorizationGranted(let grant):
            page.field(say(.kinds), say.list(grant.kinds.map { say($0.name) }))
            page.fields(say(.purpose), grant.purposes.map { Run(say.meaning($0)) })
            page.field(say(.until), say.date(grant.until))
        case .authorizationRevoked(let revoked):
            page.field(say(.what), say(revoked.mode.name))
            page.text(say(revoked.mode.explained), .textMuted)
            if line.state == .queued || line.state == .sent {
                page.text(say(.revokeNotYetInForce), .statusWarning)
            }
        case .recordContributed(let record):
            page.field(say(.kinds), say(record.kind.name))
            page.field(say(.rows), say.number(record.rows))
            page.field(say(.sealedSize), say.bytes(record.sizeBytes))
        case .contributionRejected(let rejected):
            page.field(say(.reason), say(rejected.reason.explained), .statusWarning)
        case .pointsAccrued(let accrued):
            page.field(say(.points), say.signed(accrued.points), .points)
            page.field(say(.availableFrom), say.dateTime(accrued.vestsAt))
        case .pointsVested(let resolved), .pointsVoided(let resolved):
            page.field(say(.points), say.points(resolved.points), .points)
        case .institutionAdmitted, .memberEnrolled, .deviceAdded, .deviceRevoked,
            .projectPublished, .projectAmended, .projectClosed, .budgetFunded, .escrowPlaced,
            .signupJoined, .signupLeft, .authorizationPaused, .authorizationResumed,
            .authorizationExpired, .contributionAccepted, .programmeRuled, .rewardOffered,
            .rewardWithdrawn, .splitRuled, .splitPaid, .escrowReleased, .pointsReserved,
            .pointsRedeemed, .pointsReleased, .pointsExpiring, .pointsExpired,
            .correctionProposed, .correctionConfirmed, .correctionAppealed:
            break
        }
    }

    /// Why a use was allowed: the authorization it rests on.
    private static func writeReason(
        _ use: UseAllowed, _ model: AppModel, into page: inout Document
    ) {
        let say = model.say
        let line = model.authorizations.lines.first { $0.project == use.project }
        if let grantedAt = line?.grantedAt {
            page.field(say(.whyAllowed), say(.allowedSince, say.dateTime(grantedAt)))
        }
        page.field(
            say(.grantEntry), SafeText(untrusted: String(use.grant.hex.prefix(16))), .textMuted)
    }
}

extension EntryState {
    /// The state with its sign.
    func run(_ say: Words) -> Run {
        switch self {
        case .queued: Run("○ " + say(name), .statusWarning)
        case .sent: Run("○ " + say(name), .statusWarning)
        case .accepted: Run("● " + say(name), .status)
        case .proven: Run("✓ " + say(name), .statusOK)
        case .rejected: Run("✗ " + say(name), .statusError)
        case .disputed: Run("✗ " + say(name), .statusError)
        }
    }
}
