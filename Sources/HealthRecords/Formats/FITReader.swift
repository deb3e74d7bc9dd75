import LedgerCore

/// Garmin FIT (FIT Protocol 2.0): a header, definitions of messages, messages, a checksum.
///
/// Written here because no library for it is to be had: the protocol is small, every length in it
/// is checked against what is there, and a message without a definition ends the reading.
struct FITReader: FormatReader {
    /// Longest file accepted; a day of a watch is below 2 MiB.
    static let maximumBytes = 64 << 20

    private let name: String
    private var bytes: [UInt8] = []

    init(name: String) { self.name = name }

    mutating func append(_ piece: UnsafeRawBufferPointer, to collector: RowCollector)
        throws(RecordImportError)
    {
        guard bytes.count + piece.count <= FITReader.maximumBytes else {
            throw RecordImportError(
                file: name, place: nil, reason: .tooLong(limitBytes: FITReader.maximumBytes))
        }
        bytes.append(contentsOf: piece)
    }

    mutating func finish(_ collector: RowCollector) throws(RecordImportError) {
        var start = 0
        // Files may be chained, one behind the other.
        while start < bytes.count {
            var messages = try FITMessages(bytes, from: start, name: name)
            try messages.read(into: collector)
            start = messages.fileEnd
        }
        guard collector.rowCount > 0 else {
            throw RecordImportError(
                file: name, place: .byte(0),
                reason: .noRows(collector.skipped.listed.first?.reason))
        }
        collector.frame = ContentFrame(format: .fit)
    }
}

/// The messages of one FIT file.
private struct FITMessages {
    let bytes: [UInt8]
    let name: String
    /// Where the file ends, its checksum included.
    let fileEnd: Int
    private let end: Int
    private var position: Int
    private var definitions: [UInt8: Definition] = [:]
    private var timestamp: UInt32?
    private var skipped: [UInt16: (count: Int, first: Int)] = [:]

    private struct Definition {
        let message: UInt16
        let isBigEndian: Bool
        let fields: [(number: UInt8, size: Int, type: UInt8)]
        let developerBytes: Int
        let size: Int
    }

    init(_ bytes: [UInt8], from start: Int, name: String) throws(RecordImportError) {
        self.bytes = bytes
        self.name = name
        let headerSize = start < bytes.count ? Int(bytes[start]) : 0
        guard headerSize >= 12, start + headerSize + 2 <= bytes.count,
            Array(bytes[(start + 8)..<(start + 12)]) == Array(".FIT".utf8)
        else { throw RecordImportError(file: name, place: .byte(start), reason: .badFIT) }
        var length = 0
        for index in (4..<8).reversed() { length = length << 8 | Int(bytes[start + index]) }
        position = start + headerSize
        end = position + length
        fileEnd = end + 2
        guard fileEnd <= bytes.count else {
            throw RecordImportError(file: name, place: .byte(bytes.count), reason: .badFIT)
        }
        if headerSize >= 14 {
            let stated = UInt16(bytes[start + 12]) | UInt16(bytes[start + 13]) << 8
            guard stated == 0 || stated == FITMessages.checksum(bytes[start..<(start + 12)]) else {
                throw RecordImportError(file: name, place: .byte(start + 12), reason: .badChecksum)
            }
        }
        let stated = UInt16(bytes[end]) | UInt16(bytes[end + 1]) << 8
        guard stated == FITMessages.checksum(bytes[start..<end]) else {
            throw RecordImportError(file: name, place: .byte(end), reason: .badChecksum)
        }
    }

