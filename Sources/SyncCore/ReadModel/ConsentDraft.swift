package import LedgerCore

/// Where an institution that may read data is.
package struct RecipientPlace: Equatable, Sendable {
    /// A code of ISO 3166-1 such as `CN`; empty where the operator of the ledger is.
    package var region: String
    /// Whether more than half of it is held by foreigners.
    package var isForeignHeld: Bool

    /// Names a place.
    package init(region: String, isForeignHeld: Bool = false) {
        self.region = region
        self.isForeignHeld = isForeignHeld
    }
}

/// An authorization that was begun and not signed: it stays on this machine and tells nobody.
package struct ConsentDraft: Equatable, Sendable {
    /// The project.
    package var project: ProjectID
    /// The hash of the terms that were shown; a draft about other terms is void.
    package var terms: Hash
    /// The kinds chosen so far, ascending.
    package var kinds: [RecordKind]
    /// The purposes chosen so far, ascending.
    package var purposes: [DataUse]
    /// The projects chosen so far whose records may be linked, ascending.
    package var links: [ProjectID]
    /// The end of use chosen so far.
    package var until: Timestamp
    /// The decision the person was at, from 0.
    package var step: Int
    /// When it was changed last.
    package var changedAt: Timestamp

    /// Puts a draft together.
    package init(
        project: ProjectID, terms: Hash, kinds: [RecordKind], purposes: [DataUse],
        links: [ProjectID], until: Timestamp, step: Int, changedAt: Timestamp
    ) {
        self.project = project
        self.terms = terms
        self.kinds = kinds
        self.purposes = purposes
        self.links = links
        self.until = until
        self.step = step
        self.changedAt = changedAt
    }
}
