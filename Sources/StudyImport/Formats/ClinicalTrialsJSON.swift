import LedgerCore

/// ClinicalTrials.gov in JSON: API v2 and the older "full studies".
enum ClinicalTrialsJSON {
    /// Whether a study with this status takes people in, or will.
    static func isOpen(_ status: String?) -> Bool {
        let words = (status ?? "").uppercased().split { !$0.isLetter }.joined(separator: "_")
        return [
            "RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION", "AVAILABLE",
        ].contains(words)
    }

    static func version2(_ node: JSONNode) throws(StudyDefect) -> ImportedStudy {
        let section = node["protocolSection"]
        let identity = section["identificationModule"]
        let status = section["statusModule"]
        let description = section["descriptionModule"]
        let id = identity["nctId"].text ?? ""
        return try ImportedStudy(
            registryID: id,
            title: LocalizedText(
                detecting: identity["briefTitle"].text ?? identity["officialTitle"].text ?? ""),
            why: LocalizedText(
                detecting: description["briefSummary"].text
                    ?? description["detailedDescription"].text ?? ""),
            sponsorName: section[["sponsorCollaboratorsModule", "leadSponsor", "name"]].text ?? "",
            startDate: StudyDate.read(status["startDateStruct"]["date"].text),
            endDate: StudyDate.read(
                status["completionDateStruct"]["date"].text
                    ?? status["primaryCompletionDateStruct"]["date"].text, missing: .lastDay),
            targetSeats: section[["designModule", "enrollmentInfo", "count"]].count,
            isOpen: isOpen(status["overallStatus"].text),
            link: link(id),
            conditions: section["conditionsModule"]["conditions"].elements.compactMap(\.text))
    }

    static func version1(_ node: JSONNode) throws(StudyDefect) -> ImportedStudy {
        let section = node["ProtocolSection"]
        let identity = section["IdentificationModule"]
        let status = section["StatusModule"]
        let description = section["DescriptionModule"]
        let id = identity["NCTId"].text ?? ""
        return try ImportedStudy(
            registryID: id,
            title: LocalizedText(
                detecting: identity["BriefTitle"].text ?? identity["OfficialTitle"].text ?? ""),
            why: LocalizedText(
                detecting: description["BriefSummary"].text
                    ?? description["DetailedDescription"].text ?? ""),
            sponsorName: section[
                ["SponsorCollaboratorsModule", "LeadSponsor", "LeadSponsorName"]
            ].text ?? "",
            startDate: StudyDate.read(status["StartDateStruct"]["StartDate"].text),
            endDate: StudyDate.read(
                status["CompletionDateStruct"]["CompletionDate"].text
                    ?? status["PrimaryCompletionDateStruct"]["PrimaryCompletionDate"].text,
                missing: .lastDay),
            targetSeats: section[["DesignModule", "EnrollmentInfo", "EnrollmentCount"]].count,
            isOpen: isOpen(status["OverallStatus"].text ?? status["ExpandedAccessInfo"].text),
            link: link(id),
            conditions: section[["ConditionsModule", "ConditionList", "Condition"]].elements
                .compactMap(\.text))
    }

    static func link(_ id: String) -> String { "https://clinicaltrials.gov/study/\(id)" }
}
