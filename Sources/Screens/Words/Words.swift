package import LedgerCore
package import SyncCore
package import TerminalCore

/// Says things in the person's language: phrases, numbers, dates.
package struct Words: Equatable, Sendable {
    /// The language.
    package let language: Language
    /// Minutes to add to UTC.
    let utcOffsetMinutes: Int
    /// The time now: dates of this year leave the year out.
    let now: Timestamp

    /// The keys the person changed, and where they are pressed: sentences name keys.
    let keys: KeyMap
    let scope: KeyScope
    /// Whether words are typed: a digit is a line there, so a place is named by its word.
    let isPlain: Bool

    /// Makes words for a language and a place in time; `keys` and `scope` say which keys to name.
    package init(
        _ language: Language, utcOffsetMinutes: Int = 0, now: Timestamp, keys: KeyMap = KeyMap(),
        scope: KeyScope = .everywhere, isPlain: Bool = false
    ) {
        self.isPlain = isPlain
        self.keys = keys
        self.scope = scope
        self.language = language
        self.utcOffsetMinutes = utcOffsetMinutes
        self.now = now
    }

    /// Returns a phrase, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ phrase: Phrase, _ arguments: SafeText...) -> SafeText {
        fill(phrase.texts[language], arguments)
    }

    /// Returns a sentence, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ sentence: Sentence, _ arguments: SafeText...) -> SafeText {
        fill(sentence.texts[language], arguments)
    }

    /// Returns a phrase with a number as `{0}`; English forms for one and many are parted by `|`.
    package func count(_ phrase: Phrase, _ number: Int) -> SafeText {
        count(phrase.texts, number)
    }

    func count(_ texts: Bilingual, _ number: Int) -> SafeText {
        let forms = texts[language].split(separator: "|")
        let form = number == 1 ? forms.first : forms.last
        return fill(form.map(String.init) ?? "", [self.number(Int64(number))])
    }

    /// Returns an explanation, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ explanation: Explanation, _ arguments: SafeText...) -> SafeText {
        fill(explanation.texts[language], arguments)
    }

    /// Returns an explanation with a number as `{0}`, in the form for one or for many.
    package func count(_ explanation: Explanation, _ number: Int) -> SafeText {
        count(explanation.texts, number)
    }

    func fill(_ template: String, _ arguments: [SafeText]) -> SafeText {
        guard template.utf8.contains(UInt8(ascii: "{")) else {
            return SafeText(untrusted: template)
        }
        var text = SafeText.empty
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            add(SafeText(untrusted: String(rest[..<open])), to: &text)
            let name = rest[rest.index(after: open)..<close]
            if let index = Int(name) {
                if arguments.indices.contains(index) { add(arguments[index], to: &text) }
            } else if let equals = name.firstIndex(of: "=") {
                let action = String(name[..<equals])
                let usual = SafeText(untrusted: String(name[name.index(after: equals)...]))
                text += typed(keys.label(of: action, in: scope) ?? usual, for: action)
            }
            rest = rest[rest.index(after: close)...]
        }
        add(SafeText(untrusted: String(rest)), to: &text)
        return text
    }

    /// Adds a piece of a sentence, without a blank where Chinese meets Chinese.
    ///
    /// The blanks of a template part Chinese from numbers and Latin names; what fills a place is
    /// known only now.
    private func add(_ piece: SafeText, to text: inout SafeText) {
        let (before, after) = (text.string, piece.string)
        if language == .chinese, before.hasSuffix(" ") != after.hasPrefix(" "),
            let last = before.last(where: { $0 != " " }), last.isChinese,
            let next = after.first(where: { $0 != " " }), next.isChinese
        {
            text = before.hasSuffix(" ") ? SafeText(untrusted: String(before.dropLast())) : text
            text += after.hasPrefix(" ") ? SafeText(untrusted: String(after.dropFirst())) : piece
        } else {
            text += piece
        }
    }

    /// What is typed for an action: its key, or its word where a digit is the number of a line.
    private func typed(_ key: SafeText, for action: String) -> SafeText {
        guard isPlain, key.string.allSatisfy(\.isNumber), let phrase = Phrase(actionName: action)
        else { return key }
        return "“\(SafeText(untrusted: phrase.texts[language].lowercased()))”"
    }

    /// Returns a text of both languages, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: Bilingual, _ arguments: SafeText...) -> SafeText {
        fill(text[language], arguments)
    }

    /// Returns the text of the person's language, or of the other one where it is missing.
    package func callAsFunction(_ text: LocalizedText) -> SafeText {
        let (wanted, other) =
            language == .english ? (text.english, text.chinese) : (text.chinese, text.english)
        return SafeText(untrusted: wanted.isEmpty ? other : wanted)
    }

    // MARK: Numbers

    /// Returns a whole number, its thousands parted by a thin space: `1 200`.
    package func number(_ value: Int64) -> SafeText {
        let digits = String(value.magnitude)
        var text = ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3) { text += "\u{2009}" }
            text.append(digit)
        }
        return SafeText(untrusted: value < 0 ? "-" + text : text)
    }

    /// Returns an amount: `1 200 ★`.
    package func points(_ points: Points) -> SafeText { "\(number(points.value)) ★" }

    /// Returns an amount with its sign: `+20 ★`.
    package func signed(_ points: Points) -> SafeText {
        points.value < 0 ? self.points(points) : "+\(self.points(points))"
    }

    /// Returns the amount of a movement, with a sign where it changes what the member has.
    package func amount(_ line: PointsLine) -> SafeText {
        line.change == .zero ? points(line.points) : signed(line.change)
    }

    /// Returns a length in B, kB or MB.
    package func bytes(_ count: Int64) -> SafeText {
        switch count {
        case ..<1_000: "\(count) B"
        case ..<1_000_000: "\(number((count + 500) / 1_000)) kB"
        default: "\(number(count / 1_000_000)).\(count / 100_000 % 10) MB"
        }
    }

    // MARK: Dates

    private func civil(_ time: Timestamp) -> CivilDate {
        CivilDate(time, utcOffsetMinutes: utcOffsetMinutes)
    }

    /// Returns a day with its year: `31 Dec 2027`, `2027年12月31日`.
    package func date(_ time: Timestamp) -> SafeText {
        let date = civil(time)
        return language == .english
            ? "\(date.day) \(Self.months[date.month - 1]) \(date.year)"
            : "\(date.year)年\(date.month)月\(date.day)日"
    }

    /// Returns a day as short as it is clear: `14 Nov`, with the year where it is another one.
    package func shortDate(_ time: Timestamp) -> SafeText {
        let date = civil(time)
        guard date.year == civil(now).year else { return self.date(time) }
        return language == .english
            ? "\(date.day) \(Self.months[date.month - 1])" : "\(date.month)月\(date.day)日"
    }

    /// Returns a time of day: `14:03`.
    package func time(_ time: Timestamp) -> SafeText {
        let date = civil(time)
        return "\(date.hour):\(date.minute < 10 ? "0" : "")\(date.minute)"
    }

    /// Returns the time of day for today and for the twelve hours before, which is clear also
    /// after midnight; the day for any other day.
    package func moment(_ time: Timestamp) -> SafeText {
        let isRecent = time <= now && now.milliseconds - time.milliseconds < 12 * 3_600_000
        return isRecent || civil(time).isSameDay(as: civil(now))
            ? self.time(time) : shortDate(time)
    }

    /// Returns day and time: `14 Nov 2026, 14:03`.
    package func dateTime(_ time: Timestamp) -> SafeText {
        language == .english
            ? "\(date(time)), \(self.time(time))" : "\(date(time)) \(self.time(time))"
    }

    /// Returns two days: `2 Jan – 14 Nov`.
    package func span(_ from: Timestamp, _ until: Timestamp) -> SafeText {
        "\(date(from)) – \(date(until))"
    }

    /// Returns the name of a month, 1...12: `November`, `11月`.
    package func month(_ month: Int) -> SafeText {
        language == .english
            ? SafeText(untrusted: Self.monthNames[(month + 11) % 12]) : "\((month + 11) % 12 + 1)月"
    }

    /// Returns a month with its year: `November 2026`, `2026年11月`.
    func monthOfYear(_ month: Int, _ year: Int) -> SafeText {
        language == .english ? "\(self.month(month)) \(year)" : "\(year)年\(month)月"
    }

    /// Returns a day of a month: `3 Nov`, `11月3日`.
    func dayOfMonth(_ day: Int64, _ month: Int) -> SafeText {
        language == .english
            ? "\(day) \(Self.months[(month + 11) % 12])" : "\(month)月\(day)日"
    }

    /// The signs of the days of the week, Monday first.
    var weekdaySigns: [SafeText] {
        language == .english
            ? ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] : ["一", "二", "三", "四", "五", "六", "日"]
    }

    /// Returns how long something holds, in days of the calendar beside it: `404 days left`.
    package func daysLeft(until end: Timestamp) -> SafeText {
        let left = end.milliseconds - now.milliseconds
        guard left > 0 else { return self(.noTimeLeft) }
        guard left >= 86_400_000 else { return self(.lessThanADay) }
        return count(.daysLeft, Int(civil(end).dayNumber - civil(now).dayNumber))
    }

    /// Returns how late something is: `12 days overdue`.
    package func daysOverdue(since due: Timestamp) -> SafeText {
        count(
            HomeText.daysOverdue.texts,
            Int(max(0, now.milliseconds - due.milliseconds) / 86_400_000))
    }

    /// Returns how often data was used and denied: `3 uses, 1 denied`.
    func uses(_ allowed: Int, _ denied: Int) -> SafeText {
        if denied == 0 { return count(.useCount, allowed) }
        let denied = count(.deniedCount, denied)
        return allowed == 0 ? denied : count(.useCount, allowed) + comma + denied
    }

    /// Returns how often: `once`, `3 times`.
    func times(_ count: Int) -> SafeText {
        count == 1 ? self(.once) : self.count(.timesCount, count)
    }

    var comma: SafeText { language == .english ? ", " : "，" }
    var semicolon: SafeText { language == .english ? "; " : "；" }

    /// Returns texts of several words in a row: `a; b; c`.
    package func clauses(_ texts: [SafeText]) -> SafeText {
        texts.dropFirst().reduce(texts.first ?? .empty) { $0 + semicolon + $1 }
    }

    /// Returns a phrase as it stands over a sheet or before a field.
    func title(_ text: Bilingual) -> SafeText {
        let text = text[language]
        return SafeText(untrusted: text.prefix(1).uppercased() + text.dropFirst())
    }

    /// What stands between two sentences.
    var betweenSentences: SafeText { language == .english ? " " : "" }

    /// Returns the sign of a month, 1...12, in at most 2 cells: `N`, `11`.
    func monthSign(_ month: Int) -> SafeText {
        language == .english
            ? SafeText(untrusted: String(Self.monthNames[(month + 11) % 12].prefix(1)))
            : "\((month + 11) % 12 + 1)"
    }

    /// The month now, 1...12, in UTC, as months of points are counted.
    var currentMonth: Int { CivilDate(now).month }

    private static let months = monthNames.map { String($0.prefix(3)) }
    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
}

extension Character {
    /// Whether it is written without blanks around it: Chinese, and what stands with it.
    var isChinese: Bool { unicodeScalars.contains { $0.value >= 0x2E80 } }
}

extension Words {
    /// What stands between names in a row.
    private var nameComma: SafeText { language == .english ? ", " : "、" }

    /// Returns names in a row: `a, b`, `a、b`.
    func commas(_ texts: [SafeText]) -> SafeText {
        texts.dropFirst().reduce(texts.first ?? .empty) { $0 + nameComma + $1 }
    }

    /// Returns texts in a row: `a, b and c`, `a、b和c`.
    package func list(_ texts: [SafeText]) -> SafeText {
        guard let last = texts.last else { return .empty }
        guard texts.count > 1 else { return last }
        let and: SafeText = language == .english ? " and " : "和"
        return commas(texts.dropLast()) + and + last
    }
}
