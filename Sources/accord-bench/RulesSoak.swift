import ArgumentParser
import LedgerCore
import RulesModel

extension AccordBench {
    /// Runs both models of the rules over random entries; no figure, but a verdict.
    struct Rules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rules",
            abstract: "Compare the rules with a second, naive model on random entries.")

        @Option(help: "How many entries.")
        var entries = 1_000_000
        @Option(help: "The first seed; a difference names the seed it was found with.")
        var seed: UInt64 = 1
        @Option(help: "How many people's genomes a foreign recipient asks for.")
        var people = 140_000

        func run() async throws {
            let clock = ContinuousClock()
            let start = clock.now
            let report = Agreement().run(entries: entries, firstSeed: seed)
            print("\(report.entries) entries, \(report.accepted) accepted, \(clock.now - start)")
            guard report.failures.isEmpty else {
                throw BenchFailure(report.failures.joined(separator: "\n"))
            }
            print("both models agree")
            guard var affair = try GenomeAffair(people: people) else { return }
            let outcome = try affair.run()
            print(
                "genomes of \(people) people: \(outcome.unasked) left unasked, "
                    + "\(outcome.approved) under an approval, \(outcome.reviewed) after a review")
            let limit = min(people, LedgerState.genomesWithoutReview)
            guard outcome == .init(unasked: 0, approved: limit, reviewed: people) else {
                throw BenchFailure("genomes left that must not")
            }
        }
    }
}
