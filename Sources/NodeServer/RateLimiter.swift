internal import Synchronization

/// How much somebody may do at once and over time.
package struct RateLimit: Sendable {
    /// How much at once.
    package var burst: Double
    /// How much more each second.
    package var perSecond: Double

    /// Makes a limit.
    package init(burst: Double, perSecond: Double) {
        self.burst = burst
        self.perSecond = perSecond
    }

    /// No limit: for programs that measure what there is without.
    package static let none = RateLimit(burst: .infinity, perSecond: 1)
}

/// What is left of a limit: a token bucket.
struct Bucket {
    private var tokens: Double
    private var at: ContinuousClock.Instant

    init(_ limit: RateLimit, now: ContinuousClock.Instant) {
        tokens = limit.burst
        at = now
    }

    /// Takes `cost`, whatever is left; the debt is at most a burst.
    mutating func charge(_ cost: Double, _ limit: RateLimit, now: ContinuousClock.Instant) {
        tokens = max(filled(limit, now) - cost, -limit.burst)
        at = now
    }

    /// After how many seconds there is something in it; `nil` if there is now.
    func waitSeconds(_ limit: RateLimit, now: ContinuousClock.Instant) -> Int64? {
        let tokens = filled(limit, now)
        return tokens >= 1 ? nil : Int64((1 - tokens) / limit.perSecond) + 1
    }

    private func filled(_ limit: RateLimit, _ now: ContinuousClock.Instant) -> Double {
        min(limit.burst, tokens + at.duration(to: now) / .seconds(1) * limit.perSecond)
    }
}

/// What is known of names that were used lately.
///
/// It holds no more than its limit, whoever comes: once it is half full, the half that was used
/// before is let go as a whole, so that every use costs the same.
struct RecentNames<Name: Hashable & Sendable, Value: Sendable>: Sendable {
    private var recent: [Name: Value] = [:]
    private var older: [Name: Value] = [:]
    private let half: Int

    init(limit: Int) {
        half = max(limit / 2, 1)
    }

    /// What is known of a name; writing uses it, reading does not.
    subscript(name: Name) -> Value? {
        get { recent[name] ?? older[name] }
        set {
            if recent.count >= half, recent[name] == nil {
                older = recent
                recent = [:]
            }
            older[name] = nil
            recent[name] = newValue
        }
    }

    /// How many names are known.
    var count: Int { recent.count + older.count }
}

/// Bounds how much each of many names does.
///
/// A name that was pushed out by many others begins anew: what all of them do together has to have
/// a limit of its own.
final class RateLimiter<Name: Hashable & Sendable>: Sendable {
    private let limit: RateLimit
    private let buckets: Mutex<RecentNames<Name, Bucket>>

    init(_ limit: RateLimit, nameCount: Int) {
        self.limit = limit
        buckets = Mutex(RecentNames(limit: nameCount))
    }

    /// Takes `cost` from what is left to a name, which may go into debt.
    ///
    /// - Returns: `nil`, or after how many seconds there is something left again; nothing is taken
    ///   then.
    func take(_ cost: Double, for name: Name, now: ContinuousClock.Instant) -> Int64? {
        buckets.withLock { buckets in
            var bucket = buckets[name] ?? Bucket(limit, now: now)
            if let wait = bucket.waitSeconds(limit, now: now) { return wait }
            bucket.charge(cost, limit, now: now)
            buckets[name] = bucket
            return nil
        }
    }

    /// Takes `cost` from a name, whatever is left to it.
    func charge(_ cost: Double, to name: Name, now: ContinuousClock.Instant) {
        buckets.withLock { buckets in
            var bucket = buckets[name] ?? Bucket(limit, now: now)
            bucket.charge(cost, limit, now: now)
            buckets[name] = bucket
        }
    }

    /// After how many seconds there is something left to a name; `nil` if there is now.
    func waitSeconds(for name: Name, now: ContinuousClock.Instant) -> Int64? {
        buckets.withLock { $0[name]?.waitSeconds(limit, now: now) }
    }

    /// How many names it remembers.
    var nameCount: Int { buckets.withLock { $0.count } }
}
