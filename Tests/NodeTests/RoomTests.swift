import Foundation
import LedgerCore
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import TestSupport
import Testing

/// What a node still takes while the disk is nearly full.
struct RoomTests {
    @Test func `without room what adds waits, and what takes back is taken`() async throws {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            var bo = try await node.member("bo")
            try await node.stop()

            node = try await full(folder, node)
            let joins = EntrySubmission([try bo.entry(builder.join)])
            #expect(try await node.send(.submit(joins)).problem?.code == .storageFull)
            #expect(try await node.use(builder, of: ada.account, as: sponsor).status == 507)
            var eve = try TestDevice("eve")
            let enrolment = EnrolmentRequest(
                code: try node.invite(), entry: try eve.entry(.memberEnrolled(eve.keys)),
                verifierKey: node.keys.log.verifierKey.text)
            #expect(try await node.send(.enrol(enrolment)).status == 507)
            let wrap = WrappedKey(
                authorization: builder.authorization(of: ada.account),
                recipient: sponsor.account, wrapped: [4])
            let keys = NodeCall.storeKeys(of: Hash.of([1, 2, 3]), WrapUpload([wrap]))
            #expect(try await node.send(keys, as: ada).status == 507)
            // Who kept others away from it now kept revocations away.
            let ready = try await node.send(method: "GET", path: "/readyz")
            #expect(ready.status == 200)
            #expect(String(decoding: ready.body, as: UTF8.self).contains("what takes back"))
            let counts = try await node.send(method: "GET", path: "/metrics")
            #expect(String(decoding: counts.body, as: UTF8.self).contains("\naccord_room 0\n"))

            let subject = AuthorizationSubject(project: builder.project, major: 1)
            let pauses = try ada.entry(.authorizationPaused(subject))
            let resumes = try ada.entry(.authorizationResumed(subject))
            let first = try await node.submit(pauses, resumes)
            #expect(isAccepted(first[0]))
            #expect(first[1] == .retry(.busy))
            // What was decided is told all the same, and what comes before a revocation goes with it.
            let second = try await node.submit(
                pauses, resumes, try ada.entry(builder.revoke()), try ada.entry(builder.join))
            #expect(second.prefix(3).allSatisfy { isAccepted($0) })
            #expect(second[3] == .retry(.busy))
            try await node.stop()

            node = try await TestNode(folder: folder, clock: node.clock)
            #expect(
                try await node.use(builder, of: ada.account, as: sponsor).problem?.denial
                    == .revoked)
            let taken = try await node.send(.submit(joins))
            #expect(try isAccepted(VerdictList(body: taken.body).verdicts[0]))
            #expect(try await node.send(.enrol(enrolment)).status == 200)
            try await node.stop()
        }
    }

    @Test func `without room a grant of less is taken, and one of more waits`() async throws {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            let whole = try ada.entry(builder.grant())
            try await node.accept(whole)
            try await node.stop()

            node = try await full(folder, node)
            let less = try ada.entry(grant([.wearable], builder, cites: whole.id))
            try await node.accept(less)
            let more = try ada.entry(grant([.wearable, .clinical], builder, cites: less.id))
            let answer = try await node.send(.submit(EntrySubmission([more])))
            #expect(answer.status == 507)
            try await node.stop()
        }
    }

    @Test func `who fills the rest of the room with additions is stopped, and may still revoke`()
        async throws
    {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            try await node.accept(try ada.entry(builder.grant()))
            try await node.stop()

            node = try await full(folder, node)
            var other = ada
            let nothing = EntryBody.authorizationRevoked(
                .init(project: try #require(ProjectID("any")), major: 1, mode: .stop))
            var sentBytes = 0
            var isStopped = false
            while !isStopped, sentBytes < 4 * Sequencer.bytesWithoutRoom {
                var entries = [Entry]()
                for _ in 1..<NodeLimits.submissionCount {
                    entries.append(try ada.entry(builder.join))
                }
                entries.append(try ada.entry(nothing))
                sentBytes += entries.map(\.bytes.count).reduce(0, +)
                let answer = try await node.send(.submit(EntrySubmission(entries)))
                isStopped =
                    try answer.status == 507
                    || VerdictList(body: answer.body).verdicts.contains(.retry(.busy))
            }
            #expect(isStopped)
            try await node.accept(try other.entry(builder.revoke()))
            try await node.stop()
        }
    }

    @Test func `uploads leave files for the ledger where the file system counts them`()
        async throws
    {
        let none = FreeSpace(bytes: 0, files: Int64.max)
        try await withNode(change: { $0.freeSpaceFloor = none }) { node in
            let ada = try await node.member("ada")
            let answer = try await node.send(
                .uploadRecord(Hash.of([9]), offset: 0, length: 1, bytes: [9]), as: ada)
            let isCounted = try node.records.freeSpace().files != nil
            #expect(answer.status == (isCounted ? 507 : 200))
        }
        #expect(FreeSpace(bytes: 9, files: 0, of: 0).leaves(none))
        #expect(!FreeSpace(bytes: 9, files: 0, of: 100).leaves(FreeSpace(bytes: 0, files: 1)))
        let some = FreeSpace(bytes: 9, files: 1, of: 100)
        #expect(some.leaves(FreeSpace(bytes: 4, files: 1), after: 5))
        #expect(!some.leaves(FreeSpace(bytes: 4, files: 1), after: 6))
    }

    /// The same node, on a disk that has too little left.
    private func full(_ folder: URL, _ node: TestNode) async throws -> TestNode {
        try await TestNode(folder: folder, clock: node.clock) {
            $0.freeSpaceReserve.bytes = .max
        }
    }

    private func grant(_ kinds: [RecordKind], _ builder: LedgerBuilder, cites: Hash) -> EntryBody {
        let terms = builder.terms
        return .authorizationGranted(
            AuthorizationGranted(
                project: builder.project, major: 1, minor: 0, terms: terms.hash, language: "en",
                kinds: kinds, purposes: terms.purposes, recipients: terms.recipients,
                collectionFrom: terms.collectionFrom, collectionUntil: terms.collectionUntil,
                until: terms.useUntil, eraseAt: terms.eraseAt, cites: cites, observedSize: 0,
                observedRoot: .zero))
    }

    private func isAccepted(_ verdict: Verdict) -> Bool {
        if case .accepted = verdict { true } else { false }
    }
}
