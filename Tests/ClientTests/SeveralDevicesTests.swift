import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import Screens
import SyncCore
import SyncEngine
import TestSupport
import Testing

@testable import ClientRuntime

/// A person's keys on one machine and on several: over HTTP, with real keys and files.
@Suite struct SeveralDevicesTests {
    private static func revoke(_ session: MemberSession, _ family: Family) throws {
        try session.actions().revoke(
            AuthorizationRevoked(project: family.builder.project, major: 1, mode: .stop))
    }

    /// A person with a record under a grant, and another machine of theirs that is in step.
    private static func pair(_ family: Family) async throws -> (
        MemberSession, MemberSession, AccountID
    ) {
        let ada = try await family.member("ada")
        try await family.takePart(ada, record: "wei-sleep.json")
        let laptop = try family.session("laptop")
        try await family.add(laptop, with: ada)
        for session in [ada, laptop] { #expect(try await session.syncOnce() == .complete) }
        let account = try ada.actions().account
        #expect(try await family.use(account) == .success(1))
        return (ada, laptop, account)
    }

    @Test func `a device that knows an older grant leaves the keys of a newer one as they are`()
        async throws
    {
        let family = try await Family()
        let (ada, _, account) = try await Self.pair(family)
        try family.grant(ada)
        #expect(try await ada.syncOnce() == .complete)
        #expect(try await family.use(account) == .success(1))
        let laptop = try family.session("laptop")
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await family.use(account) == .success(1))
        try await family.end()
    }

