import Foundation
import Testing

/// What people read stands in `Words`, in both languages, and nowhere else.
struct WordsTidyTests {
    /// Names that stand on screens as they are: the program's, those of keys, samples of addresses.
    private static let names: Set<String> = [
        "accord", "esc", "tab", "shift-tab", "pgup", "pgdn", "home", "end", "space", "ctrl-",
        "http://…", "http://", "https://", "XXXX-XXXX-XXXXX", "dark", "~/accord-.tlog-proof",
        "~/accord-export",
    ]
    /// Files whose strings are typed by people, or are names in files, and never shown as text.
    private static let exempt: Set<String> = ["PlainInput.swift", "KeyMap.swift"]

    /// The literals of a line, what is filled in left out; messages of preconditions are for us.
    private static func literals(_ line: String) -> [String] {
        line.hasPrefix("//") || line.contains("precondition(") ? [] : found(line)
    }

    private static func found(_ line: String) -> [String] {
        var literals: [String] = []
        var current: String?
        var depth = 0
        var previous: Character = " "
        for character in line {
            if previous == "\\", character == "(" {
                depth += 1
                current?.removeLast()
            } else if depth > 0 {
                depth += character == "(" ? 1 : (character == ")" ? -1 : 0)
            } else if character == "\"", previous != "\\" {
                if let text = current { literals.append(text) }
                current = current == nil ? "" : nil
            } else {
                current?.append(character)
            }
            previous = character
        }
        return literals
    }

    /// Whether a literal says something: a Chinese character, or three letters in a row.
    private static func speaks(_ text: String) -> Bool {
        var letters = 0
        for scalar in text.unicodeScalars {
            if (0x3400...0x9FFF).contains(scalar.value) { return true }
            letters = scalar.properties.isAlphabetic ? letters + 1 : 0
            if letters >= 3 { return true }
        }
        return false
    }

    @Test func `a literal that speaks is found`() {
        #expect(Self.literals(#"page.text("Nothing here")"#) == ["Nothing here"])
        #expect(Self.literals(#"write("\(number("a")) of \(all)")"#) == [" of "])
        #expect(Self.speaks("Nothing here") && Self.speaks("无"))
        #expect(!Self.speaks(" · ") && !Self.speaks("[x] ") && !Self.speaks("▌"))
    }

    @Test func `no screen says anything that is not in Words`() throws {
        for file in try SourceTree.files(in: "Sources") where file.target == "Screens" {
            let name = file.path.split(separator: "/").last.map(String.init) ?? ""
            guard !file.path.contains("/Words/"), !Self.exempt.contains(name) else { continue }
            let places = file.places { line in
                Self.literals(line).contains { Self.speaks($0) && !Self.names.contains($0) }
            }
            #expect(places.isEmpty, "\(places)")
        }
    }

    @Test func `lines of plain mode come from Words too`() throws {
        for file in try SourceTree.files(in: "Sources")
        where file.path.hasSuffix("/PlainRunner.swift") || file.path.hasSuffix("/PlainApp.swift") {
            let places = file.places { line in Self.literals(line).contains(where: Self.speaks) }
            #expect(places.isEmpty, "\(places)")
        }
    }

    /// What tells a person something in the programs' own sources.
    private static let telling = [
        "CommandFailure(", "ValidationError(", "print(", "complain(", ".failure(", ".line(\"",
        ".note(",
    ]

    /// The literals of a call that begins in a line, as far as its parentheses go.
    private static func literals(callAt index: Int, in lines: [String]) -> [String] {
        var depth = 0
        var texts: [String] = []
        for line in lines[index...].prefix(12) {
            texts += literals(line)
            depth += line.count { $0 == "(" } - line.count { $0 == ")" }
            if depth <= 0 { break }
        }
        return texts
    }

    /// Whether a text is a sentence in English: four words of its own in a row.
    private static func isSentence(_ text: String) -> Bool {
        text.contains(#/(?:[A-Za-z][a-z']+ ){3,}[A-Za-z]/#)
    }

    @Test func `no command says a sentence in English alone`() throws {
        for file in try SourceTree.files(in: "Sources") where file.target == "accord" {
            for (index, line) in file.lines.enumerated()
            where Self.telling.contains(where: line.contains) && !line.hasPrefix("//") {
                let texts = Self.literals(callAt: index, in: file.lines)
                let english = texts.filter(Self.isSentence)
                let isPaired = texts.contains { text in
                    text.unicodeScalars.contains { (0x3400...0x9FFF).contains($0.value) }
                }
                #expect(english.isEmpty || isPaired, "\(file.path):\(index + 1): \(english)")
            }
        }
    }
}
