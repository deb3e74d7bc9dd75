import LedgerCore
package import TerminalCore

extension KioskModel {
    /// The screen as it is now.
    package var frame: Frame {
        let say = Words(language, now: Timestamp(milliseconds: 0))
        var painter = Painter(size: size, textWidth: textWidth, say: say)
        let screen = Rect(size)
        let width = min(screen.columns - 2, 64)
        guard width >= 20, screen.rows >= 8 else {
            painter.write([Run("accord", .brand)], row: 0, in: screen)
            return painter.finished(name: "accord")
        }
        var page = Document(width: width, textWidth: textWidth)
        let banner = Banner.rows
        if step == .attract, screen.rows >= banner.count + 10, width >= Banner.columns + 3 {
            page.drawing(banner.map { [Run($0, .brand)] })
            page.blank()
        }
        write(say, into: &page)
        let free = screen.inset(top: 1, bottom: 2)
        if isAttended, page.rows.count > free.rows {
            page = Document(width: width, textWidth: textWidth)
            writeClosely(say, into: &page)
        }
        let rows = min(page.rows.count, free.rows)
        painter.draw(
            page, in: free.centred(Size(columns: width, rows: rows)), scroll: 0, hasKeys: true)
        painter.nodes.append(SemanticNode(.group, title(say), children: page.nodes))
        paintKeys(say, &painter)
        return painter.finished(name: title(say))
    }

    private func title(_ say: Words) -> SafeText {
        switch step {
        case .attract: "accord"
        case .signIn: say(KioskText.signInTitle.texts)
        case .firstTime: say(KioskText.firstTimeTitle.texts)
        case .closed: say(KioskText.closedTitle.texts)
        }
    }

    private func write(_ say: Words, into page: inout Document) {
        switch step {
        case .attract:
            page.heading(say(KioskText.greeting.texts))
            page.blank()
            page.text(say(KioskText.invitation.texts))
        case .closed:
            page.heading(say(KioskText.closedTitle.texts))
            page.blank()
            page.text(say(KioskText.closedLine.texts))
        case .signIn, .firstTime:
            page.heading(title(say))
            page.blank()
            if step == .firstTime {
                page.text(say(KioskText.firstTimeLine.texts), .textMuted)
                page.blank()
            }
            writeFields(say, into: &page)
        }
        page.blank()
        writeNote(say, into: &page)
    }

    /// A form where there is little room: what is told stands above the fields, in the place of what
    /// they are for.
    private func writeClosely(_ say: Words, into page: inout Document) {
        if isWorking || note != nil {
            writeNote(say, into: &page)
        } else if step == .firstTime {
            page.text(say(KioskText.firstTimeLine.texts), .textMuted)
        }
        writeFields(say, into: &page)
    }

    private func writeFields(_ say: Words, into page: inout Document) {
        let labels = fields.map { say($0.label.texts) }
        let widest = labels.map { textWidth.cells(of: $0) }.max() ?? 0
        for (index, field) in fields.enumerated() {
            page.input(
                textWidth.pad(labels[index], cells: widest),
                SafeText(untrusted: text(field)),
                hint: field == .badge ? say(KioskText.badgeHint.texts) : "",
                isFocused: index == focus && !isWorking, isHidden: field != .code)
        }
    }

    private func writeNote(_ say: Words, into page: inout Document) {
        if isWorking {
            page.text(say(KioskText.working.texts), .textMuted)
        } else if let note {
            page.text("! " + say(note.text.texts, "\(note.number)"), .statusWarning)
        }
    }

    private func paintKeys(_ say: Words, _ painter: inout Painter) {
        let bar = Rect(row: size.rows - 1, column: 0, rows: 1, columns: size.columns)
        let keys: [(Key, KioskText)]
        switch step {
        case .attract:
            keys = [(.enter, .signInKey), (.tab, .firstTimeKey), (.right, .languageKey)]
        case .closed: keys = []
        case .signIn, .firstTime: keys = []
        }
        painter.rule(row: size.rows - 2)
        var runs: [Run] = keys.flatMap { key, text in
            [Run(key.label, .key), Run(" "), Run(say(text.texts) + "   ")]
        }
        if isAttended {
            if !isWorking {
                runs = [Run(Key.enter.label, .key), Run(" "), Run(say(.next) + "   ")]
            }
            runs += [Run(Key.escape.label, .key), Run(" "), Run(say(.back))]
        }
        painter.write(runs, row: 0, column: 1, in: bar)
    }
}

extension KioskModel.Field {
    fileprivate var label: KioskText {
        switch self {
        case .badge: .badge
        case .code: .code
        case .secret: .secret
        case .again: .secretAgain
        }
    }
}

/// Says how long a person who does nothing stays signed in, over the last row of what they see.
package struct IdleWarning: Sendable {
    /// Returns `frame` with the warning over its last row.
    package static func over(_ frame: Frame, seconds: Int, language: Language) -> Frame {
        let say = Words(language, now: Timestamp(milliseconds: 0))
        let text = say(KioskText.idleWarning.texts, "\(seconds)")
        var warned = frame
        let row = Rect(
            row: frame.size.rows - 1, column: 0, rows: 1, columns: frame.size.columns)
        warned.fill(row, role: .statusWarning)
        _ = warned.write(" ! " + text, row: 0, column: 0, role: .statusWarning, in: row)
        warned.semantics?.children.append(SemanticNode(.notice, text))
        return warned
    }
}

/// The name in large letters.
private enum Banner {
    static let columns = 23
    static let rows: [SafeText] = [
        "▄▀▄ ▄▀▀ ▄▀▀ ▄▀▄ █▀▄ █▀▄",
        "█▀█ █   █   █ █ █▀▄ █ █",
        "▀ ▀  ▀▀  ▀▀  ▀  ▀ ▀ ▀▀ ",
    ]
}
