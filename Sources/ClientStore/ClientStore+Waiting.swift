internal import GRDB
package import LedgerCore
internal import SyncCore

extension ClientStore {
    /// Whether a wish to stop has nothing left to stop, or what it was to stop was allowed anew.
    ///
    /// What was signed later allows anew, by the times that were signed: of another device than the
    /// wish's, whose own came before, or it would not wait; of this device only where the wish is
    /// this device's, too, and an older store forgot it. In doubt use is stopped.
    ///
    /// - Parameters:
    ///   - payload: A revocation, a pause, or leaving a project; anything else stops nothing.
    ///   - size: The tree that was verified where it was signed: what was recorded before, it knew.
    /// - Returns: `true` for what stops nothing, too.
    /// - Throws: `StoreFailure`.
    package func isOvertaken(_ payload: EntryPayload, since size: Int64) throws -> Bool {
        let account = payload.account
        return try read("read the authorization") { db in
            let isForgotten = try db.metaText(.device) == payload.device.text
            func isLater(_ other: EntryPayload) -> Bool {
                (isForgotten || other.device != payload.device)
                    && other.issuedAt > payload.issuedAt
            }
            /// Whether what stands was recorded since, and means to allow anew.
            func isAllowed(_ index: Int64?, _ bytes: [UInt8]) throws -> Bool {
                guard let index, index >= size else { return false }
                return isLater(try Entry(bytes: bytes).payload())
            }
            func isGranted(_ row: Row) throws -> Bool {
                guard let index = row[2] as Int64? else { return false }
                return try isAllowed(index, row.bytes(3))
            }
            let wishes = try LocalWishes(db)
            switch payload.body {
            case .authorizationRevoked(let revoked):
                let id = AuthorizationID(
                    account: account, project: revoked.project, major: revoked.major)
                if let wish = wishes.decision(on: id)?.wish.payload {
                    switch wish.body {
                    case .authorizationGranted: return isLater(wish)
                    case .authorizationRevoked(let other):
                        return other.mode == revoked.mode || other.mode == .stopAndErase
                    default: break
                    }
                }
                guard let row = try ClientStore.standing(of: id, in: db) else {
                    return try Bool.fetchOne(
                        db, sql: "SELECT EXISTS (SELECT 1 FROM bare_decision WHERE id = ?)",
                        arguments: [id.text]) ?? false
                }
                let mode = (row[1] as String?).flatMap(RevocationMode.init(rawValue:))
                return try isGranted(row) || mode == revoked.mode || mode == .stopAndErase
            case .authorizationPaused(let subject):
                let id = AuthorizationID(
                    account: account, project: subject.project, major: subject.major)
                if let wish = wishes.decision(on: id)?.wish.payload {
                    switch wish.body {
                    case .authorizationGranted, .authorizationResumed: return isLater(wish)
                    default: return true
                    }
                }
                // A version that was never granted stands for the newest that was.
                guard
                    let row = try ClientStore.standing(of: id, in: db)
                        ?? ClientStore.standing(in: subject.project, in: db)
                else { return true }
                return try row[0] || (row[1] as String?) != nil || isGranted(row)
            case .signupLeft(let project):
                let isJoined =
                    try Bool.fetchOne(
                        db, sql: "SELECT EXISTS (SELECT 1 FROM seat WHERE project = ?)",
                        arguments: [project.text]) ?? false
                switch wishes.participation(in: project, isJoined: isJoined) {
                case .none, .leaving: return true
                case .joining:
                    let joined = wishes.entries.last {
                        $0.payload.body.kind == .signupJoined && $0.payload.body.project == project
                    }
                    return joined.map { isLater($0.payload) } ?? false
                case .joined:
                    let joined = try Row.fetchOne(
                        db,
                        sql: """
                            SELECT idx, jws FROM entry
                            WHERE chain = 1 AND kind = ? AND project = ? ORDER BY idx DESC LIMIT 1
                            """,
                        arguments: [EntryKind.signupJoined.rawValue, project.text])
                    return try joined.map { try isAllowed($0[0], $0.bytes(1)) } ?? false
                }
            default: return true
            }
        }
    }

