package import TerminalCore

extension AppModel {
    /// The lines of the key table that work now, those of the top layer first.
    package static func bindings(_ model: AppModel) -> [KeyBinding] {
        let tables = model.keyTables
        return tables.own + tables.shared
    }

    /// The table of the top layer, and the one shared by all layers of its sort.
    var keyTables: (own: [KeyBinding], shared: [KeyBinding]) {
        guard settings.stage == .open else { return (Welcome.keys(self), stageKeys) }
        if let top = overlays.last {
            let help = KeyBinding([.character("?")], .helpRequested, .help, shown: .barEnd)
            if case .help = top.content { return (top.keys(self), []) }
            return (top.keys(self), top.takesText ? [] : [help])
        }
        if place == .projects, projects.isSearching { return (Projects.searchKeys, []) }
        if place == .activity, activity.isSearching { return (Projects.searchKeys, []) }
        return (placeKeys, Self.movingKeys(isDetail: listState.isDetailOpen) + globalKeys)
    }

    private var stageKeys: [KeyBinding] {
        settings.mode == .personal
            ? [KeyBinding([.control("c")], .quitRequested, .quit, shown: .barEnd)] : []
    }

    private var placeKeys: [KeyBinding] {
        switch place {
        case .home: Home.keys(self)
        case .projects: Projects.keys(self)
        case .authorizations: Authorizations.keys(self)
        case .records: Records.keys(self)
        case .points: PointsPlace.keys(self)
        case .activity: ActivityPlace.keys(self)
        }
    }

    /// Moving about in every list; `g` is left to "authorize" and goes up only where that is not.
    private static func movingKeys(isDetail: Bool) -> [KeyBinding] {
        [
            KeyBinding([.down, .character("j")], .list(.moved(1)), .down, shown: .helpOnly),
            KeyBinding([.up, .character("k")], .list(.moved(-1)), .up, shown: .helpOnly),
            KeyBinding([.control("d")], .list(.halfPagesMoved(1)), .halfDown, shown: .helpOnly),
            KeyBinding([.control("u")], .list(.halfPagesMoved(-1)), .halfUp, shown: .helpOnly),
            KeyBinding(
                [.pageDown, .control("f"), .character(" ")], .list(.pagesMoved(1)), .pageDown,
                shown: .helpOnly),
            KeyBinding(
                [.pageUp, .control("b")], .list(.pagesMoved(-1)), .pageUp, shown: .helpOnly),
            KeyBinding(
                [.home, .character("<"), .character("g")], .list(.firstReached), .first,
                shown: .helpOnly),
            KeyBinding(
                [.end, .character(">"), .character("G")], .list(.lastReached), .last,
                shown: .helpOnly),
            KeyBinding(
                [.escape, .left, .character("h"), .backspace], .list(.closed), .back,
                shown: isDetail ? .bar : .helpOnly),
        ]
    }

    private var globalKeys: [KeyBinding] {
        var keys = Place.allCases.map {
            KeyBinding(
                [.character(Character(String($0.rawValue)))], .placeChosen($0), $0.name,
                shown: .helpOnly)
        }
        keys += [
            KeyBinding([.tab], .placeStepped(1), .nextPlace, shown: .helpOnly),
            KeyBinding([.shiftTab], .placeStepped(-1), .formerPlace, shown: .helpOnly),
            KeyBinding([.character("n")], .noticesRequested, .noticesTitle, shown: .helpOnly),
            KeyBinding([.character("y")], .syncRequested, .syncNow, shown: .helpOnly),
            KeyBinding([.character("T")], .themesRequested, .themesTitle, shown: .helpOnly),
            KeyBinding([.character("L")], .languagesRequested, .languagesTitle, shown: .helpOnly),
            KeyBinding([.character("?"), .function(1)], .helpRequested, .help, shown: .barEnd),
            KeyBinding([.character(":")], .paletteRequested, .commands, shown: .barEnd),
        ]
        switch settings.mode {
        case .personal:
            keys += [
                KeyBinding([.character("O")], .offlineRequested, .goOffline, shown: .helpOnly),
                KeyBinding(
                    [.character("q"), .control("c")], .quitRequested, .quit, shown: .helpOnly),
            ]
        case .kiosk:
            keys.append(KeyBinding([.character("q")], .quitRequested, .signOut, shown: .barEnd))
        }
        return keys
    }

