import LedgerCore

/// Reads one format, piece by piece.
protocol FormatReader {
    /// Takes the next piece of the file, of any length.
    mutating func append(_ piece: UnsafeRawBufferPointer, to collector: RowCollector)
        throws(RecordImportError)
    /// Ends the file, and tells the collector its frame.
    mutating func finish(_ collector: RowCollector) throws(RecordImportError)
    /// The place from where the file can be read on, if it stands at one: every row before it is
    /// in the collector, and none after it.
    var mark: ReadingMark? { get }
}

extension FormatReader {
    /// Most formats are read from their beginning only.
    var mark: ReadingMark? { nil }
}

/// What a person says about a file besides its content.
package struct RecordReadOptions: Equatable, Sendable {
    /// The sample, column or number under which the person stands in the file; `nil` if the file
    /// is about one person only.
    package var person: String?

    /// Options; by default a file is about one person.
    package init(person: String? = nil) { self.person = person }
}

/// Text of a row under construction: reused from row to row.
struct RowText {
    private(set) var bytes: [UInt8] = []

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    mutating func endField() { bytes.append(RowPage.fieldEnd) }

    mutating func append(_ word: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Appends text of a file, fit for one cell of a table, cut to `limit` bytes.
    mutating func append(_ text: UnsafeRawBufferPointer, limit: Int = 160) {
        guard text.allSatisfy({ 0x20...0x7e ~= $0 }) else {
            bytes.append(
                contentsOf: PlainText.line(String(decoding: text, as: UTF8.self), limit: limit)
                    .utf8)
            return
        }
        if text.count <= limit {
            bytes.append(contentsOf: text)
        } else {
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[..<limit]))
            append("…")
        }
    }
}
