import LedgerCore
import RulesModel
import Testing

/// Snapshots of what random ledgers add up to: written, read, damaged.
struct SnapshotTests {
    private static let origin = "ledger.test/main"

    private func signer(_ name: String = origin, seed: UInt8 = 7) throws -> NoteSigner {
        try NoteSigner(name: name, seed: [UInt8](repeating: seed, count: 32))
    }

    private func snapshot(_ state: LedgerState, size: Int = 240) -> LedgerSnapshot {
        let chains: [ChainID: ChainHead] = Dictionary(
            uniqueKeysWithValues: state.members.sorted().enumerated().map { number, member in
                (.account(member), ChainHead(sequence: Int64(number), head: .of([UInt8(number)])))
            } + [(.catalogue, ChainHead())])
        return LedgerSnapshot(
            origin: Self.origin, size: size, root: .of([1]), time: Timestamp(milliseconds: 77),
            state: state, chains: chains)
    }

    @Test(arguments: 0..<8)
    func `what is read is what was written, and is written the same again`(part: UInt64) throws {
        let signer = try signer()
        for (seed, count) in (1...8).map({ (part * 1_000 + $0, 240) }) + [(part, 1_200)] {
            let snapshot = snapshot(RandomEntries.state(seed: seed, after: count))
            let bytes = try snapshot.signed(by: signer)
            let read = try LedgerSnapshot(verifying: bytes, logKey: signer.verifierKey)
            #expect(read == snapshot, "seed \(seed)")
            #expect(try read.signed(by: signer) == bytes, "seed \(seed)")
            // Built from the first entry on, dictionaries have another order.
            let again = self.snapshot(RandomEntries.state(seed: seed, after: count))
            #expect(try again.signed(by: signer) == bytes, "seed \(seed)")
        }
    }

    /// A field that no play fills would be read back wrongly unseen.
    @Test func `the plays leave no field of a state empty`() throws {
        var empty = Set(Mirror(reflecting: LedgerState()).children.compactMap(\.label))
        let none = Dictionary(
            uniqueKeysWithValues: Mirror(reflecting: LedgerState()).children.map {
                ($0.label, "\($0.value)")
            })
        var affair = try #require(try GenomeAffair(people: 2))
        _ = try affair.run()
        for seed in UInt64(0)...600 where !empty.isEmpty {
            let state = seed == 0 ? affair.state : RandomEntries.state(seed: seed, after: 240)
            for field in Mirror(reflecting: state).children
            where none[field.label] != "\(field.value)" {
                empty.remove(field.label ?? "")
            }
        }
        #expect(empty.isEmpty)
    }

    /// Where this fails, an older program's snapshot would be read by other rules or another layout:
    /// give `LedgerSnapshot.header` the next version, unless only the random entries changed.
    @Test func `the rules and the layout are those of the version in the first line`() throws {
        let signer = try signer()
        var content = [UInt8]()
        for seed in UInt64(1)...40 {
            content += try snapshot(RandomEntries.state(seed: seed, after: 240)).signed(by: signer)
        }
        #expect(content.starts(with: Array("accord/snapshot/v3\n".utf8)))
        #expect(
            Hash.of(content).hex
                == "e502b899b8ff2ac51cd2033116e97370b7bd17e1fa2e0a918fda8c6eaf33d576")
    }

    @Test func `a damaged or cut-off snapshot is not read`() throws {
        let signer = try signer()
        let bytes = try snapshot(RandomEntries.state(seed: 3, after: 240)).signed(by: signer)
        func reads(_ bytes: [UInt8]) -> Bool {
            (try? LedgerSnapshot(verifying: bytes, logKey: signer.verifierKey)) != nil
        }
        #expect(reads(bytes))
        for length in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 400) {
            #expect(!reads(Array(bytes[..<length])), "\(length) bytes")
        }
        #expect(!reads(bytes + [0]))
        // All of the note, and places all over the content.
        for place in Array(0..<300) + Array(stride(from: 300, to: bytes.count, by: 997)) {
            var damaged = bytes
            damaged[place] ^= 1 << (place % 8)
            #expect(!reads(damaged), "byte \(place)")
        }
    }

    /// Should the log ever sign what is no state: it ends with a defect or some value.
    @Test func `content that nobody wrote ends in no crash`() throws {
        let signer = try signer()
        let bytes = try snapshot(RandomEntries.state(seed: 5, after: 240)).signed(by: signer)
        let text = String(decoding: bytes.prefix(400), as: UTF8.self)
        let header = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = header.prefix(7).reduce(0) { $0 + $1.utf8.count + 1 }
        var numbers = SeededNumbers(seed: 11)
        var defects = 0
        for _ in 0..<3_000 {
            var content = Array(bytes[start...])
            for _ in 0...numbers.below(3) {
                content[numbers.below(content.count)] = UInt8(numbers.below(256))
            }
            if numbers.once(in: 4) { content.removeLast(numbers.below(content.count)) }
            let lines =
                header.prefix(4).map(String.init) + [
                    Base64.standard.encode(Hash.of(content).bytes)
                ]
            let note = try signer.sign(Array(lines.map { $0 + "\n" }.joined().utf8))
            do throws(SnapshotDefect) {
                _ = try LedgerSnapshot(
                    verifying: note.bytes + content, logKey: signer.verifierKey)
            } catch {
                #expect(error == .malformed)
                defects += 1
            }
        }
        #expect(defects > 1_000)
    }

    @Test func `a snapshot of another log, key or format is not read`() throws {
        let signer = try signer()
        let snapshot = snapshot(RandomEntries.state(seed: 4, after: 240))
        let bytes = try snapshot.signed(by: signer)
        func defect(_ bytes: [UInt8], _ key: VerifierKey) -> SnapshotDefect? {
            do throws(SnapshotDefect) {
                _ = try LedgerSnapshot(verifying: bytes, logKey: key)
                return nil
            } catch {
                return error
            }
        }
        #expect(defect(bytes, signer.verifierKey) == nil)
        #expect(defect(bytes, try self.signer(seed: 8).verifierKey) == .signatureWrong)
        #expect(defect(bytes, try self.signer("other.test/log").verifierKey) == .signatureWrong)
        // Signed by the log, and about another one.
        let foreign = LedgerSnapshot(
            origin: "other.test/log", size: 1, root: .zero, time: snapshot.time,
            state: snapshot.state, chains: [:])
        #expect(defect(try foreign.signed(by: signer), signer.verifierKey) == .otherLog)
        let content = bytes[(try #require(bytes.firstIndex(of: 0x0a)))...]
        let newer = Array("accord/snapshot/v4".utf8) + content
        #expect(defect(newer, signer.verifierKey) == .formatUnknown)
        #expect(defect([], signer.verifierKey) == .formatUnknown)
        let checkpoint = try signer.sign(
            Checkpoint(origin: Self.origin, size: 240, root: .of([1])).text)
        #expect(defect(checkpoint.bytes, signer.verifierKey) == .formatUnknown)
    }
}
