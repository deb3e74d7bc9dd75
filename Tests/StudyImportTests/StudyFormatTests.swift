import LedgerCore
import Testing

@testable import StudyImport

/// Small records of each format, one behaviour at a time.
struct StudyFormatTests {
    private let now = Timestamp(milliseconds: 1_795_305_600_000)

    @Test func `a record of API v2 becomes a study`() throws {
        let outcome = try read(
            """
            {"protocolSection": {
              "identificationModule": {"nctId": "NCT01", "briefTitle": " Sleep\\tand\\n health "},
              "statusModule": {"overallStatus": "NOT_YET_RECRUITING",
                "startDateStruct": {"date": "2026-03"}, "completionDateStruct": {"date": "2027-02"}},
              "sponsorCollaboratorsModule": {"leadSponsor": {"name": "BGI"}},
              "descriptionModule": {"briefSummary": "One\\nline.\\n\\nTwo."},
              "conditionsModule": {"conditions": ["Insomnia"]},
              "designModule": {"enrollmentInfo": {"count": 80}}}}
            """)
        let study = try #require(outcome.studies.first)
        #expect(study.title == LocalizedText(english: "Sleep and health"))
        #expect(study.why == LocalizedText(english: "One line.\nTwo."))
        #expect(study.sponsorName == "BGI")
        #expect(study.startDate == Timestamp(milliseconds: 1_772_323_200_000))
        #expect(study.endDate == Timestamp(milliseconds: 1_803_772_800_000))
        #expect(study.targetSeats == 80)
        #expect(study.isOpen)
        #expect(study.conditions == ["Insomnia"])
        #expect(study.link == "https://clinicaltrials.gov/study/NCT01")
    }

    @Test func `terms of a study follow its dates, seats and conditions`() throws {
        var study = try ImportedStudy(
            registryID: "NCT01", title: LocalizedText(english: "Sleep"),
            endDate: now.adding(milliseconds: 1_000), targetSeats: 80, isOpen: true,
            link: "https://clinicaltrials.gov/study/NCT01", conditions: ["Insomnia"])
        var terms = study.terms(recipients: try accounts(2).reversed(), now: now)
        #expect(terms.project.text == "NCT01")
        #expect(terms.programme == .staffPlan)
        #expect(terms.kinds == [KindRequest(.clinical, isRequired: true)])
        #expect(terms.purposes == [.diseaseSpecific])
        #expect(terms.seats == 80)
        #expect(study.isOpen(at: now))
        #expect(!study.isOpen(at: now.adding(milliseconds: 1_001)))
        #expect(terms.reward == .none)
        #expect(terms.source == "NCT01 https://clinicaltrials.gov/study/NCT01")
        #expect(terms.useUntil == now.adding(milliseconds: 1_000 + 365 * 86_400_000))
        #expect(terms.eraseAt == terms.useUntil.adding(milliseconds: 90 * 86_400_000))
        #expect(try ProjectTerms(json: terms.json) == terms)
        study.endDate = .latest
        study.targetSeats = 5_400_000_000
        study.conditions = ["A", "B"]
        terms = study.terms(recipients: try accounts(1), now: now)
        #expect(terms.useUntil == now.adding(milliseconds: 21 * 365 * 86_400_000))
        #expect(terms.seats == 0)
        #expect(terms.purposes == [.healthResearch])
    }

    @Test(arguments: [
        ("Neoadjuvant therapy of breast cancer", Programme.tumourCare, [RecordKind]()),
        ("儿童白血病的基因测序", .tumourCare, [.genomic]),
        ("Exome sequencing of newborns", .maternalChild, [.genomic]),
        ("Physiotherapy in a rare disease", .rareDisease, []),
        ("How rarely do people walk?", .staffPlan, []),
        (
            "Gut microbiome, metabolomics and actigraphy", .crossOmics,
            [.metabolomic, .microbiome, .wearable]
        ),
        ("Cardiac MRI after COVID-19", .staffPlan, [.imaging]),
    ])
    func `words decide programme and kinds`(
        title: String, programme: Programme, kinds: [RecordKind]
    ) throws {
        let study = try ImportedStudy(
            registryID: "X", title: LocalizedText(detecting: title), isOpen: true)
        let terms = study.terms(recipients: try accounts(1), now: now)
        #expect(terms.programme == programme)
        #expect(terms.kinds.filter { !$0.isRequired }.map(\.kind) == kinds)
        #expect(terms.requiredKinds == [.clinical])
    }

    @Test(arguments: [
        ("ChiCTR2000029941", "ChiCTR2000029941"),
        ("CTRI/2020/03/024402", "CTRI-2020-03-024402"),
        ("phs001156.v2.p1", "phs001156.v2.p1"),
    ])
    func `a registry number becomes a project id that stays`(number: String, id: String) throws {
        let study = try ImportedStudy(
            registryID: number, title: LocalizedText(english: "T"), isOpen: true)
        #expect(study.project.text == id)
    }

    @Test func `numbers that look alike once sanitised do not collide`() throws {
        let long = String(repeating: "A", count: 80)
        let numbers = ["A*1", "A?1", "A#1", long, long + "B", "甲", "乙"]
        let ids = try numbers.map {
            try ImportedStudy(registryID: $0, title: LocalizedText(english: "T"), isOpen: true)
                .project
        }
        #expect(Set(ids).count == numbers.count)
    }

