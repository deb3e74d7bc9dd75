import Foundation
import Screens
import TerminalCore
import TestSupport
import Testing

/// A screen, and how to get there.
struct Scene: CustomTestStringConvertible, Sendable {
    var name: String
    var keys: String
    var store: SampleReading = .member
    var stage: Stage = .open
    var canLock = false

    var testDescription: String { name }

    func driver(columns: Int, rows: Int, language: Language = .english) -> ScreenDriver {
        var driver = ScreenDriver(
            store, columns: columns, rows: rows, language: language, stage: stage,
            canLock: canLock)
        driver.press(keys)
        return driver
    }

    static let all: [Scene] = core + account + catalogue + wards + witnesses

    private static let core: [Scene] = [
        Scene(name: "home", keys: ""),
        Scene(name: "home-newcomer", keys: "", store: .newcomer),
        Scene(name: "home-quiet", keys: "", store: .quiet),
        Scene(name: "home-busy", keys: "", store: .busy),
        Scene(name: "home-busy-end", keys: "G", store: .busy),
        Scene(name: "home-overdue", keys: "Enter", store: .busy),
        Scene(name: "projects", keys: "2 Down"),
        Scene(name: "projects-detail", keys: "2 Enter"),
        Scene(name: "projects-search", keys: "2 / s l e e p"),
        Scene(name: "authorizations", keys: "3"),
        Scene(name: "authorizations-detail", keys: "3 Down Enter"),
        Scene(name: "authorizations-overdue", keys: "3 G Enter", store: .busy),
        Scene(name: "authorizations-empty", keys: "3", store: .newcomer),
        Scene(name: "records", keys: "4"),
        Scene(name: "records-detail", keys: "4 Enter"),
        Scene(name: "records-rows", keys: "4 v"),
        Scene(name: "records-picker", keys: "4 i"),
        Scene(name: "records-erase", keys: "4 d"),
        Scene(name: "points", keys: "5"),
        Scene(name: "points-detail", keys: "5 Enter"),
        Scene(name: "activity", keys: "6"),
        Scene(name: "activity-use", keys: "6 Down Down Enter"),
        Scene(name: "activity-refused", keys: "6 Down Enter"),
        Scene(name: "sign-up", keys: "2 s", store: .newcomer),
        Scene(name: "signed-up", keys: "2 s Enter", store: .newcomer),
        Scene(name: "leave", keys: "2 x"),
        Scene(name: "grant-1-reasons", keys: "2 s g", store: .newcomer),
        Scene(name: "grant-2-kinds", keys: "2 s g Enter", store: .newcomer),
        Scene(name: "grant-3-recipients", keys: "2 s g Enter Enter", store: .newcomer),
        Scene(name: "grant-4-until", keys: "2 s g Enter Enter Enter", store: .newcomer),
        Scene(name: "grant-5-earnings", keys: "2 s g Enter Enter Enter Enter", store: .newcomer),
        Scene(
            name: "grant-6-revoking", keys: "2 s g Enter Enter Enter Enter Enter",
            store: .newcomer),
        Scene(
            name: "grant-7-summary", keys: "2 s g Enter Enter Enter Enter Enter Enter",
            store: .newcomer),
        Scene(
            name: "granted", keys: "2 s g Enter Enter Enter Enter Enter Enter Enter",
            store: .newcomer),
        Scene(name: "grant-care", keys: "2 / n e w b Enter s g Enter", store: .newcomer),
        Scene(
            name: "grant-results", keys: "2 / n e w b Enter s g Enter Enter Enter Enter Enter",
            store: .newcomer),
        Scene(
            name: "grant-question",
            keys: "2 / b l o o d Enter s g Enter Enter Enter Enter Enter Enter",
            store: .newcomer),
        Scene(
            name: "grant-question-wrong",
            keys: "2 / b l o o d Enter s g Enter Enter Enter Enter Enter Enter Enter",
            store: .newcomer),
        Scene(name: "projects-linked", keys: "2 / r e g i Enter Enter", store: .newcomer),
        Scene(
            name: "grant-links", keys: "2 / r e g i Enter s g Enter Enter Enter", store: .newcomer),
        Scene(
            name: "grant-linked-summary",
            keys: "2 / r e g i Enter s g Enter Enter Enter Space Enter Enter Enter Enter",
            store: .newcomer),
        Scene(
            name: "grant-secret",
            keys: "2 / r e g i Enter s g Enter Enter Enter Enter Enter Enter Enter Enter x y",
            store: .newcomer, canLock: true),
        Scene(name: "grant-draft-kept", keys: "2 s g Enter Enter Escape", store: .newcomer),
        Scene(name: "grant-draft", keys: "2 s g Enter Enter Enter Escape g", store: .newcomer),
        Scene(name: "revoke", keys: "3 r"),
        Scene(name: "revoke-erase", keys: "3 r 2"),
        Scene(name: "revoke-anonymous", keys: "3 r 3"),
        Scene(name: "revoked", keys: "3 r Enter"),
        Scene(name: "contribute-1", keys: "2 c"),
        Scene(name: "contribute-2", keys: "2 c Enter Down Down Space"),
        Scene(name: "contribute-3", keys: "2 c Enter Enter"),
        Scene(name: "refusal", keys: "Enter"),
        Scene(name: "proof", keys: "6 G v"),
        Scene(name: "help", keys: "2 ?"),
        Scene(name: "palette", keys: "2 : r e"),
        Scene(name: "notices", keys: "6 G v e Enter Escape n"),
        Scene(name: "themes", keys: "T Down"),
        Scene(name: "languages", keys: "L"),
        Scene(name: "settings", keys: ", Down"),
        Scene(name: "settings-keys", keys: ", Down Down Down Down Down Down Down Down Down Enter"),
        Scene(
            name: "settings-node", keys: ", Down Down Down Down Down Down Down Down Down Down Enter"
        ),
        Scene(
            name: "settings-devices",
            keys: ", Down Down Down Down Down Down Down Down Down Down Down Enter Down"),
        Scene(
            name: "settings-remove",
            keys: ", Down Down Down Down Down Down Down Down Down Down Down Enter d"),
        Scene(name: "keyring", keys: ": k e y r i n g Enter"),
        Scene(name: "quit", keys: "q"),
        Scene(name: "welcome", keys: "", stage: .welcome),
        Scene(name: "welcome-join", keys: "Down Enter A B C", stage: .welcome),
        Scene(name: "welcome-policy", keys: "Down Enter A B C Tab Tab Tab / x", stage: .welcome),
        Scene(name: "locked", keys: "a b c", stage: .locked, canLock: true),
        // No passphrase to type: a keyring keeps the keys closed.
        Scene(name: "locked-keyring", keys: "a b c", stage: .locked),
    ]
}

