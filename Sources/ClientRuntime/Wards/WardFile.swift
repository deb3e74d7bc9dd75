import Foundation
import LedgerCore
import Screens

/// What is kept of a ward beside their vault: the name is here and in no entry.
struct WardFile: Equatable {
    let account: AccountID
    let name: String
    let born: BirthMonth

    /// Reads the file.
    ///
    /// - Throws: `HomeError` if it is not what it should be, or others can read it.
    init(reading file: URL) throws {
        try HomeFolders.checkPrivate(file)
        let path = file.path(percentEncoded: false)
        // What it is instead does not matter: it is unreadable.
        guard let content = FileManager.default.contents(atPath: path),
            let json = try? JSONValue(canonical: [UInt8](content)),
            let account = json["account"]?.string.flatMap({ AccountID($0) }),
            let born = json["born"]?.string.flatMap({ BirthMonth($0) }),
            let name = json["name"]?.string
        else { throw HomeError(path: path, problem: .unreadable("it is no ward's file")) }
        self.init(account: account, name: name, born: born)
    }

    init(account: AccountID, name: String, born: BirthMonth) {
        self.account = account
        self.name = name
        self.born = born
    }

    func write(to file: URL) throws {
        let json = JSONValue.sorted([
            .init("account", .string(account.text)), .init("born", .string(born.text)),
            .init("name", .string(name)),
        ])
        try HomeFolders.writePrivate(json.canonicalBytes, to: file)
    }

    var line: WardLine { WardLine(account: account, name: name, born: born) }
}

extension HomeFolders {
    private var wardsFolder: URL { data.appending(path: "wards", directoryHint: .isDirectory) }

    /// The folders of a ward: the configuration is the guardian's.
    func ward(_ account: AccountID) -> HomeFolders {
        let name = "wards/\(account.text.prefix(16))"
        return HomeFolders(
            config: config, state: state.appending(path: name, directoryHint: .isDirectory),
            data: data.appending(path: name, directoryHint: .isDirectory))
    }

    /// What is kept of the ward whose folders these are.
    var wardFile: URL { data.appending(path: "ward.json") }

    /// The wards kept on this machine, by name and then by account.
    func wards() throws -> [WardFile] {
        let path = wardsFolder.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.contentsOfDirectory(
            at: wardsFolder, includingPropertiesForKeys: nil
        )
        .map { $0.appending(path: "ward.json") }
        // A folder without the file is one that a crash left before anything was declared.
        .filter { FileManager.default.fileExists(atPath: $0.path(percentEncoded: false)) }
        .map { try WardFile(reading: $0) }
        .sorted { ($0.name, $0.account) < ($1.name, $1.account) }
    }
}
