import CXML2
import Foundation

/// What a well-formed document says, in the order of the text.
protocol XMLFeedDelegate: AnyObject {
    func start(_ name: String, _ attributes: [(name: String, value: [UInt8])])
    func end(_ name: String)
}

/// Reads XML piece by piece with libxml2's push parser.
///
/// Nothing outside the document is ever read: the document type is taken out before the parser
/// sees it, so that no entity is declared, and the parser may not use the network. Apple's own
/// document type has had mistakes in some years, so it is not worth parsing. An entity other than
/// XML's five is a mistake.
final class XMLFeed {
    /// Deepest nesting accepted.
    static let maximumDepth = 64
    /// Longest document type accepted, in bytes.
    static let maximumTypeBytes = 1 << 20

    /// Why the document cannot be read.
    enum Defect: Equatable {
        case notWellFormed(String)
        case entities
        case tooDeep
        case typeTooLong
    }

    /// The first defect, with the line it stands on.
    private(set) var defect: (defect: Defect, line: Int)?
    private weak var delegate: (any XMLFeedDelegate)?
    private var context: xmlParserCtxtPtr?
    private var prolog = Prolog()
    private var depth = 0
    /// What has to be added to the parser's count of bytes.
    private var shift: Int64 = 0

    /// Makes a parser that tells `delegate`, which it does not keep alive.
    init(_ delegate: any XMLFeedDelegate) {
        self.delegate = delegate
        var handler = xmlSAXHandler()
        handler.initialized = cx_sax2_magic
        handler.startElementNs = XMLFeed.startElement
        handler.endElementNs = XMLFeed.endElement
        handler.serror = XMLFeed.structuredError
        let target = Unmanaged.passUnretained(self).toOpaque()
        context = xmlCreatePushParserCtxt(&handler, target, nil, 0, nil)
        // XML_PARSE_HUGE stays off: it would lift libxml2's own limits.
        xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NODICT.rawValue))
    }

    deinit { xmlFreeParserCtxt(context) }

    /// The line the parser stands on, from 1.
    var line: Int { context.map { Int(xmlSAX2GetLineNumber($0)) } ?? 1 }

    /// The place after what was told last; `nil` where bytes of the document are not those the
    /// parser counts, because it is in another encoding than UTF-8.
    var mark: ReadingMark? {
        guard prolog.isDone, let context, let input = context.pointee.input,
            input.pointee.buf?.pointee.encoder == nil
        else { return nil }
        let consumed = Int64(xmlByteConsumed(context))
        return consumed < 0 ? nil : ReadingMark(offset: consumed + shift, line: line)
    }

    /// Begins within the root of a document, instead of at its beginning.
    func goOn(in root: String, from mark: ReadingMark) {
        prolog.skip()
        let start = Array("<\(root)>".utf8)
        start.withUnsafeBytes { parse($0) }
        shift = mark.offset - Int64(start.count)
        context?.pointee.input?.pointee.line = Int32(clamping: mark.line)
    }

    /// Takes the next piece; after a defect nothing more is read.
    func append(_ piece: UnsafeRawBufferPointer) {
        guard defect == nil else { return }
        if prolog.isDone {
            parse(piece)
            return
        }
        let ready = prolog.take(piece)
        if let found = prolog.defect { defect = (found, prolog.line) }
        ready.withUnsafeBytes { parse($0) }
    }

    /// Ends the document: what is missing now is a defect.
    func finish() {
        guard defect == nil, let context else { return }
        let rest = prolog.rest()
        rest.withUnsafeBytes { parse($0) }
        guard defect == nil else { return }
        if xmlParseChunk(context, nil, 0, 1) != 0 || context.pointee.wellFormed == 0,
            defect == nil
        {
            defect = (.notWellFormed("the document ends early"), line)
        }
    }

    private func parse(_ bytes: UnsafeRawBufferPointer) {
        guard defect == nil, let context, !bytes.isEmpty else { return }
        let text = bytes.assumingMemoryBound(to: CChar.self).baseAddress
        let code = xmlParseChunk(context, text, Int32(bytes.count), 0)
        if code != 0, defect == nil, context.pointee.wellFormed == 0 {
            defect = (.notWellFormed("error \(code)"), line)
        }
    }

    private func stop(_ found: Defect, line: Int) {
        guard defect == nil else { return }
        defect = (found, line)
        xmlStopParser(context)
    }

    // MARK: What libxml2 calls

    private static let startElement: startElementNsSAX2Func = {
        target, name, _, _, _, _, count, _, attributes in
        guard let target, let name else { return }
        let feed = Unmanaged<XMLFeed>.fromOpaque(target).takeUnretainedValue()
        feed.depth += 1
        guard feed.depth <= XMLFeed.maximumDepth else {
            feed.stop(.tooDeep, line: feed.line)
            return
        }
        var list: [(name: String, value: [UInt8])] = []
        list.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            // Five pointers for each: name, prefix, namespace, begin and end of the value.
            guard let attributes, let key = attributes[index * 5],
                let begin = attributes[index * 5 + 3], let end = attributes[index * 5 + 4]
            else { continue }
            list.append(
                (
                    String(cString: key),
                    Array(UnsafeBufferPointer(start: begin, count: end - begin))
                ))
        }
        feed.delegate?.start(String(cString: name), list)
    }

    private static let endElement: endElementNsSAX2Func = { target, name, _, _ in
        guard let target, let name else { return }
        let feed = Unmanaged<XMLFeed>.fromOpaque(target).takeUnretainedValue()
        feed.depth -= 1
        feed.delegate?.end(String(cString: name))
    }

    private static let structuredError: xmlStructuredErrorFunc = { target, error in
        guard let target, let error else { return }
        let feed = Unmanaged<XMLFeed>.fromOpaque(target).takeUnretainedValue()
        guard error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
        let code = error.pointee.code
        let isEntity =
            code == Int32(XML_ERR_UNDECLARED_ENTITY.rawValue)
            || code == Int32(XML_WAR_UNDECLARED_ENTITY.rawValue)
            || code == Int32(XML_ERR_ENTITY_LOOP.rawValue)
        let message = error.pointee.message.map { String(cString: $0) } ?? "error \(code)"
        feed.stop(
            isEntity ? .entities : .notWellFormed(PlainText.line(message, limit: 120)),
            line: max(Int(error.pointee.line), 1))
    }
}

