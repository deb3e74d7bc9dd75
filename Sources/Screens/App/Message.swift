package import LedgerCore
package import SyncCore
package import TerminalCore

/// What happened: in the world, or by a key of the tables.
package enum Message: Equatable, Sendable {
    // From the world.
    /// A key, a paste, the mouse.
    case key(Key)
    case resized(Size)
    // By reference: what was read can be large, and every line of a key table holds a message.
    indirect case loaded(RequestID, Loaded)
    /// Reading failed.
    case loadFailed(RequestID, Trouble)
    case actionFinished(ActionID, ActionOutcome)
    case statusChanged(SyncStatus)
    /// The local store has something new: what is shown is read again.
    case storeChanged
    case clockTicked(Timestamp)
    /// Nobody has joined on this machine yet.
    case needsEnrolment
    /// The vault is locked.
    case needsUnlock
    /// The vault is open and belongs to this person: the places open. Also sent after `startDemo`,
    /// `join` and `unlock` succeeded.
    case unlocked(memberName: String)

    /// A device typed the code that is shown.
    case deviceAsked(AskingDevice)
    /// Nothing came of adding a device.
    case pairingFailed(Trouble)
    /// How far something is that takes a while; `nil` when it has ended.
    case progressed(WorkID, WorkProgress?)

    /// The configuration was read.
    case configured(Configuration)

    // From the key tables.
    case list(ListMessage)
    case dialog(DialogMessage)
    case typed(TextEdit)
    case placeChosen(Place)
    case placeStepped(Int)
    case searchStarted
    case searchEnded(isKept: Bool)
    case orderChanged
    case catalogue(CatalogueMessage)
    case signUpRequested
    case leaveRequested
    case grantRequested
    case revokeRequested
    case pauseRequested
    case contributeRequested
    case importRequested
    case rowsRequested
    case rows(RowMessage)
    case eraseRequested
    case account(AccountMessage)
    case proofRequested
    /// The selected refusal was read.
    case activityMarked
    case receiptRequested
    case helpRequested
    case paletteRequested
    case noticesRequested
    case themesRequested
    case languagesRequested
    case syncRequested
    case offlineRequested
    case quitRequested
    case suspendRequested
    case settingsRequested
    /// A setting was chosen: it changes, or opens what changes it.
    case settingChosen(Setting)
    case configurationReread
    /// The list of what takes a while was asked for.
    case workRequested
    /// What is selected there is to end.
    case workStopRequested
    /// The copy of the ledger on this machine is to be checked.
    case checkRequested
    case copyRequested(Copied)
    case lockRequested
    case deviceRemovalRequested
    case deviceAdditionRequested
    /// The person wants to act for somebody else.
    case wardsRequested
    /// A minor is to be declared.
    case wardAdditionRequested
    /// A project was chosen by its title.
    case projectSought(LocalizedText)
    case demoRequested
    case joinRequested
    case consent(ConsentMessage)
    /// A command of another place was chosen.
    indirect case elsewhere(Place, Message)
}

/// What happened to the list or the detail beside it.
package enum ListMessage: Equatable, Sendable {
    case moved(Int)
    case pagesMoved(Int)
    case halfPagesMoved(Int)
    case firstReached
    case lastReached
    /// The line at this position was clicked.
    case picked(Int)
    case opened
    case closed
}

/// What happened in the sheet or overlay on top.
package enum DialogMessage: Equatable, Sendable {
    case moved(Int)
    case pagesMoved(Int)
    /// The choice at this position was clicked.
    case picked(Int)
    /// The choice at this position gets the keys.
    case pointed(Int)
    /// The choice at this position is taken at once.
    case taken(Int)
    /// The mouse was drawn from one choice to another with its button down.
    case dragged(from: Int, to: Int)
    case toggled
    case allToggled
    /// A range starts or ends here.
    case rangeMarked
    case confirmed
    case steppedBack
    case closed
}

/// What was done to the text being typed.
package enum TextEdit: Equatable, Sendable {
    case inserted(String)
    case deletedBackward
    case deletedWord
    case cleared
}
