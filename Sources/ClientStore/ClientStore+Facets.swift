internal import GRDB
internal import LedgerCore
package import SyncCore

/// What a project is filtered by, as columns.
struct FacetColumns {
    let kinds: Int64
    let required: Int64
    let ageFrom: Int64
    let ageUntil: Int64
    let sex: String
    let programmes: Int64
    let regions: String

    init(_ terms: ProjectTerms) {
        kinds = Self.bits(terms.kinds.map(\.kind))
        required = Self.bits(terms.requiredKinds)
        ageFrom = terms.criteria.ageFrom ?? 0
        ageUntil = terms.criteria.ageUntil ?? 1_000
        sex = terms.criteria.sex?.rawValue ?? ""
        programmes = Self.bits(terms.criteria.programmes)
        let regions = terms.criteria.regions.map(\.text)
        self.regions = regions.isEmpty ? "" : " " + regions.joined(separator: " ") + " "
    }

    static func bits<Case: CaseIterable & Equatable>(_ cases: some Sequence<Case>) -> Int64 {
        cases.reduce(0) { bits, element in
            let position = Case.allCases.enumerated().first { $0.element == element }?.offset
            return bits | 1 << Int64(position ?? 0)
        }
    }
}

/// A condition of SQL and its arguments.
struct Condition {
    var sql: String
    var arguments: StatementArguments
}

extension ClientStore {
    /// Fills the columns of projects that were stored before there were any.
    static func fillFacets(_ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT row, terms FROM project")
        let update = try db.makeStatement(
            sql: """
                UPDATE project SET kind_bits = ?, required_bits = ?, age_from = ?, age_until = ?,
                    sex = ?, programme_bits = ?, regions = ?, key_en = ?, key_zh = ?
                WHERE row = ?
                """)
        while let row = try rows.next() {
            let terms = try ProjectTerms(json: JSONValue(canonical: row.bytes(1)))
            let facets = FacetColumns(terms)
            try update.execute(arguments: [
                facets.kinds, facets.required, facets.ageFrom, facets.ageUntil, facets.sex,
                facets.programmes, facets.regions,
                TitleKey.key(terms.title, readsChinese: false),
                TitleKey.key(terms.title, readsChinese: true), row[0] as Int64,
            ])
        }
    }

    func facetKey(_ facets: [ProjectFacet], hour: Int64, in db: Database) throws
        -> StoreCaches.FacetKey
    {
        let asks = facets.contains(.fits)
        return StoreCaches.FacetKey(
            facets: facets, hour: hour, profile: asks ? try ownProfile(in: db) : nil,
            records: asks ? try recordKinds(in: db) : [])
    }

