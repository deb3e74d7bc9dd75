import ClientRuntime
import LedgerCore
import SyncCore

extension JSONValue {
    /// A text in both languages: `{"en":…,"zh":…}`.
    static func text(_ text: LocalizedText) -> JSONValue {
        jsonObject([
            ("en", text.english.isEmpty ? nil : .string(text.english)),
            ("zh", text.chinese.isEmpty ? nil : .string(text.chinese)),
        ])
    }

    /// A time in UTC, such as `2026-11-22T14:03:00Z`.
    static func time(_ time: Timestamp) -> JSONValue { .string(time.iso) }

    /// The kinds asked: `[["clinical",true],…]`, true where taking part needs them.
    static func kinds(_ kinds: [KindRequest]) -> JSONValue {
        .array(kinds.map { .array([.string($0.kind.rawValue), .bool($0.isRequired)]) })
    }
}

extension EntryRejection {
    /// The name of the rule, as the node sends it.
    var name: String { "\(self)" }

    /// Code and name.
    var json: JSONValue {
        jsonObject([("code", .integer(Int64(rawValue))), ("name", .string(name))])
    }
}

extension Participation {
    /// The state in a word for scripts.
    var name: String {
        switch self {
        case .none: "none"
        case .joining: "joining"
        case .joined: "joined"
        case .leaving: "leaving"
        }
    }
}

extension ActivityLine {
    /// The line for scripts.
    var json: JSONValue {
        jsonObject([
            ("at", .time(at)), ("body", body.json), ("entry", .string(entry.hex)),
            ("index", index.map(JSONValue.integer)), ("kind", .string(body.kind.rawValue)),
            ("project", body.project.map { .string($0.text) }),
            ("read", rejection == nil ? nil : .bool(isRead)), ("rejection", rejection?.json),
            ("state", .string(state.rawValue)), ("title", title.map(JSONValue.text)),
            ("actor", actor.map(JSONValue.text)),
        ])
    }
}

extension ContributionLine {
    /// The line for scripts.
    var json: JSONValue {
        let (review, reason): (String, String?) =
            switch self.review {
            case .waiting: ("waiting", nil)
            case .accepted: ("accepted", nil)
            case .rejected(let reason): ("rejected", reason.rawValue)
            }
        return jsonObject([
            ("entry", .string(entry.hex)), ("kind", .string(kind.rawValue)),
            ("project", .string(project.text)), ("reason", reason.map(JSONValue.string)),
            ("review", .string(review)), ("rows", .integer(rows)),
            ("state", .string(state.rawValue)),
            ("uploaded", uploadedPercent.map { .integer(Int64($0)) }),
        ])
    }
}

extension OverdueErasure {
    /// What is late, for scripts: `waiting` is empty where the node itself has not erased.
    var json: JSONValue {
        jsonObject([
            ("due", .time(dueAt)), ("entry", entry.map { .string($0.hex) }),
            ("waiting", .array(waiting.map(JSONValue.text))),
        ])
    }
}

extension AuthorizationLine {
    /// The line for scripts.
    var json: JSONValue {
        jsonObject([
            ("authorization", .string(id.text)),
            (
                "diseases",
                grant.agreedDiseases.isEmpty
                    ? nil : .array(grant.agreedDiseases.map { .string($0.text) })
            ),
            ("granted", grantedAt.map(JSONValue.time)),
            ("kinds", .array(grant.kinds.map { .string($0.rawValue) })),
            ("last_use", lastUse.map(JSONValue.time)),
            ("links", grant.links.isEmpty ? nil : .array(grant.links.map { .string($0.text) })),
            ("major", .integer(grant.major)),
            ("overdue", overdue.isEmpty ? nil : .array(overdue.map(\.json))),
            (
                "pending",
                pending.map {
                    jsonObject([
                        ("kind", .string($0.kind.rawValue)), ("state", .string($0.state.rawValue)),
                    ])
                }
            ),
            ("project", .string(project.text)),
            ("purposes", .array(grant.purposes.map { .string($0.rawValue) })),
            ("state", .string(state.rawValue)), ("title", .text(title)),
            ("until", .time(grant.until)), ("uses", .integer(Int64(uses))),
        ])
    }
}
