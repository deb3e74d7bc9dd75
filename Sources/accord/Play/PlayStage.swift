import ClientRuntime
import Foundation
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// The world of a tape: a home of its own, and a private node where the tape asks for one.
@MainActor
final class PlayStage: TapeStage {
    private let root: URL
    private var session: MemberSession?
    private var isUsed = false
    private var world: DemoWorld?
    private var random: RandomSource?

    init(folder: URL) throws {
        root = FileManager.default.temporaryDirectory.appending(
            path: "accord-tape-\(UUID().uuidString)", directoryHint: .isDirectory)
        try HomeFolders.makePrivate(root)
    }

    /// Removes everything the tape made.
    func remove() {
        // What stays behind in the temporary folder harms nobody.
        try? FileManager.default.removeItem(at: root)
    }

    /// The folder of the tape's world.
    var path: String { root.path(percentEncoded: false) }

    private var clockFile: URL { root.appending(path: "clock") }

    func open(_ settings: TapeSettings, clock: RuntimeClock, sink: any FrameSink) async throws
        -> AppRuntime
    {
        // A session serves one run of the app: a later run starts from what is on disk.
        let opened =
            if let session, !isUsed { session } else { try makeSession(settings, clock) }
        session = opened
        isUsed = true
        return AppRuntime(
            settings: Settings(
                stage: opened.stage, language: Language(localeTag: settings.locale),
                theme: settings.theme, themes: Installed.themes,
                memberName: opened.profile.name, node: opened.profile.node ?? "",
                size: settings.size, now: clock.now),
            session: opened, sink: sink)
    }

    private func makeSession(_ settings: TapeSettings, _ clock: RuntimeClock) throws
        -> MemberSession
    {
        let source = random ?? settings.seed.map { RandomSource(seed: $0) } ?? RandomSource()
        random = source
        return try MemberSession(
            folders: HomeFolders(root: root.appending(path: "home")), clock: clock,
            random: source, wiring: .http(clock: clock))
    }

    func node(_ command: TapeNode, clock: RuntimeClock, set settings: TapeSettings) async throws {
        switch command {
        case .fixture("demo"):
            let made = try DemoWorld(
                root: root.appending(path: "demo", directoryHint: .isDirectory), clock: clock,
                clockFile: clockFile, seed: settings.seed, every: "1d")
            world = made
            try await made.start()
            let session = try session ?? makeSession(settings, clock)
            self.session = session
            try session.changeProfile { profile in
                profile.name = "Wei"
                profile.recordsFolder = Installed.samples
            }
            try await session.join(
                code: try await made.invite(), node: made.address, passphrase: "")
            _ = try await session.syncOnce()
        case .fixture(let name):
            throw CommandFailure(.wrongUse, "there is no fixture \(name): there is demo")
        case .kill: await world?.killNode()
        case .start:
            try await world?.startNodeAfterNeighbour()
            session?.wake()
        }
    }

    func clockChanged(to time: Timestamp) throws {
        try HomeFolders.writePrivate(Array((time.iso + "\n").utf8), to: clockFile)
    }

    func close() async {
        await session?.stop()
        await world?.stop()
    }
}
