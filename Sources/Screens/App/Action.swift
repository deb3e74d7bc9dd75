package import LedgerCore
package import SyncCore

/// The number of an action that was started.
package struct ActionID: Hashable, Sendable {
    /// The number, from 1.
    package let number: Int

    /// Makes an id.
    package init(_ number: Int) { self.number = number }
}

/// Something a person decided.
///
/// Each is answered by exactly one `actionFinished`.
package enum Action: Equatable, Sendable {
    /// Start a private node on this machine and join it.
    case startDemo
    /// Join the node at an address with an invitation code; `policy` is the file that says whose
    /// cosignatures checkpoints need, where the person has one.
    case join(code: String, node: String, policy: String?)
    /// Open the vault.
    case unlock(passphrase: String)
    /// Join a project; `seen` is the hash of the terms that were shown.
    case signUp(ProjectID, major: Int64, minor: Int64, seen: Hash)
    case leave(ProjectID)
    case importFiles([String])
    case contribute(ContributionDraft)
    case grant(AuthorizationDraft)
    /// Keep what was decided so far about an authorization, unsigned, on this machine.
    case keepDraft(ConsentDraft)
    /// Forget it.
    case discardDraft(ProjectID)
    /// Take an entry back that was never sent.
    case withdraw(Hash)
    /// Do not ask for the vault's secret with each authorization any more; takes the secret.
    case stopAskingSecret(String)
    /// Put the vault's keys under another passphrase; empty for none.
    case changePassphrase(from: String, to: String)
    /// Bind the vault's keys to the keyring of the login, or to none; empty without a passphrase.
    case bindKeyring(passphrase: String, isBound: Bool)
    case pause(AuthorizationSubject)
    /// Let a paused authorization go on, if the pause is still the one that was shown.
    case resume(AuthorizationSubject, shown: Hash? = nil, secret: String?)
    case revoke(AuthorizationRevoked)
    /// Delete a record from this machine.
    case eraseRecord(Int64)
    case markRefusalRead(Hash)
    /// Write the receipt of an entry into a file; one that is there is only replaced if so told.
    case exportReceipt(Hash, path: String, isReplacing: Bool)
    /// Write everything of the member into a new folder.
    case takeHome(path: String)
    /// Ask for a reward at the price that was shown.
    case redeem(RewardID, price: Points)
    /// Give up what was asked for.
    case cancelRedemption(Hash)
    /// Appeal against a proposed correction of points.
    case appealCorrection(Hash)
    /// Say which results of a project the person wishes to know; none ends it.
    case wishResults(ProjectID, [ResultClass])
    /// Keep a filter under its name, on this machine.
    case keepFilter(SavedFilter)
    case deleteFilter(name: String)
    /// Keep what the person wrote down about themselves, on this machine.
    case keepOwnProfile(OwnProfile)
    /// Keep what the person chose about the app.
    case keepPreferences(Preferences)
    /// Read the configuration again; it arrives as `configured`.
    case rereadConfiguration
    /// Close the vault until its passphrase is typed.
    case lock
    /// Show a code for another device of the person; who types it arrives as `deviceAsked`.
    case inviteDevice
    /// Let the device whose words were compared sign, too; `code` is the one that was shown.
    case admitDevice(DeviceKeys, code: String)
    /// Wait for no device any more.
    case endInvitation
    /// Declare a minor in the person's care, called so on this machine.
    case declareWard(name: String, born: BirthMonth)
    /// Take a device's right to sign away.
    case revokeDevice(DeviceID)
    /// Look for rows of a record.
    case findRows(record: Int64, RowQuery)
    /// Look for the rows of a record that stay because the project asks for other dates.
    case findOutside(record: Int64, ProjectID)
    /// Check the copy of the ledger on this machine: every signature, every rule.
    case checkLedger
    /// Connect now, also after the person chose to be offline.
    case syncNow
    case goOffline
}

extension Action {
    /// Whether it writes everything into a folder.
    package var isExport: Bool { if case .takeHome = self { true } else { false } }

    /// Whether it opens the vault, or makes it.
    var opensVault: Bool {
        switch self {
        case .startDemo, .join, .unlock: true
        default: false
        }
    }

    /// Whether it reads or writes files that the person names.
    package var usesFiles: Bool {
        switch self {
        case .importFiles, .exportReceipt, .takeHome: true
        default: false
        }
    }
}

