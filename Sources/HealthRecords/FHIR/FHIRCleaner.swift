import Crypto
import FoundationEssentials

/// Other names for ids, so that what one project holds of a person cannot be joined with what
/// another holds, or with the clinic's own files.
///
/// The same id has the same alias within one contribution, so that resources still refer to each
/// other.
package struct RecordAliases: Sendable {
    private let key: SymmetricKey

    /// Makes aliases.
    ///
    /// - Parameter key: 32 random bytes, of this contribution alone, kept nowhere.
    package init(key: [UInt8]) {
        precondition(key.count == 32, "aliases take a key of 32 bytes")
        self.key = SymmetricKey(data: key)
    }

    /// The alias of an id, in the form of a UUID.
    func alias(of id: some Sequence<UInt8>) -> String {
        let digest = HMAC<SHA256>.authenticationCode(for: Array(id), using: key)
        let digits = Array(digest).prefix(16).map { byte in
            let hex = String(byte, radix: 16)
            return hex.utf8.count == 1 ? "0" + hex : hex
        }.joined()
        var text = ""
        for (position, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(position) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}

/// Takes out of a FHIR resource what tells who, where and by whom, before it leaves.
///
/// What stays is copied byte for byte from the file. A member that would become empty is left
/// out: FHIR has no empty objects and lists.
enum FHIRCleaner {
    /// Cleans one entry of a bundle, `{"fullUrl":…,"resource":…}`.
    ///
    /// - Returns: The entry without what identifies; `{}` if it is no JSON, which no unit is.
    static func clean(
        _ unit: ArraySlice<UInt8>, aliases: RecordAliases?, removed: inout [RemovedPart: Int]
    ) -> [UInt8] {
        guard let document = try? JSONDocument(Array(unit)),  // units were parsed before
            let root = document.roots.first
        else { return Array("{}".utf8) }
        var cleaning = Cleaning(aliases: aliases, removed: removed)
        var output: [UInt8] = []
        output.reserveCapacity(unit.count)
        if !cleaning.write(root, in: Context(), to: &output) { output = Array("{}".utf8) }
        removed = cleaning.removed
        return output
    }

    /// What is known about the place of a value.
    private struct Context {
        /// The type of the resource around it.
        var type = ""
        var isResource = false
        var isExtension = false
        /// Whether it is the version of a device, which has the shape of an identifier.
        var isVersion = false
    }

    private static let personTypes: Set<String> = [
        "Patient", "RelatedPerson", "Person", "Practitioner", "PractitionerRole",
    ]
    /// Types that name somebody or some place by a plain text.
    private static let namedTypes = personTypes.union([
        "Organization", "Location", "HealthcareService", "CareTeam", "Endpoint", "Group",
        "FamilyMemberHistory",
    ])
    private static let namesAnywhere: [String: RemovedPart] = [
        "identifier": .identifier, "serialNumber": .identifier, "udiCarrier": .identifier,
        "lotNumber": .identifier, "distinctIdentifier": .identifier, "accession": .identifier,
        "telecom": .contact, "contact": .contact, "address": .address, "photo": .attachment,
        "presentedForm": .attachment, "content": .attachment, "note": .note, "comment": .note,
        "comments": .note, "div": .narrative, "managingOrganization": .name,
        "patientInstruction": .note, "position": .address, "requisition": .identifier,
        "preAuthRef": .identifier, "datasetId": .identifier, "variantsetId": .identifier,
        "readsetId": .identifier, "signature": .name,
    ]
    /// Members whose names mean something else in other types.
    private static let namesOfType: [String: [String: RemovedPart]] = [
        "Binary": ["data": .attachment], "BodyStructure": ["image": .attachment],
        "CarePlan": ["progress": .note], "Claim": ["reference": .identifier],
        "ClaimResponse": ["form": .attachment],
        "Device": ["component": .identifier, "url": .identifier],
        "ExplanationOfBenefit": ["form": .attachment, "reference": .identifier],
        // DSTU2 has the address of a picture, with its numbers and the clinic's host.
        "ImagingObjectSelection": ["url": .identifier], "ImagingStudy": ["url": .identifier],
    ]
    /// Datatypes at the end of a name, as in `valueAddress`, `locationAddress`, `groupIdentifier`.
    private static let datatypes: [(name: String, part: RemovedPart)] = [
        ("Attachment", .attachment), ("HumanName", .name), ("Address", .address),
        ("ContactPoint", .contact), ("Identifier", .identifier), ("Signature", .name),
    ]
    private static let metaNames: Set<String> = ["profile", "security"]
    /// Values of an extension that are code or number; anything else may say who.
    private static let plainValues: Set<String> = [
        "valueCodeableConcept", "valueCoding", "valueCode", "valueQuantity", "valueBoolean",
        "valueInteger", "valueDecimal", "valueRange", "valueRatio", "valuePositiveInt",
        "valueUnsignedInt", "valueDuration", "valueAge", "valueCount",
    ]

    private struct Cleaning {
        let aliases: RecordAliases?
        var removed: [RemovedPart: Int]

        mutating func count(_ part: RemovedPart) { removed[part, default: 0] += 1 }

        /// Writes a value; `false`, and nothing written, if nothing of it is left.
        mutating func write(_ value: JSONElement, in context: Context, to output: inout [UInt8])
            -> Bool
        {
            if value.isObject { return writeObject(value, in: context, to: &output) }
            if value.isArray { return writeArray(value, in: context, to: &output) }
            output.append(contentsOf: value.document.bytes[value.byteRange])
            return true
        }

        private mutating func writeArray(
            _ value: JSONElement, in context: Context, to output: inout [UInt8]
        ) -> Bool {
            let start = output.count
            output.append(0x5b)
            var isFirst = true
            for element in value.elements {
                let before = output.count
                if !isFirst { output.append(0x2c) }
                if write(element, in: context, to: &output) {
                    isFirst = false
                } else {
                    output.removeSubrange(before...)
                }
            }
            output.append(0x5d)
            if isFirst { output.removeSubrange(start...) }
            return !isFirst
        }

        private mutating func writeObject(
            _ value: JSONElement, in given: Context, to output: inout [UInt8]
        ) -> Bool {
            var context = given
            context.isResource = false
            if let type = value["resourceType"]?.string {
                context.type = type
                context.isResource = true
            }
            if context.isExtension, !isPlainExtension(value) {
                count(.other)
                return false
            }
            if !context.isResource, !context.isExtension, !context.isVersion,
                let part = FHIRCleaner.partByShape(value)
            {
                count(part)
                return false
            }
            let isReference =
                value["reference"]?.string != nil
                || (value["display"] != nil && value["code"] == nil
                    && value["system"] == nil)
            let start = output.count
            output.append(0x7b)
            var isFirst = true
            var hasContent = false
            for (name, member) in value.members {
                let before = output.count
                if !isFirst { output.append(0x2c) }
                writeName(name, to: &output)
                let isWritten =
                    isReference && ["reference", "display"].contains(name)
                    ? writeReference(name, member, to: &output)
                    : writeMember(name, member, in: context, to: &output)
                if isWritten {
                    isFirst = false
                    if name != "resourceType" || context.isResource { hasContent = true }
                } else {
                    output.removeSubrange(before...)
                }
            }
            output.append(0x7d)
            if !hasContent { output.removeSubrange(start...) }
            return hasContent
        }

        private func writeName(_ name: String, to output: inout [UInt8]) {
            output.append(0x22)
            for byte in name.utf8 {
                if byte == 0x22 || byte == 0x5c { output.append(0x5c) }
                output.append(byte < 0x20 ? 0x20 : byte)
            }
            output.append(contentsOf: [0x22, 0x3a])
        }

        private mutating func writeMember(
            _ name: String, _ member: JSONElement, in context: Context, to output: inout [UInt8]
        ) -> Bool {
            var inner = context
            inner.isExtension = name == "extension" || name == "modifierExtension"
            inner.isVersion = name == "version" && context.type == "Device"
            if let part = part(of: name, member, in: context) {
                count(part)
                return false
            }
            switch name {
            case "fullUrl", "id": return writeID(name, member, in: context, to: &output)
            case "meta" where member.isObject: return writeMeta(member, to: &output)
            // DICOM's numbers of series and pictures are the same wherever a study is shared.
            case "uid", "studyUid", "seriesUid", "frameOfReferenceUid":
                guard let aliases, let uid = member.string else { break }
                let alias = aliases.alias(of: FHIRCleaner.lastPart(of: uid).utf8)
                output.append(contentsOf: "\"\(alias)\"".utf8)
                return true
            case "birthDate", "deceasedDateTime":
                guard let date = member.string, date.utf8.count > 4 else { break }
                count(.birthDay)
                output.append(contentsOf: "\"\(date.prefix(4))\"".utf8)
                return true
            default: break
            }
            return write(member, in: inner, to: &output)
        }

        /// What a member would tell that must not leave; `nil` if it may.
        private func part(of name: String, _ member: JSONElement, in context: Context)
            -> RemovedPart?
        {
            if name == "text", context.isResource, member.isObject { return .narrative }
            // A contact of coverage or a study is a person, too; a plain word is not.
            if let part = FHIRCleaner.namesAnywhere[name] {
                if name == "position", context.type != "Location" { return nil }
                if name == "content", context.type == "Bundle" { return nil }
                return part
            }
            if name == "name" {
                let isHumanName = member.isArray || member.isObject
                return isHumanName || FHIRCleaner.namedTypes.contains(context.type) ? .name : nil
            }
            if name == "alias", FHIRCleaner.namedTypes.contains(context.type) { return .name }
            // The `url` of an extension says what it means.
            if !context.isExtension, let part = FHIRCleaner.namesOfType[context.type]?[name] {
                return part
            }
            if let datatype = FHIRCleaner.datatypes.first(where: { name.hasSuffix($0.name) }) {
                return datatype.part
            }
            if FHIRCleaner.personTypes.contains(context.type), name.contains("xtension") {
                return .other
            }
            return nil
        }

        /// Whether everything an extension says is code or number.
        private func isPlainExtension(_ value: JSONElement) -> Bool {
            value.members.allSatisfy { name, _ in
                name == "url" || name == "extension" || FHIRCleaner.plainValues.contains(name)
            }
        }

        /// Of `meta`, what others put there about the file is left out.
        private mutating func writeMeta(_ meta: JSONElement, to output: inout [UInt8]) -> Bool {
            let kept = meta.members.filter { FHIRCleaner.metaNames.contains($0.name) }
            guard !kept.isEmpty else { return false }
            output.append(0x7b)
            for (position, member) in kept.enumerated() {
                if position > 0 { output.append(0x2c) }
                writeName(member.name, to: &output)
                output.append(contentsOf: member.value.document.bytes[member.value.byteRange])
            }
            output.append(0x7d)
            return true
        }

        // MARK: Ids

        private mutating func writeID(
            _ name: String, _ member: JSONElement, in context: Context, to output: inout [UInt8]
        ) -> Bool {
            guard let aliases, let id = member.string else {
                return write(member, in: context, to: &output)
            }
            // Ids of elements within a resource name nothing outside it.
            if name == "id", !context.isResource {
                return write(member, in: context, to: &output)
            }
            let alias = aliases.alias(of: FHIRCleaner.lastPart(of: id).utf8)
            output.append(
                contentsOf: (name == "id" ? "\"\(alias)\"" : "\"urn:uuid:\(alias)\"").utf8)
            return true
        }

        private mutating func writeReference(
            _ name: String, _ member: JSONElement, to output: inout [UInt8]
        ) -> Bool {
            guard name != "display", !member.isObject, !member.isArray else {
                count(.name)
                return false
            }
            guard let aliases, let reference = member.string, !reference.hasPrefix("#") else {
                output.append(contentsOf: member.document.bytes[member.byteRange])
                return true
            }
            let alias = aliases.alias(of: FHIRCleaner.lastPart(of: reference).utf8)
            let type = FHIRCleaner.typeName(in: reference)
            output.append(
                contentsOf: "\"\(type.map { "\($0)/" } ?? "urn:uuid:")\(alias)\"".utf8)
            return true
        }
    }

    /// The id at the end of a reference or address, without a version.
    static func lastPart(of reference: String) -> Substring {
        let unversioned = reference.firstRange(of: "/_history/").map {
            reference[..<$0.lowerBound]
        }
        let address = unversioned ?? reference[...]
        return address.split { $0 == "/" || $0 == ":" }.last ?? address
    }

    /// The resource type a literal reference names; `nil` for a URN.
    static func typeName(in reference: String) -> Substring? {
        let parts = reference.split(separator: "/")
        guard parts.count >= 2 else { return nil }
        let history = parts.firstIndex(of: "_history") ?? parts.endIndex
        guard history >= 2 else { return nil }
        let type = parts[history - 2]
        guard let first = type.utf8.first, 0x41...0x5a ~= first,
            type.utf8.allSatisfy({ 0x41...0x5a ~= $0 || 0x61...0x7a ~= $0 })
        else { return nil }
        return type
    }
}
