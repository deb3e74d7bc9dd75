import SyncCore
package import TerminalCore

extension AppModel {
    /// Draws the state: the same state gives the same frame.
    package static func view(_ model: AppModel) -> Frame {
        finished(paint(model, model.keyTables))
    }

    static func finished(_ painter: Painter) -> Frame { painter.finished(name: "accord") }

    static func paint(_ model: AppModel, _ keys: KeyTables) -> Painter {
        let size = model.settings.size
        var painter = Painter(
            size: size, textWidth: model.settings.textWidth, say: model.say,
            marksByBar: model.settings.preferences.marksByBar)
        if Layout.isTooSmall(size) {
            model.paintTooSmall(&painter)
        } else if model.settings.stage != .open {
            Welcome.paint(model, &painter)
            model.paintBottom(keys, &painter)
        } else {
            model.paintHeader(&painter)
            model.paintBody(&painter)
            model.paintBottom(keys, &painter)
        }
        guard !Layout.isTooSmall(size) else { return painter }
        for (index, overlay) in model.overlays.enumerated() {
            model.paint(overlay, isTop: index == model.overlays.count - 1, &painter)
        }
        return painter
    }

    private func paintTooSmall(_ painter: inout Painter) {
        let text = say(.tooSmall, "40×12")
        let lines = painter.textWidth.wrap(text, cells: max(settings.size.columns, 1))
        for (row, line) in lines.enumerated() {
            painter.write([Run(line)], row: row, in: Rect(settings.size))
        }
        painter.nodes.append(SemanticNode(.text, text))
    }

    // MARK: Header

    private func paintHeader(_ painter: inout Painter) {
        let row = Rect(row: 0, column: 0, rows: 1, columns: settings.size.columns)
        let status = statusRuns
        let width = painter.textWidth
        let statusCells = status.reduce(0) { $0 + width.cells(of: $1.text) }
        let names = Place.allCases.map { say($0.name) }
        let all = names.reduce(0) { $0 + width.cells(of: $1) + 4 }
        let brand = all + 10 <= row.columns ? 9 : 1
        let isFull = all + brand <= row.columns
        if brand > 1 { painter.write([Run("accord", .brand)], row: 0, column: 1, in: row) }
        var column = brand
        var tabs: [SemanticNode] = []
        for (index, item) in Place.allCases.enumerated() {
            let isHere = item == place
            let start = column
            column = painter.write(
                [Run("\(item.rawValue)", isHere ? .tabActive : .key)], row: 0, column: column,
                in: row)
            if isFull || isHere {
                column = painter.write(
                    [Run(" " + names[index], isHere ? .tabActive : .tab)], row: 0, column: column,
                    in: row)
            }
            painter.hits.append(
                HitArea(
                    rect: Rect(row: 0, column: start, rows: 1, columns: column - start),
                    message: .placeChosen(item)))
            tabs.append(SemanticNode(.tab, names[index], states: isHere ? [.selected] : []))
            column += 2
        }
        painter.nodes.append(SemanticNode(.tabs, say(.places), children: tabs))
        painter.rule(row: 1)
        let fits = column + statusCells + 1 <= row.columns
        let line = fits ? row : Rect(row: 1, column: 0, rows: 1, columns: row.columns)
        let shown = fits ? status : [Run(" ")] + status + [Run(" ")]
        let used = shown.reduce(0) { $0 + width.cells(of: $1.text) }
        painter.write(shown, row: 0, column: max(line.columns - used - 1, 0), in: line)
        painter.nodes.append(
            SemanticNode(.status, say(.status), value: status.reduce("") { $0 + $1.text }))
    }

    /// Who, connection, time of the last verified checkpoint, outbox.
    private var statusRuns: [Run] {
        var runs: [Run] = []
        if !settings.memberName.isEmpty, settings.size.columns >= 60 {
            let name = SafeText(untrusted: settings.memberName)
            let who = settings.ward == nil ? name : say(WardText.forName, name)
            runs = [Run(who, .brand), Run(" · ", .textMuted)]
        }
        if let work = WorkList.status(self) {
            runs += [Run(work, .status), Run(" · ", .textMuted)]
        }
        runs.append(connectionRun)
        if status.lacksConfirmation(at: settings.now), status.verifiedSize > 0 {
            let text =
                status.confirmedAt.map { say(.notConfirmedSince, say.moment($0)) }
                ?? say(.notConfirmedYet)
            runs += [Run(" · ", .textMuted), Run(text, .statusWarning)]
        }
        if status.queuedRevocations > 0 {
            runs += [
                Run(" · ", .textMuted),
                Run(say.count(.revocationsWaiting, status.queuedRevocations), .statusWarning),
            ]
        } else if status.outboxCount > 0 {
            runs += [
                Run(" · ", .textMuted),
                Run(say(.outbox, say.number(Int64(status.outboxCount))), .statusWarning),
            ]
        }
        if status.unreadRefusals > 0 {
            runs += [
                Run(" · ", .textMuted),
                Run(say.count(.refusedCount, status.unreadRefusals), .statusError),
            ]
        }
        return runs
    }

