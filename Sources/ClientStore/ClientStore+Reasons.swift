internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore
internal import Synchronization

/// Why points came, and what was agreed to: read off the entries of one project.
extension ClientStore {
    /// Returns what each project paid: those that pay or in which the member takes part.
    package func pointsByProject() throws -> [ProjectEarnings] {
        try read("add up the points") { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, sum(earned), sum(waiting), max(takes_part) FROM (
                            SELECT project AS id,
                                CASE kind WHEN ?1 THEN points WHEN ?2 THEN -points
                                    WHEN ?3 THEN points ELSE 0 END AS earned,
                                waiting, 0 AS takes_part
                            FROM points WHERE project <> ''
                            UNION ALL SELECT project, 0, 0, 1 FROM seat)
                        GROUP BY id ORDER BY 2 DESC, id
                        """),
                arguments: [
                    EntryKind.pointsAccrued.rawValue, EntryKind.pointsVoided.rawValue,
                    EntryKind.correctionConfirmed.rawValue,
                ])
            return try rows.map { row in
                let project = try row.project(0)
                return ProjectEarnings(
                    project: project,
                    title: try title(of: project, in: db)
                        ?? LocalizedText(english: project.text),
                    earned: Points(row[1]), waiting: Points(row[2]), takesPart: row[3])
            }
        }
    }

    /// Returns why a project paid what it paid, or nothing; `nil` for an unknown project.
    package func pointsReason(of project: ProjectID) throws -> PointsReason? {
        try read("explain the points") { db in
            guard let account = try db.metaText(.account).flatMap({ AccountID($0) }) else {
                return nil
            }
            if let reason = try story(in: db).reason(of: project, for: account) { return reason }
            return try storedProject(project, in: db).map { PointsReason(terms: $0.project.terms) }
        }
    }

    /// Returns the caps of programmes, and what each lets the member earn still.
    package func programmeCaps(
        at time: Timestamp
    ) throws -> [(programme: Programme, caps: [ProgrammeCap])] {
        try read("read the caps") { db in
            try Programme.allCases.compactMap { programme in
                let caps = try caps(of: programme, at: time, in: db)
                return caps.isEmpty ? nil : (programme: programme, caps: caps)
            }
        }
    }

    /// The caps of a programme; where no programme was ever ruled nothing more is read.
    func caps(
        of programme: Programme, at time: Timestamp, in db: Database
    ) throws -> [ProgrammeCap] {
        let ruled = try Int.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT 1 FROM entry INDEXED BY entry_of_no_project
                    WHERE chain = 0 AND project IS NULL AND kind = ? LIMIT 1
                    """), arguments: [EntryKind.programmeRuled.rawValue])
        guard ruled != nil, let account = try db.metaText(.account).flatMap({ AccountID($0) })
        else { return [] }
        return try story(in: db).caps(of: account, in: programme, at: time)
    }

    /// Everything about points so far: read again only after something was verified.
    private func story(in db: Database) throws -> PointsStory {
        let size = try db.metaInteger(.verifiedSize) ?? 0
        if let known = caches.withLock({ $0.story }), known.size == size { return known.story }
        var story = PointsStory()
        let rows = try Row.fetchCursor(
            db,
            sql: """
                WITH mine AS (SELECT DISTINCT project FROM entry
                    WHERE chain = 1 AND project IS NOT NULL)
                SELECT idx, jws, time FROM entry WHERE chain = 1
                UNION ALL SELECT idx, jws, time FROM entry INDEXED BY entry_of_no_project
                WHERE chain = 0 AND project IS NULL
                UNION ALL SELECT idx, jws, time FROM entry WHERE id IN
                    (SELECT p.published_by FROM mine JOIN project p ON p.id = mine.project)
                UNION ALL SELECT idx, jws, time FROM entry INDEXED BY entry_of_catalogue
                WHERE chain = 0 AND kind <> 'project.published/1'
                    AND project IN (SELECT project FROM mine)
                ORDER BY idx
                """)
        while let row = try rows.next() {
            story.add(
                try EntryVerifier.reread(Entry(bytes: row.bytes(1))), index: row[0],
                at: row.time(2))
        }
        caches.withLock { $0.story = (size, story) }
        return story
    }

    /// Returns every version of a project the member agreed to, newest first.
    package func agreements(on project: ProjectID) throws -> [Agreement] {
        try read("read what was agreed") { db in
            let versions = try publishedTerms(of: project, in: db)
            var agreements: [Agreement] = []
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, idx, jws, time FROM entry WHERE chain = 1 AND project = ?
                            AND (kind GLOB 'authorization.*' OR kind GLOB 'signup.*')
                        ORDER BY idx
                        """), arguments: [project.text])
            for row in rows {
                try note(
                    Entry(bytes: row.bytes(2)).payload(), id: row.hash(0), index: row[1],
                    at: row.time(3), state: .proven, versions, in: &agreements, db)
            }
            for wish in try LocalWishes(db).entries where wish.payload.body.project == project {
                try note(
                    wish.payload, id: wish.id, index: wish.index, at: wish.queuedAt,
                    state: wish.state, versions, in: &agreements, db)
            }
            return agreements.reversed()
        }
    }

    private func note(
        _ payload: EntryPayload, id: Hash, index: LeafIndex?, at time: Timestamp,
        state: EntryState, _ versions: [Hash: ProjectTerms], in agreements: inout [Agreement],
        _ db: Database
    ) throws {
        switch payload.body {
        case .authorizationGranted(let grant):
            agreements.append(
                Agreement(
                    entry: id, index: index, at: time, state: state, grant: grant,
                    seen: payload.seen, terms: versions[grant.terms],
                    recipients: try names(of: grant.recipients, in: db),
                    links: try linked(grant.links, in: db), later: []))
        case .authorizationPaused, .authorizationResumed, .authorizationRevoked,
            .authorizationExpired, .authorizationOutgrown, .authorizationLapsed, .signupLeft:
            guard let last = agreements.indices.last else { return }
            agreements[last].later.append(.init(kind: payload.body.kind, at: time))
        default: return
        }
    }

    /// The terms of every version of a project, by their hash.
    private func publishedTerms(of project: ProjectID, in db: Database) throws
        -> [Hash: ProjectTerms]
    {
        Dictionary(
            try termsPublished(of: project, in: db).map { ($0.terms.hash, $0.terms) },
            uniquingKeysWith: { $1 })
    }

    /// The terms of every version of a project and when each was recorded, oldest first.
    private func termsPublished(of project: ProjectID, in db: Database) throws
        -> [(terms: ProjectTerms, at: Timestamp)]
    {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT jws, time, idx FROM entry
                    WHERE id = (SELECT published_by FROM project WHERE id = ?1)
                    UNION ALL SELECT jws, time, idx FROM entry
                    WHERE chain = 0 AND kind <> 'project.published/1' AND project = ?1
                    ORDER BY 3
                    """), arguments: [project.text])
        return try rows.compactMap { row in
            switch try Entry(bytes: row.bytes(0)).payload().body {
            case .projectPublished(let terms): (terms, row.time(1))
            case .projectAmended(let amended): (amended.terms, row.time(1))
            default: nil
            }
        }
    }

    /// Returns every version of a project that was published, newest first.
    package func versions(of project: ProjectID) throws -> [ProjectVersion] {
        try read("read the versions of the project") { db in
            guard let sponsor = try storedProject(project, in: db)?.project.sponsor else {
                return []
            }
            return try termsPublished(of: project, in: db).reversed().map { terms, at in
                ProjectVersion(
                    terms: terms, at: at,
                    recipients: try names(of: terms.recipients, in: db),
                    links: try linked(terms.links, in: db),
                    institution: try name(of: sponsor.text, in: db))
            }
        }
    }
}
