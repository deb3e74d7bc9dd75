internal import LedgerCore

extension Sequencer {
    /// Decides what somebody sent while there is no room for more: only what takes back is taken.
    ///
    /// - Throws: store errors; nothing is decided then.
    func decideWithoutRoom(_ candidates: [Candidate], in draft: inout Draft) throws -> [Decision] {
        let waiting = placesOfAdding(candidates)
        return try candidates.enumerated().map { place, candidate in
            guard waiting.contains(place), try isUndecided(candidate) else {
                return try decide(candidate, in: &draft)
            }
            return .noRoom
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
