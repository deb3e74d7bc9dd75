import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import ClientRuntime

/// What a study team does with very many contributions.
struct StudyTeamTests {
    private static func contributions(_ sizes: [Int64]) throws -> [(
        entry: Hash, statement: RecordContributed
    )] {
        let builder = try LedgerBuilder(sponsor: TestSupport.TestDevice("s").account)
        return try sizes.enumerated().map { number, size in
            let body = builder.contribution(
                Hash.of([UInt8(number % 256), UInt8(number / 256)]), sizeBytes: size)
            guard case .recordContributed(let stated) = body else { throw CancellationError() }
            return (Hash.of([1, UInt8(number % 256), UInt8(number / 256)]), stated)
        }
    }

    @Test func `as many contributions as one use can name and the memory hold go together`() throws
    {
        let many = StudyDesk.batches(
            of: try Self.contributions(Array(repeating: 1_000, count: 130)))
        #expect(many.map(\.count) == [EntryLimits.listCount, EntryLimits.listCount, 2])
        let large = StudyDesk.batches(
            of: try Self.contributions([40 << 20, 40 << 20, 10, 100 << 20, 10]))
        #expect(large.map(\.count) == [1, 2, 1, 1])
        #expect(StudyDesk.batches(of: []).isEmpty)
    }

    @Test func `rows that were seen are known after a restart, and a line that was cut off is not`()
        throws
    {
        let folder = URL(filePath: TestMember.temporaryFolder())
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "seen-rows")
        let (rows, others) = (Hash.of([1]), Hash.of([2]))
        let seen = try SeenRows(file: file)
        #expect(try seen.note(rows, contribution: Hash.of([7])))
        #expect(try seen.note(rows, contribution: Hash.of([7])))
        #expect(try !seen.note(rows, contribution: Hash.of([8])))
        #expect(try seen.note(others, contribution: Hash.of([8])))
        let whole = try Data(contentsOf: file)
        for cut in 1..<130 {
            try whole.dropLast(cut).write(to: file)
            let again = try SeenRows(file: file)
            #expect(try !again.note(rows, contribution: Hash.of([9])))
            #expect(try again.note(others, contribution: Hash.of([9])))
            #expect(try !SeenRows(file: file).note(others, contribution: Hash.of([8])))
        }
        try Data(String(repeating: "x", count: 260).utf8).write(to: file)
        #expect(throws: HomeError.self) { try SeenRows(file: file) }
    }
}
