/// A JSON text (RFC 8259) as an index over its own bytes: every value keeps its place in the file.
///
/// Foundation's `JSONSerialization` is not used for records: it turns 6.30 into 6.3, does not say
/// where a value stands (so kept resources could not be copied byte for byte), and gives neither a
/// depth limit nor the line of a mistake. This index is one pass and 16 bytes for each value.
final class JSONDocument: Sendable {
    /// Deepest nesting accepted; FHIR resources stay below 20.
    static let maximumDepth = 64

    let bytes: [UInt8]
    let nodes: [Node]

    /// One value.
    ///
    /// Children of arrays follow it; children of objects are names and values in turn.
    struct Node: Sendable {
        enum Kind: UInt8 {
            case object, array, string, number, yes, no, null
        }

        let kind: Kind
        /// Whether a string holds a backslash.
        var isEscaped = false
        /// First byte; of a string, the one after its opening quotation mark.
        let start: UInt32
        /// The byte after the last; of a string, its closing quotation mark.
        var end: UInt32
        /// Index of the node that follows this value and all it holds.
        var next: UInt32
    }

    /// Indexes every value of `bytes`: one, or several on lines of their own (NDJSON).
    ///
    /// - Parameters:
    ///   - bytes: A text of at most `UInt32.max` bytes, with or without a byte order mark.
    ///   - limits: How many values it may have.
    /// - Throws: `JSONMistake`, with the byte where the text stops being acceptable.
    init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONMistake) {
        // The library's check is fast also in builds without optimisation.
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONMistake(reason: .notUTF8, offset: JSONDocument.validUTF8Count(bytes))
        }
        var indexer = JSONIndexer(expectedNodes: bytes.count / 16, limits: limits)
        if let mistake = bytes.withUnsafeBufferPointer({ indexer.index($0) }) { throw mistake }
        self.bytes = bytes
        nodes = indexer.nodes
    }

    /// The values at the top, in the order of the file.
    var roots: [JSONElement] {
        var roots: [JSONElement] = []
        var index = 0
        while index < nodes.count {
            roots.append(JSONElement(document: self, index: index))
            index = Int(nodes[index].next)
        }
        return roots
    }

    /// Line and column of a byte, both from 1; the column counts bytes.
    static func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        var line = 1
        var lineStart = 0
        for position in 0..<min(offset, bytes.count) where bytes[position] == 0x0a {
            line += 1
            lineStart = position + 1
        }
        return (line, offset - lineStart + 1)
    }

    private static func validUTF8Count(_ bytes: [UInt8]) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var count = 0
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) {
            count += scalar.count
        }
        return count
    }
}

/// How many values of a JSON text memory is set aside for.
package struct JSONLimits: Sendable {
    /// Most values: FHIR without white space has fewer in its 128 MiB.
    package let values: Int
    /// Most values at the top: lines of NDJSON.
    package let roots: Int

    /// Makes limits; without arguments those of files that people import.
    package init(values: Int = 1 << 24, roots: Int = 1 << 20) {
        self.values = values
        self.roots = roots
    }
}

/// Why a text is not acceptable JSON, and at which byte.
struct JSONMistake: Error, Equatable {
    let reason: RecordImportError.Reason
    let offset: Int
}

/// One value of a `JSONDocument`.
struct JSONElement {
    let document: JSONDocument
    let index: Int

    private var node: JSONDocument.Node { document.nodes[index] }

    var isObject: Bool { node.kind == .object }
    var isArray: Bool { node.kind == .array }

    /// The bytes of the value in the file, quotation marks included.
    var byteRange: Range<Int> {
        let node = node
        return node.kind == .string
            ? Int(node.start) - 1..<Int(node.end) + 1 : Int(node.start)..<Int(node.end)
    }

    /// The value of a member; `nil` if it is missing or this is no object.
    subscript(name: StaticString) -> JSONElement? {
        guard node.kind == .object else { return nil }
        let end = Int(node.next)
        var child = index + 1
        while child < end {
            if isName(child, name) { return JSONElement(document: document, index: child + 1) }
            child = Int(document.nodes[child + 1].next)
        }
        return nil
    }

    /// The elements of an array; empty for anything else.
    var elements: [JSONElement] {
        guard node.kind == .array else { return [] }
        var elements: [JSONElement] = []
        let end = Int(node.next)
        var child = index + 1
        while child < end {
            elements.append(JSONElement(document: document, index: child))
            child = Int(document.nodes[child].next)
        }
        return elements
    }

    /// The first element of an array that has one.
    var first: JSONElement? {
        let node = node
        guard node.kind == .array, Int(node.next) > index + 1 else { return nil }
        return JSONElement(document: document, index: index + 1)
    }

    /// The members of an object, in the order of the file; empty for anything else.
    var members: [(name: String, value: JSONElement)] {
        guard node.kind == .object else { return [] }
        var members: [(name: String, value: JSONElement)] = []
        let end = Int(node.next)
        var child = index + 1
        while child < end {
            let value = JSONElement(document: document, index: child + 1)
            members.append((JSONElement(document: document, index: child).text, value))
            child = Int(document.nodes[child + 1].next)
        }
        return members
    }

    /// The characters of a string; `nil` for other values and for a string without any.
    var string: String? {
        guard node.kind == .string, node.end > node.start else { return nil }
        return text
    }

    /// A number as it is written in the file: 6.30 stays 6.30.
    var number: String? { node.kind == .number ? text : nil }

    /// A truth value.
    var bool: Bool? {
        switch node.kind {
        case .yes: true
        case .no: false
        case .object, .array, .string, .number, .null: nil
        }
    }

    private var text: String {
        let node = node
        let slice = document.bytes[Int(node.start)..<Int(node.end)]
        return String(
            decoding: node.isEscaped ? JSONIndexer.unescape(slice)[...] : slice, as: UTF8.self)
    }

    private func isName(_ child: Int, _ name: StaticString) -> Bool {
        let node = document.nodes[child]
        if node.isEscaped {
            return JSONElement(document: document, index: child).text == name.description
        }
        guard Int(node.end - node.start) == name.utf8CodeUnitCount else { return false }
        let start = Int(node.start)
        for position in 0..<name.utf8CodeUnitCount
        where document.bytes[start + position] != name.utf8Start[position] {
            return false
        }
        return true
    }
}
