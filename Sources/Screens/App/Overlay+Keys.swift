import SyncCore
import TerminalCore

extension Overlay {
    /// The key table of a sheet or overlay; while it waits, what closes it says what becomes of the
    /// action.
    func keys(_ model: AppModel) -> [KeyBinding] {
        let own = ownKeys(model)
        guard let running = action.flatMap({ model.running[$0] }) else { return own }
        return own.map {
            $0.message == .dialog(.closed) ? $0.saying(isEnding ? .close : running.whenLeft) : $0
        }
    }

    private func ownKeys(_ model: AppModel) -> [KeyBinding] {
        switch content {
        case .signUp:
            Self.decision(.confirmSignUp) + [Self.signUpAndAuthorize]
        case .leave: Self.decision(.confirmLeave)
        case .grant(let grant):
            Grant.keys(grant, isNarrow: model.settings.size.columns < 60)
        case .revoke:
            Self.choosing + Self.decision(.confirmRevoke) + Revoke.outcomeKeys
        case .revokeWhich: Self.choosing + Self.decision(.next)
        case .contribute(let contribute): Self.contributeKeys(contribute)
        case .rows(let table):
            table.field == nil
                ? Self.moving + Self.rowKeys(table, canStrike: false) + [Self.close]
                : Self.rowTyping
        case .rowSorts: Self.choosing + Self.decision(.use)
        case .picker:
            [
                Self.confirm(.open),
                KeyBinding([.escape], .dialog(.closed), .notNow),
                KeyBinding([.down], .dialog(.moved(1)), .down, shown: .helpOnly),
                KeyBinding([.up], .dialog(.moved(-1)), .up, shown: .helpOnly),
                KeyBinding([.pageDown], .dialog(.pagesMoved(1)), .pageDown, shown: .helpOnly),
                KeyBinding([.pageUp], .dialog(.pagesMoved(-1)), .pageUp, shown: .helpOnly),
            ]
        case .erase: Self.decision(.confirmErase)
        case .entry(let line):
            [
                KeyBinding(
                    [.character("v")], .proofRequested, .showProof,
                    disabled: line.index == nil ? .notRecordedYet : nil),
                model.revokeKey,
            ] + (model.appealable == nil ? [] : [model.appealKey]) + Self.scrolling + [Self.close]
        case .refusal:
            [
                Self.confirm(.markRead), KeyBinding([.escape], .dialog(.closed), .later),
                model.revokeKey,
            ] + Self.scrolling
        case .proof(let proof):
            [
                KeyBinding(
                    [.character("i")], .account(.proofIDsToggled),
                    proof.showsIDs ? .hideIDs : .showIDs, name: .showIDs),
                Self.showingCode,
                KeyBinding(
                    [.character("e")], .receiptRequested, .saveReceipt,
                    disabled: model.settings.mode.mayUseFiles ? nil : .notInKiosk),
                model.revokeKey,
            ] + Self.scrolling + [Self.close]
        case .account(let overlay): overlay.keys(model)
        case .catalogue(let overlay): overlay.keys(model, focus: focus)
        case .secret(let sheet): SecretSheet.keys(sheet)
        case .help: Self.scrolling + [Self.close]
        case .palette:
            Self.searching + [
                Self.confirm(.run), KeyBinding([.escape], .dialog(.closed), .close),
            ]
        case .work: Self.choosing + workKeys(model)
        case .notices: Self.scrolling + [Self.close]
        case .themes: Self.choosing + Self.decision(.use)
        case .languages: Self.choosing + Self.decision(.use)
        case .settings:
            Self.choosing + [
                Self.confirm(.changeIt), Self.reread,
                KeyBinding([.escape, .character("q")], .dialog(.closed), .close),
            ]
        case .keyList: Self.scrolling + [Self.close]
        case .node: Self.scrolling + [Self.close]
        case .devices:
            Self.choosing + [
                Self.removal(
                    model.selectedDevice.map { $0.removedAt == nil ? nil : .removedAlready }
                        ?? .nothingSelected), Self.addition, Self.close,
            ]
        case .wards:
            Self.choosing + [
                Self.confirm(.choose),
                Wards.declaring(model.settings.ward == nil ? nil : .notForWard),
                KeyBinding([.escape, .character("q")], .dialog(.closed), .close),
            ]
        case .declareWard: Self.decision(.confirmWard)
        case .removeDevice: Self.decision(.confirmRemoval)
        case .addDevice(let adding):
            adding.admission == nil
                ? [KeyBinding([.escape], .dialog(.closed), .notNow)]
                : Self.decision(.confirmAddition)
        case .quit: Self.decision(.quit)
        }
    }

