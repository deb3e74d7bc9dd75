import LedgerCore
import SyncCore
import TerminalCore

/// A sheet about finding and comparing projects.
enum CatalogueOverlay: Equatable {
    case filters(FilterSheet.Model)
    /// The name for what is filtered.
    case naming(TextField)
    case versions(VersionDifference.Model)
    case comparison(ProjectDetail, ProjectDetail)
    case profile(ProfileSheet.Model)

    func title(_ say: Words) -> SafeText {
        switch self {
        case .filters: say.title(Phrase.filter.texts)
        case .naming: say.title(Phrase.saveFilter.texts)
        case .versions: say.title(Phrase.changes.texts)
        case .comparison: say.title(Phrase.compare.texts)
        case .profile: say.title(Phrase.aboutMe.texts)
        }
    }

    func write(_ model: AppModel, focus: Int, into page: inout Document) {
        let say = model.say
        switch self {
        case .filters(let sheet):
            FilterSheet.write(sheet, model.projects, say, focus: focus, into: &page)
        case .naming(let field):
            page.line([
                Run(say.list(model.projects.query.facets.map { say.facet($0, model.projects) }))
            ])
            page.blank()
            page.input(
                "", SafeText(untrusted: field.text), hint: say(.filterNameHint), isFocused: true)
            page.blank()
            page.text(say(.filterExists), .textMuted)
        case .versions(let versions): VersionDifference.write(versions, say, into: &page)
        case .comparison(let left, let right):
            ProjectComparison.write(left, right, say, into: &page)
        case .profile(let profile): ProfileSheet.write(profile, say, focus: focus, into: &page)
        }
    }

    var choiceCount: Int {
        switch self {
        case .filters(let sheet): sheet.saved.count + sheet.counts.count
        case .profile: ProfileSheet.choiceCount
        case .naming, .versions, .comparison: 0
        }
    }

    /// Whether it shows two columns, and so wants what width there is.
    var isWide: Bool {
        switch self {
        case .versions, .comparison: true
        case .filters, .naming, .profile: false
        }
    }

    /// Whether what is typed goes into a field of it.
    func takesText(focus: Int) -> Bool {
        switch self {
        case .naming: true
        case .profile: focus < ProfileSheet.fieldCount
        case .filters, .versions, .comparison: false
        }
    }

    mutating func type(_ edit: TextEdit, focus: Int) {
        switch self {
        case .naming(var field):
            field.apply(edit)
            self = .naming(field)
        case .profile(var profile):
            profile.type(edit, focus)
            self = .profile(profile)
        case .filters, .versions, .comparison: break
        }
    }

    // MARK: Keys

    static let clear = KeyBinding(
        [.character("c")], .catalogue(.filtersCleared), .clearFilters)

    func keys(_ model: AppModel, focus: Int) -> [KeyBinding] {
        switch self {
        case .filters(let sheet):
            let isSaved = focus < sheet.saved.count
            return Overlay.choosing + [
                Overlay.confirm(isSaved ? .use : .tick),
                KeyBinding(
                    [.character(" "), .character("x")], .dialog(.toggled), .tick,
                    shown: .helpOnly),
                KeyBinding(
                    [.character("w")], .catalogue(.filterNamingRequested), .saveFilter,
                    disabled: model.projects.isFiltered ? nil : .nothingSelected),
                KeyBinding(
                    [.character("d")], .catalogue(.filterDeletionRequested), .deleteFilter,
                    disabled: isSaved ? nil : .nothingSelected),
                Self.clear,
                KeyBinding([.escape, .character("q")], .dialog(.closed), .close),
            ]
        case .naming:
            return [
                Overlay.confirm(.saveFilter), KeyBinding([.escape], .dialog(.closed), .notNow),
            ]
        case .versions(let versions):
            let steps =
                versions.versions.count > 2
                ? [
                    KeyBinding(
                        [.left, .character("h"), .character("[")],
                        .catalogue(.versionStepped(1)), .earlierVersion),
                    KeyBinding(
                        [.right, .character("l"), .character("]")],
                        .catalogue(.versionStepped(-1)), .laterVersion),
                ] : []
            return steps + Overlay.scrolling + [Overlay.close]
        case .comparison: return Overlay.scrolling + [Overlay.close]
        case .profile:
            let moves = takesText(focus: focus) ? Overlay.searching : Overlay.choosing
            return moves + [
                Overlay.confirm(.keepProfile),
                KeyBinding(
                    takesText(focus: focus) ? [] : [.character(" "), .character("x")],
                    .dialog(.toggled), .tick, shown: takesText(focus: focus) ? .helpOnly : .bar),
                KeyBinding([.escape], .dialog(.closed), .notNow),
            ]
        }
    }

    /// The actions of these sheets, for `keys.toml`.
    static let allKeys = [
        Overlay.confirm(.keepProfile), Overlay.confirm(.saveFilter), Overlay.confirm(.tick),
        KeyBinding([.character("w")], .catalogue(.filterNamingRequested), .saveFilter),
        KeyBinding([.character("d")], .catalogue(.filterDeletionRequested), .deleteFilter), clear,
        KeyBinding([.character("[")], .catalogue(.versionStepped(1)), .earlierVersion),
        KeyBinding([.character("]")], .catalogue(.versionStepped(-1)), .laterVersion),
    ]
}
