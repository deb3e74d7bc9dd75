/// What is said while a person adds a device of their own.
package enum DeviceText: CaseIterable, Sendable {
    case addTitle, starting, typeCode, codeEnds, compareHere, waitsForOther, ifDifferent, added
    case compareAccounts
}

extension DeviceText {
    /// The text in both languages.
    package var texts: Bilingual {
        switch self {
        case .addTitle: Bilingual("Add a device", "添加设备")
        case .starting: Bilingual("One moment …", "请稍候……")
        case .typeCode:
            Bilingual(
                "On the new device choose Join, and type this code and the address of the node:",
                "请在新设备上选择“加入”，输入此代码和节点地址：")
        case .codeEnds:
            Bilingual(
                "It works once, for ten minutes. Keep this open: the new device asks here.",
                "代码仅可使用一次，十分钟内有效。请保持此窗口打开，新设备会在此请求。")
        case .compareHere:
            Bilingual(
                "A device asks to sign for you. Does it show these words, in this order?",
                "有一台设备请求代表您签名。它显示的词语和顺序与下面一致吗？")
        case .waitsForOther:
            Bilingual(
                "Now look at your other device. It has to show these words, in this order:",
                "请查看您的另一台设备，它应按相同顺序显示以下词语：")
        case .ifDifferent:
            Bilingual(
                "If they differ, somebody else typed your code: say no, and show a new one.",
                "若不一致，说明他人使用了您的代码：请拒绝，并重新生成代码。")
        case .compareAccounts:
            Bilingual(
                "What this device knows of your account. On another one: accord devices compare",
                "本设备所知的您的账户状态。在另一台设备上核对：accord devices compare")
        case .added:
            Bilingual(
                "The device is added. It has your keys for records; what it lacks comes with its next sync.",
                "设备已添加，并已取得记录密钥；其余内容将在其下次同步时取得。")
        }
    }
}
