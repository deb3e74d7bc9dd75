package import LedgerCore

/// Which log a node runs: the answer to `GET /v1/log`.
///
/// Nothing authenticates it but an enrolment.
package struct LogDescription: Equatable, Sendable {
    /// The name of the log.
    package let origin: String
    /// The key of the log, as text (`VerifierKey`).
    package let verifierKey: String
    /// The lowest version of the wire format the node understands.
    package let minWireVersion: Int64
    /// The highest version of the wire format the node understands.
    package let maxWireVersion: Int64
    /// The node's clock.
    package let time: Timestamp

    /// Makes a description of a node with this program's versions.
    package init(
        origin: String, verifierKey: String, time: Timestamp,
        minWireVersion: Int64 = NodeLimits.minWireVersion,
        maxWireVersion: Int64 = NodeLimits.maxWireVersion
    ) {
        self.origin = origin
        self.verifierKey = verifierKey
        self.minWireVersion = minWireVersion
        self.maxWireVersion = maxWireVersion
        self.time = time
    }

    /// The highest version of the wire format both sides understand; `nil` if there is none.
    package var commonWireVersion: Int64? {
        let version = min(maxWireVersion, NodeLimits.maxWireVersion)
        return version >= max(minWireVersion, NodeLimits.minWireVersion) ? version : nil
    }

    /// Reads the body of an answer.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        self = try reader.read { fields throws(EntryDefect) in
            LogDescription(
                origin: try fields.text("origin", limit: 255),
                verifierKey: try fields.text("vkey", limit: 512),
                time: try fields.time("time"),
                minWireVersion: try fields.integer("wire_min", in: 1...1_000_000),
                maxWireVersion: try fields.integer("wire_max", in: 1...1_000_000))
        }
        try reader.finish()
    }

    /// The body of the answer.
    package var body: [UInt8] {
        JSONValue.sorted([
            .init("origin", .string(origin)), .init("time", .integer(time.milliseconds)),
            .init("vkey", .string(verifierKey)), .init("wire_max", .integer(maxWireVersion)),
            .init("wire_min", .integer(minWireVersion)),
        ]).canonicalBytes
    }
}

/// One entry of a page, with all that is needed to find it in the tree.
package struct PagedEntry: Equatable, Sendable {
    /// The place on the ledger.
    package let index: LeafIndex
    /// The compact JWS.
    package let entry: [UInt8]
    /// The envelope's canonical bytes.
    package let envelope: [UInt8]
    /// The salt of the leaf, 32 bytes.
    package let salt: [UInt8]
    /// The inclusion proof for the page's tree size, the leaf's sibling first.
    package let proof: [Hash]

    /// Makes an entry of a page.
    package init(
        index: LeafIndex, entry: [UInt8], envelope: [UInt8], salt: [UInt8], proof: [Hash]
    ) {
        self.index = index
        self.entry = entry
        self.envelope = envelope
        self.salt = salt
        self.proof = proof
    }

    /// The inclusion proof for a tree of `treeSize` leaves.
    package func inclusion(treeSize: Int) -> InclusionProof {
        InclusionProof(leafIndex: Int(index), treeSize: treeSize, hashes: proof)
    }
}

/// A page of entries, pinned to one checkpoint.
package struct EntryPage: Equatable, Sendable {
    /// The signed checkpoint all proofs and the head are for.
    package let checkpoint: [UInt8]
    /// The entries, in the order of their index.
    package let entries: [PagedEntry]
    /// On the last page, the signed `AccountHead` of the chain; else, and for projects, empty.
    package let head: [UInt8]

    /// Makes a page.
    package init(checkpoint: [UInt8], entries: [PagedEntry], head: [UInt8]) {
        self.checkpoint = checkpoint
        self.entries = entries
        self.head = head
    }

    /// Reads the body of an answer.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        checkpoint = try reader.bytes("at", limit: SignedNote.maxByteCount)
        let elements = try reader.elements("entries", limit: NodeLimits.pageCount)
        head = try reader.bytes("head", limit: SignedNote.maxByteCount)
        try reader.finish()
        var entries = [PagedEntry]()
        entries.reserveCapacity(elements.count)
        for element in elements { entries.append(try PagedEntry(json: element)) }
        self.entries = entries
    }

    /// The body of the answer.
    package var body: [UInt8] {
        var writer = CanonicalWriter(capacity: 1024 + entries.count * 3072)
        writer.beginObject()
        writer.text("at", checkpoint)
        writer.beginArray("entries")
        for entry in entries { entry.write(to: &writer) }
        writer.endArray()
        writer.text("head", head)
        writer.endObject()
        return writer.bytes
    }
}

extension PagedEntry {
    init(json: JSONValue) throws(MessageDefect) {
        var reader = try MessageReader(json, path: "entries")
        self = try reader.read { fields throws(EntryDefect) in
            PagedEntry(
                index: try fields.integer("index", in: 0...Int64.max),
                entry: try fields.entry("jws"),
                envelope: try fields.parsed("envelope") { Base64.url.decode($0) },
                salt: try fields.hash("salt").bytes,
                proof: try fields.parsed("proof") { PagedEntry.hashes($0) })
        }
        try reader.finish()
    }

    func write(to writer: inout CanonicalWriter) {
        writer.beginObject()
        writer.plain("envelope", Base64.url.encodeToUTF8(envelope))
        writer.integer("index", index)
        writer.plain("jws", entry)
        var hashes = [UInt8]()
        hashes.reserveCapacity(proof.count * Hash.byteCount)
        for hash in proof { hash.withBytes { hashes.append(contentsOf: $0) } }
        writer.plain("proof", Base64.standard.encodeToUTF8(hashes))
        writer.hex("salt", salt)
        writer.endObject()
    }

    private static func hashes(_ text: String) -> [Hash]? {
        guard let bytes = Base64.standard.decode(text), bytes.count.isMultiple(of: Hash.byteCount),
            bytes.count <= 63 * Hash.byteCount
        else { return nil }
        return stride(from: 0, to: bytes.count, by: Hash.byteCount).compactMap {
            Hash(bytes: bytes[$0..<$0 + Hash.byteCount])
        }
    }
}

/// That the log grew, and nothing else: the answer to a poll for changes.
package struct ChangeNotice: Equatable, Sendable {
    /// The number of leaves now.
    package let size: Int64

    /// Makes a notice.
    package init(size: Int64) {
        self.size = size
    }

    /// Reads the body of an answer.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        size = try reader.read { fields throws(EntryDefect) in
            try fields.integer("size", in: 0...Int64.max)
        }
        try reader.finish()
    }

    /// The body of the answer.
    package var body: [UInt8] {
        JSONValue.object([.init("size", .integer(size))]).canonicalBytes
    }
}
