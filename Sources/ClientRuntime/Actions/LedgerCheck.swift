package import ClientStore
import LedgerCore
package import Screens
import SyncCore

/// Why the copy of the ledger on this machine cannot be trusted any more.
package struct LedgerCheckFailure: Error, CustomStringConvertible, Sendable {
    /// The leaf index of the entry that does not hold.
    package let index: Int64

    /// What to tell the person.
    package var description: String {
        "the copy of the ledger does not hold at entry \(index): restore it from a backup"
    }
}

/// Checks the copy of the ledger on this machine once more.
package enum LedgerCheck {
    /// Checks the copy of the ledger once more, entry by entry: form, signature, rules; changes
    /// nothing.
    ///
    /// - Returns: How many entries hold.
    /// - Throws: `LedgerCheckFailure` at the first that does not; `CancellationError` if `report`
    ///   says so.
    package static func run(
        _ store: ClientStore, _ report: (WorkProgress) -> Bool = { _ in true }
    ) throws -> Int64 {
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        let total = try store.entryCount()
        var keys = EntryKeys()
        var state = LedgerState()
        var done: Int64 = 0
        try store.replay { reread, index, time in
            let index = Int64(index)
            do {
                let verified = try EntryVerifier.verify(reread.entry, origin: enrolment.origin) {
                    keys[$0]
                }
                try state.apply(verified, at: time)
                keys.learn(from: verified.payload)
            } catch {
                throw LedgerCheckFailure(index: index)
            }
            done += 1
            guard report(WorkProgress(.checking, done: done, total: total, unit: .entries)) else {
                throw CancellationError()
            }
        }
        return done
    }
}
