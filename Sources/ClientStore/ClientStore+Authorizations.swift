internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

extension ClientStore {
    /// Returns the member's authorizations, those in force first.
    package func authorizations(at time: Timestamp) throws -> [AuthorizationLine] {
        try read("list the authorizations") { db in
            try authorizations(of: nil, at: time, LocalWishes(db), in: db)
        }
    }

    /// The authorizations for one project, or for all, those in force first, the newest first.
    func authorizations(
        of project: ProjectID?, at time: Timestamp, _ wishes: LocalWishes, in db: Database
    ) throws -> [AuthorizationLine] {
        let filter = project == nil ? "" : "WHERE a.project = ?"
        let statement = try db.cachedStatement(
            sql: """
                SELECT a.id, a.project, a.grant_entry, e.jws, a.granted_at, a.latest, a.is_paused,
                    a.revoked_at, a.revoked_mode, a.revoked_entry, a.uses, a.last_use, a.invalidated_by,
                    a.guardian_until
                FROM authorization a JOIN entry e ON e.id = a.grant_entry \(filter)
                """)
        let rows = try Row.fetchAll(
            statement, arguments: project.map { [$0.text] } ?? StatementArguments())
        let monthUses = try usesThisMonth(at: time, in: db)
        let derived = try derivations(in: db)
        var lines = try rows.compactMap { row in
            var line = try line(row, at: time, wishes, in: db)
            if let id = line?.id { line?.monthUses = monthUses[id.text] ?? 0 }
            if let grant = line?.project { line?.derived = derived[grant.text] ?? 0 }
            return line
        }
        ClientStore.markReplaced(&lines)
        let known = Set(lines.map(\.id))
        for (wish, grant) in wishes.grants where project == nil || grant.project == project {
            let id = AuthorizationID(
                account: wish.payload.account, project: grant.project, major: grant.major)
            guard !known.contains(id), !lines.contains(where: { $0.id == id }) else { continue }
            lines.append(try line(id, grant, at: time, wishes, in: db))
        }
        let overdue = try overdueErasures(lines, at: time, in: db)
        for erasure in overdue {
            // An erasure is the project's: the newest version tells of it.
            let newest = lines.indices.filter { lines[$0].project == erasure.project }
                .max { lines[$0].grant.major < lines[$1].grant.major }
            if let newest { lines[newest].overdue.append(erasure) }
        }
        return lines.sorted(by: ClientStore.precedes)
    }

    private func line(_ row: Row, at time: Timestamp, _ wishes: LocalWishes, in db: Database)
        throws -> AuthorizationLine?
    {
        guard let stored = try storedProject(row.project(1), in: db)?.project else { return nil }
        let payload = try Entry(bytes: row.bytes(3)).payload()
        guard case .authorizationGranted(let grant) = payload.body else { return nil }
        let authorization = Authorization(
            account: payload.account, grant: grant, grantEntry: try row.hash(2),
            grantedAt: row.time(4),
            guardianUntil: (row[13] as Int64?).map { Timestamp(milliseconds: $0) },
            latestDecision: try row.hash(5), isPaused: row[6],
            revocation: try revocation(row),
            invalidation: try (row[12] as Data?).map { try Hash(column: $0) })
        let decision = wishes.decision(on: authorization.id)
        var line = AuthorizationLine(
            id: authorization.id, project: grant.project, title: stored.terms.title, grant: grant,
            recipients: try names(of: grant.recipients, in: db),
            links: try linked(grant.links, in: db),
            state: authorization.state(at: time, in: stored), grantedAt: authorization.grantedAt,
            pending: decision.map(pending), uses: row[10],
            lastUse: (row[11] as Int64?).map { Timestamp(milliseconds: $0) },
            guardianUntil: authorization.guardianUntil)
        line.asksSecret = stored.terms.asksSecret
        line.isOfFormerVersion = stored.terms.major != grant.major
        if line.state == .paused { line.pausedBy = try lastPause(of: grant.project, in: db) }
        line.lapse = try authorization.revocation.flatMap { try lapse($0.entry, in: db) }
        return line
    }

