import ClientRuntime
import Foundation
import Glibc
import LedgerCore
import NodeAPI
import Screens
import StudyImport
import SyncCore
import SyncEngine
import TerminalCore

/// A private ledger on this machine: a node, three institutions with their projects, a study team
/// that answers, and a neighbour who takes part too.
final class DemoWorld {
    private let root: URL
    private let clock: RuntimeClock
    private let clockFile: URL?
    private let seed: UInt64?
    private let every: String
    private let outlivesProgram: Bool
    private let more: (AccountID) throws -> [ProjectTerms]
    private var invitationCount: UInt64 = 0
    private var node: ChildProcess?
    private var team: ChildProcess?
    private let program: URL

    /// Names a world; nothing is started.
    ///
    /// - Parameters:
    ///   - root: The folder it lives in.
    ///   - clock: What this program takes for the time.
    ///   - clockFile: A file with the time, for tapes.
    ///   - seed: What all keys follow from, for tapes.
    ///   - every: How often the study team uses what it may, such as `20s`.
    ///   - outlivesProgram: Whether what is started goes on when this program has ended.
    ///   - more: Projects of the first institution besides those of the catalogue.
    /// - Throws: `CommandFailure` where the node's program is missing.
    init(
        root: URL, clock: RuntimeClock, clockFile: URL? = nil, seed: UInt64? = nil,
        every: String = "20s", outlivesProgram: Bool = false,
        more: @escaping (AccountID) throws -> [ProjectTerms] = { _ in [] }
    ) throws {
        self.root = root
        self.clock = clock
        self.clockFile = clockFile
        self.seed = seed
        self.every = every
        self.outlivesProgram = outlivesProgram
        self.more = more
        program = try Installed.program("accord-node")
    }

    /// The file that says where the node listens; it stays when the node does not.
    static func addressFile(_ root: URL) -> URL { root.appending(path: "address") }

    /// Where the node listens, or listened last.
    static func address(_ root: URL) -> String? {
        let path = addressFile(root).path(percentEncoded: false)
        return FileManager.default.contents(atPath: path).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Where the node listens.
    var address: String { DemoWorld.address(root) ?? "" }

    private var data: String { root.appending(path: "node").path(percentEncoded: false) }
    private var log: URL { root.appending(path: "log") }
    private func home(_ name: String) -> HomeFolders {
        HomeFolders(root: root.appending(path: name, directoryHint: .isDirectory))
    }

    // MARK: Starting

    /// Starts what is there, and makes what is not.
    func start() async throws {
        try HomeFolders.makePrivate(root)
        let isNew = !FileManager.default.fileExists(
            atPath: root.appending(path: "ready").path(percentEncoded: false))
        if isNew { try await makeLedger() }
        try await startNode()
        if isNew { try await fill() }
        try await startTeam()
    }

    /// Starts what is there again, but not a node that the person stopped.
    func resume() async throws {
        guard DemoWorld.isStopped(root) else { return try await start() }
        try await startTeam()
    }

    private static func stopFile(_ root: URL) -> URL { root.appending(path: "stopped") }

    /// Whether the person stopped the node and has not started it since.
    private static func isStopped(_ root: URL) -> Bool {
        FileManager.default.fileExists(atPath: stopFile(root).path(percentEncoded: false))
    }

    /// Ends the node, and keeps it away until it is started on purpose.
    static func stopNode(_ root: URL) throws {
        try HomeFolders.writePrivate([], to: stopFile(root))
        if let pid = runningChild(root, "node.pid") { kill(pid, SIGKILL) }
    }

    private var rehearsal: [String] {
        (clockFile.map { ["--clock", $0.path(percentEncoded: false)] } ?? [])
            + (seed.map { ["--seed", String($0)] } ?? [])
    }

    /// What has a child follow its input.
    private var bond: [String] { outlivesProgram ? [] : ["--end-with-input"] }

    private func makeLedger() async throws {
        let output = try await ChildProcess.run(
            program,
            ["init", "--data", data, "--origin", "demo.accord.example/ledger"] + rehearsal,
            log: log)
        let files = FileManager.default
        guard files.fileExists(atPath: "\(data)/log.key"),
            !files.fileExists(atPath: "\(data)/init.unfinished")
        else {
            throw CommandFailure(
                .notReachable, "could not make a ledger: \(output)",
                "无法创建账本：\(output)")
        }
    }

    /// Starts the node where it listened before, or where there is room.
    func startNode() async throws {
        try await endStray("node.pid")
        let port = DemoWorld.address(root)?.split(separator: ":").last.map(String.init) ?? "0"
        do {
            try await startNode(port: port)
        } catch  where port != "0" && !(error is CancellationError) {
            try await startNode(port: "0")
        }
    }

    private func startNode(port: String) async throws {
        let child = try ChildProcess(
            program,
            // Whoever comes back to it after years finds it as it was.
            ["serve", "--data", data, "--listen", "127.0.0.1:\(port)", "--trust-clock"]
                + rehearsal + bond,
            endsWithProgram: !outlivesProgram, log: log)
        node = child
        try note(child, "node.pid")
        let address: String
        do {
            address = try await child.line(startingWith: "listening on ")
        } catch {
            // Nobody else would end it: its number is forgotten with the next one.
            await child.killNow()
            throw error
        }
        try HomeFolders.writePrivate(Array(address.utf8), to: DemoWorld.addressFile(root))
        unlink(DemoWorld.stopFile(root).path(percentEncoded: false))
    }

    /// Starts the study team in a process of its own.
    func startTeam() async throws {
        try await endStray("team.pid")
        let child = try ChildProcess(
            URL(filePath: Installed.executable),
            [
                "demo", "team", "--world", root.path(percentEncoded: false), "--every", every,
            ] + (clockFile.map { ["--clock", $0.path(percentEncoded: false)] } ?? []) + bond,
            endsWithProgram: !outlivesProgram, log: root.appending(path: "team.log"))
        team = child
        try note(child, "team.pid")
    }

    // MARK: Ending

    /// Ends the children by their numbers.
    func stop() async {
        await team?.stop()
        await node?.stop()
        team = nil
        node = nil
        for name in ["team.pid", "node.pid"] {
            // The node may be one that "demo start-node" started in another terminal.
            if let pid = DemoWorld.runningChild(root, name) { kill(pid, SIGTERM) }
            unlink(root.appending(path: name).path(percentEncoded: false))
        }
    }

    /// Ends the node's process as a power cut would.
    func killNode() async {
        await node?.killNow()
        node = nil
    }

    private func note(_ child: ChildProcess, _ name: String) throws {
        try HomeFolders.writePrivate(
            Array(String(child.pid).utf8), to: root.appending(path: name))
    }

    /// Ends a child of an earlier run that was not ended with it; only if it is still that one.
    private func endStray(_ name: String) async throws {
        guard let pid = DemoWorld.runningChild(root, name) else { return }
        kill(pid, SIGTERM)
        for _ in 0..<200 where DemoWorld.runningChild(root, name) != nil {
            try await QuietTimer.sleep(for: .milliseconds(10))
        }
    }

    /// The number of a child that runs on this world's folder, or `nil`.
    static func runningChild(_ root: URL, _ name: String) -> Int32? {
        let path = root.appending(path: name).path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path),
            let pid = Int32(String(decoding: content, as: UTF8.self)), pid > 1,
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
            String(decoding: line, as: UTF8.self).contains(root.path(percentEncoded: false))
        else { return nil }
        return pid
    }