    /// CRC-16 as in the FIT protocol, four bits at a time.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        let table: [UInt16] = [
            0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800,
            0xb401, 0x5000, 0x9c01, 0x8801, 0x4400,
        ]
        var sum: UInt16 = 0
        for byte in bytes {
            for half in [byte & 0x0f, byte >> 4] {
                sum = (sum >> 4) ^ table[Int(sum & 0x0f)] ^ table[Int(half)]
            }
        }
        return sum
    }

    mutating func read(into collector: RowCollector) throws(RecordImportError) {
        while position < end {
            let start = position
            let header = bytes[position]
            position += 1
            if header & 0x80 != 0 {
                // A compressed header: five bits of time, two of the local message.
                let local = header >> 5 & 0x03
                try readMessage(local, offset: header & 0x1f, from: start, collector)
            } else if header & 0x40 != 0 {
                try readDefinition(header & 0x0f, hasDeveloperFields: header & 0x20 != 0, start)
            } else {
                try readMessage(header & 0x0f, offset: nil, from: start, collector)
            }
        }
        for (message, count) in skipped.sorted(by: { $0.value.first < $1.value.first }) {
            let isDevice = FITProfile.deviceMessages.contains(message)
            collector.skip(
                .byte(count.first), isDevice ? .aboutDevice : .unknownPart("message \(message)"),
                count: count.count)
        }
    }

    private func refusal(_ start: Int) -> RecordImportError {
        RecordImportError(file: name, place: .byte(start), reason: .badFIT)
    }

    private mutating func readDefinition(_ local: UInt8, hasDeveloperFields: Bool, _ start: Int)
        throws(RecordImportError)
    {
        guard position + 5 <= end else { throw refusal(start) }
        let isBigEndian = bytes[position + 1] == 1
        let pair = (UInt16(bytes[position + 2]), UInt16(bytes[position + 3]))
        let message = isBigEndian ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0
        let count = Int(bytes[position + 4])
        position += 5
        guard position + count * 3 <= end else { throw refusal(start) }
        var fields: [(number: UInt8, size: Int, type: UInt8)] = []
        for _ in 0..<count {
            fields.append((bytes[position], Int(bytes[position + 1]), bytes[position + 2]))
            position += 3
        }
        var developerBytes = 0
        if hasDeveloperFields {
            guard position < end else { throw refusal(start) }
            let developerCount = Int(bytes[position])
            position += 1
            guard position + developerCount * 3 <= end else { throw refusal(start) }
            for _ in 0..<developerCount {
                developerBytes += Int(bytes[position + 1])
                position += 3
            }
        }
        definitions[local] = Definition(
            message: message, isBigEndian: isBigEndian, fields: fields,
            developerBytes: developerBytes,
            size: fields.reduce(0) { $0 + $1.size } + developerBytes)
    }

    private mutating func readMessage(
        _ local: UInt8, offset: UInt8?, from start: Int, _ collector: RowCollector
    ) throws(RecordImportError) {
        guard let definition = definitions[local], position + definition.size <= end else {
            throw refusal(start)
        }
        var values: [UInt8: Double] = [:]
        var texts: [UInt8: String] = [:]
        var time: UInt32?
        var lowerTime: UInt16?
        for field in definition.fields {
            let slice = bytes[position..<(position + field.size)]
            position += field.size
            if field.type & 0x1f == 7 {
                texts[field.number] = String(
                    decoding: slice.prefix { $0 != 0 }, as: UTF8.self)
            } else if let value = FITMessages.number(slice, field.type, definition.isBigEndian) {
                values[field.number] = value
                // A time of any other type is none: a file may claim one that is no number of
                // seconds.
                switch (field.number, field.type & 0x1f) {
                case (FITProfile.timestamp, 6), (FITProfile.timestamp, 12):
                    time = UInt32(exactly: value)
                case (FITProfile.timestamp16, 4), (FITProfile.timestamp16, 11):
                    lowerTime = UInt16(exactly: value)
                default: break
                }
            }
        }
        position += definition.developerBytes
        noteTime(time, lowerTime, offset)
        guard let profile = FITProfile.messages[definition.message] else {
            let count = skipped[definition.message] ?? (0, start)
            skipped[definition.message] = (count.count + 1, count.first)
            return
        }
        addRow(profile, values, texts, start, collector)
    }

    private mutating func noteTime(_ time: UInt32?, _ lowerTime: UInt16?, _ offset: UInt8?) {
        if let time {
            timestamp = time
        } else if let offset, let before = timestamp {
            let low = before & 0x1f
            timestamp = (before &- low) &+ UInt32(offset) &+ (UInt32(offset) < low ? 32 : 0)
        } else if let lowerTime, let before = timestamp {
            timestamp = before &+ ((UInt32(lowerTime) &- (before & 0xffff)) & 0xffff)
        }
    }

    /// The number in a field; `nil` for none, an invalid one or several.
    private static func number(_ field: ArraySlice<UInt8>, _ type: UInt8, _ isBigEndian: Bool)
        -> Double?
    {
        let sizes: [UInt8: Int] = [
            0: 1, 1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 8: 4, 9: 8, 10: 1, 11: 2, 12: 4, 13: 1,
        ]
        let base = type & 0x1f
        guard let size = sizes[base], field.count == size else { return nil }
        var raw: UInt64 = 0
        for byte in isBigEndian ? Array(field) : field.reversed() { raw = raw << 8 | UInt64(byte) }
        let ones = size == 8 ? UInt64.max : (1 << UInt64(size * 8)) - 1
        switch base {
        case 1, 3, 5:
            // The largest positive number means that there is none.
            guard raw != ones >> 1 else { return nil }
            let isNegative = raw > ones >> 1
            return isNegative ? Double(raw) - Double(ones) - 1 : Double(raw)
        case 8:
            let value = Double(Float(bitPattern: UInt32(truncatingIfNeeded: raw)))
            return raw == ones || !value.isFinite ? nil : value
        case 9:
            let value = Double(bitPattern: raw)
            return raw == ones || !value.isFinite ? nil : value
        case 10, 11, 12: return raw == 0 ? nil : Double(raw)
        default: return raw == ones ? nil : Double(raw)
        }
    }

    // MARK: Rows

    private mutating func addRow(
        _ profile: FITProfile.Message, _ values: [UInt8: Double], _ texts: [UInt8: String],
        _ start: Int, _ collector: RowCollector
    ) {
        var parts: [(label: String, number: String, unit: String)] = []
        var labels: Set<String> = []
        for field in profile.fields {
            if let text = texts[field.number], !text.isEmpty {
                parts.append((field.label, PlainText.line(text, limit: 60), ""))
            } else if let value = values[field.number], labels.insert(field.label).inserted {
                let scaled = value / field.scale - field.offset
                parts.append((field.label, FITMessages.written(scaled), field.unit))
            }
        }
        guard !parts.isEmpty else {
            collector.skip(.byte(start), .noValue)
            return
        }
        var when = ""
        var time: Int64?
        if let timestamp, timestamp >= FITProfile.leastTimestamp, !profile.identifies {
            let milliseconds = Int64(timestamp) * 1000 + FITProfile.epochMilliseconds
            time = milliseconds
            when = FHIRDate.text(milliseconds)
        } else if !profile.identifies {
            collector.skip(.byte(start), .badDate)
            return
        }
        let value = parts.map { part in
            let unit = part.unit.isEmpty ? "" : " \(part.unit)"
            return parts.count == 1
                ? "\(part.number)\(unit)" : "\(part.label) \(part.number)\(unit)"
        }.joined(separator: "; ")
        collector.add(
            .wearable, group: profile.what, time: time,
            flags: profile.identifies ? .identifies : [], what: profile.what, when: when,
            value: value, unit: FITMessages.observation(profile, when, parts))
    }

    /// At most three decimals, without zeros at the end.
    private static func written(_ value: Double) -> String {
        let thousandths = (value * 1000).rounded()
        guard thousandths.magnitude < 1e15 else { return "\(value)" }
        let whole = Int64(thousandths)
        let sign = whole < 0 ? "-" : ""
        let (units, rest) = whole.magnitude.quotientAndRemainder(dividingBy: 1000)
        if rest == 0 { return "\(sign)\(units)" }
        var decimals = String(rest)
        decimals = String(repeating: "0", count: 3 - decimals.count) + decimals
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(sign)\(units).\(decimals)"
    }

    /// The row as a FHIR observation: what it leaves as.
    private static func observation(
        _ profile: FITProfile.Message, _ when: String,
        _ parts: [(label: String, number: String, unit: String)]
    ) -> [UInt8] {
        var text =
            #"{"resource":{"resourceType":"Observation","status":"final","#
            + #""category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/"#
            + #"observation-category","code":"activity"}]}],"code":{"#
        if let loinc = profile.loinc {
            text += #""coding":[{"system":"http://loinc.org","code":"\#(loinc)"}],"#
        }
        text += #""text":"\#(profile.what)"}"#
        if !when.isEmpty { text += #","effectiveDateTime":"\#(when)""# }
        text += #","component":["#
        text += parts.map { part in
            let unit = part.unit.isEmpty ? "" : #","unit":"\#(part.unit)""#
            let value =
                Double(part.number) == nil
                ? #""valueString":"\#(part.number.filter { $0 != "\"" && $0 != "\\" })""#
                : #""valueQuantity":{"value":\#(part.number)\#(unit)}"#
            return #"{"code":{"text":"\#(part.label)"},\#(value)}"#
        }.joined(separator: ",")
        return Array((text + "]}}").utf8)
    }
}
