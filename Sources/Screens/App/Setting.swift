import LedgerCore
import TerminalCore

/// Something a person can set, in the order shown.
package enum Setting: CaseIterable, Equatable, Sendable {
    case theme, language, selection, motion, ambiguousWidth, mouse, digits, lock, secret
    case keys, node, devices, passphrase
}

extension Setting {
    /// Its name.
    var name: Phrase {
        switch self {
        case .theme: .themesTitle
        case .language: .languagesTitle
        case .selection: .settingSelection
        case .motion: .settingMotion
        case .ambiguousWidth: .settingAmbiguous
        case .mouse: .settingMouse
        case .digits: .settingDigits
        case .lock: .settingLock
        case .passphrase: .settingPassphrase
        case .secret: .settingSecret
        case .keys: .helpTitle
        case .node: .settingNode
        case .devices: .settingDevices
        }
    }

    /// What it is set to; empty for one that only opens.
    func value(_ model: AppModel) -> SafeText {
        let chosen = model.settings.preferences
        let say = model.say
        switch self {
        case .theme: return say.theme(chosen.theme)
        case .language: return say(.languageName)
        case .selection: return say(chosen.marksByBar ? .selectionBar : .selectionMarker)
        case .motion: return say(chosen.reducesMotion ? .motionReduced : .motionShown)
        case .ambiguousWidth:
            return say.count(.cellCount, chosen.ambiguous == .two ? 2 : 1)
        case .mouse: return say(chosen.usesMouse ? .settingOn : .settingOff)
        case .digits: return say(chosen.digitsCount ? .digitsCount : .digitsPlaces)
        case .lock:
            return chosen.lockAfterMinutes == 0
                ? say(.lockNever) : say.count(.lockAfter, chosen.lockAfterMinutes)
        case .passphrase:
            guard model.isBoundToKeyring else {
                return say(model.settings.canLock ? .settingOn : .settingOff)
            }
            let text: KeyringText = model.settings.canLock ? .settingBoth : .settingAlone
            return say(text.texts)
        case .secret: return say(chosen.asksSecret ? .settingOn : .settingOff)
        case .keys:
            let changed = model.settings.keys.keys.values.reduce(0) { $0 + $1.count }
            return changed == 0 ? say(.keysUnchanged) : say.count(.keysChanged, changed)
        case .node: return SafeText(untrusted: model.machine?.node ?? "")
        case .devices:
            let count = model.machine?.devices.count { $0.removedAt == nil } ?? 0
            return count == 0 ? "" : say.count(.deviceCount, count)
        }
    }

    /// What choosing it means, below the list.
    var explained: Sentence {
        switch self {
        case .theme: .themeExplained
        case .language: .languageExplained
        case .selection: .selectionExplained
        case .motion: .motionExplained
        case .ambiguousWidth: .ambiguousExplained
        case .mouse: .mouseExplained
        case .digits: .digitsExplained
        case .lock: .lockExplained
        case .passphrase: .passphraseExplained
        case .secret: .secretExplained
        case .keys: .keysExplained
        case .node: .nodeExplained
        case .devices: .devicesExplained
        }
    }

    /// The spans of time offered before the vault is locked, in minutes.
    static let lockMinutes = [0, 2, 5, 10, 15, 30, 60]
}

/// What is put into the clipboard.
package enum Copied: Equatable, Sendable {
    /// The title, the file's name, or the receipt where one is shown.
    case title
    /// The id of the project or the entry.
    case id
}
