import TerminalCore
import LedgerCore
import SyncCore

/// Revoking: one choice with a safe default, one key.
enum Revoke {
    static func write(
        _ line: AuthorizationLine, _ say: Words, focus: Int, into page: inout Document
    ) {
        page.heading(say(line.title))
        page.blank()
        for (index, mode) in RevocationMode.allCases.enumerated() {
            page.choice(
                index, isFocused: index == focus, [Run(say(mode.name), .textStrong)],
                note: say(mode.explained))
        }
        page.blank()
        page.text(say(.revokeWhen), .textMuted)
        page.text(say(.pointsStay), .textMuted)
    }
}
