/// What was done about a damaged database on this machine.
package struct StoreMending: Equatable, Sendable {
    /// Signed decisions that were put back and are sent again: same bytes, same verdict.
    package var decisions: Int
    /// How many of them revoke.
    package var revocations: Int
    /// Records of this machine that were put back.
    package var records: Int
    /// Decisions that may have been taken back: they are not sent.
    package var doubtful: Int
    /// Decisions of this device of which nothing was found; what the node has comes back.
    package var missing: Int
    /// Whether the ledger that was joined could be read.
    package var isEnrolled: Bool
    /// Whether witnesses were asked for, and it cannot be read which.
    package var areWitnessesLost: Bool
    /// The folder with the damaged files.
    package var folder: String

    /// Says what was done.
    package init(
        decisions: Int, revocations: Int, records: Int, doubtful: Int, missing: Int,
        isEnrolled: Bool, areWitnessesLost: Bool, folder: String
    ) {
        self.decisions = decisions
        self.revocations = revocations
        self.records = records
        self.doubtful = doubtful
        self.missing = missing
        self.isEnrolled = isEnrolled
        self.areWitnessesLost = areWitnessesLost
        self.folder = folder
    }
}
