import LedgerCore

/// Apple Health's `export.xml`: one row for each record, workout, day and correlation.
///
/// The export lists the parts of a correlation (the two pressures of a blood pressure) a second
/// time on their own; those count once, as their own rows.
struct AppleHealthReader: FormatReader {
    private let name: String
    private let feed: XMLFeed
    private let elements: AppleElements
    private var byteCount = 0

    init(name: String, from mark: ReadingMark? = nil) {
        self.name = name
        elements = AppleElements()
        feed = XMLFeed(elements)
        if let mark { feed.goOn(in: AppleElements.root, from: mark) }
    }

    var mark: ReadingMark? {
        guard elements.isBetweenRows, feed.defect == nil, elements.refusal == nil else {
            return nil
        }
        return feed.mark
    }

    mutating func append(_ piece: UnsafeRawBufferPointer, to collector: RowCollector)
        throws(RecordImportError)
    {
        elements.collector = collector
        elements.feed = feed
        byteCount += piece.count
        feed.append(piece)
        try check()
    }

    mutating func finish(_ collector: RowCollector) throws(RecordImportError) {
        elements.collector = collector
        elements.feed = feed
        feed.finish()
        try check()
        guard collector.rowCount > 0 else {
            throw RecordImportError(
                file: name, place: .line(feed.line),
                reason: .noRows(collector.skipped.listed.first?.reason))
        }
        collector.frame = ContentFrame(format: .appleHealth)
    }

    private func check() throws(RecordImportError) {
        if let refusal = elements.refusal {
            throw RecordImportError(
                file: name, place: .line(refusal.line), reason: refusal.reason)
        }
        guard let (defect, line) = feed.defect else { return }
        let reason: RecordImportError.Reason =
            switch defect {
            case .notWellFormed(let why): .badXML(why)
            case .entities: .entities
            case .tooDeep: .tooDeep
            case .typeTooLong: .tooLong(limitBytes: XMLFeed.maximumTypeBytes)
            }
        throw RecordImportError(file: name, place: .line(line), reason: reason)
    }
}

/// Makes rows of elements as they come.
final class AppleElements: XMLFeedDelegate {
    weak var feed: XMLFeed?
    var collector: RowCollector?
    /// Why the document is none of Apple Health.
    private(set) var refusal: (reason: RecordImportError.Reason, line: Int)?

    static let root = "HealthData"
    /// Longest row accepted, in bytes.
    static let maximumRowBytes = LineFeed.maximumLineBytes

    private var path = 0
    private var unit: [UInt8] = []
    /// Whether the tag written last still lacks its end.
    private var isTagOpen = false
    private var row: Row?
    private var names: [String: String] = [:]
    private var removed: [RemovedPart: Int] = [:]

    private struct Row {
        let element: String
        var attributes: [String: String]
        /// The values of the records within a correlation.
        var parts: [String] = []
    }

    func start(_ name: String, _ attributes: [(name: String, value: [UInt8])]) {
        guard refusal == nil else { return }
        path += 1
        if path == 1 {
            checkRoot(name)
        } else if path == 2 {
            begin(name, attributes)
        } else if row != nil {
            closeTag()
            AppleElement.open(name, attributes, to: &unit)
            isTagOpen = true
            guard unit.count <= AppleElements.maximumRowBytes else { return refuseRow() }
            if name == "Record", row?.element == "Correlation" {
                let part = texts(attributes)
                row?.parts.append(part["value"] ?? "")
                if let unit = part["unit"] { row?.attributes["unit"] = unit }
            }
        }
    }

    func end(_ name: String) {
        guard refusal == nil else { return }
        path -= 1
        guard row != nil else { return }
        if isTagOpen {
            unit.append(contentsOf: "/>".utf8)
            isTagOpen = false
        } else {
            unit.append(contentsOf: "</\(name)>".utf8)
        }
        if path == 1 { finishRow() }
    }

    /// Whether the document stands in its root and in nothing else.
    var isBetweenRows: Bool { path == 1 && row == nil }

    private func refuseRow() {
        refusal = (.rowTooLong(limitBytes: AppleElements.maximumRowBytes), feed?.line ?? 1)
        row = nil
        unit = []
    }

    private func closeTag() {
        if isTagOpen { unit.append(0x3e) }
        isTagOpen = false
    }

    private func checkRoot(_ name: String) {
        guard name != AppleElements.root else { return }
        let line = feed?.line ?? 1
        // FHIR's types begin with a capital letter, GPX does not.
        if name == "gpx" {
            refusal = (.route, line)
        } else if AppleElements.fhirRoots.contains(name) {
            refusal = (.xmlFHIR, line)
        } else {
            refusal = (.otherXML(PlainText.line(name, limit: 40)), line)
        }
    }

