import Crypto
import Foundation
import HealthRecords
import LedgerCore
import TestSupport
import Testing

@Suite struct SealingTests {
    private let key = DataKey { Records.bytes($0) }
    private static let chunk = SealedRecord.chunkBytes
    private static let header = 24
    private static let sealedChunk = chunk + 16

    private func seal(_ plaintext: [UInt8]) -> SealedRecord {
        SealedRecord.seal(plaintext, with: key) { Array(repeating: 7, count: $0) }
    }

    private func refusal(_ bytes: [UInt8]) -> SealingError? {
        do throws(SealingError) {
            _ = try SealedRecord(bytes: bytes).open(with: key)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5])
    func `what was sealed opens again`(count: Int) throws {
        let plaintext = Records.bytes(count)
        let sealed = seal(plaintext)
        #expect(sealed.bytes.count == SealedRecord.sealedByteCount(of: count))
        #expect(try sealed.open(with: key) == plaintext)
        #expect(sealed.address == Hash.of(sealed.bytes))
    }

    @Test(arguments: [1, 100, 65_536, 65_552, 70_000])
    func `pieces of any length give the same as the whole`(piece: Int) throws {
        let plaintext = Records.bytes(2 * Self.chunk + (piece == 1 ? 0 : 9))
        var sealer = RecordSealer(key: key) { Array(repeating: 7, count: $0) }
        var sealed: [UInt8] = []
        for start in stride(from: 0, to: plaintext.count, by: piece) {
            sealer.append(plaintext[start..<min(start + piece, plaintext.count)], to: &sealed)
        }
        sealer.finish(to: &sealed)
        #expect(sealed == seal(plaintext).bytes)
        var opener = RecordOpener(key: key)
        var opened: [UInt8] = []
        for start in stride(from: 0, to: sealed.count, by: piece) {
            try opener.append(sealed[start..<min(start + piece, sealed.count)], to: &opened)
        }
        try opener.finish(to: &opened)
        #expect(opened == plaintext)
    }

    @Test func `a sealed chunk is ChaCha20-Poly1305 under the nonce the format names`() throws {
        let sealed = seal(Records.bytes(Self.chunk + 3)).bytes
        #expect(Array(sealed.prefix(17)) == Array("accord-sealed/v1\n".utf8))
        let last = sealed.dropFirst(Self.header + Self.sealedChunk)
        let nonce = Array(repeating: UInt8(7), count: 7) + [0, 0, 0, 1, 1]
        let box = try ChaChaPoly.SealedBox(combined: nonce + Array(last))
        let opened = try ChaChaPoly.open(box, using: SymmetricKey(data: key.bytes))
        #expect([UInt8](opened) == Array(Records.bytes(Self.chunk + 3).suffix(3)))
    }

    @Test func `one flipped bit anywhere is refused`() {
        let sealed = seal(Records.bytes(Self.chunk + 40)).bytes
        let places =
            Array(0..<40) + [Self.header + Self.chunk, Self.header + Self.sealedChunk]
            + Array(sealed.count - 60..<sealed.count)
        for place in places {
            var changed = sealed
            changed[place] ^= 1 << UInt8(place % 8)
            #expect(refusal(changed) != nil, "byte \(place)")
        }
    }

    @Test func `a record cut off at any chunk or byte is refused`() {
        let sealed = seal(Records.bytes(2 * Self.chunk + 40)).bytes
        let ends =
            Array(0...60)
            + [Self.header + Self.sealedChunk, Self.header + 2 * Self.sealedChunk]
            + [sealed.count - 17, sealed.count - 16, sealed.count - 1]
        for end in ends { #expect(refusal(Array(sealed.prefix(end))) != nil, "\(end) bytes") }
    }

    @Test func `appended, swapped, repeated and foreign chunks are refused`() {
        let sealed = seal(Records.bytes(3 * Self.chunk)).bytes
        let start = Array(sealed.prefix(Self.header))
        let chunks = (0..<3).map {
            Array(sealed.dropFirst(Self.header + $0 * Self.sealedChunk).prefix(Self.sealedChunk))
        }
        #expect(refusal(start + chunks[0] + chunks[1] + chunks[2]) == nil)
        #expect(refusal(sealed + [0]) == .chunkRefused(number: 2))
        #expect(refusal(start + chunks[1] + chunks[0] + chunks[2]) == .chunkRefused(number: 0))
        #expect(refusal(start + chunks[0] + chunks[0] + chunks[2]) == .chunkRefused(number: 1))
        #expect(refusal(start + chunks[0] + chunks[2]) == .chunkRefused(number: 1))
        #expect(refusal(sealed + chunks[2]) == .chunkRefused(number: 2))
        let other = SealedRecord.seal(Records.bytes(3 * Self.chunk), with: key) {
            Array(repeating: 8, count: $0)
        }
        #expect(refusal(start + Array(other.bytes.dropFirst(Self.header))) != nil)
        #expect(
            refusal(Array("accord-sealed/v2\n".utf8) + sealed.dropFirst(17)) == .notSealedRecord)
        #expect(refusal([]) == .cutOff)
    }

