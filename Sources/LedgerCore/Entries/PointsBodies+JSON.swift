extension ProgrammeRuled {
    var json: JSONValue {
        .sorted([
            .init("day_cap", .points(dayCap)),
            .init("lifetime", .integer(lifetimeMilliseconds)),
            .init("lifetime_cap", .points(lifetimeCap)),
            .init("month_cap", .points(monthCap)),
            .init("programme", .string(programme.rawValue)),
            .init("version", .integer(version)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        dayCap = try fields.points("day_cap")
        let days = ProgrammeRuled.lifetimeDays
        lifetimeMilliseconds = try fields.integer(
            "lifetime", in: days.lowerBound * 86_400_000...days.upperBound * 86_400_000)
        lifetimeCap = try fields.points("lifetime_cap")
        monthCap = try fields.points("month_cap")
        programme = try fields.parsed("programme", Programme.init(rawValue:))
        version = try fields.integer("version", in: ProgrammeRuled.versions)
    }
}

extension RewardOffered {
    var json: JSONValue {
        .sorted([
            .init("instant", .bool(isInstant)), .init("price", .points(price)),
            .init("reward", .string(reward.text)), .init("title", title.json),
            .init("units", .integer(units)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        isInstant = try fields.bool("instant")
        price = try fields.points("price", minimum: 1)
        reward = try fields.parsed("reward") { RewardID($0) }
        guard let title = LocalizedText(json: try fields.value("title")) else {
            throw .field("body.title")
        }
        self.title = title
        units = try fields.integer("units", in: 0...1_000_000_000)
    }
}

extension SplitRuled {
    var json: JSONValue {
        .sorted([
            .init("project", .string(project.text)),
            .init(
                "shares",
                .array(shares.map { .array([.string($0.account.text), .integer($0.weight)]) })),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        project = try fields.parsed("project") { ProjectID($0) }
        shares = try fields.list("shares") { json in
            guard case .array(let pair) = json, pair.count == 2,
                let account = pair[0].string.flatMap({ AccountID($0) }),
                let weight = pair[1].integer, Share.weights.contains(weight)
            else { return nil }
            return Share(account, weight: weight)
        }
        let isAscending = zip(shares, shares.dropFirst()).allSatisfy { $0.account < $1.account }
        guard !shares.isEmpty, isAscending else { throw .field("body.shares") }
    }
}

extension ProjectPoints {
    var json: JSONValue {
        .sorted([.init("points", .points(points)), .init("project", .string(project.text))])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        points = try fields.points("points", minimum: 1)
        project = try fields.parsed("project") { ProjectID($0) }
    }
}

extension PointsReserved {
    var json: JSONValue {
        .sorted([.init("points", .points(points)), .init("reward", .string(reward.text))])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        points = try fields.points("points", minimum: 1)
        reward = try fields.parsed("reward") { RewardID($0) }
    }
}

extension PointsRedeemed {
    var json: JSONValue {
        .sorted([
            .init("points", .points(points)), .init("reservation", .hash(reservation)),
            .init("reward", .string(reward.text)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        points = try fields.points("points", minimum: 1)
        reservation = try fields.hash("reservation")
        reward = try fields.parsed("reward") { RewardID($0) }
    }
}

extension PointsReleased {
    var json: JSONValue {
        .sorted([
            .init("points", .points(points)), .init("reason", .string(reason.rawValue)),
            .init("reservation", .hash(reservation)), .init("reward", .string(reward.text)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        points = try fields.points("points", minimum: 1)
        reason = try fields.parsed("reason", ReleaseReason.init(rawValue:))
        reservation = try fields.hash("reservation")
        reward = try fields.parsed("reward") { RewardID($0) }
    }
}

extension PointsExpiring {
    var json: JSONValue {
        .sorted([
            .init("at", .time(at)), .init("lot", .hash(lot)), .init("points", .points(points)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        at = try fields.time("at")
        lot = try fields.hash("lot")
        points = try fields.points("points", minimum: 1)
    }
}

extension PointsExpired {
    var json: JSONValue {
        .sorted([.init("lot", .hash(lot)), .init("points", .points(points))])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        lot = try fields.hash("lot")
        points = try fields.points("points", minimum: 1)
    }
}

extension CorrectionProposed {
    var json: JSONValue {
        .sorted([
            .init("accrual", .hash(accrual)),
            .init("direction", .string(direction.rawValue)),
            .init("points", .points(points)), .init("reason", .string(reason.rawValue)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        accrual = try fields.hash("accrual")
        direction = try fields.parsed("direction", CorrectionDirection.init(rawValue:))
        points = try fields.points("points", minimum: 1)
        reason = try fields.parsed("reason", CorrectionReason.init(rawValue:))
    }
}

extension CorrectionConfirmed {
    var json: JSONValue {
        .sorted([.init("points", .points(points)), .init("proposal", .hash(proposal))])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        points = try fields.points("points", minimum: 1)
        proposal = try fields.hash("proposal")
    }
}
