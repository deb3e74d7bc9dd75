/// What an officer reported about a member who can decide no more.
package struct LapseReport: Equatable, Sendable {
    /// The member.
    package let account: AccountID
    /// What happened.
    package let cause: LapseCause
    /// The officer who reported it.
    package let proposer: AccountID
    /// Whether another officer confirmed it.
    package internal(set) var isConfirmed = false
}

/// What two officers stated about a member last.
package struct ConfirmedLapse: Equatable, Sendable {
    /// What happened.
    package let cause: LapseCause
    /// When the node recorded the second statement: what is allowed later is allowed by a member
    /// who decides again.
    package let at: Timestamp
}

// One officer alone ends nothing of what a member allowed.
extension LedgerState {
    mutating func propose(
        _ proposed: LapseProposed, by verified: VerifiedEntry
    ) throws(EntryRejection) {
        let account = verified.payload.account
        guard members.contains(account), let proposer = devices[verified.payload.device]?.account
        else { throw .accountUnknown }
        lapseReports[verified.id] = LapseReport(
            account: account, cause: proposed.cause, proposer: proposer)
    }

    mutating func confirm(
        _ confirmed: LapseConfirmed, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        let account = verified.payload.account
        guard let report = lapseReports[confirmed.proposal], report.account == account,
            report.cause == confirmed.cause
        else { throw .lapseUnknown }
        guard !report.isConfirmed else { throw .lapseResolved }
        guard devices[verified.payload.device]?.account != report.proposer else {
            throw .secondOfficerNeeded
        }
        lapseReports[confirmed.proposal]?.isConfirmed = true
        lapses[account] = ConfirmedLapse(cause: confirmed.cause, at: time)
    }

    /// The authorizations of a member that nothing ended, by project and major version.
    package func openAuthorizations(of account: AccountID) -> [Authorization] {
        authorizations.values.filter {
            $0.account == account && $0.revocation == nil && $0.invalidation == nil
        }.sorted { ($0.grant.project, $0.grant.major) < ($1.grant.project, $1.grant.major) }
    }
}
