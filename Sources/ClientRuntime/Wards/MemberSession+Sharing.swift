import ClientStore
import Foundation
package import LedgerCore
import Screens
import SyncCore

// A guardian acts for a ward from each of their devices, with keys of its own on each: what one of
// them signs is told apart from what another one does, and a lost one loses all of it.
extension MemberSession {
    /// Lets another device of this guardian act for their wards, but for those it acts for already.
    ///
    /// A ward who is not enrolled yet, or decides for themself, is left out.
    ///
    /// - Returns: What the device needs to act for each, and the data keys of their contributions.
    /// - Throws: what `record` throws where the node takes a device in no ward's account.
    func shareWards(with device: DeviceID, except known: [AccountID]) async throws -> (
        wards: [HandedWard], items: [HandedKeys.Item]
    ) {
        var handed: [HandedWard] = []
        var items: [HandedKeys.Item] = []
        for var file in try folders.wards() where !known.contains(file.account) {
            let session = try ward(file.account)
            _ = try await session.syncOnce()
            guard try session.store.wardStanding()?.isGuardians == true,
                clock.now < file.born.turns(ComingOfAge.years)
            else { continue }
            let decisions = try session.actions()
            let keys = try VaultKeys(random: random)
                .with(storageKey: decisions.keys.storageBytes)
            let former = file.devices.filter { $0.value == device }.keys
            file.devices[keys.device] = device
            let ward = HandedWard(file: file, secrets: keys.secrets)
            guard HandedWard.bytes(handed + [ward]).count <= HandedKeys.wardBytes else { break }
            try await session.record(decisions.add(keys.publicKeys))
            // A handover that was lost on its way: nobody has those keys.
            for lost in former.sorted() {
                try decisions.revoke(lost)
                file.devices[lost] = nil
            }
            try file.write(to: folders.ward(file.account).wardFile)
            handed.append(HandedWard(file: file, secrets: keys.secrets))
            items += try decisions.handedKeys().items.map { item in
                var item = item
                item.owner = UInt8(clamping: handed.count)
                return item
            }
        }
        return (handed, items)
    }

    /// Makes a place here for each ward another device handed over; one that is here stays as it is.
    ///
    /// - Parameters:
    ///   - handed: What was handed over.
    ///   - guardian: The open keys of this device.
    ///   - enrolment: The ledger the guardian joined.
    /// - Throws: `HomeError`, `VaultError`, `StoreFailure`.
    func adoptWards(_ handed: HandedKeys, by guardian: VaultKeys, in enrolment: Enrolment) throws {
        let present = Set(try folders.wards().map(\.account))
        for (position, ward) in handed.wards.enumerated()
        where !present.contains(ward.file.account) {
            let account = ward.file.account
            let place = folders.ward(account)
            try place.prepare()
            let keys = try VaultKeys(secrets: ward.secrets)
            let vault = try Vault(
                sealing: keys, passphrase: guardian.wardPassphrase(account), rounds: 1 << 4,
                random: random)
            try vault.write(to: place.vaultFile)
            let clock = clock
            let store = try ClientStore(
                directory: place.data.path(percentEncoded: false).trimmedSlash,
                clock: { clock.now })
            try store.adopt(
                Enrolment(
                    origin: enrolment.origin, logKey: enrolment.logKey,
                    nodeURL: enrolment.nodeURL, device: keys.device, account: account),
                cursor: OutboxCursor(device: keys.device, nextSequence: 1, previous: .zero),
                policy: handed.policy)
            try MemberActions(store: store, keys: keys, clock: clock, random: random)
                .adopt(handed.items.filter { $0.owner == position + 1 })
            // The file makes the ward one of this machine: it comes when all else is there.
            try ward.file.write(to: place.wardFile)
        }
    }

    /// Takes a device's right to sign away, for the person and for their wards.
    ///
    /// - Returns: The entry about the person's own account; those about wards go out with theirs.
    package func remove(_ device: DeviceID) throws -> Hash {
        let decisions = try actions()
        for file in try folders.wards() {
            let session = try ward(file.account)
            let here = try session.actions()
            for (own, guardians) in file.devices.sorted(by: { $0.key < $1.key })
            where guardians == device && own != here.keys.device {
                try here.revoke(own)
            }
        }
        // The last, so that whoever is interrupted finds the device still there.
        return try decisions.revoke(device)
    }

    /// Sends what waits for the wards, and fetches what is new.
    package func syncWards() async throws {
        for line in try wards() { _ = try await ward(line.account).syncOnce() }
    }
}
