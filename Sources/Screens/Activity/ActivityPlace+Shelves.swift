import LedgerCore
import SyncCore
import TerminalCore

/// Which part of the activity is shown: sorts of entries, one project, words, or what was told.
extension ActivityPlace {
    enum Shelf: CaseIterable {
        case everything, uses, decisions, points, records, refusals, notices

        /// The sort of entries on it; `nil` for all of them and for none.
        var type: ActivityType? {
            switch self {
            case .everything, .notices: nil
            case .uses: .uses
            case .decisions: .decisions
            case .points: .points
            case .records: .records
            case .refusals: .refusals
            }
        }

        var name: Phrase {
            switch self {
            case .everything: .allEntries
            case .uses: .usesShelf
            case .decisions: .decisionsShelf
            case .points: .points
            case .records: .records
            case .refusals: .refusalsShelf
            case .notices: .noticesTitle
            }
        }
    }

    static func step(_ model: inout AppModel, _ step: Int) -> [Effect] {
        let shelves = Shelf.allCases
        let index = shelves.firstIndex(of: model.activity.shelf) ?? 0
        model.activity.shelf = shelves[(index + step + shelves.count) % shelves.count]
        return show(&model)
    }

    static func toggleProject(_ model: inout AppModel) -> [Effect] {
        if model.activity.only != nil {
            model.activity.only = nil
        } else if let line = model.activity.selected, let project = line.body.project {
            let title = line.title ?? LocalizedText(english: project.text)
            model.activity.only = .init(project: project, title: title)
        }
        return show(&model)
    }

    static func update(_ model: inout AppModel, _ message: Message) -> [Effect] {
        switch message {
        case .searchStarted:
            guard model.activity.shelf != .notices else { return [] }
            model.activity.isSearching = true
            model.activity.list.isDetailOpen = false
            return model.fit()
        case .searchEnded(let isKept):
            model.activity.isSearching = false
            if isKept { return model.fit() }
            model.activity.search.apply(.cleared)
            return show(&model)
        default: return []
        }
    }

    /// Takes what is typed and searches at once.
    static func type(_ model: inout AppModel, _ edit: TextEdit) -> [Effect] {
        guard model.place == .activity, model.activity.isSearching else { return [] }
        model.activity.search.apply(edit)
        return show(&model)
    }

    /// Reads the first page of what is to be shown now.
    private static func show(_ model: inout AppModel) -> [Effect] {
        model.activity.named = named(model.activity.search.text)
        model.activity.list = ListState()
        model.activity.page = .empty
        return [model.loadPage()]
    }

    /// The kinds of entries whose own words, in either language, have the text in them.
    private static func named(_ text: String) -> [EntryKind] {
        let wanted = text.lowercased()
        guard wanted.count > 1 || wanted.unicodeScalars.contains(where: { $0.value > 0x2E80 })
        else { return [] }
        return EntryKind.allCases.filter { kind in
            guard let words = kind.words?.texts else { return false }
            return Language.allCases.contains { language in
                let said = words[language].lowercased()
                return said.contains(wanted)
            }
        }
    }

    // MARK: View

    /// The shelves on one line, the one shown in brackets: closer together where room is short,
    /// and as many around it as fit where it is very short.
    static func paintShelves(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        let say = model.say
        let shown = Shelf.allCases.firstIndex(of: model.activity.shelf) ?? 0
        func runs(_ shelves: Range<Int>, isWide: Bool) -> [Run] {
            var runs = [Run(shelves.lowerBound > 0 ? "… " : "", .textMuted)]
            for index in shelves {
                let name = say(Shelf.allCases[index].name)
                if index > shelves.lowerBound { runs.append(Run(" ")) }
                let other = isWide ? " " + name + " " : name
                runs.append(index == shown ? Run("[" + name + "]", .tabActive) : Run(other, .tab))
            }
            let isCut = shelves.upperBound < Shelf.allCases.count
            return runs + [Run(isCut ? " …" : "", .textMuted)]
        }
        func fits(_ runs: [Run]) -> Bool {
            runs.reduce(1) { $0 + painter.textWidth.cells(of: $1.text) } <= layout.list.columns
        }
        var line = runs(Shelf.allCases.indices, isWide: true)
        let isWhole = fits(line)
        if !isWhole {
            var range = shown..<shown + 1
            for distance in 1..<Shelf.allCases.count {
                for index in [shown + distance, shown - distance]
                where Shelf.allCases.indices.contains(index) {
                    let wider = min(range.lowerBound, index)..<max(range.upperBound, index + 1)
                    if fits(runs(wider, isWide: false)) { range = wider }
                }
            }
            line = runs(range, isWide: false)
        }
        painter.write(line, row: 1, column: isWhole ? 0 : 1, in: layout.list)
        painter.nodes.append(
            SemanticNode(
                .tabs, say(.showing),
                children: Shelf.allCases.map {
                    SemanticNode(
                        .tab, say($0.name),
                        states: $0 == model.activity.shelf ? [.selected] : [])
                }))
    }

