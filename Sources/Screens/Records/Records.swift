import LedgerCore
import SyncCore
import TerminalCore

/// The person's own records on this machine, and what was handed over of them.
enum Records {
    struct Model: Equatable {
        var lines: [RecordLine] = []
        var list = ListState()

        var selected: RecordLine? {
            lines.indices.contains(list.selection) ? lines[list.selection] : nil
        }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        let none: Phrase? = model.records.selected == nil ? .nothingSelected : nil
        return [
            model.openKey(.open),
            KeyBinding(
                [.character("i")], .importRequested, .importFile,
                disabled: model.settings.mode.mayUseFiles ? nil : .notInKiosk,
                shown: model.records.list.isDetailOpen ? .helpOnly : .bar),
            KeyBinding([.character("v")], .rowsRequested, .seeRows, disabled: none),
            KeyBinding(
                [.character("c")], .contributeRequested, .contribute,
                disabled: model.settings.mode.mayUseFiles ? none : .notInKiosk),
            KeyBinding([.character("d")], .eraseRequested, .erase, disabled: none),
            model.revokeKey,
        ]
    }

    /// One contribution in a line: what, how far, what the study team said.
    static func runs(_ line: ContributionLine, _ say: Words) -> [Run] {
        let state: Run
        switch line.review {
        case .accepted: state = Run("✓ " + say(.reviewAccepted), .statusOK)
        case .rejected(let reason):
            state = Run("✗ " + say(reason.explained), .statusError)
        case .waiting:
            if let percent = line.uploadedPercent, percent < 100 {
                state = Run("○ " + say(.uploaded, "\(percent)"), .statusWarning)
            } else if line.state == .proven {
                state = Run("○ " + say(.reviewWaiting), .statusWarning)
            } else {
                state = line.state.run(say)
            }
        }
        return [
            Run(say(line.kind.name)),
            Run(" · " + say.count(.rowCount, Int(line.rows)) + " · ", .textMuted),
            state,
        ]
    }

    // MARK: View

    static func paint(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        let say = model.say
        let lines = model.records.lines
        let title = say(.records) + " · " + say(.onThisMachine)
        painter.write([Run(title, .heading)], row: 0, column: 1, in: layout.list)
        painter.nodes.append(SemanticNode(.heading, title))
        if lines.isEmpty {
            let empty: Sentence = model.settings.mode.mayUseFiles ? .noRecords : .noRecordsShared
            painter.explain(say(empty), row: 2, in: layout.list)
        }
        painter.list(list(model, layout))
    }

    static func list(_ model: AppModel, _ layout: Layout) -> ListPane {
        let say = model.say
        let lines = model.records.lines
        let isWide = layout.list.columns >= 50
        return ListPane(
            name: say(.records), state: model.records.list, count: lines.count,
            rect: layout.lines, hasKeys: !model.records.list.isDetailOpen
        ) { position in
            let line = lines[position]
            var trailing: [Run] = []
            if !line.contributions.isEmpty {
                trailing = [
                    Run(isWide ? "✓ " + say(.handedOver) + "  " : "✓  ", .statusOK)
                ]
            }
            trailing.append(Run(say.count(.rowCount, line.rowCount), .textMuted))
            return ListLine(
                runs: [
                    Run(say(line.kind.name)),
                    Run("  " + SafeText(untrusted: line.fileName), .textMuted),
                ], trailing: trailing)
        }
    }

    static func writeDetail(_ model: AppModel, into page: inout Document) {
        guard let line = model.records.selected else { return }
        let say = model.say
        page.heading(say(line.kind.name))
        page.line([Run(SafeText(untrusted: line.fileName), .textMuted)])
        page.blank()
        page.field(say(.rows), say.number(Int64(line.rowCount)))
        if let from = line.from, let until = line.until {
            page.field(say(.dates), say.span(from, until))
        }
        if line.identifyingCount > 0 {
            page.field(
                say(.careful), say.count(.namingRows, line.identifyingCount), .statusWarning)
        }
        page.field(say(.imported), say.dateTime(line.importedAt))
        page.blank()
        page.heading(say(.contributions))
        if line.contributions.isEmpty { page.text(say(.notHandedOver), .textMuted) }
        for contribution in line.contributions {
            page.text(say(contribution.title))
            page.line(runs(contribution, say))
        }
        page.blank()
        page.text(say(.recordsStaySealed), .textMuted)
    }
}
