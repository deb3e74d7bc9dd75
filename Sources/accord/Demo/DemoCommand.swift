import ArgumentParser
import CLifeline
import ClientRuntime
import Foundation
import Glibc
import LedgerCore
import StudyImport
import SyncCore
import TerminalCore

/// The demo: a private node on this machine.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: Spoken.help("Opens the app on a private node on this machine.", "在本机的私有节点上打开应用。"),
        discussion: Spoken.help(
            """
            The node, a study team and their projects live below the data folder, in demo/. To see \
            what happens offline, run "accord demo stop-node" in another terminal, and \
            "accord demo start-node" to bring the node back.
            """,
            """
            节点、一个研究团队及其项目都保存在数据文件夹下的 demo/ 中。想看离线时会怎样，请在另一个终端运行  accord \
            demo stop-node，再用  accord demo start-node  恢复节点。
            """),
        subcommands: [StopNode.self, StartNode.self, Team.self, Make.self])

    @OptionGroup var asked: LookOptions
    @OptionGroup var speech: PlainOption

    func run() async throws {
        try await App.open(look: asked.look, startsDemo: true, isPlain: speech.plain)
    }

    /// Where the demo of this person lives.
    static func root(_ folders: HomeFolders) -> URL {
        folders.data.appending(path: "demo", directoryHint: .isDirectory)
    }

    private static var root: URL {
        root(HomeFolders(environment: Surroundings.environment))
    }

    private static func tell(_ english: SafeText, _ chinese: SafeText) {
        Output.write(Spoken.say(english, chinese).string + "\n", to: STDOUT_FILENO)
    }

    private static func expectDemo() throws {
        guard DemoWorld.address(root) == nil else { return }
        throw CommandFailure(
            .wrongUse, "there is no demo yet: run  accord demo", "尚无演示：请运行  accord demo")
    }

    /// Ends the node until it is started on purpose.
    struct StopNode: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stop-node",
            abstract: Spoken.help(
                "Ends the demo's node, as if the network were gone, until start-node.",
                "停止演示节点，如同断网，直到运行 start-node。"))

        func run() async throws {
            try DemoCommand.expectDemo()
            try DemoWorld.stopNode(DemoCommand.root)
            DemoCommand.tell(
                "stopped the node: the app is offline until  accord demo start-node",
                "已停止节点：应用将保持离线，直到运行  accord demo start-node")
        }
    }

    /// Starts the node again.
    struct StartNode: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start-node",
            abstract: Spoken.help(
                "Starts the demo's node again. Meanwhile a neighbour took a last seat.",
                "重新启动演示节点。其间邻居占用了一个项目的最后名额。"))

        func run() async throws {
            try DemoCommand.expectDemo()
            let root = DemoCommand.root
            guard DemoWorld.runningChild(root, "node.pid") == nil else {
                throw CommandFailure(
                    .wrongUse, "the demo's node runs already", "演示节点已在运行")
            }
            let world = try DemoWorld(root: root, clock: RuntimeClock(), outlivesProgram: true)
            try await world.startNodeAfterNeighbour()
            DemoCommand.tell(
                "started the node at \(world.address)", "已在 \(world.address) 启动节点")
        }
    }

    /// Makes the demo's ledger, and leaves it at that.
    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make",
            abstract: Spoken.help(
                "Makes the demo's ledger without starting the app.", "只建立演示账本，不打开应用。"),
            shouldDisplay: false)

        @Option(help: Spoken.help("The folder to make it in.", "在此文件夹中建立。"))
        var world: String

        func run() async throws {
            let made = try DemoWorld(
                root: URL(filePath: world, directoryHint: .isDirectory), clock: RuntimeClock())
            do {
                try await made.start()
            } catch {
                await made.stop()
                throw error
            }
            await made.stop()
            print(made.address)
        }
    }

    /// The study team of the demo.
    struct Team: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "team",
            abstract: Spoken.help(
                "Reviews and uses, for the demo's institutions.", "代演示中的机构审核并使用数据。"),
            shouldDisplay: false)

        @Option(help: Spoken.help("The folder of the demo.", "演示所在的文件夹。"))
        var world: String
        @Option(help: Spoken.help("How often to use what may be used.", "每隔多久使用一次可用的数据。"))
        var every = "20s"
        @Option(help: Spoken.help("A file that holds the time.", "保存时间的文件。"))
        var clock: String?
        @Flag(help: .hidden)
        var endWithInput = false

        func run() async throws {
            if endWithInput { lifeline_follow() }
            let root = URL(filePath: world, directoryHint: .isDirectory)
            guard let address = DemoWorld.address(root), let seconds = Int64(every.dropLast())
            else {
                throw CommandFailure(
                    .wrongUse, "there is no demo in \(world)", "\(world) 中没有演示")
            }
            let units: [Character: Int64] = [
                "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
            ]
            guard let unit = every.last.flatMap({ units[$0] }) else {
                throw CommandFailure(
                    .wrongUse, "--every is a time such as 20s", "--every 是时间，例如 20s")
            }
            let time = FileTime(path: clock)
            await withTaskGroup { group in
                for index in DemoCatalogue.institutions.indices {
                    group.addTask {
                        await DemoCommand.work(
                            root, index, address, time: time, every: seconds * unit)
                    }
                }
            }
        }
    }

    private static func work(
        _ root: URL, _ index: Int, _ address: String, time: FileTime, every: Int64
    ) async {
        do {
            let folders = HomeFolders(root: root.appending(path: "institution-\(index)"))
            let keys = try Vault.read(from: folders.vaultFile).unlock(passphrase: "")
            let link = try NodeLink.http(address, keys: keys, clock: time.clock)
            let desk = try StudyDesk(
                keys: keys, gateway: NodeGateway(link.connection), folders: folders,
                clock: time.clock)
            // The accounts of the catalogue decide nothing here: only what each project asks.
            let terms = DemoCatalogue.projects(recipients: [desk.account], now: time.clock.now)
                .filter { DemoCatalogue.sponsor(of: $0.project) == index }
            var rules = StudyRules()
            rules.standard.useEveryMilliseconds = every
            // Everybody who tries the demo hands over the same samples.
            rules.standard.acceptsDuplicates = true
            let team = StudyTeam(desk: desk, projects: terms, rules: rules, usesAgain: true)
            await team.run { event in
                print(SafeText(untrusted: event.line).string)
                fflush(nil)
            }
        } catch {
            let reason = String(describing: error)
            DemoCommand.tell("the study team stopped: \(reason)", "研究团队已停止：\(reason)")
        }
    }
}

