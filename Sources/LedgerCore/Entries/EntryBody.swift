/// What an entry states.
///
/// Kinds are past tense and versioned; shapes never change once shipped.
package enum EntryBody: Equatable, Sendable {
    /// An institution with a key of its own takes part. Signed by the operator.
    case institutionAdmitted(InstitutionAdmitted)
    /// A person joined with an invitation. Signed by the new device.
    case memberEnrolled(DeviceKeys)
    /// A further device of an account. Signed by a device of the account.
    case deviceAdded(DeviceKeys)
    /// A member takes care of a minor. Signed by the guardian.
    case wardDeclared(WardDeclared)
    /// A minor has an account. Signed by the operator, for a declaration.
    case wardEnrolled(WardEnrolled)
    /// A ward's own device, not their guardian's. Signed by a device of the guardian.
    case wardHandedOver(DeviceKeys)
    /// A device signs nothing more. Signed by a device of the account.
    case deviceRevoked(DeviceID)

    /// A project asks for data. Signed by its sponsor.
    case projectPublished(ProjectTerms)
    /// A project changed. Signed by its sponsor.
    case projectAmended(ProjectAmended)
    /// A project ended. Signed by its sponsor.
    case projectClosed(ProjectID)
    /// Points were minted for an institution: the only source of points. Signed by the operator.
    case budgetFunded(Points)
    /// Points were set aside for a project. Signed by its sponsor.
    case escrowPlaced(EscrowPlaced)

    /// A member takes part in a project.
    case signupJoined(SignupJoined)
    /// A member no longer takes part; an authorization for the project ends with it.
    case signupLeft(ProjectID)
    /// A member allows use.
    case authorizationGranted(AuthorizationGranted)
    /// A member suspends use.
    case authorizationPaused(AuthorizationSubject)
    /// A member lets use go on.
    case authorizationResumed(AuthorizationSubject)
    /// A member ends use: never refused.
    case authorizationRevoked(AuthorizationRevoked)
    /// An authorization ran out. Signed by the operator.
    case authorizationExpired(AuthorizationSubject)

    /// A member came of age: what their guardian granted ends soon. Signed by the operator.
    case authorizationOutgrown(AuthorizationSubject)

    /// A member handed a record to a project.
    case recordContributed(RecordContributed)
    /// The study team took a contribution. Signed by the sponsor.
    case contributionAccepted(ContributionReviewed)
    /// The study team did not take a contribution. Signed by the sponsor.
    case contributionRejected(ContributionRejected)
    /// Records were read with permission. Signed by the operator.
    case useAllowed(UseAllowed)
    /// A read was denied. Signed by the operator.
    case useDenied(UseDenied)

    /// Something was made from a member's records. Signed by the data user.
    case dataDerived(DataDerived)

    /// An authorization ended as its terms say, because its member died or cannot decide any more.
    /// Signed by the operator.
    case authorizationLapsed(AuthorizationLapsed)
    /// An officer reports that a member can decide no more. Signed by an officer.
    case lapseProposed(LapseProposed)
    /// Another officer confirms it: what the member allowed ends. Signed by another officer.
    case lapseConfirmed(LapseConfirmed)
    /// A member says which results of a project they wish to know.
    case resultsWished(ResultsWished)
    /// A result comes back to a member. Signed by the data user.
    case resultReturned(ResultReturned)

    /// Points are on the way. Signed by the operator.
    case pointsAccrued(PointsAccrued)
    /// Points became available. Signed by the operator.
    case pointsVested(PointsResolved)
    /// Points on the way were taken back to the project. Signed by the operator.
    case pointsVoided(PointsResolved)

    /// A programme has new rules for points. Signed by the operator.
    case programmeRuled(ProgrammeRuled)
    /// A reward can be had for points. Signed by the operator.
    case rewardOffered(RewardOffered)
    /// A reward can no longer be reserved. Signed by the operator.
    case rewardWithdrawn(RewardID)
    /// How a project shares points among institutions. Signed by its sponsor.
    case splitRuled(SplitRuled)
    /// Points of the sponsor's budget were shared under the project's rule. Signed by the sponsor.
    case splitPaid(ProjectPoints)
    /// What a closed project did not pay went back to its sponsor. Signed by the operator.
    case escrowReleased(ProjectPoints)

    /// A member sets points aside for a reward.
    case pointsReserved(PointsReserved)
    /// A reward was handed over. Signed by the operator.
    case pointsRedeemed(PointsRedeemed)
    /// A reservation ended. Signed by the member who cancels, otherwise by the operator.
    case pointsReleased(PointsReleased)
    /// A lot of points will run out. Signed by the operator.
    case pointsExpiring(PointsExpiring)
    /// A lot of points ran out. Signed by the operator.
    case pointsExpired(PointsExpired)
    /// An officer wants to correct points; the member can appeal. Signed by an officer.
    case correctionProposed(CorrectionProposed)
    /// Points were corrected. Signed by another officer.
    case correctionConfirmed(CorrectionConfirmed)
    /// A member stops a correction (entry id of the proposal): it needs a new proposal.
    case correctionAppealed(Hash)

    /// An authority allowed the use of human genetic resources. Signed by a regulator or the
    /// operator.
    case approvalFiled(ApprovalFiled)
    /// An ethics board agrees to a major change. Signed by the board.
    case amendmentEndorsed(AmendmentEndorsed)
    /// An authority ended a project. Signed by an ethics board or a regulator.
    case projectTerminated(ProjectTerminated)
    /// An authorization was never valid. Signed by the operator.
    case authorizationInvalidated(AuthorizationInvalidated)
    /// A member wants a rejected contribution to be looked at again.
    case contributionAppealed(ContributionReviewed)
    /// Keys and ciphertext were destroyed. Signed by the operator.
    case recordsErased(RecordsErased)
    /// A recipient erased its copies. Signed by the recipient.
    case erasureAttested(ErasureAttested)
}

