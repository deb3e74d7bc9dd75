import LedgerCore
import Testing

/// A row of a table: what is wrong and how it is refused.
struct BrokenNote: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let error: NoteError

    init(_ description: String, _ note: String, _ error: NoteError) {
        testDescription = description
        bytes = Array(note.utf8)
        self.error = error
    }
}

private let line = "— log.example/1 AAAAAQID\n"

@Suite struct SignedNoteTests {
    @Test func `the specification's example verifies and is written back unchanged`() throws {
        let key = try VerifierKey(parsing: LogVectors.exampleKey)
        #expect(key.text == LogVectors.exampleKey)
        #expect(key.name == "example.com/foo")
        #expect(key.keyID == 0x530d_903a)
        let bytes = Array(LogVectors.exampleNote.utf8)
        let note = try SignedNote(parsing: bytes)
        #expect(note.text == Array("This is an example message.\n".utf8))
        #expect(note.bytes == bytes)
        let verified = try note.verify(keys: [key])
        #expect(verified.map(\.key) == [key])
        #expect(verified.map(\.timeSeconds) == [nil])
    }

    static let broken: [BrokenNote] = [
        BrokenNote("nothing", "", .textUnterminated),
        BrokenNote("no empty line", "text\n" + line, .textUnterminated),
        BrokenNote("no signature", "text\n\n", .signatureLineMalformed),
        BrokenNote("no newline at the end", "text\n\n" + line.dropLast(), .signatureLineMalformed),
        BrokenNote("hyphen", "text\n\n- log.example/1 AAAAAQID\n", .signatureLineMalformed),
        BrokenNote("no name", "text\n\n—  AAAAAQID\n", .signatureLineMalformed),
        BrokenNote("plus in name", "text\n\n— a+b AAAAAQID\n", .signatureLineMalformed),
        BrokenNote("no-break space", "text\n\n— a\u{a0}b AAAAAQID\n", .signatureLineMalformed),
        BrokenNote("two spaces", "text\n\n— a  AAAAAQID\n", .signatureLineMalformed),
        BrokenNote("no signature bytes", "text\n\n— a AAAAAQ==\n", .signatureLineMalformed),
        BrokenNote("unpadded base64", "text\n\n— a AAAAAQI\n", .signatureLineMalformed),
        BrokenNote("loose base64", "text\n\n— a AAAAAQJ=\n", .signatureLineMalformed),
        BrokenNote("more text below", "text\n\n" + line + "text\n", .signatureLineMalformed),
        BrokenNote("carriage return", "text\r\n\n" + line, .controlCharacter),
        BrokenNote("tab", "a\tb\n\n" + line, .controlCharacter),
        BrokenNote("zero byte", "a\0b\n\n" + line, .controlCharacter),
        BrokenNote(
            "65 signatures", "text\n\n" + String(repeating: line, count: 65), .tooManySignatures),
        BrokenNote(
            "64 KiB of text", String(repeating: "a", count: 65536) + "\n\n" + line, .tooLong),
    ]

    @Test(arguments: broken)
    func `a malformed note is refused by name`(_ row: BrokenNote) {
        #expect(throws: row.error) { try SignedNote(parsing: row.bytes) }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: NoteError.notUTF8) {
            try SignedNote(parsing: [0xff] + Array(("\n\n" + line).utf8))
        }
    }

    @Test func `the last empty line splits text and signatures`() throws {
        let note = try SignedNote(parsing: Array("a\n\n— b\n\n\(line)".utf8))
        #expect(note.text == Array("a\n\n— b\n".utf8))
        #expect(note.signatures.map(\.name) == ["log.example/1"])
        let bare = try SignedNote(parsing: Array("\n\n\(line)".utf8))
        #expect(bare.text == Array("\n".utf8))
    }

    @Test func `sixty-four signatures are read`() throws {
        let note = try SignedNote(
            parsing: Array(("text\n\n" + String(repeating: line, count: 64)).utf8))
        #expect(note.signatures.count == 64)
        var full = note
        #expect(throws: NoteError.tooManySignatures) { try full.add(note.signatures[0]) }
        #expect(full == note)
    }

    @Test func `a signature that makes the note too long is not added`() throws {
        var note = try SignedNote(parsing: Array(("text\n\n" + line).utf8))
        let before = note
        let long = NoteSignature(
            name: "log.example/1", keyID: 1, signature: Array(repeating: 0, count: 49_200))
        #expect(throws: NoteError.tooLong) { try note.add(long) }
        #expect(note == before)
    }

    @Test func `signing only accepts what can be a note's text`() throws {
        let signer = try NoteSigner(name: "log.example", seed: Array(0..<32))
        #expect(throws: NoteSignerError.note(.textUnterminated)) {
            try signer.sign(Array("no newline".utf8))
        }
        #expect(throws: NoteSignerError.note(.controlCharacter)) {
            try signer.sign(Array("a\tb\n".utf8))
        }
        #expect(throws: NoteSignerError.note(.notUTF8)) { try signer.sign([0xc0, 0x0a]) }
        #expect(throws: NoteSignerError.seedLengthWrong) {
            try NoteSigner(name: "log.example", seed: [1])
        }
        #expect(throws: NoteSignerError.nameInvalid) {
            try NoteSigner(name: "log example", seed: Array(0..<32))
        }
    }
}

