import LedgerCore
import Testing

private let account = "00112233445566778899aabbccddeeff"

@Suite struct AccountHeadTests {
    private let signer: NoteSigner
    private let head: AccountHead
    private let chain: ChainID

    init() throws {
        signer = try NoteSigner(name: "log.example", seed: Array(0..<32))
        chain = try #require(ChainID(account))
        var hash = AccountChain.start
        for entry in ["one", "two"] {
            hash = AccountChain.next(hash, entryID: Hash.of(Array(entry.utf8)))
        }
        head = AccountHead(
            origin: "log.example", treeSize: 7, chain: chain, entryCount: 2, head: hash)
    }

    @Test func `a chain's head is the hash of label, last head and entry id`() throws {
        let entryID = Hash.of(Array("one".utf8))
        let bytes = Array("accord/chain/v1\n".utf8) + Array(repeating: 0, count: 32)
        let first = AccountChain.next(AccountChain.start, entryID: entryID)
        #expect(first == Hash.of(bytes + entryID.bytes))
        #expect(AccountChain.next(first, entryID: entryID) != first)
    }

    @Test func `an account head is six lines and read back`() throws {
        let text =
            "accord/account-head/v1\nlog.example\n7\n\(account)\n2\n"
            + "\(Base64.standard.encode(head.head.bytes))\n"
        #expect(head.text == Array(text.utf8))
        #expect(try AccountHead(parsing: head.text) == head)
    }

    @Test func `a signed account head verifies for its log and chain only`() throws {
        let bytes = try signer.sign(head.text).bytes
        func verify(_ origin: String, _ chain: ChainID, _ key: VerifierKey) throws -> AccountHead {
            try AccountHead(verifying: bytes, logKey: key, origin: origin, chain: chain)
        }
        #expect(try verify("log.example", chain, signer.verifierKey) == head)
        #expect(throws: AccountHeadError.originMismatch) {
            try verify("other.example", chain, signer.verifierKey)
        }
        #expect(throws: AccountHeadError.chainMismatch) {
            try verify("log.example", .catalogue, signer.verifierKey)
        }
        let other = try NoteSigner(name: "log.example", seed: Array(1..<33)).verifierKey
        #expect(throws: AccountHeadError.note(.signatureMissing)) {
            try verify("log.example", chain, other)
        }
    }

    @Test func `a checkpoint is not an account head, nor the other way round`() throws {
        #expect(throws: CheckpointError.sizeMalformed) { try Checkpoint(parsing: head.text) }
        let checkpoint = Checkpoint(origin: "log.example", size: 0, root: MerkleTree.emptyRoot)
        #expect(throws: AccountHeadError.linesMalformed) {
            try AccountHead(parsing: checkpoint.text)
        }
    }

    static let broken: [(String, String, AccountHeadError)] = [
        ("head/v1", "head/v2", .linesMalformed),
        ("log.example\n", "\n", .linesMalformed),
        ("log.example\n", "", .linesMalformed),
        ("\n2\n", "\n2\nmore\n", .linesMalformed),
        (account, "00112233445566778899AABBCCDDEEFF", .chainMalformed),
        (account, "catalog", .chainMalformed),
        ("\n7\n", "\n07\n", .numberMalformed),
        ("\n2\n", "\n-2\n", .numberMalformed),
        ("=\n", "\n", .headMalformed),
        ("\n2\n", "\n8\n", .countWrong),
        ("\n2\n", "\n0\n", .countWrong),
    ]

    @Test(arguments: broken)
    func `a malformed account head is refused by name`(
        _ part: String, _ replacement: String, _ error: AccountHeadError
    ) {
        let text = String(decoding: head.text, as: UTF8.self)
        #expect(throws: error) {
            try AccountHead(parsing: Array(text.replacing(part, with: replacement).utf8))
        }
    }
}
