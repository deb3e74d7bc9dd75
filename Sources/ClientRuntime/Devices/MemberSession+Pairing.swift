import ClientStore
import Crypto
import Foundation
package import LedgerCore
package import NodeAPI
package import Screens
import SyncCore
import SyncEngine
import Synchronization

/// The side of the device that is there already: it shows a code, compares words, and signs.
extension MemberSession {
    /// Leaves an offer at the node and returns the code to type on the new device.
    ///
    /// - Throws: what `actions` throws, `JoinError.notReachable`.
    package func inviteDevice() async throws -> InvitationCode {
        let offer = try pairingOffer()
        let code = InvitationCode(random: random.bytes(InvitationCode.length))
        let key = PairingKey(code)
        _ = try await withLink { link in
            try await link.call(
                .leavePairing(key, .offer, sealed: key.seal(offer.body, as: .offer)))
        }
        return code
    }

    /// Waits until a new device has typed the code.
    ///
    /// - Returns: The device; `nil` if the code ran out.
    package func askingDevice(_ code: InvitationCode) async throws -> AskingDevice? {
        let offer = try pairingOffer()
        let key = PairingKey(code)
        guard let request = try await request(of: key) else { return nil }
        return AskingDevice(keys: request.keys, words: offer.words(for: request.keys))
    }

    /// What the new device sent; `nil` if the code ran out.
    private func request(of key: PairingKey) async throws -> PairingRequest? {
        guard let message = try await withLink({ try await $0.message(.request, of: key) }),
            let opened = key.open(message, as: .request)
        else { return nil }
        return try PairingRequest(opened)
    }

    /// The wards a device acts for already that asked with a code.
    private func wardsKept(by device: DeviceKeys, _ key: PairingKey) async throws -> [AccountID] {
        guard let request = try await request(of: key), request.keys == device else {
            throw JoinError.codeRefused
        }
        return request.wards
    }

    /// Adds the device whose words were compared, and hands it what it needs to read records.
    ///
    /// Nothing is handed over before the ledger has the entry; a device it has already only gets
    /// the handover again. A device added for a ward becomes the ward's own; one of a guardian acts
    /// for their wards, too, but for those that cannot be handed over now: the next code brings them.
    package func admit(_ device: DeviceKeys, code: InvitationCode) async throws -> DeviceAdmission {
        let decisions = try actions()
        if ward == nil { _ = try folders.wardFiles() }
        let isKnown = try machine().devices.contains {
            $0.id == device.device && $0.removedAt == nil
        }
        let entry =
            isKnown ? nil : try ward == nil ? decisions.add(device) : decisions.handOver(to: device)
        if let entry { try await record(entry) }
        let key = PairingKey(code)
        let shared =
            ward == nil
            ? try await shareWards(with: device.device, except: wardsKept(by: device, key))
            : SharedWards()
        let own = try decisions.handedKeys()
        let handed = HandedKeys(
            storage: own.storage, policy: own.policy, wards: shared.wards,
            items: Array((shared.items + own.items).prefix(HandedKeys.limit)))
        let sealed = try Handover.seal(handed.bytes, for: device, key)
        _ = try await withLink { link in
            try await link.call(
                .leavePairing(key, .handover, sealed: key.seal(sealed, as: .handover)))
        }
        return DeviceAdmission(entry: entry, left: shared.left)
    }

    private func pairingOffer() throws -> PairingOffer {
        _ = try actions()
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        return PairingOffer(
            origin: enrolment.origin, verifierKey: enrolment.logKey.text,
            account: enrolment.account)
    }