/// The name of each kind, as it stands in an entry.
package enum EntryKind: String, CaseIterable, Sendable {
    case institutionAdmitted = "institution.admitted/1"
    case memberEnrolled = "member.enrolled/1"
    case deviceAdded = "device.added/1"
    case deviceRevoked = "device.revoked/1"
    case projectPublished = "project.published/1"
    case projectAmended = "project.amended/1"
    case projectClosed = "project.closed/1"
    case budgetFunded = "budget.funded/1"
    case escrowPlaced = "escrow.placed/1"
    case signupJoined = "signup.joined/1"
    case signupLeft = "signup.left/1"
    case authorizationGranted = "authorization.granted/1"
    case authorizationPaused = "authorization.paused/1"
    case authorizationResumed = "authorization.resumed/1"
    case authorizationRevoked = "authorization.revoked/1"
    case authorizationExpired = "authorization.expired/1"
    case recordContributed = "record.contributed/1"
    case contributionAccepted = "contribution.accepted/1"
    case contributionRejected = "contribution.rejected/1"
    case useAllowed = "use.allowed/1"
    case useDenied = "use.denied/1"
    case pointsAccrued = "points.accrued/1"
    case pointsVested = "points.vested/1"
    case pointsVoided = "points.voided/1"
    case programmeRuled = "programme.ruled/1"
    case rewardOffered = "reward.offered/1"
    case rewardWithdrawn = "reward.withdrawn/1"
    case splitRuled = "split.ruled/1"
    case splitPaid = "split.paid/1"
    case escrowReleased = "escrow.released/1"
    case pointsReserved = "points.reserved/1"
    case pointsRedeemed = "points.redeemed/1"
    case pointsReleased = "points.released/1"
    case pointsExpiring = "points.expiring/1"
    case pointsExpired = "points.expired/1"
    case correctionProposed = "correction.proposed/1"
    case correctionConfirmed = "correction.confirmed/1"
    case correctionAppealed = "correction.appealed/1"
    case approvalFiled = "approval.filed/1"
    case amendmentEndorsed = "amendment.endorsed/1"
    case projectTerminated = "project.terminated/1"
    case authorizationInvalidated = "authorization.invalidated/1"
    case contributionAppealed = "contribution.appealed/1"
    case recordsErased = "records.erased/1"
    case erasureAttested = "erasure.attested/1"
    case dataDerived = "data.derived/1"
    case wardDeclared = "ward.declared/1"
    case wardEnrolled = "ward.enrolled/1"
    case wardHandedOver = "ward.handed-over/1"
    case authorizationOutgrown = "authorization.outgrown/1"
    case resultsWished = "results.wished/1"
    case resultReturned = "result.returned/1"
    case authorizationLapsed = "authorization.lapsed/1"
    case lapseProposed = "lapse.proposed/1"
    case lapseConfirmed = "lapse.confirmed/1"

    /// Whether it can only stop the use of data.
    package var onlyStopsUse: Bool {
        switch self {
        case .authorizationRevoked, .authorizationPaused, .signupLeft: true
        default: false
        }
    }

    /// Whether it only takes something away and cites nothing: the device that signed it may sign it
    /// anew where its number was used otherwise, without asking the person again.
    package var mayBeSignedAnew: Bool { onlyStopsUse || self == .deviceRevoked }

    /// Whether it only takes back what somebody may do, or says that it was done: taken while anything
    /// can be stored.
    package var takesBack: Bool {
        switch self {
        case .projectClosed, .projectTerminated, .lapseProposed, .lapseConfirmed,
            .correctionAppealed, .erasureAttested:
            true
        default: mayBeSignedAnew
        }
    }

    /// Whether everybody may read the entry: it belongs to the catalogue, not to an account.
    package var isPublic: Bool {
        switch self {
        case .institutionAdmitted, .projectPublished, .projectAmended, .projectClosed,
            .budgetFunded, .escrowPlaced, .programmeRuled, .rewardOffered, .rewardWithdrawn,
            .splitRuled, .splitPaid, .escrowReleased, .approvalFiled, .amendmentEndorsed,
            .projectTerminated:
            true
        default: false
        }
    }
}

