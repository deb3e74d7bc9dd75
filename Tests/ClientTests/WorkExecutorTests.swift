import ClientRuntime
import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import Screens
import SyncCore
import Synchronization
import TerminalCore
import TestSupport
import Testing

/// Work that takes a while, and what else a person does meanwhile.
@Suite struct WorkExecutorTests {
    /// How many works have ended.
    private final class Ended: Sendable {
        let count = Mutex(0)
    }

    /// A person's session with an open vault, and no node.
    private static func session(in folder: URL) throws -> MemberSession {
        let session = try MemberSession(
            folders: HomeFolders(root: folder), clock: RuntimeClock(at: TestMember.now),
            random: RandomSource(seed: 7),
            wiring: .init(connect: { _, _ in throw NodeUnreachable("none") }))
        let keys = try session.prepareVault(passphrase: "")
        let ledger = try FakeLedger()
        try session.store.adopt(
            Enrolment(
                origin: ledger.origin, logKey: ledger.signer.verifierKey,
                nodeURL: "http://localhost", device: keys.device,
                account: AccountID(firstDevice: keys.device)),
            cursor: OutboxCursor(device: keys.device, nextSequence: 2, previous: .zero))
        try session.unlock(passphrase: "")
        return session
    }

    private static func export(rows: Int, number: Int) -> String {
        var text = "<?xml version=\"1.0\"?>\n<HealthData locale=\"en_US\">\n"
        for row in 0..<rows {
            let date = "2023-0\(1 + row % 9)-1\(row % 10) 1\(row % 10):00:00 +0000"
            text += " <Record type=\"HKQuantityTypeIdentifierHeartRate\" sourceName=\"w\" "
            text += "unit=\"count/min\" startDate=\"\(date)\" endDate=\"\(date)\" "
            text += "value=\"\(50 + (row + number) % 90)\"/>\n"
        }
        return text + "</HealthData>\n"
    }

    @Test func `what is wrong with a file is told in the language that is shown`() async throws {
        let folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        let session = try Self.session(in: folder)
        // Nobody chose it: the environment says so.
        _ = session.configuration(language: .chinese, theme: "dark")
        let file = folder.appending(path: "note.txt")
        try Data("no record\n".utf8).write(to: file)
        let outcome = await session.perform(.importFiles([file.path(percentEncoded: false)]))
        guard case .imported(0, _, let problems) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(!problems.isEmpty)
        for problem in problems {
            let isChinese = problem.unicodeScalars.contains {
                ("\u{4E00}"..."\u{9FFF}").contains($0)
            }
            #expect(isChinese, "\(problem)")
        }
    }

    @Test func `more imports than the machine has processors leave a thread for everything else`()
        async throws
    {
        let folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        let session = try Self.session(in: folder)
        let count = ProcessInfo.processInfo.activeProcessorCount + 2
        let files = try (0..<count).map { number in
            let file = folder.appending(path: "export-\(number).xml")
            try Data(Self.export(rows: 4_000, number: number).utf8).write(to: file)
            return file.path(percentEncoded: false)
        }
        let ended = Ended()
        await withTaskGroup(of: ActionOutcome.self) { group in
            for file in files {
                group.addTask {
                    let outcome = await session.perform(.importFiles([file]))
                    ended.count.withLock { $0 += 1 }
                    return outcome
                }
            }
            // It comes after all of them; what the keys need waits in the same line.
            await Task.detached {}.value
            #expect(ended.count.withLock { $0 } == 0)
            for await outcome in group {
                guard case .imported(let records, let rows, let problems) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect(records == 1 && rows == 4_000 && problems.isEmpty)
            }
        }
    }

    @Test func `an export that was called off before its turn writes nothing`() async throws {
        let folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        let session = try Self.session(in: folder)
        let home = folder.appending(path: "home").path(percentEncoded: false)
        let (turns, turn) = AsyncStream.makeStream(of: Void.self)
        let export = Task {
            // It goes on once the task is cancelled: no turn comes.
            for await _ in turns { break }
            return await session.perform(.takeHome(path: home))
        }
        export.cancel()
        #expect(await export.value == .stopped(.exporting))
        turn.finish()
        #expect(!FileManager.default.fileExists(atPath: home))
    }

