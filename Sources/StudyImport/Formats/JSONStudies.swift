/// Finds the studies in JSON: one value, a list, a bundle, or one value a line.
enum JSONStudies {
    static func records(of text: ArraySlice<UInt8>) throws(StudyDefect) -> [StudyRecord] {
        let lines = lines(of: text)
        if lines.count > 1, lines.prefix(2).contains(where: { isWhole($0.text) }) {
            return lines.map { line in
                StudyRecord(.line(line.number)) { () throws(StudyDefect) in
                    try study(JSONNode.parsed(line.text))
                }
            }
        }
        let root = try JSONNode.parsed(text)
        if let list = list(in: root) {
            guard !list.isEmpty else { throw .empty }
            return list.enumerated().map { index, node in
                StudyRecord(.element(index + 1)) { () throws(StudyDefect) in try study(node) }
            }
        }
        return [StudyRecord(.file) { () throws(StudyDefect) in try study(root) }]
    }

    /// The records of a value that holds several: a list, a page of a registry, a bundle.
    private static func list(in root: JSONNode) -> [JSONNode]? {
        if let list = root.list { return list }
        if let studies = root["studies"].list { return studies }
        if let studies = root["FullStudiesResponse"]["FullStudies"].list { return studies }
        if root["resourceType"].text == "Bundle" {
            return root["entry"].elements.map { $0["resource"] }
        }
        return nil
    }

    /// Reads a record by the keys it has.
    private static func study(_ node: JSONNode) throws(StudyDefect) -> ImportedStudy {
        if let type = node["resourceType"].text {
            guard type == "ResearchStudy" else {
                throw .formatUnknown(.resource(StudyText.shortened(type, bytes: 64)))
            }
            return try FHIRStudy.read(node)
        }
        switch node["ctrname"].text {
        case "CTIS": return try EuropeanRegistries.ctis(node)
        case "EUCTR": return try EuropeanRegistries.euctr(node)
        case "ISRCTN": return try EuropeanRegistries.isrctn(node)
        default: break
        }
        if node["protocolSection"].isObject { return try ClinicalTrialsJSON.version2(node) }
        for study in [node, node["Study"], node["FullStudy"]["Study"]]
        where study["ProtocolSection"].isObject {
            return try ClinicalTrialsJSON.version1(study)
        }
        if node["注册号"].exists { return try ChineseRegistry.read(node) }
        let dataSetKeys = ["cohort_name", "dataUseConditions", "dataUseRestriction"]
        let beaconKeys: Set<String> = [
            "$schema", "createDateTime", "dataUseConditions", "description", "externalUrl", "id",
            "info", "name", "updateDateTime", "version",
        ]
        let keys = node.keys
        if dataSetKeys.contains(where: keys.contains)
            || keys.contains("id") && keys.contains("name") && beaconKeys.isSuperset(of: keys)
        {
            throw .describesDataSets
        }
        guard node.isObject else { throw .formatUnknown(.noObject) }
        let names = keys.prefix(4).map { "\"\($0)\"" }.joined(separator: ", ")
        throw .formatUnknown(
            keys.isEmpty ? .emptyObject : .keys(StudyText.shortened(names, bytes: 120)))
    }

    /// The lines that are not blank, with their numbers from 1.
    private static func lines(of text: ArraySlice<UInt8>)
        -> [(number: Int, text: ArraySlice<UInt8>)]
    {
        text.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.allSatisfy(StudyFile.isBlank) }
            .map { ($0.offset + 1, $0.element) }
    }

    /// Whether a line is an object by itself: the sign of one value a line.
    private static func isWhole(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.first(where: { !StudyFile.isBlank($0) }) == UInt8(ascii: "{"),
            line.last(where: { !StudyFile.isBlank($0) }) == UInt8(ascii: "}")
        else { return false }
        // Losing the error is right: a line that does not parse is only no sign.
        return (try? JSONNode.parsed(line)) != nil
    }
}
