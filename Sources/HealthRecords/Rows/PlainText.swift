/// Text from a file made fit for one cell of a table.
package enum PlainText {
    /// Returns `text` on one line: control and format characters and runs of white space become
    /// one space.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - limit: Most characters kept; a longer text ends in "…".
    /// - Returns: The line; empty if nothing visible is left.
    package static func line(_ text: String, limit: Int = 160) -> String {
        if isPlain(text, limit: limit) { return text }
        var line = ""
        var isGap = false
        var count = 0
        for character in text {
            let isSpace = character.unicodeScalars.allSatisfy(isGapScalar)
            if isSpace {
                isGap = !line.isEmpty
                continue
            }
            if isGap {
                line.append(" ")
                count += 1
                isGap = false
            }
            // A joiner inside an emoji stays; a lone control inside a cluster does not.
            if character.unicodeScalars.contains(where: {
                $0.properties.generalCategory == .control
            }) {
                continue
            }
            line.append(character)
            count += 1
            if count >= limit {
                return line + "…"
            }
        }
        return line
    }

    // Nearly every text of a record: visible ASCII with single spaces.
    private static func isPlain(_ text: String, limit: Int) -> Bool {
        guard text.utf8.count <= limit else { return false }
        var previous: UInt8 = 0x20
        for byte in text.utf8 {
            guard byte >= 0x20, byte < 0x7f, byte != 0x20 || previous != 0x20 else { return false }
            previous = byte
        }
        return previous != 0x20 || text.isEmpty
    }

    private static func isGapScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .spaceSeparator:
            true
        default: false
        }
    }
}
