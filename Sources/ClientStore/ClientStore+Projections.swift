internal import Foundation
internal import GRDB
internal import LedgerCore
internal import SyncCore

/// What screens read, written in the transaction that stores the entries it follows from.
extension ClientStore {
    func project(_ round: VerifiedRound, in db: Database) throws {
        let changes = round.changes
        let state = round.state
        try projectInstitutions(changes, state, in: db)
        try projectProjects(changes, state, in: db)
        let account = try db.metaText(.account).flatMap { AccountID($0) }
        if let account { try projectSeats(changes, state, account, in: db) }
        try projectAuthorizations(changes, state, in: db)
        try projectContributions(round, in: db)
        try projectPoints(changes, in: db)
        try projectRewards(changes, state, in: db)
        for entry in round.entries {
            try ClientStore.logUse(
                entry.verified.payload, index: entry.index, at: entry.envelope.time, in: db)
        }
        if let account { try writeBalances(of: account, state, in: db) }
    }

    private func writeBalances(of account: AccountID, _ state: LedgerState, in db: Database) throws
    {
        try db.setMeta(.pointsAvailable, state.points.balance(of: .available(account)).value)
        try db.setMeta(.pointsPending, state.points.balance(of: .pending(account)).value)
        try db.setMeta(.pointsReserved, state.points.balance(of: .reserved(account)).value)
        let ending = state.lots(of: account).filter { $0.isNoticed && $0.free > .zero }
        // Only what runs out on the first day: with a later day's it would be told of too early.
        let first = ending.map(\.expiresAt).min()
        let onFirst = ending.filter { $0.expiresAt.day == first?.day }
        try db.setMeta(.pointsExpiring, onFirst.reduce(0) { $0 + $1.free.value })
        try db.setMeta(.pointsExpireAt, first?.milliseconds)
    }

    private func projectInstitutions(
        _ changes: LedgerChanges, _ state: LedgerState, in db: Database
    ) throws {
        guard !changes.institutions.isEmpty else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO institution
                    (account, name_en, name_zh, signing, wrapping, region, is_foreign_held)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        for account in changes.institutions {
            guard let institution = state.institutions[account] else { continue }
            try statement.execute(
                arguments: [
                    account.text, institution.name.english, institution.name.chinese,
                    Data(institution.keys.signing), Data(institution.keys.wrapping),
                    institution.region, institution.isForeignHeld,
                ])
        }
    }

    private func projectProjects(
        _ changes: LedgerChanges, _ state: LedgerState, in db: Database
    ) throws {
        guard !changes.projects.isEmpty || !changes.escrow.isEmpty else { return }
        // Ascending ids give the same row numbers wherever the same rounds were stored.
        for id in changes.projects.sorted() {
            guard let project = state.projects[id] else { continue }
            try write(project, in: db)
            try index(project, state, in: db)
        }
        let escrow = try db.cachedStatement(
            sql: "UPDATE project SET escrow = escrow + ? WHERE id = ?")
        for (id, points) in changes.escrow {
            try escrow.execute(arguments: [points.value, id.text])
        }
        try db.setMeta(
            .catalogueGeneration, (try db.metaInteger(.catalogueGeneration) ?? 0) + 1)
    }

