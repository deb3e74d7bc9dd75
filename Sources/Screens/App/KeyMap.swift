import LedgerCore
package import TerminalCore

/// A part of the app with a key table of its own, by its name in `keys.toml`.
package enum KeyScope: String, CaseIterable, Sendable {
    case welcome, home, projects, authorizations, records, points, activity
    /// Sheets and overlays.
    case sheets
    /// Moving about in every list.
    case lists
    /// What works in every place.
    case everywhere

    init(_ place: Place) {
        self =
            switch place {
            case .home: .home
            case .projects: .projects
            case .authorizations: .authorizations
            case .records: .records
            case .points: .points
            case .activity: .activity
            }
    }
}

/// The keys a person changed: scope, name of the action, keys.
package struct KeyMap: Equatable, Sendable {
    /// The keys of each action that was changed.
    package var keys: [KeyScope: [String: [Key]]]

    /// Makes a map; without arguments nothing is changed.
    package init(_ keys: [KeyScope: [String: [Key]]] = [:]) { self.keys = keys }

    /// How the first key of an action is written where the person changed it: in this part of the
    /// app, or else in any other.
    func label(of action: String, in scope: KeyScope) -> SafeText? {
        let key =
            keys[scope]?[action]?.first
            ?? KeyScope.allCases.lazy
            .compactMap { keys[$0]?[action]?.first }.first
        return key?.label
    }

    /// Every action of a scope with the keys it has now.
    package func table(_ scope: KeyScope) -> [KeyBinding] {
        applied(to: KeyCatalogue.bindings(scope), in: scope)
    }

    /// Returns the table with the person's keys; a key given to one action leaves all others.
    ///
    /// Escape stays where it was: no sheet is without a way out. The key that confirms a sheet stays,
    /// too, where another action would take the only one there is: what is offered, to revoke above
    /// all, can be done. With `isTyping` keys that are text mean no action, and Enter stays where it
    /// was: what is typed can be confirmed.
    func applied(
        to bindings: [KeyBinding], in scope: KeyScope, isTyping: Bool = false
    ) -> [KeyBinding] {
        guard let chosen = keys[scope] else { return bindings }
        let names = Set(bindings.map(\.name))
        let taken = Set(chosen.filter { names.contains($0.key) }.flatMap(\.value))
        let confirming = bindings.filter { binding in
            binding.message == .dialog(.confirmed) && chosen[binding.name] == nil
                && binding.keys.allSatisfy(taken.contains)
        }
        let always: [Key] = isTyping ? [.escape, .enter] : [.escape]
        let fixed = always + confirming.flatMap(\.keys)
        return bindings.map { binding in
            let left = binding.keys.filter { !taken.contains($0) || fixed.contains($0) }
            guard let own = chosen[binding.name] else { return binding.with(left) }
            let usable = own.filter { key in
                fixed.contains(key)
                    ? binding.keys.contains(key) : !isTyping || TextEdit(key) == nil
            }
            if usable.isEmpty, isTyping || !confirming.isEmpty { return binding.with(left) }
            return binding.with(
                usable + binding.keys.filter { fixed.contains($0) && !usable.contains($0) })
        }
    }
}

extension Phrase {
    /// The name of what a key does, in `keys.toml` and plain mode: `sign-up`.
    package var actionName: String { Phrase.actionNames[self] ?? "" }

    /// The phrase of an action, by its name.
    init?(actionName: String) {
        guard let phrase = Phrase.allCases.first(where: { $0.actionName == actionName }) else {
            return nil
        }
        self = phrase
    }

    /// Made once: they are the names of the cases.
    private static let actionNames = Dictionary(
        uniqueKeysWithValues: allCases.map { phrase in
            let name = "\(phrase)".reduce(into: "") { name, character in
                if character.isUppercase { name += "-" }
                name += character.lowercased()
            }
            return (phrase, name)
        })
}

/// Every action that has a key, scope by scope, with the keys it has without `keys.toml`.
package enum KeyCatalogue {
    /// Returns the actions of a scope, each name once, in the order of the tables.
    package static func bindings(_ scope: KeyScope) -> [KeyBinding] {
        var seen: Set<String> = []
        return tables(scope).filter { seen.insert($0.name).inserted }
    }

    /// Whether a key is text wherever an action stands, so that it cannot mean it.
    package static func isText(_ key: Key, for action: String, in scope: KeyScope) -> Bool {
        guard TextEdit(key) != nil else { return false }
        let (typing, others) = layers(scope)
        return typing.contains { $0.name == action } && !others.contains { $0.name == action }
    }

    /// The tables of the layers of a scope that take text, and those of its others.
    private static func layers(_ scope: KeyScope) -> (typing: [KeyBinding], others: [KeyBinding]) {
        switch scope {
        case .welcome:
            let ways = empty(.welcome)
            var model = ways
            model.welcome.isJoining = true
            let joining = Welcome.keys(model)
            model.settings.stage = .locked
            return (joining + Welcome.keys(model), Welcome.keys(ways) + model.stageKeys)
        case .sheets:
            let typing = Set(Overlay.typedOnly.map(\.actionName))
            let all = Overlay.allKeys
            return (
                all.filter { typing.contains($0.name) }, all.filter { !typing.contains($0.name) }
            )
        case .projects: return (Projects.searchKeys, place(.projects))
        case .activity: return (Projects.searchKeys, place(.activity))
        case .home, .authorizations, .records, .points, .lists, .everywhere:
            return ([], tables(scope))
        }
    }

    private static func tables(_ scope: KeyScope) -> [KeyBinding] {
        switch scope {
        case .welcome:
            var model = empty(.welcome)
            let ways = Welcome.keys(model)
            model.welcome.isJoining = true
            let joining = Welcome.keys(model)
            model.settings.stage = .locked
            return ways + joining + Welcome.keys(model) + model.stageKeys
        case .sheets: return Overlay.allKeys
        case .lists: return AppModel.movingKeys(isDetail: false)
        case .everywhere:
            var model = empty(.open)
            model.settings.canLock = true
            model.tour = Tour()
            return model.globalKeys + model.tourKeys
        case .home: return place(.home)
        case .projects: return place(.projects) + Projects.searchKeys
        case .authorizations: return place(.authorizations)
        case .records: return place(.records)
        case .points: return place(.points)
        case .activity: return place(.activity) + Projects.searchKeys
        }
    }

    private static func place(_ place: Place) -> [KeyBinding] {
        var model = empty(.open)
        model.place = place
        let list = model.placeKeys
        model.listState.isDetailOpen = true
        return list + model.placeKeys
    }

    private static func empty(_ stage: Stage) -> AppModel {
        AppModel(
            Settings(
                stage: stage, size: Size(columns: 100, rows: 30), now: .init(milliseconds: 0)))
    }
}
