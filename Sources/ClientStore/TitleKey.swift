internal import Foundation
internal import LedgerCore
internal import Synchronization

/// What a title is sorted by, so that SQLite's order of bytes is that of a language.
///
/// Letters count without case and accents, numbers by their value, everything else separates
/// words. For Chinese readers Chinese stands by pinyin and tone, and before Latin; for English ones it
/// stands behind Latin.
enum TitleKey {
    /// The longest key, in characters: what differs later stands in the order of the catalogue.
    private static let limit = 96

    /// The key of a title in the order of English, or of Chinese.
    static func key(_ title: LocalizedText, readsChinese: Bool) -> String {
        let (wanted, other) =
            readsChinese ? (title.chinese, title.english) : (title.english, title.chinese)
        return key(wanted.isEmpty ? other : wanted, readsChinese: readsChinese)
    }

    private static func key(_ text: String, readsChinese: Bool) -> String {
        var key = ""
        var digits = ""
        func finishNumber() {
            guard !digits.isEmpty else { return }
            let value = digits.drop { $0 == "0" }
            // A number of more digits is larger: its length stands before it.
            key += "0" + String(UnicodeScalar(UInt8(0x40 + min(value.count, 60)))) + value
            digits = ""
        }
        for scalar in text.unicodeScalars.prefix(limit) {
            if (0x30...0x39).contains(scalar.value) {
                digits.unicodeScalars.append(scalar)
                continue
            }
            finishNumber()
            if readsChinese, let reading = Pinyin.reading(of: scalar) {
                // Behind every digit, before every letter.
                key += "A" + reading
            } else if scalar.isASCII {
                key += letter(scalar.value)
            } else {
                key += folded(scalar)
            }
        }
        finishNumber()
        return key.trimmingCharacters(in: CharacterSet(charactersIn: " "))
    }

    private static func letter(_ value: UInt32) -> String {
        switch value {
        case 0x61...0x7a: return String(UnicodeScalar(UInt8(value)))
        case 0x41...0x5a: return String(UnicodeScalar(UInt8(value + 0x20)))
        default: return " "
        }
    }

    private static func folded(_ scalar: UnicodeScalar) -> String {
        guard scalar.properties.isAlphabetic else { return " " }
        if scalar.value >= 0x2e80 { return String(Character(scalar)) }
        return String(Character(scalar)).folding(
            options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
    }
}

/// How Han characters are read, each once (ICU, by Foundation).
enum Pinyin {
    private static let known = Mutex<[UInt32: String]>([:])

    /// The syllable, the tone and the character: `han3罕`; `nil` for what is no Han character.
    static func reading(of scalar: UnicodeScalar) -> String? {
        guard isHan(scalar) else { return nil }
        if let reading = known.withLock({ $0[scalar.value] }) { return reading }
        let reading = spell(scalar)
        known.withLock { $0[scalar.value] = reading }
        return reading
    }

    private static func spell(_ scalar: UnicodeScalar) -> String {
        let character = String(Character(scalar))
        let latin = character.applyingTransform(.mandarinToLatin, reverse: false) ?? character
        var syllable = ""
        var tone = 5
        for part in latin.decomposedStringWithCanonicalMapping.unicodeScalars {
            switch part.value {
            case 0x304: tone = 1
            case 0x301: tone = 2
            case 0x30c: tone = 3
            case 0x300: tone = 4
            // ü stands behind u.
            case 0x308: syllable += "z"
            default: syllable.unicodeScalars.append(part)
            }
        }
        return "\(syllable)\(tone)\(character)"
    }

    private static func isHan(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.value {
        case 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x20000...0x323af: true
        default: false
        }
    }
}
