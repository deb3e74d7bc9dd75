import CNcursesw
import Foundation
import Synchronization
import TerminalCore
import Testing

@testable import CursesTerminal

/// ncurses is one per process: these tests run one after the other, on the main actor.
@MainActor
@Suite(.serialized) struct CursesTerminalTests {
    /// A pseudo terminal whose other end takes what is written, so that writing never blocks.
    final class Pair: Sendable {
        let controller: Int32
        let terminal: Int32
        private let taken = Mutex<[UInt8]>([])

        init(columns: Int32, rows: Int32) throws {
            var ends: (Int32, Int32) = (-1, -1)
            try #require(openpty(&ends.0, &ends.1, nil, nil, nil) == 0)
            (controller, terminal) = ends
            cn_set_winsize(controller, rows, columns)
            Thread.detachNewThread { [self] in
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = read(controller, &buffer, buffer.count)
                    guard count > 0 else { break }
                    taken.withLock { $0 += buffer[..<count] }
                }
                close(controller)
            }
        }

        @MainActor
        func open(
            _ environment: [String: String] = ["TERM": "xterm-256color"], theme: Theme = .fallback
        ) throws -> CursesTerminal {
            try CursesTerminal.open(
                theme: theme, environment: environment, input: terminal, output: terminal)
        }

        func send(_ text: String) {
            let bytes = Array(text.utf8)
            _ = write(controller, bytes, bytes.count)
        }

        /// Returns what has been written since the last call, once nothing more comes.
        func received() -> String {
            var count = -1
            while true {
                let now = taken.withLock { $0.count }
                if now == count { break }
                count = now
                usleep(20_000)
            }
            let bytes = taken.withLock { bytes in
                defer { bytes = [] }
                return bytes
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// Returns what has been written since the last call: a mark is sent after it and waited
        /// for, so that nothing is missed.
        func receivedAll() -> [UInt8] {
            var mark: UInt8 = 5
            _ = write(terminal, &mark, 1)
            while true {
                let bytes = taken.withLock { bytes -> [UInt8]? in
                    guard bytes.last == 5 else { return nil }
                    defer { bytes = [] }
                    return bytes.dropLast()
                }
                if let bytes { return bytes }
                usleep(200)
            }
        }

        /// Ends the terminal's side; the thread then ends the other.
        func finish() { close(terminal) }
    }

    /// Reads keys until there are as many as wanted; the kernel hands them over a little later.
    private func keys(_ count: Int, from terminal: CursesTerminal) -> [Key] {
        var keys: [Key] = []
        for _ in 0..<200 where keys.count < count {
            keys += terminal.readKeys()
            usleep(1_000)
        }
        return keys
    }

    private func cell(_ row: Int, _ column: Int) -> (text: String, attributes: attr_t) {
        var cell = cchar_t()
        mvwin_wch(cn_stdscr(), Int32(row), Int32(column), &cell)
        var wide = [wchar_t](repeating: 0, count: 8)
        var attributes: attr_t = 0
        var pair: Int32 = 0
        cn_getcchar(&cell, &wide, &attributes, &pair)
        let scalars = wide.prefix { $0 != 0 }.compactMap {
            Unicode.Scalar(UInt32(bitPattern: $0))
        }
        return (String(String.UnicodeScalarView(scalars)), attributes)
    }

    private func expectSame(_ frame: Frame) {
        for row in 0..<frame.size.rows {
            for column in 0..<frame.size.columns where !frame[row, column].isRightHalf {
                #expect(
                    cell(row, column).text == frame[row, column].text, "row \(row), \(column)")
            }
        }
    }

    private func sample(_ size: Size, shift: Int = 0) -> Frame {
        var frame = Frame(size: size)
        let inside = frame.box(frame.bounds, title: "Projects · 项目")
        let lines: [SafeText] = [
            "Sleep e\u{301}tude", "中风患者睡眠质量队列研究", "a汉b字c ① “x” …", "🧧 👍🏽 🇨🇳 ⚠\u{FE0F} ☕",
            SafeText(untrusted: "\u{1B}[2J hostile \u{202E}"), "क्षि 한국어",
        ]
        for (index, line) in lines.enumerated() {
            let role: StyleRole = index == shift ? .selection : .text
            frame.write(line, row: index, column: shift, role: role, in: inside)
        }
        frame.cursor = Point(row: 1 + shift, column: 1)
        return frame
    }

