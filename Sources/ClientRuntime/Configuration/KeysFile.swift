package import Foundation
package import Screens
import TOMLKit
import TerminalCore

/// `keys.toml`: other keys for actions, by the part of the app and the action's name.
///
///     [projects]
///     sign-up = "S"
///     [everywhere]
///     help = ["?", "F1"]
package enum KeysFile {
    /// Reads the file; one that is missing changes nothing.
    ///
    /// - Returns: The keys, and what is wrong with the file: that part is ignored.
    package static func read(from file: URL) -> (keys: KeyMap, problems: [ConfigurationProblem]) {
        let path = file.path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path) else {
            return (KeyMap(), [])
        }
        let text = String(decoding: content, as: UTF8.self)
        var reader = Reader(file: path, places: TextPlace(text))
        do {
            let table = try TOMLTable(string: text)
            for scope in table.keys { reader.read(scope, table[scope]) }
        } catch let error as TOMLParseError {
            reader.note(error.source.begin.line, .notTOML(error.description))
        } catch {
            reader.note(0, .notTOML(String(describing: error)))
        }
        reader.findConflicts()
        return (reader.map, reader.problems.sorted { $0.line < $1.line })
    }

    private struct Reader {
        let file: String
        let places: TextPlace
        var map = KeyMap()
        var problems: [ConfigurationProblem] = []

        init(file: String, places: TextPlace) {
            self.file = file
            self.places = places
        }

        mutating func note(_ line: Int, _ reason: ConfigurationProblem.Reason) {
            problems.append(ConfigurationProblem(file: file, line: line, reason: reason))
        }

        mutating func read(_ name: String, _ value: (any TOMLValueConvertible)?) {
            let names = KeyScope.allCases.map(\.rawValue)
            guard let scope = KeyScope(rawValue: name), let table = value?.table else {
                note(
                    places.line(of: name),
                    .unknownScope(name, meant: Spelling.nearest(name, in: names)))
                return
            }
            let actions = KeyCatalogue.bindings(scope)
            for action in table.keys {
                let line = places.line(of: action, in: name)
                guard let binding = actions.first(where: { $0.name == action }) else {
                    let meant = Spelling.nearest(action, in: actions.map(\.name))
                    note(line, .unknownAction(action, scope: scope, meant: meant))
                    continue
                }
                var keys = keys(table[action], action, line)
                if keys.contains(.escape), !binding.keys.contains(.escape) {
                    note(line, .escapeReserved)
                }
                let text = keys.filter { KeyCatalogue.isText($0, for: action, in: scope) }
                for key in text { note(line, .typed(action: action, key: key.name)) }
                keys.removeAll { text.contains($0) }
                if !keys.isEmpty { map.keys[scope, default: [:]][action] = keys }
            }
        }

        private mutating func keys(
            _ value: (any TOMLValueConvertible)?, _ action: String, _ line: Int
        ) -> [Key] {
            var names: [String] = []
            if let name = value?.string {
                names = [name]
            } else if let array = value?.array {
                names = (0..<array.count).compactMap { array[$0].string }
            }
            if names.isEmpty {
                note(line, .wrongValue(action, allowed: "\"s\" / [\"s\", \"Ctrl+S\", \"F2\"]"))
            }
            return names.compactMap { name in
                if let key = Key(name: name), key.isSingle { return key }
                note(
                    line,
                    .unknownKey(name, meant: Spelling.nearest(name, in: KeysFile.keyNames)))
                return nil
            }
        }

        /// Finds keys given twice in one part, and actions that lost their only key.
        mutating func findConflicts() {
            for (scope, chosen) in map.keys {
                var owners: [Key: String] = [:]
                for action in chosen.keys.sorted() {
                    let line = places.line(of: action, in: scope.rawValue)
                    for key in chosen[action] ?? [] {
                        if let owner = owners[key] {
                            note(
                                line, .conflict(key: key.name, first: owner, second: action))
                        } else {
                            owners[key] = action
                        }
                    }
                }
                for binding in KeyCatalogue.bindings(scope) where chosen[binding.name] == nil {
                    let left = binding.keys.filter { owners[$0] == nil || $0 == .escape }
                    guard left.isEmpty, let key = binding.keys.first, let owner = owners[key],
                        scope != .sheets
                    else { continue }
                    note(
                        places.line(of: owner, in: scope.rawValue),
                        .keyless(action: binding.name, key: key.name))
                }
            }
        }
    }

    private static let keyNames =
        [
            "Enter", "Escape", "Tab", "Shift+Tab", "Backspace", "Delete", "Insert", "Up", "Down",
            "Left", "Right", "PageUp", "PageDown", "Home", "End", "Space",
        ] + (1...12).map { "F\($0)" }
}

extension Key {
    /// Whether it is one key of a keyboard, and not a paste, the mouse or a new size.
    fileprivate var isSingle: Bool {
        switch self {
        case .paste, .mouse, .resize: false
        default: true
        }
    }
}
