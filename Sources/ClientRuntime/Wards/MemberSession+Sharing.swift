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
    /// enrolled yet, or decides for themself, is left out. One that fails keeps none of the others
    /// back: it is named, and handed over when the same is done again.
    ///
    /// - Throws: `CancellationError`, and what listing the wards throws.
    func shareWards(with device: DeviceID, except known: [AccountID]) async throws -> SharedWards {
        var shared = SharedWards()
        for place in try folders.wardFiles() {
            do {
                let file = try WardFile(reading: place)
                try await share(file, with: device, known, into: &shared)
            } catch let cancelled as CancellationError {
                throw cancelled
            } catch {
                // Whatever it is, the person and the others do not wait for it.
                shared.left.append(WardFile.name(at: place))
            }
        }
        return shared
    }

    private func share(
        _ file: WardFile, with device: DeviceID, _ known: [AccountID],
        into shared: inout SharedWards
    ) async throws {
        var file = file
        let session = try ward(file)
        let decisions = try session.actions()
        switch try await session.syncOnce() {
        case .complete, .recordsWait, .otherProcess: break
        case .revoked: throw ActionRefusal(.deviceRevoked)
        default: throw JoinError.notReachable(.timedOut)
        }
        guard try session.store.wardStanding()?.isGuardians == true,
            clock.now < file.born.turns(ComingOfAge.years)
        else { return }
        let standing = try WardDevices(session.store)
        let former = file.devices.filter { $0.value == device }.keys.sorted()
        if known.contains(file.account), former.contains(where: standing.live.contains) {
            return shared.add(HandedWard(file: file, secrets: HandedWard.noSecrets))
        }
        let keys = try VaultKeys(random: random).with(storageKey: decisions.keys.storageBytes)
        file.devices[keys.device] = device
        let ward = HandedWard(file: file, secrets: keys.secrets)
        guard shared.hasRoom(for: ward) else { return shared.left.append(file.name) }
        // Whose the keys are is on the disk before they may sign: nobody has those of a handover
        // that is cut short, and the next one takes them away.
        try file.write(to: folders.ward(file.account).wardFile)
        try await session.record(decisions.add(keys.publicKeys))
        for lost in former where standing.live.contains(lost) { try decisions.revoke(lost) }
        let items = try decisions.handedKeys().items
        shared.add(ward)
        shared.items += items.map { item in
            var item = item
            item.owner = UInt8(clamping: shared.wards.count)
            return item
        }
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
    /// - Returns: The names of those for whom no place could be made; the next code brings them.
    /// - Throws: what listing the wards throws.
    func adoptWards(_ handed: HandedKeys, by guardian: VaultKeys, in enrolment: Enrolment) throws
        -> [String]
    {
        let present = try folders.readableWards().files
        var left: [String] = []
        for (position, ward) in handed.wards.enumerated() {
            do {
                try adopt(
                    ward, handed.items.filter { $0.owner == position + 1 },
                    known: present.first { $0.account == ward.file.account },
                    policy: handed.policy, by: guardian, in: enrolment)
            } catch {
                // Whatever it is, the person and the others do not wait for it.
                left.append(ward.file.name)
            }
        }
        return left
    }

    private func adopt(
        _ ward: HandedWard, _ items: [HandedKeys.Item], known: WardFile?, policy: WitnessPolicy?,
        by guardian: VaultKeys, in enrolment: Enrolment
    ) throws {
        let account = ward.file.account
        let place = folders.ward(account)
        var file = known ?? ward.file
        file.learn(from: ward.file)
        guard ward.secrets != HandedWard.noSecrets else {
            if let known, known != file { try file.write(to: place.wardFile) }
            return
        }
        // Whoever is interrupted from here on has no such ward, and gets it with the next code.
        let path = place.wardFile.path(percentEncoded: false)
        if FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
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
            policy: policy)
        let decisions = try MemberActions(store: store, keys: keys, clock: clock, random: random)
        try decisions.adopt(items)
        if let former, former != keys.device {
            if try !WardDevices(store).revoked.contains(former) { try decisions.revoke(former) }
            file.devices[former] = nil
        }
        // The file makes the ward one of this machine: it comes when all else is there.
        try file.write(to: place.wardFile)
    }

    /// Takes a device's right to sign away, for the person and for their wards.
    ///
    /// The person's own account comes first, and a ward that fails stops none of the others. Which
    /// of a ward's devices are the lost one's, another device of the person may know alone, even
    /// where some of them are known here: so every device of a guardian goes that was there and is
    /// not known to belong to another one. That may stop too much, and the device concerned is added
    /// again.
    ///
    /// It can be done again for a device that is removed already, for the wards that were left: what
    /// was added for the others since stays.
    ///
    /// - Throws: what `actions` throws, `StoreFailure` where nothing was signed.
    package func remove(_ device: DeviceID) async throws -> DeviceRemoval {
        let decisions = try actions()
        let removed = try store.deviceStatements().first { $0.body == .deviceRevoked(device) }
        let entry: Hash? = try removed == nil ? decisions.revoke(device) : nil
        var removal = DeviceRemoval(device: device, entry: entry)
        kick()
        for place in try folders.wardFiles() {
            do {
                let file = try WardFile(reading: place)
                if try await !remove(device, for: file, since: removed?.signedAt) {
                    removal.left.append(file.name)
                }
            } catch {
                // Whatever it is, the others do not wait for it; the person is told the name.
                removal.left.append(WardFile.name(at: place))
            }
        }
        return removal
    }

    /// Takes away what a device of the guardian signs with for a ward.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - file: What is kept of the ward.
    ///   - removedAt: When it was removed; `nil` for now.
    /// - Returns: `false` if it is not known here what the device signs with, because the newest
    ///   entries of the ward could not be fetched, or if nothing can be signed here.
    /// - Throws: what opening the ward throws, `StoreFailure`.
    private func remove(_ device: DeviceID, for file: WardFile, since removedAt: Timestamp?)
        async throws -> Bool
    {
        let session = try ward(file)
        let here = try session.actions()
        let isHere = try store.enrolment()?.device == device
        var isCurrent = false
        if !isOfflineChosen {
            let outcome = try await session.syncOnce()
            // What this device signs for the ward counts no more: that is all there was to do, or
            // another one has to do it.
            if outcome == .revoked { return isHere }
            switch outcome {
            case .complete, .recordsWait, .otherProcess: isCurrent = true
            default: break
            }
        }
        let standing = try WardDevices(session.store)
        var its = Set(file.devices.filter { $0.value == device }.keys)
        // Keys that were taken away before say nothing of those it got since.
        let isKnown = its.contains(where: standing.live.contains)
        if !isHere {
            its.formUnion(standing.added(until: removedAt).filter { file.devices[$0] == nil })
        }
        if let removedAt { its.formUnion(standing.added(by: its, after: removedAt)) }
        var lost = its.subtracting(standing.revoked)
        // Keys whose handover was cut short before the ledger had them.
        if isCurrent, standing.isEnrolled { lost.formIntersection(standing.live) }
        let own = here.keys.device
        lost.remove(own)
        var revoked = lost.sorted()
        // The last one: what this device signs for the ward counts no more after it.
        if isHere, standing.live.contains(own) { revoked.append(own) }
        for key in revoked { try here.revoke(key) }
        if !isOfflineChosen, !revoked.isEmpty { _ = try await session.syncOnce() }
        // Before the enrolment there is the one device that declared the ward.
        let isAlone = try session.store.wardStanding() == nil && file.devices.count == 1
        return isKnown || isHere || isCurrent || isAlone
    }

    /// Sends what waits for the wards, and fetches what is new; not while the person works offline.
    ///
    /// - Parameter tellMending: Gets the session of each ward before it is used.
    /// - Returns: What went wrong with those that could not be opened; `nil` if none did.
    /// - Throws: `CancellationError`, and what listing the wards throws.
    package func syncWards(_ tellMending: (MemberSession) -> Void = { _ in }) async throws
        -> Trouble?
    {
        guard !isOfflineChosen else { return nil }
        var left: [String] = []
        for place in try folders.wardFiles() {
            do {
                let file = try WardFile(reading: place)
                let session = try ward(file)
                tellMending(session)
                if case .storeFailed = try await session.syncOnce() { left.append(file.name) }
            } catch let cancelled as CancellationError {
                throw cancelled
            } catch {
                // Whatever it is, the others do not wait for it; the person is told the name.
                left.append(WardFile.name(at: place))
            }
        }
        return left.isEmpty ? nil : .wardsClosed(names: left)
    }

    /// Opens the wards for whom something waits to be sent, or of whom something is to be told.
    ///
    /// - Parameter opened: Those that are open already.
    /// - Returns: Their sessions, and what went wrong with those that cannot be opened.
    @concurrent
    func wardsThatWait(except opened: Set<AccountID>) async -> (
        sessions: [MemberSession], trouble: Trouble?
    ) {
        guard stage == .open, !isOfflineChosen else { return ([], nil) }
        var sessions: [MemberSession] = []
        var left: [String] = []
        do {
            for place in try folders.wardFiles() {
                do {
                    let file = try WardFile(reading: place)
                    guard !opened.contains(file.account) else { continue }
                    let session = try ward(file)
                    _ = try session.actions()
                    if try session.store.mending != nil || session.store.status().outboxCount > 0 {
                        sessions.append(session)
                    }
                } catch  where stage == .open {
                    // Whatever it is, the others do not wait for it; the person is told the name.
                    left.append(WardFile.name(at: place))
                } catch {
                    // The person locked the vault meanwhile.
                    return ([], nil)
                }
            }
        } catch {
            return (sessions, Trouble(error))
        }
        return (sessions, left.isEmpty ? nil : .wardsClosed(names: left))
    }

    /// Whether the person chose to work offline, where an engine runs that was told.
    var isOfflineChosen: Bool { isRunning && shownStatus?.connection == .offline }
}

