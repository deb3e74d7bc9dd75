import FoundationEssentials
import TOMLKit
import TerminalCore

extension ThemeFile {
    /// Reads one file and notes every mistake, so that a check can tell all of them at once.
    struct Reader {
        let file: String
        let text: String
        private(set) var theme = ThemeFile()
        private let places: TextPlace

        init(file: String, text: String) {
            self.file = file
            self.text = text
            places = TextPlace(text)
        }

        /// Reads the file; `inherited` reads the theme it builds on.
        mutating func read(
            inherited: (String) throws(Failure) -> ThemeFile
        ) throws(Failure) {
            let table = try table()
            if let parent = table["inherits"] {
                if let name = parent.string {
                    do throws(Failure) {
                        theme = try inherited(name)
                    } catch  where error.code == .notFound {
                        note("inherits", error.problem)
                    }
                } else {
                    note("inherits", "has to be the name of a theme")
                }
            }
            for key in table.keys.sorted(by: { places.line(of: $0) < places.line(of: $1) })
            where key != "inherits" && key != "palette" {
                guard let role = StyleRole(rawValue: key) else {
                    let names = StyleRole.allCases.map(\.name) + ["inherits", "palette"]
                    note(key, "unknown style role \"\(key)\"\(Spelling.hint(key, in: names))")
                    continue
                }
                if let value = table[key], let entry = entry(value, key) {
                    theme.entries[role] = entry
                }
            }
            if let palette = table["palette"] { readPalette(palette) }
        }

        private func table() throws(Failure) -> TOMLTable {
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

        private mutating func readPalette(_ value: any TOMLValueConvertible) {
            guard let colours = value.table else {
                note("palette", "has to be a table")
                return
            }
            for name in colours.keys {
                if let colour = colours[name]?.string.flatMap({ Colour($0) }) {
                    theme.palette[name] = colour
                } else {
                    note(
                        name, "\"\(name)\" has to be #RRGGBB, #RGB or an ANSI name",
                        table: "palette")
                }
            }
        }

        private mutating func entry(
            _ value: any TOMLValueConvertible, _ key: String
        ) -> Entry? {
            var entry = Entry(file: file, line: places.line(of: key))
            if let colour = value.string {
                entry.foreground = colour
                return entry
            }
            guard let table = value.table else {
                note(key, "has to be a colour or { fg, bg, modifiers }")
                return nil
            }
            for part in table.keys {
                switch part {
                case "fg": entry.foreground = table[part]?.string ?? ""
                case "bg": entry.background = table[part]?.string ?? ""
                case "modifiers": entry.modifiers = modifiers(table[part]?.array, key)
                default:
                    let hint = Spelling.hint(part, in: ["fg", "bg", "modifiers"])
                    note(key, "unknown part \"\(part)\"\(hint)")
                }
            }
            return entry
        }

        private mutating func modifiers(_ names: TOMLArray?, _ key: String) -> Modifiers {
            guard let names else {
                note(key, "modifiers has to be a list")
                return []
            }
            var modifiers: Modifiers = []
            for index in 0..<names.count {
                let name = names[index].string ?? ""
                if let modifier = Modifiers(name: name) {
                    modifiers.insert(modifier)
                } else {
                    let hint = Spelling.hint(name, in: Modifiers.allNames)
                    note(key, "unknown modifier \"\(name)\"\(hint)")
                }
            }
            return modifiers
        }

        private mutating func note(_ key: String, _ problem: String, table: String? = nil) {
            theme.problems.append(
                Failure(
                    code: .malformed, file: file, line: places.line(of: key, in: table),
                    problem: problem))
        }
    }
}
