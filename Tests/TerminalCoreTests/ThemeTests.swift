import TerminalCore
import Testing

@Suite struct ThemeTests {
    @Test func `every role has its place among all as its number`() {
        #expect(StyleRole.allCases.map(\.number) == Array(0..<StyleRole.allCases.count))
    }

    @Test func `a role without a style looks like its parent, and that like text`() {
        let theme = Theme(
            name: "t",
            styles: [
                .text: Style(foreground: .named(.white), background: .named(.black)),
                .status: Style(foreground: .named(.cyan), modifiers: .bold),
                .statusError: Style(foreground: .named(.red)),
            ])
        #expect(theme.style(of: .statusError).foreground == .named(.red))
        #expect(theme.style(of: .statusError).modifiers == .bold)
        #expect(theme.style(of: .statusOK).foreground == .named(.cyan))
        #expect(theme.style(of: .link).foreground == .named(.white))
        #expect(theme.style(of: .link).background == .named(.black))
    }

    @Test func `every role's parents end at text`() {
        for role in StyleRole.allCases where role != .text {
            var seen = 0
            var parent = role.parent
            while let next = parent, seen < 10 {
                seen += 1
                parent = next.parent
            }
            #expect((1...3).contains(seen))
        }
    }

    @Test(arguments: [
        ("#ff8000", Colour.rgb(255, 128, 0)), ("#f80", .rgb(255, 136, 0)),
        ("light-gray", .named(.lightGray)), ("default", .terminal),
    ])
    func `colours are read as theme files write them`(text: String, colour: Colour) {
        #expect(Colour(text) == colour)
    }

    @Test(arguments: ["", "#12345", "#ggg", "#+12", "grey", "ff8000"])
    func `other words are no colours`(text: String) {
        #expect(Colour(text) == nil)
    }

    @Test func `contrast is that of WCAG`() throws {
        let most = try #require(Colour.contrast(.rgb(0, 0, 0), .rgb(255, 255, 255)))
        #expect(abs(most - 21) < 0.001)
        let grey = try #require(Colour.contrast(.rgb(0x76, 0x76, 0x76), .rgb(255, 255, 255)))
        #expect(abs(grey - 4.54) < 0.01)
        #expect(Colour.contrast(.terminal, .rgb(0, 0, 0)) == nil)
    }

    @Test func `a smaller palette gets the nearest colour`() {
        #expect(ColourDepth.indexed.nearest(.rgb(255, 0, 0)) == .indexed(196))
        #expect(ColourDepth.indexed.nearest(.rgb(8, 8, 8)) == .indexed(232))
        #expect(ColourDepth.eight.nearest(.rgb(250, 240, 10)) == .named(.yellow))
        #expect(ColourDepth.eight.nearest(.named(.lightRed)) == .named(.red))
        #expect(ColourDepth.sixteen.nearest(.rgb(10, 250, 20)) == .named(.lightGreen))
        #expect(ColourDepth.none.nearest(.rgb(1, 2, 3)) == .terminal)
    }

    @Test(arguments: ColourDepth.allCases)
    func `the selection is told from text in every depth`(depth: ColourDepth) {
        let theme = Theme(
            name: "t",
            styles: [
                .text: Style(foreground: .rgb(205, 214, 244), background: .rgb(30, 30, 46)),
                .selection: Style(background: .rgb(69, 71, 90)),
            ])
        #expect(theme.style(of: .selection, depth: depth) != theme.style(of: .text, depth: depth))
        let fallback = Theme.fallback
        #expect(
            fallback.style(of: .selection, depth: depth) != fallback.style(of: .text, depth: depth))
    }

    @Test(arguments: ColourDepth.allCases)
    func `no theme lets text vanish, whatever its colours`(depth: ColourDepth) throws {
        let (light, dark) = (Colour.rgb(205, 214, 244), Colour.rgb(30, 30, 46))
        let theme = Theme(
            name: "t",
            styles: [
                .text: Style(foreground: light, background: dark),
                .statusWarning: Style(foreground: .rgb(32, 32, 48)),
                .badge: Style(foreground: .named(.red), background: .named(.red)),
                .border: Style(foreground: dark),
            ])
        #expect(theme.style(of: .statusWarning).foreground == light)
        #expect(theme.style(of: .badge).modifiers == .reversed)
        for role in [StyleRole.statusWarning, .badge, .badgeError] {
            let style = theme.style(of: role, depth: depth)
            #expect(style.contrast ?? 21 >= 3, "\(role.name)")
        }
        // A check tells what the file says, and lines may be hidden.
        let told = try #require(theme.contrast(of: .statusWarning))
        #expect(told < 1.1)
        #expect(theme.style(of: .border).foreground == dark)
        let blank = Theme(name: "t", styles: [.text: Style(foreground: dark, background: dark)])
        #expect(blank.style(of: .statusError, depth: depth).foreground == .terminal)
        #expect(blank.style(of: .text, depth: depth).background == .terminal)
    }
}
