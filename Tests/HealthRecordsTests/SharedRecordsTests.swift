import Foundation
import HealthRecords
import LedgerCore
import TestSupport
import Testing

/// Every real and every hostile file: rows, or a refusal with file and reason.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
struct SharedRecordsTests {
    private static func files(below folder: String) throws -> [URL] {
        guard let root = SharedData.folder?.appending(path: folder),
            let walk = FileManager.default.enumerator(
                at: root, includingPropertiesForKeys: [.isRegularFileKey])
        else { throw CocoaError(.fileNoSuchFile) }
        return walk.compactMap { $0 as? URL }
            .filter {
                (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
            }
            .sorted { $0.path < $1.path }
    }

    private func read(_ url: URL) -> Result<Records.Table, any Error> {
        Result {
            try Records.table(
                [UInt8](try Data(contentsOf: url)), name: url.lastPathComponent,
                pieceBytes: 100_000)
        }
    }

    @Test func `every file of health data imports or is refused with file and reason`() throws {
        var refused: [String] = []
        var rows = 0
        for url in try SharedRecordsTests.files(below: "health")
        where !url.path.contains("/schema/") && url.pathExtension != "gz" {
            switch read(url) {
            case .success(let table):
                rows += table.rows.count
                #expect(!table.rows.isEmpty, "\(url.lastPathComponent)")
                #expect(!table.rows.contains { $0.what.isEmpty }, "\(url.lastPathComponent)")
                let kept = table.rows.count { !$0.identifies }
                guard kept > 0 else { continue }
                let again = try Records.table(table.leaving)
                #expect(again.rows.count == kept, "\(url.lastPathComponent)")
            case .failure(let error):
                let error = try #require(error as? RecordImportError, "\(error)")
                #expect(error.description.hasPrefix(url.lastPathComponent))
                refused.append(error.description)
            }
        }
        print("\(rows) rows; refused:", refused.joined(separator: "\n"), separator: "\n")
        let known = refused.filter { line in
            [
                "mii-consent", "Example_MII", ".gpx", "expected", "Bundle-", "several", "FT.vcf",
                "cyvcf2", "gatk.vcf", "discrepant", "compressed-speed-distance",
                "Settings2.fit", "filecrc.fit", "MonitoringFile",
            ].contains { line.contains($0) }
        }
        #expect(Set(refused).subtracting(known) == [])
    }

    @Test(arguments: [
        ("apple/export-iphone6s.xml", RecordFormat.appleHealth, 19),
        ("apple/export-watch-withings.xml", .appleHealth, 6),
        ("wearable/fitbit_dailyActivity.csv", .table, 30),
        ("wearable/fitbit_sleepDay.csv", .table, 20),
        ("wearable/fitbit_weightLog.csv", .table, 2),
        ("wearable/dexcom_g6_clarity.csv", .table, 2_000),
        ("wearable/fit/garmin-fenix-5-run.fit", .fit, 20),
        ("genomics/23andme-2011.txt", .genotypes, 500),
        ("genomics/1kg.sites.vcf", .variants, 100), ("genomics/htslib-index.vcf", .variants, 100),
        ("genomics/dtc/ftdna.csv", .genotypes, 8),
        ("fhir/r4-examples/Patient-ch-example.json", .fhir, 1),
    ])
    func `well-known files give their rows`(path: String, format: RecordFormat, least: Int) throws {
        let url = try #require(SharedData.folder).appending(path: "health/\(path)")
        let table = try read(url).get()
        #expect(table.format == format)
        #expect(table.rows.count >= least, "\(table.rows.count)")
    }

    @Test func `every hostile file is refused or read in time`() throws {
        let clock = ContinuousClock()
        for url in try SharedRecordsTests.files(below: "hostile") {
            let start = clock.now
            if case .failure(let error) = read(url) {
                let error = try #require(error as? RecordImportError, "\(error)")
                #expect(error.description.hasPrefix(url.lastPathComponent))
            }
            #expect(clock.now - start < .seconds(5), "\(url.lastPathComponent)")
        }
        for name in ["xmlbomb.xml", "external.xml", "quadratic.xml", "dtd.xml"] {
            let url = try #require(SharedData.folder).appending(path: "hostile/xml/\(name)")
            #expect(throws: RecordImportError.self) { try read(url).get() }
        }
    }
}
