internal import HTTPTypes
internal import Hummingbird
internal import LedgerCore
internal import Logging
internal import NIOCore
internal import NodeAPI
internal import NodeSequencer
internal import Synchronization

/// What a request brings besides its head: where it came from.
struct NodeRequestContext: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }

    /// The other end of the connection.
    var socket: SourceAddress { SourceAddress(channel.remoteAddress) }
}

/// A request once its body has arrived.
struct NodeRequest: Sendable {
    let method: String
    let authority: String
    let path: String
    let query: String
    let headers: HTTPFields
    let body: [UInt8]
    /// Who asks.
    let source: SourceAddress
    /// What the node knows of who asks.
    let standing: Standing

    /// The parts of the path.
    var segments: [Substring] { path.split(separator: "/", omittingEmptySubsequences: true) }

    /// Sees that the query has no item twice and none but those of `names`.
    ///
    /// - Throws: `malformedRequest` otherwise: what is misspelt must not be passed over.
    func checkItems(_ names: [Substring]) throws {
        var left = Set(names)
        for item in query.split(separator: "&") {
            let name = item.prefix { $0 != "=" }
            guard left.remove(name) != nil else {
                throw Problem(
                    .malformedRequest, detail: "the query has an item too many or unknown")
            }
        }
    }

    /// The message in the body, in canonical JSON or any other spelling of it.
    func message<Message>(_ read: ([UInt8]) throws(MessageDefect) -> Message)
        throws(MessageDefect) -> Message
    {
        do throws(MessageDefect) {
            return try read(body)
        } catch .notCanonical {
            return try read(try PlainJSON.value(body).canonicalBytes)
        }
    }

    /// The value of a query item; `nil` if it is missing.
    func item(_ name: String) -> Substring? {
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name { return parts[1] }
        }
        return nil
    }

    /// The value of a query item that is a number.
    ///
    /// - Throws: `malformedRequest` if it is anything else.
    func number(_ name: String, in range: ClosedRange<Int64>) throws -> Int64? {
        guard let text = item(name) else { return nil }
        guard let number = Int64(text), range.contains(number), text.first != "+" else {
            throw Problem(.malformedRequest, detail: "\(name) is out of range")
        }
        return number
    }
}

/// Answers requests: reads them, asks the sequencer or the store, writes the answer.
struct NodeResponder: HTTPResponder {
    let sequencer: Sequencer
    let ledger: PublishedLedger
    let store: any LedgerStore
    let records: any SealedRecordStore
    let clock: any NodeClock
    let options: NodeServerOptions
    let logger: Logger
    let intake: EntryIntake
    let authenticator: RequestAuthenticator
    let counters = Counters()
    let pages = PageCache(pageCount: 64)
    let pairings = PairingDesk()
    let gates: Gates
    let door: FrontDoor
    let lane: NarrowLane
    let uses: RateLimiter<DeviceID>

    init(
        sequencer: Sequencer, store: any LedgerStore, records: any SealedRecordStore,
        nonces: (any NonceMemory)?, clock: any NodeClock, options: NodeServerOptions,
        logger: Logger
    ) {
        self.sequencer = sequencer
        ledger = sequencer.ledger
        self.store = store
        self.records = records
        self.clock = clock
        self.options = options
        self.logger = logger
        intake = EntryIntake(ledger: sequencer.ledger)
        let ledger = sequencer.ledger
        door = FrontDoor(options, counters: counters) { ledger.device($0)?.isRevoked == false }
        lane = NarrowLane(waitingCount: options.strangerQueueCount)
        authenticator = RequestAuthenticator(
            ledger: ledger, clock: clock, memory: nonces, door: door, lane: lane)
        uses = RateLimiter(options.useLimit, nameCount: options.rememberedCount)
        gates = Gates(
            submissionCount: options.submissionCount, pollCount: options.pollCount.all,
            pollCountOfDevice: options.pollCount.device)
    }

    func respond(to request: Request, context: NodeRequestContext) async throws -> Response {
        let source = door.source(
            context.socket, forwarded: request.headers[values: .forwardedFor].last.map { $0[...] })
        let body: [UInt8]
        do {
            body = try await BodyReader(deadline: options.bodyDeadline).read(request)
        } catch let problem as Problem {
            door.blame(source)
            if problem.code == .requestTimeout || problem.code == .bodyTooLarge {
                // What is left of the body must not keep the connection busy.
                closeSoon(context.channel)
            }
            return counted(Response(problem))
        }
        // Any other failure to read it ends its connection, where nobody waits for an answer.
        let raw = request.head.path ?? "/"
        let parts = raw.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return await respond(
            to: NodeRequest(
                method: request.head.method.rawValue, authority: request.head.authority ?? "",
                path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : "",
                headers: request.headers, body: body, source: source,
                standing: door.standing(of: source)))
    }

