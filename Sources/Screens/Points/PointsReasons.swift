import LedgerCore
import SyncCore
import TerminalCore

/// Why points came, or did not: the rules of the ledger in words.
enum PointsReasons {
    // MARK: By project

    /// A bar for each project, the one that paid most first.
    static func write(
        _ projects: [ProjectEarnings], _ say: Words, focus: Int, into page: inout Document
    ) {
        if projects.isEmpty { page.text(say(.noPoints), .textMuted) }
        let most = projects.map(\.earned.value).max() ?? 0
        let room = max(page.width - 24, 8)
        for (index, line) in projects.enumerated() {
            let isNothing = line.earned == .zero && line.waiting == .zero
            page.choice(
                index, isFocused: index == focus, [Run(say(line.title))],
                trailing: [
                    isNothing
                        ? Run(say(.nothingEarnedYet), .textMuted)
                        : Run(say.points(line.earned), .points)
                ])
            guard !isNothing else { continue }
            let bar = bar(line.earned.value, of: most, cells: room)
            var runs = [Run("  "), Run(bar, .accent)]
            if line.waiting > .zero {
                runs.append(
                    Run(" " + say(.waitingPoints, say.number(line.waiting.value)), .textMuted))
            }
            page.drawing([runs])
        }
        page.nodes.append(
            SemanticNode(
                .chart, say(.byProjectTitle),
                value: say.list(
                    projects.map { say(.earnedIn, say($0.title), say.points($0.earned)) })))
    }

    /// A bar in eighths of a cell; what is not zero is seen.
    static func bar(_ value: Int64, of most: Int64, cells: Int) -> SafeText {
        guard most > 0, value > 0 else { return "" }
        let eighths = max(Int(value * Int64(cells) * 8 / most), 1)
        let parts: [SafeText] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return SafeText("█").repeated(eighths / 8) + parts[eighths % 8]
    }

    // MARK: Why

    static func write(
        _ reason: PointsReason, _ say: Words, focus: Int, into page: inout Document
    ) {
        page.heading(say(reason.terms.title))
        page.fields(say(.earns), say.reward(reason.terms.reward).map { Run($0) })
        page.field(say(.soFar), soFar(reason, say))
        for sentence in standing(reason, say) { page.text(sentence, .statusWarning) }
        page.blank()
        for (index, trigger) in reason.triggers.enumerated() {
            page.choice(
                index, isFocused: index == focus,
                [Run(say.shortDate(trigger.at) + "  "), Run(say(cause(trigger)))],
                trailing: [amount(trigger.payment, say)],
                note: explanation(trigger, say).reduce(SafeText.empty) { text, next in
                    text.isEmpty ? next : text + say.betweenSentences + next
                })
        }
    }

    /// What came of it, less what a correction took.
    private static func amount(_ payment: PointsTrigger.Payment?, _ say: Words) -> Run {
        guard let payment, payment.remaining > .zero else {
            return Run(say(.noPointsShort), .textMuted)
        }
        return Run(say.signed(payment.remaining), .points)
    }

    private static func cause(_ trigger: PointsTrigger) -> Phrase {
        switch trigger.reckoning.cause {
        case .contribution: .earnedBySet
        case .use: .earnedByUse
        }
    }

    private static func soFar(_ reason: PointsReason, _ say: Words) -> SafeText {
        let rule = reason.terms.reward
        guard rule.useCap > .zero else {
            return say(
                .earnedOfCap, say.points(reason.earned.total), say.points(rule.memberCap))
        }
        return say(
            .earnedOfCaps, say.points(reason.earned.total), say.points(rule.memberCap),
            say.points(reason.earned.uses), say.points(rule.useCap))
    }

    /// What keeps points from coming now.
    private static func standing(_ reason: PointsReason, _ say: Words) -> [SafeText] {
        let rule = reason.terms.reward
        guard rule.memberCap > .zero else { return [say(.projectPaysNothing)] }
        var sentences: [SafeText] = []
        if reason.unreviewed > 0 {
            sentences.append(say.count(.unreviewedCount, reason.unreviewed))
        }
        for refusal in reason.refusals { sentences.append(say(.notTaken, say(refusal.explained))) }
        if reason.reviews > 0 { sentences.append(say(.reviewCount, say.times(reason.reviews))) }
        if reason.earned.total >= rule.memberCap {
            sentences.append(say(.capReached, say.points(rule.memberCap)))
        } else if rule.useCap > .zero, reason.earned.uses >= rule.useCap {
            sentences.append(say(.useCapReached, say.points(rule.useCap)))
        }
        if reason.triggers.isEmpty, reason.unreviewed == 0, reason.refusals.isEmpty {
            sentences.append(say(.nothingEarnedBecause))
        }
        return sentences
    }

    /// Why something earned as much as it did, or nothing: up to three sentences.
    static func explanation(_ trigger: PointsTrigger, _ say: Words) -> [SafeText] {
        let reckoning = trigger.reckoning
        guard let payment = trigger.payment else { return [unpaid(reckoning, say)] }
        var sentences = [amount(payment, reckoning, say)]
        guard payment.remaining > .zero else { return sentences + [say(.wasCorrected)] }
        if payment.taken > .zero {
            sentences.append(
                say(.wasPartlyCorrected, say.points(payment.taken), say.points(payment.remaining)))
        }
        switch payment.outcome {
        case .pending: sentences.append(say(.vestsOn, say.dateTime(payment.vestsAt)))
        // What a correction gives back needs not wait again.
        case .vested, .corrected: sentences.append(say(.hasVested))
        case .voided: sentences.append(say(.wasVoided))
        }
        return sentences
    }

    private static func amount(
        _ payment: PointsTrigger.Payment, _ reckoning: PointsReckoning, _ say: Words
    ) -> SafeText {
        let paid = say.points(payment.points)
        if payment.isLimited { return say(.budgetLimited, paid, say.points(reckoning.due)) }
        switch reckoning.limit {
        case .useCap?:
            return say(
                .useCapLimited, paid, say.points(reckoning.full),
                say.points(reckoning.rule.useCap))
        case .programmeCap?:
            return say(.programmeLimited, paid, say.points(reckoning.full))
        case .memberCap?, .kindPaid?:
            return say(
                .capLimited, paid, say.points(reckoning.full),
                say.points(reckoning.rule.memberCap))
        case nil: break
        }
        switch reckoning.cause {
        case .contribution(let kind, _): return say(.paidForKind, paid, say(kind.name))
        case .use:
            return say(
                .paidForUse, paid, say.points(reckoning.before.uses + payment.points),
                say.points(reckoning.rule.useCap))
        }
    }

    private static func unpaid(_ reckoning: PointsReckoning, _ say: Words) -> SafeText {
        switch (reckoning.limit, reckoning.cause) {
        case (.kindPaid?, .contribution(let kind, _)): return say(.kindPaidOnce, say(kind.name))
        case (.useCap?, _) where reckoning.due == .zero:
            return say(.useCapReached, say.points(reckoning.rule.useCap))
        case (.memberCap?, _) where reckoning.due == .zero:
            return say(.capReached, say.points(reckoning.rule.memberCap))
        case (.programmeCap?, _) where reckoning.due == .zero: return say(.programmeCapReached)
        case (_, .use) where reckoning.full == .zero: return say(.usesPayNothing)
        case (_, .contribution) where reckoning.full == .zero: return say(.kindsPayNothing)
        default: return say(.budgetEmpty, say.points(reckoning.due))
        }
    }
}
