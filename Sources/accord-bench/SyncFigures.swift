import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine

/// A member's machine catching up with a node.
enum SyncFigures {
    private static let rounds = 5

    static func measure(in scratch: ScratchFolder) async throws -> [Figure] {
        let world = try await BenchWorld(folder: scratch.file("sync-node"))
        let rows = try EntryRowFloor(directory: scratch.file("sync-rows"))
        let verify = try VerifyFloor()
        var first = PairedRounds()
        var proofs = PairedRounds()
        var verified = [Double]()
        var synced: ClientStore?
        for round in 0..<rounds {
            verified.append(verify.rate(count: 2_000))
            let floor = try rows.rate(commits: 20)
            first.floors.append(floor)
            proofs.floors.append(floor)
            let store = try world.freshStore(in: scratch.file("sync-\(round)"))
            let connection = try world.connection()
            let seconds = try await Stopwatch.seconds {
                try await world.synchronise(store, through: connection)
            }
            first.values.append(Double(BenchWorld.ownEntryCount) / seconds)
            synced = store
            let other = try world.freshStore(in: scratch.file("proofs-\(round)"))
            proofs.values.append(try await ProofsOnly.rate(world, other))
        }
        let signatures = PairedRounds(values: first.values, floors: verified)
        let name = "sync: first sync of 10,000 own entries"
        // Ed25519 bounds this: no more than cores × F1 entries a second can be checked at all.
        var figures = [
            Figure("\(name), all checked and stored", signatures, "entries/s", floor: "F1")
                .wanting(ratioAtLeast: 0.6),
            Figure("\(name), all checked and stored", first, "entries/s", floor: "F3b")
                .wanting(ratioAtLeast: 0.3),
            Figure("\(name), proofs but no signatures", proofs, "entries/s", floor: "F3b")
                .wanting(ratioAtLeast: 0.5),
        ]
        if let synced { figures += try await withoutNews(world, synced) }
        try await world.node.stop()
        return figures
    }

    /// A round in which nothing happened since the last one.
    private static func withoutNews(_ world: BenchWorld, _ store: ClientStore) async throws
        -> [Figure]
    {
        var times = [Double]()
        var processor = [Double]()
        var counts = CountingConnection.Counts()
        for _ in 0..<9 {
            let connection = try world.connection()
            let start = Stopwatch.processorSeconds()
            times.append(
                try await Stopwatch.seconds {
                    try await world.synchronise(store, through: connection)
                } * 1000)
            processor.append((Stopwatch.processorSeconds() - start) * 1000)
            counts = connection.counts
        }
        return [
            Figure("sync: round without news, requests", Double(counts.requests), "")
                .wanting(atMost: 1),
            Figure(
                "sync: round without news, bytes of bodies",
                Double(counts.sentBytes + counts.receivedBytes), "bytes"
            ).wanting(atMost: 1024),
            Figure("sync: round without news, time with connecting", times.median, "ms"),
            Figure(
                "sync: round without news, processor time, node included", processor.median, "ms"
            ).wanting(atMost: 5),
        ]
    }
}

/// A first sync that checks everything but the signatures of the entries.
///
/// It shows what all the rest costs. The product has no such way; these entries are known to be
/// good.
private enum ProofsOnly {
    static func rate(_ world: BenchWorld, _ store: ClientStore) async throws -> Double {
        let connection = try world.connection()
        let seconds = try await Stopwatch.seconds {
            try await synchronise(store, through: connection)
        }
        try await connection.shutdown()
        return Double(BenchWorld.ownEntryCount) / seconds
    }

    private static func synchronise(
        _ store: ClientStore, through node: CountingConnection
    ) async throws {
        guard let enrolment = try store.enrolment() else { throw BenchFailure("not enrolled") }
        let note = try await node.ask(.checkpoint) { try SignedNote(parsing: $0) }
        let checkpoint = try VerifiedCheckpoint(
            note: note, logKey: enrolment.logKey, origin: enrolment.origin)
        var verifier = RoundVerifier(
            checkpoint: checkpoint, enrolment: enrolment, storedNote: [], keys: EntryKeys(),
            cursor: try store.cursor(of: .catalogue), state: LedgerState())
        let size = Int64(checkpoint.checkpoint.size)
        try await fetch(&verifier, from: node) { .cataloguePage(after: $0, at: size) }
        verifier.begin(try store.cursor(of: .account(enrolment.account)))
        try await fetch(&verifier, from: node) { .accountPage(after: $0, at: size) }
        let round = try verifier.finish(previousSize: 0, promised: try store.promised())
        guard try store.merge(round, at: BenchWorld.now()) == .merged else {
            throw BenchFailure("not merged")
        }
    }

    private static func fetch(
        _ verifier: inout RoundVerifier, from node: CountingConnection,
        call: @escaping @Sendable (Int64) -> NodeCall
    ) async throws {
        var after = verifier.cursor.sequence
        var page = try await ask(node, call(after))
        while true {
            let current = page
            after += Int64(current.entries.count)
            let call = call(after)
            async let next = current.head.isEmpty ? ask(node, call) : nil
            let checked = await locate(current.entries, with: verifier.checker)
            if try verifier.add(current, checked: checked) { return }
            guard let following = try await next else { throw BenchFailure("no next page") }
            page = following
        }
    }

    @concurrent
    private static func ask(_ node: CountingConnection, _ call: NodeCall) async throws
        -> EntryPage
    {
        try await node.ask(call) { try EntryPage(body: $0) }
    }

    @concurrent
    private static func locate(
        _ entries: [PagedEntry], with checker: RoundVerifier.EntryChecker
    ) async -> [Result<ProvenEntry?, Alarm>] {
        await withTaskGroup { group in
            let half = (entries.count + 1) / 2
            for start in [0, half] {
                group.addTask {
                    let part = entries[start..<min(start + half, entries.count)]
                    return (start, part.map { locate($0, with: checker) })
                }
            }
            var parts = [Int: [Result<ProvenEntry?, Alarm>]]()
            for await (start, results) in group { parts[start] = results }
            return (parts[0] ?? []) + (half > 0 ? parts[half] ?? [] : [])
        }
    }

    private static func locate(
        _ paged: PagedEntry, with checker: RoundVerifier.EntryChecker
    ) -> Result<ProvenEntry?, Alarm> {
        do {
            let (entry, envelope) = try checker.locate(paged)
            return .success(
                ProvenEntry(
                    verified: try EntryVerifier.reread(entry), index: paged.index,
                    envelope: envelope, salt: paged.salt, proof: paged.proof))
        } catch {
            return .failure((error as? Alarm) ?? .entryForged)
        }
    }
}