extension EntryBody {
    /// The kind of this body.
    package var kind: EntryKind {
        switch self {
        case .institutionAdmitted: .institutionAdmitted
        case .memberEnrolled: .memberEnrolled
        case .deviceAdded: .deviceAdded
        case .deviceRevoked: .deviceRevoked
        case .projectPublished: .projectPublished
        case .projectAmended: .projectAmended
        case .projectClosed: .projectClosed
        case .budgetFunded: .budgetFunded
        case .escrowPlaced: .escrowPlaced
        case .signupJoined: .signupJoined
        case .signupLeft: .signupLeft
        case .authorizationGranted: .authorizationGranted
        case .authorizationPaused: .authorizationPaused
        case .authorizationResumed: .authorizationResumed
        case .authorizationRevoked: .authorizationRevoked
        case .authorizationExpired: .authorizationExpired
        case .recordContributed: .recordContributed
        case .contributionAccepted: .contributionAccepted
        case .contributionRejected: .contributionRejected
        case .useAllowed: .useAllowed
        case .useDenied: .useDenied
        case .pointsAccrued: .pointsAccrued
        case .pointsVested: .pointsVested
        case .pointsVoided: .pointsVoided
        case .programmeRuled: .programmeRuled
        case .rewardOffered: .rewardOffered
        case .rewardWithdrawn: .rewardWithdrawn
        case .splitRuled: .splitRuled
        case .splitPaid: .splitPaid
        case .escrowReleased: .escrowReleased
        case .pointsReserved: .pointsReserved
        case .pointsRedeemed: .pointsRedeemed
        case .pointsReleased: .pointsReleased
        case .pointsExpiring: .pointsExpiring
        case .pointsExpired: .pointsExpired
        case .correctionProposed: .correctionProposed
        case .correctionConfirmed: .correctionConfirmed
        case .correctionAppealed: .correctionAppealed
        case .approvalFiled: .approvalFiled
        case .amendmentEndorsed: .amendmentEndorsed
        case .projectTerminated: .projectTerminated
        case .authorizationInvalidated: .authorizationInvalidated
        case .contributionAppealed: .contributionAppealed
        case .recordsErased: .recordsErased
        case .erasureAttested: .erasureAttested
        case .dataDerived: .dataDerived
        case .wardDeclared: .wardDeclared
        case .wardEnrolled: .wardEnrolled
        case .wardHandedOver: .wardHandedOver
        case .authorizationOutgrown: .authorizationOutgrown
        case .resultsWished: .resultsWished
        case .resultReturned: .resultReturned
        case .authorizationLapsed: .authorizationLapsed
        case .lapseProposed: .lapseProposed
        case .lapseConfirmed: .lapseConfirmed
        }
    }