    /// Sends an entry and waits until the node has recorded it.
    func record(_ entry: Hash) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        kick()
        wake()
        while let line = try store.activity(entry: entry) {
            switch line.state {
            case .accepted, .proven: return
            case .rejected: throw ActionRefusal(line.rejection ?? .deviceRevoked)
            case .disputed: throw JoinError.nodeNotAuthentic
            case .queued, .sent: break
            }
            guard ContinuousClock.now < deadline else { break }
            if !isRunning { _ = try await syncOnce() }
            try await QuietTimer.sleep(for: .milliseconds(50))
        }
        throw JoinError.notReachable(.timedOut)
    }

    private func withLink<Value>(_ body: (NodeLink) async throws -> Value) async throws -> Value {
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        let link = try link(to: profile.node ?? enrolment.nodeURL)
        do {
            let value = try await body(link)
            await link.close()
            return value
        } catch {
            await link.close()
            throw error
        }
    }
}

/// The side of the new device.
extension MemberSession {
    /// Joins with what a person was told: an invitation of the node, or the code of a device of
    /// their own.
    ///
    /// With a policy its witnesses are asked for from the first round on. Without one a device asks
    /// for those of the device that adds it. A device that is there already, with the code of
    /// another one of the same person, gets the wards that were declared since. With `newKeys` it
    /// gets keys anew, in place of those that a keyring keeps closed; so does a device that was
    /// removed, whose keys can never sign again.
    ///
    /// - Returns: `nil` once joined; the words to compare where another device has to agree first.
    ///   Then `finishJoining` waits for it.
    /// - Throws: `JoinError`, `VaultError`, `HomeError`.
    package func beginJoining(
        code typed: String, node: String, passphrase: String, policy: WitnessPolicy? = nil,
        newKeys: Bool = false
    ) async throws -> JoiningDevice? {
        guard let code = InvitationCode(typed: typed) else { throw JoinError.notACode }
        let key = PairingKey(code)
        let link = try wiring.connect(node, nil)
        let offer: PairingOffer?
        do {
            offer = try await link.offer(of: key)
        } catch {
            await link.close()
            throw error
        }
        guard let offer else {
            await link.close()
            try await join(code: typed, node: node, passphrase: passphrase, policy: policy)
            return nil
        }
        do {
            let logKey = try offer.logKey
            if let policy, !policy.covers(logKey) { throw JoinError.policyElsewhere }
            // A machine whose keys are gone goes on for the same person only.
            let former = try store.enrolment()
            if let former, former.account != offer.account {
                throw try hasLostKeys() ? VaultError.wiped : VaultError.exists
            }
            var keys = try prepareVault(
                passphrase: passphrase, again: former != nil, replaced: newKeys)
            if former?.device == keys.device, try await isRemoved(keys, at: node) {
                keys = try replace(keys, passphrase: passphrase)
            }
            let body = PairingRequest(
                keys: keys.publicKeys,
                wards: try folders.readableWards().files.filter { opens($0, with: keys) }
                    .map(\.account)
            ).bytes
            try await link.call(
                .leavePairing(key, .request, sealed: key.seal(body, as: .request)))
            await link.close()
            return JoiningDevice(
                code: code, node: node, passphrase: passphrase, offer: offer, logKey: logKey,
                policy: policy, words: offer.words(for: keys.publicKeys))
        } catch {
            await link.close()
            throw error
        }
    }

