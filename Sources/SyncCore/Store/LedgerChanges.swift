package import LedgerCore

/// What entries changed, so that only those projections are written again.
///
/// Collected while the entries are applied, because some things are known only at that moment:
/// which authorization a use was under, and what earned an accrual.
package struct LedgerChanges: Equatable, Sendable {
    /// Institutions that are new.
    package private(set) var institutions: Set<AccountID> = []
    /// Projects that are new or changed.
    package private(set) var projects: Set<ProjectID> = []
    /// Points that were set aside for projects.
    package private(set) var escrow: [ProjectID: Points] = [:]
    /// Projects the member joined or left.
    package private(set) var seats: Set<ProjectID> = []
    /// Authorizations that were granted or changed.
    package private(set) var authorizations: Set<AuthorizationID> = []
    /// Contributions that are new or were reviewed.
    package private(set) var contributions: Set<Hash> = []
    /// Uses, in the order they were recorded; a look at a new contribution is none.
    package private(set) var uses: [Use] = []
    /// Movements of points, in the order they were recorded.
    package private(set) var points: [Movement] = []
    /// Rewards that are new or changed.
    package private(set) var rewards: Set<RewardID> = []
    /// Reservations that are new or ended (entry ids).
    package private(set) var reservations: Set<Hash> = []
    /// Devices that were revoked.
    package private(set) var revokedDevices: Set<DeviceID> = []

    /// One allowed use.
    package struct Use: Equatable, Sendable {
        /// The authorization that allowed it.
        package let authorization: AuthorizationID
        /// When it was recorded.
        package let at: Timestamp
    }

    /// One movement of the member's points.
    package struct Movement: Equatable, Sendable {
        /// The entry.
        package let entry: Hash
        /// Its index.
        package let index: LeafIndex
        /// When it was recorded.
        package let at: Timestamp
        /// The kind of the entry.
        package let kind: EntryKind
        /// The project that pays, if one does.
        package let project: ProjectID?
        /// The reward it is about, if it is about one.
        package let reward: RewardID?
        /// How many; below zero what a correction took.
        package let points: Points
        /// What earned them; `nil` unless they accrue.
        package let cause: EntryKind?
        /// When they vest; `nil` unless they accrue.
        package let vestsAt: Timestamp?
        /// The accrual that ends here or is corrected; `nil` if one begins.
        package let accrual: Hash?
        /// What waits of the accrual afterwards: of this one if it begins, else of `accrual`.
        package let waiting: Points

        init(
            _ verified: VerifiedEntry, index: LeafIndex, at time: Timestamp, points: Points,
            project: ProjectID? = nil, reward: RewardID? = nil, cause: EntryKind? = nil,
            vestsAt: Timestamp? = nil, accrual: Hash? = nil, waiting: Points = .zero
        ) {
            entry = verified.id
            self.index = index
            at = time
            kind = verified.payload.body.kind
            self.project = project
            self.reward = reward
            self.points = points
            self.cause = cause
            self.vestsAt = vestsAt
            self.accrual = accrual
            self.waiting = waiting
        }
    }

    /// Nothing changed.
    package init() {}

    /// Applies an entry to `state` and notes what it changed.
    ///
    /// - Throws: the rule it breaks; state and changes are then as before.
    package mutating func apply(
        _ verified: VerifiedEntry, index: LeafIndex, at time: Timestamp,
        to state: inout LedgerState
    ) throws(EntryRejection) {
        let cause = LedgerChanges.cause(of: verified.payload.body, in: state)
        try state.apply(verified, at: time)
        note(verified, in: state, at: time)
        notePoints(verified, index: index, at: time, cause: cause, in: state)
    }

    private mutating func note(
        _ verified: VerifiedEntry, in state: LedgerState, at time: Timestamp
    ) {
        let account = verified.payload.account
        switch verified.payload.body {
        case .institutionAdmitted: institutions.insert(account)
        case .memberEnrolled, .deviceAdded, .budgetFunded, .useDenied, .programmeRuled,
            .splitRuled, .splitPaid, .pointsExpiring, .pointsExpired, .correctionProposed,
            .correctionConfirmed, .correctionAppealed, .approvalFiled, .amendmentEndorsed,
            .erasureAttested, .dataDerived, .wardDeclared, .wardEnrolled, .wardHandedOver,
            .resultsWished, .resultReturned, .lapseProposed, .lapseConfirmed:
            break
        case .projectTerminated(let terminated): projects.insert(terminated.project)
        case .authorizationInvalidated(let invalidated):
            insert(account, invalidated.project, invalidated.major)
        case .authorizationLapsed(let lapsed):
            insert(account, lapsed.project, lapsed.major)
        case .contributionAppealed(let appealed): contributions.insert(appealed.contribution)
        case .recordsErased(let erased): contributions.formUnion(erased.contributions)
        case .deviceRevoked(let device): revokedDevices.insert(device)
        case .projectPublished(let terms): projects.insert(terms.project)
        case .projectAmended(let amended): projects.insert(amended.terms.project)
        case .projectClosed(let project): projects.insert(project)
        case .escrowPlaced(let placed):
            escrow[placed.project] = (escrow[placed.project] ?? .zero) + placed.points
        case .escrowReleased(let released):
            escrow[released.project] = (escrow[released.project] ?? .zero) - released.points
        case .rewardOffered(let offered): rewards.insert(offered.reward)
        case .rewardWithdrawn(let reward): rewards.insert(reward)
        case .pointsReserved: reservations.insert(verified.id)
        case .pointsRedeemed(let redeemed): reservations.insert(redeemed.reservation)
        case .pointsReleased(let released): reservations.insert(released.reservation)
        case .signupJoined(let joined): seats.insert(joined.project)
        case .signupLeft(let project):
            seats.insert(project)
            for major in 1...(state.projects[project]?.terms.major ?? 1) {
                let id = AuthorizationID(account: account, project: project, major: major)
                if state.latestDecision(for: id) != .zero { authorizations.insert(id) }
            }
        case .authorizationGranted(let granted):
            insert(account, granted.project, granted.major)
        case .authorizationPaused(let subject):
            let paused = state.authorizationsStopped(
                from: subject.major, in: subject.project, of: account)
            authorizations.formUnion(paused.filter { state.authorizations[$0] != nil })
        case .authorizationResumed(let subject), .authorizationExpired(let subject),
            .authorizationOutgrown(let subject):
            insert(account, subject.project, subject.major)
        case .authorizationRevoked(let revoked):
            authorizations.formUnion(
                state.authorizationsStopped(
                    from: revoked.major, in: revoked.project, of: account))
        case .recordContributed: contributions.insert(verified.id)
        case .contributionAccepted(let reviewed): contributions.insert(reviewed.contribution)
        case .contributionRejected(let rejected): contributions.insert(rejected.contribution)
        case .useAllowed(let use) where use.purpose == .review: break
        case .useAllowed(let use): noteUse(use, of: account, in: state, at: time)
        case .pointsAccrued, .pointsVested, .pointsVoided: break
        }
    }

    private mutating func insert(_ account: AccountID, _ project: ProjectID, _ major: Int64) {
        authorizations.insert(AuthorizationID(account: account, project: project, major: major))
    }

    private mutating func noteUse(
        _ use: UseAllowed, of account: AccountID, in state: LedgerState, at time: Timestamp
    ) {
        guard let project = state.projects[use.project],
            let authorization = state.latestAuthorization(of: account, in: project)
        else { return }
        uses.append(Use(authorization: authorization.id, at: time))
    }

    private mutating func notePoints(
        _ verified: VerifiedEntry, index: LeafIndex, at time: Timestamp, cause: EntryKind?,
        in state: LedgerState
    ) {
        func note(
            _ amount: Points, project: ProjectID? = nil, reward: RewardID? = nil,
            vestsAt: Timestamp? = nil, accrual: Hash? = nil, waiting: Points = .zero
        ) {
            points.append(
                Movement(
                    verified, index: index, at: time, points: amount, project: project,
                    reward: reward, cause: cause, vestsAt: vestsAt, accrual: accrual,
                    waiting: waiting))
        }
        switch verified.payload.body {
        case .pointsAccrued(let accrued):
            note(
                accrued.points, project: accrued.project, vestsAt: accrued.vestsAt,
                waiting: accrued.points)
        case .pointsVested(let resolved), .pointsVoided(let resolved):
            note(resolved.points, project: resolved.project, accrual: resolved.accrual)
        case .pointsReserved(let reserved): note(reserved.points, reward: reserved.reward)
        case .pointsRedeemed(let redeemed): note(redeemed.points, reward: redeemed.reward)
        case .pointsReleased(let released): note(released.points, reward: released.reward)
        case .pointsExpired(let expired): note(expired.points)
        case .correctionConfirmed(let confirmed):
            guard let statement = state.corrections[confirmed.proposal]?.statement,
                let accrual = state.accruals[statement.accrual]
            else { return }
            let isTaken = statement.direction == .take
            note(
                isTaken ? .zero - statement.points : statement.points,
                project: accrual.statement.project, accrual: statement.accrual,
                waiting: accrual.remaining)
        default: break
        }
    }

    private static func cause(of body: EntryBody, in state: LedgerState) -> EntryKind? {
        guard case .pointsAccrued(let accrued) = body else { return nil }
        return switch state.triggers[accrued.trigger]?.cause {
        case .contribution: .contributionAccepted
        case .use: .useAllowed
        case nil: nil
        }
    }
}
