internal import ArgumentParser
internal import Foundation
internal import LedgerCore
internal import NodeSequencer
internal import NodeStore

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
                let reason = InvalidationReason(rawValue: reason),
                EntryLimits.majors.contains(major)
            else {
                throw CommandFailure(
                    status: .wrongUse,
                    message: """
                        a project, an account, a version from 1 to \(EntryLimits.majors.upperBound), \
                        and wrong-person or false-authority
                        """)
            }
            try await OrderDesk(data: data).state(
                .authorizationInvalidated(
                    .init(project: project, major: major, reason: reason)), about: account,
                json: json, "invalidated in \(project.text)")
        }
    }

    /// Lists the recipients who have not said that they erased.
    struct Overdue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lists erasures that recipients should have attested by now, and who has not.",
            discussion: """
                A recipient has 30 days to say that its copies are erased (accord study attest). \
                Members see the same list.
                """)

        @OptionGroup var data: FolderOption
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            let (_, database, _) = try data.open()
            let now = try clock(file: nil, noted: database).now()
            try database.close()
            let late = try await OrderDesk(data: data).replayed().overdueAttestations(at: now)
            if json {
                let items = late.map { erasure in
                    JSONValue.sorted([
                        .init("account", .string(erasure.account.text)),
                        .init("deadline", .integer(erasure.deadline.milliseconds)),
                        .init("erasure", .string(erasure.entry.hex)),
                        .init("project", .string(erasure.statement.project.text)),
                        .init("recipients", .array(erasure.waiting.map { .string($0.text) })),
                    ])
                }
                let list = JSONValue.object([.init("overdue", .array(items))])
                return print(String(decoding: list.canonicalBytes, as: UTF8.self))
            }
            if late.isEmpty { print("nobody is late") }
            for erasure in late {
                let day = Date(
                    timeIntervalSince1970: Double(erasure.deadline.milliseconds) / 1_000
                ).formatted(.iso8601.year().month().day())
                let names = erasure.waiting.map(\.text).joined(separator: " ")
                print(
                    "since \(day)  \(erasure.statement.project.text)  \(names)  \(erasure.entry.hex)"
                )
            }
        }
    }
}
