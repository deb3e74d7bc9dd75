import LedgerCore
import SyncCore
import TerminalCore

/// Points with their trend, what needs attention, what happened.
enum Home {
    struct Model: Equatable {
        var summary: HomeSummary?
        var list = ListState()

        /// What can be selected: what needs attention, then what happened.
        var items: [Item] {
            guard let summary else { return [] }
            return summary.attention.map(Item.attention) + summary.recent.map(Item.recent)
        }

        var selected: Item? {
            items.indices.contains(list.selection) ? items[list.selection] : nil
        }
    }

    enum Item: Equatable {
        case attention(HomeSummary.Attention)
        case recent(ActivityLine)

        var project: ProjectID? {
            switch self {
            case .attention(let attention): attention.project
            case .recent(let line): line.body.project
            }
        }

        var line: ActivityLine? {
            switch self {
            case .attention(.refused(let line)), .recent(let line): line
            case .attention: nil
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
        default: open = .open
        }
        return [
            KeyBinding(
                [.enter, .right, .character("l")], .list(.opened), open,
                disabled: model.home.items.isEmpty ? .nothingSelected : nil, name: .open),
            KeyBinding([.character("2")], .placeChosen(.projects), .findProjects),
            model.revokeKey, model.proofKey,
        ]
    }

    /// What Enter does: the next step of what needs attention, or the entry.
    static func open(_ model: inout AppModel) -> [Effect] {
        switch model.home.selected {
        case .attention(.refused(let line)):
            model.overlays.append(Overlay(.refusal(line)))
            return []
        case .attention(.revocationWaiting(let line)), .attention(.expiring(let line)):
            let index = model.authorizations.lines.firstIndex { $0.id == line.id } ?? 0
            model.place = .authorizations
            model.authorizations.list.selection = index
            model.authorizations.list.isDetailOpen = true
            return model.reload() + model.fit()
        case .attention(.reconsentDue), .attention(.authorizationMissing):
            return model.askProject(.grant)
        case .attention(.contributionMissing): return model.askProject(.contribute)
        case .recent(let line):
            model.overlays.append(Overlay(.entry(line)))
            return []
        case nil: return []
        }
    }

    // MARK: View

    static func paint(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        var page = Document(width: layout.list.columns, textWidth: painter.textWidth)
        let say = model.say
        if layout.detail.isEmpty { writePoints(model, into: &page) }
        let summary = model.home.summary
        var index = 0
        if case .frozen(let reason) = model.status.connection {
            page.blank()
            page.text(say(.frozenExplained), .statusError)
            page.text(SafeText(untrusted: reason), .textMuted)
        }
        page.blank()
        let attention = summary?.attention ?? []
        page.heading(say(.needsAttention))
        if attention.isEmpty { page.text(say(.nothingNeedsAttention), .textMuted) }
        for item in attention {
            let line = describe(item, say)
            page.choice(
                index, isFocused: index == model.home.list.selection,
                [Run(line.sign, line.role), Run(line.text)])
            index += 1
        }
        page.blank()
        page.heading(say(.whatHappened))
        let recent = summary?.recent ?? []
        if recent.isEmpty {
            page.text(say(.nothingHappened), .textMuted)
            page.text(say(.firstStep))
        }
        for line in recent {
            page.choice(
                index, isFocused: index == model.home.list.selection,
                [Run(say.headline(line))], trailing: ActivityPlace.trailing(line, say))
            index += 1
        }
        painter.draw(page, in: layout.list, scroll: 0, hasKeys: true)
        painter.hits = painter.hits.map { hit in
            guard case .dialog(.picked(let choice)) = hit.message else { return hit }
            return HitArea(rect: hit.rect, message: .list(.picked(choice)))
        }
        painter.nodes.append(SemanticNode(.group, say(.home), children: page.nodes))
    }

    /// The right pane of wide screens.
    static func writeSummary(_ model: AppModel, into page: inout Document) {
        writePoints(model, into: &page)
        guard let summary = model.home.summary else { return }
        let say = model.say
        page.blank()
        page.field(say(.projects), say.number(Int64(summary.projectCount)), labelWidth: 18)
        page.field(
            say(.authorizations), say.number(Int64(summary.activeAuthorizations)), labelWidth: 18)
        page.field(say(.records), say.number(Int64(summary.recordCount)), labelWidth: 18)
    }

    private static func writePoints(_ model: AppModel, into page: inout Document) {
        let points = model.home.summary?.points ?? .nothing
        PointsPlace.writeBalances(points, model.say, into: &page)
        if page.width >= 38, model.settings.size.rows >= 20 {
            PointsPlace.writeChart(points, model.say, into: &page)
        }
    }

    private static func describe(
        _ attention: HomeSummary.Attention, _ say: Words
    ) -> (sign: SafeText, role: StyleRole, text: SafeText) {
        switch attention {
        case .refused(let line):
            (
                "✗ ", .statusError,
                say(
                    .attentionRefused,
                    say.headline(line) + (line.title.map { " · " + say($0) } ?? ""))
            )
        case .revocationWaiting(let line):
            ("! ", .statusWarning, say(.attentionRevocation, say(line.title)))
        case .reconsentDue(let line):
            ("! ", .statusWarning, say(.attentionReconsent, say(line.title)))
        case .expiring(let line):
            (
                "! ", .statusWarning,
                say(.attentionExpiring, say.shortDate(line.grant.until), say(line.title))
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
        case .refused(let line): line.body.project
        case .revocationWaiting(let line), .reconsentDue(let line), .expiring(let line):
            line.project
        case .authorizationMissing(let line), .contributionMissing(let line): line.id
        }
    }

    var projectLine: ProjectLine? {
        switch self {
        case .authorizationMissing(let line), .contributionMissing(let line): line
        case .refused, .revocationWaiting, .reconsentDue, .expiring: nil
        }
    }
}
