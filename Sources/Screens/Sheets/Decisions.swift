import LedgerCore
import SyncCore
import TerminalCore

/// Taking part in a project.
enum SignUp {
    static func write(_ detail: ProjectDetail, _ say: Words, into page: inout Document) {
        let terms = detail.terms
        page.heading(say(terms.title))
        page.line([Run(say(detail.institution), .textMuted)])
        page.blank()
        page.text(say(.signUpMeaning))
        page.text(say(.signUpNoData))
        page.blank()
        func kinds(_ isRequired: Bool) -> [SafeText] {
            terms.kinds.filter { $0.isRequired == isRequired }.map { say($0.kind.name) }
        }
        let (required, optional) = (kinds(true), kinds(false))
        page.fields(
            say(.asks),
            (required.isEmpty ? [] : [Run(say.list(required))])
                + (optional.isEmpty ? [] : [Run(say(.optionalKinds, say.list(optional)))]))
        page.fields(say(.earns), say.earns(detail))
        page.field(
            say(.until), say(.useAndErase, say.date(terms.useUntil), say.date(terms.eraseAt)))
        page.blank()
        page.text(say(.leaveAnyTime), .textMuted)
    }
}

/// Leaving a project.
enum Leave {
    static func write(_ detail: ProjectDetail, _ say: Words, into page: inout Document) {
        page.heading(say(detail.terms.title))
        page.blank()
        page.text(say(.leaveMeaning))
        page.text(say(.pointsStay), .textMuted)
    }
}

/// Deleting a record from this machine.
enum Erase {
    static func write(_ record: RecordLine, _ say: Words, into page: inout Document) {
        page.heading(SafeText(untrusted: record.fileName))
        page.line([
            Run(say(record.kind.name)), Run(" · "), Run(say.count(.rowCount, record.rowCount)),
        ])
        page.blank()
        page.text(say(.eraseMeaning))
        if !record.contributions.isEmpty { page.text(say(.eraseContributed), .statusWarning) }
    }
}

/// An entry the ledger refused: the reason, and what can be done.
enum Refusal {
    static func write(_ line: ActivityLine, _ say: Words, into page: inout Document) {
        page.text(say.headline(line), .textStrong)
        page.line([Run(say.dateTime(line.at), .textMuted)])
        page.blank()
        if let title = line.title { page.field(say(.project), page.short(say(title))) }
        if let rejection = line.rejection {
            page.field(say(.reason), say(rejection.reason), .statusError)
            page.field(say(.nextStep), say(rejection.nextStep))
        }
        page.blank()
        page.text(say(.refusalChangedNothing), .textMuted)
    }
}

/// Quitting while entries wait to be sent.
enum Quit {
    static func write(_ model: AppModel, into page: inout Document) {
        let say = model.say
        if model.stopsWork { page.text(say(.quitStopsWork), .statusWarning) }
        guard model.status.outboxCount > 0 else { return }
        page.text(say.count(.quitWaiting, model.status.outboxCount))
        if model.status.queuedRevocations > 0 { page.text(say(.quitRevocations), .statusWarning) }
        page.text(say(.quitKept), .textMuted)
    }
}
