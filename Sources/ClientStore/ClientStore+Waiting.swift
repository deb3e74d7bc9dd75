internal import GRDB
package import LedgerCore
internal import SyncCore

extension ClientStore {
    /// Whether a wish to stop has nothing left to stop, or what it was to stop was allowed anew.
    ///
    /// - Parameters:
    ///   - body: A revocation, a pause, or leaving a project; anything else stops nothing.
    ///   - account: The member.
    ///   - size: The tree that was verified where it was signed: what was granted after it, it did
    ///     not mean.
    /// - Returns: `true` for what stops nothing, too.
    /// - Throws: `StoreFailure`.
    package func isOvertaken(_ body: EntryBody, of account: AccountID, since size: Int64) throws
        -> Bool
    {
        try read("read the authorization") { db in
            let wishes = try LocalWishes(db)
            switch body {
            case .authorizationRevoked(let revoked):
                let id = AuthorizationID(
                    account: account, project: revoked.project, major: revoked.major)
                switch wishes.decision(on: id)?.wish.payload.body {
                case .authorizationGranted?: return true
                case .authorizationRevoked(let other)?:
                    return other.mode == revoked.mode || other.mode == .stopAndErase
                default: break
                }
                guard let row = try ClientStore.standing(of: id, in: db) else {
                    return try Bool.fetchOne(
                        db, sql: "SELECT EXISTS (SELECT 1 FROM bare_decision WHERE id = ?)",
                        arguments: [id.text]) ?? false
                }
                let mode = (row[1] as String?).flatMap(RevocationMode.init(rawValue:))
                return (row[2] as Int64?) ?? 0 >= size || mode == revoked.mode
                    || mode == .stopAndErase
            case .authorizationPaused(let subject):
                let id = AuthorizationID(
                    account: account, project: subject.project, major: subject.major)
                guard wishes.decision(on: id) == nil,
                    let row = try ClientStore.standing(of: id, in: db)
                else { return true }
                return row[0] || (row[1] as String?) != nil || (row[2] as Int64?) ?? 0 >= size
            case .signupLeft(let project):
                let isJoined =
                    try Bool.fetchOne(
                        db, sql: "SELECT EXISTS (SELECT 1 FROM seat WHERE project = ?)",
                        arguments: [project.text]) ?? false
                switch wishes.participation(in: project, isJoined: isJoined) {
                case .none, .leaving: return true
                case .joining, .joined: return false
                }
            default: return true
            }
        }
    }

    /// Whether an authorization is paused, how it was revoked, and the index of its grant; `nil` if
    /// there is none.
    private static func standing(of id: AuthorizationID, in db: Database) throws -> Row? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT a.is_paused, a.revoked_mode, e.idx FROM authorization a
                LEFT JOIN entry e ON e.id = a.grant_entry WHERE a.id = ?
                """, arguments: [id.text])
    }
}
