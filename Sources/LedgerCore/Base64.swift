/// Base64 of RFC 4648, strict: what decodes encodes back to the same characters.
///
/// `standard` (§4, padded) is what C2SP texts use; `url` (§5, not padded) is what JWS uses.
package enum Base64 {
    case standard
    case url

    /// Encodes `bytes`.
    package func encode(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: encodeToUTF8(bytes), as: UTF8.self)
    }

    /// Encodes `bytes` to ASCII bytes.
    package func encodeToUTF8(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let alphabet = self == .standard ? Base64.standardAlphabet : Base64.urlAlphabet
        var text = [UInt8]()
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] {
                    text.append(alphabet[Int(bits >> shift & 63)])
                }
                bits = 0
                count = 0
            }
        }
        if count > 0 {
            bits <<= UInt32(8 * (3 - count))
            text.append(alphabet[Int(bits >> 18 & 63)])
            text.append(alphabet[Int(bits >> 12 & 63)])
            if count == 2 { text.append(alphabet[Int(bits >> 6 & 63)]) }
            if self == .standard { text.append(contentsOf: count == 2 ? [0x3d] : [0x3d, 0x3d]) }
        }
        return text
    }

    /// Decodes text; `nil` if it is not the one canonical encoding of some bytes.
    package func decode(_ text: String) -> [UInt8]? {
        decode(Array(text.utf8)[...])
    }

    /// Decodes ASCII bytes; `nil` if they are not the one canonical encoding of some bytes.
    package func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var characters = text
        if self == .standard {
            guard text.count.isMultiple(of: 4) else { return nil }
            if characters.last == 0x3d { characters.removeLast() }
            if characters.last == 0x3d { characters.removeLast() }
        }
        guard characters.count % 4 != 1 else { return nil }
        let values = self == .standard ? Base64.standardValues : Base64.urlValues
        var bytes = [UInt8]()
        bytes.reserveCapacity(characters.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for character in characters {
            let value = values[Int(character)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 1
            if count == 4 {
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits = 0
                count = 0
            }
        }
        switch count {
        case 2:
            guard bits & 0x0f == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            guard bits & 0x03 == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: break
        }
        return bytes
    }

    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let standardAlphabet = letters + Array("+/".utf8)
    private static let urlAlphabet = letters + Array("-_".utf8)
    private static let standardValues = values(of: standardAlphabet)
    private static let urlValues = values(of: urlAlphabet)

    private static func values(of alphabet: [UInt8]) -> [UInt8] {
        var table = [UInt8](repeating: 0xff, count: 256)
        for (value, character) in alphabet.enumerated() {
            table[Int(character)] = UInt8(value)
        }
        return table
    }
}