    @Test func `an empty last chunk after a full one is refused even if its tag is right`() throws {
        let sealed = seal(Records.bytes(Self.chunk + 1)).bytes
        let nonce = try ChaChaPoly.Nonce(
            data: Array(repeating: UInt8(7), count: 7) + [0, 0, 0, 1, 1])
        let empty = try ChaChaPoly.seal(
            [UInt8](), using: SymmetricKey(data: key.bytes), nonce: nonce)
        let forged = Array(sealed.prefix(Self.header + Self.sealedChunk)) + [UInt8](empty.tag)
        #expect(refusal(forged) == .chunkRefused(number: 1))
    }

    @Test func `another key opens nothing`() throws {
        let other = try #require(DataKey(bytes: Records.bytes(64).suffix(32)))
        #expect(throws: SealingError.chunkRefused(number: 0)) {
            try seal([1, 2, 3]).open(with: other)
        }
    }

    @Test func `a key does not show itself`() {
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "DataKey")
        #expect(!dumped.contains("Symmetric"))
        #expect(DataKey(bytes: [1, 2, 3]) == nil)
    }

    @Test func `a commitment is the hash of label, salt and plaintext`() {
        let salt = Records.bytes(32)
        let plaintext = Array("plain".utf8)
        let expected = Hash.of(Array("accord/record/v1\n".utf8) + salt + plaintext)
        #expect(RecordCommitment.of(plaintext, salt: salt) == expected)
    }
}

@Suite struct KeyWrapTests {
    private let key = DataKey { Records.bytes($0) }
    private let authorization = Hash.of([1])
    private let record = Hash.of([2])

    @Test func `a wrapped key opens for its recipient, authorization and record only`() throws {
        let study = Curve25519.KeyAgreement.PrivateKey()
        let wrapped = try KeyWrap.wrap(
            key, for: study.publicKey, authorization: authorization, record: record)
        #expect(wrapped.count == KeyWrap.byteCount)
        #expect(
            try KeyWrap.unwrap(wrapped, with: study, authorization: authorization, record: record)
                == key)
        let stranger = Curve25519.KeyAgreement.PrivateKey()
        var changed = wrapped
        changed[79] ^= 1
        for (bytes, reader, granted, sealed) in [
            (wrapped, stranger, authorization, record), (wrapped, study, record, record),
            (wrapped, study, authorization, authorization),
            (changed, study, authorization, record),
            (wrapped.dropLast(), study, authorization, record),
            ([], study, authorization, record),
        ] {
            #expect(throws: KeyWrap.Failure.refused) {
                try KeyWrap.unwrap(bytes, with: reader, authorization: granted, record: sealed)
            }
        }
    }

    @Test func `a wrap is plain HPKE that another program can open`() throws {
        let study = Curve25519.KeyAgreement.PrivateKey()
        let wrapped = try KeyWrap.wrap(
            key, for: study.publicKey, authorization: authorization, record: record)
        let info = Array("accord/wrap/v1\n".utf8) + authorization.bytes + record.bytes
        var recipient = try HPKE.Recipient(
            privateKey: study, ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Data(info),
            encapsulatedKey: Data(wrapped.prefix(32)))
        #expect([UInt8](try recipient.open(wrapped.dropFirst(32))) == key.bytes)
    }

    @Test func `a recipient key of small order is refused`() throws {
        let zero = try Curve25519.KeyAgreement.PublicKey(
            rawRepresentation: Array(repeating: UInt8(0), count: 32))
        #expect(throws: KeyWrap.Failure.recipientKeyRefused) {
            try KeyWrap.wrap(key, for: zero, authorization: authorization, record: record)
        }
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
    func `the suite of the wraps opens the vectors of RFC 9180`() throws {
        let json = Data(try SharedData.bytes("vectors/crypto/hpke_rfc9180.json"))
        let list = try JSONSerialization.jsonObject(with: json)
        let vectors = try #require(list as? [[String: Any]])
        let vector = try #require(
            vectors.first { $0["aead_id"] as? Int == 3 && $0["mode"] as? Int == 0 })
        func bytes(_ object: [String: Any], _ name: String) throws -> [UInt8] {
            let digits = try #require(object[name] as? String)
            return try #require(Hex.decode(digits))
        }
        var recipient = try HPKE.Recipient(
            privateKey: Curve25519.KeyAgreement.PrivateKey(
                rawRepresentation: try bytes(vector, "skRm")),
            ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Data(try bytes(vector, "info")),
            encapsulatedKey: Data(try bytes(vector, "enc")))
        let encryptions = try #require(vector["encryptions"] as? [[String: Any]])
        for encryption in encryptions.prefix(2) {
            let opened = try recipient.open(
                try bytes(encryption, "ct"), authenticating: try bytes(encryption, "aad"))
            #expect([UInt8](opened) == (try bytes(encryption, "pt")))
        }
    }
}
