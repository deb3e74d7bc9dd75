import Testing

@testable import LedgerCore

@Suite struct ComprehensionQuestionTests {
    private static func text(_ length: Int = 10, _ name: String = "a") -> LocalizedText {
        LocalizedText(
            english: String(repeating: name, count: length),
            chinese: String(repeating: name + "中", count: length / 4))
    }

    private static let good = ComprehensionQuestion(
        text(), answers: [text(8, "a"), text(8, "b")], right: 1, explanation: text())

    private func terms(_ question: ComprehensionQuestion?, asksSecret: Bool) throws -> ProjectTerms
    {
        var terms = ProjectTerms(
            project: try #require(ProjectID("q")), programme: .staffPlan,
            title: LocalizedText(english: "t"), why: LocalizedText(english: "w"),
            recipients: [
                AccountID(firstDevice: DeviceID(publicKey: Array(repeating: 1, count: 32)))
            ],
            kinds: [KindRequest(.clinical, isRequired: true)], purposes: [.healthResearch],
            collectionFrom: .init(milliseconds: 0), collectionUntil: .init(milliseconds: 1),
            useUntil: .init(milliseconds: 2), eraseAt: .init(milliseconds: 3))
        terms.question = question
        terms.asksSecret = asksSecret
        return terms
    }

    @Test func `a question and the wish for a secret are part of the terms and of their hash`()
        throws
    {
        let question = try #require(Self.good)
        let plain = try terms(nil, asksSecret: false)
        let asking = try terms(question, asksSecret: true)
        for terms in [plain, asking] {
            let bytes = terms.json.canonicalBytes
            #expect(try ProjectTerms(json: JSONValue(canonical: bytes)) == terms)
        }
        #expect(plain.hash != asking.hash)
        #expect(try terms(question, asksSecret: false).hash != asking.hash)
        // Terms without either are what they were before there was such a thing.
        let members = String(decoding: plain.json.canonicalBytes, as: UTF8.self)
        #expect(!members.contains("question") && !members.contains("confirm_secret"))
    }

    @Test func `a question needs both languages, two to four different answers and one right`() {
        typealias Question = ComprehensionQuestion
        let answers = [Self.text(8, "a"), Self.text(8, "b")]
        func make(
            _ answers: [LocalizedText], right: Int = 0, text: LocalizedText = Self.text()
        ) -> Question? {
            Question(text, answers: answers, right: right, explanation: Self.text())
        }
        #expect(make(answers) != nil)
        #expect(make(answers, right: 2) == nil)
        #expect(make(answers, right: -1) == nil)
        #expect(make([answers[0]]) == nil)
        #expect(make(["a", "b", "c", "d", "e"].map { Self.text(8, $0) }) == nil)
        #expect(make([answers[0], answers[0]]) == nil)
        #expect(make(answers, text: LocalizedText(english: "only English")) == nil)
        #expect(make(answers, text: Self.text(Question.textBytes + 1)) == nil)
        #expect(make([answers[0], Self.text(Question.answerBytes + 1, "b")]) == nil)
    }

    @Test(arguments: ["right", "answers", "text", "extra"])
    func `terms with a broken question are no terms`(_ broken: String) throws {
        let question = try #require(Self.good)
        let whole = try terms(question, asksSecret: false)
        guard case .object(var members) = question.json else { return }
        switch broken {
        case "extra": members.append(.init("zz", .integer(1)))
        case "right":
            members.removeAll { $0.key == "right" }
            members.append(.init("right", .integer(3)))
        default: members.removeAll { $0.key == broken }
        }
        guard case .object(var fields) = whole.json else { return }
        fields.removeAll { $0.key == "question" }
        fields.append(.init("question", .sorted(members)))
        #expect(throws: EntryDefect.self) { try ProjectTerms(json: .sorted(fields)) }
    }
}
