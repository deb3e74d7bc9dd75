import ClientStore
import Crypto
import Foundation
import HealthRecords
import LedgerCore
import NodeAPI
import NodeClient
import NodeSequencer
import Screens
import SyncCore
import SyncEngine
import Synchronization
import TestSupport
import Testing

@testable import ClientRuntime

/// A node, a study that reads, and the machines of a family, all with one clock.
struct Family {
    let folder: String
    let node: RealNode
    let nodeClock: ManualClock
    let clock: RuntimeClock
    let builder: LedgerBuilder
    let sponsor: TestSupport.TestDevice
    let team: NodeClient
    /// Whether nobody reaches the node.
    let isCut = SharedFlag()

    init() async throws {
        folder = TestMember.temporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        nodeClock = ManualClock(LedgerBuilder.start)
        clock = RuntimeClock(at: LedgerBuilder.start)
        node = try await RealNode(folder: folder + "/node", clock: nodeClock)
        var device = try TestSupport.TestDevice("sponsor")
        builder = try LedgerBuilder(sponsor: device.account)
        try await node.order(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "Institute"), keys: device.keys,
                    roles: [.sponsor])))
        let published = try device.entry(.projectPublished(builder.terms))
        sponsor = device
        let (signer, time) = (device, nodeClock)
        team = NodeClient(
            address: try #require(NodeAddress(node.url)),
            signer: RequestSigner(
                device: { signer.id },
                sign: { (try? signer.signing.signature(for: $0)).map { [UInt8]($0) } }),
            clock: { time.now() })
        _ = try await team.ask(.submit(EntrySubmission([published]))) {
            try VerdictList(body: $0)
        }
    }

    func end() async throws {
        try await team.shutdown()
        try await node.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func session(_ name: String) throws -> MemberSession {
        let (clock, isCut) = (clock, isCut)
        return try MemberSession(
            folders: HomeFolders(root: URL(filePath: folder + "/" + name)), clock: clock,
            random: RandomSource(),
            wiring: MemberSession.Wiring { address, keys in
                // Nothing listens there.
                let reached = isCut.isSet ? "http://127.0.0.1:1" : address
                guard let place = NodeAddress(reached) else { throw VaultError.missing }
                let signer =
                    keys.map { keys in
                        RequestSigner(
                            device: { keys.device },
                            sign: {
                                (try? keys.signing.signature(for: $0)).map { [UInt8]($0) }
                            })
                    } ?? .none
                let client = NodeClient(
                    address: place, signer: signer, clock: { clock.now })
                return NodeLink(client) { try? await client.shutdown() }
            })
    }

    func member(_ name: String, passphrase: String = "") async throws -> MemberSession {
        let session = try session(name)
        try await session.join(
            code: try node.invite().grouped, node: node.url, passphrase: passphrase)
        #expect(try await session.syncOnce() == .complete)
        return session
    }

    /// A mother, and her child of eleven whom the ledger has.
    func motherOfLily() async throws -> (MemberSession, AccountID) {
        let mother = try await member("mother", passphrase: "correct horse")
        let born = try #require(BirthMonth("2015-03"))
        let lily = try mother.declareWard(named: "Lily", born: born).ward.account
        #expect(try await mother.syncOnce() == .complete)
        #expect(try await mother.ward(named: "Lily").syncOnce() == .complete)
        return (mother, lily)
    }

    /// Adds a machine with one that is there already, as two people beside each other do.
    ///
    /// - Returns: What each of the two has to say.
    @discardableResult
    func add(_ new: MemberSession, with old: MemberSession) async throws -> (
        old: DeviceAdmission, new: JoinedDevice
    ) {
        let code = try await old.inviteDevice()
        let joining = try #require(
            try await new.beginJoining(code: code.grouped, node: node.url, passphrase: ""))
        let asking = try #require(try await old.askingDevice(code))
        return (
            try await old.admit(asking.keys, code: code), try await new.finishJoining(joining)
        )
    }

    func set(_ time: Timestamp) {
        nodeClock.set(time)
        clock.set(time)
    }

    /// Signs up, hands a record over and grants, as the sheets of the app do.
    func takePart(_ session: MemberSession, record: String) async throws {
        let actions = try session.actions()
        try actions.signUp(builder.project)
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Samples/records/\(record)").standardizedFileURL
        let report = try actions.importRecords([file.path(percentEncoded: false)])
        #expect(report.problems.isEmpty)
        let line = try #require(
            try session.store.records().first { [.wearable, .clinical].contains($0.kind) })
        _ = try actions.contribute(
            ContributionDraft(project: builder.project, record: line.id, struck: []))
        try grant(session)
        #expect(try await session.syncOnce() == .complete)
    }

    @discardableResult
    func grant(_ session: MemberSession) throws -> Hash { try session.grant(draft()) }

    /// A yes to all that the project asks, but for links.
    func draft() -> AuthorizationDraft {
        let terms = builder.terms
        return AuthorizationDraft(
            project: terms.project, major: 1, minor: 0, terms: terms.hash, language: .english,
            kinds: terms.kinds.map(\.kind), until: terms.useUntil)
    }

    /// Looks at what waits, as the study team does; opens the keys it was given.
    func use(_ account: AccountID) async throws -> Result<Int, UseDenial> {
        let query = UseQuery(project: builder.project, subject: account, purpose: .review)
        do throws(NodeFailure) {
            let grant = try await team.ask(.use(query)) { try UseGrant(body: $0) }
            guard case .useAllowed(let allowed)? = try? Entry(bytes: grant.entry).payload().body
            else { return .failure(.recordMissing) }
            for record in grant.records {
                // A key that does not open was wrapped under another grant.
                guard
                    (try? KeyWrap.unwrap(
                        record.wrapped, with: sponsor.wrapping, authorization: allowed.grant,
                        record: record.record)) != nil
                else { return .failure(.invalidated) }
            }
            return .success(grant.records.count)
        } catch {
            guard case .problem(let problem) = error, let denial = problem.denial else {
                throw error
            }
            return .failure(denial)
        }
    }

    /// Waits until the operator has marked what time alone made due.
    func waitForMarker(_ kind: EntryKind, _ session: MemberSession) async throws {
        for _ in 0..<200 {
            #expect(try await session.syncOnce() == .complete)
            let lines = try session.store.activity(offset: 0, limit: .max).lines
            if lines.contains(where: { $0.body.kind == kind }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("the operator marked no \(kind.rawValue)")
    }

    func state(_ session: MemberSession) throws -> AuthorizationState? {
        try session.store.authorizations(at: clock.now).first?.state
    }
}

/// A flag that several tasks see.
final class SharedFlag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
