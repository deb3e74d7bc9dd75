import FoundationEssentials
import TOMLKit
package import TerminalCore

/// A theme file: TOML in the manner of helix, one entry per style role.
///
///     inherits = "dark"                                     # optional, must come first
///     "selection" = { fg = "text", bg = "raised", modifiers = ["bold"] }
///     "text.muted" = "soft"                                 # short for { fg = "soft" }
///     [palette]
///     raised = "#45475a"
///
/// A colour is a name of the palette, `#RRGGBB`, `#RGB`, `default` or one of the 16 ANSI names. A
/// theme that inherits takes over roles and palette, and its own palette colours those roles too.
package struct ThemeFile {
    /// Why a theme cannot be used.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        /// The reasons.
        package enum Code: Hashable, Sendable {
            /// No folder has a theme of that name.
            case notFound
            /// The file cannot be read, or is larger than 64 KiB.
            case unreadable
            /// The file says something that a theme cannot say.
            case malformed
        }

        /// The reason.
        package let code: Code
        /// The file, or the name that was looked for.
        package let file: String
        /// The line counted from 1; 0 where the whole file is meant.
        package let line: Int
        /// What is wrong with it.
        package let problem: String

        /// `FILE:LINE: PROBLEM`, for people.
        package var description: String {
            line > 0 ? "\(file):\(line): \(problem)" : "\(file): \(problem)"
        }
    }

    private struct Entry {
        var foreground: String?
        var background: String?
        var modifiers: Modifiers?
        let file: String
        let line: Int
    }

    private var entries: [StyleRole: Entry] = [:]
    private var palette: [String: Colour] = [:]

    // MARK: Finding

    /// Returns the folders that may hold themes, the first to have a theme wins.
    ///
    /// `ACCORD_THEMES`; `themes` in the configuration (`ACCORD_HOME/config`, or `accord` in the XDG
    /// configuration folder); `../share/accord/themes` beside the program; the first `themes`
    /// folder in the folders above the program.
    ///
    /// - Parameters:
    ///   - environment: The process' environment.
    ///   - executable: The program's full path.
    /// - Returns: Paths; folders that do not exist may be among them.
    package static func folders(
        environment: [String: String], executable: String
    ) -> [String] {
        var folders: [String] = []
        if let folder = environment["ACCORD_THEMES"], !folder.isEmpty { folders.append(folder) }
        if let home = environment["ACCORD_HOME"], !home.isEmpty {
            folders.append(home + "/config/themes")
        } else if let folder = environment["XDG_CONFIG_HOME"], !folder.isEmpty {
            folders.append(folder + "/accord/themes")
        } else if let home = environment["HOME"], !home.isEmpty {
            folders.append(home + "/.config/accord/themes")
        }
        var folder = parent(of: executable)
        folders.append(parent(of: folder) + "/share/accord/themes")
        while !folder.isEmpty {
            if FileManager.default.fileExists(atPath: folder + "/themes/dark.toml") {
                folders.append(folder + "/themes")
                break
            }
            folder = parent(of: folder)
        }
        return folders
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    /// Returns the names of all themes in the folders, sorted, each once.
    package static func names(in folders: [String]) -> [String] {
        let files = folders.flatMap { folder in
            // A folder that is not there has no themes.
            (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        }
        let names = files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }
        return Set(names).sorted()
    }

    // MARK: Reading

    private static let sizeLimitBytes = 65_536
    private static let depthLimit = 8

    /// Reads a theme and those it inherits.
    ///
    /// - Parameters:
    ///   - name: The file's name without `.toml`: letters, digits, `.`, `_` and `-`.
    ///   - folders: Where to look, in order.
    /// - Returns: The theme.
    /// - Throws: `Failure`.
    package static func load(_ name: String, in folders: [String]) throws(Failure) -> Theme {
        let file = try read(name, in: folders, depth: 0)
        var styles: [StyleRole: Style] = [:]
        for (role, entry) in file.entries { styles[role] = try file.style(entry) }
        return Theme(name: name, styles: styles)
    }

    private static func read(
        _ name: String, in folders: [String], depth: Int
    ) throws(Failure) -> ThemeFile {
        let isName = name.utf8.allSatisfy {
            let character = Character(Unicode.Scalar($0))
            return character.isASCII
                && (character.isLetter || character.isNumber || "._-".contains(character))
        }
        let paths = folders.map { $0 + "/" + name + ".toml" }
        guard isName, !name.isEmpty,
            let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) })
        else {
            throw Failure(
                code: .notFound, file: name, line: 0,
                problem: "no such theme; there are \(names(in: folders).joined(separator: ", "))")
        }
        guard depth < depthLimit else {
            throw Failure(
                code: .malformed, file: path, line: 0, problem: "themes inherit in a circle")
        }
        // The reason does not matter: the person has to look at the file.
        guard let data = FileManager.default.contents(atPath: path), data.count <= sizeLimitBytes
        else {
            throw Failure(
                code: .unreadable, file: path, line: 0, problem: "could not read theme")
        }
        let text = String(decoding: data, as: UTF8.self)
        return try parse(text, file: path) { (parent) throws(Failure) in
            try read(parent, in: folders, depth: depth + 1)
        }
    }

    private static func parse(
        _ text: String, file: String, inherited: (String) throws(Failure) -> ThemeFile
    ) throws(Failure) -> ThemeFile {
        let table = try table(text, file: file)
        var theme = ThemeFile()
        if let parent = table["inherits"] {
            guard let name = parent.string else {
                throw malformed(file, text, "inherits", "has to be the name of a theme")
            }
            theme = try inherited(name)
        }
        for key in table.keys where key != "inherits" && key != "palette" {
            guard let role = StyleRole(rawValue: key) else {
                throw malformed(file, text, key, "unknown style role \"\(key)\"")
            }
            guard let value = table[key] else { continue }
            theme.entries[role] = try entry(value, key, file, text)
        }
        guard let palette = table["palette"] else { return theme }
        guard let colours = palette.table else {
            throw malformed(file, text, "palette", "has to be a table")
        }
        for name in colours.keys {
            guard let colour = colours[name]?.string.flatMap({ Colour($0) }) else {
                throw malformed(
                    file, text, name, "\"\(name)\" has to be #RRGGBB, #RGB or an ANSI name")
            }
            theme.palette[name] = colour
        }
        return theme
    }

    private static func table(_ text: String, file: String) throws(Failure) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw Failure(
                code: .malformed, file: file, line: error.source.begin.line,
                problem: error.description)
        } catch {
            throw Failure(code: .malformed, file: file, line: 0, problem: "\(error)")
        }
    }

    private static func entry(
        _ value: any TOMLValueConvertible, _ key: String, _ file: String, _ text: String
    ) throws(Failure) -> Entry {
        var entry = Entry(file: file, line: line(of: key, in: text))
        if let colour = value.string {
            entry.foreground = colour
            return entry
        }
        guard let table = value.table else {
            throw malformed(file, text, key, "has to be a colour or { fg, bg, modifiers }")
        }
        for part in table.keys {
            switch part {
            case "fg": entry.foreground = table[part]?.string ?? ""
            case "bg": entry.background = table[part]?.string ?? ""
            case "modifiers":
                var modifiers: Modifiers = []
                guard let names = table[part]?.array else {
                    throw malformed(file, text, key, "modifiers has to be a list")
                }
                for index in 0..<names.count {
                    let name = names[index].string ?? ""
                    guard let modifier = Modifiers(name: name) else {
                        throw malformed(file, text, key, "unknown modifier \"\(name)\"")
                    }
                    modifiers.insert(modifier)
                }
                entry.modifiers = modifiers
            default: throw malformed(file, text, key, "unknown part \"\(part)\"")
            }
        }
        return entry
    }

    private static func malformed(
        _ file: String, _ text: String, _ key: String, _ problem: String
    ) -> Failure {
        Failure(code: .malformed, file: file, line: line(of: key, in: text), problem: problem)
    }

    /// Finds the line where a key is set: the parser keeps places for its own errors only.
    private static func line(of key: String, in text: String) -> Int {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let index = lines.firstIndex { line in
            let start = line.drop { $0 == " " || $0 == "\t" }
            return ["\"\(key)\"", "\(key) ", "\(key)=", "[\(key)]"].contains {
                start.hasPrefix($0)
            }
        }
        return index.map { $0 + 1 } ?? 0
    }

    // MARK: Resolving

    private func style(_ entry: Entry) throws(Failure) -> Style {
        Style(
            foreground: try colour(entry.foreground, entry),
            background: try colour(entry.background, entry), modifiers: entry.modifiers)
    }

    private func colour(_ name: String?, _ entry: Entry) throws(Failure) -> Colour? {
        guard let name else { return nil }
        if let colour = palette[name] ?? Colour(name) { return colour }
        throw Failure(
            code: .malformed, file: entry.file, line: entry.line,
            problem: "unknown colour \"\(name)\"")
    }
}
