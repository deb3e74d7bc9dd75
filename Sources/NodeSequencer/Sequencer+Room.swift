internal import LedgerCore

extension Sequencer {
    /// Decides what somebody sent while there is no room for more: only what takes back is taken, and
    /// of each account no more than leaves room for the others.
    ///
    /// - Throws: store errors; nothing is decided then.
    func decideWithoutRoom(_ candidates: [Candidate], in draft: inout Draft) throws -> [Decision] {
        let waiting = placesOfAdding(candidates)
        return try candidates.enumerated().map { place, candidate in
            guard try isUndecided(candidate), let payload = try? candidate.entry.payload() else {
                return try decide(candidate, in: &draft)
            }
            guard !waiting.contains(place), endsUse(payload) || hasShare(payload.device) else {
                return .noRoom
            }
            let decision = try decide(candidate, in: &draft)
            charge(candidate.entry, of: payload.device, for: decision)
            return decision
        }
    }

    /// Whether an account had less stored than it may; who is unknown has nothing stored.
    private func hasShare(_ device: DeviceID) -> Bool {
        guard let account = state.devices[device]?.account else { return true }
        return takenWithoutRoom[account, default: 0] < Sequencer.bytesWithoutRoom
    }

    /// Notes what an entry took: a refusal is stored, too.
    private func charge(_ entry: Entry, of device: DeviceID, for decision: Decision) {
        switch decision {
        case .accepted, .refused:
            guard let account = state.devices[device]?.account else { return }
            takenWithoutRoom[account, default: 0] += entry.bytes.count
        case .known, .refusedUnsigned, .defect, .retry, .noRoom: break
        }
    }

    /// Whether an entry revokes what was not revoked yet, or not as far: there is no end of others.
    private func endsUse(_ payload: EntryPayload) -> Bool {
        guard case .authorizationRevoked(let revoked) = payload.body,
            state.devices[payload.device]?.account == payload.account
        else { return false }
        let stopped = state.authorizationsStopped(
            from: revoked.major, in: revoked.project, of: payload.account)
        return stopped.compactMap { state.authorizations[$0] }.contains { authorization in
            guard let before = authorization.revocation else { return true }
            return revoked.mode == .stopAndErase && before.mode != .stopAndErase
        }
    }

    /// The places of the entries that only add, but for those after which the same device takes
    /// something back: that could not be taken before them.
    private func placesOfAdding(_ candidates: [Candidate]) -> Set<Int> {
        var takers = Set<DeviceID>()
        var places = Set<Int>()
        for (place, candidate) in candidates.enumerated().reversed() {
            // What cannot be read is refused for what it is.
            guard let payload = try? candidate.entry.payload() else { continue }
            if takesBack(payload) { takers.insert(payload.device) }
            if !takers.contains(payload.device) { places.insert(place) }
        }
        return places
    }

    private func isUndecided(_ candidate: Candidate) throws -> Bool {
        switch candidate.outcome {
        case .verified, .deviceUnknown: try !known.contains(candidate.entry.id, in: store)
        case .defect, .tooFarAhead: false
        }
    }

    /// Whether an entry takes back what somebody may do: a grant, too, that allows no more than the one
    /// in force.
    private func takesBack(_ payload: EntryPayload) -> Bool {
        guard case .authorizationGranted(let grant) = payload.body else {
            return payload.body.kind.takesBack
        }
        guard let project = state.projects[grant.project],
            let latest = state.latestAuthorization(of: payload.account, in: project),
            [.active, .paused].contains(latest.state(at: time, in: project)),
            // After a revocation that comes with it, it gives anew.
            grant.cites == latest.latestDecision
        else { return false }
        return grant.stays(within: latest.grant)
    }
}
