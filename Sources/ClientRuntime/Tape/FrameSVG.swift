package import TerminalCore

/// A frame as an SVG picture: one rectangle for each stretch with a background, text on a grid.
///
/// Each stretch of text has its own place and length, so that columns stand one below the other in
/// any font; lines and blocks are drawn, not set, so that they meet.
package enum FrameSVG {
    /// Width and height of a cell, in pixels.
    static let cell = (width: 9, height: 19)
    private static let margin = 12
    private static let fontSize = 15
    private static let fonts =
        "DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, WenQuanYi Zen Hei Mono, "
        + "Microsoft YaHei, monospace"
    /// What stands for the terminal's own colours.
    private static let own = (foreground: "#d4d4d4", background: "#16161e")

    /// Draws a frame.
    ///
    /// `title` says what the picture shows, for those who do not see it.
    package static func draw(_ frame: Frame, title: String, look: FrameLook) -> String {
        let width = frame.size.columns * cell.width + 2 * margin
        let height = frame.size.rows * cell.height + 2 * margin
        let page = Paint(look.style(of: .text))
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" role="img" font-family="\(fonts)" \
            font-size="\(fontSize)" xml:space="preserve">
            <title>\(escaped(title))</title>
            <rect width="\(width)" height="\(height)" rx="8" fill="\(page.background)"/>

            """
        for row in 0..<frame.size.rows { draw(row: row, of: frame, page, look, into: &svg) }
        if let cursor = frame.cursor {
            let place = origin(cursor.row, cursor.column)
            svg += """
                <rect x="\(place.x)" y="\(place.y)" width="\(cell.width)" \
                height="\(cell.height)" fill="none" stroke="\(page.foreground)"/>

                """
        }
        return svg + "</svg>\n"
    }

    private static func origin(_ row: Int, _ column: Int) -> (x: Int, y: Int) {
        (margin + column * cell.width, margin + row * cell.height)
    }

    // MARK: Rows

    /// A stretch of one row that is set at once.
    private struct Stretch {
        var column: Int
        var cells: Int
        var text: String
        /// Whether it is one character that fonts may make of any width.
        var isSingle = false
    }

    private static func draw(
        row: Int, of frame: Frame, _ page: Paint, _ look: FrameLook, into svg: inout String
    ) {
        var start = 0
        while start < frame.size.columns {
            let role = frame[row, start].role
            var end = start + 1
            while end < frame.size.columns, frame[row, end].role == role { end += 1 }
            let paint = Paint(look.style(of: role))
            if paint.background != page.background {
                let place = origin(row, start)
                svg += """
                    <rect x="\(place.x)" y="\(place.y)" \
                    width="\((end - start) * cell.width)" height="\(cell.height)" \
                    fill="\(paint.background)"/>

                    """
            }
            var shapes = ""
            for stretch in stretches(row, start..<end, frame, &shapes) {
                let place = origin(row, stretch.column)
                svg += """
                    <text \(setting(stretch, place.x)) \
                    y="\(place.y + 14)"\(paint.attributes)>\(escaped(stretch.text))</text>

                    """
            }
            if !shapes.isEmpty {
                let opacity = paint.isDim ? " opacity=\"0.65\"" : ""
                svg += """
                    <path d="\(shapes)" fill="\(paint.foreground)"\(opacity)/>

                    """
            }
            start = end
        }
    }

    /// Words fill their cells whatever the font; a character of its own stands in the middle of its.
    private static func setting(_ stretch: Stretch, _ x: Int) -> String {
        let width = stretch.cells * cell.width
        guard stretch.isSingle else {
            return "x=\"\(x)\" textLength=\"\(width)\" lengthAdjust=\"spacingAndGlyphs\""
        }
        let size = stretch.cells == 2 ? " font-size=\"\(fontSize + 2)\"" : ""
        let middle = Double(x) + Double(width) / 2
        return "x=\"\(middle)\" text-anchor=\"middle\"\(size)"
    }

    /// Words and wide characters; what is drawn is added to `shapes`.
    private static func stretches(
        _ row: Int, _ columns: Range<Int>, _ frame: Frame, _ shapes: inout String
    ) -> [Stretch] {
        var found: [Stretch] = []
        var isOpen = false
        for column in columns {
            let text = frame[row, column].text
            if text.isEmpty { continue }
            let isWide = column + 1 < frame.size.columns && frame[row, column + 1].isRightHalf
            let place = origin(row, column)
            if text == " " {
                isOpen = false
            } else if let shape = FrameShapes.path(text, at: place, cell) {
                shapes += shape
                isOpen = false
            } else if isWide || text.utf8.count > 1 {
                let cells = isWide ? 2 : 1
                found.append(Stretch(column: column, cells: cells, text: text, isSingle: true))
                isOpen = false
            } else if isOpen {
                found[found.count - 1].text += text
                found[found.count - 1].cells += 1
            } else {
                found.append(Stretch(column: column, cells: 1, text: text))
                isOpen = true
            }
        }
        return found
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // XML knows no such characters, not even escaped.
            case "\0"..<" ", "\u{fffe}", "\u{ffff}": escaped += "\u{fffd}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// How a role is painted.
    private struct Paint {
        let foreground: String
        let background: String
        let isDim: Bool
        let attributes: String

        init(_ style: ResolvedStyle) {
            let text = Paint.hex(style.foreground) ?? FrameSVG.own.foreground
            let behind = Paint.hex(style.background) ?? FrameSVG.own.background
            let isReversed = style.modifiers.contains(.reversed)
            foreground = isReversed ? behind : text
            background = isReversed ? text : behind
            isDim = style.modifiers.contains(.dim)
            var attributes = " fill=\"\(foreground)\""
            if style.modifiers.contains(.bold) { attributes += " font-weight=\"bold\"" }
            if style.modifiers.contains(.italic) { attributes += " font-style=\"italic\"" }
            if isDim { attributes += " opacity=\"0.65\"" }
            var lines: [String] = []
            if style.modifiers.contains(.underlined) { lines.append("underline") }
            if style.modifiers.contains(.crossedOut) { lines.append("line-through") }
            if !lines.isEmpty {
                attributes += " text-decoration=\"\(lines.joined(separator: " "))\""
            }
            self.attributes = attributes
        }

        private static func hex(_ colour: Colour) -> String? {
            colour.components.map { parts in
                "#"
                    + [parts.red, parts.green, parts.blue].map {
                        ($0 < 16 ? "0" : "") + String($0, radix: 16)
                    }.joined()
            }
        }
    }
}

/// Lines and blocks as shapes, so that they meet their neighbours whatever the font.
private enum FrameShapes {
    private static let left = 1
    private static let right = 2
    private static let up = 4
    private static let down = 8
    private static let lines: [String: Int] = [
        "─": left | right, "│": up | down, "┌": right | down, "┐": left | down,
        "└": right | up, "┘": left | up, "├": up | down | right, "┤": up | down | left,
        "┬": left | right | down, "┴": left | right | up, "┼": left | right | up | down,
    ]
    private static let rising = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let growing = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    /// The outline of a character; `nil` for one that is set in a font.
    static func path(
        _ text: String, at place: (x: Int, y: Int), _ cell: (width: Int, height: Int)
    ) -> String? {
        if let sides = lines[text] { return line(sides, place, cell) }
        if let step = rising.firstIndex(of: text) {
            let height = (cell.height * (step + 1) + 4) / 8
            return box(place.x, place.y + cell.height - height, cell.width, height)
        }
        if let step = growing.firstIndex(of: text) {
            return box(place.x, place.y, (cell.width * (step + 1) + 4) / 8, cell.height)
        }
        return nil
    }

    private static func line(
        _ sides: Int, _ place: (x: Int, y: Int), _ cell: (width: Int, height: Int)
    ) -> String {
        let (x, y) = (place.x + cell.width / 2, place.y + cell.height / 2)
        var path = ""
        if sides & (left | right) != 0 {
            let from = sides & left != 0 ? place.x : x
            let to = sides & right != 0 ? place.x + cell.width : x + 1
            path += box(from, y, to - from, 1)
        }
        if sides & (up | down) != 0 {
            let from = sides & up != 0 ? place.y : y
            let to = sides & down != 0 ? place.y + cell.height : y + 1
            path += box(x, from, 1, to - from)
        }
        return path
    }

    private static func box(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> String {
        "M\(x) \(y)h\(width)v\(height)h-\(width)z"
    }
}
