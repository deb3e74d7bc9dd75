import ClientStore
import Dispatch
import Foundation
import LedgerCore
import Screens
import SyncCore
import Testing

@testable import ClientRuntime

/// Wrong passphrases are counted for good, and the tenth in a row destroys the keys of a machine.
@Suite struct WrongTriesTests {
    /// Somebody's own machine, joined, its vault under a passphrase.
    private final class Machine {
        let folder: URL
        let clock = RuntimeClock(at: TestMember.now)
        let keys: VaultKeys
        private(set) var session: MemberSession

        static let secret = "five words that nobody guesses"

        init(passphrase: String = Machine.secret) throws {
            let folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
            let session = try Machine.open(folder, clock)
            let keys = try session.prepareVault(passphrase: passphrase)
            self.folder = folder
            self.session = session
            self.keys = keys
            let ledger = try FakeLedger()
            try session.store.adopt(
                Enrolment(
                    origin: ledger.origin, logKey: ledger.signer.verifierKey,
                    nodeURL: "http://localhost", device: keys.device,
                    account: AccountID(firstDevice: keys.device)),
                cursor: OutboxCursor(device: keys.device, nextSequence: 2, previous: .zero))
        }

        private static func open(_ folder: URL, _ clock: RuntimeClock) throws -> MemberSession {
            try MemberSession(
                folders: HomeFolders(root: folder), clock: clock, random: RandomSource(),
                wiring: .init(connect: { _, _ in throw NodeUnreachable("none") }))
        }

        /// As after a kill: nothing was said to the session before.
        func startAgain() throws { session = try Machine.open(folder, clock) }

        func wait(minutes: Int64) {
            clock.set(clock.now.adding(milliseconds: minutes * 60_000))
        }

        var vault: URL { HomeFolders(root: folder).vaultFile }

        func remove() { try? FileManager.default.removeItem(at: folder) }
    }