    private var connectionRun: Run {
        let verified = status.verifiedAt.map { say(.verifiedAt, say.moment($0)) }
        switch status.connection {
        case .offline:
            return Run(
                "○ " + (verified.map { say(.offlineSince, $0) } ?? say(.offline)), .statusWarning)
        case .connecting: return Run("○ " + say(.connecting), .status)
        case .pushing: return Run("● " + say(.sending), .status)
        case .pulling: return Run("● " + say(.receiving), .status)
        case .waiting: return Run("● " + (verified ?? say(.connected)), .statusOK)
        case .backoff:
            let phrase: Phrase =
                status.isUnconfirmed
                ? .waitingForWitnesses : status.isNodeFull ? .nodeIsFull : .noConnection
            return Run("○ " + say(phrase), .statusWarning)
        case .needsUnlock: return Run("○ " + say(.locked), .statusWarning)
        case .needsEnrolment: return Run("○ " + say(.notJoined), .statusWarning)
        case .revoked: return Run("✗ " + say(.deviceRemoved), .statusError)
        case .incompatible: return Run("✗ " + say(.incompatible), .statusError)
        case .frozen: return Run("✗ " + say(.frozen), .statusError)
        }
    }

    // MARK: Body

    private func paintBody(_ painter: inout Painter) {
        let layout = Layout(self)
        let detailHasKeys = place != .home && listState.isDetailOpen
        if !layout.list.isEmpty {
            switch place {
            case .home: Home.paint(self, layout, &painter)
            case .projects: Projects.paint(self, layout, &painter)
            case .authorizations: Authorizations.paint(self, layout, &painter)
            case .records: Records.paint(self, layout, &painter)
            case .points: PointsPlace.paint(self, layout, &painter)
            case .activity: ActivityPlace.paint(self, layout, &painter)
            }
        }
        guard !layout.detail.isEmpty else { return }
        if !layout.list.isEmpty {
            painter.verticalRule(column: layout.detail.column - 1, in: layout.body)
        }
        let page = place.detail(self, width: layout.detail.columns)
        painter.draw(
            page, in: layout.detail, scroll: listState.scroll, hasKeys: detailHasKeys)
        // Of two panes, the one that keys act on has the mark.
        if detailHasKeys, !layout.list.isEmpty {
            painter.mark(row: 0, in: layout.detail, hasKeys: true)
        }
        painter.nodes.append(SemanticNode(.group, say(.details), children: page.nodes))
    }

    // MARK: Bottom

    private func paintBottom(_ keys: KeyTables, _ painter: inout Painter) {
        let last = settings.size.rows - 1
        painter.rule(row: last - 1)
        paintKeyBar(keys, &painter)
        if let seconds = lockCountdown {
            let text = say.count(.lockCountdown, seconds)
            paint(Notice(text: text, tone: .warning, at: settings.now), above: last, &painter)
        } else if let banner {
            paint(banner, above: last, &painter)
        } else if let hint = hintShown {
            let notice = Notice(text: hint, tone: .hint, at: settings.now)
            paint(notice, above: last, &painter)
        }
    }

    /// Draws the bar in the last row, which is blank.
    func paintKeyBar(_ keys: KeyTables, _ painter: inout Painter) {
        let last = settings.size.rows - 1
        let bindings = keys.all
        let isBoxed = overlays.last.map { hasFooter($0) } ?? false
        let shown = isBoxed ? [] : bindings.filter { $0.shown == .bar && $0.disabled == nil }
        // What can be taken back may be gone in a moment: it is never the one that finds no room.
        let bar = shown.filter { $0.isUndo } + shown.filter { !$0.isUndo }
        let end = bindings.filter { $0.shown == .barEnd && $0.disabled == nil }
        let isNarrow = settings.size.columns < 60
        let area = Rect(row: last, column: 1, rows: 1, columns: settings.size.columns - 2)
        let endCells = Self.cells(end, say, painter.textWidth, isShort: isNarrow)
        Self.paintKeys(
            end, at: max(area.columns - endCells, 0), in: area, isShort: isNarrow, &painter)
        var start = 0
        if let count {
            start = painter.write([Run("\(count) ", .accent)], row: 0, in: area)
        }
        Self.paintKeys(bar, at: start, in: area.inset(right: endCells + 2), &painter)
    }

