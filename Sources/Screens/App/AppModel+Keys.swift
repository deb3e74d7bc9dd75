package import TerminalCore

extension AppModel {
    /// The lines of the key table that work now, those of the top layer first.
    package static func bindings(_ model: AppModel) -> [KeyBinding] {
        model.keyTables.all
    }

    var keyTables: KeyTables {
        let map = settings.keys
        if settings.stage != .open, overlays.isEmpty {
            return KeyTables(
                own: map.applied(
                    to: Welcome.keys(self), in: .welcome, isTyping: welcome.takesText(settings)),
                shared: stageKeys)
        }
        if let top = overlays.last {
            let own = map.applied(to: top.keys(self), in: .sheets, isTyping: top.takesText)
            if case .help = top.content { return KeyTables(own: own) }
            return KeyTables(
                own: own,
                shared: top.takesText ? [] : map.applied(to: sheetKeys, in: .everywhere))
        }
        if place == .projects, projects.isSearching {
            return KeyTables(
                own: map.applied(to: Projects.searchKeys, in: .projects, isTyping: true))
        }
        if place == .activity, activity.isSearching {
            return KeyTables(
                own: map.applied(to: Projects.searchKeys, in: .activity, isTyping: true))
        }
        let moving = Self.movingKeys(isDetail: listState.isDetailOpen)
        return KeyTables(
            own: placeTable,
            shared: map.applied(to: moving, in: .lists)
                + map.applied(to: globalKeys + tourKeys, in: .everywhere))
    }

    /// The tables after moves in the list, which change little of those before.
    func keyTables(movedFrom former: KeyTables) -> KeyTables {
        // What `u` takes back is the selected line here.
        if place == .activity { return keyTables }
        return KeyTables(own: placeTable, shared: former.shared)
    }

    private var placeTable: [KeyBinding] {
        settings.keys.applied(to: placeKeys, in: KeyScope(place))
    }

    /// What works in every sheet and overlay.
    private var sheetKeys: [KeyBinding] {
        let help = KeyBinding([.character("?")], .helpRequested, .help, shown: .barEnd)
        let shared = [help] + suspendKeys
        return copyable(.title) == nil ? shared : copyKeys + shared
    }

    /// To the shell and back; a shared machine has none.
    private var suspendKeys: [KeyBinding] {
        settings.mode == .personal
            ? [KeyBinding([.control("z")], .suspendRequested, .suspend, shown: .helpOnly)] : []
    }

    private var copyKeys: [KeyBinding] {
        let reason: Phrase? = settings.mode.mayUseFiles ? nil : .notInKiosk
        return [
            KeyBinding(
                [.character("y")], .copyRequested(.title), .copy,
                disabled: reason ?? (copyable(.title) == nil ? .nothingSelected : nil),
                shown: .helpOnly),
            KeyBinding(
                [.character("Y")], .copyRequested(.id), .copyID,
                disabled: reason ?? (copyable(.id) == nil ? .nothingSelected : nil),
                shown: .helpOnly),
        ]
    }

    var stageKeys: [KeyBinding] {
        guard settings.mode == .personal else { return [] }
        // Where text is typed a question mark is text.
        let types = welcome.takesText(settings)
        return [
            KeyBinding(
                types ? [.function(1)] : [.character("?"), .function(1)], .helpRequested, .help,
                shown: types ? .helpOnly : .barEnd),
            KeyBinding([.control("c")], .quitRequested, .quit, shown: .barEnd),
        ] + suspendKeys
    }

