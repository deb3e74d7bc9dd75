/// When somebody decides for themself.
package enum ComingOfAge {
    /// The years after which a member is no ward any more, where a project says nothing else.
    package static let years: Int64 = 18
    /// The years a project may name; below 14 a guardian decides whatever it says (Personal
    /// Information Protection Law, article 31).
    package static let projectYears: ClosedRange<Int64> = 14...21
    /// How long a guardian's authorization holds after that, in milliseconds: 90 days.
    package static let grace: Int64 = 90 * 86_400_000
    /// The years before which all data of a person is sensitive (article 28).
    package static let sensitiveYears: Int64 = 14

    /// Why a device does not decide about a project for a ward; `nil` if it does: the guardian's
    /// until the ward comes of age for it, then the ward's own.
    package static func refusal(
        ofGuardians isGuardians: Bool, born: BirthMonth, for terms: ProjectTerms,
        at time: Timestamp
    ) -> EntryRejection? {
        let isMinor = time < born.turns(terms.ofAge)
        if isMinor == isGuardians { return nil }
        return isMinor ? .guardianNeeded : .cameOfAge
    }
}

/// A minor as the ledger knows them.
package struct Ward: Equatable, Sendable {
    /// The member who takes care of them.
    package let guardian: AccountID
    /// When they were born.
    package let born: BirthMonth
    /// The entry by which the guardian declared it.
    package let declaration: Hash
}

// A ward's own and their guardian's authorizations are authorizations of two accounts: nothing
// here can end one with the other. Pausing, leaving and revoking are open to both of the two who
// may sign for a ward, at any age.
extension LedgerState {
    mutating func declare(
        _ declared: WardDeclared, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        let guardian = verified.payload.account
        guard devices[declared.keys.device] == nil, wards[declared.ward] == nil else {
            throw .alreadyEnrolled
        }
        guard declared.born.number <= time.month, time < declared.born.turns(ComingOfAge.years)
        else { throw .notAMinor }
        if let own = wards[guardian], time < own.born.turns(ComingOfAge.years) {
            throw .guardianNeeded
        }
        wards[declared.ward] = Ward(
            guardian: guardian, born: declared.born, declaration: verified.id)
    }

    mutating func enrol(_ enrolled: WardEnrolled, as account: AccountID) throws(EntryRejection) {
        guard account == AccountID(firstDevice: enrolled.keys.device) else {
            throw .signerNotAllowed
        }
        guard devices[enrolled.keys.device] == nil, !members.contains(account) else {
            throw .alreadyEnrolled
        }
        let ward = Ward(
            guardian: enrolled.guardian, born: enrolled.born, declaration: enrolled.declaration)
        if let declared = wards[account] {
            guard declared == ward else { throw .wardUnknown }
        } else {
            // On the ward's own machine the guardian's chain is missing.
            guard !members.contains(enrolled.guardian) else { throw .wardUnknown }
            wards[account] = ward
        }
        members.insert(account)
        devices[enrolled.keys.device] = Device(
            account: account, keys: enrolled.keys, isGuardians: true)
    }

    /// Sees that who decides signs for a ward.
    func checkAuthority(
        of verified: VerifiedEntry, for terms: ProjectTerms, at time: Timestamp
    ) throws(EntryRejection) {
        guard let ward = wards[verified.payload.account] else { return }
        let isGuardians = devices[verified.payload.device]?.isGuardians == true
        let refusal = ComingOfAge.refusal(
            ofGuardians: isGuardians, born: ward.born, for: terms, at: time)
        if let refusal { throw refusal }
    }

    /// Until when a grant rests on a guardian's signature; `nil` for one of the member's own.
    func guardianUntil(_ verified: VerifiedEntry, for terms: ProjectTerms) -> Timestamp? {
        guard devices[verified.payload.device]?.isGuardians == true else { return nil }
        return wards[verified.payload.account]?.born.turns(terms.ofAge)
    }

    mutating func outgrow(
        _ subject: AuthorizationSubject, of account: AccountID, at time: Timestamp
    ) throws(EntryRejection) {
        let (id, _) = try standing(of: subject, account: account, at: time)
        guard let authorization = authorizations[id], !authorization.isOutgrowthMarked,
            isOutgrown(authorization, at: time)
        else { throw .notDue }
        authorizations[id]?.isOutgrowthMarked = true
        var queue = outgrowthQueue
        outgrowthQueue = DueQueue()
        queue.dropSettled { !mayOutgrow($0) }
        outgrowthQueue = queue
    }

    /// The markers of a coming of age the operator owes at `time`, at most 64: who, and which
    /// authorization only holds until its grace ends.
    package func dueOutgrowths(at time: Timestamp) -> [(AccountID, AuthorizationSubject)] {
        outgrowthQueue.due(at: time, limit: 64) { grant in
            guard mayOutgrow(grant), let authorization = authorizationByGrant(grant) else {
                return false
            }
            return isOutgrown(authorization, at: time)
        }
        .compactMap { authorizationByGrant($0) }
        .map {
            (
                $0.account,
                AuthorizationSubject(project: $0.grant.project, major: $0.grant.major)
            )
        }
    }

    /// Whether an authorization holds, or could go on, by what a guardian signed before the member
    /// came of age.
    private func isOutgrown(_ authorization: Authorization, at time: Timestamp) -> Bool {
        guard let project = projects[authorization.grant.project] else { return false }
        let state = authorization.state(at: time, in: project)
        return authorization.isOutgrown(at: time) && (state == .reconsentDue || state == .paused)
    }

    private func mayOutgrow(_ grant: Hash) -> Bool {
        mayExpire(grant) && authorizationByGrant(grant)?.isOutgrowthMarked == false
    }
}
