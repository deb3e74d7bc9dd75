import Foundation
import LedgerCore
import TestSupport
import Testing

private struct Wycheproof: Decodable {
    struct Group: Decodable {
        let publicKey: Key
        let tests: [Case]
    }

    struct Key: Decodable {
        let pk: String
    }

    struct Case: Decodable {
        let tcId: Int
        let msg: String
        let sig: String
        let result: String
    }

    let testGroups: [Group]
}

@Suite struct VerifierKeyTests {
    static let broken: [(String, VerifierKeyError)] = [
        ("", .malformed),
        ("example.com/foo", .malformed),
        ("example.com/foo+530d903a", .malformed),
        ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .malformed),
        ("example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .malformed),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2=", .malformed),
        ("example.com/foo+530d903a+", .malformed),
        ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .nameInvalid),
        ("exa mple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .nameInvalid),
        (
            "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            .algorithmUnsupported
        ),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U0=", .keyLengthWrong),
        (
            "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .keyIDMismatch
        ),
        (
            "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .keyIDMismatch
        ),
    ]

    @Test(arguments: broken)
    func `a malformed key is refused by name`(_ text: String, _ error: VerifierKeyError) {
        #expect(throws: error) { try VerifierKey(parsing: text) }
    }

    @Test(arguments: [
        LogVectors.exampleKey, LogVectors.tesseraKey,
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O",
        "witness.example/w1+e75f6532+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    ])
    func `a published key is read and written back unchanged`(_ text: String) throws {
        #expect(try VerifierKey(parsing: text).text == text)
    }

    @Test func `test 2 of RFC 8032 verifies and its altered forms do not`() throws {
        let publicKey = try #require(
            Hex.decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))
        let signature = try #require(
            Hex.decode(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"))
        let key = try VerifierKey(name: "test", algorithm: .ed25519, publicKey: publicKey)
        #expect(key.isValid(signature: signature, over: [0x72]))
        #expect(!key.isValid(signature: signature, over: [0x73]))
        #expect(!key.isValid(signature: signature, over: []))
        #expect(!key.isValid(signature: signature + [0], over: [0x72]))
        #expect(!key.isValid(signature: [], over: [0x72]))
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
    func `the Wycheproof signatures are decided as they say`() throws {
        let bytes = try SharedData.bytes("vectors/crypto/wycheproof/ed25519_test.json")
        let file = try JSONDecoder().decode(Wycheproof.self, from: Data(bytes))
        var count = 0
        for group in file.testGroups {
            let key = try VerifierKey(
                name: "test", algorithm: .ed25519,
                publicKey: try #require(Hex.decode(group.publicKey.pk)))
            for test in group.tests {
                let isValid = key.isValid(
                    signature: try #require(Hex.decode(test.sig)),
                    over: try #require(Hex.decode(test.msg)))
                #expect(isValid == (test.result == "valid"), "test \(test.tcId)")
                count += 1
            }
        }
        #expect(count > 100)
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
    func `the signatures of RFC 8032's authors verify and no altered one does`() throws {
        let text = try SharedData.text("vectors/crypto/ed25519_rfc8032_sign.input")
        let lines = text.split(separator: "\n")
        #expect(lines.count > 3)
        for line in lines {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            let publicKey = try #require(Hex.decode(String(parts[1])))
            let message = try #require(Hex.decode(String(parts[2])))
            var signature = Array(try #require(Hex.decode(String(parts[3]))).prefix(64))
            let key = try VerifierKey(name: "test", algorithm: .ed25519, publicKey: publicKey)
            #expect(key.isValid(signature: signature, over: message))
            signature[message.count % 64] ^= 1
            #expect(!key.isValid(signature: signature, over: message))
        }
    }
}
