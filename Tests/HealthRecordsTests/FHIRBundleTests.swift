import Foundation
import HealthRecords
import LedgerCore
import TestSupport
import Testing

@Suite struct FHIRBundleTests {
    @Test(arguments: [
        ("wei-checkup.json", 33, [RecordKind.imaging, .clinical]),
        ("wei-sleep.json", 58, [.clinical, .wearable]),
        ("li-pregnancy.json", 46, [.genomic, .imaging, .clinical]),
    ])
    func `every resource of a sample gives a row of its kind`(
        name: String, count: Int, kinds: [RecordKind]
    ) throws {
        let file = try FHIRBundle.read(try Records.sample(name), name: name)
        #expect(file.rows.count == count)
        #expect(file.rows.map(\.id) == Array(0..<count))
        #expect(file.skipped.total == 0)
        #expect(Set(file.rows.map(\.kind)).sorted() == kinds)
        #expect(file.rows.allSatisfy { !$0.what.isEmpty })
        let undated = Set(["Patient", "Organization", "Practitioner", "Device"])
        #expect(
            file.rows.filter { $0.whenMilliseconds == nil && !undated.contains($0.resourceType) }
                == [])
    }

    @Test func `rows show what a person would recognise`() throws {
        let checkUp = try FHIRBundle.read(try Records.sample("wei-checkup.json"), name: "w")
        let pressure = try #require(checkUp.rows.first { $0.code == "85354-9" })
        #expect(pressure.what == "Blood pressure")
        #expect(pressure.value == "132/86")
        #expect(pressure.unit == "mmHg")
        #expect(pressure.when == "2026-03-12T08:40:00+08:00")
        #expect(pressure.whenMilliseconds == 1_773_276_000_000)
        let cells = try #require(checkUp.rows.first { $0.code == "6690-2" })
        #expect(cells.value == "6.30")
        let medicine = try #require(checkUp.rows.first { $0.resourceType == "MedicationRequest" })
        #expect(medicine.what == "Amlodipine 5 mg")
        #expect(medicine.value == "one tablet in the morning")
        let pregnancy = try FHIRBundle.read(try Records.sample("li-pregnancy.json"), name: "l")
        let chinese = try #require(pregnancy.rows.first { $0.code == "85354-9" })
        #expect(chinese.what == "血压")
        #expect(chinese.value == "108/68")
    }

    @Test func `who and where is struck by default and what is known is kept`() throws {
        let file = try FHIRBundle.read(try Records.sample("wei-checkup.json"), name: "w")
        let struck = file.rows.filter(\.identifies)
        #expect(struck.map(\.resourceType) == ["Patient", "Organization", "Practitioner"])
        #expect(try Records.row(#"{"resourceType":"Basic"}"#).identifies)
        #expect(
            try Records.row(
                #"{"resourceType":"Observation","contained":[{"resourceType":"Patient"}]}"#
            ).identifies)
        let named = try Records.row(
            #"{"resourceType":"Observation","subject":{"display":"Li Na"}}"#)
        #expect(!named.identifies && named.namesPerson)
    }

    @Test func `one resource and a list of resources are recognised by content`() throws {
        let one = #"{"resourceType":"Observation","valueQuantity":{"value":1.50,"unit":"mg"}}"#
        #expect(try Records.row("\u{feff}\n" + one).value == "1.50")
        let list = try Records.read(one + "\n\n" + one + "\r\n{}\n" + one + "\n")
        #expect(list.rows.count == 3)
        #expect(
            list.skipped.listed == [SkippedParts.Part(place: .line(4), reason: .noResourceType)])
    }

    @Test func `an entry without a resource is reported and not lost`() throws {
        let file = try Records.read(
            """
            {"resourceType":"Bundle","entry":[{"request":{"method":"DELETE"}},
            {"resource":{"id":"x"}},{"resource":3},7,{"resource":{"resourceType":"a b"}},
            {"resource":{"resourceType":"Observation"}}]}
            """)
        #expect(file.rows.count == 1)
        #expect(
            file.skipped.listed == [
                SkippedParts.Part(place: .entry(0, line: nil), reason: .noResource),
                SkippedParts.Part(place: .entry(1, line: nil), reason: .noResourceType),
                SkippedParts.Part(place: .entry(2, line: nil), reason: .notAnObject),
                SkippedParts.Part(place: .entry(3, line: nil), reason: .notAnObject),
                SkippedParts.Part(place: .entry(4, line: nil), reason: .badResourceType),
            ])
    }

    @Test(arguments: [
        ("", "test.json: the file is empty"),
        (" \n", "test.json: the file is empty"),
        ("<Patient/>", "test.json: this is not a FHIR file: it does not begin as JSON"),
        ("date,steps", "test.json: this is not a FHIR file: it does not begin as JSON"),
        ("[1]", "test.json: JSON, but not FHIR: no resourceType"),
        ("{}", "test.json: JSON, but not FHIR: no resourceType"),
        (#"{"resourceType":"Bundle"}"#, "test.json: the bundle holds no resource"),
        ("{\n \"a\": 01}", "test.json, line 2, column 8: not JSON here: unexpected \"1\""),
        ("{\"a\":1", "test.json, line 1, column 7: the text ends before its last value does"),
        ("{}{}", "test.json, line 1, column 3: not JSON here: unexpected \"{\""),
        (
            #"{"a":1,"\u0061":2}"#,
            #"test.json, line 1, column 9: the name "\u0061" stands twice in one object"#
        ),
        ("{\"a\":\"\\x\"}", "test.json, line 1, column 7: not JSON here: unknown escape"),
    ])
    func `a refusal names the file, the place and the reason`(text: String, message: String) throws
    {
        let error = #expect(throws: RecordImportError.self) { try Records.read(text) }
        #expect(try #require(error).description.hasPrefix(message))
    }

    @Test func `more values than memory is set aside for are refused with the place`() throws {
        let limits = JSONLimits(values: 1_000, roots: 100)
        func refusal(_ text: String) -> RecordImportError? {
            #expect(throws: RecordImportError.self) {
                try FHIRBundle.read(Array(text.utf8), name: "test.json", limits: limits)
            }
        }
        let resources = String(repeating: "{\"resourceType\":\"Basic\"}\n", count: 101)
        let lines = try #require(refusal(resources))
        #expect(lines.reason == .tooManyValues(limit: 100))
        #expect(lines.place == .character(line: 101, column: 1))
        let list = String(repeating: "0,", count: 1_000)
        let long = #"{"resourceType":"Basic","a":[\#(list)0]}"#
        let values = try #require(refusal(long))
        #expect(values.reason == .tooManyValues(limit: 1_000))
        #expect(try Records.read(resources).rows.count == 101)
        #expect(try Records.read(long).rows.count == 1)
        let most = JSONLimits()
        #expect(most.values == 1 << 24 && most.roots == 1 << 20)
    }

    @Test func `what gives no row is counted and not kept one by one`() throws {
        let lines = String(repeating: "{}\n", count: 3_000)
        let file = try Records.read(#"{"resourceType":"Observation"}"# + "\n" + lines)
        #expect(file.skipped.total == 3_000)
        #expect(file.skipped.listed.count == SkippedParts.listedCount)
        #expect(file.rows.count == 1)
    }

    @Test func `nesting is accepted to 64 brackets and refused at 65 or 100,000`() throws {
        func nested(_ depth: Int) -> String {
            #"{"resourceType":"Basic","a":"# + String(repeating: "[", count: depth - 1)
                + String(repeating: "]", count: depth - 1) + "}"
        }
        #expect(try Records.read(nested(64)).rows.count == 1)
        for depth in [65, 100_000] {
            let error = #expect(throws: RecordImportError.self) { try Records.read(nested(depth)) }
            #expect(error?.reason == .tooDeep)
        }
    }

    @Test(arguments: [
        (#""valueQuantity":{"value":-0.050,"comparator":"<","code":"mm[Hg]"}"#, "<-0.050", "mmHg"),
        (#""valueCodeableConcept":{"coding":[{"code":"1","display":"Positive"}]}"#, "Positive", ""),
        (#""valueBoolean":false"#, "no", ""),
        (#""valueInteger":1e3"#, "1e3", ""),
        (#""valueString":"a\tb\u001b[31m \ud83d\ude00""#, "a b [31m 😀", ""),
        (#""valueRange":{"low":{"value":1.0,"unit":"g"},"high":{"value":2}}"#, "1.0–2", "g"),
        (#""dataAbsentReason":{"text":"not asked"}"#, "not asked", ""),
        (#""hasMember":[{},{}]"#, "2 results", ""),
        (#""status":"entered-in-error","valueInteger":3"#, "3 (entered in error)", ""),
        (
            #""component":[{"code":{"text":"A"},"valueInteger":1},{"code":{"text":"B"}}]"#,
            "A 1; B", ""
        ),
    ])
    func `observation values read in plain words`(member: String, value: String, unit: String)
        throws
    {
        let row = try Records.row(#"{"resourceType":"Observation",\#(member)}"#)
        #expect(row.value == value)
        #expect(row.unit == unit)
    }

    @Test(
        arguments: [
            ("1970", 0), ("1969-12", -2_678_400_000), ("2000-02-29", 951_782_400_000),
            ("2015-02-07T13:28:17.239+02:00", 1_423_308_497_239), ("2016-12-31T23:59:60Z", nil),
            ("2001-02-29", nil), ("2001-13", nil), ("2001-01-01T25:00:00Z", nil), ("x", nil),
            ("2001-01-01T10:00:00", nil),
        ] as [(String, Int64?)])
    func `dates are points in time or none`(when: String, milliseconds: Int64?) throws {
        let row = try Records.row(#"{"resourceType":"Observation","effectiveDateTime":"\#(when)"}"#)
        #expect(row.when == when)
        // A leap second is the last one of the day before midnight.
        let expected = when.hasSuffix(":60Z") ? 1_483_228_800_000 : milliseconds
        #expect(row.whenMilliseconds == expected)
    }
}

/// The same against real files, where they are.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
struct FHIRSharedDataTests {
    @Test(arguments: ["large", "medium", "small-1", "small-2", "small-3"])
    func `a synthea bundle gives one row for each entry and skips none`(name: String) throws {
        let bytes = try SharedData.bytes("health/fhir/synthea/patient-\(name).json")
        let clock = ContinuousClock()
        let start = clock.now
        let file = try FHIRBundle.read(bytes, name: name)
        let took = clock.now - start
        print("\(name): \(bytes.count) bytes, \(file.rows.count) rows in \(took)")
        let resources = try Records.resources(bytes)
        #expect(file.rows.map(\.resourceType) == resources.map { $0["resourceType"] as? String })
        #expect(file.skipped.total == 0)
        let bare = file.rows.filter { $0.what.isEmpty || ($0.value.isEmpty && !$0.identifies) }
        #expect(bare == [])
        let undated = Set(["Patient", "Organization", "Practitioner", "Goal"])
        #expect(
            file.rows.filter { $0.whenMilliseconds == nil && !undated.contains($0.resourceType) }
                == [])
    }

    @Test func `the examples of the standard give rows or a reason`() throws {
        for url in try SharedData.files(in: "health/fhir/r4-examples", suffix: ".json") {
            let name = url.lastPathComponent
            let bytes = [UInt8](try Data(contentsOf: url))
            do {
                let file = try FHIRBundle.read(bytes, name: name)
                let expected = name.hasPrefix("Bundle") ? try Records.resources(bytes).count : 1
                #expect(file.rows.count == expected, "\(name)")
                #expect(!file.rows.contains { $0.what.isEmpty }, "\(name)")
            } catch let error as RecordImportError {
                // A bundle that only answers, without a resource in it.
                #expect(error.reason == .noResources, "\(error)")
            }
        }
    }

    @Test func `hostile JSON is accepted or refused as its suite says`() throws {
        let urls = try SharedData.files(in: "hostile/json/test_parsing", suffix: ".json")
        #expect(urls.count > 150)
        let other: Set<RecordImportError.Reason> = [.notFHIR]
        for url in urls {
            let name = url.lastPathComponent
            let bytes = [UInt8](try Data(contentsOf: url))
            let error = #expect(throws: RecordImportError.self, "\(name)") {
                try FHIRBundle.read(bytes, name: name)
            }
            guard let error else { continue }
            #expect(error.description.hasPrefix(name))
            if name.hasPrefix("y_") {
                let isDuplicate = name.hasPrefix("y_object_duplicated_key")
                #expect(isDuplicate != other.contains(error.reason), "\(error)")
            }
            if name.hasPrefix("n_") { #expect(!other.contains(error.reason), "\(error)") }
        }
    }

    @Test func `hostile FHIR files give rows or a refusal with the name of the file`() throws {
        for url in try SharedData.files(in: "hostile/fhir") {
            let name = url.lastPathComponent
            do {
                let file = try FHIRBundle.read([UInt8](try Data(contentsOf: url)), name: name)
                for row in file.rows {
                    let line = row.what + row.value + row.when + row.unit
                    #expect(!line.unicodeScalars.contains { $0.value < 0x20 }, "\(name)")
                }
            } catch let error as RecordImportError {
                #expect(error.description.hasPrefix(name))
            }
        }
    }
}
