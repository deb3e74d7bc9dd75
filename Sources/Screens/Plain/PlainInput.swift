import SyncCore
package import TerminalCore

/// What a line that was typed asks for.
package enum PlainInput: Equatable, Sendable {
    /// Keys to press, in order.
    case keys([Key])
    /// A line of a list to open, or a choice to take, from 0.
    case item(Int)
    /// An action upon a line of a list, from 0.
    case itemKeys(Int, [Key])
    /// The palette searched for a text.
    case find(String)
    /// A search among the projects.
    case search(String)
    /// A file to import.
    case importFile(String)
    /// A text for the field that is open.
    case text(String)
    /// What can be typed here.
    case help
    /// Everything shown, once more.
    case again
    /// The lines that come next.
    case more
    /// The status line.
    case status
    /// Wait until everything is sent and checked.
    case wait
    /// The end.
    case quit
    /// It is not understood.
    case unknown(String)

    /// Understands a line: a number, a word of the key table in either language, the name of an
    /// action or key, or what belongs into the field that is open.
    ///
    /// While a field is open a line that begins with `:` is a command; where what is typed is
    /// hidden, only such a line is.
    package init(_ line: String, _ model: AppModel) {
        let text = Self.trimmed(line)
        if model.takesText, !text.hasPrefix(":") {
            self = Self.typed(text, model)
            return
        }
        let command = model.takesText || text.count > 1 ? text.drop { $0 == ":" } : text[...]
        self = Self.command(Self.trimmed(String(command)), model)
    }

    private static func typed(_ text: String, _ model: AppModel) -> PlainInput {
        if model.hidesText { return .text(text) }
        if text.isEmpty { return .again }
        if let word = word(text, model), word != .again { return word }
        // Where rows are looked for a number is a word like any other.
        if let number = Int(text), number > 0, let top = model.overlays.last, top.table == nil,
            top.choiceCount(model) >= number
        {
            return .item(number - 1)
        }
        return .text(text)
    }

    private static func command(_ text: String, _ model: AppModel) -> PlainInput {
        if text.isEmpty { return .again }
        if let number = Int(text), number > 0, let item = item(number, model) { return item }
        if let word = word(text, model) { return word }
        if let keys = keys(text, model) { return .keys(keys) }
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            let rest = trimmed(parts[1])
            switch parts[0].lowercased() {
            case "search", "搜索", "/": return .search(rest)
            case "import", "导入": return .importFile(rest)
            case "find", "查找": return .find(rest)
            default: break
            }
            if let space = text.lastIndex(of: " "),
                let number = Int(text[text.index(after: space)...]), number > 0,
                let keys = keys(trimmed(String(text[..<space])), model)
            {
                return .itemKeys(number - 1, keys)
            }
        }
        return .unknown(text)
    }

    /// A number is a line of what is shown; where there are no lines it is a key.
    private static func item(_ number: Int, _ model: AppModel) -> PlainInput? {
        let isList = model.settings.stage == .open && model.overlays.isEmpty
        if isList, model.listCount == 0 { return nil }
        return .item(number - 1)
    }

    private static func word(_ text: String, _ model: AppModel) -> PlainInput? {
        switch text.lowercased() {
        case "help", "帮助": return .help
        case "again", "重读": return .again
        case "status", "状态": return .status
        case "wait", "等待": return .wait
        case "quit", "exit", "退出", "退出程序": return .quit
        case "ok", "yes", "好", "是", "确定":
            let confirm = AppModel.bindings(model).first { $0.message == .dialog(.confirmed) }
            return .keys([confirm?.keys.first ?? .enter])
        case "back", "返回":
            let back = AppModel.bindings(model).first { $0.name == Phrase.back.actionName }
            return .keys([back?.keys.first ?? .escape])
        case "no", "cancel", "否", "取消": return .keys([.escape])
        case "more", "更多": return .more
        default: return nil
        }
    }

    /// The key of the action that the words name.
    private static func keys(_ text: String, _ model: AppModel) -> [Key]? {
        let wanted = text.lowercased()
        let bindings = AppModel.bindings(model).filter { !$0.keys.isEmpty }
        func names(_ binding: KeyBinding) -> [String] {
            let help = binding.help.texts
            let shown = [help.english.lowercased(), help.chinese]
            // The key that pauses has this name when it resumes, too: a word that stops use starts
            // none.
            if binding.message == .pauseRequested, binding.help == .resume { return shown }
            return shown + [
                binding.name, binding.name.split(separator: "-").joined(separator: " "),
            ]
        }
        // An action that works wins over one of the same name that does not.
        let exact = bindings.filter { names($0).contains(wanted) }
        if let found = exact.first(where: { $0.disabled == nil }) ?? exact.first {
            return found.keys.first.map { [$0] }
        }
        if let key = Key(name: text), bindings.contains(where: { $0.keys.contains(key) }) {
            return [key]
        }
        let started = bindings.filter { names($0).contains { $0.hasPrefix(wanted) } }
        let messages = Set(started.map(\.name))
        return messages.count == 1 ? started.first?.keys.first.map { [$0] } : nil
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}

