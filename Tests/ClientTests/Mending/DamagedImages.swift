import ClientStore
import Foundation
import GRDB
import LedgerCore
import NodeAPI
import RulesModel
import SyncCore
import SyncEngine
import Testing

/// A member's machine with decisions that wait, and the files of its database as they were.
struct DamageTemplate: Sendable {
    /// The files of a database at one moment.
    struct Files: Sendable {
        var database: [UInt8]
        var log: [UInt8]
    }

    static let pageSize = 4_096
    static let frameSize = pageSize + 24

    let ledger: FakeLedger
    let device: TestDevice
    let files: Files
    /// An hour before.
    let older: Files
    /// Every entry that waits now, in the order it was signed.
    let waiting: [Entry]
    /// The revocation among them.
    let revocation: Hash
    let record: [UInt8]
    private let directory: String

    init() async throws {
        var ledger = try FakeLedger.withProjects()
        for number in 0..<12 { try ledger.publish("study-\(number)") }
        let member = try TestMember(ledger)
        directory = member.directory
        device = member.device
        record = (0..<5_000).map { UInt8(truncatingIfNeeded: $0) }
        guard await member.engine.syncOnce() == .complete else { throw CancellationError() }
        try member.store.insertRecord(
            LocalRecord(
                fileName: "night.csv", kind: .wearable, rowCount: 9, identifyingCount: 0,
                from: nil, until: nil, importedAt: TestMember.now,
                sealed: try member.store.storeSealed(record)))
        for number in 0..<3 { _ = try member.join("study-\(number)") }
        // What was synchronised is in the file, what follows in its log.
        let queue = try DatabaseQueue(path: directory + "/accord.sqlite")
        _ = try await queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try queue.close()
        older = try DamageTemplate.files(in: directory)
        // Two were promised a place, one was refused, none was proven.
        for entry in try member.store.undecided(limit: 9).prefix(2) {
            let verdict = try member.node.change { try $0.ledger.record(entry.entry) }
            guard case .accepted(let accepted) = verdict else { throw CancellationError() }
            try member.store.settle(
                [
                    (
                        entry.entry.id,
                        .accepted(index: accepted.index, receipt: accepted.proof)
                    )
                ], at: TestMember.now)
        }
        let project = try #require(ProjectID("study-5"))
        let revoked = AuthorizationRevoked(project: project, major: 1, mode: .stopAndErase)
        revocation = try #require(try member.queue(.authorizationRevoked(revoked)).first)
        for number in 3..<12 { _ = try member.join("study-\(number)") }
        files = try DamageTemplate.files(in: directory)
        waiting =
            try member.store.promised().map(\.entry)
            + member.store.undecided(limit: 99).map(\.entry)
        self.ledger = member.node.change { $0.ledger }
    }

    private static func files(in directory: String) throws -> Files {
        let path = directory + "/accord.sqlite"
        return Files(
            database: [UInt8](try Data(contentsOf: URL(filePath: path))),
            log: [UInt8](try Data(contentsOf: URL(filePath: path + "-wal"))))
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    /// Opens what was laid in a folder, after the machine was started anew.
    func open(_ folder: String) throws -> ClientStore {
        try ClientStore(
            directory: folder, clock: { TestMember.now }, keys: device.keys,
            surroundings: .folder(boot: "after"))
    }

    /// Puts files where a store is opened; returns the folder.
    func lay(_ files: Files) throws -> String {
        let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        let folder = "\(root)/accord-damage-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder + "/records", withIntermediateDirectories: true)
        try Data(record).write(to: URL(filePath: "\(folder)/records/\(Hash.of(record).hex)"))
        try Data(files.database).write(to: URL(filePath: folder + "/accord.sqlite"))
        if !files.log.isEmpty {
            try Data(files.log).write(to: URL(filePath: folder + "/accord.sqlite-wal"))
        }
        try breakOff(folder)
        return folder
    }

    /// The process that had it open is gone, and the machine was started anew.
    func breakOff(_ folder: String) throws {
        try Data("open before".utf8).write(to: URL(filePath: folder + "/store.lock"))
    }

    /// A node with the ledger as it is now.
    func node() -> FakeNode {
        let node = FakeNode(ledger)
        let account = device.account
        node.change { $0.member = account }
        return node
    }
}

/// Damage of one seed.
struct Damage {
    enum Kind: CaseIterable {
        case flips, truncatedDatabase, truncatedLog, swappedPages, zeroedPages, noLog, olderBackup
    }

