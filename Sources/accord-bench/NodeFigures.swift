import Crypto
import Foundation
import LedgerCore
import NodeAPI
import NodeSequencer

/// Entries over HTTP: durable, in a checkpoint, and the proof returned.
enum NodeFigures {
    // Enough that both cores have work while a commit waits for the disk.
    private static let connectionCount = 16
    private static let memberCount = 64
    private static let rounds = 5
    private static let batchesEach = 16

    static func measure(in scratch: ScratchFolder) async throws -> [Figure] {
        let node = try await BenchNode(folder: scratch.file("node"))
        var sponsor = try Signer(2)
        try await node.admit(sponsor, name: "Study")
        try await node.publish(1, from: 1, by: &sponsor)
        let project = try BenchLedger.terms(1, by: sponsor.account).project
        var members = [Signer]()
        for number in 0..<memberCount {
            var member = try Signer(UInt32(100 + number))
            try await node.enrol(&member)
            members.append(member)
        }
        let throughput = try await throughput(node, &members, project)
        let disk = try DiskFloor(path: scratch.file("append"))
        let latency = try await latency(node, &members[0], project, disk)
        let check = try await check(node)
        try await node.stop()
        return throughput + latency + [check]
    }

    /// The whole ledger verified again on all cores, as `accord-node check` does.
    private static func check(_ node: BenchNode) async throws -> Figure {
        let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
        let floor = try VerifyFloor()
        let check = LedgerCheck(store: node.database, logKey: node.keys.log.verifierKey)
        var paired = PairedRounds()
        for _ in 0..<rounds {
            paired.floors.append(cores * floor.rate(count: 2_000))
            var entries = 0
            let seconds = try await Stopwatch.seconds { entries = try await check.run().entries }
            paired.values.append(Double(entries) / seconds)
        }
        return Figure(
            "node: check of the whole ledger on all cores", paired, "entries/s",
            floor: "\(Int(cores)) × F1"
        ).wanting(ratioAtLeast: 0.6)
    }

    /// A batch of 64 entries of one device, signed and written out beforehand.
    private struct Batch: Sendable {
        let body: [UInt8]
        let entries: [Entry]
    }

    private static func throughput(
        _ node: BenchNode, _ members: inout [Signer], _ project: ProjectID
    ) async throws -> [Figure] {
        let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
        let floor = try VerifyFloor()
        var paired = PairedRounds()
        var perProcessor = PairedRounds()
        for _ in 0..<rounds {
            let work = try signedWork(&members, project)
            let floorStart = Stopwatch.processorSeconds()
            paired.floors.append(cores * floor.rate(count: 2_000))
            perProcessor.floors.append(2_000 / (Stopwatch.processorSeconds() - floorStart))
            let processorStart = Stopwatch.processorSeconds()
            let start = ContinuousClock.now
            let answers = try await Threads.run(connectionCount) { number in
                let connection = try LoopbackConnection(port: node.port)
                return try work[number].map { batch in
                    try connection.answer(
                        to: connection.request(path: "/v1/entries", body: batch.body))
                }
            }
            let seconds = (ContinuousClock.now - start).seconds
            let entryCount = work.joined().reduce(0) { $0 + $1.entries.count }
            paired.values.append(Double(entryCount) / seconds)
            perProcessor.values.append(
                Double(entryCount) / (Stopwatch.processorSeconds() - processorStart))
            try check(Array(zip(work.joined(), answers.joined())), node)
        }
        return [
            Figure(
                "node: \(connectionCount) connections × batches of 64, durable and proven", paired,
                "entries/s", floor: "\(Int(cores)) × F1"
            ).wanting(ratioAtLeast: 0.45),
            // The same without whoever else uses the machine.
            Figure(
                "node: the same, entries per second of processor time, client included",
                perProcessor, "entries/s", floor: "F1"),
        ]
    }

    /// The batches of each connection; a member belongs to one connection.
    private static func signedWork(_ members: inout [Signer], _ project: ProjectID) throws
        -> [[Batch]]
    {
        var work = [[Batch]](repeating: [], count: connectionCount)
        for number in 0..<connectionCount * batchesEach {
            let connection = number % connectionCount
            let member =
                (number / connectionCount * connectionCount + connection) % members.count
            let entries = try (0..<NodeLimits.submissionCount).map { _ in
                try BenchLedger.nextTurn(
                    of: &members[member], in: project, origin: BenchLedger.origin)
            }
            work[connection].append(
                Batch(body: EntrySubmission(entries).body, entries: entries))
        }
        return work
    }

    /// Reads all answers and checks every tenth proof, outside the measured time.
    private static func check(_ answered: [(Batch, [UInt8])], _ node: BenchNode) throws {
        let logKey = node.keys.log.verifierKey
        for (batch, body) in answered {
            let verdicts = try VerdictList(body: body).verdicts
            guard verdicts.count == batch.entries.count else {
                throw BenchFailure("verdicts are missing")
            }
            for (number, verdict) in verdicts.enumerated() {
                guard case .accepted(let acceptance) = verdict else {
                    throw BenchFailure("not accepted: \(verdict)")
                }
                guard number.isMultiple(of: 10) else { continue }
                guard let envelope = EntryEnvelope(bytes: acceptance.envelope) else {
                    throw BenchFailure("an envelope cannot be read")
                }
                let leaf = envelope.leafData(
                    entry: batch.entries[number].id, salt: acceptance.salt)
                _ = try TransparencyProof(parsing: acceptance.proof).verify(
                    leafHash: MerkleTree.leafHash(leaf), logKey: logKey,
                    origin: BenchLedger.origin)
            }
        }
    }

    /// One entry at a time from one connection, each beside an append and sync of the same disk.
    private static func latency(
        _ node: BenchNode, _ member: inout Signer, _ project: ProjectID, _ disk: DiskFloor
    ) async throws -> [Figure] {
        var bodies = [[UInt8]]()
        for _ in 0..<100 {
            let entry = try BenchLedger.nextTurn(
                of: &member, in: project, origin: BenchLedger.origin)
            bodies.append(EntrySubmission([entry]).body)
        }
        let signed = bodies
        let samples = try await Threads.run(1) { _ in
            let connection = try LoopbackConnection(port: node.port)
            var floors = [Double]()
            var values = [Double]()
            for body in signed {
                floors += try disk.seconds(count: 1)
                let request = connection.request(path: "/v1/entries", body: body)
                values.append(try Stopwatch.seconds { _ = try connection.answer(to: request) })
            }
            return (floors.map { $0 * 1000 }, values.map { $0 * 1000 })
        }
        let (floors, values) = samples[0]
        return [(0.5, 2.0, 3.0), (0.99, 3.0, 15.0)].map { share, times, extra in
            let floor = floors.percentile(share)
            let value = values.percentile(share)
            let name = "p\(Int(share * 100))"
            return Figure(
                "node: idle submit to verdict, \(name)",
                PairedRounds(values: [value], floors: [floor]), "ms", floor: "F2 \(name)"
            ).judged(
                "≤ \(Int(times)) × floor + \(Int(extra)) ms", value <= times * floor + extra)
        }
    }
}
