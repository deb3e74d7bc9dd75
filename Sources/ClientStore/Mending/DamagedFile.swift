internal import Foundation

/// What a damaged SQLite file still says, read page by page without SQLite.
///
/// SQLite gives up where a pointer of a tree is wrong; the rows in other pages are as good as they
/// were. This reads the cells of every leaf on its own (https://sqlite.org/fileformat2.html), the
/// newest committed copy of each page: that of the write-ahead log, else that of the file. Pages on
/// the list of free ones are left out: what was deleted stays deleted. Every number is taken for
/// wrong until it fits; nothing in here can trap.
struct DamagedFile {
    /// A value of a row.
    enum Value: Equatable {
        case null
        case integer(Int64)
        case real
        case text(String)
        case blob([UInt8])
    }

    /// A row; without a number of its own in a table without row ids, or in an index.
    struct Row: Equatable {
        let number: Int64?
        let values: [Value]
    }

    private let database: Data
    private let log: Data
    private let pageSize: Int
    /// Where the newest committed copy of a page begins in the log.
    private var logged: [UInt32: Int] = [:]
    private let pageCount: UInt32

    /// The longest row that is read, in bytes.
    private static let rowLimit = 1 << 26

    /// Takes the bytes of a database and of its write-ahead log; both may be empty.
    init(database: Data, log: Data) {
        self.database = database
        self.log = log
        pageSize = DamagedFile.pageSize(database, log)
        let frames = DamagedFile.committedFrames(of: log, pageSize: pageSize)
        for frame in frames { logged[frame.page] = frame.start }
        let inFile = (database.count + pageSize - 1) / pageSize
        let last = max(UInt32(clamping: inFile), logged.keys.max() ?? 0)
        // A page number of a damaged frame must not cost more than the files are long.
        pageCount = min(last, UInt32(clamping: (database.count + log.count) / 512 + 1))
    }

    /// Calls `body` with every row that is left.
    func forEachRow(_ body: (Row) -> Void) {
        let free = freePages()
        guard pageCount > 0 else { return }
        for number in 1...pageCount where !free.contains(number) {
            guard let page = page(number) else { continue }
            rows(of: page, headerAt: number == 1 ? 100 : 0, body)
        }
    }

    // MARK: Pages

    private static func pageSize(_ database: Data, _ log: Data) -> Int {
        func isSize(_ size: Int) -> Bool {
            (512...65_536).contains(size) && size & (size - 1) == 0
        }
        if database.count >= 100 {
            let stated = Int(database.number(at: 16, bytes: 2) ?? 0)
            if isSize(stated == 1 ? 65_536 : stated) { return stated == 1 ? 65_536 : stated }
        }
        let stated = Int(log.number(at: 8, bytes: 4) ?? 0)
        return isSize(stated) ? stated : 4_096
    }

    private typealias Frame = (page: UInt32, start: Int)

    /// The frames of whole transactions, oldest first; one that was damaged hides no other.
    private static func committedFrames(of log: Data, pageSize: Int) -> [Frame] {
        let frameSize = 24 + pageSize
        guard log.count >= 32 + frameSize else { return [] }
        let count = (log.count - 32) / frameSize
        func salt(at offset: Int) -> UInt64 { log.number(at: offset, bytes: 8) ?? 0 }
        // The log says which frames are of this round of it; the first two outvote its header.
        var round = salt(at: 16)
        if count > 1, salt(at: 32 + 8) != round, salt(at: 32 + 8) == salt(at: 32 + frameSize + 8) {
            round = salt(at: 32 + 8)
        }
        var whole: [Frame] = []
        var open: [Frame] = []
        for index in 0..<count {
            let start = 32 + index * frameSize
            guard salt(at: start + 8) == round else { continue }
            let page = UInt32(log.number(at: start, bytes: 4) ?? 0)
            if page > 0 { open.append((page, start + 24)) }
            if (log.number(at: start + 4, bytes: 4) ?? 0) > 0 {
                whole += open
                open = []
            }
        }
        return whole
    }

