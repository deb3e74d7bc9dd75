package import LedgerCore

/// An entry that was looked at before it queues: all that needs no order among entries.
package struct Candidate: Sendable {
    /// The entry.
    package let entry: Entry
    /// What the look gave.
    package let outcome: Outcome

    /// What is known before an entry queues.
    package enum Outcome: Sendable {
        case verified(VerifiedEntry)
        case defect(EntryDefect)
        /// The device was not known then; it may be once the entries before are decided.
        case deviceUnknown(DeviceID)
    }
}

/// Verifies entries outside the sequencer, several at a time.
package struct EntryIntake: Sendable {
    private let ledger: PublishedLedger
    private let origin: String

    /// Verifies against the devices `ledger` knows.
    package init(ledger: PublishedLedger) {
        self.ledger = ledger
        origin = ledger.logKey.name
    }

    /// Verifies entries; the result is in their order.
    package func candidates(_ entries: [[UInt8]]) async -> [Candidate] {
        let pieceSize = 16
        guard entries.count > pieceSize else { return entries.map { candidate($0) } }
        return await withTaskGroup(of: (Int, [Candidate]).self) { group in
            for start in stride(from: 0, to: entries.count, by: pieceSize) {
                let piece = entries[start..<min(start + pieceSize, entries.count)]
                group.addTask { (start, piece.map { candidate($0) }) }
            }
            var pieces = [(Int, [Candidate])]()
            for await piece in group { pieces.append(piece) }
            return pieces.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    /// Verifies one entry.
    package func candidate(_ bytes: [UInt8]) -> Candidate {
        let entry = Entry(bytes: bytes)
        do throws(EntryVerifier.Failure) {
            let verified = try EntryVerifier.verify(entry, origin: origin) {
                ledger.device($0)?.key
            }
            return Candidate(entry: entry, outcome: .verified(verified))
        } catch {
            switch error {
            case .defect(let defect): return Candidate(entry: entry, outcome: .defect(defect))
            case .deviceUnknown(let device):
                return Candidate(entry: entry, outcome: .deviceUnknown(device))
            }
        }
    }
}
