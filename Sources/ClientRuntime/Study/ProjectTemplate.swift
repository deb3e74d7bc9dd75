package import LedgerCore

/// A project file to begin with, commented in plain words in both languages.
package enum ProjectTemplate: String, CaseIterable, Sendable {
    case sleep
    case genome
    case maternal
    case rare
    case tumour

    /// What a kind of study usually asks; the text around it is the same for all.
    private struct Values {
        var programme: String
        var title: (String, String)
        var why: (String, String)
        var kinds: [(kind: String, isRequired: Bool)]
        var purposes: [String]
        var limits: [String]
        var diseases: [String] = []
        var seats: Int
        var reward: (contribution: Int, use: Int, useCap: Int, memberCap: Int)
    }

    private var values: Values {
        switch self {
        case .sleep:
            Values(
                programme: "staff-plan",
                title: ("Sleep and shift work", "睡眠与轮班工作"),
                why: (
                    "To find out what changing shifts do to sleep, and which rota harms least.",
                    "了解轮班如何影响睡眠，以及哪种排班危害最小。"
                ),
                kinds: [("wearable", true), ("clinical", false)], purposes: ["HMB"],
                limits: ["NPU"], seats: 200,
                reward: (600, 20, 600, 1_800))
        case .genome:
            Values(
                programme: "cross-omics",
                title: ("Genome and everyday health", "基因组与日常健康"),
                why: (
                    "To see which inherited variants go with blood values of healthy people.",
                    "了解健康人群中哪些遗传变异与血液指标相关。"
                ),
                kinds: [("genomic", true), ("proteomic", false), ("clinical", false)],
                purposes: ["HMB"], limits: ["IRB", "NCU"], seats: 400,
                reward: (1_500, 50, 1_000, 5_500))
        case .maternal:
            Values(
                programme: "maternal-child",
                title: ("Screening of newborns", "新生儿筛查"),
                why: (
                    "To make newborn screening miss fewer children. A guardian decides for a child.",
                    "让新生儿筛查减少漏诊。儿童的数据由监护人决定。"
                ),
                kinds: [("clinical", true), ("genomic", false)], purposes: ["CC", "HMB"],
                limits: ["IRB", "RTN"], seats: 0, reward: (400, 10, 200, 1_000))
        case .rare:
            Values(
                programme: "rare-disease",
                title: ("One rare disease, many clinics", "一种罕见病，多家医院"),
                why: (
                    "To put the few cases of many clinics side by side, so that a cause can be found.",
                    "汇集多家医院的少量病例，以便找到病因。"
                ),
                kinds: [("clinical", true), ("genomic", true), ("imaging", false)],
                purposes: ["DS"], limits: ["IRB", "NPUNCU", "RTN"], diseases: ["MONDO:0019181"],
                seats: 0, reward: (800, 20, 400, 2_800))
        case .tumour:
            Values(
                programme: "tumour-care",
                title: ("Treatment and tumour genome", "治疗与肿瘤基因组"),
                why: (
                    "To learn which treatment helps whom. Care goes on whether you take part or not.",
                    "了解哪种治疗对谁有效。是否参加都不影响诊疗。"
                ),
                kinds: [("clinical", true), ("genomic", false), ("imaging", false)],
                purposes: ["DS", "HMB"], limits: ["IRB", "NPU"], diseases: ["MONDO:0004992"],
                seats: 0, reward: (800, 20, 400, 2_800))
        }
    }

    /// Returns the file's text for a project of that name that starts at `now`.
    package func text(project: String, now: Timestamp) -> String {
        let values = values
        let year = Int(now.isoDate.prefix(4)) ?? 2_026
        func list(_ words: [String]) -> String {
            "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
        let kinds = values.kinds.map {
            "\($0.kind) = \"\($0.isRequired ? "required" : "optional")\""
        }.joined(separator: "\n")
        let diseases =
            values.diseases.isEmpty
            ? ""
            : """

            # For DS: which diseases, in an ontology's terms.  用途为 DS 时：哪些疾病（本体术语）。
            diseases = \(list(values.diseases))
            """
        return """
            # A project for the ledger. Check it with  accord study check FILE
            # and publish it with  accord study publish FILE.
            # 项目文件。用  accord study check 文件  检查，用  accord study publish 文件  发布。

            # A short name, never changed: letters, digits, dots, - and _.
            # 简短名称，以后不可更改：字母、数字、点、- 和 _。
            project = "\(project)"

            # staff-plan, maternal-child, rare-disease, cross-omics or tumour-care.
            # 员工计划、母婴健康联盟、罕见病协作、跨组学计划或肿瘤关怀计划。
            programme = "\(values.programme)"

            # What the data may be used for (DUO): HMB health research, GRU any research, DS one
            # disease, CC care, POA ancestry, GSO genetic studies, NRES anything.
            # 数据可用于什么（DUO）：HMB 健康研究、GRU 各类研究、DS 特定疾病、CC 诊疗、POA 祖源、
            # GSO 遗传学研究、NRES 任何用途。
            purposes = \(list(values.purposes))\(diseases)

            # What limits it (DUO): IRB with ethics approval, NPU not for profit, NCU not commercial,
            # NPUNCU both, RTN results come back, PUB results are published.
            # 限制（DUO）：IRB 须伦理批准、NPU 仅限非营利、NCU 不得商用、NPUNCU 两者、RTN 返还结果、PUB 公开发表。
            limits = \(list(values.limits))

            # Which results come back to members who wish to know them: summary, measurement,
            # actionable, risk, carrier. With RTN and without this line: all of them.
            # 哪些结果返还给希望知道的成员。有 RTN 而不写此行则为全部。
            # returns = ["summary", "measurement", "actionable"]

            # How an authorization ends when its member dies or can no longer decide: stop, erase or
            # keep-anonymised. It is shown before consent, and none goes on.
            # 成员去世或无法再作决定时授权如何终止：stop、erase 或 keep-anonymised，同意前会显示。
            lapse = "stop"

            # The ethics approval, and where the text comes from.  伦理批件编号；文本来源。
            ethics = ""
            source = ""

            # Days in UTC, the last one included: what records may be dated, when use ends, when
            # everything is erased.
            # 日期（UTC，含当日）：记录的日期范围、使用截止日、全部删除日。
            collect_from = \(year - 5)-01-01
            collect_until = \(year + 2)-12-31
            use_until = \(year + 3)-12-31
            erase_at = \(year + 4)-06-30

            # How many people can take part; 0 means no limit.  名额；0 表示不限。
            seats = \(values.seats)

            # Who may read: accounts of institutions. Left out, it is only you.
            # 谁可以读取：机构账户。不写则仅限本机构。
            # recipients = ["0123456789abcdef0123456789abcdef"]

            [title]
            en = "\(values.title.0)"
            zh = "\(values.title.1)"

            # Why the data is needed, in words anybody understands.  为什么需要数据，请用通俗的话。
            [why]
            en = "\(values.why.0)"
            zh = "\(values.why.1)"

            # Each kind is "required" or "optional". Ask for no more than you need: genomic,
            # transcriptomic, proteomic, metabolomic, microbiome, imaging, clinical, wearable.
            # 每种数据为 "required"（必需）或 "optional"（可选），请勿超出所需。
            [kinds]
            \(kinds)

            # Points for what is contributed and used, never for consenting: for the first accepted
            # contribution of each kind, for each use, the most that uses earn, the most one member
            # earns, and how many days points wait before they are available.
            # 积分只为贡献和使用而支付，绝不为同意而支付：每种数据首次被接受、每次使用、使用积分上限、
            # 每位成员积分上限、积分可用前的等待天数。
            [reward]
            contribution = \(values.reward.contribution)
            use = \(values.reward.use)
            use_cap = \(values.reward.useCap)
            member_cap = \(values.reward.memberCap)
            window_days = 7

            # Whom the project looks for; leave out what does not matter. Each person's program tells
            # whether it fits, and nobody else learns the answer.
            # 适合人群，不限的可不写。是否适合由每个人的程序在本机判断，他人不会得知。
            # [criteria]
            # age_from = 18
            # age_until = 65
            # sex = "female"
            # programmes = ["staff-plan"]
            # regions = ["CN", "CN-GD"]

            """
    }
}
