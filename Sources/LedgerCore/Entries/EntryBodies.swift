/// The public keys of one device.
package struct DeviceKeys: Equatable, Sendable {
    /// The Ed25519 key that signs, 32 bytes (RFC 8032).
    package let signing: [UInt8]
    /// The X25519 key that record keys are wrapped for, 32 bytes (RFC 7748).
    package let wrapping: [UInt8]
    /// The device's id.
    package let device: DeviceID

    /// Makes a pair of keys of 32 bytes each.
    package init(signing: [UInt8], wrapping: [UInt8]) {
        self.signing = signing
        self.wrapping = wrapping
        device = DeviceID(publicKey: signing)
    }
}

/// What an institution may do.
package enum InstitutionRole: String, CaseIterable, Sendable, Comparable {
    /// Runs the ledger: admits, mints, signs what the rules give rise to.
    case `operator`
    /// Publishes projects and reads what members allow.
    case sponsor
    /// Corrects points, always two of them together.
    case officer
    /// Agrees to major changes of projects, and ends projects.
    case ethics
    /// Files approvals, and ends projects.
    case regulator

    /// Orders by name.
    package static func < (left: InstitutionRole, right: InstitutionRole) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// An institution that takes part.
package struct InstitutionAdmitted: Equatable, Sendable {
    /// Its name.
    package let name: LocalizedText
    /// The keys of its first device, from which its account id follows.
    package let keys: DeviceKeys
    /// What it may do, ascending.
    package let roles: [InstitutionRole]
    /// Where it is: a code of ISO 3166-1 such as `CN`; empty where the operator is.
    package let region: String
    /// Whether more than half of it is held by foreigners.
    package let isForeignHeld: Bool

    /// Makes an admission.
    package init(
        name: LocalizedText, keys: DeviceKeys, roles: [InstitutionRole], region: String = "",
        isForeignHeld: Bool = false
    ) {
        self.name = name
        self.keys = keys
        self.roles = roles.sorted()
        self.region = region
        self.isForeignHeld = isForeignHeld
    }
}

/// A new version of a project.
package struct ProjectAmended: Equatable, Sendable {
    /// The new terms; either the major or the minor version is one higher.
    package let terms: ProjectTerms
    /// How long old authorizations still hold after a major change, in milliseconds.
    package let graceMilliseconds: Int64

    /// Makes an amendment.
    package init(terms: ProjectTerms, graceMilliseconds: Int64) {
        self.terms = terms
        self.graceMilliseconds = graceMilliseconds
    }
}

/// Points set aside for a project.
package typealias EscrowPlaced = ProjectPoints

/// A member takes part in the version they read.
package struct SignupJoined: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The major version read.
    package let major: Int64
    /// The minor version read.
    package let minor: Int64

    /// Makes a sign-up.
    package init(project: ProjectID, major: Int64, minor: Int64) {
        self.project = project
        self.major = major
        self.minor = minor
    }
}

/// The authorization a pause, resumption or expiry is about; the member is the entry's account.
package struct AuthorizationSubject: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The major version the authorization is for.
    package let major: Int64

    /// Names an authorization.
    package init(project: ProjectID, major: Int64) {
        self.project = project
        self.major = major
    }
}

