internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NodeAPI

/// Connections as the front door takes them in: HTTP/1.1 with a guard behind the parser.
struct GuardedConnections: ServerChildChannel {
    let http: HTTP1Channel
    let door: FrontDoor

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        let socket = SourceAddress(channel.remoteAddress)
        guard door.open(from: socket) else {
            // Nothing was made for it yet: the cheapest there is.
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        let door = door
        channel.closeFuture.whenComplete { _ in door.close(from: socket) }
        return http.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let parser = try pipeline.context(
                handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(
                RequestGuard(door, socket: socket), position: .after(parser.handler))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await http.handle(value: value, logger: logger)
    }
}

/// Refuses requests at their head, before anything else is made for them, and ends connections on
/// which they go on.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case passing
        /// The rest of a refused request is let fall.
        case skipping
        /// What still comes is let fall; the connection ends soon.
        case ending
    }

    /// The refusals in a row after which a connection ends.
    private static let refusalCount = 8

    private let door: FrontDoor
    private let socket: SourceAddress
    private var state = State.passing
    private var unanswered = 0
    private var refusals = 0
    private var hasTurn = false
    /// What is said once everything before is answered.
    private var last: Problem?

    init(_ door: FrontDoor, socket: SourceAddress) {
        self.door = door
        self.socket = socket
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.ending, _): break
        case (_, .head(let head)):
            let source = door.source(
                socket, forwarded: head.headers["x-forwarded-for"].last.map { $0[...] })
            let request = RequestHead(head)
            switch door.admission(of: request, from: source) {
            case .passed: pass(data, context)
            case .passedInTurn:
                guard takesTurn(request, context) else {
                    return refuse(request, door.refused(.strangers, 1), context)
                }
                pass(data, context)
            case .refused(let problem): refuse(request, problem, context)
            }
        case (.skipping, .end): state = .passing
        case (.skipping, .body): break
        case (.passing, _): context.fireChannelRead(data)
        }
    }

    /// Whether a stranger's request is answered now: the only one on its connection whose answer
    /// there is room for, and one of few.
    private func takesTurn(_ request: RequestHead, _ context: ChannelHandlerContext) -> Bool {
        guard unanswered == 0 || door.isProxy(socket), context.channel.isWritable else {
            return false
        }
        // Bodies may take their time; what they bring is verified one after the other.
        guard request.bodyBytes == 0, !hasTurn else { return true }
        hasTurn = door.enterTurn()
        return hasTurn
    }

    private func pass(_ data: NIOAny, _ context: ChannelHandlerContext) {
        state = .passing
        unanswered += 1
        refusals = 0
        context.fireChannelRead(data)
    }

    private func leaveTurn() {
        guard hasTurn else { return }
        hasTurn = false
        door.leaveTurn()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leaveTurn() }

    func read(context: ChannelHandlerContext) {
        if state != .ending { context.read() }
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        let part = unwrapOutboundIn(data)
        leaveTurn()
        context.write(data, promise: promise)
        guard case .end = part else { return }
        unanswered -= 1
        guard unanswered == 0, let problem = last else { return }
        last = nil
        end(with: problem, context)
    }

    private func refuse(
        _ request: RequestHead, _ problem: Problem, _ context: ChannelHandlerContext
    ) {
        refusals += 1
        let goesOn = refusals >= Self.refusalCount && !door.isProxy(socket)
        if unanswered > 0 {
            // An answer now would stand in the place of another.
            state = .ending
            last = problem
        } else if goesOn || request.bodyBytes > NodeLimits.bodyBytes {
            end(with: problem, context)
        } else {
            state = .skipping
            answer(problem, isLast: false, context)
        }
    }

    private func end(with problem: Problem, _ context: ChannelHandlerContext) {
        state = .ending
        answer(problem, isLast: true, context)
        // A moment to read it, because closing throws away what was not read on either side.
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .milliseconds(200)) { channel.close(promise: nil) }
    }

    private func answer(_ problem: Problem, isLast: Bool, _ context: ChannelHandlerContext) {
        door.answered(problem)
        let body = problem.body
        var headers: HTTPHeaders = [
            "Content-Type": Problem.contentType, "Content-Length": String(body.count),
            "Cache-Control": "no-store", "Retry-After": String(problem.retryAfterSeconds ?? 1),
        ]
        if isLast { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: .tooManyRequests, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
