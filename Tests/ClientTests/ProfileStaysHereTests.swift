import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import NodeClient
import NodeSequencer
import NodeServer
import NodeStore
import SyncCore
import SyncEngine
import Synchronization
import TestSupport
import Testing

/// Passes every call on, and keeps what was sent.
private final class OverheardNode: NodeConnection {
    private let node: NodeClient
    private let sent = Mutex<[UInt8]>([])

    init(_ node: NodeClient) { self.node = node }

    func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
    {
        sent.withLock {
            $0 += Array("\(call.method) \(call.path)?\(call.query)\n".utf8) + call.body
        }
        return try await node.send(call, deadline: deadline, limit: limit)
    }

    func heard(_ text: String) -> Bool {
        sent.withLock { Data($0).range(of: Data(text.utf8)) != nil }
    }
}

/// What a person writes down about themselves, and filters by, is nobody else's.
@Suite struct ProfileStaysHereTests {
    private static let canaries = ["QX7Z4K2P", "kanarienfilter-7391", "canarysearch-5527"]

    @Test func `nothing of the profile and the filters is sent, or is at the node`() async throws {
        let folder = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let clock = ManualClock(LedgerBuilder.start)
        let node = try await RealNode(folder: folder + "/node", clock: clock)
        var sponsor = try await node.admitSponsor()
        let builder = try LedgerBuilder(sponsor: sponsor.account)
        let member = try RealClient(folder: folder + "/member", node: node, name: "ada")
        let overheard = OverheardNode(member.client)
        let engine = SyncEngine(
            store: member.store, node: overheard, clock: SyncClock(now: { clock.now() }))
        var terms = builder.terms
        let region = try #require(Region("CN-" + Self.canaries[0]))
        terms.criteria = EligibilityCriteria(ageFrom: 18, regions: [try #require(Region("CN"))])
        let published = try sponsor.entry(.projectPublished(terms))
        let open = NodeClient(
            address: try #require(NodeAddress(node.url)), clock: { clock.now() })
        _ = try await open.ask(.submit(EntrySubmission([published]))) { try VerdictList(body: $0) }

        try await enrol(member, node, clock, overheard)
        let profile = OwnProfile(
            bornYear: 1950, sex: .female, region: region, programmes: [.staffPlan],
            kinds: RecordKind.allCases)
        try member.store.keep(profile)
        try member.store.keep(
            SavedFilter(
                name: Self.canaries[1], facets: [.fits], search: Self.canaries[2], order: .reward))
        #expect(await engine.syncOnce() == .complete)
        #expect(
            try member.store.projects(ProjectQuery(facets: [.fits]), offset: 0, limit: 9).total
                == 1)
        _ = try member.store.facets(ProjectQuery(search: Self.canaries[2], facets: [.fits]))
        #expect(
            try member.store.project(builder.project, at: clock.now())?.eligibility == .fits)
        try member.queue(builder.join, builder.grant(), at: clock.now())
        #expect(await engine.syncOnce() == .complete)

        try await member.client.shutdown()
        try await open.shutdown()
        try await node.stop()
        // What is looked for can be found: the search itself is no blind one.
        #expect(overheard.heard("/v1/entries"))
        #expect(try Self.files(folder + "/node", hold: builder.project.text))
        for canary in Self.canaries {
            #expect(!overheard.heard(canary), "\(canary) was sent")
            #expect(try !Self.files(folder + "/node", hold: canary), "\(canary) is at the node")
            #expect(try Self.files(folder + "/member", hold: canary))
        }
    }

    private func enrol(
        _ member: RealClient, _ node: RealNode, _ clock: ManualClock, _ overheard: OverheardNode
    ) async throws {
        let enroller = Enroller(
            store: member.store, node: overheard, clock: SyncClock(now: { clock.now() }))
        let device = member.device
        _ = try await enroller.enrol(
            code: try node.invite(), nodeURL: node.url, keys: device.keys,
            sign: { try Entry.signed($0, with: device.signing) })
    }

    /// Whether any file below a folder holds a text, in the clear or in base64url.
    private static func files(_ folder: String, hold text: String) throws -> Bool {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        // A text inside base64 stands at one of three offsets.
        let encoded = (0..<3).map { shift in
            Data((String(repeating: " ", count: shift) + text).utf8).base64EncodedString()
                .dropFirst(shift == 0 ? 0 : shift + 1).prefix((text.utf8.count - 2) / 3 * 4 - 2)
        }
        return names.contains { name in
            guard let content = FileManager.default.contents(atPath: folder + "/" + name) else {
                return false
            }
            return ([text] + encoded.map(String.init)).contains {
                content.range(of: Data($0.utf8)) != nil
            }
        }
    }
}
