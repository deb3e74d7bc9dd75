import Foundation
import HealthRecords
import LedgerCore
import TestSupport
import Testing

/// Garmin FIT, from files these tests write.
@Suite struct FITTests {
    /// A file of one definition and some messages of it.
    private func file(
        message: UInt16, fields: [(number: UInt8, size: UInt8, type: UInt8)], messages: [[UInt8]],
        damage: Int? = nil
    ) -> [UInt8] {
        var data: [UInt8] = [0x40, 0, 0, UInt8(message & 0xff), UInt8(message >> 8)]
        data.append(UInt8(fields.count))
        for field in fields { data += [field.number, field.size, field.type] }
        for message in messages { data += [0] + message }
        var bytes: [UInt8] = [12, 0x20, 0x54, 0x08]
        bytes +=
            [UInt8(data.count & 0xff), UInt8(data.count >> 8), 0, 0] + Array(".FIT".utf8) + data
        var sum: UInt16 = 0
        for byte in bytes {
            sum ^= UInt16(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xa001 : sum >> 1 }
        }
        bytes += [UInt8(sum & 0xff), UInt8(sum >> 8)]
        if let damage { bytes[damage] ^= 0xff }
        return bytes
    }

    private let time: (number: UInt8, size: UInt8, type: UInt8) = (253, 4, 0x86)

    @Test func `moments of an exercise give rows without the place`() throws {
        // Heart rate, speed in mm/s, latitude.
        let table = try Records.table(
            file(
                message: 20, fields: [time, (3, 1, 2), (6, 2, 0x84), (0, 4, 0x85)],
                messages: [
                    [0x11, 0x6b, 0xa0, 0x33, 61, 0xb4, 0x04, 1, 2, 3, 4],
                    [0x12, 0x6b, 0xa0, 0x33, 0xff, 0xff, 0xff, 1, 2, 3, 4],
                ]))
        #expect(table.format == .fit)
        #expect(table.rows.map(\.value) == ["heart rate 61 bpm; speed 1.204 m/s"])
        #expect(table.rows.map(\.when) == ["2017-06-11T21:33:05Z"])
        #expect(table.skipped.listed.map(\.reason) == [.noValue])
        let again = try Records.table(table.leaving)
        #expect(again.format == .fhir)
        #expect(again.rows.map(\.kind) == [.wearable])
        #expect(again.rows.map(\.milliseconds) == table.rows.map(\.milliseconds))
        #expect(again.rows.map(\.value) == ["heart rate 61 bpm; speed 1.204 m/s"])
    }

    @Test func `messages about the device are left out with their number`() throws {
        let error = #expect(throws: RecordImportError.self) {
            try Records.table(
                file(message: 0, fields: [(0, 1, 0)], messages: [[4]]))
        }
        #expect(error?.reason == .noRows(.aboutDevice))
    }

    /// Numbers of several base types that are no time.
    private static let badTimes: [(bytes: [UInt8], type: UInt8)] = {
        var times: [(bytes: [UInt8], type: UInt8)] = [
            ([0xfe, 0xff, 0xff, 0xff], 0x85), ([0xfe, 0xff], 0x83), ([0xfe], 1),
            ([0, 0, 0x80, 0xbf], 0x88),
        ]
        for number in [-1, 1e20, 4_294_967_296, 0.5] {
            let bytes = withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
            times.append((bytes: bytes, type: 0x89))
        }
        return times
    }()

    @Test(arguments: 0..<8)
    func `a time that is no number of seconds is none and ends nothing`(index: Int) throws {
        let (bytes, type) = Self.badTimes[index]
        let size = UInt8(bytes.count)
        let error = #expect(throws: RecordImportError.self) {
            try Records.table(
                file(message: 20, fields: [(253, size, type), (3, 1, 2)], messages: [bytes + [61]]))
        }
        #expect(error?.reason == .noRows(.badDate))
        // The lower half of a time, behind a whole one and behind one that is missing.
        let table = try Records.table(
            file(
                message: 20, fields: [time, (26, size, type), (3, 1, 2)],
                messages: [
                    [0x11, 0x6b, 0xa0, 0x33] + bytes + [61],
                    [0xff, 0xff, 0xff, 0xff] + bytes + [62],
                ]))
        #expect(table.rows.map(\.when) == ["2017-06-11T21:33:05Z", "2017-06-11T21:33:05Z"])
    }

    @Test(arguments: 0..<60)
    func `a file with one byte changed is refused`(position: Int) throws {
        let sound = file(
            message: 20, fields: [time, (3, 1, 2)],
            messages: [[UInt8]](repeating: [0x11, 0x6b, 0xa0, 0x33, 61], count: 6))
        #expect(try Records.table(sound).rows.count == 6)
        guard position < sound.count else { return }
        var damaged = sound
        damaged[position] ^= 0xff
        #expect(throws: RecordImportError.self) { try Records.table(damaged) }
        #expect(throws: RecordImportError.self) {
            try Records.table(Array(sound.prefix(position)))
        }
    }
}
