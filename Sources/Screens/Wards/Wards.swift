import LedgerCore
import SyncCore
import TerminalCore

/// For whom the person acts: for themself, or for a minor in their care.
enum Wards {
    static func write(_ wards: [WardLine], _ model: AppModel, focus: Int, into page: inout Document)
    {
        let say = model.say
        page.choice(0, isFocused: focus == 0, [Run(say(WardText.myself))])
        for (index, ward) in wards.enumerated() {
            page.choice(
                index + 1, isFocused: focus == index + 1,
                [Run(say(WardText.forName, SafeText(untrusted: ward.name)))],
                trailing: [
                    Run(
                        say(WardText.bornIn, SafeText(untrusted: ward.born.text)), .textMuted)
                ])
        }
        page.blank()
        page.text(say(WardText.inCare), .textMuted)
    }

    static func writeDeclaration(_ field: TextField, _ say: Words, into page: inout Document) {
        page.text(say(WardText.declareAsk))
        page.blank()
        page.input(
            .empty, SafeText(untrusted: field.text), hint: say(WardText.declareHint),
            isFocused: true)
        page.blank()
        page.text(say(WardText.nameStays), .textMuted)
    }

    /// Whom a decision is for, above everything else it says; nothing where it is the person.
    static func writeLead(_ model: AppModel, into page: inout Document) {
        guard let ward = model.settings.ward else { return }
        let isYoung = ward.isAlwaysSensitive(at: model.settings.now)
        page.text(
            model.say(
                isYoung ? WardText.forYoungWard : .forWard, SafeText(untrusted: ward.name)),
            .accent)
        page.blank()
    }

    /// How an authorization stands that a guardian gave, once the member came of age.
    static func sentence(_ line: AuthorizationLine, _ model: AppModel) -> SafeText? {
        guard let until = line.guardianUntil, until <= model.settings.now else { return nil }
        let end = model.say.date(until.adding(milliseconds: ComingOfAge.grace))
        let turned = model.say.date(until)
        guard let ward = model.settings.ward else {
            return model.say(WardText.outgrownOwn, turned, end)
        }
        return model.say(WardText.outgrownWard, SafeText(untrusted: ward.name), turned, end)
    }

    /// Reads a name and a month as they are typed: the month stands last.
    static func declaration(_ typed: String) -> Action? {
        guard let space = typed.lastIndex(where: \.isWhitespace),
            let born = BirthMonth(String(typed[typed.index(after: space)...]))
        else { return nil }
        let name = typed[..<space].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return name.isEmpty ? nil : .declareWard(name: name, born: born)
    }

    static func declaring(_ obstacle: Phrase?) -> KeyBinding {
        KeyBinding([.character("a")], .wardAdditionRequested, .addWard, disabled: obstacle)
    }
}

extension AppModel {
    /// Opens the choice of whom to act for, where the answer came.
    mutating func take(_ wards: [WardLine]) {
        let current = settings.ward.flatMap { ward in
            wards.firstIndex { $0.account == ward.account }
        }
        let overlay = Overlay(.wards(wards), focus: current.map { $0 + 1 } ?? 0)
        if let top = overlays.indices.last, case .wards = overlays[top].content {
            overlays[top] = overlay
        } else {
            overlays.append(overlay)
        }
    }

    mutating func actFor(_ wards: [WardLine], _ choice: Int) -> [Effect] {
        overlays.removeLast()
        let account = choice == 0 ? nil : wards[min(choice, wards.count) - 1].account
        guard account != settings.ward?.account else { return [] }
        // What runs belongs to whom it was started for.
        guard !isBusy else {
            hint(say(WardText.stillBusy), .warning)
            return []
        }
        return [.actFor(account)]
    }

    mutating func declare(_ field: TextField) -> [Effect] {
        guard let action = Wards.declaration(field.text) else {
            hint(say(WardText.notUnderstood), .warning)
            return []
        }
        return start(action)
    }
}
