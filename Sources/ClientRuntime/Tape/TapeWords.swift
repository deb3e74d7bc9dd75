/// A word of a tape and where it stands.
struct TapeWord: Equatable {
    enum Content: Equatable {
        case plain(String)
        case quoted(String)
        case pattern(String)
        /// `{…}`: a theme of VHS.
        case braced(String)
    }

    let content: Content
    /// Line and column, from 1, the column counted in characters.
    let line: Int
    let column: Int
}

/// The words of a tape, in order.
///
/// Whitespace and line ends only separate; what follows `#` at the start of a word is a comment.
struct TapeWords {
    private let words: [TapeWord]
    private let file: String
    private var position = 0
    /// Where the command that is being read stands.
    private(set) var line = 1
    private(set) var column = 1

    init(_ text: String, file: String) throws {
        self.file = file
        var words: [TapeWord] = []
        let rows = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, row) in rows.enumerated() {
            try TapeWords.split(row, line: index + 1, file: file, into: &words)
        }
        self.words = words
    }

    /// The error that something is wrong with the command, or with the word read last.
    func error(_ problem: String, at word: TapeWord? = nil) -> TapeError {
        TapeError(file, word?.line ?? line, word?.column ?? column, problem)
    }

    private var peek: TapeWord? { position < words.count ? words[position] : nil }

    /// The next command's first word.
    mutating func command() -> TapeWord? {
        guard let word = peek else { return nil }
        position += 1
        line = word.line
        column = word.column
        return word
    }

    /// The next argument: on the command's line, or below it where it cannot be a command.
    private mutating func argument(_ fits: (TapeWord.Content) -> Bool) -> TapeWord? {
        guard let word = peek, fits(word.content) else { return nil }
        if case .plain(let text) = word.content, word.line != line, text.first?.isNumber != true {
            return nil
        }
        position += 1
        return word
    }

    /// The next word, quoted or not.
    mutating func text() -> (text: String, word: TapeWord)? {
        let found = argument {
            switch $0 {
            case .plain, .quoted, .braced: true
            case .pattern: false
            }
        }
        switch found?.content {
        case .plain(let text)?, .quoted(let text)?, .braced(let text)?:
            return found.map { (text, $0) }
        case .pattern?, nil: return nil
        }
    }

    mutating func quoted() -> String? {
        let found = argument { if case .quoted = $0 { true } else { false } }
        guard case .quoted(let text)? = found?.content else { return nil }
        return text
    }

    /// The next word, if `read` can make something of it and it is not quoted.
    mutating func plain<Value>(_ read: (String) -> Value?) -> (value: Value, word: TapeWord)? {
        var value: Value?
        let found = argument {
            guard case .plain(let text) = $0 else { return false }
            value = read(text)
            return value != nil
        }
        guard let value, let found else { return nil }
        return (value, found)
    }

    mutating func pattern() throws -> TapePattern? {
        let found = argument { if case .pattern = $0 { true } else { false } }
        guard let found, case .pattern(let source) = found.content else { return nil }
        do {
            return try TapePattern(source)
        } catch {
            throw self.error("/\(source)/ is no regular expression", at: found)
        }
    }

    // MARK: Splitting

    private static func split(
        _ row: Substring, line: Int, file: String, into words: inout [TapeWord]
    ) throws {
        var rest = row
        while true {
            rest = rest.drop(while: \.isWhitespace)
            guard let first = rest.first, first != "#" else { return }
            let column = row.distance(from: row.startIndex, to: rest.startIndex) + 1
            func add(_ content: TapeWord.Content) {
                words.append(TapeWord(content: content, line: line, column: column))
            }
            if first == "\"" || first == "'" || first == "`" {
                let inner = rest.dropFirst()
                guard let end = inner.firstIndex(of: first) else {
                    throw TapeError(file, line, column, "a string has no end: \(first) is missing")
                }
                add(.quoted(String(inner[..<end])))
                rest = inner[inner.index(after: end)...]
            } else if first == "{", let end = rest.lastIndex(of: "}") {
                add(.braced(String(rest[...end])))
                rest = rest[rest.index(after: end)...]
            } else if first == "/", expectsPattern(words.last, line) {
                guard let (source, after) = pattern(rest.dropFirst()) else {
                    throw TapeError(file, line, column, "a pattern has no end: / is missing")
                }
                add(.pattern(source))
                rest = after
            } else {
                let word = rest.prefix { !$0.isWhitespace }
                add(.plain(String(word)))
                rest = rest[word.endIndex...]
            }
        }
    }

    /// A slash starts a pattern only where one belongs: elsewhere it starts a path.
    private static func expectsPattern(_ word: TapeWord?, _ line: Int) -> Bool {
        guard case .plain(let text)? = word?.content else { return false }
        return text.hasPrefix("Wait") || text.hasPrefix("Expect")
    }

    /// What stands before the slash that ends it, and what follows; `\/` is a slash.
    private static func pattern(_ text: Substring) -> (String, Substring)? {
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
        return nil
    }

    // MARK: Words

    /// `Type@50ms` as `Type` and `50ms`.
    static func speed(of word: String) -> (name: String, speed: String?) {
        guard let at = word.firstIndex(of: "@"), at > word.startIndex,
            word.index(after: at) < word.endIndex, word[word.index(before: at)] != "+"
        else { return (word, nil) }
        return (String(word[..<at]), String(word[word.index(after: at)...]))
    }

    /// A time such as `500ms`, `2s`, `1.5m`, `3h`, `7d`, `2w`; without a unit, seconds.
    static func milliseconds(_ text: String) -> Int64? {
        let units: [(String, Double)] = [
            ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
            ("w", 604_800_000),
        ]
        let unit = units.first { text.hasSuffix($0.0) }
        let digits = text.dropLast(unit?.0.count ?? 0)
        guard digits.allSatisfy({ $0.isNumber || $0 == "." }), let number = Double(digits),
            (0...1e9).contains(number)
        else { return nil }
        return Int64((number * (unit?.1 ?? 1_000)).rounded())
    }
}
