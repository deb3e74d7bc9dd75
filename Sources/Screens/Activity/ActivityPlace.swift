import LedgerCore
import SyncCore
import TerminalCore

/// Every entry about the person, with its state, its reason and its proof.
enum ActivityPlace {
    struct Model: Equatable {
        var page = Page<ActivityLine>.empty
        var notices = Page<NoticeLine>.empty
        var list = ListState()
        var shelf = Shelf.everything
        /// The only project whose entries are shown.
        var only: Only?
        var search = TextField()
        var isSearching = false
        /// The kinds of entries the words searched for stand for.
        var named: [EntryKind] = []

        struct Only: Equatable {
            var project: ProjectID
            var title: LocalizedText
        }

        var selected: ActivityLine? {
            shelf == .notices ? nil : page.line(at: list.selection)
        }
        var selectedNotice: NoticeLine? {
            shelf == .notices ? notices.line(at: list.selection) : nil
        }
        var count: Int { shelf == .notices ? notices.total : page.total }
        var positions: Range<Int> { shelf == .notices ? notices.positions : page.positions }
        var isFiltered: Bool { shelf != .everything || only != nil || !search.text.isEmpty }

        /// Title, shelves, and a line for search and project where there is something in it.
        var headRows: Int {
            shelf != .notices && (isSearching || !search.text.isEmpty || only != nil) ? 3 : 2
        }

        func request(offset: Int, limit: Int) -> Request {
            if shelf == .notices { return .account(.notices(offset: offset, limit: limit)) }
            let query = ActivityQuery(
                type: shelf.type, project: only?.project, search: search.text, named: named)
            return .activity(query, offset: offset, limit: limit)
        }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        let activity = model.activity
        let line = activity.selected
        let isUnread = line?.state == .rejected && line?.isRead == false
        let isList = !activity.list.isDetailOpen
        let isNotices = activity.shelf == .notices
        let about = activity.only != nil || line?.body.project != nil
        return [
            model.openKey(.open), model.appealKey, model.proofKey,
            KeyBinding(
                [.character("f")], .account(.shelfStepped(1)), .nextShelf,
                shown: isList ? .bar : .helpOnly),
            KeyBinding(
                [.character("/")], .searchStarted, .search,
                disabled: isNotices ? .notAmongNotices : nil, shown: isList ? .bar : .helpOnly),
            KeyBinding([.character("c")], .account(.calendarRequested), .calendar),
            KeyBinding([.character("U")], .account(.usesRequested), .whoUsed),
            model.revokeKey,
            KeyBinding(
                [.character("x")], .account(.projectFilterToggled),
                activity.only == nil ? .onlyThisProject : .allProjects,
                disabled: isNotices ? .notAmongNotices : (about ? nil : .nothingSelected),
                name: .onlyThisProject),
            KeyBinding(
                [.character("m")], .activityMarked, .markRead,
                disabled: isUnread ? nil : .nothingToMark, shown: isUnread ? .bar : .helpOnly),
            KeyBinding(
                [.character("F")], .account(.shelfStepped(-1)), .formerShelf, shown: .helpOnly),
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
        let activity = model.activity
        painter.write(
            [Run(say(.activity), .heading)],
            trailing: [Run(say.number(Int64(activity.count)), .textMuted)], row: 0, column: 1,
            in: layout.list)
        painter.nodes.append(SemanticNode(.heading, say(.activity)))
        paintShelves(model, layout, &painter)
        paintFilter(model, layout, &painter)
        if activity.count == 0 {
            let text = say(activity.shelf == .notices ? .noNotices : .nothingHappened)
            painter.write(
                [
                    Run(
                        activity.isFiltered && activity.shelf != .notices
                            ? say(.nothingFound) : text, .textMuted)
                ],
                row: activity.headRows, column: 1, in: layout.list)
        }
        painter.list(list(model, layout))
    }

