import LedgerCore
import SyncCore
import TerminalCore

/// The vault's secret, asked for once more before something is signed.
enum SecretSheet {
    /// What the secret is typed for.
    enum Purpose: Equatable {
        case grant(AuthorizationDraft)
        /// A paused authorization that goes on.
        case resume(AuthorizationSubject)
        /// From then on it is not asked for any more.
        case stopAsking
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
            return [perform(.resume(subject, secret: nil))]
        }
        return ask(.resume(subject))
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

    /// What Enter does once the secret is typed; the sheet below waits for the answer too.
    mutating func confirm(_ sheet: SecretSheet.Model) -> [Effect] {
        guard !sheet.field.text.isEmpty, let top = overlays.indices.last else { return [] }
        overlays[top].content = .secret(SecretSheet.Model(sheet.purpose))
        switch sheet.purpose {
        case .stopAsking: return start(.stopAskingSecret(sheet.field.text))
        case .resume(let subject): return start(.resume(subject, secret: sheet.field.text))
        case .grant(var draft):
            draft.secret = sheet.field.text
            let effects = start(.grant(draft))
            if top > 0 { overlays[top - 1].action = overlays[top].action }
            return effects
        }
    }

    /// Whether what is typed must not be seen.
    package var hidesText: Bool {
        if settings.stage != .open { return settings.stage == .locked }
        if case .secret? = overlays.last?.content { return true }
        return false
    }
}
