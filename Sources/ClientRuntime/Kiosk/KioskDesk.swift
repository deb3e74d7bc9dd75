import ClientStore
package import Foundation
package import LedgerCore
import NodeAPI
package import Screens
import SyncCore
import SyncEngine

/// The desk of a shared machine: lets a member in and, when they go, forgets them.
///
/// While somebody is signed in, everything about them lies in a folder in memory (tmpfs), and
/// nothing is kept for later: a decision reaches the ledger or is taken back.
package final class KioskDesk: Sendable {
    /// Somebody is signed in.
    package struct Visit: Sendable {
        /// What they work with.
        package let session: MemberSession
        fileprivate let badge: String
        fileprivate let folder: URL
        fileprivate let secret: String
    }

    private let cards: CardBox
    private let memory: URL
    private let latch: FolderLatch
    private let node: String
    private let clock: RuntimeClock
    private let random: RandomSource
    private let wiring: MemberSession.Wiring
    private let policy: WitnessPolicy?

    /// Makes a desk.
    ///
    /// `cards` is the folder for the members' cards, made if it is missing; `memory` one on tmpfs
    /// for this program alone, where what an earlier visit left is removed; `node` the address of
    /// the node; `policy` whose cosignatures everybody who comes asks for.
    ///
    /// - Throws: `HomeError` if a folder cannot be used, or `memory` is not in memory or is in use.
    package init(
        cards: URL, memory: URL, node: String, clock: RuntimeClock, random: RandomSource,
        wiring: MemberSession.Wiring, policy: WitnessPolicy? = nil
    ) throws {
        try HomeFolders.makePrivate(cards)
        try HomeFolders.makePrivate(memory)
        let path = memory.path(percentEncoded: false)
        guard ["tmpfs", "ramfs"].contains(Self.fileSystem(of: memory)) else {
            throw HomeError(path: path, problem: .notInMemory)
        }
        latch = try FolderLatch(memory)
        self.cards = CardBox(folder: cards)
        self.memory = memory
        self.node = node
        self.clock = clock
        self.random = random
        self.wiring = wiring
        self.policy = policy
        try sweep()
    }

    /// The kind of file system a folder lies on, as proc_pid_mountinfo(5) tells.
    private static func fileSystem(of folder: URL) -> String {
        let path = folder.resolvingSymlinksInPath().path(percentEncoded: false)
        let content = FileManager.default.contents(atPath: "/proc/self/mountinfo") ?? .init()
        var found = (place: "", kind: "")
        for line in String(decoding: content, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard let dash = words.firstIndex(of: "-"), dash + 1 < words.count, words.count > 4
            else { continue }
            let place = words[4]
            let isAbove = place == "/" || path == place || path.hasPrefix(place + "/")
            // Of two at one place the later lies over the earlier.
            if isAbove, place.count >= found.place.count { found = (place, words[dash + 1]) }
        }
        return found.kind
    }

    /// Removes everything of any visit.
    package func sweep() throws {
        for item in try FileManager.default.contentsOfDirectory(
            at: memory, includingPropertiesForKeys: nil)
        {
            try FileManager.default.removeItem(at: item)
        }
    }

    /// Whether the node answers.
    package func isOpen() async -> Bool {
        // An address that is none answers nothing either.
        guard let link = try? wiring.connect(node, nil) else { return false }
        // Why it does not answer is for the people who run it: its own log says so.
        let answer = try? await NodeGateway(link.connection).send(.health, deadline: .seconds(5))
        await link.close()
        return answer != nil
    }

    // MARK: Coming

    /// Carries out what was asked for at the first screens.
    ///
    /// - Throws: `KioskProblem`, what to tell; nothing is left behind then.
    @concurrent
    package func admit(_ request: KioskModel.Request) async throws(KioskProblem) -> Visit {
        let folder = memory.appending(
            path: Hex.encode(random.bytes(8)), directoryHint: .isDirectory)
        do {
            switch request {
            case .signIn(let badge, let secret):
                return try await signIn(badge, secret, folder)
            case .join(let badge, let code, let secret):
                return try await join(badge, code, secret, folder)
            }
        } catch {
            // The folder may not have been made.
            try? FileManager.default.removeItem(at: folder)
            throw KioskProblem(error)
        }
    }

    private func signIn(_ badge: String, _ secret: String, _ folder: URL) async throws -> Visit {
        let tries = try cards.tries(badge: badge)
        let joinings = try cards.card(badge: badge) == nil ? cards.joinings(badge: badge) : []
        if !joinings.isEmpty {
            let joiner = Joiner(badge: badge, secret: secret, folder: folder)
            let (card, keys) = try unlock(joinings, joiner)
            return try await goOn(with: card, keys, joiner, code: nil)
        }
        let (card, keys) = try tries.attempt(now: clock.now, wipe: nil) {
            // An unknown badge and a wrong secret get one answer, in the same time: nobody learns
            // who comes here.
            guard let card = try cards.card(badge: badge) else {
                _ = try decoy().unlock(passphrase: secret)
                throw VaultError.wrongPassphrase
            }
            return (card, try card.vault.unlock(passphrase: secret))
        }
        let (enrolment, cursor) = try card.content(keys)
        let folders = HomeFolders(root: folder)
        try folders.prepare()
        try card.vault.write(to: folders.vaultFile)
        let session = try makeSession(folders, tries)
        try session.store.adopt(enrolment, cursor: cursor)
        try session.changeProfile { $0.node = self.node }
        try session.unlock(passphrase: secret)
        let visit = Visit(session: session, badge: badge, folder: folder, secret: secret)
        try await complete(visit)
        return visit
    }

    /// A vault that nothing opens and that costs what the others do.
    private func decoy() throws -> Vault {
        try Vault(decoy: cards.rounds() ?? Vault.defaultRounds, random: random)
    }

    /// Who joins, with the folder of their visit.
    private struct Joiner {
        let badge: String
        let secret: String
        let folder: URL
    }

    private func join(
        _ badge: String, _ code: String, _ secret: String, _ folder: URL
    ) async throws -> Visit {
        guard let code = InvitationCode(typed: code)?.text else { throw JoinError.notACode }
        let joiner = Joiner(badge: badge, secret: secret, folder: folder)
        guard try cards.card(badge: badge) == nil else { try await refuse(joiner) }
        if let (card, keys) = try begun(joiner) {
            return try await goOn(with: card, keys, joiner, code: code)
        }
        return try await begin(joiner, code: code)
    }

    /// Refuses who joins with a badge that is known: the node is asked with a wrong code, and counts
    /// it.
    ///
    /// The answer and its time are those of a wrong code: nobody learns who comes here. The code
    /// that was typed stays good.
    private func refuse(_ joiner: Joiner) async throws -> Never {
        let wrong = InvitationCode(random: random.bytes(InvitationCode.length))
        try await makeSession(HomeFolders(root: joiner.folder), cards.tries(badge: joiner.badge))
            .join(code: wrong.text, node: node, passphrase: joiner.secret, policy: policy)
        throw JoinError.codeRefused
    }

    /// What is kept of a joining with this badge and secret; `nil` if there is nothing.
    private func begun(_ joiner: Joiner) throws -> (JoiningCard, VaultKeys)? {
        let joinings = try cards.joinings(badge: joiner.badge)
        guard !joinings.isEmpty else { return nil }
        do {
            return try unlock(joinings, joiner)
        } catch VaultError.wrongPassphrase {
            // Whoever left them there keeps nobody from joining with this badge.
            return nil
        }
    }

    /// The joining that was begun with this secret, and its keys.
    ///
    /// - Throws: `VaultError.wrongPassphrase` where none of them was, and what trying throws.
    private func unlock(
        _ joinings: [JoiningCard], _ joiner: Joiner
    ) throws -> (JoiningCard, VaultKeys) {
        // One secret is one try, however many there are.
        try cards.tries(badge: joiner.badge).attempt(now: clock.now, wipe: nil) {
            for card in joinings {
                do {
                    return (card, try card.vault.unlock(passphrase: joiner.secret))
                } catch VaultError.wrongPassphrase {
                    continue
                }
            }
            throw VaultError.wrongPassphrase
        }
    }

    /// Joins with new keys, which are kept before anything is sent: they are the only ones.
    private func begin(_ joiner: Joiner, code: String) async throws -> Visit {
        let session = try makeSession(
            HomeFolders(root: joiner.folder), cards.tries(badge: joiner.badge))
        do {
            try await session.join(
                code: code, node: node, passphrase: joiner.secret, policy: policy
            ) { keys, entry in
                guard let vault = session.vault else { throw VaultError.missing }
                try cards.keep(
                    JoiningCard(vault: vault, keys: keys, entry: entry, codes: [code]),
                    badge: joiner.badge)
            }
        } catch {
            if Self.mayHaveJoined(error) {
                // Only now: one that is refused pushes out none of before. What stays now goes the
                // next time.
                try? cards.pruneJoinings(badge: joiner.badge)
            } else if let vault = session.vault {
                cards.forgetJoining(vault.publicKeys.device, badge: joiner.badge)
            }
            throw error
        }
        return try await finish(session, joiner)
    }

    /// Goes on with a joining that had no answer: sends the same bytes with each code that they may
    /// have been sent with.
    private func goOn(
        with card: JoiningCard, _ keys: VaultKeys, _ joiner: Joiner, code: String?
    ) async throws -> Visit {
        let folders = HomeFolders(root: joiner.folder)
        try folders.prepare()
        try card.vault.write(to: folders.vaultFile)
        let session = try makeSession(folders, cards.tries(badge: joiner.badge))
        let (entry, kept) = try card.content(keys)
        try session.store.prepareEnrolment(entry)
        var codes = kept
        if let code {
            codes = kept.filter { $0 != code } + [code]
            try cards.keep(
                JoiningCard(vault: card.vault, keys: keys, entry: entry, codes: codes),
                badge: joiner.badge)
        }
        var refusal = JoinError.codeRefused
        for code in codes.reversed() {
            do {
                try await session.join(
                    code: code, node: node, passphrase: joiner.secret, policy: policy)
                return try await finish(session, joiner)
            } catch let error as JoinError where error.isRefusal {
                refusal = error
            }
        }
        throw refusal
    }

    private func finish(_ session: MemberSession, _ joiner: Joiner) async throws -> Visit {
        let visit = Visit(
            session: session, badge: joiner.badge, folder: joiner.folder, secret: joiner.secret)
        try keepCard(visit)
        try await complete(visit)
        return visit
    }

    /// Whether the node may have taken in what was sent to join: its keys have to stay then.
    private static func mayHaveJoined(_ error: any Error) -> Bool {
        switch error {
        case let error as JoinError where error.isRefusal: false
        case JoinError.notReachable(.problem(let problem)): problem.code != .tooManyRequests
        case JoinError.notReachable(let failure): !failure.hasSentNothing
        default: true
        }
    }

    private func makeSession(_ folders: HomeFolders, _ tries: SecretTries) throws
        -> MemberSession
    {
        try MemberSession(
            folders: folders, clock: clock, random: random, wiring: wiring, isOnlineOnly: true,
            secretTries: tries)
    }

    private func complete(_ visit: Visit) async throws {
        let store = visit.session.store
        if let policy, let enrolment = try store.enrolment() {
            guard policy.covers(enrolment.logKey) else { throw KioskProblem(.notTrusted) }
            try store.setWitnessPolicy(policy)
        }
        let outcome = try await visit.session.syncOnce()
        if let problem = KioskProblem(outcome: outcome) { throw problem }
    }

    // MARK: Going

    /// Ends a visit: keeps the card, ends what runs, removes what is in memory.
    package func dismiss(_ visit: Visit) async {
        await visit.session.stop()
        // What was never sent ends with the visit. The rest may be at the node, and a card that
        // cannot be written is the one from before: the next visit learns from the node where its
        // entries go.
        _ = try? visit.session.store.withdrawUnsent()
        try? keepCard(visit)
        // The next start sweeps again.
        try? FileManager.default.removeItem(at: visit.folder)
    }

    private func keepCard(_ visit: Visit) throws {
        let session = visit.session
        guard let enrolment = try session.store.enrolment() else { return }
        let vault = try Vault.read(from: session.folders.vaultFile)
        let keys = try vault.unlock(passphrase: visit.secret)
        let cursor = try session.store.cursor(of: enrolment.device)
        try cards.keep(
            MemberCard(vault: vault, keys: keys, enrolment: enrolment, cursor: cursor),
            badge: visit.badge)
    }
}

