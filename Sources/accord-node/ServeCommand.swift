internal import ArgumentParser
internal import CLifeline
internal import Foundation
internal import LedgerCore
internal import Logging
internal import NodeSequencer
internal import NodeServer
internal import NodeStore
internal import ServiceLifecycle
internal import UnixSignals

extension AccordNode {
    /// Makes a ledger.
    struct Init: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a new ledger.")

        @OptionGroup var data: FolderOption
        @Option(help: "The name of the log, such as ledger.example.org/main.")
        var origin: String
        @Option(help: "The operator's name in English.")
        var nameEn = "Ledger operator"
        @Option(help: "The operator's name in Chinese.")
        var nameZh = "账本运营方"
        @Option(
            help: """
                A file that keeps the newest checkpoint apart from the database, better on another \
                disk; otherwise it lies in the folder.
                """)
        var kept: String?
        @Option(help: "A file that holds the time, for rehearsals.")
        var clock: String?
        @Option(help: "A number that gives the same keys and salts each time, for rehearsals.")
        var seed: UInt64?

        func run() async throws {
            let folder = data.folder
            let (keys, lock) = try begin()
            let database = try NodeDatabase(path: folder.databasePath)
            let sequencer = try await Sequencer(
                store: database, records: RecordFiles(folder: folder.recordsPath), keys: keys,
                clock: try accord_node.clock(file: clock, noted: nil),
                salts: seed.map { .reproducible($0) } ?? .random,
                keeper: try folder.keeper(for: database, logKey: keys.log.verifierKey),
                logger: Logger(label: "accord-node"))
            try await sequencer.admitOperator(
                name: LocalizedText(english: nameEn, chinese: nameZh))
            try database.close()
            try folder.finish()
            withExtendedLifetime(lock) { print(keys.log.verifierKey.text) }
        }

        private func begin() throws -> (keys: NodeKeys, lock: NodeLock) {
            do {
                return try data.folder.create(
                    origin: origin, seed: seed,
                    kept: kept.map {
                        URL(filePath: $0).standardizedFileURL.path(percentEncoded: false)
                    })
            } catch let error as NoteSignerError {
                throw CommandFailure(
                    status: .wrongUse, message: "\(origin) cannot name a log: \(error)")
            }
        }
    }

    /// Serves a ledger.
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serves the ledger over HTTP.")

        @OptionGroup var data: FolderOption
        @Option(help: "Where to listen, as HOST:PORT; port 0 takes any free one.")
        var listen = "127.0.0.1:8470"
        @Option(
            help: """
                A file with the witnesses to ask for cosignatures and how many it takes \
                (C2SP tlog-policy); only what they cosigned is shown then.
                """)
        var policy: String?
        @Option(
            name: .customLong("proxy"),
            help: """
                The IP address of a web server in front that says in X-Forwarded-For whom it speaks \
                for; may be repeated. Without it the limits for one address hold for all it passes on.
                """)
        var proxies: [String] = []
        @OptionGroup(title: "What it bears from whom") var limits: LimitOptions
        @Option(help: "A file that holds the time, for rehearsals.")
        var clock: String?
        @Option(help: "A number that gives the same salts each time, for rehearsals.")
        var seed: UInt64?
        @Flag(help: "Goes by the clock though it is more than 400 days beyond the newest entry.")
        var trustClock = false
        @Flag(help: .hidden)
        var endWithInput = false

        func run() async throws {
            // Whoever started it holds its input open for as long as it is to serve.
            if endWithInput { lifeline_follow() }
            LoggingSystem.bootstrap { JSONLogHandler(label: $0) }
            let logger = Logger(label: "accord-node")
            let (host, port) = try address(listen)
            var options = NodeServerOptions(host: host, port: port)
            options.proxies = try checkedProxies(proxies)
            limits.apply(to: &options)
            let keys = try data.folder.keys()
            let lock = try data.folder.lock()
            let (_, database, records) = try data.open()
            let clockPath = clock.map { URL(filePath: $0).path(percentEncoded: false) }
            let shownClock = try accord_node.clock(file: clockPath, noted: nil)
            let nodeClock: any NodeClock =
                clockPath == nil ? WatchedClock(shownClock, logger: logger) : shownClock
            try database.setNote("clock", clockPath ?? "")
            let sequencer = try await Sequencer(
                store: database, records: records, keys: keys, clock: nodeClock,
                salts: seed.map { .reproducible($0) } ?? .random,
                keeper: try data.folder.keeper(for: database, logKey: keys.log.verifierKey),
                snapshots: data.folder.snapshots, logger: logger)
            let (entries, replayed) = (
                sequencer.ledger.newest.size, await sequencer.replayedCount
            )
            logger.info(
                "read the ledger", metadata: ["entries": "\(entries)", "replayed": "\(replayed)"])
            if !trustClock { try checkClock(shownClock, after: await sequencer.entryTime) }
            // Who goes on after a day starts anew.
            try records.sweep(piecesBefore: Int64(Date().timeIntervalSince1970) - 86_400) {
                try !database.owners(of: $0).isEmpty
            }
            let cosigning = try CosigningService(
                policyPath: policy, ledger: sequencer.ledger, database: database,
                clock: nodeClock, logger: logger)
            let server = NodeServer(
                sequencer: sequencer, store: database, records: records,
                nonces: try NonceFiles(
                    folder: data.path, nowSeconds: nodeClock.now().milliseconds / 1000),
                clock: nodeClock,
                options: options, logger: logger)
            let orders = OrderListener(bell: data.folder.bell, sequencer: sequencer)
            let group = ServiceGroup(
                configuration: .init(
                    services: server.services { port in
                        print("listening on http://\(host):\(port)")
                        fflush(nil)
                        ServiceManager.notify("READY=1\nSTATUS=serving on port \(port)")
                    } + (cosigning.map { [$0] } ?? []) + [orders, StopNotice()],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            do {
                try await group.run()
            } catch let failure as SequencerFailure {
                throw failure
            } catch {
                throw CommandFailure(status: .notReachable, message: "the node stopped: \(error)")
            }
            try database.close()
            withExtendedLifetime(lock) {}
        }
    }

    /// Prints the log's key.
    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the log's verifier key.")

        @OptionGroup var data: FolderOption

        func run() throws {
            print(try data.folder.keys().log.verifierKey.text)
        }
    }
}

/// Sees that addresses of proxies are addresses.
func checkedProxies(_ addresses: [String]) throws -> [String] {
    for address in addresses where !NodeServerOptions.isAddress(address) {
        throw CommandFailure(status: .wrongUse, message: "\(address) is not an IP address")
    }
    return addresses
}

/// Reads `HOST:PORT`.
func address(_ text: String) throws -> (host: String, port: Int) {
    guard let colon = text.lastIndex(of: ":"),
        let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
    else { throw CommandFailure(status: .wrongUse, message: "\(text) is not HOST:PORT") }
    return (String(text[..<colon]), port)
}
