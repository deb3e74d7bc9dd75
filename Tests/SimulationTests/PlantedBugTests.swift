import Simulation
import Testing

/// The harness itself: each mistake is found, by the seed that found it first, and that seed is good
/// without the mistake.
@Suite(.serialized) struct PlantedBugTests {
    /// A mistake and what finds it.
    struct Find: Sendable, CustomTestStringConvertible {
        let bug: PlantedBug
        let seed: UInt64
        var kind = SimulationKind.small

        init(_ bug: PlantedBug, _ seed: UInt64, _ kind: SimulationKind = .small) {
            self.bug = bug
            self.seed = seed
            self.kind = kind
        }

        var testDescription: String { "\(bug)" }
    }

    static let finds: [Find] = [
        Find(.synchronousNormal, 2), Find(.acknowledgeBeforeCommit, 1), Find(.cursorBeforeData, 91),
        Find(.retryOnlyOnNextWrite, 1), Find(.sequenceReuseAfterRestore, 1),
        Find(.adoptServerRoot, 1), Find(.acceptSmallerCheckpoint, 6),
        Find(.noDedupAfterLostReply, 3), Find(.overlayCountedTwice, 24), Find(.refusalDropped, 1),
        Find(.backoffNeverReset, 51), Find(.timerLostOverSleep, 31), Find(.staleReplicaRead, 6),
        Find(.nonRepeatableMigration, 7, .starts), Find(.dictionaryOrder, 1),
        Find(.verdictNotStored, 1), Find(.halfPageApplied, 1),
        Find(.clientClockOrders, 3, .clocks), Find(.revokedDeviceAccepted, 623),
        Find(.busySwallowed, 30), Find(.staleSnapshot, 1),
    ]

    @Test(arguments: finds)
    func `a mistake made on purpose is found`(find: Find) {
        var setting = Setting(seed: find.seed, kind: find.kind)
        #expect(SeedRun.run(setting).violation == nil)
        setting.bug = find.bug
        let report = SeedRun.run(setting)
        #expect(report.violation != nil, "\(report.command ?? "") finds nothing")
    }

    @Test func `every mistake is found within a thousand seeds of its kind`() {
        #expect(Set(Self.finds.map(\.bug)) == Set(PlantedBug.allCases))
        #expect(Self.finds.allSatisfy { (1...1_000).contains($0.seed) })
    }

    @Test func `a report says what to type to see it again`() {
        var setting = Setting(seed: 7, kind: .starts)
        setting.bug = .nonRepeatableMigration
        #expect(
            SeedRun.run(setting).command
                == "SEED=7 KIND=starts BUG=nonRepeatableMigration make simulate")
    }
}
