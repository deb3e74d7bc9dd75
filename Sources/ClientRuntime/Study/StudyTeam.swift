import HealthRecords
package import LedgerCore
import NodeAPI
import Screens
import TerminalCore

/// A study team at work: looks at new contributions, accepts or rejects them, and uses what it
/// may, again and again.
package final class StudyTeam {
    /// Something that happened, for the line printed.
    package enum Event: Sendable {
        case reviewed(ProjectID, AccountID, kind: RecordKind, refusal: ContributionRefusal?)
        case used(ProjectID, AccountID, UsePurpose, records: Int, entry: Hash)
        case denied(ProjectID, AccountID, UsePurpose, UseDenial)
        /// A member appealed against a rejection: a person of the team decides.
        case appealed(ProjectID, AccountID, kind: RecordKind, contribution: Hash)
        /// Something did not work, and why.
        case failed(ProjectID, LocalizedText)
    }

    /// What one member gave one project.
    private struct Participant {
        var purpose: UsePurpose?
        /// The newest authorization that was granted.
        var grant: AuthorizationGranted?
        var waiting: [Hash: RecordContributed] = [:]
        var accepted: [Hash: RecordContributed] = [:]
        var rejected: [Hash: RecordContributed] = [:]
        /// Every contribution, in the order they were recorded.
        var order: [Hash] = []
        /// Contributions that were accepted and not used yet.
        var unused: Set<Hash> = []
        /// Those of them that no authorization covers: the member's next decision may.
        var uncovered: Set<Hash> = []
        var lastUse: Timestamp?
        /// The node said no; nothing is asked before the member decides anew.
        var isDenied = false
        /// A record and its key follow their entries: no sooner are they asked for.
        var notBefore = ContinuousClock.now
        /// When to ask again for what the node could not give, for review and for use: each question
        /// is an entry of the ledger.
        var reviewAgain = ContinuousClock.now
        var useAgain = ContinuousClock.now
        /// How long to wait after a record was not there yet; zero before the first time.
        var patience = Duration.zero

        /// What the member stated may have changed what can be given.
        mutating func expectRecords(after wait: Duration) {
            notBefore = .now + wait
            reviewAgain = .now
            useAgain = .now
            patience = .zero
        }

        /// What the member decided may have changed what is allowed.
        mutating func askAnew(after wait: Duration) {
            isDenied = false
            unused.formUnion(uncovered.filter { accepted[$0] != nil })
            uncovered = []
            expectRecords(after: wait)
        }

        /// Leaves contributions out until the member decides anew.
        mutating func setAside(_ contributions: some Sequence<Hash>) {
            for one in contributions {
                if let one = unused.remove(one) { uncovered.insert(one) }
            }
        }

        /// Whether the newest grant names a contribution; the node decides.
        func covers(_ contribution: Hash) -> Bool {
            guard let grant, let stated = accepted[contribution] else { return false }
            return grant.covers(stated)
        }

        /// Notes that something cannot be given for now.
        mutating func wait(_ duration: Duration, with purpose: UsePurpose) {
            // What was asked for at the same time may be there sooner.
            func sooner(_ time: ContinuousClock.Instant) -> ContinuousClock.Instant {
                let new = ContinuousClock.now + duration
                return time > .now ? min(time, new) : new
            }
            if purpose == .review {
                reviewAgain = sooner(reviewAgain)
            } else {
                useAgain = sooner(useAgain)
            }
        }
    }

    private struct Seat: Hashable {
        let project: ProjectID
        let account: AccountID
    }

    /// How long to wait before asking again for what only an entry can change.
    private static let longPatience = Duration.seconds(3_600)

    private let desk: StudyDesk
    private let projects: [ProjectID: ProjectTerms]
    private let rules: StudyRules
    private let usesAgain: Bool
    private let patience: Duration
    private var participants: [Seat: Participant] = [:]
    private var order: [Seat] = []
    private var cursor: LeafIndex?
    /// What happened and was not told yet.
    private var untold: [Event] = []
    /// The size of the ledger that was read last by `work`.
    private var readSize: Int64 = 0

    /// Makes a team.
    ///
    /// - Parameters:
    ///   - desk: The institution it signs and reads for.
    ///   - projects: The terms of the projects it works for.
    ///   - rules: How it reviews, and how often it uses, by the node's clock.
    ///   - usesAgain: Whether it uses records again after the time the rules say, or once only.
    ///   - patience: How long to wait for a record that is not there yet, the first time.
    package init(
        desk: StudyDesk, projects: [ProjectTerms], rules: StudyRules = StudyRules(),
        usesAgain: Bool, patience: Duration = .milliseconds(1_500)
    ) {
        self.desk = desk
        self.projects = Dictionary(projects.map { ($0.project, $0) }) { first, _ in first }
        self.rules = rules
        self.usesAgain = usesAgain
        self.patience = patience
    }

    /// Works until its task is cancelled; a node that is away is asked again every second.
    ///
    /// - Parameter report: Gets each event as it happens.
    package func run(_ report: (Event) -> Void) async {
        var size: Int64 = 0
        var hasFailed = false
        while !Task.isCancelled {
            do {
                let now = try await desk.waitForChanges(
                    since: size, seconds: !usesAgain && !hasWork ? 25 : 1)
                if now != size { try await read() }
                size = now
                for event in try await act(isPatient: true) { report(event) }
                hasFailed = false
            } catch is CancellationError {
                return
            } catch {
                for event in takeEvents() { report(event) }
                if !hasFailed, let project = projects.keys.min() {
                    report(.failed(project, StudyTeam.explained(error)))
                }
                hasFailed = true
                // Cancelled means ended: the loop's condition sees it.
                try? await Task.sleep(for: .milliseconds(Int.random(in: 500...1_500)))
            }
        }
    }

    private var hasWork: Bool {
        participants.values.contains { $0.grant != nil && !$0.isDenied && !$0.waiting.isEmpty }
    }

    /// Reads what is new, and does what follows from it, once.
    package func work() async throws -> [Event] {
        // A ledger that did not grow has nothing new about any project: one request tells.
        let size = try await desk.waitForChanges(since: readSize, seconds: 0)
        if size != readSize { try await read() }
        readSize = size
        return try await act(isPatient: false)
    }

    /// Waits until the ledger has more than `work` read last, at most so many seconds.
    package func waitForNews(seconds: Int64) async throws {
        _ = try await desk.waitForChanges(since: readSize, seconds: seconds)
    }

    /// One question for all projects, however many there are.
    private func read() async throws {
        for entry in try await desk.entries(after: cursor) {
            if let project = entry.payload.body.project, projects[project] != nil {
                note(entry, project)
            }
            cursor = entry.index
        }
    }

    private static func explained(_ error: any Error) -> LocalizedText {
        let words = Words(.chinese, now: Timestamp(milliseconds: 0))
        return LocalizedText(
            english: String(describing: error), chinese: words(Trouble(error)).string)
    }

    /// Does what is due; a patient team first gives keys on their way the time to arrive.
    private func act(isPatient: Bool) async throws -> [Event] {
        let now = try await desk.nodeTime()
        for seat in order {
            do {
                try await review(seat, isPatient: isPatient)
                try await use(seat, at: now, isPatient: isPatient)
            } catch let problem as Problem where ![.busy, .storageFull].contains(problem.code) {
                untold.append(.failed(seat.project, problem.code.title))
            }
        }
        for (body, refusal) in desk.takeRefused() {
            guard let project = body.project ?? projects.keys.min() else { continue }
            untold.append(.failed(project, StudyTeam.explained(refusal)))
        }
        return takeEvents()
    }

    /// What happened and was not told yet, also before something failed.
    ///
    /// What a node that went away in between left undone is done next time.
    package func takeEvents() -> [Event] {
        defer { untold = [] }
        return untold
    }

    // MARK: Reading

    private func note(_ entry: StudyEntry, _ project: ProjectID) {
        let seat = Seat(project: project, account: entry.payload.account)
        if participants[seat] == nil { order.append(seat) }
        // In place: a copy would cost as much as the member gave.
        note(entry, seat, &participants[seat, default: Participant()])
    }

    private func note(_ entry: StudyEntry, _ seat: Seat, _ participant: inout Participant) {
        switch entry.payload.body {
        case .authorizationGranted(let granted):
            participant.grant = granted
            participant.askAnew(after: patience)
            participant.purpose = UsePurpose(granted.purposes, diseases: granted.diseases)
        case .authorizationResumed: participant.askAnew(after: .zero)
        case .recordContributed(let stated):
            participant.waiting[entry.id] = stated
            participant.order.append(entry.id)
            participant.expectRecords(after: patience)
        case .contributionAccepted(let reviewed):
            let stated =
                participant.waiting.removeValue(forKey: reviewed.contribution)
                ?? participant.rejected.removeValue(forKey: reviewed.contribution)
                // The team's own answer comes back from the ledger.
                ?? participant.accepted[reviewed.contribution]
            participant.accepted[reviewed.contribution] = stated
            participant.unused.insert(reviewed.contribution)
            // A person of the team decided.
            untold.removeAll {
                if case .appealed(_, _, _, reviewed.contribution) = $0 { true } else { false }
            }
        case .contributionRejected(let rejected):
            let stated =
                participant.waiting.removeValue(forKey: rejected.contribution)
                ?? participant.accepted.removeValue(forKey: rejected.contribution)
                ?? participant.rejected[rejected.contribution]
            participant.rejected[rejected.contribution] = stated
            participant.unused.remove(rejected.contribution)
        case .recordsErased(let erased):
            for contribution in erased.contributions {
                participant.waiting[contribution] = nil
                participant.accepted[contribution] = nil
                participant.unused.remove(contribution)
            }
        case .contributionAppealed(let appealed):
            guard let stated = participant.rejected[appealed.contribution] else { break }
            untold.append(
                .appealed(
                    seat.project, seat.account, kind: stated.kind,
                    contribution: appealed.contribution))
        case .useAllowed(let use) where use.purpose != .review && use.user == desk.account:
            participant.lastUse = entry.at
            participant.unused.subtract(use.contributions)
        case .useDenied(let denied) where denied.user == desk.account:
            participant.isDenied = denied.reason.isOfAuthorization
        default: break
        }
    }

    // MARK: Reviewing

    private func review(_ seat: Seat, isPatient: Bool) async throws {
        guard let participant = participants[seat], participant.grant != nil,
            !participant.isDenied,
            !participant.waiting.isEmpty, !isPatient || participant.notBefore <= .now,
            participant.reviewAgain <= .now
        else { return }
        let waiting = participant.order.compactMap { entry in
            participant.waiting[entry].map { (entry: entry, statement: $0) }
        }
        for batch in StudyDesk.batches(of: waiting) {
            do {
                let use = try await desk.use(
                    seat.project, of: seat.account, for: .review, contributions: batch)
                try await decide(use, seat)
            } catch let problem as Problem {
                try answer(problem, seat, .review, batch)
                // What is on its way holds nothing else up.
                guard participants[seat]?.isDenied == false else { return }
            }
        }
    }

    /// Accepts or rejects what was read: one round for all of it.
    private func decide(_ use: StudyUse, _ seat: Seat) async throws {
        var reviews: [(body: EntryBody, event: Event)] = []
        for record in use.records {
            guard let stated = participants[seat]?.waiting[record.contribution] else { continue }
            let refusal = try judge(record, stated, of: seat.project)
            let body =
                refusal.map {
                    EntryBody.contributionRejected(
                        .init(
                            project: seat.project, contribution: record.contribution, reason: $0))
                }
                ?? .contributionAccepted(
                    .init(project: seat.project, contribution: record.contribution))
            reviews.append(
                (body, .reviewed(seat.project, seat.account, kind: stated.kind, refusal: refusal)))
        }
        guard !reviews.isEmpty else { return }
        let verdicts = try await desk.state(reviews.map { (seat.account, $0.body) })
        for (review, verdict) in zip(reviews, verdicts) {
            if case .rejected(let refusal) = verdict {
                // A person of the team was faster, or the project ended: what holds instead is read.
                settle(review.body, seat, isRecorded: false)
                untold.append(.failed(seat.project, StudyTeam.explained(refusal)))
            } else {
                settle(review.body, seat, isRecorded: true)
                untold.append(review.event)
            }
        }
    }

    private static func explained(_ refusal: Refusal) -> LocalizedText {
        guard let reason = refusal.rejection?.reason else {
            return LocalizedText(english: refusal.name, chinese: refusal.name)
        }
        return LocalizedText(english: reason.english, chinese: reason.chinese)
    }

    /// Puts a contribution where its review belongs; one that is not recorded is not used, and not
    /// reviewed again.
    private func settle(_ body: EntryBody, _ seat: Seat, isRecorded: Bool) {
        switch body {
        case .contributionAccepted(let reviewed):
            let stated = participants[seat]?.waiting.removeValue(forKey: reviewed.contribution)
            guard isRecorded else {
                participants[seat]?.rejected[reviewed.contribution] = stated
                return
            }
            participants[seat]?.accepted[reviewed.contribution] = stated
            participants[seat]?.unused.insert(reviewed.contribution)
        case .contributionRejected(let rejected):
            let stated = participants[seat]?.waiting.removeValue(forKey: rejected.contribution)
            participants[seat]?.rejected[rejected.contribution] = stated
        default: break
        }
    }

    /// Whether a record is what was said of it, and what the project asks.
    private func judge(_ record: StudyRecord, _ stated: RecordContributed, of project: ProjectID)
        throws -> ContributionRefusal?
    {
        let rule = rules[project]
        guard let terms = projects[project],
            case .success(let bundle) = record.content,
            let rows = try? RecordFileReader.read(bundle, name: "contribution")  // one refusal
        else { return .unreadable }
        guard terms.kinds.contains(where: { $0.kind == stated.kind }) else { return .notAsked }
        guard rule.accepted?.contains(stated.kind) ?? true else { return .notAsked }
        guard rows.rowCount == Int(stated.rows), stated.rows >= rule.minimumRows,
            rows.skipped.total == 0,
            rows.outlines.map(\.kind) == [stated.kind]
        else { return .quality }
        let last = rows.outlines.compactMap(\.lastMilliseconds).max()
        guard last.map({ $0 <= terms.collectionUntil.milliseconds }) ?? true else {
            return .outsideWindow
        }
        let isNew = try desk.isFirst(rows, of: record.contribution, in: project)
        return isNew || rule.acceptsDuplicates ? nil : .duplicate
    }

    // MARK: Using

    private func use(_ seat: Seat, at now: Timestamp, isPatient: Bool) async throws {
        guard let participant = participants[seat], !participant.accepted.isEmpty,
            !participant.isDenied, !isPatient || participant.notBefore <= .now,
            participant.useAgain <= .now,
            let every = rules[seat.project].useEveryMilliseconds,
            let purpose = participant.purpose
        else { return }
        let isDue =
            participant.lastUse.map { usesAgain && now >= $0.adding(milliseconds: every) } ?? true
        guard isDue || !participant.unused.isEmpty else { return }
        // Between two turns only what is new.
        let wanted = participant.order.compactMap { entry in
            isDue || participant.unused.contains(entry)
                ? participant.accepted[entry].map { (entry: entry, statement: $0) } : nil
        }
        for batch in StudyDesk.batches(of: wanted) {
            do {
                let use = try await desk.use(
                    seat.project, of: seat.account, for: purpose, contributions: batch)
                noteGiven(use, of: batch, seat, purpose)
                participants[seat]?.lastUse = now
                untold.append(
                    .used(
                        seat.project, seat.account, purpose, records: use.records.count,
                        entry: use.entry))
            } catch let problem as Problem {
                try answer(problem, seat, purpose, batch)
                guard participants[seat]?.isDenied == false else { return }
            }
        }
    }

    /// What was not given though a grant covers it is on its way, and asked for again.
    private func noteGiven(
        _ use: StudyUse, of batch: [Hash: RecordContributed], _ seat: Seat, _ purpose: UsePurpose
    ) {
        guard let participant = participants[seat] else { return }
        let given = Set(use.records.map(\.contribution))
        let rest = batch.keys.filter { !given.contains($0) }
        participants[seat]?.unused.subtract(given)
        participants[seat]?.setAside(rest.filter { !participant.covers($0) })
        if participants[seat]?.unused.isDisjoint(with: rest) == false {
            waitForRecords(seat, purpose)
        }
    }

    /// Asks again for what is on its way, later each time.
    private func waitForRecords(_ seat: Seat, _ purpose: UsePurpose) {
        guard let waited = participants[seat]?.patience else { return }
        let wait = max(waited, patience)
        participants[seat]?.wait(wait, with: purpose)
        participants[seat]?.patience = min(wait * 2, .seconds(60))
    }

    private func answer(
        _ problem: Problem, _ seat: Seat, _ purpose: UsePurpose,
        _ batch: [Hash: RecordContributed]
    ) throws {
        guard problem.code == .useDenied, let denial = problem.denial else { throw problem }
        participants[seat]?.isDenied = denial.isOfAuthorization
        switch denial {
        case .recordMissing: waitForRecords(seat, purpose)
        // These end with an approval of others.
        case .approvalMissing, .securityReviewMissing:
            participants[seat]?.wait(StudyTeam.longPatience, with: purpose)
        default:
            participants[seat]?.wait(StudyTeam.longPatience, with: purpose)
            participants[seat]?.setAside(batch.keys)
        }
        untold.append(.denied(seat.project, seat.account, purpose, denial))
    }
}

extension UseDenial {
    /// Whether it holds for all of a member's contributions until the member changes it; what is on
    /// its way, or not of the kinds allowed, is asked for again by itself.
    package var isFinal: Bool { self != .recordMissing && self != .nothingCovered }

    /// Whether it holds for every purpose, until the member decides anew.
    ///
    /// The rest is about what was asked for, or ends with an approval of others.
    package var isOfAuthorization: Bool {
        switch self {
        case .noAuthorization, .revoked, .paused, .expired, .reconsentDue, .projectClosed,
            .recipientNotNamed, .invalidated:
            true
        case .purposeNotNamed, .diseaseNotNamed, .linkageNotNamed, .nothingCovered,
            .recordMissing, .approvalMissing, .securityReviewMissing:
            false
        }
    }
}

extension UsePurpose {
    /// What a study team does if it is not told otherwise: the first that is allowed, and research on
    /// one disease on the first that is named; `nil` where nothing is.
    package init?(_ uses: [DataUse], diseases: [DiseaseTerm]) {
        guard let first = uses.first else { return nil }
        if first == .diseaseSpecific, let disease = diseases.first {
            self = .disease(disease)
        } else {
            self = .research(first)
        }
    }
}
