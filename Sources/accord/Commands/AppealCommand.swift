import ArgumentParser
import ClientRuntime
import ClientStore
import LedgerCore
import SyncCore
import TerminalCore

/// Asks for a decision to be looked at again.
struct AppealCommand: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "appeal",
        abstract: Spoken.help(
            "Appeal, once, against a rejected contribution or a correction of points.",
            "对被拒绝的贡献或积分更正提出一次申诉。"),
        discussion: Spoken.help(
            """
            A rejected contribution is looked at again by a person of the study team. A correction of \
            points is stopped: the officers have to propose it anew.
            """,
            """
            被拒绝的贡献由研究团队的人员重新审核。积分更正随即中止：管理人员须重新提出。
            """))

    @Argument(
        help: Spoken.help(
            "The contribution, its rejection, or the proposed correction: number or entry id.",
            "贡献、对它的拒绝或拟议的更正：账本序号或条目编号。"))
    var entry: String
    @OptionGroup var options: DecisionOptions

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        guard let line = try line(desk) else {
            throw desk.output.failure(
                .refused, "there is no entry \(entry) here: look with  accord activity",
                "没有条目 \(entry)：请用  accord activity  查看")
        }
        let actions = try desk.session.actions()
        switch line.body {
        case .recordContributed(let stated):
            return [try actions.appeal(contribution: line.entry, to: stated.project)]
        case .contributionRejected(let rejected):
            return [try actions.appeal(contribution: rejected.contribution, to: rejected.project)]
        case .correctionProposed: return [try actions.appeal(correction: line.entry)]
        default:
            throw desk.output.failure(
                .refused, "entry \(entry) is nothing one can appeal against",
                "不能对条目 \(entry) 申诉")
        }
    }

    private func line(_ desk: MemberDesk) throws -> ActivityLine? {
        if let id = Hash(hex: entry) { return try desk.store.activity(entry: id) }
        guard let index = LeafIndex(entry.hasPrefix("#") ? entry.dropFirst() : entry[...]) else {
            return nil
        }
        return try desk.store.activity(offset: 0, limit: 1 << 30).lines.first { $0.index == index }
    }
}
