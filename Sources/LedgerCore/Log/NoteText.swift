/// The few spellings that all C2SP texts share: lines, decimals, hashes.
enum NoteText {
    static let newline: UInt8 = 0x0a

    /// Splits text of whole lines; `nil` unless it ends in a newline.
    ///
    /// No bytes are no lines.
    static func lines(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        if text.isEmpty { return [] }
        guard text.last == newline else { return nil }
        return text.dropLast().split(separator: newline, omittingEmptySubsequences: false)
    }

    /// Reads a decimal number without sign or leading zeros; `nil` for others and above `Int.max`.
    static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
        guard let first = digits.first, first != 0x30 || digits.count == 1 else { return nil }
        var number = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (tens, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int(digit - 0x30))
            guard !tooLarge, !overflow else { return nil }
            number = sum
        }
        return number
    }

    /// Reads a hash in canonical base64.
    static func hash(_ base64: ArraySlice<UInt8>) -> Hash? {
        guard base64.count == 44, let bytes = Base64.standard.decode(base64) else { return nil }
        return Hash(bytes: bytes)
    }

    /// Returns UTF-8 text as a string; `nil` where it is not UTF-8.
    static func string(_ bytes: ArraySlice<UInt8>) -> String? {
        String(validating: bytes, as: UTF8.self)
    }

    /// Whether the two texts are the same bytes; `==` takes other spellings of a letter as equal.
    static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    /// Whether a line may hold the text: not empty, no control characters.
    static func isLine(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 }
    }
}
