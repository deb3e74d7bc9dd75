import Foundation
import LedgerCore

/// How often a secret was tried in a row, kept in a file so that no new start forgets it.
///
/// The one counter there is: for opening the vault, for what is confirmed with its secret, for the
/// cards of a shared machine. A copy of the vault has no counter: against that only a long
/// passphrase helps.
struct SecretTries: Sendable {
    /// The file that counts.
    let file: URL

    /// The most wrong secrets in a row that cost no waiting.
    static let freeTries = 5
    /// The wrong secret in a row that destroys the keys, where they are to be destroyed.
    static let lastTry = 10

    /// The longest wait between two tries, in milliseconds: an hour.
    private static let longestWait: Int64 = 3_600_000

    /// Tries a secret: counted before it is tried, so that a power cut gives nobody another one.
    ///
    /// After `freeTries` each one more waits twice as long, from one minute to an hour.
    ///
    /// - Parameters:
    ///   - now: This machine's clock.
    ///   - wipe: Destroys the keys after the last try; `nil` where anybody could type, and so
    ///     destroy what is somebody else's.
    ///   - open: Tries it; throws `VaultError.wrongPassphrase` where it is wrong.
    /// - Returns: What `open` returns.
    /// - Throws: `SecretProblem.wait`, `SecretProblem.lastTries`, `VaultError.wiped`, and what
    ///   `open` throws.
    func attempt<Value>(
        now: Timestamp, wipe: (() throws -> Void)?, _ open: () throws -> Value
    ) throws -> Value {
        var number = 0
        // Of two who try at once each counts.
        try HomeFolders.writePrivate(to: file) {
            let before = read()
            // The process may have been killed between the last try and what follows from it.
            if let wipe, before.count >= Self.lastTry { try end(wipe) }
            let wait = before.until - now.milliseconds
            // No wait is that long: the clock was put back since.
            guard wait <= 0 || wait > Self.longestWait else {
                throw SecretProblem.wait(minutes: Int((wait + 59_999) / 60_000))
            }
            number = before.count + 1
            return Self.bytes(number, now: now)
        }
        do {
            let value = try open()
            forget()
            return value
        } catch VaultError.wrongPassphrase {
            guard let wipe else { throw VaultError.wrongPassphrase }
            if number >= Self.lastTry { try end(wipe) }
            guard number >= Self.freeTries else { throw VaultError.wrongPassphrase }
            throw SecretProblem.lastTries(left: Self.lastTry - number)
        }
    }

    private func end(_ wipe: () throws -> Void) throws -> Never {
        try wipe()
        forget()
        throw VaultError.wiped
    }

    /// What the file says after a try.
    private static func bytes(_ number: Int, now: Timestamp) -> [UInt8] {
        let over = number - freeTries
        let wait = over <= 0 ? 0 : min(60_000 << Int64(min(over - 1, 6)), longestWait)
        return Array("\(number) \(now.milliseconds + wait)".utf8)
    }

    /// Forgets the tries: the secret was right.
    private func forget() {
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
