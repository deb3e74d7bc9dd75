import LedgerCore
import SyncCore

/// Where things stand in an export.
///
///     index.html                   what is in here, for a person
///     manifest.json                SHA-256 and length of every other file
///     manifest.note                its hash, signed by the device that wrote it
///     log.vkey                     the key of the log the proofs are checked against
///     fhir/r4.json, fhir/r5.json   decisions and uses
///     consents/ID.jsonld           consent receipts, ISO/IEC TS 27560
///     points.csv, uses.csv         movements of points, uses and denials
///     results/INDEX.txt            results that studies returned, opened
///     refused.csv, waiting.csv     what the ledger refused, what has no proof yet
///     unrecorded.json              both, as signed, with the log's receipts
///     uploads.json                 uploads that are not finished
///     uploads/SHA-256.sealed       what of them is not at the node, as it will be there
///     entries/INDEX.jws            signed entries
///     receipts/INDEX.tlog-proof    their proofs, each with its entry
///     records/NUMBER-KIND.…        records, each in its own format
///     records/NUMBER-KIND.rows     the same rows as this program keeps them
///     kept.json                    what else the member keeps here
enum ExportPath {
    static let page = "index.html"
    static let manifest = "manifest.json"
    static let signature = "manifest.note"
    static let key = "log.vkey"
    static let fhir = "fhir/r4.json"
    static let fhirR5 = "fhir/r5.json"
    static let points = "points.csv"
    static let uses = "uses.csv"
    static let refused = "refused.csv"
    static let waiting = "waiting.csv"
    static let unrecorded = "unrecorded.json"
    static let uploads = "uploads.json"
    static let kept = "kept.json"
    static let rowsExtension = "rows"

    static func receipt(_ index: LeafIndex) -> String {
        "receipts/\(index).\(TransparencyProof.fileExtension)"
    }

    static func entry(_ index: LeafIndex) -> String { "entries/\(index).jws" }

    static func upload(_ sealed: Hash) -> String { "uploads/\(sealed.hex).sealed" }

    static func result(_ index: LeafIndex) -> String { "results/\(index).txt" }

    static func consent(_ id: AuthorizationID) -> String { "consents/\(id.text).jsonld" }

    static func record(_ id: Int64, _ kind: RecordKind, _ fileExtension: String) -> String {
        "records/\(id)-\(kind.rawValue).\(fileExtension)"
    }

    /// Whether a path of a manifest stays in the folder: words parted by single slashes.
    static func isSafe(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= 3
            && parts.allSatisfy { part in
                !part.isEmpty && part != "." && part != ".."
                    && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x5c }
            }
    }
}
