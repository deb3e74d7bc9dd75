import LedgerCore
import NodeAPI
import SyncCore

extension StudyDesk {
    /// Reads the whole catalogue, and checks it as a member's program does: the log's signature and
    /// every entry's, the order, the rules, and that nothing was left out.
    ///
    /// - Throws: `StudyDoubt` where the node broke a promise.
    package func catalogue() async throws -> [StudyEntry] {
        let key = try await log.key()
        let confirmed = try await confirmed()
        var page = try await cataloguePage(after: 0, at: confirmed.map { Int64($0.size) })
        let pinned = try await pinned(page, to: confirmed)
        var verifier = RoundVerifier(
            checkpoint: pinned,
            enrolment: Enrolment(
                origin: key.name, logKey: key, nodeURL: "", device: keys.device, account: account),
            storedNote: [], keys: EntryKeys(), cursor: ChainCursor(chain: .catalogue),
            state: LedgerState())
        do {
            while try !verifier.add(page, checked: StudyDesk.check(page, verifier.checker)) {
                page = try await cataloguePage(
                    after: verifier.cursor.sequence, at: Int64(pinned.checkpoint.size))
            }
            let round = try verifier.finish(previousSize: 0, promised: [])
            known = verifier.keys
            known.add(keys.publicKeys)
            hasCatalogue = true
            try log.keep()
            return round.entries.map { proven in
                StudyEntry(
                    id: proven.verified.id, index: proven.index, at: proven.envelope.time,
                    payload: proven.verified.payload)
            }
        } catch let evidence as Evidence {
            throw StudyDoubt(evidence.alarm)
        }
    }

    /// Checks the signature of an entry, where its device is known: members' keys are not.
    ///
    /// - Throws: `StudyDoubt` for what another than its device signed, or for another log.
    func verified(_ entry: Entry) async throws -> EntryPayload {
        let origin = try await log.key().name
        do throws(EntryVerifier.Failure) {
            return try EntryVerifier.verify(entry, origin: origin) { known[$0] }.payload
        } catch {
            guard case .deviceUnknown = error else { throw StudyDoubt(.entryForged) }
        }
        return try entry.payload()
    }

    /// Checks what devices signed that were not known: the catalogue introduces all but members'.
    func verify(_ entries: [Entry]) async throws {
        guard !entries.isEmpty else { return }
        _ = try await catalogue()
        for entry in entries {
            let payload = try await verified(entry)
            guard known[payload.device] != nil else { throw StudyDoubt(.entryForged) }
        }
    }

    private func cataloguePage(after: Int64, at size: Int64?) async throws -> EntryPage {
        try EntryPage(body: try await gateway.send(.cataloguePage(after: after, at: size)))
    }

    private static func check(_ page: EntryPage, _ checker: RoundVerifier.EntryChecker)
        -> [Result<ProvenEntry?, Alarm>]
    {
        page.entries.map { paged in
            do throws(Alarm) {
                return .success(try checker.check(paged))
            } catch {
                return .failure(error)
            }
        }
    }
}

extension EntryKind {
    /// Whether members sign it, of what is about a project: their keys are in no catalogue.
    var isOfMembers: Bool {
        switch self {
        case .signupJoined, .signupLeft, .authorizationGranted, .authorizationPaused,
            .authorizationResumed, .authorizationRevoked, .recordContributed,
            .contributionAppealed, .resultsWished:
            true
        default: false
        }
    }
}
