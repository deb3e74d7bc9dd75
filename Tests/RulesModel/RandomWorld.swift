internal import LedgerCore

/// People, projects and rewards of a random ledger, and entries somebody in it might sign.
///
/// Most entries have a chance: they name what is there. The rest are wrong in one thing.
struct RandomWorld {
    struct Signer {
        let keys: DeviceKeys
        let account: AccountID
        var sequence: Int64 = 0

        init(_ number: UInt8, account: AccountID? = nil) {
            keys = DeviceKeys(
                signing: [UInt8](repeating: number, count: 32),
                wrapping: [UInt8](repeating: number, count: 32))
            self.account = account ?? AccountID(firstDevice: keys.device)
        }
    }

    var numbers: SeededNumbers
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    var node = Signer(1)
    /// Two sponsors, one of them foreign, two officers, an ethics board, a regulator.
    var institutions = (2...7).map { Signer(UInt8($0)) }
    /// Three members, a second device of the first, a ward's guardian, the ward's own device, and
    /// another device of the guardian.
    var members: [Signer]
    let projects = ["p0", "p1", "p2"].compactMap { ProjectID($0) }
    let rewards = ["r0", "r1"].compactMap { RewardID($0) }
    let diseases = ["MONDO:1", "MONDO:2"].compactMap { DiseaseTerm($0) }
    /// What was offered before, refused or not: entries to replay and ids to name.
    var history: [(payload: EntryPayload, id: Hash)] = []
    /// More members than sign here.
    var people: [AccountID] = []
    /// Terms a board endorsed.
    var pending: [ProjectTerms] = []
    var serial: UInt64

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
        serial = seed << 20
        members = (10...12).map { Signer(UInt8($0)) }
        members.append(Signer(13, account: members[0].account))
        members.append(Signer(14))
        members.append(Signer(15, account: members[4].account))
        members.append(Signer(16, account: members[4].account))
    }

    /// The entries every ledger starts with: who takes part, and some points.
    mutating func opening() -> [EntryPayload] {
        let name = LocalizedText(english: "x")
        let roles: [[InstitutionRole]] = [
            [.sponsor], [.sponsor], [.officer], [.officer], [.ethics], [.regulator],
        ]
        var opening = [
            sign(
                .institutionAdmitted(.init(name: name, keys: node.keys, roles: [.operator])),
                by: \.node)
        ]
        let hasBoard = numbers.once(in: 2)
        for (index, roles) in roles.enumerated() where roles != [.ethics] || hasBoard {
            let keys = institutions[index].keys
            let admitted = InstitutionAdmitted(
                name: name, keys: keys, roles: roles, region: index == 1 ? "GB" : "")
            opening.append(
                sign(
                    .institutionAdmitted(admitted), by: \.node, about: institutions[index].account))
        }
        for index in 0..<3 {
            opening.append(sign(.memberEnrolled(members[index].keys), by: \.members[index]))
        }
        opening.append(sign(.deviceAdded(members[3].keys), by: \.members[0]))
        for index in 0..<2 {
            opening.append(
                sign(.budgetFunded(Points(3_000)), by: \.node, about: institutions[index].account))
        }
        for index in 0..<2 {
            opening.append(
                sign(.projectPublished(terms(projects[index])), by: \.institutions[index]))
            opening.append(
                sign(
                    .escrowPlaced(.init(project: projects[index], points: Points(1_500))),
                    by: \.institutions[index]))
        }
        opening.append(sign(.rewardOffered(offer(rewards[0])), by: \.node))
        return opening
    }

    mutating func sign(
        _ body: EntryBody, by signer: WritableKeyPath<RandomWorld, Signer>,
        about account: AccountID? = nil
    ) -> EntryPayload {
        self[keyPath: signer].sequence += 1
        let who = self[keyPath: signer]
        return EntryPayload(
            account: account ?? who.account, audience: "random", device: who.keys.device,
            sequence: who.sequence, previous: .zero, issuedAt: now, body: body)
    }

    /// A fresh id.
    mutating func nextEntry() -> Entry {
        serial += 1
        return Entry(bytes: withUnsafeBytes(of: serial) { Array($0) })
    }

    mutating func terms(_ project: ProjectID, change old: ProjectTerms? = nil) -> ProjectTerms {
        let base = now.milliseconds
        let isSecond = project == projects[1]
        var terms = ProjectTerms(
            project: project, programme: isSecond ? .rareDisease : .staffPlan,
            title: LocalizedText(english: "x"), why: LocalizedText(english: "y"),
            recipients: [institutions[0].account, institutions[1].account],
            kinds: [
                .init(.genomic, isRequired: isSecond), .init(.clinical, isRequired: !isSecond),
                .init(.wearable, isRequired: false),
            ],
            purposes: isSecond ? [.diseaseSpecific, .healthResearch] : [.healthResearch],
            limits: isSecond ? [.returnResults] : [],
            collectionFrom: Timestamp(milliseconds: 1_000),
            collectionUntil: Timestamp(milliseconds: 9_000),
            useUntil: Timestamp(milliseconds: base + Int64(120 + numbers.below(780)) * 86_400_000),
            eraseAt: Timestamp(milliseconds: base + 1_000 * 86_400_000), seats: isSecond ? 2 : 0,
            reward: RewardRule(
                perContribution: Points(100), perUse: Points(30), useCap: Points(70),
                memberCap: Points(300), qualityWindowMilliseconds: isSecond ? 864_000_000 : 1_000),
            diseases: isSecond ? [diseases[0]] : [],
            links: numbers.once(in: 2) ? projects.filter { $0 != project } : [],
            ofAge: isSecond ? 16 : 18,
            returns: isSecond ? [] : [.actionable, .measurement, .summary],
            lapse: isSecond ? .stopAndErase : .stop)
        guard let old else { return terms }
        terms.major = old.major
        terms.minor = old.minor + 1
        if numbers.once(in: 2) {
            terms.major = old.major + 1
            terms.minor = 0
            if numbers.once(in: 3) { terms.ofAge = 17 }
            if numbers.once(in: 3) { terms.returns = [.summary] }
            if numbers.once(in: 3) { terms.lapse = .stopAndKeepAnonymised }
        } else if !numbers.once(in: 4) {
            terms.useUntil = old.useUntil
            terms.eraseAt = old.eraseAt
            terms.links = old.links
        }
        return terms
    }

    mutating func offer(_ reward: RewardID) -> RewardOffered {
        RewardOffered(
            reward: reward, title: LocalizedText(english: "x"),
            price: Points(Int64(40 + 10 * numbers.below(3))), units: Int64(numbers.below(3)),
            isInstant: numbers.once(in: 3))
    }

    /// An id of an entry of a kind, mostly one that exists.
    mutating func id(_ kinds: EntryKind...) -> Hash {
        let found = history.filter { kinds.contains($0.payload.body.kind) }
        guard !numbers.once(in: 25), let latest = found.last else { return .zero }
        return numbers.once(in: 3) ? latest.id : numbers.pick(found)?.id ?? .zero
    }

    /// A project, mostly one of the two that are published.
    mutating func anyProject() -> ProjectID {
        numbers.once(in: 15) ? projects[2] : projects[numbers.below(2)]
    }

    func owner(_ id: Hash) -> AccountID? {
        history.last { $0.id == id }?.payload.account
    }

    /// Everybody who can take part.
    var takers: [AccountID] { [0, 1, 2, 4].map { members[$0].account } }

    /// Lets some time go by: mostly very little.
    mutating func wait() {
        let day: Int64 = 86_400_000
        let steps: [Int64] = [
            0, 0, 0, 0, 0, 1, 400, 400, 1_000, 1_000, 60_000, day, 3 * day, 7 * day,
        ]
        var step = numbers.once(in: 2) ? 0 : numbers.pick(steps) ?? 0
        if numbers.once(in: 90) { step = 31 * day }
        if numbers.once(in: 900) { step = 701 * day }
        now = now.adding(milliseconds: step)
    }
}
