extension Key {
    /// The bytes an xterm sends for it; none for a new size, which comes by another way.
    package var terminalBytes: [UInt8] {
        switch self {
        case .character(let character): Array(String(character).utf8)
        case .enter: [0x0D]
        case .escape: [0x1B]
        case .tab: [0x09]
        case .backspace: [0x7F]
        case .shiftTab: Self.sequence("Z")
        case .up: Self.sequence("A")
        case .down: Self.sequence("B")
        case .right: Self.sequence("C")
        case .left: Self.sequence("D")
        case .home: Self.sequence("H")
        case .end: Self.sequence("F")
        case .insert: Self.sequence("2~")
        case .delete: Self.sequence("3~")
        case .pageUp: Self.sequence("5~")
        case .pageDown: Self.sequence("6~")
        case .function(let number): Self.function(number)
        case .control(let character):
            [character == " " ? 0 : (character.asciiValue ?? 0) & 0x1F]
        case .alt(let character): [0x1B] + Array(String(character).utf8)
        case .paste(let text): Self.sequence("200~") + Array(text.utf8) + Self.sequence("201~")
        case .mouse(let event): Self.mouse(event)
        case .resize: []
        }
    }

    private static func sequence(_ rest: String) -> [UInt8] { [0x1B] + Array("[\(rest)".utf8) }

    private static func function(_ number: Int) -> [UInt8] {
        if (1...4).contains(number) {
            return [0x1B, UInt8(ascii: "O"), UInt8(ascii: "O") + UInt8(number)]
        }
        let codes = [5: 15, 6: 17, 7: 18, 8: 19, 9: 20, 10: 21, 11: 23, 12: 24]
        return codes[number].map { sequence("\($0)~") } ?? []
    }

    private static func mouse(_ event: MouseEvent) -> [UInt8] {
        let button =
            switch event.action {
            case .press, .release: 0
            case .drag: 32
            case .scrollUp: 64
            case .scrollDown: 65
            }
        let end = event.action == .release ? "m" : "M"
        return sequence("<\(button);\(event.point.column + 1);\(event.point.row + 1)\(end)")
    }
}
