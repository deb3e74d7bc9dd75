import LedgerCore
import SyncCore
import TestSupport
import Testing

/// Whether a project fits, told from its terms and what a person wrote down.
@Suite struct EligibilityTests {
    /// 22 November 2026.
    private static let now = SampleReading.now

    private static func judge(
        _ criteria: EligibilityCriteria, _ profile: OwnProfile, kinds: [RecordKind] = [.clinical]
    ) -> Eligibility {
        var terms = SampleCatalogue.details[1].terms
        terms.criteria = criteria
        return Eligibility.judge(terms, profile, records: Set(kinds), at: now)
    }

    @Test(
        arguments: [
            (1_986, 11, 40), (1_986, 12, 39), (1_986, nil, 40), (2_026, 11, 0), (1_926, 1, 100),
        ] as [(Int64, Int64?, Int64)])
    func `an age is counted to the month`(_ year: Int64, _ month: Int64?, _ age: Int64) {
        #expect(OwnProfile(bornYear: year, bornMonth: month).age(at: Self.now) == age)
    }

    @Test func `who is not born yet has no age, nor who says nothing`() {
        #expect(OwnProfile(bornYear: 2_026, bornMonth: 12).age(at: Self.now) == nil)
        #expect(OwnProfile.nothing.age(at: Self.now) == nil)
    }

    @Test(
        arguments: [
            ("1987", 1_987, nil), ("1987-04", 1_987, 4), ("87", nil, nil), ("1987-13", nil, nil),
            ("1987-4-2", nil, nil), ("", nil, nil), ("19x7", nil, nil), ("1800", nil, nil),
        ] as [(String, Int64?, Int64?)])
    func `a birth is a year, or a year and a month`(_ text: String, _ year: Int64?, _ month: Int64?)
    {
        let born = OwnProfile.born(text)
        #expect(born?.year == year && born?.month == month)
    }

    @Test func `the borders of an age belong to it`() {
        let criteria = EligibilityCriteria(ageFrom: 18, ageUntil: 65)
        let age = Eligibility.Criterion.age(from: 18, until: 65)
        #expect(Self.judge(criteria, OwnProfile(bornYear: 2_008)) == .fits)
        #expect(Self.judge(criteria, OwnProfile(bornYear: 2_009)) == .doesNotFit([age]))
        #expect(Self.judge(criteria, OwnProfile(bornYear: 1_961)) == .fits)
        #expect(Self.judge(criteria, OwnProfile(bornYear: 1_960)) == .doesNotFit([age]))
        #expect(Self.judge(criteria, .nothing) == .unknown([age]))
    }

    @Test func `a country has its parts, a part has not its country`() throws {
        let (country, part) = (try #require(Region("CN")), try #require(Region("CN-GD")))
        let inCountry = EligibilityCriteria(regions: [country])
        let inPart = EligibilityCriteria(regions: [part])
        #expect(Self.judge(inCountry, OwnProfile(region: part)) == .fits)
        #expect(Self.judge(inPart, OwnProfile(region: country)) == .doesNotFit([.regions([part])]))
        #expect(Self.judge(inPart, .nothing) == .unknown([.regions([part])]))
    }

    @Test func `one thing that does not fit outweighs what is not known`() {
        let criteria = EligibilityCriteria(ageFrom: 18, sex: .female)
        #expect(
            Self.judge(criteria, OwnProfile(sex: .male), kinds: []) == .doesNotFit([.sex(.female)]))
        #expect(
            Self.judge(criteria, OwnProfile(sex: .female), kinds: [])
                == .unknown([.age(from: 18, until: nil), .kind(.clinical)]))
        #expect(Self.judge(.none, OwnProfile(kinds: [.clinical]), kinds: []) == .fits)
    }

    @Test func `a profile is read back from its text, and nonsense is nothing`() {
        let profile = OwnProfile(
            bornYear: 1_987, bornMonth: 4, sex: .male, region: Region("CN-GD"),
            programmes: [.rareDisease], kinds: [.genomic, .clinical])
        #expect(OwnProfile(text: profile.text) == profile)
        #expect(OwnProfile(text: OwnProfile.nothing.text) == .nothing)
        #expect(OwnProfile(text: "{") == .nothing)
    }
}
