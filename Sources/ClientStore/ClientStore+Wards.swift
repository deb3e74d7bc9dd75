internal import Foundation
internal import GRDB
package import LedgerCore

/// Who signs with this device for a minor: the ward themself, or their guardian.
package struct WardStanding: Equatable, Sendable {
    /// When the ward was born.
    package let born: BirthMonth
    /// Whether a guardian signs with this device.
    package let isGuardians: Bool
}

/// An entry that gives a device of the account the right to sign, or takes it.
package struct DeviceStatement: Equatable, Sendable {
    /// What was stated.
    package let body: EntryBody
    /// The device that stated it.
    package let signer: DeviceID
    /// When it was signed, by the clock of that device.
    package let signedAt: Timestamp
    /// When the node recorded it; `nil` while it is on its way.
    package let recordedAt: Timestamp?
}

extension ClientStore {
    /// Returns what the account's entries say of its devices, in the order of the ledger; what is
    /// on its way comes last.
    package func deviceStatements() throws -> [DeviceStatement] {
        try read("read the devices") { db in
            let recorded = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT jws, time FROM entry INDEXED BY entry_of_account_by_kind
                        WHERE chain = 1 AND kind IN ('member.enrolled/1', 'device.added/1',
                            'ward.enrolled/1', 'ward.handed-over/1', 'device.revoked/1')
                        ORDER BY idx
                        """)
            ).map { (try Entry(bytes: $0.bytes(0)).payload(), $0.time(1) as Timestamp?) }
            let waiting = try LocalWishes(db).entries.map { ($0.payload, nil as Timestamp?) }
            return (recorded + waiting).compactMap { payload, time in
                switch payload.body {
                case .memberEnrolled, .deviceAdded, .wardEnrolled, .wardHandedOver,
                    .deviceRevoked:
                    DeviceStatement(
                        body: payload.body, signer: payload.device, signedAt: payload.issuedAt,
                        recordedAt: time)
                default: nil
                }
            }
        }
    }

    /// Returns who signs with this device where the account is a ward's; `nil` for any other
    /// account, and before the ward's enrolment was seen here.
    package func wardStanding() throws -> WardStanding? {
        try read("read the ward") { db in
            guard let own = try db.metaText(.device).flatMap({ DeviceID($0) }) else { return nil }
            let entries = try Data.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT jws FROM entry INDEXED BY entry_of_account_by_kind
                        WHERE chain = 1 AND kind IN
                            ('ward.enrolled/1', 'device.added/1', 'ward.handed-over/1')
                        ORDER BY idx
                        """))
            var born: BirthMonth?
            var guardians: Set<DeviceID> = []
            for entry in entries {
                let payload = try Entry(bytes: [UInt8](entry)).payload()
                switch payload.body {
                case .wardEnrolled(let enrolled):
                    born = enrolled.born
                    guardians.insert(enrolled.keys.device)
                case .deviceAdded(let keys) where guardians.contains(payload.device):
                    guardians.insert(keys.device)
                default: continue
                }
            }
            return born.map { WardStanding(born: $0, isGuardians: guardians.contains(own)) }
        }
    }

    /// Notes a contribution another device of the account uploaded, so that its key can be wrapped
    /// here for a later grant; one that is known stays as it is.
    package func adoptUpload(
        sealed: Hash, contribution: Hash, sizeBytes: Int64, at time: Timestamp
    ) throws {
        try write("note the upload") { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO upload
                        (sha, contribution, record, total, position, wraps, has_sent_wraps,
                            queued_at)
                    VALUES (?, ?, NULL, ?, ?, ?, 1, ?)
                    """,
                arguments: [
                    sealed.data, contribution.data, sizeBytes, sizeBytes, Data(),
                    time.milliseconds,
                ])
        }
    }
}
