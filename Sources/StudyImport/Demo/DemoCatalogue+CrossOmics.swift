import LedgerCore

extension DemoCatalogue {
    /// Several kinds of data of one person, read together.
    static let crossOmics: [DemoProject] = [
        DemoProject(
            id: "gut-sleep-shift",
            title: LocalizedText(
                english: "Gut microbiome and sleep in shift workers",
                chinese: "轮班员工的肠道微生物组与睡眠"),
            why: LocalizedText(
                english: """
                    People who work nights sleep worse, and their gut bacteria change. We do not \
                    know which comes first. Your sleep and activity records show us when your \
                    rhythm shifts; together with stool samples from volunteers we look for the \
                    bacteria that go with poor sleep. Lab results and diagnoses are welcome but \
                    not needed. An express project for trying Accord out: points wait ten \
                    seconds instead of seven days.
                    """,
                chinese: """
                    上夜班的人睡得更差，肠道菌群也会改变，但我们还不知道谁先谁后。您的睡眠和活动记录能告诉\
                    我们节律何时被打乱；结合志愿者的粪便样本，我们寻找与睡眠不佳相关的细菌。化验结果和诊断\
                    可以自愿提供。本项目为体验用快速项目：积分只需等待十秒，而不是七天。
                    """),
            institutions: [.metagenomics, .maternal], ethics: "SIM-IRB 2026-114",
            required: [.wearable], optional: [.clinical],
            purposes: [.healthResearch], limits: [.notForProfit],
            years: 1, seats: 50, pay: .init(300, use: 20, cap: 600, most: 1_200),
            wait: .express),
        DemoProject(
            id: "stroke-sleep-cohort",
            title: LocalizedText(english: "", chinese: "中风患者睡眠质量队列研究"),
            why: LocalizedText(
                english: "",
                chinese: """
                    中风之后，许多人长期失眠或白天嗜睡，康复也因此变慢。我们随访二十位中风患者一年，用手环\
                    记录睡眠，并结合病历中的血压和用药情况，了解哪些睡眠问题可以及早发现、及早治疗。您的\
                    数据只用于卒中研究，不会用于商业用途。
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-087",
            required: [.clinical, .wearable],
            purposes: [.diseaseSpecific], limits: [.notForProfitNonCommercial, .geographical],
            diseases: ["MONDO:0005098"],
            years: 2, seats: 20, pay: .init(100, use: 5, cap: 100, most: 300)),
        DemoProject(
            id: "eight-layers",
            title: LocalizedText(
                english: "Eight layers of one healthy year", chinese: "健康一年的八个层面"),
            why: LocalizedText(
                english: """
                    Most studies look at people once they are ill. We want to know what a normal \
                    year looks like: how genes, proteins, metabolites, gut bacteria, scans and \
                    daily activity move together in people who feel well. Only your clinical \
                    records are needed; every further layer you hand over makes the picture \
                    sharper, and you decide on each one.
                    """,
                chinese: """
                    大多数研究只在人们生病之后才开始。我们想知道健康的一年是什么样子：在自我感觉良好的人身\
                    上，基因、蛋白质、代谢物、肠道菌群、影像和日常活动如何一起变化。只需要您的临床记录；\
                    其余每一层由您逐项决定，每多一层，图景就更清晰。
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-031",
            required: [.clinical],
            optional: [
                .genomic, .transcriptomic, .proteomic, .metabolomic, .microbiome, .imaging,
                .wearable,
            ],
            purposes: [.generalResearch], limits: [.returnResults, .timeLimit],
            years: 3, seats: 500, pay: .init(80, use: 4, cap: 200, most: 840),
            question: DemoQuestion.points),
        DemoProject(
            id: "green-tea-metabolome",
            title: LocalizedText(
                english: "What green tea leaves in the blood", chinese: "绿茶在血液中留下了什么"),
            why: LocalizedText(
                english: """
                    Some people drink tea all day and sleep well; others lie awake after one cup. \
                    We measure some two hundred small molecules before and after four weeks of \
                    tea, and ask whether gut bacteria explain the difference.
                    """,
                chinese: """
                    有人整天喝茶照样睡得好，有人一杯就失眠。我们在饮茶四周前后测量约两百种小分子，看看肠道\
                    菌群能否解释这种差别。
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-059",
            required: [.metabolomic], optional: [.microbiome],
            purposes: [.healthResearch], limits: [.nonCommercial, .publicationRequired],
            years: 1, seats: 120, pay: .init(90, use: 3, cap: 60, most: 240)),
        DemoProject(
            id: "protein-clock",
            title: LocalizedText(english: "Proteins that tell your biological age"),
            why: LocalizedText(
                english: """
                    Two colleagues of fifty can have bodies of forty and sixty. We compare blood \
                    proteins with ten years of check-up results to find those that run ahead of \
                    the calendar, and you get your own figure back if you want it.
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-072",
            required: [.proteomic, .clinical],
            purposes: [.healthResearch], limits: [.returnResults, .ethicsApproval],
            years: 3, seats: 200, pay: .init(150, use: 6, cap: 180, most: 480)),
        DemoProject(
            id: "blood-at-altitude",
            title: LocalizedText(english: "Blood at altitude: families from the plateau"),
            why: LocalizedText(
                english: """
                    People whose families have lived above 3,500 metres for generations carry \
                    oxygen differently. We study which genes are switched on in the first week \
                    after coming down to the coast. The question is about ancestry, so only \
                    people with plateau grandparents can take part; nothing else is inferred.
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-098",
            required: [.genomic, .transcriptomic],
            purposes: [.ancestryResearch], limits: [.researchSpecific, .geographical],
            years: 2, seats: 60, pay: .init(200, most: 400)),
        DemoProject(
            id: "half-marathon-recovery",
            title: LocalizedText(english: "Muscles, genes and recovery after a half marathon"),
            why: LocalizedText(
                english: """
                    Some runners are fresh after two days, some need two weeks. We follow your \
                    heart rate and sleep for a month around the city half marathon and read from \
                    a finger prick which genes the muscles call on to repair themselves.
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-121",
            required: [.wearable], optional: [.transcriptomic, .metabolomic],
            purposes: [.geneticStudies, .healthResearch], limits: [.publicationMoratorium],
            years: 1, seats: 80, pay: .init(70, use: 2, cap: 50, most: 260)),
    ]
}
