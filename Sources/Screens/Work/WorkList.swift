package import TerminalCore

/// Everything that takes a while, with how far it is: it goes on when the list is closed.
enum WorkList {
    static func write(_ model: AppModel, focus: Int, into page: inout Document) {
        let say = model.say
        if model.works.isEmpty { page.text(say(.nothingRuns), .textMuted) }
        for (index, work) in model.works.enumerated() {
            if index > 0 { page.blank() }
            let percent = work.percent.map { say(.workPercent, "\($0)") }
            page.choice(
                index, isFocused: index == focus, [Run(title(work, say))],
                trailing: percent.map { [Run($0, .textStrong)] } ?? [],
                note: details(work, say))
            page.drawing([bar(work, width: page.width)])
        }
        guard !model.works.isEmpty, !model.endsWork else { return }
        page.blank()
        page.text(say(.workGoesOn), .textMuted)
    }

    static func title(_ work: Work, _ say: Words) -> SafeText {
        switch work.progress.subject {
        case .importing(let file): say(.workImporting, SafeText(untrusted: file))
        case .sealing: say(.workSealing)
        case .syncing: say(.workSyncing)
        case .uploading: say(.workUploading)
        case .searching: say(.workSearching)
        case .checking: say(.workChecking)
        case .exporting: say(ExportText.exporting)
        case .takingIn: say(.workTakingIn)
        }
    }

    /// The share that is done, for the eye; the text beside it says the same.
    private static func bar(_ work: Work, width: Int) -> [Run] {
        guard let percent = work.percent else { return [Run("")] }
        let cells = max(min(width - 6, 50), 4)
        let full = cells * percent / 100
        return [
            Run(SafeText.spaces(2)), Run(SafeText("█").repeated(full), .accent),
            Run(SafeText("░").repeated(cells - full), .textMuted),
        ]
    }

    /// How much of how much, how fast, and about how long still.
    static func details(_ work: Work, _ say: Words) -> SafeText {
        if work.isWaiting { return say(.workWaits) }
        let progress = work.progress
        func amount(_ value: Int64) -> SafeText {
            switch progress.unit {
            case .bytes: say.bytes(value)
            case .rows: say.count(.rowCount, Int(value))
            case .entries: say.count(.entryCount, Int(value))
            }
        }
        var parts = [
            progress.total.map { say(.workOf, amount(progress.done), amount($0)) }
                ?? amount(progress.done)
        ]
        if progress.rows > 0 { parts.append(say.count(.rowCount, Int(progress.rows))) }
        if let rate = work.rate { parts.append(say(.workRate, amount(rate))) }
        if let seconds = work.secondsLeft { parts.append(timeLeft(seconds, say)) }
        if progress.before > 0 { parts.append(say(.workWentOn, amount(progress.before))) }
        return parts.dropFirst().reduce(parts[0]) { $0 + " · " + $1 }
    }

    private static func timeLeft(_ seconds: Int64, _ say: Words) -> SafeText {
        switch seconds {
        case ..<60: say(.secondsLeft, "\(max((seconds + 4) / 5, 1) * 5)")
        case ..<5_400: say(.minutesLeft, "\((seconds + 59) / 60)")
        default: say(.hoursLeft, "\((seconds + 3_599) / 3_600)")
        }
    }

    /// What the status line says while something runs.
    static func status(_ model: AppModel) -> SafeText? {
        // What is done in a moment is not told of.
        guard let work = model.works.first(where: { !$0.isWaiting }) else { return nil }
        let say = model.say
        guard model.works.count == 1 else { return say(.workMany, "\(model.works.count)") }
        return work.percent.map { say(.workShare, "\($0)") } ?? say(.workRuns)
    }
}

/// The same as a line, for commands.
package struct WorkReport: Sendable {
    private let say: Words
    private var work: Work?

    /// Makes lines in a language.
    package init(_ say: Words) { self.say = say }

    /// What is done, how much of it, how fast, and about how long still.
    package mutating func line(_ progress: WorkProgress) -> SafeText {
        var known = work ?? Work(.syncing, progress)
        known.take(progress)
        work = known
        let share = known.percent.map { say(.workPercent, "\($0)") + " · " } ?? ""
        return WorkList.title(known, say) + " · " + share + WorkList.details(known, say)
    }
}

