import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import Screens
import SyncCore
import SyncEngine
import TerminalCore
import TestSupport
import Testing

@testable import ClientRuntime

/// A guardian's devices and what each signs with for a ward: over HTTP, with real keys and files.
@Suite struct WardDeviceTests {
    /// Later than every code that was shown.
    private static func goOn(_ family: Family) {
        family.set(family.clock.now.adding(milliseconds: PairingLimits.milliseconds + 1))
    }

    @Test func `a removal that is repeated stops nothing that was added since`() async throws {
        let family = try await Family()
        let (mother, _) = try await family.motherOfLily()
        let (phone, laptop) = (try family.session("phone"), try family.session("laptop"))
        let (tablet, watch) = (try family.session("tablet"), try family.session("watch"))
        for device in [phone, laptop] { try await family.add(device, with: mother) }
        #expect(try await phone.ward(named: "Lily").syncOnce() == .complete)
        let lost = try phone.actions().keys.device

        // Here it is known which keys are the phone's; what the laptop adds is not known here.
        #expect(try await mother.remove(lost).left == [])
        #expect(try await mother.syncOnce() == .complete)
        Self.goOn(family)
        #expect(try await laptop.syncOnce() == .complete)
        try await family.add(tablet, with: laptop)
        #expect(try await mother.syncOnce() == .complete)
        let again = try await mother.remove(lost)
        #expect(again.entry == nil && again.left == [])
        #expect(try await phone.ward(named: "Lily").syncOnce() == .revoked)
        #expect(try await tablet.ward(named: "Lily").syncOnce() == .complete)

        // The laptop was never told whose the phone's keys were: all goes that was there then.
        #expect(try await laptop.remove(lost).left == [])
        #expect(try await tablet.ward(named: "Lily").syncOnce() == .complete)
        Self.goOn(family)
        #expect(try await mother.syncOnce() == .complete)
        try await family.add(watch, with: mother)
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await laptop.remove(lost).left == [])
        for device in [mother, laptop, tablet, watch] {
            #expect(try await device.ward(named: "Lily").syncOnce() == .complete)
        }
        try await family.end()
    }

    @Test
    func `a removal that was guessed offline is completed later, and stops no more than that`()
        async throws
    {
        let family = try await Family()
        let (mother, _) = try await family.motherOfLily()
        let (laptop, phone) = (try family.session("laptop"), try family.session("phone"))
        for device in [laptop, phone] { try await family.add(device, with: mother) }
        #expect(try await laptop.syncOnce() == .complete)
        let lost = try phone.actions().keys.device

        // The laptop has not even fetched that the phone's keys are there.
        family.isCut.isSet = true
        #expect(try await laptop.remove(lost).left == ["Lily"])
        family.isCut.isSet = false
        Self.goOn(family)
        let tablet = try family.session("tablet")
        try await family.add(tablet, with: mother)
        #expect(try await phone.ward(named: "Lily").syncOnce() == .complete)
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await laptop.remove(lost).left == [])
        #expect(try await phone.ward(named: "Lily").syncOnce() == .revoked)
        for device in [mother, laptop, tablet] {
            #expect(try await device.ward(named: "Lily").syncOnce() == .complete)
        }
        try await family.end()
    }

    /// What can be wrong with what is kept of a ward.
    enum Damage: CaseIterable {
        case noStore, noVault, otherVault, brokenFile, otherFile

        /// Does it, and returns how to undo it.
        func strike(_ ward: HomeFolders, like other: HomeFolders) throws -> () throws -> Void {
            let files = FileManager.default
            let (kept, foreign) =
                switch self {
                case .noStore: (ward.data.appending(path: "accord.sqlite"), nil as URL?)
                case .noVault: (ward.vaultFile, nil)
                case .otherVault: (ward.vaultFile, other.vaultFile)
                case .brokenFile: (ward.wardFile, ward.vaultFile)
                case .otherFile: (ward.wardFile, other.wardFile)
                }
            let aside = kept.appendingPathExtension("aside")
            try files.moveItem(at: kept, to: aside)
            if let foreign { try files.copyItem(at: foreign, to: kept) }
            return {
                for end in ["", "-wal", "-shm"] {
                    let made = URL(filePath: kept.path(percentEncoded: false) + end)
                    if files.fileExists(atPath: made.path(percentEncoded: false)) {
                        try files.removeItem(at: made)
                    }
                }
                try files.moveItem(at: aside, to: kept)
            }
        }
    }

    @Test(arguments: Damage.allCases)
    func `a ward that cannot be opened is left out of a new device, named, and added later`(
        _ damage: Damage
    ) async throws {
        let family = try await Family()
        let (mother, lily) = try await family.motherOfLily()
        let born = try #require(BirthMonth("2016-05"))
        let tom = try mother.declareWard(named: "Tom", born: born).ward.account
        #expect(try await mother.syncOnce() == .complete)
        #expect(try await mother.ward(named: "Tom").syncOnce() == .complete)
        let restore = try damage.strike(
            mother.folders.ward(lily), like: mother.folders.ward(tom))

        let laptop = try family.session("laptop")
        let added = try await family.add(laptop, with: mother)
        #expect(added.old.entry != nil)
        let isNamed = ![.brokenFile, .otherFile].contains(damage)
        let name = isNamed ? "Lily" : HomeFolders.wardFolderName(lily)
        #expect(added.old.left == [name])
        #expect(added.old.trouble == .wardsNotHandedOver(names: [name]))
        #expect(try await laptop.syncOnce() == .complete)
        try laptop.actions().signUp(family.builder.project)
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try laptop.wards().map(\.name) == ["Tom"])
        #expect(try await laptop.ward(named: "Tom").syncOnce() == .complete)
        // The others go on here, too, and the one is told.
        #expect(try await mother.syncWards() == .wardsClosed(names: [name]))
        #expect(try await mother.ward(named: "Tom").syncOnce() == .complete)

        try restore()
        Self.goOn(family)
        #expect(try await mother.syncWards() == nil)
        let again = try await family.add(laptop, with: mother)
        #expect(again.old == DeviceAdmission(entry: nil, left: []) && again.new.left == [])
        #expect(try laptop.wards().map(\.name) == ["Lily", "Tom"])
        for device in [mother, laptop] {
            #expect(try await device.ward(named: "Lily").syncOnce() == .complete)
            #expect(try WardDevices(device.ward(named: "Lily").store).live.count == 2)
        }
        try await family.end()
    }

    @Test(arguments: Damage.allCases)
    func `a ward that does not open on a device comes back with the code of another one`(
        _ damage: Damage
    ) async throws {
        let family = try await Family()
        let (mother, lily) = try await family.motherOfLily()
        let born = try #require(BirthMonth("2016-05"))
        let tom = try mother.declareWard(named: "Tom", born: born).ward.account
        #expect(try await mother.syncOnce() == .complete)
        let laptop = try family.session("laptop")
        try await family.add(laptop, with: mother)
        #expect(try await laptop.syncOnce() == .complete)
        #expect(try await laptop.ward(named: "Lily").syncOnce() == .complete)
        _ = try damage.strike(laptop.folders.ward(lily), like: laptop.folders.ward(tom))

        let added = try await family.add(laptop, with: mother)
        #expect(added.old.left == [] && added.new.left == [])
        #expect(try laptop.wards().map(\.name) == ["Lily", "Tom"])
        #expect(try await laptop.ward(named: "Tom").syncOnce() == .complete)
        let ward = try laptop.ward(named: "Lily")
        #expect(try await ward.syncOnce() == .complete)
        try ward.actions().signUp(family.builder.project)
        #expect(try await ward.syncOnce() == .complete)
        // The keys that do not open any more were taken away.
        #expect(try await mother.ward(named: "Lily").syncOnce() == .complete)
        #expect(try await ward.syncOnce() == .complete)
        #expect(try WardDevices(ward.store).live.count == 2)
        try await family.end()
    }

    @MainActor
    @Test func `what waits for a ward leaves with each round of the app, and a broken one is told`()
        async throws
    {
        let family = try await Family()
        let (mother, _) = try await family.motherOfLily()
        let tom = try mother.declareWard(named: "Tom", born: try #require(BirthMonth("2016-05")))
        #expect(try await mother.syncOnce() == .complete)
        let (laptop, phone) = (try family.session("laptop"), try family.session("phone"))
        for device in [laptop, phone] { try await family.add(device, with: mother) }
        #expect(try await mother.syncWards() == nil)
        #expect(try await laptop.ward(named: "Lily").syncOnce() == .complete)
        try FileManager.default.removeItem(at: mother.folders.ward(tom.ward.account).vaultFile)

        let app = AppRuntime(
            settings: Settings(
                stage: mother.stage,
                configuration: mother.configuration(language: .english, theme: "accord-dark"),
                themes: ["accord-dark"], memberName: "", node: "",
                size: Size(columns: 100, rows: 30), now: family.clock.now, utcOffsetMinutes: 0,
                canLock: mother.canLock),
            session: mother, sink: NoSink(), keepsMessages: true)
        app.start()
        let (keys, typed) = AsyncStream.makeStream(of: [Key].self)
        let running = Task { await app.run(keys: keys) }
        func until(_ what: String, _ holds: () async throws -> Bool) async throws {
            for _ in 0..<400 {
                if try await holds() { return }
                try await Task.sleep(for: .milliseconds(25))
            }
            Issue.record("not in ten seconds: \(what)")
        }
        func isTold(_ name: String) -> Bool {
            app.recentMessages.contains { $0.contains("wardsClosed") && $0.contains(name) }
        }
        try await until("in step") { app.model.status.connection == .waiting }
        try await until("Tom is told") { isTold("Tom") }
        #expect(!app.recentMessages.contains { $0.contains("Lily") })

        // Offline: the removal waits, for the mother and for the child.
        typed.yield([.character("O")])
        try await until("offline") { app.model.status.connection == .offline }
        let lost = try laptop.actions().keys.device
        guard
            case .failed(.wardsLeft(names: ["Tom"], _)) = await mother.perform(.revokeDevice(lost))
        else {
            Issue.record("Tom is not left")
            return
        }
        #expect(try await laptop.ward(named: "Lily").syncOnce() == .complete)
        typed.yield([.character("R")])
        try await until("the laptop is removed") { try await laptop.syncOnce() == .revoked }
        try await until("the laptop signs for Lily no more") {
            try await laptop.ward(named: "Lily").syncOnce() == .revoked
        }

        // A command removes the phone while the app is open: a round of the app sends that, too.
        try await until("in step") { app.model.status.connection == .waiting }
        let command = try family.session("mother")
        try command.unlock(passphrase: "correct horse")
        family.isCut.isSet = true
        _ = try await command.remove(phone.actions().keys.device)
        family.isCut.isSet = false
        try await until("the phone signs for Lily no more") {
            try await phone.ward(named: "Lily").syncOnce() == .revoked
        }
        #expect(try await phone.syncOnce() == .revoked)
        typed.finish()
        await running.value
        await app.stop()
        try await family.end()
    }
}

/// Shows nothing.
private final class NoSink: FrameSink {
    let size = Size(columns: 100, rows: 30)
    func draw(_ frame: Frame) {}
    func useTheme(named name: String) {}
}
