internal import AsyncHTTPClient
internal import Foundation
internal import LedgerCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NodeSequencer
internal import NodeStore
internal import ServiceLifecycle

/// Has the witnesses of a policy cosign the log for as long as it is served.
struct CosigningService: Service {
    private let cosigning: Cosigning
    private let link: HTTPWitnessLink

    /// The note of the database that has what was shown last.
    private static let shownNote = "cosigned"

    /// Reads the policy; `nil` without one.
    ///
    /// - Throws: `CommandFailure` if it is no policy for this log.
    init?(
        policyPath: String?, ledger: PublishedLedger, database: NodeDatabase,
        clock: any NodeClock, logger: Logger
    ) throws {
        guard let policyPath else { return nil }
        guard let content = FileManager.default.contents(atPath: policyPath) else {
            throw CommandFailure(status: .wrongUse, message: "could not read \(policyPath)")
        }
        let policy: WitnessPolicy
        do {
            policy = try WitnessPolicy(parsing: [UInt8](content))
        } catch {
            throw CommandFailure(status: .wrongUse, message: "\(policyPath): \(error)")
        }
        guard policy.covers(ledger.logKey) else {
            throw CommandFailure(
                status: .wrongUse, message: "\(policyPath) is not for \(ledger.logKey.text)")
        }
        for witness in policy.witnesses where !witness.url.isEmpty {
            guard let scheme = URL(string: witness.url)?.scheme, ["http", "https"].contains(scheme)
            else {
                throw CommandFailure(
                    status: .wrongUse, message: "\(policyPath): \(witness.url) is no address")
            }
        }
        guard policy.isMet(by: policy.witnesses.filter { !$0.url.isEmpty }) else {
            throw CommandFailure(
                status: .wrongUse,
                message: "\(policyPath): too few witnesses have an address to meet the quorum")
        }
        link = HTTPWitnessLink()
        cosigning = Cosigning(
            ledger: ledger, policy: policy, link: link, clock: clock,
            kept: try database.note(Self.shownNote).map { Array($0.utf8) }, logger: logger
        ) { note in
            try database.setNote(Self.shownNote, String(decoding: note, as: UTF8.self))
        }
    }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await cosigning.run() }
            group.addTask {
                // Cancelled or asked to stop: either way it ends.
                try? await gracefulShutdown()
            }
            await group.next()
            group.cancelAll()
        }
        try await link.shutdown()
    }
}

/// Reaches witnesses over HTTP: no redirects, short answers, ten seconds at most.
private struct HTTPWitnessLink: WitnessLink {
    private let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async throws { try await client.shutdown() }

    func addCheckpoint(_ body: [UInt8], at url: String) async throws -> WitnessReply {
        let slash = url.hasSuffix("/") ? "" : "/"
        var request = HTTPClientRequest(url: "\(url)\(slash)add-checkpoint")
        request.method = .POST
        request.headers.add(name: "User-Agent", value: "accord-node/1")
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.body = .bytes(body)
        let response = try await client.execute(request, timeout: .seconds(10))
        let answer = try await response.body.collect(upTo: 16 * 1024)
        let type = response.headers.first(name: "Content-Type") ?? ""
        return WitnessReply(
            status: Int(response.status.code),
            type: String(type.prefix { $0 != ";" }.filter { $0 != " " }),
            body: Array(answer.readableBytesView))
    }
}
