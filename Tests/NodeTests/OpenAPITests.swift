import Crypto
import Foundation
import LedgerCore
import NodeAPI
import NodeSequencer
import NodeServer
import TestSupport
import Testing

/// `/openapi.json` says what the node does: schemathesis compares the two on a live node.
struct OpenAPITests {
    @Test func `schemathesis finds nothing in any phase`() async throws {
        guard
            let package = PythonPackage(
                "schemathesis", version: "4.32.5", module: "schemathesis, cryptography",
                others: ["cryptography"])
        else {
            print("skipped: no Python 3.12 with schemathesis, and it could not be installed")
            return
        }
        try await withNode(change: { options in
            options.addressLimit = .none
            options.strangerLimit = .none
            options.deviceLimit = .none
            options.defectLimit = .none
            options.operatorLimit = .none
            options.useLimit = .none
            options.pollDuration = .milliseconds(20)
            options.pollCount = (all: 512, device: 64)
        }) { node in
            var (sponsor, builder) = try await node.sponsor()
            _ = try await node.takePart("ada", builder, &sponsor, content: Array("sealed".utf8))
            let seed = [UInt8](sponsor.signing.rawRepresentation)
            let environment = [
                "ACCORD_DEVICE": sponsor.id.text, "ACCORD_DEVICE_KEY": Hex.encode(seed),
                "ACCORD_TIME": String(node.clock.now().milliseconds / 1000),
                "SCHEMATHESIS_HOOKS": "signed_requests",
                "PYTHONPATH": Self.scripts.path, "PYTHONUTF8": "1", "NO_COLOR": "1",
            ]
            let (status, output) = try package.run(
                [
                    "-m", "schemathesis.cli", "--config-file",
                    Self.scripts.appending(path: "schemathesis.toml").path, "run",
                    "\(node.url)/openapi.json", "--checks", "all", "--seed", "1",
                    "--max-examples", "40", "--no-color",
                ], environment: environment)
            #expect(status == 0, "\(output.prefix(9_000)) … \(output.suffix(3_000))")
        }
    }

    @Test func `a message may be spelled in any JSON, but not with a key twice`() async throws {
        try await withNode { node in
            let bodies = [
                (#"{ "entries" : [ "\u0061\/b" ] }"#, 200),
                (#"{"entries":["a"],"entries":["b"]}"#, 400),
                (#"{"entries":[1.5]}"#, 400),
                (#"{"entries":null}"#, 400),
                (String(repeating: "[", count: 10_000), 400),
            ]
            for (body, status) in bodies {
                let answer = try await node.send(
                    method: "POST", path: "/v1/entries", body: Array(body.utf8))
                #expect(answer.status == status, "\(body.prefix(60))")
            }
        }
    }

    @Test func `a wrong method is told which are right`() async throws {
        try await withNode { node in
            let path = "/v1/records/\(Hash.zero.hex)"
            let answer = try await node.send(method: "DELETE", path: path)
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "PUT, GET")
        }
    }

    @Test func `a query item that is unknown or there twice is refused`() async throws {
        try await withNode { node in
            for query in ["?limt=5", "?limit=5&limit=6", "?limit=5&x", "?after="] {
                let answer = try await node.send(method: "GET", path: "/v1/catalogue\(query)")
                #expect(answer.status == 400, "\(query)")
            }
            #expect(try await node.send(method: "GET", path: "/v1/catalogue?limit=5").status == 200)
        }
    }

    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Scripts")
}
