/// Numbers from a seed (SplitMix64), so that a failure can be played again.
struct Dice {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }

    /// A stretch of random bytes, or something like a control sequence.
    mutating func garbage() -> [UInt8] {
        let odd = [0, 1, 5, 27, 99, 2_026, 65_535, 2_147_483_648, 1_000_000_000_000]
        switch next(below: 20) {
        case 0..<10: return (0..<(1 + next(below: 64))).map { _ in UInt8(next(below: 256)) }
        case 10..<16:
            let numbers = (0..<next(below: 6)).map { _ in "\(odd[next(below: odd.count)])" }
            let sign = ["", "?", ">", "<"][next(below: 4)]
            return Array("\u{1B}[\(sign)\(numbers.joined(separator: ";"))".utf8)
                + [UInt8(64 + next(below: 63))]
        case 16..<18:
            return Array("\u{1B}]52;c;rgba".utf8)
                + Array(["\u{7}", "\u{1B}\\", ""][next(below: 3)].utf8)
        case 18:
            let text = (0..<30).map { _ in UInt8(next(below: 256)) }
            return Array("\u{1B}[200~".utf8) + text + Array("\u{1B}[201~".utf8)
        default:
            return Array("\u{1B}[<\(next(below: 99));\(next(below: 999));\(next(below: 999))M".utf8)
        }
    }
}
