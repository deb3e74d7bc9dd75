import LedgerCore
import SyncCore
import TerminalCore

/// The catalogue: search, read, take part.
enum Projects {
    struct Model: Equatable {
        var query = ProjectQuery()
        var page = Page<ProjectLine>.empty
        var list = ListState()
        var search = TextField()
        var isSearching = false
        /// The project to compare with the next one.
        var marked: ProjectID?
        /// The names of institutions that facets told.
        var names: [ProjectFacet: LocalizedText] = [:]

        /// Whether the list shows less than all.
        var isFiltered: Bool { !query.facets.isEmpty || !query.search.isEmpty }
        var showsSearch: Bool { isSearching || !query.search.isEmpty }

        var selected: ProjectLine? { page.line(at: list.selection) }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        let line = model.projects.selected
        let join: Phrase?
        let leave: Phrase?
        switch line?.participation {
        case nil: (join, leave) = (.nothingSelected, .nothingSelected)
        case .some(.none):
            (join, leave) = (line?.isClosed == true ? .isClosed : nil, .notTakingPart)
        case .joining, .joined: (join, leave) = (.takingPartAlready, nil)
        case .leaving: (join, leave) = (.leavingAlready, .leavingAlready)
        }
        let isDetail = model.projects.list.isDetailOpen
        return [
            model.openKey(.read),
            KeyBinding([.character("s")], .signUpRequested, .signUp, disabled: join),
            model.grantKey, model.contributeKey, model.revokeKey, model.pauseKey,
            KeyBinding(
                [.character("/")], .searchStarted, .search, shown: isDetail ? .helpOnly : .bar),
            KeyBinding(
                [.character("f")], .catalogue(.filtersRequested), .filter,
                shown: isDetail ? .helpOnly : .bar),
            KeyBinding(
                [.character("F")], .catalogue(.filtersCleared), .clearFilters,
                disabled: model.projects.query.facets.isEmpty ? .noFilterSet : nil,
                shown: isDetail ? .helpOnly : .bar),
            KeyBinding(
                [.character("o")], .orderChanged, .changeOrder, shown: isDetail ? .helpOnly : .bar),
            KeyBinding(
                [.character("d")], .catalogue(.changesRequested), .changes,
                disabled: line == nil ? .nothingSelected : nil),
            KeyBinding(
                [.character("=")], .catalogue(.comparisonRequested), .compare,
                disabled: line == nil ? .nothingSelected : nil),
            KeyBinding(
                [.character("m")], .catalogue(.profileRequested), .aboutMe, shown: .helpOnly),
            KeyBinding(
                [.character("x")], .leaveRequested, .leave, disabled: leave, shown: .helpOnly),
        ]
    }

    static let searchKeys = [
        KeyBinding([.enter], .searchEnded(isKept: true), .done),
        KeyBinding([.escape], .searchEnded(isKept: false), .clearSearch),
        KeyBinding([.down], .list(.moved(1)), .down, shown: .helpOnly),
        KeyBinding([.up], .list(.moved(-1)), .up, shown: .helpOnly),
        KeyBinding([.pageDown], .list(.pagesMoved(1)), .pageDown, shown: .helpOnly),
        KeyBinding([.pageUp], .list(.pagesMoved(-1)), .pageUp, shown: .helpOnly),
    ]

    static func update(_ model: inout AppModel, _ message: Message) -> [Effect] {
        switch message {
        case .searchStarted:
            model.projects.isSearching = true
            model.projects.list.isDetailOpen = false
            return model.fit()
        case .searchEnded(let isKept):
            model.projects.isSearching = false
            if isKept { return model.fit() }
            model.projects.search.apply(.cleared)
            return search(&model)
        case .orderChanged:
            let orders = ProjectOrder.allCases
            let index = orders.firstIndex(of: model.projects.query.order) ?? 0
            model.projects.query.order = orders[(index + 1) % orders.count]
            return search(&model)
        default: return []
        }
    }

    /// Takes what is typed and searches at once.
    static func type(_ model: inout AppModel, _ edit: TextEdit) -> [Effect] {
        guard model.place == .projects, model.projects.isSearching else { return [] }
        model.projects.search.apply(edit)
        return search(&model)
    }

    /// Searches for a text as if it had been typed.
    static func seek(_ model: inout AppModel, _ text: String) {
        model.projects.isSearching = false
        model.projects.search = TextField(text)
        model.projects.query = ProjectQuery(search: text, order: model.projects.query.order)
        model.projects.list = ListState()
    }

    private static func search(_ model: inout AppModel) -> [Effect] {
        model.projects.query.search = model.projects.search.text
        model.projects.list = ListState()
        return [model.loadPage()]
    }

    // MARK: View

    static func paint(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        let say = model.say
        let projects = model.projects
        var left = say(.projects)
        left += " · " + say.number(Int64(projects.page.total))
        let order = say(projects.query.order.name)
        painter.write(
            [Run(left, .heading)],
            trailing: layout.list.columns >= 50 ? [Run(order, .textMuted)] : [], row: 0,
            column: 1, in: layout.list)
        painter.nodes.append(SemanticNode(.heading, left, value: order))
        paintFacets(model, layout, &painter)
        paintSearch(model, layout, &painter)
        if projects.page.total == 0 {
            var texts = [say(projects.isFiltered ? .nothingFound : .noProjects)]
            if projects.query.facets.contains(.fits) { texts.append(say(ProjectText.fitExplained)) }
            let lines = texts.flatMap {
                painter.textWidth.wrap($0, cells: layout.list.columns - 2)
            }
            for (row, line) in lines.enumerated() {
                painter.write(
                    [Run(line, .textMuted)], row: layout.lines.row - layout.list.row + row,
                    column: 1, in: layout.list)
            }
        }
        painter.list(list(model, layout))
    }

