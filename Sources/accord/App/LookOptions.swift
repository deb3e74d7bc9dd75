import ArgumentParser
import ClientRuntime
import Foundation
import Screens
import TerminalCore

/// How the app looks and speaks, as asked for on the command line.
struct LookOptions: ParsableArguments {
    @OptionGroup var speech: LanguageOption
    @Option(help: Spoken.help("The theme, by name.", "主题的名称。"))
    var theme: String?

    /// What was asked for.
    var look: Look { Look(locale: speech.locale, theme: theme) }
}

/// How the app looks and speaks.
struct Look {
    /// The language asked for; `nil` where none was.
    var locale: String?
    /// The theme asked for; `nil` where none was.
    var theme: String?

    /// The language: as asked for, as configured, as the environment says.
    func language(_ profile: Profile) -> Language {
        Spoken.language(asked: locale, chosen: profile.locale)
    }

    /// Everything the person chose; what was asked for on the command line wins.
    func configuration(of session: MemberSession) -> Configuration {
        var configuration = session.configuration(
            language: language(session.profile), theme: themeName(session.profile))
        if let locale {
            configuration.preferences.language = Language(localeTag: locale)
        }
        if let theme { configuration.preferences.theme = theme }
        session.show(configuration.preferences)
        return configuration
    }

    /// The name of the theme: as asked for, as configured, or dark.
    func themeName(_ profile: Profile) -> String { theme ?? profile.theme ?? "dark" }
}

/// Whether the app speaks in lines.
struct PlainOption: ParsableArguments {
    @Flag(
        help: Spoken.help(
            "Speak in lines, for screen readers and pipes; commands are typed as lines.",
            "以逐行文字交互，适合读屏软件和管道；命令也逐行输入。"))
    var plain = false
}

/// Where themes and this program are.
enum Installed {
    /// The full path of this program.
    static let executable: String = {
        // Without /proc, the name it was called by is the best there is.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments[0]
    }()

    /// The folder of this program.
    static var folder: URL { URL(filePath: executable).deletingLastPathComponent() }

    /// The program of that name beside this one.
    static func program(_ name: String) throws -> URL {
        let place = folder.appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: place.path(percentEncoded: false))
        else {
            throw CommandFailure(
                .wrongUse, "\(name) is missing: it belongs beside \(executable)",
                "缺少 \(name)：它应与 \(executable) 在同一文件夹")
        }
        return place
    }

    /// The folder of sample records, or `nil` where they were not installed.
    static var samples: String? {
        var places = [folder.appending(path: "../share/accord/samples").standardizedFileURL]
        var above = folder
        while above.path != "/" {
            places.append(above.appending(path: "Samples/records"))
            above = above.deletingLastPathComponent()
        }
        return places.map { $0.path(percentEncoded: false) }
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The folders that may hold themes.
    static var themeFolders: [String] {
        ThemeFile.folders(
            environment: Surroundings.environment, executable: executable)
    }

    /// Reads a theme; `nil` if there is none of that name.
    static func theme(_ name: String) -> Theme? {
        // A theme that cannot be read is told by `accord` at its start, and does no harm later.
        try? ThemeFile.load(name, in: themeFolders)
    }

    /// The names of the themes.
    static var themes: [String] { ThemeFile.names(in: themeFolders) }
}
