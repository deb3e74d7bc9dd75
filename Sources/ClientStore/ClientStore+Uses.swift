internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

/// Who used the member's data: a log of its own, written with the entries it follows from.
///
/// Whoever looks at a new contribution to judge it is in the log, and told of; where uses are
/// counted that is none, as it is none where points are.
extension ClientStore {
    static func logUse(
        _ payload: EntryPayload, index: LeafIndex, at time: Timestamp, in db: Database
    ) throws {
        let project: ProjectID
        let user: AccountID
        let purpose: UsePurpose
        var authorization: String?
        var denial: UseDenial?
        var read: [Hash] = []
        switch payload.body {
        case .useAllowed(let use):
            (project, user, purpose, read) = (use.project, use.user, use.purpose, use.contributions)
            let grant = try Data.fetchOne(
                db.cachedStatement(sql: "SELECT jws FROM entry WHERE id = ?"),
                arguments: [use.grant.data])
            if let grant,
                case .authorizationGranted(let granted) = try Entry(bytes: [UInt8](grant)).payload()
                    .body
            {
                authorization =
                    AuthorizationID(
                        account: payload.account, project: project, major: granted.major
                    ).text
            }
        case .useDenied(let use):
            (project, user, purpose) = (use.project, use.user, use.purpose)
            denial = use.reason
        default: return
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO use_log (idx, time, project, authorization, user, purpose, denial)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                index, time.milliseconds, project.text, authorization, user.text, purpose.text,
                denial?.rawValue,
            ])
        let insertion = try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO use_record (contribution, idx) VALUES (?, ?)")
        for contribution in read { try insertion.execute(arguments: [contribution.data, index]) }
    }

    /// Logs the uses of entries that an older program stored.
    static func logRecordedUses(_ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT idx, jws, time FROM entry WHERE chain = 1 AND kind GLOB 'use.*' ORDER BY idx
                """)
        for row in rows {
            try logUse(
                Entry(bytes: row.bytes(1)).payload(), index: row[0], at: row.time(2), in: db)
        }
    }

    /// The purpose of what is in the log and no use.
    private static let review = UsePurpose.review.text

    /// How often each authorization was used in the month of a time.
    func usesThisMonth(at time: Timestamp, in db: Database) throws -> [String: Int] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT authorization, time FROM use_log
                    WHERE time > ? AND denial IS NULL AND authorization IS NOT NULL AND purpose <> ?
                    """),
            arguments: [time.milliseconds - 31 * 86_400_000, ClientStore.review])
        var uses: [String: Int] = [:]
        for row in rows where row.time(1).month == time.month { uses[row[0], default: 0] += 1 }
        return uses
    }

    /// Returns how often data was used, and denied, on the days of a span.
    package func useDays(_ span: Range<Timestamp>, utcOffsetMinutes: Int) throws -> [UseDay] {
        try read("count the uses") { db in
            let offset = Int64(utcOffsetMinutes) * 60_000
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT (time + ?) / 86400000 AS day, sum(denial IS NULL),
                            sum(denial IS NOT NULL)
                        FROM use_log
                        WHERE time >= ? AND time < ? AND (denial IS NOT NULL OR purpose <> ?)
                        GROUP BY day ORDER BY day
                        """),
                arguments: [
                    offset, span.lowerBound.milliseconds, span.upperBound.milliseconds,
                    ClientStore.review,
                ])
            return rows.map { UseDay(day: $0[0], allowed: $0[1], denied: $0[2]) }
        }
    }

    /// Returns who used the member's data, project by project, the latest use first.
    package func useSummaries(_ scope: UseScope) throws -> [UseSummary] {
        let lines = try uses(scope)
        var order: [SummaryKey] = []
        var groups: [SummaryKey: [UseLine]] = [:]
        for line in lines {
            let key = SummaryKey(project: line.project, user: line.user, purpose: line.purpose)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(line)
        }
        let projects = order.map(\.project).reduce(into: [ProjectID]()) { found, project in
            if !found.contains(project) { found.append(project) }
        }
        return projects.flatMap { project in
            order.filter { $0.project == project }.compactMap { key in
                groups[key].flatMap(ClientStore.summary)
            }
        }
    }

    private struct SummaryKey: Hashable {
        let project: ProjectID
        let user: AccountID
        let purpose: UsePurpose
    }

    private static func summary(_ lines: [UseLine]) -> UseSummary? {
        // What was read last is not when reading was denied last.
        let read = lines.filter { $0.denial == nil }
        let told = read.isEmpty ? lines : read
        guard let latest = told.first, let earliest = told.last else { return nil }
        let denials = lines.compactMap(\.denial).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        return UseSummary(
            project: latest.project, title: latest.title, user: latest.name,
            purpose: latest.purpose, times: read.count,
            records: Set(lines.flatMap(\.contributions)).count, first: earliest.at,
            last: latest.at, denials: denials)
    }

    /// Returns every use, and every denied one, the newest first.
    ///
    /// A denied use read no record, so it is in no list about one.
    package func uses(_ scope: UseScope) throws -> [UseLine] {
        try read("list the uses") { db in
            let condition: String
            let arguments: StatementArguments
            switch scope {
            case .everything: (condition, arguments) = ("", [])
            case .project(let project):
                (condition, arguments) = ("WHERE u.project = ?", [project.text])
            case .record(let record):
                condition = """
                    WHERE u.idx IN (SELECT r.idx FROM use_record r
                        JOIN upload p ON p.contribution = r.contribution WHERE p.record = ?)
                    """
                arguments = [record]
            }
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT e.id, u.idx, u.time, u.project, u.user, u.purpose, u.denial
                        FROM use_log u JOIN entry e ON e.idx = u.idx \(condition)
                        ORDER BY u.idx DESC
                        """), arguments: arguments)
            return try rows.map { try useLine($0, in: db) }
        }
    }

    private func useLine(_ row: Row, in db: Database) throws -> UseLine {
        let project = try row.project(3)
        let user = try row.parsed(4) { AccountID($0) }
        let read = try Data.fetchAll(
            db.cachedStatement(
                sql: "SELECT contribution FROM use_record WHERE idx = ? ORDER BY contribution"),
            arguments: [row[1] as Int64])
        return UseLine(
            entry: try row.hash(0), index: row[1], at: row.time(2), project: project,
            title: try title(of: project, in: db) ?? LocalizedText(english: project.text),
            user: user, name: try name(of: user.text, in: db),
            purpose: try row.parsed(5) { UsePurpose($0) },
            denial: (row[6] as String?).flatMap(UseDenial.init(rawValue:)),
            contributions: try read.map { try Hash(column: $0) })
    }
}
