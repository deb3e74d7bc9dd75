package import ClientStore
package import LedgerCore
package import Screens
package import SyncCore

/// What a member can decide: the app and the commands do it here, and nowhere else.
///
/// A decision is signed inside the transaction that stores it: what is returned is in the outbox
/// and survives a crash. Rules this machine can check are checked before anything is signed.
package struct MemberActions: Sendable {
    /// The local store.
    package let store: ClientStore
    let keys: VaultKeys
    let enrolment: Enrolment
    let clock: RuntimeClock
    let random: RandomSource

    /// Decides with an open vault on an enrolled store.
    ///
    /// - Throws: `VaultError.missing` before enrolment, `VaultError.damaged` if store and vault
    ///   belong to different devices.
    package init(
        store: ClientStore, keys: VaultKeys, clock: RuntimeClock, random: RandomSource
    ) throws {
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        guard enrolment.device == keys.device else { throw VaultError.damaged }
        self.init(joining: enrolment, store: store, keys: keys, clock: clock, random: random)
    }

    /// Acts for a device whose enrolment the store does not have yet.
    init(
        joining enrolment: Enrolment, store: ClientStore, keys: VaultKeys, clock: RuntimeClock,
        random: RandomSource
    ) {
        self.store = store
        self.keys = keys
        self.enrolment = enrolment
        self.clock = clock
        self.random = random
    }

    /// The member's account.
    package var account: AccountID { enrolment.account }

    // MARK: Sign-up

    /// Joins a project in the version that was read.
    ///
    /// - Parameters:
    ///   - id: The project.
    ///   - version: The version that was shown; `nil` means the current one.
    ///   - seen: The hash of the terms that were shown; `nil` means the current ones.
    /// - Returns: the entry that was queued.
    /// - Throws: `ActionRefusal`, `StoreFailure`.
    @discardableResult
    package func signUp(
        _ id: ProjectID, version: (major: Int64, minor: Int64)? = nil, seen: Hash? = nil
    ) throws -> Hash {
        let detail = try project(id)
        let terms = detail.terms
        guard !detail.isClosed else { throw ActionRefusal(.projectClosed) }
        try checkAuthority(terms)
        let read = version ?? (terms.major, terms.minor)
        guard terms.major == read.major, terms.minor == read.minor,
            seen == nil || seen == terms.hash
        else { throw ActionRefusal(.versionNotCurrent) }
        switch detail.participation {
        case .none, .leaving: break
        case .joining, .joined: throw ActionRefusal(.alreadySignedUp)
        }
        return try queue(
            .signupJoined(.init(project: id, major: read.major, minor: read.minor)),
            seen: terms.hash)
    }

    /// Leaves a project; an authorization for it ends with it.
    @discardableResult
    package func leave(_ id: ProjectID) throws -> Hash {
        switch try project(id).participation {
        case .joining, .joined: return try queue(.signupLeft(id), after: pendingSignUp(id))
        case .none, .leaving: throw ActionRefusal(.notSignedUp)
        }
    }

    // MARK: Authorization

    /// Allows use, and puts the keys of everything contributed on their way to the recipients.
    @discardableResult
    package func grant(_ draft: AuthorizationDraft) throws -> Hash {
        let detail = try project(draft.project)
        let terms = detail.terms
        guard !detail.isClosed else { throw ActionRefusal(.projectClosed) }
        try checkAuthority(terms)
        guard terms.major == draft.major, terms.minor == draft.minor, terms.hash == draft.terms
        else { throw ActionRefusal(.versionNotCurrent) }
        try checkTakesPart(detail)
        guard Set(terms.requiredKinds).isSubset(of: draft.kinds), !draft.kinds.isEmpty else {
            throw ActionRefusal(.requiredKindMissing)
        }
        let purposes = draft.purposes ?? terms.purposes
        guard Set(draft.kinds).isSubset(of: terms.kinds.map(\.kind)),
            draft.until <= terms.useUntil, !purposes.isEmpty,
            Set(purposes).isSubset(of: terms.purposes),
            Set(draft.links).isSubset(of: terms.links)
        else { throw ActionRefusal(.beyondProject) }
        guard draft.until > clock.now else { throw ActionRefusal(.endNotInFuture) }
        let id = AuthorizationID(account: account, project: terms.project, major: terms.major)
        let seen = try store.observedTree()
        let entry = try queue(seen: terms.hash, after: pendingSignUp(terms.project)) {
            try checkStands(draft.changed, id)
            return .authorizationGranted(
                AuthorizationGranted(
                    project: terms.project, major: terms.major, minor: terms.minor,
                    terms: terms.hash, language: draft.language.rawValue, kinds: draft.kinds,
                    purposes: purposes, recipients: terms.recipients,
                    collectionFrom: terms.collectionFrom,
                    collectionUntil: terms.collectionUntil, until: draft.until,
                    eraseAt: terms.eraseAt, cites: try store.latestDecision(for: id),
                    observedSize: seen.size, observedRoot: seen.root,
                    diseases: purposes.contains(.diseaseSpecific) ? terms.diseases : [],
                    links: draft.links))
        }
        try handOverKeys(of: terms.project)
        return entry
    }

    /// Sees that what is to be changed stands as it was shown: a change allows nothing that was
    /// taken back since, in another window or on another device.
    private func checkStands(_ shown: AuthorizationGranted?, _ id: AuthorizationID) throws {
        guard let shown else { return }
        let found = try store.authorizations(at: clock.now).first { $0.id == id }
        guard let line = found, line.state == .active || line.state == .paused,
            line.pending?.kind != .authorizationRevoked,
            (line.pending?.grant ?? line.grant) == shown
        else { throw ActionRefusal(.decisionNotLatest) }
    }

    /// Suspends use.
    @discardableResult
    package func pause(_ subject: AuthorizationSubject) throws -> Hash {
        let line = try authorization(subject)
        guard line.state == .active || line.state == .reconsentDue || line.grantedAt == nil else {
            throw ActionRefusal(.noAuthorization)
        }
        return try queue(.authorizationPaused(subject))
    }

    /// Lets use go on.
    ///
    /// - Parameters:
    ///   - subject: The authorization.
    ///   - shown: The entry of the pause that was shown: one that came since is not ended. `nil`
    ///     where none was shown.
    /// - Returns: The entry.
    /// - Throws: `ActionRefusal`, and what queueing throws.
    @discardableResult
    package func resume(_ subject: AuthorizationSubject, shown: Hash? = nil) throws -> Hash {
        try queue(seen: nil, after: []) {
            let line = try authorization(subject)
            guard line.state == .paused || line.pending?.kind == .authorizationPaused else {
                throw ActionRefusal(.notPaused)
            }
            guard shown == nil || line.pausedBy == shown && line.pending == nil else {
                throw ActionRefusal(.decisionNotLatest)
            }
            try checkAuthority(project(subject.project).terms)
            return .authorizationResumed(subject)
        }
    }

    /// Ends use: never refused, whatever this machine knows.
    @discardableResult
    package func revoke(_ revoked: AuthorizationRevoked) throws -> Hash {
        try queue(.authorizationRevoked(revoked))
    }

    /// Returns the subject of the latest authorization for a project.
    package func subject(of project: ProjectID) throws -> AuthorizationSubject {
        let lines = try store.authorizations(at: clock.now).filter { $0.project == project }
        guard let latest = lines.max(by: { $0.grant.major < $1.grant.major }) else {
            throw ActionRefusal(.noAuthorization)
        }
        return AuthorizationSubject(project: project, major: latest.grant.major)
    }

    private func authorization(_ subject: AuthorizationSubject) throws -> AuthorizationLine {
        let id = AuthorizationID(
            account: account, project: subject.project, major: subject.major)
        guard let line = try store.authorizations(at: clock.now).first(where: { $0.id == id })
        else { throw ActionRefusal(.noAuthorization) }
        return line
    }

    /// Sees that who decides signs here, where the account is a minor's, or was.
    func checkAuthority(_ terms: ProjectTerms) throws {
        guard let standing = try store.wardStanding() else { return }
        let refusal = ComingOfAge.refusal(
            ofGuardians: standing.isGuardians, born: standing.born, for: terms, at: clock.now)
        if let refusal { throw ActionRefusal(refusal) }
    }

    func checkTakesPart(_ detail: ProjectDetail) throws {
        switch detail.participation {
        case .joining, .joined: break
        case .none, .leaving: throw ActionRefusal(.notSignedUp)
        }
    }

    // MARK: Queueing

    /// Returns a project, or says that the catalogue does not have it.
    package func project(_ id: ProjectID) throws -> ProjectDetail {
        guard let detail = try store.project(id, at: clock.now) else {
            throw ActionRefusal(.projectUnknown)
        }
        return detail
    }

    /// The sign-up of a project that is still on its way: what follows depends on it.
    func pendingSignUp(_ project: ProjectID) throws -> [Hash] {
        let waiting = try store.undecided(limit: 10_000) + store.promised()
        return try waiting.compactMap { item in
            guard case .signupJoined(let joined) = try item.entry.payload().body,
                joined.project == project
            else { return nil }
            return item.entry.id
        }.suffix(1)
    }

    func queue(_ body: EntryBody, after: [Hash] = [], seen: Hash? = nil) throws -> Hash {
        try queue(seen: seen, after: after) { body }
    }

    /// Signs inside the transaction that stores; `body` sees what no other process can change.
    func queue(seen: Hash?, after: [Hash], _ body: () throws -> EntryBody) throws -> Hash {
        let now = clock.now
        let ids = try store.enqueue(at: now) { cursor in
            let payload = EntryPayload(
                account: account, audience: enrolment.origin, device: keys.device,
                sequence: cursor.nextSequence, previous: cursor.previous, issuedAt: now,
                body: try body(), after: after, seen: seen)
            return [try Entry.signed(payload, with: keys.signing)]
        }
        guard let id = ids.first else { throw VaultError.damaged }
        return id
    }
}

/// A rule of the ledger that refuses a decision before it is signed.
package struct ActionRefusal: Error, Equatable, CustomStringConvertible, Sendable {
    /// The rule.
    package let rejection: EntryRejection

    /// Names a rule.
    package init(_ rejection: EntryRejection) {
        self.rejection = rejection
    }

    /// The rule's name.
    package var description: String { "\(rejection)" }
}
