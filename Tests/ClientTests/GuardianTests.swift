import ClientStore
import Crypto
import Foundation
import HealthRecords
import LedgerCore
import NodeAPI
import NodeClient
import NodeSequencer
import Screens
import SyncCore
import SyncEngine
import TestSupport
import Testing

@testable import ClientRuntime

/// A mother and her child over HTTP, on the real thing, from before the child comes of age to after.
@Suite struct GuardianTests {
    @Test func `a mother decides for herself and for her child, until the child is of age`()
        async throws
    {
        let family = try await Family()
        let mother = try await family.member("mother", passphrase: "correct horse")
        // 18 at the beginning of May 2026.
        let born = try #require(BirthMonth("2008-04"))
        let declared = try mother.declareWard(named: "Lily", born: born)
        #expect(try await mother.syncOnce() == .complete)
        #expect(try mother.wards().map(\.name) == ["Lily"])
        let ward = try mother.ward(named: "Lily")
        #expect(ward.stage == .open)
        #expect(try await ward.syncOnce() == .complete)
        // Whose cosignatures she asks for, hers asks for, too.
        let policy = try WitnessPolicy(parsing: Array("quorum none\n".utf8))
        try mother.store.setWitnessPolicy(policy)
        #expect(try mother.ward(named: "Lily").store.witnessPolicy() == policy)

        // Both take part; each is used under a grant of their own.
        try await family.takePart(mother, record: "wei-sleep.json")
        try await family.takePart(ward, record: "wei-sleep.json")
        let (own, child) = (try mother.actions().account, declared.ward.account)
        #expect(try await family.use(own) == .success(1))
        #expect(try await family.use(child) == .success(1))

        // The mother ends her own: the child's goes on.
        try mother.actions().revoke(
            AuthorizationRevoked(project: family.builder.project, major: 1, mode: .stop))
        #expect(try await mother.syncOnce() == .complete)
        #expect(try await family.use(own) == .failure(.revoked))
        #expect(try await family.use(child) == .success(1))

        // The child gets a device of their own; the guardian goes on deciding.
        let phone = try family.session("phone")
        let code = try await ward.inviteDevice()
        let joining = try #require(
            try await phone.beginJoining(
                code: code.grouped, node: family.node.url, passphrase: ""))
        let asking = try #require(try await ward.askingDevice(code))
        #expect(asking.words == joining.words)
        _ = try await ward.admit(asking.keys, code: code)
        try await phone.finishJoining(joining)
        #expect(try await phone.syncOnce() == .complete)
        #expect(try phone.actions().account == child)
        #expect(try phone.store.witnessPolicy() == policy)
        #expect(throws: ActionRefusal(.guardianNeeded)) { try family.grant(phone) }

        // Of age: due again, used until the grace ends, and not by the guardian's word.
        let turned = born.turns(18)
        family.set(turned)
        try await family.waitForMarker(.authorizationOutgrown, phone)
        #expect(try family.state(phone) == .reconsentDue)
        let dates = try phone.store.home(at: turned).attention.compactMap { item -> Timestamp? in
            guard case .reconsentDue(_, let until) = item else { return nil }
            return until
        }
        #expect(dates == [turned.adding(milliseconds: ComingOfAge.grace)])
        #expect(try await ward.syncOnce() == .complete)
        #expect(throws: ActionRefusal(.cameOfAge)) { try family.grant(ward) }
        #expect(try await family.use(child) == .success(1))
        family.set(turned.adding(milliseconds: ComingOfAge.grace))
        #expect(try await family.use(child) == .failure(.reconsentDue))
        try await family.waitForMarker(.authorizationExpired, phone)
        #expect(try family.state(phone) == .expired)

        // The child signs: the same record, under a key wrapped anew by the child's device.
        try family.grant(phone)
        #expect(try await phone.syncOnce() == .complete)
        #expect(try family.state(phone) == .active)
        #expect(try await family.use(child) == .success(1))

