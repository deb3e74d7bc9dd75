import Crypto
import Foundation
import LedgerCore

/// The pure core: rules, verification, tree, JSON.
enum LedgerFigures {
    static func measure(in scratch: ScratchFolder) throws -> [Figure] {
        let history = try BenchLedger.history(members: 64, turns: 200)
        return [
            try replay(history), try verification(history), appending(), try proving(),
            try parsing(history),
        ]
    }

    /// Applying verified entries to an empty state.
    private static func replay(_ history: [VerifiedEntry]) throws -> Figure {
        let rates = try (0..<5).map { _ in
            var state = LedgerState()
            let seconds = try Stopwatch.seconds {
                for (number, entry) in history.enumerated() {
                    try state.apply(
                        entry, at: BenchLedger.start.adding(milliseconds: Int64(number)))
                }
            }
            return Double(history.count) / seconds
        }
        return Figure("replay of LedgerState", rates.median, "entries/s")
            .wanting(atLeast: 500_000)
    }

    /// Reading and checking entries on one core.
    private static func verification(_ history: [VerifiedEntry]) throws -> Figure {
        let floor = try VerifyFloor()
        let entries = history.suffix(2_000)
        var keys = [DeviceID: Curve25519.Signing.PublicKey]()
        for entry in history {
            guard case .memberEnrolled(let introduced) = entry.payload.body else { continue }
            keys[introduced.device] = try Curve25519.Signing.PublicKey(
                rawRepresentation: introduced.signing)
        }
        let rounds = try PairedRounds.of(5) {
            floor.rate(count: 2_000)
        } value: {
            let seconds = try Stopwatch.seconds {
                for verified in entries {
                    let fresh = Entry(bytes: verified.entry.bytes)
                    _ = try EntryVerifier.verify(fresh, origin: BenchLedger.origin) { keys[$0] }
                }
            }
            return Double(entries.count) / seconds
        }
        return Figure("entry parsed and verified, one core", rounds, "/s", floor: "F1")
            .wanting(ratioAtLeast: 0.8)
    }

    /// Appending leaves: two hashes each.
    private static func appending() -> Figure {
        let count = 100_000
        let leaf = [UInt8](repeating: 5, count: 32)
        let rounds = PairedRounds.of(5) {
            1e9 / HashFloor.nanoseconds() / 2
        } value: {
            var log = MerkleLog()
            let seconds = Stopwatch.seconds {
                for _ in 0..<count { log.append(leafData: leaf) }
            }
            precondition(log.size == count, "a leaf was lost")
            return Double(count) / seconds
        }
        return Figure("Merkle log append", rounds, "leaves/s", floor: "2 × F5")
            .wanting(ratioAtLeast: 0.5)
    }

    /// Inclusion proofs from a log of 100,000 leaves, and their verification.
    private static func proving() throws -> Figure {
        let leafHashes = (0..<100_000).map { number in
            MerkleTree.leafHash(withUnsafeBytes(of: Int64(number)) { Array($0) })
        }
        let log = MerkleLog(leafHashes: leafHashes)
        let root = log.root
        let count = 20_000
        // A proof of a tree that is no power of two needs at most one hash for each of its levels.
        let rounds = try PairedRounds.of(5) {
            1e9 / HashFloor.nanoseconds() / 17
        } value: {
            let seconds = try Stopwatch.seconds {
                for number in 0..<count {
                    let index = number * 4_999 % log.size
                    let proof = try log.inclusionProof(index: index, size: log.size)
                    try proof.verify(leafHash: leafHashes[index], root: root)
                }
            }
            return Double(count) / seconds
        }
        return Figure(
            "inclusion proof made and checked, 100,000 leaves", rounds, "/s", floor: "17 × F5")
    }

    /// Reading the payload of an entry, beside Foundation reading the same bytes.
    private static func parsing(_ history: [VerifiedEntry]) throws -> Figure {
        let payloads = history.suffix(2_000).map { $0.payload.json.canonicalBytes }
        let asData = payloads.map { Data($0) }
        let rounds = try PairedRounds.of(5) {
            let seconds = try Stopwatch.seconds {
                for payload in asData { _ = try JSONSerialization.jsonObject(with: payload) }
            }
            return Double(asData.count) / seconds
        } value: {
            let seconds = try Stopwatch.seconds {
                for payload in payloads { _ = try JSONValue(canonical: payload) }
            }
            return Double(payloads.count) / seconds
        }
        return Figure("canonical JSON parse of a payload", rounds, "/s", floor: "JSONSerialization")
            .wanting(ratioAtLeast: 1)
    }
}
