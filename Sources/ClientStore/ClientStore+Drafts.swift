internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

/// Authorizations that were begun and not signed, one for each project at most.
extension ClientStore {
    /// Keeps a draft in place of an earlier one about the same project.
    package func keepDraft(_ draft: ConsentDraft) throws {
        try write("keep the draft") { db in
            try ClientStore.insert(draft, or: "REPLACE", in: db)
        }
    }

    /// Stores a draft; what happens to an earlier one is said in SQL's words.
    static func insert(_ draft: ConsentDraft, or conflict: StaticString, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR \(conflict) INTO consent_draft
                    (project, terms, kinds, purposes, until, step, changed_at, links)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                draft.project.text, draft.terms.data,
                draft.kinds.map(\.rawValue).joined(separator: ","),
                draft.purposes.map(\.rawValue).joined(separator: ","),
                draft.until.milliseconds, draft.step, draft.changedAt.milliseconds,
                draft.links.map(\.text).joined(separator: ","),
            ])
    }

    /// Returns the draft about a project, or `nil`.
    package func consentDraft(about project: ProjectID) throws -> ConsentDraft? {
        try read("read the draft") { db in try ClientStore.draft(of: project, in: db) }
    }

    /// Forgets the draft about a project, if there is one.
    package func discardDraft(_ project: ProjectID) throws {
        try write("discard the draft") { db in try ClientStore.forgetDraft(project, in: db) }
    }

    /// Forgets the draft about a project: it was discarded, or signed.
    static func forgetDraft(_ project: ProjectID, in db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM consent_draft WHERE project = ?")
            .execute(arguments: [project.text])
    }

    static func draft(of project: ProjectID, in db: Database) throws -> ConsentDraft? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT terms, kinds, purposes, until, step, changed_at, links
                    FROM consent_draft WHERE project = ?
                    """), arguments: [project.text])
        guard let row else { return nil }
        return ConsentDraft(
            project: project, terms: try row.hash(0),
            kinds: names(row[1]).compactMap(RecordKind.init(rawValue:)),
            purposes: names(row[2]).compactMap(DataUse.init(rawValue:)),
            links: names(row[6]).compactMap { ProjectID($0) }, until: row.time(3), step: row[4],
            changedAt: row.time(5))
    }

    private static func names(_ list: String) -> [String] {
        list.split(separator: ",").map(String.init)
    }

    // MARK: Where institutions are

    /// Where institutions are, in the order asked; nothing known is where the operator is.
    static func places(of accounts: [AccountID], in db: Database) throws -> [RecipientPlace] {
        let statement = try db.cachedStatement(
            sql: "SELECT region, is_foreign_held FROM institution WHERE account = ?")
        return try accounts.map { account in
            let row = try Row.fetchOne(statement, arguments: [account.text])
            return RecipientPlace(region: row?[0] ?? "", isForeignHeld: row?[1] ?? false)
        }
    }

    /// Notes where the institutions are whose entries an older program stored.
    static func placeInstitutions(_ db: Database) throws {
        let rows = try Row.fetchAll(
            db, sql: "SELECT jws FROM entry WHERE chain = 0 AND kind GLOB 'institution.*'")
        for row in rows {
            guard
                case .institutionAdmitted(let admitted) = try Entry(bytes: row.bytes(0)).payload()
                    .body
            else { continue }
            try db.execute(
                sql: "UPDATE institution SET region = ?, is_foreign_held = ? WHERE signing = ?",
                arguments: [
                    admitted.region, admitted.isForeignHeld, Data(admitted.keys.signing),
                ])
        }
    }
}
