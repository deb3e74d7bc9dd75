/// Rewrites what ncurses sends, so that fewer bytes give the same screen.
///
/// ncurses names both colours anew for each stretch, and resets them after each frame. Here a
/// change of style waits until something is drawn with it, is told as a difference, and is not
/// told to a blank that looks the same without it: moving a list's marker takes a dozen bytes
/// instead of eighty. Understands the control functions of ECMA-48 that ncurses uses with the
/// terminals of xterm's kind and the Linux console; what it does not know passes through.
package struct StyleSaver: Sendable {
    private struct Style: Equatable {
        /// Bit `n` stands for the attribute that `CSI n m` turns on, 1...9.
        var attributes: UInt16 = 0
        /// As `CSI m` takes it; empty for the terminal's own.
        var foreground: [UInt8] = []
        /// As `CSI m` takes it; empty for the terminal's own.
        var background: [UInt8] = []

        /// What a blank looks like.
        var blank: Style {
            // Bold, dim and italic change the shape and colour of what a blank does not have.
            Style(attributes: attributes & ~0b1110, background: background)
        }
    }

    /// What the terminal draws with now; `nil` if that is not known.
    private var shown: Style?
    /// What ncurses believes that it draws with.
    private var wanted = Style()
    private var usesCharacterSets = false
    private var output: [UInt8] = []

    /// Starts with a terminal whose style is not known.
    package init() {}

    /// Returns what to send instead of `bytes`, which end with a whole control function.
    package mutating func rewrite(_ bytes: [UInt8]) -> [UInt8] {
        output.removeAll(keepingCapacity: true)
        output.reserveCapacity(bytes.count)
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
        return output
    }

    /// Returns what gives the terminal its own style back, before something else writes to it.
    package mutating func reset() -> [UInt8] {
        shown = nil
        wanted = Style()
        return Array("\u{1B}[m".utf8)
    }

    // MARK: Control functions

    private mutating func escape(_ bytes: [UInt8], _ start: Int) -> Int {
        guard start + 1 < bytes.count else { return pass(bytes, start, bytes.count) }
        switch bytes[start + 1] {
        case UInt8(ascii: "["): return controlSequence(bytes, start)
        case UInt8(ascii: "("), UInt8(ascii: ")"):
            let end = min(start + 3, bytes.count)
            if bytes[end - 1] != UInt8(ascii: "B") { usesCharacterSets = true }
            return usesCharacterSets ? pass(bytes, start, end) : end
        case UInt8(ascii: "M"):
            tellBlank()
            return pass(bytes, start, start + 2)
        default: return pass(bytes, start, start + 2)
        }
    }

    private mutating func controlSequence(_ bytes: [UInt8], _ start: Int) -> Int {
        var index = start + 2
        while index < bytes.count, bytes[index] < 0x40 { index += 1 }
        guard index < bytes.count else { return pass(bytes, start, bytes.count) }
        let parameters = bytes[(start + 2)..<index]
        switch bytes[index] {
        case UInt8(ascii: "m"):
            if let style = Self.style(wanted, after: parameters) {
                wanted = style
                return index + 1
            }
            tellAll()
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

    private mutating func pass(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int {
        output += bytes[start..<end]
        return end
    }

    // MARK: Styles

    /// Returns the style that `CSI parameters m` makes of another; `nil` for one not understood.
    private static func style(_ style: Style, after parameters: ArraySlice<UInt8>) -> Style? {
        var style = style
        let parts = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        var index = 0
        while index < parts.count {
            let part = parts[index]
            guard let number = number(part) else {
                // 38:2::1:2:3 is one part.
                if part.starts(with: [0x33, 0x38, 0x3A]) {
                    style.foreground = Array(part)
                } else if part.starts(with: [0x34, 0x38, 0x3A]) {
                    style.background = Array(part)
                } else {
                    return nil
                }
                index += 1
                continue
            }
            var used = 1
            switch number {
            case 0: style = Style()
            case 1...9: style.attributes |= 1 << UInt16(number)
            case 22: style.attributes &= ~0b110
            case 23...29: style.attributes &= ~(1 << UInt16(number - 20))
            case 30...37, 90...97: style.foreground = Array(part)
            case 39: style.foreground = []
            case 40...47, 100...107: style.background = Array(part)
            case 49: style.background = []
            case 38, 48:
                guard index + 1 < parts.count, let kind = Self.number(parts[index + 1]) else {
                    return nil
                }
                used = kind == 5 ? 3 : kind == 2 ? 5 : parts.count + 1
                guard index + used <= parts.count else { return nil }
                let colour = Array(parts[index..<(index + used)].joined(separator: [0x3B]))
                if number == 38 { style.foreground = colour } else { style.background = colour }
            default: return nil
            }
            index += used
        }
        return style
    }

    /// Reads a number of at most three digits; nothing counts 0.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.count <= 3 else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    private mutating func tellBlank() {
        if shown == wanted { return }
        guard let shown, shown.blank == wanted.blank else { return tellAll() }
    }

    private mutating func tellAll() {
        if shown == wanted { return }
        let whole = Self.parts(from: Style(), to: wanted, opening: ["0"])
        let change = shown.map { Self.parts(from: $0, to: wanted, opening: []) }
        let parts = change.map { Self.length($0) < Self.length(whole) ? $0 : whole } ?? whole
        output += [0x1B, UInt8(ascii: "[")]
        // `CSI m` is `CSI 0 m`.
        if parts != [[UInt8(ascii: "0")]] {
            output += parts.joined(separator: [UInt8(ascii: ";")])
        }
        output.append(UInt8(ascii: "m"))
        shown = wanted
    }

    private static func length(_ parts: [[UInt8]]) -> Int { parts.reduce(0) { $0 + $1.count + 1 } }

    private static func parts(from old: Style, to new: Style, opening: [String]) -> [[UInt8]] {
        var parts = opening.map { Array($0.utf8) }
        var kept = old.attributes
        let ended = old.attributes & ~new.attributes
        if ended & 0b110 != 0 {
            parts.append(Array("22".utf8))
            kept &= ~0b110
        }
        for number in 3...9 where ended & (1 << UInt16(number)) != 0 {
            parts.append(Array("\(20 + number)".utf8))
        }
        for number in 1...9 where new.attributes & ~kept & (1 << UInt16(number)) != 0 {
            parts.append(Array("\(number)".utf8))
        }
        if old.foreground != new.foreground {
            parts.append(new.foreground.isEmpty ? Array("39".utf8) : new.foreground)
        }
        if old.background != new.background {
            parts.append(new.background.isEmpty ? Array("49".utf8) : new.background)
        }
        return parts
    }
}
