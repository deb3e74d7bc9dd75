/// Why the ledger refuses a verified entry.
///
/// Cases stand in the order the rules are checked; the first broken rule wins, so every replica
/// answers alike. Codes are stored and sent: append only, never reuse a number.
package enum EntryRejection: UInt16, Error, CaseIterable, Sendable {
    /// The signing device was revoked before.
    case deviceRevoked = 1
    /// The device may not sign this kind of entry, or not for this account.
    case signerNotAllowed = 2
    /// The device's sequence number was used before.
    case sequenceReused = 3
    /// An entry this one depends on was refused.
    case dependencyRejected = 4
    /// The account is not known.
    case accountUnknown = 5
    /// The account or device is known already.
    case alreadyEnrolled = 6
    /// Enrolment needs an invitation.
    case invitationRequired = 7
    /// The project is not known.
    case projectUnknown = 8
    /// A project with this id exists.
    case projectExists = 9
    /// The version is not the next one.
    case versionNotNext = 10
    /// The project was closed.
    case projectClosed = 11
    /// The project changed since it was read.
    case versionNotCurrent = 12
    /// All seats are taken.
    case projectFull = 13
    /// The member takes part already.
    case alreadySignedUp = 14
    /// The member does not take part.
    case notSignedUp = 15
    /// The grant does not cite the latest decision: something happened in between.
    case decisionNotLatest = 16
    /// A kind that taking part needs is missing.
    case requiredKindMissing = 17
    /// A kind, purpose, recipient or date goes beyond what the project asks.
    case beyondProject = 18
    /// The end date is not in the future.
    case endNotInFuture = 19
    /// There is no authorization in force.
    case noAuthorization = 20
    /// The authorization is not paused.
    case notPaused = 21
    /// The authorization has not run out.
    case notExpired = 22
    /// The project does not ask for this kind of record.
    case kindNotAsked = 23
    /// The record's dates lie outside what the project collects.
    case outsideCollection = 24
    /// The same record was contributed before.
    case duplicateRecord = 25
    /// The contribution is not known.
    case contributionUnknown = 26
    /// The contribution was reviewed before.
    case alreadyReviewed = 27
    /// The use is not covered by an authorization.
    case useNotAuthorized = 28
    /// The budget does not cover the amount.
    case budgetTooLow = 29
    /// Nothing on the ledger gives rise to these points.
    case triggerUnknown = 30
    /// The trigger was paid before.
    case triggerPaid = 31
    /// The amount is not what the rule and its caps say.
    case amountNotDue = 32
    /// The accrual is not known.
    case accrualUnknown = 33
    /// The accrual was vested or voided before.
    case accrualResolved = 34
    /// The waiting time is not over, or nothing justifies taking the points back.
    case notDue = 35
    /// The amounts of one entry would exceed what an account can hold.
    case amountTooLarge = 36
    /// The reward is not known.
    case rewardUnknown = 37
    /// The reward can no longer be reserved.
    case rewardWithdrawn = 38
    /// The price is not the one that was shown.
    case priceChanged = 39
    /// No unit is left.
    case outOfStock = 40
    /// The points that can be spent, or corrected, are fewer.
    case balanceTooLow = 41
    /// The reservation is not known.
    case reservationUnknown = 42
    /// The reservation was redeemed or released before.
    case reservationResolved = 43
    /// The lot of points is not known, or used up.
    case lotUnknown = 44
    /// The notice was given before.
    case noticeGiven = 45
    /// The correction is not known.
    case correctionUnknown = 46
    /// The correction was confirmed or stopped before, or can no longer be appealed.
    case correctionResolved = 47
    /// The officer who proposed a correction, or reported a member, cannot confirm it.
    case secondOfficerNeeded = 48
    /// The accrual is too old to be corrected, or the proposal to be confirmed.
    case correctionTooLate = 49
    /// There was an appeal before.
    case alreadyAppealed = 50
    /// The project has no rule for sharing.
    case splitUnknown = 51
    /// No ethics board agreed to the change.
    case ethicsMissing = 52
    /// The records were erased before.
    case alreadyErased = 53
    /// The erasure is not known.
    case erasureUnknown = 54
    /// The institution attested before, or has nothing to attest.
    case alreadyAttested = 55
    /// The contribution is not rejected.
    case nothingToAppeal = 56
    /// The member is a minor: their guardian signs.
    case guardianNeeded = 57
    /// The member came of age: a guardian signs for them no longer.
    case cameOfAge = 58
    /// Who was declared a ward is of age, or not born yet.
    case notAMinor = 59
    /// No guardian declared the ward, or not with this.
    case wardUnknown = 60
    /// The member wishes no such result, or no longer, or takes no part.
    case resultNotWished = 61
    /// No officer reported that about the member.
    case lapseUnknown = 62
    /// What was reported was confirmed before.
    case lapseResolved = 63
    /// No two officers reported, since the member allowed it, that they can decide no more.
    case lapseNotConfirmed = 64
}

/// Why a use of records is denied: the reason code a data user and the member see.
package enum UseDenial: String, CaseIterable, Error, Sendable {
    /// No authorization was ever granted, or the member does not take part.
    case noAuthorization = "no-authorization"
    /// The member revoked it.
    case revoked
    /// The member paused it.
    case paused
    /// It ran out.
    case expired
    /// The project changed, or the member came of age, and the member has not agreed anew.
    case reconsentDue = "reconsent-due"
    /// The project was closed.
    case projectClosed = "project-closed"
    /// The data user is not a recipient it names.
    case recipientNotNamed = "recipient-not-named"
    /// The purpose is not one it names.
    case purposeNotNamed = "purpose-not-named"
    /// No contributed record is of a kind it names.
    case nothingCovered = "nothing-covered"
    /// The key or the sealed record is not (or no longer) at the node.
    case recordMissing = "record-missing"
    /// The disease is not one it names.
    case diseaseNotNamed = "disease-not-named"
    /// Linking with the other project is not agreed to in both.
    case linkageNotNamed = "linkage-not-named"
    /// The recipient is foreign and no approval or filing for human genetic resources is in force.
    case approvalMissing = "approval-missing"
    /// The genomes of more than 500 people need a security review first.
    case securityReviewMissing = "security-review-missing"
    /// The authorization was never valid.
    case invalidated
}
