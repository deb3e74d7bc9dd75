// What points are redeemed for.

extension RewardOffered: StatePart {
    func write(to writer: inout StateWriter) { writer.add(reward, title, price, units, isInstant) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            reward: try reader.next(), title: try reader.next(), price: try reader.next(),
            units: try reader.next(), isInstant: try reader.next())
    }
}

extension Reward: StatePart {
    func write(to writer: inout StateWriter) { writer.add(offer, unitsLeft, isWithdrawn) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            offer: try reader.next(), unitsLeft: try reader.next(),
            isWithdrawn: try reader.next())
    }
}

extension PointsReserved: StatePart {
    func write(to writer: inout StateWriter) { writer.add(reward, points) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(reward: try reader.next(), points: try reader.next())
    }
}

extension Reservation.Part: StatePart {
    func write(to writer: inout StateWriter) { writer.add(lot, points) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(lot: try reader.next(), points: try reader.next())
    }
}

extension Reservation.Outcome: StatePart {
    func write(to writer: inout StateWriter) {
        switch self {
        case .open: writer.add(number: 0)
        case .redeemed: writer.add(number: 1)
        case .released(let reason):
            writer.add(number: 2)
            writer.add(reason)
        }
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        switch try reader.number() {
        case 0: self = .open
        case 1: self = .redeemed
        case 2: self = .released(try reader.next())
        default: throw .malformed
        }
    }
}

extension Reservation: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(account, statement, entry, at, parts, outcome)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), statement: try reader.next(), entry: try reader.next(),
            at: try reader.next(), parts: try reader.next(), outcome: try reader.next())
    }
}
