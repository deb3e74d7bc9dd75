import LedgerCore
import SyncCore
import TestSupport

extension Scene {
    /// What the status line says where witnesses have to confirm.
    static let witnesses: [Scene] = [
        Scene(
            name: "home-not-confirmed", keys: "",
            store: watched {
                $0.confirmedAt = SampleReading.now.adding(
                    milliseconds: -SyncStatus.confirmationMilliseconds - 1)
            }),
        Scene(
            name: "home-confirmed", keys: "",
            store: watched {
                $0.confirmedAt = SampleReading.now.adding(
                    milliseconds: -SyncStatus.confirmationMilliseconds)
            }),
        Scene(
            name: "home-waits-for-witnesses", keys: "",
            store: watched {
                $0.connection = .backoff(attempts: 3, until: SampleReading.now)
                $0.isUnconfirmed = true
            }),
    ]

    private static func watched(_ change: (inout SyncStatus) -> Void) -> SampleReading {
        var reading = SampleReading.newcomer
        reading.counts.needsWitnesses = true
        change(&reading.counts)
        return reading
    }
}
