package import Foundation
package import Screens
import TOMLKit
import TerminalCore

/// What a person chose, as `config.toml` says it: which node, which name, which look.
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
    /// The look, but language and theme.
    package var look = Preferences()
    /// What is wrong in the file; defaults hold there.
    package private(set) var problems: [ConfigurationProblem] = []

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

    /// Returns everything that was chosen about the look, with a language and a theme for those who
    /// chose none.
    package func preferences(language: Language, theme: String) -> Preferences {
        var chosen = look
        chosen.language = locale.map { Language(localeTag: $0) } ?? language
        chosen.theme = self.theme ?? theme
        return chosen
    }

    /// Takes over what differs between two looks: what was not changed stays as it was written.
    package mutating func adopt(_ changed: Preferences, from former: Preferences) {
        if changed.language != former.language { locale = changed.language.rawValue }
        if changed.theme != former.theme { theme = changed.theme }
        func take<Value: Equatable>(_ part: WritableKeyPath<Preferences, Value>) {
            guard changed[keyPath: part] != former[keyPath: part] else { return }
            look[keyPath: part] = changed[keyPath: part]
        }
        take(\.ambiguous)
        take(\.usesMouse)
        take(\.reducesMotion)
        take(\.marksByBar)
        take(\.digitsCount)
        take(\.lockAfterMinutes)
        take(\.asksSecret)
        take(\.hasSeenTour)
        take(\.linkHosts)
    }

    /// Takes over what was read anew; of a file that is no TOML only that it is none.
    mutating func take(_ read: Profile) {
        let isTOML = !read.problems.contains {
            if case .notTOML = $0.reason { true } else { false }
        }
        if isTOML { self = read } else { problems = read.problems }
    }

    // MARK: Reading

    /// Reads `config.toml`; a file that is missing gives an empty profile.
    ///
    /// What is wrong in the file is noted in `problems`, and the default holds.
    ///
    /// - Throws: `HomeError` if the file is there and cannot be read.
    package static func read(from file: URL) throws -> Profile {
        let path = file.path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path) else {
            guard FileManager.default.fileExists(atPath: path) else { return Profile() }
            throw HomeError(path: path, problem: .unreadable("permission denied"))
        }
        let text = String(decoding: content, as: UTF8.self)
        var profile = Profile()
        do {
            var reader = ProfileReader(
                table: try TOMLTable(string: text), file: path, places: TextPlace(text))
            profile = reader.profile()
            profile.problems = reader.problems
        } catch let error as TOMLParseError {
            profile.problems = [
                ConfigurationProblem(
                    file: path, line: error.source.begin.line,
                    reason: .notTOML(error.description))
            ]
        }
        return profile
    }

    // MARK: Writing

    /// Writes `config.toml`; lines of the person that say other things stay as they are.
    ///
    /// - Throws: `HomeError` if it cannot be written, or if what is there is no TOML, or is written
    ///   in a way that cannot be changed: it is not overwritten then.
    package func write(to file: URL) throws {
        let path = file.path(percentEncoded: false)
        // A file that is not there yet is an empty one.
        let content = FileManager.default.contents(atPath: path) ?? Data()
        guard let former = String(validating: content, as: UTF8.self) else {
            throw HomeError(path: path, problem: .unreadable("it is not UTF-8"))
        }
        var text = ConfigurationText(former)
        let present: Preferences
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text.text)
            var reader = ProfileReader(
                table: table, file: path, places: TextPlace(text.text))
            present = reader.profile().look
        } catch {
            throw HomeError(path: path, problem: .unreadable(String(describing: error)))
        }
        var changed: Set<String> = []
        for (key, value) in texts where table[key]?.string != value {
            changed.insert(key)
            text.set(key, value.map(ConfigurationText.quoted))
        }
        // What has a wrong value is told with each start, until the person sets it right.
        func set<Value: Equatable>(
            _ key: String, _ part: KeyPath<Preferences, Value>, _ value: String
        ) {
            guard look[keyPath: part] != present[keyPath: part] else { return }
            changed.insert(key)
            text.set(key, value)
        }
        set(
            "selection", \.marksByBar,
            ConfigurationText.quoted(look.marksByBar ? "bar" : "marker"))
        set("reduced_motion", \.reducesMotion, "\(look.reducesMotion)")
        set("ambiguous_width", \.ambiguous, "\(look.ambiguous.rawValue)")
        set("mouse", \.usesMouse, "\(look.usesMouse)")
        set(
            "digits", \.digitsCount,
            ConfigurationText.quoted(look.digitsCount ? "count" : "places"))
        set("tour_seen", \.hasSeenTour, "\(look.hasSeenTour)")
        set("confirm_grants", \.asksSecret, "\(look.asksSecret)")
        set("lock_after", \.lockAfterMinutes, "\(look.lockAfterMinutes)")
        guard !text.hasLongValue, says(text.text, but: changed, as: table) else {
            throw HomeError(
                path: path,
                problem: .notWritable(
                    "a setting in it cannot be changed: write each as  name = \"value\"  on one line"
                ))
        }
        let target = Self.target(of: file)
        try HomeFolders.writePrivate(
            Array(text.text.utf8), to: target, amongOthers: target != file)
    }

    /// The settings that are texts, as they were chosen.
    private var texts: [(key: String, value: String?)] {
        [
            ("node", node), ("name", name.isEmpty ? nil : name), ("locale", locale),
            ("theme", theme), ("records", recordsFolder),
        ]
    }

    /// Whether a text says what was chosen, and all else as `former` does: a name in quotes is not
    /// found where one is to be changed.
    private func says(_ text: String, but changed: Set<String>, as former: TOMLTable) -> Bool {
        // What is no TOML says nothing.
        guard let table = try? TOMLTable(string: text) else { return false }
        return texts.allSatisfy { table[$0.key]?.string == $0.value }
            && former.keys.allSatisfy { key in
                changed.contains(key) || table[key]?.tomlValue == former[key]?.tomlValue
            }
    }

    /// The file that is written: who keeps it elsewhere, behind a link, keeps the link.
    private static func target(of file: URL) -> URL {
        var target = file
        // The kernel follows no more than forty either.
        for _ in 0..<40 {
            let path = target.path(percentEncoded: false)
            // What is no link leads nowhere.
            guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
                break
            }
            target =
                next.hasPrefix("/")
                ? URL(filePath: next)
                : target.deletingLastPathComponent().appending(path: next)
        }
        return target
    }
}

