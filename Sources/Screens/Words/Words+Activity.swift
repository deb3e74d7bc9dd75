package import LedgerCore
package import SyncCore
package import TerminalCore

extension Words {
    /// What a DUO term means, with its shorthand: `health and medical research (HMB)`.
    package func meaning(_ use: DataUse) -> SafeText {
        language == .english
            ? "\(self(use.meaning)) (\(use.rawValue))" : "\(self(use.meaning))（\(use.rawValue)）"
    }

    /// What each permission allows, with shorthands; disease-specific research says for which.
    package func meanings(_ uses: [DataUse], of diseases: [DiseaseTerm]) -> [SafeText] {
        uses.map { full($0, meaning($0), diseases) }
    }

    /// The same without shorthands.
    func plainMeanings(_ uses: [DataUse], of diseases: [DiseaseTerm]) -> [SafeText] {
        uses.map { full($0, self($0.meaning), diseases) }
    }

    private func full(
        _ use: DataUse, _ meaning: SafeText, _ diseases: [DiseaseTerm]
    ) -> SafeText {
        note(use, of: diseases).map { meaning + comma + $0 } ?? meaning
    }

    /// For which diseases disease-specific research is; `nil` for anything else.
    func note(_ use: DataUse, of diseases: [DiseaseTerm]) -> SafeText? {
        guard use == .diseaseSpecific else { return nil }
        guard !diseases.isEmpty else { return self(ConsentText.anyDisease) }
        let names = commas(diseases.map { SafeText(untrusted: $0.text) })
        return self(ConsentText.onlyDiseases, names)
    }

    /// A project that may be linked: the name that is signed, and what it is called now.
    ///
    /// The name comes first: titles have any length, and any words.
    package func linked(_ link: LinkedProject) -> SafeText {
        let name = SafeText(untrusted: link.project.text)
        let title = self(link.title)
        return title == name ? name : name + " · " + title
    }

    /// What a project pays, and no more than what: a line for each rule.
    package func reward(_ reward: RewardRule) -> [SafeText] {
        guard reward.memberCap > .zero else { return [self(.noReward)] }
        var parts: [SafeText] = []
        if reward.perContribution > .zero {
            parts.append(self(.rewardPerSet, points(reward.perContribution)))
        }
        if reward.perUse > .zero {
            parts.append(self(.rewardPerUse, points(reward.perUse), points(reward.useCap)))
        }
        return parts + [self(.rewardCap, points(reward.memberCap))]
    }

    /// That less is set aside than everybody who can take part may earn; `nil` where it is enough.
    ///
    /// What was paid to others is not known here, so nothing is enough where anybody can take part.
    package func limit(of detail: ProjectDetail) -> SafeText? {
        let isEnough = detail.terms.promised.map { detail.escrow >= $0 } ?? false
        guard !isEnough, !detail.isClosed else { return nil }
        return detail.escrow > .zero
            ? self(.earnsLimited, points(detail.escrow)) : self(.earnsNothingYet)
    }

    /// What a programme's caps let the member earn still; `nil` where it has none.
    package func limit(of programme: Programme, _ caps: [ProgrammeCap]) -> SafeText? {
        guard !caps.isEmpty else { return nil }
        let parts = caps.map { cap in
            let text: ProjectText =
                switch cap.span {
                case .day: .capDay
                case .month: .capMonth
                case .lifetime: .capLifetime
                }
            return self(text, points(cap.limit), points(cap.left))
        }
        return self(ProjectText.capped, self(programme.name), clauses(parts))
    }

    /// What a project pays, and whether that is limited by what is set aside.
    func earns(_ detail: ProjectDetail, _ role: StyleRole = .text) -> [Run] {
        reward(detail.terms.reward).map { Run($0, role) }
            + [limit(of: detail)].compactMap { $0.map { Run($0, .statusWarning) } }
    }