    private func page(_ number: UInt32) -> Data? {
        if let start = logged[number] { return log.piece(at: start, count: pageSize) }
        let start = (Int(number) - 1) * pageSize
        guard start < database.count else { return nil }
        // A file that was cut short ends with a part of a page.
        return database.piece(at: start, count: min(pageSize, database.count - start))
    }

    private func freePages() -> Set<UInt32> {
        guard let first = page(1), var trunk = first.number(at: 32, bytes: 4).map(UInt32.init)
        else { return [] }
        var free: Set<UInt32> = []
        while trunk > 0, trunk <= pageCount, free.insert(trunk).inserted, let page = page(trunk) {
            let count = Int(page.number(at: 4, bytes: 4) ?? 0)
            guard count <= pageSize / 4 else { break }
            for leaf in 0..<count {
                guard let number = page.number(at: 8 + leaf * 4, bytes: 4) else { break }
                if number > 0, number <= pageCount { free.insert(UInt32(number)) }
            }
            trunk = UInt32(page.number(at: 0, bytes: 4) ?? 0)
        }
        return free
    }

    // MARK: The log

    /// Whether SQLite would leave out, without a word, transactions that are in a log.
    ///
    /// It stops at the first frame whose checksum is wrong. That is the torn end of a transaction
    /// nobody was told of, unless the end of a transaction stands there or later.
    static func isBroken(log: Data) -> Bool {
        guard log.count > 32 else { return false }
        let magic = log.number(at: 0, bytes: 4) ?? 0
        let pageSize = Int(log.number(at: 8, bytes: 4) ?? 0)
        guard magic & ~1 == 0x377f_0682, (512...65_536).contains(pageSize) else { return true }
        let isBigEndian = magic & 1 == 1
        var sums = (UInt32(0), UInt32(0))
        func add(_ offset: Int, _ count: Int) {
            guard let piece = log.piece(at: offset, count: count) else { return }
            sums = checksum(piece, isBigEndian, sums)
        }
        func isRight(at offset: Int) -> Bool {
            log.number(at: offset, bytes: 8) == UInt64(sums.0) << 32 | UInt64(sums.1)
        }
        add(0, 24)
        guard isRight(at: 24) else { return true }
        var isWrong = false
        for start in stride(from: 32, through: log.count - 24 - pageSize, by: 24 + pageSize) {
            let isOfThisRound = log.number(at: start + 8, bytes: 8) == log.number(at: 16, bytes: 8)
            if !isWrong {
                add(start, 8)
                add(start + 24, pageSize)
                isWrong = !isOfThisRound || !isRight(at: start + 16)
            }
            if isWrong, isOfThisRound, log.number(at: start + 4, bytes: 4) ?? 0 > 0 { return true }
        }
        return false
    }

    private static func checksum(
        _ bytes: Data, _ isBigEndian: Bool, _ start: (UInt32, UInt32)
    ) -> (UInt32, UInt32) {
        var (first, second) = start
        bytes.withUnsafeBytes { buffer in
            for offset in stride(from: 0, to: buffer.count & ~7, by: 8) {
                let one = buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                let other = buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                first &+= (isBigEndian ? UInt32(bigEndian: one) : UInt32(littleEndian: one))
                first &+= second
                second &+= (isBigEndian ? UInt32(bigEndian: other) : UInt32(littleEndian: other))
                second &+= first
            }
        }
        return (first, second)
    }

    // MARK: Cells

    private enum PageKind: UInt8 {
        case interiorIndex = 2
        case indexLeaf = 10
        case tableLeaf = 13
    }

    private func rows(of page: Data, headerAt header: Int, _ body: (Row) -> Void) {
        guard let type = page.number(at: header, bytes: 1).map(UInt8.init),
            let kind = PageKind(rawValue: type),
            let count = page.number(at: header + 3, bytes: 2), count <= pageSize / 4
        else { return }
        let pointers = header + (kind == .interiorIndex ? 12 : 8)
        for index in 0..<Int(count) {
            guard let start = page.number(at: pointers + index * 2, bytes: 2).map(Int.init),
                start >= pointers, start < pageSize
            else { continue }
            if let row = row(of: page, at: start, kind) { body(row) }
        }
    }

