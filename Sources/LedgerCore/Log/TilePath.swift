/// Where a part of the log is served: C2SP tlog-tiles.
///
///     tile/<level>/<index>[.p/<width>]      hashes
///     tile/entries/<index>[.p/<width>]      the leaves' data
package struct TilePath: Hashable, Sendable {
    /// The number of hashes or entries in a full tile.
    package static let fullWidth = 256

    /// The highest level that a path may name.
    package static let maxLevel = 63

    /// What a tile holds.
    package enum Content: Hashable, Sendable {
        /// Hashes: at level l those of complete subtrees of 256^l leaves.
        case hashes(level: Int)
        /// Entries, as an entry bundle.
        case entries
    }

    /// What the tile holds.
    package let content: Content

    /// The place among the tiles of its level, from 0.
    package let index: Int

    /// The number of hashes or entries, from 1 to 256.
    package let width: Int

    /// Names a tile; `nil` if a number is out of range.
    package init?(content: Content, index: Int, width: Int = fullWidth) {
        if case .hashes(let level) = content {
            guard (0...TilePath.maxLevel).contains(level) else { return nil }
        }
        guard (0...TilePath.maxIndex).contains(index), (1...TilePath.fullWidth).contains(width)
        else { return nil }
        self.content = content
        self.index = index
        self.width = width
    }

    /// Reads a path, `tile/…`; `nil` unless it is spelled as `text` spells it.
    package init?(parsing text: String) {
        guard text.utf8.count <= 64 else { return nil }
        var parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Array($0)[...] }
        guard parts.count >= 3, parts[0].elementsEqual("tile".utf8) else { return nil }
        let content: Content
        if parts[1].elementsEqual("entries".utf8) {
            content = .entries
        } else {
            guard let level = NoteText.decimal(parts[1]) else { return nil }
            content = .hashes(level: level)
        }
        var width = TilePath.fullWidth
        if parts[parts.count - 2].suffix(2).elementsEqual(".p".utf8) {
            guard let partial = NoteText.decimal(parts.removeLast()),
                partial < TilePath.fullWidth
            else { return nil }
            width = partial
            parts[parts.count - 1].removeLast(2)
        }
        guard let index = TilePath.index(parts[2...]) else { return nil }
        self.init(content: content, index: index, width: width)
        // Refuses a superfluous `x000/`.
        guard NoteText.same(self.text, text) else { return nil }
    }

    /// The path, without a slash before it.
    package var text: String {
        var text =
            switch content {
            case .hashes(let level): "tile/\(level)/"
            case .entries: "tile/entries/"
            }
        text += TilePath.elements(of: index)
        if width < TilePath.fullWidth { text += ".p/\(width)" }
        return text
    }

    /// The full tile in the same place: what to ask for where the partial one is gone.
    package var full: TilePath? { TilePath(content: content, index: index) }

    /// Lists the tiles of hashes and entries that a log has to write when it grows.
    ///
    /// - Parameters:
    ///   - oldSize: Number of leaves of the last published tree.
    ///   - newSize: Number of leaves to publish, not smaller.
    /// - Returns: Levels upward, entries first; from 0 it is every tile of the tree.
    package static func written(from oldSize: Int, to newSize: Int) -> [TilePath] {
        guard oldSize >= 0, oldSize < newSize else { return [] }
        var paths = tiles(.entries, from: oldSize, to: newSize)
        var level = 0
        while newSize >> (8 * level) > 0 {
            paths += tiles(
                .hashes(level: level), from: oldSize >> (8 * level), to: newSize >> (8 * level))
            level += 1
        }
        return paths
    }

    /// Returns how many hashes the tile has in a tree of `treeSize` leaves: 0 means no tile.
    package static func width(_ content: Content, index: Int, treeSize: Int) -> Int {
        var count = max(treeSize, 0)
        if case .hashes(let level) = content { count = level < 8 ? count >> (8 * level) : 0 }
        let full = count / fullWidth
        if index < 0 || index > full { return 0 }
        return index < full ? fullWidth : count % fullWidth
    }

    /// No tree within 63 bits has a tile above it.
    private static let maxIndex = Int.max / fullWidth

    private static func tiles(_ content: Content, from old: Int, to new: Int) -> [TilePath] {
        guard old < new else { return [] }
        return (old / fullWidth...(new - 1) / fullWidth).compactMap {
            TilePath(content: content, index: $0, width: min(new - $0 * fullWidth, fullWidth))
        }
    }

    private static func elements(of index: Int) -> String {
        var elements = [padded(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            elements.append("x" + padded(rest % 1000))
            rest /= 1000
        }
        return elements.reversed().joined(separator: "/")
    }

    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: number < 10 ? 2 : number < 100 ? 1 : 0) + String(number)
    }

    private static func index(_ elements: ArraySlice<ArraySlice<UInt8>>) -> Int? {
        guard !elements.isEmpty, elements.count <= 6 else { return nil }
        var index = 0
        for (place, element) in elements.enumerated() {
            var digits = element
            if place < elements.count - 1 {
                guard digits.popFirst() == UInt8(ascii: "x") else { return nil }
            }
            guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            index = digits.reduce(index) { $0 * 10 + Int($1 - 0x30) }
        }
        return index
    }
}
