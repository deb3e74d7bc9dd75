import ClientStore
import Crypto
import Foundation
import LedgerCore
import NodeAPI
import NodeClient
import NodeSequencer
import Screens
import SyncCore
import SyncEngine
import TestSupport
import Testing

@testable import ClientRuntime

/// Joining at a shared machine: what is kept of it, and what a stranger learns.
@Suite struct KioskDeskTests {
    /// A way to a node on which what is sent to join can be lost, and its answer.
    private struct Way: NodeConnection {
        let client: NodeClient
        let losesRequest: SharedFlag
        let losesAnswer: SharedFlag

        func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
            -> [UInt8]
        {
            let isJoining = call.path == "/v1/enrolments"
            if isJoining, losesRequest.isSet { throw .timedOut }
            let answer = try await client.send(call, deadline: deadline, limit: limit)
            if isJoining, losesAnswer.isSet { throw .timedOut }
            return answer
        }
    }

    /// A shared machine with a node of its own.
    private struct Hall {
        let node: RealNode
        let desk: KioskDesk
        let losesRequest = SharedFlag()
        let losesAnswer = SharedFlag()
        private let folder = TestMember.temporaryFolder()
        private let memory = URL(filePath: "/dev/shm/accord-test-\(UUID().uuidString)")

        init() async throws {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            node = try await RealNode(
                folder: folder + "/node", clock: ManualClock(LedgerBuilder.start))
            let clock = RuntimeClock(at: LedgerBuilder.start)
            let (losesRequest, losesAnswer) = (losesRequest, losesAnswer)
            desk = try KioskDesk(
                cards: URL(filePath: folder + "/cards", directoryHint: .isDirectory),
                memory: memory, node: node.url, clock: clock, random: RandomSource(),
                wiring: MemberSession.Wiring { address, keys in
                    guard let place = NodeAddress(address) else { throw VaultError.missing }
                    let signer =
                        keys.map { keys in
                            RequestSigner(
                                device: { keys.device },
                                sign: {
                                    (try? keys.signing.signature(for: $0)).map { [UInt8]($0) }
                                })
                        } ?? .none
                    let client = NodeClient(
                        address: place, signer: signer, clock: { clock.now })
                    let way = Way(
                        client: client, losesRequest: losesRequest, losesAnswer: losesAnswer)
                    return NodeLink(way) { try? await client.shutdown() }
                })
        }

        func end() async throws {
            try await node.stop()
            try? FileManager.default.removeItem(atPath: folder)
            try? FileManager.default.removeItem(at: memory)
        }

        /// Lets somebody in and out again; returns whose account it was.
        func visit(_ request: KioskModel.Request) async throws -> AccountID {
            let visit = try await desk.admit(request)
            let account = try #require(try visit.session.store.enrolment()).account
            await desk.dismiss(visit)
            return account
        }

        /// What is told to somebody who is not let in.
        func refusal(_ request: KioskModel.Request) async throws -> KioskText {
            do throws(KioskProblem) {
                let visit = try await desk.admit(request)
                await desk.dismiss(visit)
            } catch {
                return error.note.text
            }
            Issue.record("let in")
            return .noRoom
        }

        /// The files of this kind beside each other in the folder of the cards.
        func files(_ ending: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder + "/cards")
                .filter { $0.hasSuffix("." + ending) }
        }

        var cards: CardBox {
            CardBox(folder: URL(filePath: folder + "/cards", directoryHint: .isDirectory))
        }

