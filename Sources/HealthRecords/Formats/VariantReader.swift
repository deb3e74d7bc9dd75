import Foundation
import LedgerCore

/// VCF 4.0 to 4.4 (samtools/hts-specs), text: one row for each variant of one person.
///
/// A file with several samples is refused until the person says which is theirs: the genomes of
/// others are not theirs to hand over.
struct VariantReader: FormatReader {
    /// Longest header kept, in bytes.
    private static let headerLimit = 8 << 20

    private let name: String
    private let options: RecordReadOptions
    private var feed = LineFeed()
    private var lines: Lines

    init(name: String, options: RecordReadOptions) {
        self.name = name
        self.options = options
        lines = Lines(name: name, person: options.person)
    }

    mutating func append(_ piece: UnsafeRawBufferPointer, to collector: RowCollector)
        throws(RecordImportError)
    {
        var lines = self.lines
        try feed.append(piece, of: name) { (line, number) throws(RecordImportError) in
            try lines.take(line, number, collector)
        }
        self.lines = lines
    }

    mutating func finish(_ collector: RowCollector) throws(RecordImportError) {
        var lines = self.lines
        try feed.finish { (line, number) throws(RecordImportError) in
            try lines.take(line, number, collector)
        }
        self.lines = lines
        guard lines.columnCount > 0 else {
            throw RecordImportError(
                file: name, place: .line(max(feed.lineCount, 1)), reason: .variantHeader)
        }
        guard collector.rowCount > 0 else {
            throw RecordImportError(
                file: name, place: .line(feed.lineCount),
                reason: .noRows(collector.skipped.listed.first?.reason))
        }
        collector.count(lines.removed, in: .genomic)
        collector.frame = ContentFrame(format: .variants, head: lines.head)
    }

    /// The state of the reader between two lines.
    private struct Lines {
        let name: String
        let person: String?
        var head: [UInt8] = []
        var removed: [RemovedPart: Int] = [:]
        /// Columns of a line; 0 before the line of column names.
        var columnCount = 0
        /// The column of the person's genotype; `nil` where the file has none.
        var sample: Int?
        var isCut = false
        var fields = LineFields()
        var alternatives = LineFields()
        var text = RowText()
        var unit: [UInt8] = []
        var chromosome: [UInt8] = []
        var group: UInt16 = 0

        mutating func take(
            _ line: UnsafeRawBufferPointer, _ number: Int, _ collector: RowCollector
        ) throws(RecordImportError) {
            if line.first == 0x23 {
                if columnCount == 0 {
                    try takeHeader(line, number)
                } else {
                    collector.skip(.line(number), .noValue)
                }
            } else if columnCount == 0 {
                throw RecordImportError(file: name, place: .line(number), reason: .variantHeader)
            } else if !line.isEmpty {
                if let reason = takeVariant(line, collector) {
                    collector.skip(.line(number), reason)
                }
            }
        }

        // MARK: Header

        private mutating func takeHeader(_ line: UnsafeRawBufferPointer, _ number: Int)
            throws(RecordImportError)
        {
            guard Bytes.hasPrefix(line, "##") else { return try takeColumns(line, number) }
            if number == 1 {
                let version = String(decoding: line.dropFirst(13), as: UTF8.self)
                guard ["VCFv4.0", "VCFv4.1", "VCFv4.2", "VCFv4.3", "VCFv4.4"].contains(version)
                else {
                    throw RecordImportError(
                        file: name, place: .line(1),
                        reason: .variantVersion(PlainText.line(version, limit: 16)))
                }
            }
            // Command lines, paths and names of samples stay at home: what is needed to read the
            // variants leaves.
            guard VariantReader.keptLines.contains(where: { Bytes.hasPrefix(line, $0) }) else {
                removed[.other, default: 0] += 1
                return
            }
            guard head.count + line.count <= VariantReader.headerLimit else {
                throw RecordImportError(
                    file: name, place: .line(number),
                    reason: .tooLong(limitBytes: VariantReader.headerLimit))
            }
            head.append(contentsOf: line)
            head.append(0x0a)
        }