/// Permission to use named kinds of data for named purposes until a date.
package struct AuthorizationGranted: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The major version agreed to.
    package let major: Int64
    /// The minor version agreed to.
    package let minor: Int64
    /// The hash of the terms agreed to.
    package let terms: Hash
    /// The language the person read: `en` or `zh`.
    package let language: String
    /// The kinds, ascending.
    package let kinds: [RecordKind]
    /// The purposes, ascending.
    package let purposes: [DataUse]
    /// Who may read, ascending.
    package let recipients: [AccountID]
    /// The earliest date of records covered.
    package let collectionFrom: Timestamp
    /// The latest date of records covered.
    package let collectionUntil: Timestamp
    /// When use ends.
    package let until: Timestamp
    /// When everything is erased.
    package let eraseAt: Timestamp
    /// The latest grant, revocation or departure for this authorization; zero for the first.
    ///
    /// It stops a delayed offline grant from reviving what was revoked meanwhile.
    package let cites: Hash
    /// The tree size of the checkpoint the person's machine had verified.
    package let observedSize: Int64
    /// The root hash of that checkpoint.
    package let observedRoot: Hash
    /// The diseases research on one disease may be about, ascending; empty where the project names
    /// none.
    package let diseases: [DiseaseTerm]
    /// The projects whose records of the same person these may be linked with, ascending.
    package let links: [ProjectID]

    /// The diseases that were agreed to: none where disease-specific research was not.
    package var agreedDiseases: [DiseaseTerm] {
        purposes.contains(.diseaseSpecific) ? diseases : []
    }

    /// Makes a grant.
    package init(
        project: ProjectID, major: Int64, minor: Int64, terms: Hash, language: String,
        kinds: [RecordKind], purposes: [DataUse], recipients: [AccountID],
        collectionFrom: Timestamp, collectionUntil: Timestamp, until: Timestamp,
        eraseAt: Timestamp, cites: Hash, observedSize: Int64, observedRoot: Hash,
        diseases: [DiseaseTerm] = [], links: [ProjectID] = []
    ) {
        self.project = project
        self.major = major
        self.minor = minor
        self.terms = terms
        self.language = language
        self.kinds = kinds.sorted()
        self.purposes = purposes.sorted()
        self.recipients = recipients.sorted()
        self.collectionFrom = collectionFrom
        self.collectionUntil = collectionUntil
        self.until = until
        self.eraseAt = eraseAt
        self.cites = cites
        self.observedSize = observedSize
        self.observedRoot = observedRoot
        self.diseases = diseases.sorted()
        self.links = links.sorted()
    }
}

/// What happens to what was handed over when an authorization is revoked.
package enum RevocationMode: String, CaseIterable, Sendable {
    /// No new reads; past uses stay valid.
    case stop
    /// Data key, salt and ciphertext are destroyed; recipients are told to erase.
    case stopAndErase = "erase"
    /// No new reads; what is already anonymous stays.
    case stopAndKeepAnonymised = "keep-anonymised"
}

/// A member ends use.
package struct AuthorizationRevoked: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The major version the authorization was for.
    package let major: Int64
    /// What happens to what was handed over.
    package let mode: RevocationMode

    /// Makes a revocation.
    package init(project: ProjectID, major: Int64, mode: RevocationMode) {
        self.project = project
        self.major = major
        self.mode = mode
    }
}

/// A sealed record handed to a project.
package struct RecordContributed: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The content address: SHA-256 of the ciphertext.
    package let record: Hash
    /// The salted commitment to the plaintext.
    package let commitment: Hash
    /// The kind.
    package let kind: RecordKind
    /// How many rows it has.
    package let rows: Int64
    /// The earliest date in it.
    package let from: Timestamp
    /// The latest date in it.
    package let until: Timestamp
    /// The length of the ciphertext in bytes.
    package let sizeBytes: Int64

    /// Makes a contribution.
    package init(
        project: ProjectID, record: Hash, commitment: Hash, kind: RecordKind, rows: Int64,
        from: Timestamp, until: Timestamp, sizeBytes: Int64
    ) {
        self.project = project
        self.record = record
        self.commitment = commitment
        self.kind = kind
        self.rows = rows
        self.from = from
        self.until = until
        self.sizeBytes = sizeBytes
    }
}

/// A contribution the study team looked at; the member is the entry's account.
package struct ContributionReviewed: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The entry that handed the record over.
    package let contribution: Hash

    /// Names a contribution.
    package init(project: ProjectID, contribution: Hash) {
        self.project = project
        self.contribution = contribution
    }
}

/// Why a study team does not take a contribution.
package enum ContributionRefusal: String, CaseIterable, Sendable {
    case unreadable
    case outsideWindow = "outside-window"
    case notAsked = "not-asked"
    case duplicate
    case quality
}

