/// Text that is safe to send to a terminal: the only type that output takes.
///
/// Nothing in it moves the cursor, changes a mode, reorders or hides what stands beside it.
/// Whatever it is made from, literals included, goes through the same steps:
///
/// - line breaks and tabs become one space (see `paragraphs(untrusted:)` to keep paragraphs);
/// - C0 controls become their pictures (ESC is `␛`), and C1 controls, bidi controls, invisible,
///   private, unassigned and non-characters their number: `‹U+202E›`;
/// - a zero-width joiner or a variation selector stays where it belongs to an emoji;
/// - a combining mark with nothing to stand on gets `◌`, and a base keeps at most 8 marks.
package struct SafeText: Hashable, Sendable {
    /// The text as it may be printed.
    package let string: String

    /// Makes text from anything: from a file, the network, a person, the system.
    package init(untrusted: String) {
        self.string = LoneScalars.isAll(of: untrusted) ? untrusted : Self.cleaned(untrusted)
    }

    private init(clean: String) { string = clean }

    /// Text with nothing in it.
    package static let empty = SafeText(clean: "")

    /// Whether there is no character in it.
    package var isEmpty: Bool { string.isEmpty }

    /// Returns both texts, one after the other.
    package static func + (left: SafeText, right: SafeText) -> SafeText {
        SafeText(clean: left.string + right.string)
    }

    /// Adds text at the end.
    package static func += (left: inout SafeText, right: SafeText) {
        left = left + right
    }

    /// Returns the text repeated, at most 1,000 times.
    package func repeated(_ count: Int) -> SafeText {
        SafeText(clean: String(repeating: string, count: min(max(count, 0), 1_000)))
    }

    /// Returns a part of this text: any part of safe text that starts at a character is safe.
    func part(_ characters: some Sequence<Character>) -> SafeText {
        SafeText(clean: String(characters))
    }

    /// Returns a part of this text that starts and ends at a character.
    func part(_ part: Substring) -> SafeText { SafeText(clean: String(part)) }

    /// Splits text at its line breaks, so that each paragraph can be wrapped by itself.
    ///
    /// `\n`, `\r\n`, `\r`, U+0085, U+2028 and U+2029 break; an empty line gives an empty text.
    package static func paragraphs(untrusted: String) -> [SafeText] {
        untrusted.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { SafeText(untrusted: String($0)) }
    }
}

extension SafeText: CustomStringConvertible {
    /// The text as it may be printed.
    package var description: String { string }
}

extension SafeText: ExpressibleByStringInterpolation {
    /// Makes text from a literal.
    package init(stringLiteral value: String) { self.init(untrusted: value) }

    /// Makes text from an interpolated literal.
    package init(stringInterpolation: Interpolation) {
        if stringInterpolation.isClean {
            self.init(clean: stringInterpolation.text)
        } else {
            self.init(untrusted: stringInterpolation.text)
        }
    }

    /// Collects the parts of an interpolated literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text: String
        /// Whether all parts are safe as they are.
        fileprivate var isClean = true

        /// Makes room for the parts.
        package init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + interpolationCount * 8)
        }

        /// Adds a literal part.
        package mutating func appendLiteral(_ literal: String) { add(literal) }
        /// Adds text that is safe already.
        package mutating func appendInterpolation(_ value: SafeText) { text += value.string }
        /// Adds text from anywhere.
        package mutating func appendInterpolation(_ value: String) { add(value) }
        /// Adds a character from anywhere.
        package mutating func appendInterpolation(_ value: Character) { add(String(value)) }
        /// Adds a whole number in plain digits.
        package mutating func appendInterpolation(_ value: some BinaryInteger) {
            text += String(value)
        }
        /// Adds what a value says about itself.
        package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            add(value.description)
        }

        private mutating func add(_ part: String) {
            if !LoneScalars.isAll(of: part) { isClean = false }
            text += part
        }
    }
}

// MARK: - Cleaning

extension SafeText {
    /// The most combining marks kept on one base; real writing needs three or four.
    static let markLimit = 8

    private static func cleaned(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        var endsInBreak = false
        for character in text {
            if character.isNewline || character == "\t" {
                if !endsInBreak { result += " " }
                endsInBreak = true
                continue
            }
            endsInBreak = false
            append(character, to: &result)
        }
        return result
    }

    private static func append(_ character: Character, to result: inout String) {
        let scalars = character.unicodeScalars
        var cluster = Cluster(into: result)
        for scalar in scalars { cluster.append(scalar) }
        cluster.finish()
        result = cluster.result
    }

    /// One grapheme cluster on its way through the cleaning.
    private struct Cluster {
        var result: String
        private var base: Unicode.Scalar?
        private var previous: Unicode.Scalar?
        private var marks = 0

        init(into result: String) { self.result = result }

        mutating func append(_ scalar: Unicode.Scalar) {
            defer { previous = scalar }
            if let picture = SafeText.visible(scalar) {
                if keepsInvisible(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += picture
                    base = nil
                    marks = 0
                }
                return
            }
            guard TextWidth.isMark(scalar) else {
                base = scalar
                marks = 0
                result.unicodeScalars.append(scalar)
                return
            }
            if base == nil {
                result += "\u{25CC}"
                base = "\u{25CC}"
            }
            marks += 1
            if marks <= SafeText.markLimit { result.unicodeScalars.append(scalar) }
        }

        /// Shows a joiner that joins nothing.
        mutating func finish() {
            guard previous?.value == 0x200D, result.unicodeScalars.last?.value == 0x200D else {
                return
            }
            result.unicodeScalars.removeLast()
            result += SafeText.visible("\u{200D}") ?? ""
        }

        /// Whether an invisible scalar belongs to the emoji it follows.
        private func keepsInvisible(_ scalar: Unicode.Scalar) -> Bool {
            guard let base, base.properties.isEmoji, let previous else { return false }
            switch scalar.value {
            case 0xFE0E, 0xFE0F: return previous == base
            case 0x200D:
                return base.value > 0xFF && previous.value != 0x200D
            default: return false
            }
        }
    }

    /// Returns how a scalar that must not be printed is shown, or `nil` for one that may.
    private static func visible(_ scalar: Unicode.Scalar) -> String? {
        let value = scalar.value
        switch value {
        case 0..<0x20: return picture(value)
        case 0x20..<0x7F: return nil
        case 0x7F: return "\u{2421}"
        default: break
        }
        let properties = scalar.properties
        let isHidden: Bool =
            switch properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
                .paragraphSeparator:
                true
            default: properties.isDefaultIgnorableCodePoint
            }
        return isHidden ? "\u{2039}U+\(hexadecimal(value))\u{203A}" : nil
    }

    private static func picture(_ control: UInt32) -> String {
        Unicode.Scalar(0x2400 + control).map { String(Character($0)) } ?? "?"
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
    }
}
