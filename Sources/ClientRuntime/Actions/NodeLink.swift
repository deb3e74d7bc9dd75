package import SyncCore

/// A connection and the way to close it.
package struct NodeLink: Sendable {
    /// The connection.
    package let connection: any NodeConnection
    /// Closes it.
    package let close: @Sendable () async -> Void

    /// Pairs a connection with the way to close it.
    package init(_ connection: any NodeConnection, close: @escaping @Sendable () async -> Void) {
        self.connection = connection
        self.close = close
    }
}

/// The way into a private node on this machine.
package struct DemoInvitation: Equatable, Sendable {
    /// Where the node is.
    package let node: String
    /// A code for one person.
    package let code: String
    /// A folder of files to import, or `nil` where there is none.
    package let records: String?

    /// Makes an invitation.
    package init(node: String, code: String, records: String?) {
        self.node = node
        self.code = code
        self.records = records
    }
}