    static func confirm(_ help: Phrase) -> KeyBinding {
        KeyBinding([.enter], .dialog(.confirmed), help)
    }

    /// Yes and no with the same weight.
    static func decision(_ help: Phrase) -> [KeyBinding] {
        [confirm(help), KeyBinding([.escape], .dialog(.closed), .notNow)]
    }

    private static let signUpAndAuthorize = KeyBinding(
        [.character("g")], .consent(.signUpAndAuthorize), .signUpAndAuthorize)

    private static let reread = KeyBinding(
        [.character("R")], .configurationReread, .rereadFiles)

    private static let showingCode = KeyBinding(
        [.character("c")], .account(.codeRequested), .showCode)

    private static let addition = KeyBinding(
        [.character("a")], .deviceAdditionRequested, .addDevice)
    private static func stopping(_ obstacle: Phrase?) -> KeyBinding {
        KeyBinding([.character("x")], .workStopRequested, .stopWork, disabled: obstacle)
    }

    private static let background = KeyBinding(
        [.escape, .enter, .character("q")], .dialog(.closed), .inBackground)

    /// Stopping and leaving: Escape leaves a list that opened by itself as it leaves the sheet below.
    private func workKeys(_ model: AppModel) -> [KeyBinding] {
        if model.works.isEmpty { return [Self.stopping(.nothingSelected), Self.close] }
        if model.endsWork { return [Self.stopping(nil), Self.close] }
        guard let action = standsFor, model.running[action] != nil else {
            return [Self.stopping(nil), Self.background]
        }
        return [
            KeyBinding([.escape, .character("x")], .workStopRequested, .stopWork),
            KeyBinding([.enter, .character("q")], .dialog(.closed), .inBackground),
        ]
    }

    private static func removal(_ obstacle: Phrase?) -> KeyBinding {
        KeyBinding(
            [.character("d")], .deviceRemovalRequested, .removeDevice, disabled: obstacle)
    }

    /// Every key that a sheet or overlay can have, for `keys.toml`; some names come twice.
    static var allKeys: [KeyBinding] {
        let decisions: [Phrase] = [
            .confirmSignUp, .confirmLeave, .confirmGrant, .confirmRevoke, .confirmErase,
            .confirmContribute, .confirmRemoval, .confirmAddition, .confirmExtend, .confirmNarrow,
            .confirmRedeem, .confirmWish,
            .confirmGiveUp, .confirmAppeal, .read, .whyPoints,
            .openEntry, .next, .open, .run, .markRead, .use, .changeIt,
            .quit, .choose, .confirmWard, .bindKeyring, .unbindKeyring,
        ]
        let others = [
            KeyBinding([.left, .character("h"), .backspace], .dialog(.steppedBack), .back),
            KeyBinding([.character(" "), .character("x")], .dialog(.toggled), .tick),
            KeyBinding([.character(" "), .character("x")], .dialog(.toggled), .strike),
            KeyBinding([.character("v")], .dialog(.rangeMarked), .range),
            KeyBinding([.character("a")], .dialog(.allToggled), .all),
            KeyBinding([.character("i")], .importRequested, .importFile),
            KeyBinding([.character("[")], .account(.monthStepped(-1)), .formerMonth),
            KeyBinding([.character("]")], .account(.monthStepped(1)), .nextMonth),
            KeyBinding([.character("t")], .account(.monthStepped(0)), .thisMonth),
            KeyBinding([.character("a")], .account(.appealRequested), .appeal),
            KeyBinding([.character("v")], .proofRequested, .showProof),
            KeyBinding([.character("i")], .account(.proofIDsToggled), .showIDs), showingCode,
            KeyBinding([.character("e")], .receiptRequested, .saveReceipt), reread, removal(nil),
            addition, Wards.declaring(nil),
            stopping(nil), background,
            KeyBinding([.character("/")], .rows(.searchStarted), .search),
            KeyBinding([.character("s")], .rows(.sortsAsked), .sorts),
            KeyBinding([.character("u")], .rows(.undone), .undoStrike),
        ]
        let ways: [Phrase] = [.notNow, .notNowPrivate, .later]
        let revoking = KeyBinding([.character("r")], .revokeRequested, .revoke)
        let consent =
            [signUpAndAuthorize, revoking] + Grant.allKeys + Revoke.outcomeKeys
            + SecretSheet.allKeys
        return scrolling + decisions.map(confirm) + others + CatalogueOverlay.allKeys + consent
            + ways.map { KeyBinding([.escape], .dialog(.closed), $0) } + [close]
    }

