import LedgerCore
import SyncCore
import TerminalCore

/// Something that can be undone while nobody else knows of it.
enum Undoable: Equatable {
    /// A decision in the outbox.
    case entry(Hash)
    /// A draft that was discarded.
    case draft(ConsentDraft)

    /// How many are remembered.
    static let limit = 20
}

extension KeyBinding {
    /// Whether it takes back what was decided last.
    var isUndo: Bool { message == .consent(.undoRequested) }
}

extension AppModel {
    /// What undoing means here: the selected entry that waits, or else the last decision.
    ///
    /// Of a selected entry that was sent meanwhile it is said that it cannot be undone: nothing else
    /// is taken back in its place.
    private var undoTarget: Undoable? {
        if overlays.isEmpty, place == .activity, let line = activity.selected {
            let isOnItsWay = [.sent, .accepted].contains(line.state) && !undoable.isEmpty
            if line.state == .queued || isOnItsWay || undoable.contains(.entry(line.entry)) {
                return .entry(line.entry)
            }
        }
        return undoable.last
    }

    /// Undoing is offered in the bar only while something waits: what is sent cannot be undone.
    var undoKey: KeyBinding {
        let isOffered: Bool
        switch undoTarget {
        case .entry?: isOffered = status.outboxCount > 0
        case .draft?: isOffered = true
        case nil: isOffered = false
        }
        return KeyBinding(
            [.character("u")], .consent(.undoRequested), .undo,
            disabled: undoTarget == nil ? .nothingToUndo : nil,
            shown: isOffered ? .bar : .helpOnly)
    }

    mutating func undo() -> [Effect] {
        guard let target = undoTarget else { return [] }
        undoable.removeAll { $0 == target }
        switch target {
        case .entry(let entry): return [perform(.withdraw(entry))]
        case .draft(let draft):
            hint(say(UndoText.draftIsBack), .done)
            return [perform(.keepDraft(draft))]
        }
    }

    /// Remembers what a decision queued.
    mutating func noteUndoable(_ action: Action, _ outcome: ActionOutcome) {
        guard settings.mode == .personal, let entry = outcome.entry else { return }
        undoable.append(.entry(entry))
        if undoable.count > Undoable.limit { undoable.removeFirst() }
    }
}
