import LedgerCore
import SyncCore
import TerminalCore

/// What the keys of Authorizations, Points and Activity do, and what their answers open.
extension AppModel {
    mutating func updateAccount(_ message: AccountMessage) -> [Effect] {
        switch message {
        case .extensionRequested: return askProject(.extend)
        case .narrowingRequested: return askProject(.narrow)
        case .agreementsRequested:
            return focusedProject.map { [load(.account(.agreements($0)))] } ?? []
        case .reasonRequested:
            return focusedProject.map { [load(.account(.pointsReason($0)), then: .why)] } ?? []
        case .projectPointsRequested:
            overlays.append(Overlay(.account(.pointsByProject(points.projects))))
            return []
        case .sourceRequested:
            return pointsSource.map { [load(.entry($0), then: .entry)] } ?? []
        case .shelfStepped(let step): return ActivityPlace.step(&self, step)
        case .projectFilterToggled: return ActivityPlace.toggleProject(&self)
        case .calendarRequested:
            let calendar = UseCalendar.Model(now: settings.now, settings.utcOffsetMinutes)
            overlays.append(Overlay(.account(.calendar(calendar))))
            return [load(calendar.request)]
        case .monthStepped(let step): return stepMonth(step)
        case .usesRequested:
            return [load(.account(.useSummaries(useScope)))]
        case .rewardsRequested: return [load(.account(.rewards))]
        case .resultsRequested: return [load(.account(.results))]
        case .appealRequested:
            if let appealable { overlays.append(Overlay(.account(.appeal(appealable)))) }
            return []
        case .keyringRequested:
            overlays.append(Overlay(.account(.keyring)))
            return [load(.machine)]
        case .codeRequested:
            guard case .proof(let model)? = overlays.last?.content else { return [] }
            overlays.append(Overlay(.account(.code(model.proof))))
            return []
        case .homeRequested:
            guard !running.values.contains(where: \.isExport) else {
                hint(say(ExportText.runsAlready), .warning)
                return []
            }
            overlays.append(Overlay(.account(.takeHome(TakeHome.Model()))))
            return []
        case .proofIDsToggled:
            guard let top = overlays.indices.last,
                case .proof(var model) = overlays[top].content
            else { return [] }
            model.showsIDs.toggle()
            overlays[top].content = .proof(model)
            return []
        }
    }

    /// What "who used my data" is about here.
    private var useScope: UseScope {
        if place == .records, let record = records.selected { return .record(record.id) }
        if place == .authorizations, let project = focusedProject { return .project(project) }
        return .everything
    }

    /// The entry the selected movement of points comes from; the movement's own where it is not
    /// known.
    private var pointsSource: Hash? {
        guard let line = points.selected else { return nil }
        return points.reason?.trigger(of: line.entry)?.entry ?? line.entry
    }

    private mutating func stepMonth(_ step: Int) -> [Effect] {
        guard let top = overlays.indices.last,
            case .account(.calendar(var calendar)) = overlays[top].content
        else { return [] }
        if step == 0 {
            calendar = UseCalendar.Model(now: settings.now, settings.utcOffsetMinutes)
        } else {
            calendar.step(step)
        }
        overlays[top].content = .account(.calendar(calendar))
        overlays[top].scroll = 0
        return [load(calendar.request)]
    }

    /// Reads why the selected movement's project paid.
    mutating func loadReason() -> [Effect] {
        let project = points.selected?.project
        points.reasonFor = project
        guard place == .points, let project else { return [] }
        return [load(.account(.pointsReason(project)))]
    }

    // MARK: Answers

    mutating func take(_ answer: AccountAnswer, _ awaited: Awaited?) -> [Effect] {
        switch answer {
        case .agreements(let agreements):
            guard let line = focusedAuthorization else { return [] }
            let model = Agreements.Model(title: line.title, agreements: agreements)
            overlays.append(Overlay(.account(.agreements(model))))
        case .pointsByProject(let projects): points.projects = projects
        case .pointsReason(let reason):
            if awaited == .why {
                if let reason { overlays.append(Overlay(.account(.reason(reason)))) }
            } else {
                points.reason = reason
            }
        case .useDays(let days):
            guard let top = overlays.indices.last,
                case .account(.calendar(var calendar)) = overlays[top].content
            else { return [] }
            calendar.days = days
            overlays[top].content = .account(.calendar(calendar))
        case .useSummaries(let summaries):
            let report = UseReport.Model(scope: useScope, summaries: summaries)
            overlays.append(Overlay(.account(.uses(report))))
        case .notices(let page): activity.notices = page
        case .rewards(let rewards, let redemptions):
            let model = Rewards.Model(rewards: rewards, redemptions: redemptions)
            overlays.append(Overlay(.account(.rewards(model))))
        case .results(let results, let offers): take(Results.Model(results, offers))
        case .result(let result):
            if let result { overlays.append(Overlay(.account(.result(result)))) }
        }
        return fit()
    }

    // MARK: Sheets

    mutating func openExtension(_ detail: ProjectDetail) {
        guard let line = focusedAuthorization else { return }
        let model = Extend.Model(line, detail, now: settings.now)
        overlays.append(Overlay(.account(.extend(model))))
    }

    mutating func openNarrowing(_ detail: ProjectDetail) {
        guard let line = focusedAuthorization else { return }
        let model = Narrow.Model(line, detail)
        guard model.canNarrow else { return hint(say(.allRequired), .warning) }
        overlays.append(Overlay(.account(.narrow(model))))
    }

    /// What Enter does in a sheet or overlay about the account.
    mutating func confirm(_ overlay: AccountOverlay, _ focus: Int) -> [Effect] {
        switch overlay {
        case .extend(let model):
            guard let draft = model.draft(focus, settings.language) else { return [] }
            return sign(draft, model.detail.terms)
        case .narrow(let model):
            guard model.isNarrower else {
                hint(say(.nothingNarrowed), .warning)
                return []
            }
            return sign(model.draft(settings.language), model.detail.terms)
        case .agreements(let model):
            guard model.agreements.indices.contains(focus) else { return [] }
            overlays.append(Overlay(.account(.agreement(model, focus))))
            return []
        case .pointsByProject(let projects):
            guard projects.indices.contains(focus) else { return [] }
            return [load(.account(.pointsReason(projects[focus].project)), then: .why)]
        case .reason(let reason):
            guard reason.triggers.indices.contains(focus) else {
                overlays.removeLast()
                return []
            }
            return [load(.entry(reason.triggers[focus].entry), then: .entry)]
        case .rewards(let model):
            if let reward = model.reward(focus) {
                guard reward.isAffordable else {
                    hint(say(.rewardTooDear), .warning)
                    return []
                }
                overlays.append(Overlay(.account(.redeem(reward))))
            } else if let line = model.open(focus) {
                overlays.append(Overlay(.account(.giveUp(line))))
            } else {
                hint(say(.nothingToGiveUp), .warning)
            }
            return []
        case .redeem(let reward): return start(.redeem(reward.id, price: reward.price))
        case .giveUp(let line): return start(.cancelRedemption(line.entry))
        case .appeal(let model): return start(.appealCorrection(model.line.entry))
        case .saveReceipt(let model): return model.action.map { start($0) } ?? []
        case .keyring: return confirmKeyring()
        case .takeHome(let model): return model.action.map { start($0) } ?? []
        case .results(let model): return choose(model, focus)
        case .wishes(let model):
            guard model.isChanged else {
                overlays.removeLast()
                return []
            }
            return start(model.action)
        case .agreement, .calendar, .uses, .overdue, .code, .result:
            overlays.removeLast()
            return []
        }
    }
}