/// The time in a file, read each time it is asked for; without a file, the machine's.
struct FileTime: Sendable {
    let clock: RuntimeClock

    init(path: String?) {
        guard let path else {
            clock = RuntimeClock()
            return
        }
        clock = RuntimeClock(file: path)
    }
}

extension StudyTeam.Event {
    /// The line printed.
    var line: String {
        switch self {
        case .reviewed(let project, let account, let kind, nil):
            "accepted \(kind.rawValue) of \(account.text.prefix(8)) for \(project.text)"
        case .reviewed(let project, let account, let kind, let refusal?):
            "rejected \(kind.rawValue) of \(account.text.prefix(8)) for \(project.text): \(refusal.rawValue)"
        case .used(let project, let account, let use, let records, let entry):
            "used \(records) record(s) of \(account.text.prefix(8)) for \(project.text), \(use.text), entry \(entry.hex.prefix(12))"
        case .denied(let project, let account, let purpose, let denial):
            "denied \(purpose.text) of \(account.text.prefix(8)) for \(project.text): \(denial.rawValue)"
        case .appealed(let project, let account, let kind, _):
            "\(account.text.prefix(8)) appealed, \(kind.rawValue) for \(project.text)"
        case .failed(let project, let reason): "failed for \(project.text): \(reason.english)"
        }
    }
}
