/// A person's sex as studies ask for it.
package enum Sex: String, CaseIterable, Sendable {
    case female, male
}

/// A country or a part of it: `CN`, `CN-GD` (ISO 3166-1 and 3166-2).
package struct Region: Hashable, Sendable, Comparable {
    /// Two letters of the country, and behind a hyphen up to eight letters or digits of a part.
    package let text: String

    /// Reads a region; `nil` for what is none.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard let country = parts.first, country.count == 2, parts.count <= 2,
            country.allSatisfy({ (0x41...0x5a).contains($0) })
        else { return nil }
        if parts.count == 2 {
            guard (1...8).contains(parts[1].count),
                parts[1].allSatisfy({
                    (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
                })
            else { return nil }
        }
        self.text = text
    }

    /// The country it is, or is in.
    package var country: String { String(text.prefix(2)) }

    /// Whether a person who lives in `other` lives here.
    package func contains(_ other: Region) -> Bool {
        other == self || (text.utf8.count == 2 && other.country == text)
    }

    /// Orders by text.
    package static func < (left: Region, right: Region) -> Bool { left.text < right.text }
}

/// Who a project looks for, as far as a program can judge it.
///
/// It is what the project says; each person's program judges it, and nobody is told the answer.
package struct EligibilityCriteria: Hashable, Sendable {
    /// The youngest age in whole years.
    package var ageFrom: Int64?
    /// The oldest age in whole years.
    package var ageUntil: Int64?
    /// The only sex.
    package var sex: Sex?
    /// The programmes of which a person has to be in one, ascending; empty means any.
    package var programmes: [Programme]
    /// The regions of which a person has to live in one, ascending; empty means any.
    package var regions: [Region]

    /// The ages that can be asked for.
    package static let ages: ClosedRange<Int64> = 0...120

    /// Makes criteria; without arguments, none.
    package init(
        ageFrom: Int64? = nil, ageUntil: Int64? = nil, sex: Sex? = nil,
        programmes: [Programme] = [], regions: [Region] = []
    ) {
        self.ageFrom = ageFrom
        self.ageUntil = ageUntil
        self.sex = sex
        self.programmes = programmes.sorted()
        self.regions = regions.sorted()
    }

    /// Nothing is asked.
    package static let none = EligibilityCriteria()

    init(json: JSONValue) throws(EntryDefect) {
        var fields = try FieldReader(json, path: "criteria")
        ageFrom = try Self.age(&fields, "age_from")
        ageUntil = try Self.age(&fields, "age_until")
        programmes = try fields.optionalSet("programmes", Programme.init(rawValue:))
        regions = try fields.optionalSet("regions") { Region($0) }
        sex = try fields.optional("sex", or: Sex?.none) { json in
            json.string.flatMap(Sex.init(rawValue:)).map { Sex?.some($0) }
        }
        try fields.finish()
        guard self != .none else { throw .field("criteria") }
        if let ageFrom, let ageUntil, ageFrom > ageUntil { throw .field("criteria.age_until") }
    }

    private static func age(_ fields: inout FieldReader, _ key: String) throws(EntryDefect)
        -> Int64?
    {
        try fields.optional(key, or: Int64?.none) { json in
            guard case .integer(let age) = json, ages.contains(age) else { return nil }
            return .some(age)
        }
    }

    var json: JSONValue {
        var members = [JSONValue.Member]()
        if let ageFrom { members.append(.init("age_from", .integer(ageFrom))) }
        if let ageUntil { members.append(.init("age_until", .integer(ageUntil))) }
        if !programmes.isEmpty {
            members.append(.init("programmes", .texts(programmes.map(\.rawValue))))
        }
        if !regions.isEmpty { members.append(.init("regions", .texts(regions.map(\.text)))) }
        if let sex { members.append(.init("sex", .string(sex.rawValue))) }
        return .sorted(members)
    }
}
