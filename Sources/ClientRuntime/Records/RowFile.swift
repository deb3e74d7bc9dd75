import ClientStore
import Crypto
import Foundation
package import HealthRecords
package import LedgerCore
import Synchronization

/// The rows of a record on this machine: pages, each sealed under the storage key.
///
///     "accord-rows/v1\n" ‖ id (16 random bytes) ‖ page 0 ‖ page 1 ‖ … ‖ index ‖ index length (8)
///
/// A page is opened when its rows are looked at or handed over; no row is ever on the disk in the
/// clear, and the memory a page took is overwritten when the next one takes its place.
package final class RowFile: Sendable {
    static let magic = Array("accord-rows/v1\n".utf8)
    static let idBytes = 16

    private let descriptor: Descriptor
    private let keys: VaultKeys
    private let label: String
    let index: RowFileIndex
    private let open: Mutex<(number: Int, page: RowPage)?>

    /// Opens a file of rows.
    ///
    /// - Throws: `StoreFailure` if it cannot be read, `VaultError.damaged` if it was changed.
    init(path: String, keys: VaultKeys) throws {
        let handle = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else { throw RowFileProblem("open the rows of a record", errno) }
        descriptor = Descriptor(handle)
        self.keys = keys
        var status = stat()
        guard fstat(handle, &status) == 0 else {
            throw RowFileProblem("read the rows of a record", errno)
        }
        let size = Int64(status.st_size)
        let headBytes = RowFile.magic.count + RowFile.idBytes
        guard size >= Int64(headBytes + 8) else { throw VaultError.damaged }
        let head = try RowFile.read(handle, at: 0, count: headBytes)
        guard head.starts(with: RowFile.magic) else { throw VaultError.damaged }
        label = "accord/rows/v1 \(Hex.encode(head.suffix(RowFile.idBytes)))"
        var tail = ByteReader(try RowFile.read(handle, at: size - 8, count: 8))
        guard let length = tail.number(), length > 0, Int64(length) <= size - 8 - Int64(headBytes)
        else { throw VaultError.damaged }
        let sealed = try RowFile.read(handle, at: size - 8 - Int64(length), count: length)
        guard
            let index = RowFileIndex(
                encoded: try keys.open(sealed, label: label + " index"))
        else { throw VaultError.damaged }
        self.index = index
        open = Mutex(nil)
    }

    deinit { open.withLock { $0?.page.wipe() } }

    /// What the record is made of, but for its rows.
    package var outline: RecordOutline { index.outline }
    /// What stands around the rows where they leave.
    package var frame: ContentFrame { index.frame }
    /// How many rows.
    package var rowCount: Int { index.outline.rowCount }

    static func read(_ handle: Int32, at offset: Int64, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes[filled...].withUnsafeMutableBytes {
                pread(handle, $0.baseAddress, $0.count, off_t(offset) + off_t(filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                throw RowFileProblem("read the rows of a record", got < 0 ? errno : EIO)
            }
            filled += got
        }
        return bytes
    }

    /// Opens one page, for one look at it.
    private func page(_ number: Int) throws -> RowPage {
        let place = index.pages[number]
        let sealed = try RowFile.read(
            descriptor.handle, at: place.offset, count: place.byteCount)
        var bytes = try keys.open(sealed, label: "\(label) \(number)")
        defer { RowPage.zero(&bytes) }
        guard let page = RowPage(encoded: bytes), page.count == place.rowCount else {
            throw VaultError.damaged
        }
        return page
    }

    /// Calls `body` with every page and the position of its first row, in order; pages are
    /// overwritten afterwards.
    package func forEachPage(_ body: (RowPage, _ firstRow: Int) throws -> Void) throws {
        for number in index.pages.indices {
            var page = try page(number)
            defer { page.wipe() }
            try body(page, index.pages[number].firstRow)
        }
    }

    /// Calls `body` with the page and the row in it for each position, in order.
    ///
    /// The page looked at last stays open: a person scrolls.
    func forRows(at positions: [Int], _ body: (RowPage, _ row: Int, _ position: Int) -> Void) throws
    {
        try open.withLock { open in
            for position in positions {
                guard let number = number(ofPageWith: position) else { continue }
                if open?.number != number {
                    open?.page.wipe()
                    open = nil
                    open = (number, try page(number))
                }
                guard let page = open?.page else { continue }
                body(page, position - index.pages[number].firstRow, position)
            }
        }
    }

    private func number(ofPageWith position: Int) -> Int? {
        var low = 0
        var high = index.pages.count
        while low < high {
            let middle = (low + high) / 2
            let place = index.pages[middle]
            if position < place.firstRow {
                high = middle
            } else if position >= place.firstRow + place.rowCount {
                low = middle + 1
            } else {
                return middle
            }
        }
        return nil
    }

    /// Gives out a copy of the whole record in its own format, for the person themselves.
    package func copy(_ write: ([UInt8]) throws -> Void) throws {
        try write(frame.homeHead)
        var isFirst = true
        try forEachPage { page, _ in
            for row in 0..<page.count {
                if !isFirst, !frame.separator.isEmpty { try write(frame.separator) }
                isFirst = false
                try write(Array(page.unit(at: row)))
            }
        }
        try write(frame.foot)
    }

    /// The positions of dated rows outside a window, in milliseconds since 1970 UTC.
    ///
    /// - Throws: `CancellationError` if `goesOn`, which is told how many rows were looked at, says
    ///   so.
    package func rows(
        outside window: ClosedRange<Int64>, goesOn: (_ rows: Int) -> Bool = { _ in true }
    ) throws -> RowSet {
        var outside = RowSet(capacity: rowCount)
        try forEachPage { page, firstRow in
            guard goesOn(firstRow) else { throw CancellationError() }
            for row in 0..<page.count {
                guard let time = page.time(at: row), !window.contains(time) else { continue }
                outside.insert(firstRow + row)
            }
        }
        return outside
    }

    /// The positions of rows a filter fits.
    ///
    /// - Throws: `CancellationError` if `goesOn`, which is told how many rows were looked at, says
    ///   so.
    package func rows(
        matching filter: RowFilter, goesOn: (_ rows: Int) -> Bool = { _ in true }
    ) throws -> RowSet {
        var matching = RowSet(capacity: rowCount)
        let groups = filter.groups(of: index.outline.groups)
        try forEachPage { page, firstRow in
            guard goesOn(firstRow) else { throw CancellationError() }
            page.match(filter, groups: groups) { matching.insert(firstRow + $0) }
        }
        return matching
    }
}

/// Why a file of rows cannot be read or written.
struct RowFileProblem: Error, CustomStringConvertible {
    let description: String
    /// What the system said, one of the `errno` numbers.
    let code: Int32

    init(_ operation: String, _ code: Int32) {
        self.code = code
        description = "could not \(operation): \(String(cString: strerror(code)))"
    }
}

/// Another import writes the same file of rows.
struct RowFileInUse: Error {}

/// Writes a file of rows, page by page; without `finish` nothing of it stays.
final class RowFileWriter {
    /// What is needed to go on with a file.
    struct State: Codable {
        let path: String
        fileprivate let label: String
        fileprivate let offset: Int64
        /// Offset, length and number of rows of each page.
        fileprivate let pages: [[Int]]
        fileprivate let identifying: [Int]
    }

    /// Whether somebody comes back to what is written so far: it stays when this ends.
    var isWaitedFor = false

    private let path: String
    private let keys: VaultKeys
    private let label: String
    private let handle: Int32
    private var offset: Int64
    private var pages: [RowFileIndex.Place] = []
    private var identifying: [Int] = []
    private var rowCount = 0
    private var isFinished = false

    /// Begins a file at a path of its own.
    init(path: String, keys: VaultKeys, random: RandomSource) throws {
        self.path = path
        self.keys = keys
        let id = random.bytes(RowFile.idBytes)
        label = "accord/rows/v1 \(Hex.encode(id))"
        handle = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw RowFileProblem("store the rows of a record", errno) }
        flock(handle, LOCK_EX | LOCK_NB)
        offset = 0
        try write(RowFile.magic + id)
    }

    /// Goes on with a file: what was written after its state is cut off.
    ///
    /// - Throws: `RowFileInUse` if another import writes it at the moment.
    init(_ state: State, keys: VaultKeys) throws {
        path = state.path
        self.keys = keys
        label = state.label
        handle = open(path, O_WRONLY | O_CLOEXEC)
        offset = state.offset
        identifying = state.identifying
        isWaitedFor = true
        guard handle >= 0 else { throw RowFileProblem("go on with the rows of a record", errno) }
        guard flock(handle, LOCK_EX | LOCK_NB) == 0 else { throw RowFileInUse() }
        var status = stat()
        guard fstat(handle, &status) == 0, Int64(status.st_size) >= offset,
            ftruncate(handle, off_t(offset)) == 0,
            lseek(handle, off_t(offset), SEEK_SET) == off_t(offset)
        else { throw RowFileProblem("go on with the rows of a record", errno) }
        for page in state.pages where page.count == 3 {
            pages.append(
                .init(
                    offset: Int64(page[0]), byteCount: page[1], firstRow: rowCount,
                    rowCount: page[2]))
            rowCount += page[2]
        }
    }

    /// Makes what is written so far durable, and says how to go on with it.
    func rest() throws -> State {
        guard fdatasync(handle) == 0 else {
            throw RowFileProblem("store the rows of a record", errno)
        }
        return State(
            path: path, label: label, offset: offset,
            pages: pages.map { [Int($0.offset), $0.byteCount, $0.rowCount] },
            identifying: identifying)
    }

    deinit {
        close(handle)
        if !isFinished, !isWaitedFor { unlink(path) }
    }

    /// Seals and writes a page.
    func append(_ page: RowPage) throws {
        var bytes = page.encoded()
        defer { RowPage.zero(&bytes) }
        let sealed = try keys.seal(bytes, label: "\(label) \(pages.count)")
        pages.append(
            .init(
                offset: offset, byteCount: sealed.count, firstRow: rowCount, rowCount: page.count))
        for row in 0..<page.count where page.flags(at: row).contains(.identifies) {
            identifying.append(rowCount + row)
        }
        rowCount += page.count
        try write(sealed)
    }

    /// Ends the file, makes it durable and gives it its name.
    func finish(_ outline: RecordOutline, _ frame: ContentFrame, as target: String) throws {
        var index = RowFileIndex(outline: outline, frame: frame)
        index.pages = pages
        index.identifying = identifying
        let sealed = try keys.seal(index.encoded, label: label + " index")
        try write(sealed)
        var length = ByteWriter()
        length.number(sealed.count)
        try write(length.bytes)
        let folder = URL(filePath: target).deletingLastPathComponent().path(percentEncoded: false)
        // Its name is to outlast a loss of power before a record tells of it.
        guard fsync(handle) == 0, rename(path, target) == 0, HomeFolders.sync(folder: folder) else {
            throw RowFileProblem("store the rows of a record", errno)
        }
        isFinished = true
    }

    private func write(_ bytes: [UInt8]) throws {
        try DurableFile.write(bytes, to: handle)
        offset += Int64(bytes.count)
    }
}

/// Writing to open files.
enum DurableFile {
    /// Writes all of `bytes`.
    static func write(_ bytes: [UInt8], to handle: Int32) throws {
        try bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = Foundation.write(
                    handle, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw RowFileProblem("write", errno)
                }
                written += count
            }
        }
    }
}
