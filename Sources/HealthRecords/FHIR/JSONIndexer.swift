/// The pass that fills a `JSONDocument`: no recursion, so no text can exhaust the stack.
struct JSONIndexer {
    private(set) var nodes: [JSONDocument.Node] = []
    private var open: [Int] = []
    private var position = 0
    private var names: [Int] = []
    private let limits: JSONLimits

    /// What may stand at the next byte that is not white space.
    private enum Expected {
        case value, valueOrEnd, name, nameOrEnd, commaOrEnd
    }

    init(expectedNodes: Int, limits: JSONLimits) {
        self.limits = limits
        nodes.reserveCapacity(expectedNodes)
    }

    /// Indexes `text`, which is valid UTF-8; returns the mistake that stopped it, if one did.
    mutating func index(_ text: UnsafeBufferPointer<UInt8>) -> JSONMistake? {
        do throws(JSONMistake) {
            if text.count >= 3, text[0] == 0xef, text[1] == 0xbb, text[2] == 0xbf { position = 3 }
            skipSpace(text)
            var roots = 0
            while position < text.count {
                guard roots < limits.roots else {
                    throw mistake(.tooManyValues(limit: limits.roots))
                }
                roots += 1
                try indexRoot(text)
                let end = position
                skipSpace(text)
                guard position == text.count || text[end..<position].contains(0x0a) else {
                    throw unexpected(text)
                }
            }
            return nil
        } catch {
            return error
        }
    }

    private mutating func indexRoot(_ text: UnsafeBufferPointer<UInt8>) throws(JSONMistake) {
        var expected = Expected.value
        repeat {
            skipSpace(text)
            guard position < text.count else { throw mistake(.endsEarly) }
            guard nodes.count < limits.values else {
                throw mistake(.tooManyValues(limit: limits.values))
            }
            let byte = text[position]
            switch (expected, byte) {
            case (.commaOrEnd, 0x2c):
                position += 1
                expected = nodes[open[open.count - 1]].kind == .object ? .name : .value
            case (.commaOrEnd, 0x5d), (.valueOrEnd, 0x5d):
                try close(.array, text)
                expected = .commaOrEnd
            case (.commaOrEnd, 0x7d), (.nameOrEnd, 0x7d):
                try close(.object, text)
                expected = .commaOrEnd
            case (.name, 0x22), (.nameOrEnd, 0x22):
                try indexString(text)
                skipSpace(text)
                guard position < text.count else { throw mistake(.endsEarly) }
                guard text[position] == 0x3a else { throw unexpected(text) }
                position += 1
                expected = .value
            case (.value, _), (.valueOrEnd, _):
                expected = try indexValue(byte, text)
            case (.commaOrEnd, _), (.name, _), (.nameOrEnd, _):
                throw unexpected(text)
            }
        } while !open.isEmpty
    }

    private mutating func indexValue(_ byte: UInt8, _ text: UnsafeBufferPointer<UInt8>)
        throws(JSONMistake) -> Expected
    {
        switch byte {
        case 0x7b, 0x5b:
            guard open.count < JSONDocument.maximumDepth else { throw mistake(.tooDeep) }
            open.append(nodes.count)
            append(byte == 0x7b ? .object : .array, start: position, end: position)
            position += 1
            return byte == 0x7b ? .nameOrEnd : .valueOrEnd
        case 0x22: try indexString(text)
        case 0x2d, 0x30...0x39: try indexNumber(text)
        case 0x74: try indexWord("true", .yes, text)
        case 0x66: try indexWord("false", .no, text)
        case 0x6e: try indexWord("null", .null, text)
        default: throw unexpected(text)
        }
        return .commaOrEnd
    }

    private mutating func close(
        _ kind: JSONDocument.Node.Kind, _ text: UnsafeBufferPointer<UInt8>
    ) throws(JSONMistake) {
        guard let container = open.last, nodes[container].kind == kind else {
            throw unexpected(text)
        }
        if kind == .object { try checkNames(of: container, text) }
        position += 1
        nodes[container].end = UInt32(position)
        nodes[container].next = UInt32(nodes.count)
        open.removeLast()
    }

    // FHIR R4 (json.html) forbids a name twice in one object. It matters here: the row shows the
    // first, another program may read the last, and the person would share what they never saw.
    private mutating func checkNames(of object: Int, _ text: UnsafeBufferPointer<UInt8>)
        throws(JSONMistake)
    {
        names.removeAll(keepingCapacity: true)
        var isEscaped = false
        var child = object + 1
        while child < nodes.count {
            names.append(child)
            if nodes[child].isEscaped { isEscaped = true }
            child = Int(nodes[child + 1].next)
        }
        if isEscaped || names.count > 24 {
            var seen: Set<[UInt8]> = []
            for name in names {
                let range = Int(nodes[name].start)..<Int(nodes[name].end)
                let spelled = Array(text[range])
                let characters =
                    nodes[name].isEscaped ? JSONIndexer.unescape(spelled[...]) : spelled
                guard seen.insert(characters).inserted else { throw duplicate(name, text) }
            }
            return
        }
        var later = 1
        while later < names.count {
            var earlier = 0
            while earlier < later {
                if isSame(names[earlier], names[later], text) {
                    throw duplicate(names[later], text)
                }
                earlier += 1
            }
            later += 1
        }
    }