        private mutating func takeColumns(_ line: UnsafeRawBufferPointer, _ number: Int)
            throws(RecordImportError)
        {
            fields.cut(line, at: 0x09, most: 1 << 20)
            let names = (0..<min(fields.count, 9)).map { fields.text($0, of: line) }
            let fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
            guard names.count >= 8, names.elementsEqual(fixed.prefix(names.count)) else {
                throw RecordImportError(file: name, place: .line(number), reason: .variantHeader)
            }
            let samples = (9..<max(fields.count, 9)).map { fields.text($0, of: line) }
            if let person {
                guard let position = samples.firstIndex(of: person) else {
                    throw RecordImportError(
                        file: name, place: .line(number), reason: .noSuchPerson(person))
                }
                sample = 9 + position
            } else if samples.count > 1 {
                throw RecordImportError(
                    file: name, place: .line(number), reason: .severalPeople(samples))
            } else if samples.count == 1 {
                sample = 9
            }
            columnCount = fields.count
            isCut = samples.count > 1
            head.append(contentsOf: names.prefix(8).joined(separator: "\t").utf8)
            // The name of a sample is a number somebody can look up.
            if sample != nil {
                head.append(contentsOf: "\tFORMAT\tSAMPLE".utf8)
                removed[.identifier, default: 0] += 1
            }
            head.append(0x0a)
        }

        // MARK: Variants

        private mutating func takeVariant(
            _ line: UnsafeRawBufferPointer, _ collector: RowCollector
        ) -> SkipReason? {
            fields.cut(line, at: 0x09, most: columnCount + 1)
            guard fields.count == columnCount else { return .columnCount }
            let chromosome = fields.field(0, of: line)
            guard !chromosome.isEmpty, Bytes.isPlain(chromosome) else { return .badChromosome }
            let position = fields.field(1, of: line)
            guard Bytes.number(position) != nil else { return .badPosition }
            let reference = fields.field(3, of: line)
            let alternative = fields.field(4, of: line)
            guard VariantReader.areBases(reference),
                VariantReader.areAlternatives(alternative)
            else { return .badBases }
            let quality = fields.field(5, of: line)
            guard Bytes.equal(quality, ".") || VariantReader.isNumber(quality) else {
                return .badQuality
            }
            text.clear()
            writeWhat(line, chromosome, position)
            text.endField()
            text.endField()
            text.append(reference, limit: 24)
            text.append(">")
            text.append(alternative, limit: 24)
            writeGenotype(line, reference, alternative)
            noteChromosome(chromosome, collector)
            writeUnit(line)
            text.bytes.withUnsafeBytes { text in
                unit.withUnsafeBytes { unit in
                    collector.add(
                        .genomic, group: group, time: nil, flags: [], text: text, unit: unit)
                }
            }
            return nil
        }

        private mutating func writeWhat(
            _ line: UnsafeRawBufferPointer, _ chromosome: UnsafeRawBufferPointer,
            _ position: UnsafeRawBufferPointer
        ) {
            let id = fields.field(2, of: line)
            if !id.isEmpty, !Bytes.equal(id, ".") {
                text.append(id, limit: 40)
                text.append(" · ")
            }
            text.append(chromosome, limit: 24)
            text.append(":")
            text.append(position)
        }

