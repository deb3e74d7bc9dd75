package import TerminalCore

/// A frame with what it takes to follow moves in a list without being painted anew.
///
/// A move changes two lines of a list, or scrolls it, and sometimes the keys below. That is nearly
/// all a person does while looking for something, so it is done in the frame that is there;
/// everything else is painted from the state. Both give the same frame.
package struct Painted {
    /// The frame.
    package private(set) var frame: Frame
    private(set) var keys: KeyTables
    private var list: ListState
    /// Whether nothing lies over the list and all of the frame beside it stays when it moves.
    private let canFollow: Bool

    /// Paints a state.
    package init(_ model: AppModel) {
        keys = model.keyTables
        list = model.listState
        frame = AppModel.finished(AppModel.paint(model, keys))
        let layout = Layout(model)
        canFollow =
            model.settings.stage == .open && !Layout.isTooSmall(model.settings.size)
            && model.overlays.isEmpty && layout.detail.isEmpty && model.count == nil
            && model.banner == nil && model.hintShown == nil && model.lockCountdown == nil
            && !frame.hasClusters
    }

    /// Changes the frame to that of a state that differs from the painted one by moves alone.
    ///
    /// - Returns: `false` where it has to be painted anew.
    package mutating func follow(_ model: AppModel) -> Bool {
        guard canFollow, let pane = model.place.list(model, Layout(model)) else { return false }
        var painter = Painter(
            on: frame, say: model.say, marksByBar: model.settings.preferences.marksByBar)
        frame.semantics = nil
        guard painter.follow(pane, from: list) else {
            frame = AppModel.finished(painter)
            return false
        }
        let tables = model.keyTables(movedFrom: keys)
        if tables != keys {
            let last = frame.size.rows - 1
            painter.nodes.removeAll { $0.role == .key }
            painter.clear(Rect(row: last, column: 0, rows: 1, columns: frame.size.columns))
            model.paintKeyBar(tables, &painter)
            keys = tables
        }
        frame = AppModel.finished(painter)
        list = model.listState
        return !frame.hasClusters
    }
}
