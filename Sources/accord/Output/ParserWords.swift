import ArgumentParser
import Foundation
import Screens

extension ValidationError {
    /// Makes the error in the language of this run.
    init(english: String, chinese: String) {
        self.init(Spoken.language == .english ? english : chinese)
    }
}

/// What the argument parser says by itself, in the person's language.
///
/// The parser speaks English only; what is not known here is shown as it is.
enum ParserWords {
    /// Returns the whole message: what is wrong, the usage, where to read more.
    static func told(_ message: String, in language: Language) -> String {
        guard language == .chinese else { return message }
        return message.split(separator: "\n", omittingEmptySubsequences: false)
            .map { chinese(String($0)) }.joined(separator: "\n")
    }

    /// Returns a synopsis with what stands for something in Chinese.
    static func chineseSynopsis(_ text: String) -> String {
        text.replacing("<subcommand>", with: "<子命令>").replacing("<options>", with: "<选项>")
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
            return line.hasPrefix("Usage: ") ? chineseSynopsis(told) : told
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
        ("Error: Invalid option: (.*)", "错误：选项无效：{0}"),
        ("Error: Missing value for '(.*)'", "错误：选项 '{0}' 缺少值"),
        (
            "Error: The option '(.*)' does not take any value, but '(.*)' was specified\\.",
            "错误：选项 '{0}' 不带值，却给出了 '{1}'"
        ),
        (
            "Error: The value '(.*)' is invalid for '(.*)'\\. Please provide one of (.*) (?:and|or) (.*)\\.",
            "错误：'{1}' 的值 '{0}' 无效，可选：{2}, {3}"
        ),
        (
            "Error: The value '(.*)' is invalid for '(.*)'\\. Please provide one of the following:",
            "错误：'{1}' 的值 '{0}' 无效，可选："
        ),
        ("Error: The value '(.*)' is invalid for '(.*)'", "错误：'{1}' 的值 '{0}' 无效"),
        ("Error: Can't generate completion scripts for '(.*)'\\.", "错误：无法为 '{0}' 生成补全脚本。"),
        ("Error: Can't autodetect a supported shell\\.", "错误：无法识别所用的 shell。"),
        (
            "Please use --generate-completion-script=<shell> with one of:",
            "请使用 --generate-completion-script=<shell>，可选："
        ),
        ("Error: (.*)", "错误：{0}"),
        ("Help: +(.*)", "说明：{0}"),
        ("Usage: (.*)", "用法：{0}"),
        ("  See '(.*)' for more information\\.", "  详见 '{0}'"),
    ]
}
