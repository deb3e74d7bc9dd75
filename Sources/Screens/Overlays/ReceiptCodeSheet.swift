import SyncCore
import TerminalCore

/// The QR code of a receipt, and beside it what it says.
enum ReceiptCodeSheet {
    static func code(_ proof: EntryProof) -> ReceiptCode {
        ReceiptCode(index: proof.index, entry: proof.entry)
    }

    static func write(_ proof: EntryProof, _ say: Words, rows: Int, into page: inout Document) {
        let text = code(proof).text
        let said = SafeText(untrusted: text)
        var words = Document(width: 34, textWidth: page.textWidth)
        if let code = QRCode(text), let border = border(of: code, rows, page) {
            let lines = code.lines(border: border)
            words = Document(
                width: page.width - code.width - 2 * border - 2, textWidth: page.textWidth)
            write(said, say, into: &words)
            page.drawing(
                lines.indices.map { row in
                    let beside = words.rows.indices.contains(row) ? words.rows[row].runs : []
                    return [Run(lines[row], .code), Run("  ")] + beside
                })
            page.nodes.append(SemanticNode(.chart, say(.codeTitle), value: said))
        } else {
            write(said, say, into: &page)
        }
    }

    private static func write(_ text: SafeText, _ say: Words, into page: inout Document) {
        page.text(text, .textStrong)
        page.blank()
        page.text(say(.codeExplained), .textMuted)
    }

    /// The light border there is room for, in modules; `nil` where the code does not fit, or where
    /// block characters take two cells.
    private static func border(of code: QRCode, _ rows: Int, _ page: Document) -> Int? {
        guard page.textWidth.ambiguous == .one else { return nil }
        return (1...4).reversed().first { border in
            code.rows(border: border) <= rows && code.width + 2 * border + 24 <= page.width
        }
    }
}
