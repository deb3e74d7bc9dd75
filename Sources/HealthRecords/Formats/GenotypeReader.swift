import Foundation
import LedgerCore

/// Genotypes as consumer tests give them: 23andMe, AncestryDNA, MyHeritage, FTDNA and others.
///
/// Each has its own order of columns and marks; what is kept and what leaves is one form for all,
/// that of 23andMe: `rsid ⇥ chromosome ⇥ position ⇥ genotype`. Comments, which may name the
/// person, and columns of sample names are left out.
struct GenotypeReader: FormatReader {
    private let name: String
    private var feed = LineFeed()
    private var lines: Lines

    init(name: String, options: RecordReadOptions) {
        self.name = name
        lines = Lines(person: options.person.map { Array($0.utf8) })
    }

    mutating func append(_ piece: UnsafeRawBufferPointer, to collector: RowCollector)
        throws(RecordImportError)
    {
        var lines = self.lines
        try feed.append(piece, of: name) { (line, number) throws(RecordImportError) in
            lines.take(line, number, collector)
        }
        self.lines = lines
    }

    mutating func finish(_ collector: RowCollector) throws(RecordImportError) {
        var lines = self.lines
        try feed.finish { (line, number) throws(RecordImportError) in
            lines.take(line, number, collector)
        }
        self.lines = lines
        guard collector.rowCount > 0 else {
            throw RecordImportError(
                file: name, place: .line(max(feed.lineCount, 1)),
                reason: .noRows(collector.skipped.listed.first?.reason))
        }
        var head = Array("# rsid\tchromosome\tposition\tgenotype\n".utf8)
        if let build = lines.build { head = Array("# build \(build)\n".utf8) + head }
        collector.count(lines.removed, in: .genomic)
        collector.frame = ContentFrame(format: .genotypes, head: head)
    }

    private struct Lines {
        /// The person's name in the file; the first one found where none was given.
        var person: [UInt8]?
        var columns: GenotypeColumns?
        /// Number of the reference build the comments name.
        var build: Int?
        var removed: [RemovedPart: Int] = [:]
        var isInHeader = false
        var fields = LineFields()
        var text = RowText()
        var unit: [UInt8] = []
        var chromosome: [UInt8] = []
        var group: UInt16 = 0

        init(person: [UInt8]?) { self.person = person }

        mutating func take(
            _ line: UnsafeRawBufferPointer, _ number: Int, _ collector: RowCollector
        ) {
            if line.isEmpty { return }
            if columns == nil || line[0] == 0x23 || line[0] == 0x5b || isInHeader {
                if takeHeader(line) { return }
            }
            if let reason = takeMarker(line, collector) { collector.skip(.line(number), reason) }
        }

        /// Whether the line belongs to the header.
        private mutating func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
            let text = String(decoding: line.prefix(4_096), as: UTF8.self)
            if line[0] == 0x5b {
                isInHeader = !text.lowercased().hasPrefix("[data]")
                return true
            }
            if isInHeader { return true }
            if line[0] == 0x23 {
                if let found = GenotypeColumns(header: text) { columns = found }
                noteBuild(text)
                removed[.other, default: 0] += 1
                return true
            }
            if let found = GenotypeColumns(header: text) {
                columns = found
                return true
            }
            columns = GenotypeColumns(data: text)
            return false
        }

        private mutating func noteBuild(_ comment: String) {
            for number in [36, 37, 38]
            where comment.contains("build \(number)") || comment.contains("GRCh\(number)") {
                build = number
            }
        }

        // MARK: Markers

        private mutating func takeMarker(
            _ line: UnsafeRawBufferPointer, _ collector: RowCollector
        ) -> SkipReason? {
            guard let columns else { return .columnCount }
            if columns.delimiter == 0x2c {
                guard fields.cutQuoted(line, at: 0x2c) else { return .openQuote }
            } else {
                fields.cut(line, at: columns.delimiter)
            }
            guard fields.count == columns.count else { return .columnCount }
            if let reason = checkPerson(columns, line) { return reason }
            let id = Bytes.trimmed(fields.field(columns.id, of: line))
            guard !id.isEmpty, Bytes.isPlain(id) else { return .noValue }
            unit.removeAll(keepingCapacity: true)
            unit.append(contentsOf: id)
            unit.append(0x09)
            let start = unit.count
            guard writeChromosome(columns, id, line) else { return .badChromosome }
            let chromosomeEnd = unit.count
            unit.append(0x09)
            guard writePosition(columns, id, line) else { return .badPosition }
            let positionEnd = unit.count
            unit.append(0x09)
            guard writeGenotype(columns, line) else { return .badGenotype }
            unit.append(0x0a)
            noteChromosome(start..<chromosomeEnd, collector)
            writeText(id, start..<positionEnd, chromosomeEnd, collector)
            return nil
        }

        private mutating func checkPerson(
            _ columns: GenotypeColumns, _ line: UnsafeRawBufferPointer
        ) -> SkipReason? {
            guard let column = columns.person else { return nil }
            let found = Bytes.trimmed(fields.field(column, of: line))
            if let person { return person.elementsEqual(found) ? nil : .otherPerson }
            person = Array(found)
            removed[.identifier, default: 0] += 1
            return nil
        }

