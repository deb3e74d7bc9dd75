internal import Crypto
package import LedgerCore
internal import NodeAPI

extension Sequencer {
    /// Judges a use and logs the answer in the same batch.
    func decide(_ query: UseQuery, by user: AccountID, in draft: inout Draft) throws -> UseOutcome {
        guard state.projects[query.project] != nil else { return .projectUnknown }
        let request = UseRequest(
            account: query.subject, project: query.project, user: user, purpose: query.purpose,
            kinds: query.kinds)
        do {
            let (permission, records) = try usable(request, only: Set(query.contributions))
            let use = UseAllowed(
                project: query.project, user: user, grant: permission.grant,
                purpose: query.purpose, contributions: records.map(\.contribution))
            let logged = try sign(.useAllowed(use), for: query.subject, in: &draft)
            accrue(for: logged.entry.id, in: &draft)
            return .allowed(logged, permission.authorization, records)
        } catch let denial as UseDenial {
            let denied = UseDenied(
                project: query.project, user: user, purpose: query.purpose, reason: denial)
            // Whom nobody named must not learn from their own chain who is a member here.
            let stranger =
                denial == .recipientNotNamed
                ? AccountID(firstDevice: keys.operatorKeys.device) : user
            let account = state.members.contains(query.subject) ? query.subject : stranger
            return .denied(denial, try sign(.useDenied(denied), for: account, in: &draft))
        }
    }

    /// What a request may read and the node holds, of what is wanted; nothing wanted means all.
    private func usable(_ request: UseRequest, only wanted: Set<Hash>) throws -> (
        UsePermission, [UsableRecord]
    ) {
        let permission = try state.judge(request, at: time)
        let covered = permission.contributions.filter {
            wanted.isEmpty || wanted.contains($0.entry)
        }
        guard !covered.isEmpty else { throw UseDenial.nothingCovered }
        let wraps = try store.wraps(of: permission.authorization, for: request.user)
        var usable = [UsableRecord]()
        for contribution in covered {
            let statement = contribution.statement
            guard let wrapped = wraps[statement.record],
                try records.size(of: statement.record) != nil,
                usable.count < EntryLimits.listCount
            else { continue }
            usable.append(
                UsableRecord(
                    contribution: contribution.entry, record: statement.record,
                    kind: statement.kind, sizeBytes: statement.sizeBytes, wrapped: wrapped))
        }
        guard !usable.isEmpty else { throw UseDenial.recordMissing }
        return (permission, usable)
    }

    /// Whether a device is known and was not revoked.
    package func isInForce(_ device: DeviceID) -> Bool {
        state.devices[device]?.isRevoked == false
    }

    /// Whether `device` of `user` may read a record now under a use that was allowed before.
    package func mayRead(_ record: Hash, under use: Hash, user: AccountID, device: DeviceID) throws
        -> Bool
    {
        guard isInForce(device) else { return false }
        guard let logged = try store.entry(use) else { return false }
        let payload = try logged.entry.payload()
        guard case .useAllowed(let allowed) = payload.body, allowed.user == user else {
            return false
        }
        let kinds = allowed.contributions.compactMap { state.contributions[$0]?.statement.kind }
        let request = UseRequest(
            account: payload.account, project: allowed.project, user: user,
            purpose: allowed.purpose, kinds: Set(kinds).sorted())
        let now = max(time, clock.now())
        // Which rule speaks against it does not matter: it is no longer allowed.
        guard let permission = try? state.judge(request, at: now) else { return false }
        let named = Set(allowed.contributions)
        return permission.contributions.contains {
            $0.statement.record == record && named.contains($0.entry)
        }
    }

    /// Where the next entry of a device goes, signed by the log: what is durable, never what is being
    /// decided.
    package func place(of device: DeviceID, challenge: Int64) throws -> [UInt8] {
        let cursor = ledger.cursor(of: device) ?? DeviceCursor(sequence: 0, last: .zero)
        let place = DevicePlace(
            origin: keys.origin, device: device, sequence: cursor.sequence, last: cursor.last,
            challenge: challenge)
        return try keys.log.sign(place.text).bytes
    }

    /// Whether all that an account handed over of a record was erased.
    package func isErased(_ record: Hash, of owner: AccountID) -> Bool {
        state.isErased(record, of: owner)
    }

    /// Whether all that a member handed over of a record to a project was erased; not where it was not
    /// handed over yet.
    private func isErased(_ record: Hash, of seat: Seat) -> Bool {
        let given = state.contributions(of: seat).compactMap { state.contributions[$0] }
            .filter { $0.statement.record == record }
        return !given.isEmpty && given.allSatisfy(\.isErased)
    }

    /// Whether an account may read entries about a project: its sponsor and its recipients, and whom
    /// a grant named when the terms did; `nil` if there is no such project.
    package func mayRead(about project: ProjectID, account: AccountID) -> Bool? {
        state.projects[project].map { mayRead(about: $0, account) }
    }

    /// The projects about which an account may read entries, ascending.
    package func readableProjects(of account: AccountID) -> [ProjectID] {
        state.projects.values.filter { mayRead(about: $0, account) }.map(\.terms.project).sorted()
    }

    private func mayRead(about project: Project, _ account: AccountID) -> Bool {
        project.sponsor == account || project.terms.recipients.contains(account)
            || named[project.terms.project]?.contains(account) == true
    }

    /// Which entries about projects an account may read.
    package func readableEntries(of reader: AccountID) -> ReadableEntries {
        let projects = Set(
            state.projects.values.filter { $0.sponsor == reader }.map(\.terms.project))
        let isNamedElsewhere = named.contains {
            !projects.contains($0.key) && $0.value.contains(reader)
        }
        return ReadableEntries(
            reader: reader, projects: projects,
            seats: isNamedElsewhere ? seats(naming: reader) : [])
    }

