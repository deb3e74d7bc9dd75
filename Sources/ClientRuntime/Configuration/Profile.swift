package import Foundation
import TOMLKit

/// What a person chose: which node, which name, which language, which theme.
package struct Profile: Equatable, Sendable {
    /// The node's address, such as `http://127.0.0.1:8420`; `nil` before joining.
    package var node: String?
    /// The name shown on this machine only; it is never sent.
    package var name: String
    /// The language: `en` or `zh`; `nil` means as the environment says.
    package var locale: String?
    /// The name of the theme; `nil` means the default.
    package var theme: String?
    /// The folder the file picker starts in; `nil` means the home folder.
    package var recordsFolder: String?

    /// Makes a profile; without arguments, that of somebody who has not joined.
    package init(
        node: String? = nil, name: String = "", locale: String? = nil, theme: String? = nil,
        recordsFolder: String? = nil
    ) {
        self.node = node
        self.name = name
        self.locale = locale
        self.theme = theme
        self.recordsFolder = recordsFolder
    }

    /// Reads `config.toml`; a file that is missing gives an empty profile.
    ///
    /// - Throws: `HomeError` if the file is no TOML.
    package static func read(from file: URL) throws -> Profile {
        let path = file.path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path) else { return Profile() }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: String(decoding: content, as: UTF8.self))
        } catch {
            throw HomeError(path: path, problem: .unreadable(String(describing: error)))
        }
        return Profile(
            node: table["node"]?.string, name: table["name"]?.string ?? "",
            locale: table["locale"]?.string, theme: table["theme"]?.string,
            recordsFolder: table["records"]?.string)
    }

    /// Writes `config.toml`.
    package func write(to file: URL) throws {
        let table = TOMLTable()
        let values = [
            ("node", node), ("name", name.isEmpty ? nil : name), ("locale", locale),
            ("theme", theme), ("records", recordsFolder),
        ]
        for (key, value) in values {
            if let value { table[key] = value }
        }
        try HomeFolders.writePrivate(Array((table.convert() + "\n").utf8), to: file)
    }
}
