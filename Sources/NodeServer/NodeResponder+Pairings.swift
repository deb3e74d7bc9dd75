internal import Hummingbird
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import Synchronization

extension NodeResponder {
    /// `PUT /v1/pairings/{lookup}/{step}`.
    func leave(_ step: PairingStep, _ request: NodeRequest, _ text: Substring) async throws
        -> Response
    {
        let account =
            step == .request ? nil : try await authenticator.requester(of: request).account
        guard !request.body.isEmpty else {
            throw Problem(.malformedRequest, detail: "a message has at least one byte")
        }
        guard request.body.count <= PairingLimits.messageBytes(step) else {
            throw Problem(.bodyTooLarge)
        }
        let name = try pairingName(text)
        let outcome = pairings.leave(
            request.body, as: step, of: name, by: account, at: clock.now().milliseconds)
        switch outcome {
        case .left: return Response(status: .noContent)
        case .unknown: throw unknownPairing(request)
        case .refused: throw Problem(.notAllowed)
        }
    }

    /// `GET /v1/pairings/{lookup}/{step}`.
    func readPairing(_ request: NodeRequest, _ text: Substring, _ step: Substring) throws
        -> Response
    {
        guard let step = PairingStep(rawValue: String(step)) else { throw Problem(.notFound) }
        let name = try pairingName(text)
        guard let messages = pairings.messages(of: name, at: clock.now().milliseconds) else {
            throw unknownPairing(request)
        }
        guard let message = messages[step] else { return Response(status: .noContent) }
        return Response(bytes: message, type: "application/octet-stream")
    }

    private func pairingName(_ text: Substring) throws -> String {
        // A pairing is named as a device is: 32 hexadecimal digits.
        guard let name = DeviceID(String(text)) else { throw Problem(.notFound) }
        return name.text
    }

    /// Who tries many names is slowed down like who sends many wrong signatures.
    private func unknownPairing(_ request: NodeRequest) -> Problem {
        if let wait = door.defectWait(of: request.source) { return door.refused(.defects, wait) }
        door.blame(request.source)
        return Problem(.notFound)
    }
}

/// Sealed messages between two devices of one person, kept in memory for ten minutes.
///
/// After a restart they are gone, and the person shows a new code.
final class PairingDesk: Sendable {
    enum Outcome {
        case left
        /// There is no such pairing, or it ran out.
        case unknown
        /// Another device was first, or the account has too many.
        case refused
    }

    private struct Pairing {
        let account: AccountID
        let end: Int64
        var messages: [PairingStep: [UInt8]]
    }

    private let pairings = Mutex<[String: Pairing]>([:])
    /// The most pairings of all accounts.
    private let limit = 4096

    func leave(
        _ message: [UInt8], as step: PairingStep, of name: String, by account: AccountID?,
        at now: Int64
    ) -> Outcome {
        pairings.withLock { pairings in
            pairings = pairings.filter { now < $0.value.end }
            guard let known = pairings[name] else {
                guard step == .offer, let account else { return .unknown }
                let own = pairings.values.count { $0.account == account }
                guard own < PairingLimits.openCount, pairings.count < limit else {
                    return .refused
                }
                pairings[name] = Pairing(
                    account: account, end: now + PairingLimits.milliseconds,
                    messages: [.offer: message])
                return .left
            }
            switch step {
            case .offer, .handover:
                guard known.account == account else { return .refused }
            case .request:
                // The first device wins; the same bytes again are a lost answer.
                guard known.messages[.request].map({ $0 == message }) ?? true else {
                    return .refused
                }
            }
            pairings[name]?.messages[step] = message
            return .left
        }
    }

    /// What was left; `nil` if there is no such pairing, or it ran out.
    func messages(of name: String, at now: Int64) -> [PairingStep: [UInt8]]? {
        pairings.withLock { pairings in
            pairings[name].flatMap { now < $0.end ? $0.messages : nil }
        }
    }
}
