import LedgerCore
import RulesModel
import Testing

/// `LedgerState` beside a second, naive model of the rules, on random entries.
struct AgreementTests {
    /// Eight parts of 1,500 entries, as debug builds are slow; `make soak` runs 1,000,000.
    @Test(arguments: 0..<8)
    func `both models say the same of every entry, balance and wish to read`(part: Int) {
        let report = Agreement().run(entries: 1_500, firstSeed: UInt64(part) * 1_000)
        #expect(report.failures.isEmpty)
        #expect(report.entries >= 1_500)
        // Random entries that are all refused would agree about nothing.
        #expect(report.accepted > report.entries / 4)
    }

    /// The seed that told the models apart: one took a derivation from nothing.
    @Test func `both models refuse what is made from nothing`() {
        #expect(Agreement().run(entries: 150, firstSeed: 870).failures.isEmpty)
    }

    /// In `make soak` every kind is among them.
    @Test func `most kinds of entries are among the accepted ones`() {
        let report = Agreement().run(entries: 4_000, firstSeed: 77)
        #expect(report.failures.isEmpty)
        #expect(report.kinds.count >= EntryKind.allCases.count * 3 / 4)
    }
}
