import LedgerCore
import SyncCore
import TerminalCore

/// The vault's secret, asked for once more before something is signed.
enum SecretSheet {
    /// What the secret is typed for.
    enum Purpose: Equatable {
        case grant(AuthorizationDraft)
        /// A paused authorization that goes on.
        case resume(AuthorizationSubject, shown: Hash?)
        /// From then on it is not asked for any more.
        case stopAsking
        /// The passphrase is changed: the old one first, where there is one.
        case oldPassphrase
        case newPassphrase(old: String)
        case again(old: String, new: String)
        /// The keys are bound to the keyring of the login, or to none any more.
        case keyring(binds: Bool)

        /// Whether nothing may be typed too: for no passphrase.
        var takesNothing: Bool {
            switch self {
            case .grant, .resume, .stopAsking, .oldPassphrase, .keyring: false
            case .newPassphrase, .again: true
            }
        }
    }

    struct Model: Equatable {
        let purpose: Purpose
        var field = TextField()

        init(_ purpose: Purpose) { self.purpose = purpose }
    }

    static func write(_ sheet: Model, _ model: AppModel, into page: inout Document) {
        let say = model.say
        let isKiosk = model.settings.mode == .kiosk
        switch sheet.purpose {
        case .grant: page.text(say(isKiosk ? SecretText.askSecret : .askPassphrase))
        case .resume:
            page.text(say(isKiosk ? SecretText.askSecretToResume : .askPassphraseToResume))
        case .stopAsking: page.text(say(SecretText.askToStop))
        case .oldPassphrase, .keyring: page.text(say(SecretText.askOld))
        case .newPassphrase:
            page.text(
                model.isBoundToKeyring
                    ? say(KeyringText.askNew.texts) : say(SecretText.askNew))
        case .again(_, let new):
            page.text(say(SecretText.askAgain))
            if SecretText.isGuessable(new), !model.isBoundToKeyring {
                page.text(say(SecretText.guessable), .statusWarning)
            }
        }
        page.blank()
        page.input(
            isKiosk ? say(KioskText.secret.texts) : say(.passphrase),
            SafeText(untrusted: sheet.field.text), hint: "", isFocused: true, isHidden: true)
        page.blank()
        page.text(say(SecretText.checkedHere), .textMuted)
    }

    static func keys(_ sheet: Model) -> [KeyBinding] {
        let go: Phrase =
            switch sheet.purpose {
            case .grant: .confirmGrant
            case .resume: .resume
            case .stopAsking: .stopAsking
            case .oldPassphrase, .newPassphrase, .again: .goOn
            case .keyring(let binds): binds ? .bindKeyring : .unbindKeyring
            }
        return [Overlay.confirm(go), KeyBinding([.escape], .dialog(.closed), .notNow)]
    }

    /// Every key it can have, for `keys.toml`.
    static let allKeys = [Overlay.confirm(.stopAsking)]
}

extension AppModel {
    /// Signs an authorization, after the vault's secret where that is asked for.
    mutating func sign(_ draft: AuthorizationDraft, _ terms: ProjectTerms) -> [Effect] {
        guard asksSecret(ofProject: terms.asksSecret) else { return start(.grant(draft)) }
        return ask(.grant(draft))
    }

    /// Lets a paused authorization go on, after the vault's secret where a grant would take it.
    mutating func resume(_ line: AuthorizationLine) -> [Effect] {
        let subject = AuthorizationSubject(project: line.project, major: line.grant.major)
        guard asksSecret(ofProject: line.asksSecret) else {
            return [perform(.resume(subject, shown: line.pausedBy, secret: nil))]
        }
        return ask(.resume(subject, shown: line.pausedBy))
    }

