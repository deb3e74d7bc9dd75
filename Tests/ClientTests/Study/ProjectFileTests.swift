import ClientRuntime
import LedgerCore
import Testing

/// Project files and rules of `study run` as a study team writes them.
struct ProjectFileTests {
    private let account = AccountID(
        firstDevice: DeviceID(publicKey: [UInt8](repeating: 7, count: 32)))
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    private var sleep: String { ProjectTemplate.sleep.text(project: "sleep-1", now: now) }

    private func problems(_ text: String) -> [String] {
        ProjectFile.read(text, account: account).problems.map {
            "\($0.line):\($0.column) \($0.what.english)"
        }
    }

    @Test(arguments: ProjectTemplate.allCases)
    func `a template is in order as it is, and says everything in both languages`(
        template: ProjectTemplate
    ) throws {
        let text = template.text(project: "mine-1", now: now)
        let reading = ProjectFile.read(text, account: account)
        #expect(reading.problems == [])
        let terms = try #require(reading.terms)
        #expect(terms.project.text == "mine-1")
        #expect(terms.recipients == [account])
        #expect(!terms.title.chinese.isEmpty && !terms.why.chinese.isEmpty)
        #expect(terms.collectionUntil > now && terms.useUntil > terms.collectionUntil)
        // What is written is what can be signed.
        #expect(try ProjectTerms(json: terms.json) == terms)
        #expect(terms.offer > .zero)
    }

    @Test func `whom a project looks for is read, and what is wrong in it is told`() throws {
        let wanted = """
            [criteria]
            age_from = 18
            age_until = 65
            sex = "female"
            programmes = ["staff-plan", "cross-omics"]
            regions = ["CN-GD"]
            """
        let terms = try #require(ProjectFile.read(sleep + wanted, account: account).terms)
        #expect(
            terms.criteria
                == EligibilityCriteria(
                    ageFrom: 18, ageUntil: 65, sex: .female, programmes: [.crossOmics, .staffPlan],
                    regions: ["CN-GD"].compactMap { Region($0) }))
        #expect(try ProjectTerms(json: terms.json) == terms)
        let wrong = """
            [criteria]
            age_from = 66
            age_until = 65
            sex = "femal"
            regions = ["China"]
            weight = 60
            """
        let found = problems(sleep + wrong)
        #expect(found.count == 4)
        #expect(found.contains { $0.contains("age_until lies below age_from") })
        #expect(found.contains { $0.contains("did you mean \"female\"") })
    }

    @Test func `days include their end, times are what they say`() throws {
        let terms = try #require(ProjectFile.read(sleep, account: account).terms)
        #expect(terms.useUntil.iso.hasSuffix("-12-31T23:59:59.999Z"))
        #expect(terms.collectionFrom.iso.hasSuffix("-01-01T00:00:00Z"))
        let exact = sleep.replacing(
            "use_until = 2029-12-31", with: "use_until = 2029-12-31T12:00:00Z")
        #expect(exact != sleep)
        #expect(
            ProjectFile.read(exact, account: account).terms?.useUntil.iso
                == "2029-12-31T12:00:00Z")
    }

    @Test func `all mistakes are told at once, with their place and what was meant`() {
        let text = """
            project = "sleep one"
            programme = "staf-plan"
            titel = "Sleep"
            purposes = ["HMB", "NPU"]
            limits = [
              "NPU",
              "NUC",
            ]
            diseases = ["MONDO:0005148"]
            collect_from = 2026-01-01
            collect_until = 2025-12-31
            use_until = 2029-12-31
            erase_at = "soon"
            seats = -1
            [why]
            en = "To know."
            [kinds]
            wearabel = "required"
            clinical = "requird"
            [reward]
            contribution = 10
            grant = 50
            """
        #expect(
            problems(text) == [
                "0:0 \"title\" is missing",
                "1:11 \"sleep one\" cannot be a project's name: use 1 to 64 letters, digits, dots, - and _",
                "2:13 \"staf-plan\" is not known; did you mean \"staff-plan\"?",
                "3:1 there is no setting \"titel\"; did you mean \"title\"?",
                "4:20 NPU limits and does not permit: move it to limits",
                "7:3 \"NUC\" is not known; did you mean \"NCU\"?",
                "9:12 diseases need the purpose \"DS\"",
                "11:17 collect_until is before collect_from",
                "13:12 \"erase_at\" has to be a day such as 2027-12-31",
                "14:9 \"seats\" has to be a whole number from 0 to 1000000000",
                "18:1 there is no setting \"wearabel\"; did you mean \"wearable\"?",
                "19:12 \"requird\" is not known; did you mean \"required\"?",
                "21:16 with member_cap 0 nobody is paid: say the most one member earns",
                "22:9 points are paid for contribution and use, never for consenting or for staying",
            ])
    }

    @Test func `what is no TOML is told with the parser's own place`() {
        let found = ProjectFile.read("project = \"a\"\nseats = = 3\n", account: account).problems
        #expect(found.map(\.line) == [2])
        #expect(found.first.map { $0.column > 0 } == true)
    }

    @Test func `every problem is told in both languages`() {
        for text in ["", "project = 3\nkinds = 1\nreward = 2\ntitle = {}\n"] {
            for problem in ProjectFile.read(text, account: account).problems {
                #expect(problem.what.chinese.unicodeScalars.contains { $0.value > 0x2e80 })
                #expect(!problem.what.english.isEmpty)
            }
        }
    }

    // MARK: The rules of study run

    @Test func `rules hold for every project that does not say otherwise`() throws {
        let reading = StudyRules.read(
            """
            minimum_rows = 5
            use_every = "2h"
            [project.sleep-1]
            accept = ["wearable"]
            duplicates = "accept"
            use_every = "never"
            """)
        #expect(reading.problems == [])
        let rules = try #require(reading.rules)
        let sleep = rules[try #require(ProjectID("sleep-1"))]
        #expect(sleep.accepted == [.wearable])
        #expect(sleep.minimumRows == 5)
        #expect(sleep.acceptsDuplicates)
        #expect(sleep.useEveryMilliseconds == nil)
        let other = rules[try #require(ProjectID("other"))]
        #expect(other.accepted == nil)
        #expect(!other.acceptsDuplicates)
        #expect(other.useEveryMilliseconds == 7_200_000)
    }

    @Test func `a mistake in the rules is told with its place`() {
        let found = StudyRules.read(
            """
            minimum_row = 5
            [project.sleep-1]
            accept = ["wearabel"]
            use_every = "soon"
            """
        ).problems.map { "\($0.line):\($0.column) \($0.what.english)" }
        #expect(
            found == [
                "1:1 there is no setting \"minimum_row\"; did you mean \"minimum_rows\"?",
                "3:11 \"wearabel\" is not known; did you mean \"wearable\"?",
                "4:13 use_every is a time such as \"20s\", \"5m\" or \"24h\", or \"never\"",
            ])
    }
}
