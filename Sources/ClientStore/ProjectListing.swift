internal import GRDB
internal import LedgerCore
internal import SyncCore
internal import Synchronization

/// What is kept in memory between two reads; all of it can be made again.
struct StoreCaches {
    /// The version of the catalogue the lists are for.
    var generation: Int64 = -1
    /// Rows of the projects in each order that was asked for.
    var listings: [ListingKey: [Int64]] = [:]
    /// Rows found by the last searches and filters, newest last.
    var searches: [(key: SearchKey, rows: [Int64])] = []
    /// Rows that have what the last filters asked for, newest last.
    var facets: [(key: FacetKey, rows: RowSet)] = []
    /// The names of the institutions.
    var institutions: [String: LocalizedText] = [:]
    /// Why points came, and the verified size it was read for.
    var story: (size: Int64, story: PointsStory)?

    /// An order of the whole catalogue.
    struct ListingKey: Hashable {
        var order: ProjectOrder
        var readsChinese: Bool
        /// The hour that parts what has ended from what has not, where the order asks.
        var hour: Int64?
    }

    /// What lines have to be.
    struct FacetKey: Hashable {
        var facets: [ProjectFacet]
        var hour: Int64
        /// What the person wrote down, where a facet asks.
        var profile: OwnProfile?
        var records: Set<RecordKind>
    }

    struct SearchKey: Hashable {
        var listing: ListingKey
        var facets: FacetKey
        var query: String?
    }
}

/// The ordered rows of a list: paging at any offset costs the same then.
extension ClientStore {
    /// Rows that match, in order: the whole list.
    ///
    /// Made once for each catalogue version and order, from a covering index; filters and searches
    /// keep the order by looking the rows they found up in that list.
    func listing(_ query: ProjectQuery, in db: Database) throws -> [Int64] {
        let generation = try db.metaInteger(.catalogueGeneration) ?? 0
        let hour = clock().milliseconds / 3_600_000
        let order = StoreCaches.ListingKey(
            order: query.order, readsChinese: query.order == .title && query.readsChinese,
            hour: query.order == .ending ? hour : nil)
        let typed = SearchWords.query(query.search)
        if typed == nil, query.search.contains(where: { !$0.isWhitespace }) { return [] }
        let facets = try facetKey(query.facets, hour: hour, in: db)
        let key = StoreCaches.SearchKey(listing: order, facets: facets, query: typed)
        let cached: (listing: [Int64]?, found: [Int64]?, facets: RowSet?) = caches.withLock {
            caches in
            if caches.generation != generation {
                caches = StoreCaches()
                caches.generation = generation
            }
            return (
                caches.listings[order], caches.searches.first { $0.key == key }?.rows,
                caches.facets.first { $0.key == facets }?.rows
            )
        }
        if let found = cached.found { return found }
        let all = try cached.listing ?? rows(in: order, db)
        var found = all
        var fitting: RowSet?
        if !facets.facets.isEmpty {
            let rows = try cached.facets ?? self.rows(having: facets, in: db)
            fitting = rows
            found = found.filter(rows.contains)
        }
        if let typed { found = found.filter(try rows(matching: typed, in: db).contains) }
        caches.withLock { caches in
            guard caches.generation == generation else { return }
            if caches.listings.count > 8 { caches.listings = [:] }
            caches.listings[order] = all
            if let fitting, cached.facets == nil {
                caches.facets.append((facets, fitting))
                if caches.facets.count > 8 { caches.facets.removeFirst() }
            }
            guard typed != nil || fitting != nil else { return }
            caches.searches.append((key, found))
            if caches.searches.count > 16 { caches.searches.removeFirst() }
        }
        return found
    }

    private func rows(in key: StoreCaches.ListingKey, _ db: Database) throws -> [Int64] {
        func fetch(_ rest: String, _ arguments: StatementArguments = StatementArguments()) throws
            -> [Int64]
        {
            try Int64.fetchAll(
                db.cachedStatement(sql: "SELECT row FROM project \(rest)"), arguments: arguments)
        }
        switch key.order {
        case .reward: return try fetch("ORDER BY offer DESC, row")
        case .newest: return try fetch("ORDER BY changed_at DESC, row DESC")
        case .title:
            return try fetch("ORDER BY \(key.readsChinese ? "key_zh" : "key_en"), row")
        case .ending:
            let now = (key.hour ?? 0) * 3_600_000
            return try fetch("WHERE open_until > ? ORDER BY open_until, row", [now])
                + fetch("WHERE open_until <= ? ORDER BY open_until DESC, row", [now])
        }
    }

    /// The rows of the projects that a search finds.
    func rows(matching query: String, in db: Database) throws -> RowSet {
        let statement = try db.cachedStatement(
            sql: "SELECT rowid FROM project_search WHERE project_search MATCH ?")
        var rows = RowSet()
        let matches = try Int64.fetchCursor(statement, arguments: [query])
        while let row = try matches.next() { rows.insert(row) }
        return rows
    }

    /// The name of an institution; its id where it is not known.
    func name(of account: String, in db: Database) throws -> LocalizedText {
        if let name = caches.withLock({ $0.institutions[account] }) { return name }
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT name_en, name_zh FROM institution WHERE account = ?"),
            arguments: [account])
        guard let row else { return LocalizedText(english: account) }
        let name = row.text(0, 1)
        caches.withLock { $0.institutions[account] = name }
        return name
    }
}
