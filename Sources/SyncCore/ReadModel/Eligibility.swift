package import LedgerCore

/// What a person wrote down about themselves to see which projects fit.
///
/// It stays in the local store: nothing of it is signed or sent, and it is written nowhere else but
/// into an export the person asks for.
package struct OwnProfile: Hashable, Sendable {
    /// The year of birth.
    package var bornYear: Int64?
    /// The month of birth, 1...12; without it the year is taken to begin in January.
    package var bornMonth: Int64?
    /// The sex.
    package var sex: Sex?
    /// Where the person lives.
    package var region: Region?
    /// The programmes the person is in.
    package var programmes: [Programme]
    /// The kinds of data the person has or can get, beside the records on this machine.
    package var kinds: [RecordKind]

    /// Makes a profile; without arguments, that of somebody who wrote nothing down.
    package init(
        bornYear: Int64? = nil, bornMonth: Int64? = nil, sex: Sex? = nil, region: Region? = nil,
        programmes: [Programme] = [], kinds: [RecordKind] = []
    ) {
        self.bornYear = bornYear
        self.bornMonth = bornMonth
        self.sex = sex
        self.region = region
        self.programmes = programmes
        self.kinds = kinds
    }

    /// Nothing was written down.
    package static let nothing = OwnProfile()

    /// The years of birth that can be written down.
    package static let years: ClosedRange<Int64> = 1_890...2_100

    /// Reads `1987` or `1987-04`; `nil` if it is neither.
    package static func born(_ text: String) -> (year: Int64, month: Int64?)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, first.count == 4, let year = Int64(first),
            years.contains(year), parts.count <= 2
        else { return nil }
        if parts.count == 1 { return (year, nil) }
        guard let month = Int64(parts[1]), (1...12).contains(month) else { return nil }
        return (year, month)
    }

    /// The age in whole years, to the month; `nil` if the year of birth is not written down, or
    /// lies ahead.
    package func age(at time: Timestamp) -> Int64? {
        guard let bornYear else { return nil }
        let lived = time.month - (bornYear * 12 + (bornMonth ?? 1) - 1)
        return lived < 0 ? nil : lived / 12
    }

    /// The profile in a text of one line, for the store.
    package var text: String {
        var members: [JSONValue.Member] = []
        if let bornYear { members.append(.init("year", .integer(bornYear))) }
        if let bornMonth { members.append(.init("month", .integer(bornMonth))) }
        if let sex { members.append(.init("sex", .string(sex.rawValue))) }
        if let region { members.append(.init("region", .string(region.text))) }
        members.append(
            .init("programmes", .array(programmes.map { .string($0.rawValue) })))
        members.append(.init("kinds", .array(kinds.map { .string($0.rawValue) })))
        return String(decoding: JSONValue.sorted(members).canonicalBytes, as: UTF8.self)
    }

    /// Reads such a text; what is not understood counts as not written down.
    package init(text: String) {
        self.init()
        guard let json = try? JSONValue(canonical: Array(text.utf8)) else { return }
        bornYear = json["year"]?.integer
        bornMonth = json["month"]?.integer
        sex = json["sex"]?.string.flatMap(Sex.init(rawValue:))
        region = json["region"]?.string.flatMap { Region($0) }
        programmes =
            json["programmes"]?.array?.compactMap {
                $0.string.flatMap(Programme.init(rawValue:))
            } ?? []
        kinds =
            json["kinds"]?.array?.compactMap { $0.string.flatMap(RecordKind.init(rawValue:)) } ?? []
    }
}

/// Whether a project fits a person, as far as it can be told.
package enum Eligibility: Equatable, Sendable {
    /// Everything it asks for is met.
    case fits
    /// These are not met.
    case doesNotFit([Criterion])
    /// What is known is met; these are not known.
    case unknown([Criterion])

    /// One thing a project asks for.
    package enum Criterion: Hashable, Sendable {
        case age(from: Int64?, until: Int64?)
        case sex(Sex)
        case programmes([Programme])
        case regions([Region])
        /// A kind of data that taking part needs.
        case kind(RecordKind)
    }

    /// Judges terms by a profile and the kinds of the records on this machine.
    package static func judge(
        _ terms: ProjectTerms, _ profile: OwnProfile, records: Set<RecordKind>,
        at time: Timestamp
    ) -> Eligibility {
        var unmet: [Criterion] = []
        var open: [Criterion] = []
        func note(_ criterion: Criterion, _ isMet: Bool?) {
            if isMet == nil { open.append(criterion) }
            if isMet == false { unmet.append(criterion) }
        }
        let criteria = terms.criteria
        if criteria.ageFrom != nil || criteria.ageUntil != nil {
            note(
                .age(from: criteria.ageFrom, until: criteria.ageUntil),
                profile.age(at: time).map {
                    $0 >= criteria.ageFrom ?? 0 && $0 <= criteria.ageUntil ?? .max
                })
        }
        if let sex = criteria.sex { note(.sex(sex), profile.sex.map { $0 == sex }) }
        if !criteria.regions.isEmpty {
            note(
                .regions(criteria.regions),
                profile.region.map { own in criteria.regions.contains { $0.contains(own) } })
        }
        if !criteria.programmes.isEmpty {
            let isIn = criteria.programmes.contains { profile.programmes.contains($0) }
            note(
                .programmes(criteria.programmes),
                isIn ? true : profile.programmes.isEmpty ? nil : false)
        }
        for kind in terms.requiredKinds {
            note(
                .kind(kind), records.contains(kind) || profile.kinds.contains(kind) ? true : nil)
        }
        if !unmet.isEmpty { return .doesNotFit(unmet) }
        return open.isEmpty ? .fits : .unknown(open)
    }
}
