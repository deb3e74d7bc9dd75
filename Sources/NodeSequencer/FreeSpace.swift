/// What is left of a file system, or has to be.
package struct FreeSpace: Equatable, Sendable {
    /// In bytes.
    package var bytes: Int64
    /// How many files more there can be; `nil` where only the bytes bound them.
    package var files: Int64?

    /// Makes a measure.
    package init(bytes: Int64, files: Int64? = nil) {
        self.bytes = bytes
        self.files = files
    }

    /// What a file system says of itself: `fileCount` is how many files it can hold, and 0 where it
    /// counts none, as btrfs does.
    package init(bytes: Int64, files: Int64, of fileCount: Int64) {
        self.init(bytes: bytes, files: fileCount > 0 ? files : nil)
    }

    /// Whether as much as `floor` is left after so many bytes more.
    package func leaves(_ floor: FreeSpace, after taken: Int64 = 0) -> Bool {
        bytes - taken >= floor.bytes && (files ?? .max) >= (floor.files ?? 0)
    }
}
