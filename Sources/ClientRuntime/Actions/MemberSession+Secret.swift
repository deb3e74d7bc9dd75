package import LedgerCore
package import Screens
import SyncCore
import Synchronization

extension MemberSession {
    /// Allows use, after the vault's secret where policy asks for it.
    ///
    /// The person, the terms of the project or a shared machine may want the secret with each
    /// authorization. It is compared with the vault's here, and goes no further. What another device
    /// has to open for the authorization is among `troubles`.
    ///
    /// - Throws: `SecretProblem`, and what `MemberActions.grant` throws; nothing is signed then.
    @discardableResult
    package func grant(_ draft: AuthorizationDraft) throws -> Hash {
        let (entry, note) = try sign(draft)
        if let note { keep(note) }
        return entry
    }

    /// Allows use as `grant` does.
    ///
    /// - Returns: The entry, and what the person is to know of it besides.
    func sign(_ draft: AuthorizationDraft) throws -> (entry: Hash, note: Trouble?) {
        let actions = try actions()
        try check(draft.secret, for: draft.project, actions)
        let entry = try actions.grant(draft)
        do {
            let names = ContributionName.names(of: try actions.keptElsewhere(draft))
            return (entry, names.isEmpty ? nil : .keysElsewhere(of: names))
        } catch {
            // It is signed, whatever can be read now.
            return (entry, Trouble(error))
        }
    }

    /// Lets a paused authorization go on: allows use again, so it takes what a grant takes.
    ///
    /// - Throws: `SecretProblem`, and what `MemberActions.resume` throws; nothing is signed then.
    @discardableResult
    package func resume(
        _ subject: AuthorizationSubject, shown: Hash? = nil, secret: String?
    ) throws -> Hash {
        let actions = try actions()
        try check(secret, for: subject.project, actions)
        return try actions.resume(subject, shown: shown)
    }

    private func check(_ secret: String?, for project: ProjectID, _ actions: MemberActions) throws {
        guard try wantsSecret(for: project, actions) else { return }
        guard let secret else { throw SecretProblem.needed }
        try checkSecret(secret)
    }

    /// Whether an authorization of a project takes the vault's secret.
    private func wantsSecret(for project: ProjectID, _ actions: MemberActions) throws -> Bool {
        if isOnlineOnly { return true }
        if try (guardian ?? self).wishesSecret() { return true }
        guard try actions.project(project).terms.asksSecret else { return false }
        guard canLock else { throw SecretProblem.none }
        return true
    }

    /// Whether the person wants the secret with each authorization, and there is one: another window
    /// may have turned that on, or set a passphrase, since this one was opened.
    private func wishesSecret() throws -> Bool {
        let isWished =
            try profile.look.asksSecret
            || Profile.read(from: folders.profileFile).look.asksSecret
        return try isWished && (canLock || currentVault().hasPassphrase)
    }

    /// Stops asking for the secret with each authorization of the person's own wish.
    func stopAskingSecret(_ secret: String) throws {
        try checkSecret(secret)
        try changeProfile { $0.look.asksSecret = false }
        (guardian ?? self).state.withLock { state in
            if state.shown != nil { state.shown?.asksSecret = false }
        }
    }

    /// Compares a secret with the vault's.
    private func checkSecret(_ secret: String) throws {
        do {
            _ = try opened(with: secret)
        } catch VaultError.wrongPassphrase {
            throw SecretProblem.wrong
        }
    }
}

/// Why an authorization was not signed for want of the vault's secret.
package enum SecretProblem: Error, Equatable, CustomStringConvertible, Sendable {
    /// It was not typed.
    case needed
    /// It is not the one of the vault.
    case wrong
    /// It is not the one of the vault, and after so many more wrong ones the keys are destroyed.
    case lastTries(left: Int)
    /// It was tried too often; it can be tried again after so many minutes.
    case wait(minutes: Int)
    /// It is asked for, and the vault has none.
    case none

    /// What to tell the person, in both languages.
    package var trouble: Trouble {
        switch self {
        case .needed, .wrong: .wrongSecret
        case .lastTries(let left): .lastTries(left: left)
        case .wait(let minutes): .secretWait(minutes: minutes)
        case .none: .noSecret
        }
    }

    /// What to tell the person.
    package var description: String { trouble.texts.english }
}
