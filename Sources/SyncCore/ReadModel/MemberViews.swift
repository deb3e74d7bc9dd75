package import LedgerCore

/// One authorization of the member.
package struct AuthorizationLine: Equatable, Sendable {
    /// The id.
    package var id: AuthorizationID
    /// The project.
    package var project: ProjectID
    /// The project's title.
    package var title: LocalizedText
    /// The grant in force, or the last one.
    package var grant: AuthorizationGranted
    /// The names of its recipients, in the order of the grant.
    package var recipients: [LocalizedText]
    /// The projects whose records may be linked, in the order of the grant.
    package var links: [LinkedProject]
    /// The state the ledger holds, at the time asked for.
    package var state: AuthorizationState
    /// When the grant was recorded; `nil` while it is on its way.
    package var grantedAt: Timestamp?
    /// Until when it rests on a guardian's signature; `nil` where it is the member's own.
    package var guardianUntil: Timestamp?
    /// A decision of the member that is on its way: shown as "not yet in force".
    package var pending: PendingDecision?
    /// How often it was used.
    package var uses: Int
    /// When it was used last.
    package var lastUse: Timestamp?
    /// How many things were made from what was handed over.
    package var derived: Int
    /// How often it was used in the present month, which is counted in UTC.
    package var monthUses: Int
    /// Whether the project's terms want the vault's secret with what allows use.
    package var asksSecret = false
    /// Whether the project has a newer major version, to be agreed to anew: that something is paused
    /// does not say so.
    package var isOfFormerVersion = false
    /// The entry that paused it last; `nil` unless it is paused.
    package var pausedBy: Hash?
    /// When the member agreed to the version that replaced it, if one did.
    package var replacedAt: Timestamp?
    /// Why it ended without the member, if it did.
    package var lapse: LapseCause?
    /// What should be erased by now and is not, of what was handed over to the project.
    package var overdue: [OverdueErasure] = []

    /// A decision that is on its way.
    package struct PendingDecision: Equatable, Sendable {
        /// What was decided.
        package var kind: EntryKind
        /// How far it came.
        package var state: EntryState
        /// What was granted, if it is a grant.
        package var grant: AuthorizationGranted?

        /// Makes a decision.
        package init(kind: EntryKind, state: EntryState, grant: AuthorizationGranted? = nil) {
            self.kind = kind
            self.state = state
            self.grant = grant
        }
    }

    /// Makes a line.
    package init(
        id: AuthorizationID, project: ProjectID, title: LocalizedText,
        grant: AuthorizationGranted, recipients: [LocalizedText], links: [LinkedProject] = [],
        state: AuthorizationState, grantedAt: Timestamp?, pending: PendingDecision?, uses: Int,
        lastUse: Timestamp?, monthUses: Int = 0,
        guardianUntil: Timestamp? = nil, derived: Int = 0
    ) {
        self.derived = derived
        self.guardianUntil = guardianUntil
        self.id = id
        self.project = project
        self.title = title
        self.grant = grant
        self.recipients = recipients
        self.links = links
        self.state = state
        self.grantedAt = grantedAt
        self.pending = pending
        self.uses = uses
        self.lastUse = lastUse
        self.monthUses = monthUses
    }
}

/// One record on this machine: the rows of one kind of one imported file.
package struct RecordLine: Equatable, Sendable {
    /// The row id of the record in the local store.
    package var id: Int64
    /// The name of the file it came from.
    package var fileName: String
    /// The kind.
    package var kind: RecordKind
    /// How many rows.
    package var rowCount: Int
    /// How many rows name the person and are struck unless chosen.
    package var identifyingCount: Int
    /// The earliest date.
    package var from: Timestamp?
    /// The latest date.
    package var until: Timestamp?
    /// When it was imported.
    package var importedAt: Timestamp
    /// What was handed over of it.
    package var contributions: [ContributionLine]

    /// Makes a line.
    package init(
        id: Int64, fileName: String, kind: RecordKind, rowCount: Int, identifyingCount: Int,
        from: Timestamp?, until: Timestamp?, importedAt: Timestamp,
        contributions: [ContributionLine]
    ) {
        self.id = id
        self.fileName = fileName
        self.kind = kind
        self.rowCount = rowCount
        self.identifyingCount = identifyingCount
        self.from = from
        self.until = until
        self.importedAt = importedAt
        self.contributions = contributions
    }
}

