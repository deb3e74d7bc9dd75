/// A question that the terms of a project ask before consent, with its answers and the right one.
///
/// It helps a person see whether the terms were clear to them. The ledger keeps no answer, and no
/// answer has a consequence. It is hashed with the terms.
package struct ComprehensionQuestion: Hashable, Sendable {
    /// What is asked.
    package let text: LocalizedText
    /// The answers to choose from, in the order shown, two to four.
    package let answers: [LocalizedText]
    /// The position of the right answer, from 0.
    package let right: Int
    /// What is told after a wrong answer.
    package let explanation: LocalizedText

    /// The most bytes of a text, in each language.
    package static let textBytes = 400
    /// The most bytes of an answer, in each language.
    package static let answerBytes = 180
    /// The numbers of answers allowed.
    package static let answerCounts = 2...4

    /// Makes a question; `right` is the position of the right answer, from 0.
    ///
    /// - Returns: `nil` where a text is missing in one language or too long, there are too few or
    ///   too many answers, two answers are alike, or none is the right one.
    package init?(
        _ text: LocalizedText, answers: [LocalizedText], right: Int, explanation: LocalizedText
    ) {
        guard Self.answerCounts.contains(answers.count), answers.indices.contains(right),
            Set(answers.map(\.english)).count == answers.count,
            Set(answers.map(\.chinese)).count == answers.count,
            text.fits(Self.textBytes), explanation.fits(Self.textBytes),
            answers.allSatisfy({ $0.fits(Self.answerBytes) })
        else { return nil }
        self.text = text
        self.answers = answers
        self.right = right
        self.explanation = explanation
    }

    init(json: JSONValue) throws(EntryDefect) {
        let path = "terms.question"
        var fields = try FieldReader(json, path: path)
        let answers = try fields.list("answers") { LocalizedText(json: $0) }
        let right = try fields.integer("right", in: 0...Int64(Self.answerCounts.upperBound))
        guard let explanation = LocalizedText(json: try fields.value("explanation")),
            let text = LocalizedText(json: try fields.value("text")),
            let question = Self(
                text, answers: answers, right: Int(right), explanation: explanation)
        else { throw .field(path) }
        try fields.finish()
        self = question
    }

    var json: JSONValue {
        .sorted([
            .init("answers", .array(answers.map(\.json))),
            .init("explanation", explanation.json),
            .init("right", .integer(Int64(right))),
            .init("text", text.json),
        ])
    }
}

extension LocalizedText {
    /// Whether it is there in both languages, and at most so many bytes long in each.
    fileprivate func fits(_ limit: Int) -> Bool {
        [english, chinese].allSatisfy { !$0.isEmpty && $0.utf8.count <= limit }
    }
}
