package import LedgerCore

/// Why a part of a file gives no row.
package enum SkipReason: Hashable, Codable, Sendable {
    /// The entry has no resource: a deletion, or the answer to one.
    case noResource
    /// The resource is not a JSON object.
    case notAnObject
    /// The resource does not say its type.
    case noResourceType
    /// The type is no FHIR type name.
    case badResourceType
    /// A line with more or fewer columns than the others.
    case columnCount
    /// No chromosome, or none of a human being.
    case badChromosome
    /// The position is no number.
    case badPosition
    /// The genotype is neither bases nor a call that is missing.
    case badGenotype
    /// The reference or an alternative is no sequence of bases.
    case badBases
    /// The quality is no number.
    case badQuality
    /// The date cannot be read, so that no collection window could be applied to it.
    case badDate
    /// It is about another person than the rows before.
    case otherPerson
    /// The line says nothing of health: a heading, an empty value.
    case noValue
    /// A quotation mark that does not end.
    case openQuote
    /// Its content is in another file of the export.
    case otherFile
    /// It is about the device, not about the person.
    case aboutDevice
    /// An element, a message or an event that is not known here.
    case unknownPart(String)

    /// The reason in both languages.
    package var words: LocalizedText {
        switch self {
        case .noResource:
            .init(english: "the entry holds no resource", chinese: "条目中没有资源")
        case .notAnObject: .init(english: "not an object", chinese: "不是对象")
        case .noResourceType: .init(english: "no resourceType", chinese: "缺少 resourceType")
        case .badResourceType:
            .init(english: "resourceType is not a type name", chinese: "resourceType 不是类型名")
        case .columnCount:
            .init(english: "another number of columns", chinese: "列数与其他行不同")
        case .badChromosome:
            .init(english: "no human chromosome", chinese: "没有人类染色体编号")
        case .badPosition: .init(english: "the position is no number", chinese: "位置不是数字")
        case .badGenotype: .init(english: "not a genotype", chinese: "不是基因型")
        case .badBases: .init(english: "not a sequence of bases", chinese: "不是碱基序列")
        case .badQuality: .init(english: "the quality is no number", chinese: "质量值不是数字")
        case .badDate: .init(english: "the date cannot be read", chinese: "无法读取日期")
        case .otherPerson:
            .init(
                english: "about another person; choose yours with --person",
                chinese: "属于另一个人；可用 --person 选择您自己")
        case .noValue: .init(english: "it holds no value", chinese: "没有数值")
        case .openQuote:
            .init(english: "a quotation mark never ends", chinese: "引号没有结束")
        case .otherFile:
            .init(english: "its content is in another file", chinese: "内容在另一个文件中")
        case .aboutDevice:
            .init(english: "about the device, not about you", chinese: "与设备有关，与您无关")
        case .unknownPart(let name):
            .init(english: "\(name) is not known here", chinese: "无法识别 \(name)")
        }
    }
}

/// Where a part of a file stands.
package enum RowPlace: Hashable, Codable, Sendable {
    /// A line, from 1.
    case line(Int)
    /// An entry of a bundle, from 0; in a list of bundles with the line of the bundle.
    case entry(Int, line: Int?)
    /// The file's only resource.
    case resource
    /// A byte of a file that is no text.
    case byte(Int)

    /// The place in both languages.
    package var words: LocalizedText {
        switch self {
        case .line(let line): .init(english: "line \(line)", chinese: "第 \(line) 行")
        case .entry(let entry, nil): .init(english: "entry[\(entry)]", chinese: "entry[\(entry)]")
        case .entry(let entry, let line?):
            .init(english: "line \(line) entry[\(entry)]", chinese: "第 \(line) 行 entry[\(entry)]")
        case .resource: .init(english: "resource", chinese: "资源")
        case .byte(let byte): .init(english: "byte \(byte)", chinese: "第 \(byte) 字节")
        }
    }
}

/// Everything of a file that gave no row: all of it counted, the first thousand one by one.
package struct SkippedParts: Equatable, Sendable {
    /// How many are listed one by one.
    package static let listedCount = 1_000
    /// How many reasons are told apart; further names count as "others".
    package static let reasonCount = 200

    /// One part that gave no row.
    package struct Part: Equatable, Codable, Sendable {
        /// Where it stands.
        package let place: RowPlace
        /// Why it gives no row.
        package let reason: SkipReason

        /// Makes a report of one part.
        package init(place: RowPlace, reason: SkipReason) {
            self.place = place
            self.reason = reason
        }
    }

    /// The first ones, in the order of the file.
    package private(set) var listed: [Part] = []
    /// How many there are of each reason, in the order in which the reasons turned up.
    package private(set) var counts: [(reason: SkipReason, count: Int)] = []
    private var positions: [SkipReason: Int] = [:]

    /// Nothing skipped.
    package init() {}

    /// What was skipped before.
    init(listed: [Part], counts: [(reason: SkipReason, count: Int)]) {
        self.listed = listed
        self.counts = counts
        for (position, item) in counts.enumerated() { positions[item.reason] = position }
    }

    /// How many parts gave no row.
    package var total: Int { counts.reduce(0) { $0 + $1.count } }

    mutating func add(_ place: RowPlace, _ given: SkipReason, count: Int = 1) {
        var reason = given
        if positions[reason] == nil, counts.count >= SkippedParts.reasonCount {
            reason = .unknownPart("…")
        }
        if let position = positions[reason] {
            counts[position].count += count
        } else {
            positions[reason] = counts.count
            counts.append((reason, count))
        }
        if listed.count < SkippedParts.listedCount {
            listed.append(Part(place: place, reason: given))
        }
    }

    /// Equal if the same parts were skipped.
    package static func == (left: SkippedParts, right: SkippedParts) -> Bool {
        left.listed == right.listed
            && left.counts.elementsEqual(right.counts) {
                $0.reason == $1.reason && $0.count == $1.count
            }
    }
}
