// What members allowed and handed over, and what became of it.

extension AuthorizationGranted: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(project, major, minor, terms, kinds, purposes, recipients)
        writer.add(name: language)
        writer.add(collectionFrom, collectionUntil, until, eraseAt, cites, observedSize)
        writer.add(observedRoot, diseases, links)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        let (project, major, minor) = try (
            ProjectID(from: &reader), Int64(from: &reader), Int64(from: &reader)
        )
        let terms: Hash = try reader.next()
        let kinds: [RecordKind] = try reader.next()
        let purposes: [DataUse] = try reader.next()
        let recipients: [AccountID] = try reader.next()
        self.init(
            project: project, major: major, minor: minor, terms: terms,
            language: try reader.name(), kinds: kinds, purposes: purposes, recipients: recipients,
            collectionFrom: try reader.next(), collectionUntil: try reader.next(),
            until: try reader.next(), eraseAt: try reader.next(), cites: try reader.next(),
            observedSize: try reader.next(), observedRoot: try reader.next(),
            diseases: try reader.next(), links: try reader.next())
    }
}

extension Authorization.Revocation: StatePart {
    func write(to writer: inout StateWriter) { writer.add(at, mode, entry) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(at: try reader.next(), mode: try reader.next(), entry: try reader.next())
    }
}

extension Authorization: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(account, grant, grantEntry, grantedAt, guardianUntil, lapse, latestDecision)
        writer.add(isPaused, isExpiryMarked, revocation, invalidation, isOutgrowthMarked)
        writer.add(formerRecipients)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), grant: try reader.next(), grantEntry: try reader.next(),
            grantedAt: try reader.next(), guardianUntil: try reader.next(),
            lapse: try reader.next(), latestDecision: try reader.next(),
            isPaused: try reader.next(), isExpiryMarked: try reader.next(),
            revocation: try reader.next(), invalidation: try reader.next())
        isOutgrowthMarked = try reader.next()
        formerRecipients = try reader.next()
    }
}

extension RecordContributed: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(project, record, commitment, kind, rows, from, until, sizeBytes)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            project: try reader.next(), record: try reader.next(), commitment: try reader.next(),
            kind: try reader.next(), rows: try reader.next(), from: try reader.next(),
            until: try reader.next(), sizeBytes: try reader.next())
    }
}

extension Contribution.Review: StatePart {
    func write(to writer: inout StateWriter) {
        switch self {
        case .waiting: writer.add(number: 0)
        case .accepted: writer.add(number: 1)
        case .rejected(let reason):
            writer.add(number: 2)
            writer.add(reason)
        }
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        switch try reader.number() {
        case 0: self = .waiting
        case 1: self = .accepted
        case 2: self = .rejected(try reader.next())
        default: throw .malformed
        }
    }
}

extension Contribution: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(
            statement, account, entry, at, review, accrual, eraseAt, isErased, wasAppealed)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            statement: try reader.next(), account: try reader.next(), entry: try reader.next(),
            at: try reader.next(), review: try reader.next(), accrual: try reader.next(),
            eraseAt: try reader.next(), isErased: try reader.next(),
            wasAppealed: try reader.next())
    }
}

extension RecordsErased: StatePart {
    func write(to writer: inout StateWriter) { writer.add(project, contributions) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(project: try reader.next(), contributions: try reader.next())
    }
}

extension Erasure: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(account, statement, entry, deadline, waiting)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), statement: try reader.next(), entry: try reader.next(),
            deadline: try reader.next(), waiting: try reader.next())
    }
}

extension ResultsWished: StatePart {
    func write(to writer: inout StateWriter) { writer.add(project, classes, key) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(project: try reader.next(), classes: try reader.next(), key: try reader.next())
    }
}

extension ResultsWish: StatePart {
    func write(to writer: inout StateWriter) { writer.add(entry, wished, guardianUntil) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            entry: try reader.next(), wished: try reader.next(), guardianUntil: try reader.next())
    }
}