    static func list(_ model: AppModel, _ layout: Layout) -> ListPane {
        let say = model.say
        let activity = model.activity
        if activity.shelf == .notices { return notices(model, layout) }
        return ListPane(
            name: say(.activity), state: activity.list, count: activity.page.total,
            rect: layout.lines, hasKeys: !activity.list.isDetailOpen && !activity.isSearching
        ) { position in
            activity.page.line(at: position).map { line in
                var text = say.headline(line)
                if layout.list.columns >= 60, let title = line.title {
                    text += " · " + say(title)
                }
                let isNew = line.state == .rejected && !line.isRead
                let isDenied = line.body.kind == .useDenied
                let role: StyleRole = isDenied ? .statusWarning : isNew ? .textStrong : .text
                return ListLine(
                    runs: [Run(isDenied ? "✗ " + text : text, role)],
                    trailing: trailing(line, say))
            }
        }
    }

    /// The selected entry, or what was told.
    static func writeDetail(_ model: AppModel, into page: inout Document) {
        if let line = model.activity.selected { write(line, model, into: &page) }
        if let line = model.activity.selectedNotice { write(line, model.say, into: &page) }
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
        if let actor = line.actor {
            let isProposal = line.body.kind == .correctionProposed
            page.field(isProposal ? say(HomeText.proposedBy) : say(.who), say(actor))
        }
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
        case .dataDerived(let derived):
            page.field(say(.purpose), say(derived.purpose.meaning))
            page.fields(
                say(.derivedFrom),
                derived.inputs.map {
                    Run(SafeText(untrusted: String($0.hex.prefix(16))), .textMuted)
                })
            page.field(
                say(.grantEntry), SafeText(untrusted: String(derived.grant.hex.prefix(16))),
                .textMuted)
            page.field(say(.fingerprint), SafeText(untrusted: derived.output.hex), .textMuted)
        case .resultReturned: page.text(say(ResultText.whereToRead))
        case .resultsWished(let wished):
            page.fields(say(ResultText.returns), wished.classes.map { Run(say($0.name)) })
        case .authorizationGranted(let grant):
            page.field(say(.kinds), say.list(grant.kinds.map { say($0.name) }))
            page.fields(
                say(.purpose), say.meanings(grant.purposes, of: grant.diseases).map { Run($0) })
            page.links(grant.links.map { LinkedProject($0) }, say)
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
        case .correctionProposed(let proposed):
            page.field(say(.points), say.points(proposed.points), .points)
            writeAppeal(line, model, into: &page)
        case .institutionAdmitted, .memberEnrolled, .deviceAdded, .deviceRevoked,
            .projectPublished, .projectAmended, .projectClosed, .budgetFunded, .escrowPlaced,
            .signupJoined, .signupLeft, .authorizationPaused, .authorizationResumed,
            .authorizationExpired, .contributionAccepted, .programmeRuled, .rewardOffered,
            .rewardWithdrawn, .splitRuled, .splitPaid, .escrowReleased, .pointsReserved,
            .pointsRedeemed, .pointsReleased, .pointsExpiring, .pointsExpired,
            .correctionConfirmed, .correctionAppealed, .approvalFiled,
            .amendmentEndorsed, .projectTerminated, .authorizationInvalidated,
            .contributionAppealed, .recordsErased, .erasureAttested, .wardEnrolled,
            .wardHandedOver, .authorizationOutgrown, .wardDeclared, .authorizationLapsed,
            .lapseProposed, .lapseConfirmed:
            break
        }
    }

    /// Until when and how to appeal against a correction that takes points, while it can be done.
    private static func writeAppeal(
        _ line: ActivityLine, _ model: AppModel, into page: inout Document
    ) {
        let say = model.say
        guard let until = model.home.summary?.appeal(against: line.entry)?.until,
            until > say.now, let index = line.index
        else { return }
        page.field(say(HomeText.appealUntil), say.dateTime(until), .statusWarning)
        let isOwn = model.settings.mode == .personal
        page.text(say(isOwn ? HomeText.appealHow : .appealElsewhere, "\(index)"))
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
