// The values that everything else is made of.

extension Int64: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(number: UInt64(bitPattern: self << 1 ^ self >> 63))
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        let number = try reader.number()
        self = Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }
}

extension Int: StatePart {
    func write(to writer: inout StateWriter) { writer.add(Int64(self)) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self = Int(try Int64(from: &reader))
    }
}

extension UInt8: StatePart {
    func write(to writer: inout StateWriter) { writer.add(number: UInt64(self)) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        guard let byte = UInt8(exactly: try reader.number()) else { throw .malformed }
        self = byte
    }
}

extension Bool: StatePart {
    func write(to writer: inout StateWriter) { writer.add(number: self ? 1 : 0) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        switch try reader.number() {
        case 0: self = false
        case 1: self = true
        default: throw .malformed
        }
    }
}

extension String: StatePart {
    func write(to writer: inout StateWriter) { writer.add(text: self) }
    init(from reader: inout StateReader) throws(SnapshotDefect) { self = try reader.text() }
}

extension Hash: StatePart {
    func write(to writer: inout StateWriter) { writer.add(hash: self) }
    init(from reader: inout StateReader) throws(SnapshotDefect) { self = try reader.hash() }
}

extension Timestamp: StatePart {
    func write(to writer: inout StateWriter) { writer.add(milliseconds) }
    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(milliseconds: try reader.next())
    }
}

extension Points: StatePart {
    func write(to writer: inout StateWriter) { writer.add(value) }
    init(from reader: inout StateReader) throws(SnapshotDefect) { self.init(try reader.next()) }
}

extension BirthMonth: StatePart {
    func write(to writer: inout StateWriter) { writer.add(number) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        guard let month = BirthMonth(number: try reader.next()) else { throw .malformed }
        self = month
    }
}

extension Optional: StatePart where Wrapped: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(self != nil)
        if let value = self { writer.add(value) }
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self = try Bool(from: &reader) ? Wrapped(from: &reader) : nil
    }
}

extension Array: StatePart where Element: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(count: count)
        for element in self { writer.add(element) }
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        let count = try reader.count()
        self.init()
        reserveCapacity(count)
        for _ in 0..<count { append(try reader.next()) }
    }
}

extension Set: StatePart where Element: StatePart & Comparable {
    func write(to writer: inout StateWriter) { writer.add(sorted()) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(try [Element](from: &reader))
    }
}

extension Dictionary: StatePart where Key: StatePart & Comparable, Value: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(count: count)
        // Values are large: only keys are moved about.
        for key in keys.sorted() {
            guard let value = self[key] else { continue }
            writer.add(key)
            writer.add(value)
        }
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        let count = try reader.count()
        self.init(minimumCapacity: count)
        for _ in 0..<count {
            let key: Key = try reader.next()
            self[key] = try reader.next() as Value
        }
    }
}

/// What is known by a text that comes again and again.
protocol StateName: StatePart {
    var text: String { get }
    init?(_ text: String)
}

extension StateName {
    func write(to writer: inout StateWriter) { writer.add(name: text) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        guard let name = Self(try reader.name()) else { throw .malformed }
        self = name
    }
}

extension AccountID: StateName {}
extension AuthorizationID: StateName {}
extension ChainID: StateName {}
extension DeviceID: StateName {}
extension DiseaseTerm: StateName {}
extension ProjectID: StateName {}
extension Region: StateName {}
extension RewardID: StateName {}

/// One of a few things, by its word.
protocol StateWord: StatePart, RawRepresentable<String> {}

extension StateWord {
    func write(to writer: inout StateWriter) { writer.add(name: rawValue) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        guard let word = Self(rawValue: try reader.name()) else { throw .malformed }
        self = word
    }
}

extension Accrual.Outcome: StateWord {}
extension ApprovalKind: StateWord {}
extension ContributionRefusal: StateWord {}
extension Correction.Outcome: StateWord {}
extension CorrectionDirection: StateWord {}
extension CorrectionReason: StateWord {}
extension DataUse: StateWord {}
extension InstitutionRole: StateWord {}
extension LapseCause: StateWord {}
extension Programme: StateWord {}
extension RecordKind: StateWord {}
extension ReleaseReason: StateWord {}
extension ResultClass: StateWord {}
extension RevocationMode: StateWord {}
extension Sex: StateWord {}
