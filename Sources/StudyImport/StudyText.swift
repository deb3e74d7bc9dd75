/// Rules for text of registries: folding white space, shortening, telling Chinese.
enum StudyText {
    /// Makes every run of white space one space and trims both ends; nothing else is changed.
    static func folded(_ text: String) -> String {
        fold(text, keepsParagraphs: false)
    }

    /// Folds white space, but an empty line stays as one line break.
    static func paragraphs(_ text: String) -> String {
        fold(text, keepsParagraphs: true)
    }

    /// Folds at the level of bytes: white space is ASCII, or U+0085, U+00A0, U+2028, U+2029,
    /// U+3000.
    private static func fold(_ text: String, keepsParagraphs: Bool) -> String {
        var output = [UInt8]()
        output.reserveCapacity(min(text.utf8.count, StudyLimits.textBytes))
        var hasGap = false
        var breaks = 0
        for scalar in text.unicodeScalars where output.count < StudyLimits.textBytes {
            switch scalar.value {
            case 0x0a, 0x85, 0x2028, 0x2029:
                hasGap = true
                breaks += 1
            case 0x09, 0x0b, 0x0c, 0x0d, 0x20, 0xa0, 0x3000:
                hasGap = true
            default:
                if hasGap, !output.isEmpty {
                    output.append(keepsParagraphs && breaks > 1 ? 0x0a : 0x20)
                }
                hasGap = false
                breaks = 0
                output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Shortens to a number of characters and of bytes in canonical JSON, with `…` at the end.
    ///
    /// Cuts between words if a space is near, always between characters; a single character
    /// longer than the limit (a letter under thousands of marks) is cut between its scalars.
    static func shortened(_ text: String, characters: Int = .max, bytes: Int) -> String {
        if text.utf8.count * 6 <= bytes, text.utf8.count <= characters { return text }
        let ellipsis = "…"
        let room = max(bytes - ellipsis.utf8.count, 0)
        var used = 0
        var count = 0
        var fits = true
        var cut = text.startIndex
        var lastSpace: String.Index?
        for index in text.indices {
            let character = text[index]
            let cost = jsonBytes(character.unicodeScalars)
            guard count < characters, used + cost <= bytes else {
                fits = false
                break
            }
            if used <= room, count < characters {
                if character == " " || character == "\n" { lastSpace = index }
                if used + cost <= room, count < characters - 1 { cut = text.index(after: index) }
            }
            used += cost
            count += 1
        }
        if fits { return text }
        if let space = lastSpace, text[space..<cut].utf8.count <= max(bytes / 8, 24) {
            cut = space
        }
        if cut == text.startIndex { return scalarPrefix(text, bytes: room) + ellipsis }
        return text[..<cut] + ellipsis
    }

    /// Joins a text, shortened, and a closing line to at most `bytes` of canonical JSON.
    ///
    /// An empty text stays empty: a closing line alone says nothing.
    static func joined(_ text: String, _ closing: String, _ bytes: Int) -> String {
        guard !text.isEmpty else { return "" }
        guard !closing.isEmpty else { return shortened(text, bytes: bytes) }
        let room = bytes - jsonBytes(closing.unicodeScalars) - 2
        guard room >= 40 else { return shortened(text, bytes: bytes) }
        return "\(shortened(text, bytes: room))\n\(closing)"
    }

    /// The bytes a text takes in canonical JSON, quotes left out.
    static func jsonBytes(_ scalars: some Sequence<Unicode.Scalar>) -> Int {
        scalars.reduce(0) { sum, scalar in
            switch scalar.value {
            case 0x22, 0x5c, 0x08, 0x09, 0x0a, 0x0c, 0x0d: sum + 2
            case 0..<0x20: sum + 6
            default: sum + UTF8.width(scalar)
            }
        }
    }

    /// Whether a text has Han characters and no Japanese or Korean letters.
    static func isChinese(_ text: String) -> Bool {
        var hasHan = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x3040...0x30ff, 0xac00...0xd7af: return false
            case 0x3400...0x9fff, 0x20000...0x323af: hasHan = true
            default: break
            }
        }
        return hasHan
    }

    private static func scalarPrefix(_ text: String, bytes: Int) -> String {
        var prefix = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += jsonBytes(CollectionOfOne(scalar))
            if used > bytes { break }
            prefix.append(scalar)
        }
        return String(prefix)
    }
}
