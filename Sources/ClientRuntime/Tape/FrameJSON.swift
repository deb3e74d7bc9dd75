package import LedgerCore
package import TerminalCore

/// A frame, what it says and what changed, as JSON.
///
/// Rows and columns are counted from 1.
package enum FrameJSON {
    /// `{"size":[100,30],"rows":["…"],"roles":[[[1,2],[1,7],"brand"],…],"cursor":[row,col]}`; a
    /// hidden cursor is left out.
    package static func frame(_ frame: Frame) -> JSONValue {
        object([
            ("size", .array([number(frame.size.columns), number(frame.size.rows)])),
            ("rows", .array(frame.rows.map(JSONValue.string))),
            ("roles", .array(frame.roleRuns.map(role))),
            ("cursor", cursor(frame)),
        ])
    }

    /// The rows that differ from the frame before: `{"rows":{"3":"…"},"roles":…,"cursor":…}`.
    ///
    /// After another size every row is there, and `size`.
    package static func changes(of frame: Frame, since former: Frame?) -> JSONValue {
        let isNew = former?.size != frame.size
        let changed = (0..<frame.size.rows).filter { row in
            guard !isNew, let former else { return true }
            return (0..<frame.size.columns).contains { former[row, $0] != frame[row, $0] }
        }
        let runs = frame.roleRuns.filter { changed.contains($0.row) }
        return object([
            (
                "size",
                isNew ? .array([number(frame.size.columns), number(frame.size.rows)]) : nil
            ),
            (
                "rows",
                object(changed.map { ("\($0 + 1)", .string(frame.text(row: $0))) })
            ),
            ("roles", .array(runs.map(role))),
            ("cursor", cursor(frame)),
        ])
    }

    /// `{"role":"list","name":"Projects","value":"…","states":["focused"],"items":[…]}`; what a
    /// node does not have is left out.
    package static func tree(_ node: SemanticNode) -> JSONValue {
        let states = SemanticNode.State.allCases.filter(node.states.contains)
        return object([
            ("role", .string(node.role.rawValue)),
            ("name", node.name.isEmpty ? nil : .string(node.name.string)),
            ("value", node.value.map { .string($0.string) }),
            ("states", states.isEmpty ? nil : .array(states.map { .string($0.rawValue) })),
            ("items", node.children.isEmpty ? nil : .array(node.children.map(tree))),
        ])
    }

    private static func role(_ run: Frame.RoleRun) -> JSONValue {
        .array([
            .array([number(run.row + 1), number(run.columns.lowerBound + 1)]),
            .array([number(run.row + 1), number(run.columns.upperBound)]),
            .string(run.role.name),
        ])
    }

    private static func cursor(_ frame: Frame) -> JSONValue? {
        frame.cursor.map { .array([number($0.row + 1), number($0.column + 1)]) }
    }

    private static func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    static func object(_ members: [(String, JSONValue?)]) -> JSONValue {
        .sorted(members.compactMap { key, value in value.map { .init(key, $0) } })
    }
}
