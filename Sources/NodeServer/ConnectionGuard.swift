internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1
internal import NodeAPI

/// Ends connections that are no use to anybody: what is sent is no HTTP, its head is too large, or
/// what is answered is not read.
///
/// A head that comes too slowly and a connection on which nothing happens end by the server's own
/// time-out, which only a whole head starts anew; bodies have `BodyReader`.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let patience: TimeAmount
    private let door: FrontDoor
    private var stalled: Scheduled<Void>?
    private var isEnding = false

    /// - Parameters:
    ///   - patience: How long an answer may wait to be read.
    ///   - door: Hears of each refusal.
    init(patience: TimeAmount, door: FrontDoor) {
        self.patience = patience
        self.door = door
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let refusal = error as? HTTPParserError, !isEnding else {
            return context.fireErrorCaught(error)
        }
        isEnding = true
        let problem = Problem(refusal == .headerOverflow ? .headersTooLarge : .malformedRequest)
        door.answered(problem)
        let socket = SourceAddress(context.channel.remoteAddress)
        // What a proxy lets through is not known to be anybody's.
        if !door.isProxy(socket) { door.blame(socket) }
        let head =
            "HTTP/1.1 \(problem.code.status) \(problem.code.rawValue)\r\n"
            + "Content-Type: \(Problem.contentType)\r\nContent-Length: \(problem.body.count)\r\n"
            + "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        var answer = ByteBuffer(string: head)
        answer.writeBytes(problem.body)
        // Past the encoder, whose state is that of a request that was never read.
        guard
            let encoder = try? context.pipeline.syncOperations.context(
                handlerType: HTTPResponseEncoder.self)
        else { return context.close(promise: nil) }
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(answer)), promise: nil)
        // A moment to read it, because closing throws away what was not read on either side.
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .milliseconds(200)) { channel.close(promise: nil) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stalled?.cancel()
        stalled = nil
        if !context.channel.isWritable {
            let channel = context.channel
            stalled = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stalled?.cancel()
    }
}
