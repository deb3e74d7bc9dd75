package import LedgerCore
package import SyncCore

/// What finding and comparing projects wants to read.
package enum CatalogueRequest: Equatable, Sendable {
    /// What a query can be filtered by.
    case facets(ProjectQuery)
    case savedFilters
    case versions(ProjectID)
    /// Two projects side by side.
    case comparison(ProjectID, ProjectID)
    case ownProfile

    /// A part of the screen that one request fills.
    enum Slot: Hashable { case facets, savedFilters, versions, comparison, ownProfile }

    var slot: Slot {
        switch self {
        case .facets: .facets
        case .savedFilters: .savedFilters
        case .versions: .versions
        case .comparison: .comparison
        case .ownProfile: .ownProfile
        }
    }
}

/// The answer to such a request, case by case.
package enum CatalogueAnswer: Equatable, Sendable {
    case facets([FacetCount])
    case savedFilters([SavedFilter])
    case versions([ProjectVersion])
    case comparison(ProjectDetail?, ProjectDetail?)
    case ownProfile(OwnProfile)

    var slot: CatalogueRequest.Slot {
        switch self {
        case .facets: .facets
        case .savedFilters: .savedFilters
        case .versions: .versions
        case .comparison: .comparison
        case .ownProfile: .ownProfile
        }
    }
}

extension MemberReading {
    /// Answers a request about the catalogue from the local store.
    func answer(_ request: CatalogueRequest, at time: Timestamp) throws -> CatalogueAnswer {
        switch request {
        case .facets(let query): .facets(try facets(query))
        case .savedFilters: .savedFilters(try savedFilters())
        case .versions(let project): .versions(try versions(of: project))
        case .comparison(let left, let right):
            .comparison(try project(left, at: time), try project(right, at: time))
        case .ownProfile: .ownProfile(try ownProfile())
        }
    }
}

/// What a key or a click among the projects asks for.
package enum CatalogueMessage: Equatable, Sendable {
    case filtersRequested
    case facetToggled(ProjectFacet)
    case filtersCleared
    /// A name is asked for what is filtered now.
    case filterNamingRequested
    /// The kept filter with the keys goes.
    case filterDeletionRequested
    case filterChosen(SavedFilter)
    case changesRequested
    /// Two other versions, so many steps older.
    case versionStepped(Int)
    /// The selected project is marked, or compared with the marked one.
    case comparisonRequested
    case profileRequested
}