/// Reads the settings of a table and notes what is wrong.
private struct ProfileReader {
    let table: TOMLTable
    let file: String
    let places: TextPlace
    var problems: [ConfigurationProblem] = []

    init(table: TOMLTable, file: String, places: TextPlace) {
        self.table = table
        self.file = file
        self.places = places
    }

    private static let known = [
        "node", "name", "locale", "theme", "records", "selection", "reduced_motion",
        "ambiguous_width", "mouse", "digits", "lock_after", "confirm_grants", "tour_seen", "links",
    ]

    mutating func profile() -> Profile {
        var profile = Profile(
            node: text("node"), name: text("name") ?? "",
            locale: choice("locale", ["en", "zh"], prefixed: true), theme: text("theme"),
            recordsFolder: text("records"))
        profile.look.marksByBar = choice("selection", ["marker", "bar"]) == "bar"
        profile.look.reducesMotion = flag("reduced_motion") ?? false
        profile.look.ambiguous = number("ambiguous_width", 1...2) == 2 ? .two : .one
        profile.look.usesMouse = flag("mouse") ?? true
        profile.look.digitsCount = choice("digits", ["places", "count"]) == "count"
        profile.look.lockAfterMinutes = number("lock_after", 0...1_440) ?? 0
        profile.look.hasSeenTour = flag("tour_seen") ?? false
        profile.look.asksSecret = flag("confirm_grants") ?? false
        profile.look.linkHosts = hosts()
        for key in table.keys where !Self.known.contains(key) {
            note(
                key, .unknownSetting(key, meant: Spelling.nearest(key, in: Self.known)))
        }
        problems.sort { $0.line < $1.line }
        return profile
    }

    private mutating func text(_ key: String) -> String? {
        guard let value = table[key] else { return nil }
        if let text = value.string { return text }
        note(key, .wrongValue(key, allowed: "\"…\""))
        return nil
    }

    private mutating func choice(
        _ key: String, _ allowed: [String], prefixed: Bool = false
    ) -> String? {
        guard let value = table[key] else { return nil }
        if let text = value.string,
            allowed.contains(where: { prefixed ? text.hasPrefix($0) : text == $0 })
        {
            return text
        }
        note(
            key,
            .wrongValue(key, allowed: allowed.map { "\"\($0)\"" }.joined(separator: " / ")))
        return nil
    }

    private mutating func flag(_ key: String) -> Bool? {
        guard let value = table[key] else { return nil }
        if let flag = value.bool { return flag }
        note(key, .wrongValue(key, allowed: "true / false"))
        return nil
    }

    private mutating func number(_ key: String, _ allowed: ClosedRange<Int>) -> Int? {
        guard let value = table[key] else { return nil }
        if let number = value.int, allowed.contains(number) { return number }
        note(key, .wrongValue(key, allowed: "\(allowed.lowerBound)–\(allowed.upperBound)"))
        return nil
    }

    private mutating func hosts() -> [String] {
        guard let value = table["links"] else { return [] }
        let names = value.array.map { array in (0..<array.count).map { array[$0].string ?? "" } }
        guard let names, names.allSatisfy(Self.isHost) else {
            note("links", .wrongValue("links", allowed: "[\"clinicaltrials.gov\", …]"))
            return []
        }
        return names
    }

    private static func isHost(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                let character = Character(Unicode.Scalar($0))
                return character.isASCII
                    && (character.isLetter || character.isNumber || "-.:".contains(character))
            }
    }

    private mutating func note(_ key: String, _ reason: ConfigurationProblem.Reason) {
        problems.append(
            ConfigurationProblem(file: file, line: places.line(of: key), reason: reason))
    }
}
