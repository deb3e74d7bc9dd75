import ClientRuntime
import Foundation
import LedgerCore
import TerminalCore

/// Reads the terms of projects as a person writes them: any JSON layout, dates in words.
enum TermsFile {
    /// Reads one project or a list of them; where the file does not say, `account` reads the data.
    ///
    /// A defect is a `CommandFailure` that names the field.
    static func read(_ content: Data, file: String, account: AccountID) throws -> [ProjectTerms] {
        let parsed: Any
        do {
            parsed = try JSONSerialization.jsonObject(with: content)
        } catch {
            throw CommandFailure(
                .wrongUse, "\(file) is not JSON: nothing was published",
                "\(file) 不是 JSON，未发布任何内容")
        }
        let projects = parsed as? [Any] ?? [parsed]
        return try projects.map { project in
            guard let fields = project as? [String: Any] else {
                throw CommandFailure(
                    .wrongUse, "\(file) does not hold a project", "\(file) 中没有项目")
            }
            do {
                return try terms(fields, account)
            } catch let defect as EntryDefect {
                throw CommandFailure(
                    .wrongUse, "\(file): \(String(describing: defect)): nothing was published",
                    "\(file)：\(String(describing: defect))，未发布任何内容")
            }
        }
    }

    private static let times: Set<String> = [
        "collect_from", "collect_until", "erase_at", "use_until",
    ]

    private static func terms(_ fields: [String: Any], _ account: AccountID) throws -> ProjectTerms
    {
        var members: [String: JSONValue] = [
            "ethics": .string(""), "limits": .array([]), "major": .integer(1),
            "minor": .integer(0), "recipients": .array([.string(account.text)]),
            "reward": jsonObject(
                ["contribution", "member_cap", "use", "use_cap", "window"].map {
                    ($0, .integer(0))
                }), "seats": .integer(0), "source": .string(""),
        ]
        for (key, value) in fields {
            if times.contains(key), let text = value as? String {
                guard let time = Timestamp(iso: text) else { throw EntryDefect.field(key) }
                members[key] = .integer(time.milliseconds)
            } else {
                members[key] = try json(value, key)
            }
        }
        // Lists that are sets stand in ascending order in an entry.
        for key in ["diseases", "limits", "links", "purposes", "recipients", "returns"] {
            members[key] = try members[key].map { try ascending($0, key) }
        }
        if case .object(let criteria)? = members["criteria"] {
            members["criteria"] = .sorted(
                try criteria.map { .init($0.key, try ascending($0.value, "criteria.\($0.key)")) })
        }
        if let kinds = members["kinds"]?.array { members["kinds"] = .array(ordered(kinds)) }
        return try ProjectTerms(json: .sorted(members.map { .init($0.key, $0.value) }))
    }

    /// A list of texts as a set stands in an entry; what is no list stays as it is.
    private static func ascending(_ value: JSONValue, _ key: String) throws -> JSONValue {
        guard let items = value.array else { return value }
        let texts = try items.enumerated().map { place, item in
            guard let text = item.string else { throw EntryDefect.field("\(key)[\(place)]") }
            return text
        }
        return .array(Set(texts).sorted().map(JSONValue.string))
    }

    private static func ordered(_ kinds: [JSONValue]) -> [JSONValue] {
        func place(_ pair: JSONValue) -> Int {
            let kind = pair.array?.first?.string.flatMap(RecordKind.init(rawValue:))
            return kind.flatMap { RecordKind.allCases.firstIndex(of: $0) } ?? 0
        }
        return kinds.sorted { place($0) < place($1) }
    }

    private static func json(_ value: Any, _ key: String) throws -> JSONValue {
        switch value {
        case let text as String: return .string(text)
        case let list as [Any]: return .array(try list.map { try json($0, key) })
        case let fields as [String: Any]:
            return jsonObject(try fields.map { ($0.key, try json($0.value, $0.key)) })
        case let number as NSNumber:
            if CFNumberKind.isBool(number) { return .bool(number.boolValue) }
            guard let integer = Int64("\(number)") else { throw EntryDefect.field(key) }
            return .integer(integer)
        default: throw EntryDefect.field(key)
        }
    }

    private enum CFNumberKind {
        static func isBool(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
    }
}
