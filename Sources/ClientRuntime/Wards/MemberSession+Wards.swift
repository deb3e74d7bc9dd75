import ClientStore
import Foundation
package import LedgerCore
package import Screens
import SyncCore

/// Taking care of minors: each has an account, keys and a store of their own on this machine, which
/// the guardian's open vault opens.
extension MemberSession {
    /// The wards kept on this machine, by name.
    package func wards() throws -> [WardLine] { try folders.wards().map(\.line) }

    /// Those of them whose file can be read.
    package func readableWards() throws -> [WardLine] {
        try folders.readableWards().files.map(\.line)
    }

    /// Makes an account for a minor and queues the declaration of it.
    ///
    /// The keys are on the disk before anything is signed. The node answers the declaration by
    /// enrolling the ward.
    ///
    /// - Parameters:
    ///   - name: What the person calls the ward; it stays on this machine.
    ///   - born: When the ward was born.
    /// - Returns: the ward, and the entry that was queued.
    /// - Throws: `ActionRefusal`, `WardProblem`, what `actions` throws.
    package func declareWard(named name: String, born: BirthMonth) throws -> (
        ward: WardLine, entry: Hash
    ) {
        guard guardian == nil else { throw ActionRefusal(.guardianNeeded) }
        let decisions = try actions()
        let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !name.isEmpty, name.utf8.count <= 100 else { throw WardProblem.noName }
        let namesake = try wards().first { $0.name == name }
        // A crash may have left one whose declaration was never queued.
        if let namesake, try namesake.born != born || isDeclared(namesake.account) {
            throw WardProblem.nameTaken
        }
        guard born.number <= clock.now.month, clock.now < born.turns(ComingOfAge.years) else {
            throw ActionRefusal(.notAMinor)
        }
        if let namesake {
            let vault = try Vault.read(from: folders.ward(namesake.account).vaultFile)
            let declared = WardDeclared(keys: vault.publicKeys, born: born)
            return (namesake, try decisions.queue(.wardDeclared(declared)))
        }
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        let keys = try VaultKeys(random: random)
        let declared = WardDeclared(keys: keys.publicKeys, born: born)
        let place = folders.ward(declared.ward)
        try place.prepare()
        let vault = try Vault(
            sealing: keys, passphrase: decisions.keys.wardPassphrase(declared.ward),
            rounds: 1 << 4, random: random)
        try vault.write(to: place.vaultFile)
        let clock = clock
        try ClientStore(
            directory: place.data.path(percentEncoded: false).trimmedSlash, clock: { clock.now }
        ).adopt(
            Enrolment(
                origin: enrolment.origin, logKey: enrolment.logKey, nodeURL: enrolment.nodeURL,
                device: keys.device, account: declared.ward),
            cursor: OutboxCursor(device: keys.device, nextSequence: 1, previous: .zero))
        // The file makes the ward one of this machine: it comes when all else is there.
        let file = WardFile(
            account: declared.ward, name: name, born: born,
            devices: [keys.device: enrolment.device])
        try file.write(to: place.wardFile)
        return (file.line, try decisions.queue(.wardDeclared(declared)))
    }

    /// Whether the declaration of a ward is on its way or recorded.
    private func isDeclared(_ ward: AccountID) throws -> Bool {
        try store.activity(offset: 0, limit: .max).lines.contains { line in
            guard line.state != .rejected, case .wardDeclared(let declared) = line.body else {
                return false
            }
            return declared.ward == ward
        }
    }

    /// Opens the session of a ward, whose vault opens with this one.
    ///
    /// - Throws: `WardProblem.unknown`, and what opening a session throws.
    package func ward(_ account: AccountID) throws -> MemberSession {
        try ward { $0.account == account }
    }

    /// Opens the session of a ward; no other ward's file matters where this one's can be read.
    private func ward(_ isMeant: (WardFile) -> Bool) throws -> MemberSession {
        let (files, failure) = try folders.readableWards()
        guard let file = files.first(where: isMeant) else { throw failure ?? WardProblem.unknown }
        return try ward(file)
    }

    /// Opens the session of a ward whose file was read: no other ward's file matters.
    func ward(_ file: WardFile) throws -> MemberSession {
        let session = try MemberSession(
            folders: folders.ward(file.account), clock: clock, random: random, wiring: wiring,
            isOnlineOnly: isOnlineOnly, secretTries: secretTries, guardian: self, ward: file.line)
        // Both read one ledger: what one of them asks of it, the other does.
        try session.store.setWitnessPolicy(store.witnessPolicy())
        return session
    }

    /// Opens the session of the ward a person calls so.
    package func ward(named name: String) throws -> MemberSession {
        try ward { $0.name == name }
    }

    /// The name shown for whom this session acts for: a ward's, or the person's.
    package var memberName: String { ward?.name ?? profile.name }
}

extension VaultKeys {
    /// What opens a ward's vault: it follows from the storage key, which only an open vault has.
    func wardPassphrase(_ ward: AccountID) -> String {
        Hash.of(label: "accord/ward-vault/v1\n", storageBytes, Array(ward.text.utf8)).hex
    }
}

/// Why something about a ward was not done.
package enum WardProblem: Error, Equatable, Sendable {
    /// There is no ward of that name, or of that account, on this machine.
    case unknown
    /// The name is empty or too long.
    case noName
    /// Another ward is called so.
    case nameTaken
}