    // MARK: Filling

    private func fill() async throws {
        var accounts: [AccountID] = []
        for (index, name) in DemoCatalogue.institutions.enumerated() {
            accounts.append(try await admit(index, name))
        }
        let now = clock.now
        let projects = DemoCatalogue.projects(recipients: accounts, now: now)
        for (index, account) in accounts.enumerated() {
            let own = projects.filter { DemoCatalogue.sponsor(of: $0.project) == index }
            let added = index == 0 ? try more(account) : []
            try await publish(own + added, index: index, account: account)
        }
        for reward in DemoCatalogue.rewards { try await offer(reward) }
        try await withNeighbour { neighbour, code in
            try await neighbour.join(code: code, node: self.address, passphrase: "")
        }
        try HomeFolders.writePrivate([], to: root.appending(path: "ready"))
    }

    private func admit(_ index: Int, _ name: LocalizedText) async throws -> AccountID {
        let folders = home("institution-\(index)")
        try folders.prepare()
        let random =
            seed.map { RandomSource(seed: $0 &* 100 &+ UInt64(index) &+ 1) } ?? RandomSource()
        let keys: VaultKeys
        if FileManager.default.fileExists(atPath: folders.vaultFile.path(percentEncoded: false)) {
            keys = try Vault.read(from: folders.vaultFile).unlock(passphrase: "")
        } else {
            keys = try VaultKeys(random: random)
            try Vault(sealing: keys, passphrase: "", random: random).write(to: folders.vaultFile)
        }
        let keyFile = root.appending(path: "institution-\(index).json")
        try HomeFolders.writePrivate(
            EntryBody.deviceAdded(keys.publicKeys).json.canonicalBytes, to: keyFile)
        let admitted = try await ChildProcess.run(
            program,
            [
                "admit", "--data", data, "--keys", keyFile.path(percentEncoded: false),
                "--name-en", name.english, "--name-zh", name.chinese, "--json",
            ], log: root.appending(path: "admit.log"))
        let account = AccountID(firstDevice: keys.device)
        guard admitted.contains(account.text) || admitted.contains("alreadyEnrolled") else {
            throw CommandFailure(
                .notReachable, "could not admit an institution: \(admitted)",
                "无法接纳机构：\(admitted)")
        }
        let funded = try await ChildProcess.run(
            program, ["fund", "--data", data, account.text, "10000000", "--json"],
            log: root.appending(path: "fund.log"))
        guard funded.contains(account.text) else {
            throw CommandFailure(
                .notReachable, "could not fund an institution: \(funded)",
                "无法为机构注入积分：\(funded)")
        }
        return account
    }

