/// Which columns of a consumer test's table hold what.
struct GenotypeColumns: Equatable {
    var delimiter: UInt8
    var id: Int
    var chromosome: Int?
    var position: Int?
    var genotype: Int?
    var alleles: (first: Int, second: Int)?
    /// The column that names the person, where there is one.
    var person: Int?
    var count: Int

    static func == (left: GenotypeColumns, right: GenotypeColumns) -> Bool {
        left.delimiter == right.delimiter && left.id == right.id
            && left.chromosome == right.chromosome && left.position == right.position
            && left.genotype == right.genotype && left.person == right.person
            && left.alleles?.first == right.alleles?.first
            && left.alleles?.second == right.alleles?.second && left.count == right.count
    }

    /// Reads a line of column names, with or without `#` in front; `nil` if it is none.
    init?(header line: String) {
        let text = line.drop { $0 == "#" || $0 == " " }
        let delimiter = GenotypeColumns.delimiter(of: text)
        let names = text.split(
            separator: Character(Unicode.Scalar(delimiter)), omittingEmptySubsequences: false
        ).map { name in
            String(name.lowercased().filter { $0.isLetter || $0.isNumber })
        }
        func column(_ known: String...) -> Int? {
            for name in known {
                if let position = names.firstIndex(of: name) { return position }
            }
            return nil
        }
        let named = column("rsid", "markername", "snpname", "snpid", "rs", "marker", "snp")
        chromosome = column("chromosome", "chrom", "chr")
        position = column("position", "pos", "basepairposition")
        genotype = column("genotype", "result", "gt")
        person = column("samplename", "sampleid")
        if let first = column("allele1", "allele1plus", "allele1forward", "allele1top"),
            let second = column("allele2", "allele2plus", "allele2forward", "allele2top")
        {
            alleles = (first, second)
        }
        // "name" alone says too little to make a table one of genotypes.
        guard let id = named ?? (chromosome == nil ? nil : column("name")),
            genotype != nil || alleles != nil, names.count >= 3
        else { return nil }
        self.id = id
        self.delimiter = delimiter
        count = names.count
    }

    /// Takes a line of data without column names before it: id, chromosome, position, genotype
    /// or two alleles; `nil` if it does not look so.
    init?(data line: String) {
        delimiter = GenotypeColumns.delimiter(of: line[...])
        let fields = line.split(
            separator: Character(Unicode.Scalar(delimiter)), omittingEmptySubsequences: false
        ).map { $0.trimmingQuotes }
        guard fields.count == 4 || fields.count == 5, GenotypeColumns.isMarker(fields[0]),
            Int(fields[2]) != nil, fields[3].utf8.count <= 2,
            fields[3].utf8.allSatisfy({ "ACGTDI-0".utf8.contains($0) })
        else { return nil }
        id = 0
        chromosome = 1
        position = 2
        person = nil
        genotype = fields.count == 4 ? 3 : nil
        alleles = fields.count == 5 ? (3, 4) : nil
        count = fields.count
    }

    private static func isMarker(_ text: String) -> Bool {
        let digits = text.drop { $0.isLetter }
        return digits.count < text.count && !digits.isEmpty && digits.allSatisfy(\.isNumber)
    }

    private static func delimiter(of text: Substring) -> UInt8 {
        if text.contains("\t") { return 0x09 }
        if text.contains(",") { return 0x2c }
        return text.contains(";") ? 0x3b : 0x20
    }
}

extension Substring {
    /// The text without white space and quotation marks around it.
    fileprivate var trimmingQuotes: String {
        var text = self
        while let last = text.last, last == " " || last == "\"" || last == "\r" {
            text.removeLast()
        }
        return String(text.drop { $0 == " " || $0 == "\"" })
    }
}
