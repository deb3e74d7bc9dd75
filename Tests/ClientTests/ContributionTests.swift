import ClientStore
import Foundation
import HealthRecords
import LedgerCore
import Screens
import SyncCore
import SyncEngine
import TestSupport
import Testing

@testable import ClientRuntime

/// Handing rows over, on the real thing: what leaves is what was shown.
@Suite struct ContributionTests {
    /// Somebody who takes part in the project of a family, with a record it asks for.
    private static func member(of family: Family) async throws -> (MemberSession, RecordLine) {
        let session = try await family.member("wei")
        let actions = try session.actions()
        try actions.signUp(family.builder.project)
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Samples/records/wei-sleep.json").standardizedFileURL
        _ = try actions.importRecords([file.path(percentEncoded: false)])
        let kinds = family.builder.terms.kinds.map(\.kind)
        let record = try #require(
            try session.store.records().first { kinds.contains($0.kind) })
        return (session, record)
    }

    @Test func `rows that were shown as staying are not handed over when the dates say otherwise`()
        async throws
    {
        let family = try await Family()
        let (session, record) = try await Self.member(of: family)
        let project = family.builder.project
        let found = await session.perform(.findOutside(record: record.id, project))
        guard case .foundRows(let outside) = found else { throw CancellationError() }
        #expect(outside.count < record.rowCount)
        let waiting = try session.store.undecided(limit: 100).count

        // As a sheet that shows what stays for another project.
        var draft = ContributionDraft(
            project: project, record: record.id, struck: [], outside: .all(record.rowCount))
        #expect(await session.perform(.contribute(draft)) == .failed(.rowsChanged))
        #expect(try session.store.undecided(limit: 100).count == waiting)
        #expect(try session.store.pendingUploads().isEmpty)

        // A row that was struck leaves in no case, whatever was shown of its date.
        var shown = outside
        shown.insert(0)
        draft.outside = shown
        draft.struck = [0]
        guard case .done(.some) = await session.perform(.contribute(draft)) else {
            throw CancellationError()
        }
        #expect(try session.store.pendingUploads().count == 1)
        try await family.end()
    }

    @Test func `rows that were sealed and then called off are not handed over`() async throws {
        let family = try await Family()
        let (session, record) = try await Self.member(of: family)
        let draft = ContributionDraft(
            project: family.builder.project, record: record.id, struck: [])
        let waiting = try session.store.undecided(limit: 100).count
        #expect(throws: CancellationError.self) {
            _ = try session.actions().contribute(draft) { done, total in done < total }
        }
        #expect(try session.store.undecided(limit: 100).count == waiting)
        #expect(try session.store.pendingUploads().isEmpty)
        try await family.end()
    }

    @Test func `a reservation is given up once`() async throws {
        let family = try await Family()
        let session = try await family.member("wei")
        let actions = try session.actions()
        let tea = try #require(RewardID("tea"))
        let reservation = try actions.queue(
            .pointsReserved(PointsReserved(reward: tea, points: Points(5))))
        let released = try actions.cancelRedemption(reservation)
        #expect(throws: ActionRefusal(.reservationResolved)) {
            try actions.cancelRedemption(reservation)
        }
        #expect(try session.store.undecided(limit: 9).last?.entry.id == released)
        try await family.end()
    }

    @Test func `a row that does not leave as no one knows what of it may is counted`() throws {
        let folder = TestMember.temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let random = RandomSource(seed: 7)
        let keys = try VaultKeys(random: random)
        var page = RowPage()
        for line in ["Glucose,0.41\n", "Lactate,0.2,\n"] {
            page.append(
                time: nil, flags: [], group: 0, text: (what: "a", when: "", value: "1"),
                unit: Array(line.utf8))
        }
        let writer = try RowFileWriter(path: "\(folder)/begun", keys: keys, random: random)
        try writer.append(page)
        try writer.finish(
            RecordOutline(
                kind: .metabolomic, rowCount: 2, identifyingCount: 0, firstMilliseconds: nil,
                lastMilliseconds: nil, groups: ["a"], groupCounts: [2], removed: [:]),
            ContentFrame(format: .table, head: Array("Metabolite,Concentration\n".utf8)),
            as: "\(folder)/rows")
        let file = try RowFile(path: "\(folder)/rows", keys: keys)
        var handOver = try HandOver(
            file, to: "\(folder)/leaving", key: DataKey(randomBytes: random.bytes), random: random)
        try handOver.write(where: { _, _ in true }, goesOn: { _ in true })
        let result = try handOver.finish(path: { _ in "\(folder)/given" })
        let given = try #require(result)
        #expect(given.rowCount == 1)
        #expect(given.removed == [.other: 1])
    }
}
