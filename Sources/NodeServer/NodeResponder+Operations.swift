internal import Hummingbird
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer

extension NodeResponder {
    /// `GET /readyz`.
    func readiness() async throws -> Response {
        let waiting = await sequencer.waitingCount
        guard waiting < Sequencer.queueCount,
            try records.freeBytes() >= options.freeSpaceFloorBytes
        else { throw Problem(.busy, retryAfterSeconds: 1) }
        return Response(text: "ready\n")
    }

    /// `GET /metrics`, in the text format of Prometheus.
    func metrics() async -> Response {
        let waiting = await sequencer.waitingCount
        let lines =
            counters.lines + [
                "accord_devices \(ledger.deviceCount)",
                "accord_log_size \(ledger.newest.size)",
                "accord_polls \(gates.waitingPolls)",
                "accord_queue_entries \(waiting)",
            ]
        return Response(text: lines.map { $0 + "\n" }.joined())
    }
}
