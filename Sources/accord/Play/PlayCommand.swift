import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import TerminalCore

/// Plays a tape: the app without a terminal.
struct PlayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Plays a tape against the app, without a terminal.",
        discussion: """
            A tape has the commands of VHS and ours. Time is virtual; only a node's answers are \
            waited for. A line that fails is printed with the frame; the exit code is 1 then.
            """)

    @Argument(help: "The tape.")
    var tape: String
    @Option(help: "The size of the screen, such as 100x30; it wins over the tape's.")
    var size: String?
    @OptionGroup var look: LookOptions
    @Flag(help: "Writes golden files rather than comparing with them.")
    var updateGolden = false
    @Flag(help: "Keeps the folder the tape played in, and says where it is.")
    var keep = false
    @Option(help: "A file to record to, as asciicast v2.")
    var cast: String?

    @MainActor
    func run() async throws {
        let file = URL(filePath: tape)
        let folder = file.deletingLastPathComponent()
        let lines = try parse(file, folder)
        var settings = TapeSettings()
        var fixed = Set<String>()
        if let size {
            guard case .resize(let wanted)? = Key(name: "Resize \(size)") else {
                throw CommandFailure(.wrongUse, "--size is a size such as 100x30")
            }
            settings.size = wanted
            fixed.insert("size")
        }
        if let theme = look.theme {
            settings.theme = theme
            fixed.insert("theme")
        }
        if let locale = look.locale {
            settings.locale = locale
            fixed.insert("locale")
        }
        settings.updatesGolden = updateGolden
        let stage = try PlayStage(folder: folder)
        let player = TapePlayer(
            lines: lines, folder: folder, settings: settings, fixed: fixed, stage: stage,
            start: Timestamp(milliseconds: 1_795_334_400_000), themes: Installed.theme)
        defer { if keep { print("kept \(stage.path)") } else { stage.remove() } }
        try await player.play(cast: cast)
        print("\(tape): \(player.commandCount) commands passed")
    }

    private func parse(_ file: URL, _ folder: URL) throws -> [TapeLine] {
        guard let content = FileManager.default.contents(atPath: file.path(percentEncoded: false))
        else { throw CommandFailure(.wrongUse, "could not read \(tape)") }
        do {
            return try TapeParser.parse(String(decoding: content, as: UTF8.self), file: tape) {
                name in
                let place = folder.appending(path: name).path(percentEncoded: false)
                guard let content = FileManager.default.contents(atPath: place) else {
                    throw CommandFailure(.wrongUse, "could not read \(place)")
                }
                return String(decoding: content, as: UTF8.self)
            }
        } catch let error as TapeError {
            throw CommandFailure(.wrongUse, "\(error.description)")
        }
    }
}
