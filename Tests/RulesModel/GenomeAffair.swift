package import LedgerCore

/// The affair of 140,000 people's genomes as a ledger: everybody agreed, the recipient is foreign,
/// and the authorities were not asked.
package struct GenomeAffair {
    /// How many people's genomes were given out.
    package struct Outcome: Equatable, Sendable {
        package var unasked = 0
        package var approved = 0
        package var reviewed = 0

        package init(unasked: Int = 0, approved: Int = 0, reviewed: Int = 0) {
            self.unasked = unasked
            self.approved = approved
            self.reviewed = reviewed
        }
    }

    private var world = RandomWorld(seed: 0)
    /// What its entries add up to so far.
    package private(set) var state = LedgerState()
    private let project: ProjectID

    package init?(people: Int) throws(EntryRejection) {
        guard let project = ProjectID("ncwg") else { return nil }
        self.project = project
        for payload in world.opening() { try apply(payload) }
        var terms = world.terms(project)
        terms.recipients = [world.institutions[1].account]
        terms.kinds = [.init(.genomic, isRequired: true)]
        terms.seats = 0
        try apply(world.sign(.projectPublished(terms), by: \.institutions[0]))
        for number in 0..<people { try join(number, terms) }
    }

    private mutating func apply(_ payload: EntryPayload) throws(EntryRejection) {
        try state.apply(EntryVerifier.assume(payload, as: world.nextEntry()), at: world.now)
    }

    private mutating func join(_ number: Int, _ terms: ProjectTerms) throws(EntryRejection) {
        let bytes = withUnsafeBytes(of: number) { Array($0) }
        let keys = DeviceKeys(signing: bytes, wrapping: bytes)
        let account = AccountID(firstDevice: keys.device)
        let bodies: [EntryBody] = [
            .memberEnrolled(keys),
            .signupJoined(.init(project: project, major: 1, minor: 0)),
            .recordContributed(
                .init(
                    project: project, record: Hash.of(bytes), commitment: Hash.of(bytes + [1]),
                    kind: .genomic, rows: 1, from: Timestamp(milliseconds: 2_000),
                    until: Timestamp(milliseconds: 2_000), sizeBytes: 1)),
            .authorizationGranted(
                .init(
                    project: project, major: 1, minor: 0, terms: terms.hash, language: "zh",
                    kinds: [.genomic], purposes: terms.purposes, recipients: terms.recipients,
                    collectionFrom: terms.collectionFrom, collectionUntil: terms.collectionUntil,
                    until: terms.useUntil, eraseAt: terms.eraseAt, cites: .zero, observedSize: 0,
                    observedRoot: .zero, links: terms.links)),
        ]
        for (index, body) in bodies.enumerated() {
            try apply(
                EntryPayload(
                    account: account, audience: "random", device: keys.device,
                    sequence: Int64(index + 1), previous: .zero, issuedAt: world.now, body: body))
        }
        world.people.append(account)
        let seat = Seat(account: account, project: project)
        guard let contribution = state.contributions(of: seat).first else { return }
        try apply(
            world.sign(
                .contributionAccepted(.init(project: project, contribution: contribution)),
                by: \.institutions[0], about: account))
    }

    /// Asks for everybody's genome: first as it was done, then under an approval, then under a
    /// security review too.
    package mutating func run() throws(EntryRejection) -> Outcome {
        var outcome = Outcome()
        outcome.unasked = try readAll()
        try file(.provision)
        outcome.approved = try readAll()
        try file(.securityReview)
        outcome.reviewed = try readAll()
        return outcome
    }

    private mutating func file(_ kind: ApprovalKind) throws(EntryRejection) {
        let filed = ApprovalFiled(
            project: project, recipient: world.institutions[1].account, kind: kind,
            number: "2026", until: .latest)
        try apply(world.sign(.approvalFiled(filed), by: \.institutions[5]))
    }

    private mutating func readAll() throws(EntryRejection) -> Int {
        var given = 0
        let user = world.institutions[1].account
        for account in world.people {
            let request = UseRequest(
                account: account, project: project, user: user,
                purpose: .research(.healthResearch))
            guard let permission = try? state.judge(request, at: world.now) else { continue }
            try apply(
                world.sign(
                    .useAllowed(
                        .init(
                            project: project, user: user, grant: permission.grant,
                            purpose: request.purpose,
                            contributions: permission.contributions.map(\.entry))), by: \.node,
                    about: account))
            given += 1
        }
        return given
    }
}
