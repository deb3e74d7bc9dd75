package import LedgerCore
package import SyncCore

/// The number of a load; a later load for the same part of the screen makes earlier ones void.
package struct RequestID: Hashable, Sendable {
    /// The number, from 1.
    package let number: Int

    /// Makes an id.
    package init(_ number: Int) { self.number = number }
}

/// Something a screen wants to read.
///
/// Loads are answered before the next frame is painted; a folder is when it was read.
package enum Request: Equatable, Sendable {
    case home
    case projects(ProjectQuery, offset: Int, limit: Int)
    case project(ProjectID)
    case authorizations
    case records
    /// Rows of a record on this machine, read from its sealed file.
    case recordRows(record: Int64, offset: Int, limit: Int)
    /// Rows of a record at positions: a part, from `offset`, of the `total` rows that were found.
    case foundRows(record: Int64, positions: [Int], offset: Int, total: Int)
    case points(offset: Int, limit: Int)
    case activity(ActivityQuery, offset: Int, limit: Int)
    case account(AccountRequest)
    case catalogue(CatalogueRequest)
    case entry(Hash)
    case proof(Hash)
    /// The first projects whose words fit.
    case find(String, limit: Int)
    /// The node, the ledger, the devices, and where the configuration is.
    case machine
    /// The minors in the person's care.
    case wards
    /// The files and folders of a folder; an empty path is the folder to start in.
    case folder(String)
    /// How much is decided and not sent.
    case waiting
}

/// The answer to a request, case by case.
package enum Loaded: Equatable, Sendable {
    case home(HomeSummary)
    case projects(Page<ProjectLine>)
    case project(ProjectDetail?)
    case authorizations([AuthorizationLine])
    case records([RecordLine])
    case recordRows(RecordRows)
    case points(PointsSummary, Page<PointsLine>)
    case activity(Page<ActivityLine>)
    case account(AccountAnswer)
    case catalogue(CatalogueAnswer)
    case entry(ActivityLine?)
    case proof(EntryProof?)
    case found([ProjectLine])
    case machine(MachineView)
    case wards([WardLine])
    case folder(FolderListing)
    /// Entries not yet decided about, and how many of them are revocations.
    case waiting(entries: Int, revocations: Int)
}

/// One row of a record, as the person sees it before handing it over.
package struct RecordRowLine: Equatable, Sendable {
    /// Position in the record, from 0; what a contribution strikes.
    package var position: Int
    /// What it is about, in words.
    package var what: String
    /// Its date as written in the file; may be empty.
    package var when: String
    /// The finding, with its unit.
    package var value: String
    /// Whether it names the person: struck unless the person keeps it.
    package var identifies: Bool

    /// Makes a row.
    package init(position: Int, what: String, when: String, value: String, identifies: Bool) {
        self.position = position
        self.what = what
        self.when = when
        self.value = value
        self.identifies = identifies
    }
}

/// Part of the rows of a record.
package struct RecordRows: Equatable, Sendable {
    /// The record.
    package var record: Int64
    /// The rows asked for.
    package var page: Page<RecordRowLine>
    /// The positions of all rows of the record that name the person, ascending.
    package var identifying: [Int]
    /// The sorts of rows of the record.
    package var sorts: [RowSort]

    /// Makes a part.
    package init(
        record: Int64, page: Page<RecordRowLine>, identifying: [Int], sorts: [RowSort] = []
    ) {
        self.sorts = sorts
        self.record = record
        self.page = page
        self.identifying = identifying
    }
}

/// What is in a folder of this machine.
package struct FolderListing: Equatable, Sendable {
    /// The folder's whole path.
    package var path: String
    /// Its folders and then its files, each by name; the folder above is the first, as `..`.
    package var items: [Item]
    /// How many more there are, beyond `limit`.
    package var notShown: Int

    /// How many are listed at most.
    package static let limit = 5_000

    /// A file or folder.
    package struct Item: Equatable, Sendable {
        /// The name shown.
        package var name: String
        /// The whole path.
        package var path: String
        /// Whether it is a folder.
        package var isFolder: Bool
        /// Its length; 0 for a folder.
        package var sizeBytes: Int64

        /// Makes an item.
        package init(name: String, path: String, isFolder: Bool, sizeBytes: Int64) {
            self.name = name
            self.path = path
            self.isFolder = isFolder
            self.sizeBytes = sizeBytes
        }
    }

    /// Makes a listing.
    package init(path: String, items: [Item], notShown: Int = 0) {
        self.path = path
        self.items = items
        self.notShown = notShown
    }
}

extension MemberReading {
    /// Answers a request from the local store.
    ///
    /// - Returns: `nil` for what is not in the store: rows of records and folders.
    package func answer(_ request: Request, at time: Timestamp) throws -> Loaded? {
        switch request {
        case .home: .home(try home(at: time))
        case .projects(let query, let offset, let limit):
            .projects(try projects(query, offset: offset, limit: limit))
        case .project(let id): .project(try project(id, at: time))
        case .authorizations: .authorizations(try authorizations(at: time))
        case .records: .records(try records())
        case .points(let offset, let limit):
            .points(try pointsSummary(at: time), try points(offset: offset, limit: limit))
        case .activity(let query, let offset, let limit):
            .activity(try activity(query, offset: offset, limit: limit))
        case .account(let request): try answer(request).map(Loaded.account)
        case .catalogue(let request): .catalogue(try answer(request, at: time))
        case .entry(let entry): .entry(try activity(entry: entry))
        case .proof(let entry): .proof(try proof(of: entry))
        case .find(let text, let limit):
            .found(
                try projects(ProjectQuery(search: text), offset: 0, limit: limit).lines)
        case .waiting: try waiting()
        case .recordRows, .foundRows, .machine, .wards, .folder: nil
        }
    }

    private func waiting() throws -> Loaded {
        let status = try status()
        return .waiting(entries: status.outboxCount, revocations: status.queuedRevocations)
    }
}
