internal import ClientStore
internal import Foundation
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import NodeServer
internal import NodeStore
internal import SyncCore
internal import SyncEngine

/// The disks every simulation starts from.
///
/// A ledger with people and studies, and machines of these people in step with it: made once by the
/// real programs, then copied.
struct Template: Sendable {
    let node: SimulatedVolume
    /// Two for each account, by account.
    let clients: [SimulatedVolume]
    let devices: [SimulatedDevice]
    let sponsor: SimulatedDevice
    /// Where the sponsor's next entry goes.
    let sponsorCursor: OutboxCursor

    static let shared = Result { try Template.make() }

    private static func make() throws -> Template {
        let folder = Lane.root + "/template"
        let time = VirtualTime(seed: 1)
        defer { time.end() }
        let node = SimulatedNode(
            volume: SimulatedVolume(directory: folder + "/node"), keys: try SimulatedNode.keys(),
            time: time, clock: { World.start })
        try node.start()
        guard let process = node.process else { throw VirtualTime.Stuck() }
        let sponsor = try SimulatedDevice("sponsor")
        let cursor = try fund(sponsor, process, time)
        var (volumes, devices) = ([SimulatedVolume](), [SimulatedDevice]())
        for number in 0..<World.accountCount {
            let first = try SimulatedDevice("\(number).0")
            let second = try SimulatedDevice("\(number).1", account: first.account)
            devices += [first, second]
            let disks = [first, second].indices.map {
                SimulatedVolume(directory: folder + "/client-\(number).\($0)")
            }
            volumes += disks
            try enrol(first, second, number, disks, process, time)
        }
        try bringUp(volumes, devices, process, time)
        try process.database.close()
        let copy = node.volume.image(at: folder + "/node-copy", keeping: .all, seed: 1)
        node.forget()
        time.settle()
        return Template(
            node: copy, clients: volumes, devices: devices, sponsor: sponsor,
            sponsorCursor: cursor)
    }

    /// Admits the sponsor and has it publish its studies, with points to pay.
    private static func fund(
        _ sponsor: SimulatedDevice, _ process: SimulatedNode.Process, _ time: VirtualTime
    ) throws -> OutboxCursor {
        let database = process.database
        _ = try database.add(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "Institute"), keys: sponsor.keys,
                    roles: [.sponsor])))
        _ = try database.add(.fund(sponsor.account, Points(100_000)))
        if let reward = World.reward {
            let offer = RewardOffered(
                reward: reward, title: LocalizedText(english: "Tea"), price: Points(40),
                units: 5, isInstant: false)
            _ = try database.add(.state(nil, .rewardOffered(offer)))
        }
        Task { await process.sequencer.requestTick() }
        time.settle()
        var cursor = OutboxCursor(device: sponsor.id, nextSequence: 1, previous: .zero)
        var entries = [Entry]()
        for project in World.projects {
            let terms = World.terms(of: project, sponsor: sponsor.account)
            let points = project == World.projects[2] ? Points(60) : Points(10_000)
            for body in [
                EntryBody.projectPublished(terms),
                .escrowPlaced(EscrowPlaced(project: project, points: points)),
            ] {
                let entry = try sponsor.sign(body, at: cursor, issuedAt: World.start)
                cursor = cursor.after(entry)
                entries.append(entry)
            }
        }
        let submission = NodeCall.submit(EntrySubmission(entries))
        let answer = try time.wait {
            await process.server.answer(
                submission, headers: [], authority: World.authority, from: "template")
        }
        for verdict in try VerdictList(body: answer.body).verdicts {
            guard case .accepted = verdict else { throw VirtualTime.Stuck() }
        }
        return cursor
    }

    /// Enrols a member with two machines.
    private static func enrol(
        _ first: SimulatedDevice, _ second: SimulatedDevice, _ number: Int,
        _ disks: [SimulatedVolume], _ process: SimulatedNode.Process, _ time: VirtualTime
    ) throws {
        let code = InvitationCode(random: (0..<13).map { UInt8(($0 * 7 + number) % 32) })
        try process.database.add(
            StoredInvitation(key: code.key, expires: World.start.adding(milliseconds: 600_000)))
        let store = try ClientStore(
            directory: disks[0].directory, clock: { World.start }, surroundings: .none)
        let clock = SyncClock(now: { World.start }, random: { 1 })
        let connection = DirectConnection(server: process.server, device: first)
        let engine = SyncEngine(store: store, node: connection, clock: clock)
        let enrolment = try time.wait {
            try await Enroller(store: store, node: connection, clock: clock).enrol(
                code: code, nodeURL: "https://node.simulated", keys: first.keys
            ) { payload in try Entry.signed(payload, with: first.signing) }
        }
        try store.enqueue(at: World.start) { cursor in
            [try first.sign(.deviceAdded(second.keys), at: cursor, issuedAt: World.start)]
        }
        guard try time.wait(for: { await engine.syncOnce() }) == .complete else {
            throw VirtualTime.Stuck()
        }
        let other = try ClientStore(
            directory: disks[1].directory, clock: { World.start }, surroundings: .none)
        var adopted = enrolment
        adopted.device = second.id
        try other.adopt(
            adopted, cursor: OutboxCursor(device: second.id, nextSequence: 1, previous: .zero))
    }

    /// Brings all machines up to the newest checkpoint.
    private static func bringUp(
        _ disks: [SimulatedVolume], _ devices: [SimulatedDevice], _ process: SimulatedNode.Process,
        _ time: VirtualTime
    ) throws {
        for (disk, device) in zip(disks, devices) {
            let store = try ClientStore(
                directory: disk.directory, clock: { World.start }, surroundings: .none)
            let engine = SyncEngine(
                store: store, node: DirectConnection(server: process.server, device: device),
                clock: SyncClock(now: { World.start }, random: { 1 }))
            guard try time.wait(for: { await engine.syncOnce() }) == .complete else {
                throw VirtualTime.Stuck()
            }
        }
    }
}

/// A connection without a network.
private struct DirectConnection: NodeConnection {
    let server: NodeServer
    let device: SimulatedDevice

    func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
    {
        let headers: [(name: String, value: String)]
        do {
            headers =
                call.isSigned
                ? try device.headers(
                    for: call, at: World.start,
                    nonce: "direct-"
                        + Hash.of(Array("\(call.path)\(call.query)".utf8)).hex.prefix(30)
                ) : []
        } catch {
            throw .locked
        }
        let answer = await server.answer(
            call, headers: headers, authority: World.authority, from: "template")
        guard answer.status < 300 else {
            throw (try? Problem(body: answer.body)).map { .problem($0) }
                ?? .malformed("HTTP status \(answer.status)")
        }
        return answer.body
    }
}

/// Where one thread keeps the folders of its machines; they are used again for every seed.
enum Lane {
    /// A folder of this process.
    static let root =
        FileManager.default.temporaryDirectory.path
        + "/accord-simulation-\(ProcessInfo.processInfo.processIdentifier)"

    /// Forgets everything on the real file system.
    static func remove() {
        // What is left is empty folders below the system's temporary one.
        try? FileManager.default.removeItem(atPath: root)
    }
}
