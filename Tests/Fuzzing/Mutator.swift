import RulesModel

/// Makes bad input from good: the changes that readers of text and of lengths trip over.
package struct Mutator {
    private var numbers: SeededNumbers

    /// Mutations that follow from the seed.
    package init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

    /// Bytes that mean something to some reader.
    private static let telling = Array("\0\n\r\t\u{1B}\"\\{}[],:.+-/=0 19az—\u{FEFF}\u{202E}".utf8)

    /// Returns `input` with one to four changes, a piece of `other` among them at times.
    package mutating func mutant(of input: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = input
        for _ in 0...numbers.below(4) { change(&bytes, other) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        let place = numbers.below(bytes.count + 1)
        let end = min(bytes.count, place + 1 + numbers.below(16))
        switch numbers.below(9) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(numbers.below(8))
        case 1 where place < bytes.count: bytes[place] = UInt8(numbers.below(256))
        case 2: bytes.insert(numbers.pick(Mutator.telling) ?? 0, at: place)
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 5: bytes.removeSubrange(place...)
        case 6:
            let from = numbers.below(other.count + 1)
            let until = min(other.count, from + numbers.below(64))
            bytes.insert(contentsOf: other[from..<until], at: place)
        case 7 where place < bytes.count:
            let other = numbers.below(bytes.count)
            bytes.swapAt(place, other)
        default:
            let digits = numbers.pick(["9223372036854775808", "-1", "00", "1e9", ""]) ?? ""
            bytes.replaceSubrange(place..<end, with: Array(digits.utf8))
        }
    }
}
