package import LedgerCore

/// A study as a registry published it, whatever the format.
///
/// Text is kept as published but for white space, so it is not yet safe for a terminal.
package struct ImportedStudy: Hashable, Sendable {
    /// The number in its registry, such as `NCT04973462`; not empty.
    package var registryID: String
    /// The title; at least one language is not empty.
    package var title: LocalizedText
    /// The published summary; empty where there is none.
    package var why: LocalizedText
    /// The name of the sponsor, or empty.
    package var sponsorName: String
    /// When it started or will, if known.
    package var startDate: Timestamp?
    /// When it ended or will, if known.
    package var endDate: Timestamp?
    /// How many people it wants or has, if known and not 0.
    package var targetSeats: Int64?
    /// Whether the registry says that it takes people in, or will; see `isOpen(at:)`.
    package var isOpen: Bool
    /// The address of its record, `http` or `https`, or empty.
    package var link: String
    /// The conditions it studies, as worded there.
    package var conditions: [String]
    /// The reference of the ethics approval, or empty.
    package var ethics: String

    /// Makes a study; white space is folded, and only web addresses are kept as links.
    init(
        registryID: String, title: LocalizedText, why: LocalizedText = .none,
        sponsorName: String = "", startDate: Timestamp? = nil, endDate: Timestamp? = nil,
        targetSeats: Int64? = nil, isOpen: Bool, link: String = "", conditions: [String] = [],
        ethics: String = ""
    ) throws(StudyDefect) {
        self.registryID = StudyText.folded(registryID)
        self.title = title.mapped { StudyText.folded($0) }
        self.why = why.mapped { StudyText.paragraphs($0) }
        self.sponsorName = StudyText.folded(sponsorName)
        self.startDate = startDate
        self.endDate = endDate
        self.targetSeats = targetSeats
        self.isOpen = isOpen
        let link = StudyText.folded(link)
        self.link = link.hasPrefix("https://") || link.hasPrefix("http://") ? link : ""
        self.conditions = conditions.map { StudyText.folded($0) }.filter { !$0.isEmpty }
        self.ethics = StudyText.folded(ethics)
        guard !self.registryID.isEmpty else { throw .missing(.registryNumber) }
        guard !self.title.english.isEmpty || !self.title.chinese.isEmpty else {
            throw .missing(.title)
        }
    }
}

extension ImportedStudy {
    /// Whether it takes people in, or will, and its end is not past: registries are slow to say so.
    package func isOpen(at now: Timestamp) -> Bool {
        isOpen && endDate.map { $0 >= now } ?? true
    }
}

extension LocalizedText {
    /// No text in any language.
    static let none = LocalizedText(english: "")

    /// Puts a text of unknown language where it belongs.
    init(detecting text: String) {
        let isChinese = StudyText.isChinese(text)
        self.init(english: isChinese ? "" : text, chinese: isChinese ? text : "")
    }

    func mapped(_ change: (String) -> String) -> LocalizedText {
        LocalizedText(english: change(english), chinese: change(chinese))
    }
}
