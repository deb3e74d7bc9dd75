import Foundation
package import LedgerCore

/// Why a file with a policy of witnesses was not used.
package enum PolicyFileProblem: Error, Equatable, Sendable {
    /// It cannot be read.
    case notReadable(path: String)
    /// It is no policy.
    case noPolicy(path: String, WitnessPolicyError)
}

extension WitnessPolicy {
    /// Reads a policy from a file; a path that begins with `~/` is one in the person's home.
    ///
    /// Not more is read than a policy may have.
    ///
    /// - Throws: `PolicyFileProblem`.
    package init(path: String) throws(PolicyFileProblem) {
        let whole = path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
        let content: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: whole))
            content = try file.read(upToCount: WitnessPolicy.byteLimit + 1) ?? Data()
        } catch {
            throw .notReadable(path: path)
        }
        do throws(WitnessPolicyError) {
            try self.init(parsing: [UInt8](content))
        } catch {
            throw .noPolicy(path: path, error)
        }
    }
}
