import Foundation
import LedgerCore
import NodeAPI
import NodeSequencer
import Synchronization
import TestSupport
import Testing

@testable import ClientRuntime

/// An institution whose home counts otherwise than the node.
struct StudyRenumberingTests {
    private typealias Story = StudyTeamTests.Story

    private static func escrow(_ points: Int64, _ story: Story) -> (AccountID, EntryBody) {
        (
            story.desk.account,
            .escrowPlaced(
                EscrowPlaced(project: story.builder.project, points: Points(points)))
        )
    }

    private static func bookFile(_ story: Story) -> URL {
        story.folders.data.appending(path: "study.json")
    }

    /// Which amounts the ledger says were set aside, in its order.
    private static func escrows(_ story: Story) async throws -> [Points] {
        var amounts: [Points] = []
        for entry in try await story.anotherDesk().catalogue() {
            if case .escrowPlaced(let placed) = entry.payload.body { amounts.append(placed.points) }
        }
        return amounts
    }

    private static func isAccepted(_ decided: [StudyDesk.Decided]) -> Bool {
        if decided.count == 1, case .accepted = decided[0].verdict { true } else { false }
    }

    @Test func `a home restored from a copy goes on, and states nothing twice`() async throws {
        let story = try await Story()
        try await story.node.order(.fund(story.desk.account, Points(1_000)))
        let given = try await story.decide(
            story.builder.join, story.builder.contribution(Hash.of([1])))
        let review = (
            story.member.device.account,
            EntryBody.contributionRejected(
                .init(project: story.builder.project, contribution: given[1], reason: .quality))
        )
        let copy = try Data(contentsOf: Self.bookFile(story))
        var first: [Hash] = []
        for statement in [Self.escrow(100, story), review, Self.escrow(200, story)] {
            let decided = try await story.desk.enter([statement])
            #expect(Self.isAccepted(decided))
            first += decided.map(\.entry)
        }

        try copy.write(to: Self.bookFile(story))
        let new = try await story.anotherDesk().enter([Self.escrow(300, story)])
        #expect(Self.isAccepted(new))
        #expect(try await Self.escrows(story) == [Points(100), Points(200), Points(300)])
        // What is recorded is found, in the catalogue and among the entries about a project.
        try copy.write(to: Self.bookFile(story))
        let desk = try story.anotherDesk()
        let again = try await desk.enter([Self.escrow(100, story), review])
        #expect(again.map(\.entry) == Array(first.prefix(2)))
        #expect(try await Self.escrows(story) == [Points(100), Points(200), Points(300)])
        // And from there on it counts as the node does.
        let next = try await desk.enter([Self.escrow(50, story)])
        #expect(Self.isAccepted(next))
        #expect(try StudyBook(file: Self.bookFile(story)).sequence == 6)
        #expect(try StudyBook(file: Self.bookFile(story)).pending.isEmpty)
        try await story.end()
    }

    @Test func `what waits under a number the node never comes to is sent under the next one`()
        async throws
    {
        let story = try await Story()
        try await story.node.order(.fund(story.desk.account, Points(1_000)))
        _ = try await story.desk.state([Self.escrow(100, story)])
        // Two numbers that a program took and lost, and one that waits behind them.
        var book = try StudyBook(file: Self.bookFile(story))
        let lost = try book.sign(
            [Self.escrow(1, story), Self.escrow(2, story)], with: story.keys,
            origin: LedgerBuilder.origin, at: LedgerBuilder.start)
        book.settle(Set(lost.map(\.id)))
        _ = try book.sign(
            [Self.escrow(30, story)], with: story.keys, origin: LedgerBuilder.origin,
            at: LedgerBuilder.start)
        try book.write(to: Self.bookFile(story))

        let decided = try await story.desk.enter([Self.escrow(40, story)])
        #expect(Self.isAccepted(decided))
        #expect(try await Self.escrows(story) == [Points(100), Points(30), Points(40)])
        #expect(try StudyBook(file: Self.bookFile(story)).sequence == 4)
        try await story.end()
    }

    @Test func `what may be recorded already is refused, and recorded when it is stated again`()
        async throws
    {
        let story = try await Story()
        try await story.node.order(.fund(story.desk.account, Points(1_000)))
        _ = try await story.desk.state([Self.escrow(100, story)])
        // The book lost count: nobody knows whether this is the one of before.
        var book = try StudyBook(file: Self.bookFile(story))
        let lost = try book.sign(
            [Self.escrow(1, story)], with: story.keys, origin: LedgerBuilder.origin,
            at: LedgerBuilder.start)
        book.settle(Set(lost.map(\.id)))
        try book.write(to: Self.bookFile(story))

        let told = try await story.desk.enter([Self.escrow(100, story)])
        #expect(told.map(\.verdict.isOfNumber) == [true])
        #expect(try await Self.escrows(story) == [Points(100)])
        let meant = try await story.desk.enter([Self.escrow(100, story)])
        #expect(Self.isAccepted(meant))
        #expect(try await Self.escrows(story) == [Points(100), Points(100)])
        try await story.end()
    }

    @Test func `a place the log did not sign is not believed, and what waits is kept`() async throws
    {
        let story = try await Story()
        try await story.node.order(.fund(story.desk.account, Points(1_000)))
        let copy = try Data(contentsOf: Self.bookFile(story))
        _ = try await story.desk.state([Self.escrow(100, story)])
        try copy.write(to: Self.bookFile(story))
        let path = NodeCall.devicePlace(challenge: 0).path
        // A former answer, shown again.
        let former = DevicePlace(
            origin: LedgerBuilder.origin, device: story.keys.device, sequence: 7, last: .zero,
            challenge: 0)
        let note = try story.node.keys.log.sign(former.text).bytes
        story.breaking.bend.withLock { $0 = { call, answer in call.path == path ? note : answer } }
        await #expect(throws: StudyDoubt.self) {
            try await story.desk.state([Self.escrow(200, story)])
        }
        #expect(try StudyBook(file: Self.bookFile(story)).pending.count == 1)
        story.breaking.bend.withLock { $0 = nil }
        let later = try await story.desk.enter([Self.escrow(200, story)])
        #expect(Self.isAccepted(later))
        #expect(try await Self.escrows(story) == [Points(100), Points(200)])
        try await story.end()
    }
}
