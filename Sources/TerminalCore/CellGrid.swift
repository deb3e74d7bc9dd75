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

    /// What a cell shows where that is one scalar, and its role.
    func lone(_ index: Int) -> (scalar: Unicode.Scalar, role: StyleRole)? {
        let slot = slots[index]
        guard slot.glyph != 0, let scalar = Unicode.Scalar(slot.glyph) else { return nil }
        return (scalar, slot.role)
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
        slots.withUnsafeBufferPointer { new in
            other.slots.withUnsafeBufferPointer { old in
                func isSame(_ index: Int) -> Bool {
                    let (slot, former) = (new[index], old[index])
                    guard slot.role == former.role else { return false }
                    if slot.glyph < Self.clusterStart || former.glyph < Self.clusterStart {
                        return slot.glyph == former.glyph
                    }
                    return text(of: slot.glyph) == other.text(of: former.glyph)
                }
                var first = range.lowerBound
                var end = range.upperBound
                while first < end, isSame(first) { first += 1 }
                while end > first, isSame(end - 1) { end -= 1 }
                return first < end ? first..<end : nil
            }
        }
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
            let shift = start - range.lowerBound
            for index in range { slots[index + shift] = slots[index] }
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
