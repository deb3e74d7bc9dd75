internal import LedgerCore
internal import NIOCore
internal import NIOHTTP1
internal import NodeAPI
internal import Synchronization

/// How much the node knows of who asks.
enum Standing: Sendable {
    /// Somebody there proved lately to have the key of a device, or the caller is this program.
    case known
    /// Nobody did: all of them share what is left over.
    case stranger
}

/// What refuses a request, as `/metrics` counts it.
enum LimitName: String, CaseIterable, Sendable {
    case address, connections, defects, device, invitations, operators, polls, strangers, uses
    case verification
}

/// A request before its body, as far as limits go by it.
struct RequestHead {
    let method: String
    /// The path without the query.
    let path: Substring
    /// How long the body will be; the most there can be where it does not say.
    let bodyBytes: Int
    /// The device the request says it is signed by.
    let device: DeviceID?

    init(_ head: HTTPRequestHead) {
        method = head.method.rawValue
        path = head.uri.prefix { $0 != "?" }
        if head.headers.contains(name: "transfer-encoding") {
            bodyBytes = NodeLimits.bodyBytes + 1
        } else {
            bodyBytes = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        }
        device = head.headers.first(name: "signature-input")
            .flatMap { RequestSignature(signatureInput: $0)?.device }
    }
}

/// Lets in what the node can bear: connections before a byte is read, and requests before their
/// body is read or a signature checked.
///
///     connection ─▶ per address ─▶ known? ─▶ in
///                                   └▶ all strangers together ─▶ in              over: closed
///     request ─▶ how the node is? ─▶ per address, apart ─▶ in
///      └▶ per address ─▶ known? ─▶ in
///                                └▶ names a device? ─▶ per device, not over ─▶ in, narrow lane
///                                     └▶ all strangers together ─▶ in, narrow lane
///                                                                   over: 429, Retry-After
///
/// Who is over a limit and goes on is cut off. Nothing here is written down, and no address leaves it.
final class FrontDoor: Sendable {
    private struct Connections {
        struct OfAddress {
            var count = 0
            var standing: Standing
        }

        var byAddress: [SourceAddress: OfAddress] = [:]
        var ofStrangers = 0
    }

    private let options: NodeServerOptions
    private let proxies: Set<SourceAddress>
    private let counters: Counters
    private let isDevice: @Sendable (DeviceID) -> Bool
    private let addresses: RateLimiter<SourceAddress>
    private let operators: RateLimiter<SourceAddress>
    private let defects: RateLimiter<SourceAddress>
    private let devices: RateLimiter<DeviceID>
    private let strangers: Mutex<Bucket>
    private let known: Mutex<RecentNames<SourceAddress, ContinuousClock.Instant>>
    private let connections = Mutex(Connections())
    private let answering = Mutex(0)

    /// - Parameters:
    ///   - options: The limits.
    ///   - counters: Count what is refused.
    ///   - isDevice: Whether a device is known and not revoked.
    init(
        _ options: NodeServerOptions, counters: Counters,
        isDevice: @escaping @Sendable (DeviceID) -> Bool
    ) {
        self.options = options
        self.counters = counters
        self.isDevice = isDevice
        proxies = Set(options.proxies.compactMap { SourceAddress($0) })
        let count = options.rememberedCount
        addresses = RateLimiter(options.addressLimit, nameCount: count)
        operators = RateLimiter(options.operatorLimit, nameCount: count)
        defects = RateLimiter(options.defectLimit, nameCount: count)
        devices = RateLimiter(options.deviceLimit, nameCount: count)
        known = Mutex(RecentNames(limit: count))
        strangers = Mutex(Bucket(options.strangerLimit, now: options.now()))
        for limit in LimitName.allCases { counters.count(limit, by: 0) }
    }

    // MARK: Connections

    /// How much it has to do with, for `/metrics`.
    var sizes: (connections: Int, addresses: Int) {
        let connections = connections.withLock { content in
            content.byAddress.values.reduce(0) { $0 + $1.count }
        }
        return (connections, addresses.nameCount)
    }

    /// Takes a connection in; `false` if it has to be closed.
    func open(from socket: SourceAddress) -> Bool {
        guard !proxies.contains(socket) else { return true }
        let standing = standing(of: socket)
        let hasRoom = connections.withLock { connections in
            var own = connections.byAddress[socket] ?? .init(standing: standing)
            guard own.count < options.connectionCountOfAddress,
                own.standing == .known || connections.ofStrangers < strangerConnectionCount
            else { return false }
            own.count += 1
            if own.standing == .stranger { connections.ofStrangers += 1 }
            connections.byAddress[socket] = own
            return true
        }
        guard hasRoom else {
            counters.count(.connections)
            return false
        }
        guard standing == .stranger, takeOfStrangers(Self.connectionWork) != nil else {
            return true
        }
        close(from: socket)
        counters.count(.strangers)
        return false
    }

