import ClientStore
import Crypto
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import Testing

/// A member's machine in a temporary folder, enrolled with a node in memory.
struct TestMember {
    let directory: String
    let store: ClientStore
    let node: FakeNode
    let device: TestDevice
    let engine: SyncEngine
    let origin: String

    static let now = Timestamp(milliseconds: 1_700_100_000_000)

    /// Enrols directly: enrolment by invitation has tests of its own.
    init(_ ledger: FakeLedger, directory: String = TestMember.temporaryFolder()) throws {
        var ledger = ledger
        var device = TestDevice()
        let enrolled = try device.sign(.memberEnrolled(device.keys), origin: ledger.origin)
        let verdict = try ledger.record(enrolled)
        guard case .accepted(let acceptance) = verdict else { throw CancellationError() }
        self.device = device
        origin = ledger.origin
        let logKey = ledger.signer.verifierKey
        let node = FakeNode(ledger)
        self.node = node
        let account = device.account
        node.change { $0.member = account }
        self.directory = directory
        store = try ClientStore(directory: directory, clock: { TestMember.now })
        try store.confirmEnrolment(
            Enrolment(
                origin: origin, logKey: logKey, nodeURL: "http://localhost",
                device: device.keys.device, account: account),
            entry: enrolled, index: acceptance.index, receipt: acceptance.proof,
            at: TestMember.now)
        engine = SyncEngine(store: store, node: node, clock: SyncClock(now: { TestMember.now }))
    }

    static func temporaryFolder() -> String {
        FileManager.default.temporaryDirectory.path + "/accord-test-\(UUID().uuidString)"
    }

    /// Signs and queues statements of the member.
    @discardableResult
    func queue(_ bodies: EntryBody...) throws -> [Hash] {
        try store.enqueue(at: TestMember.now) { cursor in
            var cursor = cursor
            return try bodies.map { body in
                let entry = try device.sign(body, at: cursor, origin: origin)
                cursor = cursor.after(entry)
                return entry
            }
        }
    }

    func join(_ project: String) throws -> Hash {
        let id = try #require(ProjectID(project))
        return try #require(
            queue(.signupJoined(SignupJoined(project: id, major: 1, minor: 0))).first)
    }

    func state(of entry: Hash) throws -> EntryState? { try store.activity(entry: entry)?.state }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }
}

extension FakeLedger {
    /// A ledger with a project that takes everybody and one that takes nobody else.
    static func withProjects() throws -> FakeLedger {
        var ledger = try FakeLedger()
        try ledger.publish(
            "sleep", title: LocalizedText(english: "Sleep and the gut", chinese: "睡眠与肠道"),
            escrow: 1000, perContribution: 50)
        try ledger.publish("full", title: LocalizedText(english: "One seat only"), seats: 1)
        return ledger
    }
}
