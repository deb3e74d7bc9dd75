package import Foundation
import Glibc
package import LedgerCore

/// Where this person's configuration, state and data are: `ACCORD_HOME`, or the XDG folders.
///
/// Nobody else may look into them. A folder or file others can read is refused, never used.
package struct HomeFolders: Equatable, Sendable {
    /// What a person may edit: `config.toml`, `themes/`.
    package let config: URL
    /// What can be lost: logs, evidence files.
    package let state: URL
    /// What must not be lost: the vault and the store.
    package let data: URL

    /// Names the three folders without touching them.
    package init(config: URL, state: URL, data: URL) {
        self.config = config
        self.state = state
        self.data = data
    }

    /// Names the folders below one folder, as `ACCORD_HOME` does.
    package init(root: URL) {
        self.init(
            config: root.appending(path: "config", directoryHint: .isDirectory),
            state: root.appending(path: "state", directoryHint: .isDirectory),
            data: root.appending(path: "data", directoryHint: .isDirectory))
    }

    /// Names the folders that `environment` asks for.
    ///
    /// - Parameter environment: `ACCORD_HOME`, else `XDG_CONFIG_HOME`, `XDG_STATE_HOME`,
    ///   `XDG_DATA_HOME`, else the defaults below `HOME`.
    package init(environment: [String: String]) {
        if let root = environment["ACCORD_HOME"], !root.isEmpty {
            self.init(root: URL(filePath: root, directoryHint: .isDirectory))
            return
        }
        let home = URL(
            filePath: environment["HOME"] ?? NSHomeDirectory(), directoryHint: .isDirectory)
        func folder(_ name: String, _ fallback: String) -> URL {
            // The XDG specification: a relative path is invalid and has to be ignored.
            let base = environment[name].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
            return (base ?? home.appending(path: fallback))
                .appending(path: "accord", directoryHint: .isDirectory)
        }
        self.init(
            config: folder("XDG_CONFIG_HOME", ".config"),
            state: folder("XDG_STATE_HOME", ".local/state"),
            data: folder("XDG_DATA_HOME", ".local/share"))
    }

    /// The configuration.
    package var profileFile: URL { config.appending(path: "config.toml") }
    /// The keys the person changed.
    package var keysFile: URL { config.appending(path: "keys.toml") }
    /// The sealed keys.
    package var vaultFile: URL { data.appending(path: "vault.json") }
    /// Where sealed keys are set aside that their keyring keeps closed.
    package func setAsideFile(_ device: DeviceID) -> URL {
        data.appending(path: "vault-\(device.text.prefix(16)).json")
    }
    /// How often the passphrase was tried that confirms an authorization.
    var secretTriesFile: URL { data.appending(path: "secret.tries") }
    /// The local store.
    package var storeFile: URL { data.appending(path: "accord.sqlite") }

    /// Makes the folders that are missing, readable by their owner only, and checks all of them.
    ///
    /// - Throws: `HomeError` that says which folder others can read and how to change that.
    package func prepare() throws {
        for folder in [config, state, data] {
            try HomeFolders.makePrivate(folder)
        }
        for file in [vaultFile, storeFile] { try HomeFolders.checkPrivate(file) }
    }

    /// Does something while nobody else changes the configuration, here or in another program.
    func withConfiguration<Value>(_ body: () throws -> Value) throws -> Value {
        let path = config.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw HomeError(path: path, problem: .unreadable(String(cString: strerror(errno))))
        }
        defer { close(descriptor) }
        HomeFolders.waitForLock(of: descriptor)
        return try body()
    }

    /// Waits until nobody else has the lock of an open file or folder; a file system that knows no
    /// locks has none to wait for.
    private static func waitForLock(of descriptor: Int32) {
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    /// Makes a folder (and those above it) readable by its owner only, or checks that it is.
    package static func makePrivate(_ folder: URL) throws {
        let path = folder.path(percentEncoded: false)
        if !FileManager.default.fileExists(atPath: path) {
            do {
                try FileManager.default.createDirectory(
                    at: folder, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw HomeError(
                    path: path, problem: .notWritable(String(describing: error)))
            }
        }
        try checkPrivate(folder)
    }

    /// Checks that nobody but the owner may read a file or folder; one that is missing passes.
    package static func checkPrivate(_ place: URL) throws {
        let path = place.path(percentEncoded: false)
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_uid == getuid() else { throw HomeError(path: path, problem: .notOwned) }
        guard status.st_mode & 0o077 == 0 else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw HomeError(path: path, problem: .readableByOthers(isFolder: isFolder))
        }
    }

    /// Writes a file that only its owner can read, at once: all of it or nothing, and what stands
    /// there on return stands there after a loss of power.
    ///
    /// With `amongOthers` the folder is one a person named: nothing else in it is touched.
    package static func writePrivate(
        _ bytes: [UInt8], to file: URL, amongOthers: Bool = false
    ) throws {
        try writePrivate(to: file, amongOthers: amongOthers) { bytes }
    }

    /// Writes a file as `writePrivate` does; nobody else writes it while `make` looks at what is
    /// there and says what is to be there.
    ///
    /// - Throws: `HomeError`, and what `make` throws: the file stays as it is then.
    static func writePrivate(
        to file: URL, amongOthers: Bool = false, _ make: () throws -> [UInt8]
    ) throws {
        let path = file.path(percentEncoded: false)
        let name = amongOthers ? ".\(Hex.encode(RandomSource().bytes(6)))" : ""
        let draft = path + name + ".new"
        let descriptor = openDraft(draft)
        guard descriptor >= 0 else {
            throw HomeError(path: path, problem: .notWritable(String(cString: strerror(errno))))
        }
        var hasItsName = false
        defer {
            // The next one may write only where this one is done with the name.
            if !hasItsName { unlink(draft) }
            close(descriptor)
        }
        let bytes = try make()
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else {
                throw HomeError(
                    path: path, problem: .notWritable(String(cString: strerror(errno))))
            }
            written += count
        }
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else {
            throw HomeError(path: path, problem: .notWritable(String(cString: strerror(errno))))
        }
        hasItsName = true
        guard sync(folder: file.deletingLastPathComponent().path(percentEncoded: false)) else {
            throw HomeError(path: path, problem: .notWritable(String(cString: strerror(errno))))
        }
    }

    /// Opens an empty draft that nobody else writes, here or in another program.
    ///
    /// Who comes second waits. What an ended program left of one is written anew.
    ///
    /// - Returns: The descriptor, or -1 with the reason in `errno`.
    private static func openDraft(_ draft: String) -> Int32 {
        while true {
            let descriptor = open(draft, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return -1 }
            waitForLock(of: descriptor)
            var (own, present) = (stat(), stat())
            let isStillDraft =
                fstat(descriptor, &own) == 0 && lstat(draft, &present) == 0
                && own.st_dev == present.st_dev && own.st_ino == present.st_ino
            if isStillDraft, fchmod(descriptor, 0o600) == 0, ftruncate(descriptor, 0) == 0 {
                return descriptor
            }
            let problem = errno
            close(descriptor)
            guard !isStillDraft else {
                errno = problem
                return -1
            }
        }
    }

    /// Makes what was renamed in a folder last; a file system that knows no such thing has done so.
    static func sync(folder: String) -> Bool {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0 || errno == EINVAL
    }
}