extension AppModel {
    /// Whether leaving would end something the person asked for.
    var stopsWork: Bool { !workActions.isEmpty }

    /// Whether a sheet waits for the end of what it was asked to stop.
    var endsWork: Bool { overlays.contains(where: \.isEnding) }

    /// The actions that take a while.
    package var workActions: [ActionID] {
        works.compactMap { if case .action(let id) = $0.id { id } else { nil } }
    }

    /// Whether it is told how far one of them is.
    package var tellsOfWork: Bool {
        works.contains { work in
            if case .action = work.id { !work.isWaiting } else { false }
        }
    }

    /// Takes how far something is; `nil` when it has ended.
    mutating func take(_ progress: WorkProgress?, of id: WorkID) -> [Effect] {
        let known = works.firstIndex { $0.id == id }
        guard let progress else {
            if let known { endWork(at: known) }
            return []
        }
        if let known, !works[known].isWaiting {
            works[known].take(progress)
            return []
        }
        // A late word about an action that has ended says nothing.
        if case .action(let action) = id, running[action] == nil { return [] }
        let position = known ?? works.count
        if known != nil { works.remove(at: position) }
        works.insert(Work(id, progress), at: position)
        guard case .action(let action) = id, let sheet = overlays.last, sheet.action == action,
            !sheet.isEnding
        else { return [] }
        var list = Overlay(.work, focus: position)
        list.standsFor = action
        overlays.append(list)
        return []
    }

    /// Forgets what has ended; a list that opened by itself closes with it.
    mutating func endWork(of action: ActionID) {
        guard let position = works.firstIndex(where: { $0.id == .action(action) }) else { return }
        endWork(at: position)
        guard works.isEmpty, case .work? = overlays.last?.content else { return }
        overlays.removeLast()
    }

    private mutating func endWork(at position: Int) {
        works.remove(at: position)
        for index in overlays.indices {
            guard case .work = overlays[index].content else { continue }
            if position < overlays[index].focus { overlays[index].focus -= 1 }
            overlays[index].focus = min(overlays[index].focus, max(works.count - 1, 0))
        }
    }

    /// Lets what the sheets below wait for go on in the background; one that was asked to stop stays.
    mutating func closeWork() {
        overlays.removeLast()
        overlays.removeAll { sheet in
            !sheet.isEnding && sheet.action.map { running[$0] != nil } == true
        }
    }

    /// Takes note that the person did something in the list on top but leave it.
    mutating func claimWork() {
        guard let top = overlays.indices.last else { return }
        overlays[top].standsFor = nil
    }

    /// Asks an action to end; the sheet that waits for it stays until it has, with all that was chosen
    /// in it.
    mutating func end(_ action: ActionID) -> [Effect] {
        for index in overlays.indices where overlays[index].action == action {
            overlays[index].isEnding = true
        }
        return [.cancel(action)]
    }

    /// Ends what is selected: an action as a whole, what is exchanged with the node by going
    /// offline.
    mutating func cancelWork() -> [Effect] {
        guard case .work? = overlays.last?.content, let focus = overlays.last?.focus,
            works.indices.contains(focus)
        else { return [] }
        switch works[focus].id {
        case .action(let id): return end(id)
        case .syncing, .uploading: return [perform(.goOffline)]
        }
    }
}

extension Action {
    /// What it is listed as while it runs, and can be ended.
    ///
    /// `nil` for what is done in a moment, or asked by a table of rows for itself.
    var work: WorkProgress.Subject? {
        switch self {
        case .importFiles(let paths):
            .importing(file: String((paths.first ?? "").split(separator: "/").last ?? ""))
        case .contribute: .sealing
        case .takeHome: .exporting
        case .checkLedger: .checking
        default: nil
        }
    }
}
