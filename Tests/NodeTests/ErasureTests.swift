import Foundation
import LedgerCore
import Logging
import NodeAPI
import NodeSequencer
import NodeStore
import TestSupport
import Testing

/// What goes when its time is over, in the commit that says so; and what the operator signs.
struct ErasureTests {
    /// Ticks until nothing more is owed.
    private func settle(_ node: TestNode) async throws {
        var size = node.sequencer.ledger.newest.size
        while true {
            await node.sequencer.requestTick()
            let grown = await node.sequencer.ledger.growth(beyond: size, within: .seconds(2))
            guard let grown, grown > size else { return }
            size = grown
        }
    }

    private func kinds(_ node: TestNode, _ device: TestDevice) async throws -> [EntryKind] {
        try await node.verifiedChain(.account(device.account), as: device).map(\.body.kind)
    }

    @Test func `keys go when the authorization runs out, and ciphertext at its date`() async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let id = builder.authorization(of: ada.account)
            #expect(try !node.database.wraps(of: id, for: sponsor.account).isEmpty)
            node.clock.advance(milliseconds: 366 * 86_400_000)
            try await settle(node)
            #expect(try node.database.wraps(of: id, for: sponsor.account).isEmpty)
            #expect(try node.records.size(of: Hash.of([1, 2, 3])) != nil)
            node.clock.advance(milliseconds: 40 * 86_400_000)
            try await settle(node)
            #expect(try node.records.size(of: Hash.of([1, 2, 3])) == nil)
            let kinds = try await kinds(node, ada)
            #expect(kinds.contains(.authorizationExpired))
            #expect(kinds.last == .recordsErased)
        }
    }

    @Test func `keys of a record go at its date, also where a later version goes on`() async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            var next = builder.terms
            next.major = 2
            next.useUntil = next.useUntil.adding(milliseconds: 365 * 86_400_000)
            next.eraseAt = next.eraseAt.adding(milliseconds: 365 * 86_400_000)
            try await node.accept(
                try sponsor.entry(
                    .projectAmended(.init(terms: next, graceMilliseconds: 86_400_000))))
            try await node.accept(try ada.entry(builder.grant(terms: next)))
            let id = AuthorizationID(account: ada.account, project: builder.project, major: 2)
            let key = WrappedKey(authorization: id, recipient: sponsor.account, wrapped: [9])
            let keys = NodeCall.storeKeys(of: Hash.of([1, 2, 3]), WrapUpload([key]))
            #expect(try await node.send(keys, as: ada).status == 204)
            node.clock.advance(milliseconds: 401 * 86_400_000)
            try await settle(node)
            #expect(try node.records.size(of: Hash.of([1, 2, 3])) == nil)
            #expect(try node.database.wraps(of: id, for: sponsor.account).isEmpty)
            // What was on its way meanwhile comes too late.
            let isTaken = try await node.sequencer.storeKeys(
                WrapUpload([key]), of: Hash.of([1, 2, 3]), owner: ada.account, device: ada.id)
            #expect(!isTaken)
        }
    }

    @Test func `keys go when the grace after a new version is over`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            var next = builder.terms
            next.major = 2
            try await node.accept(
                try sponsor.entry(
                    .projectAmended(.init(terms: next, graceMilliseconds: 86_400_000))))
            let id = builder.authorization(of: ada.account)
            #expect(try !node.database.wraps(of: id, for: sponsor.account).isEmpty)
            node.clock.advance(milliseconds: 86_400_000)
            try await settle(node)
            #expect(try node.database.wraps(of: id, for: sponsor.account).isEmpty)
            #expect(try await kinds(node, ada).contains(.authorizationExpired))
        }
    }

    @Test func `keys go when the project is closed, and its escrow goes back`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            try await node.accept(try sponsor.entry(.projectClosed(builder.project)))
            let wraps = try node.database.wraps(
                of: builder.authorization(of: ada.account), for: sponsor.account)
            #expect(wraps.isEmpty)
            node.clock.advance(milliseconds: 8 * 86_400_000)
            try await settle(node)
            let catalogue = try await node.verifiedChain(.catalogue, as: nil).map(\.body.kind)
            #expect(catalogue.last == .escrowReleased)
        }
    }

    @Test func `a revocation with erasure says what was destroyed, and the recipient attests`()
        async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, contribution) = try await node.takePart(
                "ada", builder, &sponsor, content: [1, 2, 3])
            try await node.accept(try ada.entry(builder.revoke(.stopAndErase)))
            let chain = try await node.verifiedChain(.account(ada.account), as: ada)
            #expect(
                chain.last?.body
                    == .recordsErased(
                        .init(project: builder.project, contributions: [contribution])))
            let entries = try node.database.entries(
                of: .account(ada.account), after: 0, below: 1_000, limit: 100)
            let erasure = try #require(entries.last?.entry.id)
            try await node.accept(
                try sponsor.entry(
                    .erasureAttested(.init(project: builder.project, erasure: erasure)),
                    about: ada.account))
        }
    }

    @Test(arguments: [true, false])
    func `who could read under an older version is told to erase, and attests`(
        isAgreedAnew: Bool
    ) async throws {
        try await withNode { node in
            var (partner, sponsor, builder) = try await node.partners()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            var next = builder.terms
            next.major = 2
            next.recipients = [sponsor.account]
            try await node.accept(
                try sponsor.entry(
                    .projectAmended(.init(terms: next, graceMilliseconds: 86_400_000))))
            var cy = try await node.member("cy")
            try await node.accept(
                try cy.entry(.signupJoined(.init(project: builder.project, major: 2, minor: 0))))
            if isAgreedAnew { try await node.accept(try ada.entry(builder.grant(terms: next))) }
            try await node.accept(
                try ada.entry(
                    .authorizationRevoked(
                        .init(
                            project: builder.project, major: isAgreedAnew ? 2 : 1,
                            mode: .stopAndErase))))

            // It reads what concerns who named it, in pages of any length, and nothing of others.
            let page = try EntryPage(
                body: try await node.send(.projectsPage(after: nil, at: nil), as: partner).body)
            let one = NodeCall.projectPage(builder.project, after: nil, at: nil)
            #expect(try EntryPage(body: try await node.send(one, as: partner).body) == page)
            var single = [PagedEntry]()
            for _ in page.entries {
                let call = NodeCall.projectsPage(after: single.last?.index, at: nil, limit: 1)
                single += try EntryPage(body: try await node.send(call, as: partner).body).entries
            }
            #expect(single == page.entries)
            let entries = page.entries.map { Entry(bytes: $0.entry) }
            let accounts = Set(try entries.map { try $0.payload().account })
            #expect(accounts == [sponsor.account, ada.account])
            let whole = try EntryPage(body: try await node.send(one, as: sponsor).body)
            #expect(whole.entries.count == page.entries.count + 1)

            let erasure = try #require(
                try entries.last { try $0.payload().body.kind == .recordsErased })
            try await node.accept(
                try partner.entry(
                    .erasureAttested(.init(project: builder.project, erasure: erasure.id)),
                    about: ada.account))
            try await node.accept(
                try sponsor.entry(
                    .erasureAttested(.init(project: builder.project, erasure: erasure.id)),
                    about: ada.account))
        }
    }

    @Test func `who is named no more since a member agreed anew is told to erase, and attests`()
        async throws
    {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            var (partner, sponsor, builder) = try await node.partners()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let grant = try #require(
                try node.database.entries(
                    of: .account(ada.account), after: 0, below: 1_000, limit: 100
                ).last { try $0.entry.payload().body.kind == .authorizationGranted })
            try await node.accept(
                try ada.entry(
                    builder.grant(cites: grant.entry.id, recipients: [sponsor.account])))
            var next = builder.terms
            next.major = 2
            next.recipients = [sponsor.account]
            try await node.accept(
                try sponsor.entry(
                    .projectAmended(.init(terms: next, graceMilliseconds: 86_400_000))))
            try await node.accept(try ada.entry(builder.revoke(.stopAndErase)))

            let call = NodeCall.projectPage(builder.project, after: nil, at: nil)
            let page = try EntryPage(body: try await node.send(call, as: partner).body)
            try await node.stop()
            node = try await TestNode(folder: folder, clock: node.clock)
            let again = try await node.send(call, as: partner)
            #expect(again.status == 200)
            let entries = try EntryPage(body: again.body).entries
            #expect(entries.map(\.index) == page.entries.map(\.index))

            let erasure = try #require(
                try page.entries.map { Entry(bytes: $0.entry) }
                    .last { try $0.payload().body.kind == .recordsErased })
            try await node.accept(
                try partner.entry(
                    .erasureAttested(.init(project: builder.project, erasure: erasure.id)),
                    about: ada.account))
            try await node.stop()
        }
    }

    @Test func `who was dropped, named again and dropped reads what concerns all who named it`()
        async throws
    {
        try await withNode { node in
            var (partner, sponsor, builder) = try await node.partners()
            let (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            var cy = try await node.member("cy")
            var bo = try await node.member("bo")
            var terms = builder.terms
            for major in Int64(2)...4 {
                terms.major = major
                terms.recipients =
                    major == 3 ? builder.terms.recipients : [sponsor.account]
                try await node.accept(
                    try sponsor.entry(
                        .projectAmended(.init(terms: terms, graceMilliseconds: 86_400_000))))
                if major == 3 {
                    try await node.accept(
                        try cy.entry(
                            .signupJoined(
                                .init(project: builder.project, major: major, minor: 0))))
                    try await node.accept(try cy.entry(builder.grant(terms: terms)))
                }
                let accounts = try await accountsRead(by: partner, about: builder.project, node)
                let named = major == 2 ? [ada.account] : [ada.account, cy.account]
                #expect(accounts == Set(named + [sponsor.account]), "version \(major)")
            }
            try await node.accept(
                try bo.entry(.signupJoined(.init(project: builder.project, major: 4, minor: 0))))
            let accounts = try await accountsRead(by: partner, about: builder.project, node)
            #expect(accounts == [sponsor.account, ada.account, cy.account])
        }
    }

    /// Whom the entries about a project concern that an institution reads.
    private func accountsRead(
        by device: TestDevice, about project: ProjectID, _ node: TestNode
    ) async throws -> Set<AccountID> {
        let call = NodeCall.projectPage(project, after: nil, at: nil)
        let page = try EntryPage(body: try await node.send(call, as: device).body)
        return Set(try page.entries.map { try Entry(bytes: $0.entry).payload().account })
    }

    @Test func `an instant reward is handed over in the commit that reserves it`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let reward = try #require(RewardID("fund"))
            let offered = RewardOffered(
                reward: reward, title: LocalizedText(english: "Fund"), price: Points(30),
                units: 5, isInstant: true)
            guard case .done = try await node.order(.state(nil, .rewardOffered(offered))) else {
                Issue.record("the offer was refused")
                return
            }
            node.clock.advance(milliseconds: 8 * 86_400_000)
            try await settle(node)
            try await node.accept(
                try ada.entry(.pointsReserved(.init(reward: reward, points: Points(30)))))
            #expect(try await kinds(node, ada).suffix(2) == [.pointsReserved, .pointsRedeemed])
        }
    }

    @Test func `a reservation nobody answers comes back after 72 hours`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let reward = try #require(RewardID("tea"))
            let offered = RewardOffered(
                reward: reward, title: LocalizedText(english: "Tea"), price: Points(30),
                units: 5, isInstant: false)
            _ = try await node.order(.state(nil, .rewardOffered(offered)))
            node.clock.advance(milliseconds: 8 * 86_400_000)
            try await settle(node)
            try await node.accept(
                try ada.entry(.pointsReserved(.init(reward: reward, points: Points(30)))))
            node.clock.advance(milliseconds: PointsTimes.reservation)
            try await settle(node)
            #expect(try await kinds(node, ada).suffix(2) == [.pointsReserved, .pointsReleased])
        }
    }

    @Test func `what comes back as its lot runs out runs out with it, and no rule is broken`()
        async throws
    {
        let log = LogTrap()
        try await withNode(logger: Logger(label: "test") { _ in log }) { node in
            let day: Int64 = 86_400_000
            var (sponsor, builder) = try await node.sponsor()
            let ruled = ProgrammeRuled(
                programme: .staffPlan, version: 1, lifetimeMilliseconds: 60 * day)
            _ = try await node.order(.state(nil, .programmeRuled(ruled)))
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let reward = try #require(RewardID("tea"))
            let offered = RewardOffered(
                reward: reward, title: LocalizedText(english: "Tea"), price: Points(30),
                units: 5, isInstant: false)
            _ = try await node.order(.state(nil, .rewardOffered(offered)))
            // The points come on day 8 and run out on day 68, of which they are told on day 38.
            for days in [8, 30] as [Int64] {
                node.clock.advance(milliseconds: days * day)
                try await settle(node)
            }
            node.clock.advance(milliseconds: 29 * day)
            try await node.accept(
                try ada.entry(.pointsReserved(.init(reward: reward, points: Points(30)))))
            node.clock.advance(milliseconds: PointsTimes.reservation)
            try await settle(node)
            let last = try await node.verifiedChain(.account(ada.account), as: ada).suffix(2)
            #expect(last.first?.body.kind == .pointsReleased)
            guard case .pointsExpired(let expired)? = last.last?.body else {
                Issue.record("\(last.map(\.body.kind))")
                return
            }
            #expect(expired.points == Points(50))
        }
        #expect(!log.text.contains("the ledger refuses what its rules owe"), "\(log.text)")
    }

    @Test func `a stranger's own chain does not tell who is a member`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            let ada = try await node.member("ada")
            let bo = try await node.member("bo")
            let nobody = try TestDevice("nobody")
            let before = try await kinds(node, bo)
            let answers = [
                try await node.use(builder, of: ada.account, as: bo),
                try await node.use(builder, of: nobody.account, as: bo),
            ]
            #expect(Set(answers.map(\.status)) == [403])
            #expect(Set(answers.map(\.problem?.denial)) == [.recipientNotNamed])
            #expect(try await kinds(node, bo) == before)
        }
    }

    @Test(arguments: [RevocationMode.stop, .stopAndErase])
    func `no file of the node has what a revocation destroys, and proofs still verify`(
        mode: RevocationMode
    ) async throws {
        try await withNode { node in
            let wrap = Array("canary of a wrapped key \(UUID())".utf8)
            let content = Array("canary of a sealed record \(UUID())".utf8)
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart(
                "ada", builder, &sponsor, content: content, wrapped: wrap)
            #expect(!FileManager.default.files(below: node.folder, with: wrap).isEmpty)
            #expect(!FileManager.default.files(below: node.folder, with: content).isEmpty)
            let older = node.folder.deletingLastPathComponent().appending(
                path: "copy-\(UUID()).sqlite")
            defer { try? FileManager.default.removeItem(at: older) }
            // One was begun before and interrupted.
            let draft = older.path + ".unfinished"
            try Data(wrap).write(to: URL(filePath: draft))
            try node.database.writeCopy(to: older.path, withKeys: false)
            #expect(!FileManager.default.fileExists(atPath: draft))
            #expect(try Data(contentsOf: older).range(of: Data(wrap)) == nil)
            try await node.accept(try ada.entry(builder.revoke(mode)))
            #expect(FileManager.default.files(below: node.folder, with: wrap).isEmpty)
            let isErased = mode == .stopAndErase
            #expect(
                FileManager.default.files(below: node.folder, with: content).isEmpty == isErased)
            // Everything that was signed still stands in the tree.
            _ = try await node.verifiedChain(.account(ada.account), as: ada)
            _ = try await LedgerCheck(
                store: node.database, logKey: node.keys.log.verifierKey
            ).run()
        }
    }

    @Test func `a copy that cannot get its name leaves nothing`() async throws {
        try await withNode { node in
            let taken = node.folder.path
            #expect(throws: NodeFolder.Failure.self) {
                try node.database.writeCopy(to: taken, withKeys: true)
            }
            #expect(!FileManager.default.fileExists(atPath: taken + ".unfinished"))
        }
    }

    @Test func `who does not attest in time is on the list, and off it once it does`()
        async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            try await node.accept(try ada.entry(builder.revoke(.stopAndErase)))
            // As `accord-node overdue` asks.
            func overdue(at time: Timestamp) async throws -> [Erasure] {
                try await LedgerReplay(
                    store: node.database, logKey: node.keys.log.verifierKey, depth: .hashes,
                    snapshots: NodeFolder(path: node.folder.path).snapshots
                ).state.overdueAttestations(at: time)
            }
            let now = node.clock.now()
            #expect(try await overdue(at: now).isEmpty)
            let later = now.adding(milliseconds: LedgerState.attestationTime)
            let late = try await overdue(at: later)
            #expect(late.map(\.waiting) == [[sponsor.account]])
            let erasure = try #require(late.first?.entry)
            try await node.accept(
                try sponsor.entry(
                    .erasureAttested(.init(project: builder.project, erasure: erasure)),
                    about: ada.account))
            #expect(try await overdue(at: later).isEmpty)
        }
    }
}
