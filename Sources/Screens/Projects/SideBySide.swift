import TerminalCore

/// Two things field by field: in two columns, or on narrow screens one below the other.
struct SideBySide {
    /// One field of both.
    struct Field: Equatable {
        var name: SafeText
        var left: [SafeText]
        var right: [SafeText]

        var differs: Bool { left != right }
    }

    /// What stands over the columns.
    let heads: (left: SafeText, right: SafeText)
    let say: Words

    /// From this width on, columns stand side by side.
    private static let wideCells = 64
    private static let labelCells = 13

    func write(_ fields: [Field], into page: inout Document) {
        if page.width >= Self.wideCells {
            let cells = (page.width - 3 - Self.labelCells - 3) / 2
            page.drawing([row("", heads.left, heads.right, .textMuted, cells, page.textWidth)])
            for field in fields { writeColumns(field, cells, into: &page) }
        } else {
            for field in fields { writeBelow(field, into: &page) }
        }
        for field in fields {
            let left = heads.left + ": " + joined(field.left)
            let right = heads.right + ": " + joined(field.right)
            let sign = field.differs ? " (" + say(ProjectText.differs) + ")" : ""
            page.nodes.append(
                SemanticNode(.field, field.name + sign, value: left + "; " + right))
        }
    }

    private func joined(_ texts: [SafeText]) -> SafeText {
        guard let first = texts.first else { return say(.noneNamed) }
        return texts.dropFirst().reduce(first) { $0 + ", " + $1 }
    }

    private func shown(_ texts: [SafeText]) -> [SafeText] {
        texts.isEmpty ? [say(.noneNamed)] : texts
    }

    private func writeColumns(_ field: Field, _ cells: Int, into page: inout Document) {
        let width = page.textWidth
        let left = shown(field.left).flatMap { width.wrap($0, cells: cells) }
        let right = shown(field.right).flatMap { width.wrap($0, cells: cells) }
        var rows = [row("", "", "", .text, cells, width)]
        for index in 0..<max(left.count, right.count) {
            // The sign beside the name tells what differs, without colour.
            let label = index == 0 ? (field.differs ? "≠ " : "  ") + field.name : ""
            rows.append(
                row(
                    label, left.indices.contains(index) ? left[index] : "",
                    right.indices.contains(index) ? right[index] : "",
                    field.differs ? .textStrong : .text, cells, width))
        }
        page.drawing(rows)
    }

    private func row(
        _ label: SafeText, _ left: SafeText, _ right: SafeText, _ role: StyleRole, _ cells: Int,
        _ width: TextWidth
    ) -> [Run] {
        [
            Run(
                width.pad(
                    width.truncate(label, cells: Self.labelCells - 1), cells: Self.labelCells),
                .textMuted),
            Run(width.pad(left, cells: cells), .text), Run(" │ ", .border), Run(right, role),
        ]
    }

    private func writeBelow(_ field: Field, into page: inout Document) {
        let width = page.textWidth
        let room = max(page.width - 5, 8)
        var rows: [[Run]] = [[], [Run((field.differs ? "≠ " : "  ") + field.name, .textMuted)]]
        func add(_ head: SafeText, _ texts: [SafeText], _ role: StyleRole) {
            let said = head + ": " + joined(texts)
            for (index, line) in width.wrap(said, cells: room).enumerated() {
                rows.append([Run(SafeText.spaces(index == 0 ? 2 : 4)), Run(line, role)])
            }
        }
        if field.differs {
            add(heads.left, field.left, .textMuted)
            add(heads.right, field.right, .textStrong)
        } else {
            for line in width.wrap(joined(field.left), cells: room) {
                rows.append([Run(SafeText.spaces(2)), Run(line)])
            }
        }
        page.drawing(rows)
    }
}
