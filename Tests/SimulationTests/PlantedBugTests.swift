import Simulation
import Testing

/// The harness itself: each mistake is found, by the seed that found it first, and that seed is good
/// without the mistake.
@Suite(.serialized) struct PlantedBugTests {
    static let seeds: [(bug: PlantedBug, seed: UInt64)] = [
        (.synchronousNormal, 2), (.acknowledgeBeforeCommit, 1), (.cursorBeforeData, 21),
        (.retryOnlyOnNextWrite, 1), (.sequenceReuseAfterRestore, 1), (.adoptServerRoot, 1),
        (.acceptSmallerCheckpoint, 6), (.noDedupAfterLostReply, 3), (.overlayCountedTwice, 24),
        (.refusalDropped, 1), (.backoffNeverReset, 51), (.timerLostOverSleep, 31),
        (.staleReplicaRead, 3), (.dictionaryOrder, 1), (.verdictNotStored, 1),
        (.halfPageApplied, 1), (.revokedDeviceAccepted, 21),
        (.busySwallowed, 30),
    ]

    @Test(arguments: seeds)
    func `a mistake made on purpose is found`(bug: PlantedBug, seed: UInt64) {
        var setting = Setting(seed: seed)
        #expect(SeedRun.run(setting).violation == nil)
        setting.bug = bug
        let report = SeedRun.run(setting)
        #expect(report.violation != nil, "\(report.command) finds nothing")
    }
}
