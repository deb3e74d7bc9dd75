import LedgerCore
import SyncCore
import TerminalCore

/// What was earned, what is on the way, and what each amount comes from.
enum PointsPlace {
    struct Model: Equatable {
        var summary = PointsSummary.nothing
        var page = Page<PointsLine>.empty
        var list = ListState()
        /// What each project paid.
        var projects: [ProjectEarnings] = []
        /// Why the project of the selected movement paid.
        var reason: PointsReason?
        /// The project the reason was asked for.
        var reasonFor: ProjectID?

        var selected: PointsLine? { page.line(at: list.selection) }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        let obstacle: Phrase? = model.points.selected == nil ? .nothingSelected : nil
        return [
            model.openKey(.open),
            KeyBinding(
                [.character("e")], .account(.sourceRequested), .openEntry, disabled: obstacle),
            KeyBinding([.character("b")], .account(.projectPointsRequested), .byProject),
            KeyBinding(
                [.character("w")], .account(.reasonRequested), .whyPoints, disabled: obstacle),
            KeyBinding([.character("c")], .account(.rewardsRequested), .rewards),
            model.proofKey, model.revokeKey,
        ]
    }

    // MARK: Balances

    /// What can be spent, and apart from it what waits.
    static func writeBalances(
        _ summary: PointsSummary, _ say: Words, into page: inout Document
    ) {
        var runs = [Run(say.points(summary.available), .points), Run(" " + say(.available))]
        if summary.onTheWay > .zero {
            runs += [Run("   "), Run(waiting(summary, say, page.width), .textMuted)]
        }
        page.line(runs)
        if page.width >= 38 { writeTrend(summary, say, into: &page) }
    }

    /// What is on the way, and until when where there is room for it.
    private static func waiting(
        _ summary: PointsSummary, _ say: Words, _ columns: Int
    ) -> SafeText {
        let amount = "+" + say.number(summary.onTheWay.value)
        guard let end = summary.waitsUntil, columns >= 38 else {
            return say(.waitingPoints, amount)
        }
        return say(HomeText.waitingUntil, amount, say.moment(end))
    }

    /// What the present month brought so far, beside the whole month before where there is room.
    private static func writeTrend(
        _ summary: PointsSummary, _ say: Words, into page: inout Document
    ) {
        let month = summary.months.last ?? .zero
        let present = say(
            HomeText.earnedSoFar, say.signed(month), say.month(say.currentMonth))
        guard let before = summary.months.dropLast().last, before > .zero else {
            return page.line([Run(present, .textMuted)])
        }
        let former = say(.inMonth, say.signed(before), say.month(say.currentMonth - 1))
        let both = present + " · " + former
        let fits = page.textWidth.cells(of: both) <= page.width - 3
        page.line([Run(fits ? both : present, .textMuted)])
    }

    /// Twelve bars of up to `height` rows, the present month last; the numbers stand in the
    /// semantics.
    static func writeChart(
        _ summary: PointsSummary, _ say: Words, height: Int = 1, into page: inout Document
    ) {
        let most = summary.months.map(\.value).max() ?? 0
        let signs: [SafeText] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        var bars: [[Run]] = Array(repeating: [], count: height)
        var labels: [Run] = []
        var values: [SafeText] = []
        for (index, points) in summary.months.enumerated() {
            let month = (say.currentMonth - summary.months.count + index + 12) % 12 + 1
            let steps = Int64(height * 8)
            let eighths = most == 0 ? 0 : Int((points.value * steps + most - 1) / most)
            for row in 0..<height {
                let filled = min(max(eighths - (height - 1 - row) * 8, 0), 8)
                bars[row].append(Run(signs[filled] + "  ", .accent))
            }
            labels.append(Run(page.textWidth.pad(say.monthSign(month), cells: 3), .textMuted))
            values.append("\(say.month(month)) \(say.number(points.value))")
        }
        if most > 0 { page.drawing(bars + [labels]) }
        page.nodes.append(
            SemanticNode(.chart, say(.earnedByMonth), value: say.list(values)))
    }

    // MARK: View

