import LedgerCore
import SyncCore
import TerminalCore

/// An erasure that is overdue: what is missing, of whom, and whom to tell.
enum Overdue {
    static func write(_ erasure: OverdueErasure, _ say: Words, into page: inout Document) {
        page.heading(say(erasure.title))
        page.blank()
        page.text(
            say(erasure.waiting.isEmpty ? HomeText.overdueNode : HomeText.overdueRecipients))
        page.blank()
        page.field(say(HomeText.overdueDue), say.dateTime(erasure.dueAt), .statusWarning)
        page.fields(say(.who), erasure.waiting.map { Run(say($0)) })
        page.blank()
        page.text(say(HomeText.overdueNext))
    }
}
