import LedgerCore
import SyncCore

/// What Home tells of the sample members.
extension SampleReading {
    /// What came after the app was left.
    var sinceLastTime: SinceLastTime? {
        guard let lastVisit else { return nil }
        let new = entries.filter { $0.at > lastVisit }
        var since = SinceLastTime(
            at: lastVisit, shownCount: min(new.count, HomeSummary.recentLimit),
            entryCount: new.count, uses: 0, denials: 0, earned: .zero)
        for line in new {
            switch line.body {
            case .useAllowed: since.uses += 1
            case .useDenied: since.denials += 1
            case .pointsAccrued(let accrued): since.earned = since.earned + accrued.points
            default: break
            }
        }
        return since
    }

    /// The sample member on a day when nothing has happened since the app was left.
    package static var quiet: SampleReading {
        var reading = SampleReading.member
        reading.lastVisit = now.adding(milliseconds: -7_200_000)
        reading.entries = reading.entries.filter { $0.index != nil }
        reading.authorizationLines = reading.authorizationLines.filter { $0.pending == nil }
        for index in reading.details.indices { reading.details[index].participation = .none }
        reading.counts = SyncStatus(
            connection: .waiting, verifiedSize: 214, verifiedAt: now, outboxCount: 0,
            queuedRevocations: 0, unreadRefusals: 0)
        return reading
    }

    /// The sample member with everything that can need attention, and more news than Home shows.
    package static var busy: SampleReading {
        var reading = SampleReading.member
        reading.lastVisit = SampleCatalogue.day(-30)
        reading.authorizationLines[0].state = .reconsentDue
        reading.authorizationLines[2].state = .active
        reading.authorizationLines[2].grant =
            SampleMember.authorization(
                reading.details[2], kinds: [.wearable], until: SampleCatalogue.day(9),
                state: .active
            ).grant
        reading.balances.expiring = Points(150)
        reading.balances.expiresAt = SampleCatalogue.day(39)
        let ended = reading.details[6].terms
        reading.overdue = [
            OverdueErasure(
                project: ended.project, title: ended.title, dueAt: SampleCatalogue.day(-19),
                waiting: [SampleCatalogue.institutionName], entry: Hash.of([60]))
        ]
        let last = reading.authorizationLines.count - 1
        reading.authorizationLines[last].overdue = [
            OverdueErasure(
                project: reading.authorizationLines[last].project,
                title: reading.authorizationLines[last].title, dueAt: SampleCatalogue.day(-19),
                waiting: [SampleCatalogue.institutionName], entry: Hash.of([60]))
        ]
        let uses = reading.entries.filter {
            if case .useAllowed = $0.body { true } else { false }
        }
        for number in 0..<24 {
            reading.entries += uses.map { line in
                var line = line
                line.entry = Hash.of([100 + UInt8(number)])
                line.index = Int64(150 - number)
                line.at = SampleCatalogue.day(-11 - Int64(number) / 2)
                return line
            }
        }
        return reading
    }

    /// The sample member of whose points an officer wants to take some back, in a programme with caps.
    package static var corrected: SampleReading {
        var reading = SampleReading.member
        for index in reading.entries.indices
        where reading.entries[index].body.kind == .pointsAccrued {
            reading.entries[index].body = .correctionProposed(
                CorrectionProposed(
                    accrual: Hash.of([3]), points: Points(50), direction: .take,
                    reason: .duplicate))
            reading.entries[index].actor = LocalizedText(
                english: "Points office", chinese: "积分办公室")
            break
        }
        for index in reading.details.indices {
            reading.details[index].caps = [
                ProgrammeCap(.month, limit: Points(1_000), left: Points(620))
            ]
        }
        return reading
    }
}
