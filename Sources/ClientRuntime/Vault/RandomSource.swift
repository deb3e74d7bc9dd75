import Crypto
import LedgerCore
import Synchronization

/// Where random bytes come from: the system, or a seed that gives the same bytes every time.
///
/// A seed is for tests and tapes only: whoever knows it knows every key made with it.
package final class RandomSource: Sendable {
    private struct Stream {
        let seed: UInt64
        var counter: UInt64 = 0
    }

    private let stream: Mutex<Stream?>

    /// Takes bytes from the system.
    package init() { stream = Mutex(nil) }

    /// Gives the bytes that follow from `seed`.
    package init(seed: UInt64) { stream = Mutex(Stream(seed: seed)) }

    /// Returns `count` bytes fit for keys.
    package func bytes(_ count: Int) -> [UInt8] {
        stream.withLock { stream in
            guard var seeded = stream else {
                var system = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: 0...255, using: &system) }
            }
            var bytes = [UInt8]()
            while bytes.count < count {
                let words = "\(seeded.seed) \(seeded.counter)"
                bytes += Hash.of(label: "accord/seed/v1\n", Array(words.utf8)).bytes
                seeded.counter += 1
            }
            stream = seeded
            return Array(bytes.prefix(count))
        }
    }
}
