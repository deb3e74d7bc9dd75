import ClientRuntime
import Foundation
import Glibc

/// `accord play --stdio`: lines of JSON in, lines of JSON out.
@MainActor
enum StdioPlay {
    /// Plays a tape, then answers lines until standard input ends.
    static func run(_ player: TapePlayer, after lines: [TapeLine]) async throws {
        do {
            for line in lines { try await player.perform(line.command) }
        } catch {
            await player.end()
            throw error
        }
        var lineProtocol = LineProtocol(player)
        for await line in inputLines() {
            let answer: String
            switch line {
            case .text(let text): answer = await lineProtocol.answer(to: text)
            case .tooLong: answer = LineProtocol.tooLong
            }
            // Whoever reads has gone: nobody is left to tell.
            guard write(answer) else { break }
        }
        await player.end()
    }

    private enum Line: Sendable {
        case text(String)
        case tooLong
    }

    private static func write(_ answer: String) -> Bool {
        var bytes = Array((answer + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno != EINTR { return false }
            bytes = bytes.dropFirst(max(count, 0))
        }
        return true
    }

    /// Reads on a thread of its own: reading blocks, and the app has to go on meanwhile.
    private static func inputLines() -> AsyncStream<Line> {
        signal(SIGPIPE, SIG_IGN)
        let (stream, continuation) = AsyncStream.makeStream(of: Line.self)
        let limit = LineProtocol.lineLimitBytes
        let reader = Thread {
            var pending: [UInt8] = []
            var isSkipping = false
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                for byte in buffer[..<count] {
                    if byte != 0x0a {
                        if !isSkipping { pending.append(byte) }
                        guard pending.count > limit else { continue }
                        isSkipping = true
                        pending = []
                        continue
                    }
                    let isBlank = pending.allSatisfy { $0 <= 0x20 }
                    if isSkipping {
                        continuation.yield(.tooLong)
                    } else if !isBlank {
                        continuation.yield(.text(String(decoding: pending, as: UTF8.self)))
                    }
                    isSkipping = false
                    pending = []
                }
            }
            if !pending.isEmpty {
                continuation.yield(.text(String(decoding: pending, as: UTF8.self)))
            }
            continuation.finish()
        }
        reader.start()
        return stream
    }
}
