/// One person who begins or ceases to be one of those counted.
package struct CohortChange: Equatable, Sendable {
    /// Who.
    package let person: AccountID
    /// When the node recorded it.
    package let at: Timestamp
    /// Whether the person counts from then on.
    package let isCounted: Bool

    /// Makes a change.
    package init(person: AccountID, at: Timestamp, isCounted: Bool) {
        self.person = person
        self.at = at
        self.isCounted = isCounted
    }
}

/// How counts of people are told, so that no count below `k` follows from any of them, from two of
/// them that overlap, or from one of them at two moments.
///
/// - A count is told as the multiple of `k` below it, and not at all below `k`. So two counts, one of
///   a part of the other's people, leave every difference open between `d - k + 1` and `d + k - 1`
///   with `d` a multiple of `k`: never only values from 1 to `k - 1`.
/// - It is the count at the end of a day (UTC) that is over, so that nobody sees which of the day's
///   people moved it.
/// - It stays what it was until at least `k` people changed since it was told last: whatever moves
///   it, `k` people did.
///
/// It follows from the entries alone: asked twice, on any machine, the answer is the same, and there
/// is no cache to forget. It does not help against somebody who brings `k - 1` people of their own.
package struct CohortCounting: Equatable, Sendable {
    /// The fewest people a count is told of.
    package static let leastPeople: Int64 = 10
    /// The time after which counts are told anew, in milliseconds: a day.
    package static let periodMilliseconds: Int64 = 86_400_000

    /// The fewest people a count is told of, at least 2.
    package let k: Int64

    /// Makes the rule; fewer than two people would protect nobody.
    package init(k: Int64 = CohortCounting.leastPeople) { self.k = max(k, 2) }

    /// Returns what may be told at `now`: a multiple of `k`, or `nil` for fewer than `k`.
    ///
    /// `changes` stand in the order they were recorded; those of days not over yet are left out.
    package func told(_ changes: [CohortChange], at now: Timestamp) -> Int64? {
        var counted = Set<AccountID>()
        var changed = Set<AccountID>()
        var told: Int64 = 0
        let today = period(of: now)
        for (place, change) in changes.enumerated() {
            let day = period(of: change.at)
            guard day < today else { break }
            let wasCounted = counted.contains(change.person)
            if change.isCounted {
                counted.insert(change.person)
            } else {
                counted.remove(change.person)
            }
            if wasCounted != change.isCounted { changed.insert(change.person) }
            let isLastOfDay = place + 1 == changes.count || period(of: changes[place + 1].at) > day
            if isLastOfDay, Int64(changed.count) >= k {
                told = Int64(counted.count) / k * k
                changed = []
            }
        }
        return told >= k ? told : nil
    }

    private func period(of time: Timestamp) -> Int64 {
        time.milliseconds / CohortCounting.periodMilliseconds
    }
}