    @Test func `ncurses holds exactly the frame's cells, frame after frame`() throws {
        let pair = try Pair(columns: 40, rows: 10)
        defer { pair.finish() }
        let terminal = try pair.open()
        defer { terminal.close() }
        #expect(terminal.size == Size(columns: 40, rows: 10))
        for shift in [0, 1, 3, 2, 0] {
            let frame = sample(terminal.size, shift: shift)
            terminal.draw(frame)
            #expect(getcury(cn_stdscr()) == Int32(1 + shift))
            #expect(getcurx(cn_stdscr()) == 1)
            expectSame(frame)
        }
        #expect(cell(1, 1).attributes & CN_A_REVERSE != 0)
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 2), (7, 9), (200, 60)])
    func `any size is drawn`(columns: Int32, rows: Int32) throws {
        let pair = try Pair(columns: columns, rows: rows)
        defer { pair.finish() }
        let terminal = try pair.open()
        defer { terminal.close() }
        let frame = sample(terminal.size)
        terminal.draw(frame)
        expectSame(frame)
        terminal.draw(sample(Size(columns: 30, rows: 8)))
    }

    @Test func `an unchanged frame sends nothing, a changed word only itself`() throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        let terminal = try pair.open()
        defer { terminal.close() }
        var frame = sample(terminal.size)
        terminal.draw(frame)
        #expect(pair.received().contains("\u{1B}[?1049h"))
        terminal.draw(frame)
        #expect(pair.received().isEmpty)
        frame.write("12", row: 20, column: 60)
        terminal.draw(frame)
        let sent = pair.received()
        #expect(sent.contains("12") && sent.utf8.count < 30)
    }

    @Test func `scrolling by a row uses the terminal's scrolling`() throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        let terminal = try pair.open()
        defer { terminal.close() }
        func list(_ start: Int) -> Frame {
            var frame = Frame(size: terminal.size)
            frame.write("Projects", row: 0, role: .heading)
            for row in 1..<23 {
                let number = start + row
                frame.write("\(number): a study number \(number &* 7919) of sleep", row: row)
            }
            frame.write("status", row: 23, role: .status)
            return frame
        }
        terminal.draw(list(0))
        _ = pair.received()
        terminal.draw(list(1))
        let sent = pair.received()
        #expect(sent.utf8.count < 200, "\(sent.utf8.count) bytes")
        expectSame(list(1))
    }

    @Test func `keys arrive in order, and a lone ESC after its time`() async throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        let terminal = try pair.open()
        defer { terminal.close() }
        pair.send("a汉\u{1B}[A\u{1B}OB\u{3}\u{1C}\u{13}\r\u{1B}[<0;3;2M\u{1B}[200~x\u{1B}[201~")
        #expect(
            keys(10, from: terminal) == [
                .character("a"), .character("汉"), .up, .down, .control("c"), .control("\\"),
                .control("s"), .enter, .mouse(MouseEvent(.press, at: Point(row: 1, column: 2))),
                .paste("x"),
            ])
        var wakes = terminal.events().makeAsyncIterator()
        pair.send("\u{1B}")
        var keys: [Key] = []
        while keys.isEmpty {
            #expect(await wakes.next() == .input)
            keys = terminal.readKeys()
        }
        #expect(keys == [.escape])
    }

    @Test func `a thousand keys at once are all read`() throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        let terminal = try pair.open()
        defer { terminal.close() }
        for _ in 0..<10 { pair.send(String(repeating: "\u{1B}OB", count: 100)) }
        #expect(keys(1_000, from: terminal).count == 1_000)
        #expect(terminal.readKeys().isEmpty)
    }

    @Test func `a new size arrives as a key and the next frame has it`() async throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        let terminal = try pair.open()
        defer { terminal.close() }
        var wakes = terminal.events().makeAsyncIterator()
        terminal.draw(sample(terminal.size))
        cn_set_winsize(pair.controller, 9, 33)
        kill(getpid(), SIGWINCH)
        #expect(await wakes.next() == .input)
        #expect(terminal.readKeys() == [.resize(Size(columns: 33, rows: 9))])
        let frame = sample(terminal.size)
        #expect(frame.size == Size(columns: 33, rows: 9))
        terminal.draw(frame)
        expectSame(frame)
    }

    @Test func `closing gives back modes, screen and cursor`() throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        var before = termios()
        tcgetattr(pair.terminal, &before)
        let terminal = try pair.open()
        var during = termios()
        tcgetattr(pair.terminal, &during)
        #expect(during.c_lflag & tcflag_t(ISIG | ICANON | IEXTEN | ECHO) == 0)
        #expect(during.c_iflag & tcflag_t(IXON) == 0)
        terminal.draw(sample(terminal.size))
        terminal.close()
        terminal.close()
        var after = termios()
        tcgetattr(pair.terminal, &after)
        #expect(after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag)
        let sent = pair.received()
        for end in ["\u{1B}[?1049l", "\u{1B}[?1002l", "\u{1B}[?2004l"] {
            #expect(sent.contains(end))
        }
    }

    @Test func `NO_COLOR leaves no colour in what is sent`() throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        let terminal = try pair.open(["TERM": "xterm-256color", "NO_COLOR": "1"])
        var frame = Frame(size: terminal.size)
        for (row, role) in StyleRole.allCases.prefix(24).enumerated() {
            frame.write("text", row: row, role: role)
        }
        terminal.draw(frame)
        terminal.close()
        let colours = try Regex(#"\x1B\[[0-9;]*\b(3[0-79]|4[0-79]|9[0-7]|38|48)\b[0-9;]*m"#)
        #expect(try colours.firstMatch(in: pair.received()) == nil)
    }

    @Test(arguments: ["linux", "vt100", "screen-256color", "tmux-256color", "xterm"])
    func `other terminals are drawn on`(term: String) throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        let terminal = try pair.open(["TERM": term])
        terminal.draw(sample(terminal.size))
        terminal.close()
        let sent = pair.received()
        #expect(sent.contains("Sleep"))
        #expect(term != "vt100" || sent.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test(arguments: [("dumb", TerminalError.Code.unusable), ("", .unusable), ("nosuch", .unknown)])
    func `a terminal that cannot be used is refused in words`(
        term: String, code: TerminalError.Code
    ) throws {
        let pair = try Pair(columns: 80, rows: 24)
        defer { pair.finish() }
        let failure = #expect(throws: TerminalError.self) { try pair.open(["TERM": term]) }
        #expect(failure?.code == code)
        #expect(failure?.description.hasPrefix("could not open terminal: ") == true)
    }

    @Test func `widths agree with the C library for every character it knows`() {
        setlocale(LC_CTYPE, "C.UTF-8")
        let width = TextWidth.standard
        var different: [UInt32] = []
        for value in UInt32(0x20)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let cells = wcwidth(wchar_t(bitPattern: value))
            if cells >= 0, Int(cells) != width.cells(of: scalar) { different.append(value) }
        }
        #expect(different.isEmpty)
    }

    @Test func `a link stands between its marks, and no part of it keeps another address`() throws {
        let pair = try Pair(columns: 40, rows: 5)
        defer { pair.finish() }
        let terminal = try pair.open()
        defer { terminal.close() }
        func frame(_ number: Int, isLink: Bool = true) -> Frame {
            var frame = Frame(size: Size(columns: 40, rows: 5))
            frame.write("see", row: 1)
            frame.write("https://a.org/\(number)", row: 2, column: 4, role: .link)
            if isLink {
                frame.links = [
                    Frame.Link(row: 2, columns: 4..<19, address: "https://a.org/\(number)")
                ]
            }
            return frame
        }
        /// The text that was drawn between the marks of a link.
        func linked(_ sent: String, _ address: String) -> String? {
            let parts = sent.components(separatedBy: "\u{1B}]8;;\(address)\u{1B}\\")
            guard parts.count == 2 else { return nil }
            return parts[1].components(separatedBy: "\u{1B}]8;;\u{1B}\\").first
        }
        _ = pair.received()
        terminal.draw(frame(1))
        #expect(linked(pair.received(), "https://a.org/1")?.contains("https://a.org/1") == true)
        terminal.draw(frame(1))
        #expect(pair.received().isEmpty)
        // All but one cell stay the same, and all of them lead elsewhere now.
        terminal.draw(frame(2))
        let second = pair.received()
        #expect(linked(second, "https://a.org/2")?.contains("https://a.org/2") == true)
        #expect(!second.contains("]8;;https://a.org/1"))
        terminal.draw(frame(2, isLink: false))
        let plain = pair.received()
        #expect(plain.contains("https://a.org/2") && !plain.contains("]8;;"))
    }

    @Test func `a terminal that knows no links is sent none`() throws {
        let pair = try Pair(columns: 40, rows: 5)
        defer { pair.finish() }
        let terminal = try pair.open(["TERM": "linux"])
        defer { terminal.close() }
        var frame = Frame(size: Size(columns: 40, rows: 5))
        frame.write("https://a.org/1", row: 2, role: .link)
        frame.links = [Frame.Link(row: 2, columns: 0..<15, address: "https://a.org/1")]
        terminal.draw(frame)
        let sent = pair.received()
        #expect(sent.contains("https://a.org/1") && !sent.contains("]8;;"))
    }
}
