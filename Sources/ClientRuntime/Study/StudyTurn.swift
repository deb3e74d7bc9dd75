import Foundation

/// The turn of one program to sign for an institution: its service and a command beside it would
/// give two entries one number, of which the ledger takes one.
enum StudyTurn {
    /// Waits for the turn; however the program that has it ends, the next one gets it.
    ///
    /// - Parameters:
    ///   - folder: Where the book of the institution lies.
    ///   - notice: How long to wait before `tell` is called, once.
    ///   - patience: How long to wait.
    ///   - tell: Says that another program has the turn.
    /// - Returns: The turn, until it is let go.
    /// - Throws: `HomeError`; `StudyTurnTaken` where another program keeps the turn for so long.
    static func take(
        in folder: URL, notice: Duration = .seconds(2), patience: Duration = .seconds(120),
        _ tell: () -> Void = {}
    ) async throws -> FolderLatch {
        let start = ContinuousClock.now
        var isTold = false
        while true {
            do {
                return try FolderLatch(folder)
            } catch let error as HomeError where error.problem == .inUse {
                let waited = ContinuousClock.now - start
                guard waited < patience else { throw StudyTurnTaken() }
                if !isTold, waited >= notice {
                    isTold = true
                    tell()
                }
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...50)))
        }
    }
}

/// Another program of the institution signs and sends for minutes, at a slow node perhaps: nothing
/// was signed here.
package struct StudyTurnTaken: Error, CustomStringConvertible, Sendable {
    /// What it is, for logs.
    package var description: String { "another program of the institution keeps sending" }
}
