import LedgerCore

extension DemoCatalogue {
    /// Care for people with a tumour, inside and outside the company.
    static let tumourCare: [DemoProject] = [
        DemoProject(
            id: "lung-nodules-wait",
            title: LocalizedText(
                english: "Which lung nodules can wait?", chinese: "哪些肺结节可以等一等？"),
            why: LocalizedText(
                english: """
                    A small shadow on a scan frightens people and is harmless nineteen times in \
                    twenty. With scans two years apart we train a rule that says when looking \
                    again is enough. Scans of people whose nodule never grew help most.
                    """,
                chinese: """
                    影像上的小阴影让人害怕，但二十次中有十九次无害。我们用相隔两年的影像建立规则，说明什么情况\
                    下复查就够了。结节一直没有长大的人，影像最有帮助。
                    """),
            institutions: [.tumour, .metagenomics], ethics: "STCN-EC 2026-006",
            required: [.imaging, .clinical],
            purposes: [.diseaseSpecific], limits: [.ethicsApproval, .nonCommercial],
            diseases: ["MONDO:0008903"],
            years: 3, seats: 600, pay: .init(125, use: 5, cap: 250, most: 500),
            question: DemoQuestion.publishedTotals),
        DemoProject(
            id: "young-breast-cancer",
            title: LocalizedText(
                english: "Inherited risk in breast cancer under 45",
                chinese: "45岁以下乳腺癌的遗传风险"),
            why: LocalizedText(
                english: """
                    Breast cancer before 45 often runs in the family, yet in half of these \
                    families no gene is found. We compare inherited variants with how treatment \
                    went. Relatives learn nothing from us unless they take part themselves.
                    """,
                chinese: """
                    45岁之前的乳腺癌常有家族倾向，但一半的家庭找不到相关基因。我们将遗传变异与治疗经过对照。\
                    除非亲属自己参加，否则不会从我们这里得知任何信息。
                    """),
            institutions: [.tumour], ethics: "STCN-EC 2026-010",
            required: [.genomic, .clinical],
            purposes: [.diseaseSpecific, .geneticStudies], limits: [.returnResults, .geographical],
            diseases: ["MONDO:0007254"],
            years: 3, seats: 180, pay: .init(200, use: 8, cap: 240, most: 640),
            question: DemoQuestion.relatives),
        DemoProject(
            id: "liver-blood-test",
            title: LocalizedText(
                english: "A blood test for liver cancer in hepatitis B",
                chinese: "乙肝携带者的肝癌血液检测"),
            why: LocalizedText(
                english: """
                    People who carry hepatitis B are asked to have an ultrasound every six \
                    months, and most miss one. A blood sample that shows tumour DNA and two \
                    proteins could be taken anywhere. We need carriers, with and without cancer.
                    """,
                chinese: """
                    乙肝携带者应每半年做一次超声检查，但大多数人都会漏掉。检测肿瘤DNA和两种蛋白的血样可以在\
                    任何地方采集。我们需要携带者参加，无论是否患有肝癌。
                    """),
            institutions: [.tumour, .metagenomics], ethics: "STCN-EC 2026-013",
            required: [.genomic], optional: [.proteomic, .clinical],
            purposes: [.diseaseSpecific], limits: [.timeLimit, .collaborationRequired],
            diseases: ["MONDO:0007256"],
            years: 2, seats: 350, pay: .init(150, use: 5, cap: 200, most: 650)),
        DemoProject(
            id: "five-years-after",
            title: LocalizedText(
                english: "Five years after: living as a survivor",
                chinese: "五年之后：癌症康复者的生活"),
            why: LocalizedText(
                english: """
                    After five years the check-ups end, and nobody writes down what comes next: \
                    tired days, a weaker heart, going back to work. Your later records, whatever \
                    the tumour was, help us write the leaflet that was missing.
                    """,
                chinese: """
                    五年之后复查结束，此后的事却没有人记录：疲惫的日子、变弱的心脏、重返工作。无论当初是哪种\
                    肿瘤，您后来的病历都能帮助我们写出那份一直缺少的手册。
                    """),
            institutions: [.tumour], ethics: "STCN-EC 2026-021",
            required: [.clinical], optional: [.wearable],
            purposes: [.healthResearch], limits: [.notForProfit, .publicationRequired],
            years: 2, seats: 0, pay: .init(75, use: 3, cap: 90, most: 240)),
        DemoProject(
            id: "chemo-sleep-steps",
            title: LocalizedText(english: "Sleep and steps during chemotherapy"),
            why: LocalizedText(
                english: """
                    Between two cycles the ward does not see you. Steps and nights from your \
                    watch let your nurse ring when things go downhill, and they are used for \
                    your care first. You can refuse the research part and keep the calls.
                    """),
            institutions: [.tumour], ethics: "STCN-EC 2026-017",
            required: [.wearable], optional: [.clinical],
            purposes: [.clinicalCare, .healthResearch], limits: [.userSpecific],
            years: 1, seats: 45, pay: .init(105, use: 2, cap: 80, most: 290)),
        DemoProject(
            id: "before-colonoscopy",
            title: LocalizedText(english: "Gut bacteria before a colonoscopy"),
            why: LocalizedText(
                english: """
                    Certain bacteria live on polyps years before they turn into cancer. A stool \
                    sample in the week before your colonoscopy, and the findings after it, show \
                    whether a kit by post could decide who needs the tube.
                    """),
            institutions: [.tumour, .metagenomics], ethics: "STCN-EC 2026-025",
            required: [.microbiome], optional: [.clinical],
            purposes: [.diseaseSpecific, .healthResearch],
            limits: [.projectSpecific, .notForProfitNonCommercial],
            diseases: ["MONDO:0005575"],
            years: 2, seats: 220, pay: .init(115, use: 4, cap: 100, most: 330)),
    ]
}
