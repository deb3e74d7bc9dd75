import ClientStore
import Crypto
import HealthRecords
package import LedgerCore
package import SyncCore

/// What a member wishes to know of the results of studies, and opening what came back.
extension MemberActions {
    /// Says which results of a project the member wishes to know, in place of any earlier wish.
    ///
    /// - Parameters:
    ///   - classes: The classes; none ends it.
    ///   - id: The project.
    /// - Returns: the entry that was queued.
    /// - Throws: `ActionRefusal`, `StoreFailure`.
    @discardableResult
    package func wish(for classes: [ResultClass], of id: ProjectID) throws -> Hash {
        let detail = try project(id)
        if !classes.isEmpty { try checkAuthority(detail.terms) }
        try checkTakesPart(detail)
        guard Set(classes).isSubset(of: detail.terms.resultClasses) else {
            throw ActionRefusal(.beyondProject)
        }
        return try queue(
            .resultsWished(
                ResultsWished(
                    project: id, classes: classes,
                    key: [UInt8](keys.results.publicKey.rawRepresentation))),
            after: pendingSignUp(id), seen: detail.terms.hash)
    }

    /// Opens a result that came back; `nil` where there is none with that entry.
    ///
    /// What the member does not wish to know is not opened.
    package func openResult(_ entry: Hash) throws -> OpenedResult? {
        try store.results().first { $0.entry == entry }.map(open)
    }

    /// Opens a result.
    func open(_ line: ResultLine) -> OpenedResult {
        guard line.isWished else { return OpenedResult(line: line, content: .notWished) }
        do throws(SealedResult.Failure) {
            let text = try SealedResult.open(
                line.returned.sealed, with: keys.results, wish: line.returned.wish,
                line.returned.result)
            return OpenedResult(line: line, content: .text(text))
        } catch {
            return OpenedResult(line: line, content: .notForThisVault)
        }
    }
}

extension VaultKeys {
    /// Opens results that studies return: the same on every device that shares the storage key.
    var results: Curve25519.KeyAgreement.PrivateKey {
        let secret = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: storage, info: Array("accord/results-key/v1\n".utf8),
            outputByteCount: 32)
        do {
            return try secret.withUnsafeBytes { try .init(rawRepresentation: $0) }
        } catch {
            preconditionFailure("any 32 bytes are an X25519 key: \(error)")
        }
    }
}
