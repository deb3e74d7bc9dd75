import FoundationEssentials
package import Screens
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
    struct Entry {
        var foreground: String?
        var background: String?
        var modifiers: Modifiers?
        let file: String
        let line: Int
    }

    var entries: [StyleRole: Entry] = [:]
    var palette: [String: Colour] = [:]
    /// What was wrong with the files, and was left out.
    var problems: [ThemeProblem] = []

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

    /// Returns the paths of all themes in the folders, by name, the first of each.
    package static func paths(in folders: [String]) -> [String] {
        names(in: folders).compactMap { name in
            folders.map { $0 + "/" + name + ".toml" }
                .first { FileManager.default.fileExists(atPath: $0) }
        }
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
    /// - Throws: `ThemeProblem`.
    package static func load(_ name: String, in folders: [String]) throws(ThemeProblem) -> Theme {
        let file = try read(name, in: folders, depth: 0)
        if let problem = file.problems.first { throw problem }
        var styles: [StyleRole: Style] = [:]
        for (role, entry) in file.entries { styles[role] = try file.style(entry) }
        return Theme(name: name, styles: styles)
    }

    private static func read(
        _ name: String, in folders: [String], depth: Int
    ) throws(ThemeProblem) -> ThemeFile {
        let isName = name.utf8.allSatisfy {
            let character = Character(Unicode.Scalar($0))
            return character.isASCII
                && (character.isLetter || character.isNumber || "._-".contains(character))
        }
        let paths = folders.map { $0 + "/" + name + ".toml" }
        guard isName, !name.isEmpty,
            let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) })
        else {
            let names = names(in: folders)
            throw ThemeProblem(
                file: name, line: 0,
                reason: .notFound(known: names, meant: Spelling.nearest(name, in: names)))
        }
        return try read(path: path, in: folders, depth: depth)
    }

    private static func read(
        path: String, in folders: [String], depth: Int
    ) throws(ThemeProblem) -> ThemeFile {
        guard depth < depthLimit else {
            throw ThemeProblem(file: path, line: 0, reason: .circle)
        }
        // The reason does not matter: the person has to look at the file.
        guard let data = FileManager.default.contents(atPath: path), data.count <= sizeLimitBytes
        else {
            throw ThemeProblem(file: path, line: 0, reason: .unreadable)
        }
        var reader = Reader(file: path, text: String(decoding: data, as: UTF8.self))
        try reader.read { (parent) throws(ThemeProblem) in
            try read(parent, in: folders, depth: depth + 1)
        }
        return reader.theme
    }

    // MARK: Checking

    /// Returns everything that is wrong with a theme file: mistakes, and text roles whose contrast
    /// is below 4.5:1 (WCAG 2.2, 1.4.3, level AA).
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - folders: Where inherited themes are looked for, after the file's own folder.
    /// - Returns: The problems, in the order of the file; empty for a good theme.
    package static func check(path: String, in folders: [String]) -> [ThemeProblem] {
        do throws(ThemeProblem) {
            let file = try read(path: path, in: [parent(of: path)] + folders, depth: 0)
            var problems = file.problems
            var styles: [StyleRole: Style] = [:]
            for (role, entry) in file.entries.sorted(by: { $0.value.line < $1.value.line }) {
                do throws(ThemeProblem) {
                    styles[role] = try file.style(entry)
                } catch {
                    problems.append(error)
                }
            }
            guard problems.isEmpty else { return problems }
            return faint(Theme(name: path, styles: styles)).map { role, contrast in
                ThemeProblem(
                    file: path, line: file.entries[role]?.line ?? 0,
                    reason: .faint(role: role.name, contrast: contrast))
            }
        } catch {
            return [error]
        }
    }

    /// The text roles of a theme that are hard to read, with their contrast to one decimal place.
    package static func faint(_ theme: Theme) -> [(role: StyleRole, contrast: Double)] {
        StyleRole.allCases.filter(\.isText).compactMap { role in
            guard let contrast = theme.contrast(of: role), contrast < 4.5 else { return nil }
            return (role, (contrast * 10).rounded(.down) / 10)
        }
    }

    // MARK: Resolving

    private func style(_ entry: Entry) throws(ThemeProblem) -> Style {
        Style(
            foreground: try colour(entry.foreground, entry),
            background: try colour(entry.background, entry), modifiers: entry.modifiers)
    }

    private func colour(_ name: String?, _ entry: Entry) throws(ThemeProblem) -> Colour? {
        guard let name else { return nil }
        if let colour = palette[name] ?? Colour(name) { return colour }
        let names = Array(palette.keys) + NamedColour.allCases.map(\.name) + ["default"]
        throw ThemeProblem(
            file: entry.file, line: entry.line,
            reason: .unknownColour(name, meant: Spelling.nearest(name, in: names)))
    }
}
