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
        /// So many entries of the device would have to come before that it was not verified.
        case tooFarAhead
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

    /// Looks at entries nobody has a reason to expect to be good: one after the other, so that
    /// others come between, and verifies only what could be the next of a known device.
    package func doubtful(_ entries: [[UInt8]]) async -> [Candidate] {
        var candidates = [Candidate]()
        for bytes in entries {
            candidates.append(couldFollow(bytes) ? candidate(bytes) : .tooFarAhead(bytes))
            if candidates.count.isMultiple(of: 8) { await Task.yield() }
        }
        return candidates
    }

    private func couldFollow(_ bytes: [UInt8]) -> Bool {
        // What cannot be read has no place in an order, and is refused for what it is.
        guard let payload = try? Entry(bytes: bytes).payload(),
            let sequence = ledger.cursor(of: payload.device)?.sequence
        else { return true }
        return payload.sequence <= sequence + Int64(Sequencer.queueCount)
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

extension Candidate {
    fileprivate static func tooFarAhead(_ bytes: [UInt8]) -> Candidate {
        Candidate(entry: Entry(bytes: bytes), outcome: .tooFarAhead)
    }
}