    @MainActor
    @Test func `keys work while a folder is read, which is listed up to a limit`() async throws {
        let folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        let session = try Self.session(in: folder)
        let files = folder.appending(path: "files", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        for number in 0..<FolderListing.limit + 3 {
            let file = files.appending(path: "\(100_000 + number).json")
            try Data().write(to: file)
        }
        try session.changeProfile { $0.recordsFolder = files.path(percentEncoded: false) }
        let listing = try await session.list("")
        #expect(listing.items.count == FolderListing.limit + 1 && listing.notShown == 3)

        let app = AppRuntime(
            settings: Settings(size: Size(columns: 80, rows: 24), now: TestMember.now),
            session: session, sink: NoSink())
        app.start(rest: .seconds(3_600))
        // The main actor is not left here, so that no answer can have come.
        app.press([.character("4"), .character("i"), .character("7")])
        #expect(app.isReading)
        while app.isReading { await Task.yield() }
        app.drain()
        #expect(app.frame.rows.contains { $0.contains("100007.json") }, "\(app.frame.rows)")
        #expect(app.frame.rows.contains { $0.contains("3 more are not shown") })
        await app.stop()
    }

    @MainActor
    @Test func `keys that came together turn one page of an authorization and sign none unseen`()
        async throws
    {
        let family = try await Family()
        let ada = try await family.member("ada")
        try ada.actions().signUp(family.builder.project)
        let waiting = try ada.store.undecided(limit: 9).count
        let app = AppRuntime(
            settings: Settings(size: Size(columns: 80, rows: 24), now: family.clock.now),
            session: ada, sink: NoSink())
        app.start(rest: .seconds(3_600))
        // The sheet opens with `g`; what follows was pressed before it was there.
        let many = [Key](repeating: .enter, count: 20)
        app.press([.character("2"), .character("g")] + many)
        let first = app.frame.rows
        #expect(app.frame.semantics?.first(.dialog) != nil, "\(first)")
        app.press(many)
        let second = app.frame.rows
        #expect(second != first)
        app.press([.left])
        #expect(app.frame.rows == first)
        app.press([.enter])
        #expect(app.frame.rows == second)
        app.press([.enter, .escape])
        #expect(app.frame.semantics?.first(.dialog) == nil)
        await app.stop()
        #expect(try ada.store.undecided(limit: 9).count == waiting)
        try await family.end()
    }

    @MainActor
    @Test func `a sheet that was not on the screen yet signs nobody up`() async throws {
        let family = try await Family()
        let ada = try await family.member("ada")
        let app = AppRuntime(
            settings: Settings(size: Size(columns: 80, rows: 24), now: family.clock.now),
            session: ada, sink: NoSink())
        app.start(rest: .seconds(3_600))
        app.press([.character("2"), .character("s"), .enter, .enter])
        #expect(app.frame.semantics?.first(.dialog) != nil, "\(app.frame.rows)")
        #expect(!app.model.isBusy)
        app.press([.enter])
        #expect(app.model.isBusy)
        await app.stop()
        try await family.end()
    }

    @MainActor
    @Test func `a device that asks is not admitted by a key that was pressed as its words came`()
        async throws
    {
        let family = try await Family()
        let ada = try await family.member("ada")
        let app = AppRuntime(
            settings: Settings(size: Size(columns: 80, rows: 24), now: family.clock.now),
            session: ada, sink: NoSink())
        app.start(rest: .seconds(3_600))
        app.press([.character(",")])
        app.post(.settingChosen(.devices))
        app.drain()
        app.press([.character("a")])
        while app.isWorking {
            app.drain()
            await Task.yield()
        }
        let keys = DeviceKeys(
            signing: [UInt8](repeating: 1, count: 32), wrapping: [UInt8](repeating: 2, count: 32))
        app.post(.deviceAsked(AskingDevice(keys: keys, words: ["amber", "basil", "coral"])))
        app.drain()
        #expect(app.frame.rows.contains { $0.contains("amber   basil   coral") })
        app.press([.enter])
        #expect(!app.model.isBusy)
        family.clock.set(family.clock.now.adding(milliseconds: 1_000))
        app.press([.enter])
        #expect(app.model.isBusy)
        await app.stop()
        try await family.end()
    }
}

/// Shows nothing.
private final class NoSink: FrameSink {
    let size = Size(columns: 80, rows: 24)
    func draw(_ frame: Frame) {}
    func useTheme(named name: String) {}
}
