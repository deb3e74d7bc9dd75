package import TerminalCore

/// The hints for somebody new.
package enum TourText: CaseIterable, Sendable {
    case frame
    case hintProjects, hintAuthorize, hintRevoke, hintActivity, hintKeys, hintSettings

    /// The hints, in the order shown.
    static let hints: [TourText] = [
        .hintProjects, .hintAuthorize, .hintRevoke, .hintActivity, .hintKeys, .hintSettings,
    ]
}

extension TourText {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .frame:
            Bilingual(
                "Hint {0}/{1} · {2} ({next-hint=t} next, {no-more-hints=Ctrl+T} no more)",
                "提示 {0}/{1} · {2}（{next-hint=t} 下一条，{no-more-hints=Ctrl+T} 不再提示）")
        case .hintProjects:
            Bilingual(
                "{projects=2} shows studies, {search=/} searches", "{projects=2} 浏览项目，{search=/} 搜索"
            )
        case .hintAuthorize:
            Bilingual(
                "{authorize=g} allows use; esc tells nobody", "{authorize=g} 授权；按 esc 不会告知任何人")
        case .hintRevoke:
            Bilingual(
                "{revoke=r} and Enter stop use, anywhere", "在任何页面按 {revoke=r} 和回车停止使用")
        case .hintActivity:
            Bilingual(
                "{activity=6} has every entry, {show-proof=v} its proof",
                "{activity=6} 查看全部动态，{show-proof=v} 查看证明")
        case .hintKeys:
            Bilingual(
                "{help=?} shows the keys, {commands=:} every command",
                "{help=?} 查看按键，{commands=:} 查找命令")
        case .hintSettings:
            Bilingual(
                "{settings-title=,} has theme, language and lock",
                "{settings-title=,} 设置配色、语言和锁定")
        }
    }
}

extension Words {
    /// Returns a hint, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: TourText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}
