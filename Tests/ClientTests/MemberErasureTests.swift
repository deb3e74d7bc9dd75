import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import TestSupport
import Testing

/// What a revocation destroys on the member's own machine.
@Suite struct MemberErasureTests {
    private let wrap = Array("canary of a wrapped key".utf8)
    private let sealed = Array("canary of a sealed record".utf8)
    private let key = Array("canary of a data key".utf8)

    /// Gives the contribution of a story sealed rows, a data key and keys for recipients.
    private func equip(_ story: AccountStory, wraps: [UInt8]? = nil) throws -> Hash {
        let store = story.member.store
        let name = try store.storeSealed(sealed)
        try Data(key).write(to: URL(filePath: store.sealedPath(name) + ".key"))
        try store.enqueueUpload(
            sealed: name, contribution: story.contribution, record: nil,
            sizeBytes: Int64(sealed.count), wraps: wraps ?? wrap, at: TestMember.now)
        return name
    }

    private func files(with bytes: [UInt8], _ story: AccountStory) -> [String] {
        FileManager.default.files(
            below: URL(filePath: story.member.directory), with: bytes)
    }

    private func revoke(_ story: AccountStory, _ mode: RevocationMode) async throws {
        try story.member.queue(
            .authorizationRevoked(
                AuthorizationRevoked(project: story.project, major: 1, mode: mode)))
        #expect(await story.member.engine.syncOnce() == .complete)
    }

    @Test func `wrapped keys are in no file once a plain stop is recorded`() async throws {
        let story = try await AccountStory()
        defer { story.member.remove() }
        _ = try equip(story)
        #expect(!files(with: wrap, story).isEmpty)
        try await revoke(story, .stop)
        #expect(files(with: wrap, story).isEmpty)
        // Stopping erases nothing: the contribution can be authorized again.
        #expect(!files(with: key, story).isEmpty && !files(with: sealed, story).isEmpty)
    }

    @Test func `a record that the node does not have whole is sent, whatever was noted here`()
        async throws
    {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let wrapped = WrappedKey(
            authorization: AuthorizationID(
                account: story.member.device.account, project: story.project, major: 1),
            recipient: story.sponsor, wrapped: [1, 2, 3])
        let name = try equip(story, wraps: WrapUpload([wrapped]).body)
        let (store, node) = (story.member.store, story.member.node)
        // As when a record that was sent has keys for another grant.
        func queueAgain(noting offset: Int) throws {
            try store.enqueueUpload(
                sealed: name, contribution: story.contribution, record: nil,
                sizeBytes: Int64(sealed.count), wraps: WrapUpload([wrapped]).body,
                at: TestMember.now)
            try store.advanceUpload(
                name, contribution: story.contribution, offset: Int64(offset))
        }
        // Noted as whole by a program that took "all bytes came" for that: the node lost some, or has
        // all and was ended before they got their name.
        for held in [nil, Array(sealed.prefix(3)), sealed] {
            node.change { node in
                node.completed = []
                node.uploaded[name] = held
            }
            try queueAgain(noting: sealed.count)
            #expect(await story.member.engine.syncOnce() == .complete)
            #expect(node.change { $0.completed } == [name])
            #expect(node.change { $0.uploaded[name] } == sealed)
            #expect(try store.pendingUploads().isEmpty)
        }
        // One that says now this and now that is not asked in a loop.
        node.change { $0.contradictsItself = true }
        try queueAgain(noting: 0)
        for _ in 0..<2 { #expect(await story.member.engine.syncOnce() == .complete) }
        #expect(try store.pendingUploads().map(\.record) == [name])
    }

    @Test
    func `data key and ciphertext go with an erasure, and nothing is sent any more`() async throws {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let name = try equip(story)
        try await revoke(story, .stopAndErase)
        // As if nothing of it had arrived at the node yet.
        try story.member.store.advanceUpload(
            name, contribution: story.contribution, offset: 0)
        #expect(try !story.member.store.pendingUploads().isEmpty)
        let (project, contribution) = (story.project, story.contribution)
        let account = story.member.device.account
        try story.member.node.change { node in
            let erased = try node.ledger.operatorDevice.sign(
                .recordsErased(.init(project: project, contributions: [contribution])),
                for: account, origin: node.ledger.origin)
            guard case .accepted = try node.ledger.record(erased) else { throw CancellationError() }
        }
        #expect(await story.member.engine.syncOnce() == .complete)
        for canary in [wrap, key, sealed] { #expect(files(with: canary, story).isEmpty) }

        let store = story.member.store
        #expect(try store.pendingUploads().isEmpty)
        // Every entry is still proven.
        for entry in try store.activity(ActivityQuery(), offset: 0, limit: 99).lines {
            #expect(try store.proof(of: entry.entry) != nil)
        }
    }
}
