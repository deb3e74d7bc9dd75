import LedgerCore

extension DemoCatalogue {
    /// Patients, hospitals and a company looking for answers few others look for.
    static let rareDisease: [DemoProject] = [
        DemoProject(
            id: "undiagnosed-families",
            title: LocalizedText(
                english: "Old genomes, new answers for undiagnosed families",
                chinese: "旧基因组，新答案：未确诊家庭再分析"),
            why: LocalizedText(
                english: """
                    Of the families who were told "we found nothing" five years ago, one in six \
                    would get an answer today, because more genes are known. We read your \
                    sequence again, once a year, and your doctor hears of anything that helps.
                    """,
                chinese: """
                    五年前被告知“没有发现”的家庭，今天约有六分之一能得到答案，因为已知的致病基因更多了。我们\
                    每年重新分析一次您的序列，有任何帮助都会告知您的医生。
                    """),
            institutions: [.maternal, .metagenomics], ethics: "CMCH-EC 2026-004",
            required: [.genomic, .clinical], optional: [.transcriptomic],
            purposes: [.clinicalCare, .healthResearch],
            limits: [.returnResults, .collaborationRequired],
            years: 3, seats: 0, pay: .init(140, use: 6, cap: 240, most: 660)),
        DemoProject(
            id: "ngly1-one",
            title: LocalizedText(
                english: "One more person with NGLY1 deficiency",
                chinese: "再寻找一位NGLY1缺乏症患者"),
            why: LocalizedText(
                english: """
                    Fewer than a hundred people in the world are known to have this disease. A \
                    comparison of symptoms over the years needs twelve, and we have eleven. There \
                    is one seat; if it is you, you know how much it matters.
                    """,
                chinese: """
                    全世界已知患有这种病的人不到一百位。对多年症状进行比较需要十二位患者，我们已有十一位。\
                    名额只有一个；如果您正是这一位，您一定明白它的意义。
                    """),
            institutions: [.maternal], ethics: "CMCH-EC 2026-011",
            required: [.clinical], optional: [.genomic],
            purposes: [.diseaseSpecific], limits: [.publicationRequired, .returnResults],
            diseases: ["MONDO:0800044"],
            years: 3, seats: 1, pay: .init(250, use: 10, cap: 300, most: 800)),
        DemoProject(
            id: "wilson-copper",
            title: LocalizedText(
                english: "Wilson disease: copper, liver and movement",
                chinese: "肝豆状核变性：铜、肝脏与运动"),
            why: LocalizedText(
                english: """
                    Wilson disease can be treated for a lifetime if it is found before the hands \
                    begin to shake. From lab values of people who have it we learn which early \
                    pattern a general practitioner should not pass over.
                    """,
                chinese: """
                    如果在双手开始颤抖之前发现，肝豆状核变性可以终身控制。我们从患者的化验结果中寻找早期规律，\
                    提醒基层医生不要错过。
                    """),
            institutions: [.maternal], ethics: "CMCH-EC 2026-014",
            required: [.clinical], optional: [.imaging, .genomic],
            purposes: [.diseaseSpecific], limits: [.userSpecific, .nonCommercial],
            diseases: ["MONDO:0010200"],
            years: 2, seats: 50, pay: .init(120, use: 4, cap: 120, most: 480)),
        DemoProject(
            id: "duchenne-steps",
            title: LocalizedText(english: "Counting steps in Duchenne muscular dystrophy"),
            why: LocalizedText(
                english: """
                    New treatments are judged by a six-minute walk in a hospital corridor, on a \
                    good day or a bad one. A wristband worn at school says more. Boys who walk \
                    and boys who use a wheelchair are both asked.
                    """),
            institutions: [.maternal], ethics: "CMCH-EC 2026-020",
            required: [.wearable], optional: [.clinical],
            purposes: [.diseaseSpecific], limits: [.publicationMoratorium, .notForProfit],
            diseases: ["MONDO:0010679"],
            years: 2, seats: 30, pay: .init(170, use: 5, cap: 150, most: 490)),
        DemoProject(
            id: "lysosomal-spots",
            title: LocalizedText(english: "Lysosomal enzymes in dried blood spots"),
            why: LocalizedText(
                english: """
                    A drop of blood on paper travels by post; a tube of plasma does not. Before \
                    patients far from a city can rely on the drop, three of them have to be \
                    measured both ways, protein by protein.
                    """),
            institutions: [.maternal, .metagenomics], ethics: "CMCH-EC 2026-029",
            required: [.proteomic, .metabolomic],
            purposes: [.healthResearch], limits: [.researchSpecific, .ethicsApproval],
            years: 1, seats: 3, pay: .init(220, most: 440)),
    ]
}
