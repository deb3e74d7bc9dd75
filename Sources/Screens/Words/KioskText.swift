/// What a shared machine says before and after a person uses it.
package enum KioskText: CaseIterable, Sendable {
    case greeting, invitation, signInKey, firstTimeKey, languageKey
    case signInTitle, firstTimeTitle, firstTimeLine, badge, badgeHint, secret, secretAgain, code
    case closedTitle, closedLine
    case working, idleWarning
    case wrongSecret, tooManyTries, secretsDiffer, secretTooShort, codeRefused
    case tooManyRequests, keysRemoved, keysUnknown, versionDiffers
    case notReachable, notConfirmed, notTrusted, memoryFull, noRoom
}

extension KioskText {
    /// The text in both languages; `{0}` stands for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .greeting:
            Bilingual("Your health data, your decision.", "您的健康数据，由您决定。")
        case .invitation:
            Bilingual(
                "Hold your badge to the reader, or type your number, to begin.",
                "请刷工牌，或输入编号，即可开始。")
        case .signInKey: Bilingual("sign in", "登录")
        case .firstTimeKey: Bilingual("first time here", "首次使用")
        case .languageKey: Bilingual("中文", "English")
        case .signInTitle: Bilingual("Sign in", "登录")
        case .firstTimeTitle: Bilingual("First time here", "首次使用")
        case .firstTimeLine:
            Bilingual(
                "You need your badge, the invitation code you were given, and a secret of your own.",
                "需要您的工牌、收到的邀请码，以及由您自己设定的口令。")
        case .badge: Bilingual("Badge", "工牌")
        case .badgeHint: Bilingual("badge or number", "刷卡或输入编号")
        case .secret: Bilingual("Secret", "口令")
        case .secretAgain: Bilingual("Again", "再次输入")
        case .code: Bilingual("Code", "邀请码")
        case .closedTitle: Bilingual("Closed for the moment", "暂停服务")
        case .closedLine:
            Bilingual(
                "Please come back a little later. Nothing you decided is lost.",
                "请稍后再来。您已作出的决定不会丢失。")
        case .working: Bilingual("One moment …", "请稍候……")
        case .idleWarning:
            Bilingual("Signing out in {0} s. Press any key to stay.", "{0} 秒后退出登录，按任意键继续使用。")
        case .wrongSecret:
            Bilingual("Badge and secret do not fit together.", "工牌与口令不符。")
        case .tooManyTries:
            Bilingual("Too many tries. Wait {0} min, then try again.", "尝试次数过多，请 {0} 分钟后再试。")
        case .secretsDiffer: Bilingual("The two secrets differ.", "两次输入的口令不一致。")
        case .secretTooShort:
            Bilingual("The secret needs at least 8 characters.", "口令至少需要 8 个字符。")
        case .codeRefused:
            Bilingual(
                "The code is not accepted. Ask for a new one, or sign in if you were here before.",
                "邀请码无效。请索取新的邀请码；如曾在此使用，请直接登录。")
        case .tooManyRequests:
            Bilingual(
                "Too many requests from here. Wait {0} min, then try again.",
                "此处请求过多，请 {0} 分钟后再试。")
        case .keysRemoved:
            Bilingual(
                "The keys of this badge were removed from the ledger. Tell the people who run this machine.",
                "该工牌的密钥已从账本移除，请联系本机管理员。")
        case .keysUnknown:
            Bilingual(
                "The ledger does not know the keys of this badge. Tell the people who run this machine.",
                "账本中没有该工牌的密钥，请联系本机管理员。")
        case .versionDiffers:
            Bilingual(
                "The ledger and this machine are of different versions. Tell the people who run this machine.",
                "账本与本机的版本不一致，请联系本机管理员。")
        case .notReachable:
            Bilingual("The ledger cannot be reached. Try again in a moment.", "无法连接账本，请稍后再试。")
        case .notConfirmed:
            Bilingual(
                "Too few witnesses have confirmed what the ledger shows. Sign in again later.",
                "确认账本内容的见证方不足，请稍后再登录。")
        case .notTrusted:
            Bilingual(
                "The ledger's answer does not check. Tell the people who run this machine.",
                "账本的答复未通过验证，请联系本机管理员。")
        case .memoryFull:
            Bilingual(
                "Nothing can be stored here: the memory of this machine may be full. Tell the people who run it.",
                "无法在此保存内容：本机内存可能已满，请联系本机管理员。")
        case .noRoom:
            Bilingual(
                "This machine cannot be used now. Tell the people who run it.",
                "本机暂时无法使用，请联系管理员。")
        }
    }
}
