internal import Foundation
internal import GRDB
internal import LedgerCore
internal import SyncCore

/// The member's decisions that are on their way: laid over what the ledger holds.
struct LocalWishes {
    /// Entries on their way, in the order they were signed; those an import brought come first.
    let entries: [Wish]

    struct Wish {
        let entry: Entry
        let payload: EntryPayload
        let state: EntryState
        let queuedAt: Timestamp
        let index: LeafIndex?

        var id: Hash { entry.id }
    }

    /// Reads the outbox; the cost is that of decoding what waits.
    init(_ db: Database) throws {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT jws, state, queued_at, idx FROM outbox
                    ORDER BY \(ClientStore.isOwnDevice), device, seq
                    """))
        entries = try rows.map { row in
            let entry = Entry(bytes: row.bytes(0))
            return Wish(
                entry: entry, payload: try entry.payload(),
                state: try row.parsed(1, EntryState.init(rawValue:)), queuedAt: row.time(2),
                index: row[3])
        }
    }

    /// How the member stands in a project, given whether the ledger has them in it.
    func participation(in project: ProjectID, isJoined: Bool) -> Participation {
        var participation: Participation = isJoined ? .joined : .none
        for wish in entries where wish.payload.body.project == project {
            switch wish.payload.body {
            case .signupJoined: participation = .joining(wish.state)
            case .signupLeft: participation = .leaving(wish.state)
            default: break
            }
        }
        return participation
    }

    /// The last decision about an authorization that is on its way.
    func decision(on id: AuthorizationID) -> (wish: Wish, kind: EntryKind)? {
        entries.last { concerns($0, id) }.map { ($0, $0.payload.body.kind) }
    }

    /// The last grant on its way for each authorization.
    var grants: [(wish: Wish, grant: AuthorizationGranted)] {
        entries.compactMap { wish in
            guard case .authorizationGranted(let grant) = wish.payload.body else { return nil }
            return (wish, grant)
        }
    }

    private func concerns(_ wish: Wish, _ id: AuthorizationID) -> Bool {
        let account = wish.payload.account
        switch wish.payload.body {
        case .authorizationGranted(let granted):
            return id
                == AuthorizationID(
                    account: account, project: granted.project, major: granted.major)
        case .authorizationPaused(let subject), .authorizationResumed(let subject):
            return id
                == AuthorizationID(
                    account: account, project: subject.project, major: subject.major)
        case .authorizationRevoked(let revoked):
            return id
                == AuthorizationID(
                    account: account, project: revoked.project, major: revoked.major)
        default: return false
        }
    }
}
