import LedgerCore
import SyncCore

/// Filters, versions, comparing and fitting: what their keys do, and what their answers open.
extension AppModel {
    mutating func updateCatalogue(_ message: CatalogueMessage) -> [Effect] {
        switch message {
        case .filtersRequested:
            overlays.append(Overlay(.catalogue(.filters(FilterSheet.Model()))))
            return loadFilters()
        case .facetToggled(let facet):
            return filter(projects.query.facets.toggling(facet))
        case .filtersCleared: return filter([])
        case .filterNamingRequested:
            guard projects.isFiltered else { return [] }
            overlays.append(Overlay(.catalogue(.naming(TextField()))))
            return []
        case .filterDeletionRequested:
            guard let top = overlays.last, case .catalogue(.filters(let sheet)) = top.content,
                case .saved(let filter)? = sheet.choice(top.focus)
            else { return [] }
            return [perform(.deleteFilter(name: filter.name))]
        case .filterChosen(let filter): return use(filter)
        case .changesRequested:
            return focusedProject.map { [load(.catalogue(.versions($0)))] } ?? []
        case .versionStepped(let older):
            guard let top = overlays.indices.last,
                case .catalogue(.versions(var versions)) = overlays[top].content
            else { return [] }
            versions.step(older)
            overlays[top].content = .catalogue(.versions(versions))
            overlays[top].scroll = 0
            return []
        case .comparisonRequested: return compare()
        case .profileRequested: return [load(.catalogue(.ownProfile))]
        }
    }

    /// Filters the list, and counts anew what the sheet offers.
    private mutating func filter(_ facets: [ProjectFacet]) -> [Effect] {
        projects.query.facets = facets
        projects.list = ListState()
        var effects = place == .projects ? [loadPage()] : []
        if isFilterSheetOpen { effects += loadFilters() }
        return effects
    }

    /// Reads again what an open filter sheet offers, where an action changed that.
    mutating func filtersChanged(by action: Action) -> [Effect] {
        switch action {
        case .keepFilter, .deleteFilter, .keepOwnProfile:
            isFilterSheetOpen ? loadFilters() : []
        default: []
        }
    }

    private var isFilterSheetOpen: Bool {
        overlays.contains {
            if case .catalogue(.filters) = $0.content { true } else { false }
        }
    }

    private mutating func loadFilters() -> [Effect] {
        var query = projects.query
        query.readsChinese = settings.language == .chinese
        return [load(.catalogue(.facets(query))), load(.catalogue(.savedFilters))]
    }

    /// Shows what a kept filter finds.
    private mutating func use(_ filter: SavedFilter) -> [Effect] {
        overlays = []
        place = .projects
        projects.isSearching = false
        projects.search = TextField(filter.search)
        projects.query = ProjectQuery(
            search: filter.search, order: filter.order, facets: filter.facets)
        projects.list = ListState()
        return reload()
    }

    private mutating func compare() -> [Effect] {
        guard let project = focusedProject else { return [] }
        guard let marked = projects.marked else {
            projects.marked = project
            hint(say(.markedFirst), .done)
            return []
        }
        projects.marked = nil
        guard marked != project else {
            hint(say(.sameProject), .done)
            return []
        }
        return [load(.catalogue(.comparison(marked, project)))]
    }

    // MARK: Answers

    mutating func take(_ answer: CatalogueAnswer) -> [Effect] {
        switch answer {
        case .facets(let counts):
            for count in counts { projects.names[count.facet] = count.name }
            changeFilterSheet { $0.counts = counts }
        case .savedFilters(let saved):
            changeFilterSheet { $0.saved = saved }
            for index in overlays.indices {
                guard case .palette(var palette) = overlays[index].content else { continue }
                palette.saved = saved
                overlays[index].content = .palette(palette)
            }
        case .versions(let versions):
            guard versions.count > 1 else {
                hint(say(.unchanged), .done)
                return []
            }
            let model = VersionDifference.Model(versions: versions)
            overlays.append(Overlay(.catalogue(.versions(model))))
        case .comparison(let left, let right):
            guard let left, let right else {
                tell(say(.projectGone), .warning)
                return []
            }
            overlays.append(Overlay(.catalogue(.comparison(left, right))))
        case .ownProfile(let profile):
            overlays.append(Overlay(.catalogue(.profile(ProfileSheet.Model(profile)))))
        }
        return []
    }

    private mutating func changeFilterSheet(_ change: (inout FilterSheet.Model) -> Void) {
        for index in overlays.indices {
            guard case .catalogue(.filters(var sheet)) = overlays[index].content else { continue }
            let former = sheet.choice(overlays[index].focus)
            change(&sheet)
            overlays[index].content = .catalogue(.filters(sheet))
            // The choice with the keys keeps them where kept filters come and go above it.
            let count = sheet.saved.count + sheet.counts.count
            overlays[index].focus =
                former.flatMap { choice in (0..<count).first { sheet.choice($0) == choice } }
                ?? min(overlays[index].focus, max(count - 1, 0))
        }
    }

    // MARK: Sheets

    /// What Enter and Space do in such a sheet; `nil` for what every sheet does alike.
    mutating func dialog(
        _ overlay: CatalogueOverlay, _ message: DialogMessage, _ top: Int
    ) -> [Effect]? {
        let focus = overlays[top].focus
        switch (overlay, message) {
        case (.filters(let sheet), .confirmed), (.filters(let sheet), .toggled):
            switch sheet.choice(focus) {
            case .saved(let filter): return use(filter)
            case .facet(let facet): return updateCatalogue(.facetToggled(facet))
            case nil: return []
            }
        case (.naming(let field), .confirmed):
            let name = SavedFilter(
                name: field.text.split(separator: " ").joined(separator: " "),
                facets: projects.query.facets, search: projects.query.search,
                order: projects.query.order)
            guard !name.name.isEmpty else { return [] }
            return start(.keepFilter(name))
        case (.profile(let sheet), .confirmed):
            switch sheet.profile {
            case .success(let profile): return start(.keepOwnProfile(profile))
            case .failure(let mistake):
                hint(say(mistake.text), .warning)
                return []
            }
        case (.profile(var sheet), .toggled):
            sheet.toggle(focus)
            overlays[top].content = .catalogue(.profile(sheet))
            return []
        case (.versions, .confirmed), (.comparison, .confirmed):
            overlays.removeLast()
            return []
        default: return nil
        }
    }
}
