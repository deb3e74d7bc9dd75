/// The state of an authorization (`spec/CONSENT.md`).
package enum AuthorizationState: String, CaseIterable, Sendable {
    /// Data may flow.
    case active
    /// The member suspended it.
    case paused
    /// The project changed in a major way, or the member came of age and a guardian had granted:
    /// the old scope holds until the grace period ends.
    case reconsentDue = "reconsent-due"
    /// The member agreed to a later major version: only that authorization counts. Where several
    /// are read together; an authorization by itself does not know.
    case replaced
    /// The member revoked it.
    case withdrawn
    /// It ran out.
    case expired
    /// The project was closed.
    case terminated
    /// It was never valid: past uses are flagged.
    case invalidated

    /// The FHIR R4 `Consent.status` code.
    package var fhirStatus: String {
        switch self {
        case .active, .reconsentDue: "active"
        case .paused, .replaced, .withdrawn, .expired, .terminated: "inactive"
        case .invalidated: "entered-in-error"
        }
    }
}

/// The permission of one member for one major version of a project, as the ledger knows it.
package struct Authorization: Equatable, Sendable {
    /// The member.
    package let account: AccountID
    /// The terms of the grant in force, or of the last one.
    package internal(set) var grant: AuthorizationGranted
    /// The entry of that grant.
    package internal(set) var grantEntry: Hash
    /// When the node recorded that grant.
    package internal(set) var grantedAt: Timestamp
    /// Whom earlier grants for the same version named, and that one does not.
    package internal(set) var formerRecipients: Set<AccountID> = []
    /// When the member comes of age and a guardian's grant stops to be enough; `nil` for one they
    /// signed themself.
    package let guardianUntil: Timestamp?
    /// How it ends when the member dies or can no longer decide, as the terms said at the grant.
    package let lapse: RevocationMode
    /// The latest grant, revocation or departure: what the next grant must cite.
    package internal(set) var latestDecision: Hash
    /// Whether the member paused it.
    package internal(set) var isPaused = false
    /// Whether the node recorded that it ran out.
    package internal(set) var isExpiryMarked = false
    /// Whether the node recorded that the member came of age.
    package internal(set) var isOutgrowthMarked = false
    /// When and how the member revoked it, if they did.
    package internal(set) var revocation: Revocation?
    /// The entry that says that it was never valid, if there is one.
    package internal(set) var invalidation: Hash?

    /// A revocation in force.
    package struct Revocation: Equatable, Sendable {
        /// When the node recorded it.
        package let at: Timestamp
        /// What happens to what was handed over.
        package let mode: RevocationMode
        /// The entry.
        package let entry: Hash

        /// Makes a revocation.
        package init(at: Timestamp, mode: RevocationMode, entry: Hash) {
            self.at = at
            self.mode = mode
            self.entry = entry
        }
    }

    /// Puts an authorization together again from stored fields.
    package init(
        account: AccountID, grant: AuthorizationGranted, grantEntry: Hash, grantedAt: Timestamp,
        guardianUntil: Timestamp? = nil, lapse: RevocationMode = .stop, latestDecision: Hash,
        isPaused: Bool = false,
        isExpiryMarked: Bool = false,
        revocation: Revocation? = nil, invalidation: Hash? = nil
    ) {
        self.account = account
        self.grant = grant
        self.grantEntry = grantEntry
        self.grantedAt = grantedAt
        self.guardianUntil = guardianUntil
        self.lapse = lapse
        self.latestDecision = latestDecision
        self.isPaused = isPaused
        self.isExpiryMarked = isExpiryMarked
        self.revocation = revocation
        self.invalidation = invalidation
    }

    /// The id.
    package var id: AuthorizationID {
        AuthorizationID(account: account, project: grant.project, major: grant.major)
    }

    /// Whom any grant for the version named: what they read stays with them.
    package var everNamed: Set<AccountID> { formerRecipients.union(grant.recipients) }

    /// Whether any grant for the version named an account.
    package func hasNamed(_ account: AccountID) -> Bool {
        grant.recipients.contains(account) || formerRecipients.contains(account)
    }

    /// The state at a time, given the project as it is then.
    ///
    /// Every reader computes expiry and grace from the fields; the node's markers only tell.
    package func state(at time: Timestamp, in project: Project) -> AuthorizationState {
        if invalidation != nil { return .invalidated }
        if revocation != nil { return .withdrawn }
        if project.isClosed { return .terminated }
        if time >= grant.until || time >= guardianGraceEnd { return .expired }
        let isOld = project.terms.major != grant.major
        if isOld, time >= project.graceEnd(of: grant.major) { return .expired }
        if isPaused { return .paused }
        return isOld || isOutgrown(at: time) ? .reconsentDue : .active
    }

    /// Whether the member came of age since a guardian granted.
    package func isOutgrown(at time: Timestamp) -> Bool {
        guardianUntil.map { time >= $0 } ?? false
    }

    /// When a guardian's grant ends after the member came of age; the last time there is for one of
    /// the member's own.
    package var guardianGraceEnd: Timestamp {
        guardianUntil?.adding(milliseconds: ComingOfAge.grace) ?? .latest
    }
}

