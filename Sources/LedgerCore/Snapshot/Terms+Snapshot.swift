// What projects ask for.

extension LocalizedText: StatePart {
    func write(to writer: inout StateWriter) { writer.add(english, chinese) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(english: try reader.next(), chinese: try reader.next())
    }
}

extension KindRequest: StatePart {
    func write(to writer: inout StateWriter) { writer.add(kind, isRequired) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(try reader.next(), isRequired: try reader.next())
    }
}

extension RewardRule: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(perContribution, perUse, useCap, memberCap, qualityWindowMilliseconds)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            perContribution: try reader.next(), perUse: try reader.next(),
            useCap: try reader.next(), memberCap: try reader.next(),
            qualityWindowMilliseconds: try reader.next())
    }
}

extension EligibilityCriteria: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(ageFrom, ageUntil, sex, programmes, regions)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            ageFrom: try reader.next(), ageUntil: try reader.next(), sex: try reader.next(),
            programmes: try reader.next(), regions: try reader.next())
    }
}

extension ComprehensionQuestion: StatePart {
    func write(to writer: inout StateWriter) { writer.add(text, answers, right, explanation) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        let question = ComprehensionQuestion(
            try reader.next(), answers: try reader.next(), right: try reader.next(),
            explanation: try reader.next())
        guard let question else { throw .malformed }
        self = question
    }
}

extension ProjectTerms: StatePart {
    func write(to writer: inout StateWriter) {
        writer.add(project, major, minor, programme, title, why, recipients, ethics, source)
        writer.add(kinds, purposes, limits, collectionFrom, collectionUntil, useUntil, eraseAt)
        writer.add(seats, reward, diseases, links, criteria, question, asksSecret, ofAge)
        writer.add(returns, lapse)
    }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(
            project: try reader.next(), major: try reader.next(), minor: try reader.next(),
            programme: try reader.next(), title: try reader.next(), why: try reader.next(),
            recipients: try reader.next(), ethics: try reader.next(), source: try reader.next(),
            kinds: try reader.next(), purposes: try reader.next(), limits: try reader.next(),
            collectionFrom: try reader.next(), collectionUntil: try reader.next(),
            useUntil: try reader.next(), eraseAt: try reader.next(), seats: try reader.next(),
            reward: try reader.next(), diseases: try reader.next(), links: try reader.next(),
            criteria: try reader.next(), question: try reader.next(),
            asksSecret: try reader.next(), ofAge: try reader.next(), returns: try reader.next(),
            lapse: try reader.next())
    }
}
