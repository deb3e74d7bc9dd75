import LedgerCore
import NodeAPI
import SyncCore

/// Entries whose numbers the node can never take: the home was restored from a copy, or two programs
/// took each other's numbers, and it counts otherwise than the node does.
extension StudyDesk {
    /// What became of the entries that waited, by their former ids.
    struct Placed {
        /// What stands in the ledger already, or may.
        var decided: [Hash: Decided] = [:]
        /// What was signed anew: the former ids by the new ones.
        var former: [Hash: Hash] = [:]
    }

    /// Whether some of a batch has a number that the node gave to something else, or never comes to.
    static func isOutOfPlace(_ verdicts: [Verdict]) -> Bool {
        // What follows an entry that is not decided says nothing of its own.
        let stop = verdicts.first { if case .retry = $0 { true } else { false } }
        return stop == .retry(.sequenceGap) || verdicts.contains(where: \.isOfNumber)
    }

    /// Asks where the next entry of this device goes, and puts there what waits.
    ///
    /// A statement that the book does not remember may stand in the ledger: then it is not made
    /// twice. Where that cannot be known it is refused, and whoever made it decides again. The
    /// receipt of such a refusal is empty. A node that is older and cannot say the place leaves all
    /// as it is.
    func renumber() async throws -> Placed {
        var placed = Placed()
        let waiting = try book.pending.map { (id: $0.id, payload: try $0.payload()) }
        guard let place = try await place(), let first = waiting.first?.payload,
            first.sequence != place.sequence + 1 || first.previous != place.last
        else { return placed }
        var recorded = try await recorded(place, about: waiting.map(\.payload))
        var kept = Set<Hash>()
        var refused: [(entry: Hash, body: EntryBody, refusal: Refusal)] = []
        for (id, payload) in waiting {
            let same = recorded.entries.filter { $0.payload.states(payload) }
            if let entry = same.first(where: { $0.payload.sequence >= first.sequence }) {
                recorded.entries.removeAll { $0.id == entry.id }
                let verdict = try Verdict(body: try await gateway.send(.verdict(of: entry.id)))
                guard case .accepted = verdict else { throw StudyDoubt(.promiseBroken) }
                placed.decided[id] = (entry: entry.id, verdict: verdict)
            } else if same.isEmpty, recorded.covers(payload) {
                kept.insert(id)
            } else {
                let rejection = EntryRejection.sequenceReused
                let refusal = Refusal(code: rejection.rawValue, name: "\(rejection)")
                placed.decided[id] = (entry: id, verdict: .rejected(refusal))
                refused.append((id, payload.body, refusal))
            }
        }
        placed.former = try book.renumber(
            behind: place.sequence, place.last, with: keys, where: kept.contains)
        try book.write(to: bookFile)
        untold += refused
        return placed
    }

    /// Where the next entry of this device goes, as the log signed it; `nil` where the node is older
    /// and cannot say.
    private func place() async throws -> DevicePlace? {
        let key = try await log.key()
        let challenge = Int64.random(in: 0...Int64.max)
        let answer: [UInt8]
        do {
            answer = try await gateway.send(.devicePlace(challenge: challenge))
        } catch let problem as Problem where problem.code == .notFound {
            return nil
        }
        guard
            let place = DevicePlace(
                verifying: answer, logKey: key, origin: key.name, device: keys.device,
                challenge: challenge)
        else {
            throw StudyDoubt(
                "where the next entry goes is not signed by the ledger",
                "下一条目的位置不是由账本签署")
        }
        return place
    }

    /// What this device signed and the ledger holds, as far as the institution may read it.
    private struct Recorded {
        var entries: [StudyEntry]
        let projects: Set<ProjectID>

        /// Whether a statement would be among the entries if it were recorded.
        func covers(_ payload: EntryPayload) -> Bool {
            payload.body.kind.isPublic || payload.body.project.map(projects.contains) ?? false
        }
    }

    /// Reads what stands where statements would stand.
    ///
    /// - Throws: `StudyDoubt` where the place contradicts the ledger, `NodeUnreachable` while the
    ///   ledger is not shown up to that place.
    private func recorded(_ place: DevicePlace, about statements: [EntryPayload]) async throws
        -> Recorded
    {
        var all = try await catalogue()
        var readable = Set<ProjectID>()
        let projects = statements.filter { !$0.body.kind.isPublic }.compactMap(\.body.project)
        for project in Set(projects).sorted() {
            do {
                all += try await entries(of: project, after: nil)
                readable.insert(project)
            } catch let problem as Problem
                where [.notAllowed, .projectUnknown].contains(problem.code)
            {
                continue
            }
        }
        let own = all.filter { $0.payload.device == keys.device }
        guard own.allSatisfy({ $0.payload.sequence <= place.sequence }) else {
            throw StudyDoubt(
                "the node counts fewer entries than it recorded", "节点的计数少于已记录的条目")
        }
        if place.last != .zero, let index = try await index(of: place.last), index >= log.size {
            throw NodeUnreachable(.unconfirmed)
        }
        return Recorded(entries: own, projects: readable)
    }

    /// Where an entry stands; `nil` where it was refused.
    private func index(of entry: Hash) async throws -> LeafIndex? {
        let verdict = try Verdict(body: try await gateway.send(.verdict(of: entry)))
        return if case .accepted(let acceptance) = verdict { acceptance.index } else { nil }
    }
}

extension EntryPayload {
    /// Whether it states the same about the same account.
    fileprivate func states(_ other: EntryPayload) -> Bool {
        account == other.account && body == other.body
    }
}

extension Verdict {
    /// Whether an entry was refused because another one has its number.
    var isOfNumber: Bool {
        guard case .rejected(let refusal) = self else { return false }
        return refusal.rejection == .sequenceReused
    }
}
