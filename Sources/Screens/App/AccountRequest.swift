package import LedgerCore
package import SyncCore

/// What a screen wants to read about the person's own account.
package enum AccountRequest: Equatable, Sendable {
    /// Every version of a project that was agreed to.
    case agreements(ProjectID)
    case pointsByProject
    /// Why a project paid what it paid.
    case pointsReason(ProjectID)
    /// How often data was used on the days of a span.
    case useDays(Range<Timestamp>, utcOffsetMinutes: Int)
    case useSummaries(UseScope)
    case notices(offset: Int, limit: Int)
    /// What points can be had for, and what was asked for.
    case rewards
    /// The results that came back, and the projects that return some.
    case results
    /// One result, opened: the store alone cannot.
    case result(Hash)

    /// A part of the screen that one request fills.
    enum Slot: Hashable {
        case agreements, pointsByProject, pointsReason, useDays, useSummaries, notices, rewards
        case results, result
    }

    var slot: Slot {
        switch self {
        case .agreements: .agreements
        case .pointsByProject: .pointsByProject
        case .pointsReason: .pointsReason
        case .useDays: .useDays
        case .useSummaries: .useSummaries
        case .notices: .notices
        case .rewards: .rewards
        case .results: .results
        case .result: .result
        }
    }
}

/// The answer to such a request, case by case.
package enum AccountAnswer: Equatable, Sendable {
    case agreements([Agreement])
    case pointsByProject([ProjectEarnings])
    case pointsReason(PointsReason?)
    case useDays([UseDay])
    case useSummaries([UseSummary])
    case notices(Page<NoticeLine>)
    case rewards([RewardLine], [RedemptionLine])
    case results([ResultLine], [ResultOffer])
    case result(OpenedResult?)

    var slot: AccountRequest.Slot {
        switch self {
        case .agreements: .agreements
        case .pointsByProject: .pointsByProject
        case .pointsReason: .pointsReason
        case .useDays: .useDays
        case .useSummaries: .useSummaries
        case .notices: .notices
        case .rewards: .rewards
        case .results: .results
        case .result: .result
        }
    }
}

extension MemberReading {
    /// Answers a request about the account from the local store.
    func answer(_ request: AccountRequest) throws -> AccountAnswer? {
        switch request {
        case .agreements(let project): .agreements(try agreements(on: project))
        case .pointsByProject: .pointsByProject(try pointsByProject())
        case .pointsReason(let project): .pointsReason(try pointsReason(of: project))
        case .useDays(let span, let offset):
            .useDays(try useDays(span, utcOffsetMinutes: offset))
        case .useSummaries(let scope): .useSummaries(try useSummaries(scope))
        case .notices(let offset, let limit):
            .notices(try notices(offset: offset, limit: limit))
        case .rewards: .rewards(try rewards(), try redemptions())
        case .results: .results(try results(), try resultOffers())
        case .result: nil
        }
    }
}

/// What a key of Authorizations, Points or Activity asks for.
package enum AccountMessage: Equatable, Sendable {
    case extensionRequested
    case narrowingRequested
    case agreementsRequested
    /// Why the project that keys act on paid what it paid.
    case reasonRequested
    case projectPointsRequested
    /// The entry a movement of points comes from.
    case sourceRequested
    case shelfStepped(Int)
    /// Only entries of the selected line's project, or all again.
    case projectFilterToggled
    case calendarRequested
    /// The calendar moves by so many months; 0 goes to the present one.
    case monthStepped(Int)
    case usesRequested
    case rewardsRequested
    case resultsRequested
    /// The person wants to appeal against a proposal to take points back.
    case appealRequested
    /// The keys of this machine and the keyring of the login.
    case keyringRequested
    /// Everything is to be written into a folder.
    case homeRequested
    case proofIDsToggled
    /// The QR code of the proof that is shown.
    case codeRequested
}
