/// Why the text of a policy is refused, and on which line, from 1.
package struct WitnessPolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line; 0 for the text as a whole.
    package let line: Int
    /// What is wrong.
    package let reason: Reason

    /// Makes an error about a line, from 1, or about the text as a whole.
    package init(line: Int, reason: Reason) {
        self.line = line
        self.reason = reason
    }

    /// What can be wrong; names are as they stand in the policy, and not yet safe for a terminal.
    package enum Reason: Error, Hashable, Sendable, CustomStringConvertible {
        /// It is longer than `WitnessPolicy.byteLimit`.
        case tooLong
        /// No line names a quorum.
        case noQuorum
        /// A control character, such as the one of a line end that is no newline alone.
        case controlCharacter
        /// A second quorum, or one with another number of names than one.
        case quorumForm
        /// A name that no line before defines.
        case notDefined(String)
        /// A line that begins with another word.
        case unknownWord(String)
        /// A log has a key and perhaps an address.
        case logForm
        /// A witness has a name, a key and perhaps an address.
        case witnessForm
        /// A group has a name, how many it needs, and members.
        case groupForm
        /// One key under two names.
        case keyTwice(String)
        /// A member of two groups, or twice of one.
        case memberTwice(String)
        /// How many a group needs is none of `all`, `any`, 1 to the number of its members.
        case neededInvalid(String, members: Int)
        /// A name that is there twice, or is a word of the format.
        case nameTaken(String)
        /// A key that cannot be used here.
        case keyRefused(VerifierKeyError)

        /// The reason for operators and logs: lower case, no full stop.
        package var description: String {
            switch self {
            case .tooLong: "the policy is longer than 64 KiB"
            case .noQuorum: "there is no quorum"
            case .controlCharacter:
                "there is a control character; lines end in a newline alone"
            case .quorumForm: "there is one quorum, with one name"
            case .notDefined(let name): "\(name) is not defined before"
            case .unknownWord(let word): "\(word) is none of log, witness, group, quorum"
            case .logForm: "a log has a key and perhaps an address"
            case .witnessForm: "a witness has a name, a key and perhaps an address"
            case .groupForm: "a group has a name, how many it needs, and members"
            case .keyTwice(let name): "the key of \(name) is there twice"
            case .memberTwice(let name): "\(name) is a member twice"
            case .neededInvalid(let text, let members):
                "\(text) is none of all, any, 1 to \(members)"
            case .nameTaken(let name): "\(name) is there twice, or a word of the format"
            case .keyRefused(let error): "the key is refused: \(error)"
            }
        }
    }

    /// Line and reason, for operators and logs.
    package var description: String { line == 0 ? "\(reason)" : "line \(line): \(reason)" }
}

/// Whose cosignatures a checkpoint needs: C2SP tlog-policy.
///
///     log <vkey> [url]
///     witness <name> <vkey> [url]
///     group <name> all|any|<k> <members…>
///     quorum <name>|none
///
/// Names are bytes: two spellings of one letter are two names.
package struct WitnessPolicy: Hashable, Sendable {
    /// A witness and where it is reached.
    package struct Witness: Hashable, Sendable {
        /// What the policy calls it.
        package let name: [UInt8]
        /// Its key, of the type of cosignatures.
        package let key: VerifierKey
        /// Where checkpoints are submitted to it; empty where the policy does not say.
        package let url: String
    }

    /// The logs the policy is for; any log where there is none.
    package let logs: [VerifierKey]
    /// The witnesses, in their order.
    package let witnesses: [Witness]
    /// The bytes it was read from.
    package let bytes: [UInt8]

    /// The groups in their order: members of a group stand before it.
    private let groups: [Group]
    /// The witness or group that has to confirm; `nil` for nobody.
    private let quorum: [UInt8]?

    fileprivate struct Group: Hashable, Sendable {
        let name: [UInt8]
        let needed: Int
        let members: [[UInt8]]
    }

    /// The most bytes of a policy that are read.
    package static let byteLimit = 64 * 1024

    /// Reads a policy.
    ///
    /// - Throws: `WitnessPolicyError` for the first line that is not as the specification says.
    package init(parsing bytes: [UInt8]) throws(WitnessPolicyError) {
        guard bytes.count <= WitnessPolicy.byteLimit else {
            throw WitnessPolicyError(line: 0, reason: .tooLong)
        }
        var reader = PolicyReader()
        let lines = bytes.split(separator: NoteText.newline, omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            do throws(WitnessPolicyError.Reason) {
                try reader.read(line)
            } catch {
                throw WitnessPolicyError(line: number + 1, reason: error)
            }
        }
        guard let quorum = reader.quorum else {
            throw WitnessPolicyError(line: 0, reason: .noQuorum)
        }
        self.bytes = bytes
        self.quorum = quorum == PolicyReader.none ? nil : quorum
        logs = reader.logs
        witnesses = reader.witnesses
        groups = reader.groups
    }

    /// Whether a checkpoint needs nobody's cosignature.
    package var needsNobody: Bool { quorum == nil }

    /// Whether the policy is for a log.
    package func covers(_ log: VerifierKey) -> Bool { logs.isEmpty || logs.contains(log) }

    /// Whether these witnesses together are enough.
    package func isMet(by witnesses: [Witness]) -> Bool {
        guard let quorum else { return true }
        return seconds(of: quorum, witnesses.map { ($0.name, 0) }) != nil
    }

    /// What a policy says about a checkpoint.
    package struct Finding: Hashable, Sendable {
        /// The witnesses of the policy that cosigned, in its order.
        package let cosigned: [Witness]
        /// How many witnesses the policy names.
        package let witnessCount: Int
        /// When enough of them had cosigned, in seconds since 1970 by their clocks; `nil` where
        /// too few did.
        package let seconds: UInt64?
    }

    /// Returns which witnesses cosigned a note, and whether they are enough.
    ///
    /// A wrong cosignature is none: anybody on the way could have added it. That the log signed
    /// is not looked at.
    package func finding(on note: SignedNote) -> Finding {
        let cosignatures = witnesses.compactMap { witness in
            // Why it does not verify adds nothing: it does not count.
            (try? note.verify(keys: [witness.key]))?.first
        }
        let keys = Set(cosignatures.map(\.key))
        return Finding(
            cosigned: witnesses.filter { keys.contains($0.key) }, witnessCount: witnesses.count,
            seconds: satisfiedSeconds(by: cosignatures))
    }

    /// Returns the latest time at or after which enough witnesses cosigned.
    ///
    /// - Parameter cosignatures: Verified signatures of the witnesses.
    /// - Returns: Seconds since 1970; `nil` where the quorum is missed; `UInt64.max` for a policy
    ///   that needs nobody.
    package func satisfiedSeconds(by cosignatures: [VerifiedSignature]) -> UInt64? {
        guard let quorum else { return .max }
        return seconds(
            of: quorum,
            witnesses.compactMap { witness in
                cosignatures.filter { $0.key == witness.key }.compactMap(\.timeSeconds).max()
                    .map { (witness.name, $0) }
            })
    }

    private func seconds(of quorum: [UInt8], _ witnesses: [(name: [UInt8], seconds: UInt64)])
        -> UInt64?
    {
        var times = Dictionary(witnesses.map { ($0.name, $0.seconds) }, uniquingKeysWith: max)
        for group in groups {
            let known = group.members.compactMap { times[$0] }.sorted(by: >)
            if known.count >= group.needed { times[group.name] = known[group.needed - 1] }
        }
        return times[quorum]
    }
}

