/// Look-alikes for what a terminal cannot show, or would show in a width of its own.
enum Substitute {
    /// Returns ASCII of exactly `cells` cells.
    static func ascii(for text: String, cells: Int) -> String {
        let first = text.unicodeScalars.first
        // In one cell an arrow looks like a letter; where there is room it is a word.
        let found = first.flatMap { (cells > 1 ? wide[$0] : nil) ?? table[$0] } ?? "?"
        let missing = cells - found.utf8.count
        return missing >= 0
            ? found + String(repeating: " ", count: missing) : String(found.prefix(cells))
    }

    private static let wide: [Unicode.Scalar: String] = ["↑": "up", "↓": "dn"]

    private static let table: [Unicode.Scalar: String] = [
        "─": "-", "━": "-", "│": "|", "┃": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+",
        "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "▌": ">", "▐": "<", "█": "#",
        "▏": "|", "▁": ".", "▂": ".", "▃": "-", "▄": "-", "▅": "=", "▆": "=", "▇": "#",
        "●": "*", "○": "o", "◉": "*", "◆": "*", "◇": "o", "★": "*", "☆": "*", "■": "#",
        "□": "o", "▲": "^", "▼": "v", "▸": ">", "▾": "v", "▶": ">", "◀": "<", "✓": "v",
        "✔": "v", "✗": "x", "✘": "x", "⚠": "!", "←": "<-", "→": "->", "↑": "^", "↓": "v",
        "⏎": "<", "…": "..", "–": "-", "—": "--", "·": ".", "•": "*", "×": "x", "÷": "/",
        "“": "\"", "”": "\"", "‘": "'", "’": "'", "±": "+-", "°": "o", "§": "S", "≥": ">=",
        "≤": "<=", "①": "1", "②": "2", "③": "3", "④": "4", "⑤": "5", "⑥": "6", "⑦": "7",
        "⑧": "8", "⑨": "9", "❶": "1", "❷": "2", "❸": "3", "❹": "4", "❺": "5", "❻": "6",
    ]
}
