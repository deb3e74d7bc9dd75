import Crypto
import HealthRecords
import LedgerCore
import Testing

/// Results sealed for the member who wished for them.
@Suite struct SealedResultTests {
    private let member = Curve25519.KeyAgreement.PrivateKey()
    private let wish = Hash.of([1])

    private var key: [UInt8] { [UInt8](member.publicKey.rawRepresentation) }

    @Test func `a text opens with the key, the wish and the class it was sealed for alone`() throws
    {
        let sealed = try SealedResult.seal("血压正常。", for: key, wish: wish, .measurement)
        #expect(
            try SealedResult.open(sealed, with: member, wish: wish, .measurement) == "血压正常。")
        let other = Curve25519.KeyAgreement.PrivateKey()
        #expect(throws: SealedResult.Failure.refused) {
            try SealedResult.open(sealed, with: other, wish: wish, .measurement)
        }
        #expect(throws: SealedResult.Failure.refused) {
            try SealedResult.open(sealed, with: member, wish: .zero, .measurement)
        }
        #expect(throws: SealedResult.Failure.refused) {
            try SealedResult.open(sealed, with: member, wish: wish, .risk)
        }
        for position in [0, 31, 32, sealed.count - 1] {
            var changed = sealed
            changed[position] ^= 1
            #expect(throws: SealedResult.Failure.refused) {
                try SealedResult.open(changed, with: member, wish: wish, .measurement)
            }
        }
    }

    @Test func `a length tells little, and the longest text fits into an entry`() throws {
        let lengths = try [1, 500, 1_022].map { count in
            try SealedResult.seal(
                String(repeating: "a", count: count), for: key, wish: wish, .summary
            ).count
        }
        #expect(lengths == [1_072, 1_072, 1_072])
        let text = String(repeating: "é", count: SealedResult.textBytes / 2)
        let sealed = try SealedResult.seal(text, for: key, wish: wish, .summary)
        #expect(ResultReturned.sealedBytes.contains(sealed.count))
        #expect(try SealedResult.open(sealed, with: member, wish: wish, .summary) == text)
        let device = Curve25519.Signing.PrivateKey()
        let id = DeviceID(publicKey: [UInt8](device.publicKey.rawRepresentation))
        let project = try #require(ProjectID(String(repeating: "p", count: 64)))
        let payload = EntryPayload(
            account: AccountID(firstDevice: id), audience: String(repeating: "o", count: 255),
            device: id, sequence: .max, previous: .zero, issuedAt: .latest,
            body: .resultReturned(
                .init(project: project, result: .measurement, wish: .zero, sealed: sealed)))
        let entry = try Entry.signed(payload, with: device)
        #expect(entry.bytes.count <= EntryLimits.entryBytes)
    }

    @Test func `no text, too long a text and a useless key are refused`() {
        for text in ["", String(repeating: "a", count: SealedResult.textBytes + 1)] {
            #expect(throws: SealedResult.Failure.textRefused) {
                try SealedResult.seal(text, for: key, wish: wish, .summary)
            }
        }
        for key in [[UInt8](repeating: 0, count: 32), [1, 2, 3]] {
            #expect(throws: SealedResult.Failure.keyRefused) {
                try SealedResult.seal("a", for: key, wish: wish, .summary)
            }
        }
    }
}
