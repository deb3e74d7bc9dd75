import LedgerCore
import TOMLKit

/// The table `[criteria]` of a project's file: whom the project looks for.
extension StudyFileReader {
    private static let criteriaKeys = ["age_from", "age_until", "sex", "programmes", "regions"]

    mutating func criteria(in top: Section) -> EligibilityCriteria {
        guard top.table["criteria"] != nil,
            let section = section("criteria", in: top, isNeeded: true)
        else { return .none }
        noteUnknownKeys(in: section, known: Self.criteriaKeys)
        let from = age("age_from", in: section)
        let until = age("age_until", in: section)
        if let from, let until, from > until {
            note(
                "age_until", in: section, "age_until lies below age_from",
                "age_until 小于 age_from")
        }
        let sexes = Sex.allCases.map(\.rawValue)
        let sex = text("sex", in: section).flatMap { name in
            if !sexes.contains(name) { noteUnknown(name, of: "sex", in: section, known: sexes) }
            return Sex(rawValue: name)
        }
        let known = Programme.allCases.map(\.rawValue)
        let programmes = words("programmes", in: section, known: known) { name in
            known.contains(name) ? name : nil
        }
        return EligibilityCriteria(
            ageFrom: from, ageUntil: until, sex: sex,
            programmes: programmes.compactMap { Programme(rawValue: $0) },
            regions: words("regions", in: section, known: ["CN", "CN-GD"]) { Region($0) })
    }

    private mutating func age(_ key: String, in section: Section) -> Int64? {
        guard section.table[key] != nil else { return nil }
        return integer(key, in: section, range: EligibilityCriteria.ages, default: 0)
    }
}
