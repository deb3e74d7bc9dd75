import Foundation
import LedgerCore
import Screens

/// What is kept of a ward beside their vault: the name is here and in no entry.
struct WardFile: Equatable {
    let account: AccountID
    let name: String
    let born: BirthMonth
    /// The guardian's devices for this ward that are known here, each with the device of the
    /// guardian it belongs to: with that one it goes.
    var devices: [DeviceID: DeviceID] = [:]

    /// Reads the file.
    ///
    /// - Throws: `HomeError` if it is not what it should be, or others can read it.
    init(reading file: URL) throws {
        try HomeFolders.checkPrivate(file)
        let path = file.path(percentEncoded: false)
        // What it is instead does not matter: it is unreadable.
        guard let content = FileManager.default.contents(atPath: path),
            let json = try? JSONValue(canonical: [UInt8](content)),
            let read = WardFile(json: json),
            file.deletingLastPathComponent().lastPathComponent
                == HomeFolders.wardFolderName(read.account)
        else { throw HomeError(path: path, problem: .unreadable("it is no ward's file")) }
        self = read
    }

    /// What to call a ward by: the folder where the file, at `place`, cannot be read.
    static func name(at place: URL) -> String {
        (try? WardFile(reading: place))?.name ?? place.deletingLastPathComponent().lastPathComponent
    }

    /// Reads what the file holds; `nil` for anything else.
    init?(json: JSONValue) {
        guard let account = json["account"]?.string.flatMap({ AccountID($0) }),
            let born = json["born"]?.string.flatMap({ BirthMonth($0) }),
            let name = json["name"]?.string
        else { return nil }
        self.init(account: account, name: name, born: born)
        for pair in json["devices"]?.array ?? [] {
            guard let parts = pair.array, parts.count == 2,
                let own = parts[0].string.flatMap({ DeviceID($0) }),
                let guardians = parts[1].string.flatMap({ DeviceID($0) })
            else { return nil }
            devices[own] = guardians
        }
    }

    init(account: AccountID, name: String, born: BirthMonth, devices: [DeviceID: DeviceID] = [:]) {
        self.account = account
        self.name = name
        self.born = born
        self.devices = devices
    }

    /// What the file holds.
    var json: JSONValue {
        let pairs = devices.sorted { $0.key < $1.key }
            .map { JSONValue.array([.string($0.key.text), .string($0.value.text)]) }
        return .sorted([
            .init("account", .string(account.text)), .init("born", .string(born.text)),
            .init("devices", .array(pairs)), .init("name", .string(name)),
        ])
    }

    /// Learns the devices that another device of the guardian knows; what is known stays.
    mutating func learn(from other: WardFile) {
        devices.merge(other.devices) { known, _ in known }
    }

    func write(to file: URL) throws {
        try HomeFolders.writePrivate(json.canonicalBytes, to: file)
    }

    var line: WardLine { WardLine(account: account, name: name, born: born) }
}

extension HomeFolders {
    private var wardsFolder: URL { data.appending(path: "wards", directoryHint: .isDirectory) }

    /// What the folder of a ward is called.
    static func wardFolderName(_ account: AccountID) -> String { String(account.text.prefix(16)) }

    /// The folders of a ward: the configuration is the guardian's.
    func ward(_ account: AccountID) -> HomeFolders {
        let name = "wards/\(HomeFolders.wardFolderName(account))"
        return HomeFolders(
            config: config, state: state.appending(path: name, directoryHint: .isDirectory),
            data: data.appending(path: name, directoryHint: .isDirectory))
    }

    /// What is kept of the ward whose folders these are.
    var wardFile: URL { data.appending(path: "ward.json") }

    /// The wards kept on this machine, by name and then by account.
    func wards() throws -> [WardFile] {
        let (files, failure) = try readableWards()
        if let failure { throw failure }
        return files
    }

    /// The wards whose file can be read, by name and then by account, and why the first one of the
    /// others cannot.
    func readableWards() throws -> (files: [WardFile], failure: (any Error)?) {
        var files: [WardFile] = []
        var failure: (any Error)?
        for place in try wardFiles() {
            do {
                files.append(try WardFile(reading: place))
            } catch {
                failure = failure ?? error
            }
        }
        return (files.sorted { ($0.name, $0.account) < ($1.name, $1.account) }, failure)
    }

    /// Where what is kept of each ward is, whether it can be read or not; by path.
    func wardFiles() throws -> [URL] {
        let path = wardsFolder.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.contentsOfDirectory(
            at: wardsFolder, includingPropertiesForKeys: nil
        )
        .map { $0.appending(path: "ward.json") }
        // A folder without the file is one that a crash left before anything was declared.
        .filter { FileManager.default.fileExists(atPath: $0.path(percentEncoded: false)) }
        .sorted { $0.path(percentEncoded: false) < $1.path(percentEncoded: false) }
    }
}
