internal import Crypto
internal import LedgerCore
internal import Logging
internal import NodeAPI

extension Sequencer {
    /// Decides one entry somebody sent.
    ///
    /// - Throws: store errors; the entry is then not decided.
    func decide(_ candidate: Candidate, in draft: inout Draft) throws -> Decision {
        switch candidate.outcome {
        // What is no entry, or is thousands ahead of its device, was never decided: nothing is read.
        case .defect(let defect): return .defect(defect)
        case .tooFarAhead: return .retry(.sequenceGap)
        case .verified(let verified):
            return try isKnown(verified) ? .known : decide(verified, in: &draft)
        case .deviceUnknown(let device):
            if try known.contains(candidate.entry.id, in: store) { return .known }
            guard state.devices[device] != nil else { return .retry(.deviceUnknown) }
            let verified: VerifiedEntry
            do throws(EntryVerifier.Failure) {
                verified = try verify(candidate.entry)
            } catch {
                guard case .defect(let defect) = error else { return .retry(.deviceUnknown) }
                return .defect(defect)
            }
            return try decide(verified, in: &draft)
        }
    }

    /// Whether an entry was decided before.
    ///
    /// One that is the next of its device never was, and nothing is read for it: what is decided moves
    /// the cursor of its device to it, if it is the next one then, and where it is not it can never
    /// become that, because a cursor comes by each number once.
    private func isKnown(_ verified: VerifiedEntry) throws -> Bool {
        let isNext = cursor(of: verified.payload.device).isFollowed(by: verified.payload)
        return try !isNext && known.contains(verified.id, in: store)
    }

    private func cursor(of device: DeviceID) -> DeviceCursor {
        cursors[device] ?? DeviceCursor(sequence: 0, last: .zero)
    }

    private func decide(_ verified: VerifiedEntry, in draft: inout Draft) throws -> Decision {
        let payload = verified.payload
        // Who only introduces themself here must not be able to fill the store with refusals.
        if case .memberEnrolled = payload.body { return .refusedUnsigned(.invitationRequired) }
        guard let device = state.devices[payload.device] else {
            return .refusedUnsigned(.signerNotAllowed)
        }
        let cursor = cursor(of: payload.device)
        if payload.sequence > cursor.sequence + 1 { return .retry(.sequenceGap) }
        let isRevoke = payload.body.kind == .authorizationRevoked
        guard isRevoke || cursor.isFollowed(by: payload) else {
            // Another entry has this number: the refusal must not take one too.
            return refuse(verified, .sequenceReused, consuming: false, in: &draft)
        }
        if !isRevoke, !device.isRevoked,
            try !payload.after.allSatisfy({ try known.isRecorded($0, in: store) })
        {
            return refuse(verified, .dependencyRejected, consuming: true, in: &draft)
        }
        do throws(EntryRejection) {
            try state.apply(verified, at: time)
        } catch {
            return refuse(verified, error, consuming: true, in: &draft)
        }
        let sequenced = record(verified, in: &draft)
        addConsequences(of: verified, in: &draft)
        return .accepted(sequenced)
    }

    /// Signs and applies an entry of the operator.
    func sign(
        _ body: EntryBody, for account: AccountID, after: [Hash] = [], in draft: inout Draft
    ) throws -> SequencedEntry {
        let device = keys.operatorKeys.device
        let cursor = cursor(of: device)
        let payload = EntryPayload(
            account: account, audience: keys.origin, device: device,
            sequence: cursor.sequence + 1, previous: cursor.last, issuedAt: time, body: body,
            after: after)
        let entry = try Entry.signed(payload, with: keys.operatorSigning)
        let verified = try verify(entry)
        try state.apply(verified, at: time)
        return record(verified, in: &draft)
    }

    func verify(_ entry: Entry) throws(EntryVerifier.Failure) -> VerifiedEntry {
        try EntryVerifier.verify(entry, origin: keys.origin) { device in
            // A key the ledger took was readable then.
            state.devices[device].flatMap {
                try? Curve25519.Signing.PublicKey(rawRepresentation: $0.keys.signing)
            }
        }
    }

