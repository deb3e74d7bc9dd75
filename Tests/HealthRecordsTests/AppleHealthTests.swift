import Foundation
import HealthRecords
import LedgerCore
import TestSupport
import Testing

/// Apple Health's export, and XML that wishes harm.
@Suite struct AppleHealthTests {
    private let export = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE HealthData [
        <!-- Version: 3 ] -->
        <!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)
        <!ATTLIST Record type CDATA #REQUIRED>
        ]>
        <HealthData locale="en_US">
         <ExportDate value="2019-07-19 10:36:11 -0700"/>
         <Me HKCharacteristicTypeIdentifierDateOfBirth="1990-02-02"/>
         <Record type="HKQuantityTypeIdentifierHeartRate" sourceName="CANARY’s Watch" unit="count/min"
          device="CANARY" startDate="2019-01-02 03:04:05 +0100" endDate="2019-01-02 03:04:05 +0100" value="61">
          <MetadataEntry key="HKWasUserEntered" value="0"/>
          <MetadataEntry key="User" value="CANARY"/>
         </Record>
         <Record type="HKCategoryTypeIdentifierSleepAnalysis" startDate="2019-01-03 00:00:00 +0000"
          endDate="2019-01-03 07:00:00 +0000" value="HKCategoryValueSleepAnalysisAsleepDeep"/>
         <Correlation type="HKCorrelationTypeIdentifierBloodPressure" startDate="2019-01-04 00:00:00 +0000">
          <Record type="a" unit="mmHg" value="132"/><Record type="b" unit="mmHg" value="86"/>
         </Correlation>
         <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="30" durationUnit="min"
          startDate="2019-01-05 00:00:00 +0000">
          <WorkoutRoute><Location latitude="CANARY"/></WorkoutRoute>
         </Workout>
         <Record type="HKQuantityTypeIdentifierStepCount" startDate="someday" value="1"/>
         <Unheard of="it"/>
        </HealthData>
        """

    @Test func `records, workouts and correlations give rows in words`() throws {
        for pieceBytes in [1, 100, 1 << 20] {
            let table = try Records.table(Array(export.utf8), pieceBytes: pieceBytes)
            #expect(table.format == .appleHealth)
            #expect(
                table.rows.map(\.what) == [
                    "About the person", "Heart rate", "Sleep analysis", "Blood pressure", "Running",
                ])
            #expect(
                table.rows.dropFirst().map(\.value) == [
                    "61 count/min", "Asleep deep", "132/86 mmHg", "30 min",
                ])
            #expect(table.rows[1].milliseconds == 1_546_394_645_000)
            #expect(table.rows.map(\.identifies) == [true, false, false, false, false])
            #expect(
                table.skipped.listed.map(\.reason) == [.badDate, .unknownPart("Unheard")])
            #expect(table.skipped.listed.first?.place == .line(24))
        }
    }

    @Test func `sources, devices, places and what apps added stay at home`() throws {
        let table = try Records.table(export)
        let text = table.leavingText
        #expect(!text.contains("CANARY"))
        #expect(text.contains("HKWasUserEntered") && text.contains("value=\"61\""))
        #expect(table.removed == [.name: 1, .device: 1, .other: 1, .address: 1])
        let again = try Records.table(table.leaving)
        #expect(again.rows == table.rows.filter { !$0.identifies })
        #expect(again.skipped.total == 0)
    }

    @Test(arguments: [
        (
            "<!DOCTYPE HealthData [\n<!ENTITY a \"b\">]><HealthData/>",
            RecordImportError.Reason.entities
        ),
        (
            "<!DOCTYPE HealthData SYSTEM \"file:///etc/passwd\"><HealthData>&a;</HealthData>",
            .entities
        ),
        ("<HealthData><Record value=\"&b;\"/></HealthData>", .entities),
        ("<gpx/>", .route), ("<Bundle xmlns=\"http://hl7.org/fhir\"/>", .xmlFHIR),
        ("<html/>", .otherXML("html")), ("<HealthData></HealthData>", .noRows(nil)),
        ("<HealthData>" + String(repeating: "<a>", count: 100_000), .tooDeep),
    ])
    func `other XML is refused with its reason`(text: String, reason: RecordImportError.Reason)
        throws
    {
        let error = #expect(throws: RecordImportError.self) { try Records.table(text) }
        #expect(error?.reason == reason)
    }

    @Test func `a row without end is refused and not gathered for ever`() {
        let children = String(repeating: "<MetadataEntry/>", count: 1 << 20)
        let error = #expect(throws: RecordImportError.self) {
            try Records.table("<HealthData>\n<Record>\(children)<a/></Record></HealthData>")
        }
        #expect(error?.reason == .rowTooLong(limitBytes: 16 << 20))
        #expect(error?.place == .line(2))
    }

    @Test(arguments: ["<HealthData><Record", "<HealthData><Record></HealthData>", "<", "<?xml"])
    func `XML that is none is refused with its line`(text: String) throws {
        let error = #expect(throws: RecordImportError.self) { try Records.table(text) }
        guard case .badXML = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.place == .line(1))
    }
}
