import ClientStore
import Foundation
import LedgerCore
import SyncCore

/// What this machine knows about a member, for documents other programs read.
///
/// Everything here follows from verified entries and the time of asking.
struct ExportFacts {
    /// An entry with its proof.
    struct Kept {
        let receipt: Receipt
        let payload: EntryPayload

        var index: LeafIndex { LeafIndex(receipt.inclusion.leafIndex) }
        var id: Hash { receipt.entry.id }
        var at: Timestamp { receipt.envelope.time }
        /// Whether it stands in the member's chain.
        var isOwn: Bool { !payload.body.kind.isPublic }
    }

    /// A project the member has entries about.
    struct Study {
        let id: ProjectID
        var sponsor: AccountID
        /// Every version, oldest first, and when it was recorded.
        var versions: [(terms: ProjectTerms, at: Timestamp)]
        var closedAt: Timestamp?
        /// When authorizations for versions before the newest one stop to hold, by version.
        var graceEnds: [Int64: Timestamp] = [:]

        /// The terms now.
        var terms: ProjectTerms { versions[versions.count - 1].terms }
    }

    /// An authorization and every decision about it.
    struct Permission {
        let line: AuthorizationLine
        /// The entry of the grant in force, or of the last one.
        let grant: Kept
        /// The terms agreed to; `nil` where the catalogue here does not hold them.
        let terms: ProjectTerms?
        /// Grants, pauses, resumptions, ends, oldest first.
        let decisions: [Kept]
        let grantedAt: Timestamp
    }

    let origin: String
    let logKey: VerifierKey
    let account: AccountID
    /// The time states are told for.
    let time: Timestamp
    /// Where it begins; `nil` for everything.
    let beginning: ExportManifest.Beginning?
    /// Entries by index: the member's own, and what they are about.
    let entries: [Kept]
    let institutions: [AccountID: InstitutionAdmitted]
    let studies: [Study]
    let permissions: [Permission]

    /// Reads them; with `since` what was recorded from then on, and what that is about.
    ///
    /// - Throws: `StoreFailure`.
    init(
        _ store: ClientStore, _ enrolment: Enrolment, at time: Timestamp, since: Timestamp?
    ) throws {
        var entries: [Kept] = []
        for id in try store.entriesToTakeHome() {
            guard let proof = try store.proof(of: id) else { continue }
            let receipt = try Receipt(parsing: Array(proof.receipt.utf8))
            entries.append(Kept(receipt: receipt, payload: try receipt.entry.payload()))
        }
        let part = since.map { ExportFacts.part(of: entries, since: $0) }
        self.init(
            origin: enrolment.origin, logKey: enrolment.logKey, account: enrolment.account,
            time: time, beginning: part?.beginning, entries: part?.entries ?? entries,
            lines: try store.authorizations(at: time))
    }

    /// Puts facts together from verified entries and the authorizations they add up to.
    init(
        origin: String, logKey: VerifierKey, account: AccountID, time: Timestamp,
        beginning: ExportManifest.Beginning?, entries: [Kept], lines: [AuthorizationLine]
    ) {
        self.origin = origin
        self.logKey = logKey
        self.account = account
        self.time = time
        self.beginning = beginning
        self.entries = entries
        institutions = ExportFacts.institutions(entries)
        studies = ExportFacts.studies(entries)
        permissions = ExportFacts.permissions(entries, studies, lines)
    }

    /// The institution that runs the ledger, if its admission is among the entries.
    var custodian: AccountID? {
        institutions.filter { $0.value.roles.contains(.operator) }.keys.min()
    }

    /// Entries of the member's own chain.
    var own: [Kept] { entries.filter(\.isOwn) }

    /// Those of them that are here for themselves, not only because newer ones need them.
    var ownSinceBeginning: [Kept] {
        own.filter { $0.receipt.envelope.chainSequence > beginning?.after ?? 0 }
    }

    /// What is newer than a time, and of what is older what has to be known to understand it: the
    /// devices, the institutions, the projects and what the member decided in them.
    private static func part(of entries: [Kept], since: Timestamp)
        -> (entries: [Kept], beginning: ExportManifest.Beginning)
    {
        let newer = entries.filter { $0.isOwn && $0.at >= since }
        let projects = Set(newer.compactMap(\.payload.body.project))
        let kept = entries.filter { entry in
            let body = entry.payload.body
            if entry.isOwn {
                guard entry.at < since, body.introducedKeys == nil else { return true }
                return body.isDecision && body.project.map(projects.contains) == true
            }
            return body.kind == .institutionAdmitted
                || body.project.map(projects.contains) == true
        }
        let before = entries.last { $0.isOwn && $0.at < since }
        return (
            kept, .init(since: since, after: before?.receipt.envelope.chainSequence ?? 0)
        )
    }

