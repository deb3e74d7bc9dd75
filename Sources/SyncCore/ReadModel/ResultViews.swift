package import LedgerCore

/// A result that a study returned to the member.
package struct ResultLine: Equatable, Sendable {
    /// The entry.
    package var entry: Hash
    /// Its index.
    package var index: LeafIndex
    /// When it was recorded.
    package var at: Timestamp
    /// What it states; the result itself is sealed in it.
    package var returned: ResultReturned
    /// The project's title.
    package var title: LocalizedText
    /// Who returned it.
    package var institution: LocalizedText
    /// Whether the member wishes to know results of its class: of any other nothing is opened.
    package var isWished: Bool

    /// Makes a line.
    package init(
        entry: Hash, index: LeafIndex, at: Timestamp, returned: ResultReturned,
        title: LocalizedText, institution: LocalizedText, isWished: Bool
    ) {
        self.entry = entry
        self.index = index
        self.at = at
        self.returned = returned
        self.title = title
        self.institution = institution
        self.isWished = isWished
    }
}

/// A project the member takes part in that returns results, and what they wish to know of them.
package struct ResultOffer: Equatable, Sendable {
    /// The project.
    package var project: ProjectID
    /// Its title.
    package var title: LocalizedText
    /// The classes that come back, ascending.
    package var classes: [ResultClass]
    /// The classes wished for, ascending, a wish on its way included.
    package var wished: [ResultClass]
    /// How far the latest wish came; `nil` where none was made.
    package var state: EntryState?

    /// Makes an offer.
    package init(
        project: ProjectID, title: LocalizedText, classes: [ResultClass], wished: [ResultClass],
        state: EntryState?
    ) {
        self.project = project
        self.title = title
        self.classes = classes
        self.wished = wished
        self.state = state
    }
}

/// A result and what is in it.
package struct OpenedResult: Equatable, Sendable {
    /// The result.
    package var line: ResultLine
    /// What is in it, or why it stays closed.
    package var content: Content

    /// What became of opening it.
    package enum Content: Equatable, Sendable {
        /// What the study wrote.
        case text(String)
        /// The member does not wish to know results of this class.
        case notWished
        /// It was sealed for a key this machine does not have, or was changed.
        case notForThisVault
    }

    /// Makes a result.
    package init(line: ResultLine, content: Content) {
        self.line = line
        self.content = content
    }
}
