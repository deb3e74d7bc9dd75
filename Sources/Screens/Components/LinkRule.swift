/// Which addresses may become links of the terminal: those of hosts that the configuration names.
enum LinkRule {
    /// The longest address that becomes a link, in bytes; terminals cut longer ones.
    static let limitBytes = 2_048

    /// Parts a text before the first web address in it; `nil` for the address where there is none.
    static func parts(_ text: String) -> (before: String, address: String?) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let place = words.firstIndex(where: { host(String($0)) != nil }) else {
            return (text, nil)
        }
        return (words[..<place].joined(separator: " "), String(words[place]))
    }

    /// Whether an address may be a link: of a host that is allowed, in printable ASCII, so that
    /// nothing in it ends the control sequence it stands in.
    static func allows(_ address: String, hosts: [String]) -> Bool {
        guard let host = host(address), address.utf8.count <= limitBytes,
            // Browsers read a backslash as a slash, and so another host than is written.
            address.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return false }
        return hosts.contains { $0.lowercased() == host }
    }

    /// The host of a web address, with its port, in small letters; `nil` for any other text, and
    /// where a name stands before the host, which is there to mislead.
    private static func host(_ text: String) -> String? {
        guard
            let scheme = ["https://", "http://"].first(where: {
                text.prefix($0.count).lowercased() == $0
            })
        else { return nil }
        let host = text.dropFirst(scheme.count).prefix { !"/?#\\".contains($0) }
        return host.isEmpty || host.contains("@") ? nil : host.lowercased()
    }
}
