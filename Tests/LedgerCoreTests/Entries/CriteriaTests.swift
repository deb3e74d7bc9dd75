import LedgerCore
import Testing

/// Who a project looks for, inside its terms.
@Suite struct CriteriaTests {
    private static func terms(_ criteria: EligibilityCriteria) -> ProjectTerms {
        var terms = EntryExamples.terms
        terms.criteria = criteria
        return terms
    }

    private static let full = EligibilityCriteria(
        ageFrom: 18, ageUntil: 65, sex: .female, programmes: [.staffPlan, .crossOmics],
        regions: ["LV", "CN-GD"].compactMap { Region($0) })

    @Test(arguments: [
        full, EligibilityCriteria(ageFrom: 0), EligibilityCriteria(ageUntil: 120),
        EligibilityCriteria(sex: .male), EligibilityCriteria(programmes: [.maternalChild]),
    ])
    func `criteria are read back as they were written`(_ criteria: EligibilityCriteria) throws {
        let terms = Self.terms(criteria)
        #expect(try ProjectTerms(json: JSONValue(canonical: terms.json.canonicalBytes)) == terms)
        #expect(terms.hash != EntryExamples.terms.hash)
    }

    @Test func `terms without criteria say nothing of them`() {
        #expect(Self.terms(.none).json == EntryExamples.terms.json)
        #expect(EntryExamples.terms.json["criteria"] == nil)
    }

    /// Terms whose criteria are this JSON.
    private static func read(_ criteria: String) throws {
        var members = [JSONValue.Member]()
        if case .object(let known) = terms(full).json {
            members = known.filter { $0.key != "criteria" }
        }
        let json = try JSONValue(canonical: Array(criteria.utf8))
        _ = try ProjectTerms(json: .sorted(members + [.init("criteria", json)]))
    }

    @Test(arguments: [
        "{}", #"{"age_from":-1}"#, #"{"age_from":121}"#, #"{"age_from":"18"}"#,
        #"{"age_from":40,"age_until":39}"#, #"{"sex":"other"}"#, #"{"sex":""}"#,
        #"{"programmes":[]}"#, #"{"programmes":["staff-plan","cross-omics"]}"#,
        #"{"programmes":["none"]}"#, #"{"regions":["China"]}"#, #"{"regions":["CN-"]}"#,
        #"{"regions":["CN","CN"]}"#, #"{"regions":["cn"]}"#, #"{"weight":1}"#, "[]",
    ])
    func `criteria outside their limits make terms that are refused`(_ criteria: String) {
        #expect(throws: EntryDefect.self) { try Self.read(criteria) }
    }

    @Test(arguments: [
        #"{"age_from":18}"#, #"{"age_from":40,"age_until":40}"#, #"{"regions":["CN","CN-GD"]}"#,
        #"{"programmes":["cross-omics","staff-plan"],"sex":"male"}"#,
    ])
    func `criteria within their limits are taken`(_ criteria: String) throws {
        try Self.read(criteria)
    }
}
