import Foundation
import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

@Suite struct WordsTests {
    static let english = Words(.english, now: SampleReading.now)
    static let chinese = Words(.chinese, now: SampleReading.now)

    /// Every text the app can say by itself, with the name of what says it.
    static let texts: [(name: String, text: Bilingual)] = {
        var all: [(String, Bilingual)] = []
        all += Phrase.allCases.map { ("Phrase.\($0)", $0.texts) }
        all += Sentence.allCases.map { ("Sentence.\($0)", $0.texts) }
        all += Explanation.allCases.map { ("Explanation.\($0)", $0.texts) }
        all += DeviceText.allCases.map { ("DeviceText.\($0)", $0.texts) }
        all += WorkText.allCases.map { ("WorkText.\($0)", $0.texts) }
        all += RowText.allCases.map { ("RowText.\($0)", $0.texts) }
        all += ProjectText.allCases.map { ("ProjectText.\($0)", $0.texts) }
        all += KioskText.allCases.map { ("KioskText.\($0)", $0.texts) }
        all += ConsentText.allCases.map { ("ConsentText.\($0)", $0.texts) }
        all += UndoText.allCases.map { ("UndoText.\($0)", $0.texts) }
        all += TourText.allCases.map { ("TourText.\($0)", $0.texts) }
        all += WardText.allCases.map { ("WardText.\($0)", $0.texts) }
        all += HomeText.allCases.map { ("HomeText.\($0)", $0.texts) }
        all += ExportText.allCases.map { ("ExportText.\($0)", $0.texts) }
        all += ResultText.allCases.map { ("ResultText.\($0)", $0.texts) }
        all += ResultClass.allCases.map { ("result.\($0)", $0.name) }
        all += SecretText.allCases.map { ("SecretText.\($0)", $0.texts) }
        all += KeyringText.allCases.map { ("KeyringText.\($0)", $0.texts) }
        all += KeyringProblem.allCases.map { ("keyring.\($0)", Trouble.keyring($0).texts) }
        all += ThemeText.allCases.map { ("ThemeText.\($0)", $0.texts) }
        let policy: [WitnessPolicyError.Reason] = [
            .tooLong, .noQuorum, .controlCharacter, .quorumForm, .notDefined("a"),
            .unknownWord("a"), .logForm, .witnessForm, .groupForm, .keyTwice("a"),
            .memberTwice("a"), .neededInvalid("9", members: 2), .nameTaken("a"),
            .keyRefused(.malformed), .keyRefused(.nameInvalid), .keyRefused(.algorithmUnsupported),
            .keyRefused(.keyLengthWrong), .keyRefused(.keyIDMismatch),
        ]
        all += policy.map {
            ("policy.\($0)", WitnessPolicyError(line: 0, reason: $0).explained)
        }
        let troubles: [Trouble] = [
            .noWard, .wardNeedsName, .wardNameTaken,
            .wrongSecret, .secretWait(minutes: 2), .noSecret, .cannotUndoSent, .cannotUndoFollowed,
            .notSent, .noAnswerYet, .wardsLeft(names: ["Lily"], device: "0a1b"),
            .wardsNotHandedOver(names: ["Lily"]), .wardsNotTakenOver(names: ["Lily"]),
            .wardsClosed(names: ["Lily"]), .keysDamaged(of: []),
            .keysElsewhere(of: []),
            .diskFull, .diskFails, .filesNotHere,
            .storeBusy, .storeTooNew, .storeDamaged, .storeUnavailable, .notJoined,
            .vaultExists, .wrongPassphrase, .vaultDamaged, .vaultLocked, .othersCanRead(path: ""),
            .notOwned(path: ""), .notWritable(path: ""), .notReadable(path: ""), .recordMissing,
            .folderNotEmpty(path: ""),
            .nothingLeft, .rowsChanged, .tooMuchLeaves, .proofMissing, .noDemo, .notACode,
            .codeRefused,
            .nodeNotGenuine, .policyElsewhere, .notInMemory(path: ""),
            .folderInUse(path: ""),
            .noPolicy(path: "", why: WitnessPolicyError(line: 1, reason: .quorumForm)),
            .nodeRefuses(LocalizedText(english: "", chinese: "")),
            .enrolmentRefused, .nodeUnreachable, .nodeSilent, .nodeNonsense, .versionDiffers,
            .witnessesMissing,
            .vaultWiped, .lastTries(left: 3),
            .other(""),
            .storeMended(
                StoreMending(
                    decisions: 2, revocations: 1, records: 1, doubtful: 1, missing: 1,
                    isEnrolled: false, areWitnessesLost: true, folder: "")),
        ]
        all += troubles.map { ("trouble.\($0)", $0.texts) }
        all += RecordKind.allCases.map { ("kind.\($0)", $0.name) }
        all += Programme.allCases.map { ("programme.\($0)", $0.name) }
        all += DataUse.allCases.map { ("use.\($0)", $0.meaning) }
        all += RevocationMode.allCases.map { ("mode.\($0)", $0.name) }
        all += RevocationMode.allCases.map { ("mode.\($0)", $0.explained) }
        all += ContributionRefusal.allCases.map { ("refusal.\($0)", $0.explained) }
        all += UseDenial.allCases.map { ("denial.\($0)", $0.explained) }
        all += TerminationReason.allCases.map { ("termination.\($0)", $0.explained) }
        all += InvalidationReason.allCases.map { ("invalidation.\($0)", $0.explained) }
        all += CorrectionReason.allCases.map { ("correction.\($0)", $0.explained) }
        all += Alarm.allCases.map { ("alarm.\($0)", $0.explained) }
        all += EntryState.allCases.map { ("state.\($0)", $0.name) }
        all += EntryState.allCases.map { ("state.\($0)", $0.explained) }
        all += EntryRejection.allCases.map { ("rejection.\($0)", $0.reason) }
        all += EntryRejection.allCases.map { ("rejection.\($0)", $0.nextStep) }
        return all
    }()

