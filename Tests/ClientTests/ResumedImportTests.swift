import ClientStore
import Foundation
import HealthRecords
import LedgerCore
import NodeAPI
import Screens
import SyncCore
import TestSupport
import Testing

@testable import ClientRuntime

/// A long import that is ended half-way: it goes on where it was, and never twice.
@Suite struct ResumedImportTests {
    /// A person with a store of their own and an open vault.
    private struct Importer {
        let folder = TestMember.temporaryFolder()
        let actions: MemberActions

        init() throws {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            var ledger = try FakeLedger()
            let keys = try VaultKeys(random: RandomSource(seed: 7))
            let entry = try Entry.signed(
                EntryPayload(
                    account: AccountID(firstDevice: keys.device), audience: ledger.origin,
                    device: keys.device, sequence: 1, previous: Hash.zero,
                    issuedAt: TestMember.now, body: .memberEnrolled(keys.publicKeys)),
                with: keys.signing)
            guard case .accepted(let acceptance) = try ledger.record(entry) else {
                throw CancellationError()
            }
            let store = try ClientStore(
                directory: folder + "/data", clock: { TestMember.now })
            try store.confirmEnrolment(
                Enrolment(
                    origin: ledger.origin, logKey: ledger.signer.verifierKey,
                    nodeURL: "http://localhost", device: keys.device,
                    account: AccountID(firstDevice: keys.device)),
                entry: entry, index: acceptance.index, receipt: acceptance.proof,
                at: TestMember.now)
            actions = try MemberActions(
                store: store, keys: keys, clock: RuntimeClock(at: TestMember.now),
                random: RandomSource())
        }

        /// The parts of imports that are not records.
        var leftOver: [String] {
            get throws {
                try FileManager.default.contentsOfDirectory(atPath: folder + "/data/records")
                    .filter { $0.hasPrefix("import-") || $0.hasPrefix("bookmark-") }
            }
        }

