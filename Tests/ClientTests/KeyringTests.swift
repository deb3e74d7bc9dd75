import ClientStore
import Foundation
import LedgerCore
import Screens
import SyncCore
import Synchronization
import Testing

@testable import ClientRuntime

/// A keyring in memory, which outlives the processes that ask it, can be away, and can stop one of
/// them in the middle.
private final class MemoryKeyring: Keyring {
    /// When a call ends a process: before it did something, or after.
    enum Stop: CaseIterable { case before, after }

    private struct State {
        var secrets: [String: [UInt8]] = [:]
        var problem: KeyringProblem?
        var stop: (call: Int, when: Stop)?
        var calls = 0
    }

    private let state = Mutex(State())

    /// What every call says now; `nil` for none.
    func say(_ problem: KeyringProblem?) { state.withLock { $0.problem = problem } }

    /// Ends the process with the call of this number from now on.
    func stop(at call: Int?, _ when: Stop = .before) {
        state.withLock { state in
            state.calls = 0
            state.stop = call.map { ($0, when) }
        }
    }

    var secrets: [String: [UInt8]] {
        get { state.withLock { $0.secrets } }
        set { state.withLock { $0.secrets = newValue } }
    }

    /// How many calls there were since the last `stop`.
    var calls: Int { state.withLock { $0.calls } }

