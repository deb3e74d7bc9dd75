import LedgerCore
import NodeAPI
import NodeSequencer
import NodeServer
import TestSupport
import Testing

/// What the node keeps while a person adds a device: sealed, once, for ten minutes.
struct PairingTests {
    private let key = PairingKey(InvitationCode(random: Array(1...13)))
    private let message: [UInt8] = [1, 2, 3]

    @Test func `messages are passed on as they are, and nobody else's are taken`() async throws {
        try await withNode { node in
            let (ada, bo) = (try await node.member("ada"), try await node.member("bo"))
            func status(_ call: NodeCall, _ device: TestDevice? = nil) async throws -> Int {
                try await node.send(call, as: device).status
            }
            let offer = NodeCall.leavePairing(key, .offer, sealed: message)
            #expect(try await status(.readPairing(key, .offer)) == 404)
            #expect(try await status(.leavePairing(key, .request, sealed: message)) == 404)
            #expect(try await status(offer) == 401)
            #expect(try await status(offer, ada) == 204)
            #expect(try await node.send(.readPairing(key, .offer)).body == message)
            #expect(try await status(.readPairing(key, .request)) == 204)
            // Somebody else cannot put an offer or a handover in its place.
            #expect(try await status(offer, bo) == 403)
            let handover = NodeCall.leavePairing(key, .handover, sealed: message)
            #expect(try await status(handover, bo) == 403)
            // Of two devices the first wins; the same bytes again are a lost answer.
            #expect(try await status(.leavePairing(key, .request, sealed: [4])) == 204)
            #expect(try await status(.leavePairing(key, .request, sealed: [5])) == 403)
            #expect(try await status(.leavePairing(key, .request, sealed: [4])) == 204)
            #expect(try await status(handover, ada) == 204)
            let long = [UInt8](repeating: 0, count: PairingLimits.messageBytes(.offer) + 1)
            #expect(try await status(.leavePairing(key, .offer, sealed: long), ada) == 413)
            node.clock.advance(milliseconds: PairingLimits.milliseconds)
            #expect(try await status(.readPairing(key, .handover)) == 404)
        }
    }

    @Test func `an account has a few codes at a time, and others are not held up by it`()
        async throws
    {
        try await withNode { node in
            let (ada, bo) = (try await node.member("ada"), try await node.member("bo"))
            for number in 0...PairingLimits.openCount {
                let code = InvitationCode(random: [UInt8](repeating: UInt8(number), count: 13))
                let offer = NodeCall.leavePairing(PairingKey(code), .offer, sealed: [1])
                let expected = number < PairingLimits.openCount ? 204 : 403
                #expect(try await node.send(offer, as: ada).status == expected)
                if number == PairingLimits.openCount {
                    #expect(try await node.send(offer, as: bo).status == 204)
                }
            }
        }
    }

    @Test func `what was sealed for one step or under another code does not open`() {
        let sealed = key.seal(message, as: .offer)
        #expect(key.open(sealed, as: .offer) == message)
        #expect(key.open(sealed, as: .request) == nil)
        let other = PairingKey(InvitationCode(random: Array(2...14)))
        #expect(other.open(sealed, as: .offer) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(key.open(changed, as: .offer) == nil)
        }
        #expect(key.seal(message, as: .offer) == sealed)
        #expect(!key.lookup.isEmpty && key.lookup != other.lookup)
        #expect(Set(FingerprintWords.list).count == 256)
    }
}
