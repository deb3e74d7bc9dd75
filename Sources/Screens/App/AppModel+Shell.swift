package import LedgerCore
import SyncCore
import TerminalCore

/// Settings, the palette's finds, the clipboard, the lock.
extension AppModel {
    mutating func updateShell(_ message: Message) -> [Effect] {
        switch message {
        case .settingsRequested:
            guard settings.mode == .personal else { return [] }
            overlays.append(Overlay(.settings))
            return [load(.machine)]
        case .settingChosen(let setting): return choose(setting)
        case .workRequested:
            overlays.append(Overlay(.work))
            return []
        case .workStopRequested: return cancelWork()
        case .checkRequested:
            guard !running.values.contains(.checkLedger) else { return [] }
            return [perform(.checkLedger)]
        case .configurationReread: return [perform(.rereadConfiguration)]
        case .configured(let configuration): return adopt(configuration)
        case .copyRequested(let what): return copy(what)
        case .lockRequested: return settings.canLock ? [perform(.lock)] : []
        case .deviceRemovalRequested:
            guard let device = selectedDevice, device.removedAt == nil else { return [] }
            overlays.append(Overlay(.removeDevice(device)))
            return []
        case .deviceAdditionRequested: return AddDevice.begin(&self)
        case .wardsRequested: return settings.mode == .personal ? [load(.wards)] : []
        case .wardAdditionRequested:
            overlays.append(Overlay(.declareWard(TextField())))
            return []
        case .projectSought(let title): return show(title)
        default: return []
        }
    }

    // MARK: Settings

    private mutating func choose(_ setting: Setting) -> [Effect] {
        guard settings.mode == .personal else { return [] }
        switch setting {
        case .theme: return AppModel.update(&self, .themesRequested)
        case .language: return AppModel.update(&self, .languagesRequested)
        case .selection: settings.preferences.marksByBar.toggle()
        case .motion: settings.preferences.reducesMotion.toggle()
        case .ambiguousWidth:
            settings.preferences.ambiguous = settings.preferences.ambiguous == .one ? .two : .one
        case .mouse: settings.preferences.usesMouse.toggle()
        case .digits: settings.preferences.digitsCount.toggle()
        case .lock:
            guard settings.canLock else {
                hint(say(.lockNeedsPassphrase), .warning)
                return []
            }
            let spans = Setting.lockMinutes
            let next = spans.first { $0 > settings.preferences.lockAfterMinutes }
            settings.preferences.lockAfterMinutes = next ?? 0
        case .passphrase: return choosePassphrase()
        case .secret: return chooseSecret()
        case .keys:
            overlays.append(Overlay(.keyList))
            return machine == nil ? [load(.machine)] : []
        case .node:
            overlays.append(Overlay(.node))
            return machine == nil ? [load(.machine)] : []
        case .devices:
            overlays.append(Overlay(.devices))
            return machine == nil ? [load(.machine)] : []
        }
        return [perform(.keepPreferences(settings.preferences))]
    }

    private mutating func adopt(_ configuration: Configuration) -> [Effect] {
        settings.preferences = configuration.preferences
        settings.keys = configuration.keys
        if configuration.problems.isEmpty {
            hint(say(.configurationRead), .done)
        }
        for problem in configuration.problems { tell(problem.text(say), .warning) }
        return []
    }

    /// The device of the line that has the keys, while devices are shown.
    var selectedDevice: MachineView.Device? {
        guard case .devices? = overlays.last?.content, let machine else { return nil }
        let focus = overlays.last?.focus ?? 0
        return machine.devices.indices.contains(focus) ? machine.devices[focus] : nil
    }

    // MARK: Palette

    /// Opens the projects with a title searched for and its terms open.
    private mutating func show(_ title: LocalizedText) -> [Effect] {
        overlays = []
        place = .projects
        Projects.seek(&self, say(title).string)
        let effects = reload()
        projects.list.isDetailOpen = true
        return effects
    }

    // MARK: Clipboard

    /// The longest text that terminals take, in bytes of Base64 (k9s' figure).
    static let clipboardLimitBytes = 74_994

    private mutating func copy(_ what: Copied) -> [Effect] {
        guard settings.mode.mayUseFiles, let text = copyable(what), !text.isEmpty else { return [] }
        guard (text.utf8.count + 2) / 3 * 4 <= Self.clipboardLimitBytes else {
            hint(say(.copyTooLong), .warning)
            return []
        }
        let shown = settings.textWidth.truncate(SafeText(untrusted: text), cells: 60)
        hint(say(.copied, shown), .done)
        return [.copy(text)]
    }

    /// What `y` copies here; `nil` where there is nothing.
    func copyable(_ what: Copied) -> String? {
        switch overlays.last?.content {
        case .proof(let proof): return what == .title ? proof.proof.receipt : proof.proof.entry.hex
        case .entry(let line), .refusal(let line): return line.entry.hex
        case .account(.code(let proof)):
            return what == .title ? ReceiptCodeSheet.code(proof).text : proof.entry.hex
        case .devices: return selectedDevice?.id.text
        case .node: return machine.map { what == .title ? $0.node : $0.fingerprint }
        case nil: break
        default: return nil
        }
        if let entry = focusedEntry { return what == .id ? entry.hex : focusedTitle }
        if place == .records { return records.selected?.fileName }
        return what == .id ? focusedProject?.text : focusedTitle
    }

    private var focusedTitle: String? {
        let title: LocalizedText?
        switch place {
        case .projects: title = projects.selected?.title
        case .authorizations: title = authorizations.selected?.title
        case .points: title = points.selected?.title
        case .activity: title = activity.selected?.title
        case .home: title = home.selected?.line?.title
        case .records: title = nil
        }
        return title.map { say($0).string }
    }

    // MARK: Lock

    /// Seconds until the vault is locked, while that is less than a minute away.
    var lockCountdown: Int? {
        guard settings.stage == .open, let end = lockTime else { return nil }
        let rest = end.milliseconds - settings.now.milliseconds
        return rest <= 60_000 ? Int(max(rest + 999, 0) / 1_000) : nil
    }

    private var lockTime: Timestamp? {
        let minutes = settings.preferences.lockAfterMinutes
        guard settings.canLock, minutes > 0 else { return nil }
        return Timestamp(milliseconds: lastKeyAt.milliseconds + Int64(minutes) * 60_000)
    }

    /// Takes the time; locks the vault when no key came for as long as the person chose.
    mutating func tick(_ time: Timestamp) -> [Effect] {
        let former = settings.now.month
        settings.now = time
        guard settings.stage == .open else { return [] }
        // What is counted by months begins a new one.
        let read = time.month == former ? [] : reload()
        guard let end = lockTime, time >= end, !running.values.contains(.lock) else { return read }
        return read + [perform(.lock)]
    }

    /// When the clock has to be told next: at the next minute, and more often while the person can
    /// see the time run out before the vault is locked.
    package static func nextTick(_ model: AppModel, after time: Timestamp) -> Timestamp {
        let minute = (time.milliseconds / 60_000 + 1) * 60_000
        guard model.settings.stage == .open, let end = model.lockTime else {
            return Timestamp(milliseconds: minute)
        }
        let start = end.milliseconds - 60_000
        if time.milliseconds < start { return Timestamp(milliseconds: min(minute, start)) }
        let step: Int64 = model.settings.preferences.reducesMotion ? 10_000 : 1_000
        let passed = (time.milliseconds - start) / step + 1
        return Timestamp(milliseconds: start + passed * step)
    }
}
