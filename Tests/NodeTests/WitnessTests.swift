import AsyncHTTPClient
import Foundation
import LedgerCore
import Logging
import NIOCore
import NIOHTTP1
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Witnesses, and the log that asks them.
struct WitnessTests {
    private static func body(from old: Int, to size: Int, fork: Bool = false) throws -> [UInt8] {
        let tree = SmallLog.tree(size, fork: fork)
        let checkpoint = Checkpoint(origin: SmallLog.origin, size: size, root: tree.root)
        return WitnessRequest(
            oldSize: old, proof: try tree.consistencyProof(old: min(old, size), new: size).hashes,
            note: try SmallLog.signer().sign(checkpoint.text).bytes
        ).body
    }

    @Test func `the program answers as the specification says, also after a kill`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            let key = try NodeProgram.run("witness init", folder, "--name", "w.example/1")
            let cosigner = try VerifierKey(parsing: key.filter { $0 != "\n" })
            let log = try SmallLog.signer().verifierKey
            try NodeProgram.run("witness add-log", folder, log.text)
            var witness = try NodeProgram(serving: folder, as: ["witness", "serve"])
            func ask(_ body: [UInt8]) async throws -> (status: Int, type: String, text: String) {
                try await witness.post("/add-checkpoint", body)
            }
            let hash = Hash.of(Array(SmallLog.origin.utf8)).hex
            #expect(try await witness.get("/\(hash)/checkpoint").status == 404)
            let first = try await ask(Self.body(from: 0, to: 3))
            #expect(first.status == 200)
            let note = try SignedNote(
                parsing: Array(
                    (String(
                        decoding: Checkpoint(
                            origin: SmallLog.origin, size: 3, root: SmallLog.tree(3).root
                        ).text, as: UTF8.self) + "\n" + first.text).utf8))
            let time = try #require(try note.verify(keys: [cosigner])[0].timeSeconds)
            #expect(abs(Double(time) - Date().timeIntervalSince1970) < 60)
            #expect(try await witness.get("/\(hash)/checkpoint").status == 200)

