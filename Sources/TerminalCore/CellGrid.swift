/// The cells of a frame: eight bytes each, so that a frame is copied and compared as memory.
///
/// A cell keeps the number of its scalar; the few texts of several scalars stand beside the grid.
struct CellGrid: Equatable, Sendable {
    private struct Slot: Equatable {
        /// The scalar; 0 in the right half of a wide character; from `clusterStart` on the place in
        /// `clusters`.
        var glyph: UInt32
        var role: StyleRole
    }

    private var slots: [Slot]
    private var clusters: [String] = []
    private let columns: Int

    private static let clusterStart: UInt32 = 0x8000_0000
    private static let space: UInt32 = 0x20

    /// Makes a grid of blank cells.
    init(_ size: Size) {
        columns = size.columns
        slots = Array(
            repeating: Slot(glyph: Self.space, role: .text), count: size.rows * size.columns)
    }

    // MARK: Reading

    /// The cell at a place, counted row by row.
    subscript(index: Int) -> Cell {
        let slot = slots[index]
        return Cell(text: text(of: slot.glyph), role: slot.role)
    }

    /// Calls `body` with what begins in each cell of a range: its scalar, `nil` where it has several;
    /// its role; and whether it takes the next cell, too.
    func forEachGlyph(
        in range: Range<Int>, _ body: (Int, Unicode.Scalar?, StyleRole, _ isWide: Bool) -> Void
    ) {
        slots.withUnsafeBufferPointer { slots in
            for index in range where slots[index].glyph != 0 {
                let slot = slots[index]
                let isWide = index + 1 < slots.count && slots[index + 1].glyph == 0
                body(index, Unicode.Scalar(slot.glyph), slot.role, isWide)
            }
        }
    }

    func isRightHalf(_ index: Int) -> Bool { slots[index].glyph == 0 }

    /// Whether any cell is half of a wide character.
    var hasWideText: Bool { slots.contains { $0.glyph == 0 } }

    var hasClusters: Bool { !clusters.isEmpty }

    private func text(of glyph: UInt32) -> String {
        if glyph == 0 { return "" }
        if glyph >= Self.space, glyph < 0x7F { return LoneScalars.plainTexts[Int(glyph) - 0x20] }
        if glyph >= Self.clusterStart { return clusters[Int(glyph - Self.clusterStart)] }
        return Unicode.Scalar(glyph).map { String($0) } ?? " "
    }

    static func == (one: CellGrid, other: CellGrid) -> Bool {
        one.columns == other.columns && one.slots.count == other.slots.count
            && one.differing(0..<one.slots.count, from: other) == nil
    }

    /// Returns the stretch of a range of cells outside of which it is the same as in another grid.
    ///
    /// - Returns: `nil` where nothing differs.
    func differing(_ range: Range<Int>, from other: CellGrid) -> Range<Int>? {
        guard let first = firstDiffering(range, from: other, shift: 0) else { return nil }
        var end = range.upperBound
        while isSame(end - 1, in: other, shift: 0) { end -= 1 }
        return first..<end
    }

    /// Whether a range of cells is the same in another grid, `shift` cells further on.
    func isSame(_ range: Range<Int>, in other: CellGrid, shift: Int) -> Bool {
        firstDiffering(range, from: other, shift: shift) == nil
    }

    private func firstDiffering(_ range: Range<Int>, from other: CellGrid, shift: Int) -> Int? {
        var first = range.lowerBound
        if clusters.isEmpty, other.clusters.isEmpty {
            // Most are the same, and then as memory.
            slots.withUnsafeBytes { new in
                other.slots.withUnsafeBytes { old in
                    func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
                        bytes.loadUnaligned(
                            fromByteOffset: index * MemoryLayout<Slot>.stride, as: UInt64.self)
                    }
                    while first < range.upperBound, word(new, first) == word(old, first + shift) {
                        first += 1
                    }
                }
            }
        }
        while first < range.upperBound, isSame(first, in: other, shift: shift) { first += 1 }
        return first < range.upperBound ? first : nil
    }

    private func isSame(_ index: Int, in other: CellGrid, shift: Int) -> Bool {
        let (slot, former) = (slots[index], other.slots[index + shift])
        guard slot.role == former.role else { return false }
        if slot.glyph < Self.clusterStart || former.glyph < Self.clusterStart {
            return slot.glyph == former.glyph
        }
        return text(of: slot.glyph) == other.text(of: former.glyph)
    }

    // MARK: Changing

    /// Shows a scalar that takes room; a wide one is followed by `putRightHalf`.
    mutating func put(_ scalar: Unicode.Scalar, _ role: StyleRole, at index: Int) {
        store(Slot(glyph: scalar.value, role: role), at: index)
    }

    /// Shows a text: one scalar or several.
    mutating func put(_ text: String, _ role: StyleRole, at index: Int) {
        let scalars = text.unicodeScalars
        guard let first = scalars.first else { return putRightHalf(role, at: index) }
        if scalars.index(after: scalars.startIndex) == scalars.endIndex {
            return put(first, role, at: index)
        }
        store(Slot(glyph: Self.clusterStart + UInt32(clusters.count), role: role), at: index)
        clusters.append(text)
    }

    /// Makes a cell the right half of the wide character before it.
    mutating func putRightHalf(_ role: StyleRole, at index: Int) {
        store(Slot(glyph: 0, role: role), at: index)
    }

    /// Changes what a cell means and leaves its text.
    mutating func setRole(_ role: StyleRole, at index: Int) { slots[index].role = role }

    /// Copies cells as they are, wide characters whole.
    mutating func copy(_ range: Range<Int>, to start: Int) {
        slots.withUnsafeMutableBufferPointer { slots in
            let target = UnsafeMutableBufferPointer(rebasing: slots[start..<start + range.count])
            _ = target.update(fromContentsOf: slots[range])
        }
    }

    /// Shows one scalar, one cell wide, in a stretch of one row.
    mutating func fill(_ range: Range<Int>, with scalar: Unicode.Scalar, _ role: StyleRole) {
        guard let last = range.last else { return }
        // What the edges cut is seen to by `store`; in between nothing is left to cut.
        let slot = Slot(glyph: scalar.value, role: role)
        store(slot, at: last)
        for index in range.dropFirst() { slots[index] = slot }
        store(slot, at: range.lowerBound)
    }

    /// Replaces a cell, and blanks the other half of a wide character that it cuts.
    private mutating func store(_ slot: Slot, at index: Int) {
        let column = index % columns
        if slots[index].glyph == 0, slot.glyph != 0, column > 0 {
            slots[index - 1].glyph = Self.space
        }
        if column + 1 < columns, slots[index + 1].glyph == 0 {
            slots[index + 1].glyph = Self.space
        }
        slots[index] = slot
    }
}
