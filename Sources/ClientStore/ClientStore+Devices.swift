internal import GRDB
package import LedgerCore

extension ClientStore {
    /// Returns the chain hash of the account after `count` verified entries; `nil` if there are
    /// fewer.
    package func accountHead(after count: Int64) throws -> Hash? {
        try read("read the account") { db in
            try Row.fetchOne(
                db, sql: "SELECT aprev, id FROM entry WHERE chain = 1 AND aseq = ?",
                arguments: [count]
            ).map { AccountChain.next(try $0.hash(0), entryID: try $0.hash(1)) }
        }
    }
}
