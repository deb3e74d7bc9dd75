internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

extension ClientStore {
    /// Returns the entries about the member that match, newest first, entries on their way on top.
    ///
    /// On top: what is on its way and refusals that were not read, the latest first. Below: the
    /// ledger, with the refusals that were read where they happened.
    package func activity(_ query: ActivityQuery, offset: Int, limit: Int) throws
        -> Page<ActivityLine>
    {
        try read("list the activity") { db in
            let filter = ActivityFilter(query)
            let top = try topLines(db).filter { try filter.includes($0, in: db) }
            let read = try readRefusals(filter, in: db)
            let recorded = try filter.count(in: db)
            let total = top.count + read.count + recorded
            let start = min(max(offset, 0), total)
            let end = min(start + max(limit, 0), total)
            var lines = Array(top[min(start, top.count)..<min(end, top.count)])
            // Positions in the history below: a refusal stands below the entries that came after.
            let positions = try read.enumerated().map { number, refusal in
                (
                    position: try filter.count(after: refusal.after, in: db) + number,
                    line: refusal.line
                )
            }
            let window = max(start - top.count, 0)..<max(end - top.count, 0)
            let inside = positions.filter { window.contains($0.position) }
            let before = positions.filter { $0.position < window.lowerBound }.count
            var entries = try recordedLines(
                filter, offset: window.lowerBound - before, limit: window.count - inside.count,
                in: db)[...]
            var refusals = inside[...]
            for position in window {
                if let next = refusals.first, next.position == position {
                    lines.append(next.line)
                    refusals.removeFirst()
                } else if let entry = entries.popFirst() {
                    lines.append(entry)
                }
            }
            return Page(offset: start, lines: lines, total: total)
        }
    }

    private func readRefusals(_ filter: ActivityFilter, in db: Database) throws
        -> [(after: Int64, line: ActivityLine)]
    {
        try Row.fetchAll(
            db.cachedStatement(
                sql: ClientStore.refusalColumns
                    + " WHERE is_read = 1 ORDER BY after_aseq DESC, refused_at DESC")
        ).map { (after: $0[6], line: try refusedLine($0, in: db)) }
            .filter { try filter.includes($0.line, in: db) }
    }

    /// Returns one entry about the member.
    package func activity(entry: Hash) throws -> ActivityLine? {
        try read("read the entry") { db in
            if let line = try topLines(db).first(where: { $0.entry == entry }) { return line }
            let refused = try Row.fetchOne(
                db, sql: ClientStore.refusalColumns + " WHERE id = ?", arguments: [entry.data])
            if let refused { return try refusedLine(refused, in: db) }
            let row = try Row.fetchOne(
                db, sql: ClientStore.entryColumns + " WHERE id = ?", arguments: [entry.data])
            return try row.map { try recordedLine($0, in: db) }
        }
    }

    /// Returns the newest entry that states this: what was signed anew has another id.
    package func activity(stating body: EntryBody) throws -> ActivityLine? {
        try read("look for what was signed anew") { db in
            if let line = try topLines(db).first(where: { $0.body == body }) { return line }
            return try recordedLines(offset: 0, limit: 16, in: db).first { $0.body == body }
        }
    }

    private static let refusalColumns =
        "SELECT id, jws, code, is_read, refused_at, receipt, after_aseq FROM refusal"
    private static let entryColumns = "SELECT id, idx, jws, time FROM entry"

    private func topLines(_ db: Database) throws -> [ActivityLine] {
        var lines = try LocalWishes(db).entries.map { wish in
            try line(
                wish.payload, id: wish.id, index: wish.index, at: wish.queuedAt,
                state: wish.state, in: db)
        }
        lines += try unreadRefusals(db)
        return lines.enumerated()
            .sorted { ($0.element.at, $0.offset) > ($1.element.at, $1.offset) }.map(\.element)
    }

