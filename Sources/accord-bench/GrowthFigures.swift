import Foundation
import LedgerCore
import NodeAPI
import NodeStore

/// The same requests to ledgers that are ten times larger each.
///
/// The ledgers are filled in this process and measured in the program `accord-node` as it is
/// installed. Each figure stands beside the one of the smaller ledger before it: what grows with
/// the logarithm stays nearly the same, what grows with the ledger is ten times as much.
enum GrowthFigures {
    private static let samples = 50

    /// Ledgers of these many entries by 64 members.
    static func measure(entries sizes: [Int], in scratch: ScratchFolder) async throws -> [Figure] {
        try await measure(sizes, "entries", in: scratch.file("grown-entries")) { filler, size in
            if filler.people.isEmpty { try await filler.enrol(64) }
            try await filler.fill(to: size)
        }
    }

    /// Ledgers of these many members with two entries each.
    static func measure(members counts: [Int], in scratch: ScratchFolder) async throws -> [Figure] {
        try await measure(counts, "members", in: scratch.file("grown-members")) { filler, count in
            try await filler.enrol(count - filler.people.count)
            try await filler.fill(to: 1 + 2 * count)
        }
    }

    private static func measure(
        _ sizes: [Int], _ unit: String, in folder: String,
        filling fill: (inout Filler, Int) async throws -> Void
    ) async throws -> [Figure] {
        try ProgramNode.make(folder)
        var filler = Filler()
        var before: [Measured]?
        var figures = [Figure]()
        for size in sizes.sorted() {
            Progress.say("growing to \(size) \(unit)")
            let node = try await BenchNode(
                folder: folder, keys: try NodeFolder(path: folder).keys())
            filler.node = node
            try await fill(&filler, size)
            filler.node = nil
            try await node.stop()
            let now = try measured(&filler, in: folder)
            for (number, measured) in now.enumerated() {
                let name = "growth: \(measured.name), \(size) \(unit)"
                guard let former = before?[number] else {
                    figures.append(Figure(name, measured.value, measured.unit))
                    continue
                }
                let figure = Figure(
                    name, PairedRounds(values: [measured.value], floors: [former.value]),
                    measured.unit, floor: "before")
                figures.append(
                    measured.staysFlat
                        ? figure.judged("≤ 1.5 × before", figure.ratio ?? .infinity <= 1.5)
                        : figure)
            }
            before = now
        }
        return figures
    }

    /// One number about a ledger of one size.
    private struct Measured {
        let name: String
        let value: Double
        let unit: String
        /// Whether it must not grow with the ledger.
        var staysFlat = false
    }

    private static func measured(_ filler: inout Filler, in folder: String) throws -> [Measured] {
        var started: ProgramNode?
        let start = try Stopwatch.seconds { started = try ProgramNode(serving: folder) }
        guard let node = started else { throw BenchFailure("the node did not start") }
        let memory = Double(node.memoryBytes) / 1_048_576
        let connection = try LoopbackConnection(port: node.port)
        let requests = try filler.requests(samples, through: connection)
        func milliseconds(_ requests: [[UInt8]]) throws -> Double {
            try requests.map { request in
                try Stopwatch.seconds { _ = try connection.answer(to: request) } * 1000
            }.median
        }
        let submit = try milliseconds(requests.submissions)
        let proof = try milliseconds(requests.proofs)
        let pull = try milliseconds(requests.pages)
        node.end()
        let check = try Stopwatch.seconds {
            let process = try ChildProcess(
                [try ChildProcess.sibling("accord-node"), "check", "--data", folder], terminal: nil)
            guard process.wait() == 0 else { throw BenchFailure("the ledger does not check") }
        }
        return [
            Measured(name: "submit to verdict, p50", value: submit, unit: "ms", staysFlat: true),
            Measured(name: "proof of an old entry, p50", value: proof, unit: "ms", staysFlat: true),
            Measured(name: "newest 20 own entries, p50", value: pull, unit: "ms", staysFlat: true),
            Measured(name: "start of the node", value: start, unit: "s"),
            Measured(name: "check of everything", value: check, unit: "s"),
            Measured(name: "memory after the start", value: memory, unit: "MiB"),
        ]
    }

    /// Those whose entries fill a ledger.
    private struct Filler {
        var node: BenchNode?
        private(set) var people = [Signer]()
        /// The operator's own entry is the first.
        private var entryCount = 1
        private var turn = 0
        /// Some of the entries, spread over all.
        private var sample = [Hash]()

        mutating func enrol(_ count: Int) async throws {
            guard let node else { return }
            for _ in 0..<count {
                var person = try Signer(UInt32(100 + people.count))
                try await node.enrol(&person)
                people.append(person)
                entryCount += 1
            }
        }

        /// Adds revocations, which need no project and are never refused, by turns.
        mutating func fill(to size: Int) async throws {
            while entryCount < size {
                var entries = [Entry]()
                for _ in 0..<min(4_096, size - entryCount) { entries.append(try next()) }
                try await node?.record(entries)
                entryCount += entries.count
                sample.append(entries[entries.count / 2].id)
            }
        }

        private mutating func next() throws -> Entry {
            turn += 1
            return try revocation(by: turn % people.count)
        }

        private mutating func revocation(by number: Int) throws -> Entry {
            let project = try BenchLedger.terms(1, by: people[number].account).project
            return try people[number].sign(
                .authorizationRevoked(.init(project: project, major: 1, mode: .stop)),
                origin: BenchLedger.origin)
        }

        /// What is asked of a ledger of any size.
        mutating func requests(_ count: Int, through connection: LoopbackConnection) throws
            -> (submissions: [[UInt8]], proofs: [[UInt8]], pages: [[UInt8]])
        {
            let submissions = try (0..<count).map { _ in
                connection.request(.submit(EntrySubmission([try revocation(by: 0)])))
            }
            entryCount += count
            let ids = sample
            let proofs = (0..<count).map { number in
                connection.request(.verdict(of: ids[number % ids.count]))
            }
            let person = people[0]
            let pages = try (0..<count).map { _ in
                try connection.request(
                    .accountPage(after: max(person.sequence - 20, 0), at: nil, limit: 20),
                    by: person)
            }
            return (submissions, proofs, pages)
        }
    }
}
