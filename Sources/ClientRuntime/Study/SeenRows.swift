import Crypto
import Foundation
import HealthRecords
import LedgerCore

/// Which rows a study team has seen, as fingerprints under its own key: they tell nobody else what
/// the rows say, and still show that somebody handed over the same twice.
///
/// Ids inside a record get other names for each contribution, so the fingerprint is of what a
/// person reads: what, when and value of every row, in any order.
struct SeenRows: Equatable {
    private var contributions: [String: Hash] = [:]

    init() {}

    /// Reads the file; one that is missing has seen nothing.
    init(file: URL) throws {
        let path = file.path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path) else { return }
        guard let json = try? JSONValue(canonical: [UInt8](content)),  // any defect is the same
            case .object(let members) = json
        else { throw HomeError(path: path, problem: .unreadable("it is no list of rows")) }
        for member in members {
            contributions[member.key] = member.value.string.flatMap { Hash(hex: $0) }
        }
    }

    func write(to file: URL) throws {
        let json = JSONValue.sorted(contributions.map { .init($0.key, .string($0.value.hex)) })
        try HomeFolders.writePrivate(json.canonicalBytes, to: file)
    }

    /// Notes rows; false if another contribution had the same ones before.
    mutating func note(_ fingerprint: String, contribution: Hash) -> Bool {
        if let first = contributions[fingerprint] { return first == contribution }
        contributions[fingerprint] = contribution
        return true
    }

    static func fingerprint(
        of rows: RowCollector, in project: ProjectID, key: SymmetricKey
    ) -> String {
        var lines = [String]()
        for (kind, page) in rows.takeAllPages() {
            for row in 0..<page.count {
                let text = page.text(at: row)
                lines.append(
                    "\(kind.rawValue)\u{1f}\(text.what)\u{1f}\(text.when)\u{1f}\(text.value)")
            }
        }
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array("accord/seen-rows/v1\n\(project.text)\n".utf8))
        for line in lines.sorted() { code.update(data: Array("\(line)\n".utf8)) }
        return Hex.encode(Array(code.finalize()))
    }
}
