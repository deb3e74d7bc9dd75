import LedgerCore
import TerminalCore

/// Reads a tape: commands on lines, `#` comments, strings in `"…"`, `'…'` or `` `…` ``.
package struct TapeParser {
    private let file: String
    private let source: (String) throws -> String
    private var lines: [TapeLine] = []

    /// Reads a whole tape.
    ///
    /// - Parameters:
    ///   - text: The tape.
    ///   - file: Its name, for messages.
    ///   - source: Reads the tape that a `Source` line names; such a tape cannot name another.
    /// - Returns: The commands, each with its place.
    /// - Throws: `TapeError` with the file and the line.
    package static func parse(
        _ text: String, file: String, source: (String) throws -> String
    ) throws -> [TapeLine] {
        try withoutActuallyEscaping(source) { source in
            var parser = TapeParser(file: file, source: source)
            try parser.read(text, file: file, isSourced: false)
            return parser.lines
        }
    }

    private init(file: String, source: @escaping (String) throws -> String) {
        self.file = file
        self.source = source
    }

    private mutating func read(_ text: String, file: String, isSourced: Bool) throws {
        let rows = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (position, row) in rows.enumerated() {
            let number = position + 1
            var words = TapeWords(try TapeWords.split(String(row), file: file, line: number))
            while let word = words.next() {
                if word == .plain("Source") {
                    guard !isSourced, let name = words.text() else {
                        throw TapeError(file, number, "Source takes a file, and not in a source")
                    }
                    try read(try source(name), file: name, isSourced: true)
                    continue
                }
                guard let command = try command(word, &words, file, number) else { continue }
                if isSourced, case .output = command { continue }
                lines.append(
                    TapeLine(file: file, number: number, text: String(row), command: command))
            }
        }
    }

    private func command(
        _ word: TapeWords.Word, _ words: inout TapeWords, _ file: String, _ line: Int
    ) throws -> TapeCommand? {
        guard case .plain(let text) = word else {
            throw TapeError(file, line, "a command was expected")
        }
        let (name, speed) = TapeWords.speed(of: text)
        func fail(_ problem: String) -> TapeError { TapeError(file, line, problem) }
        func string(_ what: String) throws -> String {
            guard let text = words.text() else { throw fail("\(name) takes \(what)") }
            return text
        }
        switch name {
        case "Output": return .output(try string("a file"))
        case "Require": return .require(try string("a program"))
        case "Env": return .environment(name: try string("a name"), value: try string("a value"))
        case "Set": return .set(try setting(&words, fail))
        case "Type":
            var texts = [try string("a text")]
            while let more = words.quoted() { texts.append(more) }
            return .type(texts.joined(separator: " "))
        case "Sleep":
            guard let time = TapeWords.milliseconds(try string("a time")) else {
                throw fail("Sleep takes a time such as 500ms")
            }
            return .sleep(milliseconds: time)
        case "Hide": return .hide
        case "Show": return .show
        case "Screenshot": return .screenshot(try string("a file"))
        case "Copy":
            var texts = [try string("a text")]
            while let more = words.quoted() { texts.append(more) }
            return .copy(texts.joined(separator: " "))
        case "Paste": return .paste
        case "Golden": return .golden(try string("a name"))
        case "Kill": return .kill
        case "Clock": return .clock(try time(try string("a time"), fail))
        case "Seed":
            guard let seed = UInt64(try string("a number")) else {
                throw fail("Seed takes a number")
            }
            return .seed(seed)
        case "Node":
            switch try string("a fixture, Kill or Start") {
            case "Kill": return .node(.kill)
            case "Start": return .node(.start)
            case let fixture: return .node(.fixture(fixture))
            }
        case "Resize":
            guard case .resize(let size)? = Key(name: "Resize " + (try string("a size"))) else {
                throw fail("Resize takes a size such as 100x30")
            }
            return .resize(size)
        case "Click":
            guard let row = Int(try string("a row")), let column = Int(try string("a column")),
                row > 0, column > 0
            else { throw fail("Click takes a row and a column, from 1") }
            return .click(row: row, column: column)
        case "ExpectRole": return try expectRole(&words, fail)
        default: break
        }
        if let checked = try check(name, speed, &words, fail) { return checked }
        return try key(name, &words, fail)
    }

    private func check(
        _ name: String, _ speed: String?, _ words: inout TapeWords,
        _ fail: (String) -> TapeError
    ) throws -> TapeCommand? {
        let parts = name.split(separator: "+", maxSplits: 1).map(String.init)
        guard let verb = parts.first, ["Wait", "Expect", "ExpectNot"].contains(verb) else {
            return nil
        }
        let scope: TapeScope
        switch parts.dropFirst().first {
        case "Screen": scope = .screen
        case "Line": scope = .line
        case nil: scope = verb == "Wait" ? .line : .screen
        case let other?: throw fail("\(verb) knows +Screen and +Line, not +\(other)")
        }
        let pattern = try words.pattern(fail)
        guard verb == "Wait" else {
            guard let pattern else { throw fail("\(verb) takes a pattern such as /text/") }
            return verb == "Expect" ? .expect(scope, pattern) : .expectNot(scope, pattern)
        }
        let time = speed.flatMap { TapeWords.milliseconds($0) }
        guard speed == nil || time != nil else { throw fail("Wait@ takes a time such as 10s") }
        let known = try pattern ?? TapePattern(">$")
        return .wait(scope, known, seconds: time.map { Double($0) / 1_000 })
    }

    private func expectRole(_ words: inout TapeWords, _ fail: (String) -> TapeError) throws
        -> TapeCommand
    {
        guard let role = words.text().flatMap(SemanticNode.Role.init(rawValue:)) else {
            let known = SemanticNode.Role.allCases.map(\.rawValue).joined(separator: " ")
            throw fail("ExpectRole takes a role: \(known)")
        }
        guard let name = words.quoted() else { throw fail("ExpectRole takes a name in quotes") }
        var states = Set<SemanticNode.State>()
        while let word = words.peek, case .plain(let text) = word,
            let state = SemanticNode.State(rawValue: text)
        {
            _ = words.next()
            states.insert(state)
        }
        return .expectRole(role, name: name, states: states)
    }

    private func key(
        _ name: String, _ words: inout TapeWords, _ fail: (String) -> TapeError
    ) throws -> TapeCommand {
        let key: Key
        switch name {
        case "ScrollUp": key = .mouse(MouseEvent(.scrollUp, at: Point(row: 5, column: 5)))
        case "ScrollDown": key = .mouse(MouseEvent(.scrollDown, at: Point(row: 5, column: 5)))
        default:
            guard name.count > 1, let known = Key(name: name) else {
                throw fail("\(name) is no command")
            }
            key = known
        }
        guard let count = words.count() else { return .press(key, count: 1) }
        guard (1...100_000).contains(count) else { throw fail("a count is from 1 to 100000") }
        return .press(key, count: count)
    }

    private func time(_ text: String, _ fail: (String) -> TapeError) throws -> TapeTime {
        if text.hasPrefix("+") {
            guard let time = TapeWords.milliseconds(String(text.dropFirst())) else {
                throw fail("Clock + takes a time such as +7d")
            }
            return .later(milliseconds: time)
        }
        guard let time = Timestamp(iso: text) else {
            throw fail("Clock takes a time such as 2026-11-22T14:03:00Z or +7d")
        }
        return .at(time)
    }

    private static let ignoredSettings: Set = [
        "Shell", "FontFamily", "FontSize", "LetterSpacing", "LineHeight", "Padding", "Framerate",
        "PlaybackSpeed", "LoopOffset", "Margin", "MarginFill", "WindowBar", "WindowBarSize",
        "BorderRadius", "CursorBlink", "TypingSpeed",
    ]

    private func setting(_ words: inout TapeWords, _ fail: (String) -> TapeError) throws
        -> TapeSetting
    {
        guard let name = words.text() else { throw fail("Set takes a name") }
        if name == "WaitPattern" {
            guard let pattern = try words.pattern(fail) else {
                throw fail("Set WaitPattern takes a pattern")
            }
            return .waitPattern(pattern)
        }
        guard let value = words.text() else { throw fail("Set \(name) takes a value") }
        switch name {
        case "Width", "Height":
            guard let number = Int(value), (1...1_000).contains(number) else {
                throw fail("Set \(name) takes a number of cells from 1 to 1000")
            }
            return name == "Width" ? .columns(number) : .rows(number)
        case "Theme": return .theme(value)
        case "Locale": return .locale(value)
        case "WaitTimeout":
            guard let time = TapeWords.milliseconds(value) else {
                throw fail("Set WaitTimeout takes a time such as 15s")
            }
            return .waitTimeout(seconds: Double(time) / 1_000)
        default:
            guard TapeParser.ignoredSettings.contains(name) else {
                throw fail("\(name) is no setting")
            }
            return .ignored(name)
        }
    }
}

