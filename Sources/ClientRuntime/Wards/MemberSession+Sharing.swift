import ClientStore
import Foundation
package import LedgerCore
package import Screens
import SyncCore
import SyncEngine

// A guardian acts for a ward from each of their devices, with keys of its own on each: what one of
// them signs is told apart from what another one does, and a lost one loses all of it.
extension MemberSession {
    /// Lets another device of this guardian act for their wards.
    ///
    /// Of a ward it acts for already it learns whose the other devices are. It gets new keys for
    /// one if those it has were taken away, or are not known here as its own. A ward who is not
    /// enrolled yet, or decides for themself, is left out.
    ///
    /// - Returns: What the device needs to act for each, and the data keys of their contributions.
    /// - Throws: what `record` throws where the node takes a device in no ward's account.
    func shareWards(with device: DeviceID, except known: [AccountID]) async throws -> (
        wards: [HandedWard], items: [HandedKeys.Item]
    ) {
        var handed: [HandedWard] = []
        var items: [HandedKeys.Item] = []
        for var file in try folders.wards() {
            let session = try ward(file)
            _ = try await session.syncOnce()
            guard try session.store.wardStanding()?.isGuardians == true,
                clock.now < file.born.turns(ComingOfAge.years)
            else { continue }
            let decisions = try session.actions()
            let standing = try WardDevices(session.store)
            let former = file.devices.filter { $0.value == device }.keys.sorted()
            if known.contains(file.account), former.contains(where: standing.live.contains) {
                let ward = HandedWard(file: file, secrets: HandedWard.noSecrets)
                guard HandedWard.bytes(handed + [ward]).count <= HandedKeys.wardBytes else { break }
                handed.append(ward)
                continue
            }
            let keys = try VaultKeys(random: random)
                .with(storageKey: decisions.keys.storageBytes)
            file.devices[keys.device] = device
            let ward = HandedWard(file: file, secrets: keys.secrets)
            guard HandedWard.bytes(handed + [ward]).count <= HandedKeys.wardBytes else { break }
            try await session.record(decisions.add(keys.publicKeys))
            // A handover that was lost on its way: nobody has those keys.
            for lost in former {
                if !standing.revoked.contains(lost) { try decisions.revoke(lost) }
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

    /// Makes a place here for each ward another device handed over.
    ///
    /// One that is here stays as it is and learns of the guardian's other devices; with new keys it
    /// goes on with those, and its former ones are taken away.
    ///
    /// - Parameters:
    ///   - handed: What was handed over.
    ///   - guardian: The open keys of this device.
    ///   - enrolment: The ledger the guardian joined.
    /// - Throws: `HomeError`, `VaultError`, `StoreFailure`.
    func adoptWards(_ handed: HandedKeys, by guardian: VaultKeys, in enrolment: Enrolment) throws {
        let present = try folders.wards()
        for (position, ward) in handed.wards.enumerated() {
            let account = ward.file.account
            let place = folders.ward(account)
            let known = present.first { $0.account == account }
            var file = known ?? ward.file
            file.learn(from: ward.file)
            guard ward.secrets != HandedWard.noSecrets else {
                if let known, known != file { try file.write(to: place.wardFile) }
                continue
            }
            // Whoever is interrupted from here on has no such ward, and gets it with the next code.
            if known != nil { try FileManager.default.removeItem(at: place.wardFile) }
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
            let former = try store.enrolment()?.device
            try store.adopt(
                Enrolment(
                    origin: enrolment.origin, logKey: enrolment.logKey,
                    nodeURL: enrolment.nodeURL, device: keys.device, account: account),
                cursor: OutboxCursor(device: keys.device, nextSequence: 1, previous: .zero),
                policy: handed.policy)
            let decisions = try MemberActions(
                store: store, keys: keys, clock: clock, random: random)
            try decisions.adopt(handed.items.filter { $0.owner == position + 1 })
            if let former, former != keys.device {
                if try !WardDevices(store).revoked.contains(former) {
                    try decisions.revoke(former)
                }
                file.devices[former] = nil
            }
            // The file makes the ward one of this machine: it comes when all else is there.
            try file.write(to: place.wardFile)
        }
    }

    /// Takes a device's right to sign away, for the person and for their wards.
    ///
    /// The person's own account comes first, and a ward that fails stops none of the others. Which
    /// of a ward's devices are the lost one's, another device of the person may know alone: then
    /// every device of a guardian goes that is not known to belong to one that stays. That may stop
    /// too much, and the device concerned is added again.
    ///
    /// It can be done again for a device that is removed already, for the wards that were left.
    ///
    /// - Throws: what `actions` throws, `StoreFailure` where nothing was signed.
    package func remove(_ device: DeviceID) async throws -> DeviceRemoval {
        let decisions = try actions()
        let devices = try machine().devices
        let isRemoved = devices.contains { $0.id == device && $0.removedAt != nil }
        let entry: Hash? = try isRemoved ? nil : decisions.revoke(device)
        var removal = DeviceRemoval(device: device, entry: entry)
        kick()
        var staying = Set(devices.filter { $0.removedAt == nil }.map(\.id))
        staying.remove(device)
        for place in try folders.wardFiles() {
            var name = place.deletingLastPathComponent().lastPathComponent
            do {
                let file = try WardFile(reading: place)
                name = file.name
                if try await !remove(device, for: file, staying) { removal.left.append(name) }
            } catch {
                // Whatever it is, the others do not wait for it; the person is told the name.
                removal.left.append(name)
            }
        }
        return removal
    }

    /// Takes away what a device of the guardian signs with for a ward; `staying` are those of the
    /// guardian that go on.
    ///
    /// - Returns: `false` if it is not known here what the device signs with, because the newest
    ///   entries of the ward could not be fetched, or if nothing can be signed here.
    private func remove(_ device: DeviceID, for file: WardFile, _ staying: Set<DeviceID>)
        async throws -> Bool
    {
        let session = try ward(file)
        let here = try session.actions()
        var isCurrent = false
        if !isOfflineChosen {
            let outcome = try await session.syncOnce()
            // What this device signs for the ward counts no more: another one has to do it.
            if outcome == .revoked { return false }
            isCurrent = outcome == .complete || outcome == .otherProcess
        }
        let standing = try WardDevices(session.store)
        let own = here.keys.device
        var lost = Set(file.devices.filter { $0.value == device }.keys)
            .subtracting(standing.revoked)
        let isKnown = !lost.isEmpty
        let isHere = try store.enrolment()?.device == device
        if !isKnown, !isHere {
            lost = standing.live.filter { key in
                file.devices[key].map { !staying.contains($0) } ?? true
            }
        }
        lost.remove(own)
        for key in lost.sorted() { try here.revoke(key) }
        if !isOfflineChosen, !lost.isEmpty { _ = try await session.syncOnce() }
        // Before the enrolment there is the one device that declared the ward.
        let isAlone = try session.store.wardStanding() == nil && file.devices.count == 1
        return isKnown || isHere || isCurrent || isAlone
    }

    /// Sends what waits for the wards, and fetches what is new; not while the person works offline.
    ///
    /// - Throws: what the first ward throws that fails, after the others.
    package func syncWards() async throws {
        guard !isOfflineChosen else { return }
        var failure: (any Error)?
        for line in try wards() {
            do {
                _ = try await ward(line.account).syncOnce()
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Whether the person chose to work offline, where an engine runs that was told.
    private var isOfflineChosen: Bool { isRunning && shownStatus?.connection == .offline }
}

/// What came of taking a device's right to sign away.
package struct DeviceRemoval: Equatable, Sendable {
    /// The device.
    package let device: DeviceID
    /// The entry about the person's own account; `nil` if it was removed there before.
    ///
    /// Those about wards go out with theirs.
    package let entry: Hash?
    /// The names of the wards for whom it may still sign, by folder; empty if all went well.
    package internal(set) var left: [String] = []

    /// What to tell the person of those that are left; `nil` if none is.
    package var trouble: Trouble? {
        left.isEmpty ? nil : .wardsLeft(names: left, device: device.text)
    }
}

/// The devices a guardian signs with in a ward's account, as the ward's store has them.
struct WardDevices {
    /// Those that may sign.
    private(set) var live: Set<DeviceID> = []
    /// All devices of the account that may sign no more, recorded or on the way.
    private(set) var revoked: Set<DeviceID> = []

    /// Reads the entries of the account.
    ///
    /// - Throws: `StoreFailure`.
    init(_ store: ClientStore) throws {
        for line in try store.activity(offset: 0, limit: .max).lines.reversed()
        where line.state != .rejected {
            switch line.body {
            case .wardEnrolled(let enrolled): live.insert(enrolled.keys.device)
            case .deviceAdded(let keys):
                // Who added it is the question; one that is not proven yet counts as a guardian's.
                let signer = try store.proof(of: line.entry)?.device
                if signer.map({ live.contains($0) }) ?? true {
                    live.insert(keys.device)
                }
            case .deviceRevoked(let device): revoked.insert(device)
            default: continue
            }
        }
        live.subtract(revoked)
    }
}

extension HandedWard {
    /// In place of secrets: the device keeps those it has.
    static let noSecrets = [UInt8](repeating: 0, count: 96)
}
