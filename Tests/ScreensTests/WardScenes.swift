import LedgerCore
import Screens
import SyncCore
import TestSupport

extension Scene {
    /// Acting for a minor.
    static let wards: [Scene] = [
        Scene(name: "wards", keys: "A Down"),
        Scene(name: "wards-declare", keys: "A a L i l y Space 2 0 1 5"),
        Scene(name: "ward-sign-up", keys: "A Down Enter 2 s", store: .newcomer),
        Scene(name: "ward-grant", keys: "A Down Enter 2 s g Enter", store: .newcomer),
        Scene(
            name: "ward-summary",
            keys: "A Down Down Enter 2 s g Enter Enter Enter Enter Enter Enter",
            store: .newcomer),
        Scene(name: "ward-revoke", keys: "A Down Enter 3 r"),
        Scene(name: "ward-contribute", keys: "A Down Enter 2 c"),
        Scene(name: "ward-outgrown", keys: "A Down Enter 3", store: outgrown),
        Scene(name: "own-outgrown", keys: "3", store: outgrown),
    ]

    /// A guardian allowed something, and the member came of age 20 days ago.
    private static var outgrown: SampleReading {
        var store = SampleReading.member
        store.authorizationLines[0].state = .reconsentDue
        store.authorizationLines[0].guardianUntil = SampleCatalogue.day(-20)
        return store
    }
}
