import LedgerCore

/// Records of the Chinese Clinical Trial Registry, with its Chinese keys.
enum ChineseRegistry {
    static func read(_ node: JSONNode) throws(StudyDefect) -> ImportedStudy {
        let id = node["注册号"].text ?? ""
        let sponsor =
            node["研究实施负责（组长）单位"].text ?? node["经费或物资来源"].text
            ?? node["Source(s) of funding"].text ?? ""
        let dates = dates(in: node["研究实施时间"].text ?? "")
        let condition = node["Target disease"].text ?? node["研究疾病"].text
        let status = node["征募研究对象情况"].text ?? ""
        let approved = node["伦理委员会批准日期"].text.map { String($0.prefix(10)) }
        return try ImportedStudy(
            registryID: id,
            title: LocalizedText(
                english: node["Public title"].text ?? node["Scientific title"].text ?? "",
                chinese: node["注册题目"].text ?? node["研究课题的正式科学名称"].text ?? ""),
            why: LocalizedText(
                english: node["Objectives of Study"].text ?? "",
                chinese: node["研究目的"].text ?? facts(of: node)),
            sponsorName: sponsor,
            startDate: dates.first ?? StudyDate.read(node["注册时间"].text),
            endDate: dates.dropFirst().first,
            isOpen: !["已完成", "结束", "终止", "撤", "Completed", "Suspended"]
                .contains { status.contains($0) },
            link: "https://www.chictr.org.cn/searchproj.html?regno=\(id)",
            conditions: condition.map { [$0] } ?? [],
            ethics: approved.map { "伦理委员会批准 \($0)" } ?? "")
    }

    /// The sentence for a record without objectives.
    private static func facts(of node: JSONNode) -> String {
        let type = node["研究类型"].text.map { "研究类型：\($0)。" }
        let registered = node["注册时间"].text.map { "注册时间：\($0.prefix(10))。" }
        return [type, registered].compactMap { $0 }.joined()
    }

    /// The dates of `从 From 2024-06-01 00:00:00至 To 2029-10-01 00:00:00`.
    private static func dates(in text: String) -> [Timestamp] {
        text.split { !($0.isASCII && ($0.isNumber || $0 == "-" || $0 == "/")) }
            .filter { $0.utf8.count >= 8 }
            .compactMap { StudyDate.read(String($0)) }
    }
}
