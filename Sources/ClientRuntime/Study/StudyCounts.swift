package import LedgerCore

/// How many people take part in a project, told so that nobody can be found in the numbers.
package struct StudyCounts: Equatable, Sendable {
    /// Who is counted.
    package enum Group: Hashable, Comparable, Sendable {
        /// Members who take part.
        case signedUp
        /// Members whose contribution was recorded, whatever became of it.
        case contributed
        /// Members whose authorization is in force.
        case authorized
        /// Those of them who let a kind of data be used.
        case kind(RecordKind)
    }

    private var changes: [Group: [CohortChange]] = [:]

    /// Follows the entries of a project, in order.
    package init(_ entries: [StudyEntry]) {
        var members: [AccountID: StudyMember] = [:]
        for entry in entries {
            let person = entry.payload.account
            let before = members[person, default: StudyMember()]
            var after = before
            after.note(entry)
            members[person] = after
            for group in before.groups.symmetricDifference(after.groups) {
                changes[group, default: []].append(
                    CohortChange(
                        person: person, at: entry.at, isCounted: after.groups.contains(group)))
            }
        }
    }

    /// What may be told about a group at a moment: a multiple of the rule's `k`, `nil` for fewer.
    package func told(_ group: Group, by rule: CohortCounting, at now: Timestamp) -> Int64? {
        rule.told(changes[group] ?? [], at: now)
    }
}

/// One member of a project, as its entries tell.
package struct StudyMember: Equatable, Sendable {
    private var isSignedUp = false
    private var hasContributed = false
    private var isPaused = false
    /// The grant in force, if there is one; whether it ran out only the node knows for sure.
    package private(set) var grant: Hash?
    private var major: Int64 = 0
    private var terms: AuthorizationGranted?

    /// Makes somebody of whom nothing is known.
    package init() {}

    /// Whether data may flow as far as the entries tell.
    package var isAuthorized: Bool { grant != nil && !isPaused }

    /// Whether an institution may use a record for a purpose, as far as the entries tell.
    package func allows(
        _ statement: RecordContributed, to user: AccountID, for purpose: UsePurpose
    ) -> Bool {
        guard isAuthorized, let terms else { return false }
        return terms.covers(statement) && terms.recipients.contains(user)
            && terms.denial(of: purpose) == nil
    }

    var groups: Set<StudyCounts.Group> {
        var groups = Set<StudyCounts.Group>()
        if isSignedUp { groups.insert(.signedUp) }
        if hasContributed { groups.insert(.contributed) }
        if isAuthorized {
            groups.insert(.authorized)
            groups.formUnion((terms?.kinds ?? []).map(StudyCounts.Group.kind))
        }
        return groups
    }

    /// Takes the next entry of the member's account about the project.
    package mutating func note(_ entry: StudyEntry) {
        switch entry.payload.body {
        case .signupJoined: isSignedUp = true
        case .signupLeft:
            isSignedUp = false
            grant = nil
        case .authorizationGranted(let granted):
            isPaused = isPaused && grant != nil
            grant = entry.id
            major = granted.major
            terms = granted
        // Whatever version a pause or a revocation names, it stops the newest one that was granted.
        case .authorizationPaused: isPaused = true
        case .authorizationResumed(let subject) where subject.major == major: isPaused = false
        case .authorizationRevoked: end(major...major)
        // What ends an earlier version says nothing of the one that replaced it.
        case .authorizationExpired(let subject): end(subject.major...subject.major)
        case .authorizationInvalidated(let invalidated):
            end(invalidated.major...invalidated.major)
        case .authorizationLapsed(let lapsed): end(lapsed.major...lapsed.major)
        case .recordContributed: hasContributed = true
        default: break
        }
    }

    private mutating func end(_ majors: some RangeExpression<Int64>) {
        guard majors.contains(major) else { return }
        grant = nil
        isPaused = false
    }
}