/// What stands before the root: the declaration, comments and the document type, which is cut out.
private struct Prolog {
    private var held: [UInt8] = []
    private(set) var isDone = false
    private(set) var line = 1
    private(set) var defect: XMLFeed.Defect?

    /// Takes a piece and returns what the parser may see.
    ///
    /// Line breaks of a document type are kept, so that lines keep their numbers.
    mutating func take(_ piece: UnsafeRawBufferPointer) -> [UInt8] {
        held.append(contentsOf: piece)
        var position = 0
        while let open = held[position...].firstIndex(of: 0x3c) {
            guard open + 9 <= held.count else { return waiting() }
            if starts(with: "<?", at: open) {
                guard let end = find("?>", from: open) else { return waiting() }
                position = end
            } else if starts(with: "<!--", at: open) {
                guard let end = find("-->", from: open) else { return waiting() }
                position = end
            } else if starts(with: "<!DOCTYPE", at: open) {
                guard let end = typeEnd(from: open) else { return waiting() }
                if contains("<!ENTITY", in: open..<end) {
                    line += held[..<open].count { $0 == 0x0a }
                    defect = .entities
                    held = []
                    return []
                }
                for index in open..<end where held[index] != 0x0a { held[index] = 0x20 }
                return passAll()
            } else {
                return passAll()
            }
        }
        return waiting()
    }

    /// There is none: what comes is the document.
    mutating func skip() { isDone = true }

    /// What was held back when the document ended.
    mutating func rest() -> [UInt8] { isDone ? [] : passAll() }

    private mutating func passAll() -> [UInt8] {
        defer { held = [] }
        isDone = true
        return held
    }

    private mutating func waiting() -> [UInt8] {
        if held.count > XMLFeed.maximumTypeBytes { defect = .typeTooLong }
        return []
    }

    private func starts(with word: StaticString, at index: Int) -> Bool {
        held[index...].starts(
            with: UnsafeBufferPointer(
                start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private func find(_ word: StaticString, from start: Int) -> Int? {
        var index = start
        while index + word.utf8CodeUnitCount <= held.count {
            if starts(with: word, at: index) { return index + word.utf8CodeUnitCount }
            index += 1
        }
        return nil
    }

    private func contains(_ word: StaticString, in range: Range<Int>) -> Bool {
        range.contains { held[$0] == 0x3c && starts(with: word, at: $0) }
    }

    /// The end of a document type: the first `>` outside brackets and quotation marks.
    private func typeEnd(from start: Int) -> Int? {
        var isInside = false
        var index = start
        while index < held.count {
            switch held[index] {
            case 0x5b: isInside = true
            case 0x5d:
                // The end of the internal subset, whatever mistakes stand in it.
                var next = index + 1
                while next < held.count, [0x20, 0x09, 0x0a, 0x0d].contains(held[next]) { next += 1 }
                guard next < held.count else { return nil }
                if held[next] == 0x3e { return next + 1 }
            case 0x3e where !isInside: return index + 1
            default: break
            }
            index += 1
        }
        return nil
    }
}