    var placeKeys: [KeyBinding] {
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
    static func movingKeys(isDetail: Bool) -> [KeyBinding] {
        isDetail ? movingInDetail : movingInList
    }

    private static let movingInList = makeMovingKeys(back: .helpOnly)
    private static let movingInDetail = makeMovingKeys(back: .bar)

    private static func makeMovingKeys(back: KeyBinding.Shown) -> [KeyBinding] {
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
                shown: back),
        ]
    }

    private static let goingKeys: [KeyBinding] =
        Place.allCases.map {
            KeyBinding(
                [.character(Character(String($0.rawValue)))], .placeChosen($0), $0.name,
                shown: .helpOnly)
        } + [
            KeyBinding([.tab], .placeStepped(1), .nextPlace, shown: .helpOnly),
            KeyBinding([.shiftTab], .placeStepped(-1), .formerPlace, shown: .helpOnly),
            KeyBinding([.character("W")], .workRequested, .work, shown: .helpOnly),
        ]

    var globalKeys: [KeyBinding] {
        var keys = Self.goingKeys
        keys += [
            undoKey, tourStartKey,
            KeyBinding([.character("n")], .noticesRequested, .noticesTitle, shown: .helpOnly),
            KeyBinding([.character("R")], .syncRequested, .syncNow, shown: .helpOnly),
            KeyBinding([], .checkRequested, .checkCopy, shown: .helpOnly),
            KeyBinding(
                [.character("A")], .wardsRequested, .actFor,
                disabled: settings.mode == .personal ? nil : .notInKiosk, shown: .helpOnly),
            KeyBinding(
                [.character("X")], .account(.homeRequested), .takeHome,
                disabled: settings.mode.mayUseFiles ? nil : .notInKiosk, shown: .helpOnly),
            KeyBinding(
                [.character("E")], .account(.resultsRequested), .results,
                disabled: settings.mode == .personal ? nil : .notInKiosk, shown: .helpOnly),
            KeyBinding(
                [], .account(.keyringRequested), .keyring,
                disabled: settings.mode == .personal ? nil : .notInKiosk, shown: .helpOnly),
            KeyBinding([.character("T")], .themesRequested, .themesTitle, shown: .helpOnly),
            KeyBinding([.character("L")], .languagesRequested, .languagesTitle, shown: .helpOnly),
            KeyBinding(
                [.character(",")], .settingsRequested, .settingsTitle,
                disabled: settings.mode == .personal ? nil : .notInKiosk, shown: .helpOnly),
            KeyBinding([.character("?"), .function(1)], .helpRequested, .help, shown: .barEnd),
            KeyBinding([.character(":")], .paletteRequested, .commands, shown: .barEnd),
        ]
        keys += copyKeys
        if settings.canLock {
            keys.append(
                KeyBinding([.character("Z")], .lockRequested, .lockNow, shown: .helpOnly))
        }
        switch settings.mode {
        case .personal:
            keys +=
                [
                    KeyBinding([.character("O")], .offlineRequested, .goOffline, shown: .helpOnly),
                    KeyBinding(
                        [.character("q"), .control("c")], .quitRequested, .quit, shown: .helpOnly),
                ] + suspendKeys
        case .kiosk:
            keys.append(KeyBinding([.character("q")], .quitRequested, .signOut, shown: .barEnd))
        }
        return keys
    }

    /// What the palette offers: every key of the tables here, moving left out.
    var commands: [KeyBinding] {
        keyTables.all.filter {
            if case .list(let message) = $0.message { return message == .opened }
            return $0.message != .paletteRequested
        }
    }

    /// What works in another place only, each command once.
    var commandsElsewhere: [Palette.Elsewhere] {
        var seen = Set(commands.map { say($0.help) })
        var found: [Palette.Elsewhere] = []
        for other in Place.allCases where other != place {
            var there = self
            there.place = other
            there.overlays = []
            let keys = settings.keys.applied(to: there.placeKeys, in: KeyScope(other))
            for binding in keys {
                if case .list = binding.message { continue }
                guard seen.insert(say(binding.help)).inserted else { continue }
                found.append(Palette.Elsewhere(place: other, binding: binding))
            }
        }
        return found
    }

    // MARK: Dispatch

    mutating func press(_ key: Key) -> [Effect] {
        switch key {
        case .resize(let size): return AppModel.update(&self, .resized(size))
        case .mouse(let event): return click(event)
        default: break
        }
        let isWarned = lockCountdown != nil
        lastKeyAt = settings.now
        banner = nil
        // The key that answers the countdown does nothing else.
        if isWarned { return [] }
        if key != .escape { claimWork() }
        if takesText, let edit = TextEdit(key) { return AppModel.update(&self, .typed(edit)) }
        if takeDigit(key) { return [] }
        let times = count
        count = nil
        guard let binding = keyTables.first(for: meaning(of: key)) else { return [] }
        if let reason = binding.disabled {
            hint(say(reason), .warning)
            return []
        }
        return AppModel.update(&self, binding.message, times: times)
    }

    /// With digits that count, Alt and a digit is what the digit alone is otherwise.
    private func meaning(of key: Key) -> Key {
        guard settings.preferences.digitsCount, case .alt(let digit) = key, digit.isASCII,
            digit.isNumber
        else { return key }
        return .character(digit)
    }

    /// Takes a digit of a count: Alt and a digit begins one, plain digits go on.
    private mutating func takeDigit(_ key: Key) -> Bool {
        let begins = settings.preferences.digitsCount
        let digit: Character
        switch key {
        case .alt(let character) where !begins: digit = character
        case .character(let character) where count != nil || (begins && character != "0"):
            digit = character
        case .escape where count != nil:
            count = nil
            return true
        default: return false
        }
        guard settings.stage == .open, digit.isASCII, let value = digit.wholeNumberValue else {
            return false
        }
        count = min((count ?? 0) * 10 + value, 9_999)
        return true
    }

    /// Handles a message as often as a count says: moves as many steps, goes to that line.
    private static func update(
        _ model: inout AppModel, _ message: Message, times: Int?
    ) -> [Effect] {
        guard let times, times > 0 else { return update(&model, message) }
        switch message {
        case .list(.moved(let step)): return update(&model, .list(.moved(step * times)))
        case .list(.pagesMoved(let step)): return update(&model, .list(.pagesMoved(step * times)))
        case .list(.halfPagesMoved(let step)):
            return update(&model, .list(.halfPagesMoved(step * times)))
        case .list(.firstReached), .list(.lastReached):
            return update(&model, .list(.firstReached))
                + update(&model, .list(.moved(times - 1)))
        case .dialog(.moved(let step)): return update(&model, .dialog(.moved(step * times)))
        case .dialog(.pagesMoved(let step)):
            return update(&model, .dialog(.pagesMoved(step * times)))
        default: return update(&model, message)
        }
    }

    /// Does what `count` presses of a key do where that is one move in a list, or typing.
    ///
    /// Neither depends on answers that are still to come, so the effects may wait until all keys
    /// that arrived together are done.
    ///
    /// - Parameters:
    ///   - model: The state.
    ///   - key: The key.
    ///   - count: How often it was pressed.
    ///   - painted: The state as it was painted, if nothing but moves came since.
    /// - Returns: `nil`, and nothing has changed, for any other key.
    package static func pressAtOnce(
        _ model: inout AppModel, _ key: Key, count: Int, painted: Painted? = nil
    ) -> [Effect]? {
        // A countdown that a key ends, and a count that is being typed, want each key by itself.
        guard model.lockCountdown == nil, model.count == nil else { return nil }
        if model.takesText {
            guard let edit = TextEdit(key) else { return nil }
            model.lastKeyAt = model.settings.now
            model.banner = nil
            return (0..<count).flatMap { _ in update(&model, .typed(edit)) }
        }
        guard model.settings.stage == .open, model.overlays.isEmpty,
            !model.listState.isDetailOpen,
            let binding = (painted?.keys ?? model.keyTables).first(for: key),
            binding.disabled == nil, case .list(let move) = binding.message,
            let whole = move.repeated(count)
        else { return nil }
        model.lastKeyAt = model.settings.now
        model.banner = nil
        return model.updateList(whole)
    }

    /// Whether characters typed go into a field.
    package var takesText: Bool {
        if settings.stage != .open { return overlays.isEmpty && welcome.takesText(settings) }
        return overlays.last?.takesText
            ?? (place == .projects && projects.isSearching
                || place == .activity && activity.isSearching)
    }

    private mutating func click(_ event: MouseEvent) -> [Effect] {
        guard settings.preferences.usesMouse else { return [] }
        let isWarned = lockCountdown != nil
        lastKeyAt = settings.now
        if isWarned { return [] }
        switch event.action {
        case .press:
            dragStart = nil
            guard let message = message(at: event.point) else { return [] }
            banner = nil
            claimWork()
            dragStart = message.position
            return AppModel.update(&self, message)
        case .drag:
            guard let start = dragStart, let message = message(at: event.point),
                let position = message.position
            else { return [] }
            if case .dialog = message {
                return AppModel.update(&self, .dialog(.dragged(from: start, to: position)))
            }
            return AppModel.update(&self, .list(.moved(position - listState.selection)))
        case .release:
            dragStart = nil
            return []
        case .scrollUp: return wheel(-3)
        case .scrollDown: return wheel(3)
        }
    }

    private func message(at point: Point) -> Message? {
        AppModel.paint(self, keyTables).hits.last { $0.rect.contains(point) }?.message
    }

    private mutating func wheel(_ step: Int) -> [Effect] {
        claimWork()
        return overlays.isEmpty
            ? AppModel.update(&self, .list(.moved(step)))
            : AppModel.update(&self, .dialog(.moved(step.signum())))
    }
}

extension Message {
    /// The position of the line or choice that a click on it means.
    fileprivate var position: Int? {
        switch self {
        case .list(.picked(let position)), .dialog(.picked(let position)): position
        default: nil
        }
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
