/// A correction on its way.
package struct Correction: Equatable, Sendable {
    /// The member.
    package let account: AccountID
    /// What was proposed.
    package let statement: CorrectionProposed
    /// The officer who proposed it.
    package let proposer: AccountID
    /// When the node recorded the proposal.
    package let at: Timestamp
    /// How it ended, if it has.
    package internal(set) var outcome = Outcome.open

    /// How a proposal ends: once.
    package enum Outcome: String, Sendable {
        case open
        case confirmed
        case appealed
    }

    /// Until when the member can appeal, and from when it can be confirmed.
    package var appealUntil: Timestamp { at.adding(milliseconds: PointsTimes.appeal) }

    /// Until when it can be confirmed; after that it needs a new proposal.
    package var confirmUntil: Timestamp {
        appealUntil.adding(milliseconds: PointsTimes.correction)
    }
}

// Points are never taken because of a revocation, a refusal, a pause or a departure: those are no
// reasons a correction can name. What was redeemed stays redeemed, and no balance falls below zero.
extension LedgerState {
    mutating func propose(
        _ proposed: CorrectionProposed, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        let account = verified.payload.account
        guard let accrual = accruals[proposed.accrual], accrual.account == account,
            let proposer = devices[verified.payload.device]?.account
        else { throw .accrualUnknown }
        guard time <= proposableUntil(accrual, proposed.direction) else {
            throw .correctionTooLate
        }
        guard proposed.points <= correctable(accrual, proposed.direction) else {
            throw .balanceTooLow
        }
        corrections[verified.id] = Correction(
            account: account, statement: proposed, proposer: proposer, at: time)
    }

    mutating func confirm(
        _ confirmed: CorrectionConfirmed, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        let correction = try openCorrection(confirmed.proposal, of: verified.payload.account)
        guard devices[verified.payload.device]?.account != correction.proposer else {
            throw .secondOfficerNeeded
        }
        guard time >= correction.appealUntil else { throw .notDue }
        guard time <= correction.confirmUntil else { throw .correctionTooLate }
        let statement = correction.statement
        guard confirmed.points == statement.points else { throw .amountNotDue }
        guard let accrual = accruals[statement.accrual],
            statement.points <= correctable(accrual, statement.direction)
        else { throw .balanceTooLow }
        switch statement.direction {
        case .take: take(statement.points, of: accrual)
        case .giveBack:
            points.move(
                statement.points, from: .correction(accrual.entry),
                to: .available(accrual.account))
            addLot(
                verified.id, of: accrual.account, statement.points,
                programme: accrual.programme, at: time)
        }
        corrections[confirmed.proposal]?.outcome = .confirmed
    }

    mutating func appeal(_ proposal: Hash, of account: AccountID, at time: Timestamp)
        throws(EntryRejection)
    {
        let correction = try openCorrection(proposal, of: account)
        guard accruals[correction.statement.accrual]?.wasAppealed == false else {
            throw .alreadyAppealed
        }
        guard time < correction.appealUntil else { throw .correctionResolved }
        accruals[correction.statement.accrual]?.wasAppealed = true
        corrections[proposal]?.outcome = .appealed
    }

    private func openCorrection(_ proposal: Hash, of account: AccountID) throws(EntryRejection)
        -> Correction
    {
        guard let correction = corrections[proposal], correction.account == account else {
            throw .correctionUnknown
        }
        guard correction.outcome == .open else { throw .correctionResolved }
        return correction
    }

    /// Until when a correction of an accrual can be proposed.
    ///
    /// What was taken late and wrongly can be given back as long after the last day it could be
    /// taken. Reads every correction: they are rare.
    private func proposableUntil(_ accrual: Accrual, _ direction: CorrectionDirection)
        -> Timestamp
    {
        var latest = accrual.at
        for correction in corrections.values
        where direction == .giveBack && correction.outcome == .confirmed
            && correction.statement.direction == .take
            && correction.statement.accrual == accrual.entry
        {
            latest = max(latest, correction.confirmUntil)
        }
        return latest.adding(milliseconds: PointsTimes.correction)
    }

    /// How much of an accrual can go that way: never what was reserved, redeemed or ran out.
    private func correctable(_ accrual: Accrual, _ direction: CorrectionDirection) -> Points {
        switch direction {
        case .giveBack: points.balance(of: .correction(accrual.entry))
        case .take where accrual.outcome == .pending: accrual.remaining
        case .take: accrual.lot.flatMap { lots[$0]?.free } ?? .zero
        }
    }

    private mutating func take(_ amount: Points, of accrual: Accrual) {
        let target = PointsAccount.correction(accrual.entry)
        if accrual.outcome == .pending {
            points.move(amount, from: .pending(accrual.account), to: target)
            accruals[accrual.entry]?.remaining = accrual.remaining - amount
            if accrual.remaining == amount { resolve(accrual, as: .corrected) }
        } else if let id = accrual.lot, let lot = lots[id] {
            points.move(amount, from: .available(accrual.account), to: target)
            lots[id]?.free = lot.free - amount
            dropIfEmpty(id, of: accrual.account)
        }
    }
}
