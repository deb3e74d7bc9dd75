package import LedgerCore

/// A sort of entries, as a person looks for them.
package enum ActivityType: String, CaseIterable, Sendable {
    /// Reads of the member's data, allowed and denied.
    case uses
    /// What the member decided: sign-ups and authorizations.
    case decisions
    /// Movements of points.
    case points
    /// What was handed over, and what became of it.
    case records
    /// What the ledger refused.
    case refusals

    /// How the names of its kinds of entries begin; none for refusals, which can be of any kind.
    package var prefixes: [String] {
        switch self {
        case .uses: ["use."]
        case .decisions: ["signup.", "authorization.", "member.", "device.", "results."]
        case .points: ["points.", "correction."]
        case .records: ["record.", "contribution.", "result."]
        case .refusals: []
        }
    }
}

/// Which entries a list shows.
package struct ActivityQuery: Equatable, Sendable {
    /// Only entries of this sort.
    package var type: ActivityType?
    /// Only entries about this project.
    package var project: ProjectID?
    /// Words to find in the project's title, reasons and institutions, or in the user's name.
    package var search: String
    /// Kinds whose own name the words stand for: those entries are found too.
    package var named: [EntryKind]

    /// Makes a query; without arguments, all entries.
    package init(
        type: ActivityType? = nil, project: ProjectID? = nil, search: String = "",
        named: [EntryKind] = []
    ) {
        self.type = type
        self.project = project
        self.search = search
        self.named = named
    }

    /// Whether it leaves nothing out.
    package var isEverything: Bool { type == nil && project == nil && search.isEmpty }
}

/// What a list of uses is about.
package enum UseScope: Equatable, Sendable {
    case everything
    case project(ProjectID)
    /// What was handed over of one record of this machine.
    case record(Int64)
}

/// The uses of one day.
package struct UseDay: Equatable, Sendable {
    /// Days since 1 January 1970 by the reader's clock on the wall.
    package var day: Int64
    /// How often data was used.
    package var allowed: Int
    /// How often that was denied.
    package var denied: Int

    /// Makes a day.
    package init(day: Int64, allowed: Int, denied: Int) {
        self.day = day
        self.allowed = allowed
        self.denied = denied
    }
}

/// What one user did for one purpose in one project.
package struct UseSummary: Equatable, Sendable {
    /// The project.
    package var project: ProjectID
    /// Its title.
    package var title: LocalizedText
    /// The user's name.
    package var user: LocalizedText
    /// What for.
    package var purpose: UsePurpose
    /// How often data was read.
    package var times: Int
    /// How many different contributions were read.
    package var records: Int
    /// When data was read first; asked for, where it never was.
    package var first: Timestamp
    /// When data was read last; asked for, where it never was.
    package var last: Timestamp
    /// How often reading was denied, by reason.
    package var denials: [UseDenial: Int]

    /// Makes a summary.
    package init(
        project: ProjectID, title: LocalizedText, user: LocalizedText, purpose: UsePurpose,
        times: Int, records: Int, first: Timestamp, last: Timestamp, denials: [UseDenial: Int]
    ) {
        self.project = project
        self.title = title
        self.user = user
        self.purpose = purpose
        self.times = times
        self.records = records
        self.first = first
        self.last = last
        self.denials = denials
    }
}

/// One use, or one denied use.
package struct UseLine: Equatable, Sendable {
    /// The entry.
    package var entry: Hash
    /// Its index.
    package var index: LeafIndex
    /// When it was recorded.
    package var at: Timestamp
    /// The project.
    package var project: ProjectID
    /// Its title.
    package var title: LocalizedText
    /// The user's account.
    package var user: AccountID
    /// The user's name.
    package var name: LocalizedText
    /// What for.
    package var purpose: UsePurpose
    /// Why it was denied; `nil` if it was allowed.
    package var denial: UseDenial?
    /// The contributions read (entry ids); empty for a denied use.
    package var contributions: [Hash]

    /// Makes a line.
    package init(
        entry: Hash, index: LeafIndex, at: Timestamp, project: ProjectID, title: LocalizedText,
        user: AccountID, name: LocalizedText, purpose: UsePurpose, denial: UseDenial?,
        contributions: [Hash]
    ) {
        self.entry = entry
        self.index = index
        self.at = at
        self.project = project
        self.title = title
        self.user = user
        self.name = name
        self.purpose = purpose
        self.denial = denial
        self.contributions = contributions
    }
}

/// Something this machine told the person, kept until newer ones push it out.
package struct NoticeLine: Equatable, Sendable {
    /// The number it is kept under; higher is newer.
    package var id: Int64
    /// When it was told.
    package var at: Timestamp
    /// How it ended.
    package var tone: Tone
    /// The text, in the language it was told in.
    package var text: String

    /// Whether something worked.
    package enum Tone: String, CaseIterable, Sendable {
        case done
        case warning
        case error
    }

    /// Makes a line.
    package init(id: Int64, at: Timestamp, tone: Tone, text: String) {
        self.id = id
        self.at = at
        self.tone = tone
        self.text = text
    }
}

/// One version of a project a member agreed to.
package struct Agreement: Equatable, Sendable {
    /// The grant's entry.
    package var entry: Hash
    /// Its index; `nil` while it is on its way.
    package var index: LeafIndex?
    /// When it was recorded, or queued.
    package var at: Timestamp
    /// How far it came.
    package var state: EntryState
    /// What was agreed to.
    package var grant: AuthorizationGranted
    /// The hash of what the person was shown; `nil` where the entry does not say.
    package var seen: Hash?
    /// The terms that were shown; `nil` where the catalogue here does not hold them.
    package var terms: ProjectTerms?
    /// The names of the recipients, in the order of the grant.
    package var recipients: [LocalizedText]
    /// The projects whose records may be linked, in the order of the grant.
    package var links: [LinkedProject]
    /// What ended or suspended it since, oldest first: pauses, resumptions, the end.
    package var later: [Change]

    /// A decision after the grant and before the next one.
    package struct Change: Equatable, Sendable {
        /// The kind of the entry.
        package var kind: EntryKind
        /// When it was recorded, or queued.
        package var at: Timestamp

        /// Makes a change.
        package init(kind: EntryKind, at: Timestamp) {
            self.kind = kind
            self.at = at
        }
    }

    /// Makes an agreement.
    package init(
        entry: Hash, index: LeafIndex?, at: Timestamp, state: EntryState,
        grant: AuthorizationGranted, seen: Hash?, terms: ProjectTerms?,
        recipients: [LocalizedText], links: [LinkedProject] = [], later: [Change]
    ) {
        self.entry = entry
        self.index = index
        self.at = at
        self.state = state
        self.grant = grant
        self.seen = seen
        self.terms = terms
        self.recipients = recipients
        self.links = links
        self.later = later
    }
}
