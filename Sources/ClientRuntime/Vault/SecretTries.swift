import Foundation
import LedgerCore

/// How often a secret was tried in a row, kept in a file so that no new start forgets it.
struct SecretTries: Sendable {
    /// The file that counts.
    let file: URL

    /// The most wrong secrets in a row that cost no waiting.
    static let freeTries = 5

    /// How long to wait until a secret may be tried, in milliseconds; 0 for at once.
    func wait(now: Timestamp) -> Int64 { max(read().until - now.milliseconds, 0) }

    /// Counts a try before it is made, so that a power cut gives nobody another one.
    ///
    /// After `freeTries` each one more waits twice as long, from one minute to an hour. Nothing is
    /// ever destroyed: a vault may hold the only key with which its owner can revoke.
    func count(now: Timestamp) throws {
        let count = read().count + 1
        let over = count - Self.freeTries
        let minutes: Int64 = over <= 0 ? 0 : min(1 << min(over - 1, 6), 60)
        let until = now.milliseconds + minutes * 60_000
        try HomeFolders.writePrivate(Array("\(count) \(until)".utf8), to: file)
    }

    /// Forgets the tries: the secret was right.
    func forget() {
        // What is not there needs no removing.
        try? FileManager.default.removeItem(at: file)
    }

    private func read() -> (count: Int, until: Int64) {
        let words =
            FileManager.default.contents(atPath: file.path(percentEncoded: false))
            .map { String(decoding: $0, as: UTF8.self).split(separator: " ") } ?? []
        guard words.count == 2, let count = Int(words[0]), let until = Int64(words[1]) else {
            return (0, 0)
        }
        return (count, until)
    }
}
