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
    /// Puts a text into the clipboard, where there is one.
    func copy(_ text: String)
    /// Listens to the mouse, or leaves it to the terminal.
    func useMouse(_ isUsed: Bool)
    /// Gives the terminal back and stops the program until somebody continues it.
    func suspend()
}

extension FrameSink {
    /// A sink without a clipboard copies nothing.
    package func copy(_ text: String) {}
    /// A sink without a terminal has nobody to give it back to.
    package func suspend() {}
    /// A sink without a mouse has nothing to turn off.
    package func useMouse(_ isUsed: Bool) {}
}
