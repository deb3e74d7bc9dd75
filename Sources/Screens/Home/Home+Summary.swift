import LedgerCore
import SyncCore
import TerminalCore

/// The right pane of Home on wide screens: points, who may use what, how much there is.
extension Home {
    static func writeSummary(_ model: AppModel, into page: inout Document) {
        writePoints(model, into: &page)
        guard let summary = model.home.summary else { return }
        let say = model.say
        page.blank()
        writePermissions(model, into: &page)
        page.blank()
        page.field(say(.projects), say.number(Int64(summary.projectCount)), labelWidth: 18)
        page.field(say(.records), say.number(Int64(summary.recordCount)), labelWidth: 18)
        let uses = model.authorizations.lines.reduce(0) { $0 + $1.monthUses }
        page.field(say(HomeText.usedThisMonth), say.times(uses), labelWidth: 18)
    }

    static func writePoints(_ model: AppModel, into page: inout Document) {
        let points = model.home.summary?.points ?? .nothing
        let rows = model.settings.size.rows
        PointsPlace.writeBalances(points, model.say, into: &page)
        guard page.width >= 38, rows >= 20 else { return }
        let isWide = model.settings.size.columns >= Layout.wideColumns
        let height = !isWide ? 1 : rows >= 48 ? 6 : rows >= 28 ? 3 : 1
        PointsPlace.writeChart(points, model.say, height: height, into: &page)
    }

    /// The authorizations that hold, as far as there is room: how long, or what is on its way.
    private static func writePermissions(_ model: AppModel, into page: inout Document) {
        let say = model.say
        let lines = model.authorizations.lines.filter {
            $0.isRevocable || $0.pending?.kind == .authorizationRevoked
        }
        page.heading(
            say(HomeText.mayBeUsed),
            trailing: [Run(say.number(Int64(lines.count)), .textMuted)])
        if lines.isEmpty { page.text(say(HomeText.nobodyMay), .textMuted) }
        let room = max(model.settings.size.rows / 4, 3)
        for line in lines.prefix(room) {
            let isPlain = line.state == .active && line.pending == nil
            let state =
                isPlain
                ? Run(say.daysLeft(until: line.grant.until), .textMuted)
                : Authorizations.stateRun(line, say)
            page.line([Run(say(line.title))], trailing: [state])
        }
        if lines.count > room {
            page.text("→ " + say(.authorizations) + " · " + say(HomeText.moreShort), .textMuted)
        }
    }
}
