import Foundation
import HealthRecords
import LedgerCore
import TestSupport
import Testing

/// What leaves of a FHIR resource tells what was found, and not who, where and by whom.
@Suite struct CleaningTests {
    private let aliases = RecordAliases(key: [UInt8](repeating: 7, count: 32))

    private func leaving(_ resource: String) throws -> (text: String, removed: [RemovedPart: Int]) {
        let bundle =
            #"{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:CANARY-1","#
            + #""resource":\#(resource)}]}"#
        let table = try Records.table(Array(bundle.utf8), aliases: aliases)
        return (table.leavingText, table.removed)
    }

    @Test(arguments: [
        (#""text":{"status":"generated","div":"<div>CANARY</div>"}"#, RemovedPart.narrative),
        (#""subject":{"reference":"Patient/1","display":"CANARY"}"#, .name),
        (#""subject":{"identifier":{"value":"CANARY"}}"#, .identifier),
        (#""performer":[{"display":"Dr CANARY"}]"#, .name),
        (#""identifier":[{"value":"CANARY"}]"#, .identifier),
        (#""note":[{"text":"CANARY"}]"#, .note),
        (#""extension":[{"url":"x","valueString":"CANARY"}]"#, .other),
        (#""valueAttachment":{"data":"CANARY"}"#, .attachment),
        (#""contained":[{"resourceType":"Device","serialNumber":"CANARY"}]"#, .identifier),
    ])
    func `what identifies is taken out and counted`(member: String, part: RemovedPart) throws {
        let (text, removed) = try leaving(
            #"{"resourceType":"Observation","id":"CANARY","code":{"text":"Glucose"},\#(member),"#
                + #""valueQuantity":{"value":5.60}}"#)
        #expect(!text.contains("CANARY"), "\(text)")
        #expect(removed == [part: 1])
        #expect(text.contains(#""value":5.60"#) && text.contains("Glucose"))
        #expect(try Records.resources(Array(text.utf8)).count == 1)
    }

    @Test func `a patient the person keeps is a sex and a year`() throws {
        var removed: [RemovedPart: Int] = [:]
        let unit = Array(
            #"""
            {"resource":{"resourceType":"Patient","id":"a","identifier":[{"value":"CANARY"}],
            "name":[{"family":"CANARY"}],"telecom":[{"value":"CANARY"}],"gender":"female",
            "birthDate":"1984-05-17","address":[{"city":"CANARY"}],"photo":[{"data":"CANARY"}],
            "contact":[{"name":{"text":"CANARY"}}],"_birthDate":{"extension":[{"url":"CANARY"}]}}}
            """#.utf8)
        let text = String(
            decoding: ContentFrame(format: .fhir).cleaned(
                unit[...], aliases: aliases, removed: &removed), as: UTF8.self)
        #expect(!text.contains("CANARY"), "\(text)")
        #expect(text.contains(#""gender":"female","birthDate":"1984""#))
        #expect(removed[.birthDay] == 1 && removed[.contact] == 2 && removed[.address] == 1)
    }

    @Test func `resources still refer to each other, and two projects cannot join them`() throws {
        let bundle = Array(
            #"""
            {"resourceType":"Bundle","entry":[
            {"fullUrl":"urn:uuid:aa","resource":{"resourceType":"Observation","id":"aa"}},
            {"fullUrl":"http://clinic.example/Observation/bb","resource":{"resourceType":
            "Observation","id":"bb","hasMember":[{"reference":"urn:uuid:aa"},
            {"reference":"Observation/bb"},{"reference":"#p"}]}}]}
            """#.utf8)
        let first = try Records.table(bundle, aliases: aliases).leavingText
        let other = try Records.table(
            bundle, aliases: RecordAliases(key: [UInt8](repeating: 8, count: 32))
        ).leavingText
        #expect(!first.contains("clinic.example") && !first.contains("\"bb\""))
        let resources = try Records.resources(Array(first.utf8))
        let ids = resources.compactMap { $0["id"] as? String }
        let members = (resources.last?["hasMember"] as? [[String: String]])?.compactMap(
            \.values.first)
        #expect(members == ["urn:uuid:\(ids[0])", "Observation/\(ids[1])", "#p"])
        #expect(!ids.contains { other.contains($0) })
    }

    @Test(arguments: ["wei-checkup.json", "wei-sleep.json", "li-pregnancy.json"])
    func `a sample that was cleaned reads the same again`(name: String) throws {
        let table = try Records.table(try Records.sample(name), aliases: aliases)
        let again = try Records.table(table.leaving)
        let kept = table.rows.filter { !$0.identifies }
        #expect(again.rows.map(\.milliseconds) == kept.map(\.milliseconds))
        #expect(again.rows.map(\.kind) == kept.map(\.kind))
        #expect(again.rows.map(\.what) == kept.map(\.what))
        for name in ["Zhang", "Li Na", "1984-05-17", "38e9804b"] {
            #expect(!table.leavingText.contains(name))
        }
    }
}