        /// The genotype in letters, where the file has one: `0/1` of G>A is G/A.
        private mutating func writeGenotype(
            _ line: UnsafeRawBufferPointer, _ reference: UnsafeRawBufferPointer,
            _ alternative: UnsafeRawBufferPointer
        ) {
            guard let sample else { return }
            let format = fields.field(8, of: line)
            guard Bytes.equal(format, "GT") || Bytes.hasPrefix(format, "GT:") else { return }
            let call = fields.field(sample, of: line)
            let end = call.firstIndex(of: 0x3a) ?? call.endIndex
            let genotype = UnsafeRawBufferPointer(rebasing: call[..<end])
            guard !genotype.isEmpty else { return }
            alternatives.cut(alternative, at: 0x2c)
            text.append(" · ")
            var number = 0
            var hasDigit = false
            for (position, byte) in genotype.enumerated() {
                if 0x30...0x39 ~= byte, number < 10_000 {
                    number = number * 10 + Int(byte - 0x30)
                    hasDigit = true
                    if position < genotype.count - 1 { continue }
                }
                if hasDigit {
                    let allele =
                        number == 0
                        ? reference : alternatives.field(number - 1, of: alternative)
                    text.append(allele, limit: 12)
                    hasDigit = false
                    number = 0
                }
                if !(0x30...0x39 ~= byte) {
                    withUnsafeBytes(of: byte) { text.append($0) }
                }
            }
        }

        private mutating func noteChromosome(
            _ chromosome: UnsafeRawBufferPointer, _ collector: RowCollector
        ) {
            guard !self.chromosome.elementsEqual(chromosome) else { return }
            self.chromosome = Array(chromosome)
            group = collector.group(
                PlainText.line(String(decoding: chromosome, as: UTF8.self), limit: 24),
                in: .genomic)
        }

        private mutating func writeUnit(_ line: UnsafeRawBufferPointer) {
            unit.removeAll(keepingCapacity: true)
            if isCut, let sample {
                unit.append(
                    contentsOf: UnsafeRawBufferPointer(
                        rebasing: line[..<fields.ranges[8].upperBound]))
                unit.append(0x09)
                unit.append(contentsOf: fields.field(sample, of: line))
            } else {
                unit.append(contentsOf: line)
            }
            unit.append(0x0a)
        }
    }

    // MARK: What columns may hold

    /// Header lines that are needed to read the variants, and say nothing of whose they are.
    private static let keptLines: [StaticString] = [
        "##fileformat=", "##INFO=", "##FORMAT=", "##FILTER=", "##ALT=", "##contig=",
        "##reference=GRCh", "##reference=hg", "##reference=http",
    ]

    /// The bases and the ambiguity codes of IUPAC.
    private static let bases: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in "ACGTNRYSWKMBDHVacgtnryswkmbdhv".utf8 { table[Int(byte)] = true }
        return table
    }()

    static func areBases(_ text: UnsafeRawBufferPointer) -> Bool {
        !text.isEmpty && text.allSatisfy { bases[Int($0)] }
    }

    /// `.`, or alleles with commas between: bases, `*`, `<ID>` or a breakend.
    private static func areAlternatives(_ text: UnsafeRawBufferPointer) -> Bool {
        guard !text.isEmpty else { return false }
        var start = 0
        while start <= text.count {
            var end = start
            while end < text.count, text[end] != 0x2c { end += 1 }
            let allele = UnsafeRawBufferPointer(rebasing: text[start..<end])
            guard isAlternative(allele) else { return false }
            start = end + 1
        }
        return true
    }

    private static func isAlternative(_ allele: UnsafeRawBufferPointer) -> Bool {
        guard let first = allele.first, let last = allele.last else { return false }
        if areBases(allele) || Bytes.equal(allele, ".") || Bytes.equal(allele, "*") { return true }
        if first == 0x3c { return last == 0x3e && allele.count > 2 && Bytes.isPlain(allele) }
        // A breakend, or one with a single end: letters, a point, brackets around a place.
        let hasBracket = allele.contains { $0 == 0x5b || $0 == 0x5d }
        return Bytes.isPlain(allele) && (hasBracket || first == 0x2e || last == 0x2e)
    }

    private static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        if Bytes.isDecimal(text) { return true }
        let word = String(decoding: text, as: UTF8.self).lowercased()
        return ["inf", "-inf", "infinity", "-infinity", "nan"].contains(word)
    }
}
