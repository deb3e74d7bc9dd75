internal import LedgerCore
internal import Logging

extension Sequencer {
    /// Does what time alone makes due, and what the operator ordered.
    func tick(in draft: inout Draft) throws {
        let (movements, ends) = (dueMovements(), dueEnds())
        try signAll(movements, in: &draft)
        // What was released just now runs out with the rest of its lot.
        let expiries = dueLotExpiries()
        try signAll(expiries + ends, in: &draft)
        for stored in try store.openOrders() {
            var result = OrderResult.unreadable
            if let order = stored.order { result = try carryOut(order, in: &draft) }
            if result == .unreadable {
                logger.error(
                    "an order is no statement that can be signed",
                    metadata: ["order": "\(stored.id)"])
            }
            draft.batch.settled[stored.id] = result
        }
        // The lists are cut off: there may be more.
        if !(movements + expiries + ends).isEmpty { requestTick() }
    }

    /// An entry the operator owes.
    private struct DueEntry {
        let account: AccountID
        let body: EntryBody
        var after: [Hash] = []
    }

    private func signAll(_ due: [DueEntry], in draft: inout Draft) throws {
        for item in due {
            // What came before in this very list can have settled it: then nothing is owed.
            do {
                _ = try sign(item.body, for: item.account, after: item.after, in: &draft)
                addConsequences(of: item, in: &draft)
            } catch let rejection as EntryRejection {
                logger.error(
                    "the ledger refuses what its rules owe",
                    metadata: ["kind": "\(item.body.kind.rawValue)", "error": "\(rejection)"])
            }
        }
    }

    private func dueMovements() -> [DueEntry] {
        var due = state.dueVestings(at: time).map { account, resolved in
            DueEntry(account: account, body: .pointsVested(resolved), after: [resolved.accrual])
        }
        due += state.dueTimeouts(at: time).map { account, released in
            DueEntry(
                account: account, body: .pointsReleased(released), after: [released.reservation])
        }
        due += state.dueNotices(at: time).map { account, expiring in
            DueEntry(account: account, body: .pointsExpiring(expiring), after: [expiring.lot])
        }
        return due
    }

    private func dueLotExpiries() -> [DueEntry] {
        state.dueLotExpiries(at: time).map { account, expired in
            DueEntry(account: account, body: .pointsExpired(expired), after: [expired.lot])
        }
    }

    private func dueEnds() -> [DueEntry] {
        var due = state.dueExpiries(at: time).map { account, subject in
            DueEntry(account: account, body: .authorizationExpired(subject))
        }
        due += state.dueOutgrowths(at: time).map { account, subject in
            DueEntry(account: account, body: .authorizationOutgrown(subject))
        }
        due += state.dueErasures(at: time).map { account, erased in
            DueEntry(account: account, body: .recordsErased(erased))
        }
        due += state.dueReleases(at: time).map { account, released in
            DueEntry(account: account, body: .escrowReleased(released))
        }
        return due
    }

    /// What has to go with the entry that says that its time is over.
    private func addConsequences(of item: DueEntry, in draft: inout Draft) {
        switch item.body {
        case .authorizationExpired(let subject):
            deleteKeys(
                of: AuthorizationID(
                    account: item.account, project: subject.project, major: subject.major),
                in: &draft)
        case .recordsErased(let erased): destroy(erased, of: item.account, in: &draft)
        default: break
        }
    }

    /// What has to go with an order that ends an authorization.
    private func addConsequences(
        of body: EntryBody, about account: AccountID, in draft: inout Draft
    ) {
        guard case .authorizationInvalidated(let never) = body else { return }
        deleteKeys(
            of: AuthorizationID(account: account, project: never.project, major: never.major),
            in: &draft)
    }

    private func carryOut(_ order: OperatorOrder, in draft: inout Draft) throws -> OrderResult {
        let (account, body) = order.statement(by: keys)
        do {
            let sequenced = try sign(body, for: account, in: &draft)
            addConsequences(of: body, about: account, in: &draft)
            return .done(entry: sequenced.entry.id, index: sequenced.index)
        } catch let rejection as EntryRejection {
            return .refused(rejection)
        } catch is EntryDefect {
            return .unreadable
        } catch let failure as EntryVerifier.Failure {
            guard case .defect = failure else { throw failure }
            return .unreadable
        }
    }
}
