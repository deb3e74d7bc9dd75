extension Phrase {
    /// What others call a command, in both languages: the palette finds it by these, too.
    var otherNames: [String] {
        switch self {
        case .takeHome: ["export", "download", "导出"]
        case .importFile: ["add a record", "导入"]
        case .rewards: ["redeem", "兑换"]
        case .showProof: ["receipt", "verify", "凭证"]
        case .actFor: ["ward", "guardian", "监护", "未成年人"]
        case .keyring: ["bind keys", "passphrase", "vault", "绑定密钥", "口令"]
        case .settingsTitle: ["configure", "preferences"]
        default: []
        }
    }
}
