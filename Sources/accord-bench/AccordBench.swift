import ArgumentParser
import Foundation
import Glibc

/// Measures the product on this machine, each figure beside its physical floor in the same run.
@main
struct AccordBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accord-bench",
        abstract: "Measure Accord on this machine, every figure beside its floor.",
        subcommands: [
            All.self, Floors.self, Ledger.self, Node.self, Sync.self, Start.self, List.self,
            Records.self, Revoke.self, Floods.self,
            Rules.self, Study.self, Growth.self, Snapshot.self,
            Catalogue.self, Home.self,
        ],
        defaultSubcommand: All.self)

    static func main() async {
        // The bare process start is measured with this very program, so nothing may run before.
        if CommandLine.arguments.dropFirst().first == BareStart.argument { Glibc.exit(0) }
        await main(nil)
    }
}

/// Figures that belong together.
enum FigureGroup: String, CaseIterable {
    case floors
    case ledger
    case node
    case sync
    case start
    case list
    case records
    case revoke
    case catalogue
    case floods

    func measure(in scratch: ScratchFolder) async throws -> [Figure] {
        switch self {
        case .floors: try FloorFigures.measure(in: scratch)
        case .ledger: try LedgerFigures.measure(in: scratch)
        case .node: try await NodeFigures.measure(in: scratch)
        case .sync: try await SyncFigures.measure(in: scratch)
        case .start: try await StartFigures.measure(in: scratch)
        case .list: try await ListFigures.measure(in: scratch)
        case .records: try RecordFigures.measure(in: scratch)
        case .revoke: try await RevokeFigures.measure(in: scratch)
        case .catalogue: try await CatalogueFigures.measure(in: scratch)
        case .floods: try await FloodFigures.measure(Flood.allCases, in: scratch)
        }
    }
}

/// What every subcommand takes.
struct BenchOptions: ParsableArguments {
    @Flag(help: "Print JSON instead of a table.")
    var json = false

    @Option(help: "A folder on the disk to measure; a new folder in it is used and removed.")
    var folder: String?

    /// Measures groups in a fresh folder, removes it and prints what was measured.
    func report(_ groups: [FigureGroup]) async throws {
        let scratch = try ScratchFolder(in: folder)
        defer { scratch.remove() }
        var figures = [Figure]()
        for group in groups {
            Progress.say("measuring \(group.rawValue)")
            figures += try await group.measure(in: scratch)
        }
        try show(figures)
    }

    /// Measures in a fresh folder, removes it and prints what was measured.
    func report(_ measure: (ScratchFolder) async throws -> [Figure]) async throws {
        let scratch = try ScratchFolder(in: folder)
        defer { scratch.remove() }
        try show(try await measure(scratch))
    }

    private func show(_ figures: [Figure]) throws {
        let report = Report(figures: figures)
        print(json ? try report.json() : report.table())
    }
}

extension AccordBench {
    struct All: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "all", abstract: "All figures (the default).")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report(FigureGroup.allCases) }
    }

    struct Floors: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "floors", abstract: "What the machine itself can do.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.floors]) }
    }

    struct Ledger: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ledger", abstract: "Rules, Merkle tree and canonical JSON.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.ledger]) }
    }
    struct Node: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "node", abstract: "Entries made durable and proven, over HTTP.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.node]) }
    }
    struct Sync: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sync", abstract: "A first sync, and a round with no news.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.sync]) }
    }
    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Program start to the first full screen.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.start]) }
    }
    struct Records: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "records", abstract: "Records read, searched, committed to and sealed.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.records]) }
    }
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Key to screen in the project list, and at rest.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.list]) }
    }

    struct Catalogue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "catalogue", abstract: "Search and paging in 10,000 and 100,000 projects.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.catalogue]) }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "From a revocation in the ledger to a use denied.")
        @OptionGroup var options: BenchOptions

        func run() async throws { try await options.report([.revoke]) }
    }

    struct Study: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "study",
            abstract: "A study team's service and thousands of small contributions.")
        @Option(help: "How many contributions.")
        var contributions = 5_000
        @Option(help: "How many members they are of.")
        var members = 50
        @OptionGroup var options: BenchOptions

        func run() async throws {
            try await options.report {
                try await StudyFigures.measure(
                    contributions: contributions, members: members, in: $0)
            }
        }
    }

    struct Growth: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "growth",
            abstract: "The same requests to ledgers that are ten times larger each.",
            discussion: "A million entries take some minutes and two gigabytes.")
        @Option(parsing: .upToNextOption, help: "How many entries the ledgers have.")
        var entries = [10_000, 100_000]
        @Option(parsing: .upToNextOption, help: "How many members the ledgers have.")
        var members = [100, 1_000, 10_000]
        @OptionGroup var options: BenchOptions

        func run() async throws {
            try await options.report { scratch in
                try await GrowthFigures.measure(entries: entries, in: scratch)
                    + GrowthFigures.measure(members: members, in: scratch)
            }
        }
    }

    struct Snapshot: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "snapshot",
            abstract: "A snapshot of what the entries of many members add up to.")
        @Option(help: "How many members, with thirteen entries each.")
        var members = 10_000
        @OptionGroup var options: BenchOptions

        func run() async throws {
            try await options.report { _ in try SnapshotFigures.measure(members: members) }
        }
    }

    struct Floods: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "floods",
            abstract: "What healthy clients feel while others flood the node.")
        @Argument(help: "The floods to make; otherwise all.")
        var floods: [Flood] = Flood.allCases
        @OptionGroup var options: BenchOptions

        func run() async throws {
            try await options.report { try await FloodFigures.measure(floods, in: $0) }
        }
    }

    struct Home: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "home",
            abstract: "Make a home folder of a member with many projects, to measure the app with.",
            discussion: "The node it belongs to is beside it; start the app with ACCORD_HOME=PATH.")
        @Option(help: "How many projects the catalogue has.")
        var projects = HomeFixture.projectCount
        @Flag(help: "Serve its node until interrupted.")
        var serve = false
        @Argument(help: "The folder to make.", completion: .directory)
        var path: String

        func run() async throws {
            let whole = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
            let home = try await HomeFixture.prepared(at: whole, projects: projects)
            print("\(home.path)\thttp://127.0.0.1:\(home.port)")
            guard serve else { return }
            let node = try await home.restartNode()
            try await node.finished()
        }
    }
}
