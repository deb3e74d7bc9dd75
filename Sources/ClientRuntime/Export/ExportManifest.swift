import Crypto
import Foundation
import LedgerCore
import SyncCore

/// What an export is, and the hash of each of its files.
struct ExportManifest: Equatable {
    /// One file.
    struct File: Equatable {
        let path: String
        let digest: Hash
        let sizeBytes: Int64
    }

    /// What an export begins with that holds only what is newer.
    struct Beginning: Equatable {
        /// The time from which on entries are there.
        let since: Timestamp
        /// The number of the member's last entry before, in their chain; 0 if there is none.
        let after: Int64
    }

    static let format = "accord-export/v1"
    /// The longest manifest that is read, in bytes.
    static let byteLimit = 64 << 20

    let origin: String
    let logKey: VerifierKey
    let account: AccountID
    /// The device that wrote it, and its public key.
    let device: DeviceID
    let deviceKey: [UInt8]
    /// When it was written, by the machine's clock.
    let writtenAt: Timestamp
    /// The tree the machine had verified.
    let treeSize: Int64
    let root: Hash
    let language: String
    /// Where it begins; `nil` for everything.
    let beginning: Beginning?
    let files: [File]

    var bytes: [UInt8] { json.canonicalBytes + [0x0a] }

    private var json: JSONValue {
        .document([
            "account": .string(account.text),
            "after": beginning.map { .integer($0.after) }, "device": .string(device.text),
            "device_key": .string(Base64.url.encode(deviceKey)),
            "files": .array(
                files.sorted { $0.path < $1.path }.map {
                    .document([
                        "bytes": .integer($0.sizeBytes), "path": .string($0.path),
                        "sha256": .string($0.digest.hex),
                    ])
                }), "format": .string(ExportManifest.format), "language": .string(language),
            "log_key": .string(logKey.text), "origin": .string(origin),
            "root": .string(root.hex),
            "since": beginning.map { .integer($0.since.milliseconds) },
            "tree_size": .integer(treeSize),
            "written": .integer(writtenAt.milliseconds),
        ])
    }

    init(
        origin: String, logKey: VerifierKey, account: AccountID, device: DeviceID,
        deviceKey: [UInt8], writtenAt: Timestamp, treeSize: Int64, root: Hash, language: String,
        beginning: Beginning?, files: [File]
    ) {
        self.origin = origin
        self.logKey = logKey
        self.account = account
        self.device = device
        self.deviceKey = deviceKey
        self.writtenAt = writtenAt
        self.treeSize = treeSize
        self.root = root
        self.language = language
        self.beginning = beginning
        self.files = files
    }

    /// Reads a manifest; `nil` for anything else, and for one that names a file outside its folder
    /// or the same file twice.
    init?(bytes: [UInt8]) {
        // What it is not, does not matter.
        guard bytes.last == 0x0a, let json = try? JSONValue(canonical: bytes.dropLast()),
            json["format"]?.string == ExportManifest.format,
            let origin = json["origin"]?.string,
            let keyText = json["log_key"]?.string, let logKey = try? VerifierKey(parsing: keyText),
            let account = json["account"]?.string.flatMap({ AccountID($0) }),
            let device = json["device"]?.string.flatMap({ DeviceID($0) }),
            let deviceKey = json["device_key"]?.string.flatMap({ Base64.url.decode($0) }),
            DeviceID(publicKey: deviceKey) == device,
            let written = json["written"]?.integer,
            (0...Timestamp.latest.milliseconds).contains(written),
            let size = json["tree_size"]?.integer, size >= 0,
            let root = json["root"]?.string.flatMap({ Hash(hex: $0) }),
            let language = json["language"]?.string, let list = json["files"]?.array
        else { return nil }
        let files = list.compactMap { item -> File? in
            guard let path = item["path"]?.string, ExportPath.isSafe(path),
                path != ExportPath.manifest, path != ExportPath.signature,
                let digest = item["sha256"]?.string.flatMap({ Hash(hex: $0) }),
                let size = item["bytes"]?.integer, size >= 0
            else { return nil }
            return File(path: path, digest: digest, sizeBytes: size)
        }
        guard let beginning = ExportManifest.beginning(json), files.count == list.count,
            zip(files, files.dropFirst()).allSatisfy({ $0.path < $1.path })
        else { return nil }
        self.init(
            origin: origin, logKey: logKey, account: account, device: device,
            deviceKey: deviceKey, writtenAt: Timestamp(milliseconds: written), treeSize: size,
            root: root, language: language, beginning: beginning, files: files)
    }

    /// Where an export begins, if it says so; `nil` for half a statement.
    private static func beginning(_ json: JSONValue) -> Beginning?? {
        switch (json["since"], json["after"]) {
        case (nil, nil): return .some(nil)
        case (let since?, let after?):
            guard let since = since.integer, let after = after.integer, after >= 0,
                (0...Timestamp.latest.milliseconds).contains(since)
            else { return nil }
            return Beginning(since: Timestamp(milliseconds: since), after: after)
        default: return nil
        }
    }

    // MARK: The signature

    /// What the device signs: nothing else it signs begins alike.
    private var statement: [UInt8] {
        Array("\(ExportManifest.format)\n\(origin)\n\(account.text)\n\(Hash.of(bytes).hex)\n".utf8)
    }

    /// Signs the manifest: a C2SP signed note, whose key is named after the device.
    func signed(with key: Curve25519.Signing.PrivateKey) throws -> [UInt8] {
        try NoteSigner(name: device.text, privateKey: key).sign(statement).bytes
    }

    /// Whether a note is this manifest's, signed by the device it names.
    func isSigned(by note: [UInt8]) -> Bool {
        // Any defect is the same.
        guard let note = try? SignedNote(parsing: note), note.text == statement,
            let key = try? VerifierKey(
                name: device.text, algorithm: .ed25519, publicKey: deviceKey)
        else { return false }
        return (try? note.verify(keys: [key]))?.isEmpty == false
    }
}
