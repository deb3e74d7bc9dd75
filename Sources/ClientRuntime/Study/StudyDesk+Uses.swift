import LedgerCore
import NodeAPI
import SyncCore

/// What a node has to show before it is believed, and before anything that it hands out is opened.
extension StudyDesk {
    /// Checks that a use is in the ledger, that it is the one asked for and no former one, and that
    /// what comes with it is what members stated, as far as that is known.
    ///
    /// - Parameters:
    ///   - grant: What the node answered.
    ///   - query: What it was asked.
    ///   - size: How large the ledger was when it was asked.
    ///   - statements: What members stated, by the contribution.
    /// - Returns: What the entry states.
    /// - Throws: `StudyDoubt`.
    func checked(
        _ grant: UseGrant, for query: UseQuery, after size: Int,
        statements: [Hash: RecordContributed]
    ) async throws -> UseAllowed {
        let entry = Entry(bytes: grant.entry)
        let payload = try await verified(entry)
        if known[payload.device] == nil { try await verify([entry]) }
        guard case .useAllowed(let use) = payload.body, payload.account == query.subject,
            use.user == account, use.project == query.project, use.purpose == query.purpose,
            grant.acceptance.index >= size,
            query.contributions.isEmpty
                || Set(use.contributions).isSubset(of: query.contributions)
        else {
            throw StudyDoubt(
                "the ledger logged another use than was asked for", "账本记录的使用并非所请求的使用")
        }
        try await checkInclusion(of: entry, grant.acceptance)
        let named = Set(use.contributions)
        let given = grant.records.map(\.contribution)
        guard named.isSuperset(of: given), Set(given).count == given.count,
            grant.records.allSatisfy({ $0.isStated(by: statements[$0.contribution]) })
        else {
            throw StudyDoubt(
                "the node hands out other records than the ledger names",
                "节点提供的记录与账本所列的不同")
        }
        return use
    }

    /// Checks that the log signed a verdict; that bytes are no entry is said without a receipt.
    ///
    /// - Throws: `StudyDoubt`.
    func check(_ verdict: Verdict, of entry: Entry) async throws {
        switch verdict {
        case .accepted(let acceptance): try await checkInclusion(of: entry, acceptance)
        case .rejected(let refusal) where refusal.code != 0:
            let key = try await log.key()
            guard refusal.isProven(for: entry.id, logKey: key, origin: key.name) else {
                throw StudyDoubt("a refusal is not signed by the ledger", "拒绝不是由账本签署")
            }
        case .rejected, .retry: break
        }
    }

    /// Checks that the log signed a tree in which an entry stands where the node says.
    private func checkInclusion(of entry: Entry, _ acceptance: Acceptance) async throws {
        let key = try await log.key()
        guard acceptance.isProven(for: entry.id, logKey: key, origin: key.name) else {
            throw StudyDoubt(.notIncluded)
        }
    }
}

extension UsableRecord {
    /// Whether it is what its member stated; what nobody here knows may be anything.
    fileprivate func isStated(by statement: RecordContributed?) -> Bool {
        guard let statement else { return true }
        return record == statement.record && kind == statement.kind
            && sizeBytes == statement.sizeBytes
    }
}