/// Keeps screens as text: `UPDATE_GOLDEN=1` rewrites the files, to be read like code.
enum Golden {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Golden")

    /// The rows, then the cells of each role, then the cursor.
    static func text(_ frame: Frame) -> String {
        var lines = frame.rows.map { "|" + $0 }
        for role in StyleRole.allCases {
            let runs = frame.roleRuns.filter { $0.role == role }
            guard !runs.isEmpty else { continue }
            let places = runs.map { "\($0.row):\($0.columns.lowerBound)-\($0.columns.upperBound)" }
            lines.append("\(role.name) " + places.joined(separator: " "))
        }
        let cursor = frame.cursor.map { "\($0.row):\($0.column)" } ?? "none"
        lines.append("cursor " + cursor)
        return lines.joined(separator: "\n") + "\n"
    }

    static func expect(_ text: String, _ name: String) throws {
        let file = folder.appending(path: name + ".txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        let kept = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        #expect(text == kept, "\(name) differs:\n\(text)")
    }
}

@Suite struct GoldenScreens {
    static let sizes = [
        Size(columns: 80, rows: 24), Size(columns: 100, rows: 30), Size(columns: 200, rows: 60),
        Size(columns: 40, rows: 12),
    ]

    @Test(arguments: Scene.all)
    func `a screen looks as it was agreed, at four sizes and in both languages`(
        _ scene: Scene
    ) throws {
        var text = ""
        for language in Language.allCases {
            for size in Self.sizes {
                let driver = scene.driver(
                    columns: size.columns, rows: size.rows, language: language)
                text += "\(scene.name) \(size.columns)x\(size.rows) \(language.rawValue)\n"
                text += Golden.text(driver.frame)
            }
        }
        try Golden.expect(text, scene.name)
    }
}