    /// Waits for the other device's consent, takes over what it hands over, and opens the vault.
    ///
    /// - Throws: `JoinError.codeRefused` if the code ran out first.
    @discardableResult
    package func finishJoining(_ joining: JoiningDevice) async throws -> JoinedDevice {
        let key = PairingKey(joining.code)
        let link = try wiring.connect(joining.node, nil)
        let message: [UInt8]?
        do {
            message = try await link.message(.handover, of: key)
        } catch {
            await link.close()
            throw error
        }
        await link.close()
        let keys = try prepareVault(passphrase: joining.passphrase, again: true)
        guard let message, let sealed = key.open(message, as: .handover) else {
            throw JoinError.codeRefused
        }
        guard let handed = HandedKeys(try Handover.open(sealed, with: keys, key)) else {
            throw JoinError.nodeNotAuthentic
        }
        if let policy = handed.policy, !policy.covers(joining.logKey) {
            throw JoinError.nodeNotAuthentic
        }
        let enrolment = Enrolment(
            origin: joining.offer.origin, logKey: joining.logKey, nodeURL: joining.node,
            device: keys.device, account: joining.offer.account)
        if keys.storageBytes != handed.storage {
            try adopt(storageKey: handed.storage, passphrase: joining.passphrase)
        }
        let own = try keys.with(storageKey: handed.storage)
        // Before this device is enrolled here: whoever is interrupted begins anew.
        let left = try adoptWards(handed, by: own, in: enrolment)
        try MemberActions(
            joining: enrolment, store: store, keys: own, clock: clock, random: random
        ).adopt(handed.items.filter { $0.owner == 0 })
        if try store.enrolment()?.device != keys.device {
            // In one transaction: this device never asks for less than the other one.
            try store.adopt(
                enrolment,
                cursor: OutboxCursor(device: keys.device, nextSequence: 1, previous: .zero),
                policy: joining.policy ?? handed.policy)
        }
        try changeProfile { $0.node = joining.node }
        // What came along has to be wrapped, too.
        state.withLock { $0.handedOver = nil }
        try unlock(passphrase: joining.passphrase)
        return JoinedDevice(policy: handed.policy, left: left)
    }

    /// Whether the right of keys to sign was taken away, by what is known here or the node says.
    private func isRemoved(_ keys: VaultKeys, at node: String) async throws -> Bool {
        let removal = EntryBody.deviceRevoked(keys.device)
        if try store.deviceStatements().contains(where: { $0.body == removal }) { return true }
        let link = try wiring.connect(node, keys)
        var refusal: ProblemCode?
        do throws(NodeFailure) {
            _ = try await link.connection.send(
                .accountPage(after: 0, at: nil, limit: 1), deadline: SyncLimits.requestDeadline,
                limit: SyncLimits.answerBytes)
        } catch {
            // Any other failure says nothing of the keys.
            if case .problem(let problem) = error { refusal = problem.code }
        }
        await link.close()
        return refusal == .deviceRevoked
    }

    /// Whether a ward kept here can be acted for with what is here; otherwise the device asks for
    /// keys anew.
    private func opens(_ file: WardFile, with keys: VaultKeys) -> Bool {
        let place = folders.ward(file.account)
        let clock = clock
        // Why it does not open does not matter: it is asked for anew.
        guard
            let own = try? Vault.read(from: place.vaultFile)
                .unlock(passphrase: keys.wardPassphrase(file.account)),
            let store = try? ClientStore(
                directory: place.data.path(percentEncoded: false).trimmedSlash,
                clock: { clock.now }, keys: own.publicKeys)
        else { return false }
        return (try? store.enrolment()?.device) == own.device
    }
}

/// What came of adding a device.
package struct DeviceAdmission: Equatable, Sendable {
    /// The entry; `nil` if the device was added before.
    package let entry: Hash?
    /// The names of the wards it does not act for yet, by folder where no name can be read.
    package let left: [String]

    /// What to tell the person of those that are left; `nil` if none is.
    package var trouble: Trouble? { left.isEmpty ? nil : .wardsNotHandedOver(names: left) }
}

/// What a device got from the one that added it.
package struct JoinedDevice: Sendable {
    /// Whose cosignatures the other device asks for; `nil` for nobody's.
    package let policy: WitnessPolicy?
    /// The names of the wards for whom no place could be made here.
    package let left: [String]

    /// What to tell the person of those that are left; `nil` if none is.
    package var trouble: Trouble? { left.isEmpty ? nil : .wardsNotTakenOver(names: left) }
}

/// A device that waits for another one to agree.
package struct JoiningDevice: Sendable {
    let code: InvitationCode
    let node: String
    let passphrase: String
    let offer: PairingOffer
    let logKey: VerifierKey
    /// Whose cosignatures the person asks for here; `nil` leaves it to the other device.
    let policy: WitnessPolicy?
    /// What both screens have to show.
    package let words: [String]
}

