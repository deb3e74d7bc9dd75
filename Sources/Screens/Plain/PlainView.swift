import SyncCore
package import TerminalCore

/// What the app shows, as lines to be read one after the other: for screen readers and pipes.
package struct PlainView: Equatable, Sendable {
    /// What is shown; while it stays the same only lines that changed have to be read again.
    package let title: SafeText
    /// The lines below the title, in reading order.
    package let lines: [SafeText]

    /// Reads what a state shows from its semantic tree.
    package init(_ model: AppModel) {
        let say = model.say
        let tree = AppModel.view(model).semantics ?? SemanticNode(.screen, "")
        var writer = PlainWriter(say: say)
        if let dialog = tree.children.last(where: { $0.role == .dialog }) {
            title = writer.clean(dialog.name)
            dialog.children.forEach { writer.write($0) }
            writer.offer(AppModel.bindings(model))
        } else if model.settings.stage != .open {
            let group = tree.first(.group)
            title = writer.clean(group?.name ?? "accord")
            group?.children.forEach { writer.write($0) }
            writer.offer(AppModel.bindings(model))
        } else if model.place != .home, model.listState.isDetailOpen {
            let group = tree.children.first { $0.role == .group && $0.name == say(.details) }
            title = say(model.place.name) + writer.stop + say(.details)
            group?.children.forEach { writer.write($0) }
        } else {
            title = say(model.place.name)
            for child in tree.children where !Self.isFrame(child) && child.name != say(.details) {
                writer.write(child)
            }
            writer.offerMore(tree, of: model.listCount)
        }
        lines = writer.lines.first == title ? Array(writer.lines.dropFirst()) : writer.lines
    }

    /// The lines that were not there before; one that only got another number was.
    package func news(since former: PlainView) -> [SafeText] {
        let known = Set(former.lines.map(Self.withoutNumber))
        return lines.filter { !known.contains(Self.withoutNumber($0)) }
    }

    private static func withoutNumber(_ line: SafeText) -> Substring {
        let rest = line.string.drop(while: \.isNumber)
        return rest.hasPrefix(". ") && rest.count < line.string.count
            ? rest.dropFirst(2) : line.string[...]
    }

    private static func isFrame(_ node: SemanticNode) -> Bool {
        switch node.role {
        case .tabs, .status, .key, .notice: true
        default: false
        }
    }

    /// Whether there is a line or a choice at a position, from 0.
    package static func hasItem(_ model: AppModel, _ position: Int) -> Bool {
        guard model.settings.stage == .open else { return position < 2 }
        guard let top = model.overlays.last else { return position < model.listCount }
        return position < (top.table?.shownCount ?? top.choiceCount(model))
    }

    /// What stands in the status line, without signs.
    package static func status(_ model: AppModel) -> SafeText {
        let tree = AppModel.view(model).semantics ?? SemanticNode(.screen, "")
        let writer = PlainWriter(say: model.say)
        return writer.clean(tree.first(.status)?.value ?? "")
    }

    /// What the person is told at the moment; `nil` if nothing.
    package static func notice(_ model: AppModel) -> SafeText? {
        model.banner.map { PlainWriter(say: model.say).clean($0.text) }
    }

    /// The hint for somebody new that is shown now; `nil` if none is.
    package static func hint(_ model: AppModel) -> SafeText? {
        model.hintShown.map { PlainWriter(say: model.say).clean($0) }
    }

    /// The part of the status that is announced when it changes; no time, nothing in between.
    package static func announced(_ model: AppModel) -> [Int]? {
        let state: Int
        switch model.status.connection {
        case .connecting, .pushing, .pulling: return nil
        case .waiting: state = 0
        case .offline: state = 1
        case .backoff: state = model.status.isUnconfirmed ? 8 : model.status.isNodeFull ? 9 : 2
        case .needsUnlock: state = 3
        case .needsEnrolment: state = 4
        case .revoked: state = 5
        case .incompatible: state = 6
        case .frozen: state = 7
        }
        let status = model.status
        let isUnconfirmed = status.lacksConfirmation(at: model.settings.now)
        return [
            state, status.outboxCount, status.queuedRevocations, status.unreadRefusals,
            isUnconfirmed ? 1 : 0,
        ]
    }

    /// Whether everything decided is at the node and checked.
    package static func isSettled(_ model: AppModel) -> Bool {
        guard case .waiting = model.status.connection else { return false }
        return model.status.outboxCount == 0 && !model.isBusy
    }
}

