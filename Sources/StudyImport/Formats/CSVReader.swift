/// Reads rows of comma- or tab-separated text, RFC 4180, one at a time.
///
/// SwiftCSV is not used: it hands out rows without the line they stand on, which a refusal has to
/// name; it takes a quote that never ends for data; and it walks text by `Character`.
struct CSVReader {
    private let text: ArraySlice<UInt8>
    private let separator: UInt8
    private var index: Int
    /// The line the reader stands on, from 1; after an error, the line of the defect.
    private(set) var line = 1

    /// Reads `text` with this byte between fields.
    init(_ text: ArraySlice<UInt8>, separator: UInt8) {
        self.text = text
        self.separator = separator
        index = text.startIndex
    }

    /// Returns the next row and the line it begins on, from 1; `nil` at the end.
    ///
    /// Empty lines are passed over. After an error the reader stands at the end.
    mutating func next() throws(StudyDefect) -> (line: Int, fields: [String])? {
        while index < text.endIndex, isLineBreak(text[index]) { passLineBreak() }
        guard index < text.endIndex else { return nil }
        let start = line
        var fields = [String]()
        while true {
            fields.append(try field())
            guard fields.count <= 1_000 else { throw fail(.tooManyColumns, at: start) }
            guard index < text.endIndex, text[index] == separator else { break }
            index += 1
        }
        if index < text.endIndex { passLineBreak() }
        return (start, fields)
    }

    private mutating func field() throws(StudyDefect) -> String {
        guard index < text.endIndex, text[index] == UInt8(ascii: "\"") else {
            let start = index
            while index < text.endIndex, text[index] != separator, !isLineBreak(text[index]) {
                index += 1
            }
            return String(decoding: text[start..<index], as: UTF8.self)
        }
        let start = line
        var value = [UInt8]()
        index += 1
        while true {
            guard index < text.endIndex else { throw fail(.openQuote, at: start) }
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                guard index < text.endIndex, text[index] == byte else { break }
                index += 1
            }
            if byte == 0x0a { line += 1 }
            value.append(byte)
        }
        guard index == text.endIndex || text[index] == separator || isLineBreak(text[index]) else {
            throw fail(.textAfterQuote, at: line)
        }
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func fail(_ defect: StudyDefect.CSVDefect, at line: Int) -> StudyDefect {
        index = text.endIndex
        self.line = line
        return .notCSV(defect)
    }

    private func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }

    private mutating func passLineBreak() {
        if text[index] == 0x0a { line += 1 }
        index += 1
    }
}
