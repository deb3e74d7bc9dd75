import Foundation
import Simulation
import Synchronization
import Testing

@Suite(.serialized) struct DiskTests {
    /// 2,100 images of each side (RELIABILITY §2, row 3), of seven stories: each image is held against
    /// all that was told before it, so that one long story takes far longer.
    @Test(arguments: 0..<7)
    func `no loss of power takes what a member was told`(story: Int) {
        let result = PowerCuts(images: 300).client(lane: story)
        #expect(result.lost.isEmpty, "\(result.lost.prefix(5))")
        #expect(result.images >= 300)
        #expect(result.syncs >= 60)
    }

    @Test(arguments: 0..<7)
    func `no loss of power takes what a node answered`(story: Int) {
        let result = PowerCuts(images: 300).node(lane: story)
        #expect(result.lost.isEmpty, "\(result.lost.prefix(5))")
        #expect(result.images >= 300)
    }

    /// The control: a drill that never loses anything could be blind.
    @Test func `a disk that does not sync its logs loses entries on both sides`() {
        #expect(!PowerCuts(images: 100, lies: true).client().lost.isEmpty)
        #expect(!PowerCuts(images: 100, lies: true).node().lost.isEmpty)
    }

    /// SQLite takes what a killed program wrote and did not sync for committed.
    @Test func `what a program found when it started is not lost with the power`() {
        for result in [KillThenCut().client(at: 0..<40), KillThenCut().node(at: 0..<60)] {
            #expect(result.broken.isEmpty, "\(result.broken)")
            #expect(result.shown > 0)
            #expect(result.shown < result.kills)
        }
    }

    static let kinds: [DiskFaults.Kind] = [
        .init(.inputOutput, isPersistent: false), .init(.inputOutput, isPersistent: true),
        .init(.diskFull, isPersistent: false), .init(.diskFull, isPersistent: true),
        .init(.shortWrite, isPersistent: false),
    ]

    @Test func `whichever operation fails, nobody is told queued without a commit`() {
        let results = DiskTests.each { DiskFaults().client(at: 0..<200, $0, lane: $1) }
        #expect(results.allSatisfy { $0.broken.isEmpty }, "\(results.flatMap(\.broken))")
        #expect(results.allSatisfy { $0.runs == 200 && $0.refused > 100 })
    }

    @Test func `whichever operation fails, a node answers only what it committed, and stops`() {
        let results = DiskTests.each { DiskFaults().node(at: 0..<200, $0, lane: $1) }
        #expect(results.allSatisfy { $0.broken.isEmpty }, "\(results.flatMap(\.broken))")
        #expect(results.allSatisfy { $0.runs == 200 && $0.stops > 0 })
    }

    /// Runs something for each kind of fault, two at a time.
    private static func each(
        _ body: @escaping @Sendable (DiskFaults.Kind, Int) -> DiskFaults.Result
    ) -> [DiskFaults.Result] {
        let results = Mutex([DiskFaults.Result]())
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 2) { lane in
            while true {
                let number = next.add(1, ordering: .relaxed).oldValue
                guard number < kinds.count else { return }
                let result = body(kinds[number], lane)
                results.withLock { $0.append(result) }
            }
        }
        return results.withLock { $0 }
    }
}
