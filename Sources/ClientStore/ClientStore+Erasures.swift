internal import Foundation
internal import GRDB
internal import LedgerCore
internal import SyncCore

/// Whose erasures are overdue: read off the entries, as a member can check them.
extension ClientStore {
    /// How long the node has for what it does by itself, in milliseconds: a day.
    private static let nodeTime: Int64 = 86_400_000

    /// Returns the erasures of the member's data that should be done by now and are not.
    ///
    /// Judged at the time of the last checkpoint that was verified, where that is earlier than
    /// `time`: what happened since is not known here.
    func overdueErasures(
        _ lines: [AuthorizationLine], at time: Timestamp, in db: Database
    ) throws -> [OverdueErasure] {
        guard let verified = try db.metaInteger(.verifiedAt) else { return [] }
        let time = min(time, Timestamp(milliseconds: verified))
        let erased = try erasures(db)
        return try unattested(erased, at: time, in: db)
            + notErased(Set(erased.flatMap(\.statement.contributions)), lines, at: time, in: db)
    }

    /// An erasure that was recorded.
    private struct RecordedErasure {
        let entry: Hash
        let statement: RecordsErased
        let at: Timestamp
        let sequence: Int64
    }

    private func erasures(_ db: Database) throws -> [RecordedErasure] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, jws, time, aseq FROM entry WHERE chain = 1 AND kind = ?
                    ORDER BY aseq
                    """),
            arguments: [EntryKind.recordsErased.rawValue])
        return try rows.compactMap { row in
            guard case .recordsErased(let statement) = try Entry(bytes: row.bytes(1)).payload().body
            else { return nil }
            return RecordedErasure(
                entry: try row.hash(0), statement: statement, at: row.time(2), sequence: row[3])
        }
    }

    // MARK: Recipients

    private func unattested(
        _ erased: [RecordedErasure], at time: Timestamp, in db: Database
    ) throws -> [OverdueErasure] {
        let due = erased.filter { ClientStore.deadline($0) <= time }
        guard !due.isEmpty else { return [] }
        let attesters = try attesters(db)
        return try due.compactMap { erasure in
            let project = erasure.statement.project
            let signed = attesters[erasure.entry] ?? []
            let waiting = try recipients(before: erasure, in: db)
                .filter { !signed.contains($0.text) }
            // A device that is not known here may be that of any of them.
            guard waiting.count > signed.count(where: \.isEmpty) else { return nil }
            return OverdueErasure(
                project: project,
                title: try title(of: project, in: db) ?? LocalizedText(english: project.text),
                dueAt: ClientStore.deadline(erasure),
                waiting: try waiting.map { try name(of: $0.text, in: db) }, entry: erasure.entry)
        }
    }

    /// Whom the grants before an erasure name, ascending: each of them counts, as the node's rules
    /// have it.
    private func recipients(before erasure: RecordedErasure, in db: Database) throws -> [AccountID]
    {
        let entries = try Data.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT jws FROM entry WHERE chain = 1 AND kind = ? AND aseq < ? ORDER BY aseq
                    """),
            arguments: [EntryKind.authorizationGranted.rawValue, erasure.sequence])
        var named: Set<AccountID> = []
        for entry in entries {
            guard
                case .authorizationGranted(let granted) = try Entry(bytes: [UInt8](entry))
                    .payload().body, granted.project == erasure.statement.project
            else { continue }
            named.formUnion(granted.recipients)
        }
        return named.sorted()
    }

    private static func deadline(_ erasure: RecordedErasure) -> Timestamp {
        erasure.at.adding(milliseconds: LedgerState.attestationTime)
    }

    /// By erasure, the accounts that attested it; empty for a device that is not known here.
    private func attesters(_ db: Database) throws -> [Hash: [String]] {
        let institutions = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT signing, account FROM institution"))
        let owners = Dictionary(
            institutions.map { (DeviceID(publicKey: $0.bytes(0)), $0[1] as String) }
        ) { $1 }
        let entries = try Data.fetchAll(
            db.cachedStatement(sql: "SELECT jws FROM entry WHERE chain = 1 AND kind = ?"),
            arguments: [EntryKind.erasureAttested.rawValue])
        var attesters: [Hash: [String]] = [:]
        for entry in entries {
            let payload = try Entry(bytes: [UInt8](entry)).payload()
            guard case .erasureAttested(let attested) = payload.body else { continue }
            attesters[attested.erasure, default: []].append(owners[payload.device] ?? "")
        }
        return attesters
    }

    // MARK: The node

    /// What the node should have erased because the member or the terms said so.
    private func notErased(
        _ erased: Set<Hash>, _ lines: [AuthorizationLine], at time: Timestamp, in db: Database
    ) throws -> [OverdueErasure] {
        let orders = try erasureOrders(db)
        let last = Timestamp(milliseconds: time.milliseconds - ClientStore.nodeTime)
        var seen: Set<ProjectID> = []
        return try lines.filter { seen.insert($0.project).inserted }.compactMap { line in
            let project = line.project
            let order = ClientStore.latest(of: project, lines).flatMap { orders[$0.id.text] }
            let agreed = lines.filter { $0.project == project }.map(\.grant.eraseAt).max()
            var due = order?.at ?? agreed ?? .latest
            guard due <= last else { return nil }
            if order == nil {
                // A contribution is kept no longer than the terms said that held when it was made.
                let current = try storedProject(project, in: db)?.project.terms.eraseAt
                due = max(due, current ?? due)
            }
            guard due <= last else { return nil }
            let contributions = try Data.fetchAll(
                db.cachedStatement(sql: "SELECT entry FROM contribution WHERE project = ?"),
                arguments: [project.text])
            guard try contributions.contains(where: { !erased.contains(try Hash(column: $0)) })
            else { return nil }
            return OverdueErasure(
                project: project, title: line.title, dueAt: due, waiting: [],
                entry: order?.entry)
        }
    }

    /// The revocations that want an erasure, by authorization.
    private func erasureOrders(_ db: Database) throws -> [String: (at: Timestamp, entry: Hash)] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql:
                    "SELECT id, revoked_at, revoked_entry FROM authorization WHERE revoked_mode = ?"
            ), arguments: [RevocationMode.stopAndErase.rawValue])
        return try Dictionary(
            rows.map { ($0[0] as String, (at: $0.time(1), entry: try $0.hash(2))) }
        ) { $1 }
    }

    /// The authorization of the highest version, as the node's rules have it.
    private static func latest(
        of project: ProjectID, _ lines: [AuthorizationLine]
    ) -> AuthorizationLine? {
        lines.filter { $0.project == project && $0.grantedAt != nil }
            .max { $0.grant.major < $1.grant.major }
    }
}
