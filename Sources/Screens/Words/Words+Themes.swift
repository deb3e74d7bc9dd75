import TerminalCore

extension Words {
    /// Returns what a theme is called: those that come with the app have Chinese names too, any
    /// other is called as its file.
    func theme(_ name: String) -> SafeText {
        guard language == .chinese, let known = Self.themes[name] else {
            return SafeText(untrusted: name)
        }
        return SafeText(untrusted: known)
    }

    private static let themes = [
        "dark": "深色", "light": "浅色", "high-contrast": "高对比度", "monochrome": "单色",
        "colour-blind-dark": "色盲友好（深色）", "colour-blind-light": "色盲友好（浅色）",
    ]
}
