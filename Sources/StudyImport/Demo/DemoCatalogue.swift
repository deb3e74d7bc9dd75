package import LedgerCore

/// The projects and institutions a newcomer finds on a node of their own.
///
/// Institutions, studies and approvals are made up; what they ask and why reads as real ones do.
package enum DemoCatalogue {
    /// The institutions that ask, in the order `projects` expects their accounts.
    package static let institutions: [LocalizedText] = [
        LocalizedText(
            english: "Shenzhen Institute of Metagenomics", chinese: "深圳宏基因组研究院"),
        LocalizedText(
            english: "Changsha Maternal and Child Health Alliance", chinese: "长沙妇幼健康联盟"),
        LocalizedText(english: "Southern Tumour Care Network", chinese: "南方肿瘤照护网络"),
    ]

    /// Makes the terms of every project, programme by programme.
    ///
    /// - Parameters:
    ///   - recipients: The accounts of `institutions`, in that order. Fewer are enough: each
    ///     project then goes to one that is there. At least one.
    ///   - now: The time the catalogue is opened; use ends one to three years later.
    /// - Returns: The terms, version 1.0 each, no two of the same project.
    package static func projects(recipients: [AccountID], now: Timestamp) -> [ProjectTerms] {
        all.map { programme, project in
            project.terms(in: programme, recipients: recipients, now: now)
        }
    }

    /// Returns which institution publishes a project: an index of `institutions`; `nil` for
    /// a project of somebody else.
    package static func sponsor(of project: ProjectID) -> Int? {
        all.first { $0.project.id == project.text }?.project.institutions.first?.rawValue
    }

    private static let all: [(programme: Programme, project: DemoProject)] =
        crossOmics.map { (.crossOmics, $0) }
        + staffPlan.map { (.staffPlan, $0) }
        + maternalChild.map { (.maternalChild, $0) }
        + rareDisease.map { (.rareDisease, $0) }
        + tumourCare.map { (.tumourCare, $0) }
}

/// A project of the catalogue: what of its terms is its own.
struct DemoProject: Sendable {
    /// An institution, by its place in `DemoCatalogue.institutions`.
    enum Institution: Int {
        case metagenomics
        case maternal
        case tumour
    }

    /// How long earned points wait.
    enum Wait: Int64 {
        /// Seven days: time enough for a study team to look at what came.
        case week = 604_800_000
        /// Ten seconds, to see points arrive while trying Accord out.
        case express = 10_000
    }

    /// What is paid: points for each kind contributed and for each use, and the most of each.
    struct Pay {
        let each: Int64
        let use: Int64
        let useCap: Int64
        let memberCap: Int64

        init(_ each: Int64, use: Int64 = 0, cap useCap: Int64 = 0, most memberCap: Int64) {
            self.each = each
            self.use = use
            self.useCap = useCap
            self.memberCap = memberCap
        }
    }

    let id: String
    let title: LocalizedText
    let why: LocalizedText
    let institutions: [Institution]
    let ethics: String
    let required: [RecordKind]
    var optional: [RecordKind] = []
    let purposes: [DataUse]
    var limits: [DataUse] = []
    /// The diseases that research on one disease is about, as terms of Mondo.
    var diseases: [String] = []
    /// Years of use, 1 to 3.
    let years: Int64
    /// People who can take part; 0 means no limit.
    let seats: Int64
    let pay: Pay
    var wait: Wait = .week
    /// What is asked before consent.
    var question: ComprehensionQuestion?

    private static let day: Int64 = 86_400_000

    func terms(in programme: Programme, recipients: [AccountID], now: Timestamp) -> ProjectTerms {
        precondition(!recipients.isEmpty, "a project needs somebody who may read the data")
        guard let project = ProjectID(id) else {
            preconditionFailure("\(id) is not a project id")
        }
        let accounts = Set(institutions.map { recipients[$0.rawValue % recipients.count] })
        let useUntil = now.adding(milliseconds: years * 365 * Self.day)
        return ProjectTerms(
            project: project, programme: programme, title: title, why: why,
            recipients: accounts.sorted(), ethics: ethics, source: "",
            kinds: required.map { KindRequest($0, isRequired: true) }
                + optional.map { KindRequest($0, isRequired: false) },
            purposes: purposes, limits: limits,
            // Records may be old: the earliest time a ledger knows, to well after now.
            collectionFrom: Timestamp(milliseconds: 0),
            collectionUntil: now.adding(milliseconds: 5 * 365 * Self.day),
            useUntil: useUntil, eraseAt: useUntil.adding(milliseconds: 90 * Self.day),
            seats: seats,
            reward: RewardRule(
                perContribution: Points(pay.each), perUse: Points(pay.use),
                useCap: Points(pay.useCap), memberCap: Points(pay.memberCap),
                qualityWindowMilliseconds: wait.rawValue),
            diseases: diseases.compactMap { DiseaseTerm($0) }, question: question)
    }
}
