import Crypto
import Foundation
import LedgerCore
import Logging
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import ServiceLifecycle

/// A node in this process: the real server on a free port of the loopback, over SQLite on disk.
final class BenchNode: Sendable {
    let port: Int
    let keys: NodeKeys
    let database: NodeDatabase
    private let sequencer: Sequencer
    private let intake: EntryIntake
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    /// Serves the ledger in `folder`, which is made if there is none; port 0 is any free one, and
    /// without `keys` they are the same each time.
    init(folder: String, port wanted: Int = 0, keys given: NodeKeys? = nil) async throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        keys = try given ?? .reproducible(origin: BenchLedger.origin, seed: 1)
        database = try NodeDatabase(path: "\(folder)/ledger.sqlite")
        let records = try RecordFiles(folder: "\(folder)/records")
        var logger = Logger(label: "accord-bench")
        logger.logLevel = .error
        let clock = SystemClock()
        sequencer = try await Sequencer(
            store: database, records: records, keys: keys, clock: clock,
            snapshots: NodeFolder(path: folder).snapshots, logger: logger)
        try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
        intake = EntryIntake(ledger: sequencer.ledger)
        // What is measured is the work, not what is refused.
        var options = NodeServerOptions(port: wanted)
        options.connectionCountOfAddress = options.connectionCount
        options.addressLimit = .none
        options.strangerLimit = .none
        options.deviceLimit = .none
        let server = NodeServer(
            sequencer: sequencer, store: database, records: records, clock: clock,
            options: options, logger: logger)
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let group = ServiceGroup(
            services: server.services { listening.yield($0) }, logger: logger)
        self.group = group
        running = Task {
            defer { listening.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            throw BenchFailure("the node did not start")
        }
        self.port = port
    }

    /// Waits until it stops serving.
    func finished() async throws { try await running.value }

    /// Stops serving and closes the ledger.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await running.value
        try database.close()
    }

    /// Admits an institution as the operator would.
    func admit(_ signer: Signer, name: String) async throws {
        let order = try database.add(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: name), keys: signer.keys, roles: [.sponsor])))
        await sequencer.requestTick()
        for _ in 0..<1_000 {
            if let result = try database.result(ofOrder: order) {
                guard case .done = result else { throw BenchFailure("not admitted: \(result)") }
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw BenchFailure("the operator's order was not carried out")
    }

    /// Enrols a member with an invitation.
    func enrol(_ member: inout Signer) async throws {
        let code = InvitationCode(random: (0..<13).map { _ in UInt8.random(in: 0...31) })
        try database.add(
            StoredInvitation(
                key: code.key,
                expires: SystemClock().now().adding(
                    milliseconds: NodeLimits.invitationMilliseconds)))
        let entry = try member.sign(.memberEnrolled(member.keys), origin: keys.origin)
        let outcome = try await sequencer.enrol(
            EnrolmentRequest(code: code, entry: entry, verifierKey: keys.log.verifierKey.text),
            candidate: intake.candidate(entry.bytes), address: "bench")
        guard case .decided(.accepted, _) = outcome else {
            throw BenchFailure("not enrolled: \(outcome)")
        }
    }

    /// Has entries recorded without HTTP: to prepare what is measured later.
    func record(_ entries: [Entry]) async throws {
        for start in stride(from: 0, to: entries.count, by: NodeLimits.submissionCount) {
            let batch = entries[start..<min(start + NodeLimits.submissionCount, entries.count)]
            let decisions = try await sequencer.submit(
                await intake.candidates(batch.map(\.bytes)))
            for decision in decisions {
                guard case .accepted = decision else {
                    throw BenchFailure("not recorded: \(decision)")
                }
            }
        }
    }

    /// Publishes projects by an admitted sponsor, numbered from `first`.
    func publish(_ count: Int, from first: Int, by sponsor: inout Signer) async throws {
        for start in stride(from: first, to: first + count, by: 4_096) {
            var entries = [Entry]()
            for number in start..<min(start + 4_096, first + count) {
                let terms = try SyntheticCatalogue.terms(number, by: sponsor.account)
                entries.append(try sponsor.sign(.projectPublished(terms), origin: keys.origin))
            }
            try await record(entries)
        }
    }
}