    let kind: Kind
    private(set) var files: DamageTemplate.Files
    /// What was changed in each file.
    private var touched: (database: [Range<Int>], log: [Range<Int>]) = ([], [])
    private var isOlder = false

    init(_ template: DamageTemplate, seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        kind = Kind.allCases[Int(seed) % Kind.allCases.count]
        files = template.files
        let page = DamageTemplate.pageSize
        switch kind {
        case .flips:
            for _ in 0..<numbers.within(1...24) {
                if numbers.within(0...1) == 0 {
                    let place = numbers.within(0...files.database.count - 1)
                    files.database[place] ^= 1 << UInt8(numbers.within(0...7))
                    touched.database.append(place..<place + 1)
                } else {
                    let place = numbers.within(0...files.log.count - 1)
                    files.log[place] ^= 1 << UInt8(numbers.within(0...7))
                    touched.log.append(place..<place + 1)
                }
            }
        case .truncatedDatabase:
            let length = numbers.within(0...files.database.count - 1)
            touched.database.append(length..<files.database.count)
            files.database.removeLast(files.database.count - length)
        case .truncatedLog:
            let length = numbers.within(0...files.log.count - 1)
            touched.log.append(length..<files.log.count)
            files.log.removeLast(files.log.count - length)
        case .swappedPages:
            let count = files.database.count / page
            let (one, other) = (numbers.within(0...count - 1), numbers.within(0...count - 1))
            for offset in 0..<page {
                files.database.swapAt(one * page + offset, other * page + offset)
            }
            touched.database += [one, other].map { $0 * page..<($0 + 1) * page }
        case .zeroedPages:
            for _ in 0..<numbers.within(1...4) {
                let start = numbers.within(0...files.database.count / page - 1) * page
                for offset in start..<start + page { files.database[offset] = 0 }
                touched.database.append(start..<start + page)
            }
        case .noLog:
            touched.log.append(0..<files.log.count)
            files.log = []
        case .olderBackup:
            isOlder = true
            files = template.older
        }
    }

    /// The entries whose bytes stand in a live page that was not touched.
    func intact(_ template: DamageTemplate) -> Set<Hash> {
        var source = isOlder ? template.older : template.files
        // Without its end a transaction was not made.
        if kind == .truncatedLog { source.log = files.log }
        let (page, frame) = (DamageTemplate.pageSize, DamageTemplate.frameSize)
        var live: [UInt32: (isLogged: Bool, range: Range<Int>)] = [:]
        for index in 0..<source.database.count / page {
            live[UInt32(index + 1)] = (false, index * page..<(index + 1) * page)
        }
        var open: [UInt32: Range<Int>] = [:]
        for index in 0..<max((source.log.count - 32) / frame, 0) {
            let start = 32 + index * frame
            func number(_ offset: Int) -> UInt32 {
                source.log[start + offset..<start + offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
            }
            guard source.log[start + 8..<start + 16].elementsEqual(source.log[16..<24]) else {
                continue
            }
            open[number(0)] = start..<start + frame
            guard number(4) > 0 else { continue }
            for (page, range) in open { live[page] = (true, range) }
            open = [:]
        }
        var found: Set<Hash> = []
        for (_, place) in live {
            let damage = place.isLogged ? touched.log : touched.database
            guard !damage.contains(where: { $0.overlaps(place.range) }) else { continue }
            let bytes = Data((place.isLogged ? source.log : source.database)[place.range])
            for entry in template.waiting where bytes.range(of: Data(entry.bytes)) != nil {
                found.insert(entry.id)
            }
        }
        return found
    }
}
