import Foundation
package import LedgerCore
import TOMLKit

/// What is wrong in a file that a study team wrote, and where.
package struct StudyFileProblem: Equatable, Sendable {
    /// The line, from 1; 0 where the whole file is meant.
    package let line: Int
    /// The column, counted in characters from 1; 0 where the whole line is meant.
    package let column: Int
    /// What is wrong, and what may have been meant.
    package let what: LocalizedText
}

/// Reads a TOML file value by value and keeps every mistake, so that all of them are told at once.
struct StudyFileReader {
    /// A table of the file; the outer one has no name.
    struct Section {
        let name: String?
        let table: TOMLTable
    }

    private(set) var problems: [StudyFileProblem] = []
    private let places: TextPlace

    init(_ text: String) { places = TextPlace(text) }

    /// Parses the file; `nil` with a problem noted if it is no TOML.
    mutating func open(_ text: String) -> Section? {
        do {
            return Section(name: nil, table: try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            note(
                .init(line: begin.line, column: begin.column),
                "this is no TOML: \(error.description)", "不是有效的 TOML：\(error.description)")
        } catch {
            note(.init(), "this is no TOML: \(error)", "不是有效的 TOML：\(error)")
        }
        return nil
    }

    // MARK: Noting

    mutating func note(_ spot: TextPlace.Spot, _ english: String, _ chinese: String) {
        problems.append(
            StudyFileProblem(
                line: spot.line, column: spot.column,
                what: LocalizedText(english: english, chinese: chinese)))
    }

    /// Notes a problem with the value of a key, or with one item of it.
    mutating func note(
        _ key: String, item: String? = nil, in section: Section, _ english: String,
        _ chinese: String
    ) {
        let spot =
            item.map { places.spot(ofItem: $0, of: key, in: section.name) }
            ?? places.spot(of: key, in: section.name)
        note(spot, english, chinese)
    }

    /// Notes a word that is none of those known.
    mutating func noteUnknown(
        _ word: String, of key: String, in section: Section, known: [String]
    ) {
        let meant = Spelling.nearest(word, in: known)
        note(
            key, item: word, in: section,
            "\"\(word)\" is not known"
                + (meant.map { "; did you mean \"\($0)\"?" }
                    ?? "; choose of \(known.joined(separator: ", "))"),
            "无法识别 \"\(word)\""
                + (meant.map { "；您是否想写 \"\($0)\"？" }
                    ?? "；可选：\(known.joined(separator: "、"))"))
    }

    /// Notes the keys of a table that are none of those known.
    mutating func noteUnknownKeys(in section: Section, known: [String]) {
        for key in section.table.keys where !known.contains(key) {
            let meant = Spelling.nearest(key, in: known)
            let spot = places.spot(ofKey: key, in: section.name)
            note(
                spot,
                "there is no setting \"\(key)\""
                    + (meant.map { "; did you mean \"\($0)\"?" }
                        ?? "; known are \(known.joined(separator: ", "))"),
                "没有设置项 \"\(key)\""
                    + (meant.map { "；您是否想写 \"\($0)\"？" }
                        ?? "；已知的有：\(known.joined(separator: "、"))"))
        }
    }

    private mutating func noteMissing(_ key: String, in section: Section) {
        let name = section.name.map { "\($0).\(key)" } ?? key
        note(
            section.name.map { places.spot(of: $0) } ?? .init(), "\"\(name)\" is missing",
            "缺少 \"\(name)\"")
    }

    /// The problems in the order of the file, those about all of it first.
    var sortedProblems: [StudyFileProblem] {
        problems.enumerated().sorted {
            ($0.element.line, $0.element.column, $0.offset)
                < ($1.element.line, $1.element.column, $1.offset)
        }.map(\.element)
    }

    // MARK: Reading

    /// Reads a table inside another one.
    mutating func section(_ key: String, in outer: Section, isNeeded: Bool) -> Section? {
        guard let value = outer.table[key] else {
            if isNeeded { noteMissing(key, in: outer) }
            return nil
        }
        guard let table = value.table else {
            note(
                key, in: outer, "\"\(key)\" has to be a table: [\(key)]",
                "\"\(key)\" 必须是表：[\(key)]")
            return nil
        }
        return Section(name: key, table: table)
    }

    /// Reads a text.
    mutating func text(_ key: String, in section: Section, isNeeded: Bool = false) -> String? {
        guard let value = section.table[key] else {
            if isNeeded { noteMissing(key, in: section) }
            return nil
        }
        guard let text = value.string else {
            note(
                key, in: section, "\"\(key)\" has to be text in quotes",
                "\"\(key)\" 必须是带引号的文字")
            return nil
        }
        return text
    }

    /// Reads a whole number.
    mutating func integer(
        _ key: String, in section: Section, range: ClosedRange<Int64>, default standard: Int64
    ) -> Int64 {
        guard let value = section.table[key] else { return standard }
        guard let number = value.int.map({ Int64($0) }), range.contains(number) else {
            note(
                key, in: section,
                "\"\(key)\" has to be a whole number from \(range.lowerBound) to \(range.upperBound)",
                "\"\(key)\" 必须是 \(range.lowerBound) 到 \(range.upperBound) 的整数")
            return standard
        }
        return number
    }

    /// Reads yes or no.
    mutating func flag(_ key: String, in section: Section, default standard: Bool) -> Bool {
        guard let value = section.table[key] else { return standard }
        guard let flag = value.bool else {
            note(
                key, in: section, "\"\(key)\" has to be true or false",
                "\"\(key)\" 必须是 true 或 false")
            return standard
        }
        return flag
    }

    /// Reads a list of texts; a text alone is a list of one.
    mutating func texts(_ key: String, in section: Section, isNeeded: Bool = false) -> [String] {
        guard let value = section.table[key] else {
            if isNeeded { noteMissing(key, in: section) }
            return []
        }
        if let text = value.string { return [text] }
        guard let array = value.array else {
            note(
                key, in: section, "\"\(key)\" has to be a list: [\"…\", \"…\"]",
                "\"\(key)\" 必须是列表：[\"…\", \"…\"]")
            return []
        }
        let texts = (0..<array.count).compactMap { array[$0].string }
        if texts.count < array.count {
            note(
                key, in: section, "every item of \"\(key)\" has to be text in quotes",
                "\"\(key)\" 的每一项都必须是带引号的文字")
        }
        return texts
    }

    /// Reads a list of words each of which `parse` knows.
    mutating func words<Word: Hashable & Comparable>(
        _ key: String, in section: Section, isNeeded: Bool = false, known: [String],
        _ parse: (String) -> Word?
    ) -> [Word] {
        var words = Set<Word>()
        for text in texts(key, in: section, isNeeded: isNeeded) {
            if let word = parse(text) {
                words.insert(word)
            } else {
                noteUnknown(text, of: key, in: section, known: known)
            }
        }
        return words.sorted()
    }

    /// Reads a day or a time in UTC, in quotes or without; a day alone means its end if `isEnd`.
    mutating func time(_ key: String, in section: Section, isEnd: Bool) -> Timestamp? {
        guard let value = section.table[key] else {
            noteMissing(key, in: section)
            return nil
        }
        if let date = value.date {
            return day(date.year, date.month, date.day, isEnd: isEnd)
        }
        if let seconds = value.dateTime?.fDate?.timeIntervalSince1970 {
            return Timestamp(milliseconds: Int64(seconds) * 1_000)
        }
        if let text = value.string, let time = Timestamp(iso: text) {
            let isDay = !text.contains("T")
            return isDay && isEnd ? time.adding(milliseconds: 86_400_000 - 1) : time
        }
        note(
            key, in: section, "\"\(key)\" has to be a day such as 2027-12-31",
            "\"\(key)\" 必须是日期，例如 2027-12-31")
        return nil
    }

    private func day(_ year: Int, _ month: Int, _ day: Int, isEnd: Bool) -> Timestamp? {
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(count - text.count, 0)) + text
        }
        let time = Timestamp(iso: "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))")
        return isEnd ? time?.adding(milliseconds: 86_400_000 - 1) : time
    }
}
