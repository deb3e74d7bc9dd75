import TerminalCore
import Testing

@Suite struct FrameTests {
    @Test func `a wide character that does not fit leaves a blank cell`() {
        var frame = Frame(size: Size(columns: 5, rows: 1))
        frame.write("汉字表", row: 0)
        #expect(frame.rows == ["汉字"])
        #expect(frame[0, 4].text == " ")
        #expect(frame[0, 1].isRightHalf)
    }

    @Test func `writing over half a wide character blanks the other half`() {
        var frame = Frame(size: Size(columns: 6, rows: 1))
        frame.write("汉字表", row: 0)
        frame.write("x", row: 0, column: 1)
        frame.write("y", row: 0, column: 4)
        #expect(frame.rows == [" x字y"])
    }

    @Test func `wide over wide, one cell off, blanks both outer halves`() {
        var frame = Frame(size: Size(columns: 6, rows: 1))
        frame.write("汉字表", row: 0)
        frame.write("国", row: 0, column: 1)
        #expect(frame.rows == [" 国 表"])
    }

    @Test func `filling blanks the halves it cuts at both ends, and nothing beyond`() {
        var frame = Frame(size: Size(columns: 8, rows: 2))
        frame.write("汉字表国", row: 0)
        frame.write("汉字表国", row: 1)
        frame.fill(Rect(row: 0, column: 3, rows: 1, columns: 2), with: "x")
        #expect(frame.rows == ["汉 xx 国", "汉字表国"])
        frame.fill(Rect(row: 1, column: 0, rows: 1, columns: 8), with: "x")
        #expect(frame.rows == ["汉 xx 国", "xxxxxxxx"])
        #expect((0..<8).allSatisfy { !frame[1, $0].isRightHalf })
    }

    @Test func `rows of an area move up or down, and blank ones come in`() {
        var frame = Frame(size: Size(columns: 6, rows: 4))
        for row in 0..<4 { frame.write("\(row)汉字e", row: row, role: .key) }
        let area = Rect(row: 0, column: 1, rows: 4, columns: 4)
        frame.scroll(area, up: 1)
        #expect(frame.rows == ["0汉字e", "1汉字e", "2汉字e", "3    e"])
        #expect(frame[3, 2].role == .text && frame[3, 0].role == .key)
        frame.scroll(area, up: -2)
        #expect(frame.rows == ["0    e", "1    e", "2汉字e", "3汉字e"])
        frame.scroll(area, up: 9)
        #expect(frame.rows == ["0    e", "1    e", "2    e", "3    e"])
    }

    @Test func `text is clipped to its rectangle and the column after it is returned`() {
        var frame = Frame(size: Size(columns: 10, rows: 3))
        let pane = Rect(row: 1, column: 2, rows: 1, columns: 4)
        #expect(frame.write("abcdefgh", row: 0, in: pane) == 4)
        #expect(frame.write("out", row: 1, in: pane) == 0)
        #expect(frame.write("汉字", row: 0, column: -1, in: pane) == 3)
        #expect(frame.rows == ["", "   字d", ""])
        #expect(frame.write("ab", row: 2) == 2)
    }

    @Test func `an overlay never leaves half a character at its edges`() {
        var frame = Frame(size: Size(columns: 8, rows: 1))
        frame.write("汉字汉字", row: 0)
        var sheet = Frame(size: Size(columns: 3, rows: 1))
        sheet.write("xyz", row: 0, role: .overlay)
        sheet.cursor = Point(row: 0, column: 1)
        frame.overlay(sheet, at: Point(row: 0, column: 1))
        #expect(frame.rows == [" xyz汉字"])
        #expect(frame.cursor == Point(row: 0, column: 2))
        #expect(frame.roleRuns == [.init(row: 0, columns: 1..<4, role: .overlay)])
    }

    @Test func `an overlay cut by the edge loses the halves outside`() {
        var frame = Frame(size: Size(columns: 4, rows: 1))
        var sheet = Frame(size: Size(columns: 4, rows: 1))
        sheet.write("汉字", row: 0)
        frame.overlay(sheet, at: Point(row: 0, column: -1))
        #expect(frame.rows == [" 字"])
        frame.overlay(sheet, at: Point(row: 0, column: 1))
        #expect(frame.rows == [" 汉"])
    }

    @Test func `a box draws its lines, its title and nothing outside`() {
        var frame = Frame(size: Size(columns: 12, rows: 3))
        let inside = frame.box(frame.bounds, title: "睡眠")
        #expect(inside == Rect(row: 1, column: 1, rows: 1, columns: 10))
        #expect(frame.rows == ["┌─ 睡眠 ───┐", "│          │", "└──────────┘"])
        frame.box(Rect(row: 2, column: 10, rows: 9, columns: 9))
        #expect(frame.rows.count == 3)
    }

    @Test func `boxes are ASCII where line characters take two cells`() {
        var frame = Frame(
            size: Size(columns: 4, rows: 2), textWidth: TextWidth(ambiguous: .two))
        frame.box(frame.bounds)
        #expect(frame.rows == ["+--+", "+--+"])
    }

    @Test(arguments: [(0, 0), (1, 1), (2, 1), (1, 5), (3, 3)])
    func `everything can be drawn at any size`(columns: Int, rows: Int) {
        var frame = Frame(size: Size(columns: columns, rows: rows))
        frame.box(Rect(row: 0, column: 0, rows: 20, columns: 40), title: "title")
        frame.write("汉字 text", row: 0, column: -1)
        frame.write(["a", "汉"], in: frame.bounds.inset(by: 1))
        frame.horizontalRule(row: 1)
        frame.verticalRule(column: 2)
        frame.setRole(.selection, in: Rect(row: -1, column: -1, rows: 9, columns: 9))
        frame.overlay(frame, at: Point(row: -1, column: 1))
        #expect(frame.rows.count == rows)
    }

    @Test func `a rectangle splits without gap or overlap`() {
        let rect = Rect(row: 1, column: 2, rows: 10, columns: 20)
        let (top, rest) = rect.splitTop(3)
        #expect(top.rows + rest.rows == 10 && rest.row == 4)
        let (left, right) = rest.splitRight(50)
        #expect(left.isEmpty && right == rest)
        #expect(rect.centred(Size(columns: 10, rows: 100)).columns == 10)
    }

    @Test func `the semantic tree is found and listed in reading order`() {
        let tree = SemanticNode(
            .screen, "Projects",
            children: [
                SemanticNode(
                    .list, "Projects",
                    children: [
                        SemanticNode(.item, "Sleep", value: "400 points", states: [.selected])
                    ])
            ])
        #expect(tree.first(.item, named: "Sleep", states: [.selected]) != nil)
        #expect(tree.first(.item, named: "Sleep", states: [.disabled]) == nil)
        #expect(
            tree.lines == [
                "screen \"Projects\"", "  list \"Projects\"",
                "    item \"Sleep\": 400 points (selected)",
            ])
    }
}
