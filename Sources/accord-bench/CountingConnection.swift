import NodeAPI
import NodeClient
import SyncCore
import Synchronization

/// A connection that counts what goes over it.
final class CountingConnection: NodeConnection {
    /// Requests, and the bytes of the bodies of requests and answers.
    struct Counts {
        var requests = 0
        var sentBytes = 0
        var receivedBytes = 0
    }

    private let client: NodeClient
    private let content = Mutex(Counts())

    init(_ client: NodeClient) {
        self.client = client
    }

    var counts: Counts { content.withLock { $0 } }

    func shutdown() async throws { try await client.shutdown() }

    func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
    {
        let body = try await client.send(call, deadline: deadline, limit: limit)
        content.withLock { counts in
            counts.requests += 1
            counts.sentBytes += call.body.count
            counts.receivedBytes += body.count
        }
        return body
    }
}