    /// The newest entry that pauses a project: it is about every version that is in force.
    private func lastPause(of project: ProjectID, in db: Database) throws -> Hash? {
        try Data.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT id FROM entry INDEXED BY entry_of_account_by_kind
                    WHERE chain = 1 AND kind = ? AND project = ? ORDER BY aseq DESC LIMIT 1
                    """),
            arguments: [EntryKind.authorizationPaused.rawValue, project.text]
        ).map { try Hash(column: $0) }
    }

    /// Why an authorization lapsed, if the entry that ended it says so.
    private func lapse(_ entry: Hash, in db: Database) throws -> LapseCause? {
        let jws = try Data.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT jws FROM entry WHERE id = ? AND kind = 'authorization.lapsed/1'
                    """), arguments: [entry.data])
        guard let jws,
            case .authorizationLapsed(let lapsed) = try Entry(bytes: [UInt8](jws)).payload().body
        else { return nil }
        return lapsed.cause
    }

    /// How many things were made from the member's records, by project.
    private func derivations(in db: Database) throws -> [String: Int] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT project, COUNT(*) FROM entry
                    WHERE chain = 1 AND kind = 'data.derived/1' GROUP BY project
                    """))
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }

    private func revocation(_ row: Row) throws -> Authorization.Revocation? {
        guard let at = row[7] as Int64? else { return nil }
        return Authorization.Revocation(
            at: Timestamp(milliseconds: at),
            mode: try row.parsed(8, RevocationMode.init(rawValue:)), entry: try row.hash(9))
    }

    /// The line of a grant that is not on the ledger yet.
    private func line(
        _ id: AuthorizationID, _ grant: AuthorizationGranted, at time: Timestamp,
        _ wishes: LocalWishes, in db: Database
    ) throws -> AuthorizationLine {
        let decision = wishes.decision(on: id)
        return AuthorizationLine(
            id: id, project: grant.project,
            title: try title(of: grant.project, in: db)
                ?? LocalizedText(english: grant.project.text),
            grant: grant, recipients: try names(of: grant.recipients, in: db),
            links: try linked(grant.links, in: db),
            state: time < grant.until ? .active : .expired, grantedAt: nil,
            pending: decision.map(pending), uses: 0,
            lastUse: nil)
    }

    private func pending(_ decision: (wish: LocalWishes.Wish, kind: EntryKind))
        -> AuthorizationLine.PendingDecision
    {
        var granted: AuthorizationGranted?
        if case .authorizationGranted(let grant) = decision.wish.payload.body { granted = grant }
        return .init(kind: decision.kind, state: decision.wish.state, grant: granted)
    }

    /// Only the authorization for the newest major version that was granted lets data flow
    /// (`LedgerState.judge`): an older one is neither to be agreed to anew nor to be revoked.
    private static func markReplaced(_ lines: inout [AuthorizationLine]) {
        var newest: [ProjectID: AuthorizationLine] = [:]
        for line in lines where line.grant.major > newest[line.project]?.grant.major ?? 0 {
            newest[line.project] = line
        }
        for index in lines.indices {
            guard let newest = newest[lines[index].project], newest.id != lines[index].id,
                [.active, .paused, .reconsentDue].contains(lines[index].state)
            else { continue }
            lines[index].state = .replaced
            lines[index].replacedAt = newest.grantedAt
        }
    }

    private static func precedes(_ left: AuthorizationLine, _ right: AuthorizationLine) -> Bool {
        let ranks = (rank(left), rank(right))
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        let times = (left.grantedAt ?? .latest, right.grantedAt ?? .latest)
        return times.0 != times.1 ? times.0 > times.1 : left.id < right.id
    }

    private static func rank(_ line: AuthorizationLine) -> Int {
        switch line.state {
        case .active, .reconsentDue: 0
        case .paused: 1
        case .replaced, .withdrawn, .expired, .terminated, .invalidated: 2
        }
    }

    /// Returns what the next grant of an authorization has to cite, decisions on their way
    /// included; zero if nothing was ever decided.
    package func latestDecision(for id: AuthorizationID) throws -> Hash {
        try read("read the authorization") { db in
            for wish in try LocalWishes(db).entries.reversed() {
                switch wish.payload.body {
                case .authorizationGranted(let granted):
                    let other = AuthorizationID(
                        account: wish.payload.account, project: granted.project,
                        major: granted.major)
                    if other == id { return wish.id }
                case .authorizationRevoked(let revoked):
                    let other = AuthorizationID(
                        account: wish.payload.account, project: revoked.project,
                        major: revoked.major)
                    if other == id { return wish.id }
                    if try isNewest(id, of: wish.payload.account, after: revoked, in: db) {
                        return wish.id
                    }
                case .signupLeft(let project):
                    if try leaving(project, as: wish.payload.account, decides: id, in: db) {
                        return wish.id
                    }
                default: continue
                }
            }
            let latest = try Data.fetchOne(
                db,
                sql: """
                    SELECT latest FROM authorization WHERE id = ?1
                    UNION ALL SELECT entry FROM bare_decision WHERE id = ?1
                    """, arguments: [id.text])
            return try latest.map { try Hash(column: $0) } ?? .zero
        }
    }

    /// Whether leaving is a decision about an authorization: as `LedgerState` has it, about every
    /// one there is and about the one of the current version, granted or not.
    private func leaving(
        _ project: ProjectID, as account: AccountID, decides id: AuthorizationID, in db: Database
    ) throws -> Bool {
        let isKnown = try Int.fetchOne(
            db, sql: "SELECT 1 FROM authorization WHERE id = ? AND project = ?",
            arguments: [id.text, project.text])
        if isKnown != nil { return true }
        guard let current = try storedProject(project, in: db)?.project.terms.major else {
            return false
        }
        return AuthorizationID(account: account, project: project, major: current) == id
    }

    /// Whether an authorization is that of the current version, and the revocation of an earlier one
    /// decides about it, too: as `LedgerState` has it.
    private func isNewest(
        _ id: AuthorizationID, of account: AccountID, after revoked: AuthorizationRevoked,
        in db: Database
    ) throws -> Bool {
        guard let current = try storedProject(revoked.project, in: db)?.project.terms.major,
            revoked.major < current
        else { return false }
        return AuthorizationID(account: account, project: revoked.project, major: current) == id
    }

    /// Returns the size and root of the tree that was verified last; size 0 before the first.
    package func observedTree() throws -> (size: Int64, root: Hash) {
        guard let note = try checkpointNote() else { return (0, MerkleTree.emptyRoot) }
        let checkpoint = try Checkpoint(parsing: SignedNote(parsing: note).text)
        return (Int64(checkpoint.size), checkpoint.root)
    }
}