    /// What stands only where text is typed.
    static let typedOnly: [Phrase] = [.run, .stopAsking, .confirmWard]

    static let close = KeyBinding(
        [.escape, .enter, .character("q")], .dialog(.closed), .close)

    static let scrolling = [
        KeyBinding([.down, .character("j")], .dialog(.moved(1)), .down, shown: .helpOnly),
        KeyBinding([.up, .character("k")], .dialog(.moved(-1)), .up, shown: .helpOnly),
        KeyBinding(
            [.pageDown, .control("d"), .control("f"), .character(" ")], .dialog(.pagesMoved(1)),
            .pageDown, shown: .helpOnly),
        KeyBinding(
            [.pageUp, .control("u"), .control("b")], .dialog(.pagesMoved(-1)), .pageUp,
            shown: .helpOnly),
    ]

    private static let moving = [
        KeyBinding([.down, .character("j")], .dialog(.moved(1)), .down, shown: .helpOnly),
        KeyBinding([.up, .character("k")], .dialog(.moved(-1)), .up, shown: .helpOnly),
        KeyBinding(
            [.pageDown, .control("d"), .control("f")], .dialog(.pagesMoved(1)), .pageDown,
            shown: .helpOnly),
        KeyBinding(
            [.pageUp, .control("u"), .control("b")], .dialog(.pagesMoved(-1)), .pageUp,
            shown: .helpOnly),
    ]

    /// Looking for rows, and taking strikes back.
    private static func rowKeys(_ table: RowTable?, canStrike: Bool) -> [KeyBinding] {
        let undo = KeyBinding(
            [.character("u")], .rows(.undone), .undoStrike,
            disabled: table?.canUndo == true ? nil : .nothingStruck)
        return [
            KeyBinding([.character("/")], .rows(.searchStarted), .search),
            KeyBinding(
                [.character("s")], .rows(.sortsAsked), .sorts,
                disabled: (table?.sorts.count ?? 0) > 1 ? nil : .oneSortOnly),
        ] + (canStrike ? [undo] : []) + [
            KeyBinding(
                [.home, .character("<"), .character("g")], .rows(.firstReached), .first,
                shown: .helpOnly),
            KeyBinding(
                [.end, .character(">"), .character("G")], .rows(.lastReached), .last,
                shown: .helpOnly),
        ]
    }

    private static let rowTyping = [
        KeyBinding([.enter], .rows(.searchEnded), .search),
        KeyBinding([.escape], .rows(.searchDropped), .back),
    ]

    static let choosing = [
        KeyBinding([.down, .character("j"), .tab], .dialog(.moved(1)), .down, shown: .helpOnly),
        KeyBinding([.up, .character("k"), .shiftTab], .dialog(.moved(-1)), .up, shown: .helpOnly),
    ]

    /// While text is typed only arrows move.
    static let searching = [
        KeyBinding([.down, .control("n"), .tab], .dialog(.moved(1)), .down, shown: .helpOnly),
        KeyBinding([.up, .control("p"), .shiftTab], .dialog(.moved(-1)), .up, shown: .helpOnly),
        KeyBinding([.pageDown], .dialog(.pagesMoved(1)), .pageDown, shown: .helpOnly),
        KeyBinding([.pageUp], .dialog(.pagesMoved(-1)), .pageUp, shown: .helpOnly),
    ]

    private static func contributeKeys(_ contribute: Contribute.Model) -> [KeyBinding] {
        let back = KeyBinding([.left, .character("h"), .backspace], .dialog(.steppedBack), .back)
        let no = KeyBinding([.escape], .dialog(.closed), .notNow)
        switch contribute.step {
        case .target: return contribute.choiceCount == 0 ? [no] : choosing + [confirm(.next), no]
        case .record:
            let importing = KeyBinding([.character("i")], .importRequested, .importFile)
            return contribute.choiceCount == 0
                ? [importing, no] : choosing + [confirm(.next), no, importing]
        case .rows where contribute.table?.field != nil: return rowTyping
        case .rows:
            return [
                confirm(.next), no,
                KeyBinding([.character(" "), .character("x")], .dialog(.toggled), .strike),
                KeyBinding([.character("v")], .dialog(.rangeMarked), .range),
                KeyBinding([.character("a")], .dialog(.allToggled), .all),
            ] + rowKeys(contribute.table, canStrike: true) + [back] + moving
        case .summary: return [confirm(.confirmContribute), no, back] + scrolling
        }
    }
}

extension Action {
    /// What closing the sheet does that waits for it.
    fileprivate var whenLeft: Phrase {
        if case .inviteDevice = self { return .notNow }
        return work == nil ? .inBackground : .stopWork
    }
}
