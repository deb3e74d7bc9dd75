internal import LedgerCore

extension NaiveLedger {
    func resultVerdict(_ item: Item) -> EntryRejection? {
        switch item.body {
        case .resultsWished(let wished):
            guard let terms = terms(wished.project) else { return .projectUnknown }
            if !wished.classes.isEmpty, let rejection = authority(item, wished.project) {
                return rejection
            }
            if !isSeated(item.account, wished.project) { return .notSignedUp }
            let offered =
                terms.returns.isEmpty && terms.limits.contains(.returnResults)
                ? ResultClass.allCases : terms.returns
            return wished.classes.allSatisfy(offered.contains) ? nil : .beyondProject
        case .resultReturned(let returned):
            guard let terms = terms(returned.project) else { return .projectUnknown }
            let signer = account(of: item.payload.device)
            if signer != sponsor(returned.project),
                !terms.recipients.contains(where: { $0 == signer })
            {
                return .signerNotAllowed
            }
            return wishes(item, returned) ? nil : .resultNotWished
        default: return nil
        }
    }

    /// Whether what the member said last about a project's results is a wish for this one.
    private func wishes(_ item: Item, _ returned: ResultReturned) -> Bool {
        let last = items.last { other in
            guard other.account == item.account else { return false }
            switch other.body {
            case .resultsWished(let wished): return wished.project == returned.project
            case .signupLeft(let left): return left == returned.project
            default: return false
            }
        }
        guard let last, last.id == returned.wish, case .resultsWished(let wished) = last.body,
            wished.classes.contains(returned.result)
        else { return false }
        guard isGuardians(last.payload.device), let born = born(item.account),
            let terms = terms(returned.project, before: last.id)
        else { return true }
        return item.time.month - born.number <= terms.ofAge * 12
    }
}
