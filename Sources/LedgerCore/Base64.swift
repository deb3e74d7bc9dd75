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
        bytes.withContiguousStorageIfAvailable { encode($0) } ?? encode(Array(bytes))
    }

    /// The loop works on plain memory: a node writes kilobytes of this for every entry.
    private func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let alphabet = self == .standard ? Base64.standardAlphabet : Base64.urlAlphabet
        let groups = (bytes.count + 2) / 3
        return [UInt8](unsafeUninitializedCapacity: groups * 4) { text, written in
            alphabet.withUnsafeBufferPointer { alphabet in
                for start in stride(from: 0, to: bytes.count, by: 3) {
                    var bits = UInt32(bytes[start]) << 16
                    if start + 1 < bytes.count { bits |= UInt32(bytes[start + 1]) << 8 }
                    if start + 2 < bytes.count { bits |= UInt32(bytes[start + 2]) }
                    text[written] = alphabet[Int(bits >> 18)]
                    text[written + 1] = alphabet[Int(bits >> 12 & 63)]
                    text[written + 2] = alphabet[Int(bits >> 6 & 63)]
                    text[written + 3] = alphabet[Int(bits & 63)]
                    written += 4
                }
            }
            let missing = groups * 3 - bytes.count
            switch self {
            case .standard: for back in 0..<missing { text[written - 1 - back] = 0x3d }
            case .url: written -= missing
            }
        }
    }

    private func encode(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBufferPointer { encode($0) }
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
