internal import ArgumentParser
internal import Crypto
internal import Foundation
internal import LedgerCore
internal import Logging
internal import NodeSequencer
internal import NodeServer
internal import NodeStore
internal import ServiceLifecycle
internal import UnixSignals

extension AccordNode {
    /// Cosigns the checkpoints of other people's logs.
    struct WitnessCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "witness",
            abstract: "Cosigns checkpoints of logs that only grow (C2SP tlog-witness).",
            subcommands: [Init.self, AddLog.self, Serve.self])
    }
}

/// The folder of a witness.
struct WitnessOption: ParsableArguments {
    @Option(name: .customLong("data"), help: "The folder the witness lives in.")
    var path: String

    var folder: NodeFolder { NodeFolder(path: path) }

    /// Makes the folder, the key and an empty database.
    func create(name: String) throws -> Cosigner {
        let key = Curve25519.Signing.PrivateKey()
        let cosigner: Cosigner
        do {
            cosigner = try Cosigner(name: name, privateKey: key)
        } catch {
            throw CommandFailure(
                status: .wrongUse, message: "\(name) cannot name a witness: \(error)")
        }
        try folder.make()
        let lock = try folder.lock()
        // A witness whose database is lost has a key, and gets no empty database.
        guard !folder.hasLedger, !FileManager.default.fileExists(atPath: "\(path)/witness.key")
        else { throw NodeFolder.Failure.exists(path) }
        // The key comes last: a witness that has one was whole.
        try WitnessDatabase(path: "\(path)/witness.sqlite", isNew: true).close()
        try folder.createKeyFile("witness.key", [name, Hex.encode(key.rawRepresentation)])
        withExtendedLifetime(lock) {}
        return cosigner
    }

    /// Takes the right to cosign.
    func lock() throws -> NodeLock {
        guard FileManager.default.fileExists(atPath: "\(path)/witness.key") else {
            throw CommandFailure(
                status: .notReachable,
                message: "there is no witness in \(path): run accord-node witness init")
        }
        return try folder.lock()
    }

    /// Opens the key and the database.
    func open() throws -> (cosigner: Cosigner, database: WitnessDatabase) {
        let lines = try folder.keyLines("witness.key")
        guard lines.count == 2, let seed = Hex.decode(lines[1]) else {
            throw NodeFolder.Failure.keyFile("\(path)/witness.key")
        }
        return (
            try Cosigner(name: lines[0], seed: seed),
            try WitnessDatabase(path: "\(path)/witness.sqlite", isNew: false)
        )
    }
}

extension AccordNode.WitnessCommand {
    /// Makes a witness.
    struct Init: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a witness with a key of its own and prints its verifier key.")

        @OptionGroup var data: WitnessOption
        @Option(help: "The name of the witness, such as witness.example.org/w1.")
        var name: String

        func run() async throws {
            print(try data.create(name: name).verifierKey.text)
        }
    }

    /// Looks after a log.
    struct AddLog: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add-log",
            abstract: "Looks after a log, named by its verifier key; the witness must not serve.")

        @OptionGroup var data: WitnessOption
        @Argument(help: "The key, as  accord-node key  prints it.")
        var key: String

        func run() async throws {
            let log: VerifierKey
            do {
                log = try VerifierKey(parsing: key)
                guard log.algorithm == .ed25519 else { throw VerifierKeyError.algorithmUnsupported }
            } catch {
                throw CommandFailure(status: .wrongUse, message: "no key of a log: \(error)")
            }
            let lock = try data.lock()
            let (_, database) = try data.open()
            guard try database.add(log) else {
                throw CommandFailure(
                    status: .refused, message: "\(log.name) is there with another key")
            }
            try database.close()
            withExtendedLifetime(lock) { print("looks after \(log.name)") }
        }
    }

    /// Serves.
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serves the witness over HTTP.")

        @OptionGroup var data: WitnessOption
        @Option(help: "Where to listen, as HOST:PORT; port 0 takes any free one.")
        var listen = "127.0.0.1:8471"
        @Option(
            name: .customLong("proxy"),
            help: """
                The IP address of a web server in front that says in X-Forwarded-For whom it speaks \
                for; may be repeated.
                """)
        var proxies: [String] = []
        @Option(help: "A file that holds the time, for rehearsals.")
        var clock: String?

        func run() async throws {
            LoggingSystem.bootstrap { JSONLogHandler(label: $0) }
            let logger = Logger(label: "accord-witness")
            let (host, port) = try address(listen)
            var options = NodeServerOptions(host: host, port: port)
            options.proxies = try checkedProxies(proxies)
            let lock = try data.lock()
            let (cosigner, database) = try data.open()
            let witness = Witness(
                store: database, cosigner: cosigner,
                clock: try accord_node.clock(file: clock, noted: nil))
            let server = WitnessServer(
                witness: witness, origins: try database.origins(),
                options: options, logger: logger)
            let group = ServiceGroup(
                configuration: .init(
                    services: server.services { port in
                        print("listening on http://\(host):\(port)")
                        fflush(nil)
                        ServiceManager.notify("READY=1\nSTATUS=serving on port \(port)")
                    } + [StopNotice()],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            do {
                try await group.run()
            } catch {
                throw CommandFailure(
                    status: .notReachable, message: "the witness stopped: \(error)")
            }
            try database.close()
            withExtendedLifetime(lock) {}
        }
    }
}
