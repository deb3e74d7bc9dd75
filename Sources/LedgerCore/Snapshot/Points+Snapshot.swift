// What was earned, and what became of it.

extension PointsAccount: StatePart, Comparable {
    /// Orders by kind of account, then by whose it is.
    package static func < (left: PointsAccount, right: PointsAccount) -> Bool {
        left.place < right.place
    }

    private var place: (kind: UInt64, name: String, entry: Hash) {
        switch self {
        case .issuer: (0, "", .zero)
        case .budget(let account): (1, account.text, .zero)
        case .escrow(let project): (2, project.text, .zero)
        case .pending(let account): (3, account.text, .zero)
        case .available(let account): (4, account.text, .zero)
        case .reserved(let account): (5, account.text, .zero)
        case .fulfilled(let reward): (6, reward.text, .zero)
        case .breakage: (7, "", .zero)
        case .correction(let entry): (8, "", entry)
        }
    }

    func write(to writer: inout StateWriter) {
        writer.add(number: place.kind)
        switch self {
        case .issuer, .breakage: break
        case .budget(let account), .pending(let account), .available(let account),
            .reserved(let account):
            writer.add(account)
        case .escrow(let project): writer.add(project)
        case .fulfilled(let reward): writer.add(reward)
        case .correction(let entry): writer.add(entry)
        }
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        switch try reader.number() {
        case 0: self = .issuer
        case 1: self = .budget(try reader.next())
        case 2: self = .escrow(try reader.next())
        case 3: self = .pending(try reader.next())
        case 4: self = .available(try reader.next())
        case 5: self = .reserved(try reader.next())
        case 6: self = .fulfilled(try reader.next())
        case 7: self = .breakage
        case 8: self = .correction(try reader.next())
        default: throw .malformed
        }
    }
}

extension Earned: StatePart {
    func write(to writer: inout StateWriter) { writer.add(kinds, uses, total) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(kinds: try reader.next(), uses: try reader.next(), total: try reader.next())
    }
}

extension AccrualTrigger.Cause: StatePart {
    func write(to writer: inout StateWriter) {
        switch self {
        case .use: writer.add(number: 0)
        case .contribution(let kind, let entry):
            writer.add(number: 1)
            writer.add(kind, entry)
        }
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        switch try reader.number() {
        case 0: self = .use
        case 1: self = .contribution(try reader.next(), entry: try reader.next())
        default: throw .malformed
        }
    }
}

extension AccrualTrigger: StatePart {
    func write(to writer: inout StateWriter) { writer.add(account, project, cause, isPaid) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), project: try reader.next(), cause: try reader.next(),
            isPaid: try reader.next())
    }
}

extension PointsAccrued: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(project, trigger, points, vestsAt, isLimited)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            project: try reader.next(), trigger: try reader.next(), points: try reader.next(),
            vestsAt: try reader.next(), isLimited: try reader.next())
    }
}

extension Accrual: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(account, statement, entry, at, programme, contribution, remaining, lot)
        writer.add(wasAppealed, outcome)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), statement: try reader.next(), entry: try reader.next(),
            at: try reader.next(), programme: try reader.next(), contribution: try reader.next(),
            remaining: try reader.next(), lot: try reader.next(), wasAppealed: try reader.next(),
            outcome: try reader.next())
    }
}

extension PointsLot: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(account, expiresAt, free, held, isNoticed)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), expiresAt: try reader.next(), free: try reader.next(),
            held: try reader.next(), isNoticed: try reader.next())
    }
}

extension ProgrammeRuled: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(programme, version, lifetimeMilliseconds, dayCap, monthCap, lifetimeCap)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            programme: try reader.next(), version: try reader.next(),
            lifetimeMilliseconds: try reader.next(), dayCap: try reader.next(),
            monthCap: try reader.next(), lifetimeCap: try reader.next())
    }
}

extension ProgrammeSeat: StatePart, Comparable {
    /// Orders by member, then programme.
    package static func < (left: ProgrammeSeat, right: ProgrammeSeat) -> Bool {
        (left.account, left.programme) < (right.account, right.programme)
    }

    func write(to writer: inout StateWriter) { writer.add(account, programme) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(account: try reader.next(), programme: try reader.next())
    }
}

extension ProgrammeEarned: StatePart {
    func write(to writer: inout StateWriter) { writer.add(day, onDay, month, inMonth, total) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            day: try reader.next(), onDay: try reader.next(), month: try reader.next(),
            inMonth: try reader.next(), total: try reader.next())
    }
}

extension SplitRuled.Share: StatePart {
    func write(to writer: inout StateWriter) { writer.add(account, weight) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(try reader.next(), weight: try reader.next())
    }
}

extension SplitRuled: StatePart {
    func write(to writer: inout StateWriter) { writer.add(project, shares) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(project: try reader.next(), shares: try reader.next())
    }
}

extension CorrectionProposed: StatePart {
    func write(to writer: inout StateWriter) { writer.add(accrual, points, direction, reason) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            accrual: try reader.next(), points: try reader.next(), direction: try reader.next(),
            reason: try reader.next())
    }
}

extension Correction: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(account, statement, proposer, at, outcome)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            account: try reader.next(), statement: try reader.next(),
            proposer: try reader.next(), at: try reader.next(), outcome: try reader.next())
    }
}