/// The words of one line.
struct TapeWords {
    enum Word: Equatable {
        case plain(String)
        case quoted(String)
        case pattern(String)
    }

    private var words: [Word]
    private var position = 0

    init(_ words: [Word]) { self.words = words }

    var peek: Word? { position < words.count ? words[position] : nil }

    mutating func next() -> Word? {
        guard let word = peek else { return nil }
        position += 1
        return word
    }

    /// The next word, quoted or not.
    mutating func text() -> String? {
        switch peek {
        case .plain(let text)?, .quoted(let text)?:
            position += 1
            return text
        case .pattern?, nil: return nil
        }
    }

    mutating func quoted() -> String? {
        guard case .quoted(let text)? = peek else { return nil }
        position += 1
        return text
    }

    mutating func count() -> Int? {
        guard case .plain(let text)? = peek, let number = Int(text) else { return nil }
        position += 1
        return number
    }

    mutating func pattern(_ fail: (String) -> TapeError) throws -> TapePattern? {
        guard case .pattern(let source)? = peek else { return nil }
        position += 1
        do {
            return try TapePattern(source)
        } catch {
            throw fail("/\(source)/ is no regular expression")
        }
    }

    static func split(_ line: String, file: String, line number: Int) throws -> [Word] {
        var words = [Word]()
        var rest = Substring(line)
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard let first = rest.first, first != "#" else { return words }
            if first == "\"" || first == "'" || first == "`" {
                let inner = rest.dropFirst()
                guard let end = inner.firstIndex(of: first) else {
                    throw TapeError(file, number, "a string has no end")
                }
                words.append(.quoted(String(inner[..<end])))
                rest = inner[inner.index(after: end)...]
            } else if first == "/", expectsPattern(words.last) {
                let (source, after) = try pattern(rest.dropFirst(), file, number)
                words.append(.pattern(source))
                rest = after
            } else {
                let word = rest.prefix { $0 != " " && $0 != "\t" && $0 != "\r" }
                words.append(.plain(String(word)))
                rest = rest[word.endIndex...]
            }
        }
    }

    /// A slash starts a pattern only where one belongs: elsewhere it starts a path.
    private static func expectsPattern(_ word: Word?) -> Bool {
        guard case .plain(let text)? = word else { return false }
        return text.hasPrefix("Wait") || text.hasPrefix("Expect")
    }

    private static func pattern(_ text: Substring, _ file: String, _ line: Int) throws
        -> (String, Substring)
    {
        var source = ""
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isEscaped {
                source += character == "/" ? "/" : "\\\(character)"
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "/" {
                return (source, text[text.index(after: index)...])
            } else {
                source.append(character)
            }
        }
        throw TapeError(file, line, "a pattern has no end")
    }

    /// `Type@50ms` as `Type` and `50ms`.
    static func speed(of word: String) -> (name: String, speed: String?) {
        guard let at = word.firstIndex(of: "@"), at > word.startIndex,
            word.index(after: at) < word.endIndex
        else { return (word, nil) }
        return (String(word[..<at]), String(word[word.index(after: at)...]))
    }

    /// A time such as `500ms`, `2s`, `1.5m`, `3h`, `7d`; without a unit, seconds.
    static func milliseconds(_ text: String) -> Int64? {
        let units: [(String, Double)] = [
            ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        let unit = units.first { text.hasSuffix($0.0) }
        let digits = text.dropLast(unit?.0.count ?? 0)
        guard let number = Double(digits), (0...1e9).contains(number) else { return nil }
        return Int64((number * (unit?.1 ?? 1_000)).rounded())
    }
}
