package import LedgerCore

extension ImportedStudy {
    /// What the terms of an imported study keep to, so that the entry fits its limit.
    enum TermLimits {
        static let titleCharacters = 400
        static let titleBytes = 1_200
        static let whyBytes = 1_500
        static let sponsorBytes = 200
        static let sourceBytes = 400
        static let ethicsBytes = 150
        /// The rest of `EntryLimits.payloadBytes` is for the entry's own fields.
        static let termsBytes = 7_168
        static let seats: ClosedRange<Int64> = 1...1_000_000
        static let year: Int64 = 365 * 86_400_000
        static let latestEnd = 20 * year
        static let eraseDelay: Int64 = 90 * 86_400_000
    }

    /// The project this study becomes; the same study gives the same id, always.
    ///
    /// `/` and white space become `-`. Where that is not enough (other characters, more than 64),
    /// eight digits of the SHA-256 of the registry number follow, so that no two collide.
    package var project: ProjectID {
        var bytes = [UInt8]()
        var isExact = true
        for byte in registryID.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x5f, 0x2d: bytes.append(byte)
            default:
                if byte != UInt8(ascii: "/"), byte != UInt8(ascii: " ") { isExact = false }
                if bytes.last != UInt8(ascii: "-") { bytes.append(UInt8(ascii: "-")) }
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if isExact, let project = ProjectID(text) { return project }
        let digits = Hash.of(Array(registryID.utf8)).hex.prefix(8)
        let stem = String(decoding: bytes.prefix(55), as: UTF8.self)
        guard let project = ProjectID("\(stem)-\(digits)") else {
            preconditionFailure("sanitised bytes and hexadecimal digits make a project id")
        }
        return project
    }

    /// Makes the terms under which the study could recruit here.
    ///
    /// What registries do not say is filled in by fixed rules: `StudyTopic` guesses the programme
    /// and the kinds (clinical records are required, others optional), the purpose is research on
    /// one disease where exactly one is named and health research otherwise, use ends a year
    /// after the study does, nothing is paid. Texts are shortened to fit one entry.
    ///
    /// - Parameters:
    ///   - recipients: Institutions that may read the data, 1 to 64 of them, in any order.
    ///   - now: The time the terms are made.
    /// - Returns: Version 1.0 of the project, which `ProjectTerms(json:)` reads back.
    package func terms(recipients: [AccountID], now: Timestamp) -> ProjectTerms {
        let recipients = Set(recipients).sorted()
        precondition(
            (1...EntryLimits.listCount).contains(recipients.count), "1 to 64 recipients are needed")
        let latest = now.adding(milliseconds: TermLimits.latestEnd)
        let end = min(max(now, endDate ?? now), latest)
        let useUntil = end.adding(milliseconds: TermLimits.year)
        let topics = StudyTopic.topics(title: title, conditions: conditions, why: why)
        var terms = ProjectTerms(
            project: project, programme: topics.programme,
            title: title.mapped {
                StudyText.shortened(
                    $0, characters: TermLimits.titleCharacters, bytes: TermLimits.titleBytes)
            },
            why: reasons(bytes: TermLimits.whyBytes), recipients: recipients,
            ethics: StudyText.shortened(ethics, bytes: TermLimits.ethicsBytes),
            source: StudyText.shortened(
                link.isEmpty ? registryID : "\(registryID) \(link)", bytes: TermLimits.sourceBytes),
            kinds: [KindRequest(.clinical, isRequired: true)]
                + topics.kinds.map { KindRequest($0, isRequired: false) },
            purposes: [conditions.count == 1 ? .diseaseSpecific : .healthResearch],
            collectionFrom: Timestamp(milliseconds: 0), collectionUntil: useUntil,
            useUntil: useUntil, eraseAt: useUntil.adding(milliseconds: TermLimits.eraseDelay),
            seats: targetSeats.flatMap { TermLimits.seats.contains($0) ? $0 : nil } ?? 0)
        var bytes = TermLimits.whyBytes
        while terms.json.canonicalBytes.count > TermLimits.termsBytes, bytes > 100 {
            bytes /= 2
            terms.why = reasons(bytes: bytes)
        }
        return terms
    }

    /// The summary, shortened, and who asks.
    private func reasons(bytes: Int) -> LocalizedText {
        let sponsor = StudyText.shortened(sponsorName, bytes: min(TermLimits.sponsorBytes, bytes))
        var english = why.english
        var chinese = why.chinese
        if english.isEmpty, chinese.isEmpty {
            if title.english.isEmpty {
                chinese = "登记机构未公布简介，详见登记记录。"
            } else {
                english = "The registry published no summary; see the record there."
            }
        }
        return LocalizedText(
            english: StudyText.joined(english, sponsor.isEmpty ? "" : "Sponsor: \(sponsor)", bytes),
            chinese: StudyText.joined(chinese, sponsor.isEmpty ? "" : "申办单位：\(sponsor)", bytes))
    }
}