    @Test func `of two devices that extend at once one is refused, and the keys open all the same`()
        async throws
    {
        let family = try await Family()
        let (ada, laptop, account) = try await Self.pair(family)
        try family.grant(ada)
        let late = try family.grant(laptop)
        #expect(try await ada.syncOnce() == .complete)
        #expect(try await family.use(account) == .success(1))
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try laptop.store.activity(entry: late)?.rejection == .decisionNotLatest)
        #expect(try await family.use(account) == .success(1))
        #expect(try laptop.store.pendingUploads().isEmpty)
        // What was refused leaves nothing behind that a later start would send.
        for name in ["ada", "laptop"] {
            #expect(try await family.session(name).syncOnce() == .complete)
            #expect(try await family.use(account) == .success(1))
        }
        try await family.end()
    }

    @Test func `what another device contributed is told, and opened by that device as it runs`()
        async throws
    {
        let family = try await Family()
        let (ada, laptop, account) = try await Self.pair(family)
        // The same file once more: sealed anew, it is another record, and only the laptop's.
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Samples/records/wei-sleep.json").standardizedFileURL
        let actions = try laptop.actions()
        _ = try actions.importRecords([file.path(percentEncoded: false)])
        let record = try #require(
            try laptop.store.records().first { [.wearable, .clinical].contains($0.kind) })
        _ = try actions.contribute(
            ContributionDraft(project: family.builder.project, record: record.id, struck: []))
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await family.use(account) == .success(2))

        #expect(try await ada.syncOnce() == .complete)
        try family.grant(ada)
        #expect(try await ada.syncOnce() == .complete)
        guard case .keysElsewhere(of: let names)? = ada.troubles.first else {
            Issue.record("what the laptop has is not told")
            return
        }
        #expect(ada.troubles.count == 1 && names.count == 1)
        // The laptop's session is the one that was open all the time.
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await family.use(account) == .success(2))
        // On the laptop nothing is missing.
        try family.grant(laptop)
        #expect(laptop.troubles.isEmpty)
        // The app is told with the outcome, and by no news that races with it.
        let outcome = await ada.perform(.grant(family.draft()))
        guard case .noted(_, .keysElsewhere(of: names)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        try await family.end()
    }

    @Test func `a sheet that changes what was decided anew elsewhere meanwhile allows nothing`()
        async throws
    {
        let family = try await Family()
        let (ada, laptop, account) = try await Self.pair(family)
        func change(_ shown: AuthorizationGranted?) -> AuthorizationDraft {
            var draft = family.draft()
            draft.changed = shown
            return draft
        }
        func standing() throws -> AuthorizationGranted? {
            try ada.store.authorizations(at: family.clock.now).first?.grant
        }
        // The sheet is open on one device while the other one revokes.
        let first = try #require(try standing())
        try Self.revoke(laptop, family)
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await ada.syncOnce() == .complete)
        #expect(throws: ActionRefusal(.decisionNotLatest)) { try ada.grant(change(first)) }
        #expect(try await ada.syncOnce() == .complete)
        #expect(try await family.use(account) == .failure(.revoked))

        // To agree anew is a decision of its own; what is shown as it stands can be changed.
        try ada.grant(change(nil))
        #expect(try await ada.syncOnce() == .complete)
        let second = try #require(try standing())
        #expect(throws: ActionRefusal(.decisionNotLatest)) { try ada.grant(change(first)) }
        try ada.grant(change(second))
        // What waits here was not shown either.
        #expect(throws: ActionRefusal(.decisionNotLatest)) { try ada.grant(change(second)) }
        #expect(try await ada.syncOnce() == .complete)
        try Self.revoke(ada, family)
        let waiting = try #require(
            try ada.store.authorizations(at: family.clock.now).first)
        #expect(throws: ActionRefusal(.decisionNotLatest)) {
            try ada.grant(change(waiting.pending?.grant ?? waiting.grant))
        }
        #expect(try await ada.syncOnce() == .complete)
        #expect(try await family.use(account) == .failure(.revoked))
        try await family.end()
    }

    @Test func `a window that was open before the passphrase was wanted signs nothing without it`()
        async throws
    {
        let family = try await Family()
        let secret = "correct horse"
        let ada = try await family.member("ada", passphrase: secret)
        try ada.actions().signUp(family.builder.project)
        let other = try family.session("ada")
        try other.unlock(passphrase: secret)
        try ada.changeProfile { $0.look.asksSecret = true }
        var draft = family.draft()
        #expect(await other.perform(.grant(draft)) == .failed(.wrongSecret))
        draft.secret = secret
        #expect(await other.perform(.grant(draft)).entry != nil)
        try await family.end()
    }

    @Test func `who saw an older pause does not end one that another device made since`()
        async throws
    {
        let family = try await Family()
        let (ada, laptop, account) = try await Self.pair(family)
        let subject = AuthorizationSubject(project: family.builder.project, major: 1)
        func shown() throws -> Hash? {
            try ada.store.authorizations(at: family.clock.now).first?.pausedBy
        }
        func sync() async throws {
            for session in [laptop, ada] { #expect(try await session.syncOnce() == .complete) }
        }
        #expect(try shown() == nil)
        let first = try laptop.actions().pause(subject)
        try await sync()
        #expect(try shown() == first)
        try laptop.actions().resume(subject)
        try await sync()
        let second = try laptop.actions().pause(subject)
        try await sync()
        #expect(throws: ActionRefusal(.decisionNotLatest)) {
            try ada.actions().resume(subject, shown: first)
        }
        #expect(try await family.use(account) == .failure(.paused))
        try ada.actions().resume(subject, shown: second)
        try await sync()
        #expect(try await family.use(account) == .success(1))
        try await family.end()
    }

    @Test func `a device that was removed and is found again is added with new keys`() async throws
    {
        let family = try await Family()
        let (ada, laptop, account) = try await Self.pair(family)
        let lost = try laptop.actions().keys.device
        #expect(try await ada.remove(lost).left == [])
        #expect(try await ada.syncOnce() == .complete)
        #expect(try await laptop.syncOnce() == .revoked)

        let found = try family.session("laptop")
        let added = try await family.add(found, with: ada)
        let device = try found.actions().keys.device
        #expect(added.old.entry != nil && device != lost)
        #expect(FileManager.default.fileExists(atPath: found.folders.setAsideFile(lost).path))
        #expect(try await found.syncOnce() == .complete)
        try family.grant(found)
        #expect(try await found.syncOnce() == .complete)
        #expect(try await family.use(account) == .success(1))
        // Once is enough: the code of another device leaves the new keys as they are.
        try await family.add(found, with: ada)
        let again = try family.session("laptop")
        #expect(try again.actions().keys.device == device)
        #expect(try await again.syncOnce() == .complete)
        try await family.end()
    }

    @Test func `a device whose joining is cut short at its end has the data keys all the same`()
        async throws
    {
        let family = try await Family()
        let (ada, _, account) = try await Self.pair(family)
        let phone = try family.session("phone")
        let code = try await ada.inviteDevice()
        let joining = try #require(
            try await phone.beginJoining(
                code: code.grouped, node: family.node.url, passphrase: ""))
        let asking = try #require(try await ada.askingDevice(code))
        _ = try await ada.admit(asking.keys, code: code)
        // Nothing can be written where a folder with something in it stands in the way.
        let way = phone.folders.profileFile.path + ".new"
        try FileManager.default.createDirectory(
            atPath: way + "/x", withIntermediateDirectories: true)
        await #expect(throws: HomeError.self) { try await phone.finishJoining(joining) }
        try FileManager.default.removeItem(atPath: way)

        let again = try family.session("phone")
        #expect(again.stage == .open)
        #expect(try await again.syncOnce() == .complete)
        try family.grant(again)
        #expect(try await again.syncOnce() == .complete)
        #expect(try await family.use(account) == .success(1))
        try await family.end()
    }

    @Test
    func `a damaged data key is told once, and keeps back no revocation, no grant and no device`()
        async throws
    {
        let family = try await Family()
        let ada = try await family.member("ada")
        try await family.takePart(ada, record: "wei-sleep.json")
        let account = try ada.actions().account
        #expect(try await family.use(account) == .success(1))
        let upload = try #require(try ada.store.uploads().first)
        let file = URL(filePath: ada.store.sealedPath(upload.record) + ".key")
        try Data([1, 2, 3]).write(to: file)

        let again = try family.session("ada")
        #expect(try await again.syncOnce() == .complete)
        #expect(try await again.syncOnce() == .complete)
        guard case .keysDamaged(of: let names)? = again.troubles.first else {
            Issue.record("the damage is not told")
            return
        }
        #expect(again.troubles.count == 1 && names.count == 1)
        try Self.revoke(again, family)
        #expect(try await again.syncOnce() == .complete)
        #expect(try await family.use(account) == .failure(.revoked))
        try family.grant(again)
        #expect(try await again.syncOnce() == .complete)
        #expect(try family.state(again) == .active)
        #expect(again.troubles.count == 1)

        // The engine of the app starts, too, and a device is added whole.
        let app = try family.session("ada")
        app.start()
        #expect(app.isRunning)
        await app.stop()
        let laptop = try family.session("laptop")
        try await family.add(laptop, with: again)
        #expect(try await laptop.syncOnce() == .complete)
        try await family.end()
    }
}
