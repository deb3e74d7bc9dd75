import Foundation
import HealthRecords
import LedgerCore
import TestSupport
import Testing

/// Finding rows, and sets of them.
@Suite struct RowFilterTests {
    private func found(_ typed: String, group: String? = nil) throws -> [String] {
        let collector = try RecordFileReader.read(
            Array(
                """
                Id,Date,Steps,Calories
                7,2019-03-01,100,50
                7,2019-04-30,2750,60
                7,2020-01-01,300,2750

                """.utf8), name: "steps.csv")
        let groups = collector.outlines.first?.groups ?? []
        let filter = RowFilter(typed: typed, group: group)
        return collector.takeAllPages().flatMap { _, page in
            var whens: [String] = []
            page.match(filter, groups: filter.groups(of: groups)) {
                whens.append(page.text(at: $0).when)
            }
            return whens
        }
    }

    @Test(arguments: [
        ("", 3), ("STEPS", 3), ("2750", 2), ("steps 2750 kcal", 2), ("nothing", 0),
        ("2019", 2), ("2019-04", 1), ("2019-04-30", 1), ("2019-04..2020-01-01", 2), ("..2019", 2),
        ("2020..", 1), ("2750 2020", 1),
    ])
    func `words and days narrow a table down`(typed: String, count: Int) throws {
        #expect(try found(typed).count == count)
    }

    @Test func `a sort of rows narrows it down too`() throws {
        #expect(try found("", group: "Activity").count == 3)
        #expect(try found("", group: "Sleep").isEmpty)
    }

    @Test func `a set of rows holds what a plain set does`() {
        var random = SystemRandomNumberGenerator()
        for capacity in [0, 1, 63, 64, 65, 1_000] {
            var set = RowSet(capacity: capacity)
            var plain: Set<Int> = []
            for _ in 0..<50 where capacity > 0 {
                let first = Int(random.next() % UInt64(capacity))
                let last = min(first + Int(random.next() % 90), capacity)
                if random.next() % 2 == 0 {
                    set.insert(first..<last)
                    plain.formUnion(first..<last)
                } else {
                    set.remove(first..<last)
                    plain.subtract(first..<last)
                }
                #expect(set.count == plain.count && set.positions == plain.sorted())
                #expect(set.contains(first) == plain.contains(first))
                let start = plain.count / 2
                #expect(
                    set.positions(from: start, limit: 7)
                        == Array(plain.sorted().dropFirst(start).prefix(7)))
            }
            #expect(RowSet.all(capacity).count == capacity)
        }
    }
}
