package import LedgerCore

/// One word of a filter over the catalogue.
///
/// Words of one group widen the list, words of different groups narrow it: wearable data or genome,
/// and in the staff plan.
package enum ProjectFacet: Hashable, Sendable {
    /// It can be joined now.
    case open
    /// It takes any number of people.
    case unlimited
    /// What the person wrote down on this machine fits it.
    case fits
    /// It belongs to a programme.
    case programme(Programme)
    /// It asks for a kind.
    case kind(RecordKind)
    /// An institution runs it.
    case institution(AccountID)
    /// A member can earn at least so much.
    case earns(Points)

    /// Facets that widen each other; one of `earns` takes the place of another.
    package enum Group: Int, CaseIterable, Comparable, Sendable {
        case open, unlimited, fits, programme, kind, institution, earns

        /// In the order a person reads them.
        package static func < (left: Group, right: Group) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// Its group.
    package var group: Group {
        switch self {
        case .open: .open
        case .unlimited: .unlimited
        case .fits: .fits
        case .programme: .programme
        case .kind: .kind
        case .institution: .institution
        case .earns: .earns
        }
    }

    /// The amounts one can ask for.
    package static let amounts = [Points(1), Points(500), Points(1_000)]

    /// Its name in the store; never changes its meaning.
    package var text: String {
        switch self {
        case .open: "open"
        case .unlimited: "unlimited"
        case .fits: "fits"
        case .programme(let programme): "programme=\(programme.rawValue)"
        case .kind(let kind): "kind=\(kind.rawValue)"
        case .institution(let account): "institution=\(account.text)"
        case .earns(let points): "earns=\(points.value)"
        }
    }

    /// Reads a name; `nil` for one this program does not know.
    package init?(text: String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count == 2 ? parts[1] : nil) {
        case ("open", nil): self = .open
        case ("unlimited", nil): self = .unlimited
        case ("fits", nil): self = .fits
        case ("programme", let value?):
            guard let programme = Programme(rawValue: value) else { return nil }
            self = .programme(programme)
        case ("kind", let value?):
            guard let kind = RecordKind(rawValue: value) else { return nil }
            self = .kind(kind)
        case ("institution", let value?):
            guard let account = AccountID(value) else { return nil }
            self = .institution(account)
        case ("earns", let value?):
            guard let points = Int64(value), points > 0 else { return nil }
            self = .earns(Points(points))
        default: return nil
        }
    }
}

extension [ProjectFacet] {
    /// The same facets, each once, in the order a person reads them.
    package var ordered: [ProjectFacet] {
        Set(self).sorted { ($0.group.rawValue, $0.text) < ($1.group.rawValue, $1.text) }
    }

    /// The facets with one more, or without it.
    package func toggling(_ facet: ProjectFacet) -> [ProjectFacet] {
        if contains(facet) { return filter { $0 != facet } }
        let others = facet.group == .earns ? filter { $0.group != .earns } : self
        return (others + [facet]).ordered
    }
}

/// A facet and how many projects it would leave in the list.
package struct FacetCount: Equatable, Sendable {
    /// The facet.
    package var facet: ProjectFacet
    /// How many projects have it, beside what the other groups and the search ask.
    package var count: Int
    /// The name of the institution, for a facet that names one.
    package var name: LocalizedText?

    /// Makes a count.
    package init(_ facet: ProjectFacet, count: Int, name: LocalizedText? = nil) {
        self.facet = facet
        self.count = count
        self.name = name
    }
}

/// A filter a person gave a name; it is kept on this machine only.
package struct SavedFilter: Hashable, Sendable {
    /// Its name, 1...40 characters.
    package var name: String
    /// The facets.
    package var facets: [ProjectFacet]
    /// The words searched for.
    package var search: String
    /// The order.
    package var order: ProjectOrder

    /// The longest name, in characters.
    package static let nameLimit = 40

    /// Makes a filter.
    package init(name: String, facets: [ProjectFacet], search: String, order: ProjectOrder) {
        self.name = String(name.prefix(Self.nameLimit))
        self.facets = facets.ordered
        self.search = search
        self.order = order
    }
}