    @Test func `wrong tries are counted across kills, and waited for`() throws {
        let machine = try Machine()
        defer { machine.remove() }
        for _ in 0..<4 {
            try machine.startAgain()
            #expect(throws: VaultError.wrongPassphrase) {
                try machine.session.unlock(passphrase: "wrong")
            }
        }
        try machine.startAgain()
        #expect(throws: SecretProblem.lastTries(left: 5)) {
            try machine.session.unlock(passphrase: "wrong")
        }
        #expect(throws: SecretProblem.lastTries(left: 4)) {
            try machine.session.unlock(passphrase: "wrong")
        }
        try machine.startAgain()
        #expect(throws: SecretProblem.wait(minutes: 1)) {
            try machine.session.unlock(passphrase: Machine.secret)
        }
        machine.wait(minutes: 1)
        try machine.session.unlock(passphrase: Machine.secret)
        // The right one starts the count anew.
        #expect(throws: SecretProblem.wrong) { try machine.session.stopAskingSecret("wrong") }
    }

    @Test
    func `the tenth wrong try destroys the keys, wherever it is typed, and says the way back`()
        throws
    {
        let machine = try Machine()
        defer { machine.remove() }
        let sealed = try Data(contentsOf: machine.vault)
        try machine.session.unlock(passphrase: Machine.secret)
        for number in 1...9 {
            if number > 6 { machine.wait(minutes: 60) }
            // One counter: to open the vault, and to confirm something with its secret.
            #expect(throws: SecretProblem.self) {
                try machine.session.stopAskingSecret("wrong")
            }
        }
        try machine.startAgain()
        machine.wait(minutes: 60)
        #expect(throws: VaultError.wiped) { try machine.session.unlock(passphrase: "wrong") }
        let left = try Data(contentsOf: machine.vault)
        let key = try #require(try JSONSerialization.jsonObject(with: sealed) as? [String: Any])
        let secret = try #require(key["sealed"] as? String)
        #expect(left.range(of: Data(secret.utf8)) == nil)
        #expect(throws: VaultError.wiped) {
            try machine.session.unlock(passphrase: Machine.secret)
        }
        try machine.startAgain()
        #expect(machine.session.stage == .welcome)
        #expect(throws: VaultError.wiped) { try machine.session.actions() }
        #expect(Trouble(VaultError.wiped).texts.english.contains("another device"))
        // Another device of the same person can add this machine again: with new keys.
        let fresh = try machine.session.prepareVault(passphrase: "another five words are needed")
        #expect(fresh.device != machine.keys.device)
    }

    @Test func `of tries that are made at once each counts`() throws {
        let folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for round in 0..<20 {
            let tries = SecretTries(file: folder.appending(path: "\(round).tries"))
            DispatchQueue.concurrentPerform(iterations: SecretTries.freeTries) { _ in
                // It is wrong each time.
                try? tries.attempt(now: TestMember.now, wipe: nil) { () throws -> Void in
                    throw VaultError.wrongPassphrase
                }
            }
            let counted = try String(contentsOf: tries.file, encoding: .utf8)
            #expect(counted.hasPrefix("\(SecretTries.freeTries) "), "\(counted)")
        }
    }

    @Test func `a kill between the last try and what follows from it saves nothing`() throws {
        let machine = try Machine()
        defer { machine.remove() }
        let counter = machine.folder.appending(path: "data/secret.tries")
        try HomeFolders.writePrivate(Array("10 0".utf8), to: counter)
        #expect(throws: VaultError.wiped) {
            try machine.session.unlock(passphrase: Machine.secret)
        }
    }

    @Test func `a clock that was put back makes nobody wait longer than an hour`() throws {
        let machine = try Machine()
        defer { machine.remove() }
        machine.wait(minutes: 600_000)
        for _ in 1...6 {
            #expect(throws: (any Error).self) { try machine.session.unlock(passphrase: "wrong") }
        }
        #expect(throws: SecretProblem.wait(minutes: 1)) {
            try machine.session.unlock(passphrase: Machine.secret)
        }
        machine.wait(minutes: -600_000)
        // The count goes on all the same.
        #expect(throws: SecretProblem.lastTries(left: 3)) {
            try machine.session.unlock(passphrase: "wrong")
        }
        machine.wait(minutes: 2)
        try machine.session.unlock(passphrase: Machine.secret)
    }

    @Test func `the keys of an institution are counted too, and never destroyed`() throws {
        let folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        let folders = HomeFolders(root: folder)
        try folders.prepare()
        let random = RandomSource(seed: 8)
        let vault = try Vault(sealing: VaultKeys(random: random), passphrase: "x", random: random)
        var now = TestMember.now
        for number in 1...12 {
            #expect(throws: VaultError.wrongPassphrase) {
                try vault.unlock(in: folders, passphrase: "wrong", now: now)
            }
            guard number > 5 else { continue }
            #expect(throws: SecretProblem.self) {
                try vault.unlock(in: folders, passphrase: "x", now: now)
            }
            now = now.adding(milliseconds: 3_600_000)
        }
        _ = try vault.unlock(in: folders, passphrase: "x", now: now)
        try #require(throws: VaultError.wrongPassphrase) {
            try vault.unlock(in: folders, passphrase: "wrong", now: now)
        }
    }

    @Test func `a passphrase is set, changed and removed after joining`() async throws {
        let machine = try Machine(passphrase: "")
        defer { machine.remove() }
        try machine.startAgain()
        #expect(!machine.session.canLock && machine.session.stage == .open)
        let set = Action.changePassphrase(from: "", to: Machine.secret)
        #expect(await machine.session.perform(set) == .done(entry: nil))
        let file = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: machine.vault))
                as? [String: Any])
        #expect((file["scrypt_n"] as? Int ?? 0) >= Int(Vault.defaultRounds))
        try machine.startAgain()
        #expect(machine.session.needsPassphrase && machine.session.stage == .locked)
        try machine.session.unlock(passphrase: Machine.secret)
        #expect(
            await machine.session.perform(.changePassphrase(from: "wrong", to: ""))
                == .failed(.wrongPassphrase))
        #expect(
            await machine.session.perform(.changePassphrase(from: Machine.secret, to: ""))
                == .done(entry: nil))
        try machine.startAgain()
        #expect(!machine.session.needsPassphrase)
        #expect(try machine.session.actions().account.text == machine.keys.device.text)
    }

    @Test func `unlocking is made to take a quarter of a second or more, and is stored so`() throws
    {
        let rounds = try Vault.calibratedRounds()
        let random = RandomSource(seed: 4)
        let vault = try Vault(
            sealing: VaultKeys(random: random), passphrase: "x", rounds: rounds, random: random)
        let time = try ContinuousClock().measure { _ = try vault.unlock(passphrase: "x") }
        // The measure is of a machine that does other things too.
        #expect(time > .milliseconds(100) || rounds == 1 << 18)
    }
}
