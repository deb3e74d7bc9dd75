import LedgerCore

extension DemoCatalogue {
    /// The alliance of hospitals for mothers and children.
    static let maternalChild: [DemoProject] = [
        DemoProject(
            id: "gestational-diabetes-early",
            title: LocalizedText(
                english: "Seeing gestational diabetes before week 16",
                chinese: "在孕16周前发现妊娠期糖尿病"),
            why: LocalizedText(
                english: """
                    Diabetes in pregnancy is usually found in week 24, when it has been at work \
                    for a while. From early blood values and weight we build a simple score that \
                    a village clinic can use. We need the records of pregnancies that went well \
                    just as much as the others.
                    """,
                chinese: """
                    妊娠期糖尿病通常在孕24周才查出，而那时它已存在一段时间。我们用早孕期的血液指标和体重建立\
                    一个简单的评分，乡镇卫生院也能使用。顺利的妊娠与不顺利的妊娠，记录同样重要。
                    """),
            institutions: [.maternal], ethics: "CMCH-EC 2026-018",
            required: [.clinical], optional: [.metabolomic],
            purposes: [.diseaseSpecific], limits: [.collaborationRequired, .notForProfit],
            diseases: ["MONDO:0005406"],
            years: 3, seats: 1_000, pay: .init(110, use: 4, cap: 120, most: 340),
            question: DemoQuestion.points),
        DemoProject(
            id: "folic-acid-diary",
            title: LocalizedText(
                english: "Folic acid: who takes it, and in time?",
                chinese: "叶酸：谁在吃，吃得及时吗？"),
            why: LocalizedText(
                english: """
                    Folic acid protects a child's spine, if it is taken before most women know \
                    they are pregnant. Prescriptions and lab values in your record tell us where \
                    the advice comes too late. An express project for trying Accord out: points \
                    wait ten seconds instead of seven days.
                    """,
                chinese: """
                    叶酸能保护孩子的脊柱，但要在多数女性得知怀孕之前就开始服用。病历中的处方和化验结果能告诉\
                    我们，哪里的建议来得太晚。本项目为体验用快速项目：积分只需等待十秒，而不是七天。
                    """),
            institutions: [.maternal, .metagenomics], ethics: "CMCH-EC 2026-023",
            required: [.clinical],
            purposes: [.healthResearch], limits: [.publicationRequired],
            years: 1, seats: 300, pay: .init(180, use: 12, cap: 120, most: 300), wait: .express),
        DemoProject(
            id: "newborn-hearing-genes",
            title: LocalizedText(
                english: "Hearing genes in newborn screening", chinese: "新生儿耳聋基因筛查"),
            why: LocalizedText(
                english: """
                    One child in five hundred is born with poor hearing, and some lose it only \
                    after a common antibiotic. We compare the gene test with the hearing test at \
                    two years of age to learn which findings parents should be told about at \
                    once. A parent takes part for the child.
                    """,
                chinese: """
                    每五百个新生儿中约有一个听力受损，还有些孩子在使用常见抗生素后才失去听力。我们将基因检测\
                    与两岁时的听力检查对照，弄清哪些结果应当立即告诉父母。由父母一方代孩子参加。
                    """),
            institutions: [.maternal], ethics: "CMCH-EC 2026-009",
            required: [.genomic, .clinical],
            purposes: [.clinicalCare, .diseaseSpecific],
            limits: [.returnResults, .geographical, .ethicsApproval],
            diseases: ["MONDO:0019497"],
            years: 3, seats: 250, pay: .init(130, use: 5, cap: 150, most: 410)),
        DemoProject(
            id: "thalassaemia-carriers",
            title: LocalizedText(
                english: "Carriers of thalassaemia planning a family",
                chinese: "地中海贫血携带者的生育规划"),
            why: LocalizedText(
                english: """
                    In the south one person in nine carries a thalassaemia gene without knowing. \
                    We study how couples want to be told, and which rare variants the usual kit \
                    overlooks. Your result comes back to you first, with a counsellor to call.
                    """,
                chinese: """
                    在南方，每九个人就有一人携带地中海贫血基因而不自知。我们研究夫妻希望怎样被告知，以及常规\
                    试剂盒会漏掉哪些少见变异。结果首先返回给您，并有遗传咨询师可以联系。
                    """),
            institutions: [.maternal], ethics: "CMCH-EC 2026-031",
            required: [.genomic],
            purposes: [.geneticStudies], limits: [.returnResults, .ancestryProhibited],
            years: 2, seats: 400, pay: .init(160, use: 4, cap: 80, most: 240)),
        DemoProject(
            id: "preterm-gut",
            title: LocalizedText(english: "Milk, gut bacteria and growth of preterm babies"),
            why: LocalizedText(
                english: """
                    Babies born early grow better on their mother's milk, but not all of them. \
                    The bacteria in their first stools may say which child needs something more, \
                    weeks before the scales do.
                    """),
            institutions: [.maternal, .metagenomics], ethics: "CMCH-EC 2026-027",
            required: [.microbiome], optional: [.clinical, .metabolomic],
            purposes: [.healthResearch], limits: [.collaborationRequired, .nonCommercial],
            years: 2, seats: 90, pay: .init(100, use: 5, cap: 90, most: 390)),
        DemoProject(
            id: "first-hundred-days",
            title: LocalizedText(english: "Sleep and mood in the first hundred days"),
            why: LocalizedText(
                english: """
                    Every new parent is tired; for one in eight it becomes a depression. We look \
                    at nights as a watch sees them, hour by hour, to tell ordinary tiredness \
                    from the kind that needs help. Fathers are welcome too.
                    """),
            institutions: [.maternal], ethics: "CMCH-EC 2026-035",
            required: [.wearable], optional: [.clinical],
            purposes: [.diseaseSpecific], limits: [.notForProfitNonCommercial],
            diseases: ["MONDO:0002050"],
            years: 1, seats: 60, pay: .init(95, use: 3, cap: 60, most: 250)),
    ]
}
