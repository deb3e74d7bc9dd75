@testable import Simulation
import LedgerCore
import Testing

/// A signature that was checked is remembered while a thread simulates, and no other for it.
@Suite struct SignatureTests {
    @Test func `what is remembered of a signature holds for its key and message only`() throws {
        let time = VirtualTime(seed: 1)
        defer { time.end() }
        let signer = try NoteSigner(name: "one", seed: Array(repeating: 1, count: 32))
        let other = try NoteSigner(name: "two", seed: Array(repeating: 2, count: 32))
        let message = Array("a message\n".utf8)
        let note = try signer.sign(message)
        let signature = try #require(note.signatures.first).signature
        let key = signer.verifierKey
        // Computed, then remembered; what is wrong in between takes its place.
        for _ in 0..<2 {
            #expect(key.isValid(signature: signature, over: message))
            #expect(key.isValid(signature: signature, over: message))
            #expect(!key.isValid(signature: signature, over: Array("a massage\n".utf8)))
            #expect(!key.isValid(signature: signature, over: message + [0]))
            #expect(!key.isValid(signature: signature, over: []))
            #expect(!other.verifierKey.isValid(signature: signature, over: message))
            var changed = signature
            changed[63] ^= 1
            #expect(!key.isValid(signature: changed, over: message))
            #expect(!key.isValid(signature: changed, over: message))
        }
    }
}
