import ClientRuntime
import Crypto
import Foundation
import LedgerCore
import NodeClient
import SyncCore

extension MemberSession.Wiring {
    /// Wires a session to nodes over HTTP; without a keyring none is asked.
    static func http(
        clock: RuntimeClock, demo: (@Sendable () async throws -> DemoInvitation)? = nil,
        keyring: (any Keyring)? = nil
    ) -> MemberSession.Wiring {
        MemberSession.Wiring(
            connect: { address, keys in try NodeLink.http(address, keys: keys, clock: clock) },
            demo: demo, keyring: keyring)
    }
}

extension NodeLink {
    /// Opens a way to a node over HTTP; with keys, private calls are signed.
    static func http(_ address: String, keys: VaultKeys?, clock: RuntimeClock) throws -> NodeLink {
        guard let parsed = NodeAddress(address) else {
            throw NodeUnreachable("\(address) is no address such as http://HOST:PORT")
        }
        let signer =
            keys.map { keys in
                RequestSigner(
                    device: { keys.device },
                    sign: { bytes in
                        // Ed25519 signing of bytes in memory has no way to fail.
                        (try? keys.signing.signature(for: bytes)).map { [UInt8]($0) }
                    })
            } ?? .none
        let client = NodeClient(address: parsed, signer: signer, clock: { clock.now })
        return NodeLink(client) {
            // An error here says that it was closed before: nothing is lost.
            try? await client.shutdown()
        }
    }
}
