/// What a screen says, without how it looks: for screen readers, plain mode and tapes.
package struct SemanticNode: Hashable, Sendable {
    /// What a node is.
    package enum Role: String, Hashable, Sendable, CaseIterable {
        /// The whole screen.
        case screen
        /// A part with a name.
        case group
        /// A list of items.
        case list
        /// An item of a list.
        case item
        /// A table.
        case table
        /// A row of a table.
        case row
        /// A cell of a row.
        case cell
        /// Places to choose from.
        case tabs
        /// One of them.
        case tab
        /// A heading.
        case heading
        /// Running text.
        case text
        /// A name with its value.
        case field
        /// A place to type.
        case input
        /// Something to turn on and off.
        case checkbox
        /// Something to do.
        case button
        /// A decision that lies over a screen.
        case dialog
        /// Something that just happened.
        case notice
        /// The state of the program.
        case status
        /// A key and what it does.
        case key
        /// A bar or a number that grows.
        case progress
        /// A drawing of numbers.
        case chart
        /// An address.
        case link
    }

    /// The state a node is in.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Keys act on it.
        case selected
        /// It gets what is typed.
        case focused
        /// Turned on.
        case checked
        /// Cannot be used now.
        case disabled
        /// Open, its children shown.
        case expanded
        /// Must be filled in or agreed to.
        case required
        /// Refused or failed.
        case invalid
        /// Waiting for something.
        case busy
    }

    /// What it is.
    package var role: Role
    /// What it is called.
    package var name: SafeText
    /// What it says or holds; `nil` where its name is all.
    package var value: SafeText?
    /// Its states.
    package var states: Set<State>
    /// Its place in the whole list or among the choices, from 0; `nil` where it has none.
    package var position: Int?
    /// Its parts, in reading order.
    package var children: [SemanticNode]

    /// Makes a node.
    package init(
        _ role: Role, _ name: SafeText, value: SafeText? = nil, states: Set<State> = [],
        position: Int? = nil, children: [SemanticNode] = []
    ) {
        self.position = position
        self.role = role
        self.name = name
        self.value = value
        self.states = states
        self.children = children
    }

    /// Returns the first node, this one or below in reading order, that fits the description.
    ///
    /// - Parameters:
    ///   - role: What it is.
    ///   - name: The whole name, or `nil` for any.
    ///   - states: States it must have; it may have others.
    /// - Returns: The node, or `nil`.
    package func first(
        _ role: Role, named name: String? = nil, states: Set<State> = []
    ) -> SemanticNode? {
        let fits =
            self.role == role && (name == nil || self.name.string == name)
            && states.isSubset(of: self.states)
        if fits { return self }
        for child in children {
            if let found = child.first(role, named: name, states: states) { return found }
        }
        return nil
    }

    /// The node and everything below it as lines, two spaces deeper at each level.
    ///
    /// `list Projects`, `  item "Sleep": 400 points (selected)`; states in the order of `State`.
    package var lines: [String] {
        var line = role.rawValue
        if !name.isEmpty { line += " \"\(name.string)\"" }
        if let value { line += ": \(value.string)" }
        let shown = State.allCases.filter(states.contains).map(\.rawValue)
        if !shown.isEmpty { line += " (" + shown.joined(separator: ", ") + ")" }
        return [line] + children.flatMap(\.lines).map { "  " + $0 }
    }
}
