import ArgumentParser
import ClientRuntime
import Foundation
import Screens
import TerminalCore

/// The option for the language: the same one before and after the name of a command.
struct LanguageOption: ParsableArguments {
    @Option(
        help: Spoken.help(
            "The language, en or zh; otherwise your setting or LANG decides.",
            "语言：en 或 zh；未指定时按您的设置或 LANG。"))
    var locale: String?
}

/// The language this run of the program speaks.
enum Spoken {
    /// The language where no option was read yet, or none can be: as the command line says.
    static let language: Language = {
        let arguments = CommandLine.arguments
        let asked = arguments.indices.compactMap { index -> String? in
            let word = arguments[index]
            if word.hasPrefix("--locale=") { return String(word.dropFirst("--locale=".count)) }
            return word == "--locale" && index + 1 < arguments.count ? arguments[index + 1] : nil
        }
        let folders = HomeFolders(environment: Surroundings.environment)
        // A profile that cannot be read is reported when the session opens.
        let chosen = (try? Profile.read(from: folders.profileFile))?.locale
        return language(asked: asked.last, chosen: chosen)
    }()

    /// The language asked for, or chosen, or that of the environment.
    static func language(asked: String?, chosen: String?) -> Language {
        let environment = Surroundings.environment
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"]
        let tag = asked ?? chosen ?? names.compactMap { environment[$0] }.first { !$0.isEmpty }
        return Language(localeTag: tag ?? "en")
    }

    /// Returns the text of that language.
    static func say(_ english: SafeText, _ chinese: SafeText) -> SafeText {
        language == .english ? english : chinese
    }

    /// Returns what the help says of a command, in that language.
    static func help(_ english: String, _ chinese: String) -> String {
        language == .english ? english : chinese
    }

    /// Returns what the help says of an argument, an option or a flag, in that language.
    static func help(_ english: String, _ chinese: String) -> ArgumentHelp {
        ArgumentHelp(language == .english ? english : chinese)
    }
}