/// Why a folder of this person cannot be used.
package struct HomeError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What is wrong.
    package enum Problem: Equatable, Sendable {
        /// Others can read it.
        case readableByOthers(isFolder: Bool)
        /// It belongs to somebody else.
        case notOwned
        /// It cannot be made or written.
        case notWritable(String)
        /// It does not say what it should.
        case unreadable(String)
        /// It lies on a disk, where what is removed can be found again.
        case notInMemory
        /// Another program has it.
        case inUse
    }

    /// The file or folder.
    package let path: String
    /// What is wrong with it.
    package let problem: Problem

    /// Makes an error.
    package init(path: String, problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// Whether it cannot be made or written.
    var isNotWritable: Bool { if case .notWritable = problem { true } else { false } }

    /// What is wrong, and how to change it.
    package var description: String {
        switch problem {
        case .readableByOthers(let isFolder):
            let mode = isFolder ? "700" : "600"
            return "others can read \(path): run  chmod \(mode) '\(path)'"
        case .notOwned: return "\(path) belongs to another user"
        case .notWritable(let why): return "could not write \(path): \(why)"
        case .unreadable(let why): return "could not read \(path): \(why)"
        case .notInMemory: return "\(path) is not in memory: name a folder on tmpfs"
        case .inUse: return "another program uses \(path): name another folder"
        }
    }
}
