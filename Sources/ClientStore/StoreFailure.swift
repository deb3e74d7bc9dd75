internal import GRDB

/// Why the local store could not do something.
package struct StoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as a program tells it apart.
    package enum Code: Sendable, Equatable {
        /// The disk is full: nothing was saved.
        case full
        /// Another process held the database for longer than five seconds.
        case busy
        /// The database was written by a newer program: it can only be read.
        case readOnly
        /// The file is damaged or not a database.
        case corrupt
        /// What is stored breaks a rule of the schema.
        case constraint
        /// The file or its folder cannot be opened or written.
        case unavailable
        /// What was asked for is not there.
        case missing
    }

    /// What went wrong.
    package let code: Code
    /// What was tried.
    package let operation: String
    /// The reason in words.
    package let reason: String

    init(_ code: Code, operation: String, reason: String) {
        self.code = code
        self.operation = operation
        self.reason = reason
    }

    init(_ error: DatabaseError, operation: String) {
        let code: Code =
            switch error.resultCode {
            case .SQLITE_FULL: .full
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_READONLY: .readOnly
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_CONSTRAINT: .constraint
            default: .unavailable
            }
        self.init(code, operation: operation, reason: error.message ?? "unknown")
    }

    /// Failures are alike if their codes are.
    package static func == (left: StoreFailure, right: StoreFailure) -> Bool {
        left.code == right.code
    }

    /// What was tried and why it failed.
    package var description: String {
        switch code {
        case .full: "not saved, the disk is full: \(operation)"
        default: "could not \(operation): \(reason)"
        }
    }
}