extension AppModel {
    /// Does what a line asks for, as far as it can be done by keys.
    package static func answer(_ model: inout AppModel, _ input: PlainInput) -> [Effect] {
        switch input {
        case .keys(let keys): return keys.flatMap { update(&model, .key($0)) }
        case .item(let position): return model.take(position)
        case .itemKeys(let position, let keys):
            return model.select(position) + keys.flatMap { update(&model, .key($0)) }
        case .find(let text):
            return update(&model, .paletteRequested) + update(&model, .typed(.inserted(text)))
        case .search(let text):
            return update(&model, .placeChosen(.projects)) + update(&model, .searchStarted)
                + update(&model, .typed(.cleared)) + update(&model, .typed(.inserted(text)))
                + update(&model, .searchEnded(isKept: true))
        case .importFile(let path):
            guard model.settings.mode == .personal else { return [] }
            return [model.perform(.importFiles([path]))]
        case .text(let text): return model.fill(text)
        case .more: return model.showMore()
        case .quit: return update(&model, .quitRequested)
        case .help, .again, .status, .wait, .unknown: return []
        }
    }

    /// Whether it is being asked whether to leave.
    package var asksToQuit: Bool {
        if case .quit? = overlays.last?.content { true } else { false }
    }

    /// Shows the lines of a list below those shown and selects the first of them; elsewhere goes
    /// a page down.
    private mutating func showMore() -> [Effect] {
        guard settings.stage == .open, overlays.isEmpty, !listState.isDetailOpen, place != .home
        else { return AppModel.update(&self, .key(.pageDown)) }
        let rows = Layout(self).listRows
        let next = listState.top + rows
        guard next < listCount else { return [] }
        listState.select(next + rows - 1, count: listCount, rows: rows)
        listState.select(next, count: listCount, rows: rows)
        return fit()
    }

    private mutating func select(_ position: Int) -> [Effect] {
        guard overlays.isEmpty, position < listCount else { return [] }
        var effects: [Effect] = []
        if place != .home, listState.isDetailOpen {
            effects += AppModel.update(&self, .list(.closed))
        }
        return effects
            + AppModel.update(&self, .list(.moved(position - listState.selection)))
    }

    /// Opens a line of the list, or takes a choice of the sheet.
    private mutating func take(_ position: Int) -> [Effect] {
        guard settings.stage == .open else {
            welcome.focus = min(max(position, 0), welcome.lastFocus)
            return welcome.isJoining ? [] : AppModel.update(&self, .dialog(.confirmed))
        }
        guard let top = overlays.last else {
            guard position < listCount else { return [] }
            return select(position) + AppModel.update(&self, .list(.opened))
        }
        let count = top.table?.record.rowCount ?? top.choiceCount(self)
        guard position < count else { return [] }
        if top.isMenu {
            return AppModel.update(&self, .dialog(.moved(position - top.focus)))
                + AppModel.update(&self, .dialog(.confirmed))
        }
        let isChosen = top.focus == position && top.table == nil
        if isChosen, top.picksByClick { return [] }
        return AppModel.update(&self, .dialog(.picked(position)))
    }

    /// Puts a line into the field that is open, and goes on: to the next field, or to the answer.
    private mutating func fill(_ text: String) -> [Effect] {
        let effects =
            AppModel.update(&self, .typed(.cleared))
            + AppModel.update(&self, .typed(.inserted(text)))
        let inputs = AppModel.view(self).semantics?.all(.input) ?? []
        let focused = inputs.firstIndex { $0.states.contains(.focused) } ?? 0
        if focused + 1 < inputs.count { return effects + AppModel.update(&self, .key(.tab)) }
        let isList = (overlays.last?.choiceCount(self) ?? 0) > 0
        return isList ? effects : effects + AppModel.update(&self, .key(.enter))
    }
}

extension Overlay {
    /// Whether a choice of it is carried out at once, and not first selected.
    var isMenu: Bool {
        switch content {
        case .palette, .picker, .settings, .themes, .languages, .revokeWhich: true
        case .contribute(let contribute): contribute.step == .target || contribute.step == .record
        default: false
        }
    }
}

extension SemanticNode {
    /// All nodes of a role, in reading order.
    func all(_ role: Role) -> [SemanticNode] {
        (self.role == role ? [self] : []) + children.flatMap { $0.all(role) }
    }
}

/// What can be typed in plain mode, for `help`.
package enum PlainHelp {
    /// Returns the lines: what works always, then what works here.
    package static func lines(_ model: AppModel) -> [SafeText] {
        let say = model.say
        var lines = [say(.plainHelpItems), say(.plainHelpWords)]
        let writer = PlainWriter(say: say)
        for binding in AppModel.bindings(model) where !binding.message.onlyMoves {
            // A digit is the number of a line.
            let keys = binding.keys.filter { !$0.isDigit }.prefix(2)
                .map { SafeText(untrusted: $0.name) }
            var line = say(binding.help)
            if let first = keys.first {
                line += writer.colon + keys.dropFirst().reduce(first) { $0 + say.comma + $1 }
            }
            if let reason = binding.disabled { line += writer.aside(say(reason)) }
            lines.append(line)
        }
        return lines
    }
}

extension Message {
    /// Whether it moves about in what the eye sees: lines have numbers, and `more` goes on.
    fileprivate var onlyMoves: Bool {
        switch self {
        case .list(.moved), .list(.halfPagesMoved), .list(.pagesMoved), .list(.firstReached),
            .list(.lastReached), .dialog(.moved), .dialog(.pagesMoved), .placeStepped:
            true
        default: false
        }
    }
}

extension Key {
    fileprivate var isDigit: Bool {
        if case .character(let character) = self {
            character.isASCII && character.isNumber
        } else {
            false
        }
    }
}
