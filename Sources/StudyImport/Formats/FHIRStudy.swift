import LedgerCore

/// ResearchStudy of FHIR R4.
enum FHIRStudy {
    static func read(_ node: JSONNode) throws(StudyDefect) -> ImportedStudy {
        let identifiers = node["identifier"].elements
        let identifier = identifiers.first { $0["use"].text == "official" } ?? identifiers.first
        let id = identifier?["value"].text ?? node["id"].text ?? ""
        return try ImportedStudy(
            registryID: id,
            title: LocalizedText(detecting: node["title"].text ?? ""),
            why: LocalizedText(detecting: node["description"].text ?? ""),
            sponsorName: sponsor(of: node),
            startDate: StudyDate.read(node["period"]["start"].text),
            endDate: StudyDate.read(node["period"]["end"].text, missing: .lastDay),
            targetSeats: groupSize(of: node),
            isOpen: ["active", "approved", "in-review"].contains(node["status"].text ?? ""),
            link: link(of: node, id: id),
            conditions: conditions(of: node))
    }

    private static func sponsor(of node: JSONNode) -> String {
        if let name = node["sponsor"]["display"].text { return name }
        return contained(node["sponsor"], in: node)?["name"].text ?? ""
    }

    /// The quantity of the first group that is contained in the resource.
    private static func groupSize(of node: JSONNode) -> Int64? {
        node["enrollment"].elements.lazy
            .compactMap { contained($0, in: node)?["quantity"].count }.first
    }

    private static func contained(_ reference: JSONNode, in node: JSONNode) -> JSONNode? {
        guard let text = reference["reference"].text, text.hasPrefix("#") else { return nil }
        return node["contained"].elements.first { $0["id"].text == String(text.dropFirst()) }
    }

    /// The conditions, each once.
    private static func conditions(of node: JSONNode) -> [String] {
        var names = [String]()
        for concept in node["condition"].elements {
            let name = concept["text"].text ?? concept["coding"].elements.first?["display"].text
            if let name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    private static func link(of node: JSONNode, id: String) -> String {
        if id.hasPrefix("NCT") { return ClinicalTrialsJSON.link(id) }
        return node["extension"].elements.first {
            $0["url"].text?.hasSuffix("ResearchStudy-StudyOverviewUrl") == true
        }?["valueUrl"].text ?? ""
    }
}
