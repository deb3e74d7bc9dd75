import LedgerCore
import SyncCore
import TerminalCore

/// Appealing against a proposal to take points back.
enum Appeal {
    struct Model: Equatable {
        /// The entry that proposes it.
        let line: ActivityLine
        /// What is proposed.
        let proposed: CorrectionProposed
        /// Until when one can appeal.
        let until: Timestamp
    }

    static func write(_ model: Model, _ say: Words, into page: inout Document) {
        page.heading(say.headline(model.line))
        page.blank()
        page.field(say(.points), say.points(model.proposed.points), .points)
        page.field(say(.reason), say(model.proposed.reason.explained))
        if let actor = model.line.actor { page.field(say(HomeText.proposedBy), say(actor)) }
        page.field(say(.when), say.dateTime(model.line.at))
        page.field(say(HomeText.appealUntil), say.dateTime(model.until), .statusWarning)
        page.blank()
        page.text(say(HomeText.appealMeaning))
    }
}

extension HomeSummary {
    /// The proposal that an entry states, where it could be appealed against when this was read.
    func appeal(against entry: Hash) -> Appeal.Model? {
        for case .correctionProposed(let line, _, let until) in attention
        where line.entry == entry {
            guard case .correctionProposed(let proposed) = line.body else { continue }
            return Appeal.Model(line: line, proposed: proposed, until: until)
        }
        return nil
    }
}

extension AppModel {
    /// The proposal that keys act on, while it can be appealed against.
    var appealable: Appeal.Model? {
        guard let entry = focusedEntry, let appeal = home.summary?.appeal(against: entry),
            appeal.until > settings.now
        else { return nil }
        return appeal
    }

    var appealKey: KeyBinding {
        let isOwn = settings.mode == .personal
        let works = isOwn && appealable != nil
        return KeyBinding(
            [.character("a")], .account(.appealRequested), .appeal,
            disabled: works ? nil : (isOwn ? .nothingToAppeal : .notInKiosk),
            shown: works ? .bar : .helpOnly)
    }
}
