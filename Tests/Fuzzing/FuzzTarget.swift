import HealthRecords
import LedgerCore
import NodeAPI
import StudyImport
import TerminalCore

/// A place where bytes from outside are read, with what has to hold whatever they are.
///
/// The same targets run under libFuzzer (`make fuzz`) and, with mutants of good input made from a
/// seed, in `make test`.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// Canonical JSON: reads exactly what it would write.
    case json
    /// Entries: the payload that is read is the one that was signed.
    case entry
    /// Envelopes of entries.
    case envelope
    /// Signed notes.
    case note
    /// Checkpoints.
    case checkpoint
    /// Heads of chains.
    case head
    /// Verifier keys.
    case key
    /// Receipts: tlog-proof files.
    case proof
    /// Policies: whose cosignatures a checkpoint needs.
    case policy
    /// What a log asks a witness.
    case witness
    /// Paths of tiles.
    case path
    /// Bundles of entries.
    case bundle
    /// Bodies of requests and answers.
    case message
    /// JSON as other programs write it.
    case plainJSON
    /// The header that says how a request is signed.
    case signature
    /// Text on its way to a screen.
    case text
    /// Bytes on their way from a terminal.
    case keys
    /// Files of health records.
    case records
    /// Files of study registries.
    case studies

    /// Reads bytes.
    ///
    /// - Throws: `BrokenPromise` if what was read breaks what this target promises; a crash, a hang
    ///   or memory without end are for whoever calls to see.
    package func read(_ bytes: [UInt8]) throws(BrokenPromise) {
        switch self {
        case .json:
            guard let value = try? JSONValue(canonical: bytes) else { return }
            try same(value.canonicalBytes, bytes)
        case .entry: try readEntry(bytes)
        case .envelope:
            guard let envelope = EntryEnvelope(bytes: bytes) else { return }
            try same(envelope.bytes, bytes)
        case .note:
            guard let note = try? SignedNote(parsing: bytes) else { return }
            try same(note.bytes, bytes)
        case .checkpoint:
            guard let checkpoint = try? Checkpoint(parsing: bytes) else { return }
            try same(checkpoint.text, bytes)
        case .head:
            guard let head = try? AccountHead(parsing: bytes) else { return }
            try same(head.text, bytes)
        case .key:
            let text = String(decoding: bytes, as: UTF8.self)
            guard let key = try? VerifierKey(parsing: text) else { return }
            try same(Array(key.text.utf8), Array(text.utf8))
        case .proof:
            guard let proof = try? TransparencyProof(parsing: bytes) else { return }
            try same(proof.bytes, bytes)
        case .policy:
            guard let policy = try? WitnessPolicy(parsing: bytes) else { return }
            guard policy.isMet(by: policy.witnesses) else {
                throw BrokenPromise("a policy that all its witnesses together do not meet")
            }
        case .witness:
            guard let request = WitnessRequest(parsing: bytes) else { return }
            try same(request.body, bytes)
        case .path:
            let text = String(decoding: bytes, as: UTF8.self)
            guard let path = TilePath(parsing: text) else { return }
            try same(Array(path.text.utf8), Array(text.utf8))
        case .bundle:
            guard let entries = try? EntryBundle.decode(bytes) else { return }
            try same((try? EntryBundle.encode(entries)) ?? [], bytes)
        case .message: try readMessages(bytes)
        case .plainJSON: _ = try? PlainJSON.value(bytes)
        case .signature:
            let text = String(decoding: bytes, as: UTF8.self)
            _ = RequestSignature.signature(header: text)
            guard let signature = RequestSignature(signatureInput: text) else { return }
            try same(Array("accord=\(signature.parameters)".utf8), Array(text.utf8))
        case .text: try readText(bytes)
        case .keys: try readKeys(bytes)
        case .records:
            try readRecords(bytes)
            if let sealed = FITFile.sealed(bytes) { try readRecords(sealed) }
        case .studies: _ = try? StudyFile.read(name: "file", bytes: bytes)
        }
    }

    private func readEntry(_ bytes: [UInt8]) throws(BrokenPromise) {
        let entry = Entry(bytes: bytes)
        guard let payload = try? entry.payload() else { return }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let signed = Base64.url.decode(parts[1]) else {
            throw BrokenPromise("an entry that is no compact JWS was read")
        }
        try same(payload.json.canonicalBytes, signed)
    }

    private func readMessages(_ bytes: [UInt8]) throws(BrokenPromise) {
        if let read = try? EntrySubmission(body: bytes) { try same(read.body, bytes) }
        if let read = try? VerdictList(body: bytes) { try same(read.body, bytes) }
        if let read = try? Verdict(body: bytes) { try same(read.body, bytes) }
        if let read = try? EntryPage(body: bytes) { try same(read.body, bytes) }
        if let read = try? LogDescription(body: bytes) { try same(read.body, bytes) }
        if let read = try? ChangeNotice(body: bytes) { try same(read.body, bytes) }
        if let read = try? EnrolmentRequest(body: bytes) { try same(read.body, bytes) }
        if let read = try? EnrolmentAnswer(body: bytes) { try same(read.body, bytes) }
        if let read = try? UploadProgress(body: bytes) { try same(read.body, bytes) }
        if let read = try? WrapUpload(body: bytes) { try same(read.body, bytes) }
        if let read = try? UseQuery(body: bytes) { try same(read.body, bytes) }
        if let read = try? UseGrant(body: bytes) { try same(read.body, bytes) }
        if let read = try? PairingOffer(body: bytes) { try same(read.body, bytes) }
        // A problem's title and type are for people; only its meaning is kept.
        if let read = try? Problem(body: bytes) {
            guard (try? Problem(body: read.body)) == read else {
                throw BrokenPromise("a problem document does not read back")
            }
        }
    }

    private func readText(_ bytes: [UInt8]) throws(BrokenPromise) {
        let text = SafeText(untrusted: String(decoding: bytes, as: UTF8.self))
        for scalar in text.string.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            guard !isControl else { throw BrokenPromise("a control character got through") }
        }
        let size = Size(columns: 20, rows: 3)
        var frame = Frame(size: size)
        for row in 0..<size.rows { frame.write(text, row: row, column: row * 9) }
        for row in 0..<size.rows {
            let width = frame.text(row: row).reduce(0) { $0 + TextWidth.standard.cells(of: $1) }
            guard width <= size.columns else {
                throw BrokenPromise("a row has \(width) of \(size.columns) cells")
            }
        }
        for line in TextWidth.standard.wrap(text, cells: 7) {
            let width = TextWidth.standard.cells(of: line)
            guard width <= 7 else { throw BrokenPromise("a line has \(width) of 7 cells") }
        }
    }

    private func readKeys(_ bytes: [UInt8]) throws(BrokenPromise) {
        var whole = KeyParser()
        let expected = whole.parse(bytes) + whole.flush()
        var pieces = KeyParser()
        var keys = [Key]()
        for byte in bytes { keys += pieces.parse([byte]) }
        keys += pieces.flush()
        guard keys == expected else {
            throw BrokenPromise("the keys depend on how the bytes arrived")
        }
    }

    private func readRecords(_ bytes: [UInt8]) throws(BrokenPromise) {
        let whole = Result { () throws(RecordImportError) in
            try RecordFileReader.read(bytes, name: "file").rowCount
        }
        var reader = RecordFileReader(name: "file")
        let pieces = Result { () throws(RecordImportError) in
            for start in stride(from: 0, to: bytes.count, by: 61) {
                let piece = Array(bytes[start..<min(start + 61, bytes.count)])
                let outcome = piece.withUnsafeBytes { piece in
                    Result { () throws(RecordImportError) in try reader.append(piece) }
                }
                try outcome.get()
            }
            try reader.finish()
            return reader.collector.rowCount
        }
        switch (whole, pieces) {
        case (.success(let one), .success(let other)) where one == other: return
        case (.failure, .failure): return
        default: throw BrokenPromise("what is read depends on how the bytes arrived")
        }
    }

    private func same(_ written: [UInt8], _ read: [UInt8]) throws(BrokenPromise) {
        guard written == read else {
            throw BrokenPromise(
                "\(rawValue): read \(String(decoding: read, as: UTF8.self)), would write "
                    + String(decoding: written, as: UTF8.self))
        }
    }
}

/// What a reader promises about every input did not hold for one.
package struct BrokenPromise: Error, CustomStringConvertible {
    /// What did not hold.
    package let description: String

    init(_ description: String) { self.description = description }
}