    /// Gives an applied entry its place.
    func record(_ verified: VerifiedEntry, in draft: inout Draft) -> SequencedEntry {
        let index = LeafIndex(draft.batch.expectedSize + draft.batch.entries.count)
        let chain = verified.chain
        let before = chains[chain] ?? ChainHead()
        let envelope = EntryEnvelope(
            previousHead: before.head, chainSequence: before.sequence + 1, time: time)
        let salt = salts.salt(for: index)
        let sequenced = SequencedEntry(
            index: index, entry: verified.entry, envelope: envelope.bytes, salt: salt,
            leafData: envelope.leafData(entry: verified.id, salt: salt), chain: chain,
            chainSequence: envelope.chainSequence, project: verified.payload.body.project,
            device: verified.payload.device, sequence: verified.payload.sequence)
        chains[chain] = ChainHead(
            sequence: envelope.chainSequence,
            head: AccountChain.next(before.head, entryID: verified.id))
        known.add(verified.id, isRecorded: true)
        entryTime = time
        moveCursor(to: verified, in: &draft)
        draft.batch.entries.append(sequenced)
        if let introduced = verified.payload.body.introducedKeys {
            draft.devices.insert(introduced.device)
        }
        if case .deviceRevoked(let device) = verified.payload.body { draft.devices.insert(device) }
        if case .authorizationGranted(let grant) = verified.payload.body {
            noteReaders(of: grant, by: verified.payload.account)
        }
        return sequenced
    }

    private func refuse(
        _ verified: VerifiedEntry, _ rejection: EntryRejection, consuming: Bool,
        in draft: inout Draft
    ) -> Decision {
        let receipt = RefusalReceipt(
            origin: keys.origin, entry: verified.id, code: rejection.rawValue, time: time)
        let note: SignedNote
        do {
            note = try keys.log.sign(receipt.text)
        } catch {
            logger.error("could not sign a refusal", metadata: ["error": "\(error)"])
            return .retry(.busy)
        }
        let refusal = StoredRefusal(
            entry: verified.id, code: rejection.rawValue, receipt: note.bytes)
        known.add(verified.id, isRecorded: false)
        draft.batch.refusals.append(refusal)
        if consuming { moveCursor(to: verified, in: &draft) }
        return .refused(refusal)
    }

    private func moveCursor(to verified: VerifiedEntry, in draft: inout Draft) {
        let before = cursor(of: verified.payload.device)
        // A revocation is taken under a number that was used before, too: then the cursor stays. Under
        // the next number it moves, whatever the revocation followed.
        guard verified.payload.sequence == before.sequence + 1 else { return }
        let cursor = DeviceCursor(sequence: verified.payload.sequence, last: verified.id)
        cursors[verified.payload.device] = cursor
        draft.batch.cursors[verified.payload.device] = cursor
    }

    /// Adds what an applied entry gives rise to: points, a ward's account, and keys that must go.
    private func addConsequences(of verified: VerifiedEntry, in draft: inout Draft) {
        let account = verified.payload.account
        switch verified.payload.body {
        case .contributionAccepted: accrue(for: verified.id, in: &draft)
        case .wardDeclared(let declared):
            let enrolled = WardEnrolled(declared, guardian: account, declaration: verified.id)
            signOwed(.wardEnrolled(enrolled), for: declared.ward, after: verified.id, in: &draft)
        case .contributionRejected(let rejected):
            if let (owner, resolved) = state.voidOwed(for: rejected.contribution) {
                signOwed(.pointsVoided(resolved), for: owner, after: verified.id, in: &draft)
            }
        case .pointsReserved:
            if let (owner, redeemed) = state.redemptionOwed(for: verified.id) {
                signOwed(.pointsRedeemed(redeemed), for: owner, after: verified.id, in: &draft)
            }
        case .authorizationRevoked(let revoked):
            // With the latest version those before it are of no use to anybody either.
            if let project = state.projects[revoked.project],
                state.latestAuthorization(of: account, in: project)?.revocation != nil
            {
                deleteKeys(of: account, for: revoked.project, in: &draft)
            }
            if revoked.mode == .stopAndErase {
                erase(revoked.project, of: account, after: verified.id, in: &draft)
            }
        case .signupLeft(let project): deleteKeys(of: account, for: project, in: &draft)
        case .lapseConfirmed(let confirmed):
            end(everythingOf: account, confirmed.cause, after: verified.id, in: &draft)
        case .projectClosed(let project): deleteKeys(of: project, in: &draft)
        case .projectTerminated(let terminated): deleteKeys(of: terminated.project, in: &draft)
        default: break
        }
    }

