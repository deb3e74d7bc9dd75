package import SyncCore
package import TerminalCore

extension Words {
    /// Why a node gave no answer, as the rest of a sentence: `no node runs at 127.0.0.1:8430`.
    package func reason(_ failure: NodeFailure) -> SafeText {
        switch failure {
        case .away(let outage): reason(outage)
        case .unreachable(let reason): SafeText(untrusted: reason)
        case .timedOut: self(Bilingual("the node did not answer in time", "节点未及时应答"))
        case .problem:
            self(Bilingual("the node says: ", "节点答复："))
                + (failure.said.map { self($0) } ?? .empty)
        case .malformed:
            self(Bilingual("what answers there is no Accord node", "该地址应答的不是 Accord 节点"))
        case .incompatible: self(Bilingual("the node speaks another version", "节点版本不兼容"))
        case .locked: self(Bilingual("the vault is locked", "保管库已锁定"))
        case .unconfirmed:
            self(Bilingual("too few witnesses confirmed what the node shows", "见证不足，未采纳节点展示的内容"))
        }
    }

    private func reason(_ outage: NodeOutage) -> SafeText {
        let address = SafeText(untrusted: outage.address)
        let isEnglish = language == .english
        return switch outage.cause {
        case .refused: isEnglish ? "no node runs at \(address)" : "\(address) 上没有运行节点"
        case .hostUnknown: isEnglish ? "nobody knows the host of \(address)" : "找不到 \(address) 的主机"
        case .noRoute: isEnglish ? "there is no way to \(address)" : "无法通往 \(address)"
        case .silent: isEnglish ? "\(address) does not answer" : "\(address) 没有应答"
        case .brokenOff: isEnglish ? "the connection to \(address) broke off" : "与 \(address) 的连接中断"
        case .unusable: isEnglish ? "no safe connection to \(address)" : "无法与 \(address) 建立可用连接"
        }
    }

    /// Why nothing is sent to a node any more, as the store keeps it.
    package func frozen(_ reason: String) -> SafeText {
        let alarm = Alarm.allCases.first { $0.explanation == reason }
        return alarm.map { self($0.explained) } ?? SafeText(untrusted: reason)
    }

    /// Why joining did not work, and what next: whole sentences.
    package func joinFailure(_ failure: NodeFailure) -> SafeText {
        let reason = reason(failure)
        return language == .english
            ? "Could not join: \(reason). Check the address and that the node runs; the code stays good."
            : "无法加入：\(reason)。请检查地址以及节点是否在运行；邀请码仍然有效。"
    }
}

extension Alarm {
    /// Which promise the node broke.
    package var explained: Bilingual {
        switch self {
        case .checkpointUnsigned:
            Bilingual(explanation, "检查点不是由您加入的账本签署")
        case .fork: Bilingual(explanation, "账本显示了两份不同的历史")
        case .notConsistent: Bilingual(explanation, "账本改写了历史")
        case .rolledBack: Bilingual(explanation, "账本倒退到了另一份历史")
        case .notIncluded: Bilingual(explanation, "条目不在节点所称的位置")
        case .entryForged: Bilingual(explanation, "条目不是由其所称的设备签署")
        case .outOfOrder: Bilingual(explanation, "条目的顺序与记录时不同")
        case .entryHidden: Bilingual(explanation, "有条目被隐藏")
        case .headUnsigned: Bilingual(explanation, "账户摘要不是由账本签署")
        case .headMismatch: Bilingual(explanation, "最新的条目被隐藏")
        case .rulesBroken: Bilingual(explanation, "节点记录了规则所禁止的内容")
        case .promiseBroken: Bilingual(explanation, "节点确认过的条目不在账本中")
        }
    }
}
