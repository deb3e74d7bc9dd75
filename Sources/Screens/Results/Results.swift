import LedgerCore
import SyncCore
import TerminalCore

/// Results that studies returned, and what the person wishes to know of them.
///
/// What they do not wish to know is not listed: even that there is something would tell it.
enum Results {
    struct Model: Equatable {
        let results: [ResultLine]
        let offers: [ResultOffer]

        init(_ results: [ResultLine], _ offers: [ResultOffer]) {
            self.results = results.filter(\.isWished)
            self.offers = offers
        }

        var count: Int { results.count + offers.count }

        /// The project at a position of the list, below the results.
        func offer(_ focus: Int) -> ResultOffer? {
            let index = focus - results.count
            return offers.indices.contains(index) ? offers[index] : nil
        }
    }

    static func write(_ model: Model, _ say: Words, focus: Int, into page: inout Document) {
        page.heading(say(ResultText.cameBack))
        if model.results.isEmpty { page.text(say(ResultText.nothingCame), .textMuted) }
        for (index, line) in model.results.enumerated() {
            page.choice(
                index, isFocused: index == focus, [Run(say(line.title))],
                trailing: [Run(say.moment(line.at), .textMuted)],
                note: say(line.returned.result.name))
        }
        page.blank()
        page.heading(say(ResultText.wishes))
        if model.offers.isEmpty { page.text(say(ResultText.noOffers), .textMuted) }
        for (offset, offer) in model.offers.enumerated() {
            let index = model.results.count + offset
            page.choice(
                index, isFocused: index == focus, [Run(say(offer.title))],
                trailing: trailing(offer, say))
        }
        guard !model.offers.isEmpty else { return }
        page.blank()
        page.text(say(ResultText.wishExplained), .textMuted)
    }

    private static func trailing(_ offer: ResultOffer, _ say: Words) -> [Run] {
        let count =
            offer.wished.isEmpty
            ? say(ResultText.nothingWished)
            : say(ResultText.wishedOf, "\(offer.wished.count)", "\(offer.classes.count)")
        let wished = Run(count, .textMuted)
        switch offer.state {
        case nil, .proven: return [wished]
        case let state?: return [state.run(say), Run("  "), wished]
        }
    }

    /// One result, in the study's own words.
    static func write(_ result: OpenedResult, _ say: Words, into page: inout Document) {
        page.heading(say(result.line.title))
        switch result.content {
        case .notWished: return page.text(say(ResultText.staysClosed), .statusWarning)
        case .notForThisVault:
            writeHead(result.line, say, into: &page)
            page.text(say(ResultText.otherKey), .statusWarning)
        case .text(let text):
            writeHead(result.line, say, into: &page)
            for line in text.split(whereSeparator: \.isNewline) {
                page.text(SafeText(untrusted: String(line)))
            }
            page.blank()
            page.text(say(ResultText.noDiagnosis), .textMuted)
        }
    }

    private static func writeHead(_ line: ResultLine, _ say: Words, into page: inout Document) {
        page.field(say(.what), say(line.returned.result.name))
        page.field(say(.who), say(line.institution))
        page.field(say(.when), say.dateTime(line.at))
        page.field(say(.entry), "#\(line.index)")
        page.blank()
    }
}

/// What a person wishes to know of one project's results.
enum ResultWishes {
    struct Model: Equatable {
        let offer: ResultOffer
        private(set) var chosen: Set<ResultClass>

        init(_ offer: ResultOffer) {
            self.offer = offer
            chosen = Set(offer.wished)
        }

        mutating func toggle(_ focus: Int) {
            guard offer.classes.indices.contains(focus) else { return }
            let result = offer.classes[focus]
            if chosen.remove(result) == nil { chosen.insert(result) }
        }

        /// Whether something else is ticked than before.
        var isChanged: Bool { chosen != Set(offer.wished) }

        var action: Action {
            .wishResults(offer.project, offer.classes.filter(chosen.contains))
        }
    }

    static func write(_ model: Model, _ say: Words, focus: Int, into page: inout Document) {
        page.heading(say(model.offer.title))
        page.blank()
        for (index, result) in model.offer.classes.enumerated() {
            page.choice(
                index, isFocused: index == focus, isChecked: model.chosen.contains(result),
                [Run(say(result.name))])
        }
        page.blank()
        page.text(say(ResultText.wishExplained), .textMuted)
        page.text(say(ResultText.closesAgain), .textMuted)
    }
}

extension AppModel {
    /// Opens the list of results, or shows it anew where it is open.
    mutating func take(_ results: Results.Model) {
        let overlay = AccountOverlay.results(results)
        if let top = overlays.indices.last, case .account(.results) = overlays[top].content {
            overlays[top].content = .account(overlay)
        } else {
            overlays.append(Overlay(.account(overlay)))
        }
    }

    /// What Enter does in that list.
    mutating func choose(_ results: Results.Model, _ focus: Int) -> [Effect] {
        if results.results.indices.contains(focus) {
            return [load(.account(.result(results.results[focus].entry)))]
        }
        if let offer = results.offer(focus) {
            overlays.append(Overlay(.account(.wishes(ResultWishes.Model(offer)))))
        }
        return []
    }
}

extension Overlay {
    /// Whether it is the list of results: what it says of wishes is old once one was signed.
    var isResults: Bool {
        if case .account(.results) = content { true } else { false }
    }
}