    private func write(_ project: Project, in db: Database) throws {
        let terms = project.terms
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO project (id, sponsor, programme, title_en, title_zh, sort_title, kinds,
                    offer, seats, open_until, is_closed, changed_at, grace_end, published_by, terms,
                    kind_bits, required_bits, age_from, age_until, sex, programme_bits, regions,
                    key_en, key_zh)
                VALUES (?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    programme = excluded.programme, title_en = excluded.title_en,
                    title_zh = excluded.title_zh,
                    kinds = excluded.kinds, offer = excluded.offer, seats = excluded.seats,
                    open_until = excluded.open_until, is_closed = excluded.is_closed,
                    changed_at = excluded.changed_at, grace_end = excluded.grace_end,
                    terms = excluded.terms, kind_bits = excluded.kind_bits,
                    required_bits = excluded.required_bits, age_from = excluded.age_from,
                    age_until = excluded.age_until, sex = excluded.sex,
                    programme_bits = excluded.programme_bits, regions = excluded.regions,
                    key_en = excluded.key_en, key_zh = excluded.key_zh
                """)
        let title = terms.title
        let facets = FacetColumns(terms)
        statement.setUncheckedArguments([
            terms.project.text, project.sponsor.text, terms.programme.rawValue, title.english,
            title.chinese, ClientStore.text(of: terms.kinds), terms.offer.value,
            terms.seats, project.isClosed ? 0 : terms.useUntil.milliseconds,
            project.isClosed ? 1 : 0, project.changedAt.milliseconds,
            project.graceEnd.milliseconds, project.publishedBy.data,
            Data(terms.json.canonicalBytes), facets.kinds, facets.required, facets.ageFrom,
            facets.ageUntil, facets.sex, facets.programmes, facets.regions,
            TitleKey.key(title, readsChinese: false), TitleKey.key(title, readsChinese: true),
        ])
        try statement.execute()
    }

    private func index(_ project: Project, _ state: LedgerState, in db: Database) throws {
        let row = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT row FROM project WHERE id = ?"),
            arguments: [project.terms.project.text])
        guard let row else { return }
        let words = SearchWords.text(of: project, institutions: state.institutions)
        let old = try String.fetchOne(
            db.cachedStatement(sql: "SELECT words FROM project_text WHERE row = ?"),
            arguments: [row])
        if old == words { return }
        if let old {
            try db.cachedStatement(
                sql: """
                    INSERT INTO project_search (project_search, rowid, words)
                    VALUES ('delete', ?, ?)
                    """
            ).execute(arguments: [row, old])
        }
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO project_text (row, words) VALUES (?, ?)"
        ).execute(arguments: [row, words])
        try db.cachedStatement(sql: "INSERT INTO project_search (rowid, words) VALUES (?, ?)")
            .execute(arguments: [row, words])
    }

    private func projectSeats(
        _ changes: LedgerChanges, _ state: LedgerState, _ account: AccountID, in db: Database
    ) throws {
        for project in changes.seats {
            let isTaken = state.seats[Seat(account: account, project: project)] != nil
            try db.execute(
                sql: isTaken
                    ? "INSERT OR IGNORE INTO seat (project) VALUES (?)"
                    : "DELETE FROM seat WHERE project = ?",
                arguments: [project.text])
        }
    }

    private func projectAuthorizations(
        _ changes: LedgerChanges, _ state: LedgerState, in db: Database
    ) throws {
        for id in changes.authorizations {
            guard let authorization = state.authorizations[id] else {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO bare_decision (id, entry) VALUES (?, ?)",
                    arguments: [id.text, state.latestDecision(for: id).data])
                continue
            }
            try db.execute(sql: "DELETE FROM bare_decision WHERE id = ?", arguments: [id.text])
            try write(authorization, in: db)
        }
        guard !changes.uses.isEmpty else { return }
        let use = try db.cachedStatement(
            sql: """
                UPDATE authorization SET uses = uses + 1, last_use = max(coalesce(last_use, 0), ?)
                WHERE id = ?
                """)
        for entry in changes.uses {
            try use.execute(arguments: [entry.at.milliseconds, entry.authorization.text])
        }
    }

    private func write(_ authorization: Authorization, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO authorization (id, project, major, grant_entry, granted_at, latest,
                    is_paused, revoked_at, revoked_mode, revoked_entry, invalidated_by,
                    guardian_until)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    grant_entry = excluded.grant_entry, granted_at = excluded.granted_at,
                    latest = excluded.latest, is_paused = excluded.is_paused,
                    revoked_at = excluded.revoked_at, revoked_mode = excluded.revoked_mode,
                    revoked_entry = excluded.revoked_entry,
                    invalidated_by = excluded.invalidated_by,
                    guardian_until = excluded.guardian_until
                """
        ).execute(
            arguments: [
                authorization.id.text, authorization.grant.project.text,
                authorization.grant.major, authorization.grantEntry.data,
                authorization.grantedAt.milliseconds, authorization.latestDecision.data,
                authorization.isPaused, authorization.revocation?.at.milliseconds,
                authorization.revocation?.mode.rawValue, authorization.revocation?.entry.data,
                authorization.invalidation?.data, authorization.guardianUntil?.milliseconds,
            ])
    }

