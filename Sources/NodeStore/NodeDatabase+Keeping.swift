internal import FoundationEssentials
internal import GRDB
package import LedgerCore
internal import NodeAPI
package import NodeSequencer

// Invitations, keys, records and orders.
extension NodeDatabase {
    /// See `LedgerStore`.
    package func add(_ invitation: StoredInvitation) throws {
        try pool.write {
            try $0.execute(
                sql: "INSERT INTO invitation (lookup, key, expires) VALUES (?, ?, ?)",
                arguments: [
                    invitation.key.lookup, invitation.key.value.data,
                    invitation.expires.milliseconds,
                ])
        }
    }

    /// See `LedgerStore`.
    package func invitation(lookup: String) throws -> StoredInvitation? {
        try pool.read { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT key, expires, used_by FROM invitation WHERE lookup = ?",
                    arguments: [lookup])
            else { return nil }
            guard let key = row.hash(0) else {
                throw LedgerStoreError.corrupt("an invitation cannot be read")
            }
            return StoredInvitation(
                key: InvitationKey(key), expires: Timestamp(milliseconds: row[1]),
                usedBy: row.hash(2))
        }
    }

    /// See `LedgerStore`.
    package func wraps(of authorization: AuthorizationID, for recipient: AccountID) throws
        -> [Hash: [UInt8]]
    {
        try pool.read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT record, wrapped FROM wrap WHERE authorization = ? AND recipient = ?",
                arguments: [authorization.text, recipient.text])
            var wraps = [Hash: [UInt8]]()
            while let row = try rows.next() {
                if let record = row.hash(0) { wraps[record] = row.bytes(1) }
            }
            return wraps
        }
    }

    /// See `LedgerStore`.
    package func owners(of record: Hash) throws -> Set<AccountID> {
        try pool.read { database in
            Set(
                try String.fetchAll(
                    database, sql: "SELECT owner FROM record WHERE sha = ?",
                    arguments: [record.data]
                ).compactMap { AccountID($0) })
        }
    }

    /// See `LedgerStore`.
    package func addRecord(_ record: Hash, owner: AccountID, sizeBytes: Int64) async throws {
        try await pool.write {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO record (sha, owner, size) VALUES (?, ?, ?)",
                arguments: [record.data, owner.text, sizeBytes])
        }
    }

    /// See `LedgerStore`.
    package func removeRecord(_ record: Hash, owner: AccountID) async throws {
        try await pool.write {
            try $0.execute(
                sql: "DELETE FROM record WHERE sha = ? AND owner = ?",
                arguments: [record.data, owner.text])
        }
    }

    /// See `LedgerStore`.
    package func storedBytes(of owner: AccountID) throws -> Int64 {
        try pool.read {
            try Int64.fetchOne(
                $0, sql: "SELECT sum(max(size, ?)) FROM record WHERE owner = ?",
                arguments: [NodeLimits.leastRecordBytes, owner.text]) ?? 0
        }
    }

    /// See `LedgerStore`.
    package func add(_ order: OperatorOrder) throws -> Int64 {
        try pool.write {
            try $0.execute(
                sql: "INSERT INTO operator_order (body) VALUES (?)",
                arguments: [Data(order.bytes)])
            return $0.lastInsertedRowID
        }
    }

    /// Takes an order back that has no result; whoever calls it has the right to decide.
    ///
    /// - Returns: Whether it was still to be carried out.
    package func withdrawOrder(_ id: Int64) throws -> Bool {
        try pool.write {
            try $0.execute(
                sql: "DELETE FROM operator_order WHERE id = ? AND result IS NULL", arguments: [id])
            return $0.changesCount > 0
        }
    }

    /// See `LedgerStore`.
    package func openOrders() throws -> [StoredOrder] {
        try pool.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT id, body FROM operator_order WHERE result IS NULL ORDER BY id"
            ).map { row in
                // Why it cannot be read does not matter: one order must not stop the node.
                StoredOrder(id: row[0], order: try? OperatorOrder(bytes: row.bytes(1)))
            }
        }
    }

    /// See `LedgerStore`.
    package func result(ofOrder id: Int64) throws -> OrderResult? {
        try pool.read { database in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: "SELECT result FROM operator_order WHERE id = ? AND result IS NOT NULL",
                    arguments: [id])
            else { return nil }
            return try OrderResult(bytes: row.bytes(0))
        }
    }

    /// See `LedgerStore`.
    package func freeSpace() throws -> FreeSpace { try FreeSpace(at: pool.path) }
}