/// How an action ended.
///
/// Success of a decision means: signed and in the outbox, not yet in force.
package enum ActionOutcome: Equatable, Sendable {
    /// Carried out; `entry` is the entry that was queued, where there is one.
    case done(entry: Hash?)
    /// Carried out, the entry was queued, and this is to be known besides.
    case noted(entry: Hash, Trouble)
    /// Files were read: how many records and rows they gave, and what was left out, in words.
    case imported(records: Int, rows: Int, problems: [String])
    /// A code for a new device.
    case deviceInvited(code: String)
    /// Another device has to agree first; it shows the same words.
    case awaitingDevice(words: [String])
    /// A file was written.
    case saved(path: String)
    /// There is a file already; nothing was written.
    case fileExists
    /// Everything was written: so many records and entries; so many decisions have no proof yet
    /// and are listed apart.
    case tookHome(path: String, records: Int, entries: Int, waiting: Int, wards: [String])
    /// The rows that were looked for.
    case foundRows(RowSet)
    /// The person ended it.
    case stopped(Stopped)
    /// So many entries of the ledger's copy were checked, and hold.
    case checked(entries: Int64)
    /// The ledger's copy does not hold at the entry with this index.
    case checkFailed(index: Int64)
    /// A rule of the ledger refuses it; nothing was signed.
    case refused(EntryRejection)
    /// The node gave no answer; nothing was lost.
    case notReachable(NodeFailure)
    /// It failed.
    case failed(Trouble)

    /// The entry that was queued, where there is one.
    package var entry: Hash? {
        switch self {
        case .done(let entry): entry
        case .noted(let entry, _): entry
        case .imported, .deviceInvited, .awaitingDevice, .saved, .fileExists, .tookHome,
            .foundRows, .stopped, .checked, .checkFailed, .refused, .notReachable, .failed:
            nil
        }
    }
}

/// What is left of something a person ended.
package enum Stopped: Equatable, Sendable {
    /// An import: `goesOn` where the file is read on from there the next time; the records of the
    /// files before it are kept.
    case importing(file: String, percent: Int, goesOn: Bool, recordsBefore: Int)
    /// Rows were being sealed: nothing is handed over.
    case sealing
    /// The copy of the ledger was being checked.
    case checking
    /// Everything was being written into a folder.
    case exporting
}

/// A record to hand to a project.
package struct ContributionDraft: Equatable, Sendable {
    /// The project.
    package var project: ProjectID
    /// The record on this machine.
    package var record: Int64
    /// Positions of the rows that do not leave this machine, ascending.
    package var struck: [Int]
    /// The rows that were shown as staying because of their date; `nil` where none were shown.
    package var outside: RowSet?

    /// Makes a draft.
    package init(project: ProjectID, record: Int64, struck: [Int], outside: RowSet? = nil) {
        self.project = project
        self.record = record
        self.struck = struck
        self.outside = outside
    }
}

/// What a person agreed to; recipients and windows are those of the terms.
package struct AuthorizationDraft: Equatable, Sendable {
    /// The project.
    package var project: ProjectID
    /// The major version that was shown.
    package var major: Int64
    /// The minor version that was shown.
    package var minor: Int64
    /// The hash of the terms that were shown.
    package var terms: Hash
    /// The language they were shown in.
    package var language: Language
    /// The kinds of data, ascending.
    package var kinds: [RecordKind]
    /// When use ends.
    package var until: Timestamp
    /// The purposes, ascending; `nil` means all that the terms name.
    package var purposes: [DataUse]?
    /// The projects whose records may be linked with these, ascending: of those the terms name.
    package var links: [ProjectID]
    /// The grant that it changes, as it was shown; `nil` where it is a decision of its own.
    package var changed: AuthorizationGranted?
    /// The vault's secret, typed for this authorization; `nil` where it was not asked for.
    package var secret: String?

    /// Makes a draft.
    package init(
        project: ProjectID, major: Int64, minor: Int64, terms: Hash, language: Language,
        kinds: [RecordKind], until: Timestamp, purposes: [DataUse]? = nil,
        links: [ProjectID] = []
    ) {
        self.project = project
        self.major = major
        self.minor = minor
        self.terms = terms
        self.language = language
        self.kinds = kinds
        self.until = until
        self.purposes = purposes
        self.links = links
    }
}
