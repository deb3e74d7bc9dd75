import ClientStore
import Foundation
import GRDB
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import Testing

/// Every answer of a node, changed in every byte and field, against the real client.
///
/// A mutant is refused, or freezes the client, or changes nothing: what is stored afterwards is
/// either what was there before or exactly what the true ledger says.
@Suite(.serialized) struct HostileNodeTests {
    /// One answer that a round asks for.
    struct Answer: Sendable {
        let path: String
        let bytes: [UInt8]
    }

    /// How many rounds ended how.
    private struct Count {
        var refused = 0
        var alarms = 0
        var harmless = 0
        var all: Int { refused + alarms + harmless }

        mutating func add(_ other: Count) {
            refused += other.refused
            alarms += other.alarms
            harmless += other.harmless
        }
    }

    /// A member that has more to fetch, and puts itself back after each mutant.
    private final class Victim {
        let member: TestMember
        let before: String
        let truth: String
        private let queue: DatabaseQueue
        private let files: URL
        private var known: (version: Int?, content: String)?

        init(waiting: Bool) async throws {
            var ledger = try FakeLedger.withProjects()
            let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
            let directory = "\(root)/accord-hostile-\(UUID().uuidString)"
            member = try TestMember(ledger, directory: directory)
            guard await member.engine.syncOnce() == .complete else { throw CancellationError() }
            ledger = member.node.change { $0.ledger }
            try ledger.publish("later")
            try ledger.publish("latest", escrow: 10, perContribution: 1)
            if waiting { _ = try member.join("sleep") }
            let grown = ledger
            member.node.change { $0.ledger = grown }
            queue = try DatabaseQueue(path: directory + "/accord.sqlite")
            files = URL(filePath: directory + "-before")
            _ = try await queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try FileManager.default.copyItem(
                at: URL(filePath: directory + "/accord.sqlite"), to: files)
            before = try Victim.content(queue)
            let outcome = await Victim.engine(member).syncOnce()
            guard outcome == .complete else { throw CancellationError() }
            truth = try Victim.content(queue)
            try reset(grown)
        }

        static func engine(_ member: TestMember) -> SyncEngine {
            SyncEngine(
                store: member.store, node: member.node,
                clock: SyncClock(now: { TestMember.now }))
        }

        /// What is kept of the ledger, and what waits.
        var content: String {
            get throws {
                // SQLite knows whether another connection wrote anything.
                let version = try queue.read { try Int.fetchOne($0, sql: "PRAGMA data_version") }
                if version == known?.version, let text = known?.content { return text }
                let text = try Victim.content(queue)
                known = (version, text)
                return text
            }
        }

        private static func content(_ queue: DatabaseQueue) throws -> String {
            try queue.read { db in
                // SQLite puts it together: thousands of rounds wait for this.
                try [
                    "idx || hex(id) || chain || aseq || hex(jws) || hex(salt)":
                        "entry ORDER BY idx",
                    "size": "checkpoint ORDER BY size",
                    "chain || aseq || hex(head)": "cursor ORDER BY chain",
                    "hex(id) || hex(jws)": "outbox ORDER BY seq",
                    "hex(id)": "refusal",
                ].sorted { $0.value < $1.value }.map { columns, table in
                    try String.fetchOne(
                        db,
                        sql:
                            "SELECT group_concat(line) FROM (SELECT \(columns) AS line FROM \(table))"
                    )
                        ?? ""
                }.joined(separator: "\n")
            }
        }

        /// Puts the database back as it was, through SQLite: every connection sees it.
        func reset(_ ledger: FakeLedger) throws {
            member.node.change { node in
                node.ledger = ledger
                node.bendBytes = nil
                node.bendCheckpoint = nil
            }
            let source = try DatabaseQueue(path: files.path)
            try source.backup(to: queue)
            try source.close()
            known = nil
        }

        /// Lets a frozen client go on.
        func thaw() throws {
            try queue.write {
                try $0.execute(sql: "DELETE FROM meta WHERE key IN ('frozen', 'evidence')")
            }
            // Thousands of evidence files are not what is looked at here.
            try? FileManager.default.removeItem(atPath: member.directory + "/evidence")
        }

        func remove() {
            member.remove()
            try? FileManager.default.removeItem(at: files)
        }
    }

    /// Runs a round with each mutant of one answer.
    private func run(
        _ victim: Victim, _ path: String, _ mutants: [[UInt8]], _ count: inout Count
    ) async throws {
        let ledger = victim.member.node.change { $0.ledger }
        for (number, mutant) in mutants.enumerated() {
            victim.member.node.change { node in
                node.bendBytes = { $0 == path ? mutant : $1 }
            }
            let outcome = await Victim.engine(victim.member).syncOnce()
            let content = try victim.content
            switch outcome {
            case .frozen: count.alarms += 1
            case .complete: count.harmless += 1
            default: count.refused += 1
            }
            let isTrue = content == victim.truth || content == victim.before
            if !isTrue && !isStillWaiting(victim, outcome) {
                Issue.record("\(path), mutant \(number): \(outcome)")
            }
            if outcome != .complete, content == victim.truth, victim.truth != victim.before {
                Issue.record("\(path), mutant \(number): stored and \(outcome)")
            }
            if case .frozen = outcome { try victim.thaw() }
            if content != victim.before { try victim.reset(ledger) }
        }
    }

