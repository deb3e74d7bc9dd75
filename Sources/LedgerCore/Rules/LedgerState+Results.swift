/// What a member wishes to know of a project's results, as the ledger holds it.
package struct ResultsWish: Equatable, Sendable {
    /// The entry that says so.
    package let entry: Hash
    /// What it says.
    package let wished: ResultsWished
    /// When the member comes of age whose guardian signed it; `nil` for the member's own.
    package let guardianUntil: Timestamp?
}

extension ProjectTerms {
    /// The classes of results that come back to members: those the terms name; all where they only
    /// say that results come back.
    package var resultClasses: [ResultClass] {
        if returns.isEmpty, limits.contains(.returnResults) { return ResultClass.allCases.sorted() }
        return returns
    }
}

extension LedgerState {
    /// A wish holds after the project has closed: results come last.
    mutating func wish(
        _ wished: ResultsWished, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        guard let project = projects[wished.project] else { throw .projectUnknown }
        // To wish for nothing is open to both of the two who may sign for a ward.
        if !wished.classes.isEmpty {
            try checkAuthority(of: verified, for: project.terms, at: time)
        }
        let seat = Seat(account: verified.payload.account, project: wished.project)
        guard seats[seat] != nil else { throw .notSignedUp }
        guard Set(wished.classes).isSubset(of: project.terms.resultClasses) else {
            throw .beyondProject
        }
        wishes[seat] = ResultsWish(
            entry: verified.id, wished: wished,
            guardianUntil: guardianUntil(verified, for: project.terms))
    }

    /// One refusal for everything about the member: who returns a result learns no more from it
    /// than that it is not wanted now.
    func giveBack(
        _ returned: ResultReturned, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        guard let project = projects[returned.project] else { throw .projectUnknown }
        guard let user = devices[verified.payload.device]?.account,
            user == project.sponsor || project.terms.recipients.contains(user)
        else { throw .signerNotAllowed }
        let seat = Seat(account: verified.payload.account, project: returned.project)
        guard let wish = wishes[seat], wish.entry == returned.wish,
            wish.wished.classes.contains(returned.result),
            wish.guardianUntil.map({ time < $0 }) ?? true
        else { throw .resultNotWished }
    }
}
