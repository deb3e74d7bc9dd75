/// A colour as a theme names it.
package enum Colour: Hashable, Sendable {
    /// The terminal's own foreground or background.
    case terminal
    /// One of the 16 colours every terminal lets a person choose.
    case named(NamedColour)
    /// Red, green and blue, sRGB.
    case rgb(UInt8, UInt8, UInt8)
    /// An entry of the 256-colour table, as `ColourDepth` makes them.
    case indexed(UInt8)

    /// Reads `#RRGGBB`, `#RGB`, `default` or one of the 16 names; `nil` for anything else.
    package init?(_ text: String) {
        if text == "default" {
            self = .terminal
        } else if let named = NamedColour(name: text) {
            self = .named(named)
        } else if text.hasPrefix("#"), text.utf8.count == 4 || text.utf8.count == 7,
            text.utf8.dropFirst().allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let number = UInt32(text.dropFirst(), radix: 16)
        {
            self = Self.colour(number, isShort: text.utf8.count == 4)
        } else {
            return nil
        }
    }

    private static func colour(_ number: UInt32, isShort: Bool) -> Colour {
        func byte(_ shift: UInt32) -> UInt8 {
            isShort
                ? UInt8((number >> (shift / 2)) & 0xF) * 17 : UInt8((number >> shift) & 0xFF)
        }
        return .rgb(byte(16), byte(8), byte(0))
    }

    /// Red, green and blue; for a named colour xterm's, for the terminal's own `nil`.
    package var components: (red: UInt8, green: UInt8, blue: UInt8)? {
        switch self {
        case .terminal: nil
        case .named(let named): named.components
        case .rgb(let red, let green, let blue): (red, green, blue)
        case .indexed(let index): Self.tableComponents(index)
        }
    }

    /// Returns the contrast ratio, 1...21, of two colours; `nil` where one is the terminal's own.
    ///
    /// Source: WCAG 2.2, "contrast ratio" and "relative luminance".
    package static func contrast(_ first: Colour, _ second: Colour) -> Double? {
        guard let first = first.luminance, let second = second.luminance else { return nil }
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    private var luminance: Double? {
        components.map {
            0.2126 * Self.linear($0.red) + 0.7152 * Self.linear($0.green)
                + 0.0722 * Self.linear($0.blue)
        }
    }

    private static func linear(_ component: UInt8) -> Double {
        let value = Double(component) / 255
        if value <= 0.04045 { return value / 12.92 }
        let base = (value + 0.055) / 1.055
        var root = 1.0
        for _ in 0..<12 {
            root -= (root * root * root * root * root - base) / (5 * root * root * root * root)
        }
        return base * base * root * root
    }
}

/// The 16 colours of the ANSI palette, with helix' names.
package enum NamedColour: UInt8, Hashable, Sendable, CaseIterable {
    /// 0.
    case black
    /// 1.
    case red
    /// 2.
    case green
    /// 3.
    case yellow
    /// 4.
    case blue
    /// 5.
    case magenta
    /// 6.
    case cyan
    /// 7: `light-gray`.
    case lightGray
    /// 8: `gray`.
    case gray
    /// 9.
    case lightRed
    /// 10.
    case lightGreen
    /// 11.
    case lightYellow
    /// 12.
    case lightBlue
    /// 13.
    case lightMagenta
    /// 14.
    case lightCyan
    /// 15.
    case white

    private static let names = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "light-gray", "gray",
        "light-red", "light-green", "light-yellow", "light-blue", "light-magenta", "light-cyan",
        "white",
    ]

    /// The name in theme files.
    package var name: String { Self.names[Int(rawValue)] }

    /// Finds a colour by its name in theme files.
    package init?(name: String) {
        guard let index = Self.names.firstIndex(of: name) else { return nil }
        self.init(rawValue: UInt8(index))
    }

    /// xterm's red, green and blue.
    var components: (red: UInt8, green: UInt8, blue: UInt8) {
        switch self {
        case .black: (0, 0, 0)
        case .red: (205, 0, 0)
        case .green: (0, 205, 0)
        case .yellow: (205, 205, 0)
        case .blue: (0, 0, 238)
        case .magenta: (205, 0, 205)
        case .cyan: (0, 205, 205)
        case .lightGray: (229, 229, 229)
        case .gray: (127, 127, 127)
        case .lightRed: (255, 0, 0)
        case .lightGreen: (0, 255, 0)
        case .lightYellow: (255, 255, 0)
        case .lightBlue: (92, 92, 255)
        case .lightMagenta: (255, 0, 255)
        case .lightCyan: (0, 255, 255)
        case .white: (255, 255, 255)
        }
    }
}

// MARK: - Depth

/// How many colours a terminal shows.
package enum ColourDepth: Int, Hashable, Sendable, CaseIterable {
    /// No colour: modifiers only.
    case none = 0
    /// The 8 colours of the Linux console.
    case eight = 8
    /// The ANSI palette.
    case sixteen = 16
    /// The 256-colour table.
    case indexed = 256
    /// Any colour.
    case trueColour = 16_777_216

    /// Returns the nearest colour this depth can show.
    package func nearest(_ colour: Colour) -> Colour {
        switch self {
        case .none: return .terminal
        case .eight, .sixteen:
            let count = self == .eight ? 8 : 16
            if case .named(let named) = colour, Int(named.rawValue) < count { return colour }
            if case .named(let named) = colour {
                return NamedColour(rawValue: named.rawValue - 8).map { .named($0) } ?? .terminal
            }
            let palette = NamedColour.allCases.prefix(count).map { Colour.named($0) }
            return Self.closest(to: colour, in: palette)
        case .indexed:
            guard case .rgb = colour else { return colour }
            return Self.closest(to: colour, in: Self.shared)
        case .trueColour: return colour
        }
    }

    /// The colours of a table of 256 that are the same on every terminal.
    private static let shared = (16...255).map { Colour.indexed($0) }

    private static func closest(to colour: Colour, in palette: [Colour]) -> Colour {
        guard let wanted = colour.components else { return colour }
        var best = colour
        var bestDistance = Int.max
        for candidate in palette {
            guard let found = candidate.components else { continue }
            let distance = distance(wanted, found)
            if distance < bestDistance {
                best = candidate
                bestDistance = distance
            }
        }
        return best
    }

    /// Squared distance, weighted as the eye sees red, green and blue.
    private static func distance(
        _ left: (red: UInt8, green: UInt8, blue: UInt8),
        _ right: (red: UInt8, green: UInt8, blue: UInt8)
    ) -> Int {
        let red = Int(left.red) - Int(right.red)
        let green = Int(left.green) - Int(right.green)
        let blue = Int(left.blue) - Int(right.blue)
        return 3 * red * red + 6 * green * green + 2 * blue * blue
    }
}

extension Colour {
    private static func tableComponents(
        _ index: UInt8
    ) -> (red: UInt8, green: UInt8, blue: UInt8)? {
        if let named = NamedColour(rawValue: index) { return named.components }
        if index >= 232 {
            let grey = 8 + 10 * (index - 232)
            return (grey, grey, grey)
        }
        func level(_ step: UInt8) -> UInt8 { step == 0 ? 0 : 55 + 40 * step }
        let cube = index - 16
        return (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
    }
}
