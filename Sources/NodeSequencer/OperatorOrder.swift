package import LedgerCore

/// Something the operator has the node sign.
package enum OperatorOrder: Equatable, Sendable {
    /// Admit an institution.
    case admit(InstitutionAdmitted)
    /// Mint points for an institution.
    case fund(AccountID, Points)
    /// State something about an account; without one, about the operator itself.
    case state(AccountID?, EntryBody)

    /// The canonical bytes.
    package var bytes: [UInt8] {
        switch self {
        case .admit(let admitted):
            JSONValue.object([
                .init("admit", EntryBody.institutionAdmitted(admitted).json)
            ]).canonicalBytes
        case .fund(let account, let points):
            JSONValue.object([
                .init(
                    "fund",
                    .object([
                        .init("account", .string(account.text)),
                        .init("points", .integer(points.value)),
                    ]))
            ]).canonicalBytes
        case .state(let account, let body):
            JSONValue.object([
                .init(
                    "state",
                    .object([
                        .init("account", .string(account?.text ?? "")),
                        .init("body", body.json),
                        .init("kind", .string(body.kind.rawValue)),
                    ]))
            ]).canonicalBytes
        }
    }

    /// Reads the canonical bytes.
    package init(bytes: [UInt8]) throws {
        let json = try JSONValue(canonical: bytes)
        if let admit = json["admit"] {
            let kind = EntryKind.institutionAdmitted.rawValue
            guard case .institutionAdmitted(let admitted) = try EntryBody(kind: kind, json: admit)
            else { throw EntryDefect.field("order") }
            self = .admit(admitted)
        } else if let fund = json["fund"] {
            var fields = try FieldReader(fund, path: "fund")
            let account = try fields.parsed("account") { AccountID($0) }
            self = .fund(account, try fields.points("points", minimum: 1))
            try fields.finish()
        } else if let state = json["state"] {
            var fields = try FieldReader(state, path: "state")
            let account = try fields.text("account", limit: 64)
            let kind = try fields.text("kind", limit: 64)
            let body = try EntryBody(kind: kind, json: try fields.value("body"))
            try fields.finish()
            self = .state(AccountID(account), body)
        } else {
            throw EntryDefect.field("order")
        }
    }
}

extension OperatorOrder {
    /// What the operator signs, and about whom.
    func statement(by keys: NodeKeys) -> (account: AccountID, body: EntryBody) {
        switch self {
        case .admit(let admitted):
            (AccountID(firstDevice: admitted.keys.device), .institutionAdmitted(admitted))
        case .fund(let account, let points): (account, .budgetFunded(points))
        case .state(let account, let body):
            (account ?? AccountID(firstDevice: keys.operatorKeys.device), body)
        }
    }

    /// Sees that a node with these keys can read it again and sign it: every field in its range, and
    /// all of it no longer than an entry can be.
    ///
    /// - Throws: `EntryDefect`, `JSONRefusal` if it cannot.
    package func check(for keys: NodeKeys) throws {
        _ = try OperatorOrder(bytes: bytes)
        let (account, body) = statement(by: keys)
        // As long as an entry of the operator ever gets.
        let payload = EntryPayload(
            account: account, audience: keys.origin, device: keys.operatorKeys.device,
            sequence: .max, previous: .zero, issuedAt: .latest, body: body)
        _ = try Entry.signed(payload, with: keys.operatorSigning).payload()
    }
}

/// How an order ended.
package enum OrderResult: Equatable, Sendable {
    /// The entry is on the ledger.
    case done(entry: Hash, index: LeafIndex)
    /// A rule forbids it.
    case refused(EntryRejection)
    /// It cannot be read, or nothing that can be read again could be signed for it.
    case unreadable

    /// The canonical bytes.
    package var bytes: [UInt8] {
        switch self {
        case .done(let entry, let index):
            JSONValue.object([
                .init("entry", .string(entry.hex)), .init("index", .integer(index)),
            ]).canonicalBytes
        case .refused(let rejection):
            JSONValue.object([.init("refused", .integer(Int64(rejection.rawValue)))])
                .canonicalBytes
        case .unreadable: JSONValue.object([.init("unreadable", .bool(true))]).canonicalBytes
        }
    }

    /// Reads the canonical bytes.
    package init(bytes: [UInt8]) throws {
        let json = try JSONValue(canonical: bytes)
        if let code = json["refused"]?.integer, let raw = UInt16(exactly: code),
            let rejection = EntryRejection(rawValue: raw)
        {
            self = .refused(rejection)
        } else if let entry = json["entry"]?.string.flatMap({ Hash(hex: $0) }),
            let index = json["index"]?.integer
        {
            self = .done(entry: entry, index: index)
        } else if json["unreadable"] == .bool(true) {
            self = .unreadable
        } else {
            throw EntryDefect.field("result")
        }
    }
}
