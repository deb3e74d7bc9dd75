import LedgerCore
import TerminalCore

/// Drives the app by lines of JSON: one object in, one object out, in order.
///
/// A line that cannot be understood is answered with an error and changes nothing. Rows and columns
/// are counted from 1. `id`, where a line has one, stands in its answer too.
@MainActor
package struct LineProtocol {
    /// The longest line that is read, in bytes.
    package static let lineLimitBytes = 1_048_576

    private let player: TapePlayer
    private var shown: Frame?

    /// Makes a protocol on a player, whose app starts with the first line that needs it.
    package init(_ player: TapePlayer) { self.player = player }

    /// Carries out a line and returns the answer, without a line break.
    package mutating func answer(to line: String) async -> String {
        let request = LineRequest(line)
        var members: [(String, JSONValue?)] = [("id", request.id)]
        do {
            let command = try request.command.get()
            members.append(try await carryOut(command))
            if player.hasQuit { members.append(("ended", .bool(true))) }
        } catch let error as LineError {
            members.append(("error", error.json))
        } catch {
            members.append(("error", LineError(.failed, String(describing: error)).json))
        }
        return String(decoding: FrameJSON.object(members).canonicalBytes, as: UTF8.self)
    }

    /// The answer to a line longer than `lineLimitBytes`.
    package static var tooLong: String {
        let error = LineError(.notUnderstood, "a line has at most \(lineLimitBytes) bytes")
        let answer = FrameJSON.object([("error", error.json)])
        return String(decoding: answer.canonicalBytes, as: UTF8.self)
    }

    private mutating func carryOut(_ command: LineRequest.Command) async throws
        -> (String, JSONValue)
    {
        switch command {
        case .play(let commands):
            for command in commands { try await player.perform(command) }
            let frame = try await player.frameAtRest()
            defer { shown = frame }
            return ("changes", FrameJSON.changes(of: frame, since: shown))
        case .want(.frame): return ("frame", FrameJSON.frame(try await player.frameAtRest()))
        case .want(.text):
            let rows = try await player.frameAtRest().rows
            return ("text", .string(rows.joined(separator: "\n")))
        case .want(.tree):
            let tree = try await player.frameAtRest().semantics
            return ("tree", tree.map(FrameJSON.tree) ?? .object([]))
        }
    }
}

/// What a line asks for.
struct LineRequest {
    enum Want: String, CaseIterable {
        case frame, text, tree
    }

    enum Command {
        case play([TapeCommand])
        case want(Want)
    }

    let id: JSONValue?
    let command: Result<Command, LineError>

    init(_ line: String) {
        do throws(LineError) {
            let fields = try LineValue.object(line)
            id = fields["id"]?.scalar
            command = Result { () throws(LineError) in try LineRequest.command(fields) }
        } catch {
            id = nil
            command = .failure(error)
        }
    }

    private static let verbs = [
        "click", "clock", "key", "paste", "resize", "scroll", "sleep", "tape", "text", "want",
    ]

    private static func command(_ fields: [String: LineValue]) throws(LineError) -> Command {
        let named = fields.keys.filter { $0 != "id" && $0 != "count" }.sorted()
        guard let verb = named.first, named.count == 1, let value = fields[verb] else {
            throw LineError(
                .notUnderstood,
                "a line has one of \(verbs.joined(separator: ", ")); this one has "
                    + (named.isEmpty ? "none" : named.joined(separator: ", ")))
        }
        guard verb == "key" || fields["count"] == nil else {
            throw LineError(.wrongValue, "count goes with key only")
        }
        switch verb {
        case "key": return .play([try key(value, count: fields["count"])])
        case "text": return .play([.type(try string(value, verb), each: nil)])
        case "paste": return .play([.copy(try string(value, verb)), .paste])
        case "resize":
            let numbers = try pair(value, verb, "columns and rows")
            return .play([.resize(Size(columns: numbers.0, rows: numbers.1))])
        case "click":
            let numbers = try pair(value, verb, "a row and a column")
            return .play([.click(row: numbers.0, column: numbers.1)])
        case "scroll":
            guard case .integer(let steps) = value, (-1_000...1_000).contains(steps), steps != 0
            else { throw LineError(.wrongValue, "scroll takes a number of steps, up below 0") }
            let keys = TapeVocabulary.keys(named: steps < 0 ? "ScrollUp" : "ScrollDown") ?? []
            return .play([.press(keys, count: Int(abs(steps)), each: nil)])
        case "clock": return .play(try tape("Clock \(try string(value, verb))"))
        case "sleep": return .play(try tape("Sleep \(try string(value, verb))"))
        case "tape": return .play(try tape(try string(value, verb)))
        case "want":
            let text = try string(value, verb)
            guard let want = Want(rawValue: text) else {
                let known = Want.allCases.map(\.rawValue)
                throw LineError(
                    .wrongValue,
                    "want takes \(known.joined(separator: ", "))"
                        + TapeVocabulary.suggestion(for: text, among: known))
            }
            return .want(want)
        default:
            throw LineError(
                .notUnderstood,
                "\(verb) is not known" + TapeVocabulary.suggestion(for: verb, among: verbs))
        }
    }

    private static func key(_ value: LineValue, count: LineValue?) throws(LineError)
        -> TapeCommand
    {
        let name = try string(value, "key")
        let single = name.count == 1 ? name.first.map { [Key.character($0)] } : nil
        guard let keys = single ?? TapeVocabulary.keys(named: name) else {
            throw LineError(
                .wrongValue,
                "there is no key \(name)"
                    + TapeVocabulary.suggestion(for: name, among: TapeVocabulary.keys))
        }
        var times: Int64 = 1
        if let count {
            guard case .integer(let number) = count, (1...100_000).contains(number) else {
                throw LineError(.wrongValue, "count is from 1 to 100000")
            }
            times = number
        }
        return .press(keys, count: Int(times), each: nil)
    }

    private static func string(_ value: LineValue, _ verb: String) throws(LineError) -> String {
        guard case .string(let text) = value else {
            throw LineError(.wrongValue, "\(verb) takes a text")
        }
        return text
    }

    private static func pair(
        _ value: LineValue, _ verb: String, _ what: String
    ) throws(LineError) -> (Int, Int) {
        guard case .array(let values) = value, values.count == 2,
            case .integer(let first) = values[0], case .integer(let second) = values[1],
            (1...1_000).contains(first), (1...1_000).contains(second)
        else { throw LineError(.wrongValue, "\(verb) takes [\(what)], each from 1 to 1000") }
        return (Int(first), Int(second))
    }

    private static func tape(_ text: String) throws(LineError) -> [TapeCommand] {
        do {
            return try TapeParser.parse(text, file: "line") { name in
                throw TapeProblem("Source \(name) is not read here")
            }.map(\.command)
        } catch {
            throw LineError(.wrongValue, (error as? TapeError)?.problem ?? "\(error)")
        }
    }
}

/// Why a line has no other answer.
struct LineError: Error {
    enum Kind: String {
        /// It is not JSON, or nothing this protocol knows.
        case notUnderstood = "not understood"
        /// A value is not what the word takes.
        case wrongValue = "wrong value"
        /// It was understood and could not be done, or something was not as expected.
        case failed
    }

    let kind: Kind
    let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    var json: JSONValue {
        FrameJSON.object([
            ("kind", .string(kind.rawValue)), ("message", .string(message)),
        ])
    }
}
