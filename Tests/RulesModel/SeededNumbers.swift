/// A generator that gives the same numbers for the same seed (SplitMix64).
package struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    /// Spreads the seed first, so that small ones give other numbers at once.
    package init(seed: UInt64) { self.init(state: seed &* 0x2545_f491_4f6c_dd1d) }

    /// Starts from this state as it is.
    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`.
    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    /// Returns a number of a range.
    package mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// Returns true once in `count` times.
    package mutating func once(in count: Int) -> Bool { below(count) == 0 }

    /// Returns one of them, or nothing if there are none.
    package mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    /// Returns some of them, in their order.
    package mutating func some<Element>(_ elements: [Element]) -> [Element] {
        elements.filter { _ in below(4) > 0 }
    }
}