    /// The keys of the device the entry introduces, if it introduces one.
    package var introducedKeys: DeviceKeys? {
        switch self {
        case .institutionAdmitted(let admitted): admitted.keys
        case .memberEnrolled(let keys), .deviceAdded(let keys), .wardHandedOver(let keys): keys
        case .wardEnrolled(let enrolled): enrolled.keys
        default: nil
        }
    }

    /// The project the entry is about, if it is about one.
    package var project: ProjectID? {
        switch self {
        case .institutionAdmitted, .memberEnrolled, .deviceAdded, .deviceRevoked, .budgetFunded,
            .programmeRuled, .rewardOffered, .rewardWithdrawn, .pointsReserved, .pointsRedeemed,
            .pointsReleased, .pointsExpiring, .pointsExpired, .correctionProposed,
            .correctionConfirmed, .correctionAppealed, .wardDeclared, .wardEnrolled,
            .wardHandedOver, .lapseProposed, .lapseConfirmed:
            nil
        case .projectPublished(let terms): terms.project
        case .projectAmended(let amended): amended.terms.project
        case .projectClosed(let project), .signupLeft(let project): project
        case .escrowPlaced(let amount), .splitPaid(let amount), .escrowReleased(let amount):
            amount.project
        case .splitRuled(let ruled): ruled.project
        case .approvalFiled(let filed): filed.project
        case .amendmentEndorsed(let endorsed): endorsed.project
        case .projectTerminated(let terminated): terminated.project
        case .authorizationInvalidated(let invalidated): invalidated.project
        case .recordsErased(let erased): erased.project
        case .erasureAttested(let attested): attested.project
        case .signupJoined(let joined): joined.project
        case .authorizationGranted(let granted): granted.project
        case .authorizationPaused(let subject), .authorizationResumed(let subject),
            .authorizationExpired(let subject), .authorizationOutgrown(let subject):
            subject.project
        case .authorizationRevoked(let revoked): revoked.project
        case .recordContributed(let contributed): contributed.project
        case .contributionAccepted(let reviewed), .contributionAppealed(let reviewed):
            reviewed.project
        case .contributionRejected(let rejected): rejected.project
        case .useAllowed(let use): use.project
        case .useDenied(let use): use.project
        case .dataDerived(let derived): derived.project
        case .resultsWished(let wished): wished.project
        case .resultReturned(let returned): returned.project
        case .authorizationLapsed(let lapsed): lapsed.project
        case .pointsAccrued(let accrued): accrued.project
        case .pointsVested(let resolved), .pointsVoided(let resolved): resolved.project
        }
    }

    /// The amount the entry moves, if it moves points.
    package var points: Points? {
        switch self {
        case .budgetFunded(let points): points
        case .escrowPlaced(let amount), .splitPaid(let amount), .escrowReleased(let amount):
            amount.points
        case .pointsAccrued(let accrued): accrued.points
        case .pointsVested(let resolved), .pointsVoided(let resolved): resolved.points
        case .pointsReserved(let reserved): reserved.points
        case .pointsRedeemed(let redeemed): redeemed.points
        case .pointsReleased(let released): released.points
        case .pointsExpired(let expired): expired.points
        case .correctionConfirmed(let confirmed): confirmed.points
        default: nil
        }
    }
}
