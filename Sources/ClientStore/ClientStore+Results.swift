internal import Foundation
internal import GRDB
internal import LedgerCore
package import SyncCore

/// Results that studies returned, and what the member wishes to know.
extension ClientStore {
    /// Returns the results that came back, newest first.
    package func results() throws -> [ResultLine] {
        try read("list the results") { db in
            let wishes = try LocalWishes(db)
            return try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, idx, jws, time FROM entry
                        WHERE chain = 1 AND kind = 'result.returned/1' ORDER BY aseq DESC
                        """)
            ).compactMap { row in
                let payload = try Entry(bytes: row.bytes(2)).payload()
                guard case .resultReturned(let returned) = payload.body else { return nil }
                let wished = try statedWish(about: returned.project, wishes, in: db)?.classes ?? []
                return ResultLine(
                    entry: try row.hash(0), index: row[1], at: row.time(3), returned: returned,
                    title: try title(of: returned.project, in: db)
                        ?? LocalizedText(english: returned.project.text),
                    // An institution has one device, which its account follows from.
                    institution: try name(
                        of: AccountID(firstDevice: payload.device).text, in: db),
                    isWished: wished.contains(returned.result))
            }
        }
    }

    /// Returns the projects the member takes part in that return results, by their ids.
    package func resultOffers() throws -> [ResultOffer] {
        try read("list who returns results") { db in
            let wishes = try LocalWishes(db)
            let joined = try String.fetchAll(db, sql: "SELECT project FROM seat")
            let joining = wishes.entries.compactMap { $0.payload.body.project?.text }
            let projects = Set(joined + joining).sorted().compactMap { ProjectID($0) }
            return try projects.compactMap { try offer($0, joined, wishes, in: db) }
        }
    }

    private func offer(
        _ project: ProjectID, _ joined: [String], _ wishes: LocalWishes, in db: Database
    ) throws -> ResultOffer? {
        switch wishes.participation(in: project, isJoined: joined.contains(project.text)) {
        case .none, .leaving: return nil
        case .joined, .joining: break
        }
        guard let terms = try storedProject(project, in: db)?.project.terms,
            !terms.resultClasses.isEmpty
        else { return nil }
        let stated = try statedWish(about: project, wishes, in: db)
        // Who left and came back has not wished for anything yet.
        let isOver = try stated?.state == .proven && hasLeft(project, since: stated?.index, in: db)
        return ResultOffer(
            project: project, title: terms.title, classes: terms.resultClasses,
            wished: isOver ? [] : stated?.classes ?? [], state: isOver ? nil : stated?.state)
    }

    private struct Stated {
        let classes: [ResultClass]
        let state: EntryState
        let index: LeafIndex?
    }

    /// What the member said last about a project's results; leaving the project says nothing about
    /// what came back before.
    private func statedWish(about project: ProjectID, _ wishes: LocalWishes, in db: Database) throws
        -> Stated?
    {
        for wish in wishes.entries.reversed() {
            guard case .resultsWished(let wished) = wish.payload.body, wished.project == project
            else { continue }
            return Stated(classes: wished.classes, state: wish.state, index: wish.index)
        }
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT jws, idx FROM entry
                    WHERE chain = 1 AND project = ? AND kind = 'results.wished/1'
                    ORDER BY idx DESC LIMIT 1
                    """), arguments: [project.text])
        guard let row,
            case .resultsWished(let wished) = try Entry(bytes: row.bytes(0)).payload().body
        else { return nil }
        return Stated(classes: wished.classes, state: .proven, index: row[1])
    }

    private func hasLeft(_ project: ProjectID, since index: LeafIndex?, in db: Database) throws
        -> Bool
    {
        try Int.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT 1 FROM entry WHERE chain = 1 AND project = ? AND kind = 'signup.left/1'
                        AND idx > ? LIMIT 1
                    """), arguments: [project.text, index ?? -1]) != nil
    }
}
