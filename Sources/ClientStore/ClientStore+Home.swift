internal import GRDB
package import LedgerCore
package import SyncCore

extension ClientStore: MemberReading {
    /// Returns what Home shows.
    package func home(at time: Timestamp) throws -> HomeSummary {
        try read("read the summary") { db in
            let wishes = try LocalWishes(db)
            let lines = try authorizations(of: nil, at: time, wishes, in: db)
            let counts = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT (SELECT count(*) FROM project), (SELECT count(*) FROM record)"))
            let points = try pointsSummary(at: time, in: db)
            let recent = try recordedLines(offset: 0, limit: HomeSummary.recentLimit, in: db)
            return HomeSummary(
                points: points,
                attention: try attention(lines, points, at: time, wishes, in: db), recent: recent,
                since: try sinceLastTime(recent, in: db),
                projectCount: counts?[0] ?? 0,
                activeAuthorizations: lines.count {
                    $0.grantedAt != nil && ($0.state == .active || $0.state == .reconsentDue)
                }, recordCount: counts?[1] ?? 0)
        }
    }

    private func attention(
        _ lines: [AuthorizationLine], _ points: PointsSummary, at time: Timestamp,
        _ wishes: LocalWishes, in db: Database
    ) throws -> [HomeSummary.Attention] {
        var attention = lines.flatMap(\.overdue).map(HomeSummary.Attention.erasureOverdue)
        attention += try unreadRefusals(db).map(HomeSummary.Attention.refused)
        attention += lines.filter { $0.pending?.kind == .authorizationRevoked }
            .map(HomeSummary.Attention.revocationWaiting)
        attention += try openCorrections(at: time, wishes, in: db)
        for line in lines where line.state == .reconsentDue {
            let project = try storedProject(line.project, in: db)?.project
            let isOld = project?.terms.major != line.grant.major
            let ends = [
                isOld ? project?.graceEnd(of: line.grant.major) : nil,
                line.guardianUntil?.adding(milliseconds: ComingOfAge.grace),
            ]
            let end = ends.compactMap(\.self).reduce(line.grant.until, min)
            attention.append(.reconsentDue(line, until: end))
        }
        let soon = time.adding(milliseconds: HomeSummary.expiryNotice)
        attention += lines.filter { $0.state == .active && $0.grant.until < soon }
            .map(HomeSummary.Attention.expiring)
        if let end = points.expiresAt, points.expiring > .zero {
            attention.append(.pointsExpiring(points.expiring, at: end))
        }
        let joined = try String.fetchAll(
            db.cachedStatement(sql: "SELECT project FROM seat ORDER BY project"))
        for text in joined {
            guard let id = ProjectID(text), let line = try line(of: id, wishes, in: db),
                !line.isClosed, line.participation == .joined
            else { continue }
            guard lines.contains(where: { $0.project == id }) else {
                attention.append(.authorizationMissing(line))
                continue
            }
            if try contributions(to: id, wishes, in: db).isEmpty {
                attention.append(.contributionMissing(line))
            }
        }
        return attention
    }

    /// The proposals to take points back that the member can still appeal against.
    private func openCorrections(
        at time: Timestamp, _ wishes: LocalWishes, in db: Database
    ) throws -> [HomeSummary.Attention] {
        let proposals = try recordedLines(of: .correctionProposed, in: db)
        guard !proposals.isEmpty else { return [] }
        let appeals = try recordedLines(of: .correctionAppealed, in: db).map(\.body)
        var appealed: Set<Hash> = []
        for case .correctionAppealed(let proposal) in appeals + wishes.entries.map(\.payload.body) {
            appealed.insert(proposal)
        }
        // An appeal is possible once for each accrual.
        var decided: Set<Hash> = []
        for line in proposals where appealed.contains(line.entry) {
            if case .correctionProposed(let proposed) = line.body {
                decided.insert(proposed.accrual)
            }
        }
        return proposals.compactMap { line in
            guard case .correctionProposed(let proposed) = line.body,
                proposed.direction == .take, !decided.contains(proposed.accrual)
            else { return nil }
            let until = line.at.adding(milliseconds: PointsTimes.appeal)
            return until > time
                ? .correctionProposed(line, proposed.points, until: until) : nil
        }
    }

