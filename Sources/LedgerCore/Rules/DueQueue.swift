/// Things that fall due, earliest first; equal times in the order they were added.
///
/// A heap: however many wait, adding one and taking the first take logarithmic time.
struct DueQueue: Equatable, Sendable {
    fileprivate struct Item: Equatable, Comparable, Sendable {
        let due: Timestamp
        let order: Int
        let id: Hash

        static func < (left: Item, right: Item) -> Bool {
            (left.due, left.order) < (right.due, right.order)
        }
    }

    /// A place in the heap that `due` has still to look at.
    private struct Place: Comparable {
        let item: Item
        let index: Int

        static func < (left: Place, right: Place) -> Bool { left.item < right.item }
    }

    private var items = Heap<Item>()
    private var added = 0

    mutating func insert(_ id: Hash, due: Timestamp) {
        items.insert(Item(due: due, order: added, id: id))
        added += 1
    }

    /// The items due at `time` that `isOwed` names, earliest first, at most `limit`.
    func due(at time: Timestamp, limit: Int, where isOwed: (Hash) -> Bool) -> [Hash] {
        var owed = [Hash]()
        var places = Heap<Place>()
        func look(at index: Int) {
            guard index < items.elements.count, items.elements[index].due <= time else { return }
            places.insert(Place(item: items.elements[index], index: index))
        }
        look(at: 0)
        while owed.count < limit, let place = places.removeFirst() {
            if isOwed(place.item.id) { owed.append(place.item.id) }
            look(at: 2 * place.index + 1)
            look(at: 2 * place.index + 2)
        }
        return owed
    }

    /// Takes the items off the front that `isSettled` names.
    mutating func dropSettled(_ isSettled: (Hash) -> Bool) {
        while let first = items.elements.first, isSettled(first.id) { _ = items.removeFirst() }
    }
}

/// A binary heap: each element is no larger than those at twice its index plus one and two.
struct Heap<Element: Comparable> {
    private(set) var elements: [Element] = []

    mutating func insert(_ element: Element) {
        elements.append(element)
        var index = elements.count - 1
        while index > 0, elements[index] < elements[(index - 1) / 2] {
            elements.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes the smallest element out; `nil` if there is none.
    mutating func removeFirst() -> Element? {
        guard let last = elements.popLast() else { return nil }
        guard let first = elements.first else { return last }
        elements[0] = last
        var index = 0
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < elements.count && elements[child] < elements[smallest] {
                smallest = child
            }
            guard smallest != index else { return first }
            elements.swapAt(index, smallest)
            index = smallest
        }
    }
}

extension Heap: Equatable where Element: Equatable {}
extension Heap: Sendable where Element: Sendable {}

extension Heap: StatePart where Element: StatePart {
    func write(to writer: inout StateWriter) { writer.add(elements) }
    init(from reader: inout StateReader) throws(SnapshotDefect) { elements = try reader.next() }
}

extension DueQueue.Item: StatePart {
    func write(to writer: inout StateWriter) { writer.add(due, order, id) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(due: try reader.next(), order: try reader.next(), id: try reader.next())
    }
}

extension DueQueue: StatePart {
    func write(to writer: inout StateWriter) { writer.add(items, added) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        items = try reader.next()
        added = try reader.next()
    }
}
