internal import Foundation
internal import GRDB
package import LedgerCore
internal import SyncCore

/// Whose cosignatures this member asks for.
extension ClientStore {
    /// Returns whose cosignatures a checkpoint needs to be accepted, or `nil` if nobody's.
    package func witnessPolicy() throws -> WitnessPolicy? {
        guard let bytes = try read("read the witnesses", { try $0.metaBytes(.witnessPolicy) })
        else { return nil }
        do throws(WitnessPolicyError) {
            return try WitnessPolicy(parsing: bytes)
        } catch {
            throw StoreFailure(.corrupt, operation: "read the witnesses", reason: "\(error)")
        }
    }

    /// Asks for the cosignatures of a policy from now on; `nil` for nobody's.
    ///
    /// What was verified before stays; another policy has confirmed nothing yet.
    package func setWitnessPolicy(_ policy: WitnessPolicy?) throws {
        // Most calls change nothing, and are to wait for no other process.
        let known = try read("read the witnesses") { try $0.metaBytes(.witnessPolicy) }
        guard known != policy?.bytes else { return }
        try write("keep the witnesses") { db in
            guard try db.metaBytes(.witnessPolicy) != policy?.bytes else { return }
            try ClientStore.ask(for: policy, in: db)
        }
    }

    static func ask(for policy: WitnessPolicy?, in db: Database) throws {
        try db.setMeta(.witnessPolicy, policy.map { Data($0.bytes) })
        try db.setMeta(.needsWitnesses, policy.map { $0.needsNobody ? 0 : 1 })
        try db.setMeta(.confirmedAt, nil)
    }

    /// Notes that enough witnesses confirmed the newest checkpoint at this time, by their clocks.
    package func noteConfirmation(at time: Timestamp) throws {
        let known = try read("read the confirmation") { try $0.metaInteger(.confirmedAt) } ?? -1
        guard time.milliseconds > known else { return }
        try write("keep the confirmation") { db in
            let known = try db.metaInteger(.confirmedAt) ?? -1
            try db.setMeta(.confirmedAt, max(known, time.milliseconds))
        }
    }
}
