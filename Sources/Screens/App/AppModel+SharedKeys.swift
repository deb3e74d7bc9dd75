import LedgerCore
import SyncCore
import TerminalCore

/// Keys that mean the same in every place that shows a project or an entry.
extension AppModel {
    var revokeKey: KeyBinding {
        KeyBinding(
            [.character("r")], .revokeRequested, .revoke,
            disabled: revocable.isEmpty ? .nothingToRevoke : nil)
    }

    var grantKey: KeyBinding {
        KeyBinding([.character("g")], .grantRequested, .authorize, disabled: grantObstacle)
    }

    private var grantObstacle: Phrase? {
        guard focusedProject != nil else { return .nothingSelected }
        if let line = focusedAuthorization, line.isRevocable, line.state != .reconsentDue,
            !line.isOfFormerVersion
        {
            return .authorizedAlready
        }
        switch focusedParticipation {
        case .joined, .joining: return nil
        case .some(.none), .leaving: return .signUpFirst
        case nil: return nil
        }
    }

    var contributeKey: KeyBinding {
        KeyBinding(
            [.character("c")], .contributeRequested, .contribute, disabled: contributeObstacle)
    }

    private var contributeObstacle: Phrase? {
        guard settings.mode.mayUseFiles else { return .notInKiosk }
        return switch focusedParticipation {
        case .joined, .joining: nil
        case .some(.none), .leaving: .signUpFirst
        case nil: focusedProject == nil ? .nothingSelected : nil
        }
    }

    var pauseKey: KeyBinding {
        let line = focusedAuthorization
        let isPaused = line?.state == .paused
        let works = line?.isRevocable == true && line?.pending == nil
        return KeyBinding(
            [.character("p")], .pauseRequested, isPaused ? .resume : .pause,
            disabled: works ? nil : .nothingToPause, name: .pause)
    }

    var proofKey: KeyBinding {
        KeyBinding(
            [.character("v")], .proofRequested, .showProof,
            disabled: focusedEntry == nil
                ? .noEntryHere : (isFocusedEntryRecorded ? nil : .notRecordedYet))
    }

    /// Enter opens what is selected; in one pane only while the list is shown.
    func openKey(_ help: Phrase) -> KeyBinding {
        KeyBinding(
            [.enter, .right, .character("l")], .list(.opened), help,
            disabled: listCount == 0 ? .nothingSelected : nil,
            shown: listState.isDetailOpen ? .helpOnly : .bar)
    }
}
