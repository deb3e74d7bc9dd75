import Foundation
import LedgerCore
import Screens
import SyncCore
import TestSupport
import Testing

@testable import ClientRuntime

/// What an export that was ended leaves: nothing, at the latest once the app starts again.
@Suite struct ExportDraftsTests {
    /// A person's folders, and one their exports go to.
    private struct Place {
        let root = TestMember.temporaryFolder()
        let folders: HomeFolders

        init() throws {
            folders = HomeFolders(root: URL(filePath: root))
            try folders.prepare()
        }

        var drafts: ExportDrafts { ExportDrafts(folders) }
        var notes: [String] { ExportDraftsTests.names(in: folders.data.path, ending: ".draft") }

        /// Makes a folder with something in it.
        func make(_ name: String, mode: Int = 0o700) throws -> String {
            let path = root + "/" + name
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            try Data("in the clear".utf8).write(to: URL(filePath: path + "/record"))
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: path)
            return path
        }

        func remove() { try? FileManager.default.removeItem(atPath: root) }
    }

    private static func names(in folder: String, ending: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        return names?.filter { $0.hasSuffix(ending) } ?? []
    }

    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    @Test func `what a stopped program left of an export goes, what goes on stays`() throws {
        let place = try Place()
        defer { place.remove() }
        let draft = try place.make(".home-0123456789ab.part")
        func goOn() throws {
            let note = try place.drafts.note(draft, random: RandomSource())
            place.drafts.sweep()
            #expect(isThere(draft) && place.notes.count == 1)
            withExtendedLifetime(note) {}
        }
        try goOn()
        // It ended without a word.
        #expect(place.notes.count == 1)
        place.drafts.sweep()
        #expect(!isThere(draft) && place.notes.isEmpty)
    }

    @Test func `what is no draft of an export is not removed, whatever a note says`() throws {
        let place = try Place()
        defer { place.remove() }
        let named = try place.make("documents")
        let open = try place.make(".home-0123456789ac.part", mode: 0o755)
        let link = place.root + "/.home-0123456789ad.part"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: named)
        for path in [named, open, link, ""] {
            _ = try place.drafts.note(path, random: RandomSource())
        }
        place.drafts.sweep()
        for path in [named, open, link] { #expect(isThere(path + "/record"), "\(path)") }
        #expect(place.notes.isEmpty)
    }

    @Test func `a note of a disk that is not there waits for it`() throws {
        let place = try Place()
        defer { place.remove() }
        let draft = place.root + "/disk/.home-0123456789ab.part"
        _ = try place.drafts.note(draft, random: RandomSource())
        place.drafts.sweep()
        #expect(place.notes.count == 1)
        _ = try place.make("disk/.home-0123456789ab.part")
        place.drafts.sweep()
        #expect(!isThere(draft) && place.notes.isEmpty)
    }

    @Test(.timeLimit(.minutes(5)))
    func `opening a session touches no draft, the start of the app removes them`() async throws {
        let family = try await Family()
        let (mother, lily) = try await family.motherOfLily()
        let homes = [mother.folders, mother.folders.ward(lily)]
        let drafts = homes.indices.map { family.folder + "/.home-0123456789a\($0).part" }
        for (home, draft) in zip(homes, drafts) {
            try FileManager.default.createDirectory(
                atPath: draft, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            _ = try ExportDrafts(home).note(draft, random: RandomSource())
        }
        _ = try mother.ward(lily)
        #expect(drafts.allSatisfy { isThere($0) })
        mother.start(offline: true)
        for home in homes {
            while !Self.names(in: home.data.path, ending: ".draft").isEmpty { await Task.yield() }
        }
        #expect(!drafts.contains { isThere($0) })
        await mother.stop()
        try await family.end()
    }

    @Test func `an export that fails leaves nothing, one that is whole no note`() throws {
        let place = try Place()
        defer { place.remove() }
        let target = place.root + "/home"
        func write(_ end: (ExportFolder) throws -> Void) throws {
            let folder = try ExportFolder(
                target, drafts: place.drafts, random: RandomSource())
            try folder.write(Array("page".utf8), to: ExportPath.page)
            #expect(place.notes.count == 1)
            try end(folder)
        }
        #expect(throws: ExportRefusal.notEmpty(target)) {
            try write { folder in
                // Somebody was faster.
                _ = try place.make("home")
                _ = try folder.finish()
            }
        }
        #expect(place.notes.isEmpty && Self.names(in: place.root, ending: ".part").isEmpty)
        try FileManager.default.removeItem(atPath: target)
        try write { folder in
            let name = try folder.finish()
            #expect(name == target)
        }
        #expect(isThere(target + "/" + ExportPath.page))
        #expect(place.notes.isEmpty && Self.names(in: place.root, ending: ".part").isEmpty)
    }

    @Test func `an export can be ended before each of its files`() async throws {
        let family = try await Family()
        let session = try await family.member("wei")
        let words = Words(.english, now: LedgerBuilder.start)
        let target = family.folder + "/home"
        func ended(after limit: Int) -> Int {
            var asked = 0
            #expect(throws: CancellationError.self) {
                try session.export(to: target, words) { _, _ in
                    asked += 1
                    return asked < limit
                }
            }
            return asked
        }
        var all = 0
        let whole = try session.export(to: family.folder + "/whole", words) { _, _ in
            all += 1
            return true
        }
        #expect(all > whole.entries + 4)
        for limit in 1...all {
            #expect(ended(after: limit) == limit)
            #expect(!isThere(target))
        }
        #expect(Self.names(in: family.folder, ending: ".part").isEmpty)
        #expect(Self.names(in: session.folders.data.path, ending: ".draft").isEmpty)
        try await family.end()
    }
}