    private func paint(_ banner: Notice, above last: Int, _ painter: inout Painter) {
        let lines = painter.textWidth.wrap(
            banner.sign + banner.text, cells: settings.size.columns - 2
        ).prefix(3)
        let area = Rect(
            row: last - lines.count, column: 0, rows: lines.count, columns: settings.size.columns)
        painter.clear(area)
        for (row, line) in lines.enumerated() {
            painter.write([Run(line, banner.role)], row: row, column: 1, in: area)
        }
        painter.nodes.append(SemanticNode(.notice, banner.text))
    }

    private static func cells(
        _ bindings: [KeyBinding], _ say: Words, _ width: TextWidth, isShort: Bool
    ) -> Int {
        bindings.reduce(isShort ? -1 : -2) { sum, binding in
            guard let key = binding.label else { return sum }
            let label = width.cells(of: key)
            return sum + label + (isShort ? 1 : width.cells(of: say(binding.help)) + 3)
        }
    }

    /// Writes keys with what they do; one that does not fit is left out, `?` shows it.
    static func paintKeys(
        _ bindings: [KeyBinding], at start: Int, in area: Rect, isShort: Bool = false,
        _ painter: inout Painter
    ) {
        var column = start
        for binding in bindings {
            guard let label = binding.label else { continue }
            let needed = cells([binding], painter.say, painter.textWidth, isShort: isShort)
            guard column + needed <= area.columns else { continue }
            var runs = [Run(label, .key)]
            if !isShort { runs += [Run(" "), Run(painter.say(binding.help), .textMuted)] }
            let next = painter.write(runs, row: 0, column: column, in: area)
            painter.hits.append(
                HitArea(
                    rect: Rect(
                        row: area.row, column: area.column + column, rows: 1,
                        columns: next - column), message: binding.message))
            painter.nodes.append(
                SemanticNode(.key, label, value: painter.say(binding.help)))
            column = next + (isShort ? 1 : 2)
        }
    }

    // MARK: Overlays

    /// Screens with fewer rows give a box all there is, and its keys to the bar.
    private static let lowRows = 16

    /// Whether an overlay shows its keys in its box; low screens show them in the bar.
    func hasFooter(_ overlay: Overlay) -> Bool {
        settings.size.rows >= Self.lowRows && !overlay.keys(self).isEmpty
    }

    /// The space inside the box of an overlay, footer not included.
    func room(for overlay: Overlay) -> Size {
        let most = overlay.isTable ? settings.size.columns : settings.size.columns - 4
        let width = overlay.isTable ? most : min(overlay.isWide ? 140 : 76, most)
        let columns = settings.size.columns < 60 ? settings.size.columns : width
        let isLow = settings.size.rows < Self.lowRows
        let rows = settings.size.rows - (isLow ? 3 : 8)
        return Size(columns: columns - 4, rows: max(rows, 1))
    }

    private func paint(_ overlay: Overlay, isTop: Bool, _ painter: inout Painter) {
        let room = room(for: overlay)
        let page = overlay.document(self, width: room.columns, rows: room.rows)
        let rows = min(overlay.steadyRows(page, self, room), room.rows)
        let footer = hasFooter(overlay)
        let size = Size(columns: room.columns + 4, rows: rows + (footer ? 4 : 2))
        let isLow = settings.size.rows < Self.lowRows
        let free = Rect(settings.size).inset(top: isLow ? 0 : 2, bottom: isLow ? 1 : 2)
        painter.clear(Layout(self).background)
        let rect = free.centred(size)
        painter.clearCursor()
        painter.clearLinks()
        painter.hits.removeAll { $0.rect.row < free.endRow }
        let inside = painter.box(rect, title: overlay.title(say)).inset(left: 1, right: 1)
        let text = Rect(row: inside.row, column: inside.column, rows: rows, columns: inside.columns)
        painter.draw(page, in: text, scroll: overlay.scroll, hasKeys: isTop)
        painter.nodes.append(SemanticNode(.dialog, overlay.title(say), children: page.nodes))
        if footer {
            let area = Rect(
                row: inside.endRow - 1, column: inside.column + 1, rows: 1,
                columns: inside.columns - 1)
            let keys = overlay.keys(self).filter { $0.shown == .bar && $0.disabled == nil }
            Self.paintKeys(keys, at: 0, in: area, &painter)
        }
        if isTop, let banner, lockCountdown == nil {
            paint(banner, above: settings.size.rows - 1, &painter)
        }
    }
}