    /// Lets a connection go that was taken in.
    func close(from socket: SourceAddress) {
        guard !proxies.contains(socket) else { return }
        connections.withLock { connections in
            guard var own = connections.byAddress[socket] else { return }
            own.count -= 1
            if own.standing == .stranger { connections.ofStrangers -= 1 }
            connections.byAddress[socket] = own.count > 0 ? own : nil
        }
    }

    /// What it costs to take a connection in and to let it go, as `NodeRoute.work` counts.
    private static let connectionWork = 2.0

    /// The last quarter of the connections is for those who are known.
    private var strangerConnectionCount: Int { options.connectionCount / 4 * 3 }

    /// Whether a connection carries the requests of many.
    func isProxy(_ socket: SourceAddress) -> Bool { proxies.contains(socket) }

    /// Who asks: the other end of the connection, or, where that is a proxy of ours, whom it names
    /// last in `X-Forwarded-For`.
    func source(_ socket: SourceAddress, forwarded: @autoclosure () -> Substring?) -> SourceAddress
    {
        guard !proxies.isEmpty, proxies.contains(socket),
            let last = forwarded()?.split(separator: ",").last
        else { return socket }
        return SourceAddress(last.trimmingPrefix(" ").prefix { $0 != " " }) ?? socket
    }

    // MARK: Requests

    /// What becomes of a request.
    enum Admission {
        /// It is answered at once.
        case passed
        /// It is answered in turn with those of all other strangers.
        case passedInTurn
        case refused(Problem)
    }

    /// Decides about a request.
    func admission(of head: RequestHead, from source: SourceAddress) -> Admission {
        let now = options.now()
        let route = NodeRoute.route(head.method, head.path)
        let work = route?.work(bodyBytes: head.bodyBytes) ?? 1
        // Whoever looks after the node has to see it most of all when it is flooded, and a program
        // that looks without end must take nothing from the members behind its address.
        if route?.isForOperators == true {
            return operators.take(work, for: source, now: now)
                .map { .refused(refused(.operators, $0)) } ?? .passed
        }
        if let wait = addresses.take(work, for: source, now: now) {
            return .refused(refused(.address, wait))
        }
        if standing(of: source) == .known { return .passed }
        var limit = LimitName.strangers
        if let device = head.device, isDevice(device) {
            if devices.take(1, for: device, now: now) == nil { return .passed }
            // Whoever signs wrongly in its name must not keep the device itself out.
            limit = .device
        }
        if head.method != "GET", let wait = defects.waitSeconds(for: source, now: now) {
            return .refused(refused(.defects, wait))
        }
        return takeOfStrangers(work).map { .refused(refused(limit, $0)) } ?? .passedInTurn
    }

    /// Lets a stranger's request in among those that are answered at a time; `leaveTurn` has to
    /// follow once it is.
    func enterTurn() -> Bool {
        answering.withLock { count in
            guard count < options.strangerRequestCount else { return false }
            count += 1
            return true
        }
    }

    /// Ends a turn.
    func leaveTurn() { answering.withLock { $0 -= 1 } }

    /// Counts an answer of the door.
    func answered(_ problem: Problem) { counters.count(problem) }

    /// Counts a refusal.
    func count(_ limit: LimitName) { counters.count(limit) }

    /// Counts a refusal and says it.
    func refused(_ limit: LimitName, _ seconds: Int64) -> Problem {
        counters.count(limit)
        return Problem(.tooManyRequests, retryAfterSeconds: seconds)
    }

    /// What the node knows of an address; while it was wrong too often, nothing.
    func standing(of source: SourceAddress) -> Standing {
        let now = options.now()
        guard let proof = known.withLock({ $0[source] }),
            proof.duration(to: now) < options.knownDuration,
            defects.waitSeconds(for: source, now: now) == nil
        else { return .stranger }
        return .known
    }

    /// Notes that somebody there has the key of a device, as a signature just made shows.
    func prove(_ source: SourceAddress) {
        known.withLock { $0[source] = options.now() }
        connections.withLock { connections in
            guard var own = connections.byAddress[source], own.standing == .stranger else { return }
            own.standing = .known
            connections.ofStrangers -= own.count
            connections.byAddress[source] = own
        }
    }

    /// Charges an address for what was malformed, unknown or wrongly signed.
    func blame(_ source: SourceAddress, for count: Int = 1) {
        defects.charge(Double(count), to: source, now: options.now())
    }

    /// Charges an address for work that its request turned out to be beyond what it took.
    func charge(_ source: SourceAddress, for work: Double) {
        addresses.charge(work, to: source, now: options.now())
    }

    /// Charges a device in whose name somebody signed wrongly.
    func blame(_ device: DeviceID) {
        devices.charge(16, to: device, now: options.now())
    }

    /// After how many seconds an address may be wrong again; `nil` if it may now.
    func defectWait(of source: SourceAddress) -> Int64? {
        defects.waitSeconds(for: source, now: options.now())
    }

    private func takeOfStrangers(_ cost: Double) -> Int64? {
        let now = options.now()
        let limit = options.strangerLimit
        return strangers.withLock { bucket in
            if let wait = bucket.waitSeconds(limit, now: now) { return wait }
            bucket.charge(cost, limit, now: now)
            return nil
        }
    }
}
