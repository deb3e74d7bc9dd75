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
}

/// Bounds how much each of many names does: token buckets.
///
/// It forgets names that have been quiet long enough to be full again, so it stays small.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: ContinuousClock.Instant
    }

    private let limit: RateLimit
    private let nameCount: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    init(_ limit: RateLimit, nameCount: Int = 50_000) {
        self.limit = limit
        self.nameCount = nameCount
    }

    /// Takes `cost` from the bucket of a name, which may go into debt.
    ///
    /// - Returns: `nil`, or after how many seconds there is something in it again; nothing is
    ///   taken then.
    func take(_ cost: Double, for name: String, now: ContinuousClock.Instant = .now) -> Int64? {
        buckets.withLock { buckets in
            if buckets.count >= nameCount {
                buckets = buckets.filter { filled($0.value, now) < limit.burst }
            }
            let tokens = buckets[name].map { filled($0, now) } ?? limit.burst
            guard tokens >= 1 else { return Int64((1 - tokens) / limit.perSecond) + 1 }
            buckets[name] = Bucket(tokens: tokens - cost, at: now)
            return nil
        }
    }

    private func filled(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        let elapsed = bucket.at.duration(to: now) / .seconds(1)
        return min(limit.burst, bucket.tokens + elapsed * limit.perSecond)
    }
}
