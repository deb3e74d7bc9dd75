/// Reads a file of health records piece by piece; what it is, is recognised by its content alone.
///
/// Memory stays at a few pages for formats that are read as they come (Apple Health, VCF,
/// genotypes, tables); FHIR and FIT are held as a whole and are limited in length.
package struct RecordFileReader {
    /// Bytes that are looked at to recognise a format.
    package static let beginningBytes = 64 * 1024

    /// Where the rows go.
    package let collector = RowCollector()
    private let name: String
    private let options: RecordReadOptions
    private var beginning: [UInt8] = []
    private var reader: (any FormatReader)?
    /// The format, once enough was read to tell.
    package private(set) var format: RecordFormat?

    /// Starts a file.
    ///
    /// - Parameters:
    ///   - name: Its name, for messages.
    ///   - options: What the person says about it.
    package init(name: String, options: RecordReadOptions = RecordReadOptions()) {
        self.name = name
        self.options = options
    }

    /// Reads on from a mark; `nil` if the state is of another program.
    package init?(goingOnWith state: ReadingState, name: String) {
        self.init(name: name)
        guard state.restore(collector) == .appleHealth else { return nil }
        format = .appleHealth
        reader = AppleHealthReader(name: name, from: state.mark)
    }

    /// What is needed to read on from here, if the file can be and stands between two rows.
    ///
    /// Take the collector's pages first.
    package var state: ReadingState? {
        guard let format, let mark = reader?.mark else { return nil }
        return ReadingState(mark, format, collector)
    }

    /// Reads a whole file in memory.
    ///
    /// - Returns: The collector with every row; its pages are all there to be taken.
    /// - Throws: `RecordImportError` if the file as a whole cannot be trusted.
    package static func read(
        _ bytes: [UInt8], name: String, options: RecordReadOptions = RecordReadOptions()
    ) throws(RecordImportError) -> RowCollector {
        var reader = RecordFileReader(name: name, options: options)
        let result: Result<Void, RecordImportError> = bytes.withUnsafeBytes { bytes in
            do throws(RecordImportError) {
                try reader.append(bytes)
                return .success(try reader.finish())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        return reader.collector
    }

    /// Takes the next piece, of any length.
    package mutating func append(_ piece: UnsafeRawBufferPointer) throws(RecordImportError) {
        if reader != nil {
            let collector = collector
            try reader?.append(piece, to: collector)
            return
        }
        beginning.append(contentsOf: piece)
        if beginning.count >= RecordFileReader.beginningBytes { try begin() }
    }

    /// Ends the file.
    package mutating func finish() throws(RecordImportError) {
        if reader == nil { try begin() }
        let collector = collector
        try reader?.finish(collector)
        reader = nil
    }

    private mutating func begin() throws(RecordImportError) {
        let bytes = beginning
        beginning = []
        var (reader, format) = try recognised(bytes)
        self.format = format
        let result: Result<Void, RecordImportError> = bytes.withUnsafeBytes { bytes in
            do throws(RecordImportError) {
                return .success(try reader.append(bytes, to: collector))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        self.reader = reader
    }

    // MARK: Recognition

    private func recognised(_ bytes: [UInt8]) throws(RecordImportError)
        -> (any FormatReader, RecordFormat)
    {
        if bytes.count >= 12, bytes[8..<12].elementsEqual(".FIT".utf8) {
            return (FITReader(name: name), .fit)
        }
        let start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        guard let first = bytes[start...].firstIndex(where: { !Self.isBlank($0) }) else {
            throw RecordImportError(file: name, place: nil, reason: .empty)
        }
        // libxml2 reads UTF-16 by its byte order mark, the other formats are UTF-8.
        let isWide = bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff])
        if bytes[first] == 0x3c { return (AppleHealthReader(name: name), .appleHealth) }
        if isWide { throw RecordImportError(file: name, place: .line(1), reason: .notUTF8) }
        if bytes[first...].starts(with: "##fileformat=".utf8) {
            return (VariantReader(name: name, options: options), .variants)
        }
        if bytes.prefix(4_096).contains(0) {
            throw RecordImportError(file: name, place: nil, reason: .unknownFormat)
        }
        if Self.isJSON(bytes[first...]) { return (FHIRReader(name: name), .fhir) }
        switch Self.sort(of: String(decoding: bytes.prefix(Self.beginningBytes), as: UTF8.self)) {
        case .genotypes: return (GenotypeReader(name: name, options: options), .genotypes)
        case .table: return (TableReader(name: name, options: options), .table)
        default:
            // What begins as JSON, and is none, is refused with the place where it stops being it.
            if Self.mayBeJSON(bytes[first...]) { return (FHIRReader(name: name), .fhir) }
            throw RecordImportError(file: name, place: .line(1), reason: .unknownFormat)
        }
    }

    private static func mayBeJSON(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        if ["true", "false", "null"].contains(where: { bytes.starts(with: $0.utf8) }) {
            return true
        }
        return #"{["-0123456789"#.utf8.contains(first)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    /// Whether the text begins as an object or a list does: `[` alone also begins a section.
    private static func isJSON(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.first == 0x7b { return true }
        guard bytes.first == 0x5b else { return false }
        let next = bytes.dropFirst().first { !isBlank($0) }
        return next.map { $0 == 0x7b || $0 == 0x5b || $0 == 0x5d || $0 == 0x22 } ?? true
    }

    /// What the first lines of a text look like.
    private static func sort(of text: String) -> RecordFormat? {
        var lines = 0
        for line in text.split(whereSeparator: \.isNewline) {
            lines += 1
            let text = String(line.prefix(8_192))
            if GenotypeColumns(header: text) != nil { return .genotypes }
            if !text.hasPrefix("#"), GenotypeColumns(data: text) != nil { return .genotypes }
            if isTable(text) { return .table }
            if lines > 200 { break }
        }
        return nil
    }

    private static func isTable(_ line: String) -> Bool {
        let text = line.hasPrefix("\u{feff}") ? String(line.dropFirst()) : line
        let title = text.split(separator: ",").first.map(String.init) ?? ""
        if ["Body", "Foods", "Activities"].contains(title) { return true }
        for delimiter in [",", "\t", ";"] {
            let names = text.split(
                separator: Character(delimiter), omittingEmptySubsequences: false
            )
            .map { $0.trimmingCharactersOfTables }
            if names.count >= 2, TableLayout(names) != nil { return true }
        }
        return false
    }
}

extension Substring {
    /// The text without white space and quotation marks around it.
    fileprivate var trimmingCharactersOfTables: String {
        var text = self
        while let last = text.last, last == " " || last == "\"" || last == "\r" {
            text.removeLast()
        }
        return String(text.drop { $0 == " " || $0 == "\"" })
    }
}

/// FHIR, held as a whole.
struct FHIRReader: FormatReader {
    private let name: String
    private var bytes: [UInt8] = []

    init(name: String) { self.name = name }

    mutating func append(_ piece: UnsafeRawBufferPointer, to collector: RowCollector)
        throws(RecordImportError)
    {
        guard bytes.count + piece.count <= FHIRBundle.maximumFileBytes else {
            throw RecordImportError(
                file: name, place: nil, reason: .tooLong(limitBytes: FHIRBundle.maximumFileBytes))
        }
        bytes.append(contentsOf: piece)
    }

    mutating func finish(_ collector: RowCollector) throws(RecordImportError) {
        let whole = bytes
        bytes = []
        let file = try FHIRBundle.read(whole, name: name)
        file.collect(into: collector)
        guard collector.rowCount > 0 else {
            throw RecordImportError(file: name, place: .line(1), reason: .noResources)
        }
        collector.frame = ContentFrame(format: .fhir)
    }
}