    /// Answers a request whose body has arrived; every failure is an answer, too.
    func respond(to request: NodeRequest) async -> Response {
        do {
            return counted(try await answer(request))
        } catch let problem as Problem {
            blame(request, for: problem.code)
            return counted(Response(problem))
        } catch let refusal as MethodNotAllowed {
            return counted(Response(Problem(.methodNotAllowed), allowing: refusal.allowed))
        } catch let defect as MessageDefect {
            blame(request, for: .malformedRequest)
            return counted(Response(Problem(.malformedRequest, detail: "\(defect)")))
        } catch SequencerFailure.busy {
            return counted(Response(Problem(.busy, retryAfterSeconds: 1)))
        } catch SequencerFailure.stopped {
            return counted(Response(Problem(.busy, detail: "stopping", retryAfterSeconds: 5)))
        } catch {
            return counted(failed(error))
        }
    }

    /// Charges whoever sent something that nobody who means well sends.
    private func blame(_ request: NodeRequest, for code: ProblemCode) {
        switch code {
        case .malformedRequest, .signatureMissing, .signatureInvalid, .deviceUnknown, .nonceUsed:
            door.blame(request.source)
        default: break
        }
    }

    private func failed(_ error: any Error) -> Response {
        // What a request brought can stand in an error: its kind is enough to look it up.
        let text = "\(error)"
        let isOwn = error is SequencerFailure || error is LedgerStoreError
        // SQLite's own words, without what was to be written.
        let isPlain = isOwn || text.hasPrefix("SQLite error ") || text.hasPrefix("could not ")
        logger.error(
            "request failed",
            metadata: ["error": "\(isPlain ? text : String(describing: type(of: error)))"])
        return Response(Problem(.internalError))
    }

    private func counted(_ response: Response) -> Response {
        counters.count(status: response.status.code)
        return response
    }

    private func closeSoon(_ channel: any Channel) {
        channel.eventLoop.scheduleTask(in: .milliseconds(200)) {
            channel.close(promise: nil)
        }
    }

    private func answer(_ request: NodeRequest) async throws -> Response {
        let path = request.segments
        let routes = NodeRoute.routes(of: path)
        guard !routes.isEmpty else { throw Problem(.notFound) }
        guard let route = routes.first(where: { $0.method == request.method }) else {
            throw MethodNotAllowed(allowed: routes.map(\.method))
        }
        try request.checkItems(route.items)
        switch route {
        case .submit: return try await submit(request)
        case .verdict: return try verdict(of: path[2])
        case .cursor: return try await cursor(request)
        case .log: return description()
        case .account: return try await accountPage(request)
        case .catalogue: return try cataloguePage(request)
        case .project: return try await projectPage(request, path[2])
        case .projects: return try await projectsPage(request)
        case .changes: return try await changes(request)
        case .upload: return try await upload(request, path[2])
        case .download: return try await download(request, path[2])
        case .progress: return try await progress(request, path[2])
        case .storeKeys: return try await storeKeys(request, path[2])
        case .use: return try await use(request)
        case .enrol: return try await enrol(request)
        case .offerDevice: return try await leave(.offer, request, path[2])
        case .requestDevice: return try await leave(.request, request, path[2])
        case .handOverDevice: return try await leave(.handover, request, path[2])
        case .readPairing: return try readPairing(request, path[2], path[3])
        case .checkpoint: return checkpoint()
        case .tile: return try tile(request)
        case .health: return Response(text: "ok\n")
        case .readiness: return try await readiness()
        case .metrics: return await metrics()
        case .openAPI: return Response(json: OpenAPI.document)
        }
    }
}

extension Response {
    /// An answer of bytes.
    init(
        status: HTTPResponse.Status = .ok, bytes: [UInt8], type: String,
        caching: String = "no-store", headers: HTTPFields = [:]
    ) {
        var fields = headers
        fields[.contentType] = type
        fields[.cacheControl] = caching
        self.init(
            status: status, headers: fields,
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// An answer of canonical JSON.
    init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(status: status, bytes: json, type: "application/json")
    }

    /// An answer of plain text.
    init(text: String, status: HTTPResponse.Status = .ok) {
        self.init(status: status, bytes: Array(text.utf8), type: "text/plain; charset=utf-8")
    }

    /// A problem document.
    init(_ problem: Problem, allowing methods: [String] = []) {
        var headers = HTTPFields()
        if !methods.isEmpty { headers[.allow] = methods.joined(separator: ", ") }
        if let seconds = problem.retryAfterSeconds { headers[.retryAfter] = String(seconds) }
        if problem.code == .bodyTooLarge || problem.code == .requestTimeout {
            headers[.connection] = "close"
        }
        self.init(
            status: .init(code: Int(problem.code.status)), bytes: problem.body,
            type: Problem.contentType, headers: headers)
    }
}

/// Reads request bodies within a size and a time.
struct BodyReader {
    let deadline: Duration