    private func projectContributions(_ round: VerifiedRound, in db: Database) throws {
        let indices = Dictionary(
            uniqueKeysWithValues: round.entries.compactMap { entry in
                round.changes.contributions.contains(entry.verified.id)
                    ? (entry.verified.id, entry.index) : nil
            })
        for entry in round.changes.contributions {
            guard let contribution = round.state.contributions[entry] else { continue }
            let review = ClientStore.text(of: contribution.review)
            guard let index = indices[entry] else {
                try db.execute(
                    sql: "UPDATE contribution SET review = ? WHERE entry = ?",
                    arguments: [review, entry.data])
                continue
            }
            let statement = contribution.statement
            try db.cachedStatement(
                sql: """
                    INSERT INTO contribution (idx, entry, project, record, kind, rows, review)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(
                arguments: [
                    index, entry.data, statement.project.text, statement.record.data,
                    statement.kind.rawValue, statement.rows, review,
                ])
        }
    }

    private func projectPoints(_ changes: LedgerChanges, in db: Database) throws {
        guard !changes.points.isEmpty else { return }
        let insertion = try db.cachedStatement(
            sql: """
                INSERT INTO points (idx, entry, time, kind, points, project, cause, vests_at,
                    is_waiting, reward, waiting)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for movement in changes.points {
            insertion.setUncheckedArguments([
                movement.index, movement.entry.data, movement.at.milliseconds,
                movement.kind.rawValue, movement.points.value, movement.project?.text ?? "",
                movement.cause?.rawValue, movement.vestsAt?.milliseconds,
                movement.kind == .pointsAccrued ? 1 : 0, movement.reward?.text,
                movement.kind == .pointsAccrued ? movement.waiting.value : 0,
            ])
            try insertion.execute()
            if let accrual = movement.accrual {
                try db.cachedStatement(
                    sql: "UPDATE points SET waiting = ?1, is_waiting = ?1 > 0 WHERE entry = ?2"
                ).execute(arguments: [movement.waiting.value, accrual.data])
            }
            try ClientStore.count(movement, in: db)
        }
    }

    /// What was earned in a month: accrued in it, less what was taken back of that later.
    private static func count(_ movement: LedgerChanges.Movement, in db: Database) throws {
        let points = movement.points.value
        switch movement.kind {
        case .pointsAccrued: try count(points, at: movement.at, in: db)
        case .pointsVoided: try count(-points, of: movement.accrual, movement.at, in: db)
        // Below zero where it took some.
        case .correctionConfirmed: try count(points, of: movement.accrual, movement.at, in: db)
        default: return
        }
    }

    /// Counts points in the month of their accrual; `time` is that of the entry that moved them.
    private static func count(
        _ points: Int64, of accrual: Hash?, _ time: Timestamp, in db: Database
    ) throws {
        let accrued = try accrual.flatMap { accrual in
            try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT time FROM points WHERE entry = ?"),
                arguments: [accrual.data])
        }
        try count(points, at: accrued.map { Timestamp(milliseconds: $0) } ?? time, in: db)
    }

    private static func count(_ points: Int64, at time: Timestamp, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO points_month (month, points) VALUES (?, ?)
                ON CONFLICT (month) DO UPDATE SET points = points + excluded.points
                """
        ).execute(arguments: [time.month, points])
    }

    /// Counts the corrections an older program stored in what waits and in the months.
    static func countCorrections(_ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT e.jws, p.points, p.time FROM points p JOIN entry e ON e.id = p.entry
                WHERE p.kind = ? ORDER BY p.idx
                """, arguments: [EntryKind.correctionConfirmed.rawValue])
        for row in rows {
            // One that cannot be read is damage. That is looked for, and mended, once the store is
            // open: here it would keep the store from being opened at all.
            guard let confirmation = try? Entry(bytes: row.bytes(0)).payload(),
                case .correctionConfirmed(let confirmed) = confirmation.body,
                let proposal = try Data.fetchOne(
                    db, sql: "SELECT jws FROM entry WHERE id = ?",
                    arguments: [confirmed.proposal.data]),
                let proposing = try? Entry(bytes: [UInt8](proposal)).payload(),
                case .correctionProposed(let proposed) = proposing.body
            else { continue }
            let points: Int64 = row[1]
            // What still waits was waiting then, and points are given back as available ones.
            try db.execute(
                sql: "UPDATE points SET waiting = waiting + ? WHERE entry = ? AND is_waiting = 1",
                arguments: [min(points, 0), proposed.accrual.data])
            try count(points, of: proposed.accrual, row.time(2), in: db)
        }
    }
}

extension ClientStore {
    static func text(of kinds: [KindRequest]) -> String {
        kinds.map { $0.kind.rawValue + ($0.isRequired ? "!" : "") }.joined(separator: ",")
    }

    static func kinds(_ text: String) -> [KindRequest] {
        text.split(separator: ",").compactMap { word in
            let isRequired = word.hasSuffix("!")
            return RecordKind(rawValue: String(isRequired ? word.dropLast() : word)).map {
                KindRequest($0, isRequired: isRequired)
            }
        }
    }

    static func text(of review: Contribution.Review) -> String {
        switch review {
        case .waiting: "waiting"
        case .accepted: "accepted"
        case .rejected(let reason): "rejected:\(reason.rawValue)"
        }
    }

    static func review(_ text: String) -> Contribution.Review? {
        switch text {
        case "waiting": .waiting
        case "accepted": .accepted
        default:
            ContributionRefusal(rawValue: String(text.dropFirst("rejected:".count)))
                .map(Contribution.Review.rejected)
        }
    }
}
