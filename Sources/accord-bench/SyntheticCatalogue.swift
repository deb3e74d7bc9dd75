import LedgerCore
import RulesModel

/// A catalogue of any length: the same number gives the same project, and no two titles are alike.
///
/// Titles vary as those of real registries do, in both languages, so that a search finds few or
/// many. The number stands near the start of each, so that a test sees which line is selected.
enum SyntheticCatalogue {
    private static let topics = [
        ("Sleep", "睡眠"), ("Blood pressure", "血压"), ("Gut microbiome", "肠道微生物"),
        ("Heart-rate variability", "心率变异性"), ("Bone density", "骨密度"),
        ("Newborn screening", "新生儿筛查"), ("Rare metabolic disease", "罕见代谢病"),
        ("Lung nodules", "肺结节"), ("Insulin resistance", "胰岛素抵抗"), ("Migraine", "偏头痛"),
        ("Protein markers of ageing", "衰老蛋白标志物"), ("Hearing loss", "听力损失"),
        ("Vitamin D", "维生素D"), ("Step counts", "步数"), ("Thyroid function", "甲状腺功能"),
        ("Breast tissue imaging", "乳腺影像"),
    ]
    private static let people = [
        ("shift workers", "轮班员工"), ("pregnant employees", "孕期员工"),
        ("families with one child", "独生子女家庭"), ("people over sixty", "六十岁以上人群"),
        ("laboratory staff", "实验室人员"), ("twins", "双胞胎"), ("night drivers", "夜班司机"),
        ("first-time parents", "初为父母者"), ("long-distance runners", "长跑者"),
    ]
    private static let ways = [
        ("a cohort over ten years", "十年队列研究"), ("a registry", "登记研究"),
        ("a pilot", "先导研究"), ("a follow-up by telephone", "电话随访"),
        ("sequencing at low depth", "低深度测序"), ("a comparison of two regions", "两地比较研究"),
        ("daily measurements at home", "居家每日测量"),
    ]

    /// The terms of the project with a number from 1.
    static func terms(_ number: Int, by sponsor: AccountID) throws -> ProjectTerms {
        guard let project = ProjectID("bench-\(number)") else {
            throw BenchFailure("bench-\(number) is no project id")
        }
        var dice = SeededNumbers(state: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        let topic = topics[dice.below(topics.count)]
        let group = people[dice.below(people.count)]
        let way = ways[dice.below(ways.count)]
        let start = BenchLedger.start
        let kinds: [RecordKind] = [.wearable, .clinical, .genomic, .microbiome, .metabolomic]
        let first = dice.below(kinds.count)
        return ProjectTerms(
            project: project, programme: Programme.allCases[dice.below(Programme.allCases.count)],
            title: LocalizedText(
                english: "\(topic.0) \(number) in \(group.0): \(way.0)",
                chinese: "\(topic.1)\(number)（\(group.1)）：\(way.1)"),
            why: LocalizedText(
                english: """
                    Find out how \(topic.0.lowercased()) changes in \(group.0), and what helps.
                    """,
                chinese: "了解\(group.1)的\(topic.1)如何变化，以及怎样改善。"),
            recipients: [sponsor],
            kinds: [
                .init(kinds[first], isRequired: true),
                .init(kinds[(first + 1) % kinds.count], isRequired: false),
            ],
            purposes: [.healthResearch], collectionFrom: Timestamp(milliseconds: 1_000),
            collectionUntil: start, useUntil: start.adding(milliseconds: 300_000_000_000),
            eraseAt: start.adding(milliseconds: 310_000_000_000),
            reward: RewardRule(
                perContribution: Points(600), perUse: Points(20), useCap: Points(50),
                memberCap: Points(1_230), qualityWindowMilliseconds: 1_000))
    }
}