        private mutating func writeChromosome(
            _ columns: GenotypeColumns, _ id: UnsafeRawBufferPointer,
            _ line: UnsafeRawBufferPointer
        ) -> Bool {
            guard let column = columns.chromosome else {
                let colon = id.firstIndex(of: 0x3a) ?? 0
                let named = UnsafeRawBufferPointer(rebasing: id[..<colon])
                guard colon > 0, GenotypeReader.isChromosome(named) else {
                    unit.append(0x30)
                    return true
                }
                unit.append(contentsOf: named)
                return true
            }
            var chromosome = Bytes.trimmed(fields.field(column, of: line))
            if Bytes.hasPrefix(chromosome, "chr") {
                chromosome = UnsafeRawBufferPointer(rebasing: chromosome.dropFirst(3))
            }
            guard GenotypeReader.isChromosome(chromosome) else { return false }
            unit.append(contentsOf: chromosome)
            return true
        }

        private mutating func writePosition(
            _ columns: GenotypeColumns, _ id: UnsafeRawBufferPointer,
            _ line: UnsafeRawBufferPointer
        ) -> Bool {
            let position: UnsafeRawBufferPointer
            if let column = columns.position {
                position = Bytes.trimmed(fields.field(column, of: line))
            } else if let colon = id.firstIndex(of: 0x3a) {
                position = UnsafeRawBufferPointer(rebasing: id[(colon + 1)...])
            } else {
                unit.append(0x30)
                return true
            }
            guard Bytes.number(position) != nil else { return false }
            unit.append(contentsOf: position)
            return true
        }

        /// Writes `AA`, `--` for a call that is missing, or longer alleles with `/` between.
        private mutating func writeGenotype(
            _ columns: GenotypeColumns, _ line: UnsafeRawBufferPointer
        ) -> Bool {
            if let column = columns.genotype {
                let call = Bytes.trimmed(fields.field(column, of: line))
                if let slash = call.firstIndex(where: { $0 == 0x2f || $0 == 0x7c }) {
                    return writeAlleles(
                        UnsafeRawBufferPointer(rebasing: call[..<slash]),
                        UnsafeRawBufferPointer(rebasing: call[(slash + 1)...]))
                }
                if call.isEmpty || Bytes.equal(call, "??") || Bytes.equal(call, "00") {
                    unit.append(contentsOf: [0x2d, 0x2d])
                    return true
                }
                guard call.count <= 2, call.allSatisfy({ GenotypeReader.isAllele($0) }) else {
                    return false
                }
                unit.append(contentsOf: call)
                return true
            }
            guard let alleles = columns.alleles else { return false }
            return writeAlleles(
                Bytes.trimmed(fields.field(alleles.first, of: line)),
                Bytes.trimmed(fields.field(alleles.second, of: line)))
        }

        private mutating func writeAlleles(
            _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
        ) -> Bool {
            let isLong = first.count > 1 || second.count > 1
            for (position, allele) in [first, second].enumerated() {
                if position == 1, isLong { unit.append(0x2f) }
                if allele.isEmpty || Bytes.equal(allele, "0") || Bytes.equal(allele, "?") {
                    unit.append(0x2d)
                    continue
                }
                guard allele.count <= 200, allele.allSatisfy({ GenotypeReader.isAllele($0) })
                else { return false }
                unit.append(contentsOf: allele)
            }
            return true
        }

        private mutating func noteChromosome(_ range: Range<Int>, _ collector: RowCollector) {
            guard !chromosome.elementsEqual(unit[range]) else { return }
            chromosome = Array(unit[range])
            group = collector.group(String(decoding: chromosome, as: UTF8.self), in: .genomic)
        }

        private mutating func writeText(
            _ id: UnsafeRawBufferPointer, _ place: Range<Int>, _ chromosomeEnd: Int,
            _ collector: RowCollector
        ) {
            text.clear()
            text.append(id, limit: 40)
            text.append(" · ")
            unit.withUnsafeBytes { unit in
                text.append(
                    UnsafeRawBufferPointer(rebasing: unit[place.lowerBound..<chromosomeEnd]))
                text.append(":")
                text.append(
                    UnsafeRawBufferPointer(rebasing: unit[(chromosomeEnd + 1)..<place.upperBound]))
                text.endField()
                text.endField()
                text.append(
                    UnsafeRawBufferPointer(
                        rebasing: unit[(place.upperBound + 1)..<(unit.count - 1)]), limit: 40)
                text.bytes.withUnsafeBytes { text in
                    collector.add(
                        .genomic, group: group, time: nil, flags: [], text: text, unit: unit)
                }
            }
        }
    }

    /// 0 to 26, X, Y, XY, M, MT, PAR: as the tests number them.
    static func isChromosome(_ text: UnsafeRawBufferPointer) -> Bool {
        if let number = Bytes.number(text) { return number <= 26 }
        guard text.count <= 4 else { return false }
        return ["X", "Y", "XY", "M", "MT", "PAR", "PAR1", "PAR2"]
            .contains(String(decoding: text, as: UTF8.self).uppercased())
    }

    private static func isAllele(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41, 0x43, 0x47, 0x54, 0x44, 0x49, 0x2d, 0x61, 0x63, 0x67, 0x74: true
        default: false
        }
    }
}
