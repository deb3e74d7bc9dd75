import LedgerCore

extension DemoCatalogue {
    /// For the people who work here, about work and health.
    static let staffPlan: [DemoProject] = [
        DemoProject(
            id: "home-blood-pressure",
            title: LocalizedText(
                english: "Blood pressure at home and at work", chinese: "家中与工作中的血压"),
            why: LocalizedText(
                english: """
                    One reading at the yearly check-up says little. With the readings already in \
                    your medical record we want to learn how many of us have high pressure only \
                    on working days, and whether quieter rooms help. An express project for \
                    trying Accord out: points wait ten seconds instead of seven days.
                    """,
                chinese: """
                    每年体检量一次血压，说明不了多少问题。我们想利用您病历里已有的读数，了解有多少同事只在\
                    工作日血压偏高，安静的办公环境是否有帮助。本项目为体验用快速项目：积分只需等待十秒，\
                    而不是七天。
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-102",
            required: [.clinical], optional: [.wearable],
            purposes: [.healthResearch], limits: [.notForProfit],
            years: 1, seats: 0, pay: .init(120, use: 8, cap: 160, most: 400), wait: .express),
        DemoProject(
            id: "night-shift-glucose",
            title: LocalizedText(
                english: "Night shift and blood glucose", chinese: "夜班与血糖"),
            why: LocalizedText(
                english: """
                    Eating at three in the morning is hard on the body's sugar control. Glucose \
                    sensor and sleep records from the sequencing night crew will show which meal \
                    times are kindest, so that the canteen can change its hours.
                    """,
                chinese: """
                    凌晨三点吃饭会加重身体调节血糖的负担。测序夜班同事的血糖传感器和睡眠记录，能告诉我们什么\
                    时间用餐最合适，食堂也好据此调整供餐时间。
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-105",
            required: [.wearable], optional: [.clinical],
            purposes: [.diseaseSpecific], limits: [.institutionSpecific, .notForProfit],
            diseases: ["MONDO:0005148"],
            years: 1, seats: 40, pay: .init(90, use: 5, cap: 100, most: 280),
            question: DemoQuestion.employer),
        DemoProject(
            id: "insomnia-hrv",
            title: LocalizedText(english: "Insomnia and heart-rate variability"),
            why: LocalizedText(
                english: """
                    The heart of a rested person beats a little unevenly; stress makes it beat \
                    like a clock. We ask whether a watch can see a bad fortnight coming before \
                    you notice, early enough to do something about it.
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-077",
            required: [.wearable],
            purposes: [.healthResearch], limits: [.nonCommercial],
            years: 2, seats: 100, pay: .init(150, use: 10, cap: 200, most: 350)),
        DemoProject(
            id: "bench-back-pain",
            title: LocalizedText(
                english: "Back pain at the laboratory bench", chinese: "实验台前的腰背痛"),
            why: LocalizedText(
                english: """
                    Every third of us who pipettes has back or shoulder pain. We compare \
                    physiotherapy notes, and scans where there are any, with the height of the \
                    bench. The result is a short list of furniture to buy.
                    """,
                chinese: """
                    每三位经常移液的同事就有一位腰背或肩部疼痛。我们把理疗记录（以及已有的影像）与实验台高度\
                    对照，最后给出一份简短的家具采购清单。
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-091",
            required: [.clinical], optional: [.imaging],
            purposes: [.generalResearch], limits: [.institutionSpecific, .projectSpecific],
            years: 1, seats: 150, pay: .init(60, most: 120)),
        DemoProject(
            id: "flu-shot-staff",
            title: LocalizedText(
                english: "How long does a flu vaccination protect us?",
                chinese: "流感疫苗能保护我们多久？"),
            why: LocalizedText(
                english: """
                    The company pays for flu shots every October. If protection fades by \
                    February, November would be the better month. We need vaccination dates and \
                    sick notes from three winters; antibody levels are welcome.
                    """,
                chinese: """
                    公司每年十月为大家接种流感疫苗。如果保护力到二月就减弱，十一月接种会更好。我们需要三个\
                    冬季的接种日期和病假记录，也欢迎提供抗体水平。
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-066",
            required: [.clinical], optional: [.proteomic],
            purposes: [.diseaseSpecific], limits: [.ethicsApproval, .timeLimit],
            diseases: ["MONDO:0005812"],
            years: 2, seats: 0, pay: .init(50, use: 2, cap: 40, most: 140)),
        DemoProject(
            id: "walk-after-lunch",
            title: LocalizedText(english: "Twenty minutes after lunch"),
            why: LocalizedText(
                english: """
                    A short walk after eating is said to keep the afternoon slump away. Half of \
                    us walk for a month, half as usual, then we swap. Step counts and glucose \
                    curves will tell, and you see your own before anybody else does.
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-118",
            required: [.wearable],
            purposes: [.noRestriction], limits: [.returnResults],
            years: 1, seats: 0, pay: .init(40, use: 1, cap: 30, most: 70)),
        DemoProject(
            id: "screen-eyes",
            title: LocalizedText(english: "Eyes at the screen: short sight after thirty"),
            why: LocalizedText(
                english: """
                    Short sight should stop getting worse at twenty-five, but people who read \
                    sequence plots all day tell us otherwise. Retina photographs from your eye \
                    checks, a few years apart, would settle it.
                    """),
            institutions: [.metagenomics], ethics: "SIM-IRB 2026-083",
            required: [.imaging], optional: [.clinical],
            purposes: [.healthResearch], limits: [.noMethodsResearch],
            years: 2, seats: 75, pay: .init(85, most: 170)),
    ]
}
