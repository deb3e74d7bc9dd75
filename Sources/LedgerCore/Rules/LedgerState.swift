/// A device as the ledger knows it.
package struct Device: Equatable, Sendable {
    /// The account it signs for.
    package let account: AccountID
    /// Its public keys.
    package let keys: DeviceKeys
    /// Whether a guardian signs with it for a ward.
    package internal(set) var isGuardians = false
    /// Whether it was revoked.
    package internal(set) var isRevoked = false
    /// The highest sequence number recorded.
    package internal(set) var lastSequence: Int64 = 0
}

/// An institution as the ledger knows it.
package struct Institution: Equatable, Sendable {
    /// Its name.
    package let name: LocalizedText
    /// What it may do.
    package let roles: [InstitutionRole]
    /// The keys of its first device.
    package let keys: DeviceKeys
    /// Where it is: a code of ISO 3166-1; empty where the operator is.
    package let region: String
    /// Whether more than half of it is held by foreigners.
    package let isForeignHeld: Bool
}

/// A member's place in a project.
package struct Seat: Hashable, Sendable {
    /// The member.
    package let account: AccountID
    /// The project.
    package let project: ProjectID

    /// Names a place.
    package init(account: AccountID, project: ProjectID) {
        self.account = account
        self.project = project
    }
}

/// What a member did in a project, whether they take part now or not.
struct SeatHistory: Equatable, Sendable {
    /// The contributions, in the order they were recorded.
    var contributions: [Hash] = []
    private var records: Set<Hash> = []
    private var commitments: Set<Hash> = []
    var earned = Earned.nothing
    /// The latest entry that earns points.
    var trigger: Hash?

    func has(_ stated: RecordContributed) -> Bool {
        records.contains(stated.record) || commitments.contains(stated.commitment)
    }

    mutating func add(_ stated: RecordContributed, entry: Hash) {
        contributions.append(entry)
        records.insert(stated.record)
        commitments.insert(stated.commitment)
    }
}

extension SeatHistory: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(contributions, records, commitments, earned, trigger)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        contributions = try reader.next()
        records = try reader.next()
        commitments = try reader.next()
        earned = try reader.next()
        trigger = try reader.next()
    }
}

