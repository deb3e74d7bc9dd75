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
    private let folder: URL
    private var session: MemberSession?
    private var isUsed = false
    private var world: DemoWorld?
    private var random: RandomSource?

    init(folder: URL) throws {
        self.folder = folder
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
                size: settings.size, now: clock.now, canLock: opened.canLock),
            session: opened, sink: sink, keepsMessages: true)
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

    var hasNode: Bool { world != nil }

    func node(_ command: TapeNode, clock: RuntimeClock, set settings: TapeSettings) async throws
        -> String?
    {
        switch command {
        case .fixture(let name):
            guard world == nil else { throw TapeProblem("the tape has a node already") }
            return try await start(name, clock, settings)
        case .kill: await world?.killNode()
        case .start:
            try await world?.startNodeAfterNeighbour()
            session?.wake()
        }
        return nil
    }

    /// Starts a node: `demo`, where Wei has joined already; `newcomer`, where nobody has and the
    /// invitation is on the clipboard; or a file of projects, added to those of `demo`.
    private func start(
        _ fixture: String, _ clock: RuntimeClock, _ settings: TapeSettings
    ) async throws -> String? {
        let file = folder.appending(path: fixture)
        let content =
            ["demo", "newcomer"].contains(fixture)
            ? nil : FileManager.default.contents(atPath: file.path(percentEncoded: false))
        guard content != nil || fixture == "demo" || fixture == "newcomer" else {
            throw TapeProblem(
                "there is no fixture \(fixture): there are demo, newcomer and files of projects")
        }
        let made = try DemoWorld(
            root: root.appending(path: "demo", directoryHint: .isDirectory), clock: clock,
            clockFile: clockFile, seed: settings.seed, every: "1d",
            more: { account in
                try content.map { try TermsFile.read($0, file: fixture, account: account) } ?? []
            })
        world = made
        try await made.start()
        let session = try session ?? makeSession(settings, clock)
        self.session = session
        let invitation = try await made.invite()
        try session.changeProfile { profile in
            profile.name = "Wei"
            profile.recordsFolder = Installed.samples
            if fixture == "newcomer" { profile.node = made.address }
        }
        if fixture == "newcomer" { return invitation }
        try await session.join(code: invitation, node: made.address, passphrase: "")
        _ = try await session.syncOnce()
        return nil
    }

    func clockChanged(to time: Timestamp) throws {
        try HomeFolders.writePrivate(Array((time.iso + "\n").utf8), to: clockFile)
    }

    func close() async {
        await session?.stop()
        await world?.stop()
    }
}
