/// What a piece of the screen means; a theme says how that looks.
///
/// The raw value is the name in theme files. A role without a style of its own looks like its
/// parent: the name up to the last dot, and `text` for a name without one.
package enum StyleRole: String, Hashable, Sendable, CaseIterable {
    /// Plain text, and the background of everything.
    case text
    /// Text that may be overlooked: hints, units, time stamps.
    case textMuted = "text.muted"
    /// Text that must not be overlooked within running text.
    case textStrong = "text.strong"
    /// The name of the program or of a person.
    case brand
    /// A heading.
    case heading
    /// A tab or place that is not the current one.
    case tab
    /// The current tab or place.
    case tabActive = "tab.active"
    /// The item that keys act on.
    case selection
    /// The selected item of a pane that does not have the keys.
    case selectionInactive = "selection.inactive"
    /// The mark beside the selected item.
    case marker
    /// Lines and boxes.
    case border
    /// The box of the pane that has the keys.
    case borderActive = "border.active"
    /// The status line.
    case status
    /// Done, verified, accepted.
    case statusOK = "status.ok"
    /// Needs attention, or not yet in force.
    case statusWarning = "status.warning"
    /// Failed, refused, not verified.
    case statusError = "status.error"
    /// The name of a key in a help line.
    case key
    /// A key that does nothing at the moment.
    case keyDisabled = "key.disabled"
    /// An address.
    case link
    /// Text being typed.
    case input
    /// What an empty input asks for.
    case inputHint = "input.hint"
    /// Numbers of points.
    case points
    /// A point that the eye should find: a match of a search, a value in a chart.
    case accent
    /// A short label in a filled box.
    case badge
    /// The label of something done or in force.
    case badgeOK = "badge.ok"
    /// The label of something waiting.
    case badgeWarning = "badge.warning"
    /// The label of something refused or ended.
    case badgeError = "badge.error"
    /// The modules of a QR code: dark on light, whatever the theme.
    case code
    /// A dialogue that lies over a screen.
    case overlay

    /// Whether it is read: its contrast has to be that of text.
    ///
    /// Lines are looked at only.
    package var isText: Bool { self != .border }

    /// Its place in `allCases`, for tables that are looked up for every cell.
    package var number: Int { withUnsafeBytes(of: self) { Int($0[0]) } }

    /// The name in theme files, such as `status.error`.
    package var name: String { rawValue }

    /// The role this one looks like where a theme says nothing; `nil` for `text`.
    package var parent: StyleRole? {
        if self == .text { return nil }
        guard let dot = rawValue.lastIndex(of: ".") else { return .text }
        return StyleRole(rawValue: String(rawValue[..<dot])) ?? .text
    }
}
