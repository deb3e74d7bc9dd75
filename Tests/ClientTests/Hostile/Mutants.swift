import LedgerCore
import RulesModel

/// What can be done to an answer of a node: to its bytes, and to each of its fields.
enum Mutants {
    /// Every answer with one bit of one byte changed, and some shorter or longer by a byte.
    static func ofBytes(_ bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
        var numbers = SeededNumbers(state: seed)
        var mutants: [[UInt8]] = []
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1 << UInt8(numbers.below(8))
            mutants.append(changed)
            guard place % 4 == 0 else { continue }
            mutants.append(Array(bytes[..<place]))
            mutants.append(Array(bytes[..<place] + bytes[(place + 1)...]))
            mutants.append(Array(bytes[...place] + bytes[place...]))
        }
        return mutants
    }

    /// Every line of a text left out, twice, at another place, empty, and very long.
    static func ofLines(_ bytes: [UInt8]) -> [[UInt8]] {
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        var mutants: [[UInt8]] = []
        func add(_ lines: [ArraySlice<UInt8>]) {
            mutants.append(Array(lines.joined(separator: [UInt8(0x0a)])))
        }
        for place in lines.indices {
            var changed = lines
            changed.remove(at: place)
            add(changed)
            changed = lines
            changed.insert(lines[place], at: place)
            add(changed)
            changed = lines
            changed.swapAt(place, lines.count - 1 - place)
            add(changed)
            for replacement in ["", "0", "-1", "9223372036854775807", "99999999999999999999"] {
                changed = lines
                changed[place] = Array(replacement.utf8)[...]
                add(changed)
            }
            changed = lines
            changed[place] = [UInt8](repeating: 0x41, count: 70_000)[...]
            add(changed)
        }
        return mutants
    }

    /// Every value of canonical JSON left out, replaced by those of other kinds and sizes, lists
    /// shortened, doubled and turned round.
    static func ofFields(_ bytes: [UInt8]) throws -> [[UInt8]] {
        variants(of: try JSONValue(canonical: bytes)).map(\.canonicalBytes)
    }

    private static func variants(of value: JSONValue) -> [JSONValue] {
        var variants: [JSONValue] = [
            .bool(true), .integer(-1), .integer(0), .integer(.max), .string(""), .array([]),
            .object([]), .string(String(repeating: "A", count: 20_000)),
        ]
        switch value {
        case .bool(let flag): variants.append(.bool(!flag))
        case .integer(let number):
            variants += [number &+ 1, number &- 1, number &* 2].map(JSONValue.integer)
        case .string(let text):
            variants += [
                .string(text + "A"), .string(String(text.dropLast())),
                .string(String(text.reversed())), .string(text.uppercased()),
            ]
        case .array(let elements):
            variants += [
                .array(elements + elements), .array(elements.reversed()),
                .array(Array(elements.dropFirst())), .array(Array(elements.dropLast())),
            ]
            for (place, element) in elements.enumerated() {
                for variant in self.variants(of: element) {
                    var changed = elements
                    changed[place] = variant
                    variants.append(.array(changed))
                }
            }
        case .object(let members):
            for (place, member) in members.enumerated() {
                var shorter = members
                shorter.remove(at: place)
                variants.append(.object(shorter))
                for variant in self.variants(of: member.value) {
                    var changed = members
                    changed[place].value = variant
                    variants.append(.object(changed))
                }
            }
        }
        return variants.filter { $0 != value }
    }
}
