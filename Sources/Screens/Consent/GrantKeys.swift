import TerminalCore

/// The keys of an authorization: yes, no and back on every screen, with the same weight.
extension Grant {
    static func keys(_ grant: Model, isNarrow: Bool) -> [KeyBinding] {
        let no = KeyBinding([.escape], .dialog(.closed), isNarrow ? .notNow : .notNowPrivate)
        switch grant.opening {
        case .resuming: return [Overlay.confirm(.goOn), no, discard(.bar)]
        case .outdated: return [Overlay.confirm(.readTerms), no]
        case nil: break
        }
        let back = KeyBinding(
            [.left, .character("h"), .backspace], .dialog(.steppedBack), .back,
            shown: grant.position == 0 ? .helpOnly : .bar)
        let last = [back] + (grant.hasBegun ? [discard(.helpOnly)] : [])
        let go = Overlay.confirm(.next)
        switch grant.step {
        case .reasons, .recipients, .earnings, .revoking:
            return [go, no] + last + Overlay.scrolling
        case .purposes, .kinds, .links:
            return Overlay.choosing + [
                go, no,
                KeyBinding([.character(" "), .character("x")], .dialog(.toggled), .tick),
            ] + last
        case .until: return Overlay.choosing + [go, no] + last
        case .question:
            let answers = answerKeys.prefix(grant.choiceCount)
            return Overlay.choosing + [Overlay.confirm(.answer), no] + last + answers
        case .summary: return [Overlay.confirm(.confirmGrant), no] + last + Overlay.scrolling
        }
    }

    private static func discard(_ shown: KeyBinding.Shown) -> KeyBinding {
        KeyBinding(
            [.character("d")], .consent(.draftDiscarded), .discardDraft, shown: shown)
    }

    /// A digit gives the answer it stands before.
    private static let answerKeys: [KeyBinding] = zip(
        [Phrase.answerOne, .answerTwo, .answerThree, .answerFour], 0...
    ).map { phrase, index in
        KeyBinding(
            [.character(Character("\(index + 1)"))], .dialog(.taken(index)), phrase,
            shown: .helpOnly)
    }

    /// Every key that these screens can have, for `keys.toml`.
    static var allKeys: [KeyBinding] {
        [Overlay.confirm(.goOn), Overlay.confirm(.readTerms), Overlay.confirm(.answer)]
            + [discard(.bar)] + answerKeys
    }
}
