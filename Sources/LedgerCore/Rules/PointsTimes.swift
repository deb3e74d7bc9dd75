/// How long things about points take, in milliseconds.
package enum PointsTimes {
    private static let day: Int64 = 86_400_000
    /// How long a reservation holds before it is released.
    package static let reservation = 3 * day
    /// How long before a lot runs out its owner is told.
    package static let notice = 30 * day
    /// How long points stay where a programme has no rule of its own.
    package static let lifetime = 730 * day
    /// How long a member can appeal against a correction before it can be confirmed.
    package static let appeal = 7 * day
    /// How old an accrual may be for a correction, and how long one can be confirmed after the time
    /// to appeal.
    package static let correction = 90 * day
    /// How long a closed project's escrow waits for contributions nobody reviewed.
    package static let review = 30 * day
}
