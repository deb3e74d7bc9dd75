internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NodeAPI
package import NodeSequencer
package import ServiceLifecycle

/// What a server listens on and what it bears.
package struct NodeServerOptions: Sendable {
    /// The name or address to listen on.
    package var host: String
    /// The port; 0 for any free one.
    package var port: Int
    /// The most connections at a time; the last quarter is for addresses that are known.
    package var connectionCount = 4096
    /// The most connections of one address at a time.
    package var connectionCountOfAddress = 512
    /// How long a request may take to arrive.
    package var bodyDeadline = Duration.seconds(30)
    /// How long a connection may stay silent.
    package var idleTimeout = Duration.seconds(60)
    /// The most polls for changes at a time, in all and for one device.
    package var pollCount = (all: 512, device: 2)
    /// The longest that a poll for changes waits, whatever it asks for.
    package var pollDuration = Duration.seconds(NodeLimits.pollSeconds)
    /// How long an answer waits for witnesses that cosign promptly, once its entry is recorded.
    package var witnessPatience = Duration.seconds(2)
    /// The most submissions that are verified at a time.
    package var submissionCount = 64
    /// The most work for one address, in tenths of a millisecond or so (`NodeRoute.work`).
    package var addressLimit = RateLimit(burst: 32_768, perSecond: 2048)
    /// The most work for all addresses together that are not known.
    package var strangerLimit = RateLimit(burst: 2048, perSecond: 1024)
    /// The most requests without a body from addresses that are not known that are answered at a
    /// time.
    package var strangerRequestCount = 16
    /// The most requests in the name of one device from addresses that are not known; a wrong
    /// signature counts as sixteen.
    package var deviceLimit = RateLimit(burst: 256, perSecond: 16)
    /// The most of what is malformed, unknown or wrongly signed from one address: requests, and
    /// entries in them.
    package var defectLimit = RateLimit(burst: 512, perSecond: 16)
    /// The most glances of one address at how the node is, which count for nothing else there.
    package var operatorLimit = RateLimit(burst: 512, perSecond: 64)
    /// The most addresses, and devices, that are remembered, of those who were there last.
    package var rememberedCount = 65_536
    /// How long an address is known after a good signature from there.
    package var knownDuration = Duration.seconds(86_400)
    /// The most requests from addresses that are not known that wait for signatures to be checked.
    package var strangerQueueCount = 64
    /// The addresses of proxies that name in `X-Forwarded-For`, last, whom they speak for.
    package var proxies: [String] = []
    /// The time that limits go by.
    package var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// The most wishes to read records from one device: each is logged.
    package var useLimit = RateLimit(burst: 512, perSecond: 16)
    /// The most ciphertext one account may store, in bytes; a record counts 64 KiB at least.
    package var accountQuotaBytes: Int64 = 1 << 30
    /// The free space that uploads must leave.
    package var freeSpaceFloor = FreeSpace(bytes: 256 << 20, files: 4096)
    /// The free space that everything else that only adds must leave, too: it is for what takes back.
    package var freeSpaceReserve = FreeSpace(bytes: 64 << 20, files: 256)
    /// How often the sequencer looks for what time alone makes due.
    package var tickInterval = Duration.seconds(1)

    /// Whether a text is an address that can stand among `proxies`: IPv4 or IPv6, without a port.
    package static func isAddress(_ text: String) -> Bool { SourceAddress(text) != nil }

    /// Makes options with the usual limits.
    package init(host: String = "127.0.0.1", port: Int = 0) {
        self.host = host
        self.port = port
    }
}

/// A node that listens: the HTTP side of a sequencer.
package struct NodeServer: Sendable {
    private let sequencer: Sequencer
    let node: NodeResponder
    private let options: NodeServerOptions
    private let logger: Logger

    /// Puts a server in front of a sequencer and its stores.
    ///
    /// Without `nonces` a request that was taken can be sent again after a restart.
    package init(
        sequencer: Sequencer, store: any LedgerStore, records: any SealedRecordStore,
        nonces: (any NonceMemory)? = nil, clock: any NodeClock, options: NodeServerOptions,
        logger: Logger
    ) {
        self.sequencer = sequencer
        self.options = options
        self.logger = logger
        node = NodeResponder(
            sequencer: sequencer, store: store, records: records, nonces: nonces, clock: clock,
            options: options, logger: logger)
    }

    /// How connections are served.
    static func connections(_ options: NodeServerOptions, _ door: FrontDoor) -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionGuard(patience: TimeAmount(options.idleTimeout), door: door)
            ],
            idleTimeout: TimeAmount(options.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 16 * 1024,
                maxHeaderFieldCount: 64))
        return HTTPServerBuilder { responder in
            GuardedConnections(
                http: HTTP1Channel(responder: responder, configuration: configuration), door: door)
        }
    }

    /// What has to run for the node to serve, in the order it starts; it stops in reverse.
    ///
    /// `onListening` is called with the port once connections are taken.
    package func services(onListening: @escaping @Sendable (Int) -> Void) -> [any Service] {
        let application = Application(
            responder: node,
            server: NodeServer.connections(options, node.door),
            configuration: .init(
                address: .hostname(options.host, port: options.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    options.connectionCount)),
            onServerRunning: { channel in
                onListening(channel.localAddress?.port ?? 0)
            },
            logger: logger)
        return [
            SequencerService(sequencer: sequencer, tickInterval: options.tickInterval),
            application,
            PollCloser(ledger: sequencer.ledger),
        ]
    }
}

/// Runs the sequencer; it ends after everything else, so that what was taken in is answered.
private struct SequencerService: Service {
    let sequencer: Sequencer
    let tickInterval: Duration

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await sequencer.run(tickInterval: tickInterval)
        } onGracefulShutdown: {
            Task { await sequencer.stop() }
        }
    }
}

/// Ends the polls first, because the server waits for its requests.
private struct PollCloser: Service {
    let ledger: PublishedLedger

    func run() async throws {
        // Cancelled or asked to stop: either way the polls end.
        try? await gracefulShutdown()
        ledger.close()
    }
}