    /// What the palette offers: every key that works here, once, and every place.
    var commands: [KeyBinding] {
        let tables = keyTables
        return (tables.own + tables.shared).filter {
            if case .list = $0.message { return false }
            return $0.disabled == nil && $0.message != .paletteRequested
        }
    }

    // MARK: Dispatch

    mutating func press(_ key: Key) -> [Effect] {
        switch key {
        case .resize(let size): return AppModel.update(&self, .resized(size))
        case .mouse(let event): return click(event)
        default: break
        }
        banner = nil
        if takesText, let edit = TextEdit(key) { return AppModel.update(&self, .typed(edit)) }
        let bindings = AppModel.bindings(self)
        guard let binding = bindings.first(where: { $0.keys.contains(key) }) else { return [] }
        if let reason = binding.disabled {
            hint(say(reason), .warning)
            return []
        }
        if overlays.last?.action != nil, binding.message != .dialog(.closed) { return [] }
        return AppModel.update(&self, binding.message)
    }

    /// Does what `count` presses of a key do where that is one move in a list, or typing.
    ///
    /// Neither depends on answers that are still to come, so the effects may wait until all keys
    /// that arrived together are done.
    ///
    /// - Returns: `nil`, and nothing has changed, for any other key.
    package static func pressAtOnce(
        _ model: inout AppModel, _ key: Key, count: Int
    ) -> [Effect]? {
        if model.takesText {
            guard let edit = TextEdit(key) else { return nil }
            model.banner = nil
            return (0..<count).flatMap { _ in update(&model, .typed(edit)) }
        }
        guard model.settings.stage == .open, model.overlays.isEmpty,
            !model.listState.isDetailOpen,
            let binding = bindings(model).first(where: { $0.keys.contains(key) }),
            binding.disabled == nil, case .list(let move) = binding.message,
            let whole = move.repeated(count)
        else { return nil }
        model.banner = nil
        return model.updateList(whole)
    }

    /// Whether characters typed go into a field.
    package var takesText: Bool {
        guard settings.stage == .open else { return welcome.takesText(settings.stage) }
        return overlays.last?.takesText
            ?? (place == .projects && projects.isSearching
                || place == .activity && activity.isSearching)
    }

    private mutating func click(_ event: MouseEvent) -> [Effect] {
        switch event.action {
        case .press:
            let hits = AppModel.paint(self).hits
            guard let hit = hits.last(where: { $0.rect.contains(event.point) }) else { return [] }
            banner = nil
            return AppModel.update(&self, hit.message)
        case .scrollUp: return wheel(-3)
        case .scrollDown: return wheel(3)
        }
    }

    private mutating func wheel(_ step: Int) -> [Effect] {
        overlays.isEmpty
            ? AppModel.update(&self, .list(.moved(step)))
            : AppModel.update(&self, .dialog(.moved(step.signum())))
    }
}

extension ListMessage {
    /// The one move that does what this one does `count` times; `nil` for what is no move.
    fileprivate func repeated(_ count: Int) -> ListMessage? {
        switch self {
        case .moved(let step): .moved(step * count)
        case .pagesMoved(let pages): .pagesMoved(pages * count)
        case .halfPagesMoved(let halves): .halfPagesMoved(halves * count)
        case .firstReached, .lastReached: self
        case .picked, .opened, .closed: nil
        }
    }
}

extension TextEdit {
    /// What a key does to text being typed; `nil` for a key that does something else.
    init?(_ key: Key) {
        switch key {
        case .character(let character): self = .inserted(String(character))
        case .paste(let text): self = .inserted(text)
        case .backspace: self = .deletedBackward
        case .control("w"): self = .deletedWord
        case .control("u"): self = .cleared
        default: return nil
        }
    }
}
