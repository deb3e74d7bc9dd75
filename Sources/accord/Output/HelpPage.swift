import Foundation
import Screens
import TerminalCore

/// A page of help: what the argument parser says of a command, in the person's language and in cells.
///
/// The parser's own words are English, and it breaks lines by characters, of which a Chinese one
/// takes two cells. So it is asked for a page `unbroken` wide, in which every paragraph is one line;
/// titles and line breaks are made here.
struct HelpPage {
    /// A width in characters at which the parser breaks no line.
    static let unbroken = 1_000_000

    /// The cells of a line: as the environment says, as the terminal has, or 80.
    static var columns: Int {
        let asked = Surroundings.environment["COLUMNS"].flatMap { Int($0) } ?? 0
        return asked > 0 ? asked : Output.terminalColumns() ?? 80
    }

    /// Where the meaning of a name begins, in cells from the edge.
    private static let meaningColumn = 26
    private static let overview = "OVERVIEW: "
    private static let usage = "USAGE: "
    private static let more = "  See '"
    private static let width = TextWidth.standard

    private let language: Language
    private let lines: [String]

    /// Takes the page that the parser made; `nil` for any other message of it, such as a version.
    init?(_ message: String, in language: Language) {
        guard message.hasPrefix(Self.overview) else { return nil }
        self.language = language
        lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Returns the page, no line wider than `columns` cells where that can be helped.
    func text(columns: Int) -> String {
        var isOverview = true
        return lines.flatMap { line in
            if line.hasPrefix(Self.usage) {
                isOverview = false
                return synopsis(String(line.dropFirst(Self.usage.count)), columns)
            }
            if line.hasPrefix(Self.overview) {
                let text = said(String(line.dropFirst(Self.overview.count)))
                return filled(title(Self.overview) + text, columns)
            }
            return isOverview ? filled(line, columns) : entry(line, columns)
        }.joined(separator: "\n")
    }

    // MARK: Words

    private func title(_ english: String) -> String {
        guard language == .chinese else { return english }
        return switch english {
        case Self.overview: "概述："
        case Self.usage: "用法："
        case "ARGUMENTS:": "参数："
        case "OPTIONS:": "选项："
        case "SUBCOMMANDS:": "子命令："
        default: english
        }
    }

    /// What is said of a name: the parser says a few things itself, and adds values and defaults.
    private func said(_ text: String) -> String {
        guard language == .chinese else { return text }
        switch text {
        case "Show the version.": return "显示版本。"
        case "Show help information.": return "显示帮助。"
        case "Show subcommand help information.": return "显示子命令的帮助。"
        default: break
        }
        for (english, chinese) in [(" (values: ", "（可选："), (" (default: ", "（默认：")] {
            guard text.hasSuffix(")"), let start = text.range(of: english, options: .backwards)
            else { continue }
            let values = text[start.upperBound...].dropLast()
                .replacing("; default: ", with: "；默认：")
            return "\(text[..<start.lowerBound])\(chinese)\(values)）"
        }
        return text
    }

    // MARK: Lines

    /// How the command is written: broken between its parts, below each other.
    private func synopsis(_ parts: String, _ columns: Int) -> [String] {
        let title = self.title(Self.usage)
        let indent = Self.cells(title)
        var lines = [title]
        var used = indent
        let text = language == .chinese ? ParserWords.chineseSynopsis(parts) : parts
        for part in Self.parts(of: text) {
            let cells = Self.cells(part)
            if used > indent, used + 1 + cells > columns {
                lines.append(String(repeating: " ", count: indent) + part)
                used = indent + cells
            } else {
                lines[lines.count - 1] += (used > indent ? " " : "") + part
                used += cells + (used > indent ? 1 : 0)
            }
        }
        return lines
    }

    /// The words of a synopsis; what stands in brackets, and an option with its value, stay together.
    private static func parts(of synopsis: String) -> [String] {
        synopsis.split(separator: " ").reduce(into: [String]()) { parts, word in
            if let last = parts.last,
                last.count(where: { $0 == "[" }) > last.count(where: { $0 == "]" })
                    || last.hasPrefix("-") && !last.contains(" ") && word.hasPrefix("<")
            {
                parts[parts.count - 1] += " \(word)"
            } else {
                parts.append(String(word))
            }
        }
    }

    /// A line below a title: a name and what it means, what an option means whose name is long, or
    /// what the parser adds at the end.
    private func entry(_ line: String, _ columns: Int) -> [String] {
        guard line.hasPrefix("  ") else { return [title(line)] }
        if line.hasPrefix(Self.more) {
            guard language == .chinese else { return filled(line, columns) }
            let command = line.dropFirst(Self.more.count).prefix { $0 != "'" }
            return filled("  详见 '\(ParserWords.chineseSynopsis(String(command)))'", columns)
        }
        let start = line.index(
            line.startIndex, offsetBy: Self.meaningColumn, limitedBy: line.endIndex)
        guard let start, start < line.endIndex, line[line.index(before: start)] == " ",
            !line.hasPrefix("   ")
        else { return filled(line, columns) }
        let label = line[..<start].trimmingCharacters(in: .whitespaces)
        let name = language == .chinese ? label.replacing(" (default)", with: "（默认）") : label
        let meaning = wrapped(said(String(line[start...])), columns - Self.meaningColumn)
        return meaning.enumerated().map { number, part in
            let left = SafeText(untrusted: number == 0 ? "  \(name)" : "")
            return Self.width.pad(left, cells: Self.meaningColumn).string + part
        }
    }

    /// A line of any other kind: all its parts stand as far from the edge as it does.
    private func filled(_ line: String, _ columns: Int) -> [String] {
        let indent = line.prefix { $0 == " " }
        return wrapped(said(String(line.dropFirst(indent.count))), columns - indent.count)
            .map { $0.isEmpty ? $0 : indent + $0 }
    }

    private func wrapped(_ text: String, _ cells: Int) -> [String] {
        // Names of options are looked for and copied: they stay whole.
        Self.width.wrap(
            SafeText(untrusted: text), cells: max(cells, Self.meaningColumn), atHyphens: false
        ).map(\.string)
    }

    private static func cells(_ text: String) -> Int { width.cells(of: SafeText(untrusted: text)) }
}
