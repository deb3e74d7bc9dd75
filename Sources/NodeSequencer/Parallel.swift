internal import FoundationEssentials

/// Work in pieces on all cores, whose results are taken in order.
enum Parallel {
    /// Calls `work` for pieces of `0..<count`, `pieceCount` items each, and `inOrder` with each
    /// result, the first one first.
    ///
    /// Results wait for those before them, so no more pieces are begun than twice the cores and one:
    /// no core waits while results are taken. What fits in one piece is done here.
    static func pieces<Result: Sendable>(
        of count: Int, each pieceCount: Int = 256,
        cores: Int = ProcessInfo.processInfo.activeProcessorCount,
        work: @escaping @Sendable (Range<Int>) throws -> Result,
        inOrder: (Result) throws -> Void
    ) async throws {
        guard count > pieceCount else {
            if count > 0 { try inOrder(try work(0..<count)) }
            return
        }
        let pieces = (count + pieceCount - 1) / pieceCount
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            var begun = 0
            func begin(_ group: inout ThrowingTaskGroup<(Int, Result), any Error>) {
                guard begun < pieces else { return }
                let number = begun
                begun += 1
                group.addTask {
                    let start = number * pieceCount
                    return (number, try work(start..<min(start + pieceCount, count)))
                }
            }
            for _ in 0...2 * cores { begin(&group) }
            var waiting: [Int: Result] = [:]
            var taken = 0
            while let (number, result) = try await group.next() {
                waiting[number] = result
                while let next = waiting.removeValue(forKey: taken) {
                    try inOrder(next)
                    taken += 1
                    begin(&group)
                }
            }
        }
    }
}
