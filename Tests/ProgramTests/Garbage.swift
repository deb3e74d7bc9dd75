import RulesModel

extension SeededNumbers {
    /// A stretch of random bytes, or something like a control sequence.
    mutating func garbage() -> [UInt8] {
        let odd = [0, 1, 5, 27, 99, 2_026, 65_535, 2_147_483_648, 1_000_000_000_000]
        switch below(20) {
        case 0..<10: return (0..<(1 + below(64))).map { _ in UInt8(below(256)) }
        case 10..<16:
            let numbers = (0..<below(6)).map { _ in "\(odd[below(odd.count)])" }
            let sign = ["", "?", ">", "<"][below(4)]
            return Array("\u{1B}[\(sign)\(numbers.joined(separator: ";"))".utf8)
                + [UInt8(64 + below(63))]
        case 16..<18:
            return Array("\u{1B}]52;c;rgba".utf8)
                + Array(["\u{7}", "\u{1B}\\", ""][below(3)].utf8)
        case 18:
            let text = (0..<30).map { _ in UInt8(below(256)) }
            return Array("\u{1B}[200~".utf8) + text + Array("\u{1B}[201~".utf8)
        default:
            return Array("\u{1B}[<\(below(99));\(below(999));\(below(999))M".utf8)
        }
    }
}
