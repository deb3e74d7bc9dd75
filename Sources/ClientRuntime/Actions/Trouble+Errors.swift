import ClientStore
import Foundation
import HealthRecords
import LedgerCore
package import Screens
import SyncCore
import TerminalCore

extension Trouble {
    /// What to tell a person about an error; one that has no words of its own keeps its reason.
    package init(_ error: any Error) {
        switch error {
        case let failure as StoreFailure: self = Trouble(failure)
        case let problem as RowFileProblem: self = Trouble(problem)
        case let error as VaultError: self = Trouble(error)
        case let problem as SecretProblem: self = problem.trouble
        case let error as HomeError: self = Trouble(error)
        case let error as JoinError: self = Trouble(error)
        case let problem as PolicyFileProblem:
            switch problem {
            case .notReadable(let path): self = .notReadable(path: path)
            case .noPolicy(let path, let why):
                self = .noPolicy(path: path, why: why)
            }
        case let problem as RecordProblem:
            switch problem {
            case .missing: self = .recordMissing
            case .nothingLeft: self = .nothingLeft
            case .notAsShown: self = .rowsChanged
            case .tooLarge: self = .tooMuchLeaves
            }
        case let problem as WardProblem:
            switch problem {
            case .unknown: self = .noWard
            case .noName: self = .wardNeedsName
            case .nameTaken: self = .wardNameTaken
            }
        case let failure as NodeFailure: self = Trouble(failure)
        case is SessionLocked: self = .vaultLocked
        case is FilesNotHere: self = .filesNotHere
        case is ProofMissing: self = .proofMissing
        case ExportRefusal.notEmpty(let folder): self = .folderNotEmpty(path: folder)
        case is NodeUnreachable: self = .nodeUnreachable
        case let error as any SpeakingError: self = .told(error.text.string)
        default: self = .other(String(describing: error))
        }
    }

    private init(_ failure: StoreFailure) {
        switch failure.code {
        case .full: self = .diskFull
        case .busy: self = .storeBusy
        case .readOnly: self = .storeTooNew
        case .corrupt: self = .storeDamaged
        case .constraint: self = .other(failure.description)
        case .unavailable: self = .storeUnavailable
        case .missing: self = .notJoined
        }
    }

    private init(_ problem: RowFileProblem) {
        switch problem.code {
        case ENOSPC, EDQUOT: self = .diskFull
        case EACCES, EPERM, EROFS, ENOENT, ENOTDIR: self = .storeUnavailable
        default: self = .diskFails
        }
    }

    private init(_ error: VaultError) {
        switch error {
        case .missing: self = .notJoined
        case .wrongPassphrase: self = .wrongPassphrase
        case .damaged: self = .vaultDamaged
        case .exists: self = .vaultExists
        case .wiped: self = .vaultWiped
        case .keyring(let problem): self = .keyring(problem)
        }
    }

    private init(_ error: HomeError) {
        switch error.problem {
        case .readableByOthers: self = .othersCanRead(path: error.path)
        case .notOwned: self = .notOwned(path: error.path)
        case .notWritable: self = .notWritable(path: error.path)
        case .unreadable: self = .notReadable(path: error.path)
        case .notInMemory: self = .notInMemory(path: error.path)
        case .inUse: self = .folderInUse(path: error.path)
        }
    }

    private init(_ error: JoinError) {
        switch error {
        case .notACode: self = .notACode
        case .codeRefused: self = .codeRefused
        case .nodeNotAuthentic: self = .nodeNotGenuine
        case .policyElsewhere: self = .policyElsewhere
        case .refused: self = .enrolmentRefused
        case .notReachable: self = .nodeUnreachable
        case .notStored: self = .storeUnavailable
        }
    }

    private init(_ failure: NodeFailure) {
        switch failure {
        case .problem: self = failure.said.map { .nodeRefuses($0) } ?? .nodeNonsense
        case .away, .unreachable: self = .nodeUnreachable
        case .timedOut: self = .nodeSilent
        case .malformed: self = .nodeNonsense
        case .incompatible: self = .versionDiffers
        case .locked: self = .vaultLocked
        case .unconfirmed: self = .witnessesMissing
        }
    }
}