    /// Whether an authorization is paused, how it was revoked, and its grant with its index; `nil`
    /// if there is none.
    private static func standing(of id: AuthorizationID, in db: Database) throws -> Row? {
        try standing("a.id = ?", id.text, in: db)
    }

    /// The same of the newest authorization for a project.
    private static func standing(in project: ProjectID, in db: Database) throws -> Row? {
        try standing("a.project = ? ORDER BY a.major DESC LIMIT 1", project.text, in: db)
    }

    private static func standing(
        _ condition: String, _ argument: String, in db: Database
    ) throws -> Row? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT a.is_paused, a.revoked_mode, e.idx, e.jws FROM authorization a
                LEFT JOIN entry e ON e.id = a.grant_entry WHERE \(condition)
                """, arguments: [argument])
    }

    /// Whether another entry has this one's number, as far as is known here: one that is on its way,
    /// or was recorded.
    ///
    /// Then the node takes this one only if it is a revocation.
    ///
    /// - Throws: `StoreFailure`.
    package func isNumberTaken(_ payload: EntryPayload, by other: Hash) throws -> Bool {
        try read("look for an entry's number") { db in
            let isWaiting =
                try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM outbox
                            WHERE device = ? AND seq = ? AND id <> ?)
                        """,
                    arguments: [payload.device.text, payload.sequence, other.data]) ?? false
            if isWaiting { return true }
            let recorded = try ClientStore.newestRecorded(
                of: payload.device, besides: other, in: db
            ) { $0.sequence <= payload.sequence }
            return recorded?.sequence == payload.sequence
        }
    }

    /// The newest entry of a device in the member's chain that fits, but for one; `nil` if none does.
    static func newestRecorded(
        of device: DeviceID, besides other: Hash = .zero, in db: Database,
        where fits: (EntryPayload) -> Bool
    ) throws -> EntryPayload? {
        let rows = try Row.fetchCursor(
            db, sql: "SELECT jws FROM entry WHERE chain = 1 AND id <> ? ORDER BY idx DESC",
            arguments: [other.data])
        while let row = try rows.next() {
            let recorded = try Entry(bytes: row.bytes(0)).payload()
            if recorded.device == device, fits(recorded) { return recorded }
        }
        return nil
    }

    /// Wishes to stop that an import brought and that can reach the ledger no more as they were
    /// signed: their device used the number of one before them otherwise, which the node said.
    ///
    /// - Throws: `StoreFailure`.
    package func strandedStops() throws -> [Entry] {
        try read("look for stranded entries") { db in
            let brought = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT jws FROM outbox
                        WHERE state IN ('queued', 'sent') AND NOT \(ClientStore.isOwnDevice)
                        ORDER BY device, seq
                        """))
            guard !brought.isEmpty else { return [] }
            let refused = try Row.fetchAll(
                db, sql: "SELECT jws FROM refusal WHERE code = ?",
                arguments: [Int64(EntryRejection.sequenceReused.rawValue)])
            var lost: [DeviceID: Int64] = [:]
            for row in refused {
                let payload = try Entry(bytes: row.bytes(0)).payload()
                lost[payload.device] = min(
                    lost[payload.device] ?? payload.sequence, payload.sequence)
            }
            return try brought.map { Entry(bytes: $0.bytes(0)) }.filter { entry in
                let payload = try entry.payload()
                guard payload.body.kind.onlyStopsUse, let first = lost[payload.device] else {
                    return false
                }
                return first < payload.sequence
            }
        }
    }

    /// Forgets an entry that an import brought, once it was decided anew.
    ///
    /// - Throws: `StoreFailure`.
    package func forgetStranded(_ entry: Hash) throws {
        try write("forget a stranded entry") { db in
            try db.execute(
                sql: "DELETE FROM outbox WHERE id = ? AND NOT \(ClientStore.isOwnDevice)",
                arguments: [entry.data])
        }
    }
}
