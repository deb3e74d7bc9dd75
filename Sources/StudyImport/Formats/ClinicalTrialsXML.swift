import Foundation
import LedgerCore

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// ClinicalTrials.gov in XML (`public.xsd`), one study a file.
enum ClinicalTrialsXML {
    static func records(of text: ArraySlice<UInt8>) throws(StudyDefect) -> [StudyRecord] {
        let leaves = try XMLLeaves.parsed(text)
        guard leaves.root == "clinical_study" else {
            throw .formatUnknown(.root(StudyText.shortened(leaves.root, bytes: 64)))
        }
        return [StudyRecord(.file) { () throws(StudyDefect) in try study(leaves) }]
    }

    private static func study(_ leaves: XMLLeaves) throws(StudyDefect) -> ImportedStudy {
        let id = leaves["id_info/nct_id"] ?? ""
        return try ImportedStudy(
            registryID: id,
            title: LocalizedText(
                detecting: leaves["brief_title"] ?? leaves["official_title"] ?? ""),
            why: LocalizedText(
                detecting: leaves["brief_summary/textblock"]
                    ?? leaves["detailed_description/textblock"] ?? ""),
            sponsorName: leaves["sponsors/lead_sponsor/agency"] ?? "",
            startDate: StudyDate.read(leaves["start_date"]),
            endDate: StudyDate.read(
                leaves["completion_date"] ?? leaves["primary_completion_date"], missing: .lastDay),
            targetSeats: leaves["enrollment"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil },
            isOpen: ClinicalTrialsJSON.isOpen(leaves["overall_status"]),
            link: leaves["required_header/url"] ?? ClinicalTrialsJSON.link(id),
            conditions: leaves.texts["condition"] ?? [])
    }
}

/// The texts of an XML document by the path of their element below the root.
private struct XMLLeaves {
    let root: String
    let texts: [String: [String]]

    subscript(path: String) -> String? { texts[path]?.first }

    /// Parses a document without a document type, in UTF-8.
    ///
    /// Entities cannot be declared without one, so none is ever expanded but the five of XML.
    static func parsed(_ text: ArraySlice<UInt8>) throws(StudyDefect) -> XMLLeaves {
        guard !contains("<!DOCTYPE", in: text), !contains("<!ENTITY", in: text) else {
            throw .declaresEntities
        }
        let declaration = String(decoding: text.prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
            .lowercased()
        if declaration.hasPrefix("<?xml"), declaration.contains("encoding"),
            !declaration.contains("utf-8"), !declaration.contains("us-ascii")
        {
            throw .notText
        }
        let collector = XMLCollector()
        let parser = XMLParser(data: Data(text))
        parser.shouldResolveExternalEntities = false
        parser.delegate = collector
        let isComplete = parser.parse()
        if collector.isTooDeep { throw .tooDeep }
        guard isComplete, let root = collector.root else {
            throw .notXML(line: parser.lineNumber, column: parser.columnNumber)
        }
        return XMLLeaves(root: root, texts: collector.texts)
    }

    private static func contains(_ word: StaticString, in text: ArraySlice<UInt8>) -> Bool {
        let word = Array(word.description.utf8)
        return text.indices.contains { index in
            text[index] == UInt8(ascii: "<") && text[index...].starts(with: word)
        }
    }
}

/// Collects the texts of elements while Foundation parses.
private final class XMLCollector: NSObject, XMLParserDelegate {
    private(set) var root: String?
    private(set) var texts: [String: [String]] = [:]
    private(set) var isTooDeep = false
    private var path: [String] = []
    private var text: [UInt8] = []

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
        qualifiedName qName: String?, attributes attributeDict: [String: String] = [:]
    ) {
        if root == nil { root = elementName } else { path.append(elementName) }
        text.removeAll(keepingCapacity: true)
        if path.count >= StudyLimits.depth {
            isTooDeep = true
            parser.abortParsing()
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if text.count < StudyLimits.textBytes { text.append(contentsOf: string.utf8) }
    }

    func parser(
        _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?,
        qualifiedName qName: String?
    ) {
        if !text.allSatisfy(StudyFile.isBlank) {
            texts[path.joined(separator: "/"), default: []]
                .append(String(decoding: text, as: UTF8.self))
        }
        text.removeAll(keepingCapacity: true)
        if !path.isEmpty { path.removeLast() }
    }
}
