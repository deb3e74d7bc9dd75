/// Why a signed note is refused.
package enum NoteError: Error, Hashable, Sendable {
    /// The note is longer than 64 KiB.
    case tooLong
    /// The note is not UTF-8.
    case notUTF8
    /// The note holds a control character other than newline.
    case controlCharacter
    /// The text does not end in a newline, or no empty line follows it.
    case textUnterminated
    /// There is no signature line, or one is not spelled as the specification says.
    case signatureLineMalformed
    /// There are more than 64 signatures.
    case tooManySignatures
    /// Two different known keys share name and key id.
    case keyAmbiguous
    /// A signature by a known key is wrong.
    case signatureInvalid
    /// No known key signed the note.
    case signatureMissing
}

/// One signature line of a note.
package struct NoteSignature: Hashable, Sendable {
    /// The name of the key.
    package let name: String

    /// The short id of the key.
    package let keyID: UInt32

    /// The signature without the key id: its layout is up to the key's algorithm.
    package let signature: [UInt8]

    /// Makes a signature line of its parts.
    package init(name: String, keyID: UInt32, signature: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.signature = signature
    }

    /// The line, `— name base64(key id ‖ signature)`, with its newline.
    package var line: [UInt8] {
        NoteSignature.dash + Array(name.utf8) + [0x20]
            + Base64.standard.encodeToUTF8(keyID.bigEndianBytes + signature) + [NoteText.newline]
    }

    /// An em dash and a space.
    static let dash: [UInt8] = [0xe2, 0x80, 0x94, 0x20]

    /// Reads a line without its newline; `nil` where it is malformed.
    init?(parsing line: ArraySlice<UInt8>) {
        guard line.starts(with: NoteSignature.dash) else { return nil }
        let parts = line.dropFirst(NoteSignature.dash.count).split(
            separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = NoteText.string(parts[0]), VerifierKey.isName(name),
            let blob = Base64.standard.decode(parts[1]), blob.count > 4
        else { return nil }
        self.init(
            name: name, keyID: UInt32(bigEndianBytes: blob[..<4]), signature: Array(blob[4...]))
    }
}

/// A signature that a known key really made.
package struct VerifiedSignature: Hashable, Sendable {
    /// The key that signed.
    package let key: VerifierKey

    /// When a cosignature says it was made, in seconds since 1970; `nil` for other signatures.
    package let timeSeconds: UInt64?
}

/// A text with signatures below it: C2SP signed-note.
///
///     text of whole lines
///     (empty line)
///     — name base64(key id ‖ signature)
package struct SignedNote: Hashable, Sendable {
    /// The longest note that is read, in bytes.
    package static let maxByteCount = 64 * 1024

    /// The largest number of signatures that is read.
    package static let maxSignatureCount = 64

    /// The signed bytes: UTF-8, ending in a newline.
    package let text: [UInt8]

    /// The signatures in their order; parsing accepts only notes with at least one.
    package private(set) var signatures: [NoteSignature]

    /// Puts signatures below a text.
    ///
    /// - Throws: `textUnterminated`, `notUTF8`, `controlCharacter`, `tooLong`,
    ///   `tooManySignatures`.
    package init(text: [UInt8], signatures: [NoteSignature]) throws(NoteError) {
        guard text.last == NoteText.newline else { throw .textUnterminated }
        guard signatures.count <= SignedNote.maxSignatureCount else { throw .tooManySignatures }
        self.text = text
        self.signatures = signatures
        try SignedNote.checkCharacters(bytes)
    }

    /// Reads a note; its text and signatures mean nothing before `verify`.
    ///
    /// The text ends at the last empty line.
    ///
    /// - Throws: any `NoteError` but those of `verify`.
    package init(parsing bytes: [UInt8]) throws(NoteError) {
        try SignedNote.checkCharacters(bytes)
        guard let textEnd = SignedNote.textEnd(of: bytes) else { throw .textUnterminated }
        guard let lines = NoteText.lines(bytes[(textEnd + 1)...]), !lines.isEmpty else {
            throw .signatureLineMalformed
        }
        guard lines.count <= SignedNote.maxSignatureCount else { throw .tooManySignatures }
        var signatures = [NoteSignature]()
        for line in lines {
            guard let signature = NoteSignature(parsing: line) else {
                throw .signatureLineMalformed
            }
            signatures.append(signature)
        }
        text = Array(bytes[..<textEnd])
        self.signatures = signatures
    }

    /// The note as it is stored and sent; reading it again gives an equal note.
    package var bytes: [UInt8] {
        signatures.reduce(into: text + [NoteText.newline]) { $0 += $1.line }
    }

    /// Adds a signature line at the end.
    ///
    /// - Throws: `tooManySignatures`, `tooLong`; the note is then unchanged.
    package mutating func add(_ signature: NoteSignature) throws(NoteError) {
        guard signatures.count < SignedNote.maxSignatureCount else { throw .tooManySignatures }
        guard bytes.count + signature.line.count <= SignedNote.maxByteCount else { throw .tooLong }
        signatures.append(signature)
    }

    /// Checks the signatures of the known keys and returns those, at most one for each key.
    ///
    /// Signatures by other keys are ignored, also where they share a name or id with a known one.
    ///
    /// - Parameter keys: The keys the caller trusts.
    /// - Returns: At least one signature, in the order of the note.
    /// - Throws: `keyAmbiguous`; `signatureInvalid` if any known key's signature is wrong;
    ///   `signatureMissing`.
    package func verify(keys: [VerifierKey]) throws(NoteError) -> [VerifiedSignature] {
        var verified = [VerifiedSignature]()
        for signature in signatures {
            let known = keys.filter {
                $0.keyID == signature.keyID && NoteText.same($0.name, signature.name)
            }
            guard let key = known.first else { continue }
            guard known.allSatisfy({ $0 == key }) else { throw .keyAmbiguous }
            guard let checked = key.check(signature.signature, of: text) else {
                throw .signatureInvalid
            }
            if !verified.contains(where: { $0.key == key }) { verified.append(checked) }
        }
        guard !verified.isEmpty else { throw .signatureMissing }
        return verified
    }

    /// The index after the newline that ends the text: that of the last empty line.
    private static func textEnd(of bytes: [UInt8]) -> Int? {
        var index = bytes.count - 1
        while index > 0 {
            if bytes[index] == NoteText.newline, bytes[index - 1] == NoteText.newline {
                return index
            }
            index -= 1
        }
        return nil
    }

    private static func checkCharacters(_ bytes: [UInt8]) throws(NoteError) {
        guard bytes.count <= maxByteCount else { throw .tooLong }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == NoteText.newline }) else {
            throw .controlCharacter
        }
        guard NoteText.string(bytes[...]) != nil else { throw .notUTF8 }
    }
}

extension VerifierKey {
    /// Checks one signature of a note's text by the rules of the key's algorithm.
    fileprivate func check(_ signature: [UInt8], of text: [UInt8]) -> VerifiedSignature? {
        switch algorithm {
        case .ed25519:
            guard isValid(signature: signature, over: text) else { return nil }
            return VerifiedSignature(key: self, timeSeconds: nil)
        case .cosignature:
            guard let cosignature = Cosignature(bytes: signature),
                isValid(
                    signature: cosignature.signature,
                    over: Cosignature.message(of: text, timeSeconds: cosignature.timeSeconds))
            else { return nil }
            return VerifiedSignature(key: self, timeSeconds: cosignature.timeSeconds)
        }
    }
}