    func unreadRefusals(_ db: Database) throws -> [ActivityLine] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: ClientStore.refusalColumns + " WHERE is_read = 0 ORDER BY refused_at")
        ).map { try refusedLine($0, in: db) }
    }

    func recordedLines(
        _ filter: ActivityFilter = ActivityFilter(ActivityQuery()), offset: Int, limit: Int,
        in db: Database
    ) throws -> [ActivityLine] {
        guard limit > 0 else { return [] }
        if !filter.query.isEverything {
            let statement = try db.cachedStatement(
                sql: ClientStore.entryColumns
                    + " WHERE chain = 1 \(filter.condition) ORDER BY aseq DESC LIMIT ? OFFSET ?")
            return try Row.fetchAll(statement, arguments: filter.arguments + [limit, offset]).map {
                try recordedLine($0, in: db)
            }
        }
        let last = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT coalesce(max(aseq), 0) FROM entry WHERE chain = 1"))
        let statement = try db.cachedStatement(
            sql: ClientStore.entryColumns
                + " WHERE chain = 1 AND aseq <= ? ORDER BY aseq DESC LIMIT ?")
        return try Row.fetchAll(statement, arguments: [(last ?? 0) - offset, limit]).map {
            try recordedLine($0, in: db)
        }
    }

    /// Returns the recorded entries of a kind about the member, oldest first.
    func recordedLines(of kind: EntryKind, in db: Database) throws -> [ActivityLine] {
        let statement = try db.cachedStatement(
            sql: ClientStore.entryColumns + """
                 INDEXED BY entry_of_account_by_kind WHERE chain = 1 AND kind = ? ORDER BY aseq
                """)
        return try Row.fetchAll(statement, arguments: [kind.rawValue]).map {
            try recordedLine($0, in: db)
        }
    }

    private func recordedLine(_ row: Row, in db: Database) throws -> ActivityLine {
        let entry = Entry(bytes: row.bytes(2))
        guard entry.id == (try row.hash(0)) else {
            throw StoreFailure(
                .corrupt, operation: "read the entry", reason: "it is not what was verified")
        }
        return try line(
            entry.payload(), id: entry.id, index: row[1], at: row.time(3), state: .proven, in: db)
    }

    private func refusedLine(_ row: Row, in db: Database) throws -> ActivityLine {
        let entry = Entry(bytes: row.bytes(1))
        return try line(
            entry.payload(), id: entry.id, index: nil, at: row.time(4), state: .rejected,
            rejection: UInt16(exactly: row[2] as Int64).flatMap(EntryRejection.init(rawValue:)),
            isRead: row[3], in: db)
    }

    private func line(
        _ payload: EntryPayload, id: Hash, index: LeafIndex?, at time: Timestamp,
        state: EntryState, rejection: EntryRejection? = nil, isRead: Bool = true, in db: Database
    ) throws -> ActivityLine {
        let actor: LocalizedText? =
            switch payload.body {
            case .useAllowed(let use): try name(of: use.user.text, in: db)
            case .useDenied(let use): try name(of: use.user.text, in: db)
            // An institution has one device, which its account follows from.
            case .dataDerived, .resultReturned, .correctionProposed:
                try name(of: AccountID(firstDevice: payload.device).text, in: db)
            default: try sponsor(of: payload.body.project, in: db)
            }
        return ActivityLine(
            entry: id, index: index, at: time, body: payload.body, state: state,
            rejection: rejection, isRead: isRead,
            title: try title(of: payload.body.project, in: db), actor: actor)
    }

    private func sponsor(of project: ProjectID?, in db: Database) throws -> LocalizedText? {
        guard let project else { return nil }
        let statement = try db.cachedStatement(sql: "SELECT sponsor FROM project WHERE id = ?")
        return try String.fetchOne(statement, arguments: [project.text]).map {
            try name(of: $0, in: db)
        }
    }

    /// Returns the proof of a recorded entry; `nil` if it is not proven.
    package func proof(of entry: Hash) throws -> EntryProof? {
        try read("read the proof") { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT e.idx, e.jws, e.aprev, e.aseq, e.time, e.salt, e.proof, e.size, c.note
                        FROM entry e JOIN checkpoint c ON c.size = e.size WHERE e.id = ?
                        """), arguments: [entry.data])
            guard let row else { return nil }
            let jws = Entry(bytes: row.bytes(1))
            let envelope = EntryEnvelope(
                previousHead: try row.hash(2), chainSequence: row[3], time: row.time(4))
            let bytes = row.bytes(6)
            let hashes = try stride(from: 0, to: bytes.count, by: Hash.byteCount).map {
                try Hash(column: Data(bytes[$0..<min($0 + Hash.byteCount, bytes.count)]))
            }
            let note = try SignedNote(parsing: row.bytes(8))
            let size: Int64 = row[7]
            let payload = try jws.payload()
            let signer = try signer(payload.device, in: db)
            let receipt = Receipt(
                entry: jws, envelope: envelope, salt: row.bytes(5),
                inclusion: InclusionProof(
                    leafIndex: row[0], treeSize: Int(size), hashes: hashes), note: note,
                key: signer.key)
            let continuesOthers = try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM checkpoint WHERE size < ?)"),
                arguments: [size])
            return EntryProof(
                entry: entry, index: row[0], treeSize: size,
                root: try Checkpoint(parsing: note.text).root, pathLength: hashes.count,
                device: payload.device, recordedAt: envelope.time,
                receipt: String(decoding: receipt.bytes, as: UTF8.self), signer: signer.who,
                continuesOthers: continuesOthers ?? false)
        }
    }

    /// Whose device it is, and its public key: a device of the member, or an institution's.
    private func signer(_ device: DeviceID, in db: Database) throws -> (
        who: EntryProof.Signer, key: [UInt8]?
    ) {
        let introductions = try Data.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT jws FROM entry INDEXED BY entry_of_account_by_kind
                    WHERE chain = 1 AND kind IN ('member.enrolled/1', 'device.added/1',
                        'ward.enrolled/1', 'ward.handed-over/1')
                    """))
        for entry in introductions {
            let introduced = try Entry(bytes: [UInt8](entry)).payload().body.introducedKeys
            if let introduced, introduced.device == device { return (.own, introduced.signing) }
        }
        let institutions = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT signing, name_en, name_zh FROM institution"))
        for row in institutions where DeviceID(publicKey: row.bytes(0)) == device {
            return (.institution(row.text(1, 2)), row.bytes(0))
        }
        return (.unknown, nil)
    }
}