/// What another device gets to act for wards, and who is left out.
struct SharedWards {
    /// What the device needs to act for each.
    private(set) var wards: [HandedWard] = []
    /// The data keys of their contributions.
    var items: [HandedKeys.Item] = []
    /// The names of those that could not be handed over, by folder where there is no name.
    var left: [String] = []

    /// Whether one more fits into a message.
    func hasRoom(for ward: HandedWard) -> Bool {
        HandedWard.bytes(wards + [ward]).count <= HandedKeys.wardBytes
    }

    /// Adds one, or names it where there is no room.
    mutating func add(_ ward: HandedWard) {
        if hasRoom(for: ward) { wards.append(ward) } else { left.append(ward.file.name) }
    }
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
    private struct Addition {
        let key: DeviceID
        let signer: DeviceID
        /// When it was recorded; `nil` while it is on its way.
        let recordedAt: Timestamp?
    }

    /// In the order of the ledger.
    private var additions: [Addition] = []
    /// Those that may sign.
    private(set) var live: Set<DeviceID> = []
    /// All devices of the account that may sign no more, recorded or on the way.
    private(set) var revoked: Set<DeviceID> = []

    /// Reads the entries of the account.
    ///
    /// - Throws: `StoreFailure`.
    init(_ store: ClientStore) throws {
        for statement in try store.deviceStatements() {
            switch statement.body {
            case .wardEnrolled(let enrolled): add(enrolled.keys.device, statement)
            case .deviceAdded(let keys) where live.contains(statement.signer):
                add(keys.device, statement)
            case .deviceRevoked(let device): revoked.insert(device)
            default: continue
            }
        }
        live.subtract(revoked)
    }

    private mutating func add(_ key: DeviceID, _ statement: DeviceStatement) {
        live.insert(key)
        additions.append(
            Addition(key: key, signer: statement.signer, recordedAt: statement.recordedAt))
    }

    /// Whether the ledger has the ward, as far as is known here.
    var isEnrolled: Bool { !additions.isEmpty }

    /// Those that may sign and were there at a time; `nil` for now.
    func added(until time: Timestamp?) -> Set<DeviceID> {
        Set(
            additions.filter { addition in
                guard let time else { return true }
                return addition.recordedAt.map { $0 <= time } ?? false
            }.map(\.key)
        ).intersection(live)
    }

    /// Those that some of the devices added after a time, and what these added in turn.
    func added(by devices: Set<DeviceID>, after time: Timestamp) -> Set<DeviceID> {
        var found: Set<DeviceID> = []
        for addition in additions
        where devices.contains(addition.signer) || found.contains(addition.signer) {
            if addition.recordedAt.map({ $0 > time }) ?? true { found.insert(addition.key) }
        }
        return found
    }
}

extension HandedWard {
    /// In place of secrets: the device keeps those it has.
    static let noSecrets = [UInt8](repeating: 0, count: 96)
}
