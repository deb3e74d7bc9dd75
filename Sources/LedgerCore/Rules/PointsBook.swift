/// An account of the points book (`spec/POINTS.md`).
package enum PointsAccount: Hashable, Sendable {
    /// The source; the only account that may be negative.
    case issuer
    /// What an institution may spend.
    case budget(AccountID)
    /// What is set aside for a project.
    case escrow(ProjectID)
    /// A member's points on the way.
    case pending(AccountID)
    /// A member's points.
    case available(AccountID)
    /// A member's points set aside for rewards.
    case reserved(AccountID)
    /// What was paid for a reward.
    case fulfilled(RewardID)
    /// What ran out.
    case breakage
    /// What was taken to correct an accrual.
    case correction(Hash)
}

/// Balances in points; every movement has two sides, so the sum is always zero.
package struct PointsBook: Equatable, Sendable {
    private var balances: [PointsAccount: Int64] = [:]

    /// Makes an empty book.
    package init() {}

    /// Returns the balance of an account.
    package func balance(of account: PointsAccount) -> Points {
        Points(balances[account] ?? 0)
    }

    /// The sum over all accounts: zero, always.
    package var sum: Int64 { balances.values.reduce(0, +) }

    /// Whether `points` can go from `source` to `target` with no account below zero or too large.
    package func canMove(
        _ points: Points, from source: PointsAccount, to target: PointsAccount
    ) -> Bool {
        guard points > .zero, points <= .limit else { return false }
        let remaining = balance(of: source) - points
        guard remaining >= .zero || source == .issuer else { return false }
        let ceiling: Int64 = 1 << 53
        return remaining.value > -ceiling && (balance(of: target) + points).value < ceiling
    }

    /// Moves points.
    ///
    /// - Precondition: `canMove` said yes.
    mutating func move(
        _ points: Points, from source: PointsAccount, to target: PointsAccount
    ) {
        precondition(canMove(points, from: source, to: target), "a movement was not checked")
        balances[source, default: 0] -= points.value
        balances[target, default: 0] += points.value
        if balances[source] == 0 { balances[source] = nil }
    }
}

extension PointsBook: StatePart {
    func write(to writer: inout StateWriter) { writer.add(balances) }
    init(from reader: inout StateReader) throws(SnapshotDefect) { balances = try reader.next() }
}
