import LedgerCore
import SyncCore
import TerminalCore

/// A sheet or overlay about the person's authorizations, points or uses.
enum AccountOverlay: Equatable {
    case extend(Extend.Model)
    case narrow(Narrow.Model)
    case agreements(Agreements.Model)
    /// One agreement of them, by its position.
    case agreement(Agreements.Model, Int)
    case pointsByProject([ProjectEarnings])
    case reason(PointsReason)
    case calendar(UseCalendar.Model)
    case uses(UseReport.Model)
    case rewards(Rewards.Model)
    case redeem(RewardLine)
    case giveUp(RedemptionLine)
    /// Against a proposal to take points back.
    case appeal(Appeal.Model)
    case saveReceipt(SaveReceipt.Model)
    case overdue(OverdueErasure)
    case code(EntryProof)
    case takeHome(TakeHome.Model)
    /// The keys of this machine and the keyring of the login.
    case keyring
    case results(Results.Model)
    case wishes(ResultWishes.Model)
    case result(OpenedResult)

    func title(_ say: Words) -> SafeText {
        switch self {
        case .extend: say(.extendTitle)
        case .narrow: say(.narrowTitle)
        case .agreements, .agreement: say(.agreementsTitle)
        case .pointsByProject: say(.byProjectTitle)
        case .reason: say(.reasonTitle)
        case .calendar: say(.calendarTitle)
        case .uses: say(.usesTitle)
        case .rewards: say(.rewardsTitle)
        case .redeem: say(.redeemTitle)
        case .giveUp: say(.giveUpTitle)
        case .appeal: say(.appealTitle)
        case .saveReceipt: say.title(Phrase.saveReceipt.texts)
        case .overdue: say(HomeText.overdueTitle)
        case .code: say(.codeTitle)
        case .takeHome: say.title(Phrase.takeHome.texts)
        case .keyring: say.title(Phrase.keyring.texts)
        case .results, .result: say(ResultText.title)
        case .wishes: say(ResultText.wishesTitle)
        }
    }

    func write(_ model: AppModel, focus: Int, rows: Int, into page: inout Document) {
        let say = model.say
        switch self {
        case .extend(let extend): Extend.write(extend, say, focus: focus, into: &page)
        case .narrow(let narrow): Narrow.write(narrow, say, focus: focus, into: &page)
        case .agreements(let agreements):
            Agreements.write(agreements, say, focus: focus, into: &page)
        case .agreement(let agreements, let position):
            Agreements.write(agreements, position, say, into: &page)
        case .pointsByProject(let projects):
            PointsReasons.write(projects, say, focus: focus, into: &page)
        case .reason(let reason): PointsReasons.write(reason, say, focus: focus, into: &page)
        case .calendar(let calendar): UseCalendar.write(calendar, say, into: &page)
        case .uses(let report): UseReport.write(report, say, into: &page)
        case .rewards(let rewards): Rewards.write(rewards, say, focus: focus, into: &page)
        case .redeem(let reward):
            Rewards.write(reward, say, into: &page)
        case .giveUp(let line): Rewards.write(line, say, into: &page)
        case .appeal(let appeal): Appeal.write(appeal, say, into: &page)
        case .saveReceipt(let receipt): SaveReceipt.write(receipt, say, into: &page)
        case .overdue(let erasure): Overdue.write(erasure, say, into: &page)
        case .code(let proof): ReceiptCodeSheet.write(proof, say, rows: rows, into: &page)
        case .takeHome(let home): TakeHome.write(home, say, into: &page)
        case .keyring: KeyringSheet.write(model, into: &page)
        case .results(let results): Results.write(results, say, focus: focus, into: &page)
        case .wishes(let wishes): ResultWishes.write(wishes, say, focus: focus, into: &page)
        case .result(let result): Results.write(result, say, into: &page)
        }
    }

    var choiceCount: Int {
        switch self {
        case .extend(let extend): extend.ends.count
        case .narrow(let narrow): narrow.choiceCount
        case .agreements(let agreements): agreements.agreements.count
        case .pointsByProject(let projects): projects.count
        case .reason(let reason): reason.triggers.count
        case .rewards(let rewards): rewards.count
        case .results(let results): results.count
        case .wishes(let wishes): wishes.offer.classes.count
        case .agreement, .calendar, .uses, .redeem, .giveUp, .appeal, .saveReceipt, .overdue,
            .code, .takeHome, .keyring, .result:
            0
        }
    }

    /// Whether what is typed goes into a field of it.
    var takesText: Bool {
        switch self {
        case .saveReceipt, .takeHome: true
        default: false
        }
    }

    mutating func type(_ edit: TextEdit) {
        switch self {
        case .saveReceipt(var receipt):
            receipt.field.apply(edit)
            self = .saveReceipt(receipt)
        case .takeHome(var home):
            home.field.apply(edit)
            self = .takeHome(home)
        default: break
        }
    }

