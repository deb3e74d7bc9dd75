internal import NIOCore

/// Who asks, as limits count them: an IPv4 address, or the first half of an IPv6 address.
///
/// Everything below a /64 is one network's to hand out (RFC 4291 §2.5.4): whoever has one of its
/// addresses has them all.
enum SourceAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(UInt64)
    /// Nobody on the network, but somebody with a name of their own.
    case named(String)

    /// The address at the other end of a connection.
    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            // Family and port, two bytes each, stand before the address (ip(7)).
            self = withUnsafeBytes(of: address.address) { .v4(UInt32(Self.number($0[4..<8]))) }
        case .v6(let address):
            // Family, port and flow stand before the address (ipv6(7)).
            self = withUnsafeBytes(of: address.address) { bytes in
                let isV4 =
                    bytes[8..<18].allSatisfy { $0 == 0 } && bytes[18] & bytes[19] == 0xff
                return isV4
                    ? .v4(UInt32(Self.number(bytes[20..<24]))) : .v6(Self.number(bytes[8..<16]))
            }
        case .unixDomainSocket, nil: self = .named("local")
        }
    }

    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads an address without a port; `nil` if it is none.
    init?(_ text: some StringProtocol) {
        // Anything but an address, such as a name: nobody is counted by what is not looked up.
        guard let address = try? SocketAddress(ipAddress: String(text), port: 0) else { return nil }
        self.init(address)
    }

    /// A text of its own for each.
    var text: String {
        switch self {
        case .v4(let number): "4 \(number)"
        case .v6(let number): "6 \(number)"
        case .named(let name): name
        }
    }
}