    /// The rows that have what is asked for.
    func rows(having key: StoreCaches.FacetKey, in db: Database) throws -> RowSet {
        let condition = Self.condition(key, leavingOut: nil)
        var rows = RowSet()
        let found = try Int64.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT row FROM project INDEXED BY project_by_facet WHERE \(condition.sql)
                    """),
            arguments: condition.arguments)
        while let row = try found.next() { rows.insert(row) }
        return rows
    }

    /// What a key asks for; one group can be left out, to count what its facets would leave.
    private static func condition(
        _ key: StoreCaches.FacetKey, leavingOut group: ProjectFacet.Group?
    ) -> Condition {
        var parts: [String] = []
        var arguments = StatementArguments()
        let groups = Dictionary(grouping: key.facets.filter { $0.group != group }, by: \.group)
        for (_, facets) in groups.sorted(by: { $0.key < $1.key }) {
            let conditions = facets.map { condition($0, key) }
            parts.append("(" + conditions.map(\.sql).joined(separator: " OR ") + ")")
            for condition in conditions { arguments += condition.arguments }
        }
        return Condition(
            sql: parts.isEmpty ? "1" : parts.joined(separator: " AND "), arguments: arguments)
    }

    private static func condition(_ facet: ProjectFacet, _ key: StoreCaches.FacetKey) -> Condition {
        switch facet {
        case .open: Condition(sql: "open_until > ?", arguments: [key.hour * 3_600_000])
        case .unlimited: Condition(sql: "seats = 0", arguments: [])
        case .programme(let programme):
            Condition(sql: "programme = ?", arguments: [programme.rawValue])
        case .kind(let kind):
            Condition(sql: "kind_bits & ? <> 0", arguments: [FacetColumns.bits([kind])])
        case .institution(let account):
            Condition(sql: "sponsor = ?", arguments: [account.text])
        case .earns(let points): Condition(sql: "offer >= ?", arguments: [points.value])
        case .fits:
            fitting(
                key.profile ?? .nothing, key.records,
                at: Timestamp(milliseconds: key.hour * 3_600_000))
        }
    }

    /// What `Eligibility.judge` says, as a condition: everything is met, nothing is unknown.
    private static func fitting(
        _ profile: OwnProfile, _ records: Set<RecordKind>, at time: Timestamp
    ) -> Condition {
        var parts = ["required_bits & ? = 0"]
        var arguments: StatementArguments = [
            ~FacetColumns.bits(records.union(profile.kinds).sorted())
        ]
        if let age = profile.age(at: time) {
            parts.append("age_from <= ? AND age_until >= ?")
            arguments += [age, age]
        } else {
            parts.append("age_from = 0 AND age_until = 1000")
        }
        parts.append("(sex = '' OR sex = ?)")
        arguments += [profile.sex?.rawValue ?? "-"]
        parts.append("(programme_bits = 0 OR programme_bits & ? <> 0)")
        arguments += [FacetColumns.bits(profile.programmes)]
        parts.append("(regions = '' OR instr(regions, ?) > 0 OR instr(regions, ?) > 0)")
        let region = profile.region
        arguments += [" \(region?.text ?? "-") ", " \(region?.country ?? "-") "]
        return Condition(sql: parts.joined(separator: " AND "), arguments: arguments)
    }

    // MARK: Counts

    /// Returns the facets one can choose, and how many projects each would leave beside what the
    /// other groups and the search ask.
    package func facets(_ query: ProjectQuery) throws -> [FacetCount] {
        try read("count the projects") { db in
            let hour = clock().milliseconds / 3_600_000
            let key = try facetKey((query.facets + [.fits]).ordered, hour: hour, in: db)
            var chosen = key
            chosen.facets = query.facets
            let typed = SearchWords.query(query.search)
            let found = try typed.map { try rows(matching: $0, in: db) }
            var counts: [FacetCount] = []
            for group in ProjectFacet.Group.allCases {
                let rest = Self.condition(chosen, leavingOut: group)
                if group == .institution {
                    counts += try institutions(rest, found, query, in: db)
                    continue
                }
                for facet in Self.choices(of: group) {
                    let own = Self.condition(facet, key)
                    let both = Condition(
                        sql: "\(rest.sql) AND (\(own.sql))",
                        arguments: rest.arguments + own.arguments)
                    counts.append(FacetCount(facet, count: try count(both, found, in: db)))
                }
            }
            return counts
        }
    }

    private static func choices(of group: ProjectFacet.Group) -> [ProjectFacet] {
        switch group {
        case .open: [.open]
        case .unlimited: [.unlimited]
        case .fits: [.fits]
        case .programme: Programme.allCases.map { .programme($0) }
        case .kind: RecordKind.allCases.map { .kind($0) }
        case .institution: []
        case .earns: ProjectFacet.amounts.map { .earns($0) }
        }
    }

    private func count(_ condition: Condition, _ found: RowSet?, in db: Database) throws -> Int {
        guard let found else {
            return try Int.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*) FROM project INDEXED BY project_by_facet
                        WHERE \(condition.sql)
                        """),
                arguments: condition.arguments) ?? 0
        }
        if found.count == 0 { return 0 }
        var count = 0
        let rows = try Int64.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT row FROM project INDEXED BY project_by_facet WHERE \(condition.sql)
                    """),
            arguments: condition.arguments)
        while let row = try rows.next() {
            if found.contains(row) { count += 1 }
        }
        return count
    }

    /// The institutions that run projects, by their names in the person's language.
    private func institutions(
        _ rest: Condition, _ found: RowSet?, _ query: ProjectQuery, in db: Database
    ) throws -> [FacetCount] {
        var counts: [String: Int] = [:]
        if let found {
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT row, sponsor FROM project INDEXED BY project_by_facet
                        WHERE \(rest.sql)
                        """),
                arguments: rest.arguments)
            while let row = try rows.next() {
                if found.contains(row[0]) { counts[row[1], default: 0] += 1 }
            }
        } else {
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT sponsor, count(*) FROM project INDEXED BY project_by_facet
                        WHERE \(rest.sql) GROUP BY sponsor
                        """), arguments: rest.arguments)
            for row in rows { counts[row[0]] = row[1] }
        }
        for case .institution(let account) in query.facets where counts[account.text] == nil {
            counts[account.text] = 0
        }
        return try counts.compactMap { text, count in
            try AccountID(text).map {
                FacetCount(.institution($0), count: count, name: try name(of: text, in: db))
            }
        }.sorted { left, right in
            func key(_ count: FacetCount) -> (String, String) {
                (
                    count.name.map { TitleKey.key($0, readsChinese: query.readsChinese) } ?? "",
                    count.facet.text
                )
            }
            return key(left) < key(right)
        }
    }

    // MARK: What a person keeps

    /// Returns the filters a person gave a name, by their names.
    package func savedFilters() throws -> [SavedFilter] {
        try read("list the filters") { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT name, facets, search, ordering FROM saved_filter")
            ).map { row in
                SavedFilter(
                    name: row[0],
                    facets: (row[1] as String).split(separator: "\n").compactMap {
                        ProjectFacet(text: String($0))
                    }, search: row[2], order: ProjectOrder(rawValue: row[3]) ?? .reward)
            }.sorted { left, right in
                func key(_ name: String) -> (String, String) {
                    (TitleKey.key(LocalizedText(english: name), readsChinese: true), name)
                }
                return key(left.name) < key(right.name)
            }
        }
    }

    /// Keeps a filter; one of the same name gives way.
    package func keep(_ filter: SavedFilter) throws {
        try write("keep the filter") { db in
            try ClientStore.insert(filter, or: "REPLACE", in: db)
        }
    }

    /// Stores a filter; what happens to one of the same name is said in SQL's words.
    static func insert(_ filter: SavedFilter, or conflict: StaticString, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR \(conflict) INTO saved_filter (name, facets, search, ordering)
                VALUES (?, ?, ?, ?)
                """,
            arguments: [
                filter.name, filter.facets.map(\.text).joined(separator: "\n"),
                filter.search, filter.order.rawValue,
            ])
    }

    /// Deletes a filter.
    package func deleteFilter(named name: String) throws {
        try write("delete the filter") { db in
            try db.execute(sql: "DELETE FROM saved_filter WHERE name = ?", arguments: [name])
        }
    }

    /// Returns what the person wrote down about themselves.
    package func ownProfile() throws -> OwnProfile {
        try read("read what you wrote down") { db in try ownProfile(in: db) }
    }

    func ownProfile(in db: Database) throws -> OwnProfile {
        try String.fetchOne(
            db.cachedStatement(sql: "SELECT value FROM own WHERE key = 'profile'")
        ).map { OwnProfile(text: $0) } ?? .nothing
    }

    /// Keeps what the person wrote down, on this machine; nothing of it is sent.
    package func keep(_ profile: OwnProfile) throws {
        try write("keep what you wrote down") { db in
            if profile == .nothing {
                try db.execute(sql: "DELETE FROM own WHERE key = 'profile'")
            } else {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO own (key, value) VALUES ('profile', ?)",
                    arguments: [profile.text])
            }
        }
    }

    /// The kinds of the records on this machine.
    func recordKinds(in db: Database) throws -> Set<RecordKind> {
        Set(
            try String.fetchAll(db.cachedStatement(sql: "SELECT DISTINCT kind FROM record"))
                .compactMap(RecordKind.init(rawValue:)))
    }
}
