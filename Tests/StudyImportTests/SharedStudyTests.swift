import Foundation
import LedgerCore
import StudyImport
import TestSupport
import Testing

/// Real files of registries, and files made to break parsers.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
struct SharedStudyTests {
    private let now = Timestamp(milliseconds: 1_795_305_600_000)

    private func outcome(_ path: String) throws -> StudyFileOutcome {
        try StudyFile.read(name: path, bytes: SharedData.bytes("studies/\(path)"))
    }

    private func check(_ studies: [ImportedStudy]) throws {
        let recipients = try accounts(3)
        for study in studies {
            let terms = study.terms(recipients: recipients, now: now)
            #expect(try ProjectTerms(json: terms.json) == terms, "\(study.registryID)")
            #expect(try entryBytes(terms) <= EntryLimits.payloadBytes, "\(study.registryID)")
        }
    }

    @Test func `all rows of the table of WHO registries come out`() throws {
        let bytes = try SharedData.bytes("studies/registry_titles.csv")
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = try StudyFile.read(name: "registry_titles.csv", bytes: bytes)
        print("registry_titles.csv: \(outcome.recordCount) rows in \(clock.now - start)")
        #expect(outcome.recordCount == 4_959)
        #expect(outcome.studies.count == 4_956)
        // Three trials are repeated with another publication each.
        for skipped in outcome.skipped {
            guard case .duplicate = skipped.defect else {
                Issue.record("\(skipped)")
                continue
            }
        }
        #expect(
            outcome.studies.allSatisfy { !$0.title.english.isEmpty || !$0.title.chinese.isEmpty })
        #expect(outcome.studies.contains { $0.title.english.contains("â€œ") })
        #expect(outcome.studies.filter(\.isOpen).count == 2_536)
        try check(outcome.studies)
    }

    @Test(arguments: [
        ("ctgov_v1.ndjson", 78), ("eu_uk_registries.ndjson", 13), ("chictr_zh.ndjson", 8),
    ])
    func `all lines of a list of records come out`(path: String, count: Int) throws {
        let outcome = try outcome(path)
        #expect(outcome.studies.count == count)
        #expect(outcome.skipped.isEmpty)
        #expect(outcome.studies.allSatisfy { $0.startDate != nil })
        try check(outcome.studies)
    }

    @Test(arguments: [("ctgov_v2", 8), ("ctgov_xml", 38), ("fhir_researchstudy", 2)])
    func `all files of a folder come out`(folder: String, count: Int) throws {
        let files = try SharedData.files(in: "studies/\(folder)")
        #expect(files.count == count)
        var described = 0
        for file in files {
            let outcome = try outcome("\(folder)/\(file.lastPathComponent)")
            #expect(outcome.studies.count == 1)
            let study = try #require(outcome.studies.first)
            if !study.why.english.isEmpty, !study.conditions.isEmpty { described += 1 }
            try check(outcome.studies)
        }
        // NCT03453554 is withheld: it has a title and no more.
        #expect(described >= count - (folder == "ctgov_v2" ? 1 : 0))
    }

    @Test func `Chinese records have Chinese titles and the first both`() throws {
        let studies = try outcome("chictr_zh.ndjson").studies
        #expect(studies.allSatisfy { !$0.title.chinese.isEmpty && !$0.sponsorName.isEmpty })
        #expect(studies.filter { !$0.title.english.isEmpty }.count == 1)
        let recipients = try accounts(1)
        #expect(
            studies.filter { $0.terms(recipients: recipients, now: now).programme == .tumourCare }
                .count >= 6)
    }

    @Test(arguments: [
        "hdruk_datasets.csv", "anvil_workspaces.tsv", "ihcc_cohorts.json",
        "beacon/cineca-datasets.json", "beacon/dataset-MIN-example.json",
        "beacon/dataset-Max-example.json",
    ])
    func `lists of data sets are refused as such`(path: String) throws {
        let reason = try #require(refusal(SharedData.bytes("studies/\(path)"), name: path))
        #expect(reason.hasPrefix(path))
        #expect(reason.hasSuffix("describes data sets, not a study"))
    }

    @Test(arguments: ["json/test_parsing", "json/test_transform", "xml", "csv", "utf8", "strings"])
    func `hostile files are refused with file and reason`(folder: String) throws {
        let files = try SharedData.files(in: "hostile/\(folder)")
        #expect(!files.isEmpty)
        for file in files where !file.hasDirectoryPath {
            let name = file.lastPathComponent
            let bytes = [UInt8](try Data(contentsOf: file))
            let start = ContinuousClock.now
            let reason = try #require(refusal(bytes, name: name), "\(name)")
            #expect(reason.hasPrefix(name) && reason.utf8.count > name.utf8.count + 8)
            #expect(ContinuousClock.now - start < .seconds(2), "\(name)")
        }
    }

    @Test func `health records are refused by their type`() throws {
        let files = try SharedData.files(in: "health/fhir/synthea", suffix: ".json")
        let file = try #require(files.first)
        let reason = refusal([UInt8](try Data(contentsOf: file)), name: "patient.json")
        #expect(reason?.contains("not ResearchStudy") == true)
    }
}