    @Test func `a study that stands twice is taken once and reported`() throws {
        let record =
            #"{"Study":{"ProtocolSection":{"IdentificationModule":{"NCTId":"N1","BriefTitle":"T"}}}}"#
        let outcome = try read(record + "\n\n" + record + "\n")
        #expect(outcome.studies.count == 1)
        #expect(
            outcome.skipped
                == [SkippedRecord(position: .line(3), defect: .duplicate(of: .line(1)))])
    }

    @Test func `a broken line is skipped with its number and the others are taken`() throws {
        let record =
            #"{"ProtocolSection":{"IdentificationModule":{"NCTId":"N1","BriefTitle":"T"}}}"#
        let outcome = try read("{\"ProtocolSection\": {\n" + record + "\n{}\n")
        #expect(outcome.studies.map(\.registryID) == ["N1"])
        #expect(outcome.skipped.map(\.position) == [.line(1), .line(3)])
    }

    @Test func `Chinese records keep Chinese titles`() throws {
        let outcome = try read(
            #"{"注册号":"ChiCTR1","注册题目":"夜班与血糖","研究类型":"观察性研究","注册时间":"2025/10/27"}"#)
        let study = try #require(outcome.studies.first)
        #expect(study.title == LocalizedText(english: "", chinese: "夜班与血糖"))
        #expect(study.why.chinese == "研究类型：观察性研究。注册时间：2025/10/27。")
        #expect(study.startDate == Timestamp(milliseconds: 1_761_523_200_000))
    }

    @Test func `a bundle gives its studies and reports the rest`() throws {
        let outcome = try read(
            """
            {"resourceType": "Bundle", "entry": [
              {"resource": {"resourceType": "Patient", "id": "p"}},
              {"resource": {"resourceType": "ResearchStudy", "id": "s", "title": "T",
                "status": "active", "enrollment": [{"reference": "#g"}],
                "contained": [{"resourceType": "Group", "id": "g", "quantity": 12}]}}]}
            """)
        #expect(outcome.studies.map(\.targetSeats) == [12])
        #expect(outcome.skipped.map(\.position) == [.element(1)])
        #expect(
            outcome.skipped.map(\.defect) == [.formatUnknown(.resource("Patient"))])
    }

    @Test(arguments: [
        ("", "file: there is no record in it"),
        (" \n", "file: there is no record in it"),
        ("[]", "file: there is no record in it"),
        ("{}", "file: not a study format known here: an empty JSON object"),
        ("[1]", "file, element 1: not a study format known here: JSON that is no object"),
        ("{\"a\":1}", "file: not a study format known here: JSON with the keys \"a\""),
        ("a,b\n1,2\n", "file: not a study format known here: text with the columns a, b"),
        ("trialid,public_title\n1,\n", "file, line 2: has no title"),
        (
            "trialid,public_title\n1\n",
            "file, line 2: not CSV: 1 columns where the header has 2"
        ),
        ("trialid,public_title\n1,\"a", "file, line 2: not CSV: a quote never ends"),
        ("<root/>", "file: not a study format known here: XML with the root root"),
        ("<!DOCTYPE a>\n<a/>", "file: declares a document type or entities, which are never read"),
        ("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", "file: not UTF-8 text"),
        (
            "<clinical_study><brief_title>T</brief_title></clinical_study>",
            "file: has no registry number"
        ),
        ("{\"resourceType\":\"ResearchStudy\",\"id\":\"s\"}", "file: has no title"),
        ("{\"id\":\"d\",\"name\":\"n\"}", "file: describes data sets, not a study"),
    ])
    func `what is no study is refused with file, position and reason`(
        text: String, reason: String
    ) {
        #expect(refusal(Array(text.utf8)) == reason)
    }

    @Test func `bytes that are not text and too deep nesting are refused`() {
        #expect(refusal([0x7b, 0xff]) == "file: not UTF-8 text")
        #expect(refusal([0x7b, 0x00]) == "file: not UTF-8 text")
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
        #expect(refusal(deep) == "file: nested deeper than 64 levels")
        let xml = Array(String(repeating: "<a>", count: 100_000).utf8)
        #expect(refusal(xml) == "file: nested deeper than 64 levels")
        #expect(
            refusal([UInt8](repeating: 0x20, count: StudyLimits.fileBytes + 1))
                == "file: larger than 64 MiB")
    }

    @Test(arguments: [
        ("2020-02-16", 1_581_811_200_000), ("2020-02-16T08:00:00.000Z", 1_581_811_200_000),
        ("2025/10/27", 1_761_523_200_000), ("August 1, 2021", 1_627_776_000_000),
        ("Aug 2021", 1_627_776_000_000), ("28/04/2021", 1_619_568_000_000),
        ("August 24, 1965", 0), ("2024-02-29", 1_709_164_800_000),
    ])
    func `dates are read as registries write them`(text: String, milliseconds: Int64) {
        #expect(StudyDate.read(text) == Timestamp(milliseconds: milliseconds))
    }

    @Test(arguments: ["", "Not Available", "2023-02-29", "2020-13-01", "99999-01-01", "1/2", "May"])
    func `what is no date is none`(text: String) {
        #expect(StudyDate.read(text) == nil)
    }

    @Test func `a month without a day can mean its last`() {
        #expect(
            StudyDate.read("2024-02", missing: .lastDay)
                == Timestamp(milliseconds: 1_709_164_800_000))
        #expect(
            StudyDate.read("2023", missing: .lastDay)
                == Timestamp(milliseconds: 1_703_980_800_000))
    }
}