/// One contribution of the member.
package struct ContributionLine: Equatable, Sendable {
    /// The entry.
    package var entry: Hash
    /// The project.
    package var project: ProjectID
    /// The project's title.
    package var title: LocalizedText
    /// The kind.
    package var kind: RecordKind
    /// How many rows were handed over.
    package var rows: Int64
    /// How far the entry came.
    package var state: EntryState
    /// The study team's answer.
    package var review: Contribution.Review
    /// The share of the ciphertext that is at the node, 0...100; `nil` when nothing is uploaded.
    package var uploadedPercent: Int?

    /// Makes a line.
    package init(
        entry: Hash, project: ProjectID, title: LocalizedText, kind: RecordKind, rows: Int64,
        state: EntryState, review: Contribution.Review, uploadedPercent: Int?
    ) {
        self.entry = entry
        self.project = project
        self.title = title
        self.kind = kind
        self.rows = rows
        self.state = state
        self.review = review
        self.uploadedPercent = uploadedPercent
    }
}

/// One entry about the member.
package struct ActivityLine: Equatable, Sendable {
    /// The entry.
    package var entry: Hash
    /// Its index; `nil` while it is on its way or refused.
    package var index: LeafIndex?
    /// When it was recorded, or queued.
    package var at: Timestamp
    /// What it states.
    package var body: EntryBody
    /// How far it came.
    package var state: EntryState
    /// Why it was refused.
    package var rejection: EntryRejection?
    /// Whether a refusal was read.
    package var isRead: Bool
    /// The project's title, if it is about one.
    package var title: LocalizedText?
    /// The name of the data user or institution, if it names one.
    package var actor: LocalizedText?

    /// Makes a line.
    package init(
        entry: Hash, index: LeafIndex?, at: Timestamp, body: EntryBody, state: EntryState,
        rejection: EntryRejection?, isRead: Bool, title: LocalizedText?, actor: LocalizedText?
    ) {
        self.entry = entry
        self.index = index
        self.at = at
        self.body = body
        self.state = state
        self.rejection = rejection
        self.isRead = isRead
        self.title = title
        self.actor = actor
    }
}

/// The proof of one entry, as the proof view explains it.
package struct EntryProof: Equatable, Sendable {
    /// The entry.
    package var entry: Hash
    /// Its index.
    package var index: LeafIndex
    /// The size of the tree it was proven in.
    package var treeSize: Int64
    /// The root of that tree.
    package var root: Hash
    /// The number of hashes in the proof.
    package var pathLength: Int
    /// The device that signed.
    package var device: DeviceID
    /// When the node recorded it.
    package var recordedAt: Timestamp
    /// The `.tlog-proof` file (C2SP tlog-proof), which verifies offline.
    package var receipt: String
    /// Whose device signed.
    package var signer: Signer
    /// Whether smaller checkpoints were verified here before, which that one continues.
    package var continuesOthers: Bool

    /// Whose device signed an entry.
    package enum Signer: Equatable, Sendable {
        /// A device of the member.
        case own
        /// An institution's device.
        case institution(LocalizedText)
        /// A device whose owner is not known here.
        case unknown
    }

    /// Makes a proof.
    package init(
        entry: Hash, index: LeafIndex, treeSize: Int64, root: Hash, pathLength: Int,
        device: DeviceID, recordedAt: Timestamp, receipt: String, signer: Signer = .unknown,
        continuesOthers: Bool = false
    ) {
        self.entry = entry
        self.index = index
        self.treeSize = treeSize
        self.root = root
        self.pathLength = pathLength
        self.device = device
        self.recordedAt = recordedAt
        self.receipt = receipt
        self.signer = signer
        self.continuesOthers = continuesOthers
    }
}