    private func publish(_ projects: [ProjectTerms], index: Int, account: AccountID) async throws {
        let link = try link(institution: index)
        var statements: [(AccountID, EntryBody)] = []
        for terms in projects {
            statements.append((account, .projectPublished(terms)))
            let seats = terms.seats == 0 ? 200 : terms.seats
            let escrow = Points(terms.reward.memberCap.value * seats)
            guard escrow > .zero else { continue }
            statements.append(
                (account, .escrowPlaced(EscrowPlaced(project: terms.project, points: escrow))))
        }
        let verdicts: [Verdict]
        do {
            let desk = try StudyDesk(
                keys: link.keys, gateway: NodeGateway(link.link.connection),
                folders: home("institution-\(index)"), clock: clock)
            verdicts = try await desk.state(statements)
        } catch {
            await link.link.close()
            throw error
        }
        await link.link.close()
        for case .rejected(let refusal) in verdicts where refusal.rejection != .projectExists {
            throw CommandFailure(
                .refused, "a project was refused: \(refusal.name)",
                "项目被拒绝：\(refusal.name)")
        }
    }

    private func offer(_ reward: RewardOffered) async throws {
        let offered = try await ChildProcess.run(
            program,
            [
                "reward", "offer", "--data", data, reward.reward.text, "--price",
                String(reward.price.value), "--units", String(reward.units), "--name-en",
                reward.title.english, "--name-zh", reward.title.chinese, "--json",
            ] + (reward.isInstant ? ["--instant"] : []), log: root.appending(path: "offer.log"))
        guard offered.contains("\"entry\"") else {
            throw CommandFailure(
                .notReachable, "could not offer a reward: \(offered)", "无法提供奖励：\(offered)")
        }
    }

    private func link(institution index: Int) throws -> (keys: VaultKeys, link: NodeLink) {
        let keys = try Vault.read(from: home("institution-\(index)").vaultFile)
            .unlock(passphrase: "")
        return (keys, try NodeLink.http(address, keys: keys, clock: clock))
    }

    /// Makes an invitation code.
    func invite() async throws -> String {
        invitationCount += 1
        let output = try await ChildProcess.run(
            program,
            ["invite", "--data", data, "--json"]
                + (seed.map { ["--seed", String($0 &* 1_000 &+ invitationCount)] } ?? []),
            log: root.appending(path: "invite.log"))
        // Only the words of the node's own answer matter; anything else is told as it is.
        guard let json = try? JSONValue(canonical: Array(output.utf8.filter { $0 != 0x0a })),
            let code = json["codes"]?.array?.first?.string
        else {
            throw CommandFailure(
                .notReachable, "could not invite: \(output)", "无法生成邀请码：\(output)")
        }
        return code
    }

    // MARK: The neighbour

    private func withNeighbour(
        _ body: (MemberSession, String) async throws -> Void
    ) async throws {
        let random = seed.map { RandomSource(seed: $0 &* 100 &+ 50) } ?? RandomSource()
        let session = try MemberSession(
            folders: home("neighbour"), clock: clock, random: random, wiring: .http(clock: clock))
        let code = session.stage == .welcome ? try await invite() : ""
        try await body(session, code)
    }

    /// Has the neighbour sign up for a project: the last seat may be gone then.
    func neighbourSignsUp(for project: ProjectID) async throws {
        try await withNeighbour { neighbour, _ in
            try neighbour.changeProfile { $0.node = self.address }
            _ = try await neighbour.syncOnce()
            if case .joined = try neighbour.actions().project(project).participation { return }
            try neighbour.actions().signUp(project)
            _ = try await neighbour.syncOnce()
        }
    }

    /// Starts the node elsewhere for a moment in which the neighbour takes the last seat of the
    /// project that has one; then where everybody looks for it.
    func startNodeAfterNeighbour() async throws {
        let usual = address
        let single = DemoCatalogue.projects(
            recipients: [AccountID(firstDevice: DeviceID(publicKey: []))], now: clock.now
        ).first { $0.seats == 1 }
        if let single {
            try await startNode(port: "0")
            try await neighbourSignsUp(for: single.project)
            await node?.stop()
            try HomeFolders.writePrivate(Array(usual.utf8), to: DemoWorld.addressFile(root))
        }
        try await startNode()
    }
}
