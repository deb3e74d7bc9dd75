/// Remembers which requests were taken, so that a restart forgets none of them.
package protocol NonceMemory: Sendable {
    /// What was remembered when it was opened.
    var recalled: RecalledNonces { get }
    /// Remembers a nonce, until `turn` was called twice.
    func remember(_ nonce: String) throws
    /// Begins another span of time and forgets the one before the last.
    func turn() throws
}

/// What is known of the requests that an earlier process took.
package struct RecalledNonces: Sendable {
    /// The nonces of the last span of time and the one before.
    package var nonces: Set<String>
    /// What was signed before this, in seconds since 1970, may have been taken and forgotten.
    package var knownFromSeconds: Int64

    /// Nothing was taken before this second.
    package init(nonces: Set<String> = [], knownFromSeconds: Int64 = 0) {
        self.nonces = nonces
        self.knownFromSeconds = knownFromSeconds
    }
}
