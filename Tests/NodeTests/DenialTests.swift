import Foundation
import LedgerCore
import NodeAPI
import NodeSequencer
import TestSupport
import Testing

/// What the answer to a data user tells of a person who did not allow them anything: nothing.
struct DenialTests {
    /// An answer as the data user sees it, without the place of the entry that logs it and without
    /// the time.
    private struct Seen: Equatable {
        let status: Int
        let body: String
        let headers: [String: String]

        init(_ answer: TestNode.Answer) {
            status = answer.status
            let text = String(decoding: answer.body, as: UTF8.self)
            body = text.replacing(/"index":[0-9]+/, with: #""index":0"#)
            headers = answer.headers.filter { $0.key != "date" && $0.key != "content-length" }
        }
    }

    /// People who take part in every way there is, and some who do not.
    private static func people(
        _ node: TestNode, _ builder: LedgerBuilder, _ sponsor: inout TestDevice
    ) async throws -> (outside: [AccountID], inside: [AccountID]) {
        var outside = [try TestDevice("stranger").account]
        outside.append(try await node.member("idle").account)
        var (left, signed) = (try await node.member("left"), try await node.member("signed"))
        for body in [builder.join, .signupLeft(builder.project)] {
            try await node.accept(try left.entry(body))
        }
        try await node.accept(try signed.entry(builder.join))
        outside += [left.account, signed.account]
        let (active, _) = try await node.takePart("active", builder, &sponsor, content: [1])
        var (revoked, _) = try await node.takePart("revoked", builder, &sponsor, content: [2])
        try await node.accept(try revoked.entry(builder.revoke()))
        var (paused, _) = try await node.takePart("paused", builder, &sponsor, content: [3])
        try await node.accept(
            try paused.entry(
                .authorizationPaused(.init(project: builder.project, major: 1))))
        return (outside, [active.account, revoked.account, paused.account])
    }

    @Test(arguments: [UsePurpose.review, .research(.healthResearch), .research(.clinicalCare)])
    func `whom nobody named gets one answer about everybody, for every purpose`(
        purpose: UsePurpose
    ) async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (outside, inside) = try await Self.people(node, builder, &sponsor)
            // Another institution of the ledger, and a member who asks out of curiosity.
            let other = try TestDevice("other hospital")
            try await node.order(
                .admit(
                    InstitutionAdmitted(
                        name: LocalizedText(english: "Other"), keys: other.keys,
                        roles: [.sponsor])))
            let curious = try await node.member("curious")
            for user in [other, curious] {
                var answers = [Seen]()
                for account in outside + inside {
                    answers.append(
                        Seen(try await node.use(builder, of: account, as: user, purpose: purpose)))
                }
                let first = try #require(answers.first)
                #expect(first.status == 403)
                #expect(first.body.contains(#""reason":"recipient-not-named""#))
                #expect(answers.allSatisfy { $0 == first })
                // What it can read of the ledger says no more: nothing of it is about anybody.
                let own = try await node.verifiedChain(.account(user.account), as: user)
                #expect(!own.contains { $0.body.kind == .useDenied })
            }
        }
    }

    @Test func `who is named in the project cannot tell who never allowed anything`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (outside, inside) = try await Self.people(node, builder, &sponsor)
            var answers = [Seen]()
            // Left without ever allowing anything: told like a revocation of nothing.
            for account in outside {
                answers.append(Seen(try await node.use(builder, of: account, as: sponsor)))
            }
            let first = try #require(answers.first)
            #expect(first.body.contains(#""reason":"no-authorization""#))
            #expect(answers.allSatisfy { $0 == first })
            // The answers differ where the study team knows the person from its own entries.
            var reasons: [UseDenial?] = []
            for account in inside.dropFirst() {
                reasons.append(
                    try await node.use(builder, of: account, as: sponsor).problem?.denial)
            }
            #expect(reasons == [.revoked, .paused])
        }
    }

    @Test func `a project nobody published is told of alike, whoever is asked about`() async throws
    {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (outside, inside) = try await Self.people(node, builder, &sponsor)
            let unknown = try LedgerBuilder(project: "nowhere", sponsor: sponsor.account)
            var answers = [Seen]()
            for account in outside + inside {
                answers.append(Seen(try await node.use(unknown, of: account, as: sponsor)))
            }
            let first = try #require(answers.first)
            #expect(first.status == 404)
            #expect(answers.allSatisfy { $0 == first })
        }
    }
}
