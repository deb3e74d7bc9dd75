import Foundation
import LedgerCore
import TestSupport
import Testing

/// Taking everything home: exported, checked by others, damaged, and brought back elsewhere.
@Suite(.serialized) struct ExportTests {
    private static let title = "=cmd|' /C calc'!A0 <b>&amp;"

    /// Files of several formats, as people have them.
    private static func files(_ scratch: Scratch) throws -> [String] {
        let samples = ["wei-checkup", "wei-sleep"].map {
            Programs.package.appending(path: "Samples/records/\($0).json").path
        }
        let apple = try scratch.write(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <HealthData locale="en_US">
             <Me HKCharacteristicTypeIdentifierDateOfBirth="1990-01-02"/>
             <Record type="HKQuantityTypeIdentifierBodyMass" sourceName="A &#38; B &lt;&quot;&#10;" \
            unit="kg" startDate="2023-01-01 10:00:00 +0800" endDate="2023-01-01 10:00:00 +0800" \
            value="64"><MetadataEntry key="x" value="R&amp;D &#x26; &#60;"/></Record>
             <Correlation type="HKCorrelationTypeIdentifierBloodPressure" \
            startDate="2023-01-02 10:00:00 +0800" endDate="2023-01-02 10:00:00 +0800">
              <Record type="HKQuantityTypeIdentifierBloodPressureSystolic" unit="mmHg" \
            startDate="2023-01-02 10:00:00 +0800" endDate="2023-01-02 10:00:00 +0800" value="120"/>
             </Correlation>
            </HealthData>

            """, to: "export.xml")
        let table = try scratch.write(
            "\u{feff}Date,Weight,BMI,Fat\r\n\"2023-03-01\",\"61,5\",22.1,\r\n2023-03-02,61.2,22,20\r\n",
            to: "体重.csv")
        let variants = try scratch.write(
            """
            ##fileformat=VCFv4.2
            #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tWEI
            1\t10177\trs367896724\tA\tAC\t100\tPASS\tAC=1\tGT\t0|1
            2\t10352\t.\tT\tTA\t.\tPASS\tAC=2\tGT\t1|1

            """, to: "wei.vcf")
        let genotypes = try scratch.write(
            "# rsid\tchromosome\tposition\tgenotype\nrs4477212\t1\t82154\tAA\nrs3094315\t1\t752566\tAG\n",
            to: "23andme.txt")
        return samples + [apple, table, variants, genotypes]
    }

    /// A member with records, an authorization that was used and revoked, and points.
    private static func story() throws -> (node: TestNode, wei: Person, records: Int) {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try node.scratch.write(projectFile("sleep-1", title: title), to: "sleep.json")
        try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        let wei = try node.member("wei")
        try wei.decide("signup", "sleep-1")
        let imported = try wei.run(["records", "import"] + files(node.scratch) + ["--json"])
        #expect(imported.status == 0, "\(imported.errors)")
        let records = try #require(try imported.json()["records"]?.array)
        let sleep = try #require(
            records.first {
                $0["kind"]?.string == "wearable" && $0["file"]?.string == "wei-sleep.json"
            }?["record"]?.integer)
        try wei.decide("contribute", "sleep-1", "--records", String(sleep), "--strike", "1")
        try wei.decide(
            "grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        let ran = try team.run("study", "run", "--once", "--json")
        #expect(ran.status == 0, "\(ran.errors)")
        try wei.decide("pause", "sleep-1")
        try wei.decide("resume", "sleep-1")
        try wei.decide("revoke", "sleep-1")
        let denied = try team.run(
            "study", "use", "sleep-1", "--out", node.scratch.file("used").path)
        #expect(denied.status == 1)
        let deadline = ContinuousClock.now + .seconds(20)
        while try wei.json("points")["available"]?.integer != 620, ContinuousClock.now < deadline {
            try wei.json("sync")
        }
        #expect(try wei.json("points")["available"]?.integer == 620)
        return (node, wei, records.count)
    }

    static func export(
        _ person: Person, to folder: String, locale: String = "en", _ more: String...
    ) throws -> URL {
        let place = person.node.scratch.file(folder)
        let exported = try person.run(["export", place.path, "--locale", locale] + more)
        #expect(exported.status == 0, "\(exported.errors)")
        return place
    }

    /// The files of a folder by their paths in it.
    static func content(_ folder: URL) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for case let path as String in FileManager.default.enumerator(atPath: folder.path)
            ?? .init()
        {
            let file = folder.appending(path: path)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
            else { continue }
            files[path] = [UInt8](try Data(contentsOf: file))
        }
        return files
    }

    @Test func `an export is whole, checked by others, and comes back the same on another device`()
        throws
    {
        let (node, wei, records) = try Self.story()
        let second = Person(node: node, folder: "second")
        let pairing = try DeviceTests.pair(wei, second)
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        try wei.json("sync")

        let first = try Self.export(wei, to: "export")
        let verified = try wei.json("verify", first.path)
        #expect(verified["verified"] == .bool(true))
        #expect(verified["key_from_folder"] == .bool(false))
        let own = try #require(try wei.json("activity")["entries"]?.array?.count)
        #expect(verified["own_entries"]?.integer == Int64(own))
        // Somebody without a ledger can check it, and is told what the key is worth.
        let nobody = Person(node: node, folder: "nobody")
        let alone = try nobody.run("verify", first.path)
        #expect(alone.status == 0, "\(alone.errors)")
        #expect(alone.errors.contains("the ledger's key came from the folder itself"))
        try Self.askOthers(first)
        try Self.read(first)

        // Another device: decisions by sync, the rest by import; then the same export again.
        try second.json("sync")
        #expect(try second.json("records", "list")["records"]?.array?.isEmpty == true)
        let taken = try second.json("import", first.path)
        #expect(taken["records"]?.integer == Int64(records))
        #expect(taken["foreign_keys"]?.integer == 0)
        let again = try second.json("import", first.path)
        #expect(again["records"]?.integer == 0 && again["known"]?.integer == Int64(records))
        try Self.compare(first, try Self.export(second, to: "again"))
        try Self.showTheSame(wei, second)

        // The keys of what was handed over came along: a new authorization there reaches readers.
        try second.decide(
            "grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        try second.json("sync")
        let team = Person(node: node, folder: "institute")
        let used = try team.json(
            "study", "use", "sleep-1", "--out", node.scratch.file("anew").path)
        #expect(used["uses"]?.array?.first?["files"]?.array?.count == 1)
    }

    /// Other people's programs: skipped where they are not to be had.
    private static func askOthers(_ folder: URL) throws {
        guard
            let package = PythonPackage(
                "pyfhircheck", version: "0.2.0",
                module: "aics_tlog, fhirkit, jsonschema, pyfhircheck",
                others: ["aics-tlog==0.2.1", "fhirkit-rs==0.1.0", "jsonschema==4.26.0"])
        else {
            print("skipped: pyfhircheck, fhirkit-rs, jsonschema, aics-tlog cannot be installed")
            return
        }
        let script = Programs.package.appending(path: "Tests/Scripts/export_check.py").path
        let schema = SharedData.folder?.appending(path: "health/fhir/schema/fhir.schema.json")
        if schema == nil { print("skipped: the R4 schema is in ../shared/data, which is missing") }
        let (status, output) = try package.run(
            [script, folder.path] + (schema.map { [$0.path] } ?? []))
        #expect(status == 0, "\(output)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        let kinds = try #require(report["kinds"] as? [String: Int])
        #expect(kinds["Consent"] == 1 && kinds["ResearchSubject"] == 1)
        #expect(kinds["ResearchStudy"] == 1 && kinds["Provenance"] == 4)
        #expect(kinds["AuditEvent"] == 3)
        #expect((report["resources"] as? Int ?? 0) > 20)
    }

    /// What a person and their spreadsheet see.
    private static func read(_ folder: URL) throws {
        let files = try content(folder)
        let points = String(decoding: try #require(files["points.csv"]), as: UTF8.self)
        #expect(points.contains("\"'=cmd|"))
        let changes = points.split(separator: "\n").dropFirst().compactMap {
            Int($0.split(separator: ",", omittingEmptySubsequences: false)[4])
        }
        #expect(changes.reduce(0, +) == 620, "the movements do not add up to the balance")
        let page = String(decoding: try #require(files["index.html"]), as: UTF8.self)
        #expect(page.contains("&lt;b&gt;&amp;amp;"))
        #expect(!page.contains("<b>") && !page.contains("<script") && !page.contains("http://"))
        #expect(page.contains("Nothing in this folder is encrypted"))
        let links = page.matches(of: /href="([^"]+)"/).map { String($0.output.1) }
        #expect(links.count > 10 && links.allSatisfy { files[$0] != nil })
        let r4 = try JSONValue(canonical: Array(try #require(files["fhir/r4.json"]).dropLast()))
        let consent = r4["entry"]?.array?.compactMap { $0["resource"] }
            .first { $0["resourceType"]?.string == "Consent" }
        #expect(consent?["status"]?.string == "inactive")
        // In R5 the subject, the decision and the provisions have other names.
        let r5 = try JSONValue(canonical: Array(try #require(files["fhir/r5.json"]).dropLast()))
        let newer = try #require(
            r5["entry"]?.array?.compactMap { $0["resource"] }
                .first { $0["resourceType"]?.string == "Consent" })
        #expect(newer["status"] == consent?["status"] && newer["id"] == consent?["id"])
        #expect(newer["decision"]?.string == "permit" && newer["patient"] == nil)
        #expect(newer["subject"]?["reference"] == consent?["patient"]?["reference"])
        #expect(newer["provision"]?.array?.count == 1)
        let receipt = try #require(files.keys.first { $0.hasPrefix("consents/") })
        let text = String(decoding: try #require(files[receipt]), as: UTF8.self)
        let json = try JSONValue(canonical: Array(text.utf8.dropLast()))
        let statuses = json["dpv:hasRecordOfActivity"]?["dpv:hasConsentStatus"]?.array
        #expect(
            statuses?.compactMap { $0["@type"]?.array?.first?.string } == [
                "dpv:ConsentGiven", "dpv:ConsentWithdrawn", "dpv:RenewedConsentGiven",
                "dpv:ConsentWithdrawn",
            ])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
    }

    /// What has to differ: the manifest with its time and device, and proofs, which are for the
    /// tree each machine had verified.
    static func compare(_ first: URL, _ second: URL) throws {
        let (left, right) = (try content(first), try content(second))
        #expect(left.keys.sorted() == right.keys.sorted())
        for (path, bytes) in left where !path.hasPrefix("manifest.") {
            let other = try #require(right[path])
            if path.hasPrefix("receipts/") {
                let extras = [bytes, other].map { $0.split(separator: 0x0a)[1] }
                #expect(extras[0] == extras[1], "\(path)")
            } else {
                #expect(bytes == other, "\(path) differs")
            }
        }
    }

    private static func showTheSame(_ left: Person, _ right: Person) throws {
        let records = try #require(try left.json("records", "list")["records"]?.array)
        #expect(try right.json("records", "list")["records"]?.array == records)
        for record in records {
            let id = String(try #require(record["record"]?.integer))
            #expect(
                try left.run("records", "show", id, "--json").output
                    == right.run("records", "show", id, "--json").output)
            #expect(
                try left.run("records", "show", id, "--sorts").text
                    == right.run("records", "show", id, "--sorts").text)
        }
    }

    private static func sealedFiles(_ person: Person) -> [String] {
        let files = FileManager.default.enumerator(atPath: person.home + "/data/records")
        return (files?.allObjects ?? []).map { "\($0)" }.sorted()
    }

    @Test func `a damaged export is refused whole with the file, and nothing is brought back`()
        throws
    {
        let (node, wei, _) = try Self.story()
        let second = Person(node: node, folder: "second")
        let pairing = try DeviceTests.pair(wei, second)
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        try wei.json("sync")
        try second.json("sync")
        let folder = try Self.export(wei, to: "export")
        let files = try Self.content(folder)
        // Keys of what was contributed, which the first device handed over.
        let before = Self.sealedFiles(second)

        func refuses(_ path: String, _ what: String) throws {
            let verified = try wei.run("verify", folder.path, "--json")
            #expect(verified.status == 4, "\(what): \(path)")
            let defects = try #require(try verified.json()["defects"]?.array)
            // A manifest that can still be read is no longer the one that was signed.
            let named = path == "manifest.json" ? "manifest.n" : path
            let files = defects.compactMap { $0["file"]?.string }
            #expect(files.contains { $0 == path || $0.hasPrefix(named) }, "\(what): \(path)")
            let taken = try second.run("import", folder.path)
            #expect(
                taken.status == 4 && (taken.errors.contains(path) || taken.errors.contains(named)),
                "\(taken.errors)")
        }
        // One file of each sort: changed in one byte, then missing.
        var sorts: [String: String] = [:]
        for path in files.keys.sorted() {
            let parts = path.split(separator: "/")
            let ending = path.split(separator: ".").last.map(String.init) ?? ""
            sorts["\(parts.count > 1 ? String(parts[0]) : path)/\(ending)"] = path
        }
        #expect(sorts.count >= 15, "\(sorts)")
        for path in sorts.values.sorted() {
            let file = folder.appending(path: path)
            var bytes = try #require(files[path])
            bytes[bytes.count / 2] ^= 1
            try Data(bytes).write(to: file)
            try refuses(path, "changed")
            try Data(try #require(files[path])).write(to: file)
        }
        let gone = folder.appending(path: "points.csv")
        try FileManager.default.removeItem(at: gone)
        try refuses("points.csv", "missing")
        try Data(try #require(files["points.csv"])).write(to: gone)
        let stray = folder.appending(path: "records/stray.txt")
        try Data("x".utf8).write(to: stray)
        try refuses("records/stray.txt", "unlisted")
        try FileManager.default.removeItem(at: stray)

        // A forger who also mends the manifest lacks the device's key.
        let rows = try #require(files.keys.filter { $0.hasSuffix(".rows") }.min())
        let forged = String(decoding: try #require(files[rows]), as: UTF8.self)
            .replacing("\"identifying\":", with: "\"identifying\":0")
        try Data(forged.utf8).write(to: folder.appending(path: rows))
        let manifest = String(decoding: try #require(files["manifest.json"]), as: UTF8.self)
            .replacing(
                Hash.of(try #require(files[rows])).hex, with: Hash.of(Array(forged.utf8)).hex
            )
            .replacing(
                "\"bytes\":\(try #require(files[rows]).count),\"path\":\"\(rows)\"",
                with: "\"bytes\":\(forged.utf8.count),\"path\":\"\(rows)\"")
        try Data(manifest.utf8).write(to: folder.appending(path: "manifest.json"))
        try refuses("manifest.note", "forged")
        #expect(try second.json("records", "list")["records"]?.array?.isEmpty == true)
        #expect(Self.sealedFiles(second) == before)
    }

    @Test func `an export goes to a new folder only, needs no node, and is nobody else's`() throws {
        let node = try TestNode()
        let wei = try node.member("wei")
        let li = try node.member("li")
        let sample = Programs.package.appending(path: "Samples/records/wei-sleep.json").path
        try wei.json("records", "import", sample)
        node.stop()
        let folder = try Self.export(wei, to: "export", locale: "zh")
        let page = try String(contentsOf: folder.appending(path: "index.html"), encoding: .utf8)
        #expect(page.contains("lang=\"zh-CN\"") && page.contains("您的全部数据"))
        let full = try wei.run("export", folder.path)
        #expect(full.status == 2 && full.errors.contains("nothing was written"))
        let foreign = try li.run("import", folder.path)
        #expect(foreign.status == 1, "\(foreign.errors)")
        #expect(try li.json("records", "list")["records"]?.array?.isEmpty == true)
        // A file in its place, a place that cannot be written: nothing half written stays.
        let file = try node.scratch.write("x", to: "taken")
        #expect(try wei.run("export", file).status == 2)
        #expect(try wei.run("export", "/proc/none/here").status == 2)
        let rest = try FileManager.default.contentsOfDirectory(atPath: node.scratch.url.path)
        #expect(!rest.contains { $0.hasSuffix(".part") }, "\(rest)")
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
    func `every real file that can be imported comes back byte for byte`() throws {
        let node = try TestNode()
        let wei = try node.member("wei")
        let second = Person(node: node, folder: "second")
        let pairing = try DeviceTests.pair(wei, second)
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        let root = try #require(SharedData.folder).appending(path: "health")
        var files: [String] = []
        for case let path as String in FileManager.default.enumerator(atPath: root.path)
            ?? .init()
        where !path.hasPrefix("fhir/schema") {
            let file = root.appending(path: path)
            if try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
                files.append(file.path)
            }
        }
        let imported = try wei.run(["records", "import"] + files.sorted() + ["--json"])
        let records = try #require(try imported.json()["records"]?.array)
        #expect(records.count > 60)
        try wei.json("sync")
        try second.json("sync")
        let first = try Self.export(wei, to: "export")
        #expect(try second.json("import", first.path)["records"]?.integer == Int64(records.count))
        try Self.compare(first, try Self.export(second, to: "again"))
    }
}
