package import TerminalCore

/// Something wrong in a configuration file; what it says there is ignored.
package struct ConfigurationProblem: Equatable, Sendable {
    /// The file's path.
    package var file: String
    /// The line, from 1; 0 where the whole file is meant.
    package var line: Int
    /// What is wrong.
    package var reason: Reason

    /// What can be wrong.
    package enum Reason: Equatable, Sendable {
        /// It is no TOML; the parser's words.
        case notTOML(String)
        /// No such setting; what was meant, if that can be guessed.
        case unknownSetting(String, meant: String?)
        /// The setting takes other values.
        case wrongValue(String, allowed: String)
        /// No such part of the app.
        case unknownScope(String, meant: String?)
        /// No such action in that part.
        case unknownAction(String, scope: KeyScope, meant: String?)
        /// No such key.
        case unknownKey(String, meant: String?)
        /// One key for two actions of the same part.
        case conflict(key: String, first: String, second: String)
        /// The key was taken from an action that has no other.
        case keyless(action: String, key: String)
        /// Where the action stands, the key types text.
        case typed(action: String, key: String)
        /// Escape always closes.
        case escapeReserved
    }

    /// Makes a problem.
    package init(file: String, line: Int, reason: Reason) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    /// `FILE:LINE: what is wrong`, in the person's language.
    package func text(_ say: Words) -> SafeText {
        let place = line > 0 ? "\(file):\(line): " : "\(file): "
        return SafeText(untrusted: place) + explained(say)
    }

    private func explained(_ say: Words) -> SafeText {
        func safe(_ text: String) -> SafeText { SafeText(untrusted: text) }
        func guess(_ meant: String?) -> SafeText {
            meant.map { say(.configMeant, safe($0)) } ?? ""
        }
        return switch reason {
        case .notTOML(let words): say(.configNotTOML, safe(words))
        case .unknownSetting(let name, let meant):
            say(.configUnknownSetting, safe(name)) + guess(meant)
        case .wrongValue(let name, let allowed):
            say(.configWrongValue, safe(name), safe(allowed))
        case .unknownScope(let name, let meant):
            say(.configUnknownScope, safe(name)) + guess(meant)
        case .unknownAction(let name, let scope, let meant):
            say(.configUnknownAction, safe(name), safe(scope.rawValue)) + guess(meant)
        case .unknownKey(let name, let meant):
            say(.configUnknownKey, safe(name)) + guess(meant)
        case .conflict(let key, let first, let second):
            say(.configConflict, safe(key), safe(first), safe(second))
        case .keyless(let action, let key):
            say(.configKeyless, safe(key), safe(action))
        case .typed(let action, let key):
            say(.configTyped, safe(key), safe(action))
        case .escapeReserved: say(.configEscape)
        }
    }
}