@Suite struct NoteVerificationTests {
    private let text = Array("a text\n".utf8)
    private let signer: NoteSigner
    private let other: NoteSigner
    private let note: SignedNote

    init() throws {
        signer = try NoteSigner(name: "log.example", seed: Array(0..<32))
        other = try NoteSigner(name: "log.example", seed: Array(1..<33))
        note = try signer.sign(text)
    }

    private var damaged: NoteSignature {
        let signature = note.signatures[0]
        var bytes = signature.signature
        bytes[5] ^= 1
        return NoteSignature(name: signature.name, keyID: signature.keyID, signature: bytes)
    }

    @Test func `a note without a known signature is refused`() throws {
        #expect(throws: NoteError.signatureMissing) {
            try note.verify(keys: [other.verifierKey])
        }
        #expect(throws: NoteError.signatureMissing) { try note.verify(keys: []) }
    }

    @Test func `signatures by unknown keys are ignored, also of the same name or id`() throws {
        var mixed = SignedNoteBuilder(text: text)
        mixed.signatures = [
            NoteSignature(name: "log.example", keyID: 7, signature: [1, 2, 3]),
            NoteSignature(name: "x", keyID: signer.verifierKey.keyID, signature: [1]),
            note.signatures[0],
        ]
        let verified = try mixed.note().verify(keys: [signer.verifierKey, other.verifierKey])
        #expect(verified.map(\.key) == [signer.verifierKey])
    }

    @Test func `a wrong signature by a known key refuses the note beside a good one`() throws {
        var mixed = SignedNoteBuilder(text: text)
        mixed.signatures = [note.signatures[0], damaged]
        #expect(throws: NoteError.signatureInvalid) {
            try mixed.note().verify(keys: [signer.verifierKey])
        }
    }

    @Test func `each changed byte of text and signature refuses the note`() throws {
        for index in text.indices.dropLast() {
            var changed = text
            changed[index] ^= 1
            let note = try SignedNote(text: changed, signatures: note.signatures)
            #expect(throws: NoteError.signatureInvalid) {
                try note.verify(keys: [signer.verifierKey])
            }
        }
        let short = NoteSignature(
            name: "log.example", keyID: signer.verifierKey.keyID,
            signature: note.signatures[0].signature.dropLast())
        #expect(throws: NoteError.signatureInvalid) {
            try SignedNote(text: text, signatures: [short]).verify(keys: [signer.verifierKey])
        }
    }

    @Test func `a key that signed twice counts once`() throws {
        var twice = note
        try twice.add(note.signatures[0])
        #expect(try twice.verify(keys: [signer.verifierKey, signer.verifierKey]).count == 1)
    }

    @Test func `two spellings of a letter are two names`() throws {
        let composed = try NoteSigner(name: "caf\u{e9}", seed: Array(0..<32))
        let note = try composed.sign(text)
        let decomposed = NoteSignature(
            name: "cafe\u{301}", keyID: composed.verifierKey.keyID,
            signature: note.signatures[0].signature)
        #expect(throws: NoteError.signatureMissing) {
            try SignedNote(text: text, signatures: [decomposed])
                .verify(keys: [composed.verifierKey])
        }
    }
}

/// Collects signature lines for a note.
private struct SignedNoteBuilder {
    let text: [UInt8]
    var signatures: [NoteSignature] = []

    init(text: [UInt8]) {
        self.text = text
    }

    func note() throws -> SignedNote {
        // Through the parser, as a received note would come.
        try SignedNote(parsing: SignedNote(text: text, signatures: signatures).bytes)
    }
}