        func code() throws -> String { try node.invite().grouped }
    }

    private static let secret = "the personal one"

    @Test(arguments: [true, false])
    func `a joining whose answer was lost goes on with the same keys`(signsIn: Bool) async throws {
        let hall = try await Hall()
        let code = try hall.code()
        let join = KioskModel.Request.join(badge: "b1", code: code, secret: Self.secret)
        hall.losesAnswer.isSet = true
        #expect(try await hall.refusal(join) == .notReachable)
        #expect(try hall.files("joining").count == 1)
        #expect(try hall.files("card").isEmpty)
        hall.losesAnswer.isSet = false
        // A code that was given in the meantime enrols nobody who is enrolled.
        let again = KioskModel.Request.join(
            badge: "b1", code: try hall.code(), secret: Self.secret)
        let signIn = KioskModel.Request.signIn(badge: "b1", secret: Self.secret)
        let account = try await hall.visit(signsIn ? signIn : again)
        #expect(try hall.files("joining").isEmpty)
        #expect(try await hall.visit(signIn) == account)
        try await hall.end()
    }

    @Test func `a joining that never arrived keeps nobody from another one with that badge`()
        async throws
    {
        let hall = try await Hall()
        let code = try hall.code()
        hall.losesRequest.isSet = true
        let stranger = KioskModel.Request.join(badge: "b1", code: code, secret: "a stranger's")
        #expect(try await hall.refusal(stranger) == .notReachable)
        hall.losesRequest.isSet = false
        let own = KioskModel.Request.join(badge: "b1", code: code, secret: Self.secret)
        let account = try await hall.visit(own)
        let signIn = KioskModel.Request.signIn(badge: "b1", secret: Self.secret)
        #expect(try await hall.visit(signIn) == account)
        try await hall.end()
    }

    @Test func `a refused code takes nothing from a joining that had no answer`() async throws {
        let hall = try await Hall()
        hall.losesAnswer.isSet = true
        let join = KioskModel.Request.join(
            badge: "b1", code: try hall.code(), secret: Self.secret)
        #expect(try await hall.refusal(join) == .notReachable)
        hall.losesAnswer.isSet = false
        let stranger = KioskModel.Request.join(
            badge: "b1", code: "0000-0000-00000", secret: "a stranger's")
        #expect(try await hall.refusal(stranger) == .codeRefused)
        _ = try await hall.visit(.signIn(badge: "b1", secret: Self.secret))
        // Of one that was refused at once nothing is kept at all.
        let other = KioskModel.Request.join(
            badge: "b2", code: "0000-0000-00000", secret: Self.secret)
        #expect(try await hall.refusal(other) == .codeRefused)
        #expect(try hall.files("joining").isEmpty)
        try await hall.end()
    }

    @Test func `a joining that had no answer stays beside others with that badge`() async throws {
        let hall = try await Hall()
        hall.losesAnswer.isSet = true
        let join = KioskModel.Request.join(
            badge: "b1", code: try hall.code(), secret: Self.secret)
        #expect(try await hall.refusal(join) == .notReachable)
        hall.losesAnswer.isSet = false
        hall.losesRequest.isSet = true
        let stranger = KioskModel.Request.join(
            badge: "b1", code: try hall.code(), secret: "a stranger's")
        #expect(try await hall.refusal(stranger) == .notReachable)
        hall.losesRequest.isSet = false
        #expect(try hall.files("joining").count == 2)
        let signIn = KioskModel.Request.signIn(badge: "b1", secret: Self.secret)
        let account = try await hall.visit(signIn)
        #expect(try hall.files("joining").isEmpty)
        #expect(try await hall.visit(signIn) == account)
        try await hall.end()
    }

    @Test func `of the joinings of a badge the newest three are kept`() async throws {
        let hall = try await Hall()
        let code = try hall.code()
        hall.losesRequest.isSet = true
        for number in 1...4 {
            let join = KioskModel.Request.join(
                badge: "b1", code: code, secret: "\(Self.secret) \(number)")
            #expect(try await hall.refusal(join) == .notReachable)
        }
        #expect(try hall.files("joining").count == 3)
        hall.losesRequest.isSet = false
        let former = KioskModel.Request.signIn(badge: "b1", secret: "\(Self.secret) 1")
        #expect(try await hall.refusal(former) == .wrongSecret)
        // Another badge has nothing of these, and takes nothing from them.
        _ = try await hall.visit(
            .join(badge: "b2", code: try hall.code(), secret: Self.secret))
        #expect(try hall.files("joining").count == 3)
        _ = try await hall.visit(.signIn(badge: "b1", secret: "\(Self.secret) 2"))
        #expect(try hall.files("joining").isEmpty)
        try await hall.end()
    }

    @Test func `a badge that is known gets what a wrong code gets`() async throws {
        let hall = try await Hall()
        let join = KioskModel.Request.join(
            badge: "b1", code: try hall.code(), secret: Self.secret)
        let account = try await hall.visit(join)
        let code = try hall.code()
        for secret in ["a stranger's", Self.secret] {
            let known = KioskModel.Request.join(badge: "b1", code: code, secret: secret)
            #expect(try await hall.refusal(known) == .codeRefused)
        }
        #expect(try hall.files("joining").isEmpty)
        // The member's card is what it was, and nobody used the code.
        let signIn = KioskModel.Request.signIn(badge: "b1", secret: Self.secret)
        #expect(try await hall.visit(signIn) == account)
        let other = KioskModel.Request.join(badge: "b2", code: code, secret: Self.secret)
        #expect(try await hall.visit(other) != account)
        try await hall.end()
    }

    @Test func `trying a secret costs the same whether a badge is known or not`() async throws {
        let hall = try await Hall()
        _ = try await hall.visit(
            .join(badge: "b1", code: try hall.code(), secret: Self.secret))
        let card = try #require(try hall.cards.card(badge: "b1"))
        #expect(try hall.cards.rounds() == card.vault.rounds)
        let decoy = try Vault(decoy: card.vault.rounds, random: RandomSource())
        #expect(decoy.rounds == card.vault.rounds)
        #expect(throws: VaultError.wrongPassphrase) { try decoy.unlock(passphrase: Self.secret) }
        try await hall.end()
    }

    @Test func `each reason not to be let in has words of its own`() {
        let outcomes: [(SyncOutcome, KioskText)] = [
            (.frozen(reason: ""), .notTrusted), (.unfinished(.unconfirmed), .notConfirmed),
            (.unfinished(nil), .notReachable), (.revoked, .keysRemoved),
            (.needsEnrolment, .keysUnknown), (.incompatible, .versionDiffers),
            (.storeFailed(""), .memoryFull), (.needsUnlock, .noRoom),
        ]
        for (outcome, text) in outcomes {
            #expect(KioskProblem(outcome: outcome)?.note.text == text)
        }
        #expect(KioskProblem(outcome: .complete) == nil)
        #expect(KioskProblem(outcome: .recordsWait(.timedOut)) == nil)
        let wait = NodeFailure.problem(Problem(.tooManyRequests, retryAfterSeconds: 3_541))
        #expect(
            KioskProblem(JoinError.notReachable(wait)).note
                == KioskModel.Note(.tooManyRequests, 60))
        // The node counts more than wrong codes, and does not say which it was.
        #expect(!KioskText.tooManyRequests.texts[.english].contains("code"))
        #expect(KioskProblem(JoinError.notReachable(.timedOut)).note.text == .notReachable)
        #expect(KioskProblem(JoinError.notStored("")).note.text == .memoryFull)
        let full = HomeError(path: "", problem: .notWritable(""))
        #expect(KioskProblem(full).note.text == .memoryFull)
    }
}