    /// What is searched for, and the only project shown.
    static func paintFilter(_ model: AppModel, _ layout: Layout, _ painter: inout Painter) {
        let activity = model.activity
        guard activity.headRows > 2 else { return }
        let say = model.say
        var column = 1
        if activity.isSearching || !activity.search.text.isEmpty {
            let text = SafeText(untrusted: activity.search.text)
            let shown = painter.textWidth.suffix(text, cells: max(layout.list.columns / 2, 8))
            column = painter.write([Run("/ ", .key)], row: 2, column: 1, in: layout.list)
            let end = painter.write(
                [text.isEmpty ? Run(say(.activitySearchHint), .inputHint) : Run(shown, .input)],
                row: 2, column: column, in: layout.list)
            if activity.isSearching {
                let cells = text.isEmpty ? 0 : painter.textWidth.cells(of: shown)
                painter.placeCursor(
                    Point(row: layout.list.row + 2, column: layout.list.column + column + cells))
            }
            painter.nodes.append(
                SemanticNode(
                    .input, say(.search), value: text,
                    states: activity.isSearching ? [.focused] : []))
            column = end + 2
        }
        if let only = activity.only {
            let text = say(.onlyAbout, say(only.title))
            painter.write([Run(text, .statusWarning)], row: 2, column: column, in: layout.list)
            painter.nodes.append(SemanticNode(.text, text))
        }
    }

    /// What this machine told: errors, warnings and what was done.
    static func notices(_ model: AppModel, _ layout: Layout) -> ListPane {
        let say = model.say
        let page = model.activity.notices
        return ListPane(
            name: say(.noticesTitle), state: model.activity.list, count: page.total,
            rect: layout.lines, hasKeys: !model.activity.list.isDetailOpen
        ) { position in
            page.line(at: position).map { line in
                ListLine(
                    runs: [
                        Run(line.tone.sign, line.tone.role),
                        Run(
                            SafeText(untrusted: line.text),
                            line.tone == .error ? .textStrong : .text),
                    ], trailing: [Run(say.moment(line.at), .textMuted)])
            }
        }
    }

    static func write(_ line: NoticeLine, _ say: Words, into page: inout Document) {
        page.line([Run(say.dateTime(line.at), .textMuted)])
        page.blank()
        page.text(line.tone.sign + SafeText(untrusted: line.text), line.tone.role)
        page.blank()
        page.text(say(.noticesStayHere), .textMuted)
    }
}

extension NoticeLine.Tone {
    var sign: SafeText {
        switch self {
        case .done: "✓ "
        case .warning: "! "
        case .error: "✗ "
        }
    }

    var role: StyleRole {
        switch self {
        case .done: .statusOK
        case .warning: .statusWarning
        case .error: .statusError
        }
    }
}

extension EntryKind {
    /// The words an entry of this kind is told with; `nil` for kinds that are not about a member.
    var words: Phrase? {
        switch self {
        case .memberEnrolled: .didEnrol
        case .deviceAdded: .didAddDevice
        case .deviceRevoked: .didRemoveDevice
        case .dataDerived: .didDerive
        case .authorizationLapsed: .didLapse
        case .lapseProposed: .didReportLapse
        case .lapseConfirmed: .didConfirmLapse
        case .resultsWished: .didWishResults
        case .resultReturned: .didReturnResult
        case .wardDeclared: .didDeclareWard
        case .wardEnrolled: .didEnrolWard
        case .wardHandedOver: .didHandOver
        case .authorizationOutgrown: .didOutgrow
        case .signupJoined: .didSignUp
        case .signupLeft: .didLeave
        case .authorizationGranted: .didGrant
        case .authorizationPaused: .didPause
        case .authorizationResumed: .didResume
        case .authorizationRevoked: .didRevoke
        case .authorizationExpired: .didExpire
        case .recordContributed: .didContribute
        case .contributionAccepted: .didAccept
        case .contributionRejected: .didReject
        case .useAllowed: .didUse
        case .useDenied: .didDeny
        case .pointsAccrued: .didAccrue
        case .pointsVested: .didVest
        case .pointsVoided: .didVoid
        case .pointsReserved: .didReserve
        case .pointsRedeemed: .didRedeem
        case .pointsExpired: .didExpirePoints
        case .correctionConfirmed: .didCorrect
        default: nil
        }
    }
}
