package import LedgerCore

extension WitnessPolicyError {
    /// Where and why a policy of witnesses cannot be used, as the rest of a sentence.
    package var explained: Bilingual {
        Bilingual(description, line == 0 ? reason.chinese : "第 \(line) 行：\(reason.chinese)")
    }
}

extension WitnessPolicyError.Reason {
    fileprivate var chinese: String {
        switch self {
        case .tooLong: "策略超过 64 KiB"
        case .noQuorum: "没有 quorum"
        case .controlCharacter: "含有控制字符；行尾只能是换行符"
        case .quorumForm: "只能有一个 quorum，且只带一个名称"
        case .notDefined(let name): "此前没有定义 \(name)"
        case .unknownWord(let word): "\(word) 不是 log、witness、group、quorum 之一"
        case .logForm: "log 后须有密钥，可另有地址"
        case .witnessForm: "witness 后须有名称和密钥，可另有地址"
        case .groupForm: "group 后须有名称、所需数目和成员"
        case .keyTwice(let name): "\(name) 的密钥重复"
        case .memberTwice(let name): "成员 \(name) 重复"
        case .neededInvalid(let text, let members): "\(text) 不是 all、any 或 1 至 \(members)"
        case .nameTaken(let name): "名称 \(name) 重复，或为保留字"
        case .keyRefused(let error): error.chinese
        }
    }
}

extension VerifierKeyError {
    fileprivate var chinese: String {
        switch self {
        case .malformed: "密钥格式不正确"
        case .nameInvalid: "密钥的名称无效"
        case .algorithmUnsupported: "密钥的类型不适用于此"
        case .keyLengthWrong: "公钥不是 32 字节"
        case .keyIDMismatch: "密钥标识与名称和公钥不符"
        }
    }
}
