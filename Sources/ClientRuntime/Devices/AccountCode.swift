import ClientStore
package import LedgerCore
import NodeAPI
import SyncCore

/// What a device knows of its account, short enough to be read out: the number of entries, and
/// six words of 48 bits that follow from all of them.
///
/// Two devices that were shown different histories of one account have different words for the
/// same number, whatever proofs each of them was given.
package struct AccountCode: Equatable, Sendable {
    /// The number of verified entries of the account.
    package let count: Int64
    /// The words.
    package let words: [String]

    /// Makes the code of a chain after `count` entries.
    package init(count: Int64, head: Hash) {
        self.count = count
        words = FingerprintWords.words(
            of: Hash.of(label: "accord/account-code/v1\n", head.bytes), count: 6)
    }

    /// Reads a code as a person types it; `nil` unless it is a number and six words.
    package init?(typed: String) {
        let parts = typed.lowercased().split { $0 == " " || $0 == "-" || $0 == "·" }
        guard parts.count == 7, let count = Int64(parts[0]), count > 0 else { return nil }
        let words = parts.dropFirst().map(String.init)
        guard words.allSatisfy(FingerprintWords.list.contains) else { return nil }
        self.count = count
        self.words = words
    }

    /// The code as it is shown.
    package var text: String { "\(count) " + words.joined(separator: " ") }
}

/// How another device's code stands to what is known here.
package enum AccountComparison: Equatable, Sendable {
    /// Both were shown the same.
    case same
    /// They were shown different histories.
    case different
    /// The other one knows more: this one has to synchronise first.
    case ahead
}

extension MemberSession {
    /// The code of what is verified here; `nil` before anything is.
    package func accountCode() throws -> AccountCode? {
        guard let enrolment = try store.enrolment() else { return nil }
        let cursor = try store.cursor(of: .account(enrolment.account))
        return cursor.sequence > 0 ? AccountCode(count: cursor.sequence, head: cursor.head) : nil
    }

    /// Compares what another device shows with what is verified here.
    package func compare(_ code: AccountCode) throws -> AccountComparison {
        guard let head = try store.accountHead(after: code.count) else { return .ahead }
        return AccountCode(count: code.count, head: head) == code ? .same : .different
    }
}
