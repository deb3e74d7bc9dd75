import LedgerCore
import RulesModel
import Testing

/// Counts in which nobody can be found (`spec/ACCEPTANCE.md` E7 and R2).
struct CohortCountTests {
    private static let day = CohortCounting.periodMilliseconds
    private let k: Int64 = 10

    /// People who come and go over days; some of them are in the part that a second query asks for.
    private struct Cohort {
        var all: [CohortChange] = []
        var part: [CohortChange] = []
        var days: Int64 = 0

        init(seed: UInt64, people: Int) {
            var numbers = SeededNumbers(seed: seed)
            let accounts = (0..<people).map { number in
                AccountID(
                    firstDevice: DeviceID(
                        publicKey: [UInt8(number % 256), UInt8(number / 256)]
                            + [UInt8](repeating: 0, count: 30)))
            }
            let inPart = accounts.map { _ in numbers.below(3) > 0 }
            var isIn = accounts.map { _ in false }
            var time: Int64 = 0
            for _ in 0..<(people * 3) {
                time += Int64(numbers.below(8)) * 3_600_000
                let who = numbers.below(people)
                // More come than go.
                if isIn[who], numbers.below(3) > 0 { continue }
                isIn[who].toggle()
                let change = CohortChange(
                    person: accounts[who], at: Timestamp(milliseconds: time),
                    isCounted: isIn[who])
                all.append(change)
                if inPart[who] { part.append(change) }
            }
            days = time / CohortCountTests.day + 2
        }

        func count(_ changes: [CohortChange], before time: Timestamp) -> Int64 {
            var people = Set<AccountID>()
            for change in changes where change.at < time {
                if change.isCounted {
                    people.insert(change.person)
                } else {
                    people.remove(change.person)
                }
            }
            return Int64(people.count)
        }
    }

    /// What somebody who knows the rule can infer from what is told: the least and the most.
    private func bounds(_ told: Int64?) -> ClosedRange<Int64> {
        told.map { $0...($0 + k - 1) } ?? 0...(k - 1)
    }

    /// Whether it is certain that a difference is at least 1 and below k.
    private func revealsFew(_ whole: ClosedRange<Int64>, _ part: ClosedRange<Int64>) -> Bool {
        let least = max(whole.lowerBound - part.upperBound, 0)
        let most = whole.upperBound - part.lowerBound
        return least >= 1 && most < k
    }

    @Test(arguments: 0..<40)
    func `two overlapping queries never show a count below k`(seed: Int) {
        let cohort = Cohort(seed: UInt64(seed), people: 20 + seed * 4)
        let rule = CohortCounting(k: k)
        var attacks = 0
        for day in 0...cohort.days {
            let now = Timestamp(milliseconds: day * Self.day + 1_234)
            let (all, part) = (rule.told(cohort.all, at: now), rule.told(cohort.part, at: now))
            #expect(!revealsFew(bounds(all), bounds(part)))
            for told in [all, part].compactMap(\.self) {
                #expect(told >= k && told.isMultiple(of: k))
            }
            // The same attack finds somebody where counts are told as they are.
            let end = Timestamp(milliseconds: day * Self.day)
            let (one, two) = (
                cohort.count(cohort.all, before: end), cohort.count(cohort.part, before: end)
            )
            if one >= k, two >= k, revealsFew(one...one, two...two) { attacks += 1 }
        }
        #expect(attacks > 0 || seed > 3, "the attack has to be able to find something")
    }

    @Test(arguments: 0..<40)
    func `between two moments a count moves only because k people did`(seed: Int) {
        let cohort = Cohort(seed: UInt64(seed) + 1_000, people: 20 + seed * 4)
        let rule = CohortCounting(k: k)
        var last: (told: Int64?, at: Timestamp) = (nil, .init(milliseconds: 0))
        for hour in 0...(cohort.days * 24) {
            let now = Timestamp(milliseconds: hour * 3_600_000)
            let told = rule.told(cohort.all, at: now)
            guard told != last.told else { continue }
            // It moves at the end of a day, and never because of the day that is running.
            #expect(now.milliseconds.isMultiple(of: Self.day))
            let moved = Set(
                cohort.all.filter { $0.at >= last.at && $0.at < now }.map(\.person))
            #expect(Int64(moved.count) >= k)
            last = (told, now)
        }
    }

    @Test func `fewer than k people are told as nothing at all, and a smaller k than two is two`() {
        let few = (0..<9).map { number in
            CohortChange(
                person: AccountID(
                    firstDevice: DeviceID(publicKey: [UInt8](repeating: UInt8(number), count: 32))),
                at: .init(milliseconds: 0), isCounted: true)
        }
        let later = Timestamp(milliseconds: 5 * Self.day)
        #expect(CohortCounting().told(few, at: later) == nil)
        #expect(CohortCounting(k: 9).told(few, at: later) == 9)
        #expect(CohortCounting(k: 9).told(few, at: .init(milliseconds: 10)) == nil)
        #expect(CohortCounting(k: 0).k == 2)
    }
}
