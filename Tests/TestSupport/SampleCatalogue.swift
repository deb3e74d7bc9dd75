package import LedgerCore
package import SyncCore

/// Projects for tests, in both languages.
package enum SampleCatalogue {
    private struct Seed {
        var title: LocalizedText
        var programme: Programme
        var kinds: [KindRequest]
        var offer: Int64
        var purposes: [DataUse] = [.healthResearch]
        var question: ComprehensionQuestion?
        var asksSecret = false
        var returns: [ResultClass] = []
        var diseases: [String] = []
        /// The first project's records may be linked.
        var isLinked = false
    }

    /// A question with its right answer in the second place.
    package static let question = ComprehensionQuestion(
        LocalizedText(english: "Who learns that you take part?", chinese: "谁会知道您参加了？"),
        answers: [
            LocalizedText(english: "My manager", chinese: "我的主管"),
            LocalizedText(english: "Nobody at work", chinese: "单位里没有人"),
            LocalizedText(english: "Everybody in the study", chinese: "研究中的所有人"),
        ], right: 1,
        explanation: LocalizedText(
            english: "Nobody at work is told: the study team sees a number, not you.",
            chinese: "单位里没有人会知道：研究团队只看到一个编号，看不到您是谁。"))

    private static let seeds: [Seed] = [
        Seed(
            title: LocalizedText(
                english: "Gut microbiome and sleep in shift workers", chinese: "轮班员工肠道微生物与睡眠研究"),
            programme: .crossOmics,
            kinds: [
                KindRequest(.wearable, isRequired: true),
                KindRequest(.clinical, isRequired: false),
                KindRequest(.microbiome, isRequired: false),
            ], offer: 1_200),
        Seed(
            title: LocalizedText(
                english: "Blood pressure at home and at work", chinese: "家庭与工作场所血压研究"),
            programme: .staffPlan, kinds: [KindRequest(.clinical, isRequired: true)], offer: 400,
            question: question),
        Seed(
            title: LocalizedText(english: "Insomnia and heart-rate variability"),
            programme: .staffPlan, kinds: [KindRequest(.wearable, isRequired: true)], offer: 350),
        Seed(
            title: LocalizedText(english: "", chinese: "中风患者睡眠质量队列研究"),
            programme: .staffPlan, kinds: [KindRequest(.clinical, isRequired: true)], offer: 300),
        Seed(
            title: LocalizedText(
                english: "Newborn screening follow-up over ten years", chinese: "新生儿筛查十年随访"),
            programme: .maternalChild, kinds: [KindRequest(.genomic, isRequired: true)],
            offer: 800, purposes: [.clinicalCare, .healthResearch],
            returns: [.actionable, .carrier, .measurement]),
        Seed(
            title: LocalizedText(
                english:
                    "A registry of very rare metabolic diseases across seven provinces and two countries",
                chinese: "罕见代谢病多中心登记研究"),
            programme: .rareDisease, kinds: [KindRequest(.metabolomic, isRequired: true)],
            offer: 0, purposes: [.diseaseSpecific, .healthResearch], asksSecret: true,
            diseases: ["MONDO:0005148", "MONDO:0014109"], isLinked: true),
    ]

    /// The terms of the first project.
    package static var details: [ProjectDetail] {
        (0..<24).map { index in
            let seed = seeds[index % seeds.count]
            let suffix = index < seeds.count ? "" : " (\(index / seeds.count + 1))"
            return detail(seed, index: index, suffix: suffix)
        }
    }

    private static let regions = ["CN-GD", "CN-HK"].compactMap { Region($0) }

    private static func detail(_ seed: Seed, index: Int, suffix: String) -> ProjectDetail {
        let title = LocalizedText(
            english: seed.title.english.isEmpty ? "" : seed.title.english + suffix,
            chinese: seed.title.chinese.isEmpty ? "" : seed.title.chinese + suffix)
        let number = index < 10 ? "0\(index)" : "\(index)"
        let terms = ProjectTerms(
            project: project("P-\(number)"), programme: seed.programme, title: title,
            why: LocalizedText(
                english:
                    "Find which gut bacteria go with poor sleep, so that shifts can be planned in a way that lets people rest.",
                chinese: "找出与睡眠不佳相关的肠道细菌，使排班更有利于休息。"),
            recipients: [institution], ethics: "2026-114", kinds: seed.kinds,
            purposes: seed.purposes, limits: [.notForProfit],
            collectionFrom: day(-700), collectionUntil: day(300), useUntil: day(404),
            eraseAt: day(494), seats: 50,
            reward: RewardRule(
                perContribution: Points(seed.offer / 2), perUse: Points(20),
                useCap: Points(600), memberCap: Points(seed.offer),
                qualityWindowMilliseconds: 604_800_000),
            diseases: seed.diseases.compactMap { DiseaseTerm($0) },
            links: seed.isLinked ? [project("P-00")] : [],
            criteria: index == 0
                ? EligibilityCriteria(ageFrom: 18, ageUntil: 65, regions: regions) : .none,
            question: seed.question, asksSecret: seed.asksSecret,
            returns: seed.returns)
        return ProjectDetail(
            terms: terms, institution: institutionName, recipients: [institutionName],
            isClosed: index == 23, changedAt: day(-19), escrow: terms.promised ?? .zero,
            participation: .none, authorization: nil, contributions: [],
            links: seed.isLinked ? [LinkedProject(project("P-00"), title: seeds[0].title)] : [],
            recipientPlaces: [RecipientPlace(region: "CN")])
    }

    /// The first project changed twice: first in a small way, then so that consent is asked anew.
    package static func versions(of detail: ProjectDetail) -> [ProjectVersion] {
        func version(_ terms: ProjectTerms, _ days: Int64) -> ProjectVersion {
            ProjectVersion(
                terms: terms, at: day(days), recipients: detail.recipients,
                links: detail.links, institution: detail.institution)
        }
        guard detail.terms.project == project("P-00") else { return [version(detail.terms, -40)] }
        var first = detail.terms
        first.kinds = [
            KindRequest(.clinical, isRequired: false), KindRequest(.wearable, isRequired: true),
        ]
        first.useUntil = day(300)
        first.eraseAt = day(390)
        first.seats = 40
        var second = first
        second.minor = 1
        second.seats = 50
        second.why = LocalizedText(
            english: "Find which gut bacteria go with poor sleep.", chinese: "找出与睡眠不佳相关的肠道细菌。")
        var third = detail.terms
        third.major = 2
        return [version(third, -19), version(second, -30), version(first, -40)]
    }

    /// The name of the only institution.
    package static let institutionName = LocalizedText(
        english: "Shenzhen Institute of Metagenomics", chinese: "深圳宏基因组研究所")

    /// The account of the only institution.
    package static var institution: AccountID {
        AccountID(firstDevice: DeviceID(publicKey: Array(repeating: 7, count: 32)))
    }

    /// A moment some days from the sample's now.
    package static func day(_ days: Int64) -> Timestamp {
        SampleReading.now.adding(milliseconds: days * 86_400_000)
    }

    /// A project id; any text that is not one gives the id of a project that does not exist.
    package static func project(_ text: String) -> ProjectID {
        ProjectID(text) ?? details[0].terms.project
    }

    /// The line of a project in the list.
    package static func line(_ detail: ProjectDetail) -> ProjectLine {
        ProjectLine(
            id: detail.terms.project, title: detail.terms.title, institution: detail.institution,
            programme: detail.terms.programme, kinds: detail.terms.kinds,
            offer: detail.terms.offer, seats: detail.terms.seats, isClosed: detail.isClosed,
            endsAt: detail.isClosed ? nil : detail.terms.useUntil, changedAt: detail.changedAt,
            participation: detail.participation)
    }
}
