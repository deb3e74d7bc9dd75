import LedgerCore
import SyncCore
import TerminalCore

/// Everything a person can set, with what it is set to.
enum SettingsSheet {
    static func write(_ model: AppModel, focus: Int, into page: inout Document) {
        let say = model.say
        for (index, setting) in Setting.allCases.enumerated() {
            page.choice(
                index, isFocused: index == focus, [Run(say(setting.name))],
                trailing: [Run(setting.value(model), .textMuted)])
        }
        page.blank()
        if Setting.allCases.indices.contains(focus) {
            page.text(say(Setting.allCases[focus].explained), .textMuted)
        }
        if let machine = model.machine {
            page.blank()
            page.field(
                say(.configFile), SafeText(untrusted: machine.configFile), .textMuted)
        }
    }
}

/// The keys of every part of the app, with those the person changed.
enum KeyList {
    static func write(_ model: AppModel, into page: inout Document) {
        let say = model.say
        page.text(say(.keysExplained), .textMuted)
        if let machine = model.machine {
            page.field(say(.keysFile), SafeText(untrusted: machine.keysFile))
        }
        for scope in KeyScope.allCases {
            page.blank()
            page.heading("[\(scope.rawValue)]")
            let bindings = model.settings.keys.table(scope)
            let column = page.keyColumn(bindings, atLeast: 16)
            for binding in bindings {
                page.line([
                    Run(page.textWidth.pad(binding.labels, cells: column), .key),
                    Run(page.textWidth.pad("\(binding.name)", cells: 20)),
                    Run(say(binding.help), .textMuted),
                ])
            }
        }
    }
}

/// The node and the ledger this machine is tied to.
enum NodeCard {
    static func write(_ model: AppModel, into page: inout Document) {
        let say = model.say
        guard let machine = model.machine else { return page.text(say(.oneMoment), .textMuted) }
        page.text(say(.nodeExplained), .textMuted)
        page.blank()
        page.field(say(.nodeAddress), SafeText(untrusted: machine.node), labelWidth: 12)
        page.field(say(.ledgerName), SafeText(untrusted: machine.origin), labelWidth: 12)
        page.field(say(.ledgerKey), SafeText(untrusted: machine.fingerprint), labelWidth: 12)
        page.field(
            say(.lastVerified),
            machine.verifiedAt.map {
                say.count(.entryCount, Int(machine.verifiedSize)) + " · " + say.dateTime($0)
            } ?? say(.nothingYet), labelWidth: 12)
        if let root = machine.root {
            page.field(say(.rootHash), SafeText(untrusted: root.hex), .textMuted, labelWidth: 12)
        }
    }
}

/// The devices that may sign for the account.
enum Devices {
    static func write(_ model: AppModel, focus: Int, into page: inout Document) {
        let say = model.say
        guard let machine = model.machine else { return page.text(say(.oneMoment), .textMuted) }
        page.text(say(.devicesExplained), .textMuted)
        page.blank()
        for (index, device) in machine.devices.enumerated() {
            let state: [Run] =
                device.removedAt.map { [Run(say(.removedOn, say.shortDate($0)), .statusWarning)] }
                ?? (device.isHere ? [Run(say(.thisDevice), .statusOK)] : [])
            page.choice(
                index, isFocused: index == focus,
                [Run(SafeText(untrusted: device.id.text))], trailing: state,
                note: say(.addedOn, say.date(device.since)))
        }
        if machine.devices.isEmpty { page.text(say(.nothingYet), .textMuted) }
        guard let comparison = machine.comparison else { return }
        page.blank()
        page.text(say(DeviceText.compareAccounts.texts), .textMuted)
        page.text(SafeText(untrusted: comparison))
    }

    /// Asks before a device is removed.
    static func writeRemoval(
        _ device: MachineView.Device, _ say: Words, into page: inout Document
    ) {
        page.text(SafeText(untrusted: device.id.text), .textStrong)
        page.blank()
        page.text(say(.removalMeaning))
        if device.isHere { page.text(say(.removalHere), .statusWarning) }
    }
}
