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

    @Test(arguments: [
        ("Claim", #""item":[{"locationAddress":{"text":"CANARY"}}]"#, RemovedPart.address),
        ("Claim", #""accident":{"locationAddress":{"line":["CANARY"]}}"#, .address),
        ("Claim", #""related":[{"reference":{"type":{"text":"CANARY"}}}]"#, .identifier),
        ("Claim", #""insurance":[{"preAuthRef":["CANARY"]}]"#, .identifier),
        ("ExplanationOfBenefit", #""addItem":[{"locationAddress":{"city":"CANARY"}}]"#, .address),
        ("ExplanationOfBenefit", #""form":{"title":"CANARY"}"#, .attachment),
        ("ExplanationOfBenefit", #""related":[{"reference":{"value":"CANARY"}}]"#, .identifier),
        ("ClaimResponse", #""form":{"title":"CANARY"}"#, .attachment),
        ("BodyStructure", #""image":[{"title":"CANARY"}]"#, .attachment),
        ("Specimen", #""accessionIdentifier":{"value":"CANARY"}"#, .identifier),
        ("ServiceRequest", #""requisition":{"value":"CANARY"}"#, .identifier),
        ("MedicationRequest", #""groupIdentifier":{"value":"CANARY"}"#, .identifier),
        ("DeviceRequest", #""groupIdentifier":{"value":"CANARY"}"#, .identifier),
        (
            "Encounter", #""hospitalization":{"preAdmissionIdentifier":{"value":"CANARY"}}"#,
            .identifier
        ),
        ("Device", #""version":[{"component":{"value":"CANARY"},"value":"2"}]"#, .identifier),
        ("Device", #""url":"http://CANARY.local/pump""#, .identifier),
        ("ImagingStudy", #""url":"http://CANARY/wado/2.25.1""#, .identifier),
        ("ImagingStudy", #""series":[{"number":1,"url":"http://CANARY/2.25.2"}]"#, .identifier),
        (
            "ImagingStudy", #""series":[{"instance":[{"number":2,"url":"http://CANARY/2.25.3"}]}]"#,
            .identifier
        ),
        ("FamilyMemberHistory", #""name":"CANARY""#, .name),
        ("CarePlan", #""activity":[{"progress":[{"text":"CANARY"}]}]"#, .note),
        ("MolecularSequence", #""repository":[{"datasetId":"CANARY"}]"#, .identifier),
        ("Observation", #""contained":[{"resourceType":"Binary","data":"CANARY"}]"#, .attachment),
    ])
    func `addresses, numbers, files and names are taken out whatever they are called`(
        type: String, members: String, part: RemovedPart
    ) throws {
        let (text, removed) = try leaving(
            #"{"resourceType":"\#(type)","id":"CANARY","status":"active",\#(members)}"#)
        #expect(!text.contains("CANARY"), "\(text)")
        #expect(text.contains(#""status":"active""#))
        #expect(removed == [part: 1])
    }

    @Test(arguments: [
        (#"{"postalCode":"CANARY"}"#, RemovedPart.address), (#"{"line":["CANARY"]}"#, .address),
        (#"{"city":"CANARY","use":"home"}"#, .address), (#"{"given":["CANARY"]}"#, .name),
        (#"{"use":"usual","text":"CANARY"}"#, .name), (#"{"family":"CANARY"}"#, .name),
        (#"{"who":{"reference":"a/b"},"when":"2026","data":"CANARY"}"#, .name),
        (#"{"contentType":"image/png","data":"CANARY"}"#, .attachment),
        (#"{"url":"http://CANARY","title":"CANARY"}"#, .attachment),
        (#"{"system":"urn:x","value":"CANARY"}"#, .identifier),
        (#"{"use":"official","value":"CANARY"}"#, .identifier),
        (#"{"system":"phone","value":"CANARY"}"#, .contact),
        (#"{"authorString":"CANARY","text":"CANARY"}"#, .note),
    ])
    func `what identifies is known by its shape under a name of any profile`(
        value: String, part: RemovedPart
    ) throws {
        for member in [value, "[\(value),\(value)]"] {
            let (text, removed) = try leaving(
                #"{"resourceType":"Observation","code":{"text":"Glucose"},"other":\#(member)}"#)
            #expect(!text.contains("CANARY"), "\(text)")
            #expect(!text.contains("other") && text.contains("Glucose"))
            #expect(removed == [part: member == value ? 1 : 2])
        }
    }

    @Test(arguments: [
        #""valueQuantity":{"value":5.60,"unit":"mmol/L","system":"http://u","code":"mmol/L"}"#,
        #""valueQuantity":{"value":"5.6","unit":"mmol/L"}"#,
        #""code":{"coding":[{"system":"http://loinc.org","code":"1","display":"Pulse"}]}"#,
        #""form":{"coding":[{"code":"tablet"}]}"#, #""total":{"value":3.10,"currency":"EUR"}"#,
        #""calibration":[{"type":"offset","state":"calibrated","time":"2026-01-01"}]"#,
        #""valueSampledData":{"origin":{"value":0},"period":4,"dimensions":1,"data":"1 2 E"}"#,
        #""extension":[{"url":"http://x","valueCode":"a"}]"#,
        #""component":[{"code":{"text":"A"},"valueString":"clear"}]"#,
        #""diagnosis":[{"use":{"text":"billing"},"rank":1}]"#,
    ])
    func `findings of a similar shape leave as they stand`(members: String) throws {
        let (text, removed) = try leaving(#"{"resourceType":"Observation",\#(members)}"#)
        #expect(text.contains(members), "\(text)")
        #expect(removed.isEmpty)
    }

    @Test func `the version of a device leaves though it looks like a number of somebody`() throws {
        let version = #""version":[{"type":{"text":"firmware"},"value":"2.1"}]"#
        let (text, removed) = try leaving(#"{"resourceType":"Device",\#(version)}"#)
        #expect(text.contains(version) && removed.isEmpty)
    }

    @Test(arguments: ["Device", "ImagingStudy"])
    func `an extension keeps its address where the type's own is taken out`(type: String) throws {
        let extra = #""extension":[{"url":"http://x","valueCode":"a"}]"#
        let (text, removed) = try leaving(
            #"{"resourceType":"\#(type)","url":"http://CANARY",\#(extra)}"#)
        #expect(text.contains(extra) && !text.contains("CANARY"), "\(text)")
        #expect(removed == [.identifier: 1])
    }

    @Test func `two projects cannot join pictures by the numbers of their series`() throws {
        let study = Array(
            #"""
            {"resourceType":"ImagingStudy","id":"s","status":"available","series":[{
            "uid":"2.25.77001","number":3,"instance":[{"uid":"2.25.77002"}]},{"uid":"2.25.77001"}]}
            """#.utf8)
        func numbers(_ key: UInt8) throws -> [String] {
            let table = try Records.table(
                study, aliases: RecordAliases(key: [UInt8](repeating: key, count: 32)))
            #expect(!table.leavingText.contains("2.25.") && table.removed.isEmpty)
            let series = try #require(
                try Records.resources(table.leaving).first?["series"] as? [[String: Any]])
            let instances = series.first?["instance"] as? [[String: Any]] ?? []
            return (series + instances).compactMap { $0["uid"] as? String }
        }
        let first = try numbers(7)
        #expect(first.count == 3 && first[0] == first[1] && first[0] != first[2])
        #expect(Set(first).isDisjoint(with: try numbers(8)))
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
    func `no element of FHIR R4 lets out who, where or by which number`() throws {
        let schema = try FHIRSchema()
        var checked = 0
        for type in schema.resources where type != "Bundle" {
            // What is not read at all, like an outcome of an operation, does not leave either.
            let row = try? Records.row(#"{"resourceType":"\#(type)"}"#)
            guard let row, !row.identifies else { continue }
            for (path, datatype) in schema.places(in: type) {
                for value in try #require(FHIRSchema.canaries[datatype]) {
                    let (text, removed) = try leaving(path.resource(type, value))
                    #expect(!text.contains("CANARY"), "\(type).\(path.names): \(value)")
                    #expect(!removed.isEmpty, "\(type).\(path.names): \(value)")
                    checked += 1
                }
            }
        }
        #expect(checked > 800, "\(checked)")
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

/// The JSON schema of FHIR R4: where in a resource a datatype may stand.
private struct FHIRSchema {
    /// The datatypes that identify, in several small forms.
    static let canaries: [String: [String]] = [
        "Address": [#"{"text":"CANARY"}"#, #"{"line":["CANARY"],"city":"CANARY"}"#],
        "Attachment": [#"{"title":"CANARY"}"#, #"{"contentType":"a/b","data":"CANARY"}"#],
        "Identifier": [#"{"value":"CANARY"}"#, #"{"type":{"text":"CANARY"}}"#],
        "HumanName": [#"{"text":"CANARY"}"#, #"{"given":["CANARY"],"family":"CANARY"}"#],
        "ContactPoint": [#"{"value":"CANARY"}"#, #"{"system":"phone","value":"CANARY"}"#],
        "Signature": [#"{"data":"CANARY"}"#, #"{"sigFormat":"a/b","data":"CANARY"}"#],
    ]

    /// The members that lead to a value, each with whether it is a list.
    struct Path {
        var steps: [(name: String, isList: Bool)]

        var names: String { steps.map(\.name).joined(separator: ".") }

        /// A resource with nothing but `value` at the end of the path.
        func resource(_ type: String, _ value: String) -> String {
            let member = steps.reversed().reduce(value) { inner, step in
                let object = inner == value ? inner : "{\(inner)}"
                return "\"\(step.name)\":" + (step.isList ? "[\(object)]" : object)
            }
            return #"{"resourceType":"\#(type)",\#(member)}"#
        }
    }

    private let definitions: [String: [String: Any]]

    init() throws {
        let bytes = try SharedData.bytes("health/fhir/schema/fhir.schema.json")
        let schema = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let definitions = try #require(schema?["definitions"] as? [String: Any])
        self.definitions = definitions.compactMapValues { definition in
            (definition as? [String: Any])?["properties"] as? [String: Any]
        }
    }

    /// The types of resources, sorted.
    var resources: [String] {
        definitions.filter { $0.value["resourceType"] != nil }.keys.sorted()
    }

    /// Where in a resource a datatype that identifies may stand, but for extensions.
    func places(in type: String) -> [(path: Path, datatype: String)] {
        places(in: type, behind: [], within: [type])
    }

    private func places(
        in type: String, behind steps: [(name: String, isList: Bool)], within types: Set<String>
    ) -> [(path: Path, datatype: String)] {
        var places: [(path: Path, datatype: String)] = []
        for (name, property) in definitions[type] ?? [:] {
            guard let property = property as? [String: Any] else { continue }
            let item = property["items"] as? [String: Any] ?? property
            guard let address = item["$ref"] as? String,
                let found = address.split(separator: "/").last.map(String.init)
            else { continue }
            let path = steps + [(name: name, isList: property["items"] != nil)]
            if FHIRSchema.canaries[found] != nil {
                places.append((path: Path(steps: path), datatype: found))
            } else if !["Extension", "ResourceList"].contains(found), !types.contains(found) {
                places += self.places(in: found, behind: path, within: types.union([found]))
            }
        }
        return places
    }
}
