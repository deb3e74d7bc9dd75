internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

extension ClientStore {
    /// Returns lines `offset..<offset + limit` of the projects that match.
    package func projects(_ query: ProjectQuery, offset: Int, limit: Int) throws
        -> Page<ProjectLine>
    {
        try read("list the projects") { db in
            let rows = try listing(query, in: db)
            let start = min(max(offset, 0), rows.count)
            let end = min(start + max(limit, 0), rows.count)
            let wishes = try LocalWishes(db)
            let lines = try rows[start..<end].map { try line(ofRow: $0, wishes, in: db) }
            return Page(offset: start, lines: lines.compactMap { $0 }, total: rows.count)
        }
    }

    /// Returns the position of a project in a list, or `nil` if the list does not have it.
    package func position(of project: ProjectID, in query: ProjectQuery) throws -> Int? {
        try read("find the project") { db in
            let row = try Int64.fetchOne(
                db, sql: "SELECT row FROM project WHERE id = ?", arguments: [project.text])
            guard let row else { return nil }
            return try listing(query, in: db).firstIndex(of: row)
        }
    }

    private static let lineColumns = """
        SELECT p.id, p.title_en, p.title_zh, p.sponsor, p.programme, p.kinds, p.offer, p.seats,
            p.open_until, EXISTS (SELECT 1 FROM seat s WHERE s.project = p.id), p.is_closed,
            p.changed_at
        FROM project p
        """

    private func line(ofRow row: Int64, _ wishes: LocalWishes, in db: Database) throws
        -> ProjectLine?
    {
        let statement = try db.cachedStatement(sql: ClientStore.lineColumns + " WHERE p.row = ?")
        return try Row.fetchOne(statement, arguments: [row]).map { try line($0, wishes, in: db) }
    }

    func line(of project: ProjectID, _ wishes: LocalWishes, in db: Database) throws
        -> ProjectLine?
    {
        let statement = try db.cachedStatement(sql: ClientStore.lineColumns + " WHERE p.id = ?")
        return try Row.fetchOne(statement, arguments: [project.text]).map {
            try line($0, wishes, in: db)
        }
    }

    private func line(_ row: Row, _ wishes: LocalWishes, in db: Database) throws -> ProjectLine {
        let id = try row.project(0)
        return ProjectLine(
            id: id, title: row.text(1, 2), institution: try name(of: row[3], in: db),
            programme: try row.parsed(4, Programme.init(rawValue:)),
            kinds: ClientStore.kinds(row[5]), offer: Points(row[6]), seats: row[7],
            isClosed: row.time(8) <= clock(), endsAt: row[10] ? nil : row.time(8),
            changedAt: row.time(11),
            participation: wishes.participation(in: id, isJoined: row[9]))
    }

    /// Returns one project, or `nil` if the catalogue does not have it.
    package func project(_ id: ProjectID, at time: Timestamp) throws -> ProjectDetail? {
        try read("read the project") { db in
            guard let stored = try storedProject(id, in: db) else { return nil }
            let wishes = try LocalWishes(db)
            let isJoined =
                try Int.fetchOne(
                    db.cachedStatement(sql: "SELECT 1 FROM seat WHERE project = ?"),
                    arguments: [id.text]) != nil
            let terms = stored.project.terms
            return ProjectDetail(
                terms: terms, institution: try name(of: stored.project.sponsor.text, in: db),
                recipients: try names(of: terms.recipients, in: db),
                isClosed: stored.project.isClosed || time >= terms.useUntil,
                changedAt: stored.project.changedAt, escrow: stored.escrow,
                participation: wishes.participation(in: id, isJoined: isJoined),
                authorization: try authorizations(of: id, at: time, wishes, in: db).first,
                contributions: try contributions(to: id, wishes, in: db),
                eligibility: Eligibility.judge(
                    terms, try ownProfile(in: db), records: try recordKinds(in: db), at: time),
                links: try linked(terms.links, in: db),
                recipientPlaces: try ClientStore.places(of: terms.recipients, in: db),
                draft: try ClientStore.draft(of: id, in: db),
                caps: try caps(of: terms.programme, at: time, in: db))
        }
    }

    func storedProject(_ id: ProjectID, in db: Database) throws -> (
        project: Project, escrow: Points
    )? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT sponsor, terms, published_by, changed_at, grace_end, is_closed, escrow
                    FROM project WHERE id = ?
                    """), arguments: [id.text])
        guard let row else { return nil }
        let terms = try ProjectTerms(json: JSONValue(canonical: row.bytes(1)))
        let project = Project(
            sponsor: try row.parsed(0) { AccountID($0) }, terms: terms,
            publishedBy: try row.hash(2), changedAt: row.time(3), graceEnd: row.time(4),
            earlierGraceEnds: try earlierGraceEnds(of: terms, in: db),
            closedAt: (row[5] as Bool) ? .init(milliseconds: 0) : nil)
        return (project, Points(row[6]))
    }

    /// When authorizations for versions before the last one but one stop to hold, by version: few
    /// projects have so many, so it stands in their entries alone.
    private func earlierGraceEnds(of terms: ProjectTerms, in db: Database) throws
        -> [Int64: Timestamp]
    {
        guard terms.major > 2 else { return [:] }
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT jws, time FROM entry
                    WHERE chain = 0 AND kind <> 'project.published/1' AND project = ? AND kind = ?
                    """), arguments: [terms.project.text, EntryKind.projectAmended.rawValue])
        var ends = [Int64: Timestamp]()
        for row in rows {
            let body = try Entry(bytes: row.bytes(0)).payload().body
            guard case .projectAmended(let amended) = body, amended.terms.minor == 0,
                amended.terms.major < terms.major
            else { continue }
            ends[amended.terms.major - 1] = row.time(1)
                .adding(milliseconds: amended.graceMilliseconds)
        }
        return ends
    }

    /// The names of institutions.
    func names(of accounts: [AccountID], in db: Database) throws -> [LocalizedText] {
        try accounts.map { try name(of: $0.text, in: db) }
    }

    func linked(_ projects: [ProjectID], in db: Database) throws -> [LinkedProject] {
        try projects.map { LinkedProject($0, title: try title(of: $0, in: db)) }
    }

    func title(of project: ProjectID?, in db: Database) throws -> LocalizedText? {
        guard let project else { return nil }
        let statement = try db.cachedStatement(
            sql: "SELECT title_en, title_zh FROM project WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [project.text])?.text(0, 1)
    }

    /// Returns the public keys of an institution's first device, or `nil` if it is not known.
    package func institutionKeys(_ account: AccountID) throws -> DeviceKeys? {
        try read("read the institution") { db in
            try Row.fetchOne(
                db, sql: "SELECT signing, wrapping FROM institution WHERE account = ?",
                arguments: [account.text]
            ).map { DeviceKeys(signing: $0.bytes(0), wrapping: $0.bytes(1)) }
        }
    }
}
