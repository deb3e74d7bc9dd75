extension LedgerState: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(
            operatorAccount, institutions, devices, members, wards, projects, hasEthicsBoard,
            endorsements, approvals, genomePeople)
        writer.add(
            seats, authorizations, bareDecisions, grantIndex, contributions, histories, wishes,
            erasures, lapseReports, lapses)
        writer.add(
            points, accruals, triggers, programmeRules, programmeEarned, splits, rewards,
            reservations, corrections, lots, lotsByAccount, closing)
        writer.add(
            vestingQueue, expiryQueue, outgrowthQueue, erasureQueue, noticeQueue, lotQueue,
            reservationQueue)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init()
        operatorAccount = try reader.next()
        institutions = try reader.next()
        devices = try reader.next()
        members = try reader.next()
        wards = try reader.next()
        projects = try reader.next()
        hasEthicsBoard = try reader.next()
        endorsements = try reader.next()
        approvals = try reader.next()
        genomePeople = try reader.next()
        seats = try reader.next()
        authorizations = try reader.next()
        bareDecisions = try reader.next()
        grantIndex = try reader.next()
        contributions = try reader.next()
        histories = try reader.next()
        wishes = try reader.next()
        erasures = try reader.next()
        lapseReports = try reader.next()
        lapses = try reader.next()
        points = try reader.next()
        accruals = try reader.next()
        triggers = try reader.next()
        programmeRules = try reader.next()
        programmeEarned = try reader.next()
        splits = try reader.next()
        rewards = try reader.next()
        reservations = try reader.next()
        corrections = try reader.next()
        lots = try reader.next()
        lotsByAccount = try reader.next()
        closing = try reader.next()
        vestingQueue = try reader.next()
        expiryQueue = try reader.next()
        outgrowthQueue = try reader.next()
        erasureQueue = try reader.next()
        noticeQueue = try reader.next()
        lotQueue = try reader.next()
        reservationQueue = try reader.next()
    }
}
