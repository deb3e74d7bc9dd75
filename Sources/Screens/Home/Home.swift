import LedgerCore
import SyncCore
import TerminalCore

/// Points with their trend, what needs attention, what happened since last time.
enum Home {
    struct Model: Equatable {
        var summary: HomeSummary? {
            didSet { arrange() }
        }
        var list = ListState()
        /// What can be selected: what needs attention, what is new, what was there before.
        private(set) var items: [Item] = []
        /// How many of the items came since last time, those that say the same counted once.
        private(set) var newCount = 0

        private mutating func arrange() {
            guard let summary else {
                (items, newCount) = ([], 0)
                return
            }
            let shown = summary.since?.shownCount ?? 0
            let new = Told.once(summary.recent.prefix(shown))
            let before = Told.once(summary.recent.dropFirst(shown))
            let rest = (summary.since?.entryCount ?? 0) - shown
            newCount = new.count
            items = summary.attention.map(Item.attention) + (new + before).map(Item.recent)
            if rest > 0 { items.append(.rest(rest)) }
        }

        var selected: Item? {
            items.indices.contains(list.selection) ? items[list.selection] : nil
        }
    }

    enum Item: Equatable {
        case attention(HomeSummary.Attention)
        case recent(Told)
        /// So many more entries, in Activity.
        case rest(Int)

        var project: ProjectID? {
            switch self {
            case .attention(let attention): attention.project
            case .recent(let told): told.line.body.project
            case .rest: nil
            }
        }

        var line: ActivityLine? {
            switch self {
            case .attention(.refused(let line)), .attention(.correctionProposed(let line, _, _)):
                line
            case .recent(let told): told.line
            case .attention, .rest: nil
            }
        }

        var participation: Participation? {
            if case .attention(let attention) = self {
                attention.projectLine?.participation
            } else {
                nil
            }
        }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        let open: Phrase
        switch model.home.selected {
        case .attention(.authorizationMissing), .attention(.reconsentDue): open = .authorize
        case .attention(.contributionMissing): open = .contribute
        case .attention(.pointsExpiring): open = .rewards
        default: open = .open
        }
        return [
            KeyBinding(
                [.enter, .right, .character("l")], .list(.opened), open,
                disabled: model.home.items.isEmpty ? .nothingSelected : nil, name: .open),
            model.appealKey,
            KeyBinding([.character("2")], .placeChosen(.projects), .findProjects),
            model.revokeKey, model.proofKey,
        ]
    }

    /// What Enter does: the next step of what needs attention, or what the line is about.
    static func open(_ model: inout AppModel) -> [Effect] {
        switch model.home.selected {
        case .attention(.erasureOverdue(let erasure)):
            model.overlays.append(Overlay(.account(.overdue(erasure))))
            return []
        case .attention(.refused(let line)):
            model.overlays.append(Overlay(.refusal(line)))
            return []
        case .attention(.correctionProposed(let line, _, _)):
            model.overlays.append(Overlay(.entry(line)))
            return []
        case .attention(.revocationWaiting(let line)), .attention(.expiring(let line)):
            let index = model.authorizations.lines.firstIndex { $0.id == line.id } ?? 0
            model.place = .authorizations
            model.authorizations.list.selection = index
            model.authorizations.list.isDetailOpen = true
            return model.reload() + model.fit()
        case .attention(.reconsentDue), .attention(.authorizationMissing):
            return model.askProject(.grant)
        case .attention(.contributionMissing): return model.requestContribution()
        case .attention(.pointsExpiring): return [model.load(.account(.rewards))]
        case .recent(let told):
            model.overlays.append(Overlay(.entry(told.line)))
            return []
        case .rest: return AppModel.update(&model, .placeChosen(.activity))
        case nil: return []
        }
    }

    // MARK: View

    static func paint(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        var page = Document(width: layout.list.columns, textWidth: painter.textWidth)
        let say = model.say
        if layout.detail.isEmpty { writePoints(model, into: &page) }
        if case .frozen(let reason) = model.status.connection {
            page.blank()
            page.text(say(.frozenExplained), .statusError)
            page.text(say.frozen(reason), .textMuted)
        }
        page.blank()
        writeAttention(model, into: &page)
        page.blank()
        writeRecent(model, into: &page)
        painter.draw(page, in: layout.list, scroll: 0, hasKeys: true)
        painter.hits = painter.hits.map { hit in
            guard case .dialog(.picked(let choice)) = hit.message else { return hit }
            return HitArea(rect: hit.rect, message: .list(.picked(choice)))
        }
        painter.nodes.append(SemanticNode(.group, say(.home), children: page.nodes))
    }

