package import LedgerCore
package import Logging

/// What a witness answered to `add-checkpoint`.
package struct WitnessReply: Sendable {
    /// The HTTP status.
    package var status: Int
    /// The media type, without parameters.
    package var type: String
    /// The body.
    package var body: [UInt8]

    /// Makes a reply of its parts.
    package init(status: Int, type: String, body: [UInt8]) {
        self.status = status
        self.type = type
        self.body = body
    }
}

/// Reaches witnesses: the seam between cosigning and a network.
package protocol WitnessLink: Sendable {
    /// Posts a body to `add-checkpoint` below `url`.
    func addCheckpoint(_ body: [UInt8], at url: String) async throws -> WitnessReply
}

/// Has the witnesses of a policy cosign what the log signs, and shows what enough of them cosigned.
///
/// In rounds: all who have not cosigned the newest checkpoint, or not lately, are asked at once. It
/// is shown as soon as enough of them did; who is slow or away holds up nobody and is asked again
/// later, the longer it is away the more seldom.
package actor Cosigning {
    private let ledger: PublishedLedger
    private let policy: WitnessPolicy
    private let link: any WitnessLink
    private let clock: any NodeClock
    private let keep: @Sendable ([UInt8]) throws -> Void
    private let logger: Logger
    /// The size each witness cosigned last, as far as is known.
    private var sizes: [VerifierKey: Int] = [:]
    private var lines: [VerifierKey: Line] = [:]
    private var silences: [VerifierKey: Silence] = [:]
    private var askedSize = 0
    private var isShort = false

    /// A cosignature and for what, when it was got.
    private struct Line {
        let size: Int
        let time: Timestamp
        let signature: NoteSignature
    }

    /// Since when a witness does not cosign.
    private struct Silence {
        var failures = 0
        var roundsLeft = 0
        var reason = ""
    }

    private enum RoundEvent: Sendable {
        case answered(VerifierKey)
        case timeOver
    }

    /// How old a cosignature may be before another one is asked for, though nothing was added.
    package static let refreshMilliseconds: Int64 = 600_000
    /// How long a round lasts at most, and how long it goes on once enough witnesses cosigned.
    package static let patience = Duration.seconds(10)
    /// How long who is slow may still add a cosignature once there are enough.
    package static let grace = Duration.seconds(1)
    /// The least time between two rounds.
    package static let pause = Duration.milliseconds(200)
    /// The time to the next round where nothing is new.
    package static let interval = Duration.seconds(2)
    /// The most rounds a witness that does not cosign is left alone.
    package static let restLimit = 30

    /// Makes it for the log of `ledger`.
    ///
    /// `kept` is the note an earlier process showed last, `nil` for none; `keep` makes the one that is
    /// shown durable.
    package init(
        ledger: PublishedLedger, policy: WitnessPolicy, link: any WitnessLink,
        clock: any NodeClock, kept: [UInt8]?, logger: Logger,
        keep: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.ledger = ledger
        self.policy = policy
        self.link = link
        self.clock = clock
        self.keep = keep
        self.logger = logger
        let note = kept.flatMap { note in
            // A note of another log or policy is as good as none.
            try? VerifiedCheckpoint(
                parsing: note, logKey: ledger.logKey, witnesses: policy.witnesses.map(\.key),
                origin: ledger.logKey.name)
        }
        ledger.showCosigned(
            note.flatMap {
                policy.satisfiedSeconds(by: $0.cosignatures) == nil
                    ? nil : PublishedCheckpoint(size: $0.checkpoint.size, note: $0.note.bytes)
            }, areNeeded: !policy.needsNobody)
    }

    /// Asks for cosignatures until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await round()
            // A cancelled sleep ends the loop.
            try? await clock.sleep(for: Cosigning.pause)
            _ = await ledger.growth(beyond: askedSize, within: Cosigning.interval, of: .newest)
        }
        // Who is answered from now on waits for nobody.
        ledger.noteTooFewWitnesses()
    }

    /// Has the newest checkpoint cosigned by those who did not yet, or not lately.
    package func round() async {
        let newest = ledger.newest
        askedSize = newest.size
        guard newest.size > 0 else { return }
        let asked = policy.witnesses.filter { isDue($0, newest) }
        guard !asked.isEmpty else { return }
        let answered = await ask(asked, newest)
        // The node stops: that says nothing about anybody.
        guard !Task.isCancelled else { return }
        for witness in asked where !answered.contains(witness.key) { note(witness, "is slow") }
        // Those who came after the first that were enough.
        let isShown = show(newest)
        if !isShown { ledger.noteTooFewWitnesses() }
        guard isShort == isShown else { return }
        isShort = !isShown
        if isShown {
            logger.notice("enough witnesses cosign again")
        } else {
            logger.error("too few witnesses cosign: what is new is not shown")
        }
    }

    /// Whether a witness has to be asked in this round.
    private func isDue(_ witness: WitnessPolicy.Witness, _ newest: PublishedCheckpoint) -> Bool {
        guard !witness.url.isEmpty else { return false }
        if let line = lines[witness.key], line.size == newest.size {
            let age = clock.now().milliseconds - line.time.milliseconds
            guard age < 0 || age >= Cosigning.refreshMilliseconds else { return false }
        }
        guard let left = silences[witness.key]?.roundsLeft, left > 0 else { return true }
        silences[witness.key]?.roundsLeft = left - 1
        return false
    }

    /// Asks several at once, and shows what they cosign as soon as it is enough.
    ///
    /// - Returns: who answered in time, whatever it was.
    private func ask(_ witnesses: [WitnessPolicy.Witness], _ newest: PublishedCheckpoint) async
        -> Set<VerifierKey>
    {
        await withTaskGroup(of: RoundEvent.self) { group in
            for witness in witnesses {
                group.addTask {
                    await self.ask(witness, newest) ? .answered(witness.key) : .timeOver
                }
            }
            group.addTask { await self.wait(Cosigning.patience) }
            defer { group.cancelAll() }
            var answered: Set<VerifierKey> = []
            var isShown = false
            for await event in group {
                guard case .answered(let key) = event else { break }
                answered.insert(key)
                guard answered.count < witnesses.count else { break }
                guard !isShown, show(newest) else { continue }
                isShown = true
                group.addTask { await self.wait(Cosigning.grace) }
            }
            return answered
        }
    }

    private func wait(_ duration: Duration) async -> RoundEvent {
        // Cancelled means that all answered.
        try? await clock.sleep(for: duration)
        return .timeOver
    }

    /// Shows a checkpoint with the cosignatures it has, if they are enough.
    ///
    /// - Returns: whether it is shown.
    private func show(_ newest: PublishedCheckpoint) -> Bool {
        do {
            var note = try SignedNote(parsing: newest.note)
            for witness in policy.witnesses {
                guard let line = lines[witness.key], line.size == newest.size else { continue }
                try note.add(line.signature)
            }
            let verified = try VerifiedCheckpoint(
                note: note, logKey: ledger.logKey, witnesses: policy.witnesses.map(\.key),
                origin: ledger.logKey.name)
            guard policy.satisfiedSeconds(by: verified.cosignatures) != nil else { return false }
            let checkpoint = PublishedCheckpoint(size: newest.size, note: note.bytes)
            guard ledger.witnessed != checkpoint else { return true }
            try keep(note.bytes)
            ledger.show(checkpoint)
            return true
        } catch {
            logger.error("could not show cosignatures", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Asks one witness; once more where it says that it knows another size.
    ///
    /// - Returns: whether it answered, or could not be reached, before the round was over.
    private func ask(_ witness: WitnessPolicy.Witness, _ newest: PublishedCheckpoint) async
        -> Bool
    {
        for _ in 0..<2 {
            let old = min(sizes[witness.key] ?? 0, newest.size)
            let found: [Hash]?
            do {
                found = try ledger.consistency(old: old, new: newest.size)
            } catch {
                logger.error("could not make a proof", metadata: ["error": "\(error)"])
                found = nil
            }
            guard let proof = found else {
                note(witness, "there is no proof from \(old)")
                return true
            }
            let request = WitnessRequest(oldSize: old, proof: proof, note: newest.note)
            let reply: WitnessReply
            do {
                reply = try await link.addCheckpoint(request.body, at: witness.url)
            } catch {
                guard !Task.isCancelled else { return false }
                note(witness, "cannot be reached")
                return true
            }
            switch reply.status {
            case 200:
                guard let signature = signature(of: witness, in: reply.body, newest) else {
                    note(witness, "answered without its signature")
                    return true
                }
                sizes[witness.key] = newest.size
                lines[witness.key] = Line(
                    size: newest.size, time: clock.now(), signature: signature)
                if silences.removeValue(forKey: witness.key) != nil {
                    logger.notice("a witness cosigns again", metadata: label(witness))
                }
                return true
            case 409 where reply.type == "text/x.tlog.size":
                guard let size = WitnessReply.size(reply.body) else {
                    note(witness, "says no size it knows")
                    return true
                }
                guard size <= newest.size else {
                    // Somebody signed another tree with this key, or this one is an old copy.
                    note(witness, "knows a larger tree than this log has")
                    return true
                }
                sizes[witness.key] = size
            default:
                note(witness, "refuses with \(reply.status)")
                return true
            }
        }
        note(witness, "says another size each time")
        return true
    }

    /// The witness's own line among those of a reply, checked.
    private func signature(
        of witness: WitnessPolicy.Witness, in body: [UInt8], _ newest: PublishedCheckpoint
    ) -> NoteSignature? {
        // A reply that cannot be read has no line.
        guard let text = try? SignedNote(parsing: newest.note).text,
            let note = try? SignedNote(parsing: text + [0x0a] + body),
            (try? note.verify(keys: [witness.key])) != nil
        else { return nil }
        return note.signatures.first {
            $0.keyID == witness.key.keyID
                && $0.name.utf8.elementsEqual(witness.key.name.utf8)
        }
    }

    /// Leaves a witness alone for some rounds, at random and up to twice as many as the last time,
    /// and says why if that is new.
    private func note(_ witness: WitnessPolicy.Witness, _ reason: String) {
        var silence = silences[witness.key] ?? Silence()
        let rest = min(1 << min(silence.failures, 16), Cosigning.restLimit)
        silence.failures += 1
        silence.roundsLeft = Int.random(in: 0..<rest)
        if silence.reason != reason {
            silence.reason = reason
            logger.warning(
                "a witness does not cosign",
                metadata: label(witness).merging(["why": "\(reason)"]) { $1 })
        }
        silences[witness.key] = silence
    }

    private func label(_ witness: WitnessPolicy.Witness) -> Logger.Metadata {
        ["witness": "\(String(decoding: witness.name, as: UTF8.self))"]
    }
}

extension WitnessReply {
    /// The size in the body of a conflict: a decimal and a newline; `nil` for anything else.
    fileprivate static func size(_ body: [UInt8]) -> Int? {
        guard body.last == 0x0a else { return nil }
        let digits = String(decoding: body.dropLast(), as: UTF8.self)
        guard let size = Int(digits), size >= 0, String(size) == digits else { return nil }
        return size
    }
}
