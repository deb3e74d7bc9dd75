import LedgerCore
import SyncCore
import TerminalCore

/// What a person writes down about themselves, to see which projects fit; it stays here.
enum ProfileSheet {
    struct Model: Equatable {
        var born: TextField
        var region: TextField
        var sex: Sex?
        var programmes: Set<Programme>
        var kinds: Set<RecordKind>

        init(_ profile: OwnProfile) {
            var date = profile.bornYear.map { "\($0)" } ?? ""
            if let month = profile.bornMonth { date += month < 10 ? "-0\(month)" : "-\(month)" }
            born = TextField(date)
            region = TextField(profile.region?.text ?? "")
            sex = profile.sex
            programmes = Set(profile.programmes)
            kinds = Set(profile.kinds)
        }

        mutating func type(_ edit: TextEdit, _ focus: Int) {
            if focus == 0 { born.apply(edit) } else { region.apply(edit) }
        }

        mutating func toggle(_ focus: Int) {
            switch ProfileSheet.choice(focus) {
            case .sex(let chosen): sex = sex == chosen ? nil : chosen
            case .programme(let programme):
                programmes.formSymmetricDifference([programme])
            case .kind(let kind): kinds.formSymmetricDifference([kind])
            case .field, nil: break
            }
        }

        /// What was written down, or what is wrong with it.
        var profile: Result<OwnProfile, Mistake> {
            var profile = OwnProfile(
                sex: sex, programmes: Programme.allCases.filter(programmes.contains),
                kinds: RecordKind.allCases.filter(kinds.contains))
            let date = born.text.filter { $0 != " " }
            if !date.isEmpty {
                guard let born = OwnProfile.born(date) else { return .failure(.born) }
                profile.bornYear = born.year
                profile.bornMonth = born.month
            }
            let place = region.text.filter { $0 != " " }.uppercased()
            if !place.isEmpty {
                guard let region = Region(place) else { return .failure(.region) }
                profile.region = region
            }
            return .success(profile)
        }
    }

    enum Mistake: Error {
        case born, region

        var text: ProjectText {
            switch self {
            case .born: .bornWrong
            case .region: .regionWrong
            }
        }
    }

    enum Choice: Equatable {
        case field
        case sex(Sex)
        case programme(Programme)
        case kind(RecordKind)
    }

    static let fieldCount = 2
    private static let choices: [Choice] =
        [.field, .field] + Sex.allCases.map { .sex($0) }
        + Programme.allCases.map { .programme($0) } + RecordKind.allCases.map { .kind($0) }
    static var choiceCount: Int { choices.count }

    static func choice(_ position: Int) -> Choice? {
        choices.indices.contains(position) ? choices[position] : nil
    }

    static func write(_ model: Model, _ say: Words, focus: Int, into page: inout Document) {
        page.text(say(.staysHere), .textMuted)
        page.blank()
        page.input(
            say(.born), SafeText(untrusted: model.born.text), hint: say(.bornHint),
            isFocused: focus == 0)
        page.input(
            say(.lives), SafeText(untrusted: model.region.text), hint: say(.livesHint),
            isFocused: focus == 1)
        var heading: SafeText?
        for (index, choice) in choices.enumerated().dropFirst(fieldCount) {
            let (title, name, isChecked) = describe(choice, model, say)
            if title != heading {
                heading = title
                page.blank()
                page.heading(title)
            }
            page.choice(index, isFocused: index == focus, isChecked: isChecked, [Run(name)])
        }
    }

    private static func describe(
        _ choice: Choice, _ model: Model, _ say: Words
    ) -> (title: SafeText, name: SafeText, isChecked: Bool) {
        switch choice {
        case .field: ("", "", false)
        case .sex(let sex):
            (
                say(ProjectText.sex), say(sex == .female ? ProjectText.female : .male),
                model.sex == sex
            )
        case .programme(let programme):
            (
                say(ProjectText.programmes), say(programme.name),
                model.programmes.contains(programme)
            )
        case .kind(let kind):
            (say(ProjectText.ownKinds), say(kind.name), model.kinds.contains(kind))
        }
    }
}
