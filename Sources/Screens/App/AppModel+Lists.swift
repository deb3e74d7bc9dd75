import TerminalCore
import LedgerCore
import SyncCore

extension AppModel {
    /// The list of the place shown.
    var listState: ListState {
        get {
            switch place {
            case .home: home.list
            case .projects: projects.list
            case .authorizations: authorizations.list
            case .records: records.list
            case .points: points.list
            case .activity: activity.list
            }
        }
        set {
            switch place {
            case .home: home.list = newValue
            case .projects: projects.list = newValue
            case .authorizations: authorizations.list = newValue
            case .records: records.list = newValue
            case .points: points.list = newValue
            case .activity: activity.list = newValue
            }
        }
    }

    /// How many lines the list of the place shown has.
    var listCount: Int {
        switch place {
        case .home: home.items.count
        case .projects: projects.page.total
        case .authorizations: authorizations.lines.count
        case .records: records.lines.count
        case .points: points.page.total
        case .activity: activity.count
        }
    }

    // MARK: What is selected

    /// The project that keys act on.
    var focusedProject: ProjectID? {
        switch place {
        case .home: home.selected?.project
        case .projects: projects.selected?.id
        case .authorizations: authorizations.selected?.project
        case .records: nil
        case .points: points.selected?.project
        case .activity: activity.selected?.body.project
        }
    }

    /// The authorization that keys act on: the one in force, or the last one.
    var focusedAuthorization: AuthorizationLine? {
        if place == .authorizations { return authorizations.selected }
        return focusedProject.flatMap(authorizations.line(for:))
    }

    /// How the person stands in the project that keys act on; `nil` where that is not known.
    var focusedParticipation: Participation? {
        if place == .projects { return projects.selected?.participation }
        if place == .home { return home.selected?.participation }
        return place == .authorizations && detail?.terms.project == focusedProject
            ? detail?.participation : nil
    }

    /// The entry whose proof can be asked for.
    var focusedEntry: Hash? {
        if case .entry(let line)? = overlays.last?.content { return line.entry }
        if case .account(let overlay)? = overlays.last?.content {
            return overlay.entry(overlays.last?.focus ?? 0)
        }
        guard overlays.isEmpty else { return nil }
        switch place {
        case .home: return home.selected?.line?.entry
        case .points: return points.selected?.entry
        case .activity: return activity.selected?.entry
        case .projects, .authorizations, .records: return nil
        }
    }

    /// Whether that entry has a place in the ledger.
    var isFocusedEntryRecorded: Bool {
        switch place {
        case .home: home.selected?.line?.index != nil
        case .activity: activity.selected?.index != nil
        case .projects, .authorizations, .records, .points: true
        }
    }

    // MARK: Pages

    /// Asks for the page around the first visible line.
    mutating func loadPage() -> Effect { load(pageRequest) }

    private var pageRequest: Request {
        let rows = Layout(self).listRows
        let offset = max(listState.top - rows, 0)
        let limit = max(rows * 5, 60)
        switch place {
        case .points: return .points(offset: offset, limit: limit)
        case .activity: return activity.request(offset: offset, limit: limit)
        case .projects, .home, .authorizations, .records:
            var query = projects.query
            query.readsChinese = settings.language == .chinese
            return .projects(query, offset: offset, limit: limit)
        }
    }

    /// The page to ask for when a visible line is not there; `nil` when all are.
    var missingPage: Request? {
        let loaded: Range<Int>
        switch place {
        case .projects: loaded = projects.page.positions
        case .points: loaded = points.page.positions
        case .activity: loaded = activity.positions
        case .home, .authorizations, .records: return nil
        }
        let end = min(listState.top + Layout(self).listRows, listCount)
        return listState.top >= end || loaded.contains(listState.top) && loaded.upperBound >= end
            ? nil : pageRequest
    }

    // MARK: Moving

    mutating func updateList(_ message: ListMessage) -> [Effect] {
        let rows = Layout(self).listRows
        switch message {
        case .moved(let step): return move(step)
        case .pagesMoved(let pages): return move(pages * max(rows - 1, 1))
        case .halfPagesMoved(let halves): return move(halves * max(rows / 2, 1))
        case .firstReached: return move(-1_000_000_000)
        case .lastReached: return move(1_000_000_000)
        case .picked(let position):
            if position == listState.selection, !listState.isDetailOpen {
                return updateList(.opened)
            }
            listState.isDetailOpen = false
            return move(position - listState.selection)
        case .opened:
            guard listCount > 0 else { return [] }
            if place == .home { return Home.open(&self) }
            listState.isDetailOpen = true
            return fit()
        case .closed:
            if place == .projects, !listState.isDetailOpen, !projects.query.search.isEmpty {
                return Projects.update(&self, .searchEnded(isKept: false))
            }
            if place == .projects, !listState.isDetailOpen, let last = projects.query.facets.last {
                return updateCatalogue(.facetToggled(last))
            }
            if place == .activity, !listState.isDetailOpen, !activity.search.text.isEmpty {
                return ActivityPlace.update(&self, .searchEnded(isKept: false))
            }
            listState.isDetailOpen = false
            listState.scroll = 0
            return fit()
        }
    }

    /// Moves the selection, or scrolls the detail while it has the keys.
    private mutating func move(_ step: Int) -> [Effect] {
        if listState.isDetailOpen, place != .home {
            let pane = Layout(self).detail
            let length = place.detail(self, width: pane.columns).rows.count
            listState.scroll = min(
                max(listState.scroll + step, 0), max(length - pane.rows, 0))
            return []
        }
        listState.select(
            listState.selection + step, count: listCount, rows: Layout(self).listRows)
        return fit()
    }
}

extension Page {
    /// The positions that are loaded.
    var positions: Range<Int> { offset..<(offset + lines.count) }

    /// The line at a position; `nil` where it is not loaded.
    func line(at position: Int) -> Line? {
        positions.contains(position) ? lines[position - offset] : nil
    }
}

extension Place {
    /// The list of the place; `nil` where what it shows is no plain list.
    func list(_ model: AppModel, _ layout: Layout) -> ListPane? {
        switch self {
        case .home: nil
        case .projects: Projects.list(model, layout)
        case .authorizations: Authorizations.list(model, layout)
        case .records: Records.list(model, layout)
        case .points: PointsPlace.list(model, layout)
        case .activity: ActivityPlace.list(model, layout)
        }
    }

    /// The text of the detail pane.
    func detail(_ model: AppModel, width: Int) -> Document {
        var page = Document(width: width, textWidth: model.settings.textWidth)
        switch self {
        case .home: Home.writeSummary(model, into: &page)
        case .projects: Projects.writeDetail(model, into: &page)
        case .authorizations: Authorizations.writeDetail(model, into: &page)
        case .records: Records.writeDetail(model, into: &page)
        case .points: PointsPlace.writeDetail(model, into: &page)
        case .activity: ActivityPlace.writeDetail(model, into: &page)
        }
        return page
    }

    /// Its name.
    var name: Phrase {
        switch self {
        case .home: .home
        case .projects: .projects
        case .authorizations: .authorizations
        case .records: .records
        case .points: .points
        case .activity: .activity
        }
    }
}
