import Foundation
import LedgerCore
import NodeAPI
import SyncCore

/// The log an institution works with, as its home knows it: its key, and the newest checkpoint that
/// was seen, which every later one has to go on from.
final class StudyLog {
    private let gateway: NodeGateway
    private let file: URL
    private var known: VerifierKey?
    private var seen: VerifiedCheckpoint?
    private let damage: StudyLogDamaged?
    private var isAsked = false
    private var isKept = true

    /// Reads what the home knows; a file that is missing knows nothing, and a damaged one lets
    /// nothing be done.
    init(gateway: NodeGateway, file: URL) {
        self.gateway = gateway
        self.file = file
        var damage: StudyLogDamaged?
        do throws(StudyLogDamaged) {
            let kept = try StudyLog.read(file)
            known = kept?.key
            seen = kept?.seen
        } catch {
            damage = error
        }
        self.damage = damage
    }

    private static func read(_ file: URL) throws(StudyLogDamaged) -> (
        key: VerifierKey, seen: VerifiedCheckpoint
    )? {
        let path = file.path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path) else { return nil }
        // Any defect is the same.
        guard let json = try? JSONValue(canonical: [UInt8](content)),
            let key = json["key"]?.string.flatMap({ try? VerifierKey(parsing: $0) }),
            let note = json["checkpoint"]?.string,
            let seen = try? VerifiedCheckpoint(
                parsing: Array(note.utf8), logKey: key, origin: key.name)
        else { throw StudyLogDamaged(path: path) }
        return (key, seen)
    }

    /// The number of leaves of the newest checkpoint that was seen.
    var size: Int { seen?.checkpoint.size ?? 0 }

    /// The key of the log, whose name is the log's.
    ///
    /// - Throws: `StudyDoubt` where the node keeps another log than the home knows.
    func key() async throws -> VerifierKey {
        if let damage { throw damage }
        if isAsked, let known { return known }
        let log = try await gateway.log()
        let key = try VerifierKey(parsing: log.verifierKey)
        guard key.name == log.origin, key == known ?? key else {
            throw StudyLog.otherLedger
        }
        known = key
        isAsked = true
        return key
    }

    /// Checks that the log signed a checkpoint, and that it goes on from the one seen before.
    ///
    /// - Throws: `StudyDoubt`.
    func verified(_ note: [UInt8]) async throws -> VerifiedCheckpoint {
        let key = try await key()
        let received: VerifiedCheckpoint
        do {
            received = try VerifiedCheckpoint(parsing: note, logKey: key, origin: key.name)
        } catch {
            throw StudyDoubt(.checkpointUnsigned)
        }
        guard received.checkpoint.size >= size else {
            throw StudyDoubt("the log went back", "账本倒退了")
        }
        switch CheckpointJudge.relation(of: received.checkpoint, to: seen?.checkpoint) {
        case .alarm(let alarm): throw StudyDoubt(alarm)
        case .same, .smaller: return received
        case .larger(let plan): try await prove(plan, received)
        case .first: break
        }
        seen = received
        isKept = false
        return received
    }

    /// Remembers the newest checkpoint in the home, for the programs that come after this one.
    func keep() throws {
        guard !isKept, let seen, let known else { return }
        try HomeFolders.writePrivate(to: file) {
            // Another program of the institution may have seen more since: that stays.
            guard let other = try StudyLog.read(file) else { return StudyLog.bytes(known, seen) }
            guard other.key == known else { throw StudyLog.otherLedger }
            if case .alarm(let alarm) = CheckpointJudge.relation(
                of: seen.checkpoint, to: other.seen.checkpoint)
            {
                throw StudyDoubt(alarm)
            }
            let hasMore = other.seen.checkpoint.size > seen.checkpoint.size
            return StudyLog.bytes(known, hasMore ? other.seen : seen)
        }
        isKept = true
    }

    private static func bytes(_ key: VerifierKey, _ seen: VerifiedCheckpoint) -> [UInt8] {
        JSONValue.sorted([
            .init("checkpoint", .string(String(decoding: seen.note.bytes, as: UTF8.self))),
            .init("key", .string(key.text)),
        ]).canonicalBytes
    }

    private static var otherLedger: StudyDoubt {
        StudyDoubt(
            "the node keeps another ledger than the one worked with before, which takes another --home",
            "节点的账本不是此前所用的账本，请为其使用另一个 --home")
    }

    /// Makes the consistency proof from the log's own tiles and checks it.
    private func prove(_ plan: TileProof, _ received: VerifiedCheckpoint) async throws {
        guard let seen else { return }
        var tiles = [TilePath: [UInt8]]()
        for path in plan.tiles { tiles[path] = try await tile(path) }
        guard let proof = plan.proof(from: tiles) else {
            throw NodeUnreachable("a tile is too short")
        }
        guard CheckpointJudge.isConsistent(seen, received, proof: proof.hashes) else {
            throw StudyDoubt(.notConsistent)
        }
    }

    /// Fetches a tile; the full one where a partial one is gone.
    private func tile(_ path: TilePath) async throws -> [UInt8] {
        do {
            return try await gateway.send(.tile(path))
        } catch let problem as Problem where problem.code == .notFound {
            guard path.width < TilePath.fullWidth, let full = path.full else { throw problem }
            return try await gateway.send(.tile(full))
        }
    }
}

/// What an institution's home knew of the ledger cannot be read any more.
package struct StudyLogDamaged: Error, CustomStringConvertible, Sendable {
    /// The file.
    package let path: String

    /// What it is, for logs.
    package var description: String { "\(path) is damaged" }
}
