import Foundation
import LedgerCore
import Logging
import NodeSequencer
import Synchronization
import TestSupport
import Testing

/// What a node makes of the machine's clock.
struct ClockTests {
    private let day: Int64 = 86_400_000
    private let later = LedgerBuilder.start.adding(milliseconds: 74 * 365 * 86_400_000)

    @Test func `a clock that jumps ahead is not believed until it comes back`() {
        let clock = ManualClock(LedgerBuilder.start)
        let passed = Passed()
        let log = LogTrap()
        let watched = WatchedClock(
            clock, passed: { passed.duration }, logger: Logger(label: "test") { _ in log })
        func go(_ milliseconds: Int64) {
            clock.advance(milliseconds: milliseconds)
            passed.add(milliseconds: milliseconds)
        }
        go(400 * day)
        #expect(watched.now() == clock.now())
        // What is set right by hand, or by a leap of an hour, is no jump.
        clock.advance(milliseconds: day)
        #expect(watched.now() == clock.now())
        clock.advance(milliseconds: -day)
        let right = clock.now()
        clock.set(later)
        passed.add(milliseconds: 5_000)
        #expect(watched.now() == right.adding(milliseconds: 5_000))
        #expect(watched.now() == right.adding(milliseconds: 5_000))
        #expect(log.lines.count { $0.contains("is not believed") } == 1)
        clock.set(right.adding(milliseconds: 5_000))
        #expect(watched.now() == clock.now())
        #expect(log.lines.count { $0.contains("is believed again") } == 1)
        // One that was set back is held against what it shows from then on.
        clock.advance(milliseconds: -300 * day)
        #expect(watched.now() == clock.now())
        let back = clock.now()
        clock.advance(milliseconds: 300 * day)
        #expect(watched.now() == back)
    }

    @Test func `what a node signs while its clock is wrong has the right time`() async throws {
        let clock = ManualClock(LedgerBuilder.start)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = MemoryLedgerStore()
        let sequencer = try await Sequencer(
            store: store, records: MemoryRecordStore(),
            keys: .reproducible(origin: LedgerBuilder.origin, seed: 7),
            clock: WatchedClock(clock, passed: { .zero }, logger: logger),
            salts: .reproducible(7), logger: logger)
        try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
        clock.set(later)
        let sponsor = try TestDevice("sponsor")
        let order = try store.add(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "Hospital"), keys: sponsor.keys,
                    roles: [.sponsor])))
        await sequencer.requestTick()
        await sequencer.stop()
        try await sequencer.run()
        #expect(try store.result(ofOrder: order) != nil)
        #expect(await sequencer.entryTime == LedgerBuilder.start)
    }

    @Test func `a clock far beyond the newest entry is gone by only if somebody says so`()
        async throws
    {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            let file = folder.appendingPathExtension("clock")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data("2020-01-01T00:00:00Z\n".utf8).write(to: file)
            try NodeProgram.run(
                "init", folder, "--origin", LedgerBuilder.origin, "--clock", file.path)
            let told = try NodeProgram.complaint(3, "serve", folder, "--listen", "127.0.0.1:0")
            #expect(told.contains("--trust-clock"))
            let refused = try NodeProgram.complaint(
                3, "reward offer", folder, "cup", "--price", "5", "--units", "1", "--name-en",
                "Cup")
            #expect(refused.contains("--trust-clock"))
            let trusting = try NodeProgram(serving: folder, arguments: ["--trust-clock"])
            _ = try await trusting.member("ada", folder)
            try trusting.stop(SIGTERM)
            // Now there is an entry of today.
            let server = try NodeProgram(serving: folder)
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)
        }
    }
}

/// What has passed, as a test says.
private final class Passed: Sendable {
    private let milliseconds = Mutex<Int64>(0)

    var duration: Duration { .milliseconds(milliseconds.withLock { $0 }) }

    func add(milliseconds more: Int64) { milliseconds.withLock { $0 += more } }
}
