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
    /// Rows found by the last searches, newest last.
    var searches: [(key: SearchKey, rows: [Int64])] = []
    /// The names of the institutions.
    var institutions: [String: LocalizedText] = [:]
    /// Why points came, and the verified size it was read for.
    var story: (size: Int64, story: PointsStory)?

    struct ListingKey: Hashable {
        var order: ProjectOrder
        var programme: Programme?
        /// The hour the open ones are for, since 1970; `nil` for all.
        var openHour: Int64?
    }

    struct SearchKey: Hashable {
        var listing: ListingKey
        var query: String
    }
}

/// The ordered rows of a list: paging at any offset costs the same then.
extension ClientStore {
    /// Rows that match, in order: the whole list.
    ///
    /// Made once for each catalogue version and order, from a covering index; a search keeps the
    /// order by looking the rows it found up in that list.
    func listing(_ query: ProjectQuery, in db: Database) throws -> [Int64] {
        let generation = try db.metaInteger(.catalogueGeneration) ?? 0
        let key = StoreCaches.ListingKey(
            order: query.order, programme: query.programme,
            openHour: query.onlyOpen ? clock().milliseconds / 3_600_000 : nil)
        let typed = SearchWords.query(query.search)
        if typed == nil, query.search.contains(where: { !$0.isWhitespace }) { return [] }
        let search = typed.map { StoreCaches.SearchKey(listing: key, query: $0) }
        let cached: (listing: [Int64]?, found: [Int64]?) = caches.withLock { caches in
            if caches.generation != generation {
                caches = StoreCaches()
                caches.generation = generation
            }
            return (
                caches.listings[key],
                search.flatMap { search in caches.searches.first { $0.key == search }?.rows }
            )
        }
        if let found = cached.found { return found }
        let all = try cached.listing ?? rows(for: key, in: db)
        let found = try search.map { try rows(matching: $0.query, among: all, in: db) }
        caches.withLock { caches in
            guard caches.generation == generation else { return }
            if caches.listings.count > 8 { caches.listings = [:] }
            caches.listings[key] = all
            if let search, let found {
                caches.searches.append((search, found))
                if caches.searches.count > 16 { caches.searches.removeFirst() }
            }
        }
        return found ?? all
    }

    private func rows(for key: StoreCaches.ListingKey, in db: Database) throws -> [Int64] {
        let order =
            switch key.order {
            case .reward: "offer DESC, row"
            case .newest: "changed_at DESC, row DESC"
            case .title: "sort_title, row"
            }
        var conditions = [String]()
        var arguments = StatementArguments()
        if let hour = key.openHour {
            conditions.append("open_until > ?")
            arguments += [hour * 3_600_000]
        }
        if let programme = key.programme {
            conditions.append("programme = ?")
            arguments += [programme.rawValue]
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let statement = try db.cachedStatement(
            sql: "SELECT row FROM project \(filter) ORDER BY \(order)")
        return try Int64.fetchAll(statement, arguments: arguments)
    }

    private func rows(matching query: String, among all: [Int64], in db: Database) throws
        -> [Int64]
    {
        let statement = try db.cachedStatement(
            sql: "SELECT rowid FROM project_search WHERE project_search MATCH ?")
        let matches = try Int64.fetchCursor(statement, arguments: [query])
        var bits = [UInt64]()
        while let row = try matches.next() {
            let word = Int(row >> 6)
            if word >= bits.count {
                bits.append(contentsOf: repeatElement(0, count: word + 1 - bits.count))
            }
            bits[word] |= 1 << UInt64(row & 63)
        }
        return all.filter { row in
            let word = Int(row >> 6)
            return word < bits.count && bits[word] & (1 << UInt64(row & 63)) != 0
        }
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