/// Turns nodes of the semantic tree into lines.
struct PlainWriter {
    let say: Words
    private(set) var lines: [SafeText] = []

    init(say: Words) { self.say = say }

    mutating func write(_ node: SemanticNode) {
        if node.role == .list, !lines.isEmpty {
            // Its name and count stand in the heading; where keys are is said when it matters.
            node.children.forEach { write($0) }
            return
        }
        if node.role == .group {
            node.children.forEach { write($0) }
            return
        }
        var line = clean(node.name)
        if let value = node.value, !value.string.isEmpty {
            let said = node.role == .list ? SafeText("\(node.children.count)") : clean(value)
            line = line.isEmpty ? said : line + colon + said
        }
        switch node.role {
        case .checkbox, .row:
            let isTicked = node.states.contains(.checked)
            if node.role == .checkbox { line += say.comma + say(isTicked ? .ticked : .notTicked) }
        case .input: if node.value?.isEmpty != false { line += endColon }
        default: break
        }
        if let position = node.position { line = "\(position + 1). " + line }
        if node.states.contains(.disabled) { line += say.comma + say(.notAvailable) }
        if !line.isEmpty { lines.append(line) }
        node.children.forEach { write($0) }
    }

    /// Says what can be answered: the keys of the bar, by their words.
    mutating func offer(_ bindings: [KeyBinding]) {
        let offered: [SafeText] = bindings.filter { $0.shown == .bar && $0.disabled == nil }.map {
            binding in
            if binding.keys.contains(.enter) { return say(.plainOK) + " = " + say(binding.help) }
            if binding.keys.contains(.escape) {
                return say(.plainNo) + " = " + say(binding.help)
            }
            return say(binding.help)
        }
        guard let first = offered.first else { return }
        lines.append(
            offered.dropFirst().reduce(say(.plainType) + first) { $0 + say.semicolon + $1 })
    }

    /// Says how far a list was told, where it goes on.
    mutating func offerMore(_ tree: SemanticNode, of count: Int) {
        let positions = tree.first(.list)?.children.compactMap(\.position) ?? []
        guard let first = positions.first, let last = positions.last, last + 1 < count else {
            return
        }
        lines.append(
            say(
                .plainMore, say.number(Int64(first + 1)), say.number(Int64(last + 1)),
                say.number(Int64(count))))
    }

    // MARK: Punctuation

    private var isEnglish: Bool { say.language == .english }
    var colon: SafeText { isEnglish ? ": " : "：" }
    private var endColon: SafeText { isEnglish ? ":" : "：" }
    /// Between the name of a place and what of it is shown.
    var stop: SafeText { isEnglish ? ". " : "：" }

    /// A text in brackets behind another.
    func aside(_ text: SafeText) -> SafeText {
        isEnglish ? " (" + text + ")" : "（" + text + "）"
    }

    /// Chinese has marks of its own: those that join its words to others become them.
    private func punctuated(_ text: String) -> String {
        guard !isEnglish else { return text }
        let wide: [Character: Character] = [",": "，", ":": "：", ";": "；"]
        let characters = Array(text)
        var result = ""
        var index = 0
        func isChinese(_ index: Int) -> Bool {
            characters.indices.contains(index) && characters[index].isChinese
        }
        while index < characters.count {
            let joins =
                index + 1 < characters.count && characters[index + 1] == " "
                && (isChinese(index - 1) || isChinese(index + 2))
            if joins, let mark = wide[characters[index]] {
                result.append(mark)
                index += 2
            } else {
                result.append(characters[index])
                index += 1
            }
        }
        return result
    }

    /// The text without the signs that only the eye understands.
    func clean(_ text: SafeText) -> SafeText {
        var result = ""
        var spaces = 0
        for character in text.string {
            switch character {
            case "\u{2009}", "●", "○", "✓", "✗", "▌", "→", "│", "▏": continue
            case " ":
                spaces += 1
                continue
            case "·":
                spaces = max(spaces, 2)
                continue
            case "★":
                if !result.isEmpty { result += " " }
                result += say(.pointsWord).string
                spaces = 0
                continue
            default: break
            }
            if spaces > 0, !result.isEmpty, !";,.".contains(character) {
                result += spaces > 1 && !",;:".contains(result.last ?? " ") ? ", " : " "
            }
            spaces = 0
            result.append(character)
        }
        return SafeText(untrusted: punctuated(result))
    }
}