/// A project as the ledger knows it.
package struct Project: Equatable, Sendable {
    /// Its sponsor.
    package let sponsor: AccountID
    /// The current terms.
    package internal(set) var terms: ProjectTerms
    /// The entry that published the first version.
    package let publishedBy: Hash
    /// When the node recorded the current terms.
    package internal(set) var changedAt: Timestamp
    /// When authorizations for the version before stop to hold.
    package internal(set) var graceEnd: Timestamp
    /// When those for the versions before that one do, by version: a later change moves none of them.
    package internal(set) var earlierGraceEnds: [Int64: Timestamp]
    /// How many members take part now.
    package internal(set) var seatsTaken: Int64 = 0
    /// When it was closed; `nil` while it is open.
    package internal(set) var closedAt: Timestamp?
    /// How many accruals wait.
    package internal(set) var pendingCount: Int64 = 0
    /// How many contributions nobody reviewed.
    package internal(set) var waitingCount: Int64 = 0

    /// Whether it was closed.
    package var isClosed: Bool { closedAt != nil }

    /// Puts a project together again from stored fields.
    package init(
        sponsor: AccountID, terms: ProjectTerms, publishedBy: Hash, changedAt: Timestamp,
        graceEnd: Timestamp, earlierGraceEnds: [Int64: Timestamp] = [:], seatsTaken: Int64 = 0,
        closedAt: Timestamp? = nil
    ) {
        self.sponsor = sponsor
        self.terms = terms
        self.publishedBy = publishedBy
        self.changedAt = changedAt
        self.graceEnd = graceEnd
        self.earlierGraceEnds = earlierGraceEnds
        self.seatsTaken = seatsTaken
        self.closedAt = closedAt
    }

    /// When authorizations for a major version before the current one stop to hold.
    package func graceEnd(of major: Int64) -> Timestamp { earlierGraceEnds[major] ?? graceEnd }

    /// Whether another member can sign up.
    package var hasSeat: Bool { terms.seats == 0 || seatsTaken < terms.seats }
}

/// A record a member handed to a project.
package struct Contribution: Equatable, Sendable {
    /// What was stated.
    package let statement: RecordContributed
    /// The member.
    package let account: AccountID
    /// The entry.
    package let entry: Hash
    /// When the node recorded it.
    package let at: Timestamp
    /// The study team's answer.
    package internal(set) var review = Review.waiting
    /// The accrual it earned (entry id), if it earned one.
    package internal(set) var accrual: Hash?
    /// When it is erased at the latest.
    package let eraseAt: Timestamp
    /// Whether keys and ciphertext were destroyed.
    package internal(set) var isErased = false
    /// Whether the member appealed against a rejection: possible once.
    package internal(set) var wasAppealed = false

    /// The study team's answer to a contribution.
    package enum Review: Equatable, Sendable {
        case waiting
        case accepted
        case rejected(ContributionRefusal)
    }
}

/// Points that wait to become available.
package struct Accrual: Equatable, Sendable {
    /// The member.
    package let account: AccountID
    /// What was stated.
    package let statement: PointsAccrued
    /// The entry.
    package let entry: Hash
    /// When the node recorded it.
    package let at: Timestamp
    /// The programme whose caps it counts against.
    package let programme: Programme
    /// The contribution that earned it (entry id); `nil` for a use.
    package let contribution: Hash?
    /// What still waits.
    package internal(set) var remaining: Points
    /// The lot it became (entry id), if it vested.
    package internal(set) var lot: Hash?
    /// Whether its member appealed against a correction: possible once.
    package internal(set) var wasAppealed = false
    /// How it ended, if it has.
    package internal(set) var outcome = Outcome.pending

    /// How an accrual ends: once.
    package enum Outcome: String, Sendable {
        case pending
        case vested
        case voided
        /// A correction took all of it.
        case corrected
    }
}