    /// Asks for the secret that was missing because this window did not know yet that it is wanted.
    ///
    /// - Returns: Whether it is asked for: not where the person has gone on to something else.
    mutating func asksLate(for action: Action, _ id: ActionID) -> Bool {
        let purpose: SecretSheet.Purpose
        switch action {
        case .grant(let draft) where draft.secret == nil: purpose = .grant(draft)
        case .resume(let subject, let shown, nil): purpose = .resume(subject, shown: shown)
        default: return false
        }
        settings.preferences.asksSecret = true
        settings.canLock = true
        guard settings.stage == .open, overlays.isEmpty || overlays.last?.action == id else {
            return false
        }
        if let top = overlays.indices.last { overlays[top].action = nil }
        overlays.append(Overlay(.secret(SecretSheet.Model(purpose))))
        return true
    }

    private mutating func ask(_ purpose: SecretSheet.Purpose) -> [Effect] {
        guard settings.canLock || settings.mode == .kiosk else {
            tell(say(Trouble.noSecret), .warning)
            return []
        }
        overlays.append(Overlay(.secret(SecretSheet.Model(purpose))))
        return []
    }

    /// Whether the person, the project or the machine wants the secret with each authorization.
    private func asksSecret(ofProject asks: Bool) -> Bool {
        settings.mode == .kiosk || asks || settings.preferences.asksSecret && settings.canLock
    }

    /// Turns asking for the secret on; to turn it off takes the secret.
    mutating func chooseSecret() -> [Effect] {
        guard settings.canLock else {
            hint(say(.lockNeedsPassphrase), .warning)
            return []
        }
        guard settings.preferences.asksSecret else {
            settings.preferences.asksSecret = true
            return [perform(.keepPreferences(settings.preferences))]
        }
        overlays.append(Overlay(.secret(SecretSheet.Model(.stopAsking))))
        return []
    }

    /// Whether the keys of this machine are bound to the keyring of a login.
    var isBoundToKeyring: Bool { machine?.isBoundToKeyring == true }

    /// Asks for the passphrase of the keys, the old one first.
    mutating func choosePassphrase() -> [Effect] {
        let first: SecretSheet.Purpose =
            settings.canLock ? .oldPassphrase : .newPassphrase(old: "")
        overlays.append(Overlay(.secret(SecretSheet.Model(first))))
        return []
    }

    /// What Enter does once the secret is typed; the sheet below waits for the answer too.
    mutating func confirm(_ sheet: SecretSheet.Model) -> [Effect] {
        let typed = sheet.field.text
        guard !typed.isEmpty || sheet.purpose.takesNothing, let top = overlays.indices.last else {
            return []
        }
        func ask(_ purpose: SecretSheet.Purpose) {
            overlays[top].content = .secret(SecretSheet.Model(purpose))
        }
        ask(sheet.purpose)
        switch sheet.purpose {
        case .stopAsking: return start(.stopAskingSecret(typed))
        case .resume(let subject, let shown):
            return start(.resume(subject, shown: shown, secret: typed))
        case .oldPassphrase:
            ask(.newPassphrase(old: typed))
            return []
        case .newPassphrase(let old):
            ask(.again(old: old, new: typed))
            return []
        case .again(let old, let new):
            guard new == typed else {
                ask(.newPassphrase(old: old))
                hint(say(SecretText.notTheSame), .warning)
                return []
            }
            // A wrong old one is asked for again.
            ask(settings.canLock ? .oldPassphrase : .newPassphrase(old: ""))
            return start(.changePassphrase(from: old, to: new))
        case .keyring(let binds):
            return startWithSheetBelow(.bindKeyring(passphrase: typed, isBound: binds))
        case .grant(var draft):
            draft.secret = typed
            return startWithSheetBelow(.grant(draft))
        }
    }

    /// Starts what ends the sheet below the one on top, too.
    private mutating func startWithSheetBelow(_ action: Action) -> [Effect] {
        let effects = start(action)
        let top = overlays.count - 1
        if top > 0 { overlays[top - 1].action = overlays[top].action }
        return effects
    }

    /// Whether what is typed must not be seen.
    package var hidesText: Bool {
        if settings.stage != .open { return settings.stage == .locked }
        if case .secret? = overlays.last?.content { return true }
        return false
    }
}
