/// Text being typed; the cursor stands at its end.
package struct TextField: Equatable, Sendable {
    /// What was typed.
    package private(set) var text = ""

    /// The longest text that can be typed, in characters.
    static let limit = 400

    /// Makes a field with text in it.
    init(_ text: String = "") { self.text = text }

    /// Changes the text; line breaks of a paste are left out.
    mutating func apply(_ edit: TextEdit) {
        switch edit {
        case .inserted(let more):
            text = String((text + more.filter { !$0.isNewline }).prefix(Self.limit))
        case .deletedBackward: text = String(text.dropLast())
        case .deletedWord:
            while text.last == " " { text.removeLast() }
            while let last = text.last, last != " ", last != "/" { text.removeLast() }
            if text.last == "/" { text.removeLast() }
        case .cleared: text = ""
        }
    }
}
