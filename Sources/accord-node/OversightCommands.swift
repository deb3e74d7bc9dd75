internal import ArgumentParser
internal import Foundation
internal import LedgerCore

extension AccordNode {
    /// Files an approval for human genetic resources.
    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Files an authority's approval for human genetic resources.",
            discussion: """
                provision lets a foreign recipient read genetic data of a project; security-review \
                lets it read the genomes of more than 500 people.
                """)

        @OptionGroup var data: FolderOption
        @Argument(help: "The project.")
        var project: String
        @Option(help: "The account of the recipient.")
        var recipient: String
        @Option(help: "What was allowed: provision or security-review.")
        var kind = ApprovalKind.provision.rawValue
        @Option(help: "The number of the approval or filing.")
        var number: String
        @Option(help: "The last day it holds, such as 2027-12-31 (UTC).")
        var until: String
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            guard let project = ProjectID(project), let account = AccountID(recipient),
                let kind = ApprovalKind(rawValue: kind), let end = Approve.end(of: until),
                (1...200).contains(number.utf8.count)
            else {
                throw CommandFailure(
                    status: .wrongUse,
                    message: "a project, an account, a kind, a number and a day such as 2027-12-31")
            }
            try await OrderDesk(data: data).state(
                .approvalFiled(
                    .init(
                        project: project, recipient: account, kind: kind, number: number,
                        until: end)), json: json, "filed \(kind.rawValue) for \(project.text)")
        }

        /// The end of a day in UTC.
        static func end(of day: String) -> Timestamp? {
            let format = Date.ISO8601FormatStyle().year().month().day()
            guard day.utf8.count == 10, let date = try? Date(day, strategy: format) else {
                return nil
            }
            let seconds = Int64(date.timeIntervalSince1970)
            return Timestamp(milliseconds: seconds * 1_000 + 86_400_000)
        }
    }

    /// Declares that an authorization was never valid.
    struct Invalidate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declares that an authorization was never valid: nothing is read under it.",
            discussion: "What was read under it stays in the ledger and is flagged to the member.")

        @OptionGroup var data: FolderOption
        @Argument(help: "The project.")
        var project: String
        @Option(help: "The account of the member.")
        var member: String
        @Option(help: "The major version the authorization was for.")
        var major: Int64 = 1
        @Option(help: "Why: wrong-person or false-authority.")
        var reason: String
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            guard let project = ProjectID(project), let account = AccountID(member),
                let reason = InvalidationReason(rawValue: reason), major >= 1
            else {
                throw CommandFailure(
                    status: .wrongUse,
                    message: "a project, an account, and wrong-person or false-authority")
            }
            try await OrderDesk(data: data).state(
                .authorizationInvalidated(
                    .init(project: project, major: major, reason: reason)), about: account,
                json: json, "invalidated in \(project.text)")
        }
    }
}
