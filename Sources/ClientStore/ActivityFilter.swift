internal import Foundation
internal import GRDB
internal import LedgerCore
internal import SyncCore

/// A query of the activity, as a condition on recorded entries and as a test of other lines.
struct ActivityFilter {
    let query: ActivityQuery
    /// What follows `WHERE chain = 1`; empty for everything.
    let condition: String
    /// What its question marks stand for.
    let arguments: StatementArguments
    /// The words as the search index takes them; `nil` if nothing can be looked up.
    private let words: String?

    init(_ query: ActivityQuery) {
        self.query = query
        words = SearchWords.query(query.search)
        var parts = [String]()
        var arguments = StatementArguments()
        if let type = query.type {
            let globs = type.prefixes.map { _ in "kind GLOB ?" }
            parts.append(globs.isEmpty ? "0" : "(" + globs.joined(separator: " OR ") + ")")
            arguments += StatementArguments(type.prefixes.map { $0 + "*" })
        }
        if let project = query.project {
            parts.append("project = ?")
            arguments += [project.text]
        }
        if !query.search.isEmpty {
            var found = ["idx IN (\(ActivityFilter.usesByName))"]
            let pattern = ActivityFilter.pattern(query.search)
            arguments += [pattern, pattern]
            if let words {
                found.append("project IN (\(ActivityFilter.projectsByWords))")
                arguments += [words]
            }
            for kind in query.named {
                found.append("kind = ?")
                arguments += [kind.rawValue]
            }
            parts.append("(" + found.joined(separator: " OR ") + ")")
        }
        condition = parts.isEmpty ? "" : "AND " + parts.joined(separator: " AND ")
        self.arguments = arguments
    }

    private static let usesByName = """
        SELECT u.idx FROM use_log u JOIN institution i ON i.account = u.user
        WHERE i.name_en LIKE ? ESCAPE '\\' OR i.name_zh LIKE ? ESCAPE '\\'
        """
    private static let projectsByWords = """
        SELECT p.id FROM project_search s JOIN project p ON p.row = s.rowid
        WHERE project_search MATCH ?
        """

    private static func pattern(_ text: String) -> String {
        var pattern = "%"
        for character in text {
            if "\\%_".contains(character) { pattern += "\\" }
            pattern.append(character)
        }
        return pattern + "%"
    }

    /// How many recorded entries match, or how many of those that came after another.
    func count(after sequence: Int64 = 0, in db: Database) throws -> Int {
        guard query.isEverything else {
            let statement = try db.cachedStatement(
                sql: "SELECT count(*) FROM entry WHERE chain = 1 \(condition) AND aseq > ?")
            return try Int.fetchOne(statement, arguments: arguments + [sequence]) ?? 0
        }
        // The numbers of a chain have no gaps.
        let last = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT max(aseq) FROM entry WHERE chain = 1"))
        return max((last ?? 0) - Int(sequence), 0)
    }

    /// Whether a line that is not in the ledger matches.
    func includes(_ line: ActivityLine, in db: Database) throws -> Bool {
        let kind = line.body.kind
        switch query.type {
        case .refusals: guard line.state == .rejected else { return false }
        case let type?:
            guard type.prefixes.contains(where: kind.rawValue.hasPrefix) else { return false }
        case nil: break
        }
        if let project = query.project, line.body.project != project { return false }
        if query.search.isEmpty || query.named.contains(kind) { return true }
        guard let words, let project = line.body.project else { return false }
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM project_search
                WHERE rowid = (SELECT row FROM project WHERE id = ?) AND project_search MATCH ?
                """)
        return try Int.fetchOne(statement, arguments: [project.text, words]) != nil
    }
}