    /// Ends what a member allowed who can decide no more, as each project's terms said.
    private func end(
        everythingOf account: AccountID, _ cause: LapseCause, after confirmation: Hash,
        in draft: inout Draft
    ) {
        for authorization in state.openAuthorizations(of: account) {
            let lapsed = AuthorizationLapsed(
                project: authorization.grant.project, major: authorization.grant.major,
                cause: cause)
            let ended = signOwed(
                .authorizationLapsed(lapsed), for: account, after: confirmation, in: &draft)
            guard let ended else { continue }
            deleteKeys(of: authorization.id, in: &draft)
            erase(lapsed.project, of: account, after: ended, in: &draft)
        }
    }

    /// Deletes the wrapped keys of an authorization with the batch that ends it.
    func deleteKeys(of id: AuthorizationID, in draft: inout Draft) {
        draft.batch.ended.append(id)
        draft.batch.wraps.removeAll { $0.key.authorization == id }
    }

    /// Deletes the wrapped keys of a member's authorizations for all versions of a project.
    private func deleteKeys(
        of account: AccountID, for project: ProjectID, in draft: inout Draft
    ) {
        for major in 1...(state.projects[project]?.terms.major ?? 1) {
            deleteKeys(
                of: AuthorizationID(account: account, project: project, major: major), in: &draft)
        }
    }

    /// Deletes the wrapped keys of erased records of a member: the authorization may go on.
    private func deleteKeys(
        of records: Set<Hash>, of account: AccountID, for project: ProjectID, in draft: inout Draft
    ) {
        for major in 1...(state.projects[project]?.terms.major ?? 1) {
            let id = AuthorizationID(account: account, project: project, major: major)
            guard state.authorizations[id] != nil else { continue }
            for record in records.sorted() { draft.batch.uncovered.append((record, id)) }
            draft.batch.wraps.removeAll {
                $0.key.authorization == id && records.contains($0.record)
            }
        }
    }

    /// Deletes the wrapped keys of every authorization for a project that ends.
    private func deleteKeys(of project: ProjectID, in draft: inout Draft) {
        // Reads every authorization: projects end rarely.
        let ended = state.authorizations.filter { $0.value.grant.project == project }.keys
        for id in ended.sorted() { deleteKeys(of: id, in: &draft) }
    }

    /// Signs the accrual an applied entry earns, if it earns one.
    func accrue(for trigger: Hash, in draft: inout Draft) {
        guard let (owner, accrued) = state.accrualOwed(for: trigger, at: time) else { return }
        signOwed(.pointsAccrued(accrued), for: owner, after: trigger, in: &draft)
    }

    /// Signs what the rules say is owed; a refusal means that two rules disagree.
    ///
    /// - Returns: The entry; `nil` if it was refused.
    @discardableResult
    private func signOwed(
        _ body: EntryBody, for account: AccountID, after trigger: Hash, in draft: inout Draft
    ) -> Hash? {
        do {
            return try sign(body, for: account, after: [trigger], in: &draft).entry.id
        } catch {
            logger.error(
                "the ledger refuses what its rules owe",
                metadata: ["kind": "\(body.kind.rawValue)", "error": "\(error)"])
            return nil
        }
    }

    /// Destroys what a member handed to a project because the member said so, or the terms they
    /// agreed to, and states it.
    func erase(
        _ project: ProjectID, of account: AccountID, after revocation: Hash, in draft: inout Draft
    ) {
        for erased in state.erasuresOwed(to: account, in: project, at: time) {
            signOwed(.recordsErased(erased), for: account, after: revocation, in: &draft)
            destroy(erased, of: account, in: &draft)
        }
    }

    /// Destroys the keys of contributions, and the ciphertext of those that no other project may
    /// still use.
    func destroy(_ erased: RecordsErased, of account: AccountID, in draft: inout Draft) {
        let project = erased.project
        let records = Set(
            erased.contributions.compactMap { state.contributions[$0]?.statement.record })
        deleteKeys(of: records, of: account, for: project, in: &draft)
        var stillUsed = Set<Hash>()
        for (id, other) in state.projects where id != project {
            let contributions = state.contributions(of: Seat(account: account, project: id))
            guard !contributions.isEmpty,
                let authorization = state.latestAuthorization(of: account, in: other),
                authorization.revocation?.mode != .stopAndErase
            else { continue }
            stillUsed.formUnion(
                contributions.compactMap { state.contributions[$0] }.filter { !$0.isErased }
                    .map(\.statement.record))
        }
        for record in records.subtracting(stillUsed).sorted() {
            draft.batch.erased.append((record, account))
        }
    }
}