    /// Whose grants for which project name an account, now or then.
    private func seats(naming reader: AccountID) -> Set<Seat> {
        if let known = namingSeats[reader] { return known }
        let seats = Set(
            state.authorizations.values.lazy.filter { $0.hasNamed(reader) }
                .map { Seat(account: $0.account, project: $0.grant.project) })
        namingSeats[reader] = seats
        return seats
    }

    /// Notes whom a member's grant names.
    func noteReaders(of grant: AuthorizationGranted, by account: AccountID) {
        named[grant.project, default: []].formUnion(grant.recipients)
        for recipient in grant.recipients {
            namingSeats[recipient]?.insert(Seat(account: account, project: grant.project))
        }
    }

    /// Redeems an invitation, once.
    func decide(
        _ request: EnrolmentRequest, _ candidate: Candidate, from address: String,
        in draft: inout Draft
    ) throws -> EnrolmentOutcome {
        let names = ["lookup \(request.lookup)", "address \(address)"]
        if let wait = tries.waitSeconds(for: names, at: time) {
            return .tooManyTries(retryAfterSeconds: wait)
        }
        guard let invitation = try store.invitation(lookup: request.lookup),
            invitation.key.isMemberProof(
                request.proof, entry: candidate.entry.id, verifierKey: keys.log.verifierKey.text)
        else {
            tries.countFailure(for: names, at: time)
            return .invitationRefused
        }
        let usedBy = draft.batch.redeemed[request.lookup] ?? invitation.usedBy
        if usedBy == candidate.entry.id { return .decided(.known, invitation.key) }
        guard usedBy == nil, time < invitation.expires else {
            tries.countFailure(for: names, at: time)
            return .invitationRefused
        }
        return .decided(enrol(candidate, lookup: request.lookup, in: &draft), invitation.key)
    }

    private func enrol(_ candidate: Candidate, lookup: String, in draft: inout Draft) -> Decision {
        let verified: VerifiedEntry
        switch candidate.outcome {
        case .verified(let good): verified = good
        case .defect(let defect): return .defect(defect)
        case .deviceUnknown, .tooFarAhead: return .defect(.signatureInvalid)
        }
        guard case .memberEnrolled = verified.payload.body else {
            return .refusedUnsigned(.signerNotAllowed)
        }
        guard verified.payload.sequence == 1, verified.payload.previous == .zero else {
            return .refusedUnsigned(.sequenceReused)
        }
        do throws(EntryRejection) {
            try state.apply(verified, at: time)
        } catch {
            return .refusedUnsigned(error)
        }
        draft.batch.redeemed[lookup] = verified.id
        return .accepted(record(verified, in: &draft))
    }

    /// Takes wrapped keys in if each is for an authorization of the owner that is in force or paused,
    /// that no later one replaced, and under `grant`, if that is known: others would replace those
    /// that open the record.
    func take(
        _ wraps: [WrappedKey], for grant: Hash?, of record: Hash, owner: AccountID,
        in draft: inout Draft
    ) -> Bool {
        for wrap in wraps {
            guard let authorization = state.authorizations[wrap.authorization],
                authorization.account == owner,
                let project = state.projects[authorization.grant.project],
                state.latestAuthorization(of: owner, in: project)?.id == authorization.id,
                [.active, .paused, .reconsentDue].contains(
                    authorization.state(at: time, in: project)),
                authorization.grant.recipients.contains(wrap.recipient),
                grant == nil || authorization.grantEntry == grant,
                !isErased(record, of: Seat(account: owner, project: authorization.grant.project))
            else { return false }
        }
        draft.batch.wraps += wraps.map { StoredWrap(record: record, key: $0) }
        return true
    }
}

/// Which entries about projects an account may read.
///
/// The sponsor reads all, because it reviews what is handed over. Everybody else reads the catalogue and
/// what concerns the members who named them, from their first entry on, whomever the terms name now: so
/// that it learns what they have erased. What a later grant opens lies before what was read already.
package struct ReadableEntries: Sendable {
    let reader: AccountID
    /// The projects it sponsors, about which it reads all.
    let projects: Set<ProjectID>
    /// Whose grants for which other project name it, now or then.
    let seats: Set<Seat>

    /// Whether an entry is one of them.
    package func contains(_ entry: SequencedEntry) -> Bool {
        guard let project = entry.project else { return false }
        guard case .account(let account) = entry.chain, account != reader,
            !projects.contains(project)
        else { return true }
        return seats.contains(Seat(account: account, project: project))
    }
}

/// Counts wrong tries: at most five in an hour for each name.
struct TryLimiter {
    private var failures: [String: [Timestamp]] = [:]
    private let limit = 5
    private let window: Int64 = 3_600_000
    private let nameCount = 100_000

    /// How long somebody known by `names` has to wait; `nil` if they may try.
    func waitSeconds(for names: [String], at time: Timestamp) -> Int64? {
        let waits = names.compactMap { name -> Int64? in
            let recent = (failures[name] ?? []).filter {
                time.milliseconds - $0.milliseconds < window
            }
            guard recent.count >= limit, let first = recent.first else { return nil }
            return (window - (time.milliseconds - first.milliseconds)) / 1000 + 1
        }
        return waits.max()
    }

    mutating func countFailure(for names: [String], at time: Timestamp) {
        if failures.count > nameCount {
            failures = failures.filter { _, times in
                times.contains { time.milliseconds - $0.milliseconds < window }
            }
        }
        for name in names {
            failures[name, default: []].removeAll {
                time.milliseconds - $0.milliseconds >= window
            }
            failures[name, default: []].append(time)
        }
    }
}
