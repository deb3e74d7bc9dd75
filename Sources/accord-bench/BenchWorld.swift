import ClientRuntime
import ClientStore
import Crypto
import Foundation
import LedgerCore
import NodeAPI
import NodeClient
import NodeSequencer
import NodeStore
import Screens
import SyncCore
import SyncEngine

/// A ledger with a member of many entries, and the member's machines.
final class BenchWorld {
    /// How many entries the member signed after enrolling.
    static let ownEntryCount = 10_000

    let node: BenchNode
    private let keys: VaultKeys
    private var sponsor: Signer
    private let enrolmentEntry: Entry
    private let receipt: Acceptance

    /// Makes a node with one project and a member who joined and left it by turns.
    init(folder: String, ownEntries: Int = ownEntryCount) async throws {
        node = try await BenchNode(folder: folder)
        sponsor = try Signer(2)
        try await node.admit(sponsor, name: "Study")
        try await node.publish(1, from: 1, by: &sponsor)
        keys = try VaultKeys(random: RandomSource(seed: 7))
        var member = try Signer(key: keys.signing, wrapping: keys.publicKeys.wrapping)
        try await node.enrol(&member)
        let enrolmentID = member.last
        guard let stored = try node.database.entry(enrolmentID) else {
            throw BenchFailure("the enrolment is not stored")
        }
        enrolmentEntry = stored.entry
        let address = try BenchWorld.address(of: node)
        let client = NodeClient(address: address, clock: { BenchWorld.now() })
        let verdict = try await client.ask(.verdict(of: enrolmentID)) { try Verdict(body: $0) }
        try await client.shutdown()
        guard case .accepted(let acceptance) = verdict else {
            throw BenchFailure("the enrolment was not accepted")
        }
        receipt = acceptance
        let project = try BenchLedger.terms(1, by: sponsor.account).project
        var entries = [Entry]()
        for _ in 0..<ownEntries {
            entries.append(
                try BenchLedger.nextTurn(of: &member, in: project, origin: node.keys.origin))
        }
        try await node.record(entries)
    }

    /// Adds projects until there are `count`.
    func fillCatalogue(to count: Int) async throws {
        try await node.publish(count - 1, from: 2, by: &sponsor)
    }

    /// Makes a machine of the member that knows nothing but the enrolment.
    func freshStore(in directory: String) throws -> ClientStore {
        let store = try ClientStore(directory: directory, clock: { BenchWorld.now() })
        try store.prepareEnrolment(enrolmentEntry)
        try store.confirmEnrolment(
            Enrolment(
                origin: node.keys.origin, logKey: node.keys.log.verifierKey,
                nodeURL: "http://127.0.0.1:\(node.port)", device: keys.device,
                account: AccountID(firstDevice: keys.device)),
            entry: enrolmentEntry, index: receipt.index, receipt: receipt.proof,
            at: BenchWorld.now())
        return store
    }

    /// Makes the home folder of a person who joined and synchronised.
    func prepareHome(at path: String) async throws {
        let folders = HomeFolders(root: URL(filePath: path, directoryHint: .isDirectory))
        try folders.prepare()
        let store = try freshStore(in: "\(path)/data")
        try await synchronise(store, through: connection())
        let random = RandomSource(seed: 8)
        try Vault(
            sealing: keys, passphrase: "", rounds: Vault.defaultRounds, random: random
        ).write(to: folders.vaultFile)
        var profile = Profile(
            node: "http://127.0.0.1:\(node.port)", name: "Bench", locale: "en", theme: "dark")
        profile.look.hasSeenTour = true
        try profile.write(to: folders.profileFile)
    }

    /// A signed connection to the node that counts.
    func connection() throws -> CountingConnection {
        let keys = keys
        return CountingConnection(
            NodeClient(
                address: try BenchWorld.address(of: node),
                signer: RequestSigner(
                    device: { keys.device },
                    sign: { bytes in
                        // Signing bytes in memory has no way to fail.
                        (try? keys.signing.signature(for: bytes)).map { [UInt8]($0) }
                    }), clock: { BenchWorld.now() }))
    }

    /// Synchronises once and closes the connection.
    func synchronise(_ store: ClientStore, through connection: CountingConnection) async throws {
        let engine = SyncEngine(
            store: store, node: connection, clock: SyncClock(now: { BenchWorld.now() }))
        let outcome = await engine.syncOnce()
        try await connection.shutdown()
        guard outcome == .complete else { throw BenchFailure("the sync ended as \(outcome)") }
    }

    private static func address(of node: BenchNode) throws -> NodeAddress {
        guard let address = NodeAddress("http://127.0.0.1:\(node.port)") else {
            throw BenchFailure("port \(node.port) is no address")
        }
        return address
    }

    static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
