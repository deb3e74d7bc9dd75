/// Scalars that are a character of their own whatever stands beside them.
///
/// Text of these alone needs no look at grapheme clusters, which is what drawing text otherwise
/// spends its time on: nearly all Latin and Chinese text is of this sort. None of them is a
/// control, invisible, a mark, part of a flag or a jamo, and all are assigned; a test checks it.
enum LoneScalars {
    /// Whether a scalar is one of them.
    @inline(__always)
    static func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 0x7F { return value >= 0x20 }
        if value >= 0x4E00, value <= 0x9FFC { return true }
        return containsRare(value)
    }

    private static func containsRare(_ value: UInt32) -> Bool {
        switch value {
        // Latin without the soft hyphen, phonetic letters, Cyrillic.
        case 0xA1...0xAC, 0xAE...0x2FF, 0x400...0x482, 0x48A...0x52F: true
        // Spaces, dashes, quotes, further punctuation.
        case 0x2000...0x200A, 0x2010...0x2027, 0x2030...0x205E: true
        // Arrows; enclosed numbers, lines, blocks, shapes and symbols.
        case 0x2190...0x21FF, 0x2460...0x27BF: true
        // CJK punctuation, kana, Han, full-width forms.
        case 0x3000...0x3029, 0x3041...0x3096, 0x30A0...0x30FF, 0x3400...0x4DBF: true
        case 0xFF01...0xFF60: true
        default: false
        }
    }

    /// Whether a text has no other scalar.
    static func isAll(of text: String) -> Bool {
        isPlain(text) || text.unicodeScalars.allSatisfy(contains)
    }

    /// Whether a text is printable ASCII.
    static func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for byte in bytes where byte < 0x20 || byte >= 0x7F { return false }
            return true
        }
    }

    /// The text of each printable ASCII character, by its number less 32.
    static let plainTexts: [String] = (0x20..<0x7F).map { String(Unicode.Scalar(UInt8($0))) }
}