/// A contribution not taken.
package struct ContributionRejected: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The entry that handed the record over.
    package let contribution: Hash
    /// Why.
    package let reason: ContributionRefusal

    /// Makes a rejection.
    package init(project: ProjectID, contribution: Hash, reason: ContributionRefusal) {
        self.project = project
        self.contribution = contribution
        self.reason = reason
    }
}

/// What a read is for: the study team's quality check, or a purpose of the project.
package enum UsePurpose: Hashable, Sendable {
    /// A look at a new contribution; pays nothing.
    case review
    /// A DUO permission.
    case research(DataUse)
    /// Research on one disease (DUO `DS`).
    case disease(DiseaseTerm)
    /// Linking with the records of the same person in another project.
    case linkage(ProjectID)

    /// `review`, the shorthand of the DUO term, `DS` with the disease, or `link` with the project.
    package var text: String {
        switch self {
        case .review: "review"
        case .research(let use): use.rawValue
        case .disease(let term): "DS \(term.text)"
        case .linkage(let project): "link \(project.text)"
        }
    }

    /// Reads what `text` gives; `nil` for anything else.
    package init?(_ text: String) {
        if text == "review" {
            self = .review
        } else if let use = DataUse(rawValue: text), use.isPermission {
            self = .research(use)
        } else if text.hasPrefix("DS "), let term = DiseaseTerm(String(text.dropFirst(3))) {
            self = .disease(term)
        } else if text.hasPrefix("link "), let project = ProjectID(String(text.dropFirst(5))) {
            self = .linkage(project)
        } else {
            return nil
        }
    }
}

/// Records read with permission; the member is the entry's account.
package struct UseAllowed: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// Who read.
    package let user: AccountID
    /// The grant that allowed it.
    package let grant: Hash
    /// What for.
    package let purpose: UsePurpose
    /// The contributions read (entry ids), ascending.
    package let contributions: [Hash]

    /// Makes a use.
    package init(
        project: ProjectID, user: AccountID, grant: Hash, purpose: UsePurpose,
        contributions: [Hash]
    ) {
        self.project = project
        self.user = user
        self.grant = grant
        self.purpose = purpose
        self.contributions = contributions.sorted()
    }
}

/// A read that was not allowed; the member is the entry's account.
package struct UseDenied: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// Who asked.
    package let user: AccountID
    /// What for.
    package let purpose: UsePurpose
    /// Why not.
    package let reason: UseDenial

    /// Makes a denial.
    package init(project: ProjectID, user: AccountID, purpose: UsePurpose, reason: UseDenial) {
        self.project = project
        self.user = user
        self.purpose = purpose
        self.reason = reason
    }
}

/// Points on their way to a member, the entry's account.
package struct PointsAccrued: Equatable, Sendable {
    /// The project that pays.
    package let project: ProjectID
    /// The accepted contribution or allowed use that earned them (entry id).
    package let trigger: Hash
    /// How many, at least 1.
    package let points: Points
    /// When they become available.
    package let vestsAt: Timestamp
    /// Whether the project's escrow paid less than its rule says.
    package let isLimited: Bool

    /// Makes an accrual.
    package init(
        project: ProjectID, trigger: Hash, points: Points, vestsAt: Timestamp, isLimited: Bool
    ) {
        self.project = project
        self.trigger = trigger
        self.points = points
        self.vestsAt = vestsAt
        self.isLimited = isLimited
    }
}

/// The end of an accrual: available, or taken back.
package struct PointsResolved: Equatable, Sendable {
    /// The project that pays.
    package let project: ProjectID
    /// The accrual (entry id).
    package let accrual: Hash
    /// How many: all of the accrual.
    package let points: Points

    /// Makes a resolution.
    package init(project: ProjectID, accrual: Hash, points: Points) {
        self.project = project
        self.accrual = accrual
        self.points = points
    }
}