            try witness.stop(SIGKILL)
            witness = try NodeProgram(serving: folder, as: ["witness", "serve"])
            let behind = try await ask(Self.body(from: 0, to: 7))
            #expect(behind.status == 409 && behind.text == "3\n")
            #expect(behind.type == "text/x.tlog.size")
            #expect(try await ask(Self.body(from: 3, to: 3, fork: true)).status == 422)
            #expect(try await ask(Self.body(from: 3, to: 7)).status == 200)
            #expect(try await ask(Self.body(from: 7, to: 7)).status == 200)
            #expect(try await ask(Self.body(from: 7, to: 3)).status == 400)
            #expect(try await ask(Array("old 7\n".utf8)).status == 400)
            let stranger = try NoteSigner(
                name: SmallLog.origin, seed: [UInt8](repeating: 1, count: 32))
            let other = try NoteSigner(name: "other", seed: [UInt8](repeating: 1, count: 32))
            let text = Checkpoint(origin: SmallLog.origin, size: 7, root: SmallLog.tree(7).root)
                .text
            let forged = WitnessRequest(
                oldSize: 7, proof: [], note: try stranger.sign(text).bytes)
            #expect(try await ask(forged.body).status == 403)
            let unknown = WitnessRequest(
                oldSize: 0, proof: [],
                note: try other.sign(
                    Checkpoint(origin: "other", size: 0, root: MerkleTree.emptyRoot).text
                ).bytes)
            #expect(try await ask(unknown.body).status == 404)
            #expect(try await witness.get("/add-checkpoint").status == 404)
            try witness.stop(SIGTERM)
            #expect(witness.exitCode == 0)
            // What it cosigned is all it has against a fork: it is not made anew.
            try FileManager.default.removeItem(at: folder.appending(path: "witness.sqlite"))
            #expect(
                try NodeProgram.complaint(3, "witness serve", folder).contains("witness.sqlite"))
            _ = try NodeProgram.complaint(3, "witness init", folder, "--name", "w.example/anew")
            let lost = try NodeProgram.complaint(3, "witness serve", folder)
            #expect(
                lost.contains("witness.sqlite") && !lost.contains("accord-node init"), "\(lost)")
        }
    }

    @Test func `two checkpoints of one size are never both cosigned`() async throws {
        try await withFolder { folder in
            let (witness, database) = try Self.witness(in: folder)
            for size in 1..<20 {
                let answers = try await withThrowingTaskGroup(of: Witness.Answer.self) { group in
                    for number in 0..<8 {
                        let body = try Self.body(
                            from: size - 1, to: size, fork: number.isMultiple(of: 2))
                        group.addTask { try await witness.answer(to: body) }
                    }
                    return try await group.reduce(into: [Witness.Answer]()) { $0.append($1) }
                }
                let cosigned = answers.filter { if case .cosigned = $0 { true } else { false } }
                #expect(cosigned.count == 1)
                // The next size continues the honest tree only.
                let kept = try #require(try database.newest(of: SmallLog.origin))
                if kept.root != SmallLog.tree(size).root { return }
            }
            try database.close()
        }
    }

    /// A witness of one log, and its database.
    private static func witness(in folder: URL) throws -> (Witness, WitnessDatabase) {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let database = try WitnessDatabase(
            path: folder.appending(path: "w.sqlite").path, isNew: true)
        #expect(try database.add(try SmallLog.signer().verifierKey))
        let witness = Witness(
            store: database,
            cosigner: try Cosigner(name: "w", seed: [UInt8](repeating: 2, count: 32)),
            clock: ManualClock(LedgerBuilder.start))
        return (witness, database)
    }

    @Test func `a connection reset in the middle of a body does not end a witness`() async throws {
        try await withFolder { folder in
            let (witness, database) = try Self.witness(in: folder)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let server = WitnessServer(
                witness: witness, origins: [SmallLog.origin], options: NodeServerOptions(),
                logger: logger)
            let (ports, found) = AsyncStream<Int>.makeStream()
            let group = ServiceGroup(
                configuration: .init(
                    services: server.services { port in
                        found.yield(port)
                        found.finish()
                    }, logger: logger))
            let running = Task { try await group.run() }
            var listening: Int?
            for await port in ports { listening = port }
            let port = try #require(listening)
            func isWell() async throws -> Bool {
                let response = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: "http://127.0.0.1:\(port)/healthz"),
                    timeout: .seconds(30))
                _ = try await response.body.collect(upTo: 1024)
                return response.status == .ok
            }
            let head = "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
            for _ in 0..<32 {
                let connection = try DeafConnection(port: port)
                #expect(connection.send(Array("\(head)old 0\n".utf8)))
                // Until this is answered the witness has had time to read what came before.
                #expect(try await isWell())
                connection.reset()
                #expect(try await isWell())
            }
            await group.triggerGracefulShutdown()
            try await running.value
            try database.close()
        }
    }

    @Test func `a log's signature that is repeated leaves room for the witness's own`()
        async throws
    {
        try await withFolder { folder in
            let (witness, database) = try Self.witness(in: folder)
            let tree = SmallLog.tree(3)
            let text = Checkpoint(origin: SmallLog.origin, size: 3, root: tree.root).text
            let signed = try SmallLog.signer().sign(text)
            let line = try #require(signed.signatures.first)
            let note = try SignedNote(
                text: signed.text,
                signatures: Array(repeating: line, count: SignedNote.maxSignatureCount))
            let body = WitnessRequest(oldSize: 0, proof: [], note: note.bytes).body
            guard case .cosigned = try await witness.answer(to: body) else {
                Issue.record("nothing was cosigned")
                return
            }
            let kept = try #require(try database.newest(of: SmallLog.origin)).note
            #expect(try SignedNote(parsing: kept).signatures.count == 2)
            try database.close()
        }
    }

    /// What a node shows: the size, who cosigned it and when it was confirmed.
    private func shown(_ node: TestNode, _ hall: WitnessHall) async throws -> (
        size: Int, witnesses: [String], seconds: UInt64?
    ) {
        let body = try await node.send(.checkpoint).body
        let verified = try VerifiedCheckpoint(
            parsing: body, logKey: node.keys.log.verifierKey,
            witnesses: hall.policy.witnesses.map(\.key), origin: LedgerBuilder.origin)
        return (
            verified.checkpoint.size, verified.cosignatures.map(\.key.name),
            hall.policy.satisfiedSeconds(by: verified.cosignatures)
        )
    }

    private func cosigning(
        _ node: TestNode, _ hall: WitnessHall, kept: [UInt8]? = nil,
        keep: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) -> Cosigning {
        Cosigning(
            ledger: node.sequencer.ledger, policy: hall.policy, link: hall, clock: node.clock,
            kept: kept, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            keep: keep)
    }

    private func revoke(_ member: inout TestDevice, at node: TestNode) async throws {
        let project = try #require(ProjectID("any"))
        try await node.accept(
            try member.entry(.authorizationRevoked(.init(project: project, major: 1, mode: .stop)))
        )
    }

    @Test func `what enough witnesses cosigned is shown, and nothing newer`() async throws {
        try await withNode { node in
            let hall = try WitnessHall(
                count: 3, needed: 2, log: node.keys.log.verifierKey, clock: node.clock)
            let kept = Mutex<[UInt8]?>(nil)
            let cosigning = cosigning(node, hall) { note in kept.withLock { $0 = note } }
            // Until they cosigned something there is nothing else to show.
            #expect(try await shown(node, hall).witnesses == [])
            await cosigning.round()
            #expect(try await shown(node, hall).witnesses.count == 3)
            #expect(try await shown(node, hall).size == 1)
            // Two of three are away: what is new is not shown, and nobody waits for it.
            hall.setAway(["W1", "W2"])
            var ada = try await node.member("ada")
            await cosigning.round()
            #expect(node.sequencer.ledger.newest.size == 2)
            #expect(try await shown(node, hall).size == 1)
            #expect(!node.sequencer.ledger.isShownLater)
            let quiet = try await node.send(.changes(since: 1, waitSeconds: 0), as: ada)
            #expect(quiet.status == 204)
            // The third has cosigned already: one more is enough.
            let poller = ada
            async let waiting = node.send(.changes(since: 1, waitSeconds: 20), as: poller)
            hall.setAway(["W2"])
            await cosigning.round()
            #expect(try await shown(node, hall).size == 2)
            #expect(try await shown(node, hall).witnesses == ["w1.example", "w3.example"])
            #expect(hall.askedCount("W3") == 2)
            #expect(try ChangeNotice(body: try await waiting.body).size == 2)
            // Who comes back is added.
            hall.setAway([])
            for _ in 0..<4 { await cosigning.round() }
            #expect(try await shown(node, hall).witnesses.count == 3)
            // Nobody is asked for what they cosigned, until it is ten minutes old.
            let asked = hall.askedCount("W1")
            await cosigning.round()
            #expect(hall.askedCount("W1") == asked)
            node.clock.advance(milliseconds: Cosigning.refreshMilliseconds)
            let before = try #require(try await shown(node, hall).seconds)
            await cosigning.round()
            #expect(try await shown(node, hall).witnesses.count == 3)
            #expect(try await shown(node, hall).seconds == before + 600)

            // A restart shows what was shown.
            try await revoke(&ada, at: node)
            #expect(node.sequencer.ledger.newest.size == 3)
            _ = self.cosigning(node, hall, kept: kept.withLock { $0 })
            #expect(try await shown(node, hall).size == 2)
        }
    }

    @Test func `a witness that does not answer holds up nobody`() async throws {
        try await withNode { node in
            let hall = try WitnessHall(
                count: 3, needed: 2, log: node.keys.log.verifierKey, clock: node.clock)
            hall.setSlow(["W2"])
            let cosigning = cosigning(node, hall)
            let start = ContinuousClock.now
            let round = Task { await cosigning.round() }
            while try await shown(node, hall).witnesses.count < 2 {
                try await Task.sleep(for: .milliseconds(5))
            }
            // Shown before the round ends, which is not long either.
            #expect(ContinuousClock.now - start < Cosigning.patience)
            await round.value
            #expect(ContinuousClock.now - start < Cosigning.patience)
            // The longer it is silent the more seldom it is asked.
            hall.setSlow([])
            hall.setAway(["W2"])
            var rounds = 0
            while hall.askedCount("W2") < 12 {
                await cosigning.round()
                rounds += 1
                try #require(rounds < 12 * Cosigning.restLimit)
            }
            #expect(rounds > 20)
            hall.setAway([])
            for _ in 0..<Cosigning.restLimit { await cosigning.round() }
            #expect(try await shown(node, hall).witnesses.count == 3)
        }
    }

    @Test func `what an answer promises is shown before it is given, if witnesses are prompt`()
        async throws
    {
        try await withNode { node in
            let hall = try WitnessHall(
                count: 2, needed: 2, log: node.keys.log.verifierKey, clock: node.clock)
            let cosigning = cosigning(node, hall)
            let running = Task { await cosigning.run() }
            while try await shown(node, hall).size < 1 || !node.sequencer.ledger.isShownLater {
                try await Task.sleep(for: .milliseconds(5))
            }
            var ada = try await node.member("ada")
            #expect(try await shown(node, hall).size == 2)
            for size in 3..<8 {
                try await revoke(&ada, at: node)
                #expect(try await shown(node, hall).size == size)
            }
            running.cancel()
            await running.value
        }
    }

    @Test func `who waits for more than is shown next goes on waiting`() async throws {
        try await withNode(change: { $0.witnessPatience = .milliseconds(1) }) { node in
            let hall = try WitnessHall(
                count: 1, needed: 1, log: node.keys.log.verifierKey, clock: node.clock)
            let cosigning = cosigning(node, hall)
            await cosigning.round()
            let ada = try await node.member("ada")
            #expect(try await shown(node, hall).size == 1)
            async let waiting = node.send(.changes(since: 2, waitSeconds: 20), as: ada)
            var isWaiting = false
            for _ in 0..<500 where !isWaiting {
                let metrics = try await node.send(method: "GET", path: "/metrics")
                isWaiting = String(decoding: metrics.body, as: UTF8.self)
                    .contains("accord_polls 1")
                try await Task.sleep(for: .milliseconds(10))
            }
            await cosigning.round()
            #expect(try await shown(node, hall).size == 2)
            _ = try await node.member("bo")
            await cosigning.round()
            #expect(try ChangeNotice(body: try await waiting.body).size == 3)
        }
    }

    @Test func `where nobody is needed the newest is shown, with the cosignatures there are`()
        async throws
    {
        try await withNode { node in
            let hall = try WitnessHall(
                count: 2, needed: nil, log: node.keys.log.verifierKey, clock: node.clock)
            let cosigning = cosigning(node, hall)
            await cosigning.round()
            #expect(try await shown(node, hall).witnesses.count == 2)
            var ada = try await node.member("ada")
            #expect(try await shown(node, hall).size == 2)
            #expect(try await shown(node, hall).witnesses == [])
            hall.setAway(["W1"])
            await cosigning.round()
            #expect(try await shown(node, hall).witnesses == ["w2.example"])
            try await revoke(&ada, at: node)
            #expect(try await shown(node, hall).size == 3)
        }
    }

    @Test func `a second history is cosigned by no witness that saw the first`() async throws {
        try await withNode { node in
            let hall = try WitnessHall(
                count: 3, needed: 2, log: node.keys.log.verifierKey, clock: node.clock)
            _ = try await node.member("ada")
            await cosigning(node, hall).round()
            #expect(try await shown(node, hall).witnesses.count == 3)
            // The same key, another history, of the same size and then larger.
            try await withNode { other in
                #expect(other.keys.log.verifierKey == node.keys.log.verifierKey)
                var bo = try await other.member("bo")
                let cosigning = cosigning(other, hall)
                await cosigning.round()
                #expect(try await shown(other, hall).witnesses == [])
                try await revoke(&bo, at: other)
                for _ in 0..<4 { await cosigning.round() }
                #expect(other.sequencer.ledger.newest.size == 3)
                #expect(try await shown(other, hall).witnesses == [])
            }
        }
    }

    @Test func `two witnesses over the network, one of which stops`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            let key = try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
                .filter { $0 != "\n" }
            let logKey = try VerifierKey(parsing: key)
            let places = (1...2).map { folder.appending(path: "w\($0)") }
            var keys = [VerifierKey]()
            for (number, place) in places.enumerated() {
                let made = try NodeProgram.run(
                    "witness init", place, "--name", "w\(number + 1).example")
                keys.append(try VerifierKey(parsing: made.filter { $0 != "\n" }))
                try NodeProgram.run("witness add-log", place, key)
            }
            var witnesses = try places.map {
                try NodeProgram(serving: $0, as: ["witness", "serve"])
            }
            let policy = folder.appending(path: "policy")
            func write(quorum: String) throws {
                try """
                log \(key)
                witness W1 \(keys[0].text) \(witnesses[0].url)
                witness W2 \(keys[1].text) \(witnesses[1].url)/
                group both all W1 W2
                quorum \(quorum)

                """.write(to: policy, atomically: true, encoding: .utf8)
            }
            try write(quorum: "both")
            var server = try NodeProgram(serving: folder, arguments: ["--policy", policy.path])
            func shown() async throws -> (size: Int, names: [String]) {
                let verified = try VerifiedCheckpoint(
                    parsing: try await server.send(.checkpoint), logKey: logKey, witnesses: keys,
                    origin: LedgerBuilder.origin)
                return (verified.checkpoint.size, verified.cosignatures.map(\.key.name))
            }
            func shows(_ size: Int, _ names: [String]) async throws -> Bool {
                for _ in 0..<200 {
                    if try await shown() == (size, names) { return true }
                    try await Task.sleep(for: .milliseconds(100))
                }
                return false
            }
            #expect(try await shows(1, ["w1.example", "w2.example"]))
            _ = try await server.member("ada", folder)
            #expect(try await shown() == (2, ["w1.example", "w2.example"]))

            // One stops: nothing new is shown where both are needed, also after a restart.
            try witnesses[1].stop(SIGKILL)
            _ = try await server.member("bo", folder)
            #expect(try await shown().size == 2)
            let metrics = try await server.get("/metrics").text
            #expect(metrics.contains("accord_log_size 3\n"))
            #expect(metrics.contains("accord_log_shown_size 2\n"))
            try server.stop(SIGKILL)
            server = try NodeProgram(serving: folder, arguments: ["--policy", policy.path])
            #expect(try await shown() == (2, ["w1.example", "w2.example"]))
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)

            // Where one is enough it goes on without the other, which catches up later.
            try write(quorum: "W1")
            server = try NodeProgram(serving: folder, arguments: ["--policy", policy.path])
            #expect(try await shows(3, ["w1.example"]))
            _ = try await server.member("cy", folder)
            #expect(try await shown() == (4, ["w1.example"]))
            try server.stop(SIGTERM)
            witnesses[1] = try NodeProgram(serving: places[1], as: ["witness", "serve"])
            try write(quorum: "both")
            server = try NodeProgram(serving: folder, arguments: ["--policy", policy.path])
            #expect(try await shows(4, ["w1.example", "w2.example"]))
            try server.stop(SIGTERM)
            #expect(try NodeProgram.run("check", folder).contains("all verified"))
            for witness in witnesses {
                try witness.stop(SIGTERM)
                #expect(witness.exitCode == 0)
            }
        }
    }

    @Test func `a policy that cannot be for this node is refused before it serves`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
            let policy = folder.appending(path: "policy")
            let witness = try WitnessHall.cosigner(1).verifierKey.text
            let other = try SmallLog.signer().verifierKey.text
            for (text, complaint) in [
                (nil, "could not read"), ("quorum W1\n", "line 1: W1 is not defined"),
                ("log \(other)\nquorum none\n", "is not for \(LedgerBuilder.origin)"),
                ("witness W1 \(witness)\nquorum W1\n", "too few witnesses have an address"),
                ("witness W1 \(witness) ftp://w\nquorum W1\n", "ftp://w is no address"),
            ] {
                try text?.write(to: policy, atomically: true, encoding: .utf8)
                #expect(
                    try NodeProgram.complaint(
                        2, "serve", folder, "--listen", "127.0.0.1:0", "--policy", policy.path
                    ).contains(complaint))
            }
        }
    }

    // MARK: Other people's programs

    @Test func `aics-witness cosigns our log`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        guard let package = PythonPackage("aics-witness", version: "0.1.0", module: "aics_witness")
        else {
            print("skipped: no Python 3.12 with aics-witness, and it could not be installed")
            return
        }
        try await withFolder { folder in
            let key = try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
                .filter { $0 != "\n" }
            let config = folder.appending(path: "aics.json").path
            let port = try FreePort.take()
            func aics(_ arguments: String...) throws -> String {
                let (status, output) = try package.run(
                    ["-m", "aics_witness", arguments[0], "--config", config]
                        + arguments.dropFirst())
                try #require(status == 0, "\(output)")
                return output
            }
            let made = try aics(
                "init", "--name", "aics.example/w1", "--listen", "127.0.0.1:\(port)")
            let witnessKey = try #require(
                made.split(separator: "\n").map(String.init).first {
                    (try? VerifierKey(parsing: $0)) != nil
                })
            _ = try aics("add-log", "--origin", LedgerBuilder.origin, "--vkey", key)
            let process = Process()
            process.executableURL = package.python
            process.arguments = ["-m", "aics_witness", "serve", "--config", config]
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            defer {
                // In this version it waits for itself when it is asked to end.
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            let policy = folder.appending(path: "policy")
            try """
            log \(key)
            witness W \(witnessKey) http://127.0.0.1:\(port)
            quorum W

            """.write(to: policy, atomically: true, encoding: .utf8)
            let server = try NodeProgram(
                serving: folder, arguments: ["--policy", policy.path])
            let verifier = try VerifierKey(parsing: witnessKey)
            let logKey = try VerifierKey(parsing: key)
            func isCosigned(size: Int) async throws -> Bool {
                for _ in 0..<100 {
                    let verified = try VerifiedCheckpoint(
                        parsing: try await server.send(.checkpoint), logKey: logKey,
                        witnesses: [verifier], origin: LedgerBuilder.origin)
                    if verified.cosignatures.count == 1, verified.checkpoint.size == size {
                        return true
                    }
                    try await Task.sleep(for: .milliseconds(200))
                }
                return false
            }
            #expect(try await isCosigned(size: 1))
            _ = try await server.member("ada", folder)
            #expect(try await isCosigned(size: 2))
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)
        }
    }

    @Test func `our witness cosigns for the client of aics-witness`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        guard let package = PythonPackage("aics-witness", version: "0.1.0", module: "aics_witness")
        else {
            print("skipped: no Python 3.12 with aics-witness, and it could not be installed")
            return
        }
        try await withFolder { folder in
            let key = try NodeProgram.run("witness init", folder, "--name", "w.example/1")
                .filter { $0 != "\n" }
            try NodeProgram.run("witness add-log", folder, try SmallLog.signer().verifierKey.text)
            let witness = try NodeProgram(serving: folder, as: ["witness", "serve"])
            let large = SmallLog.tree(7)
            func note(_ size: Int) throws -> String {
                let checkpoint = Checkpoint(
                    origin: SmallLog.origin, size: size, root: try large.root(size: size))
                return String(
                    decoding: try SmallLog.signer().sign(checkpoint.text).bytes, as: UTF8.self)
            }
            let proof = try large.consistencyProof(old: 3, new: 7).hashes.map(\.hex)
            let script = """
                from aics_witness.feeder import WitnessClient, merge_cosignatures
                client = WitnessClient(\(quoted(witness.url)), \(quoted(key)))
                proofs = {(0, 3): [], (3, 7): [bytes.fromhex(h) for h in \(proof)], (7, 7): []}
                for note in (\(quoted(try note(3))), \(quoted(try note(7))), \(quoted(try note(7)))):
                    line = client.submit(note.encode(), lambda old, new: proofs[(old, new)])
                    assert merge_cosignatures(note.encode(), line)
                print("cosigned")
                """
            let (status, output) = try package.run(["-c", script])
            #expect(status == 0 && output.contains("cosigned"), "\(output)")
            try witness.stop(SIGTERM)
        }
    }

    /// A literal of Python.
    private func quoted(_ text: String) -> String {
        "\"" + text.replacingOccurrences(of: "\n", with: "\\n") + "\""
    }
}

/// A port nobody listens on.
enum FreePort {
    static func take() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                bind(descriptor, plain, length) == 0
                    && getsockname(descriptor, plain, &length) == 0
            }
        }
        try #require(result)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
