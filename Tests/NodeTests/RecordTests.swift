import AsyncHTTPClient
import Foundation
import LedgerCore
import NIOCore
import NIOHTTP1
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import TestSupport
import Testing

struct RecordTests {
    private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    @Test func `an upload goes on where it stopped, also after a restart`() async throws {
        try await withFolder { folder in
            let content = Self.content
            let record = Hash.of(content)
            let length = Int64(content.count)
            var node = try await TestNode(folder: folder)
            let ada = try await node.member("ada")
            let first = try await node.send(
                .uploadRecord(
                    record, offset: 0, length: length, bytes: Array(content[..<100_000])),
                as: ada)
            #expect(
                try UploadProgress(body: first.body) == .init(offset: 100_000, isComplete: false))
            try await node.stop()

            node = try await TestNode(folder: folder, clock: node.clock)
            let asked = try await node.send(.uploadProgress(of: record), as: ada)
            #expect(try UploadProgress(body: asked.body).offset == 100_000)
            let wrong = try await node.send(
                .uploadRecord(record, offset: 5, length: length, bytes: [1]), as: ada)
            #expect(wrong.status == 409)
            #expect(wrong.problem?.offset == 100_000)
            let last = try await node.send(
                .uploadRecord(
                    record, offset: 100_000, length: length, bytes: Array(content[100_000...])),
                as: ada)
            #expect(try UploadProgress(body: last.body).isComplete)
            let read = try await node.send(.record(record), as: ada)
            #expect(read.body == content)
            try await node.stop()
        }
    }

    @Test
    func `a record that came whole before the node was ended gets its name with the next piece`()
        async throws
    {
        try await withFolder { folder in
            let content = Self.content
            let record = Hash.of(content)
            var node = try await TestNode(folder: folder)
            let ada = try await node.member("ada")
            try await node.stop()
            // As a power cut leaves it between the last byte and the name.
            let partial = folder.appending(
                path: "records/partial/\(record.hex)-\(ada.account.text)")
            try Data(content).write(to: partial)

            node = try await TestNode(folder: folder, clock: node.clock)
            let asked = try await node.send(.uploadProgress(of: record), as: ada)
            #expect(
                try UploadProgress(body: asked.body)
                    == .init(offset: Int64(content.count), isComplete: false))
            let sent = try await node.send(
                .uploadRecord(
                    record, offset: 0, length: Int64(content.count),
                    bytes: Array(content[..<100_000])), as: ada)
            #expect(
                try UploadProgress(body: sent.body)
                    == .init(offset: Int64(content.count), isComplete: true))
            #expect(try await node.send(.record(record), as: ada).body == content)
            #expect(!FileManager.default.fileExists(atPath: partial.path))

            // What is as long and something else is let go of.
            let other = Hash.of([1, 2, 3])
            let wrong = folder.appending(path: "records/partial/\(other.hex)-\(ada.account.text)")
            try Data([1, 2, 4]).write(to: wrong)
            func send() async throws -> TestNode.Answer {
                try await node.send(
                    .uploadRecord(other, offset: 0, length: 3, bytes: [1, 2, 3]), as: ada)
            }
            #expect(try await send().problem?.code == .recordMismatch)
            #expect(try UploadProgress(body: try await send().body).isComplete)
            try await node.stop()
        }
    }

    @Test func `a use names what was asked for, so that more than one can name is reached`()
        async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var ada = try await node.takePart("ada", builder, &sponsor, content: [1]).device
            var waiting: [Hash] = []
            for content in [[4, 5, 6], [7, 8, 9]] as [[UInt8]] {
                try await node.upload(content, as: ada)
                let given = try ada.entry(builder.contribution(Hash.of(content), sizeBytes: 3))
                try await node.accept(given)
                waiting.append(given.id)
                let stored = try await node.send(
                    .storeKeys(
                        of: Hash.of(content),
                        WrapUpload([
                            WrappedKey(
                                authorization: builder.authorization(of: ada.account),
                                recipient: sponsor.account, wrapped: [1])
                        ])), as: ada)
                #expect(stored.status == 204)
            }
            func ask(_ contributions: [Hash]) async throws -> TestNode.Answer {
                try await node.send(
                    .use(
                        UseQuery(
                            project: builder.project, subject: ada.account, purpose: .review,
                            contributions: contributions)), as: sponsor)
            }
            let all = try UseGrant(body: try await ask([]).body)
            #expect(all.records.map(\.contribution) == waiting)
            let one = try UseGrant(body: try await ask([waiting[1]]).body)
            #expect(one.records.map(\.contribution) == [waiting[1]])
            let logged = try Entry(bytes: one.entry).payload().body
            guard case .useAllowed(let use) = logged else {
                Issue.record("no use was logged")
                return
            }
            #expect(use.contributions == [waiting[1]])
            #expect(try await ask([Hash.of([9])]).problem?.denial == .nothingCovered)
        }
    }

    @Test func `content that is not what its address says is thrown away`() async throws {
        try await withNode { node in
            let ada = try await node.member("ada")
            let record = Hash.of([1, 2, 3])
            let answer = try await node.send(
                .uploadRecord(record, offset: 0, length: 3, bytes: [3, 2, 1]), as: ada)
            #expect(answer.problem?.code == .recordMismatch)
            let asked = try await node.send(.uploadProgress(of: record), as: ada)
            #expect(try UploadProgress(body: asked.body).offset == 0)
        }
    }

    @Test func `nobody but the owner reads a record without a use`() async throws {
        try await withNode { node in
            let ada = try await node.member("ada")
            let bo = try await node.member("bo")
            try await node.upload([1, 2, 3], as: ada)
            #expect(try await node.send(.record(Hash.of([1, 2, 3])), as: bo).status == 404)
            #expect(try await node.send(.record(Hash.of([1, 2, 3]))).status == 401)
        }
    }

    @Test func `an account stores no more than its quota`() async throws {
        try await withNode(change: { $0.accountQuotaBytes = 64 * 1024 + 10 }) { node in
            let ada = try await node.member("ada")
            // A small one counts, too: its file costs as much as a larger one's.
            try await node.upload([1, 2, 3, 4, 5, 6], as: ada)
            let answer = try await node.send(
                .uploadRecord(Hash.of([9]), offset: 0, length: 6, bytes: [9]), as: ada)
            #expect(answer.problem?.code == .quotaExceeded)
        }
    }

    @Test func `uploads that were never finished count against the quota`() async throws {
        try await withNode(change: { $0.accountQuotaBytes = 200_000 }) { node in
            let ada = try await node.member("ada")
            var statuses = [Int]()
            for number in 1...3 as ClosedRange<UInt8> {
                let call = NodeCall.uploadRecord(
                    Hash.of([number]), offset: 0, length: 100_000, bytes: [number])
                statuses.append(try await node.send(call, as: ada).status)
            }
            #expect(statuses.prefix(2) == [200, 200])
            #expect(statuses.last != 200)
            let bo = try await node.member("bo")
            try await node.upload([1, 2, 3], as: bo)
        }
    }

    @Test func `uploads leave room for the ledger`() async throws {
        try await withNode(change: { $0.freeSpaceFloor.bytes = .max }) { node in
            let ada = try await node.member("ada")
            let answer = try await node.send(
                .uploadRecord(Hash.of([9]), offset: 0, length: 1, bytes: [9]), as: ada)
            #expect(answer.status == 507)
        }
    }

    @Test func `an allowed use is logged, pays, and gives keys and ciphertext`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (ada, contribution) = try await node.takePart(
                "ada", builder, &sponsor, content: Self.content)
            let answer = try await node.use(builder, of: ada.account, as: sponsor)
            #expect(answer.status == 200)
            let grant = try UseGrant(body: answer.body)
            #expect(grant.records.map(\.contribution) == [contribution])
            #expect(grant.records.map(\.wrapped) == [[1, 2, 3]])
            let read = try await node.send(
                .record(Hash.of(Self.content), use: grant.id), as: sponsor)
            #expect(read.body == Self.content)
            let kinds = try await node.verifiedChain(.account(ada.account), as: ada)
                .map(\.body.kind)
            #expect(
                kinds == [
                    .memberEnrolled, .signupJoined, .recordContributed, .authorizationGranted,
                    .contributionAccepted, .pointsAccrued, .useAllowed, .pointsAccrued,
                ])
        }
    }

    @Test func `a denied use is logged with its reason and gives no byte`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let bo = try await node.member("bo")
            let denied = try await node.use(builder, of: ada.account, as: bo)
            #expect(denied.status == 403)
            #expect(denied.problem?.denial == .recipientNotNamed)
            let stranger = try TestDevice("stranger")
            let nobody = try await node.use(builder, of: stranger.account, as: bo)
            #expect(nobody.problem?.denial == denied.problem?.denial)
            let wrongPurpose = try await node.use(
                builder, of: ada.account, as: sponsor, purpose: .research(.generalResearch))
            #expect(wrongPurpose.problem?.denial == .purposeNotNamed)
            let payloads = try await node.verifiedChain(.account(ada.account), as: ada)
            let reasons = payloads.compactMap { payload -> UseDenial? in
                guard case .useDenied(let denied) = payload.body else { return nil }
                return denied.reason
            }
            #expect(reasons == [.recipientNotNamed, .purposeNotNamed])
        }
    }

    @Test func `asking for somebody unknown looks like asking for anybody, and is logged`()
        async throws
    {
        try await withNode { node in
            let (sponsor, builder) = try await node.sponsor()
            let stranger = try TestDevice("stranger")
            let answer = try await node.use(builder, of: stranger.account, as: sponsor)
            #expect(answer.problem?.denial == .noAuthorization)
            let kinds = try await node.verifiedChain(.account(sponsor.account), as: sponsor)
                .map(\.body.kind)
            #expect(kinds == [.useDenied])
        }
    }

    @Test func `a revocation deletes the wrapped keys and stops an allowed use`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let grant = try UseGrant(
                body: try await node.use(builder, of: ada.account, as: sponsor).body)
            try await node.accept(try ada.entry(builder.revoke()))
            let wraps = try node.database.wraps(
                of: builder.authorization(of: ada.account), for: sponsor.account)
            #expect(wraps.isEmpty)
            let read = try await node.send(
                .record(Hash.of([1, 2, 3]), use: grant.id), as: sponsor)
            #expect(read.status == 403)
            let again = try await node.use(builder, of: ada.account, as: sponsor)
            #expect(again.problem?.denial == .revoked)
            #expect(try await node.send(.record(Hash.of([1, 2, 3])), as: ada).status == 200)
        }
    }

    @Test(arguments: [true, false])
    func `a device that is revoked reads no further, under a use or as the owner's`(
        isUnderUse: Bool
    ) async throws {
        try await withNode { node in
            // More than any buffer on the way holds.
            let content = [UInt8](repeating: 7, count: 24 << 20)
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: content)
            var use: Hash?
            if isUnderUse {
                use = try UseGrant(
                    body: try await node.use(builder, of: ada.account, as: sponsor).body
                ).id
            }
            let call = NodeCall.record(Hash.of(content), use: use)
            var request = HTTPClientRequest(
                url: node.url + call.path + (call.query.isEmpty ? "" : "?\(call.query)"))
            for header in try node.signature(of: call, by: isUnderUse ? sponsor : ada) {
                request.headers.add(name: header.name, value: header.value)
            }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
            #expect(response.status == .ok)
            var received = 0
            do {
                for try await piece in response.body {
                    if received == 0 {
                        try await node.accept(
                            try isUnderUse
                                ? sponsor.entry(.deviceRevoked(sponsor.id))
                                : ada.entry(.deviceRevoked(ada.id)))
                    }
                    received += piece.readableBytes
                }
                Issue.record("all of it came")
            } catch {
                // The connection ends before all of it came.
                #expect((1..<content.count).contains(received))
            }
        }
    }

    @Test func `revoking a later version deletes the keys for the first, and no more are taken`()
        async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let first = builder.authorization(of: ada.account)
            let keys = NodeCall.storeKeys(
                of: Hash.of([1, 2, 3]),
                WrapUpload([
                    WrappedKey(
                        authorization: first, recipient: sponsor.account, wrapped: [9])
                ]))
            var next = builder.terms
            next.major = 2
            try await node.accept(
                try sponsor.entry(
                    .projectAmended(.init(terms: next, graceMilliseconds: 86_400_000))))
            // The old scope holds for a day.
            #expect(try await node.send(keys, as: ada).status == 204)
            try await node.accept(
                try ada.entry(
                    .authorizationGranted(
                        .init(
                            project: builder.project, major: 2, minor: 0, terms: next.hash,
                            language: "en", kinds: next.kinds.map(\.kind),
                            purposes: next.purposes, recipients: next.recipients,
                            collectionFrom: next.collectionFrom,
                            collectionUntil: next.collectionUntil, until: next.useUntil,
                            eraseAt: next.eraseAt, cites: .zero, observedSize: 0,
                            observedRoot: .zero))))
            #expect(try await node.send(keys, as: ada).status == 409)
            #expect(try !node.database.wraps(of: first, for: sponsor.account).isEmpty)
            try await node.accept(
                try ada.entry(
                    .authorizationRevoked(.init(project: builder.project, major: 2, mode: .stop))))
            #expect(try node.database.wraps(of: first, for: sponsor.account).isEmpty)
            #expect(try await node.send(keys, as: ada).status == 409)
        }
    }

    @Test func `leaving deletes the wrapped keys too`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            try await node.accept(try ada.entry(.signupLeft(builder.project)))
            let wraps = try node.database.wraps(
                of: builder.authorization(of: ada.account), for: sponsor.account)
            #expect(wraps.isEmpty)
        }
    }

    @Test func `a revocation with erasure destroys the ciphertext`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            try await node.accept(try ada.entry(builder.revoke(.stopAndErase)))
            #expect(try node.records.size(of: Hash.of([1, 2, 3])) == nil)
            #expect(try node.database.owners(of: Hash.of([1, 2, 3])).isEmpty)
            #expect(try await node.send(.record(Hash.of([1, 2, 3])), as: ada).status == 404)
        }
    }

    @Test func `keys are taken only under an own authorization in force`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let bo = try await node.member("bo")
            try await node.upload([4], as: bo)
            let wrap = WrapUpload([
                WrappedKey(
                    authorization: builder.authorization(of: ada.account),
                    recipient: sponsor.account, wrapped: [9])
            ])
            let foreign = try await node.send(.storeKeys(of: Hash.of([4]), wrap), as: bo)
            #expect(foreign.problem?.code == .authorizationNotInForce)
            try await node.accept(try ada.entry(builder.revoke()))
            let late = try await node.send(.storeKeys(of: Hash.of([1, 2, 3]), wrap), as: ada)
            #expect(late.status == 409)
        }
    }

    @Test func `keys of a device that was revoked while they waited are not taken`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let id = builder.authorization(of: ada.account)
            let upload = WrapUpload([
                WrappedKey(authorization: id, recipient: sponsor.account, wrapped: [9])
            ])
            let revoked = try ada.entry(.deviceRevoked(ada.id))
            try await node.accept(revoked)
            // The request was signed and checked before that.
            let isTaken = try await node.sequencer.storeKeys(
                upload, of: Hash.of([1, 2, 3]), owner: ada.account, device: ada.id)
            #expect(!isTaken)
            #expect(
                try node.database.wraps(of: id, for: sponsor.account)[Hash.of([1, 2, 3])]
                    == [1, 2, 3])
        }
    }

    @Test func `a wrapped key that is empty or too long is refused, and the node goes on`()
        async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let authorization = builder.authorization(of: ada.account)
            func store(_ length: Int) async throws -> TestNode.Answer {
                try await node.send(
                    .storeKeys(
                        of: Hash.of([1, 2, 3]),
                        WrapUpload([
                            WrappedKey(
                                authorization: authorization, recipient: sponsor.account,
                                wrapped: [UInt8](repeating: 7, count: length))
                        ])), as: ada)
            }
            for length in [0, NodeLimits.wrappedKeyBytes + 1] {
                let answer = try await store(length)
                #expect(answer.status == 400)
                #expect(answer.problem?.code == .malformedRequest)
            }
            #expect(try await store(1).status == 204)
            #expect(try await store(NodeLimits.wrappedKeyBytes).status == 204)
            _ = try await node.member("bo")
        }
    }

    @Test func `keys are taken while the authorization is paused, and not once it ran out`()
        async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let keys = NodeCall.storeKeys(
                of: Hash.of([1, 2, 3]),
                WrapUpload([
                    WrappedKey(
                        authorization: builder.authorization(of: ada.account),
                        recipient: sponsor.account, wrapped: [9])
                ]))
            try await node.accept(
                try ada.entry(.authorizationPaused(.init(project: builder.project, major: 1))))
            #expect(try await node.send(keys, as: ada).status == 204)
            node.clock.advance(milliseconds: 366 * 86_400_000)
            #expect(try await node.send(keys, as: ada).status == 409)
        }
    }

    @Test func `keys wrapped for another grant than the one in force replace none`() async throws {
        try await withNode { node in
            let (sponsor, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            let record = Hash.of([1, 2, 3])
            try await node.upload([1, 2, 3], as: ada)
            try await node.accept(try ada.entry(builder.contribution(record, sizeBytes: 3)))
            let former = try ada.entry(builder.grant())
            try await node.accept(former)
            let newest = try ada.entry(builder.grant(cites: former.id))
            try await node.accept(newest)
            let id = builder.authorization(of: ada.account)
            // A client that does not say for which grant is believed.
            let cases: [(grant: Hash?, key: UInt8, status: Int, held: UInt8)] = [
                (newest.id, 1, 204, 1), (former.id, 2, 409, 1), (nil, 3, 204, 3),
            ]
            for (grant, key, status, held) in cases {
                let wrap = WrappedKey(
                    authorization: id, recipient: sponsor.account, wrapped: [key])
                let answer = try await node.send(
                    .storeKeys(of: record, WrapUpload([wrap], for: grant)), as: ada)
                #expect(answer.status == status)
                if status == 409 {
                    #expect(answer.problem?.code == .authorizationNotInForce)
                }
                #expect(
                    try node.database.wraps(of: id, for: sponsor.account) == [record: [held]])
            }
        }
    }

    @Test func `a use whose keys are missing is denied as such`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            let contributed = try ada.entry(builder.contribution(Hash.of([7])))
            try await node.accept(contributed)
            try await node.accept(try ada.entry(builder.grant()))
            try await node.accept(
                try sponsor.entry(
                    .contributionAccepted(
                        .init(project: builder.project, contribution: contributed.id)),
                    about: ada.account))
            let answer = try await node.use(builder, of: ada.account, as: sponsor)
            #expect(answer.problem?.denial == .recordMissing)
        }
    }

    @Test func `points vest when the waiting time is over, and a rejection voids them`()
        async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1])
            let (bo, contribution) = try await node.takePart("bo", builder, &sponsor, content: [2])
            try await node.accept(
                try sponsor.entry(
                    .contributionRejected(
                        .init(
                            project: builder.project, contribution: contribution,
                            reason: .quality)), about: bo.account))
            let voided = try await node.verifiedChain(.account(bo.account), as: bo)
            #expect(voided.last?.body.kind == .pointsVoided)
            node.clock.advance(milliseconds: 7 * 86_400_000)
            let size = node.sequencer.ledger.newest.size
            #expect(
                await node.sequencer.ledger.growth(beyond: size, within: .seconds(5)) == size + 1)
            let vested = try await node.verifiedChain(.account(ada.account), as: ada)
            #expect(vested.last?.body.kind == .pointsVested)
        }
    }
}
