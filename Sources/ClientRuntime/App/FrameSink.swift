package import TerminalCore

/// Where frames go: a terminal, or a recorder.
@MainActor
package protocol FrameSink: AnyObject {
    /// The size now.
    var size: Size { get }
    /// Shows a frame.
    func draw(_ frame: Frame)
    /// Changes the colours, by the theme's name; one that cannot be read changes nothing.
    func useTheme(named name: String)
}
