/// FIT files for the reader of health records: without a length and a checksum that fit, nothing
/// behind them would ever be read.
enum FITFile {
    /// A moment of an exercise with its time and one with an offset from it.
    static let exercise: [UInt8] = {
        let header: [UInt8] = [12, 0x20, 0x54, 0x08, 0, 0, 0, 0] + Array(".FIT".utf8)
        let definition: [UInt8] = [
            0x40, 0, 0, 20, 0, 3, 253, 4, 0x86, 3, 1, 2, 26, 2, 0x84,
        ]
        let moment: [UInt8] = [0, 0x11, 0x6b, 0xa0, 0x33, 61, 1, 0]
        let later: [UInt8] = [0x41, 0, 0, 20, 0, 1, 3, 1, 2, 0xa5, 62]
        let file = header + definition + moment + later + [0, 0]
        return sealed(file) ?? file
    }()

    /// The same file with the length and the checksums it ought to have; `nil` for other files.
    static func sealed(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= 16, bytes[8..<12].elementsEqual(".FIT".utf8) else { return nil }
        var bytes = bytes
        let header = Int(bytes[0])
        guard header >= 12, header + 2 <= bytes.count else { return nil }
        let end = bytes.count - 2
        for place in 0..<4 {
            bytes[4 + place] = UInt8(truncatingIfNeeded: (end - header) >> (8 * place))
        }
        // No checksum of the header.
        if header >= 14 { bytes[12...13] = [0, 0] }
        var sum: UInt16 = 0
        for byte in bytes[..<end] {
            sum ^= UInt16(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xa001 : sum >> 1 }
        }
        bytes[end] = UInt8(truncatingIfNeeded: sum)
        bytes[end + 1] = UInt8(truncatingIfNeeded: sum >> 8)
        return bytes
    }
}