        /// Every record, whole: its bytes in its own format, and what is known of it.
        func records() throws -> [(outline: RecordOutline, bytes: [UInt8])] {
            try actions.store.records().reversed().map { line in
                let file = try actions.rows(of: actions.record(line.id))
                var bytes: [UInt8] = []
                try file.copy { bytes += $0 }
                return (file.outline, bytes)
            }
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// An export of `rows` heart rates, a workout of several lines now and then, and parts that
    /// are skipped.
    private static func export(rows: Int, seed: Int = 0) -> String {
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE HealthData [
            <!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
            ]>
            <HealthData locale="en_US">
             <ExportDate value="2024-01-01 10:00:00 +0000"/>
             <Me HKCharacteristicTypeIdentifierDateOfBirth="1990-02-03"/>

            """
        text.reserveCapacity(rows * 260)
        for row in 0..<rows {
            let minute = row % 60 < 10 ? "0\(row % 60)" : "\(row % 60)"
            let date = "2023-0\(1 + row % 9)-1\(row % 10) 1\(row % 10):\(minute):00 +0000"
            text += " <Record type=\"HKQuantityTypeIdentifierHeartRate\" sourceName=\"手表 é\" "
            text += "unit=\"count/min\" creationDate=\"\(date)\" startDate=\"\(date)\" "
            text += "endDate=\"\(date)\" value=\"\(50 + (row + seed) % 90)\"/>\n"
            if row % 97 == 0 {
                text += " <Workout workoutActivityType=\"HKWorkoutActivityTypeRunning\" "
                text += "duration=\"31\" durationUnit=\"min\" startDate=\"\(date)\">\n"
                text += "  <MetadataEntry key=\"Weather\" value=\"rain\"/>\n </Workout>\n"
            }
            if row % 1_009 == 0 { text += " <ClinicalRecord type=\"x\"/>\n" }
        }
        return text + "</HealthData>\n"
    }

    private static func write(_ text: String, _ name: String, in importer: Importer) throws
        -> String
    {
        let path = importer.folder + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Packs a file as Apple's phones do, with Python.
    private static func zip(_ path: String) throws -> String? {
        try python(["-m", "zipfile", "-c", path + ".zip", path]) ? path + ".zip" : nil
    }

    /// Whether Python is there and did what it was asked.
    private static func python(_ arguments: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = arguments
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") else { return false }
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    @Test(arguments: ["export.xml", "export.xml.zip"])
    func `an import that is ended again and again gives what one in one go gives`(
        name: String
    ) throws {
        let once = try Importer()
        let often = try Importer()
        defer {
            once.remove()
            often.remove()
        }
        let text = Self.export(rows: 24_000)
        var paths = try [once, often].map { try Self.write(text, "export.xml", in: $0) }
        if name.hasSuffix("zip") {
            let packed = try paths.map { try Self.zip($0) }
            guard let first = packed[0], let second = packed[1] else {
                print("skipped: no python3 here to pack the export")
                return
            }
            paths = [first, second]
        }
        let whole = try once.actions.importRecords([paths[0]])
        #expect(whole.rowCount > 24_000)
        var stops = 0
        var report: ImportReport?
        while report == nil, stops < 20 {
            do {
                report = try often.actions.importRecords([paths[1]]) { progress in
                    // Ended after a million bytes more, every time.
                    progress.readBytes - progress.startBytes < 1_200_000
                }
            } catch let cancelled as ImportCancelled {
                stops += 1
                #expect(cancelled.goesOn)
                #expect(try often.actions.store.records().isEmpty, "half an import is a record")
            }
        }
        #expect(stops >= 3)
        let ended = try #require(report)
        #expect(ended.files[0].wentOnAtBytes != nil)
        #expect(ended.files[0].skipped == whole.files[0].skipped)
        let (wanted, got) = (try once.records(), try often.records())
        #expect(got.count == 1 && wanted.count == 1)
        #expect(got[0].outline == wanted[0].outline)
        #expect(got[0].bytes == wanted[0].bytes)
        #expect(try often.leftOver.isEmpty)
    }

    @Test func `a file that has changed meanwhile is read anew, and says so`() throws {
        let importer = try Importer()
        defer { importer.remove() }
        let path = try Self.write(Self.export(rows: 4_000), "export.xml", in: importer)
        #expect(throws: ImportCancelled.self) {
            try importer.actions.importRecords([path]) { $0.readBytes < 500_000 }
        }
        #expect(try !importer.leftOver.isEmpty)
        _ = try Self.write(Self.export(rows: 4_100, seed: 3), "export.xml", in: importer)
        let report = try importer.actions.importRecords([path])
        #expect(report.files[0].hasBegunAnew)
        #expect(report.problems.contains { $0.english.contains("read anew") })
        #expect(report.files[0].wentOnAtBytes == nil)
        #expect(try importer.records().count == 1)
        #expect(report.rowCount >= 4_100)
        #expect(try importer.leftOver.isEmpty)
    }

    @Test func `a file that is imported twice is there twice, and says so`() throws {
        let importer = try Importer()
        defer { importer.remove() }
        let path = try Self.write("Id,Date,Steps\n7,2019-03-01,50\n", "steps.csv", in: importer)
        func warns() throws -> Bool {
            try importer.actions.importRecords([path]).problems.contains {
                $0.english.contains("looks the same as what you imported before")
            }
        }
        #expect(try !warns())
        #expect(try warns())
        #expect(try importer.records().count == 2)
        _ = try Self.write(
            "Id,Date,Steps\n7,2019-03-01,50\n7,2019-03-02,60\n", "steps.csv", in: importer)
        #expect(try !warns(), "a file with more rows is another one")
    }

    @Test func `a format that cannot go on leaves nothing and begins anew`() throws {
        let importer = try Importer()
        defer { importer.remove() }
        var text = "Id,Date,Steps,Calories\n"
        for row in 0..<40_000 { text += "7,2019-03-0\(1 + row % 9),\(row),50\n" }
        let path = try Self.write(text, "steps.csv", in: importer)
        do {
            _ = try importer.actions.importRecords([path]) { $0.readBytes < 300_000 }
            Issue.record("it was not ended")
        } catch let cancelled as ImportCancelled {
            #expect(!cancelled.goesOn)
            #expect(cancelled.words.english.contains("begin anew"))
        }
        #expect(try importer.leftOver.isEmpty)
        #expect(try importer.actions.importRecords([path]).rowCount == 40_000)
        #expect(try importer.records().count == 1)
    }

    @Test func `an import can be ended after the last byte, while nothing is kept`() throws {
        let importer = try Importer()
        defer { importer.remove() }
        let path = try Self.write(
            #"{"resourceType":"Observation","effectiveDateTime":"2020-01-01"}"#, "one.json",
            in: importer)
        // FHIR has no rows before all of it was read.
        #expect(throws: ImportCancelled.self) {
            try importer.actions.importRecords([path]) { $0.rows == 0 }
        }
        #expect(try importer.records().isEmpty)
        #expect(try importer.leftOver.isEmpty)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: NSHomeDirectory())))
    func `a path that begins at home is found`() throws {
        let importer = try Importer()
        defer { importer.remove() }
        let path = try Self.write("Id,Date,Steps\n7,2019-03-01,50\n", "steps.csv", in: importer)
        let typed = "~" + String(repeating: "/..", count: 40) + path
        #expect(try importer.actions.importRecords([typed]).rowCount == 1)
    }

    @Test func `files of an archive past the ten thousandth are told of, once`() throws {
        let importer = try Importer()
        defer { importer.remove() }
        let path = importer.folder + "/many.zip"
        let script = """
            from sys import argv
            from zipfile import ZipFile
            with ZipFile(argv[1], "w") as archive:
                for number in range(10002):
                    text = "" if number else "Id,Date,Steps\\n7,2019-03-01,50\\n"
                    archive.writestr("%05d" % number, text)
            """
        guard try Self.python(["-c", script, path]) else { return }
        let report = try importer.actions.importRecords([path])
        #expect(report.files.count == 10_000)
        #expect(report.rowCount == 1)
        #expect(report.files[0].others == ["10000", "10001"])
        #expect(report.problems.count { $0.english.contains("2 other files") } == 1)
    }

    @Test func `files before one that cannot be stored are kept, and it is said where it ended`()
        throws
    {
        let importer = try Importer()
        defer { importer.remove() }
        let paths = try ["one.csv", "two.csv", "three.csv"].map {
            try Self.write("Id,Date,Steps\n7,2019-03-01,50\n", $0, in: importer)
        }
        let folder = importer.folder + "/data/records"
        func take(_ paths: [String]) throws -> ImportReport {
            defer { rename(folder + ".away", folder) }
            return try importer.actions.importRecords(paths) { progress in
                if progress.file == "two.csv" { rename(folder, folder + ".away") }
                return true
            }
        }
        let report = try take(paths)
        #expect(report.files.map(\.name) == ["one.csv"])
        let stop = try #require(report.stop)
        #expect(stop.file == "two.csv" && stop.filesLeft == 1 && stop.recordsBefore == 1)
        #expect(report.problems == [stop.words])
        #expect(stop.words.english.hasSuffix("then import it and the 1 after it again"))
        #expect(try importer.records().count == 1)
        // Where nothing is kept, it is a failure and no report.
        #expect(throws: RowFileProblem.self) { try take([paths[1]]) }
    }

    @Test func `an archive that could not be stored to its end is what is to be imported again`()
        throws
    {
        let importer = try Importer()
        defer { importer.remove() }
        let archive = importer.folder + "/all.zip"
        let script = """
            from sys import argv
            from zipfile import ZipFile
            with ZipFile(argv[1], "w") as archive:
                for name in ["one.csv", "two.csv", "three.csv"]:
                    archive.writestr(name, "Id,Date,Steps\\n7,2019-03-01,50\\n")
            """
        guard try Self.python(["-c", script, archive]) else { return }
        let last = try Self.write("Id,Date,Steps\n7,2019-03-01,50\n", "four.csv", in: importer)
        let folder = importer.folder + "/data/records"
        defer { rename(folder + ".away", folder) }
        let report = try importer.actions.importRecords([archive, last]) { progress in
            if progress.file == "all.zip/two.csv" { rename(folder, folder + ".away") }
            return true
        }
        let stop = try #require(report.stop)
        #expect(stop.file == "all.zip/two.csv" && stop.archive == "all.zip")
        #expect(stop.filesLeft == 2 && stop.entriesLeft == 1 && stop.recordsBefore == 1)
        let words = stop.words.english
        #expect(words.contains("files of its archive not looked at: 1"), "\(words)")
        #expect(words.hasSuffix("then import all.zip and the 1 after it again"), "\(words)")
    }

    @Test(arguments: [
        (ENOSPC, Trouble.diskFull), (EDQUOT, .diskFull), (EIO, .diskFails),
        (EACCES, .storeUnavailable),
    ])
    func `a disk that takes no rows is told of in words`(code: Int32, trouble: Trouble) {
        #expect(Trouble(RowFileProblem("write", code)) == trouble)
    }

    @Test func `nothing of an unfinished import can be read on the disk`() throws {
        let importer = try Importer()
        defer { importer.remove() }
        let path = try Self.write(Self.export(rows: 6_000), "export.xml", in: importer)
        #expect(throws: ImportCancelled.self) {
            try importer.actions.importRecords([path]) { $0.readBytes < 900_000 }
        }
        let left = try importer.leftOver
        #expect(left.count == 2, "\(left)")
        for name in left {
            let bytes = try Data(
                contentsOf: URL(filePath: importer.folder + "/data/records/" + name))
            for text in ["HeartRate", "Heart rate", "1990-02-03", "export.xml"] {
                #expect(bytes.range(of: Data(text.utf8)) == nil, "\(name) has \(text)")
            }
        }
    }
}
