import LedgerCore
import Testing

/// One row for each rule: an entry that breaks it, and nothing else.
struct RejectionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let rejection: EntryRejection
        let attempt: @Sendable (inout RuleLedger) throws -> Void
        var testDescription: String { "\(rejection)" }
    }

    static let rows: [Row] = [
        Row(rejection: .deviceRevoked) { ledger in
            try ledger.add(.deviceRevoked(ledger.ada.keys.device), by: \.ada)
            try ledger.add(ledger.join, by: \.ada)
        },
        Row(rejection: .signerNotAllowed) { ledger in
            try ledger.add(.budgetFunded(Points(5)), by: \.sponsor)
        },
        Row(rejection: .signerNotAllowed) { ledger in
            try ledger.add(ledger.join, by: \.bo, about: ledger.ada.account)
        },
        Row(rejection: .signerNotAllowed) { ledger in
            let owned = ledger.terms { $0.project = ProjectID("mine") ?? $0.project }
            try ledger.add(.projectPublished(owned), by: \.ada)
        },
        Row(rejection: .signerNotAllowed) { ledger in
            // Members could not check what the second device signs.
            let second = try RuleLedger.Person(9)
            try ledger.add(.deviceAdded(second.keys), by: \.sponsor)
        },
        Row(rejection: .sequenceReused) { ledger in
            ledger.ada.sequence -= 1
            try ledger.add(ledger.join, by: \.ada)
        },
        Row(rejection: .accountUnknown) { ledger in
            try ledger.add(.budgetFunded(Points(5)), by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .alreadyEnrolled) { ledger in
            try ledger.add(.deviceAdded(ledger.bo.keys), by: \.ada)
        },
        Row(rejection: .projectUnknown) { ledger in
            let unknown = try #require(ProjectID("nowhere"))
            try ledger.add(
                .signupJoined(.init(project: unknown, major: 1, minor: 0)), by: \.ada)
        },
        Row(rejection: .projectExists) { ledger in
            try ledger.add(.projectPublished(ledger.terms()), by: \.sponsor)
        },
        Row(rejection: .versionNotNext) { ledger in
            let skipped = ledger.terms { $0.major = 3 }
            try ledger.add(
                .projectAmended(.init(terms: skipped, graceMilliseconds: 0)), by: \.sponsor)
        },
        Row(rejection: .projectClosed) { ledger in
            try ledger.add(.projectClosed(ledger.project), by: \.sponsor)
            try ledger.add(ledger.join, by: \.ada)
        },
        Row(rejection: .versionNotCurrent) { ledger in
            try ledger.add(
                .signupJoined(.init(project: ledger.project, major: 1, minor: 1)), by: \.ada)
        },
        Row(rejection: .projectFull) { ledger in
            try ledger.add(ledger.join, by: \.bo)
            try ledger.add(ledger.join, by: \.ada)
        },
        Row(rejection: .alreadySignedUp) { ledger in
            let roomy = ledger.terms {
                $0.minor = 1
                $0.seats = 5
            }
            try ledger.add(
                .projectAmended(.init(terms: roomy, graceMilliseconds: 0)), by: \.sponsor)
            let join = EntryBody.signupJoined(
                .init(project: ledger.project, major: 1, minor: 1))
            try ledger.add(join, by: \.ada)
            try ledger.add(join, by: \.ada)
        },
        Row(rejection: .notSignedUp) { ledger in
            try ledger.add(ledger.grant(), by: \.ada)
        },
        Row(rejection: .decisionNotLatest) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            let first = try ledger.add(ledger.grant(), by: \.ada)
            try ledger.add(
                .authorizationRevoked(.init(project: ledger.project, major: 1, mode: .stop)),
                by: \.ada)
            try ledger.add(ledger.grant(cites: first), by: \.ada)
        },
        Row(rejection: .decisionNotLatest) { ledger in
            // A revocation that overtook the first grant must not be undone by it.
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(
                .authorizationRevoked(.init(project: ledger.project, major: 1, mode: .stop)),
                by: \.ada)
            try ledger.add(ledger.grant(), by: \.ada)
        },
        Row(rejection: .requiredKindMissing) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.grant(kinds: [.clinical]), by: \.ada)
        },
        Row(rejection: .beyondProject) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.grant(kinds: [.wearable, .genomic]), by: \.ada)
        },
        Row(rejection: .beyondProject) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            let later = ledger.terms().useUntil.adding(milliseconds: 1)
            try ledger.add(ledger.grant(until: later), by: \.ada)
        },
        Row(rejection: .endNotInFuture) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.grant(until: ledger.now), by: \.ada)
        },
        Row(rejection: .noAuthorization) { ledger in
            try ledger.add(
                .authorizationPaused(.init(project: ledger.project, major: 1)), by: \.ada)
        },
        Row(rejection: .notPaused) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.grant(), by: \.ada)
            try ledger.add(
                .authorizationResumed(.init(project: ledger.project, major: 1)), by: \.ada)
        },
        Row(rejection: .notExpired) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.grant(), by: \.ada)
            try ledger.add(
                .authorizationExpired(.init(project: ledger.project, major: 1)), by: \.node,
                about: ledger.ada.account)
        },
        Row(rejection: .kindNotAsked) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.record(1, kind: .genomic), by: \.ada)
        },
        Row(rejection: .outsideCollection) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.record(1, from: 999), by: \.ada)
        },
        Row(rejection: .duplicateRecord) { ledger in
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.record(1), by: \.ada)
            try ledger.add(ledger.record(1), by: \.ada)
        },
        Row(rejection: .contributionUnknown) { ledger in
            try ledger.add(
                .contributionAccepted(.init(project: ledger.project, contribution: .zero)),
                by: \.sponsor, about: ledger.ada.account)
        },
        Row(rejection: .alreadyReviewed) { ledger in
            let part = try ledger.takePart()
            try ledger.add(
                .contributionAccepted(
                    .init(project: ledger.project, contribution: part.contribution)),
                by: \.sponsor, about: ledger.ada.account)
        },
        Row(rejection: .useNotAuthorized) { ledger in
            let part = try ledger.takePart()
            try ledger.add(
                .authorizationRevoked(.init(project: ledger.project, major: 1, mode: .stop)),
                by: \.ada)
            try ledger.add(
                ledger.use([part.contribution], grant: part.grant), by: \.node,
                about: ledger.ada.account)
        },
        Row(rejection: .budgetTooLow) { ledger in
            try ledger.add(
                .escrowPlaced(.init(project: ledger.project, points: Points(5_001))),
                by: \.sponsor)
        },
        Row(rejection: .triggerUnknown) { ledger in
            let accrued = PointsAccrued(
                project: ledger.project, trigger: .zero, points: Points(600),
                vestsAt: ledger.now.adding(milliseconds: 1_000), isLimited: false)
            try ledger.add(.pointsAccrued(accrued), by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .triggerPaid) { ledger in
            let part = try ledger.takePart()
            let accrued = PointsAccrued(
                project: ledger.project, trigger: part.acceptance, points: Points(600),
                vestsAt: ledger.now.adding(milliseconds: 1_000), isLimited: false)
            try ledger.add(.pointsAccrued(accrued), by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .amountNotDue) { ledger in
            let part = try ledger.takePart()
            let use = try ledger.add(
                ledger.use([part.contribution], grant: part.grant), by: \.node,
                about: ledger.ada.account)
            let accrued = PointsAccrued(
                project: ledger.project, trigger: use, points: Points(21),
                vestsAt: ledger.now.adding(milliseconds: 1_000), isLimited: false)
            try ledger.add(.pointsAccrued(accrued), by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .accrualUnknown) { ledger in
            try ledger.add(
                .pointsVested(.init(project: ledger.project, accrual: .zero, points: Points(1))),
                by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .accrualResolved) { ledger in
            let part = try ledger.takePart()
            ledger.now = ledger.now.adding(milliseconds: 1_000)
            let vested = EntryBody.pointsVested(
                .init(project: ledger.project, accrual: part.accrual, points: Points(600)))
            try ledger.add(vested, by: \.node, about: ledger.ada.account)
            try ledger.add(vested, by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .notDue) { ledger in
            let part = try ledger.takePart()
            ledger.now = ledger.now.adding(milliseconds: 999)
            try ledger.add(
                .pointsVested(
                    .init(project: ledger.project, accrual: part.accrual, points: Points(600))),
                by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .notDue) { ledger in
            let part = try ledger.takePart()
            try ledger.add(
                .pointsVoided(
                    .init(project: ledger.project, accrual: part.accrual, points: Points(600))),
                by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .rewardUnknown) { ledger in
            try ledger.add(
                .pointsReserved(.init(reward: ledger.rewardID, points: Points(1))), by: \.ada)
        },
        Row(rejection: .rewardUnknown) { ledger in
            try ledger.add(.rewardWithdrawn(ledger.rewardID), by: \.node)
        },
        Row(rejection: .rewardWithdrawn) { ledger in
            _ = try ledger.earn()
            try ledger.add(.rewardOffered(ledger.reward()), by: \.node)
            try ledger.add(.rewardWithdrawn(ledger.rewardID), by: \.node)
            try ledger.add(
                .pointsReserved(.init(reward: ledger.rewardID, points: Points(200))), by: \.ada)
        },
        Row(rejection: .priceChanged) { ledger in
            _ = try ledger.earn()
            try ledger.add(.rewardOffered(ledger.reward()), by: \.node)
            try ledger.add(
                .pointsReserved(.init(reward: ledger.rewardID, points: Points(199))), by: \.ada)
        },
        Row(rejection: .outOfStock) { ledger in
            _ = try ledger.reserve()
            try ledger.add(
                .pointsReserved(.init(reward: ledger.rewardID, points: Points(200))), by: \.ada)
        },
        Row(rejection: .balanceTooLow) { ledger in
            // What waits cannot be spent.
            _ = try ledger.takePart()
            try ledger.add(.rewardOffered(ledger.reward()), by: \.node)
            try ledger.add(
                .pointsReserved(.init(reward: ledger.rewardID, points: Points(200))), by: \.ada)
        },
        Row(rejection: .balanceTooLow) { ledger in
            // What is reserved cannot be corrected.
            _ = try ledger.reserve()
            let accrual = try #require(ledger.state.accruals.keys.first)
            try ledger.add(
                ledger.correction(of: accrual, 401), by: \.officer, about: ledger.ada.account)
        },
        Row(rejection: .reservationUnknown) { ledger in
            let reservation = try ledger.reserve()
            try ledger.add(
                ledger.released(reservation, .cancelled), by: \.bo)
        },
        Row(rejection: .reservationResolved) { ledger in
            let reservation = try ledger.reserve()
            try ledger.add(
                ledger.redeemed(reservation), by: \.node, about: ledger.ada.account)
            try ledger.add(ledger.released(reservation, .cancelled), by: \.ada)
        },
        Row(rejection: .amountNotDue) { ledger in
            let reservation = try ledger.reserve()
            try ledger.add(
                ledger.redeemed(reservation, points: 199), by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .notDue) { ledger in
            let reservation = try ledger.reserve()
            ledger.now = ledger.now.adding(milliseconds: PointsTimes.reservation - 1)
            try ledger.add(
                ledger.released(reservation, .timedOut), by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .signerNotAllowed) { ledger in
            let reservation = try ledger.reserve()
            try ledger.add(ledger.released(reservation, .unavailable), by: \.ada)
        },
        Row(rejection: .signerNotAllowed) { ledger in
            let reservation = try ledger.reserve()
            try ledger.add(ledger.redeemed(reservation), by: \.ada)
        },
        Row(rejection: .lotUnknown) { ledger in
            let lot = try ledger.earn().lot
            try ledger.add(
                .pointsExpired(.init(lot: lot, points: Points(600))), by: \.node,
                about: ledger.bo.account)
        },
        Row(rejection: .notDue) { ledger in
            // Never without a notice.
            let lot = try ledger.earn().lot
            ledger.now = ledger.now.adding(milliseconds: 2 * PointsTimes.lifetime)
            try ledger.add(
                .pointsExpired(.init(lot: lot, points: Points(600))), by: \.node,
                about: ledger.ada.account)
        },
        Row(rejection: .noticeGiven) { ledger in
            let lot = try ledger.earn().lot
            ledger.now = ledger.now.adding(milliseconds: PointsTimes.lifetime)
            try ledger.tick()
            let at = ledger.now.adding(milliseconds: PointsTimes.notice)
            try ledger.add(
                .pointsExpiring(.init(lot: lot, points: Points(600), at: at)), by: \.node,
                about: ledger.ada.account)
        },
        Row(rejection: .correctionUnknown) { ledger in
            let part = try ledger.takePart()
            let proposal = try ledger.add(
                ledger.correction(of: part.accrual, 5), by: \.officer, about: ledger.ada.account)
            try ledger.add(.correctionAppealed(proposal), by: \.bo)
        },
        Row(rejection: .correctionResolved) { ledger in
            let part = try ledger.takePart()
            let proposal = try ledger.add(
                ledger.correction(of: part.accrual, 5), by: \.officer, about: ledger.ada.account)
            try ledger.add(.correctionAppealed(proposal), by: \.ada)
            ledger.now = ledger.now.adding(milliseconds: PointsTimes.appeal)
            try ledger.add(
                .correctionConfirmed(.init(proposal: proposal, points: Points(5))),
                by: \.secondOfficer, about: ledger.ada.account)
        },
        Row(rejection: .notDue) { ledger in
            let part = try ledger.takePart()
            let proposal = try ledger.add(
                ledger.correction(of: part.accrual, 5), by: \.officer, about: ledger.ada.account)
            ledger.now = ledger.now.adding(milliseconds: PointsTimes.appeal - 1)
            try ledger.add(
                .correctionConfirmed(.init(proposal: proposal, points: Points(5))),
                by: \.secondOfficer, about: ledger.ada.account)
        },
        Row(rejection: .secondOfficerNeeded) { ledger in
            let part = try ledger.takePart()
            let proposal = try ledger.add(
                ledger.correction(of: part.accrual, 5), by: \.officer, about: ledger.ada.account)
            ledger.now = ledger.now.adding(milliseconds: PointsTimes.appeal)
            try ledger.add(
                .correctionConfirmed(.init(proposal: proposal, points: Points(5))),
                by: \.officer, about: ledger.ada.account)
        },
        Row(rejection: .correctionTooLate) { ledger in
            let part = try ledger.takePart()
            ledger.now = ledger.now.adding(milliseconds: PointsTimes.correction + 1)
            try ledger.add(
                ledger.correction(of: part.accrual, 5), by: \.officer, about: ledger.ada.account)
        },
        Row(rejection: .alreadyAppealed) { ledger in
            let part = try ledger.takePart()
            for _ in 0..<2 {
                let proposal = try ledger.add(
                    ledger.correction(of: part.accrual, 5), by: \.officer,
                    about: ledger.ada.account)
                try ledger.add(.correctionAppealed(proposal), by: \.ada)
            }
        },
        Row(rejection: .signerNotAllowed) { ledger in
            let part = try ledger.takePart()
            try ledger.add(
                ledger.correction(of: part.accrual, 5), by: \.sponsor, about: ledger.ada.account)
        },
        Row(rejection: .splitUnknown) { ledger in
            try ledger.add(
                .splitPaid(.init(project: ledger.project, points: Points(10))), by: \.sponsor)
        },
        Row(rejection: .notDue) { ledger in
            // An open project keeps its escrow.
            try ledger.add(
                .escrowReleased(.init(project: ledger.project, points: Points(5_000))),
                by: \.node, about: ledger.sponsor.account)
        },
        Row(rejection: .versionNotNext) { ledger in
            try ledger.add(
                .programmeRuled(
                    .init(
                        programme: .crossOmics, version: 2,
                        lifetimeMilliseconds: PointsTimes.lifetime)), by: \.node)
        },
        Row(rejection: .ethicsMissing) { ledger in
            try ledger.admit(\.board, [.ethics])
            try ledger.amendMajor(grace: 0)
        },
        Row(rejection: .alreadyErased) { ledger in
            let part = try ledger.takePart()
            try ledger.add(ledger.revokeAndErase, by: \.ada)
            for _ in 0..<2 {
                try ledger.add(
                    .recordsErased(
                        .init(project: ledger.project, contributions: [part.contribution])),
                    by: \.node, about: ledger.ada.account)
            }
        },
        Row(rejection: .notDue) { ledger in
            // Nobody said so, and the date has not come.
            let part = try ledger.takePart()
            try ledger.add(
                .recordsErased(
                    .init(project: ledger.project, contributions: [part.contribution])),
                by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .erasureUnknown) { ledger in
            try ledger.add(
                .erasureAttested(.init(project: ledger.project, erasure: .zero)), by: \.sponsor,
                about: ledger.ada.account)
        },
        Row(rejection: .alreadyAttested) { ledger in
            let part = try ledger.takePart()
            try ledger.add(ledger.revokeAndErase, by: \.ada)
            let erasure = try ledger.add(
                .recordsErased(
                    .init(project: ledger.project, contributions: [part.contribution])),
                by: \.node, about: ledger.ada.account)
            for _ in 0..<2 {
                try ledger.add(
                    .erasureAttested(.init(project: ledger.project, erasure: erasure)),
                    by: \.sponsor, about: ledger.ada.account)
            }
        },
        Row(rejection: .nothingToAppeal) { ledger in
            let part = try ledger.takePart()
            try ledger.add(
                .contributionAppealed(
                    .init(project: ledger.project, contribution: part.contribution)), by: \.ada)
        },
        Row(rejection: .alreadyAppealed) { ledger in
            let part = try ledger.takePart()
            for _ in 0..<2 {
                try ledger.add(
                    .contributionRejected(
                        .init(
                            project: ledger.project, contribution: part.contribution,
                            reason: .quality)), by: \.sponsor, about: ledger.ada.account)
                try ledger.add(
                    .contributionAppealed(
                        .init(project: ledger.project, contribution: part.contribution)),
                    by: \.ada)
            }
        },
        Row(rejection: .noAuthorization) { ledger in
            // What was revoked takes in nothing new.
            _ = try ledger.takePart()
            try ledger.add(ledger.revoke, by: \.ada)
            try ledger.add(ledger.record(2), by: \.ada)
        },
        Row(rejection: .outsideCollection) { ledger in
            // The project would take it, the grant does not.
            try ledger.add(ledger.join, by: \.ada)
            try ledger.add(ledger.narrowGrant, by: \.ada)
            try ledger.add(ledger.record(1), by: \.ada)
        },
        Row(rejection: .signerNotAllowed) { ledger in
            try ledger.add(
                .projectTerminated(.init(project: ledger.project, reason: .ordered)),
                by: \.sponsor)
        },
        Row(rejection: .guardianNeeded) { ledger in
            try ledger.declareWard()
            try ledger.add(ledger.join, by: \.child, about: ledger.ward.account)
        },
        Row(rejection: .guardianNeeded) { ledger in
            // A child cannot take care of a child.
            try ledger.declareWard()
            let born = try #require(BirthMonth(number: ledger.now.month))
            try ledger.add(
                .wardDeclared(.init(keys: RuleLedger.Person(12).keys, born: born)), by: \.ward)
        },
        Row(rejection: .cameOfAge) { ledger in
            try ledger.declareWard()
            try ledger.comeOfAge()
            try ledger.add(ledger.join, by: \.ward)
        },
        Row(rejection: .notAMinor) { ledger in
            try ledger.declareWard(born: BirthMonth(number: ledger.now.month - 12 * 18 - 1))
        },
        Row(rejection: .notAMinor) { ledger in
            try ledger.declareWard(born: BirthMonth(number: ledger.now.month + 1))
        },
        Row(rejection: .wardUnknown) { ledger in
            // The guardian is a member and declared nobody.
            let born = try #require(BirthMonth(number: ledger.now.month))
            let declared = WardDeclared(keys: ledger.ward.keys, born: born)
            try ledger.add(
                .wardEnrolled(.init(declared, guardian: ledger.ada.account, declaration: .zero)),
                by: \.node, about: ledger.ward.account)
        },
        Row(rejection: .alreadyEnrolled) { ledger in
            try ledger.declareWard()
            try ledger.declareWard()
        },
        Row(rejection: .signerNotAllowed) { ledger in
            // Only a guardian hands over: the child's own device already is what it would make.
            try ledger.declareWard()
            try ledger.add(
                .wardHandedOver(RuleLedger.Person(12).keys), by: \.child,
                about: ledger.ward.account)
        },
        Row(rejection: .notDue) { ledger in
            try ledger.declareWard()
            try ledger.add(ledger.join, by: \.ward)
            try ledger.add(ledger.grant(), by: \.ward)
            try ledger.add(
                .authorizationOutgrown(.init(project: ledger.project, major: 1)), by: \.node,
                about: ledger.ward.account)
        },
        Row(rejection: .lapseUnknown) { ledger in
            try ledger.add(
                .lapseConfirmed(.init(proposal: .zero, cause: .died)), by: \.officer,
                about: ledger.ada.account)
        },
        Row(rejection: .lapseResolved) { ledger in
            let report = try ledger.add(
                .lapseProposed(.init(cause: .died)), by: \.officer, about: ledger.ada.account)
            for _ in 0..<2 {
                try ledger.add(
                    .lapseConfirmed(.init(proposal: report, cause: .died)), by: \.secondOfficer,
                    about: ledger.ada.account)
            }
        },
        Row(rejection: .lapseNotConfirmed) { ledger in
            _ = try ledger.takePart()
            try ledger.add(
                .authorizationLapsed(.init(project: ledger.project, major: 1, cause: .died)),
                by: \.node, about: ledger.ada.account)
        },
        Row(rejection: .resultNotWished) { ledger in
            _ = try ledger.takePart()
            try ledger.add(
                .resultReturned(
                    .init(
                        project: ledger.project, result: .summary, wish: .zero,
                        sealed: [UInt8](repeating: 0, count: 80))), by: \.sponsor,
                about: ledger.ada.account)
        },
        Row(rejection: .amountTooLarge) { ledger in
            while true {
                try ledger.add(
                    .budgetFunded(.limit), by: \.node, about: ledger.sponsor.account)
            }
        },
    ]

    @Test(arguments: rows.filter { $0.rejection != .amountTooLarge })
    func `an entry that breaks one rule is refused and changes nothing`(row: Row) throws {
        var ledger = try RuleLedger()
        var before = ledger.state
        var rejection: EntryRejection?
        // The last step is the one refused: everything up to it counts as before.
        let steps = ledger.log.count
        do {
            try row.attempt(&ledger)
        } catch let refused as EntryRejection {
            rejection = refused
        }
        before = try Replay.state(of: ledger.log)
        #expect(rejection == row.rejection)
        #expect(ledger.state == before)
        #expect(ledger.log.count >= steps)
    }

    @Test func `every rejection has a row, or is the node's own to give`() {
        let tested = Set(Self.rows.map(\.rejection))
        let decidedAtTheNode: Set<EntryRejection> = [.dependencyRejected, .invitationRequired]
        #expect(Set(EntryRejection.allCases) == tested.union(decidedAtTheNode))
    }

    @Test func `codes are unique and none was renumbered`() {
        #expect(EntryRejection.allCases.map(\.rawValue) == Array(1...64))
    }

    @Test func `an account never holds more than a balance can say`() {
        var book = PointsBook()
        #expect(!book.canMove(Points.limit + Points(1), from: .issuer, to: .budget(account)))
        #expect(!book.canMove(.zero, from: .issuer, to: .budget(account)))
        #expect(!book.canMove(Points(1), from: .budget(account), to: .issuer))
        book = PointsBook()
        #expect(book.sum == 0)
    }

    private let account = AccountID(firstDevice: DeviceID(publicKey: [1]))
}

/// Replays a log from its first entry.
enum Replay {
    static func state(of log: [(VerifiedEntry, Timestamp)]) throws -> LedgerState {
        var state = LedgerState()
        for (entry, time) in log { try state.apply(entry, at: time) }
        return state
    }
}
