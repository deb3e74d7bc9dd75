import LedgerCore
import SyncCore
import TerminalCore

/// The terms of a project as fields that can stand beside those of another.
struct TermFields {
    let terms: ProjectTerms
    let recipients: [LocalizedText]
    let links: [LinkedProject]
    let institution: LocalizedText

    func values(_ say: Words) -> [(name: SafeText, values: [SafeText])] {
        func kinds(_ isRequired: Bool) -> [SafeText] {
            terms.kinds.filter { $0.isRequired == isRequired }.map {
                say($0.kind.name) + " · " + say(isRequired ? .required : .optional)
            }
        }
        func one(_ text: SafeText) -> [SafeText] { text.isEmpty ? [] : [text] }
        return [
            (say(.project), one(say(terms.title))),
            (say(.programme), [say(terms.programme.name)]),
            (say(.runBy), one(say(institution))),
            (say(.asks), kinds(true) + kinds(false)),
            (
                say(ProjectText.forWhom),
                terms.criteria == .none
                    ? [say(ProjectText.forAnybody)] : say.criteria(terms.criteria)
            ),
            (say(.purpose), say.meanings(terms.purposes, of: terms.diseases)),
            (say(.linked), links.map { say.linked($0) }),
            (say(.limits), terms.limits.map { say($0.meaning) }),
            (say(.who), recipients.map { say($0) }),
            (say(.collected), [say.collected(terms)]),
            (say(.until), [say.date(terms.useUntil)]),
            (say(.erased), [say.date(terms.eraseAt)]),
            (say(.earns), say.reward(terms.reward)),
            (say(.seats), terms.seats > 0 ? [say.number(terms.seats)] : [say(.unlimited)]),
            (say(ResultText.returns), terms.resultClasses.map { say($0.name) }),
            (say(ProjectText.ofAge), say.ofAge(terms).map { [$0] } ?? []),
            (say(ProjectText.lapse), [say(terms.lapse.name)]),
            (say(.ethics), one(SafeText(untrusted: terms.ethics))),
            (say(.source), one(SafeText(untrusted: terms.source))),
            (say(.why), one(say(terms.why))),
        ]
    }

    /// The fields of both, in the order a person reads them.
    static func fields(_ left: TermFields, _ right: TermFields, _ say: Words)
        -> [SideBySide.Field]
    {
        zip(left.values(say), right.values(say)).map {
            SideBySide.Field(name: $0.name, left: $0.values, right: $1.values)
        }
        // The usual age, and that nothing is linked or returned, is told by neither.
        .filter {
            ![say(ProjectText.ofAge), say(ResultText.returns), say(.linked)]
                .contains($0.name)
                || !($0.left.isEmpty && $0.right.isEmpty)
        }
    }
}

/// What a version of a project changed.
enum VersionDifference {
    struct Model: Equatable {
        /// Newest first; at least two.
        var versions: [ProjectVersion]
        /// The newer of the two that are shown.
        var position = 0

        /// Goes to an older pair, and from the oldest to the newest.
        mutating func step(_ older: Int) {
            let pairs = versions.count - 1
            position = (position + older % pairs + pairs) % pairs
        }
    }

    static func write(_ model: Model, _ say: Words, into page: inout Document) {
        guard model.versions.indices.contains(model.position + 1) else { return }
        let (new, old) = (model.versions[model.position], model.versions[model.position + 1])
        func number(_ version: ProjectVersion) -> SafeText {
            Agreements.version(version.terms.major, version.terms.minor)
        }
        page.heading(say(new.terms.title))
        let isMajor = new.terms.major != old.terms.major
        page.text(
            say(
                isMajor ? .versionMajor : .versionMinor, number(old), number(new),
                say.date(new.at)), isMajor ? .statusWarning : .textMuted)
        let fields = TermFields.fields(old.fields, new.fields, say).filter(\.differs)
        if fields.isEmpty { page.text(say(.sameTerms), .textMuted) }
        page.blank()
        SideBySide(heads: (say(.was), say(.now)), say: say).write(fields, into: &page)
    }
}

/// Two projects side by side.
enum ProjectComparison {
    static func write(
        _ left: ProjectDetail, _ right: ProjectDetail, _ say: Words, into page: inout Document
    ) {
        var fields = TermFields.fields(left.fields, right.fields, say)
        fields.insert(
            SideBySide.Field(
                name: say.title(ProjectText.fits.texts),
                left: [say.eligibility(left.eligibility).text],
                right: [say.eligibility(right.eligibility).text]), at: 1)
        SideBySide(heads: ("1", "2"), say: say).write(fields, into: &page)
    }
}

extension ProjectVersion {
    var fields: TermFields {
        TermFields(terms: terms, recipients: recipients, links: links, institution: institution)
    }
}

extension ProjectDetail {
    var fields: TermFields {
        TermFields(terms: terms, recipients: recipients, links: links, institution: institution)
    }
}

extension Words {
    /// Returns the dates a project collects; without a first day it collects any date.
    func collected(_ terms: ProjectTerms) -> SafeText {
        span(from: terms.collectionFrom, until: terms.collectionUntil)
    }

    /// Returns two days; the first moment a ledger knows stands for no first day.
    func span(from: Timestamp, until: Timestamp) -> SafeText {
        if from.milliseconds > 0 { return span(from, until) }
        return until >= .latest ? self(.anyDate) : self(.untilDay, date(until))
    }

    /// Returns who is looked for, one thing a line; empty for anybody.
    func criteria(_ criteria: EligibilityCriteria) -> [SafeText] {
        var found: [Eligibility.Criterion] = []
        if criteria.ageFrom != nil || criteria.ageUntil != nil {
            found.append(.age(from: criteria.ageFrom, until: criteria.ageUntil))
        }
        if let sex = criteria.sex { found.append(.sex(sex)) }
        if !criteria.regions.isEmpty { found.append(.regions(criteria.regions)) }
        if !criteria.programmes.isEmpty { found.append(.programmes(criteria.programmes)) }
        return found.map(criterion)
    }

    func criterion(_ criterion: Eligibility.Criterion) -> SafeText {
        switch criterion {
        case .age(let from?, let until?): self(.ages, "\(from)", "\(until)")
        case .age(let from?, nil): self(ProjectText.ageFrom, "\(from)")
        case .age(nil, let until?): self(ProjectText.ageUntil, "\(until)")
        case .age(nil, nil): self(.forAnybody)
        case .sex(.female): self(.women)
        case .sex(.male): self(.men)
        case .regions(let regions):
            self(.inRegions, list(regions.map { SafeText(untrusted: $0.text) }))
        case .programmes(let programmes):
            self(.inProgrammes, list(programmes.map { self($0.name) }))
        case .kind(let kind): self(.needsKind, self(kind.name))
        }
    }

    /// Returns whether a project fits, with its sign and how it is shown.
    func eligibility(_ eligibility: Eligibility) -> (text: SafeText, role: StyleRole) {
        switch eligibility {
        case .fits: return ("✓ " + self(.fitsYou), .statusOK)
        case .doesNotFit(let unmet):
            return ("✗ " + self(.doesNotFit, list(unmet.map(criterion))), .statusWarning)
        case .unknown(let open):
            return ("? " + self(.cannotTell, list(open.map(missing))), .textMuted)
        }
    }

    private func missing(_ criterion: Eligibility.Criterion) -> SafeText {
        switch criterion {
        case .age: self(.missingBirth)
        case .sex: self(.missingSex)
        case .regions: self(.missingRegion)
        case .programmes: self(.missingProgrammes)
        case .kind(let kind): self(.missingKind, self(kind.name))
        }
    }
}
