/// Turns the bytes a terminal sends into keys.
///
/// Knows the sequences of xterm, tmux, screen, rxvt, the Linux console and the VT100, in both
/// cursor key modes. Bytes that mean nothing are dropped, so that whatever arrives, the next key
/// pressed is read rightly.
package struct KeyParser: Sendable {
    private var pending: [UInt8] = []
    private var pasted: [UInt8]?

    /// Whether the terminal said that it knows synchronized output (mode 2026).
    package private(set) var knowsSynchronizedOutput = false

    /// The most bytes one paste keeps; the rest of it is dropped.
    package static let pasteLimitBytes = 65_536

    /// Makes a parser.
    package init() {}

    /// What an unfinished sequence is waiting for.
    package enum Pending: Hashable, Sendable {
        /// More of an escape sequence, or of a character: give it 25 ms.
        case sequence
        /// More of a paste: give it a second.
        case paste
    }

    /// What is waiting for more bytes; `nil` if nothing is.
    package var waiting: Pending? {
        if pasted != nil { return .paste }
        return pending.isEmpty ? nil : .sequence
    }

    /// Takes bytes in the order they came and returns the keys that are complete.
    package mutating func parse(_ bytes: [UInt8]) -> [Key] {
        pending += bytes
        var keys: [Key] = []
        var position = 0
        while position < pending.count {
            if pasted != nil {
                guard let next = continuePaste(position, &keys) else { break }
                position = next
                continue
            }
            guard let next = step(position, &keys) else { break }
            position = next
        }
        pending.removeFirst(position)
        return keys
    }

    /// Ends what was waiting: a lone ESC becomes Escape, ESC and a character Alt.
    package mutating func flush() -> [Key] {
        if let text = pasted {
            pasted = nil
            return [.paste(String(decoding: text, as: UTF8.self))] + parse([])
        }
        guard let first = pending.first else { return [] }
        let rest = pending.dropFirst()
        pending = []
        guard first == 0x1B else { return [] }
        if rest.isEmpty { return [.escape] }
        guard rest.count == 1, let byte = rest.first, byte > 0x20, byte < 0x7F else { return [] }
        return [.alt(Character(Unicode.Scalar(byte)))]
    }

    // MARK: One key

    /// Reads one key; returns where the next starts, or `nil` if bytes are missing.
    private mutating func step(_ start: Int, _ keys: inout [Key]) -> Int? {
        let byte = pending[start]
        switch byte {
        case 0x1B: return escape(start, &keys)
        case 0x00: keys.append(.control(" "))
        case 0x08, 0x7F: keys.append(.backspace)
        case 0x09: keys.append(.tab)
        case 0x0A, 0x0D: keys.append(.enter)
        case 0x01...0x1A: keys.append(.control(Character(Unicode.Scalar(byte + 0x60))))
        case 0x1C...0x1F: keys.append(.control(Character(Unicode.Scalar(byte + 0x40))))
        case 0x20...0x7E: keys.append(.character(Character(Unicode.Scalar(byte))))
        default:
            guard let (scalar, end) = scalar(start) else { return nil }
            if let scalar { keys.append(.character(Character(scalar))) }
            return end
        }
        return start + 1
    }

    /// Reads a scalar of several bytes; `nil` if bytes are missing, no scalar if they are wrong.
    private func scalar(_ start: Int) -> (Unicode.Scalar?, Int)? {
        let first = pending[start]
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard (0xC2...0xF4).contains(first) else { return (nil, start + 1) }
        let available = pending[start...].prefix(length)
        let following = available.dropFirst()
        if let wrong = following.firstIndex(where: { $0 & 0xC0 != 0x80 }) { return (nil, wrong) }
        if available.count < length { return nil }
        let scalars = Array(String(decoding: available, as: UTF8.self).unicodeScalars)
        guard scalars.count == 1, let scalar = scalars.first, scalar != "\u{FFFD}",
            scalar.value >= 0xA0
        else { return (nil, start + length) }
        return (scalar, start + length)
    }

    private mutating func escape(_ start: Int, _ keys: inout [Key]) -> Int? {
        let next = start + 1
        guard next < pending.count else { return nil }
        switch pending[next] {
        case UInt8(ascii: "["): return controlSequence(next + 1, &keys)
        case UInt8(ascii: "O"): return singleShift(next + 1, &keys)
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
            return skipString(next + 1)
        case 0..<0x20, 0x7F:
            keys.append(.escape)
            return next
        case 0x20..<0x7F:
            keys.append(.alt(Character(Unicode.Scalar(pending[next]))))
            return next + 1
        default:
            guard let (scalar, end) = scalar(next) else { return nil }
            if let scalar { keys.append(.alt(Character(scalar))) }
            return end
        }
    }

    /// Skips an answer of the terminal, which ends with BEL or ESC `\`.
    private func skipString(_ start: Int) -> Int? {
        for index in start..<pending.count {
            if pending[index] == 0x07 || index - start > 4_096 { return index + 1 }
            if pending[index] == 0x1B {
                guard index + 1 < pending.count else { return nil }
                return pending[index + 1] == UInt8(ascii: "\\") ? index + 2 : index
            }
        }
        return nil
    }

    private func singleShift(_ start: Int, _ keys: inout [Key]) -> Int? {
        guard start < pending.count else { return nil }
        let final = pending[start]
        guard final > 0x20, final < 0x7F else { return start }
        if let key = Self.letterKey(final) {
            keys.append(key)
        } else if final == UInt8(ascii: "M") {
            keys.append(.enter)
        } else if (UInt8(ascii: "j")...UInt8(ascii: "y")).contains(final) {
            keys.append(.character(Character(Unicode.Scalar(final - 0x40))))
        }
        return start + 1
    }

    // MARK: Control sequences

    private mutating func controlSequence(_ start: Int, _ keys: inout [Key]) -> Int? {
        guard start < pending.count else { return nil }
        if pending[start] == UInt8(ascii: "[") { return consoleFunction(start + 1, &keys) }
        if pending[start] == UInt8(ascii: "M") {
            return start + 4 <= pending.count ? start + 4 : nil
        }
        var index = start
        while index < pending.count {
            let byte = pending[index]
            if byte >= 0x40, byte < 0x7F {
                finish(pending[start..<index], final: byte, &keys)
                return index + 1
            }
            guard byte >= 0x20, byte < 0x40, index - start < 64 else { return index }
            index += 1
        }
        return nil
    }

    /// The Linux console's F1 to F5: `ESC [ [ A` to `E`.
    private func consoleFunction(_ index: Int, _ keys: inout [Key]) -> Int? {
        guard index < pending.count else { return nil }
        let number = Int(pending[index]) - 0x40
        guard (1...5).contains(number) else { return index }
        keys.append(.function(number))
        return index + 1
    }

    private mutating func finish(
        _ parameters: ArraySlice<UInt8>, final: UInt8, _ keys: inout [Key]
    ) {
        if parameters.first == UInt8(ascii: "<") {
            if let key = Self.mouse(Self.numbers(parameters.dropFirst()), final) {
                keys.append(key)
            }
            return
        }
        if parameters.first == UInt8(ascii: "?") {
            let isAnswer = final == UInt8(ascii: "y") && parameters.last == UInt8(ascii: "$")
            let numbers = Self.numbers(parameters.dropFirst().dropLast())
            if isAnswer, numbers.count == 2, numbers[0] == 2026 {
                knowsSynchronizedOutput = numbers[1] == 1 || numbers[1] == 2
            }
            return
        }
        if final == UInt8(ascii: "~") {
            let number = Self.numbers(parameters).first ?? 0
            if number == 200 {
                pasted = []
            } else if let key = Self.tildeKey(number) {
                keys.append(key)
            }
        } else if final == UInt8(ascii: "Z") {
            keys.append(.shiftTab)
        } else if let key = Self.letterKey(final) {
            // `ESC [ 12 ; 40 R` reports the cursor; F3 with a modifier is `ESC [ 1 ; 5 R`.
            let isReport = final == UInt8(ascii: "R") && Self.numbers(parameters).first != 1
            if !isReport { keys.append(key) }
        }
    }

    /// Numbers between semicolons; a missing or absurd one counts 0.
    private static func numbers(_ bytes: ArraySlice<UInt8>) -> [Int] {
        bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { digits in
            digits.count <= 5 ? Int(String(decoding: digits, as: UTF8.self)) ?? 0 : 0
        }
    }

    private static func letterKey(_ final: UInt8) -> Key? {
        switch Character(Unicode.Scalar(final)) {
        case "A": .up
        case "B": .down
        case "C": .right
        case "D": .left
        case "H": .home
        case "F": .end
        case "P": .function(1)
        case "Q": .function(2)
        case "R": .function(3)
        case "S": .function(4)
        default: nil
        }
    }

    private static func tildeKey(_ number: Int) -> Key? {
        switch number {
        case 1, 7: .home
        case 2: .insert
        case 3: .delete
        case 4, 8: .end
        case 5: .pageUp
        case 6: .pageDown
        case 11...15: .function(number - 10)
        case 17...21: .function(number - 11)
        case 23, 24: .function(number - 12)
        default: nil
        }
    }

    private static func mouse(_ numbers: [Int], _ final: UInt8) -> Key? {
        guard numbers.count == 3, numbers[1] > 0, numbers[2] > 0, numbers[1] <= Size.limit,
            numbers[2] <= Size.limit
        else { return nil }
        let point = Point(row: numbers[2] - 1, column: numbers[1] - 1)
        // Bits 2 to 4 say which modifier keys are held.
        let button = numbers[0] & ~0b1_1100
        if final == UInt8(ascii: "m") {
            return button == 0 ? .mouse(MouseEvent(.release, at: point)) : nil
        }
        guard final == UInt8(ascii: "M") else { return nil }
        switch button {
        case 32: return .mouse(MouseEvent(.drag, at: point))
        case 0: return .mouse(MouseEvent(.press, at: point))
        case 64: return .mouse(MouseEvent(.scrollUp, at: point))
        case 65: return .mouse(MouseEvent(.scrollDown, at: point))
        default: return nil
        }
    }

    // MARK: Paste

    private static let pasteEnd: [UInt8] = [0x1B] + Array("[201~".utf8)

    /// Reads on in a paste; returns where it stopped, or `nil` if bytes are missing.
    private mutating func continuePaste(_ start: Int, _ keys: inout [Key]) -> Int? {
        let room = Self.pasteLimitBytes - (pasted?.count ?? 0)
        guard let stop = pending[start...].firstIndex(of: 0x1B) else {
            pasted? += pending[start...].prefix(room)
            return pending.count
        }
        pasted? += pending[start..<stop].prefix(room)
        let tail = pending[stop...].prefix(Self.pasteEnd.count)
        if Array(tail) == Self.pasteEnd {
            keys.append(.paste(String(decoding: pasted ?? [], as: UTF8.self)))
            pasted = nil
            return stop + tail.count
        }
        if Self.pasteEnd.starts(with: tail) {
            return stop == start ? nil : stop
        }
        return stop + 1
    }
}
