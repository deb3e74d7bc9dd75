import LedgerCore
import TerminalCore

/// Reads a tape: commands, `#` comments, strings in `"…"`, `'…'` or `` `…` ``, patterns in `/…/`.
package struct TapeParser {
    private let source: (String) throws -> String
    private var lines: [TapeLine] = []
    private var hasStarted = false

    /// Reads a whole tape.
    ///
    /// - Parameters:
    ///   - text: The tape.
    ///   - file: Its name, for messages.
    ///   - source: Reads the tape that a `Source` line names; such a tape cannot name another.
    /// - Returns: The commands, each with its place.
    /// - Throws: `TapeError` with the file, the line and the column.
    package static func parse(
        _ text: String, file: String, source: (String) throws -> String
    ) throws -> [TapeLine] {
        try withoutActuallyEscaping(source) { source in
            var parser = TapeParser(source: source)
            try parser.read(text, file: file, isSourced: false)
            return parser.lines
        }
    }

    private init(source: @escaping (String) throws -> String) { self.source = source }

    private mutating func read(_ text: String, file: String, isSourced: Bool) throws {
        let rows = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        var words = try TapeWords(text, file: file)
        while let word = words.command() {
            if word.content == .plain("Source") {
                guard !isSourced else {
                    throw words.error("a tape that is a source cannot name another")
                }
                guard let name = words.text()?.text else {
                    throw words.error("Source takes a file")
                }
                try read(try source(name), file: name, isSourced: true)
                continue
            }
            let command = try command(word, &words)
            if isSourced, case .output = command { continue }
            try checkOrder(command, words)
            lines.append(
                TapeLine(
                    file: file, number: word.line, text: String(rows[word.line - 1]),
                    command: command))
        }
    }

    /// What says how the app starts has to stand before what starts it.
    private mutating func checkOrder(_ command: TapeCommand, _ words: TapeWords) throws {
        switch command {
        case .output, .require, .environment, .copy, .hide, .show, .node, .clock, .sleep: break
        case .set(let setting):
            guard hasStarted, setting.isForTheStart else { return }
            var hint = ""
            if case .columns = setting { hint = "; Resize changes the size later" }
            if case .rows = setting { hint = "; Resize changes the size later" }
            throw words.error("this Set has to stand before the first key\(hint)")
        case .seed:
            guard hasStarted else { return }
            throw words.error("Seed has to stand before the first key")
        case .type, .press, .wait, .screenshot, .paste, .expect, .expectNot, .expectRole, .golden,
            .resize, .click, .kill:
            hasStarted = true
        }
    }

    // MARK: Commands

    private func command(_ word: TapeWord, _ words: inout TapeWords) throws -> TapeCommand {
        guard case .plain(let text) = word.content else {
            throw words.error("a command was expected")
        }
        let (name, speed) = TapeWords.speed(of: text)
        let each = speed.flatMap { TapeWords.milliseconds($0) }
        guard speed == nil || each != nil else {
            throw words.error("\(name)@ takes a time such as 50ms")
        }
        func string(_ what: String) throws -> String {
            guard let text = words.text()?.text else { throw words.error("\(name) takes \(what)") }
            return text
        }
        switch name {
        case "Output": return try output(try string("a file"), words)
        case "Require": return .require(try string("a program"))
        case "Env": return .environment(name: try string("a name"), value: try string("a value"))
        case "Set": return .set(try setting(&words))
        case "Type":
            var texts = [try string("a text")]
            while let more = words.quoted() { texts.append(more) }
            return .type(texts.joined(separator: " "), each: each)
        case "Sleep":
            guard let time = words.plain(TapeWords.milliseconds)?.value else {
                throw words.error("Sleep takes a time such as 500ms")
            }
            return .sleep(milliseconds: time)
        case "Hide": return .hide
        case "Show": return .show
        case "Screenshot": return try screenshot(try string("a file"), words)
        case "Copy":
            var texts = [try string("a text")]
            while let more = words.quoted() { texts.append(more) }
            return .copy(texts.joined(separator: " "))
        case "Paste": return .paste
        case "Golden": return .golden(try string("a name"))
        case "Kill": return .kill
        case "Clock": return .clock(try time(try string("a time"), words))
        case "Seed":
            guard let seed = words.plain({ UInt64($0) })?.value else {
                throw words.error("Seed takes a number")
            }
            return .seed(seed)
        case "Node":
            switch try string("a fixture, Kill or Start") {
            case "Kill": return .node(.kill)
            case "Start": return .node(.start)
            case let fixture: return .node(.fixture(fixture))
            }
        case "Resize":
            guard let size = words.plain(size)?.value else {
                throw words.error("Resize takes a size such as 100x30, each up to 1000")
            }
            return .resize(size)
        case "Click":
            let cell: (String) -> Int? = { Int($0).flatMap { $0 > 0 ? $0 : nil } }
            guard let row = words.plain(cell)?.value, let column = words.plain(cell)?.value else {
                throw words.error("Click takes a row and a column, from 1")
            }
            return .click(row: row, column: column)
        case "ExpectRole": return try expectRole(&words)
        default: break
        }
        if let checked = try check(name, each, &words) { return checked }
        return try key(name, each, &words)
    }

    private func size(_ text: String) -> Size? {
        let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let columns = numbers[0], let rows = numbers[1],
            (1...Size.limit).contains(columns), (1...Size.limit).contains(rows)
        else { return nil }
        return Size(columns: columns, rows: rows)
    }

    private func output(_ file: String, _ words: TapeWords) throws -> TapeCommand {
        let known = TapeVocabulary.pictureEndings + ["cast"] + TapeVocabulary.filmEndings
        let ending = ending(of: file)
        guard file.hasSuffix("/") || known.contains(ending) else {
            throw words.error(
                "Output writes .txt .ascii .ansi .svg .png .json or .cast, not \(file)"
                    + TapeVocabulary.suggestion(for: ending, among: known))
        }
        return .output(file)
    }

    private func screenshot(_ file: String, _ words: TapeWords) throws -> TapeCommand {
        let known = TapeVocabulary.pictureEndings
        let ending = ending(of: file)
        guard known.contains(ending) else {
            throw words.error(
                "Screenshot writes .txt .ascii .ansi .svg .png or .json, not \(file)"
                    + TapeVocabulary.suggestion(for: ending, among: known))
        }
        return .screenshot(file)
    }

    private func ending(of file: String) -> String {
        guard let dot = file.lastIndex(of: ".") else { return "" }
        return String(file[file.index(after: dot)...])
    }

    private func check(_ name: String, _ each: Int64?, _ words: inout TapeWords) throws
        -> TapeCommand?
    {
        let parts = name.split(separator: "+", maxSplits: 1).map(String.init)
        guard let verb = parts.first, ["Wait", "Expect", "ExpectNot"].contains(verb) else {
            return nil
        }
        let scope: TapeScope
        switch parts.dropFirst().first {
        case "Screen": scope = .screen
        case "Line": scope = .line
        case nil: scope = verb == "Wait" ? .line : .screen
        case let other?: throw words.error("\(verb) knows +Screen and +Line, not +\(other)")
        }
        let pattern = try words.pattern()
        if verb == "Wait" {
            return .wait(scope, pattern, seconds: each.map { Double($0) / 1_000 })
        }
        guard let pattern else {
            throw words.error("\(verb) takes a pattern such as /text/ on the same line")
        }
        return verb == "Expect" ? .expect(scope, pattern) : .expectNot(scope, pattern)
    }

    private func expectRole(_ words: inout TapeWords) throws -> TapeCommand {
        let roles = SemanticNode.Role.allCases.map(\.rawValue)
        guard let (text, word) = words.text() else {
            throw words.error("ExpectRole takes a role: \(roles.joined(separator: " "))")
        }
        guard let role = SemanticNode.Role(rawValue: text) else {
            throw words.error(
                "\(text) is no role" + TapeVocabulary.suggestion(for: text, among: roles)
                    + " The roles are \(roles.joined(separator: " "))", at: word)
        }
        guard let name = words.quoted() else {
            throw words.error("ExpectRole takes a name in quotes")
        }
        var states = Set<SemanticNode.State>()
        while let state = words.plain(SemanticNode.State.init(rawValue:))?.value {
            states.insert(state)
        }
        return .expectRole(role, name: name, states: states)
    }

    private func key(_ name: String, _ each: Int64?, _ words: inout TapeWords) throws
        -> TapeCommand
    {
        guard let keys = TapeVocabulary.keys(named: name) else {
            let known = TapeVocabulary.commands + TapeVocabulary.keys
            throw words.error(
                "\(name) is no command" + TapeVocabulary.suggestion(for: name, among: known))
        }
        guard let count = words.plain({ Int($0) }) else {
            return .press(keys, count: 1, each: each)
        }
        guard (1...100_000).contains(count.value) else {
            throw words.error("a count is from 1 to 100000", at: count.word)
        }
        return .press(keys, count: count.value, each: each)
    }

    private func time(_ text: String, _ words: TapeWords) throws -> TapeTime {
        if text.hasPrefix("+") {
            guard let time = TapeWords.milliseconds(String(text.dropFirst())) else {
                throw words.error("Clock + takes a time such as +7d")
            }
            return .later(milliseconds: time)
        }
        guard let time = Timestamp(iso: text) else {
            throw words.error("Clock takes a time such as 2026-11-22T14:03:00Z or +7d")
        }
        return .at(time)
    }

    // MARK: Settings

    private func setting(_ words: inout TapeWords) throws -> TapeSetting {
        guard let (name, nameWord) = words.text() else { throw words.error("Set takes a name") }
        if name == "WaitPattern" {
            guard let pattern = try words.pattern() else {
                throw words.error("Set WaitPattern takes a pattern such as />$/")
            }
            return .waitPattern(pattern)
        }
        guard let (value, word) = words.text() else {
            throw words.error("Set \(name) takes a value")
        }
        switch name {
        case "Width", "Height":
            guard let number = Int(value), (1...Size.limit).contains(number) else {
                throw words.error(
                    "Set \(name) takes a number of cells from 1 to 1000, not pixels", at: word)
            }
            return name == "Width" ? .columns(number) : .rows(number)
        case "Theme":
            if case .braced = word.content { return .ignored(name) }
            return .theme(value)
        case "Locale": return .locale(value)
        case "CastVersion":
            guard let version = Int(value), [2, 3].contains(version) else {
                throw words.error("Set CastVersion takes 2 or 3", at: word)
            }
            return .castVersion(version)
        case "TypingSpeed", "WaitTimeout":
            guard let time = TapeWords.milliseconds(value) else {
                throw words.error("Set \(name) takes a time such as 50ms or 15s", at: word)
            }
            return name == "TypingSpeed"
                ? .typingSpeed(milliseconds: time) : .waitTimeout(seconds: Double(time) / 1_000)
        default:
            let known = TapeVocabulary.settings + TapeVocabulary.ignoredSettings
            guard known.contains(name) else {
                throw words.error(
                    "\(name) is no setting" + TapeVocabulary.suggestion(for: name, among: known),
                    at: nameWord)
            }
            return .ignored(name)
        }
    }
}