/// Takes the lines of a policy in.
private struct PolicyReader {
    static let none = Array("none".utf8)

    var logs: [VerifierKey] = []
    var witnesses: [WitnessPolicy.Witness] = []
    var groups: [WitnessPolicy.Group] = []
    var quorum: [UInt8]?
    private var names: Set<[UInt8]> = []
    private var members: Set<[UInt8]> = []

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte == 0x09 || byte >= 0x20 && byte != 0x7f
    }

    mutating func read(_ line: ArraySlice<UInt8>) throws(WitnessPolicyError.Reason) {
        guard line.allSatisfy(Self.isAllowed) else {
            throw .controlCharacter
        }
        let words = line.split { $0 == 0x20 || $0 == 0x09 }.map(Array.init)
        guard let first = words.first, first[0] != UInt8(ascii: "#") else { return }
        switch Self.shown(first) {
        case "log": try readLog(words)
        case "witness": try readWitness(words)
        case "group": try readGroup(words)
        case "quorum":
            guard words.count == 2, quorum == nil else {
                throw .quorumForm
            }
            guard words[1] == Self.none || names.contains(words[1]) else {
                throw .notDefined(Self.shown(words[1]))
            }
            quorum = words[1]
        default:
            throw .unknownWord(Self.shown(first))
        }
    }

    private mutating func readLog(_ words: [[UInt8]]) throws(WitnessPolicyError.Reason) {
        guard (2...3).contains(words.count) else {
            throw .logForm
        }
        let key = try key(words[1], .ed25519)
        guard !logs.contains(where: { $0.publicKey == key.publicKey }) else {
            throw .keyTwice(key.name)
        }
        logs.append(key)
    }

    private mutating func readWitness(_ words: [[UInt8]]) throws(WitnessPolicyError.Reason) {
        guard (3...4).contains(words.count) else {
            throw .witnessForm
        }
        try take(words[1])
        let key = try key(words[2], .cosignature)
        // One witness under two names would count twice.
        guard !witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw .keyTwice(Self.shown(words[1]))
        }
        let url = words.count == 4 ? Self.shown(words[3]) : ""
        witnesses.append(.init(name: words[1], key: key, url: url))
    }

    private mutating func readGroup(_ words: [[UInt8]]) throws(WitnessPolicyError.Reason) {
        guard words.count >= 4 else {
            throw .groupForm
        }
        let own = Array(words[3...])
        for member in own {
            guard names.contains(member) else {
                throw .notDefined(Self.shown(member))
            }
            guard members.insert(member).inserted else {
                throw .memberTwice(Self.shown(member))
            }
        }
        let needed: Int
        switch Self.shown(words[2]) {
        case "all": needed = own.count
        case "any": needed = 1
        case let text:
            guard let number = NoteText.decimal(words[2][...]), (1...own.count).contains(number)
            else { throw .neededInvalid(text, members: own.count) }
            needed = number
        }
        try take(words[1])
        groups.append(.init(name: words[1], needed: needed, members: own))
    }

    private mutating func take(_ name: [UInt8]) throws(WitnessPolicyError.Reason) {
        guard name != Self.none, names.insert(name).inserted else {
            throw .nameTaken(Self.shown(name))
        }
    }

    private func key(_ text: [UInt8], _ algorithm: NoteAlgorithm) throws(WitnessPolicyError.Reason)
        -> VerifierKey
    {
        do throws(VerifierKeyError) {
            guard let text = NoteText.string(text[...]) else { throw .malformed }
            let key = try VerifierKey(parsing: text)
            guard key.algorithm == algorithm else { throw .algorithmUnsupported }
            return key
        } catch {
            throw .keyRefused(error)
        }
    }

    private static func shown(_ word: [UInt8]) -> String { String(decoding: word, as: UTF8.self) }
}