    static func list(_ model: AppModel, _ layout: Layout) -> ListPane {
        let say = model.say
        let projects = model.projects
        let isWide = layout.list.columns >= 50
        return ListPane(
            name: say(.projects), state: projects.list, count: projects.page.total,
            rect: layout.lines, hasKeys: !projects.isSearching && !projects.list.isDetailOpen
        ) { position in
            projects.page.line(at: position).map {
                line(
                    $0, say, order: projects.query.order, wide: isWide,
                    isMarked: projects.marked == $0.id)
            }
        }
    }

    /// What the list is filtered by, as words; a click takes one away.
    private static func paintFacets(
        _ model: AppModel, _ layout: Layout, _ painter: inout Painter
    ) {
        let projects = model.projects
        let words = projects.query.facets.map { model.say.facet($0, projects) }
        guard !words.isEmpty else { return }
        let width = painter.textWidth
        var column = 1
        for (index, word) in words.enumerated() {
            let rest = words.count - index
            let more = model.say(.moreWords, "\(rest)")
            let needed = min(width.cells(of: word), layout.list.columns / 2) + 2
            let kept = rest > 1 ? width.cells(of: model.say(.moreWords, "\(rest - 1)")) + 2 : 0
            guard column + needed + kept <= layout.list.columns else {
                painter.write([Run(more, .textMuted)], row: 1, column: column, in: layout.list)
                break
            }
            let shown = width.truncate(word, cells: layout.list.columns / 2)
            let end = painter.write(
                [Run(shown, .accent), Run(" ×", .textMuted)], row: 1, column: column,
                in: layout.list)
            painter.hits.append(
                HitArea(
                    rect: Rect(
                        row: layout.list.row + 1, column: layout.list.column + column, rows: 1,
                        columns: end - column),
                    message: .catalogue(.facetToggled(projects.query.facets[index]))))
            column = end + 2
        }
        painter.nodes.append(
            SemanticNode(.field, model.say(.filter), value: model.say.list(words)))
    }

    private static func paintSearch(
        _ model: AppModel, _ layout: Layout, _ painter: inout Painter
    ) {
        let projects = model.projects
        guard projects.showsSearch else { return }
        let row = projects.query.facets.isEmpty ? 1 : 2
        let text = SafeText(untrusted: projects.search.text)
        let room = layout.list.columns - 5
        let shown = painter.textWidth.suffix(text, cells: room)
        let end = painter.write(
            [
                Run("/ ", .key),
                text.isEmpty ? Run(model.say(.searchHint), .inputHint) : Run(shown, .input),
            ], row: row, column: 1, in: layout.list)
        if projects.isSearching {
            painter.placeCursor(
                Point(
                    row: layout.list.row + row,
                    column: layout.list.column + (text.isEmpty ? 3 : end))
            )
        }
        painter.nodes.append(
            SemanticNode(
                .input, model.say(.search), value: text,
                states: projects.isSearching ? [.focused] : []))
    }

    private static func line(
        _ line: ProjectLine, _ say: Words, order: ProjectOrder, wide: Bool, isMarked: Bool
    ) -> ListLine {
        var trailing: [Run] = []
        switch line.participation {
        case .none: if line.isClosed { trailing = [Run(say(.closed), .textMuted)] }
        case .joining: trailing = [Run(wide ? "○ " + say(.joining) : "○", .statusWarning)]
        case .joined: trailing = [Run(wide ? "● " + say(.joined) : "●", .statusOK)]
        case .leaving: trailing = [Run(wide ? "○ " + say(.leaving) : "○", .statusWarning)]
        }
        if let shown = column(of: line, say, order) {
            if !trailing.isEmpty { trailing.append(Run("  ")) }
            trailing.append(shown)
        }
        return ListLine(
            runs: (isMarked ? [Run("= ", .accent)] : [])
                + [Run(say(line.title), line.isClosed ? .textMuted : .text)], trailing: trailing)
    }
}

extension Projects {
    /// What the list is sorted by, as wide in every line; points where it is sorted by title.
    private static func column(
        of line: ProjectLine, _ say: Words, _ order: ProjectOrder
    ) -> Run? {
        let width = TextWidth.standard
        func date(_ time: Timestamp) -> Run {
            let text = say.date(time)
            let longest = say.language == .english ? 11 : 14
            return Run(
                width.pad(text, cells: max(width.cells(of: text), longest), .right), .textMuted)
        }
        switch order {
        case .newest: return date(line.changedAt)
        case .ending: return line.endsAt.map(date)
        case .reward, .title:
            guard line.offer > .zero else { return nil }
            let amount = say.points(line.offer)
            return Run(
                width.pad(amount, cells: max(width.cells(of: amount), 7), .right), .points)
        }
    }
}

extension ProjectOrder {
    var name: Bilingual {
        switch self {
        case .reward: Phrase.orderReward.texts
        case .newest: Phrase.orderNewest.texts
        case .title: Phrase.orderTitle.texts
        case .ending: ProjectText.orderEnding.texts
        }
    }
}
