import Foundation

/// Cuts pieces of a text into lines, without copying those that lie within one piece.
struct LineFeed {
    /// Longest line accepted, in bytes.
    static let maximumLineBytes = 16 << 20

    private var carried: [UInt8] = []
    /// The number of lines that were given out.
    private(set) var lineCount = 0

    /// Calls `body` with each line that ends in `piece`, without its line break.
    ///
    /// - Returns: `false` if a line is too long.
    mutating func append<Failure: Error>(
        _ piece: UnsafeRawBufferPointer,
        _ body: (_ line: UnsafeRawBufferPointer, _ number: Int) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        guard let base = piece.baseAddress else { return true }
        var start = 0
        while start < piece.count,
            let found = memchr(base + start, 0x0a, piece.count - start)
        {
            let end = UnsafeRawPointer(found) - base
            let rest = UnsafeRawBufferPointer(rebasing: piece[start..<end])
            start = end + 1
            lineCount += 1
            if carried.isEmpty {
                try body(LineFeed.trimmed(rest), lineCount)
            } else {
                carried.append(contentsOf: rest)
                try giveCarried(body)
            }
        }
        carried.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[start...]))
        return carried.count <= LineFeed.maximumLineBytes
    }

    /// As `append(_:_:)`, for a file that is refused where a line is too long.
    mutating func append(
        _ piece: UnsafeRawBufferPointer, of file: String,
        _ body: (_ line: UnsafeRawBufferPointer, _ number: Int) throws(RecordImportError) -> Void
    ) throws(RecordImportError) {
        guard try append(piece, body) else {
            throw RecordImportError(
                file: file, place: .line(lineCount + 1),
                reason: .lineTooLong(limitBytes: LineFeed.maximumLineBytes))
        }
    }

    /// Calls `body` with the last line, if the text does not end in a line break.
    mutating func finish<Failure: Error>(
        _ body: (_ line: UnsafeRawBufferPointer, _ number: Int) throws(Failure) -> Void
    ) throws(Failure) {
        guard !carried.isEmpty else { return }
        lineCount += 1
        try giveCarried(body)
    }

    private mutating func giveCarried<Failure: Error>(
        _ body: (_ line: UnsafeRawBufferPointer, _ number: Int) throws(Failure) -> Void
    ) throws(Failure) {
        let line = carried
        carried.removeAll(keepingCapacity: carried.capacity <= 1 << 16)
        let number = lineCount
        let result: Result<Void, Failure> = line.withUnsafeBytes { bytes in
            do throws(Failure) {
                return .success(try body(LineFeed.trimmed(bytes), number))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private static func trimmed(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        line.last == 0x0d ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
    }
}

/// The fields of one line as places in it: no field costs memory of its own.
struct LineFields {
    /// Most fields of a line that are told apart; the last holds the rest.
    static let limit = 4_096

    private(set) var ranges: [Range<Int>] = []

    var count: Int { ranges.count }

    /// Cuts a line at every `separator`.
    mutating func cut(_ line: UnsafeRawBufferPointer, at separator: UInt8, most: Int = limit) {
        ranges.removeAll(keepingCapacity: true)
        guard let base = line.baseAddress else {
            ranges.append(0..<0)
            return
        }
        var start = 0
        while ranges.count < most - 1,
            let found = memchr(base + start, Int32(separator), line.count - start)
        {
            let end = UnsafeRawPointer(found) - base
            ranges.append(start..<end)
            start = end + 1
        }
        ranges.append(start..<line.count)
    }

    /// Cuts a line of comma- or tab-separated text with quotation marks (RFC 4180); marks around a
    /// field are not part of it, doubled ones within stay doubled.
    ///
    /// - Returns: `false` if a quotation mark does not end in the line.
    mutating func cutQuoted(_ line: UnsafeRawBufferPointer, at separator: UInt8) -> Bool {
        guard let base = line.baseAddress, memchr(base, 0x22, line.count) != nil else {
            cut(line, at: separator)
            return true
        }
        ranges.removeAll(keepingCapacity: true)
        var position = 0
        while true {
            if position < line.count, line[position] == 0x22 {
                let start = position + 1
                position = start
                while true {
                    guard position < line.count else { return false }
                    if line[position] == 0x22 {
                        guard position + 1 < line.count, line[position + 1] == 0x22 else { break }
                        position += 1
                    }
                    position += 1
                }
                ranges.append(start..<position)
                position += 1
                while position < line.count, line[position] != separator { position += 1 }
            } else {
                let start = position
                while position < line.count, line[position] != separator { position += 1 }
                ranges.append(start..<position)
            }
            guard position < line.count, ranges.count < LineFields.limit else { return true }
            position += 1
        }
    }

    /// A field of the line that was cut; empty if it has fewer.
    func field(_ index: Int, of line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard ranges.indices.contains(index) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(rebasing: line[ranges[index]])
    }

    /// A field as text, without white space around it.
    func text(_ index: Int, of line: UnsafeRawBufferPointer) -> String {
        String(decoding: Bytes.trimmed(field(index, of: line)), as: UTF8.self)
    }
}

/// Small questions about bytes of a text.
enum Bytes {
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    static func equal(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        bytes.count == word.utf8CodeUnitCount
            && memcmp(
                bytes.baseAddress ?? UnsafeRawPointer(word.utf8Start), word.utf8Start, bytes.count)
                == 0
    }

    static func hasPrefix(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        guard bytes.count >= word.utf8CodeUnitCount, let base = bytes.baseAddress else {
            return word.utf8CodeUnitCount == 0
        }
        return memcmp(base, word.utf8Start, word.utf8CodeUnitCount) == 0
    }

    /// A number of digits only; `nil` for anything else or past `Int`.
    static func number(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
        var number = 0
        for byte in bytes {
            guard 0x30...0x39 ~= byte else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    /// Whether it is a decimal number as tables write it, such as -1.5e3.
    static func isDecimal(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var digits = 0
        for byte in bytes {
            switch byte {
            case 0x30...0x39: digits += 1
            case 0x2e, 0x2d, 0x2b, 0x65, 0x45: break
            default: return false
            }
        }
        return digits > 0
    }

    /// Whether every byte is visible ASCII.
    static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.allSatisfy { 0x21...0x7e ~= $0 }
    }
}