/// Why somebody was not let in.
package struct KioskProblem: Error, Equatable, Sendable {
    /// What to tell.
    package let note: KioskModel.Note

    init(_ text: KioskText, _ number: Int = 0) {
        note = KioskModel.Note(text, number)
    }

    /// Why somebody whose first round ended so is not let in; `nil` if they are.
    init?(outcome: SyncOutcome) {
        switch outcome {
        case .complete, .recordsWait: return nil
        case .frozen: self.init(.notTrusted)
        case .unfinished(.unconfirmed): self.init(.notConfirmed)
        case .unfinished: self.init(.notReachable)
        case .revoked: self.init(.keysRemoved)
        case .needsEnrolment: self.init(.keysUnknown)
        case .incompatible: self.init(.versionDiffers)
        case .storeFailed: self.init(.memoryFull)
        case .otherProcess, .needsUnlock: self.init(.noRoom)
        }
    }

    init(_ error: any Error) {
        switch error {
        case let problem as KioskProblem: self = problem
        case VaultError.wrongPassphrase: self.init(.wrongSecret)
        case SecretProblem.wait(let minutes): self.init(.tooManyTries, minutes)
        case JoinError.notACode, JoinError.codeRefused, JoinError.refused:
            self.init(.codeRefused)
        case JoinError.nodeNotAuthentic, JoinError.policyElsewhere: self.init(.notTrusted)
        case JoinError.notReachable(.problem(let problem)) where problem.code == .tooManyRequests:
            self.init(.tooManyRequests, Int((problem.retryAfterSeconds ?? 60) + 59) / 60)
        case JoinError.notReachable(.incompatible): self.init(.versionDiffers)
        case JoinError.notReachable: self.init(.notReachable)
        case JoinError.notStored: self.init(.memoryFull)
        case let failure as StoreFailure where failure.code == .full: self.init(.memoryFull)
        case let error as HomeError where error.isNotWritable: self.init(.memoryFull)
        default: self.init(.noRoom)
        }
    }
}
