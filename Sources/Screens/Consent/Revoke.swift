import LedgerCore
import SyncCore
import TerminalCore

/// Revoking: three named outcomes, the safe one first, and what the chosen one means.
enum Revoke {
    static func write(
        _ line: AuthorizationLine, _ say: Words, focus: Int, rows: Int, into page: inout Document
    ) {
        // A low screen shows what the outcome means, and leaves out what the person sees below.
        let isLow = rows < 12
        if !isLow {
            page.heading(page.short(say(line.title)))
            page.blank()
        }
        for (index, mode) in RevocationMode.allCases.enumerated() {
            page.choice(
                index, isFocused: index == focus,
                [Run("\(index + 1)  ", .key), Run(say(mode.name), .textStrong)])
        }
        if !isLow { page.blank() }
        let mode = RevocationMode.allCases[min(focus, RevocationMode.allCases.count - 1)]
        let meaning = mode.consequences
        guard !isLow else {
            page.text(say(meaning.handedIn))
            return page.text(say(meaning.forGood), .statusWarning)
        }
        page.field(say(ConsentText.fromThenOn), say(meaning.after), labelWidth: 12)
        page.field(say(ConsentText.handedIn), say(meaning.handedIn), labelWidth: 12)
        page.field(
            say(ConsentText.forGood), say(meaning.forGood), .statusWarning, labelWidth: 12)
        if line.derived > 0 {
            page.field(
                say(.derived), say.count(ConsentText.derivedStays, line.derived), .statusWarning,
                labelWidth: 12)
        }
        page.field(say(.points), say(.pointsStay), labelWidth: 12)
        page.blank()
        page.text(say(.revokeWhen), .textMuted)
    }

    /// Which of several authorizations is meant.
    static func write(
        _ lines: [AuthorizationLine], _ say: Words, focus: Int, into page: inout Document
    ) {
        page.text(say(ConsentText.whichAuthorization))
        page.blank()
        for (index, line) in lines.enumerated() {
            page.choice(
                index, isFocused: index == focus, [Run(say(line.title))],
                trailing: [Authorizations.stateRun(line, say)])
        }
    }

    /// A digit chooses the outcome it stands before; Enter confirms.
    static let outcomeKeys: [KeyBinding] = zip(
        [Phrase.outcomeStop, .outcomeErase, .outcomeKeep], 0...
    ).map { phrase, index in
        KeyBinding(
            [.character(Character("\(index + 1)"))], .dialog(.pointed(index)), phrase,
            shown: .helpOnly)
    }
}

extension RevocationMode {
    /// What follows: for reads, for what was handed over, and what cannot be undone.
    var consequences: (after: ConsentText, handedIn: ConsentText, forGood: ConsentText) {
        switch self {
        case .stop: (.nobodyReads, .staysSealed, .publishedStays)
        case .stopAndErase: (.nobodyReads, .keysDestroyed, .erasedForGood)
        case .stopAndKeepAnonymised: (.nobodyReads, .anonymousStays, .anonymousForGood)
        }
    }
}

extension AppModel {
    /// The authorizations that a revocation here can mean, each once.
    var revocable: [AuthorizationLine] {
        revocationScope.filter(\.isRevocable)
    }

    private var revocationScope: [AuthorizationLine] {
        func lines(_ projects: [ProjectID]) -> [AuthorizationLine] {
            var seen: Set<ProjectID> = []
            return projects.filter { seen.insert($0).inserted }
                .compactMap { authorizations.line(for: $0) }
        }
        switch overlays.last?.content {
        case .entry(let line), .refusal(let line):
            return lines(line.body.project.map { [$0] } ?? [])
        case .account(.uses(let report)): return lines(report.summaries.map(\.project))
        default: break
        }
        if place == .records {
            return lines(records.selected?.contributions.map(\.project) ?? [])
        }
        return focusedAuthorization.map { [$0] } ?? []
    }

    /// Opens the sheet of the authorization meant; asks which where there are several.
    mutating func requestRevocation() -> [Effect] {
        let lines = revocable
        guard let line = lines.first else { return [] }
        overlays.append(Overlay(lines.count == 1 ? .revoke(line) : .revokeWhich(lines)))
        return []
    }
}
