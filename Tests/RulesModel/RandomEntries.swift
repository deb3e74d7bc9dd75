package import LedgerCore

/// Statements of many kinds, as people of random ledgers make them.
package enum RandomEntries {
    /// Returns what is offered to the ledgers of these seeds, accepted or not.
    package static func payloads(seeds: ClosedRange<UInt64>, each count: Int = 240)
        -> [EntryPayload]
    {
        seeds.flatMap { play(seed: $0, count).payloads }
    }

    /// Returns what the accepted ones of `count` entries of a ledger add up to.
    package static func state(seed: UInt64, after count: Int) -> LedgerState {
        play(seed: seed, count).state
    }

    /// Returns the accepted ones of `count` entries of a ledger, each with when it was recorded.
    package static func accepted(seed: UInt64, of count: Int) -> [(VerifiedEntry, Timestamp)] {
        play(seed: seed, count).accepted
    }

    private static func play(seed: UInt64, _ count: Int) -> (
        payloads: [EntryPayload], accepted: [(VerifiedEntry, Timestamp)], state: LedgerState
    ) {
        var world = RandomWorld(seed: seed)
        var state = LedgerState()
        var waiting = world.opening()[...]
        var payloads = [EntryPayload]()
        var accepted = [(VerifiedEntry, Timestamp)]()
        while payloads.count < count {
            if waiting.isEmpty { world.wait() }
            guard let payload = waiting.popFirst() ?? world.next(after: state) else { continue }
            let entry = world.nextEntry()
            let verified = EntryVerifier.assume(payload, as: entry)
            // A refusal is as good a statement.
            if (try? state.apply(verified, at: world.now)) != nil {
                accepted.append((verified, world.now))
            }
            world.history.append((payload, entry.id))
            payloads.append(payload)
        }
        return (payloads, accepted, state)
    }
}
