import LedgerCore
import SyncCore
import TerminalCore

/// What the catalogue can be filtered by, with what each word would leave.
enum FilterSheet {
    struct Model: Equatable {
        var saved: [SavedFilter] = []
        var counts: [FacetCount] = []

        /// What the choice at a position is.
        func choice(_ position: Int) -> Choice? {
            if saved.indices.contains(position) { return .saved(saved[position]) }
            let index = position - saved.count
            return counts.indices.contains(index) ? .facet(counts[index].facet) : nil
        }
    }

    enum Choice: Equatable {
        case saved(SavedFilter)
        case facet(ProjectFacet)
    }

    static func write(
        _ sheet: Model, _ projects: Projects.Model, _ say: Words, focus: Int,
        into page: inout Document
    ) {
        page.heading(say(.filteredOf, say.number(Int64(projects.page.total))))
        if sheet.counts.isEmpty { page.text(say(.noFacets), .textMuted) }
        if !sheet.saved.isEmpty {
            page.blank()
            page.heading(say(.filterSaved))
        }
        for (index, filter) in sheet.saved.enumerated() {
            page.choice(
                index, isFocused: index == focus, [Run(SafeText(untrusted: filter.name))],
                trailing: [Run(summary(filter, projects, say), .textMuted)])
        }
        var heading: SafeText?
        for (index, count) in sheet.counts.enumerated() {
            let title = title(count.facet.group, say)
            if title != heading {
                heading = title
                page.blank()
                page.heading(title)
            }
            let position = sheet.saved.count + index
            let isChosen = projects.query.facets.contains(count.facet)
            page.choice(
                position, isFocused: position == focus, isChecked: isChosen,
                [
                    Run(
                        say.facet(count.facet, name: count.name),
                        count.count == 0 && !isChosen ? .textMuted : .text)
                ], trailing: [Run(say.number(Int64(count.count)), .textMuted)])
        }
        page.blank()
        page.text(say(.filterHint), .textMuted)
    }

    private static func summary(
        _ filter: SavedFilter, _ projects: Projects.Model, _ say: Words
    ) -> SafeText {
        var words = filter.facets.map { say.facet($0, projects) }
        if !filter.search.isEmpty { words.insert("/ " + SafeText(untrusted: filter.search), at: 0) }
        let all = words.isEmpty ? "" : words.dropFirst().reduce(words[0]) { $0 + " · " + $1 }
        return TextWidth.standard.truncate(all, cells: 40)
    }

    private static func title(_ group: ProjectFacet.Group, _ say: Words) -> SafeText {
        switch group {
        case .open, .unlimited, .fits: say(.groupStanding)
        case .programme: say(.programme)
        case .kind: say(.asks)
        case .institution: say(.who)
        case .earns: say(.earns)
        }
    }
}

extension Words {
    /// Returns a facet in words; an institution by its name, where that is known.
    func facet(_ facet: ProjectFacet, name: LocalizedText? = nil) -> SafeText {
        switch facet {
        case .open: self(ProjectText.open)
        case .unlimited: self(.unlimited)
        case .fits: self(ProjectText.fits)
        case .programme(let programme): self(programme.name)
        case .kind(let kind): self(kind.name)
        case .institution(let account):
            name.map { self($0) } ?? SafeText(untrusted: String(account.text.prefix(8)) + "…")
        case .earns(let points):
            points.value <= 1 ? self(.earnsAny) : self(.earnsFrom, self.points(points))
        }
    }

    /// Returns a facet in words, by what the place knows.
    func facet(_ facet: ProjectFacet, _ projects: Projects.Model) -> SafeText {
        self.facet(facet, name: projects.names[facet])
    }
}
