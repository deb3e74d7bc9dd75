internal import Hummingbird
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer

extension NodeResponder {
    /// `GET /readyz`.
    func readiness() async throws -> Response {
        guard await sequencer.waitingCount < Sequencer.queueCount else {
            throw Problem(.busy, retryAfterSeconds: 1)
        }
        // A server in front that heard "not ready" would keep revocations out, too.
        guard try hasRoom() else {
            return Response(text: "ready for what takes back: the disk is nearly full\n")
        }
        guard try hasRoomForRecords() else {
            return Response(text: "ready for all but records: the disk is nearly full\n")
        }
        return Response(text: "ready\n")
    }

    private func hasRoomForRecords() throws -> Bool {
        try records.freeSpace().leaves(options.freeSpaceFloor)
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
            // A disk that says nothing has no room.
            ("accord_room", (try? hasRoom()) == true ? 1 : 0),
            ("accord_room_for_records", (try? hasRoomForRecords()) == true ? 1 : 0),
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
