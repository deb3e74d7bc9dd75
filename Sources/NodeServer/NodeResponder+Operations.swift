internal import Hummingbird
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer

extension NodeResponder {
    /// `GET /readyz`.
    func readiness() async throws -> Response {
        let waiting = await sequencer.waitingCount
        guard waiting < Sequencer.queueCount,
            try records.freeSpace().leaves(options.freeSpaceFloor), try hasRoom()
        else { throw Problem(.busy, retryAfterSeconds: 1) }
        return Response(text: "ready\n")
    }

    /// Whether there is room for what only adds.
    func hasRoom() throws -> Bool { try store.freeSpace().leaves(options.freeSpaceReserve) }

    /// - Throws: `storageFull` where there is no room for what only adds.
    func checkRoom() throws {
        guard try hasRoom() else { throw Problem(.storageFull) }
    }

    /// `GET /metrics`, in the text format of Prometheus.
    func metrics() async -> Response {
        let sizes = door.sizes
        let gauges: [(name: String, value: Int)] = [
            ("accord_addresses", sizes.addresses), ("accord_connections", sizes.connections),
            ("accord_devices", ledger.deviceCount),
            ("accord_log_shown_size", ledger.shown.size),
            ("accord_log_size", ledger.newest.size),
            ("accord_polls", gates.waitingPolls),
            ("accord_queue_entries", await sequencer.waitingCount),
            ("accord_replayed_entries", await sequencer.replayedCount),
            ("accord_snapshot_size", await sequencer.snapshotSize),
        ]
        let lines =
            counters.lines
            + gauges.flatMap { ["# TYPE \($0.name) gauge", "\($0.name) \($0.value)"] }
        return Response(
            bytes: Array(lines.map { $0 + "\n" }.joined().utf8),
            type: "text/plain; version=0.0.4; charset=utf-8")
    }
}