extension PairingOffer {
    /// The key of the log the other device has joined.
    fileprivate var logKey: VerifierKey {
        get throws {
            do {
                return try VerifierKey(parsing: verifierKey)
            } catch {
                throw JoinError.nodeNotAuthentic
            }
        }
    }
}

/// Keys on their way to a new device: HPKE (RFC 9180, base mode) for its wrapping key,
/// bound to the pairing.
private enum Handover {
    static func seal(_ secret: [UInt8], for device: DeviceKeys, _ pairing: PairingKey) throws
        -> [UInt8]
    {
        let recipient = try Curve25519.KeyAgreement.PublicKey(
            rawRepresentation: device.wrapping)
        var sender = try HPKE.Sender(
            recipientKey: recipient, ciphersuite: .Curve25519_SHA256_ChachaPoly,
            info: info(pairing))
        let sealed = try sender.seal(secret)
        return [UInt8](sender.encapsulatedKey) + [UInt8](sealed)
    }

    static func open(_ sealed: [UInt8], with keys: VaultKeys, _ pairing: PairingKey) throws
        -> [UInt8]
    {
        guard sealed.count > 32 else { throw JoinError.nodeNotAuthentic }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: keys.wrapping, ciphersuite: .Curve25519_SHA256_ChachaPoly,
                info: info(pairing), encapsulatedKey: Data(sealed.prefix(32)))
            return [UInt8](try recipient.open(sealed.dropFirst(32)))
        } catch {
            // HPKE gives no reason a person could act on: it was not sealed for this device.
            throw JoinError.nodeNotAuthentic
        }
    }

    private static func info(_ pairing: PairingKey) -> Data {
        Data(Array("accord/handover/v1\n\(pairing.lookup)".utf8))
    }
}

extension NodeLink {
    /// Makes a call; a failure reads as one of joining.
    @discardableResult
    fileprivate func call(_ call: NodeCall) async throws -> [UInt8] {
        do throws(NodeFailure) {
            return try await connection.send(
                call, deadline: SyncLimits.requestDeadline, limit: SyncLimits.checkpointBytes)
        } catch {
            switch error {
            case .problem(let problem) where problem.code == .notAllowed:
                throw JoinError.codeRefused
            default: throw JoinError.notReachable(error)
            }
        }
    }

    /// The offer under a code; `nil` if it is no code of a device.
    fileprivate func offer(of key: PairingKey) async throws -> PairingOffer? {
        let found: [UInt8]
        do throws(NodeFailure) {
            found = try await connection.send(
                .readPairing(key, .offer), deadline: SyncLimits.requestDeadline,
                limit: PairingLimits.messageBytes(.offer))
        } catch {
            // Whatever the node has to say about it, it holds no offer: it is asked as for an
            // invitation, and says then what is wrong.
            if case .problem = error { return nil }
            throw JoinError.notReachable(error)
        }
        guard let opened = key.open(found, as: .offer) else { throw JoinError.nodeNotAuthentic }
        return try PairingOffer(body: opened)
    }

    /// Asks for a message until it is there; `nil` if the pairing ran out.
    fileprivate func message(_ step: PairingStep, of key: PairingKey) async throws -> [UInt8]? {
        while true {
            do throws(NodeFailure) {
                let body = try await connection.send(
                    .readPairing(key, step), deadline: SyncLimits.requestDeadline,
                    limit: PairingLimits.messageBytes(step))
                if !body.isEmpty { return body }
            } catch {
                switch error {
                case .problem(let problem) where problem.code == .notFound: return nil
                case .away, .unreachable, .timedOut: break
                default: throw JoinError.notReachable(error)
                }
            }
            try await QuietTimer.sleep(for: .milliseconds(700))
        }
    }
}

extension MemberActions {
    /// Lets another device of this person sign.
    @discardableResult
    package func add(_ device: DeviceKeys) throws -> Hash { try queue(.deviceAdded(device)) }

    /// Gives a ward a device of their own.
    @discardableResult
    func handOver(to device: DeviceKeys) throws -> Hash { try queue(.wardHandedOver(device)) }
}
