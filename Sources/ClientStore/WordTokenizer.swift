internal import GRDB
internal import LedgerCore

/// Cuts text into words for the search index: one token for each Han character, kana or Hangul
/// syllable; runs of other letters and digits in lower case, so that a prefix finds them.
final class WordTokenizer: FTS5CustomTokenizer {
    static let name = "accord_words"

    init(db: Database, arguments: [String]) throws {}

    func tokenize(
        context: UnsafeMutableRawPointer?, tokenization: FTS5Tokenization,
        pText: UnsafePointer<CChar>?, nText: CInt, tokenCallback: @escaping FTS5TokenCallback
    ) -> CInt {
        guard let pText, nText > 0 else { return 0 }
        let buffer = UnsafeBufferPointer(start: pText, count: Int(nText))
        let text = String(decoding: buffer.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var result: CInt = 0
        SearchWords.forEachToken(in: text) { token, start, end in
            var token = token
            result = token.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    tokenCallback(context, 0, $0.baseAddress, CInt($0.count), start, end)
                }
            }
            return result == 0
        }
        return result
    }
}

/// The words a project is found by, and how a person's words become a query.
enum SearchWords {
    /// Calls `body` with each token and its place in UTF-8 bytes until it returns `false`.
    static func forEachToken(in text: String, _ body: (String, CInt, CInt) -> Bool) {
        var word = ""
        var wordStart: CInt = 0
        var position: CInt = 0
        for scalar in text.unicodeScalars {
            let length = CInt(UTF8.width(scalar))
            if isSyllabic(scalar) || !isWord(scalar) {
                if !word.isEmpty {
                    guard body(word, wordStart, position) else { return }
                    word = ""
                }
                if isSyllabic(scalar) {
                    guard body(String(scalar), position, position + length) else { return }
                }
            } else {
                if word.isEmpty { wordStart = position }
                if scalar.isASCII {
                    let value = scalar.value
                    word.unicodeScalars.append(
                        (0x41...0x5a).contains(value)
                            ? Unicode.Scalar(UInt8(value + 0x20)) : scalar)
                } else {
                    word += scalar.properties.lowercaseMapping
                }
            }
            position += length
        }
        if !word.isEmpty { _ = body(word, wordStart, position) }
    }

    /// The query for what a person typed so far: every word has to occur, the last Latin one may
    /// be unfinished; `nil` if nothing can be looked up.
    static func query(_ typed: String) -> String? {
        var terms = [String]()
        for part in typed.split(whereSeparator: { $0.isWhitespace }) {
            var run = ""
            func finish() {
                if !run.isEmpty { terms.append("\"\(run)\"") }
                run = ""
            }
            forEachToken(in: String(part)) { token, _, _ in
                if let scalar = token.unicodeScalars.first, isSyllabic(scalar) {
                    // Neighbouring characters have to stand together: a phrase.
                    run += token
                } else {
                    finish()
                    terms.append("\"\(token)\"*")
                }
                return true
            }
            finish()
        }
        return terms.isEmpty ? nil : terms.joined(separator: " ")
    }

    /// Everything a project can be found by.
    static func text(of project: Project, institutions: [AccountID: Institution]) -> String {
        let terms = project.terms
        var parts = [terms.project.text, terms.title.english, terms.title.chinese]
        parts += [terms.why.english, terms.why.chinese]
        for account in Set([project.sponsor] + terms.recipients).sorted() {
            guard let name = institutions[account]?.name else { continue }
            parts += [name.english, name.chinese]
        }
        for use in terms.purposes + terms.limits {
            parts += [use.rawValue, words(of: "\(use)")]
        }
        parts += terms.kinds.map(\.kind.rawValue)
        parts += [words(of: "\(terms.programme)"), chinese(terms.programme)]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Splits the name of a case, `healthResearch`, into its words.
    private static func words(of name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? " \($1)" : "\($1)" }
    }

    private static func chinese(_ programme: Programme) -> String {
        switch programme {
        case .staffPlan: "员工计划"
        case .maternalChild: "母婴"
        case .rareDisease: "罕见病"
        case .crossOmics: "跨组学"
        case .tumourCare: "肿瘤"
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            switch scalar.value {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: return true
            default: return false
            }
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || scalar.properties.canonicalCombiningClass != .notReordered
    }

    /// Han, kana and Hangul: scripts that write no spaces between words.
    private static func isSyllabic(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3040...0x30ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xac00...0xd7a3, 0xf900...0xfaff,
            0x20000...0x323af:
            true
        default: false
        }
    }
}