    private static func writeAttention(_ model: AppModel, into page: inout Document) {
        let say = model.say
        let attention = model.home.summary?.attention ?? []
        page.heading(say(.needsAttention))
        if attention.isEmpty { page.text(say(.nothingNeedsAttention), .textMuted) }
        for (index, item) in attention.enumerated() {
            let line = describe(item, say)
            page.choice(
                index, isFocused: index == model.home.list.selection,
                [Run(line.sign, line.role), Run(line.text)])
        }
    }

    /// What came since last time under a heading of its own, what was there before below.
    private static func writeRecent(_ model: AppModel, into page: inout Document) {
        let say = model.say
        let first = model.home.summary?.attention.count ?? 0
        let items = model.home.items.dropFirst(first)
        if let since = model.home.summary?.since {
            writeSince(since, say, into: &page)
        } else {
            page.heading(say(.whatHappened))
        }
        if items.isEmpty {
            page.text(say(.nothingHappened), .textMuted)
            page.text(say(.firstStep))
        }
        for (index, item) in zip(items.indices, items) {
            if index == first + model.home.newCount, model.home.summary?.since != nil {
                page.blank()
                if case .recent = item { page.heading(say(HomeText.before)) }
            }
            let isFocused = index == model.home.list.selection
            switch item {
            case .recent(let told):
                var trailing = ActivityPlace.trailing(told.line, say)
                if told.count > 1 {
                    trailing.insert(
                        Run(say.times(told.count) + "  ", .textMuted), at: 0)
                }
                page.choice(
                    index, isFocused: isFocused, [Run(say.headline(told.line))],
                    trailing: trailing)
            case .rest(let count):
                page.choice(
                    index, isFocused: isFocused,
                    [Run("→ ", .accent), Run(say.count(HomeText.more.texts, count))])
            case .attention: continue
            }
        }
    }

    /// When the app was left, and what it comes to.
    private static func writeSince(
        _ since: SinceLastTime, _ say: Words, into page: inout Document
    ) {
        var parts: [SafeText] = []
        if since.uses + since.denials > 0 { parts.append(say.uses(since.uses, since.denials)) }
        if since.earned > .zero { parts.append(say.signed(since.earned)) }
        let sum = parts.dropFirst().reduce(parts.first ?? "") { $0 + " · " + $1 }
        let heading = say(HomeText.since, say.sinceMoment(since.at))
        let fits = page.textWidth.cells(of: heading + sum) + 4 <= page.width
        page.heading(
            heading, trailing: sum.isEmpty || !fits ? [] : [Run(sum, .textMuted)])
        if !sum.isEmpty, !fits { page.text(sum, .textMuted) }
        if since.entryCount == 0 { page.text(say(HomeText.nothingNew), .textMuted) }
    }

    private static func describe(
        _ attention: HomeSummary.Attention, _ say: Words
    ) -> (sign: SafeText, role: StyleRole, text: SafeText) {
        switch attention {
        case .erasureOverdue(let erasure):
            (
                "✗ ", .statusError,
                say(HomeText.erasureOverdue, say.shortDate(erasure.dueAt), say(erasure.title))
            )
        case .refused(let line):
            (
                "✗ ", .statusError,
                say(
                    .attentionRefused,
                    say.headline(line) + (line.title.map { " · " + say($0) } ?? ""))
            )
        case .revocationWaiting(let line):
            ("! ", .statusWarning, say(.attentionRevocation, say(line.title)))
        case .correctionProposed(_, let points, let until):
            (
                "! ", .statusWarning,
                say(HomeText.correctionUntil, say.points(points), say.shortDate(until))
            )
        case .reconsentDue(let line, let until):
            (
                "! ", .statusWarning,
                say(HomeText.reconsentUntil, say.shortDate(until), say(line.title))
            )
        case .expiring(let line):
            (
                "! ", .statusWarning,
                say(.attentionExpiring, say.shortDate(line.grant.until), say(line.title))
            )
        case .pointsExpiring(let points, let end):
            (
                "! ", .statusWarning,
                say(HomeText.pointsExpiring, say.points(points), say.shortDate(end))
            )
        case .authorizationMissing(let line):
            ("→ ", .accent, say(.attentionAuthorize, say(line.title)))
        case .contributionMissing(let line):
            ("→ ", .accent, say(.attentionContribute, say(line.title)))
        }
    }
}

extension HomeSummary.Attention {
    var project: ProjectID? {
        switch self {
        case .erasureOverdue(let erasure): erasure.project
        case .refused(let line), .correctionProposed(let line, _, _): line.body.project
        case .revocationWaiting(let line), .reconsentDue(let line, _), .expiring(let line):
            line.project
        case .pointsExpiring: nil
        case .authorizationMissing(let line), .contributionMissing(let line): line.id
        }
    }

    var projectLine: ProjectLine? {
        switch self {
        case .authorizationMissing(let line), .contributionMissing(let line): line
        case .erasureOverdue, .refused, .revocationWaiting, .correctionProposed,
            .reconsentDue, .expiring, .pointsExpiring:
            nil
        }
    }
}
