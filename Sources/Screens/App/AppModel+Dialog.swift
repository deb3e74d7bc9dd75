import TerminalCore
import LedgerCore
import SyncCore

extension AppModel {
    /// What happened in the sheet or overlay on top.
    mutating func updateDialog(_ message: DialogMessage) -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        if case .catalogue(let overlay) = overlays[top].content,
            let effects = dialog(overlay, message, top)
        {
            return effects
        }
        switch message {
        case .moved(let step): return moveFocus(step)
        case .pagesMoved(let pages):
            return moveFocus(pages * max(room(for: overlays[top]).rows - 3, 1))
        case .picked(let choice):
            let isSame = overlays[top].focus == choice
            _ = moveFocus(choice - focusPosition(top))
            if overlays[top].picksByClick { return isSame ? confirm() : [] }
            return updateDialog(.toggled)
        case .pointed(let choice): return moveFocus(choice - focusPosition(top))
        case .taken(let choice): return moveFocus(choice - focusPosition(top)) + confirm()
        case .toggled, .allToggled, .rangeMarked, .dragged:
            if case .grant(let grant) = overlays[top].content, message == .toggled {
                return toggle(grant, overlays[top].focus)
            }
            toggle(message, top)
            return []
        case .confirmed: return confirm()
        case .steppedBack: return stepBack()
        case .closed:
            if case .themes(let former) = overlays[top].content { settings.theme = former }
            if case .work = overlays[top].content {
                closeWork()
                return []
            }
            if let id = overlays[top].action, !overlays[top].isEnding, running[id]?.work != nil {
                return end(id)
            }
            let closed = overlays.removeLast()
            switch closed.content {
            case .addDevice: return [perform(.endInvitation)]
            case .grant(let grant) where closed.action == nil: leave(grant)
            default: break
            }
            return []
        }
    }

    private func focusPosition(_ top: Int) -> Int {
        overlays[top].table?.selection ?? overlays[top].focus
    }

    // MARK: Moving

    private mutating func moveFocus(_ step: Int) -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        let room = room(for: overlays[top])
        if var table = overlays[top].table {
            table.move(step, rows: room.rows)
            overlays[top].table = table
            return table.missing(rows: room.rows).map { [load($0)] } ?? []
        }
        let count = overlays[top].choiceCount(self)
        guard count > 0 else {
            let length = overlays[top].document(self, width: room.columns, rows: room.rows)
                .rows.count
            overlays[top].scroll = min(
                max(overlays[top].scroll + step, 0), max(length - room.rows, 0))
            return []
        }
        let former = overlays[top].focus
        overlays[top].focus = min(max(former + step, 0), count - 1)
        // Past the last choice the text below it comes into view.
        let isPast = step > 0 && overlays[top].focus == former
        overlays[top].scroll =
            isPast
            ? overlays[top].document(self, width: room.columns, rows: room.rows).rows.count : 0
        if case .themes = overlays[top].content {
            settings.theme = settings.themes[overlays[top].focus]
        }
        return []
    }

    private mutating func toggle(_ message: DialogMessage, _ top: Int) {
        if var table = overlays[top].table, overlays[top].canStrike {
            table.strike(message)
            overlays[top].table = table
        } else if case .account(var overlay) = overlays[top].content, message == .toggled {
            overlay.toggle(overlays[top].focus)
            overlays[top].content = .account(overlay)
        }
    }

    // MARK: Deciding

    mutating func start(_ action: Action) -> [Effect] {
        let effect = perform(action)
        if case .perform(let id, _) = effect, let top = overlays.indices.last {
            overlays[top].action = id
        }
        return [effect]
    }

    private mutating func confirm() -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        let focus = overlays[top].focus
        switch overlays[top].content {
        case .signUp(let detail): return confirmSignUp(detail)
        case .leave(let detail): return start(.leave(detail.terms.project))
        case .grant(let grant): return confirm(grant, focus)
        case .revokeWhich(let lines):
            guard lines.indices.contains(focus) else { return [] }
            overlays[top] = Overlay(.revoke(lines[focus]))
            return []
        case .revoke(let line):
            let mode = RevocationMode.allCases[min(focus, RevocationMode.allCases.count - 1)]
            return start(
                .revoke(
                    AuthorizationRevoked(
                        project: line.project, major: line.grant.major, mode: mode)))
        case .contribute(let contribute): return step(contribute, focus)
        case .picker(let picker): return choose(picker, focus)
        case .erase(let record): return start(.eraseRecord(record.id))
        case .refusal(let line):
            overlays.removeLast()
            return [perform(.markRefusalRead(line.entry))]
        case .palette(let palette): return run(palette, focus)
        case .settings:
            let all = Setting.allCases
            return all.indices.contains(focus)
                ? AppModel.update(&self, .settingChosen(all[focus])) : []
        case .removeDevice(let device): return start(.revokeDevice(device.id))
        case .addDevice(let model): return model.admission.map { start($0) } ?? []
        case .wards(let wards): return actFor(wards, focus)
        case .declareWard(let field): return declare(field)
        case .themes:
            overlays.removeLast()
            return [perform(.keepPreferences(settings.preferences))]
        case .languages:
            overlays.removeLast()
            settings.language = Language.allCases[focus]
            return [perform(.keepPreferences(settings.preferences))]
        case .account(let overlay): return confirm(overlay, focus)
        case .secret(let sheet): return confirm(sheet)
        case .quit: return [.quit]
        case .work: return updateDialog(.closed)
        case .rowSorts: return updateRows(.sortPicked)
        case .rows, .entry, .proof, .help, .notices, .keyList, .node, .devices, .catalogue:
            overlays.removeLast()
            return []
        }
    }

    private mutating func step(_ former: Contribute.Model, _ focus: Int) -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        var contribute = former
        if contribute.step == .summary {
            return contribute.draft.map { start(.contribute($0)) } ?? []
        }
        if contribute.step == .rows, contribute.leaving == 0 {
            tell(say(.nothingLeft), .warning)
            return []
        }
        contribute.stepForward(focus)
        overlays[top].content = .contribute(contribute)
        overlays[top].focus = 0
        overlays[top].scroll = 0
        guard contribute.step == .rows, let record = contribute.record else { return [] }
        let dates = findOutside(contribute)
        guard contribute.table?.hasRows == false else { return dates }
        return [load(.recordRows(record: record.id, offset: 0, limit: RowTable.pageLength))]
            + dates
    }

    private mutating func stepBack() -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        overlays[top].scroll = 0
        switch overlays[top].content {
        case .grant(let grant): return stepBack(grant)
        case .contribute(var contribute):
            guard contribute.stepBack() else { return updateDialog(.closed) }
            overlays[top].content = .contribute(contribute)
            overlays[top].focus = 0
        default: return updateDialog(.closed)
        }
        return []
    }

    private mutating func choose(_ picker: Picker.Model, _ focus: Int) -> [Effect] {
        switch picker.choice(focus) {
        case .folder(let path): return open(path, in: picker)
        case .file(let path): return start(.importFiles([path]))
        case nil: return []
        }
    }

    /// Reads a folder for the picker on top.
    private mutating func open(_ path: String, in former: Picker.Model) -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        var picker = former
        picker.wait()
        overlays[top] = Overlay(.picker(picker))
        return [load(.folder(path), then: .picker)]
    }

    /// Gives the folder that was read to the picker that waits for it, if it is still there.
    mutating func takeFolder(_ listing: FolderListing?) {
        for index in overlays.indices {
            guard case .picker(var picker) = overlays[index].content, picker.isReading else {
                continue
            }
            picker.take(listing)
            overlays[index].content = .picker(picker)
        }
    }

    private mutating func run(_ palette: Palette.Model, _ focus: Int) -> [Effect] {
        let items = palette.items(say)
        overlays.removeLast()
        guard items.indices.contains(focus) else { return [] }
        switch items[focus] {
        case .command(let command):
            if let reason = command.disabled {
                hint(say(reason), .warning)
                return []
            }
            return AppModel.update(&self, command.message)
        case .elsewhere(let command):
            return AppModel.update(&self, .elsewhere(command.place, command.binding.message))
        case .setting(let setting): return AppModel.update(&self, .settingChosen(setting))
        case .saved(let filter): return AppModel.update(&self, .catalogue(.filterChosen(filter)))
        case .project(let line): return AppModel.update(&self, .projectSought(line.title))
        }
    }
}

extension Overlay {
    /// The table of rows it shows, if it shows one.
    var table: RowTable? {
        get {
            switch content {
            case .rows(let table): table
            case .contribute(let contribute): contribute.step == .rows ? contribute.table : nil
            default: nil
            }
        }
        set {
            guard let newValue else { return }
            switch content {
            case .rows: content = .rows(newValue)
            case .contribute(var contribute):
                contribute.table = newValue
                content = .contribute(contribute)
            default: break
            }
        }
    }

    var isTable: Bool { table != nil }

    /// Whether it wants what width there is.
    var isWide: Bool {
        if case .catalogue(let overlay) = content { overlay.isWide } else { false }
    }

    /// Whether rows can be struck in its table.
    var canStrike: Bool {
        if case .contribute = content { true } else { false }
    }

    /// Whether a second click on a choice takes it; else a click ticks it, or moves to it: where
    /// taking it signs, the choice that has the keys from the start was clicked by nobody yet.
    var picksByClick: Bool {
        switch content {
        case .grant(let grant): !grant.isTicked
        case .contribute(let contribute): contribute.step != .rows
        case .revoke, .account(.extend), .account(.wishes): false
        case .account(.narrow), .catalogue(.filters), .catalogue(.profile): false
        default: true
        }
    }
}
