import CNcursesw
import Foundation
import TerminalCore
import TestSupport
import Testing

@testable import CursesTerminal

extension CursesTerminalTests {
    /// The terminal's side: what it was sent, put on a screen.
    private final class Watched {
        let pair: Pair
        let terminal: CursesTerminal
        var screen: TerminalScreen

        @MainActor
        init(_ size: Size, theme: Theme = .fallback, term: String = "xterm-256color") throws {
            pair = try Pair(columns: Int32(size.columns), rows: Int32(size.rows))
            terminal = try pair.open(["TERM": term], theme: theme)
            screen = TerminalScreen(size)
        }

        @MainActor
        func show(_ frame: Frame) {
            terminal.draw(frame)
            screen.feed(pair.receivedAll())
        }

        @MainActor
        func finish() {
            terminal.close()
            pair.finish()
        }
    }

    /// Fails where the terminal shows something else than the frame, in `styles` the look of each
    /// role so far.
    private func expectShown(
        _ frame: Frame, on screen: TerminalScreen,
        _ styles: inout [StyleRole: TerminalScreen.Style],
        _ context: String
    ) {
        for row in 0..<frame.size.rows {
            for column in 0..<frame.size.columns {
                let (wanted, shown) = (frame[row, column], screen[row, column])
                let place = "\(context) at \(row):\(column)"
                #expect(shown.text == wanted.text, "\(place)")
                guard !wanted.isRightHalf else { continue }
                if wanted.text == " " {
                    let style = styles[wanted.role]?.blank ?? shown.style.blank
                    #expect(shown.style.blank == style, "\(place): \(wanted.role.name)")
                } else {
                    let style = styles[wanted.role, default: shown.style]
                    styles[wanted.role] = style
                    #expect(shown.style == style, "\(place): \(wanted.role.name)")
                }
            }
        }
        #expect(screen.modes.contains(25) == (frame.cursor != nil), "\(context)")
        if let cursor = frame.cursor { #expect(screen.cursor == cursor, "\(context)") }
        #expect(screen.unknown.isEmpty, "\(screen.unknown)")
    }

    @Test(arguments: [
        Size(columns: 80, rows: 24), Size(columns: 100, rows: 30), Size(columns: 200, rows: 60),
        Size(columns: 40, rows: 12),
    ])
    func `a terminal shows every golden screen cell by cell, one after the other`(
        size: Size
    ) throws {
        let goldens = try GoldenFrame.all(of: size)
        #expect(goldens.count > 60)
        let watched = try Watched(size)
        defer { watched.finish() }
        var styles: [StyleRole: TerminalScreen.Style] = [:]
        for golden in goldens {
            watched.show(golden.frame)
            expectShown(golden.frame, on: watched.screen, &styles, golden.name)
        }
        #expect(Set(styles.values).count > 5)
    }

    /// A theme with these colours for text.
    private func theme(
        _ foreground: Colour, _ background: Colour, heading: Colour = .indexed(17)
    ) -> Theme {
        Theme(
            name: "own",
            styles: [
                .text: Style(foreground: foreground, background: background),
                .textMuted: Style(foreground: .indexed(103)),
                .heading: Style(
                    foreground: .indexed(111), background: heading, modifiers: .bold),
                .selection: Style(background: .indexed(59)),
                .marker: Style(foreground: .named(.red)),
                .link: Style(modifiers: .underlined),
            ])
    }

    @Test(arguments: [
        (Colour.indexed(189), Colour.indexed(234), Colour.indexed(17)),
        (.indexed(189), .terminal, .indexed(17)), (.terminal, .indexed(234), .indexed(17)),
        (.named(.white), .named(.lightBlue), .named(.red)),
        (.indexed(189), .indexed(234), .terminal),
    ])
    func `a theme's own colours stand everywhere, also where lines scrolled and were erased`(
        foreground: Colour, background: Colour, heading: Colour
    ) throws {
        let size = Size(columns: 80, rows: 24)
        let watched = try Watched(size, theme: theme(foreground, background, heading: heading))
        defer { watched.finish() }
        var styles: [StyleRole: TerminalScreen.Style] = [:]
        for golden in try GoldenFrame.all(of: size).suffix(40) {
            watched.show(golden.frame)
            expectShown(golden.frame, on: watched.screen, &styles, golden.name)
        }
        let plain = try #require(styles[.text])
        #expect(plain.foreground.isEmpty == (foreground == .terminal))
        #expect(plain.background.isEmpty == (background == .terminal))
        let marked = try #require(styles[.heading])
        #expect(marked.background.isEmpty == (heading == .terminal))
    }

    @Test func `the Linux console shows what is bold and reversed, and no line in colour`() throws {
        let size = Size(columns: 40, rows: 4)
        let watched = try Watched(
            size, theme: theme(.named(.white), .named(.blue), heading: .named(.black)),
            term: "linux")
        defer { watched.finish() }
        var frame = Frame(size: size)
        let roles: [StyleRole] = [.text, .code, .heading, .link]
        for (row, role) in roles.enumerated() { frame.write("word", row: row, role: role) }
        watched.show(frame)
        let shown = roles.indices.map { watched.screen[$0, 0].style }
        #expect(shown.map(\.attributes) == [[], [7], [1], []])
        #expect(shown.map(\.background).allSatisfy { !$0.isEmpty })
    }

    @Test func `numbers of a palette stand for no colour`() {
        for number in 0..<0x1FF {
            let colour = Colour.rgb(0, UInt8(number >> 8), UInt8(number & 0xFF))
            #expect(StyleTable.number(colour, -1) == Int32(number < 256 ? number + 256 : number))
        }
        #expect(StyleTable.number(.rgb(1, 2, 3), -1) == 0x010203)
        #expect(StyleTable.number(.named(.red), -1) == 1)
        #expect(StyleTable.number(.terminal, -1) == -1)
    }

    @Test(arguments: [1, -1, 3, -3, 2, 20])
    func `rows that moved are right, and so is what came in`(
        step: Int
    ) throws {
        let size = Size(columns: 60, rows: 20)
        let watched = try Watched(size, theme: theme(.indexed(189), .indexed(234)))
        defer { watched.finish() }
        var styles: [StyleRole: TerminalScreen.Style] = [:]
        for turn in 0..<12 {
            var frame = Frame(size: size)
            frame.write("Projects · 项目", row: 0, role: .heading)
            for row in 2..<18 {
                let number = abs(turn * step + row) * 7_919 % 1_000
                frame.write("study \(number) 睡眠 of sleep", row: row, column: number % 3)
                frame.write("\(number * 3) ★", row: row, column: 50, role: .textMuted)
            }
            frame.setRole(
                .selection, in: Rect(row: 2 + turn, column: 0, rows: 1, columns: size.columns))
            frame.write("end", row: 19, column: 57, role: turn.isMultiple(of: 2) ? .text : .link)
            frame.cursor = Point(row: 2 + turn, column: 1)
            watched.show(frame)
            expectShown(frame, on: watched.screen, &styles, "turn \(turn)")
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
    func `no hostile text moves a cell of what stands beside it`() throws {
        let texts = try JSONDecoder().decode(
            [String].self, from: Data(SharedData.bytes("hostile/strings/blns.json")))
        let size = Size(columns: 60, rows: 24)
        let watched = try Watched(size)
        defer { watched.finish() }
        for start in stride(from: 0, to: texts.count, by: size.rows) {
            var frame = Frame(size: size)
            for (row, text) in texts[start...].prefix(size.rows).enumerated() {
                frame.write(SafeText(untrusted: text), row: row, column: 2)
                frame.write("|", row: row, column: 0)
                frame.write("|", row: row, column: size.columns - 1)
            }
            watched.show(frame)
            for row in 0..<min(size.rows, texts.count - start) {
                let context = "text \(start + row)"
                #expect(watched.screen[row, 0].text == "|", "\(context)")
                #expect(watched.screen[row, size.columns - 1].text == "|", "\(context)")
                for column in 0..<size.columns {
                    let (wanted, shown) = (frame[row, column], watched.screen[row, column])
                    // What the C library has no width for is shown as a question mark.
                    #expect(
                        shown.text == wanted.text || ["?", " "].contains(shown.text),
                        "\(context) at \(column)")
                }
            }
            #expect(watched.screen.unknown.isEmpty)
        }
    }

    @Test func `a move of the marker takes a dozen bytes, and a frame is one write`() throws {
        let size = Size(columns: 80, rows: 24)
        let watched = try Watched(size)
        defer { watched.finish() }
        func list(_ selected: Int) -> Frame {
            var frame = Frame(size: size)
            for row in 0..<20 {
                frame.write("Study \(row)", row: row, column: 2)
                frame.write("1 200 ★", row: row, column: 70, role: .points)
            }
            frame.write("▌", row: selected, column: 1, role: .marker)
            frame.cursor = Point(row: selected, column: 2)
            return frame
        }
        watched.show(list(3))
        for row in [4, 5, 6, 5, 4] {
            watched.terminal.draw(list(row))
            let sent = watched.pair.receivedAll()
            #expect(sent.count <= 16, "\(String(decoding: sent, as: UTF8.self).debugDescription)")
            watched.screen.feed(sent)
            var styles: [StyleRole: TerminalScreen.Style] = [:]
            expectShown(list(row), on: watched.screen, &styles, "row \(row)")
        }
    }
}

/// A screen read back from the file that the tests of the screens keep.
struct GoldenFrame {
    let name: String
    let frame: Frame

    static func all(of size: Size) throws -> [GoldenFrame] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "ScreensTests/Golden")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.flatMap { file in
            let text = try String(contentsOf: file, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
            let heads = lines.indices.filter { lines[$0].contains(/^\S+ \d+x\d+ \w+$/) }
            return zip(heads, heads.dropFirst() + [lines.count]).compactMap { head, end in
                lines[head].contains(" \(size.columns)x\(size.rows) ")
                    ? GoldenFrame(lines[head..<end], size) : nil
            }
        }
    }

    private init(_ lines: ArraySlice<Substring>, _ size: Size) {
        name = String(lines.first ?? "")
        var frame = Frame(size: size)
        let rows = lines.filter { $0.hasPrefix("|") }
        for (row, line) in rows.enumerated() {
            frame.write(SafeText(untrusted: String(line.dropFirst())), row: row)
        }
        for line in lines.dropFirst() where !line.hasPrefix("|") {
            let parts = line.split(separator: " ")
            if parts[0] == "cursor" {
                let numbers = parts[1].split(separator: ":").compactMap { Int($0) }
                frame.cursor = numbers.count == 2 ? Point(row: numbers[0], column: numbers[1]) : nil
            } else if let role = StyleRole.allCases.first(where: { $0.name == parts[0] }) {
                for part in parts.dropFirst() {
                    let numbers = part.split(whereSeparator: { ":-".contains($0) })
                        .compactMap { Int($0) }
                    guard numbers.count == 3 else { continue }
                    frame.setRole(
                        role,
                        in: Rect(
                            row: numbers[0], column: numbers[1], rows: 1,
                            columns: numbers[2] - numbers[1]))
                }
            }
        }
        self.frame = frame
    }
}