    static func paint(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        let say = model.say
        var head = Document(width: layout.list.columns, textWidth: painter.textWidth)
        let headRows = layout.lines.row - layout.list.row
        writeBalances(model.points.summary, say, into: &head)
        if headRows > 4 {
            head.blank()
            writeChart(model.points.summary, say, height: headRows - 6, into: &head)
            head.blank()
        }
        painter.draw(
            head, in: layout.list.splitTop(headRows - 1).top, scroll: 0, hasKeys: false)
        painter.nodes.append(SemanticNode(.group, say(.points), children: head.nodes))
        painter.write(
            [Run(say(.movements), .heading)],
            trailing: [Run(say.number(Int64(model.points.page.total)), .textMuted)],
            row: headRows - 1, column: 1, in: layout.list)
        if model.points.page.total == 0 {
            painter.explain(say(.noPoints), row: headRows, in: layout.list)
        }
        painter.list(list(model, layout))
    }

    static func list(_ model: AppModel, _ layout: Layout) -> ListPane {
        let say = model.say
        let points = model.points
        let width = model.settings.textWidth
        let isWide = layout.list.columns >= 50
        return ListPane(
            name: say(.movements), state: points.list, count: points.page.total,
            rect: layout.lines, hasKeys: !points.list.isDetailOpen
        ) { position in
            points.page.line(at: position).map { line($0, say, width, isWide) }
        }
    }

    private static func line(
        _ line: PointsLine, _ say: Words, _ width: TextWidth, _ wide: Bool
    ) -> ListLine {
        let day = width.pad(say.moment(line.at), cells: 12)
        let role: StyleRole
        switch line.kind {
        case .pointsVoided: role = .statusError
        case .pointsReserved, .pointsRedeemed, .pointsExpired, .correctionConfirmed: role = .text
        default: role = line.isWaiting ? .textMuted : .points
        }
        var text = say(cause(line))
        if wide, !say(line.title).isEmpty { text += " · " + say(line.title) }
        return ListLine(
            runs: [Run(wide ? day : "", .textMuted), Run(text)],
            // What was set aside before changes nothing when it is handed over.
            trailing: [
                Run(
                    line.kind == .pointsRedeemed
                        ? "(" + say.amount(line) + ")" : say.amount(line), role)
            ])
    }

    /// What a movement is, in a few words.
    static func cause(_ line: PointsLine) -> Phrase {
        switch line.kind {
        case .pointsVested: return .becameAvailable
        case .pointsVoided: return .takenBack
        case .pointsReserved: return .setAside
        case .pointsRedeemed: return .redeemed
        case .pointsReleased: return .setAsideNoMore
        case .pointsExpired: return .ranOut
        case .correctionConfirmed: return .corrected
        default: break
        }
        if line.isWaiting { return line.cause == .useAllowed ? .waitingForUse : .waitingForSet }
        return line.cause == .useAllowed ? .earnedByUse : .earnedBySet
    }

    static func writeDetail(_ model: AppModel, into page: inout Document) {
        guard let line = model.points.selected else { return }
        let say = model.say
        page.heading(say(cause(line)))
        page.line([Run(say.points(line.points), .points)])
        page.blank()
        if line.project != nil { page.field(say(.project), say(line.title)) }
        if line.reward != nil { page.field(say(.what), say(line.title)) }
        page.field(say(.recorded), say.dateTime(line.at))
        if line.kind == .pointsAccrued, let vestsAt = line.vestsAt {
            page.field(
                say(.availableFrom), say.dateTime(vestsAt), line.isWaiting ? .statusWarning : .text)
            if line.isWaiting { page.text(say(.waitingExplained), .textMuted) }
        }
        if let trigger = model.points.reason?.trigger(of: line.entry) {
            page.blank()
            page.fields(
                say(.why), PointsReasons.explanation(trigger, say).map { Run($0) })
            page.field(say(.comesFrom), say(.entryOn, "\(trigger.index)", say.date(trigger.at)))
        }
        page.blank()
        page.field(say(.entry), "#\(line.index)")
        page.field(say(.entryID), SafeText(untrusted: line.entry.hex), .textMuted)
        page.text(say(.pointsStay), .textMuted)
    }
}
