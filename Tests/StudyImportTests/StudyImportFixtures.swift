import LedgerCore
import Testing

@testable import StudyImport

/// Accounts `000…1`, `000…2` and so on.
func accounts(_ count: Int) throws -> [AccountID] {
    try (1...count).map { number in
        let digits = String(number, radix: 16)
        return try #require(
            AccountID(String(repeating: "0", count: 32 - digits.utf8.count) + digits))
    }
}

/// The bytes of the entry that publishes these terms, with every other field at its longest.
func entryBytes(_ terms: ProjectTerms) throws -> Int {
    let key = [UInt8](repeating: 7, count: 32)
    let device = DeviceID(publicKey: key)
    let payload = EntryPayload(
        account: AccountID(firstDevice: device),
        audience: String(repeating: "o", count: 255), device: device, sequence: .max,
        previous: Hash.of(key), issuedAt: .latest, body: .projectPublished(terms),
        seen: terms.hash)
    return payload.json.canonicalBytes.count
}

/// Reads a text as a study file.
func read(_ text: String) throws(StudyRefusal) -> StudyFileOutcome {
    try StudyFile.read(name: "file", bytes: Array(text.utf8))
}

/// The refusal of bytes, as a person reads it; `nil` if they are taken.
func refusal(_ bytes: [UInt8], name: String = "file") -> String? {
    do {
        _ = try StudyFile.read(name: name, bytes: bytes)
        return nil
    } catch {
        return error.description
    }
}