    /// The study with an id.
    func study(_ id: ProjectID) -> Study? { studies.first { $0.id == id } }

    /// When an authorization ends by time alone: as it says, or when the grace after a change of the
    /// project or a coming of age is over.
    func end(of permission: Permission) -> Timestamp {
        let line = permission.line
        let study = study(line.project)
        let isOld = study.map { $0.terms.major != line.grant.major } ?? false
        let ends = [
            isOld ? study?.graceEnds[line.grant.major] : nil,
            line.guardianUntil?.adding(milliseconds: ComingOfAge.grace),
        ]
        return ends.compactMap(\.self).reduce(line.grant.until, min)
    }

    private static func institutions(_ entries: [Kept]) -> [AccountID: InstitutionAdmitted] {
        var found: [AccountID: InstitutionAdmitted] = [:]
        for entry in entries {
            guard case .institutionAdmitted(let admitted) = entry.payload.body else { continue }
            found[AccountID(firstDevice: admitted.keys.device)] = admitted
        }
        return found
    }

    private static func studies(_ entries: [Kept]) -> [Study] {
        var found: [ProjectID: Study] = [:]
        for entry in entries {
            switch entry.payload.body {
            case .projectPublished(let terms):
                found[terms.project] = Study(
                    id: terms.project, sponsor: entry.payload.account,
                    versions: [(terms, entry.at)])
            case .projectAmended(let amended):
                let project = amended.terms.project
                if let before = found[project]?.terms, before.major != amended.terms.major {
                    found[project]?.graceEnds[before.major] = entry.at.adding(
                        milliseconds: amended.graceMilliseconds)
                }
                found[project]?.versions.append((amended.terms, entry.at))
            case .projectClosed(let project): found[project]?.closedAt = entry.at
            case .projectTerminated(let ended): found[ended.project]?.closedAt = entry.at
            default: continue
            }
        }
        return found.values.sorted { $0.id < $1.id }
    }

    private static func permissions(
        _ entries: [Kept], _ studies: [Study], _ lines: [AuthorizationLine]
    ) -> [Permission] {
        let recorded = lines.filter { $0.grantedAt != nil }.sorted { $0.id < $1.id }
        return recorded.compactMap { line in
            let later = entries.first { entry in
                guard entry.isOwn, case .authorizationGranted(let granted) = entry.payload.body
                else { return false }
                return granted.project == line.project && granted.major > line.grant.major
            }
            // Leaving the project before there was a grant decided nothing about it.
            let decisions = entries.filter { entry in
                let isNewest = later.map { entry.index < $0.index } ?? true
                return entry.isOwn
                    && decides(on: line, entry.payload.body, isNewest: isNewest)
            }.drop { $0.payload.body.kind != .authorizationGranted }
            let grants = decisions.filter { $0.payload.body.kind == .authorizationGranted }
            guard let grant = grants.last, let grantedAt = line.grantedAt else { return nil }
            let versions = studies.first { $0.id == line.project }?.versions ?? []
            return Permission(
                line: line, grant: grant,
                terms: versions.first { $0.terms.hash == line.grant.terms }?.terms,
                decisions: Array(decisions), grantedAt: grantedAt)
        }
    }

    /// Whether an entry decides about an authorization; `isNewest` where none for a later version was
    /// granted before it: then it is the one that every pause and revocation stops.
    private static func decides(
        on line: AuthorizationLine, _ body: EntryBody, isNewest: Bool
    ) -> Bool {
        let (project, major) = (line.project, line.grant.major)
        switch body {
        case .authorizationGranted(let granted):
            return granted.project == project && granted.major == major
        case .authorizationResumed(let subject), .authorizationExpired(let subject):
            return subject.project == project && subject.major == major
        case .authorizationPaused(let subject):
            // As with a revocation: it stops what was agreed to later, too.
            return subject.project == project && (subject.major <= major || isNewest)
        case .authorizationRevoked(let revoked):
            return revoked.project == project && (revoked.major <= major || isNewest)
        case .authorizationInvalidated(let invalidated):
            return invalidated.project == project && invalidated.major == major
        case .authorizationLapsed(let lapsed):
            return lapsed.project == project && lapsed.major == major
        case .signupLeft(let left): return left == project
        default: return false
        }
    }
}

extension EntryBody {
    /// Whether it says how the member stands in a project, rather than what happened in it.
    fileprivate var isDecision: Bool {
        switch self {
        case .useAllowed, .useDenied, .dataDerived, .pointsAccrued, .pointsVested, .pointsVoided:
            false
        default: true
        }
    }
}
