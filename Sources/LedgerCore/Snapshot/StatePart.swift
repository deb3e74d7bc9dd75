/// A value that snapshots of the state hold.
///
/// What is written is read back equal, and equal values give the same bytes.
protocol StatePart {
    func write(to writer: inout StateWriter)
    init(from reader: inout StateReader) throws(SnapshotDefect)
}

/// Writes the parts of a state one after another.
///
///     number    seven bits in each byte, the low ones first; the top bit says that more follow
///     integer   2 · n as a number, 2 · |n| − 1 where n is negative
///     text      the number of its bytes, UTF-8
///     name      0 and a text the first time, the position among the names from 1 every other time
///     list      the number of its elements, the elements
///     set       as a list, ascending; a dictionary too, each key before its value
struct StateWriter {
    private(set) var bytes: [UInt8] = []
    private var names: [String: UInt64] = [:]

    /// Writes one part: the large ones, as the compiler makes code of its own for each type.
    mutating func add<Part: StatePart>(_ part: Part) { part.write(to: &self) }

    /// Writes parts in the order given.
    mutating func add<each Part: StatePart>(_ part: repeat each Part) {
        repeat (each part).write(to: &self)
    }

    mutating func add(number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func add(count: Int) { add(number: UInt64(count)) }

    mutating func add(raw: some Sequence<UInt8>) { bytes.append(contentsOf: raw) }

    mutating func add(text: String) {
        add(count: text.utf8.count)
        add(raw: text.utf8)
    }

    /// Writes a text that comes again and again.
    mutating func add(name: String) {
        if let position = names[name] { return add(number: position) }
        names[name] = UInt64(names.count + 1)
        add(number: 0)
        add(text: name)
    }

    /// Writes a hash without a copy of it.
    mutating func add(hash: Hash) { hash.withBytes { bytes.append(contentsOf: $0) } }

    /// Gives what was written away.
    consuming func taken() -> [UInt8] { bytes }
}

/// Reads what a `StateWriter` wrote; whatever the bytes are, it ends with a value or a defect.
struct StateReader {
    private let bytes: [UInt8]
    private var position: Int
    private var names: [String] = []

    /// Reads from `start` on.
    init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        position = start
    }

    /// Reads the next part.
    mutating func next<Part: StatePart>() throws(SnapshotDefect) -> Part {
        try Part(from: &self)
    }

    mutating func number() throws(SnapshotDefect) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw .malformed
    }

    /// Reads how many elements follow: each of them takes a byte at least.
    mutating func count() throws(SnapshotDefect) -> Int {
        let number = try number()
        guard number <= UInt64(bytes.count - position) else { throw .malformed }
        return Int(number)
    }

    mutating func text() throws(SnapshotDefect) -> String {
        let count = try count()
        let end = position + count
        guard let text = String(validating: bytes[position..<end], as: UTF8.self) else {
            throw .malformed
        }
        position = end
        return text
    }

    mutating func name() throws(SnapshotDefect) -> String {
        let place = try number()
        guard place > 0 else {
            names.append(try text())
            return names[names.count - 1]
        }
        guard place <= UInt64(names.count) else { throw .malformed }
        return names[Int(place) - 1]
    }

    mutating func hash() throws(SnapshotDefect) -> Hash {
        let end = position + Hash.byteCount
        guard end <= bytes.count, let hash = Hash(bytes: bytes[position..<end]) else {
            throw .malformed
        }
        position = end
        return hash
    }

    /// Sees that nothing follows.
    func finish() throws(SnapshotDefect) {
        guard position == bytes.count else { throw .malformed }
    }
}