        // The guardian's device can still stop it: a revoke is never refused.
        #expect(try await ward.syncOnce() == .complete)
        try ward.actions().revoke(
            AuthorizationRevoked(project: family.builder.project, major: 1, mode: .stop))
        #expect(try await ward.syncOnce() == .complete)
        #expect(try await family.use(child) == .failure(.revoked))
        // What both of them signed verifies from the first entry, as it has to when the node starts.
        let (node, key) = (family.node, family.node.keys.log.verifierKey)
        await #expect(throws: Never.self) {
            try await LedgerCheck(store: node.database, logKey: key).run()
        }
        try await family.end()
    }

    @Test func `a guardian's second device acts for her child, too, and a lost one no more`()
        async throws
    {
        let family = try await Family()
        let (mother, lily) = try await family.motherOfLily()
        let first = try mother.ward(named: "Lily")
        try await family.takePart(first, record: "wei-sleep.json")
        #expect(try await family.use(lily) == .success(1))

        let laptop = try family.session("laptop")
        try await family.add(laptop, with: mother)
        #expect(try laptop.wards() == mother.wards())
        let second = try laptop.ward(named: "Lily")
        #expect(second.stage == .open)
        #expect(try second.actions().keys.device != first.actions().keys.device)
        #expect(try await second.syncOnce() == .complete)
        #expect(try second.store.wardStanding()?.isGuardians == true)
        #expect(try family.state(second) == .active)
        // It stops, and allows again what the first one handed over: the keys came along.
        try second.actions().revoke(
            AuthorizationRevoked(project: family.builder.project, major: 1, mode: .stop))
        #expect(try await second.syncOnce() == .complete)
        #expect(try await family.use(lily) == .failure(.revoked))
        try family.grant(second)
        #expect(try await second.syncOnce() == .complete)
        #expect(try await family.use(lily) == .success(1))
        // Both verify what the other one signed.
        #expect(try await first.syncOnce() == .complete)
        #expect(try family.state(first) == .active)

        // A child declared later comes with the same code and words; who is there stays.
        _ = try mother.declareWard(named: "Tom", born: try #require(BirthMonth("2020-01")))
        #expect(try await mother.syncOnce() == .complete)
        let vault = try Data(contentsOf: laptop.folders.ward(lily).vaultFile)
        try await family.add(laptop, with: mother)
        #expect(try laptop.wards().map(\.name) == ["Lily", "Tom"])
        #expect(try Data(contentsOf: laptop.folders.ward(lily).vaultFile) == vault)
        #expect(try await laptop.ward(named: "Tom").syncOnce() == .complete)
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try laptop.actions().account == mother.actions().account)

        // The laptop is lost: it decides for nobody any more, but may still stop.
        let lost = try laptop.actions().keys.device
        #expect(try await mother.remove(lost).left == [])
        #expect(try await mother.syncOnce() == .complete)
        #expect(try await mother.syncWards() == nil)
        #expect(try await laptop.syncOnce() == .revoked)
        #expect(try await second.syncOnce() == .revoked)
        #expect(try await laptop.ward(named: "Tom").syncOnce() == .revoked)
        #expect(try await first.syncOnce() == .complete)
        #expect(try await family.use(lily) == .success(1))
        try await family.end()
    }

    @Test func `a lost device signs for no ward, whichever of the guardian's devices added it`()
        async throws
    {
        let family = try await Family()
        let (mother, lily) = try await family.motherOfLily()
        let (laptop, phone) = (try family.session("laptop"), try family.session("phone"))
        let tablet = try family.session("tablet")
        for device in [laptop, phone, tablet] { try await family.add(device, with: mother) }
        for device in [laptop, phone, tablet] {
            #expect(try await device.syncOnce() == .complete)
            #expect(try await device.ward(named: "Lily").syncOnce() == .complete)
        }

        // The laptop was not told which keys are the phone's: all it does not know go.
        let lost = try phone.actions().keys.device
        #expect(try laptop.folders.wards().first?.devices.values.contains(lost) == false)
        let removal = try await laptop.remove(lost)
        #expect(removal.entry != nil && removal.left == [])
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await phone.syncOnce() == .revoked)
        #expect(try await phone.ward(named: "Lily").syncOnce() == .revoked)
        #expect(try await tablet.ward(named: "Lily").syncOnce() == .revoked)
        #expect(try await mother.ward(named: "Lily").syncOnce() == .complete)

        // The tablet is added again, and the laptop learns what the first device knows.
        try await family.add(tablet, with: laptop)
        #expect(try await tablet.ward(named: "Lily").syncOnce() == .complete)
        // Four codes of one account at a time: the first ones run out.
        family.set(LedgerBuilder.start.adding(milliseconds: PairingLimits.milliseconds + 1))
        try await family.add(laptop, with: mother)
        #expect(try laptop.folders.wards().first?.devices.values.contains(lost) == true)

        // A ward that cannot be opened is told of, and the person's own account comes first.
        try FileManager.default.removeItem(at: mother.folders.ward(lily).vaultFile)
        let partial = try await mother.remove(laptop.actions().keys.device)
        #expect(partial.entry != nil && partial.left == ["Lily"])
        #expect(try await mother.syncOnce() == .complete)
        #expect(try await laptop.syncOnce() == .revoked)
        try await family.end()
    }

    @Test func `a lost device signs for no ward, though it got keys twice from different devices`()
        async throws
    {
        let family = try await Family()
        let (mother, lily) = try await family.motherOfLily()
        let (laptop, phone) = (try family.session("laptop"), try family.session("phone"))
        let tablet = try family.session("tablet")
        for device in [laptop, phone, tablet] { try await family.add(device, with: mother) }
        for device in [laptop, phone, tablet] {
            #expect(try await device.syncOnce() == .complete)
            #expect(try await device.ward(named: "Lily").syncOnce() == .complete)
        }

        // The laptop does not know whose the tablet's keys are: they go with the lost phone's, and
        // it gets new ones, of which only the laptop knows whose they are.
        #expect(try await laptop.remove(phone.actions().keys.device).left == [])
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await tablet.ward(named: "Lily").syncOnce() == .revoked)
        try await family.add(tablet, with: laptop)
        let second = try tablet.ward(named: "Lily")
        #expect(try await second.syncOnce() == .complete)
        let newKeys = try second.actions().keys.device
        let lost = try tablet.actions().keys.device
        let known = try #require(try mother.folders.wards().first?.devices)
        #expect(known.values.contains(lost) && known[newKeys] == nil)

        #expect(try await mother.syncOnce() == .complete)
        #expect(try await mother.remove(lost).left == [])
        #expect(try await mother.syncOnce() == .complete)
        #expect(try await second.syncOnce() == .revoked)
        let ward = try mother.ward(named: "Lily")
        #expect(try await ward.syncOnce() == .complete)
        #expect(try !WardDevices(ward.store).live.contains(newKeys))
        // Those of whom it is known that they are others go on.
        #expect(try await laptop.ward(named: "Lily").syncOnce() == .complete)
        #expect(try mother.folders.wards().map(\.account) == [lily])
        try await family.end()
    }

    @Test func `a device that is given up on itself signs for no ward any more`() async throws {
        let family = try await Family()
        let (mother, _) = try await family.motherOfLily()
        let laptop = try family.session("laptop")
        try await family.add(laptop, with: mother)
        #expect(try await laptop.syncOnce() == .complete)
        let second = try laptop.ward(named: "Lily")
        #expect(try await second.syncOnce() == .complete)

        let device = try laptop.actions().keys.device
        let removal = try await laptop.remove(device)
        #expect(removal.entry != nil && removal.left == [])
        #expect(try await laptop.syncOnce() == .revoked)
        #expect(try await second.syncOnce() == .revoked)
        // Nothing is left to do when it is done again, and the other device goes on.
        #expect(try await laptop.remove(device).left == [])
        let ward = try mother.ward(named: "Lily")
        #expect(try await ward.syncOnce() == .complete)
        let live = try WardDevices(ward.store).live
        #expect(try live == [ward.actions().keys.device])
        try await family.end()
    }

    @Test func `a ward's vault opens with the guardian's only, and its name is in no entry`()
        async throws
    {
        let family = try await Family()
        let mother = try await family.member("mother", passphrase: "correct horse")
        let name = "Unmistakable-Name"
        _ = try mother.declareWard(named: name, born: try #require(BirthMonth("2020-01")))
        #expect(throws: WardProblem.nameTaken) {
            try mother.declareWard(named: name, born: try #require(BirthMonth("2020-01")))
        }
        #expect(try await mother.syncOnce() == .complete)
        let ward = try mother.ward(named: name)
        #expect(try await ward.syncOnce() == .complete)

        // Nothing a node holds has the name.
        let node = URL(filePath: family.folder + "/node")
        let files = FileManager.default.enumerator(at: node, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            // Folders have no content.
            guard let content = try? Data(contentsOf: file) else { continue }
            #expect(content.range(of: Data(name.utf8)) == nil, "\(file.lastPathComponent)")
        }

        // Locked, neither opens; the guardian's passphrase opens both.
        await mother.lock()
        await ward.lock()
        let again = try mother.ward(named: name)
        #expect(again.stage == .locked)
        #expect(throws: VaultError.wrongPassphrase) { try again.unlock(passphrase: "wrong") }
        try again.unlock(passphrase: "correct horse")
        #expect(again.stage == .open)
        #expect(mother.stage == .open)
        try await family.end()
    }

    @Test
    func `ten wrong passphrases close a guardian's and a ward's vault, another device opens both`()
        async throws
    {
        let family = try await Family()
        let mother = try await family.member("mother", passphrase: "correct horse")
        _ = try mother.declareWard(named: "Lily", born: try #require(BirthMonth("2015-03")))
        #expect(try await mother.syncOnce() == .complete)
        let laptop = try family.session("laptop")
        try await family.add(laptop, with: mother)
        let waiting = try mother.actions().signUp(family.builder.project)
        let ward = try mother.ward(named: "Lily")
        #expect(ward.stage == .open)

        // One counter, whoever is acted for.
        for number in 1...9 {
            let session = number.isMultiple(of: 2) ? mother : ward
            #expect(throws: (any Error).self) { try session.unlock(passphrase: "wrong") }
            if number > 5 { family.set(family.clock.now.adding(milliseconds: 3_600_000)) }
        }
        #expect(throws: VaultError.wiped) { try ward.unlock(passphrase: "wrong") }
        #expect(ward.stage == .locked && mother.stage == .welcome)
        #expect(throws: SessionLocked.self) { try ward.actions() }
        #expect(throws: VaultError.wiped) { try mother.actions() }
        #expect(throws: VaultError.wiped) { try ward.unlock(passphrase: "correct horse") }

        // Nobody else moves in where the mother's decisions stand.
        let aunt = try await family.member("aunt")
        let again = try family.session("mother")
        #expect(again.stage == .welcome)
        await #expect(throws: VaultError.wiped) { try await family.add(again, with: aunt) }
        await #expect(throws: VaultError.wiped) {
            try await again.join(
                code: family.node.invite().grouped, node: family.node.url, passphrase: "")
        }

        // Cut short, it begins anew.
        _ = try again.prepareVault(passphrase: "")
        #expect(try family.session("mother").stage == .welcome)
        // Another device of hers brings her back, with what waited and with the ward.
        try await family.add(again, with: laptop)
        #expect(try await again.syncOnce() == .complete)
        #expect(try again.store.activity(entry: waiting)?.state == .proven)
        #expect(try await again.syncOnce() == .complete)
        #expect(try again.ward(named: "Lily").stage == .open)
        try await family.end()
    }

    @Test func `what a guardian chooses while she acts for her child holds for herself, too`()
        async throws
    {
        let family = try await Family()
        let (mother, _) = try await family.motherOfLily()
        let ward = try mother.ward(named: "Lily")
        let terms = family.builder.terms
        func draft(_ secret: String?) -> AuthorizationDraft {
            var draft = family.draft()
            draft.secret = secret
            return draft
        }
        try mother.actions().signUp(terms.project)
        var look = mother.configuration(language: .english, theme: "dark").preferences
        look.asksSecret = true
        _ = await ward.perform(.keepPreferences(look))
        // Nothing of hers is signed without the passphrase, nor with another one.
        #expect(throws: SecretProblem.needed) { try mother.grant(draft(nil)) }
        #expect(throws: SecretProblem.wrong) { try mother.grant(draft("wrong")) }
        look.usesMouse = false
        _ = await mother.perform(.keepPreferences(look))
        let kept = try Profile.read(from: mother.folders.profileFile)
        #expect(kept.look.asksSecret && !kept.look.usesMouse && kept.node == family.node.url)
        #expect(ward.profile.look.asksSecret && !ward.profile.look.usesMouse)
        try mother.grant(draft("correct horse"))
        try await family.end()
    }

    @Test func `what belongs to one of a family is read by none of the others`() async throws {
        let family = try await Family()
        let mother = try await family.member("mother")
        _ = try mother.declareWard(named: "Lily", born: try #require(BirthMonth("2015-03")))
        #expect(try await mother.syncOnce() == .complete)
        let ward = try mother.ward(named: "Lily")
        #expect(try await ward.syncOnce() == .complete)
        try await family.takePart(ward, record: "wei-sleep.json")
        try mother.actions().signUp(family.builder.project)
        try family.grant(mother)
        #expect(try await mother.syncOnce() == .complete)

        // The mother's own grant gives nobody the child's record, nor does her account show it.
        #expect(
            try await family.use(mother.actions().account) == .failure(.nothingCovered))
        #expect(try mother.store.records().isEmpty)
        let lines = try mother.store.activity(offset: 0, limit: .max).lines
        #expect(!lines.contains { $0.body.kind == .recordContributed })
        // Nor can a study team tell from the entries it reads that the two belong together.
        let uploads = try ward.store.uploads()
        let record = try #require(uploads.first?.record)
        let link = try mother.link(to: family.node.url)
        await #expect(throws: NodeFailure.self) {
            try await link.connection.send(
                .record(record), deadline: .seconds(5), limit: 1 << 20)
        }
        await link.close()
        let motherDevice = try #require(try mother.store.enrolment()).device
        var signers: Set<DeviceID> = []
        try ward.store.replay { verified, _, _ in
            guard verified.payload.body.project != nil, verified.chain != .catalogue else { return }
            signers.insert(verified.payload.device)
        }
        #expect(!signers.isEmpty && !signers.contains(motherDevice))
        try await family.end()
    }
}
