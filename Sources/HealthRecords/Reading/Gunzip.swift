import CZlib

/// Unpacks gzip with zlib, piece by piece: one member or many behind each other, as BGZF has them.
package final class Gunzip {
    /// Why the data cannot be unpacked.
    package struct Damaged: Error {}

    private var stream = z_stream()
    private var isOpen: Bool
    /// Whether the last member has ended with a checksum that fits.
    private var isComplete = false
    private var output: [UInt8]

    /// An unpacker that gives out pieces of at most `pieceBytes` bytes.
    package init(pieceBytes: Int = 256 * 1024) {
        output = Array(repeating: 0, count: pieceBytes)
        isOpen = cz_gunzip_init(&stream) == Z_OK
    }

    deinit { if isOpen { inflateEnd(&stream) } }

    /// Whether bytes are the beginning of gzip.
    package static func isBeginning(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.starts(with: [0x1f, 0x8b, 0x08])
    }

    /// Unpacks the next piece and calls `body` with what comes out.
    ///
    /// - Throws: `Damaged` if it is no gzip or a checksum does not fit, and what `body` throws.
    package func append(
        _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard isOpen else { throw Damaged() }
        var position = 0
        while position < piece.count {
            if isComplete {
                // Some writers fill the last block with zeros.
                if piece[position] == 0 {
                    position += 1
                    continue
                }
                guard inflateReset(&stream) == Z_OK else { throw Damaged() }
                isComplete = false
            }
            position += try unpack(UnsafeRawBufferPointer(rebasing: piece[position...]), body)
        }
    }

    /// Ends the data.
    ///
    /// - Throws: `Damaged` if the last member does not end.
    package func finish() throws {
        guard isComplete else { throw Damaged() }
    }

    /// Unpacks up to the end of a member; returns how many bytes were taken.
    private func unpack(
        _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        let bytes = piece.assumingMemoryBound(to: UInt8.self)
        stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.avail_in = UInt32(piece.count)
        repeat {
            let room = output.count
            let code = output.withUnsafeMutableBufferPointer { buffer in
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(room)
                return inflate(&stream, Z_NO_FLUSH)
            }
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                throw Damaged()
            }
            let count = room - Int(stream.avail_out)
            if count > 0 {
                try output.withUnsafeBytes {
                    try body(UnsafeRawBufferPointer(rebasing: $0[..<count]))
                }
            }
            if code == Z_STREAM_END {
                isComplete = true
                break
            }
            if code == Z_BUF_ERROR, count == 0 { break }
        } while stream.avail_in > 0 || stream.avail_out == 0
        return piece.count - Int(stream.avail_in)
    }
}