    private func row(of page: Data, at start: Int, _ kind: PageKind) -> Row? {
        var offset = start + (kind == .interiorIndex ? 4 : 0)
        guard let length = page.varint(at: &offset), length > 0, length <= DamagedFile.rowLimit
        else { return nil }
        var number: Int64?
        if kind == .tableLeaf {
            guard let stated = page.varint(at: &offset) else { return nil }
            number = Int64(bitPattern: stated)
        }
        guard
            let payload = payload(
                of: page, at: offset, length: Int(length), isIndex: kind != .tableLeaf),
            let values = DamagedFile.values(of: payload)
        else { return nil }
        return Row(number: number, values: values)
    }

    /// A row's bytes, gathered from its cell and the pages it runs over into.
    private func payload(of page: Data, at offset: Int, length: Int, isIndex: Bool) -> Data? {
        let most = isIndex ? (pageSize - 12) * 64 / 255 - 23 : pageSize - 35
        guard length > most else { return page.piece(at: offset, count: length) }
        let least = (pageSize - 12) * 32 / 255 - 23
        let wanted = least + (length - least) % (pageSize - 4)
        let local = wanted <= most ? wanted : least
        guard var payload = page.piece(at: offset, count: local),
            var next = page.number(at: offset + local, bytes: 4).map(UInt32.init)
        else { return nil }
        while payload.count < length {
            guard next > 0, next <= pageCount, let overflow = self.page(next),
                let following = overflow.number(at: 0, bytes: 4),
                let piece = overflow.piece(
                    at: 4, count: min(pageSize - 4, length - payload.count))
            else { return nil }
            payload += piece
            next = UInt32(following)
        }
        return payload
    }

    private static func values(of payload: Data) -> [Value]? {
        var offset = 0
        guard let stated = payload.varint(at: &offset), stated <= UInt64(payload.count) else {
            return nil
        }
        var body = Int(stated)
        var values: [Value] = []
        while offset < Int(stated) {
            guard let type = payload.varint(at: &offset), offset <= Int(stated),
                let value = value(of: payload, at: &body, type)
            else { return nil }
            values.append(value)
        }
        return values
    }

    private static func value(of payload: Data, at body: inout Int, _ type: UInt64) -> Value? {
        switch type {
        case 0: return .null
        case 8: return .integer(0)
        case 9: return .integer(1)
        case 1...6:
            let bytes = [1, 2, 3, 4, 6, 8][Int(type) - 1]
            guard let raw = payload.number(at: body, bytes: bytes) else { return nil }
            body += bytes
            let spare = 64 - bytes * 8
            return .integer(Int64(bitPattern: raw << spare) >> Int64(spare))
        case 7:
            body += 8
            return .real
        case 12...:
            let count = (type - 12) / 2
            guard count <= UInt64(payload.count),
                let bytes = payload.piece(at: body, count: Int(count))
            else { return nil }
            body += Int(count)
            if type % 2 == 0 { return .blob([UInt8](bytes)) }
            return String(validating: bytes, as: UTF8.self).map(Value.text)
        default: return nil
        }
    }
}

extension DamagedFile.Value {
    /// The text, or `nil`.
    var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The number, or `nil`.
    var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    /// The bytes, or `nil`.
    var blob: [UInt8]? { if case .blob(let bytes) = self { bytes } else { nil } }
    /// Whether it is null.
    var isNull: Bool { self == .null }
}

extension Data {
    /// `count` bytes from `offset`, or `nil` if there are not so many.
    fileprivate func piece(at offset: Int, count: Int) -> Data? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
            return nil
        }
        return self[(startIndex + offset)..<(startIndex + offset + count)]
    }

    /// A big-endian number of up to 8 bytes.
    fileprivate func number(at offset: Int, bytes: Int) -> UInt64? {
        piece(at: offset, count: bytes)?.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number of SQLite's of 1 to 9 bytes; `offset` moves behind it.
    fileprivate func varint(at offset: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard let byte = piece(at: offset, count: 1)?.first else { return nil }
            offset += 1
            if index == 8 { return value << 8 | UInt64(byte) }
            value = value << 7 | UInt64(byte & 0x7f)
            if byte & 0x80 == 0 { return value }
        }
        return value
    }
}