    private func call<Value>(
        _ body: (inout State) throws(KeyringProblem) -> Value
    ) throws(KeyringProblem) -> Value {
        let result = state.withLock { state -> Result<Value, KeyringProblem> in
            state.calls += 1
            if let problem = state.problem { return .failure(problem) }
            let isStopped = state.stop.map { $0.call <= state.calls } ?? false
            if isStopped, state.stop?.when == .before || state.stop?.call != state.calls {
                return .failure(.silent)
            }
            do throws(KeyringProblem) {
                let value = try body(&state)
                return isStopped ? .failure(.silent) : .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func check() throws(KeyringProblem) { try call { _ in } }

    func store(_ secret: [UInt8], named name: String, of keys: DeviceKeys) throws(KeyringProblem) {
        try call { $0.secrets[name] = secret }
    }

    func secret(named name: String, of keys: DeviceKeys) throws(KeyringProblem) -> [UInt8] {
        try call { state throws(KeyringProblem) in
            guard let secret = state.secrets[name] else { throw .missing }
            return secret
        }
    }

    func delete(_ name: String, of keys: DeviceKeys) throws(KeyringProblem) {
        try call { $0.secrets[name] = nil }
    }
}

/// Somebody's machine, joined, whose session has a keyring.
private final class BoundMachine {
    static let passphrase = "five words that nobody guesses"

    let folder: URL
    let clock = RuntimeClock(at: TestMember.now)
    let keyring = MemoryKeyring()
    let device: DeviceID
    private(set) var session: MemberSession

    init(passphrase: String = BoundMachine.passphrase, isBound: Bool = true) throws {
        folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
        let folders = HomeFolders(root: folder)
        try folders.prepare()
        let random = RandomSource()
        let secret = isBound ? KeyringSecret(random: random) : nil
        let keys = try VaultKeys(random: random)
        device = keys.device
        // As cheap to open as can be: what scrypt costs is measured elsewhere.
        try Vault(
            sealing: keys, passphrase: passphrase, rounds: 1 << 4, random: random, secret: secret
        ).write(to: folders.vaultFile)
        if let secret { keyring.secrets = [secret.name: secret.bytes] }
        session = try BoundMachine.open(folder, clock, keyring)
        let ledger = try FakeLedger()
        try session.store.adopt(
            Enrolment(
                origin: ledger.origin, logKey: ledger.signer.verifierKey,
                nodeURL: "http://localhost", device: device,
                account: AccountID(firstDevice: device)),
            cursor: OutboxCursor(device: device, nextSequence: 2, previous: .zero))
        try startAgain()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A session as another process has it, or the next one here.
    static func open(
        _ folder: URL, _ clock: RuntimeClock, _ keyring: (any Keyring)?
    ) throws -> MemberSession {
        try MemberSession(
            folders: HomeFolders(root: folder), clock: clock, random: RandomSource(),
            wiring: .init(connect: { _, _ in throw NodeUnreachable("none") }, keyring: keyring))
    }

    func startAgain(withKeyring: Bool = true) throws {
        session = try Self.open(folder, clock, withKeyring ? keyring : nil)
    }

    var file: URL { HomeFolders(root: folder).vaultFile }

    func format() throws -> String? {
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        return (json as? [String: Any])?["format"] as? String
    }

    func wait(minutes: Int64) { clock.set(clock.now.adding(milliseconds: minutes * 60_000)) }
}

/// Vaults that are bound to the keyring of a login.
@Suite struct KeyringTests {
    /// Made by a program in Python (hashlib.scrypt, hmac, ChaCha20Poly1305 of `cryptography`): secret
    /// bytes 0 to 95, N = 1024, salt of sevens, nonce of nines; in v2 a secret of fives.
    private static let older = """
        {"format":"accord-vault/v1","key":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg","passphr\
        ase":true,"salt":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","scrypt_n":1024,"sealed":\
        "CQkJCQkJCQkJCQkJSeTDiQeooGOtsbCEnS7xHrIW5vLhEAB48g3s_2lqEhkmAlGV965vrnpo98dkI3VucHKJ1oT\
        VcPFWS4pxBMSIuieQbPt1JuCyi3z8z-KeM7HT0Pf968YreauN8zz88AMLgEaeTDJQFyeTQyU1MHrkBA","wrap":\
        "NYBy1jZYgNGu6jKa35EhODhR7SGijjt16WXQ0s0WYlQ"}
        """
    private static let bound = """
        {"format":"accord-vault/v2","key":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg","keyring\
        ":"d46809178458ad811dd7e9c5a0e0047b1e0bf0fdd2e69f445247774bbf008066","passphrase":true,"\
        salt":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","scrypt_n":1024,"sealed":"CQkJCQkJCQ\
        kJCQkJPw9qHpMl-y81ae1tLPdZ6ZYYXtx0R1Q6JullrTnb94f2tIiaKfGHxnCaSpPV5tpsdxKobPZo7NTkBXnxc_\
        3vi7mTJ6jaH4mJ7oY7lY1YPxQ_uftifhSqU7Cl1am-BAKC9A1iwGvB7ZNehBEodqxDpA","wrap":"NYBy1jZYgN\
        Gu6jKa35EhODhR7SGijjt16WXQ0s0WYlQ"}
        """

    @Test func `vaults that another program made open, the older format too`() throws {
        let fives = KeyringSecret(Array(repeating: 5, count: 32))
        let alone = try Vault(file: Array(Self.older.utf8))
        #expect(alone.secretName == nil)
        let keys = try alone.unlock(passphrase: BoundMachine.passphrase)
        #expect(keys.secrets == Array(0..<96))
        let bound = try Vault(file: Array(Self.bound.utf8))
        #expect(bound.secretName == fives.name)
        let same = try bound.unlock(passphrase: BoundMachine.passphrase, secret: fives)
        #expect(same.secrets == keys.secrets)
        #expect(alone.fileBytes == Array(Self.older.utf8))
        #expect(bound.fileBytes == Array(Self.bound.utf8))
    }

    @Test func `a bound vault opens with both of its secrets and with neither alone`() throws {
        let random = RandomSource(seed: 7)
        let secret = KeyringSecret(random: random)
        let keys = try VaultKeys(random: random)
        let vault = try Vault(
            sealing: keys, passphrase: "right", rounds: 1 << 10, random: random, secret: secret)
        #expect(try vault.unlock(passphrase: "right", secret: secret).device == keys.device)
        #expect(throws: VaultError.wrongPassphrase) {
            try vault.unlock(passphrase: "wrong", secret: secret)
        }
        // Whatever the passphrase is, another keyring is told apart from a wrong one.
        for passphrase in ["right", "wrong", ""] {
            #expect(throws: VaultError.keyring(.unreachable)) {
                try vault.unlock(passphrase: passphrase)
            }
            #expect(throws: VaultError.keyring(.different)) {
                try vault.unlock(passphrase: passphrase, secret: KeyringSecret(random: random))
            }
        }
        #expect(!"\(secret)".contains(Hex.encode(secret.bytes)))
    }

    @Test func `every changed byte of a bound vault is noticed, and it cannot be made unbound`()
        throws
    {
        let secret = KeyringSecret(Array(repeating: 5, count: 32))
        let bytes = Array(Self.bound.utf8)
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            #expect(throws: (any Error).self) {
                try Vault(file: changed).unlock(
                    passphrase: BoundMachine.passphrase, secret: secret)
            }
        }
        guard case .object(let members) = try JSONValue(canonical: bytes) else {
            throw VaultError.damaged
        }
        let json = members.filter { $0.key != "keyring" }
        #expect(throws: VaultError.damaged) {
            try Vault(file: JSONValue.sorted(json).canonicalBytes)
        }
        let unbound = json.map {
            $0.key == "format" ? JSONValue.Member("format", .string("accord-vault/v1")) : $0
        }
        #expect(throws: VaultError.wrongPassphrase) {
            try Vault(file: JSONValue.sorted(unbound).canonicalBytes)
                .unlock(passphrase: BoundMachine.passphrase)
        }
    }

    @Test func `keys are bound, need the keyring, and are unbound again`() throws {
        let machine = try BoundMachine(isBound: false)
        #expect(try !machine.session.isBoundToKeyring && machine.format() == "accord-vault/v1")
        // Nobody asks a keyring that no vault is bound to.
        machine.keyring.stop(at: nil)
        try machine.startAgain()
        try machine.session.unlock(passphrase: BoundMachine.passphrase)
        #expect(machine.keyring.calls == 0)

        try machine.session.changePassphrase(
            from: BoundMachine.passphrase, to: BoundMachine.passphrase, isBound: true)
        #expect(try machine.session.isBoundToKeyring && machine.format() == "accord-vault/v2")
        #expect(machine.keyring.secrets.count == 1)
        try machine.startAgain()
        #expect(try machine.session.machine().isBoundToKeyring)
        try machine.session.unlock(passphrase: BoundMachine.passphrase)
        #expect(try machine.session.actions().account.text == machine.device.text)

        try machine.startAgain(withKeyring: false)
        #expect(throws: VaultError.keyring(.unreachable)) {
            try machine.session.unlock(passphrase: BoundMachine.passphrase)
        }
        try machine.startAgain()
        try machine.session.changePassphrase(
            from: BoundMachine.passphrase, to: BoundMachine.passphrase, isBound: false)
        #expect(machine.keyring.secrets.isEmpty)
        #expect(try machine.format() == "accord-vault/v1")
        try machine.startAgain(withKeyring: false)
        try machine.session.unlock(passphrase: BoundMachine.passphrase)
    }

    @Test(arguments: KeyringProblem.allCases)
    func `a keyring that does not do its part counts as no try, and destroys nothing`(
        problem: KeyringProblem
    ) throws {
        let machine = try BoundMachine()
        machine.keyring.say(problem)
        for _ in 1...12 {
            #expect(throws: VaultError.keyring(problem)) {
                try machine.session.unlock(passphrase: "wrong")
            }
        }
        let told = Trouble(VaultError.keyring(problem)).texts
        #expect(told.english.contains("Nothing was changed") && told.chinese.contains("未作任何更改"))
        let counter = HomeFolders(root: machine.folder).secretTriesFile
        #expect(!FileManager.default.fileExists(atPath: counter.path))
        machine.keyring.say(nil)
        try machine.session.unlock(passphrase: BoundMachine.passphrase)
    }

    @Test func `what another login keeps under the same name is told from a wrong passphrase`()
        throws
    {
        let machine = try BoundMachine()
        let own = machine.keyring.secrets
        machine.keyring.secrets = own.mapValues { _ in Array(repeating: 1, count: 32) }
        for _ in 1...12 {
            #expect(throws: VaultError.keyring(.different)) {
                try machine.session.unlock(passphrase: BoundMachine.passphrase)
            }
        }
        machine.keyring.secrets = own
        try machine.session.unlock(passphrase: BoundMachine.passphrase)
    }

    @Test func `wrong passphrases of bound keys are counted, and the tenth closes copies, too`()
        throws
    {
        let machine = try BoundMachine()
        let copy = try Vault.read(from: machine.file)
        for left in [nil, nil, nil, nil, 5, 4] as [Int?] {
            let told: any Error & Equatable =
                left.map { SecretProblem.lastTries(left: $0) } ?? VaultError.wrongPassphrase
            let said = #expect(throws: (any Error).self) {
                try machine.session.unlock(passphrase: "wrong")
            }
            #expect(said.map { "\($0)" } == "\(told)")
        }
        let counter = HomeFolders(root: machine.folder).secretTriesFile
        try HomeFolders.writePrivate(Array("9 0".utf8), to: counter)
        // A keyring that is away does not save one from the tenth.
        machine.keyring.say(.locked)
        #expect(throws: VaultError.keyring(.locked)) {
            try machine.session.unlock(passphrase: "wrong")
        }
        machine.keyring.say(nil)
        #expect(throws: VaultError.wiped) { try machine.session.unlock(passphrase: "wrong") }
        #expect(machine.keyring.secrets.isEmpty && copy.secretName != nil)
    }

    @Test func `without a passphrase the keyring alone opens, and without it one can still look`()
        throws
    {
        let machine = try BoundMachine(passphrase: "")
        #expect(machine.session.stage == .open && !machine.session.canLock)
        machine.keyring.say(.locked)
        try machine.startAgain()
        #expect(machine.session.stage == .locked && !machine.session.needsPassphrase)
        #expect(try machine.session.store.activity(offset: 0, limit: 9).lines.isEmpty)
        #expect(throws: VaultError.keyring(.locked)) { try machine.session.actions() }
        #expect(throws: VaultError.keyring(.locked)) { try machine.session.unlock(passphrase: "") }
        machine.keyring.say(nil)
        try machine.session.unlock(passphrase: "")
        #expect(try machine.session.actions().account.text == machine.device.text)
    }

    @Test func `another passphrase takes another secret, and a copy from before is closed`() throws
    {
        let machine = try BoundMachine()
        let other = try BoundMachine.open(machine.folder, machine.clock, machine.keyring)
        let copy = try Vault.read(from: machine.file)
        try machine.session.unlock(passphrase: BoundMachine.passphrase)
        try other.changePassphrase(from: BoundMachine.passphrase, to: "five other words, not those")
        #expect(machine.keyring.secrets.count == 1)
        let name = try #require(copy.secretName)
        #expect(machine.keyring.secrets[name] == nil)
        // What was open before goes on with what stands there now.
        #expect(throws: SecretProblem.wrong) {
            try machine.session.stopAskingSecret(BoundMachine.passphrase)
        }
        try machine.session.stopAskingSecret("five other words, not those")
    }

    @Test func `the app binds and unbinds with the passphrase alone, and says what is in the way`()
        async throws
    {
        let machine = try BoundMachine(passphrase: BoundMachine.passphrase, isBound: false)
        let bind = Action.bindKeyring(passphrase: BoundMachine.passphrase, isBound: true)
        #expect(
            await machine.session.perform(.bindKeyring(passphrase: "wrong", isBound: true))
                == .failed(.wrongPassphrase))
        #expect(!machine.session.isBoundToKeyring && machine.keyring.secrets.isEmpty)
        #expect(await machine.session.perform(bind) == .done(entry: nil))
        #expect(machine.session.isBoundToKeyring && machine.keyring.secrets.count == 1)
        let unbind = Action.bindKeyring(passphrase: BoundMachine.passphrase, isBound: false)
        #expect(await machine.session.perform(unbind) == .done(entry: nil))
        #expect(!machine.session.isBoundToKeyring && machine.keyring.secrets.isEmpty)
        machine.keyring.say(.locked)
        #expect(await machine.session.perform(bind) == .failed(.keyring(.locked)))
        #expect(!machine.session.isBoundToKeyring)
    }

    /// Whatever ends the process, and wherever, the next one opens the vault.
    @Test(arguments: [(false, true), (true, true), (true, false)])
    func `binding, sealing anew and unbinding can end anywhere`(
        change: (wasBound: Bool, isBound: Bool)
    ) throws {
        // Reads it where it is bound, stores the new secret, reads it back, deletes the old one.
        let lastCall = (change.wasBound ? 2 : 0) + (change.isBound ? 2 : 0)
        for (call, when) in (1...lastCall).flatMap({ call in
            MemoryKeyring.Stop.allCases.map { (call, $0) }
        }) {
            let machine = try BoundMachine(passphrase: "", isBound: change.wasBound)
            let former = try Data(contentsOf: machine.file)
            machine.keyring.stop(at: call, when)
            let result = Result {
                try machine.session.changePassphrase(from: "", to: "", isBound: change.isBound)
            }
            #expect(machine.keyring.calls == call)
            machine.keyring.stop(at: nil)
            try machine.startAgain()
            #expect(machine.session.stage == .open)
            // The last step only tidies up.
            let isDone = call == lastCall && change.wasBound
            #expect(try (Data(contentsOf: machine.file) != former) == isDone, "\(result)")
            #expect(
                machine.session.isBoundToKeyring == (isDone ? change.isBound : change.wasBound))
        }
    }

    @Test(arguments: [(false, true), (true, true), (true, false)])
    func `a disk that is full leaves the vault as it was`(change: (wasBound: Bool, isBound: Bool))
        throws
    {
        let machine = try BoundMachine(passphrase: "", isBound: change.wasBound)
        // Nothing can be written where a folder with something in it stands in the way.
        let way = machine.file.path + ".new"
        try FileManager.default.createDirectory(
            atPath: way + "/x", withIntermediateDirectories: true)
        #expect(throws: HomeError.self) {
            try machine.session.changePassphrase(from: "", to: "", isBound: change.isBound)
        }
        try FileManager.default.removeItem(atPath: way)
        try machine.startAgain()
        #expect(machine.session.stage == .open)
        #expect(machine.session.isBoundToKeyring == change.wasBound)
    }

    @Test func `a keyring that gives back something else is not relied on`() throws {
        final class Forgetful: Keyring {
            func check() {}
            func store(_ secret: [UInt8], named name: String, of keys: DeviceKeys) {}
            func secret(named name: String, of keys: DeviceKeys) -> [UInt8] {
                Array(repeating: 0, count: 32)
            }
            func delete(_ name: String, of keys: DeviceKeys) {}
        }
        let machine = try BoundMachine(isBound: false)
        let session = try BoundMachine.open(machine.folder, machine.clock, Forgetful())
        #expect(throws: VaultError.keyring(.refused)) {
            try session.changePassphrase(
                from: BoundMachine.passphrase, to: BoundMachine.passphrase, isBound: true)
        }
        #expect(try machine.format() == "accord-vault/v1")
    }

    @Test func `keys whose keyring is gone are set aside for new ones, and others are not`() throws
    {
        let machine = try BoundMachine()
        #expect(throws: VaultError.exists) {
            try machine.session.prepareVault(passphrase: "new", again: true, replaced: true)
        }
        let sealed = try Data(contentsOf: machine.file)
        machine.keyring.secrets = [:]
        let fresh = try machine.session.prepareVault(
            passphrase: "new", again: true, replaced: true)
        #expect(fresh.device != machine.device)
        let aside = HomeFolders(root: machine.folder).setAsideFile(machine.device)
        #expect(try Data(contentsOf: aside) == sealed)
        try machine.startAgain()
        #expect(try machine.session.hasLostKeys() && machine.session.stage == .welcome)
    }

    @Test func `no keyring can be bound to where none may be asked`() throws {
        let machine = try BoundMachine(isBound: false)
        try machine.startAgain(withKeyring: false)
        #expect(throws: VaultError.keyring(.unreachable)) { try machine.session.checkKeyring() }
        #expect(throws: VaultError.keyring(.unreachable)) {
            try machine.session.changePassphrase(
                from: BoundMachine.passphrase, to: BoundMachine.passphrase, isBound: true)
        }
        try machine.session.unlock(passphrase: BoundMachine.passphrase)
    }
}
