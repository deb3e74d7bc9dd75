import TerminalCore

/// Binds the keys of this machine to the keyring of the login, or to none any more.
enum KeyringSheet {
    static func write(_ model: AppModel, into page: inout Document) {
        let say = model.say
        guard let machine = model.machine else { return page.text(say(.oneMoment)) }
        guard !machine.isBoundToKeyring else {
            page.text(say(KeyringText.isBound.texts))
            page.blank()
            return page.text(say(KeyringText.unbinding.texts))
        }
        page.text(say(KeyringText.meaning.texts))
        page.blank()
        page.text(say(KeyringText.whenLost.texts))
        if machine.devices.count(where: { $0.removedAt == nil }) < 2 {
            page.text(say(KeyringText.onlyDevice.texts), .statusWarning)
        }
        page.blank()
        page.text(say(KeyringText.export.texts), .textMuted)
        page.text(say(KeyringText.copies.texts), .textMuted)
        if !model.settings.canLock {
            page.text(say(KeyringText.noPassphrase.texts), .statusWarning)
        }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        guard let machine = model.machine else { return [Overlay.close] }
        return Overlay.decision(machine.isBoundToKeyring ? .unbindKeyring : .bindKeyring)
            + Overlay.scrolling
    }
}

extension AppModel {
    /// Seals the keys anew, after the passphrase where they have one.
    mutating func confirmKeyring() -> [Effect] {
        guard let machine else { return [] }
        let binds = !machine.isBoundToKeyring
        guard settings.canLock else {
            return start(.bindKeyring(passphrase: "", isBound: binds))
        }
        overlays.append(Overlay(.secret(SecretSheet.Model(.keyring(binds: binds)))))
        return []
    }
}
