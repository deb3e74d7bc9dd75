import Crypto
import LedgerCore
import NodeAPI
import RulesModel
import TestSupport

/// Good input to begin with: what the project itself writes, and small files of each format.
package enum FuzzCorpus {
    /// Inputs that the target reads and accepts.
    package static func seeds(for target: FuzzTarget) throws -> [[UInt8]] {
        switch target {
        case .json, .entry: try entries(for: target)
        case .envelope: [envelope.bytes]
        case .note: [try note().bytes]
        case .checkpoint: [try note().text]
        case .head: try [ChainID.catalogue, .account(device().account)].map(head)
        case .key: [Array(try signer().verifierKey.text.utf8)]
        case .proof: [try proof()]
        case .policy: [try policy()]
        case .witness:
            [
                WitnessRequest(
                    oldSize: 4, proof: try tree().consistencyProof(old: 4, new: 9).hashes,
                    note: try note().bytes
                ).body
            ]
        case .path: ["tile/0/x001/067", "tile/0/000.p/9", "tile/entries/x1/234.p/255"].map(bytes)
        case .bundle: [try EntryBundle.encode([[1, 2, 3], [], Array(repeating: 7, count: 300)])]
        case .message: try messages()
        case .plainJSON: [bytes(#" {"a": [1, -2.5e3, null, true], "b": "\u4f60\n", "a2": {}} "#)]
        case .signature: [bytes("accord=\(try signature().parameters)")]
        case .text: texts.map(bytes)
        case .keys: keys.map(bytes)
        case .records: records.map(bytes) + [FITFile.exercise]
        case .studies: studies.map(bytes)
        }
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    // MARK: The ledger's own formats

    private static func device() throws -> TestDevice { try TestDevice("fuzz") }

    private static func signer() throws -> NoteSigner {
        try NoteSigner(name: LedgerBuilder.origin, seed: [UInt8](repeating: 3, count: 32))
    }

    private static let envelope = EntryEnvelope(
        previousHead: Hash.of([1]), chainSequence: 7, time: LedgerBuilder.start)

    /// Statements of every kind the random ledgers know, signed or as they are signed.
    private static func entries(for target: FuzzTarget) throws -> [[UInt8]] {
        let key = try Curve25519.Signing.PrivateKey(
            rawRepresentation: [UInt8](repeating: 5, count: 32))
        var kinds = Set<EntryKind>()
        return try RandomEntries.payloads(seeds: 1...6).filter { payload in
            kinds.insert(payload.body.kind).inserted
        }.map { payload in
            target == .json
                ? payload.json.canonicalBytes : try Entry.signed(payload, with: key).bytes
        }
    }

    private static func tree() -> MerkleLog {
        MerkleLog(leafHashes: (0..<9).map { MerkleTree.leafHash([UInt8($0)]) })
    }

    private static func note() throws -> SignedNote {
        try signer().sign(Checkpoint(origin: LedgerBuilder.origin, size: 9, root: tree().root).text)
    }

    private static func head(_ chain: ChainID) throws -> [UInt8] {
        AccountHead(
            origin: LedgerBuilder.origin, treeSize: 9, chain: chain, entryCount: 2,
            head: Hash.of([4])
        ).text
    }

    private static func proof() throws -> [UInt8] {
        TransparencyProof(
            extra: [1, 2, 3], inclusion: try tree().inclusionProof(index: 4, size: 9),
            note: try note()
        ).bytes
    }

    private static func policy() throws -> [UInt8] {
        let keys = try (1...3).map { number in
            try Cosigner(
                name: "w\(number).example", seed: [UInt8](repeating: UInt8(number), count: 32)
            ).verifierKey.text
        }
        return bytes(
            """
            # who watches
            log \(try signer().verifierKey.text)
            witness A \(keys[0]) https://a.example
            witness B \(keys[1])
            witness C \(keys[2])
            group AB any A B
            group all 2 AB C
            quorum all

            """)
    }

    private static func signature() throws -> RequestSignature {
        RequestSignature(
            createdSeconds: 1_772_323_200, nonce: "abcdefghijklmnop", device: try device().id)
    }

    private static func messages() throws -> [[UInt8]] {
        var device = try device()
        let entry = try device.entry(.deviceRevoked(device.id))
        let acceptance = Acceptance(
            index: 12, envelope: envelope.bytes, salt: [UInt8](repeating: 7, count: 32),
            proof: try proof())
        let paged = PagedEntry(
            index: 3, entry: entry.bytes, envelope: envelope.bytes,
            salt: [UInt8](repeating: 9, count: 32), proof: [Hash.of([1]), Hash.of([2])])
        let builder = try LedgerBuilder(sponsor: device.account)
        let authorization = builder.authorization(of: device.account)
        return [
            EntrySubmission([entry]).body,
            VerdictList([
                .accepted(acceptance), .rejected(Refusal(code: 13, name: "projectFull")),
                .retry(.sequenceGap),
            ]).body,
            EntryPage(checkpoint: try note().bytes, entries: [paged], head: []).body,
            LogDescription(
                origin: LedgerBuilder.origin, verifierKey: try signer().verifierKey.text,
                time: LedgerBuilder.start
            ).body,
            ChangeNotice(size: 5).body, UploadProgress(offset: 9, isComplete: true).body,
            WrapUpload([
                WrappedKey(
                    authorization: authorization, recipient: device.account, wrapped: [1, 2])
            ]).body,
            UseQuery(
                project: builder.project, subject: device.account, purpose: .review,
                kinds: [.wearable], contributions: [Hash.of([1])]
            ).body,
            UseGrant(
                entry: entry.bytes, acceptance: acceptance, authorization: authorization,
                records: [
                    UsableRecord(
                        contribution: Hash.of([1]), record: Hash.of([2]), kind: .imaging,
                        sizeBytes: 5, wrapped: [3])
                ]
            ).body,
            Problem(.useDenied, detail: "x", index: 4).body,
            PairingOffer(
                origin: LedgerBuilder.origin, verifierKey: try signer().verifierKey.text,
                account: device.account
            ).body,
        ]
    }

    // MARK: Formats of others

    private static let texts = [
        "Sleep and shift work 轮班与睡眠", "e\u{301}\u{1F468}\u{200D}\u{1F469}\u{1F1E8}\u{1F1F3}",
        "\u{1B}[31mred\u{1B}]52;c;aGk=\u{7}", "a\u{202E}b\u{200B}c\u{9C}d\r\n\t",
    ]

    private static let keys = [
        "ab\u{1B}[A\u{1B}OB\u{1B}[1;5C\u{1B}[5~\r\u{7F}\u{3}", "\u{1B}[<0;10;5M\u{1B}[<0;10;5m",
        "\u{1B}[200~pasted\ntext\u{1B}[201~é轮", "\u{1B}x\u{1B}[?2026;2$y",
    ]

    private static let records = [
        #"""
        {"resourceType":"Bundle","type":"collection","entry":[{"resource":
        {"resourceType":"Observation","id":"a","status":"final","code":{"text":"Pulse"},
        "effectiveDateTime":"2026-01-02T03:04:05Z","valueQuantity":{"value":61,"unit":"/min"}}}]}
        """#,
        #"""
        <?xml version="1.0"?><HealthData locale="en"><Record type="HKQuantityTypeIdentifierStepCount"
        sourceName="W" unit="count" startDate="2026-01-02 03:04:05 +0000"
        endDate="2026-01-02 03:05:05 +0000" value="12"/></HealthData>
        """#,
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
            + "1\t100\trs1\tA\tG\t.\tPASS\t.\tGT\t0/1\n",
        "# rsid\tchromosome\tposition\tgenotype\nrs4477212\t1\t82154\tAA\n",
        "Date,Steps,Distance\n2026-01-02,\"1,234\",1.5\n",
    ]

    private static let studies = [
        #"""
        {"resourceType":"ResearchStudy","id":"s1","status":"active","title":"Sleep",
        "description":"Why we sleep"}
        """#,
        #"""
        {"protocolSection":{"identificationModule":{"nctId":"NCT00000001","briefTitle":"Sleep"},
        "descriptionModule":{"briefSummary":"Why we sleep"},"statusModule":{"overallStatus":"X"}}}
        """#,
        #"""
        <clinical_study><id_info><nct_id>NCT00000001</nct_id></id_info>
        <brief_title>Sleep</brief_title></clinical_study>
        """#,
        "TrialID,Public_title\nChiCTR-1,Sleep\n",
    ]
}
