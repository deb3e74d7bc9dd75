import LedgerCore
import NodeAPI
import Synchronization

/// From the answer that a revocation is in the ledger to the answer that a use is denied.
///
/// The check and the log entry of a use are one transaction after the revocation's, so no use may be
/// allowed in between: that is counted, too. The load is other members who join and leave, in
/// batches, as fast as the node takes them.
enum RevokeFigures {
    /// How many revoke alone, and as many again under load.
    private static let memberCount = 100
    private static let loadCount = 8

    static func measure(in scratch: ScratchFolder) async throws -> [Figure] {
        let node = try await BenchNode(folder: scratch.file("revoke-node"))
        var sponsor = try Signer(2)
        try await node.admit(sponsor, name: "Study")
        let terms = try BenchLedger.terms(1, by: sponsor.account)
        try await node.record([
            try sponsor.sign(.projectPublished(terms), origin: BenchLedger.origin)
        ]
        )
        let connection = try LoopbackConnection(port: node.port)
        var members = [Signer]()
        for number in 0..<2 * memberCount {
            var member = try Signer(UInt32(1_000 + number))
            try await takePart(&member, number, in: terms, of: &sponsor, node, connection)
            members.append(member)
        }
        var load = [Signer]()
        for number in 0..<loadCount {
            var member = try Signer(UInt32(100 + number))
            try await node.enrol(&member)
            load.append(member)
        }
        let study = Study(signer: sponsor, project: terms.project)
        let alone = try await study.revocations(of: Array(members[..<memberCount]), at: node.port)
        let flag = Flag()
        let crowd = load
        async let sent = Threads.run(loadCount) { number in
            try keepBusy(crowd[number], terms.project, at: node.port, until: flag)
        }
        let start = ContinuousClock.now
        let loaded = try await study.revocations(of: Array(members[memberCount...]), at: node.port)
        let seconds = (ContinuousClock.now - start).seconds
        flag.raise()
        let entryCount = try await sent.reduce(0, +)
        try await node.stop()
        let allowed = alone.allowed + loaded.allowed
        return [0.5, 0.99].map { share in
            Figure(
                "revoke: in the ledger to the next use denied, under load, p\(Int(share * 100))",
                PairedRounds(
                    values: [loaded.milliseconds.percentile(share)],
                    floors: [alone.milliseconds.percentile(share)]), "ms", floor: "alone"
            ).judged("≤ 1,000 ms", loaded.milliseconds.percentile(share) <= 1_000)
        } + [
            Figure("revoke: uses allowed after it", Double(allowed), "").wanting(atMost: 0),
            Figure(
                "revoke: what the load was", Double(entryCount) / seconds, "entries/s"),
        ]
    }

    /// A member who joins, hands a record over, authorizes and is accepted.
    private static func takePart(
        _ member: inout Signer, _ number: Int, in terms: ProjectTerms, of sponsor: inout Signer,
        _ node: BenchNode, _ connection: LoopbackConnection
    ) async throws {
        try await node.enrol(&member)
        let sealed = Array("record \(number)".utf8)
        let record = Hash.of(sealed)
        let size = Int64(sealed.count)
        let upload = NodeCall.uploadRecord(record, offset: 0, length: size, bytes: sealed)
        _ = try connection.answer(to: connection.request(upload, by: member))
        let joined = try member.sign(
            .signupJoined(SignupJoined(project: terms.project, major: 1, minor: 0)),
            origin: BenchLedger.origin)
        let contributed = try member.sign(
            .recordContributed(
                RecordContributed(
                    project: terms.project, record: record,
                    commitment: Hash.of(label: "bench\n", record.bytes), kind: .wearable, rows: 30,
                    from: BenchLedger.start.adding(milliseconds: -86_400_000),
                    until: BenchLedger.start, sizeBytes: size)), origin: BenchLedger.origin)
        let granted = try member.sign(BenchLedger.grant(of: terms), origin: BenchLedger.origin)
        try await node.record([joined, contributed, granted])
        let keys = NodeCall.storeKeys(
            of: record,
            WrapUpload([
                WrappedKey(
                    authorization: AuthorizationID(
                        account: member.account, project: terms.project, major: 1),
                    recipient: sponsor.account, wrapped: [1, 2, 3])
            ]))
        let stored = try connection.exchange(connection.request(keys, by: member))
        guard stored.status == 204 else { throw BenchFailure("the keys were not stored") }
        let accepted = ContributionReviewed(project: terms.project, contribution: contributed.id)
        try await node.record([
            try sponsor.sign(
                .contributionAccepted(accepted), for: member.account, origin: BenchLedger.origin)
        ])
    }

    /// Joins and leaves, eight entries at a time; how many were recorded.
    private static func keepBusy(
        _ member: Signer, _ project: ProjectID, at port: Int, until flag: Flag
    ) throws -> Int {
        var member = member
        let connection = try LoopbackConnection(port: port)
        var count = 0
        while !flag.isRaised {
            let entries = try (0..<8).map { _ in
                try BenchLedger.nextTurn(of: &member, in: project, origin: BenchLedger.origin)
            }
            _ = try connection.answer(to: connection.request(.submit(EntrySubmission(entries))))
            count += entries.count
        }
        return count
    }

    /// Ends the load.
    private final class Flag: Sendable {
        private let state = Atomic<Bool>(false)

        var isRaised: Bool { state.load(ordering: .relaxed) }

        func raise() { state.store(true, ordering: .relaxed) }
    }

    /// Who uses the records of members, again and again.
    private struct Study: Sendable {
        let signer: Signer
        let project: ProjectID

        /// Has each member revoke, and asks until it is denied.
        ///
        /// - Returns: the milliseconds of each, and how many uses were allowed after a revocation.
        func revocations(of members: [Signer], at port: Int) async throws
            -> (milliseconds: [Double], allowed: Int)
        {
            let parts = try await Threads.run(1) { _ in
                let person = try LoopbackConnection(port: port)
                let team = try LoopbackConnection(port: port)
                var milliseconds = [Double]()
                var allowed = 0
                for var member in members {
                    guard try use(of: member, through: team) else {
                        throw BenchFailure("a use was denied before the revocation")
                    }
                    let revoked = try member.sign(
                        .authorizationRevoked(.init(project: project, major: 1, mode: .stop)),
                        origin: BenchLedger.origin)
                    let answer = try person.answer(
                        to: person.request(.submit(EntrySubmission([revoked]))))
                    guard case .accepted? = try VerdictList(body: answer).verdicts.first else {
                        throw BenchFailure("a revocation was not accepted")
                    }
                    let start = ContinuousClock.now
                    while try use(of: member, through: team) { allowed += 1 }
                    milliseconds.append((ContinuousClock.now - start).seconds * 1000)
                }
                return (milliseconds, allowed)
            }
            return parts[0]
        }

        /// Asks for a member's records; whether they may be used.
        private func use(of member: Signer, through connection: LoopbackConnection) throws -> Bool {
            let query = UseQuery(
                project: project, subject: member.account,
                purpose: .research(.healthResearch))
            let answer = try connection.exchange(connection.request(.use(query), by: signer))
            switch answer.status {
            case 200: return true
            case 403:
                let problem = try Problem(body: answer.body)
                guard problem.code == .useDenied else {
                    throw BenchFailure("unexpected: \(problem)")
                }
                return false
            default:
                throw BenchFailure(
                    "unexpected: \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
            }
        }
    }
}
