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
        writeFacts(erasure, say, into: &page)
        page.blank()
        page.text(say(HomeText.overdueNext))
    }

    /// Writes what is overdue below what it belongs to.
    static func writeNote(_ erasure: OverdueErasure, _ say: Words, into page: inout Document) {
        page.blank()
        page.text(
            say(erasure.waiting.isEmpty ? HomeText.overdueNode : HomeText.overdueRecipients),
            .statusError)
        writeFacts(erasure, say, into: &page)
        page.text(say(HomeText.overdueNext))
    }

    private static func writeFacts(
        _ erasure: OverdueErasure, _ say: Words, into page: inout Document
    ) {
        page.field(
            say(HomeText.overdueDue),
            say.dateTime(erasure.dueAt) + " · " + say.daysOverdue(since: erasure.dueAt),
            .statusWarning)
        page.fields(say(.who), erasure.waiting.map { Run(say($0)) })
    }
}
