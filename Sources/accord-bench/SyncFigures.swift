import ClientStore
import Foundation
import LedgerCore
import SyncEngine

/// A member's machine catching up with a node.
enum SyncFigures {
    static func measure(in scratch: ScratchFolder) async throws -> [Figure] {
        let world = try await BenchWorld(folder: scratch.file("sync-node"))
        let rows = try RowFloor(path: scratch.file("sync-rows.sqlite"))
        var first = PairedRounds()
        var synced: ClientStore?
        for round in 0..<3 {
            first.floors.append(try rows.rate(commits: 40, rowsEach: 256))
            let store = try world.freshStore(in: scratch.file("sync-\(round)"))
            let connection = try world.connection()
            let seconds = try await Stopwatch.seconds {
                try await world.synchronise(store, through: connection)
            }
            first.values.append(Double(BenchWorld.ownEntryCount) / seconds)
            synced = store
        }
        var figures = [
            Figure(
                "sync: first sync of 10,000 own entries, verified and stored", first,
                "entries/s", floor: "F3b"
            ).wanting(ratioAtLeast: 0.3)
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
