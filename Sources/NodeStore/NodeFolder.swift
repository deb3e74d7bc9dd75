internal import Crypto
internal import Foundation
internal import LedgerCore
package import NodeSequencer

/// The folder a node lives in.
///
///     log.key          origin and the log's private key        mode 0600
///     operator.key     the operator's two private keys         mode 0600
///     ledger.sqlite    the ledger
///     ledger.snapshot  what its first entries add up to, for a faster start; can be removed
///     records/         ciphertext
///     node.lock        held while a process decides
///     init.unfinished  there until all of the above is
///     node.bell        a named pipe: rung when an order waits for who serves
///     nonces.now       the requests taken of late, and nonces.before
///     kept.checkpoint  the newest checkpoint, or
///     kept.path        the path of the file that has it, better on another disk
package struct NodeFolder: Sendable {
    /// The path of the folder.
    package let path: String

    /// Names a folder.
    package init(path: String) {
        self.path = path
    }

    /// What tells the process that serves that an order waits.
    package var bell: OrderBell { OrderBell(path: "\(path)/node.bell") }
    /// The path of the database.
    package var databasePath: String { "\(path)/ledger.sqlite" }
    /// The path of the folder for ciphertext.
    package var recordsPath: String { "\(path)/records" }

    /// The path of the file that keeps the newest checkpoint.
    package var keptPath: String {
        // Where no path is named there is no such file.
        let named = FileManager.default.contents(atPath: keptNamePath).map {
            String(decoding: $0, as: UTF8.self).split(separator: "\n").first.map(String.init)
        }
        return (named ?? nil) ?? "\(path)/kept.checkpoint"
    }
    var keptNamePath: String { "\(path)/kept.path" }
    var unfinishedPath: String { "\(path)/init.unfinished" }

    /// Why a folder cannot be used.
    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// There is a ledger already.
        case exists(String)
        /// There is no ledger.
        case missing(String)
        /// The making of the ledger was interrupted.
        case unfinished(String)
        /// What was interrupted was begun with these options; whether there is no database yet.
        case otherOptions(String, String, isEmpty: Bool)
        /// A file of the folder cannot be opened or written.
        case file(String, reason: String)
        /// What a witness cosigned is gone, so it could cosign a second history.
        case memoryMissing(String)
        /// A key file cannot be read or others may read it.
        case keyFile(String)
        /// Another process decides for this ledger.
        case locked(String)
        /// The kept checkpoint is gone, so an old copy could not be told from the ledger.
        case keptMissing(String)
        /// The file for the kept checkpoint cannot be used.
        case keptFile(String, reason: String)

        /// Whether what is stored is in doubt, and not only how it can be reached.
        package var isAboutTheLedger: Bool {
            switch self {
            case .keptMissing, .keptFile: true
            case .exists, .missing, .unfinished, .otherOptions, .file, .memoryMissing, .keyFile,
                .locked:
                false
            }
        }

        /// What is wrong, for people.
        package var description: String {
            switch self {
            case .exists(let path): "there is a ledger or a witness in \(path) already"
            case .missing(let path): "there is no ledger in \(path): run accord-node init"
            case .unfinished(let path):
                "the ledger in \(path) was not finished: run accord-node init once more"
            case .otherOptions(let path, let options, let isEmpty):
                "the ledger in \(path) was begun with  \(options)  : finish it with that"
                    + (isEmpty ? ", or remove the folder, in which there is no ledger yet" : "")
            case .file(let path, let reason): "\(path): \(reason)"
            case .memoryMissing(let path):
                """
                \(path), which holds what the witness cosigned, is not there. Without it the witness \
                could cosign a second history: put it back, or make a witness with a key of its own \
                in another folder.
                """
            case .keyFile(let path): "\(path) is not a key file only its owner can read"
            case .locked(let path): "another accord-node serves \(path)"
            case .keptMissing(let path):
                """
                \(path), which keeps the newest checkpoint, is gone, so it cannot be told whether \
                the database is an old copy. Put the file back, or say with "accord-node restore" \
                which copy of the database is the newest.
                """
            case .keptFile(let path, let reason):
                "\(path), which keeps the newest checkpoint, \(reason)"
            }
        }
    }

    /// Makes the folder where it is missing.
    package func make() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    /// Makes a file of lines in the folder that only its owner can read.
    ///
    /// - Throws: `Failure.exists` if the file is there.
    package func createKeyFile(_ name: String, _ lines: [String]) throws {
        try write(lines.map { $0 + "\n" }.joined(), to: "\(path)/\(name)")
    }

    /// Reads the lines of such a file.
    ///
    /// - Throws: `Failure.missing`, `Failure.keyFile` if others may read it.
    package func keyLines(_ name: String) throws -> [String] {
        try lines("\(path)/\(name)")
    }

    /// Reads the keys of a ledger that is whole.
    ///
    /// - Throws: `Failure.missing`, `Failure.unfinished`, `Failure.keyFile`.
    package func keys() throws -> NodeKeys {
        guard !isUnfinished else { throw Failure.unfinished(path) }
        return try writtenKeys()
    }

    /// Whether the making of the ledger was interrupted.
    var isUnfinished: Bool { FileManager.default.fileExists(atPath: unfinishedPath) }

    func writtenKeys() throws -> NodeKeys {
        let log = try lines("\(path)/log.key")
        let signing = try lines("\(path)/operator.key")
        guard log.count == 2, signing.count == 2, let seed = Hex.decode(log[1]),
            let operatorSigning = Hex.decode(signing[0]),
            let operatorWrapping = Hex.decode(signing[1])
        else { throw Failure.keyFile("\(path)/log.key") }
        return NodeKeys(
            log: try NoteSigner(name: log[0], seed: seed),
            operatorSigning: try .init(rawRepresentation: operatorSigning),
            operatorWrapping: try .init(rawRepresentation: operatorWrapping))
    }

    /// Takes the right to decide until the process ends or the lock is let go.
    package func lock() throws -> NodeLock {
        let lockPath = "\(path)/node.lock"
        let file = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw errno == ENOENT
                ? Failure.missing(path) : .file(lockPath, reason: NodeFolder.systemReason)
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw Failure.locked(path)
        }
        return NodeLock(file: file)
    }

    /// Makes an empty file that only its owner can read; one that is there stays as it is.
    ///
    /// - Throws: `Failure.file`.
    static func makePrivateFile(_ path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure.file(path, reason: systemReason) }
        close(file)
    }

    /// Writes a file that is not there yet, readable by its owner only: all of it or nothing, and what
    /// stands there on return stands there after a loss of power.
    ///
    /// Whoever calls it has the lock.
    func write(_ text: String, to path: String) throws {
        guard access(path, F_OK) != 0 else { throw Failure.exists(path) }
        let draft = "\(path).new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure.file(path, reason: NodeFolder.systemReason) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Foundation.write(file, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw Failure.file(path, reason: NodeFolder.systemReason) }
            written += count
        }
        guard fsync(file) == 0, rename(draft, path) == 0,
            NodeFolder.synchronizes(folderOf: path)
        else { throw Failure.file(path, reason: NodeFolder.systemReason) }
    }

    /// Why the last call of the system failed.
    static var systemReason: String { String(cString: strerror(errno)) }

    func lines(_ path: String) throws -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Failure.missing(self.path) }
        guard status.st_mode & 0o077 == 0,
            let text = FileManager.default.contents(atPath: path)
        else { throw Failure.keyFile(path) }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// The right to decide for a ledger; let go when nothing refers to it any more.
package final class NodeLock: Sendable {
    private let file: Int32

    init(file: Int32) {
        self.file = file
    }

    deinit {
        close(file)
    }
}