    /// The entry whose proof can be asked for.
    func entry(_ focus: Int) -> Hash? {
        switch self {
        case .agreements(let model):
            model.agreements.indices.contains(focus) ? model.agreements[focus].entry : nil
        case .agreement(let model, let position): model.agreements[position].entry
        case .overdue(let erasure): erasure.entry
        case .code(let proof): proof.entry
        case .result(let result): result.line.entry
        case .extend, .narrow, .pointsByProject, .reason, .calendar, .uses, .rewards, .redeem,
            .giveUp, .appeal, .saveReceipt, .takeHome, .keyring, .results, .wishes:
            nil
        }
    }

    mutating func toggle(_ focus: Int) {
        switch self {
        case .narrow(var narrow):
            narrow.toggle(focus)
            self = .narrow(narrow)
        case .wishes(var wishes):
            wishes.toggle(focus)
            self = .wishes(wishes)
        default: break
        }
    }

    // MARK: Keys

    func keys(_ model: AppModel) -> [KeyBinding] {
        let no = KeyBinding([.escape], .dialog(.closed), .notNow)
        switch self {
        case .extend(let extend):
            return extend.ends.isEmpty
                ? [Overlay.close]
                : Overlay.choosing + [Overlay.confirm(.confirmExtend), no]
        case .narrow:
            return Overlay.choosing + [
                Overlay.confirm(.confirmNarrow), no,
                KeyBinding([.character(" "), .character("x")], .dialog(.toggled), .tick),
            ]
        case .agreements(let agreements):
            return agreements.agreements.isEmpty
                ? [Overlay.close] : opening(.read) + [proofKey(model), model.revokeKey]
        case .agreement:
            return [proofKey(model), model.revokeKey] + Overlay.scrolling + [Overlay.close]
        case .pointsByProject(let projects):
            return projects.isEmpty ? [Overlay.close] : opening(.whyPoints)
        case .reason(let reason):
            return reason.triggers.isEmpty
                ? Overlay.scrolling + [Overlay.close] : opening(.openEntry)
        case .calendar:
            return [
                KeyBinding(
                    [.left, .character("h"), .character("[")], .account(.monthStepped(-1)),
                    .formerMonth),
                KeyBinding(
                    [.right, .character("l"), .character("]")], .account(.monthStepped(1)),
                    .nextMonth),
                KeyBinding([.character("t")], .account(.monthStepped(0)), .thisMonth),
            ] + Overlay.scrolling + [Overlay.close]
        case .uses: return [model.revokeKey] + Overlay.scrolling + [Overlay.close]
        case .rewards(let rewards):
            return rewards.count == 0 ? [Overlay.close] : opening(.choose)
        case .redeem: return Overlay.decision(.confirmRedeem)
        case .giveUp: return Overlay.decision(.confirmGiveUp)
        case .appeal: return Overlay.decision(.confirmAppeal)
        case .saveReceipt:
            return [
                Overlay.confirm(.saveReceipt), KeyBinding([.escape], .dialog(.closed), .notNow),
            ]
        case .overdue: return [proofKey(model)] + Overlay.scrolling + [Overlay.close]
        case .code: return Overlay.scrolling + [Overlay.close]
        case .takeHome:
            return [
                Overlay.confirm(.takeHome), KeyBinding([.escape], .dialog(.closed), .notNow),
            ]
        case .keyring: return KeyringSheet.keys(model)
        case .results(let results):
            return results.count == 0 ? [Overlay.close] : opening(.open)
        case .wishes:
            return Overlay.choosing + [
                Overlay.confirm(.confirmWish), no,
                KeyBinding([.character(" "), .character("x")], .dialog(.toggled), .tick),
            ]
        case .result: return [proofKey(model)] + Overlay.scrolling + [Overlay.close]
        }
    }

    private func opening(_ help: Phrase) -> [KeyBinding] {
        Overlay.choosing + [
            Overlay.confirm(help),
            KeyBinding([.escape, .character("q")], .dialog(.closed), .close),
        ]
    }

    private func proofKey(_ model: AppModel) -> KeyBinding {
        let isRecorded: Bool
        switch self {
        case .agreements(let agreements):
            let focus = model.overlays.last?.focus ?? 0
            isRecorded =
                agreements.agreements.indices.contains(focus)
                && agreements.agreements[focus].state == .proven
        case .agreement(let agreements, let position):
            isRecorded = agreements.agreements[position].state == .proven
        case .overdue(let erasure): isRecorded = erasure.entry != nil
        case .code, .result: isRecorded = true
        case .extend, .narrow, .pointsByProject, .reason, .calendar, .uses, .rewards, .redeem,
            .giveUp, .appeal, .saveReceipt, .takeHome, .keyring, .results, .wishes:
            isRecorded = false
        }
        return KeyBinding(
            [.character("v")], .proofRequested, .showProof,
            disabled: isRecorded ? nil : .notRecordedYet)
    }
}
