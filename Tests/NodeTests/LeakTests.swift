import Foundation
import LedgerCore
import Logging
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import Synchronization
import TestSupport
import Testing

/// Nothing that a request brings, and nobody's id, is in a log, a metric or a problem document.
struct LeakTests {
    private static let canary = "KanarienvogelZwitschert"

    @Test func `no field of a request comes back or is logged`() async throws {
        let log = LogTrap()
        try await withNode(logger: Logger(label: "node") { _ in log }) { node in
            var (sponsor, builder) = try await node.sponsor()
            var (ada, contribution) = try await node.takePart(
                "ada", builder, &sponsor, content: Array(Self.canary.utf8))
            _ = try await node.use(builder, of: ada.account, as: sponsor)
            _ = try await node.rejection(of: try ada.entry(builder.join))
            let record = Hash.of(Array(Self.canary.utf8))
            var answers = [TestNode.Answer]()
            for request in try requests(node, ada) {
                answers.append(
                    try await node.send(
                        method: request.method, path: request.path, body: request.body,
                        headers: request.headers))
            }
            // What is in no table: the node's own failure.
            let partial = "\(node.folder.path)/records/partial"
            try FileManager.default.removeItem(atPath: partial)
            let upload = NodeCall.uploadRecord(
                Hash.of([9]), offset: 0, length: 1, bytes: [9])
            let failed = try await node.send(upload, as: ada)
            #expect(failed.status == 500)
            answers.append(failed)

            let problems = answers.filter { $0.status >= 400 }
            #expect(problems.count > 40)
            for problem in problems where problem.problem != nil {
                #expect(problem.headers["content-type"] == Problem.contentType)
            }
            let metrics = try await node.send(method: "GET", path: "/metrics")
            #expect(log.text.contains("request failed"))
            let secrets = [
                Self.canary, ada.account.text, ada.id.text, sponsor.account.text, sponsor.id.text,
                record.hex, Hash.of([9]).hex, contribution.hex, builder.project.text, "127.0.0.1",
                "Hospital", node.folder.path,
            ]
            let answersText = problems.map { answer in
                String(decoding: answer.body, as: UTF8.self)
                    + answer.headers.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
            }.joined(separator: "\n")
            for secret in secrets {
                let metricsText = String(decoding: metrics.body, as: UTF8.self)
                #expect(!metricsText.contains(secret), "metrics: \(secret)")
                // Where it listens is the operator's own word, at the start.
                let lines = log.lines.filter { !$0.contains("listening on") }
                #expect(!lines.joined(separator: "\n").contains(secret), "log: \(secret)")
                #expect(!answersText.contains(secret), "problem: \(secret)")
            }
        }
    }

    /// Requests with the canary in every field.
    private func requests(_ node: TestNode, _ ada: TestDevice) throws -> [CapturedRequest] {
        let canary = Self.canary
        var requests = [CapturedRequest]()
        func add(
            _ method: String, _ path: String, _ body: String = "",
            _ headers: [(name: String, value: String)] = []
        ) {
            requests.append(
                CapturedRequest(
                    method: method, path: path, body: Array(body.utf8), headers: headers))
        }
        let names = [
            "User-Agent", "X-Forwarded-For", "Authorization", "Cookie", "Referer", "Content-Type",
            "Accept", "Forwarded", "X-\(canary)", "Signature-Input", "Signature", "Content-Digest",
            "Content-Encoding",
        ]
        for name in names {
            add("GET", "/v1/accounts/me/entries", "", [(name, canary)])
            add("POST", "/v1/entries", "{}", [(name, canary)])
        }
        let paths = [
            "/\(canary)", "/v1/\(canary)", "/v1/entries/\(canary)", "/v1/records/\(canary)",
            "/v1/records/\(canary)/keys", "/v1/projects/\(canary)/entries",
            "/v1/pairings/\(canary)/offer", "/tile/\(canary)/000", "/v1/catalogue?\(canary)=1",
            "/v1/catalogue?after=\(canary)", "/v1/changes?wait=\(canary)", "/%\(canary)",
        ]
        for path in paths {
            for method in ["GET", "PUT", "POST", "DELETE", canary.uppercased()] {
                add(method, path, "\"\(canary)\"")
            }
        }
        let bodies = [
            canary, "\"\(canary)\"", "[\"\(canary)\"]", "{\"\(canary)\":1}",
            "{\"entries\":\"\(canary)\"}", "{\"entries\":[\"\(canary)\"],\"\(canary)\":\"x\"}",
            "{\"code\":\"\(canary)\",\"entry\":\"\(canary)\",\"proof\":\"\(canary)\"}",
            "{\"project\":\"\(canary)\",\"purpose\":\"\(canary)\",\"subject\":\"\(canary)\"}",
        ]
        for path in ["/v1/entries", "/v1/uses", "/v1/enrolments"] {
            for body in bodies { add("POST", path, body) }
        }
        // Signed, so that what is behind the signature is reached.
        let calls = [
            NodeCall.projectPage(try #require(ProjectID(canary.lowercased())), after: nil, at: nil),
            .record(Hash.of(Array(canary.utf8)), use: Hash.of([1])),
        ]
        for call in calls {
            add(
                call.method.rawValue, call.path + (call.query.isEmpty ? "" : "?\(call.query)"), "",
                try node.signature(of: call, by: ada))
        }
        return requests
    }

    @Test func `the metrics say what the node does`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            _ = try await node.rejection(of: try ada.entry(builder.join))
            _ = try await node.send(method: "GET", path: "/nothing")
            let metrics = try await node.send(method: "GET", path: "/metrics")
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = String(decoding: metrics.body, as: UTF8.self).split(separator: "\n")
            for line in [
                "# TYPE accord_requests_total counter",
                "accord_requests_total{status=\"404\"} 1",
                "# TYPE accord_verdicts_total counter",
                "accord_verdicts_total{verdict=\"accepted\"} 3",
                "accord_verdicts_total{verdict=\"rejected\"} 1",
                "# TYPE accord_log_size gauge", "accord_log_size 7", "accord_devices 3",
                "accord_queue_entries 0", "accord_polls 0",
            ] {
                #expect(lines.contains(Substring(line)), "\(line) in \(lines)")
            }
            // Each family stands together and has one type (the text format's own rule).
            let families = lines.filter { !$0.hasPrefix("#") }.map { line in
                line.prefix { $0 != " " && $0 != "{" }
            }
            var seen = [Substring]()
            for family in families where seen.last != family {
                #expect(!seen.contains(family))
                seen.append(family)
            }
            let types = lines.filter { $0.hasPrefix("# TYPE ") }
            #expect(types.count == seen.count)
        }
    }

    @Test func `each line of the program's log is one JSON object`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
            let log = folder.appending(path: "log")
            let server = try NodeProgram(serving: folder, log: log)
            _ = try await server.member("ada", folder)
            try server.stop(SIGTERM)
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            #expect(!lines.isEmpty)
            for line in lines {
                let value = try PlainJSON.value(Array(line.utf8))
                #expect(value["at"]?.integer != nil && value["level"]?.string != nil)
                #expect(value["message"]?.string != nil && value["source"]?.string != nil)
            }
        }
    }
}

/// Keeps what is logged, as the program's own handler would write it.
struct LogTrap: LogHandler {
    private final class Lines: Sendable {
        let content = Mutex<[String]>([])
    }

    private let kept = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    var lines: [String] { kept.content.withLock { $0 } }
    var text: String { lines.joined(separator: "\n") }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let text = "\(event.level) \(event.message) \(event.metadata ?? [:]) \(metadata)"
        kept.content.withLock { $0.append(text) }
    }
}
