/// A kind of health data: the unit of authorization, with its own sensitivity.
package enum RecordKind: String, CaseIterable, Sendable, Codable, Comparable {
    case genomic
    case transcriptomic
    case proteomic
    case metabolomic
    case microbiome
    case imaging
    case clinical
    case wearable

    /// Whether the kind counts as human genetic resource information.
    ///
    /// The Implementing Rules of 2023, article 2, leave clinical, imaging, protein and metabolic
    /// data out.
    package var isHumanGeneticResource: Bool {
        switch self {
        case .genomic, .transcriptomic: true
        case .proteomic, .metabolomic, .microbiome, .imaging, .clinical, .wearable: false
        }
    }

    /// Orders as declared: from the genome outward.
    package static func < (left: RecordKind, right: RecordKind) -> Bool {
        left.position < right.position
    }

    private var position: Int { RecordKind.allCases.firstIndex(of: self) ?? 0 }
}
