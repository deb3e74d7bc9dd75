import LedgerCore
import SyncCore

/// Entries that say the same, told once: the newest of them, and how many they are.
struct Told: Equatable {
    let line: ActivityLine
    private(set) var count = 1

    /// Returns the entries, those that say the same as a newer one counted with it.
    static func once(_ lines: some Sequence<ActivityLine>) -> [Told] {
        var told: [Told] = []
        var places: [Sameness: Int] = [:]
        for line in lines {
            let sameness = Sameness(line)
            if let place = sameness.flatMap({ places[$0] }) {
                told[place].count += 1
            } else {
                if let sameness { places[sameness] = told.count }
                told.append(Told(line: line))
            }
        }
        return told
    }

    /// What makes two entries say the same; uses and points come again and again.
    private struct Sameness: Hashable {
        let kind: EntryKind
        let project: ProjectID?
        /// Who, and why where that is said.
        let who: String
        let amount: Int64

        init?(_ line: ActivityLine) {
            kind = line.body.kind
            project = line.body.project
            switch line.body {
            case .useAllowed(let use):
                (who, amount) = (use.user.text + use.purpose.text, Int64(use.contributions.count))
            case .useDenied(let use): (who, amount) = (use.user.text + use.reason.rawValue, 0)
            case .pointsAccrued(let accrued): (who, amount) = ("", accrued.points.value)
            case .pointsVested(let vested): (who, amount) = ("", vested.points.value)
            default: return nil
            }
        }
    }
}
