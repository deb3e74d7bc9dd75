/// One element of Apple Health's export as text: written by this program, so that its form is
/// known when it is cleaned.
enum AppleElement {
    /// Attributes that say what was measured, when and how much.
    private static let keptAttributes: Set<String> = [
        "type", "unit", "value", "startDate", "endDate", "creationDate", "workoutActivityType",
        "duration", "durationUnit", "totalDistance", "totalDistanceUnit", "totalEnergyBurned",
        "totalEnergyBurnedUnit", "totalSwimmingStrokeCount", "totalFlightsClimbed",
        "dateComponents", "activeEnergyBurned", "activeEnergyBurnedGoal",
        "activeEnergyBurnedUnit", "appleMoveTime", "appleMoveTimeGoal", "appleExerciseTime",
        "appleExerciseTimeGoal", "appleStandHours", "appleStandHoursGoal", "average", "minimum",
        "maximum", "sum", "date", "key", "bpm", "time",
        "HKCharacteristicTypeIdentifierBiologicalSex", "HKCharacteristicTypeIdentifierBloodType",
        "HKCharacteristicTypeIdentifierFitzpatrickSkinType",
        "HKCharacteristicTypeIdentifierCardioFitnessMedicationsUse",
    ]
    /// Elements within a row that say more of what was measured.
    private static let keptElements: Set<String> = [
        "Record", "Correlation", "Workout", "ActivitySummary", "Me", "WorkoutEvent",
        "WorkoutStatistics", "HeartRateVariabilityMetadataList", "InstantaneousBeatsPerMinute",
        "MetadataEntry",
    ]
    /// Metadata of Apple's own that is about the measurement; what apps add may be anything.
    private static let keptMetadata: Set<String> = [
        "HKWasUserEntered", "HKMetadataKeyHeartRateMotionContext", "HKAverageMETs",
        "HKIndoorWorkout", "HKElevationAscended", "HKVO2MaxTestType", "HKHeartRateEventThreshold",
        "HKBloodGlucoseMealTime", "HKHeartRateSensorLocation", "HKBodyTemperatureSensorLocation",
        "HKMetadataKeyAlgorithmVersion", "HKMetadataKeyAppleECGAlgorithmVersion",
        "HKInsulinDeliveryReason", "HKMenstrualCycleStart", "HKSwimmingLocationType",
        "HKLapLength", "HKPhysicalEffortEstimationType", "HKActivityType",
    ]

    /// Appends `<name a="…" …`, without its end.
    static func open(
        _ name: String, _ attributes: [(name: String, value: [UInt8])], to output: inout [UInt8]
    ) {
        output.append(0x3c)
        output.append(contentsOf: name.utf8)
        for attribute in attributes {
            output.append(0x20)
            output.append(contentsOf: attribute.name.utf8)
            output.append(0x3d)
            output.append(0x22)
            escape(attribute.value, to: &output)
            output.append(0x22)
        }
    }

    private static func escape(_ value: [UInt8], to output: inout [UInt8]) {
        for byte in value {
            switch byte {
            case 0x26: output.append(contentsOf: "&amp;".utf8)
            case 0x3c: output.append(contentsOf: "&lt;".utf8)
            case 0x22: output.append(contentsOf: "&quot;".utf8)
            case 0x0a: output.append(contentsOf: "&#10;".utf8)
            case 0x0d: output.append(contentsOf: "&#13;".utf8)
            case 0x09: output.append(contentsOf: "&#9;".utf8)
            default: output.append(byte)
            }
        }
    }

    /// Takes sources, devices, places and what apps added out of an element this program wrote.
    static func clean(_ unit: ArraySlice<UInt8>, removed: inout [RemovedPart: Int]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(unit.count)
        var scanner = Scanner(bytes: unit, position: unit.startIndex)
        // Names of elements that are left out, innermost last.
        var dropped = 0
        while let tag = scanner.nextTag() {
            if tag.isEnd {
                if dropped > 0 {
                    dropped -= 1
                } else {
                    output.append(contentsOf: "</\(tag.name)>".utf8)
                }
                continue
            }
            if dropped > 0 || !isKept(tag) {
                if dropped == 0 { removed[part(of: tag.name), default: 0] += 1 }
                if !tag.isEmpty { dropped += 1 }
                continue
            }
            output.append(0x3c)
            output.append(contentsOf: tag.name.utf8)
            for attribute in tag.attributes {
                guard keptAttributes.contains(attribute.name) else {
                    removed[part(of: attribute.name), default: 0] += 1
                    continue
                }
                output.append(0x20)
                output.append(contentsOf: attribute.name.utf8)
                output.append(contentsOf: [0x3d, 0x22])
                output.append(contentsOf: unit[attribute.value])
                output.append(0x22)
            }
            output.append(contentsOf: (tag.isEmpty ? "/>" : ">").utf8)
        }
        output.append(0x0a)
        return output
    }

    private static func isKept(_ tag: Tag) -> Bool {
        guard keptElements.contains(tag.name) else { return false }
        guard tag.name == "MetadataEntry" else { return true }
        return tag.key.map(keptMetadata.contains) ?? false
    }

    private static func part(of name: String) -> RemovedPart {
        switch name {
        case "WorkoutRoute", "Location", "FileReference": .address
        case "HKCharacteristicTypeIdentifierDateOfBirth": .birthDay
        case "sourceName": .name
        case "sourceVersion", "device": .device
        default: .other
        }
    }

    private struct Tag {
        var name: String
        var isEnd = false
        /// Whether it has no content: `<a/>`.
        var isEmpty = false
        var attributes: [(name: String, value: Range<Int>)] = []
        /// The value of its attribute `key`.
        var key: String?
    }

    private struct Scanner {
        let bytes: ArraySlice<UInt8>
        var position: Int

        /// The next tag; `nil` at the end.
        mutating func nextTag() -> Tag? {
            guard let open = bytes[position...].firstIndex(of: 0x3c) else { return nil }
            position = open + 1
            var tag = Tag(name: "")
            if current == 0x2f {
                tag.isEnd = true
                position += 1
            }
            tag.name = word()
            while let byte = current {
                switch byte {
                case 0x3e:
                    position += 1
                    return tag
                case 0x2f, 0x20: position += 1
                default:
                    let name = word()
                    guard current == 0x3d, position + 1 < bytes.endIndex else { return nil }
                    position += 2
                    let start = position
                    guard let end = bytes[start...].firstIndex(of: 0x22) else { return nil }
                    position = end + 1
                    if name == "key" {
                        tag.key = String(decoding: bytes[start..<end], as: UTF8.self)
                    }
                    tag.attributes.append((name, start..<end))
                }
                tag.isEmpty = byte == 0x2f
            }
            return nil
        }

        private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

        private mutating func word() -> String {
            let start = position
            while let byte = current, ![0x20, 0x2f, 0x3d, 0x3e].contains(byte) { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
    }
}
