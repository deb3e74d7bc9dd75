package import LedgerCore

/// A format records come in and leave in.
package enum RecordFormat: String, CaseIterable, Sendable {
    /// FHIR R4, JSON.
    case fhir
    /// Apple Health's export.
    case appleHealth
    /// VCF, text.
    case variants
    /// Genotypes as consumer tests give them: one line for each marker.
    case genotypes
    /// A table with a line of column names: Fitbit, Dexcom and others.
    case table
    /// Garmin FIT; its messages are kept and leave as FHIR observations.
    case fit

    /// The usual ending of a file of what leaves, without a dot.
    package var fileExtension: String {
        switch self {
        case .fhir, .fit: "json"
        case .appleHealth: "xml"
        case .variants: "vcf"
        case .genotypes: "txt"
        case .table: "csv"
        }
    }

    /// Its name as people know it, in both languages.
    package var name: LocalizedText {
        switch self {
        case .fhir: .init(english: "FHIR R4", chinese: "FHIR R4")
        case .appleHealth: .init(english: "Apple Health", chinese: "Apple 健康")
        case .variants: .init(english: "VCF", chinese: "VCF")
        case .genotypes: .init(english: "genotypes of a consumer test", chinese: "消费级检测的基因型")
        case .table: .init(english: "table", chinese: "表格")
        case .fit: .init(english: "Garmin FIT", chinese: "Garmin FIT")
        }
    }
}

/// What stands before, between and after the units of a file.
package struct ContentFrame: Equatable, Sendable {
    /// The format.
    package let format: RecordFormat
    /// What stands before the first unit, as it leaves.
    package let head: [UInt8]
    /// What stands before the first unit in a copy for the person themselves.
    package let homeHead: [UInt8]
    /// What stands between two units.
    package let separator: [UInt8]
    /// What stands after the last unit.
    package let foot: [UInt8]
    /// Positions of columns of a table that stay at home, ascending; empty for other formats.
    package let privateColumns: [Int]
    /// The byte between the fields of a table.
    package let delimiter: UInt8
    /// How many fields a line of a table has; 0 for other formats.
    private let columnCount: Int

    /// The frame of a format that has always the same.
    package init(format: RecordFormat) {
        switch format {
        case .fhir, .fit:
            self.init(
                format: format,
                head: Array(#"{"resourceType":"Bundle","type":"collection","entry":["#.utf8),
                separator: [0x2c], foot: Array("]}".utf8))
        case .appleHealth:
            self.init(
                format: format,
                head: Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<HealthData>\n".utf8),
                foot: Array("</HealthData>\n".utf8))
        case .genotypes:
            self.init(
                format: format, head: Array("# rsid\tchromosome\tposition\tgenotype\n".utf8))
        case .variants, .table: self.init(format: format, head: [])
        }
    }

    /// Makes a frame; without `homeHead` the head is the same at home.
    package init(
        format: RecordFormat, head: [UInt8], homeHead: [UInt8]? = nil, separator: [UInt8] = [],
        foot: [UInt8] = [],
        privateColumns: [Int] = [], delimiter: UInt8 = 0x2c
    ) {
        self.format = format
        self.head = head
        self.homeHead = homeHead ?? head
        self.separator = separator
        self.foot = foot
        self.privateColumns = privateColumns
        self.delimiter = delimiter
        columnCount =
            format == .table ? TableLine.fieldCount(self.homeHead, delimiter: delimiter) : 0
    }

    /// Cuts what must not leave out of a unit.
    ///
    /// - Parameters:
    ///   - unit: A unit of a page of this format.
    ///   - aliases: Gives ids another name, so that two projects cannot link them; `nil` keeps them.
    ///   - removed: Counts what was cut out.
    /// - Returns: What leaves; nothing if it is not certain what of the unit may.
    package func cleaned(
        _ unit: ArraySlice<UInt8>, aliases: RecordAliases?, removed: inout [RemovedPart: Int]
    ) -> [UInt8] {
        switch format {
        case .fhir, .fit: FHIRCleaner.clean(unit, aliases: aliases, removed: &removed)
        case .appleHealth: AppleElement.clean(unit, removed: &removed)
        case .table:
            TableLine.clean(
                unit, without: privateColumns, of: columnCount, delimiter: delimiter,
                removed: &removed)
        case .variants, .genotypes: Array(unit)
        }
    }
}

/// Something that is taken out of every row before it leaves: it tells who or where.
package enum RemovedPart: String, CaseIterable, Comparable, Sendable {
    /// The narrative of a resource: the same again in free text.
    case narrative
    /// A name.
    case name
    /// An address or a place.
    case address
    /// A number by which a person, a visit or a device is known.
    case identifier
    /// A telephone number, an e-mail address.
    case contact
    /// A photograph or another attachment.
    case attachment
    /// A note in free text.
    case note
    /// The day in a date of birth or death; the year stays.
    case birthDay
    /// What a device or an app says of itself.
    case device
    /// An extension that is neither code nor number, or a row of which it is not certain what may
    /// leave.
    case other

    /// What it is, in both languages.
    package var words: LocalizedText {
        switch self {
        case .narrative: .init(english: "narratives", chinese: "叙述文本")
        case .name: .init(english: "names", chinese: "姓名")
        case .address: .init(english: "addresses and places", chinese: "地址和位置")
        case .identifier: .init(english: "identifying numbers", chinese: "识别号码")
        case .contact: .init(english: "contacts", chinese: "联系方式")
        case .attachment: .init(english: "photos and attachments", chinese: "照片和附件")
        case .note: .init(english: "notes", chinese: "备注")
        case .birthDay: .init(english: "days of birth or death", chinese: "出生或死亡的月日")
        case .device: .init(english: "devices and apps", chinese: "设备和应用信息")
        case .other: .init(english: "other details", chinese: "其他细节")
        }
    }

    /// Orders as declared.
    package static func < (left: RemovedPart, right: RemovedPart) -> Bool {
        left.position < right.position
    }

    private var position: Int { RemovedPart.allCases.firstIndex(of: self) ?? 0 }
}
