import Crypto
import LedgerCore
import NodeAPI
import TestSupport
import Testing

struct MessageTests {
    private static let acceptance = Acceptance(
        index: 12, envelope: Array("{}".utf8), salt: [UInt8](repeating: 7, count: 32),
        proof: Array("c2sp.org/tlog-proof@v1\nindex 12\n\n— note\n".utf8))

    @Test func `verdicts read back as they were written`() throws {
        let list = VerdictList([
            .accepted(Self.acceptance),
            .rejected(
                Refusal(code: 13, name: "projectFull", receipt: Array("a\n\n— b c\n".utf8))),
            .rejected(Refusal(code: 0, name: "defect", text: "kindUnknown(\"x\\u{1}\")\u{1}\t")),
            .retry(.sequenceGap),
        ])
        #expect(try VerdictList(body: list.body) == list)
        for verdict in list.verdicts { #expect(try Verdict(body: verdict.body) == verdict) }
    }

    @Test func `a submission reads back and keeps its limits`() throws {
        var device = try TestDevice("ada")
        let entries = try (0..<3).map { _ in try device.entry(.deviceRevoked(device.id)) }
        let submission = EntrySubmission(entries)
        #expect(try EntrySubmission(body: submission.body).entries == entries.map(\.bytes))
        for body in [#"{"entries":[]}"#, #"{"entries":[1]}"#, #"{"entries":["a"],"x":1}"#, "[]"] {
            #expect(throws: MessageDefect.self) {
                try EntrySubmission(body: Array(body.utf8))
            }
        }
    }

    @Test func `pages read back as they were written`() throws {
        let entry = PagedEntry(
            index: 3, entry: Array("a.b.c".utf8), envelope: [1, 2, 3],
            salt: [UInt8](repeating: 9, count: 32), proof: [Hash.of([1]), Hash.of([2])])
        for head in [[], Array("head\n".utf8)] {
            let page = EntryPage(
                checkpoint: Array("note\n".utf8), entries: [entry, entry], head: head)
            #expect(try EntryPage(body: page.body) == page)
        }
        let empty = EntryPage(checkpoint: [], entries: [], head: [])
        #expect(try EntryPage(body: empty.body) == empty)
    }

    @Test func `small messages read back as they were written`() throws {
        let log = LogDescription(origin: "a/b", verifierKey: "k", time: LedgerBuilder.start)
        #expect(try LogDescription(body: log.body) == log)
        let notice = ChangeNotice(size: 5)
        #expect(try ChangeNotice(body: notice.body) == notice)
        let progress = UploadProgress(offset: 9, isComplete: true)
        #expect(try UploadProgress(body: progress.body) == progress)
        let builder = try LedgerBuilder(sponsor: TestDevice("s").account)
        let wraps = WrapUpload([
            WrappedKey(
                authorization: builder.authorization(of: builder.sponsor),
                recipient: builder.sponsor, wrapped: [1, 2])
        ])
        #expect(try WrapUpload(body: wraps.body) == wraps)
        for grant in [nil, Hash.of([1])] {
            let kept = WrapUpload(wraps.wraps, for: grant)
            #expect(try WrapUpload(kept: kept.kept) == kept)
            #expect(kept.body == wraps.body)
        }
        let query = UseQuery(
            project: builder.project, subject: builder.sponsor, purpose: .review,
            kinds: [.wearable, .genomic])
        #expect(try UseQuery(body: query.body) == query)
        let named = UseQuery(
            project: builder.project, subject: builder.sponsor, purpose: .review,
            contributions: [Hash.of([2]), Hash.of([1])])
        #expect(try UseQuery(body: named.body) == named)
        let many = UseQuery(
            project: builder.project, subject: builder.sponsor, purpose: .review,
            contributions: (0...UInt8(EntryLimits.listCount)).map { Hash.of([$0]) })
        #expect(throws: (any Error).self) { try UseQuery(body: many.body) }
        let grant = UseGrant(
            entry: Array("a.b.c".utf8), acceptance: Self.acceptance,
            authorization: builder.authorization(of: builder.sponsor),
            records: [
                UsableRecord(
                    contribution: Hash.of([1]), record: Hash.of([2]), kind: .imaging,
                    sizeBytes: 5, wrapped: [3])
            ])
        #expect(try UseGrant(body: grant.body) == grant)
    }

    @Test(arguments: ProblemCode.allCases)
    func `a problem reads back with all it says`(code: ProblemCode) throws {
        let problem = Problem(
            code, detail: "more", nodeTime: LedgerBuilder.start, denial: .paused, index: 4,
            offset: 6, retryAfterSeconds: 2)
        #expect(try Problem(body: problem.body) == problem)
        #expect(try Problem(body: Problem(code).body) == Problem(code))
        #expect((400..<600).contains(code.status))
    }

    @Test func `what a problem is called is said in English and in Chinese`() {
        for code in ProblemCode.allCases {
            #expect(code.title.english.utf8.allSatisfy { $0 < 0x80 } && !code.title.english.isEmpty)
            let isChinese = code.title.chinese.unicodeScalars.allSatisfy {
                (0x4E00...0x9FFF).contains($0.value)
            }
            #expect(isChinese && !code.title.chinese.isEmpty, "\(code)")
        }
        #expect(Set(ProblemCode.allCases.map(\.title)).count == ProblemCode.allCases.count)
    }

