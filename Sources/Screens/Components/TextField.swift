/// Text being typed; the cursor stands at its end.
package struct TextField: Equatable, Sendable {
    /// What was typed.
    package private(set) var text = ""

    /// The longest text that can be typed, in characters.
    static let limit = 400

    /// Makes a field with text in it.
    init(_ text: String = "") { self.text = text }

    /// Changes the text.
    ///
    /// A paste becomes one line: breaks and tabs between words become a space, and what nobody sees
    /// (controls, marks of writing direction, zero-width characters) is left out.
    mutating func apply(_ edit: TextEdit) {
        switch edit {
        case .inserted(let more):
            text = String((text + Self.clean(more)).prefix(Self.limit))
        case .deletedBackward: text = String(text.dropLast())
        case .deletedWord:
            while text.last == " " { text.removeLast() }
            while let last = text.last, last != " ", last != "/" { text.removeLast() }
            if text.last == "/" { text.removeLast() }
        case .cleared: text = ""
        }
    }

    private static func clean(_ pasted: String) -> String {
        if pasted.count == 1, let only = pasted.first, !only.isWhitespace, only.isASCII {
            return pasted
        }
        let isOneLine = !pasted.contains { $0.isNewline || $0 == "\t" }
        let line =
            isOneLine
            ? pasted
            : pasted.split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
        let kept = line.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
            case .format: scalar.value == 0x200D
            default: true
            }
        }
        return String(String.UnicodeScalarView(kept))
    }
}
