package import TerminalCore

/// What finding, comparing and fitting projects says.
package enum ProjectText: CaseIterable, Sendable {
    // Facets.
    case open, unlimited, fits, fitExplained, earnsAny, earnsFrom, filterSaved, groupStanding,
        noFacets
    case orderEnding, filteredOf, moreWords, filterHint, filterNameHint, filterExists
    // Versions and comparing.
    case versionMajor, versionMinor, unchanged, was, now, markedFirst, sameProject
    case sameTerms, differs, noneNamed, runBy, anyDate, untilDay
    // Eligibility.
    case forWhom, fitsYou, doesNotFit, cannotTell, forAnybody, ages, ageFrom, ageUntil, women, men
    case inRegions, inProgrammes, needsKind, ofAge, ofAgeYears
    case lapse, lapseMeans
    case capped, capDay, capMonth, capLifetime
    case missingBirth, missingSex, missingRegion, missingProgrammes, missingKind
    // What a person writes down.
    case staysHere, born, bornHint, lives, livesHint, sex, female, male, programmes, ownKinds
    case bornWrong, regionWrong, profileKept
}

extension ProjectText {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .ofAge: Bilingual("Of age", "成年")
        case .ofAgeYears:
            Bilingual("at {0}; until then a guardian decides", "满 {0} 岁；之前由监护人决定")
        case .lapse: Bilingual("At death", "去世时")
        case .lapseMeans:
            Bilingual(
                "{0}; the same if you can no longer decide", "{0}；无法再作决定时亦同")
        case .capped: Bilingual("{0} pays you at most {1}", "{0}最多支付您{1}")
        case .capDay: Bilingual("{0} a day (UTC), {1} left today", "每天（UTC）{0}，今天还剩 {1}")
        case .capMonth:
            Bilingual("{0} a month (UTC), {1} left this month", "每月（UTC）{0}，本月还剩 {1}")
        case .capLifetime: Bilingual("{0} in all, {1} left", "总共 {0}，还剩 {1}")
        case .open: Bilingual("can be joined", "可报名")
        case .unlimited: Bilingual("places without limit", "名额不限")
        case .fits: Bilingual("fits me", "适合我")
        case .earnsAny: Bilingual("earns points", "有积分")
        case .earnsFrom: Bilingual("earns {0} or more", "积分不少于 {0}")
        case .filterSaved: Bilingual("Kept filters", "已存筛选")
        case .groupStanding: Bilingual("Now", "当前状态")
        case .noFacets: Bilingual("Nothing to filter by.", "没有可用的筛选条件。")
        case .orderEnding: Bilingual("ending soonest", "最早结束")
        case .filteredOf: Bilingual("Projects: {0}", "项目：{0}")
        case .moreWords: Bilingual("and {0} more", "另有 {0} 项")
        case .filterHint:
            Bilingual(
                "Words of one group widen the list, words of different groups narrow it.",
                "同组条件取其一，不同组条件同时满足。")
        case .filterNameHint: Bilingual("a name for this filter", "为此筛选命名")
        case .filterExists:
            Bilingual("Enter keeps it on this machine.", "按回车保存在本机。")
        case .versionMajor:
            Bilingual(
                "{0} → {1} · {2} · major: consent is asked anew",
                "{0} → {1} · {2} · 重大变更：须重新同意")
        case .versionMinor:
            Bilingual(
                "{0} → {1} · {2} · minor: nothing more is asked",
                "{0} → {1} · {2} · 小幅变更：未增加要求")
        case .unchanged: Bilingual("It has not changed since it was published.", "发布后没有变更过。")
        case .was: Bilingual("was", "原为")
        case .now: Bilingual("is", "现为")
        case .markedFirst:
            Bilingual(
                "Marked. Go to another project and press {compare==} again.",
                "已标记。移到另一个项目，再按 {compare==} 进行比较。")
        case .sameProject: Bilingual("The mark is taken away.", "已取消标记。")
        case .sameTerms: Bilingual("Both say the same.", "两者内容相同。")
        case .differs: Bilingual("differs", "不同")
        case .noneNamed: Bilingual("none", "无")
        case .runBy: Bilingual("Run by", "主办方")
        case .anyDate: Bilingual("any date", "任何日期")
        case .untilDay: Bilingual("any date until {0}", "{0} 之前的任何日期")
        case .forWhom: Bilingual("For whom", "适合人群")
        case .fitsYou: Bilingual("fits you", "适合您")
        case .doesNotFit: Bilingual("does not fit you: {0}", "不适合您：{0}")
        case .cannotTell: Bilingual("cannot tell, missing here: {0}", "无法判断，本机缺少：{0}")
        case .forAnybody: Bilingual("anybody", "不限")
        case .ages: Bilingual("age {0} to {1}", "{0} 至 {1} 岁")
        case .ageFrom: Bilingual("age {0} or more", "{0} 岁及以上")
        case .ageUntil: Bilingual("age {0} or less", "{0} 岁及以下")
        case .women: Bilingual("women only", "仅限女性")
        case .men: Bilingual("men only", "仅限男性")
        case .inRegions: Bilingual("living in {0}", "居住于 {0}")
        case .inProgrammes: Bilingual("taking part in: {0}", "参加：{0}")
        case .needsKind: Bilingual("has {0}", "有{0}")
        case .missingBirth: Bilingual("year of birth", "出生年份")
        case .missingSex: Bilingual("sex", "性别")
        case .missingRegion: Bilingual("where you live", "居住地")
        case .missingProgrammes: Bilingual("your programmes", "所参加的计划")
        case .missingKind: Bilingual("a record: {0}", "记录：{0}")
        case .staysHere:
            Bilingual(
                "To see which projects fit you. It stays on this machine and is never sent; leave out what you like.",
                "用于判断哪些项目适合您。仅保存在本机，绝不发送；可以留空。")
        case .born: Bilingual("Born", "出生")
        case .bornHint: Bilingual("1987 or 1987-04", "1987 或 1987-04")
        case .lives: Bilingual("Lives in", "居住地")
        case .livesHint: Bilingual("CN or CN-GD", "CN 或 CN-GD")
        case .sex: Bilingual("Sex", "性别")
        case .female: Bilingual("female", "女")
        case .male: Bilingual("male", "男")
        case .programmes: Bilingual("In these programmes", "参加的计划")
        case .ownKinds: Bilingual("Has or can get", "拥有或可取得的数据")
        case .bornWrong:
            Bilingual("A year is needed, such as 1987 or 1987-04.", "请输入年份，如 1987 或 1987-04。")
        case .regionWrong:
            Bilingual("A region is needed, such as CN or CN-GD.", "请输入地区代码，如 CN 或 CN-GD。")
        case .fitExplained:
            Bilingual(
                "\u{201C}Fits me\u{201D} goes by the records here and by what you say of yourself: {about-me=m}. Neither is sent.",
                "“适合我”依据本机的记录和您填写的信息：{about-me=m}。两者都不会发出。")
        case .profileKept: Bilingual("Kept on this machine only.", "仅保存在本机。")
        }
    }
}

extension Words {
    /// Returns a text about projects, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: ProjectText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}
