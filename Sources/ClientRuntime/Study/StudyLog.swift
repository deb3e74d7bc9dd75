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
    private var isAsked = false
    private var isKept = true

    /// Reads what the home knows; a file that is missing knows nothing.
    init(gateway: NodeGateway, file: URL) throws {
        self.gateway = gateway
        self.file = file
        let path = file.path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path) else { return }
        // Any defect is the same.
        guard let json = try? JSONValue(canonical: [UInt8](content)),
            let key = json["key"]?.string.flatMap({ try? VerifierKey(parsing: $0) }),
            let note = json["checkpoint"]?.string,
            let seen = try? VerifiedCheckpoint(
                parsing: Array(note.utf8), logKey: key, origin: key.name)
        else {
            throw HomeError(path: path, problem: .unreadable("it is no checkpoint of a ledger"))
        }
        known = key
        self.seen = seen
    }

    /// The number of leaves of the newest checkpoint that was seen.
    var size: Int { seen?.checkpoint.size ?? 0 }

    /// The key of the log, whose name is the log's.
    ///
    /// - Throws: `StudyDoubt` where the node keeps another log than the home knows.
    func key() async throws -> VerifierKey {
        if isAsked, let known { return known }
        let log = try await gateway.log()
        let key = try VerifierKey(parsing: log.verifierKey)
        guard key.name == log.origin, key == known ?? key else {
            throw StudyDoubt(
                "the node keeps another ledger than the one worked with before",
                "节点的账本不是此前所用的账本")
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
        let json = JSONValue.sorted([
            .init("checkpoint", .string(String(decoding: seen.note.bytes, as: UTF8.self))),
            .init("key", .string(known.text)),
        ])
        // Two programs may do so at once: each has a draft of its own.
        try HomeFolders.writePrivate(json.canonicalBytes, to: file, amongOthers: true)
        isKept = true
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
