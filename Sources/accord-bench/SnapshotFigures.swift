import LedgerCore
import NodeSequencer

/// A snapshot of a ledger in which every member took part, handed over and earned.
enum SnapshotFigures {
    static func measure(members: Int) throws -> [Figure] {
        Progress.say("a ledger of \(members) members")
        var ledger = Community()
        try ledger.fill(members)
        let signer = try NodeKeys.reproducible(origin: BenchLedger.origin, seed: 1).log
        let snapshot = LedgerSnapshot(
            origin: BenchLedger.origin, size: ledger.count, root: .zero, time: ledger.time,
            state: ledger.state, chains: ledger.chains)
        var bytes = [UInt8]()
        let writing = try Stopwatch.seconds { bytes = try snapshot.signed(by: signer) }
        var read: LedgerSnapshot?
        let reading = try Stopwatch.seconds {
            read = try LedgerSnapshot(verifying: bytes, logKey: signer.verifierKey)
        }
        guard read == snapshot else { throw BenchFailure("a snapshot is read back wrongly") }
        // What is written stays as it is, so the first entries after it are applied to a copy.
        var next = ledger
        let copying = try Stopwatch.seconds { try next.addOne(members) }
        guard next.state != ledger.state else { throw BenchFailure("nothing was added") }
        let name = "snapshot of \(ledger.count) entries"
        return [
            Figure("\(name), written", writing, "s"), Figure("\(name), read", reading, "s"),
            Figure("\(name), size", Double(bytes.count) / 1_048_576, "MiB"),
            Figure("\(name), first entries meanwhile", copying * 1000, "ms"),
        ]
    }
}

/// Entries nobody signed, applied one after another.
private struct Community {
    private(set) var state = LedgerState()
    private(set) var chains: [ChainID: ChainHead] = [:]
    private(set) var count = 0
    private(set) var time = BenchLedger.start
    private var sequences: [DeviceID: Int64] = [:]

    mutating func fill(_ members: Int) throws {
        let (node, sponsor) = (Community.keys(0), Community.keys(1))
        let study = AccountID(firstDevice: sponsor.device)
        let terms = try BenchLedger.terms(1, by: study)
        let name = LocalizedText(english: "x")
        try add(.institutionAdmitted(.init(name: name, keys: node, roles: [.operator])), by: node)
        try add(
            .institutionAdmitted(.init(name: name, keys: sponsor, roles: [.sponsor])), by: node,
            about: study)
        try add(.projectPublished(terms), by: sponsor)
        for number in 0..<members { try addOne(number) }
        time = time.adding(milliseconds: 86_400_000)
        var due = state.dueVestings(at: time)
        while !due.isEmpty {
            for (account, resolved) in due {
                try add(.pointsVested(resolved), by: node, about: account)
            }
            due = state.dueVestings(at: time)
        }
    }

    /// Adds a member and what they earn.
    mutating func addOne(_ number: Int) throws {
        let (node, sponsor) = (Community.keys(0), Community.keys(1))
        let study = AccountID(firstDevice: sponsor.device)
        let terms = try BenchLedger.terms(1, by: study)
        let funds = Points(2_000)
        try add(.budgetFunded(funds), by: node, about: study)
        try add(.escrowPlaced(.init(project: terms.project, points: funds)), by: sponsor)
        try takePart(Community.keys(number + 2), in: terms, sponsor, node)
    }

    private mutating func takePart(
        _ member: DeviceKeys, in terms: ProjectTerms, _ sponsor: DeviceKeys, _ node: DeviceKeys
    ) throws {
        let account = AccountID(firstDevice: member.device)
        try add(.memberEnrolled(member), by: member)
        try add(.signupJoined(.init(project: terms.project, major: 1, minor: 0)), by: member)
        try add(BenchLedger.grant(of: terms), by: member)
        for kind in terms.kinds.map(\.kind) {
            let record = Hash.of(label: "record\n", Array("\(count)".utf8))
            let contributed = RecordContributed(
                project: terms.project, record: record, commitment: Hash.of(record.bytes),
                kind: kind, rows: 30, from: terms.collectionFrom, until: terms.collectionUntil,
                sizeBytes: 10_000)
            let entry = try add(.recordContributed(contributed), by: member)
            let accepted = ContributionReviewed(project: terms.project, contribution: entry)
            let trigger = try add(.contributionAccepted(accepted), by: sponsor, about: account)
            if let (owner, accrued) = state.accrualOwed(for: trigger, at: time) {
                try add(.pointsAccrued(accrued), by: node, about: owner)
            }
        }
    }

    @discardableResult
    private mutating func add(_ body: EntryBody, by keys: DeviceKeys, about: AccountID? = nil)
        throws -> Hash
    {
        let account = about ?? AccountID(firstDevice: keys.device)
        sequences[keys.device, default: 0] += 1
        let payload = EntryPayload(
            account: account, audience: BenchLedger.origin, device: keys.device,
            sequence: sequences[keys.device] ?? 0, previous: .zero, issuedAt: time, body: body)
        let verified = EntryVerifier.assume(payload, as: Entry(bytes: Array("\(count)".utf8)))
        try state.apply(verified, at: time)
        let before = chains[verified.chain] ?? ChainHead()
        chains[verified.chain] = ChainHead(
            sequence: before.sequence + 1,
            head: AccountChain.next(before.head, entryID: verified.id))
        count += 1
        return verified.id
    }

    private static func keys(_ number: Int) -> DeviceKeys {
        let bytes = Hash.of(label: "accord/bench-key/v1\n", Array("\(number)\n".utf8)).bytes
        return DeviceKeys(signing: bytes, wrapping: bytes)
    }
}