    func read(_ request: Request) async throws -> [UInt8] {
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        let isChunked = request.headers[.transferEncoding] != nil
        guard announced > 0 || isChunked else { return [] }
        guard request.headers[.contentEncoding] == nil else {
            throw Problem(.malformedRequest, detail: "compressed bodies are not taken")
        }
        guard announced <= NodeLimits.bodyBytes else { throw Problem(.bodyTooLarge) }
        let body = request.body
        let deadline = deadline
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask {
                var bytes = [UInt8]()
                bytes.reserveCapacity(announced)
                for try await buffer in body {
                    guard bytes.count + buffer.readableBytes <= NodeLimits.bodyBytes else {
                        throw Problem(.bodyTooLarge)
                    }
                    bytes.append(contentsOf: buffer.readableBytesView)
                }
                return bytes
            }
            group.addTask {
                try await Task.sleep(for: deadline)
                throw Problem(.requestTimeout)
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() else { return [] }
            return bytes
        }
    }
}

/// Counts for `/metrics`.
final class Counters: Sendable {
    private let values = Mutex<[String: Int]>([:])

    func count(_ name: String, by amount: Int = 1) {
        values.withLock { $0[name, default: 0] += amount }
    }

    /// Counts what a limit refused.
    func count(_ limit: LimitName, by amount: Int = 1) {
        count("accord_refused_total{limit=\"\(limit.rawValue)\"}", by: amount)
    }

    /// Counts a request that was answered.
    func count(status: Int) {
        count("accord_requests_total{status=\"\(status)\"}")
    }

    /// Counts a request that was answered before it was read.
    func count(_ problem: Problem) {
        count(status: Int(problem.code.status))
    }

    /// The counters, one line each, by name; before each family what it is.
    var lines: [String] {
        var lines = [String]()
        var family: Substring = ""
        for (name, value) in values.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            let own = name.prefix { $0 != "{" }
            if own != family {
                family = own
                lines.append("# TYPE \(family) counter")
            }
            lines.append("\(name) \(value)")
        }
        return lines
    }
}

/// Bounds how much of a kind goes on at a time.
final class Gates: Sendable {
    private struct Counts {
        var submissions = 0
        var polls = 0
        var pollsByDevice: [DeviceID: Int] = [:]
    }

    private let counts = Mutex(Counts())
    private let submissionCount: Int
    private let pollCount: Int
    private let pollCountOfDevice: Int

    init(submissionCount: Int, pollCount: Int, pollCountOfDevice: Int) {
        self.submissionCount = submissionCount
        self.pollCount = pollCount
        self.pollCountOfDevice = pollCountOfDevice
    }

    func enterSubmission() -> Bool {
        counts.withLock { counts in
            guard counts.submissions < submissionCount else { return false }
            counts.submissions += 1
            return true
        }
    }

    func leaveSubmission() {
        counts.withLock { $0.submissions -= 1 }
    }

    /// The number of polls that wait.
    var waitingPolls: Int { counts.withLock { $0.polls } }

    func enterPoll(_ device: DeviceID) -> Bool {
        counts.withLock { counts in
            guard counts.polls < pollCount,
                counts.pollsByDevice[device, default: 0] < pollCountOfDevice
            else { return false }
            counts.polls += 1
            counts.pollsByDevice[device, default: 0] += 1
            return true
        }
    }

    func leavePoll(_ device: DeviceID) {
        counts.withLock { counts in
            counts.polls -= 1
            let left = counts.pollsByDevice[device, default: 1] - 1
            counts.pollsByDevice[device] = left > 0 ? left : nil
        }
    }
}

/// Keeps the last pages of the catalogue, which never change for one tree size.
final class PageCache: Sendable {
    struct Key: Hashable {
        let after: Int64
        let size: Int
        let limit: Int
    }

    private struct Content {
        var pages: [Key: [UInt8]] = [:]
        var order: [Key] = []
    }

    private let content = Mutex(Content())
    private let pageCount: Int

    init(pageCount: Int) {
        self.pageCount = pageCount
    }

    func page(_ key: Key, make: () throws -> [UInt8]) rethrows -> [UInt8] {
        if let page = content.withLock({ $0.pages[key] }) { return page }
        let page = try make()
        content.withLock { content in
            if content.pages.updateValue(page, forKey: key) == nil { content.order.append(key) }
            if content.order.count > pageCount {
                content.pages[content.order.removeFirst()] = nil
            }
        }
        return page
    }
}
