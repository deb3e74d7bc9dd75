package import LedgerCore

/// A second model of the rules, written to be simple: it keeps the list of accepted entries and
/// works everything out from it, by reading the list from its start each time.
///
/// It shares no rule with `LedgerState`, only the types of entries, so that both agree by being
/// right and not by being the same.
package struct NaiveLedger {
    /// An accepted entry.
    package final class Item: Sendable {
        package let id: Hash
        package let payload: EntryPayload
        package let time: Timestamp
        package var body: EntryBody { payload.body }
        package var account: AccountID { payload.account }

        init(id: Hash, payload: EntryPayload, time: Timestamp) {
            self.id = id
            self.payload = payload
            self.time = time
        }
    }

    package private(set) var items: [Item] = []

    package init() {}

    /// Takes an entry, or says why not.
    package mutating func offer(_ payload: EntryPayload, id: Hash, at time: Timestamp)
        -> EntryRejection?
    {
        let item = Item(id: id, payload: payload, time: time)
        if let rejection = verdict(on: item) { return rejection }
        items.append(item)
        return nil
    }

    /// Tells the story only so far.
    mutating func replace(_ items: some Sequence<Item>) { self.items = Array(items) }

    func item(_ id: Hash) -> Item? { items.first { $0.id == id } }

    // MARK: People

    func account(of device: DeviceID) -> AccountID? {
        for item in items {
            switch item.body {
            case .institutionAdmitted(let admitted) where admitted.keys.device == device:
                return item.account
            case .memberEnrolled(let keys) where keys.device == device: return item.account
            case .deviceAdded(let keys) where keys.device == device: return item.account
            case .wardEnrolled(let ward) where ward.keys.device == device: return item.account
            case .wardHandedOver(let keys) where keys.device == device: return item.account
            default: continue
            }
        }
        return nil
    }

    func isRevoked(_ device: DeviceID) -> Bool {
        items.contains { $0.body == .deviceRevoked(device) }
    }

    func lastSequence(of device: DeviceID) -> Int64 {
        items.last { $0.payload.device == device && $0.body.kind != .authorizationRevoked }?
            .payload.sequence ?? 0
    }

    func institution(_ account: AccountID) -> InstitutionAdmitted? {
        for item in items where item.account == account {
            if case .institutionAdmitted(let admitted) = item.body { return admitted }
        }
        return nil
    }

    var operatorAccount: AccountID? {
        items.first { $0.body.kind == .institutionAdmitted }?.account
    }

    func isMember(_ account: AccountID) -> Bool {
        items.contains {
            $0.account == account && [.memberEnrolled, .wardEnrolled].contains($0.body.kind)
        }
    }

    func has(_ role: InstitutionRole, _ account: AccountID) -> Bool {
        institution(account)?.roles.contains(role) == true
    }

    func isForeign(_ account: AccountID) -> Bool {
        guard let it = institution(account) else { return false }
        let home = operatorAccount.flatMap { institution($0)?.region } ?? ""
        return it.isForeignHeld || !it.region.isEmpty && it.region != (home == "" ? "CN" : home)
    }

    // MARK: Projects

    func versions(of project: ProjectID) -> [(item: Item, terms: ProjectTerms)] {
        items.compactMap { item in
            switch item.body {
            case .projectPublished(let terms) where terms.project == project: (item, terms)
            case .projectAmended(let amended) where amended.terms.project == project:
                (item, amended.terms)
            default: nil
            }
        }
    }

    func terms(_ project: ProjectID, before id: Hash? = nil) -> ProjectTerms? {
        var found: ProjectTerms?
        for item in items {
            if item.id == id { break }
            switch item.body {
            case .projectPublished(let terms) where terms.project == project: found = terms
            case .projectAmended(let amended) where amended.terms.project == project:
                found = amended.terms
            default: continue
            }
        }
        return found
    }

    func sponsor(_ project: ProjectID) -> AccountID? { versions(of: project).first?.item.account }

    func closedAt(_ project: ProjectID) -> Timestamp? {
        for item in items {
            switch item.body {
            case .projectClosed(let closed) where closed == project: return item.time
            case .projectTerminated(let ended) where ended.project == project: return item.time
            default: continue
            }
        }
        return nil
    }

    /// When authorizations for a version stop to hold: the first later one says so.
    func graceEnd(_ project: ProjectID, of major: Int64) -> Timestamp {
        for (item, terms) in versions(of: project) where terms.major > major {
            guard case .projectAmended(let amended) = item.body else { continue }
            return item.time.adding(milliseconds: amended.graceMilliseconds)
        }
        return .latest
    }

    func isSeated(_ account: AccountID, _ project: ProjectID) -> Bool {
        let last = items.last { item in
            guard item.account == account else { return false }
            switch item.body {
            case .signupJoined(let joined): return joined.project == project
            case .signupLeft(let left): return left == project
            default: return false
            }
        }
        return last?.body.kind == .signupJoined
    }

    func seatsTaken(_ project: ProjectID) -> Int {
        Set(items.filter { $0.body.kind == .signupJoined }.map(\.account))
            .count { isSeated($0, project) }
    }
}