    /// Returns the balances.
    package func pointsSummary(at time: Timestamp) throws -> PointsSummary {
        try read("read the points") { db in try pointsSummary(at: time, in: db) }
    }

    private func pointsSummary(at time: Timestamp, in db: Database) throws -> PointsSummary {
        let present = time.month
        var months = [Points](repeating: .zero, count: 12)
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT month, points FROM points_month WHERE month BETWEEN ? AND ?"),
            arguments: [present - 11, present])
        for row in rows { months[Int((row[0] as Int64) - present + 11)] = Points(row[1]) }
        return PointsSummary(
            available: Points(try db.metaInteger(.pointsAvailable) ?? 0),
            onTheWay: Points(try db.metaInteger(.pointsPending) ?? 0), months: months,
            reserved: Points(try db.metaInteger(.pointsReserved) ?? 0),
            expiring: Points(try db.metaInteger(.pointsExpiring) ?? 0),
            expiresAt: try db.metaInteger(.pointsExpireAt).map { Timestamp(milliseconds: $0) },
            waitsUntil: try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT max(vests_at) FROM (
                            SELECT vests_at, is_waiting FROM points ORDER BY idx DESC LIMIT 500)
                        WHERE is_waiting = 1
                        """)
            ).map { Timestamp(milliseconds: $0) })
    }

    /// Returns the movements of points, newest first.
    package func points(offset: Int, limit: Int) throws -> Page<PointsLine> {
        try read("list the points") { db in
            let total =
                try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM points")) ?? 0
            let start = min(max(offset, 0), total)
            let statement = try db.cachedStatement(
                sql: """
                    SELECT entry, idx, time, kind, points, project, cause, vests_at, is_waiting,
                        reward
                    FROM points ORDER BY idx DESC LIMIT ? OFFSET ?
                    """)
            let rows = try Row.fetchAll(statement, arguments: [max(limit, 0), start])
            let lines = try rows.map { row in
                let project = ProjectID(row[5] as String)
                let reward = (row[9] as String?).flatMap { RewardID($0) }
                let name =
                    try reward.map { try title(of: $0, in: db) }
                    ?? title(of: project, in: db) ?? LocalizedText(english: project?.text ?? "")
                return PointsLine(
                    entry: try row.hash(0), index: row[1], at: row.time(2),
                    kind: try row.parsed(3, EntryKind.init(rawValue:)), points: Points(row[4]),
                    project: project, reward: reward, title: name,
                    cause: (row[6] as String?).flatMap(EntryKind.init(rawValue:)),
                    vestsAt: (row[7] as Int64?).map { Timestamp(milliseconds: $0) },
                    isWaiting: row[8])
            }
            return Page(offset: start, lines: lines, total: total)
        }
    }

    /// Returns the counts of the status line.
    package func status() throws -> SyncStatus {
        try readOne("read the status") { db in
            // One statement: the engine asks for this after each of its steps.
            let row = try Row.fetchOne(db.cachedStatement(sql: ClientStore.statusColumns))
            guard let row else { return SyncStatus() }
            func time(_ column: Int) -> Timestamp? {
                (row[column] as Int64?).map { Timestamp(milliseconds: $0) }
            }
            return SyncStatus(
                connection: (row[3] as String?).map { .frozen(reason: $0) } ?? .offline,
                verifiedSize: row[4] ?? 0, verifiedAt: time(5),
                needsWitnesses: row[6] as Int64? == 1, confirmedAt: time(7), outboxCount: row[0],
                queuedRevocations: row[1], unreadRefusals: row[2])
        }
    }

    private static let statusColumns = """
        SELECT count(*), coalesce(sum(kind = '\(EntryKind.authorizationRevoked.rawValue)'), 0),
            (SELECT count(*) FROM refusal WHERE is_read = 0),
            \(value(of: .frozenReason)), \(value(of: .verifiedSize)), \(value(of: .verifiedAt)),
            \(value(of: .needsWitnesses)), \(value(of: .confirmedAt))
        FROM outbox WHERE state IN ('queued', 'sent')
        """

    private static func value(of key: MetaKey) -> String {
        "(SELECT value FROM meta WHERE key = '\(key.rawValue)')"
    }
}
