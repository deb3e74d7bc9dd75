import ArgumentParser
import Foundation
import Screens

extension ValidationError {
    /// Makes the error in the language of this run.
    init(english: String, chinese: String) {
        self.init(Spoken.language == .english ? english : chinese)
    }
}

/// What the argument parser says of wrong use, in the person's language.
///
/// The parser speaks English only; what is not known here is shown as it is.
enum ParserWords {
    /// Returns the whole message: what is wrong, the usage, where to read more.
    static func told(_ message: String, in language: Language) -> String {
        guard language == .chinese else { return message }
        // What the help says of the argument is English; where to read it follows below.
        return message.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("Help:") }
            .map { chinese(String($0)) }.joined(separator: "\n")
    }

    private static func chinese(_ line: String) -> String {
        for (english, chinese) in patterns {
            guard let pattern = try? Regex(english), let match = line.wholeMatch(of: pattern) else {
                continue
            }
            var told = chinese
            for index in 1..<match.count {
                told = told.replacing("{\(index - 1)}", with: match[index].substring ?? "")
            }
            return told
        }
        return line
    }

    /// A line as the parser writes it, and in Chinese; `{0}` … are its parts in parentheses.
    private static let patterns: [(String, String)] = [
        ("Error: Missing expected argument '(.*)'", "错误：缺少参数 '{0}'"),
        ("Error: Missing one of: (.*)", "错误：缺少以下之一：{0}"),
        ("Error: Unexpected argument '(.*)'", "错误：多余的参数 '{0}'"),
        ("Error: (\\d+) unexpected arguments: (.*)", "错误：{0} 个多余的参数：{1}"),
        ("Error: Unknown option '(.*)'\\. Did you mean '(.*)'\\?", "错误：没有选项 '{0}'。是否想写 '{1}'？"),
        ("Error: Unknown option '(.*)'", "错误：没有选项 '{0}'"),
        ("Error: Missing value for '(.*)'", "错误：选项 '{0}' 缺少值"),
        ("Error: The value '(.*)' is invalid for '(.*)'", "错误：'{1}' 的值 '{0}' 无效"),
        ("Error: (.*)", "错误：{0}"),
        ("Usage: (.*)", "用法：{0}"),
        ("  See '(.*)' for more information\\.", "  详见 '{0}'"),
    ]
}
