import TerminalCore

/// Six hints for somebody new: one line each, beside what they do, shown once.
struct Tour: Equatable {
    /// The hint shown, from 0.
    private(set) var position = 0

    /// The hint, with its place among all.
    func text(_ say: Words) -> SafeText {
        let hints = TourText.hints
        return say(TourText.frame, "\(position + 1)", "\(hints.count)", say(hints[position]))
    }

    /// The tour at its next hint; `nil` after the last.
    var next: Tour? {
        guard position + 1 < TourText.hints.count else { return nil }
        var next = self
        next.position += 1
        return next
    }
}

extension AppModel {
    /// The hint that is shown now; none on a shared machine, over a sheet, or under a notice.
    var hintShown: SafeText? {
        guard settings.mode == .personal, settings.stage == .open, overlays.isEmpty else {
            return nil
        }
        return tour?.text(say)
    }

    /// Shows the hints to somebody who has just joined, and never again by itself.
    mutating func startTour() -> [Effect] {
        guard settings.mode == .personal, !settings.preferences.hasSeenTour else { return [] }
        tour = Tour()
        settings.preferences.hasSeenTour = true
        return [perform(.keepPreferences(settings.preferences))]
    }

    /// For the palette: it has no key.
    var tourStartKey: KeyBinding {
        KeyBinding(
            [], .consent(.tourStarted), .startTour,
            disabled: settings.mode == .personal ? nil : .notInKiosk, shown: .helpOnly)
    }

    /// The keys of the hints, while they are shown.
    var tourKeys: [KeyBinding] {
        guard tour != nil, settings.mode == .personal else { return [] }
        return [
            KeyBinding([.character("t")], .consent(.tourStepped), .nextHint, shown: .helpOnly),
            KeyBinding([.control("t")], .consent(.tourEnded), .noMoreHints, shown: .helpOnly),
        ]
    }
}
