/// What the messages and fields of FIT mean, as far as they are about health (FIT SDK, Profile).
enum FITProfile {
    struct Field {
        let number: UInt8
        let label: String
        let unit: String
        var scale: Double = 1
        var offset: Double = 0
    }

    struct Message {
        let what: String
        let fields: [Field]
        var identifies = false
        /// LOINC code of what the first field measures, where there is one.
        var loinc: String?
    }

    static let messages: [UInt16: Message] = [
        3: Message(
            what: "About the person",
            fields: [
                .init(number: 0, label: "name", unit: ""),
                .init(number: 2, label: "age", unit: "a"),
                .init(number: 3, label: "height", unit: "m", scale: 100),
                .init(number: 4, label: "weight", unit: "kg", scale: 10),
            ], identifies: true),
        18: Message(what: "Exercise", fields: totals(heart: 16)),
        19: Message(what: "Lap", fields: totals(heart: 15)),
        20: Message(
            what: "Exercise, moment",
            fields: [
                .init(number: 3, label: "heart rate", unit: "bpm"),
                .init(number: 4, label: "cadence", unit: "/min"),
                .init(number: 5, label: "distance", unit: "m", scale: 100),
                .init(number: 6, label: "speed", unit: "m/s", scale: 1000),
                .init(number: 73, label: "speed", unit: "m/s", scale: 1000),
                .init(number: 7, label: "power", unit: "W"),
                .init(number: 13, label: "temperature", unit: "°C"),
                .init(number: 33, label: "calories", unit: "kcal"),
                .init(number: 99, label: "respiration", unit: "/min"),
                .init(number: 108, label: "respiration", unit: "/min", scale: 100),
            ]),
        30: Message(
            what: "Body weight",
            fields: [
                .init(number: 0, label: "weight", unit: "kg", scale: 100),
                .init(number: 1, label: "fat", unit: "%", scale: 100),
                .init(number: 2, label: "water", unit: "%", scale: 100),
                .init(number: 13, label: "BMI", unit: "kg/m2", scale: 10),
            ], loinc: "29463-7"),
        51: Message(
            what: "Blood pressure",
            fields: [
                .init(number: 0, label: "systolic", unit: "mmHg"),
                .init(number: 1, label: "diastolic", unit: "mmHg"),
                .init(number: 2, label: "mean", unit: "mmHg"),
                .init(number: 6, label: "heart rate", unit: "bpm"),
            ], loinc: "85354-9"),
        55: Message(
            what: "Activity",
            fields: [
                .init(number: 1, label: "calories", unit: "kcal"),
                .init(number: 2, label: "distance", unit: "m", scale: 100),
                .init(number: 3, label: "cycles", unit: "", scale: 2),
                .init(number: 4, label: "active time", unit: "s", scale: 1000),
                .init(number: 27, label: "heart rate", unit: "bpm"),
            ]),
        132: Message(
            what: "Heart rate", fields: [.init(number: 6, label: "heart rate", unit: "bpm")],
            loinc: "8867-4"),
        227: Message(what: "Stress", fields: [.init(number: 0, label: "stress", unit: "")]),
        269: Message(
            what: "Oxygen saturation",
            fields: [.init(number: 0, label: "oxygen saturation", unit: "%")], loinc: "59408-5"),
        297: Message(
            what: "Respiration",
            fields: [.init(number: 0, label: "respiration", unit: "/min", scale: 100)],
            loinc: "9279-1"),
    ]

    /// Messages about the file and the device.
    static let deviceMessages: Set<UInt16> = [
        0, 1, 2, 4, 5, 6, 23, 35, 37, 38, 39, 49, 72, 106, 127,
    ]

    private static func totals(heart: UInt8) -> [Field] {
        let isSession = heart == 16
        return [
            .init(number: 7, label: "time", unit: "s", scale: 1000),
            .init(number: 9, label: "distance", unit: "m", scale: 100),
            .init(number: 11, label: "calories", unit: "kcal"),
            .init(number: isSession ? 14 : 13, label: "speed", unit: "m/s", scale: 1000),
            .init(number: heart, label: "heart rate", unit: "bpm"),
            .init(number: heart + 1, label: "highest heart rate", unit: "bpm"),
            .init(number: isSession ? 18 : 17, label: "cadence", unit: "/min"),
        ]
    }

    /// The field with the time in seconds since 1989-12-31 UTC.
    static let timestamp: UInt8 = 253
    /// The lower 16 bits of a time, in messages that count from an earlier one.
    static let timestamp16: UInt8 = 26
    /// Milliseconds from 1970 to FIT's beginning of time.
    static let epochMilliseconds: Int64 = 631_065_600_000
    /// Times before this are seconds since the device was switched on.
    static let leastTimestamp: UInt32 = 0x1000_0000
}
