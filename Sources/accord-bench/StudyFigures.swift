import ClientRuntime
import Crypto
import Foundation
import HealthRecords
import LedgerCore
import NodeAPI
import NodeSequencer
import SyncCore

/// What a study team's service does with thousands of small contributions at once: the program
/// `accord study run --once`, beside a node in this process.
enum StudyFigures {
    static func measure(
        contributions count: Int, members memberCount: Int, in scratch: ScratchFolder
    ) async throws -> [Figure] {
        let node = try await BenchNode(folder: scratch.file("study-node"))
        let folders = HomeFolders(
            root: URL(filePath: scratch.file("study-home"), directoryHint: .isDirectory))
        try folders.prepare()
        let random = RandomSource(seed: 11)
        let keys = try VaultKeys(random: random)
        try Vault(sealing: keys, passphrase: "", rounds: Vault.defaultRounds, random: random)
            .write(to: folders.vaultFile)
        var profile = try Profile.read(from: folders.profileFile)
        profile.node = "http://127.0.0.1:\(node.port)"
        try profile.write(to: folders.profileFile)
        let sponsor = try Signer(key: keys.signing, wrapping: keys.publicKeys.wrapping)
        try await node.admit(sponsor, name: "Study")
        let terms = try BenchLedger.terms(1, by: sponsor.account)
        // The program goes on with the same key: its book says where.
        var book = StudyBook()
        let published = try book.sign(
            [(sponsor.account, .projectPublished(terms))], with: keys, origin: BenchLedger.origin,
            at: BenchLedger.start)
        book.settle(Set(published.map(\.id)))
        try book.write(to: folders.data.appending(path: "study.json"))
        try await node.record(published)
        let connection = try LoopbackConnection(port: node.port)
        // More of each member than one use can name: the service has to ask more than once.
        let each = max(count / memberCount, 1)
        for number in 0..<(count / each) {
            try await takePart(
                number, count: each, in: terms, keys.wrapping.publicKey, node, connection)
        }
        var seconds: [Double] = []
        var memory: [Int] = []
        for _ in 0..<2 {
            let start = ContinuousClock.now
            let run = try ChildProcess(
                [
                    try ChildProcess.sibling("accord"), "study", "run", "--once", "--home",
                    scratch.file("study-home"),
                ], terminal: nil)
            var peak = 0
            while !run.waits(seconds: 0.2) { peak = max(peak, run.memoryBytes) }
            guard run.wait() == 0 else { throw BenchFailure("study run failed") }
            seconds.append((ContinuousClock.now - start).seconds)
            memory.append(peak)
        }
        let after = try StudyBook(file: folders.data.appending(path: "study.json"))
        try await node.stop()
        guard after.sequence >= Int64(count) else {
            throw BenchFailure("\(after.sequence - 1) of \(count) were reviewed")
        }
        let total = count / each * each
        return [
            Figure("study run: \(total) contributions reviewed and used", seconds[0], "s"),
            Figure(
                "study run: each of them", seconds[0] * 1_000 / Double(max(total, 1)), "ms"),
            Figure("study run: the most memory", Double(memory[0]) / 1_048_576, "MiB")
                .wanting(atMost: 256),
            Figure("study run: again, nothing new", seconds[1], "s"),
        ]
    }

    /// A member who joins, hands small records over and authorizes.
    private static func takePart(
        _ number: Int, count: Int, in terms: ProjectTerms,
        _ reader: Curve25519.KeyAgreement.PublicKey, _ node: BenchNode,
        _ connection: LoopbackConnection
    ) async throws {
        var member = try Signer(UInt32(10_000 + number))
        try await node.enrol(&member)
        let random = RandomSource(seed: UInt64(20_000 + number))
        var given: [(sealed: SealedRecord, key: DataKey)] = []
        var entries = [
            try member.sign(
                .signupJoined(SignupJoined(project: terms.project, major: 1, minor: 0)),
                origin: BenchLedger.origin)
        ]
        for turn in 0..<count {
            let rows = (0..<3).map { row in
                "2024-01-0\(row + 1),\(60 + row).\(number * count + turn),22.1,20\n"
            }
            let content = ContributionContent(
                salt: random.bytes(32),
                bundle: Array("Date,Weight,BMI,Fat\n\(rows.joined())".utf8))
            let key = DataKey(randomBytes: random.bytes)
            let sealed = SealedRecord.seal(content.bytes, with: key, randomBytes: random.bytes)
            given.append((sealed, key))
            entries.append(
                try member.sign(
                    .recordContributed(
                        RecordContributed(
                            project: terms.project, record: sealed.address,
                            commitment: content.commitment, kind: .wearable, rows: 3,
                            from: Timestamp(milliseconds: 1_704_067_200_000),
                            until: Timestamp(milliseconds: 1_704_240_000_000),
                            sizeBytes: Int64(sealed.bytes.count))), origin: BenchLedger.origin))
        }
        let granted = try member.sign(BenchLedger.grant(of: terms), origin: BenchLedger.origin)
        entries.append(granted)
        try await node.record(entries)
        let authorization = AuthorizationID(
            account: member.account, project: terms.project, major: 1)
        for (sealed, key) in given {
            let upload = NodeCall.uploadRecord(
                sealed.address, offset: 0, length: Int64(sealed.bytes.count), bytes: sealed.bytes)
            _ = try connection.answer(to: connection.request(upload, by: member))
            let wrapped = try KeyWrap.wrap(
                key, for: reader, authorization: granted.id, record: sealed.address)
            let keys = NodeCall.storeKeys(
                of: sealed.address,
                WrapUpload([
                    WrappedKey(
                        authorization: authorization, recipient: terms.recipients[0],
                        wrapped: wrapped)
                ]))
            let stored = try connection.exchange(connection.request(keys, by: member))
            guard stored.status == 204 else { throw BenchFailure("the keys were not stored") }
        }
    }
}
