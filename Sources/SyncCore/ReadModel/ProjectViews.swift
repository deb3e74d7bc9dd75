package import LedgerCore

/// How a member stands in a project, local wishes included.
package enum Participation: Equatable, Sendable {
    case none
    /// The sign-up is on its way.
    case joining(EntryState)
    /// The member takes part.
    case joined
    /// Leaving is on its way.
    case leaving(EntryState)
}

/// One line of the project list.
package struct ProjectLine: Equatable, Sendable {
    /// The project.
    package var id: ProjectID
    /// The title, as published.
    package var title: LocalizedText
    /// The sponsor's name.
    package var institution: LocalizedText
    /// The programme.
    package var programme: Programme
    /// The kinds asked.
    package var kinds: [KindRequest]
    /// The most a member can earn.
    package var offer: Points
    /// Seats in all; 0 means no limit.
    package var seats: Int64
    /// Whether it was closed or its use window ended.
    package var isClosed: Bool
    /// When its use window ends; `nil` where it was closed before.
    package var endsAt: Timestamp?
    /// When its terms changed last.
    package var changedAt: Timestamp
    /// How the member stands in it.
    package var participation: Participation

    /// Makes a line.
    package init(
        id: ProjectID, title: LocalizedText, institution: LocalizedText, programme: Programme,
        kinds: [KindRequest], offer: Points, seats: Int64, isClosed: Bool, endsAt: Timestamp?,
        changedAt: Timestamp, participation: Participation
    ) {
        self.id = id
        self.title = title
        self.institution = institution
        self.programme = programme
        self.kinds = kinds
        self.offer = offer
        self.seats = seats
        self.isClosed = isClosed
        self.endsAt = endsAt
        self.changedAt = changedAt
        self.participation = participation
    }
}

/// Everything the detail pane shows of a project.
package struct ProjectDetail: Equatable, Sendable {
    /// The current terms.
    package var terms: ProjectTerms
    /// The sponsor's name.
    package var institution: LocalizedText
    /// The names of the recipients, in the order of `terms.recipients`.
    package var recipients: [LocalizedText]
    /// The projects whose records may be linked with these, in the order of `terms.links`.
    package var links: [LinkedProject]
    /// Whether it was closed.
    package var isClosed: Bool
    /// When the current version was recorded.
    package var changedAt: Timestamp
    /// The points its escrow was given, before anything was paid.
    package var escrow: Points
    /// How the member stands in it.
    package var participation: Participation
    /// The member's authorization for it, if there ever was one.
    package var authorization: AuthorizationLine?
    /// The member's contributions to it.
    package var contributions: [ContributionLine]
    /// Whether it fits what the person wrote down on this machine.
    package var eligibility: Eligibility
    /// Where the recipients are, in the order of `terms.recipients`; empty where nothing is known.
    package var recipientPlaces: [RecipientPlace]
    /// What the member began to decide about it and did not sign.
    package var draft: ConsentDraft?
    /// The caps of its programme, and what each lets the member earn still.
    package var caps: [ProgrammeCap]

    /// Makes a detail.
    package init(
        terms: ProjectTerms, institution: LocalizedText, recipients: [LocalizedText],
        isClosed: Bool, changedAt: Timestamp, escrow: Points, participation: Participation,
        authorization: AuthorizationLine?, contributions: [ContributionLine],
        eligibility: Eligibility = .fits, links: [LinkedProject] = [],
        recipientPlaces: [RecipientPlace] = [], draft: ConsentDraft? = nil,
        caps: [ProgrammeCap] = []
    ) {
        self.terms = terms
        self.institution = institution
        self.recipients = recipients
        self.links = links
        self.isClosed = isClosed
        self.changedAt = changedAt
        self.escrow = escrow
        self.participation = participation
        self.authorization = authorization
        self.contributions = contributions
        self.eligibility = eligibility
        self.recipientPlaces = recipientPlaces
        self.draft = draft
        self.caps = caps
    }
}

/// A project whose records of the same person may be linked with those of another.
package struct LinkedProject: Equatable, Sendable {
    /// The name that is signed.
    package let project: ProjectID
    /// What it is called now; its name where the catalogue does not have it.
    package let title: LocalizedText

    /// Names a project.
    package init(_ project: ProjectID, title: LocalizedText? = nil) {
        self.project = project
        self.title = title ?? LocalizedText(english: project.text)
    }
}

/// One version of a project's terms.
package struct ProjectVersion: Equatable, Sendable {
    /// The terms.
    package var terms: ProjectTerms
    /// When they were recorded.
    package var at: Timestamp
    /// The names of the recipients, in the order of `terms.recipients`.
    package var recipients: [LocalizedText]
    /// The projects whose records may be linked, in the order of `terms.links`.
    package var links: [LinkedProject]
    /// The sponsor's name.
    package var institution: LocalizedText

    /// Makes a version.
    package init(
        terms: ProjectTerms, at: Timestamp, recipients: [LocalizedText],
        links: [LinkedProject] = [], institution: LocalizedText
    ) {
        self.terms = terms
        self.at = at
        self.recipients = recipients
        self.links = links
        self.institution = institution
    }
}

/// The order of the project list.
package enum ProjectOrder: String, CaseIterable, Sendable {
    /// The most a member can earn first.
    case reward
    /// The latest change first.
    case newest
    /// By title, as readers of the person's language expect it.
    case title
    /// The one whose use ends next first; those that ended last.
    case ending
}

/// What the project list shows, and in which order.
package struct ProjectQuery: Hashable, Sendable {
    /// Words to find in titles, reasons, institutions and DUO terms; empty finds all.
    package var search: String
    /// The order.
    package var order: ProjectOrder
    /// What the projects have to be, each facet once, in reading order.
    package var facets: [ProjectFacet]
    /// Whether titles stand in the order of Chinese and not of English.
    package var readsChinese: Bool

    /// Makes a query; without arguments, all projects, the best paid first.
    package init(
        search: String = "", order: ProjectOrder = .reward, facets: [ProjectFacet] = [],
        readsChinese: Bool = false
    ) {
        self.search = search
        self.order = order
        self.facets = facets.ordered
        self.readsChinese = readsChinese
    }
}

/// Part of a longer list.
package struct Page<Line: Equatable & Sendable>: Equatable, Sendable {
    /// The position of the first line in the whole list, from 0.
    package var offset: Int
    /// The lines.
    package var lines: [Line]
    /// How many lines the whole list has.
    package var total: Int

    /// Makes a page.
    package init(offset: Int, lines: [Line], total: Int) {
        self.offset = offset
        self.lines = lines
        self.total = total
    }

    /// A page with nothing.
    package static var empty: Page { Page(offset: 0, lines: [], total: 0) }
}
