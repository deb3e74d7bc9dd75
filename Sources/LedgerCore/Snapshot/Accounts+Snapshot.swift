// Who takes part, and in what.

extension DeviceKeys: StatePart {
    func write(to writer: inout StateWriter) { writer.add(signing, wrapping) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(signing: try reader.next(), wrapping: try reader.next())
    }
}

extension Device: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(account, keys, isGuardians, isRevoked, lastSequence)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), keys: try reader.next(), isGuardians: try reader.next(),
            isRevoked: try reader.next(), lastSequence: try reader.next())
    }
}

extension Institution: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(name, roles, keys, region, isForeignHeld)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            name: try reader.next(), roles: try reader.next(), keys: try reader.next(),
            region: try reader.next(), isForeignHeld: try reader.next())
    }
}

extension Ward: StatePart {
    func write(to writer: inout StateWriter) { writer.add(guardian, born, declaration) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            guardian: try reader.next(), born: try reader.next(), declaration: try reader.next())
    }
}

extension Seat: StatePart, Comparable {
    /// Orders by member, then project.
    package static func < (left: Seat, right: Seat) -> Bool {
        (left.account, left.project) < (right.account, right.project)
    }

    func write(to writer: inout StateWriter) { writer.add(account, project) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(account: try reader.next(), project: try reader.next())
    }
}

extension Project: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(sponsor, terms, publishedBy, changedAt, graceEnd, seatsTaken, closedAt)
        writer.add(pendingCount, waitingCount, earlierGraceEnds)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            sponsor: try reader.next(), terms: try reader.next(), publishedBy: try reader.next(),
            changedAt: try reader.next(), graceEnd: try reader.next(),
            seatsTaken: try reader.next(), closedAt: try reader.next())
        pendingCount = try reader.next()
        waitingCount = try reader.next()
        earlierGraceEnds = try reader.next()
    }
}

extension ApprovalKey: StatePart, Comparable {
    static func < (left: ApprovalKey, right: ApprovalKey) -> Bool {
        (left.project, left.recipient, left.kind.rawValue)
            < (right.project, right.recipient, right.kind.rawValue)
    }

    func write(to writer: inout StateWriter) { writer.add(project, recipient, kind) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            project: try reader.next(), recipient: try reader.next(), kind: try reader.next())
    }
}

extension LapseReport: StatePart {
    func write(to writer: inout StateWriter) { writer.add(account, cause, proposer, isConfirmed) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), cause: try reader.next(), proposer: try reader.next(),
            isConfirmed: try reader.next())
    }
}

extension ConfirmedLapse: StatePart {
    func write(to writer: inout StateWriter) { writer.add(cause, at) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(cause: try reader.next(), at: try reader.next())
    }
}
