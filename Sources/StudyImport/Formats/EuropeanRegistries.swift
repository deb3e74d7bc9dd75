import LedgerCore

/// Records of CTIS, EUCTR and ISRCTN, in the JSON that ctrdata keeps.
enum EuropeanRegistries {
    static func ctis(_ node: JSONNode) throws(StudyDefect) -> ImportedStudy {
        // Records from before 18 June 2024 have the parts at the top.
        let application = node["authorizedApplication"]
        let part = (application.exists ? application : node)["authorizedPartI"]
        let trial = part["trialDetails"]
        let identity = trial["clinicalTrialIdentifiers"]
        let information = trial["trialInformation"]
        let duration = information["trialDuration"]
        let id = node["ctNumber"].text ?? node["_id"].text ?? ""
        let sponsors = part["sponsors"].elements
        let sponsor = sponsors.first { $0["primary"].text == "1" } ?? sponsors.first
        return try ImportedStudy(
            registryID: id,
            title: LocalizedText(
                detecting: identity["publicTitle"].text ?? identity["fullTitle"].text
                    ?? node["shortTitle"].text ?? node["title"].text ?? ""),
            why: LocalizedText(
                detecting: information["trialObjective"]["mainObjective"].text ?? ""),
            sponsorName: sponsor?["organisation"]["name"].text ?? "",
            startDate: StudyDate.read(
                node["startDateEU"].text ?? duration["estimatedRecruitmentStartDate"].text),
            endDate: StudyDate.read(
                duration["estimatedGlobalEndDate"].text ?? duration["estimatedEndDate"].text),
            targetSeats: node["totalNumberEnrolled"].count ?? part["rowSubjectCount"].count,
            isOpen: isAuthorised(node),
            link: "https://euclinicaltrials.eu/ctis-public/view/\(id)",
            conditions: part["medicalConditions"].elements
                .compactMap { $0["medicalCondition"].text })
    }

    /// Codes 2 to 4 are authorised trials before or in recruitment; older records have words.
    private static func isAuthorised(_ node: JSONNode) -> Bool {
        let status = node["ctStatus"].text ?? ""
        return ["2", "3", "4"].contains(status)
            || status.hasPrefix("Authorised") && !status.hasSuffix("ended")
    }

    static func euctr(_ node: JSONNode) throws(StudyDefect) -> ImportedStudy {
        let lay =
            "a31_title_of_the_trial_for_lay_people_in_easily_understood_ie_nontechnical_language"
        let condition =
            node["e111_medical_condition_in_easily_understood_language"].text
            ?? node["e11_medical_conditions_being_investigated"].text
        let sponsor = node["b1_sponsor"].elements.first
        return try ImportedStudy(
            registryID: node["_id"].text ?? node["a2_eudract_number"].text ?? "",
            title: LocalizedText(
                detecting: node[lay].text ?? node["a3_full_title_of_the_trial"].text ?? ""),
            why: LocalizedText(detecting: node["e21_main_objective_of_the_trial"].text ?? ""),
            sponsorName: sponsor?["b11_name_of_sponsor"].text ?? "",
            startDate: StudyDate.read(node["n_date_of_competent_authority_decision"].text),
            endDate: StudyDate.read(node["p_date_of_the_global_end_of_the_trial"].text),
            targetSeats: node["f422_in_the_whole_clinical_trial"].count
                ?? node["f421_in_the_eea"].count ?? node["f41_in_the_member_state"].count,
            isOpen: node["x5_trial_status"].text == "Ongoing",
            link: node["a2_eudract_number"].text.map {
                "https://www.clinicaltrialsregister.eu/ctr-search/search?query=\($0)"
            } ?? "",
            conditions: condition.map { [$0] } ?? [])
    }

    static func isrctn(_ node: JSONNode) throws(StudyDefect) -> ImportedStudy {
        let description = node["trialDescription"]
        let people = node["participants"]
        let number = node["isrctn"].text ?? node["_id"].text ?? ""
        let summary = [
            description["plainEnglishSummary"].text, description["studyHypothesis"].text,
        ].compactMap { $0 }.first { !$0.hasPrefix("Not provided") }
        let committees = description["ethicsCommittees"]["ethicsCommittee"].elements
        let end = StudyDate.read(
            node["trialDesign"]["overallEndDate"].text ?? people["recruitmentEnd"].text)
        return try ImportedStudy(
            registryID: number.isEmpty || number.hasPrefix("ISRCTN") ? number : "ISRCTN\(number)",
            title: LocalizedText(
                detecting: description["title"].text ?? description["scientificTitle"].text ?? ""),
            why: LocalizedText(detecting: summary ?? ""),
            // The sponsor is only a reference into a list that is not in the record.
            startDate: StudyDate.read(people["recruitmentStart"].text),
            endDate: end,
            targetSeats: people["targetEnrolment"].count ?? people["totalFinalEnrolment"].count,
            // The registry derives the status from dates; a final count means it is over.
            isOpen: people["totalFinalEnrolment"].text == nil
                && people["recruitmentStatusOverride"].text == nil,
            link: "https://www.isrctn.com/ISRCTN\(number)",
            conditions: node["conditions"]["condition"].elements
                .compactMap { $0["description"].text },
            ethics: committees.compactMap { $0["committeeReference"].text }.first
                ?? description["ethicsApproval"].text ?? "")
    }
}
