import Screens
import SyncEngine

/// Tells how far the exchange with the node is, where it takes a while.
final class ExchangeMeter {
    private let tell: @Sendable (Message) -> Void
    private var meters: [WorkID: WorkMeter] = [:]
    private var told: Set<WorkID> = []

    init(_ tell: @escaping @Sendable (Message) -> Void) { self.tell = tell }

    /// Takes what the engine says now.
    func take(_ exchange: Exchange) {
        let fetched = exchange.fetchedEntries.map {
            WorkProgress(.syncing, done: $0, total: nil, unit: .entries)
        }
        let sent = exchange.upload.map {
            WorkProgress(.uploading, done: $0.sentBytes, total: $0.totalBytes, unit: .bytes)
        }
        take(.syncing, fetched)
        take(.uploading, sent)
    }

    private func take(_ id: WorkID, _ progress: WorkProgress?) {
        guard let progress else {
            meters[id] = nil
            if told.remove(id) != nil { tell(.progressed(id, nil)) }
            return
        }
        let meter = meters[id] ?? WorkMeter { [tell] in tell(.progressed(id, $0)) }
        meters[id] = meter
        var isDue = false
        _ = meter.report {
            isDue = true
            return progress
        }
        if isDue { told.insert(id) }
    }
}