    /// What an entry says, in a few words.
    package func headline(_ line: ActivityLine) -> SafeText {
        // What was refused has not happened.
        if line.state == .rejected, let attempt = line.body.kind.attempt { return self(attempt) }
        let actor = line.actor.map { self($0) } ?? self(.studyTeam)
        switch line.body {
        case .institutionAdmitted(let admitted):
            return self(.didInstitution, self(admitted.name))
        case .memberEnrolled: return self(.didEnrol)
        case .deviceAdded: return self(.didAddDevice)
        case .deviceRevoked: return self(.didRemoveDevice)
        case .wardDeclared: return self(.didDeclareWard)
        case .wardEnrolled: return self(.didEnrolWard)
        case .wardHandedOver: return self(.didHandOver)
        case .authorizationOutgrown: return self(.didOutgrow)
        case .projectPublished: return self(.didPublish)
        case .projectAmended: return self(.didAmend)
        case .projectClosed: return self(.didClose)
        case .budgetFunded(let points): return self(.didFund, self.points(points))
        case .escrowPlaced(let placed): return self(.didEscrow, points(placed.points))
        case .signupJoined: return self(.didSignUp)
        case .signupLeft: return self(.didLeave)
        case .authorizationGranted(let grant):
            return self(.didGrant, list(grant.kinds.map { self($0.name) }))
        case .authorizationPaused: return self(.didPause)
        case .authorizationResumed: return self(.didResume)
        case .authorizationRevoked: return self(.didRevoke)
        case .authorizationExpired: return self(.didExpire)
        case .recordContributed(let record):
            return self(.didContribute, count(.rowCount, Int(record.rows)), self(record.kind.name))
        case .contributionAccepted: return self(.didAccept, actor)
        case .contributionRejected: return self(.didReject, actor)
        case .useAllowed(let use):
            return use.purpose == .review
                ? self(.didReview, actor)
                : self(.didUse, actor, count(.recordCount, use.contributions.count))
        case .useDenied(let use): return self(.didDeny, actor, self(use.reason.explained))
        case .dataDerived(let derived):
            return self(.didDerive, actor, count(.recordCount, derived.inputs.count))
        case .authorizationLapsed(let lapsed):
            return self(.didLapse, self(lapsed.cause.explained))
        case .lapseProposed(let proposed):
            return self(.didReportLapse, self(proposed.cause.explained))
        case .lapseConfirmed(let confirmed):
            return self(.didConfirmLapse, self(confirmed.cause.explained))
        case .resultsWished: return self(.didWishResults)
        case .resultReturned: return self(.didReturnResult, actor)
        case .pointsAccrued(let accrued): return self(.didAccrue, signed(accrued.points))
        case .pointsVested(let resolved): return self(.didVest, points(resolved.points))
        case .pointsVoided(let resolved): return self(.didVoid, points(resolved.points))
        case .splitRuled: return self(.didRuleSplit)
        case .splitPaid(let paid): return self(.didPaySplit, points(paid.points))
        case .escrowReleased(let released): return self(.didReturnEscrow, points(released.points))
        case .approvalFiled: return self(.didFileApproval)
        case .amendmentEndorsed: return self(.didEndorse)
        case .projectTerminated(let terminated):
            return self(.didTerminate, self(terminated.reason.explained))
        case .authorizationInvalidated(let invalidated):
            return self(.didInvalidate, self(invalidated.reason.explained))
        case .contributionAppealed: return self(.didAppealReview)
        case .recordsErased(let erased):
            return self(.didErase, count(.recordCount, erased.contributions.count))
        case .erasureAttested: return self(.didAttest, actor)
        case .programmeRuled, .rewardOffered, .rewardWithdrawn, .pointsReserved, .pointsRedeemed,
            .pointsReleased, .pointsExpiring, .pointsExpired, .correctionProposed,
            .correctionConfirmed, .correctionAppealed:
            return pointsHeadline(line.body)
        }
    }

    /// What an entry about rewards, expiry and corrections says.
    private func pointsHeadline(_ body: EntryBody) -> SafeText {
        switch body {
        case .programmeRuled(let ruled): self(.didRuleProgramme, self(ruled.programme.name))
        case .rewardOffered(let offered): self(.didOfferReward, self(offered.title))
        case .rewardWithdrawn(let reward):
            self(.didWithdrawReward, SafeText(untrusted: reward.text))
        case .pointsReserved(let reserved): self(.didReserve, points(reserved.points))
        case .pointsRedeemed(let redeemed): self(.didRedeem, points(redeemed.points))
        case .pointsReleased(let released):
            self(released.reason.headline, points(released.points))
        case .pointsExpiring(let expiring):
            self(.didNoticeExpiry, points(expiring.points), date(expiring.at))
        case .pointsExpired(let expired): self(.didExpirePoints, points(expired.points))
        case .correctionProposed(let proposed):
            self(
                proposed.direction == .take ? .didProposeTaking : .didProposeGivingBack,
                points(proposed.points), self(proposed.reason.explained))
        case .correctionConfirmed(let confirmed): self(.didCorrect, points(confirmed.points))
        case .correctionAppealed: self(.didAppeal)
        default: .empty
        }
    }
}

extension ReleaseReason {
    /// What an entry says that ends a reservation for this reason.
    fileprivate var headline: Phrase {
        switch self {
        case .cancelled: .didCancelReservation
        case .unavailable: .didMissReward
        case .timedOut: .didTimeOutReservation
        }
    }
}

extension EntryKind {
    /// What a member tried with an entry of this kind; `nil` where it is not a member's to sign.
    fileprivate var attempt: Bilingual? {
        switch self {
        case .memberEnrolled: Bilingual("Joining", "加入")
        case .deviceAdded: Bilingual("Adding a device", "添加设备")
        case .deviceRevoked: Bilingual("Removing a device", "移除设备")
        case .wardDeclared: Bilingual("Declaring a child in your care", "登记监护的孩子")
        case .signupJoined: Bilingual("Your sign-up", "您的报名")
        case .signupLeft: Bilingual("Leaving the project", "退出项目")
        case .authorizationGranted: Bilingual("Your authorization", "您的授权")
        case .authorizationPaused: Bilingual("Pausing the authorization", "暂停授权")
        case .authorizationResumed: Bilingual("Resuming the authorization", "恢复授权")
        case .authorizationRevoked: Bilingual("Revoking the authorization", "撤销授权")
        case .recordContributed: Bilingual("Handing over your data", "提交数据")
        case .contributionAppealed: Bilingual("Asking for another look", "请求重新审核")
        case .resultsWished: Bilingual("Your choice of results", "希望知道的结果")
        case .pointsReserved: Bilingual("Asking for a reward", "兑换奖励")
        case .pointsReleased: Bilingual("Giving a reward up", "取消兑换")
        case .correctionAppealed: Bilingual("Your appeal", "您的申诉")
        default: nil
        }
    }
}