    /// Texts without a Chinese character: patterns, and the name of the other language.
    static let withoutHan: Set<String> = [
        "Phrase.otherLanguage", "WorkText.workPercent", "KioskText.languageKey", "Phrase.inMonth",
        "Phrase.earnedIn",
    ]

    @Test func `every text is said in both languages, and Chinese is Chinese`() {
        for (name, text) in Self.texts {
            #expect(!text.english.isEmpty && !text.chinese.isEmpty, "\(name) has a hole")
            guard !Self.withoutHan.contains(name) else { continue }
            #expect(text.english != text.chinese, "\(name) is not translated")
            let hasHan = text.chinese.unicodeScalars.contains {
                (0x4E00...0x9FFF).contains($0.value)
            }
            #expect(hasHan, "\(name) is not Chinese: \(text.chinese)")
        }
    }

    @Test func `both languages fill in the same places`() {
        for (name, text) in Self.texts {
            func places(_ template: some StringProtocol) -> Set<Character> {
                Set(zip(template, template.dropFirst()).filter { $0.0 == "{" }.map(\.1))
            }
            for form in text.english.split(separator: "|") {
                #expect(places(form) == places(text.chinese), "\(name) differs")
            }
        }
    }

    @Test func `every phrase and sentence is used`() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        var code = ""
        while let file = files?.nextObject() as? URL {
            let name = file.lastPathComponent
            guard name.hasSuffix(".swift"), !name.hasPrefix("Phrase"), !name.hasPrefix("Sentence"),
                !name.hasPrefix("Explanation")
            else { continue }
            code += String(decoding: try Data(contentsOf: file), as: UTF8.self)
        }
        let words = Set(
            code.split { !($0.isLetter || $0.isNumber || $0 == ".") }.flatMap {
                $0.split(separator: ".").map(String.init)
            })
        let names =
            Phrase.allCases.map { "\($0)" } + Sentence.allCases.map { "\($0)" }
            + Explanation.allCases.map { "\($0)" }
        for name in names { #expect(words.contains(name), "\(name) is never said") }
    }