    private func isSame(_ left: Int, _ right: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = nodes[left].end - nodes[left].start
        guard count == nodes[right].end - nodes[right].start else { return false }
        let leftStart = Int(nodes[left].start)
        let rightStart = Int(nodes[right].start)
        for offset in 0..<Int(count) where text[leftStart + offset] != text[rightStart + offset] {
            return false
        }
        return true
    }

    private mutating func indexString(_ text: UnsafeBufferPointer<UInt8>) throws(JSONMistake) {
        let start = position + 1
        var isEscaped = false
        var next = start
        let count = text.count
        while next < count {
            let byte = text[next]
            if byte == 0x22 {
                append(.string, start: start, end: next)
                nodes[nodes.count - 1].isEscaped = isEscaped
                position = next + 1
                return
            }
            if byte < 0x20 {
                position = next
                throw unexpected(text)
            }
            if byte == 0x5c {
                isEscaped = true
                position = next
                next = try endOfEscape(next + 1, text)
            } else {
                next += 1
            }
        }
        position = count
        throw mistake(.endsEarly)
    }

    private func endOfEscape(_ letter: Int, _ text: UnsafeBufferPointer<UInt8>)
        throws(JSONMistake) -> Int
    {
        guard letter < text.count else { throw mistake(.endsEarly) }
        switch text[letter] {
        case 0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74: return letter + 1
        case 0x75:
            guard letter + 4 < text.count else { throw mistake(.endsEarly) }
            for digit in letter + 1...letter + 4 where JSONIndexer.hexValue(text[digit]) == nil {
                throw mistake(.badEscape)
            }
            return letter + 5
        default: throw mistake(.badEscape)
        }
    }

    private mutating func indexNumber(_ text: UnsafeBufferPointer<UInt8>) throws(JSONMistake) {
        let start = position
        if text[position] == 0x2d { position += 1 }
        if position < text.count, text[position] == 0x30 {
            position += 1
        } else {
            try skipDigits(text)
        }
        if position < text.count, text[position] == 0x2e {
            position += 1
            try skipDigits(text)
        }
        if position < text.count, text[position] | 0x20 == 0x65 {
            position += 1
            if position < text.count, text[position] == 0x2b || text[position] == 0x2d {
                position += 1
            }
            try skipDigits(text)
        }
        append(.number, start: start, end: position)
    }

    private mutating func skipDigits(_ text: UnsafeBufferPointer<UInt8>) throws(JSONMistake) {
        let start = position
        while position < text.count, 0x30...0x39 ~= text[position] { position += 1 }
        guard position > start else {
            throw position < text.count ? unexpected(text) : mistake(.endsEarly)
        }
    }

    private mutating func indexWord(
        _ word: StaticString, _ kind: JSONDocument.Node.Kind, _ text: UnsafeBufferPointer<UInt8>
    ) throws(JSONMistake) {
        let start = position
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < text.count else { throw mistake(.endsEarly) }
            guard text[position] == word.utf8Start[offset] else { throw unexpected(text) }
            position += 1
        }
        append(kind, start: start, end: position)
    }

    private mutating func append(_ kind: JSONDocument.Node.Kind, start: Int, end: Int) {
        nodes.append(
            JSONDocument.Node(
                kind: kind, start: UInt32(start), end: UInt32(end), next: UInt32(nodes.count + 1)))
    }

    private mutating func skipSpace(_ text: UnsafeBufferPointer<UInt8>) {
        var next = position
        let count = text.count
        while next < count {
            let byte = text[next]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { break }
            next += 1
        }
        position = next
    }

    private func mistake(_ reason: RecordImportError.Reason) -> JSONMistake {
        JSONMistake(reason: reason, offset: position)
    }

    private func unexpected(_ text: UnsafeBufferPointer<UInt8>) -> JSONMistake {
        mistake(.unexpectedByte(text[position]))
    }

    private func duplicate(_ name: Int, _ text: UnsafeBufferPointer<UInt8>) -> JSONMistake {
        let range = Int(nodes[name].start)..<Int(nodes[name].end)
        let spelled = PlainText.line(String(decoding: text[range], as: UTF8.self), limit: 60)
        return JSONMistake(reason: .duplicateName(spelled), offset: range.lowerBound)
    }

    /// Resolves the escapes of a string that the indexer has accepted.
    ///
    /// Half a surrogate pair becomes U+FFFD.
    static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var units: [UInt8] = []
        units.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            guard text[position] == 0x5c else {
                units.append(text[position])
                position += 1
                continue
            }
            let letter = text[position + 1]
            position += 2
            switch letter {
            case 0x62: units.append(0x08)
            case 0x66: units.append(0x0c)
            case 0x6e: units.append(0x0a)
            case 0x72: units.append(0x0d)
            case 0x74: units.append(0x09)
            case 0x75:
                // All neighbouring \u escapes together: a pair of them may be one character.
                var wide = [codeUnit(text, position)]
                position += 4
                while position + 5 < text.endIndex, text[position] == 0x5c,
                    text[position + 1] == 0x75
                {
                    wide.append(codeUnit(text, position + 2))
                    position += 6
                }
                units.append(contentsOf: String(decoding: wide, as: UTF16.self).utf8)
            default: units.append(letter)
            }
        }
        return units
    }

    private static func codeUnit(_ text: ArraySlice<UInt8>, _ position: Int) -> UInt16 {
        text[position..<position + 4].reduce(0) { $0 << 4 | UInt16(hexValue($1) ?? 0) }
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
