import ClientRuntime
import Crypto
import LedgerCore
import NodeClient
import SyncCore
import TerminalCore

/// How this program reaches nodes: over HTTP, private calls signed with the device's key.
enum NodeWiring {
    /// Makes a connection to a node; nothing is sent before the first call.
    ///
    /// - Throws: `CommandFailure` if the address is none.
    static func connect(_ url: String, _ keys: VaultKeys?) throws -> NodeLink {
        guard let address = NodeAddress(url) else {
            throw CommandFailure(
                .wrongUse, "\(url) is no address of a node: give one like http://127.0.0.1:8470",
                "\(url) 不是节点地址：请给出如 http://127.0.0.1:8470 的地址")
        }
        let clock = RuntimeClock()
        let client = NodeClient(address: address, signer: signer(keys), clock: { clock.now })
        // A connection that does not close in order is closed with the program.
        return NodeLink(client) { try? await client.shutdown() }
    }

    private static func signer(_ keys: VaultKeys?) -> RequestSigner {
        guard let keys else { return .none }
        return RequestSigner(
            device: { keys.device },
            // Signing cannot fail with a key that was read; without a signature nothing is sent.
            sign: { bytes in (try? keys.signing.signature(for: bytes)).map { [UInt8]($0) } })
    }
}