/// Everything the ledger's entries add up to: the one place where the rules are.
///
/// The same value runs at the node, over all entries, and on a member's machine, over the
/// catalogue and the member's own chain. Seen from there other members' seats and earnings are
/// missing, which can only make it more permissive: what the node accepts never fails here.
///
/// Apply entries in the order of their index. A refusal changes nothing.
package struct LedgerState: Equatable, Sendable {
    /// The account that runs the ledger: the first institution.
    package internal(set) var operatorAccount: AccountID?
    /// The institutions.
    package internal(set) var institutions: [AccountID: Institution] = [:]
    /// The devices of everybody.
    package internal(set) var devices: [DeviceID: Device] = [:]
    /// The members.
    package internal(set) var members: Set<AccountID> = []
    /// The members who are minors, or were, and those declared and not enrolled yet.
    package internal(set) var wards: [AccountID: Ward] = [:]
    /// The projects.
    package internal(set) var projects: [ProjectID: Project] = [:]
    /// Who takes part where, with the entry that says so.
    package internal(set) var seats: [Seat: Hash] = [:]
    /// The authorizations, in force or not.
    package internal(set) var authorizations: [AuthorizationID: Authorization] = [:]
    /// The latest decision where no authorization was ever granted.
    package internal(set) var bareDecisions: [AuthorizationID: Hash] = [:]
    /// The contributions by their entry.
    package internal(set) var contributions: [Hash: Contribution] = [:]
    /// What members did in projects, whether they take part now or not.
    var histories: [Seat: SeatHistory] = [:]
    /// The balances.
    package internal(set) var points = PointsBook()
    /// The accruals by their entry.
    package internal(set) var accruals: [Hash: Accrual] = [:]
    /// The latest thing that earns points of each member in each project, by the entry.
    package internal(set) var triggers: [Hash: AccrualTrigger] = [:]
    /// The rules of programmes, where they have any.
    package internal(set) var programmeRules: [Programme: ProgrammeRuled] = [:]
    /// What members earned in programmes so far.
    package internal(set) var programmeEarned: [ProgrammeSeat: ProgrammeEarned] = [:]
    /// How projects share points among institutions.
    package internal(set) var splits: [ProjectID: SplitRuled] = [:]
    /// The rewards.
    package internal(set) var rewards: [RewardID: Reward] = [:]
    /// The reservations by their entry.
    package internal(set) var reservations: [Hash: Reservation] = [:]
    /// The corrections by the entry that proposed them.
    package internal(set) var corrections: [Hash: Correction] = [:]
    /// What officers reported about members who can decide no more, by the entry of the report.
    package internal(set) var lapseReports: [Hash: LapseReport] = [:]
    /// What two officers stated about members last.
    package internal(set) var lapses: [AccountID: ConfirmedLapse] = [:]
    /// The lots of points that are not used up, by the entry that made them available.
    package internal(set) var lots: [Hash: PointsLot] = [:]
    var lotsByAccount: [AccountID: [Hash]] = [:]
    /// What members wish to know of the results of projects they take part in.
    package internal(set) var wishes: [Seat: ResultsWish] = [:]
    /// What was erased, by the entry that says so.
    package internal(set) var erasures: [Hash: Erasure] = [:]
    /// Until when approvals hold.
    var approvals: [ApprovalKey: Timestamp] = [:]
    /// The terms an ethics board agreed to last, by project.
    var endorsements: [ProjectID: Hash] = [:]
    /// Whether major changes need the agreement of an ethics board.
    var hasEthicsBoard = false
    /// Whose genomes foreign recipients read.
    var genomePeople: [AccountID: Set<AccountID>] = [:]
    /// Closed projects with points in escrow.
    var closing: Set<ProjectID> = []
    var grantIndex: [Hash: AuthorizationID] = [:]
    var vestingQueue = DueQueue()
    var expiryQueue = DueQueue()
    var outgrowthQueue = DueQueue()
    var erasureQueue = DueQueue()
    var noticeQueue = DueQueue()
    var lotQueue = DueQueue()
    var reservationQueue = DueQueue()

    /// Makes the state before the first entry.
    package init() {}

    /// The contributions of a member to a project, in the order they were recorded.
    package func contributions(of seat: Seat) -> [Hash] { histories[seat]?.contributions ?? [] }

    /// Whether all that a member contributed of a record was erased; not where nothing was.
    package func isErased(_ record: Hash, of account: AccountID) -> Bool {
        var isErased = false
        for project in projects.keys {
            for entry in contributions(of: Seat(account: account, project: project)) {
                guard let known = contributions[entry], known.statement.record == record else {
                    continue
                }
                guard known.isErased else { return false }
                isErased = true
            }
        }
        return isErased
    }

    /// What a member earned in a project so far.
    package func earned(_ seat: Seat) -> Earned { histories[seat]?.earned ?? .nothing }

    /// Applies an entry, or refuses it and changes nothing.
    ///
    /// - Parameters:
    ///   - verified: The entry, its signature checked.
    ///   - time: The node's time in the envelope.
    /// - Throws: The first rule that it breaks.
    package mutating func apply(_ verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        let payload = verified.payload
        try checkSigner(of: payload)
        try applyBody(of: verified, at: time)
        // A revocation may come out of order, so it says nothing about what else was sent.
        guard payload.body.kind != .authorizationRevoked else { return }
        devices[payload.device]?.lastSequence = payload.sequence
    }

    private func checkSigner(of payload: EntryPayload) throws(EntryRejection) {
        guard let device = devices[payload.device] else {
            // The verifier let a device pass that is unknown: it introduces itself here.
            try checkIntroduction(payload)
            return
        }
        // "A revoke is never refused" stands above the rules for devices and their numbers, as
        // after a restored backup: the worst a stolen device can do is to stop data from flowing.
        let isRevoke = payload.body.kind == .authorizationRevoked
        if device.isRevoked, !isRevoke { throw .deviceRevoked }
        guard isAllowed(payload, from: device) else { throw .signerNotAllowed }
        guard isRevoke || payload.sequence > device.lastSequence else { throw .sequenceReused }
    }

    private func checkIntroduction(_ payload: EntryPayload) throws(EntryRejection) {
        switch payload.body {
        case .memberEnrolled where payload.account == AccountID(firstDevice: payload.device): return
        case .institutionAdmitted where operatorAccount == nil: return
        default: throw .signerNotAllowed
        }
    }

    /// Whether a device may sign this kind for this account.
    private func isAllowed(_ payload: EntryPayload, from device: Device) -> Bool {
        let isOwn = device.account == payload.account
        switch payload.body {
        case .institutionAdmitted, .budgetFunded, .authorizationExpired, .useAllowed, .useDenied,
            .pointsAccrued, .pointsVested, .pointsVoided, .programmeRuled, .rewardOffered,
            .rewardWithdrawn, .escrowReleased, .pointsRedeemed, .pointsExpiring, .pointsExpired,
            .authorizationInvalidated, .recordsErased, .wardEnrolled, .authorizationOutgrown,
            .authorizationLapsed:
            return device.account == operatorAccount
        case .approvalFiled:
            return device.account == operatorAccount || has(.regulator, device.account)
        case .amendmentEndorsed: return has(.ethics, device.account)
        case .projectTerminated:
            return has(.ethics, device.account) || has(.regulator, device.account)
        case .erasureAttested, .dataDerived, .resultReturned:
            return institutions[device.account] != nil
        case .pointsReleased(let released) where released.reason != .cancelled:
            return device.account == operatorAccount
        case .correctionProposed, .correctionConfirmed, .lapseProposed, .lapseConfirmed:
            return has(.officer, device.account)
        case .projectPublished:
            return isOwn && has(.sponsor, device.account)
        case .projectAmended, .projectClosed, .escrowPlaced, .splitRuled, .splitPaid:
            guard let project = payload.body.project, let known = projects[project] else {
                return isOwn
            }
            return isOwn && known.sponsor == device.account
        case .contributionAccepted, .contributionRejected:
            guard let project = payload.body.project, let known = projects[project] else {
                return true
            }
            return known.sponsor == device.account
        case .memberEnrolled: return false
        case .deviceRevoked: return isOwn
        // Members check an institution's signatures and do not read its chain, so an institution
        // has the one device the catalogue introduces.
        case .deviceAdded: return isOwn && members.contains(device.account)
        case .wardHandedOver: return isOwn && device.isGuardians
        case .signupJoined, .signupLeft, .authorizationGranted, .authorizationPaused,
            .authorizationResumed, .authorizationRevoked, .recordContributed, .pointsReserved,
            .pointsReleased, .correctionAppealed, .contributionAppealed, .wardDeclared,
            .resultsWished:
            return isOwn && members.contains(device.account)
        }
    }

    private func has(_ role: InstitutionRole, _ account: AccountID) -> Bool {
        institutions[account]?.roles.contains(role) == true
    }

    private mutating func applyBody(of verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        let account = verified.payload.account
        switch verified.payload.body {
        case .institutionAdmitted(let admitted): try admit(admitted, as: account)
        case .memberEnrolled(let keys): try enrol(keys, as: account)
        case .deviceAdded(let keys): try add(keys, to: account, by: verified.payload.device)
        case .wardHandedOver(let keys): try add(keys, to: account, by: nil)
        case .wardDeclared(let declared): try declare(declared, by: verified, at: time)
        case .wardEnrolled(let enrolled): try enrol(enrolled, as: account)
        case .deviceRevoked(let device): try revoke(device, of: account)
        case .projectPublished(let terms): try publish(terms, by: verified, at: time)
        case .projectAmended(let amended): try amend(amended, at: time)
        case .projectClosed(let project): try close(project, at: time)
        case .budgetFunded(let points): try fund(account, points)
        case .escrowPlaced(let placed): try place(placed, by: account)
        case .signupJoined(let joined): try join(joined, by: verified, at: time)
        case .signupLeft(let project): try leave(project, by: verified, at: time)
        case .authorizationGranted(let granted): try grant(granted, by: verified, at: time)
        case .authorizationPaused(let subject): try pause(subject, of: account, at: time)
        case .authorizationResumed(let subject): try resume(subject, by: verified, at: time)
        case .authorizationRevoked(let revoked): revoke(revoked, by: verified, at: time)
        case .authorizationExpired(let subject): try expire(subject, of: account, at: time)
        case .authorizationOutgrown(let subject): try outgrow(subject, of: account, at: time)
        case .recordContributed(let stated): try contribute(stated, by: verified, at: time)
        case .contributionAccepted(let reviewed): try accept(reviewed, by: verified)
        case .contributionRejected(let rejected): try reject(rejected, of: account)
        case .useAllowed(let allowed): try use(allowed, by: verified, at: time)
        case .useDenied(let denied): try deny(denied)
        case .dataDerived(let derived): try derive(derived, by: verified, at: time)
        case .authorizationLapsed(let lapsed):
            try lapse(lapsed, of: account, by: verified.id, at: time)
        case .lapseProposed(let proposed): try propose(proposed, by: verified)
        case .lapseConfirmed(let confirmed): try confirm(confirmed, by: verified, at: time)
        case .resultsWished(let wished): try wish(wished, by: verified, at: time)
        case .resultReturned(let returned): try giveBack(returned, by: verified, at: time)
        case .pointsAccrued(let accrued): try accrue(accrued, by: verified, at: time)
        case .pointsVested(let resolved): try vest(resolved, by: verified, at: time)
        case .pointsVoided(let resolved): try void(resolved, of: account)
        case .programmeRuled(let ruled): try rule(ruled)
        case .rewardOffered(let offered): offer(offered)
        case .rewardWithdrawn(let reward): try withdraw(reward)
        case .splitRuled(let ruled): try rule(ruled)
        case .splitPaid(let paid): try pay(paid, by: account)
        case .escrowReleased(let released): try release(released, at: time)
        case .pointsReserved(let reserved): try reserve(reserved, by: verified, at: time)
        case .pointsRedeemed(let redeemed): try redeem(redeemed, of: account)
        case .pointsReleased(let released): try release(released, of: account, at: time)
        case .pointsExpiring(let expiring): try notice(expiring, of: account, at: time)
        case .pointsExpired(let expired): try expire(expired, of: account, at: time)
        case .correctionProposed(let proposed): try propose(proposed, by: verified, at: time)
        case .correctionConfirmed(let confirmed): try confirm(confirmed, by: verified, at: time)
        case .correctionAppealed(let proposal): try appeal(proposal, of: account, at: time)
        case .approvalFiled(let filed): try file(filed)
        case .amendmentEndorsed(let endorsed): try endorse(endorsed)
        case .projectTerminated(let terminated): try close(terminated.project, at: time)
        case .authorizationInvalidated(let invalidated):
            try invalidate(invalidated, of: account, by: verified.id)
        case .contributionAppealed(let appealed): try appeal(appealed, of: account)
        case .recordsErased(let erased): try erase(erased, by: verified, at: time)
        case .erasureAttested(let attested): try attest(attested, by: verified)
        }
    }
}