    /// Whether the decision that waits is all that moved: sent, accepted, or on its way still.
    private func isStillWaiting(_ victim: Victim, _ outcome: SyncOutcome) -> Bool {
        guard outcome != .complete else { return false }
        let store = victim.member.store
        let waiting = (try? store.promised().count + store.undecided(limit: 9).count) ?? 0
        return waiting == 1
    }

    private func answers(_ victim: Victim) async throws -> [Answer] {
        let (stream, sink) = AsyncStream.makeStream(of: Answer.self)
        let ledger = victim.member.node.change { $0.ledger }
        victim.member.node.change { node in
            node.bendBytes = { path, bytes in
                sink.yield(Answer(path: path, bytes: bytes))
                return bytes
            }
        }
        #expect(await Victim.engine(victim.member).syncOnce() == .complete)
        sink.finish()
        try victim.reset(ledger)
        var answers: [String: Answer] = [:]
        for await answer in stream { answers[answer.path] = answer }
        return answers.values.sorted { $0.path < $1.path }
    }

    @Test(.timeLimit(.minutes(10)))
    func `ten thousand changed answers are refused, alarm, or change nothing`() async throws {
        let count = try await withThrowingTaskGroup(of: Count.self) { group in
            for half in 0...1 { group.addTask { try await self.allChanged(half) } }
            return try await group.reduce(into: Count()) { $0.add($1) }
        }
        print(
            "mutants: \(count.all), refused: \(count.refused), alarms: \(count.alarms),",
            "without effect: \(count.harmless)")
        #expect(count.all >= 10_000)
        #expect(count.alarms > 100)
    }

    /// Every second mutant of every answer, for a member of its own.
    private func allChanged(_ half: Int) async throws -> Count {
        let victim = try await Victim(waiting: false)
        defer { victim.remove() }
        var count = Count()
        for answer in try await answers(victim) {
            var mutants = Mutants.ofBytes(answer.bytes, seed: UInt64(answer.bytes.count))
            if answer.bytes.first == UInt8(ascii: "{") {
                mutants += try Mutants.ofFields(answer.bytes)
            } else {
                mutants += Mutants.ofLines(answer.bytes)
            }
            mutants = mutants.enumerated().filter { $0.offset % 2 == half }.map(\.element)
            try await run(victim, answer.path, mutants, &count)
        }
        return count
    }

    @Test(.timeLimit(.minutes(10)))
    func `a changed verdict never loses the decision that waits`() async throws {
        let victim = try await Victim(waiting: true)
        defer { victim.remove() }
        var count = Count()
        for answer in try await answers(victim) where answer.path == "/v1/entries" {
            var mutants = Mutants.ofBytes(answer.bytes, seed: 5)
            mutants = mutants.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
            mutants += try Mutants.ofFields(answer.bytes)
            try await run(victim, answer.path, mutants, &count)
        }
        print("changed verdicts: \(count.all), alarms: \(count.alarms)")
        #expect(count.all > 300)
    }

    @Test func `what the log itself signs is refused where it contradicts itself`() async throws {
        let victim = try await Victim(waiting: false)
        defer { victim.remove() }
        let ledger = victim.member.node.change { $0.ledger }
        let size = ledger.log.size
        let older = try ledger.log.root(size: size - 2)
        var count = Count()
        let sizes = [1, size - 1, size, size + 1, 2 * size, 1 << 31, 1 << 53, 1 << 62, .max]
        for stated in sizes {
            for root in [Hash.zero, Hash.of([1]), older] {
                let note = try ledger.signer.sign(
                    Checkpoint(origin: ledger.origin, size: stated, root: root).text)
                try await run(victim, "/checkpoint", [note.bytes], &count)
            }
        }
        for path in ["/v1/catalogue", "/v1/accounts/me/entries"] {
            let chain: ChainID =
                path == "/v1/catalogue" ? .catalogue : .account(victim.member.device.account)
            let body = try await bytes(of: path, victim)
            let page = try EntryPage(body: body)
            for entryCount in [0, 1, Int64(page.entries.count), Int64(size)] {
                for treeSize in [1, size - 1, size] where entryCount <= treeSize {
                    let head = AccountHead(
                        origin: ledger.origin, treeSize: treeSize, chain: chain,
                        entryCount: entryCount,
                        head: entryCount == 0 ? AccountChain.start : Hash.of([2]))
                    let signed = try ledger.signer.sign(head.text).bytes
                    let mutant = EntryPage(
                        checkpoint: page.checkpoint, entries: page.entries, head: signed)
                    try await run(victim, path, [mutant.body], &count)
                }
            }
        }
        #expect(count.harmless == 0)
        #expect(count.alarms > 20)
    }

    private func bytes(of path: String, _ victim: Victim) async throws -> [UInt8] {
        let all = try await answers(victim)
        return try #require(all.first { $0.path == path }).bytes
    }
}