    @Test func `sentences name the keys that a person chose`() {
        let map = KeyMap([.projects: ["authorize": [.character("A")], "sign-up": [.function(4)]]])
        let words = Words(.english, now: SampleReading.now, keys: map, scope: .projects)
        #expect(words(.signedUpNext).string.contains("Next: A authorize, c contribute."))
        #expect(words(.signUpFirst).string == "sign up first (F4)")
        #expect(Self.english(.signedUpNext).string.contains("Next: g authorize"))
    }

    @Test func `keys that sentences name are those of the tables`() throws {
        let all = KeyScope.allCases.flatMap { KeyCatalogue.bindings($0) }
        for (name, text) in Self.texts {
            for part in (text.english + text.chinese).split(separator: "{").dropFirst() {
                let token = part.prefix { $0 != "}" }
                guard let equals = token.firstIndex(of: "=") else { continue }
                let key = Key(name: String(token[token.index(after: equals)...]))
                let bindings = all.filter { $0.name == token[..<equals] }
                let isThere = bindings.contains { key.map($0.keys.contains) == true }
                #expect(isThere, "\(name) names \(token)")
            }
        }
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_200, "1\u{2009}200"), (1_234_567, "1\u{2009}234\u{2009}567"),
        (-1_000, "-1\u{2009}000"),
    ])
    func `thousands are parted by a thin space`(_ number: Int64, _ text: String) {
        #expect(Self.english.number(number).string == text)
    }

    @Test(arguments: [
        (0 as Int64, 0, "1 Jan 1970", "1970年1月1日"),
        (951_782_400_000, 0, "29 Feb 2000", "2000年2月29日"),
        (1_795_356_180_000, 0, "22 Nov 2026", "2026年11月22日"),
        (1_795_391_999_000, 480, "23 Nov 2026", "2026年11月23日"),
        (1_795_356_180_000, -900, "21 Nov 2026", "2026年11月21日"),
        (253_402_300_799_999, 0, "31 Dec 9999", "9999年12月31日"),
    ])
    func `a moment is the right day of the calendar in both languages`(
        _ milliseconds: Int64, _ offset: Int, _ english: String, _ chinese: String
    ) {
        let time = Timestamp(milliseconds: milliseconds)
        let now = SampleReading.now
        #expect(Words(.english, utcOffsetMinutes: offset, now: now).date(time).string == english)
        #expect(Words(.chinese, utcOffsetMinutes: offset, now: now).date(time).string == chinese)
    }

    /// An authorization for a year says 365 days all of its first day, in step with the date beside it.
    @Test func `days left are days of the calendar`() {
        let hour: Int64 = 3_600_000
        // 9 o'clock, and 9 o'clock a year later.
        let start = Int64(20_000) * 24 * hour + 9 * hour
        let end = Timestamp(milliseconds: start + 365 * 24 * hour)
        func left(_ hours: Int64, offset: Int = 0) -> String {
            let now = Timestamp(milliseconds: start + hours * hour)
            return Words(.english, utcOffsetMinutes: offset, now: now).daysLeft(until: end).string
        }
        #expect(left(0) == "365 days left")
        #expect(left(14) == "365 days left")
        #expect(left(15) == "364 days left")
        // Where it is evening already the next day comes sooner.
        #expect(left(14, offset: 120) == "364 days left")
        #expect(left(363 * 24 + 14) == "2 days left")
        #expect(left(364 * 24) == "1 day left")
        #expect(left(364 * 24 + 1) == "less than a day left")
        #expect(left(365 * 24) != left(365 * 24 - 1))
    }

    @Test func `counted things have one form for one and another for many`() {
        #expect(Self.english.count(.rowCount, 1).string == "1 row")
        #expect(Self.english.count(.rowCount, 0).string == "0 rows")
        #expect(Self.chinese.count(.rowCount, 2).string == "2 行")
    }

    @Test func `a text in one language only is shown in that one`() {
        #expect(Self.english(LocalizedText(english: "", chinese: "中风")).string == "中风")
        #expect(Self.chinese(LocalizedText(english: "Sleep")).string == "Sleep")
    }

    @Test func `a locale that is Chinese gives Chinese, any other English`() {
        #expect(Language(localeTag: "zh_CN.UTF-8") == .chinese)
        #expect(Language(localeTag: "de_DE.UTF-8") == .english)
        #expect(Language(localeTag: "") == .english)
    }
}