    @Test func `enrolment messages read back and their proofs hold for one role only`() throws {
        let code = try #require(InvitationCode(typed: "abcd-efgh-jkmno"))
        #expect(code.text == "ABCDEFGHJKMN0")
        #expect(code.grouped == "ABCD-EFGH-JKMN0")
        var device = try TestDevice("ada")
        let entry = try device.entry(.memberEnrolled(device.keys))
        let request = EnrolmentRequest(code: code, entry: entry, verifierKey: "vkey")
        #expect(try EnrolmentRequest(body: request.body) == request)
        #expect(request.lookup == code.key.lookup)
        let key = code.key
        #expect(key.isMemberProof(request.proof, entry: entry.id, verifierKey: "vkey"))
        #expect(!key.isMemberProof(request.proof, entry: entry.id, verifierKey: "vkey2"))
        #expect(!key.isNodeProof(request.proof, entry: entry.id, verifierKey: "vkey"))
        let answer = EnrolmentAnswer(
            verdict: .accepted(Self.acceptance),
            confirmation: key.nodeProof(entry: entry.id, verifierKey: "vkey"))
        #expect(try EnrolmentAnswer(body: answer.body) == answer)
    }

    @Test(arguments: ["", "ABCD-EFGH-JKMN", "ABCD-EFGH-JKMN00", "UUUU-UUUU-UUUUU", "ABCD EFGH é"])
    func `what is no invitation code is refused`(typed: String) {
        #expect(InvitationCode(typed: typed) == nil)
    }

    @Test func `a receipt speaks only with the log's signature`() throws {
        let signer = try NoteSigner(name: "a/b", seed: [UInt8](repeating: 1, count: 32))
        let other = try NoteSigner(name: "a/b", seed: [UInt8](repeating: 2, count: 32))
        let receipt = RefusalReceipt(
            origin: "a/b", entry: Hash.of([1]), code: 13, time: LedgerBuilder.start)
        let note = try signer.sign(receipt.text).bytes
        #expect(RefusalReceipt(verifying: note, logKey: signer.verifierKey) == receipt)
        #expect(RefusalReceipt(verifying: note, logKey: other.verifierKey) == nil)
        let foreign = try signer.sign(Array("something else\n".utf8)).bytes
        #expect(RefusalReceipt(verifying: foreign, logKey: signer.verifierKey) == nil)
    }
}

struct RequestSigningTests {
    private static let call = NodeCall.accountPage(after: 4, at: 10, limit: 7)

    @Test func `the signature base is spelled as RFC 9421 wants it`() throws {
        let device = try TestDevice("ada")
        let signature = RequestSignature(
            createdSeconds: 1_772_323_200, nonce: "0123456789abcdef", device: device.id)
        let components = SignedComponents(Self.call, authority: "Node.Example:8470")
        let parameters =
            "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\")"
            + ";created=1772323200;nonce=\"0123456789abcdef\";keyid=\"\(device.id.text)\""
            + ";tag=\"accord\""
        #expect(
            String(decoding: signature.base(of: components), as: UTF8.self) == """
                "@method": GET
                "@authority": node.example:8470
                "@path": /v1/accounts/me/entries
                "@query": ?after=4&at=10&limit=7
                "content-digest": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:
                "@signature-params": \(parameters)
                """)
    }

    @Test func `headers read back to what was signed`() throws {
        let device = try TestDevice("ada")
        let signature = RequestSignature(
            createdSeconds: 5, nonce: "0123456789abcdef", device: device.id)
        let components = SignedComponents(Self.call, authority: "node")
        let signed = [UInt8](try device.signing.signature(for: signature.base(of: components)))
        let headers = Dictionary(
            uniqueKeysWithValues: signature.headers(for: components, signature: signed).map {
                ($0.name, $0.value)
            })
        let input = try #require(headers["Signature-Input"])
        #expect(RequestSignature(signatureInput: input) == signature)
        #expect(RequestSignature.signature(header: try #require(headers["Signature"])) == signed)
        #expect(headers["Content-Digest"] == components.contentDigest)
    }

    @Test(arguments: [
        ("accord=", "sig1="), ("\"@method\" ", ""), ("created=5", "created=05"),
        ("created=5", "created=+5"), ("nonce=\"0123456789abcdef\"", "nonce=\"short\""),
        (";tag=\"accord\"", ""), (";tag=\"accord\"", ";tag=\"accord\";expires=9"),
        ("keyid=\"", "keyid=\"x"), (" ", "  "),
    ])
    func `another spelling of the parameters is refused`(old: String, new: String) throws {
        let device = try TestDevice("ada")
        let signature = RequestSignature(
            createdSeconds: 5, nonce: "0123456789abcdef", device: device.id)
        let good = "accord=\(signature.parameters)"
        #expect(RequestSignature(signatureInput: good) == signature)
        let bad = good.split(separator: old, omittingEmptySubsequences: false)
            .joined(separator: new)
        #expect(bad != good)
        #expect(RequestSignature(signatureInput: bad) == nil)
    }
}
