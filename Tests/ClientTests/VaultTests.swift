import ClientRuntime
import Foundation
import LedgerCore
import Testing

@Suite struct VaultTests {
    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "accord-\(UUID().uuidString)", directoryHint: .isDirectory)
        try HomeFolders.makePrivate(folder)
        return folder
    }

    @Test func `a vault opens with its passphrase and no other`() throws {
        let random = RandomSource(seed: 7)
        let keys = try VaultKeys(random: random)
        let vault = try Vault(
            sealing: keys, passphrase: "correct horse", rounds: 1 << 10, random: random)
        #expect(try vault.unlock(passphrase: "correct horse").publicKeys == keys.publicKeys)
        #expect(throws: VaultError.wrongPassphrase) { try vault.unlock(passphrase: "horse") }
        #expect(throws: VaultError.wrongPassphrase) { try vault.unlock(passphrase: "") }
    }

    @Test func `the same keys under another passphrase do not open with the old one`() throws {
        let random = RandomSource(seed: 7)
        let keys = try VaultKeys(random: random)
        let vault = try Vault(sealing: keys, passphrase: "", random: random)
        #expect(!vault.hasPassphrase)
        let changed = try Vault(
            sealing: vault.unlock(passphrase: ""), passphrase: "new", rounds: 1 << 10,
            random: random)
        #expect(changed.hasPassphrase)
        #expect(try changed.unlock(passphrase: "new").device == keys.device)
        #expect(throws: VaultError.wrongPassphrase) { try changed.unlock(passphrase: "") }
    }

    @Test func `a vault is written for its owner only and read back`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let random = RandomSource(seed: 8)
        let vault = try Vault(sealing: VaultKeys(random: random), passphrase: "", random: random)
        let file = folder.appending(path: "vault.json")
        try vault.write(to: file)
        #expect(try Vault.read(from: file) == vault)
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func `a vault that others can read is refused with the way to mend it`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let random = RandomSource(seed: 9)
        let file = folder.appending(path: "vault.json")
        try Vault(sealing: VaultKeys(random: random), passphrase: "", random: random)
            .write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        let error = try #require(throws: HomeError.self) { try Vault.read(from: file) }
        #expect(error.description.contains("chmod 600"))
    }

    @Test func `every changed byte of a vault file is noticed`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let random = RandomSource(seed: 10)
        let file = folder.appending(path: "vault.json")
        try Vault(sealing: VaultKeys(random: random), passphrase: "", random: random)
            .write(to: file)
        let bytes = [UInt8](try Data(contentsOf: file))
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            try HomeFolders.writePrivate(changed, to: file)
            #expect(throws: (any Error).self) { try Vault.read(from: file).unlock(passphrase: "") }
        }
    }

    @Test func `the same seed gives the same keys, another one others`() throws {
        let first = try VaultKeys(random: RandomSource(seed: 1)).device
        #expect(try VaultKeys(random: RandomSource(seed: 1)).device == first)
        #expect(try VaultKeys(random: RandomSource(seed: 2)).device != first)
    }

    @Test func `what the storage key sealed opens under the same label only`() throws {
        let keys = try VaultKeys(random: RandomSource(seed: 3))
        let sealed = try keys.seal([1, 2, 3], label: "record 1")
        #expect(try keys.open(sealed, label: "record 1") == [1, 2, 3])
        #expect(throws: VaultError.damaged) { try keys.open(sealed, label: "record 2") }
    }
}

@Suite struct RuntimeHomeTests {
    @Test func `one folder holds everything when it is named`() {
        let folders = HomeFolders(environment: ["ACCORD_HOME": "/a", "HOME": "/h"])
        #expect(folders.vaultFile.path == "/a/data/vault.json")
        #expect(folders.profileFile.path == "/a/config/config.toml")
    }

    @Test func `the XDG folders are used, relative ones ignored`() {
        let folders = HomeFolders(environment: [
            "HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "relative",
        ])
        #expect(folders.storeFile.path == "/d/accord/accord.sqlite")
        #expect(folders.state.path.hasPrefix("/h/.local/state/accord"))
    }

    @Test func `a folder that others can read is refused with the way to mend it`() throws {
        let root = FileManager.default.temporaryDirectory.appending(
            path: "accord-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let folders = HomeFolders(root: root)
        try folders.prepare()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folders.data.path)
        let error = try #require(throws: HomeError.self) { try folders.prepare() }
        #expect(error.description.contains("chmod 700"))
    }

    @Test func `a profile is read back as it was written`() throws {
        let root = FileManager.default.temporaryDirectory.appending(
            path: "accord-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try HomeFolders.makePrivate(root)
        let file = root.appending(path: "config.toml")
        let profile = Profile(
            node: "http://127.0.0.1:1", name: "小伟 \"W\"", locale: "zh", theme: "light")
        try profile.write(to: file)
        #expect(try Profile.read(from: file) == profile)
        #expect(try Profile.read(from: root.appending(path: "none.toml")) == Profile())
    }

    @Test(arguments: [
        ("2026-11-22T14:03:00Z", "2026-11-22T14:03:00Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z"),
        ("1970-01-01T00:00:00.250Z", "1970-01-01T00:00:00.250Z"),
        ("2000-12-31T23:59:59Z", "2000-12-31T23:59:59Z"),
    ]) func `times are read and written in UTC`(text: String, written: String) throws {
        #expect(try #require(Timestamp(iso: text)).iso == written)
    }

    @Test(arguments: ["", "2026", "2026-13-01", "2026-01-01T25:00Z", "2026-01-01T10:00"])
    func `what is no time in UTC is not read`(text: String) {
        #expect(Timestamp(iso: text) == nil)
    }
}
