import Crypto
import Foundation
import HealthRecords
import LedgerCore

/// Records: reading a genome, finding rows in it, committing to and sealing what leaves.
enum RecordFigures {
    private static let sealedBytes = 64 << 20
    private static let genomeRows = 1_000_000

    static func measure(in scratch: ScratchFolder) throws -> [Figure] {
        let key = DataKey { [UInt8](repeating: 3, count: $0) }
        let plaintext = [UInt8](repeating: 0x41, count: sealedBytes)
        return [
            try sealing(plaintext, key), try handingOver(plaintext, key), oneMegabyte(),
            try reading(), try finding(),
        ] + (try ContributionFigures.measure(in: scratch))
    }

    /// The library's cipher on messages of 1 MiB, one core: the floor.
    private static func cipherSpeed(_ plaintext: [UInt8]) throws -> Double {
        let key = SymmetricKey(data: [UInt8](repeating: 5, count: 32))
        let seconds = try Stopwatch.seconds {
            for start in stride(from: 0, to: plaintext.count, by: 1 << 20) {
                _ = try ChaChaPoly.seal(plaintext[start..<(start + 1 << 20)], using: key)
            }
        }
        return Double(plaintext.count) / seconds / 1e6
    }

    /// Sealing in chunks, as records are.
    private static func sealing(_ plaintext: [UInt8], _ key: DataKey) throws -> Figure {
        let rounds = try PairedRounds.of(5) {
            try cipherSpeed(plaintext)
        } value: {
            let seconds = Stopwatch.seconds { seal(plaintext, key, block: 1 << 20) { _ in } }
            return Double(plaintext.count) / seconds / 1e6
        }
        return Figure("a record sealed, one core", rounds, "MB/s", floor: "ChaChaPoly, 1 MiB")
            .wanting(ratioAtLeast: 0.7)
    }

    /// Sealing with the commitment and the address: three passes over the bytes on one core.
    private static func handingOver(_ plaintext: [UInt8], _ key: DataKey) throws -> Figure {
        let rounds = try PairedRounds.of(5) {
            try cipherSpeed(plaintext)
        } value: {
            let seconds = Stopwatch.seconds { commitAndSeal(plaintext, key) }
            return Double(plaintext.count) / seconds / 1e6
        }
        return Figure(
            "a record committed to, sealed and named, one core", rounds, "MB/s",
            floor: "ChaChaPoly, 1 MiB")
    }

    private static func oneMegabyte() -> Figure {
        Figure("1 MB committed to, sealed and named", megabyteMilliseconds(), "ms")
            .wanting(atMost: 10)
    }

    /// What 1 MB takes to commit to, seal and name, in milliseconds.
    static func megabyteMilliseconds() -> Double {
        let key = DataKey { [UInt8](repeating: 3, count: $0) }
        let record = [UInt8](repeating: 0x41, count: 1_000_000)
        return (0..<20).map { _ in Stopwatch.seconds { commitAndSeal(record, key) } * 1e3 }.median
    }

    private static func commitAndSeal(_ plaintext: [UInt8], _ key: DataKey) {
        var commitment = RecordCommitter(salt: [UInt8](repeating: 1, count: 32))
        commitment.update(plaintext)
        var address = SHA256()
        seal(plaintext, key, block: 1 << 20) { sealed in
            sealed.withUnsafeBytes { address.update(bufferPointer: $0) }
        }
        _ = (commitment.finish(), address.finalize())
    }

    private static func seal(
        _ plaintext: [UInt8], _ key: DataKey, block: Int, _ take: ([UInt8]) -> Void
    ) {
        var sealer = RecordSealer(key: key) { [UInt8](repeating: 9, count: $0) }
        var sealed: [UInt8] = []
        sealed.reserveCapacity(SealedRecord.sealedByteCount(of: block))
        for start in stride(from: 0, to: plaintext.count, by: block) {
            let end = min(start + block, plaintext.count)
            sealer.append(plaintext[start..<end], to: &sealed)
            take(sealed)
            sealed.removeAll(keepingCapacity: true)
        }
        sealer.finish(to: &sealed)
        take(sealed)
    }

    // MARK: A genome

    private static let genome: [UInt8] = {
        var text = Array("# rsid\tchromosome\tposition\tgenotype\n".utf8)
        text.reserveCapacity(28 * genomeRows)
        for row in 0..<genomeRows {
            text.append(
                contentsOf: "rs\(row * 7 + 11)\t\(row / 45_000 + 1)\t\(row * 97 + 5)\tAG\n".utf8)
        }
        return text
    }()

    private static func reading() throws -> Figure {
        let bytes = genome
        let rates = try (0..<3).map { _ in
            let seconds = try Stopwatch.seconds {
                _ = try RecordFileReader.read(bytes, name: "genome").rowCount
            }
            return Double(genomeRows) / seconds
        }
        return Figure("genome read, rows", rates.median, "/s")
    }

    private static func finding() throws -> Figure {
        let pages = try RecordFileReader.read(genome, name: "genome").takeAllPages()
        let filter = RowFilter(typed: "rs700")
        let times = (0..<10).map { _ in
            Stopwatch.seconds {
                var count = 0
                for (_, page) in pages { page.match(filter, groups: nil) { _ in count += 1 } }
            } * 1e3
        }
        return Figure("search through 1,000,000 rows", times.median, "ms").wanting(atMost: 100)
    }
}