    private static let fhirRoots: Set<String> = [
        "Bundle", "Patient", "Observation", "Condition", "Consent", "DocumentReference",
        "Provenance", "List", "Communication", "MedicationDispense", "CodeSystem", "ValueSet",
        "QuestionnaireResponse", "Questionnaire", "Encounter", "Procedure", "DiagnosticReport",
        "Parameters", "StructureDefinition", "Basic", "Binary", "CarePlan", "Immunization",
    ]

    // MARK: Rows

    private func begin(_ name: String, _ attributes: [(name: String, value: [UInt8])]) {
        switch name {
        case "Record", "Workout", "Correlation", "ActivitySummary", "Me":
            row = Row(element: name, attributes: texts(attributes))
            unit.removeAll(keepingCapacity: true)
            AppleElement.open(name, attributes, to: &unit)
            isTagOpen = true
            if unit.count > AppleElements.maximumRowBytes { refuseRow() }
        case "ExportDate": break
        case "ClinicalRecord", "Audiogram", "VisionPrescription":
            collector?.skip(.line(feed?.line ?? 1), .otherFile)
        default:
            collector?.skip(
                .line(feed?.line ?? 1), .unknownPart(PlainText.line(name, limit: 40)))
        }
    }

    private func texts(_ attributes: [(name: String, value: [UInt8])]) -> [String: String] {
        var texts: [String: String] = [:]
        for attribute in attributes {
            texts[attribute.name] = String(decoding: attribute.value, as: UTF8.self)
        }
        return texts
    }

    private func finishRow() {
        guard let row else { return }
        self.row = nil
        unit.append(0x0a)
        let when = row.attributes["startDate"] ?? row.attributes["dateComponents"] ?? ""
        let time = CivilTime.milliseconds(when)
        if time == nil, row.element != "Me" {
            collector?.skip(.line(feed?.line ?? 1), .badDate)
            return
        }
        let sort = sort(of: row)
        collector?.add(
            .wearable, group: sort, time: time, flags: row.element == "Me" ? .identifies : [],
            what: sort, when: when, value: value(of: row), unit: unit)
        removed.removeAll(keepingCapacity: true)
        _ = AppleElement.clean(unit[...], removed: &removed)
        collector?.count(removed, in: .wearable)
    }

    private func sort(of row: Row) -> String {
        switch row.element {
        case "Me": return "About the person"
        case "ActivitySummary": return "Day of activity"
        default: break
        }
        let type = row.attributes["type"] ?? row.attributes["workoutActivityType"] ?? ""
        if let known = names[type] { return known }
        let words = PlainText.line(AppleElements.words(type), limit: 80)
        let name = words.isEmpty ? row.element : words
        if names.count < 1_000, type.utf8.count <= 200 { names[type] = name }
        return name
    }

    private func value(of row: Row) -> String {
        let attributes = row.attributes
        switch row.element {
        case "Me":
            return [
                attributes["HKCharacteristicTypeIdentifierDateOfBirth"],
                attributes["HKCharacteristicTypeIdentifierBiologicalSex"].map(AppleElements.words),
            ].compactMap(\.self).joined(separator: ", ")
        case "ActivitySummary":
            return [
                measured(attributes, "activeEnergyBurned", "activeEnergyBurnedUnit"),
                attributes["appleExerciseTime"].map { "\($0) min" },
                attributes["appleStandHours"].map { "\($0) h" },
            ].compactMap(\.self).joined(separator: ", ")
        case "Workout":
            return [
                measured(attributes, "duration", "durationUnit"),
                measured(attributes, "totalDistance", "totalDistanceUnit"),
                measured(attributes, "totalEnergyBurned", "totalEnergyBurnedUnit"),
            ].compactMap(\.self).joined(separator: ", ")
        case "Correlation":
            return row.parts.joined(separator: "/")
                + (attributes["unit"].map { " \($0)" } ?? "")
        default:
            let value = attributes["value"] ?? ""
            if value.hasPrefix("HKCategoryValue") { return AppleElements.words(value) }
            return attributes["unit"].map { "\(value) \($0)" } ?? value
        }
    }

    private func measured(_ attributes: [String: String], _ value: String, _ unit: String)
        -> String?
    {
        guard let number = attributes[value] else { return nil }
        return attributes[unit].map { "\(number) \($0)" } ?? number
    }

    /// `HKQuantityTypeIdentifierHeartRate` in words: "Heart rate".
    static func words(_ identifier: String) -> String {
        let prefixes = [
            "HKQuantityTypeIdentifier", "HKCategoryTypeIdentifier", "HKCorrelationTypeIdentifier",
            "HKWorkoutActivityType", "HKDataTypeIdentifier", "HKDataType", "HKBiologicalSex",
            "HKCategoryValueSleepAnalysis", "HKCategoryValue",
        ]
        let prefix = prefixes.first { identifier.hasPrefix($0) } ?? ""
        var words = ""
        var before: Character = " "
        for character in identifier.dropFirst(prefix.count) {
            if character.isUppercase, before.isLowercase {
                words.append(" ")
                words.append(character.lowercased())
            } else {
                words.append(character)
            }
            before = character
        }
        return words
    }
}
