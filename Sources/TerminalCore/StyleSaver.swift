/// Rewrites what ncurses sends, so that fewer bytes give the same screen.
///
/// ncurses names both colours anew for each stretch, and resets them after each frame. Here a
/// change of style waits until something is drawn with it, is told as a difference, and is not
/// told to a blank that looks the same without it: moving a list's marker takes a dozen bytes
/// instead of eighty. Understands the control functions of ECMA-48 that ncurses uses with the
/// terminals of xterm's kind and the Linux console; what it does not know passes through.
///
/// What ncurses takes for the terminal's own colours may be those of the theme's text: it says
/// nothing for them then, and half as much for what differs from them in one colour.
package struct StyleSaver: Sendable {
    private struct Style: Equatable {
        /// Bit `n` stands for the attribute that `CSI n m` turns on, 1...9.
        var attributes: UInt16 = 0
        var foreground = Tint.terminal
        var background = Tint.terminal

        /// What a blank looks like.
        var blank: Style {
            // Lines are drawn in the foreground, and reversed it is all there is: bold and dim then
            // change it, and nothing a blank has otherwise.
            let isReversed = attributes & 1 << 7 != 0
            let hasLine = attributes & (1 << 4 | 1 << 9) != 0
            return Style(
                attributes: attributes & ~(isReversed ? 1 << 3 : 0b1110),
                foreground: isReversed || hasLine ? foreground : .terminal, background: background)
        }
    }

    /// A colour as `CSI m` takes it.
    private enum Tint: Equatable {
        /// The terminal's own.
        case terminal
        /// One of the sixteen: 30...37, 40...47, 90...97 or 100...107.
        case named(UInt8)
        /// `38;5;n` or `48;5;n`.
        case indexed(UInt8)
        /// `38;2;r;g;b` or `48;2;r;g;b`, or with colons.
        case direct(UInt8, UInt8, UInt8, Spelling = .semicolons)

        /// How the parts of a colour are held together.
        enum Spelling {
            case semicolons
            /// `38:2:r:g:b`, without the name of a colour space.
            case colons
            /// `38:2::r:g:b`, as ISO 8613-6 has it.
            case colonsWithSpace
        }

        /// How ncurses tells a colour: `kind` is 30 for a foreground, 40 for a background.
        init(_ colour: Colour, kind: UInt8) {
            switch colour {
            case .terminal: self = .terminal
            case .named(let named):
                let number = UInt8(named.rawValue)
                self = .named(number < 8 ? kind + number : kind + 60 + number - 8)
            case .indexed(let index): self = .indexed(index)
            case .rgb(let red, let green, let blue): self = .direct(red, green, blue)
            }
        }
    }

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    /// What the terminal draws with now; `nil` if that is not known.
    private var shown: Style?
    /// What ncurses believes that it draws with.
    private var believed = Style()
    /// What is drawn where ncurses believes in the terminal's own colours.
    private var own = Style()
    private var usesCharacterSets = false
    /// Whether ncurses said something about style that is not understood here: it tells the terminal
    /// itself then, until it begins anew.
    private var isBeyond = false
    private var output: [UInt8] = []

    /// Starts with a terminal whose style is not known.
    package init() {}

    /// From here on these colours are shown where ncurses believes in the terminal's own.
    package mutating func use(foreground: Colour, background: Colour) {
        own = Style(
            foreground: Tint(foreground, kind: 30), background: Tint(background, kind: 40))
    }

    /// What is to be drawn with.
    private var wanted: Style {
        var style = believed
        if style.foreground == .terminal { style.foreground = own.foreground }
        if style.background == .terminal { style.background = own.background }
        return style
    }

    /// Returns what to send instead of `bytes`, which end with a whole control function.
    package mutating func rewrite(_ bytes: [UInt8]) -> [UInt8] {
        output.removeAll(keepingCapacity: true)
        output.reserveCapacity(bytes.count)
        bytes.withUnsafeBufferPointer { rewrite($0) }
        return output
    }

    private mutating func rewrite(_ bytes: Bytes) {
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case 0x1B: position = escape(bytes, position)
            case 0x0A:
                tellBlank()
                output.append(byte)
                position += 1
            case 0..<0x20:
                output.append(byte)
                position += 1
            case 0x20:
                tellBlank()
                output.append(byte)
                position += 1
            default:
                tellAll()
                let start = position
                while position < bytes.count, bytes[position] > 0x20 { position += 1 }
                output += bytes[start..<position]
            }
        }
    }

    /// Returns what gives the terminal its own style back, before something else writes to it.
    package mutating func reset() -> [UInt8] {
        shown = nil
        believed = Style()
        isBeyond = false
        return Array("\u{1B}[m".utf8)
    }

    // MARK: Control functions

    private mutating func escape(_ bytes: Bytes, _ start: Int) -> Int {
        guard start + 1 < bytes.count else { return pass(bytes, start, bytes.count) }
        switch bytes[start + 1] {
        case UInt8(ascii: "["): return controlSequence(bytes, start)
        case UInt8(ascii: "("), UInt8(ascii: ")"):
            let end = min(start + 3, bytes.count)
            if bytes[end - 1] != UInt8(ascii: "B") { usesCharacterSets = true }
            return usesCharacterSets ? pass(bytes, start, end) : end
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
            UInt8(ascii: "_"):
            return pass(bytes, start, Self.endOfString(bytes, start))
        case UInt8(ascii: "M"):
            tellBlank()
            return pass(bytes, start, start + 2)
        default: return pass(bytes, start, start + 2)
        }
    }

    private mutating func controlSequence(_ bytes: Bytes, _ start: Int) -> Int {
        var index = start + 2
        while index < bytes.count, bytes[index] < 0x40 { index += 1 }
        guard index < bytes.count else { return pass(bytes, start, bytes.count) }
        let parameters = bytes[(start + 2)..<index]
        switch bytes[index] {
        case UInt8(ascii: "m"):
            if !isBeyond || Self.beginsAnew(parameters),
                let style = Self.style(believed, after: parameters)
            {
                believed = style
                isBeyond = false
                return index + 1
            }
            tellAll()
            isBeyond = true
            shown = nil
            return pass(bytes, start, index + 1)
        case UInt8(ascii: "K"), UInt8(ascii: "J"), UInt8(ascii: "X"), UInt8(ascii: "L"),
            UInt8(ascii: "M"), UInt8(ascii: "S"), UInt8(ascii: "T"), UInt8(ascii: "@"),
            UInt8(ascii: "P"):
            tellBlank()
            return pass(bytes, start, index + 1)
        default: return pass(bytes, start, index + 1)
        }
    }

    /// Whether a style's first number is 0, or none.
    private static func beginsAnew(_ parameters: Slice<Bytes>) -> Bool {
        let first = parameters.first { $0 != UInt8(ascii: "0") }
        return first == nil || first == UInt8(ascii: ";")
    }

    /// Where a control string ends that begins at `start`.
    private static func endOfString(_ bytes: Bytes, _ start: Int) -> Int {
        // The Linux console's palette has no end of its own: `ESC ] R`, `ESC ] P nrrggbb`.
        if bytes[start + 1] == UInt8(ascii: "]"), start + 2 < bytes.count {
            if bytes[start + 2] == UInt8(ascii: "R") { return start + 3 }
            if bytes[start + 2] == UInt8(ascii: "P") { return min(start + 10, bytes.count) }
        }
        for index in (start + 2)..<max(start + 2, bytes.count) {
            if bytes[index] == 0x07 { return index + 1 }
            if bytes[index] == UInt8(ascii: "\\"), bytes[index - 1] == 0x1B { return index + 1 }
        }
        return start + 2
    }

    private mutating func pass(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
        output += bytes[start..<end]
        return end
    }

    // MARK: Styles

    /// Returns the style that `CSI parameters m` makes of another; `nil` for one not understood.
    private static func style(_ style: Style, after parameters: Slice<Bytes>) -> Style? {
        var style = style
        var rest = Parameters(rest: parameters)
        while let number = rest.next() {
            switch number {
            case 0: style = Style()
            case 1...9: style.attributes |= 1 << UInt16(number)
            // The Linux console's own font.
            case 10: break
            case 22: style.attributes &= ~0b110
            case 23...29: style.attributes &= ~(1 << UInt16(number - 20))
            case 30...37, 90...97: style.foreground = .named(UInt8(number))
            case 39: style.foreground = .terminal
            case 40...47, 100...107: style.background = .named(UInt8(number))
            case 49: style.background = .terminal
            case 38:
                guard let tint = tint(&rest) else { return nil }
                style.foreground = tint
            case 48:
                guard let tint = tint(&rest) else { return nil }
                style.background = tint
            default: return nil
            }
        }
        return rest.isMalformed ? nil : style
    }

    /// Reads what follows `38` or `48`.
    private static func tint(_ rest: inout Parameters) -> Tint? {
        let isByColons = rest.isColonNext
        func byte() -> UInt8? { rest.next(inPart: isByColons).flatMap { UInt8(exactly: $0) } }
        var tint: Tint?
        switch byte() {
        case 5: tint = byte().map { .indexed($0) }
        case 2:
            guard let red = byte(), let green = byte(), let blue = byte() else { return nil }
            if red == 0, rest.isColonNext {
                tint = byte().map { .direct(green, blue, $0, .colonsWithSpace) }
            } else {
                tint = .direct(red, green, blue, isByColons ? .colons : .semicolons)
            }
        default: break
        }
        return rest.isColonNext ? nil : tint
    }

    /// The numbers of a control sequence, of at most three digits; nothing at all is one 0.
    private struct Parameters {
        private var rest: Slice<Bytes>
        private var isDone = false
        /// Whether the number read last goes on with a colon.
        private(set) var isColonNext = false
        /// Whether something was no such number, or stood where it does not belong.
        private(set) var isMalformed = false

        init(rest: Slice<Bytes>) { self.rest = rest }

        /// Reads the next number; `inPart` says that it belongs to the one before, by a colon.
        mutating func next(inPart: Bool = false) -> Int? {
            if isColonNext != inPart { isMalformed = true }
            guard !isDone, !isMalformed else { return nil }
            var value = 0
            var digits = 0
            while let byte = rest.popFirst() {
                switch byte {
                case 0x30...0x39 where digits < 3:
                    value = value * 10 + Int(byte - 0x30)
                    digits += 1
                case UInt8(ascii: ";"):
                    isColonNext = false
                    return value
                case UInt8(ascii: ":"):
                    isColonNext = true
                    return value
                default:
                    isMalformed = true
                    return nil
                }
            }
            isColonNext = false
            isDone = true
            return value
        }
    }

    private mutating func tellBlank() {
        guard !isBeyond else { return }
        guard let shown, shown.blank == wanted.blank else { return tellAll() }
    }

    private mutating func tellAll() {
        let wanted = wanted
        if isBeyond || shown == wanted { return }
        // `CSI m` is `CSI 0 m`.
        var parts =
            wanted == Style() ? [] : Self.parts(from: Style(), to: wanted, opening: [0x30])
        if let shown {
            let change = Self.parts(from: shown, to: wanted, opening: [])
            if change.count < max(parts.count, 1) { parts = change }
        }
        output += [0x1B, UInt8(ascii: "[")]
        output += parts
        output.append(UInt8(ascii: "m"))
        shown = wanted
    }

    /// The parameters that make one style of another, parted by semicolons.
    private static func parts(from old: Style, to new: Style, opening: [UInt8]) -> [UInt8] {
        var parts = opening
        var kept = old.attributes
        let ended = old.attributes & ~new.attributes
        if ended & 0b110 != 0 {
            append(22, to: &parts)
            kept &= ~0b110
        }
        for number in 3...9 where ended & (1 << UInt16(number)) != 0 {
            append(20 + UInt8(number), to: &parts)
        }
        for number in 1...9 where new.attributes & ~kept & (1 << UInt16(number)) != 0 {
            append(UInt8(number), to: &parts)
        }
        if old.foreground != new.foreground { append(new.foreground, 38, to: &parts) }
        if old.background != new.background { append(new.background, 48, to: &parts) }
        return parts
    }

    private static func append(_ tint: Tint, _ kind: UInt8, to parts: inout [UInt8]) {
        switch tint {
        case .terminal: append(kind + 1, to: &parts)
        case .named(let number): append(number, to: &parts)
        case .indexed(let number):
            for part in [kind, 5, number] { append(part, to: &parts) }
        case .direct(let red, let green, let blue, .semicolons):
            for part in [kind, 2, red, green, blue] { append(part, to: &parts) }
        case .direct(let red, let green, let blue, let spelling):
            append(kind, to: &parts)
            let first = spelling == .colons ? ":" : "::"
            for (separator, part) in [(":", 2), (first, red), (":", green), (":", blue)] {
                parts += Array(separator.utf8)
                append(part, toPart: &parts)
            }
        }
    }

    private static func append(_ number: UInt8, to parts: inout [UInt8]) {
        if !parts.isEmpty { parts.append(UInt8(ascii: ";")) }
        append(number, toPart: &parts)
    }

    private static func append(_ number: UInt8, toPart parts: inout [UInt8]) {
        if number >= 100 { parts.append(0x30 + number / 100) }
        if number >= 10 { parts.append(0x30 + number / 10 % 10) }
        parts.append(0x30 + number % 10)
    }
}
