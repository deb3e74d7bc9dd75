import FoundationEssentials
import Screens
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
            inherited: (String) throws(ThemeProblem) -> ThemeFile
        ) throws(ThemeProblem) {
            let table = try table()
            if let parent = table["inherits"] {
                if let name = parent.string {
                    do throws(ThemeProblem) {
                        theme = try inherited(name)
                    } catch {
                        guard case .notFound(let known, let meant) = error.reason else {
                            throw error
                        }
                        note("inherits", .parentNotFound(known: known, meant: meant))
                    }
                } else {
                    note("inherits", .inheritsNoName)
                }
            }
            for key in table.keys.sorted(by: { places.line(of: $0) < places.line(of: $1) })
            where key != "inherits" && key != "palette" {
                guard let role = StyleRole(rawValue: key) else {
                    let names = StyleRole.allCases.map(\.name) + ["inherits", "palette"]
                    note(key, .unknownRole(key, meant: Spelling.nearest(key, in: names)))
                    continue
                }
                if let value = table[key], let entry = entry(value, key) {
                    theme.entries[role] = entry
                }
            }
            if let palette = table["palette"] { readPalette(palette) }
        }

        private func table() throws(ThemeProblem) -> TOMLTable {
            do {
                return try TOMLTable(string: text)
            } catch let error as TOMLParseError {
                throw ThemeProblem(
                    file: file, line: error.source.begin.line, reason: .notTOML(error.description))
            } catch {
                throw ThemeProblem(file: file, line: 0, reason: .notTOML("\(error)"))
            }
        }

        private mutating func readPalette(_ value: any TOMLValueConvertible) {
            guard let colours = value.table else {
                note("palette", .paletteNoTable)
                return
            }
            for name in colours.keys {
                if let colour = colours[name]?.string.flatMap({ Colour($0) }) {
                    theme.palette[name] = colour
                } else {
                    note(name, .paletteNoColour(name), table: "palette")
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
                note(key, .noStyle)
                return nil
            }
            for part in table.keys {
                switch part {
                case "fg": entry.foreground = table[part]?.string ?? ""
                case "bg": entry.background = table[part]?.string ?? ""
                case "modifiers": entry.modifiers = modifiers(table[part]?.array, key)
                default:
                    let meant = Spelling.nearest(part, in: ["fg", "bg", "modifiers"])
                    note(key, .unknownPart(part, meant: meant))
                }
            }
            return entry
        }

        private mutating func modifiers(_ names: TOMLArray?, _ key: String) -> Modifiers {
            guard let names else {
                note(key, .modifiersNoList)
                return []
            }
            var modifiers: Modifiers = []
            for index in 0..<names.count {
                let name = names[index].string ?? ""
                if let modifier = Modifiers(name: name) {
                    modifiers.insert(modifier)
                } else {
                    let meant = Spelling.nearest(name, in: Modifiers.allNames)
                    note(key, .unknownModifier(name, meant: meant))
                }
            }
            return modifiers
        }

        private mutating func note(
            _ key: String, _ reason: ThemeProblem.Reason, table: String? = nil
        ) {
            theme.problems.append(
                ThemeProblem(file: file, line: places.line(of: key, in: table), reason: reason))
        }
    }
}
