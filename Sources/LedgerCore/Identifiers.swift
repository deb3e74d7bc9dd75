/// A point in time: milliseconds since 1 January 1970 UTC, `0...253_402_300_799_999` (year 9999).
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1 January 1970 UTC.
    package let milliseconds: Int64

    /// Makes a timestamp from milliseconds since 1 January 1970 UTC.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The last timestamp an entry may carry: the end of the year 9999.
    package static let latest = Timestamp(milliseconds: 253_402_300_799_999)

    /// Orders by time.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The number of the day in UTC, from 1 January 1970.
    package var day: Int64 { milliseconds / 86_400_000 }

    /// The number of the month in UTC, years since 0 times 12 plus the month: months subtract.
    ///
    /// By Hinnant's "chrono-compatible low-level date algorithms".
    package var month: Int64 {
        let days = day + 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return year * 12 + month - 1
    }

    /// The number of a day of the proleptic Gregorian calendar, from 1 January 1970.
    ///
    /// The month is 1 to 12; days beyond its end count on. By Hinnant's "chrono-compatible low-level
    /// date algorithms": years begin in March.
    package static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Returns the timestamp `milliseconds` later, no later than the year 9999.
    package func adding(milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        return overflow ? .latest : min(Timestamp(milliseconds: sum), .latest)
    }
}

/// A whole number of health points; never a fraction.
package struct Points: Hashable, Comparable, Sendable {
    /// The number of points.
    package let value: Int64

    /// The largest amount one entry may move: keeps every sum far from overflow.
    package static let limit = Points(1_000_000_000)

    /// No points.
    package static let zero = Points(0)

    /// Makes an amount.
    package init(_ value: Int64) {
        self.value = value
    }

    /// Orders by amount.
    package static func < (left: Points, right: Points) -> Bool { left.value < right.value }
    /// Adds amounts.
    package static func + (left: Points, right: Points) -> Points {
        Points(left.value + right.value)
    }
    /// Subtracts amounts.
    package static func - (left: Points, right: Points) -> Points {
        Points(left.value - right.value)
    }
}

/// A device: one key pair.
///
/// The text is derived from its public key, so it proves itself.
package struct DeviceID: Hashable, Comparable, Sendable {
    /// Thirty-two lower-case hexadecimal digits.
    package let text: String

    /// Derives the id of an Ed25519 public key of 32 bytes.
    package init(publicKey: [UInt8]) {
        text = Hex.encode(Hash.of(label: "accord/device/v1\n", publicKey).bytes.prefix(16))
    }

    /// Reads an id; `nil` unless it is 32 lower-case hexadecimal digits.
    package init?(_ text: String) {
        guard text.utf8.count == 32, Hex.isPlain(text) else { return nil }
        self.text = text
    }

    /// Orders by text.
    package static func < (left: DeviceID, right: DeviceID) -> Bool { left.text < right.text }
}

/// An account: the pseudonym of a member or an institution, the id of its first device.
package struct AccountID: Hashable, Comparable, Sendable {
    /// Thirty-two lower-case hexadecimal digits.
    package let text: String

    /// The account that starts with this device.
    package init(firstDevice: DeviceID) {
        text = firstDevice.text
    }

    /// Reads an id; `nil` unless it is 32 lower-case hexadecimal digits.
    package init?(_ text: String) {
        guard let device = DeviceID(text) else { return nil }
        self.init(firstDevice: device)
    }

    /// Orders by text.
    package static func < (left: AccountID, right: AccountID) -> Bool { left.text < right.text }
}

/// A project: 1 to 64 characters of `A–Z a–z 0–9 . _ -`, unique in a ledger.
package struct ProjectID: Hashable, Comparable, Sendable {
    /// The characters.
    package let text: String

    /// Reads an id; `nil` if it is empty, too long or has another character.
    package init?(_ text: String) {
        guard ProjectID.isName(text) else { return nil }
        self.text = text
    }

    /// Whether a text is a name of 1 to 64 characters of `A–Z a–z 0–9 . _ -`.
    fileprivate static func isName(_ text: String) -> Bool {
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x5f, 0x2d: true
            default: false
            }
        }
        return isAllowed && (1...64).contains(text.utf8.count)
    }

    /// Orders by text.
    package static func < (left: ProjectID, right: ProjectID) -> Bool { left.text < right.text }
}

/// A reward of the catalogue: 1 to 64 characters of `A–Z a–z 0–9 . _ -`, unique in a ledger.
package struct RewardID: Hashable, Comparable, Sendable {
    /// The characters.
    package let text: String

    /// Reads an id; `nil` if it is empty, too long or has another character.
    package init?(_ text: String) {
        guard ProjectID.isName(text) else { return nil }
        self.text = text
    }

    /// Orders by text.
    package static func < (left: RewardID, right: RewardID) -> Bool { left.text < right.text }
}

/// One permission of one member for one major version of a project.
package struct AuthorizationID: Hashable, Comparable, Sendable {
    /// Thirty-two lower-case hexadecimal digits.
    package let text: String

    /// Derives the id from what makes an authorization one (`spec/CONSENT.md`).
    package init(account: AccountID, project: ProjectID, major: Int64) {
        let words = "\(account.text)\n\(project.text)\n\(major)\n"
        text = Hex.encode(
            Hash.of(label: "accord/authorization/v1\n", Array(words.utf8)).bytes.prefix(16))
    }

    /// Reads an id; `nil` unless it is 32 lower-case hexadecimal digits.
    package init?(_ text: String) {
        guard let device = DeviceID(text) else { return nil }
        self.text = device.text
    }

    /// Orders by text.
    package static func < (left: AuthorizationID, right: AuthorizationID) -> Bool {
        left.text < right.text
    }
}

/// A chain of entries whose completeness the node vouches for: one account's, or the catalogue's.
package enum ChainID: Hashable, Comparable, Sendable {
    case catalogue
    case account(AccountID)

    /// `catalogue`, or the account's id.
    package var text: String {
        switch self {
        case .catalogue: "catalogue"
        case .account(let account): account.text
        }
    }

    /// Reads what `text` gives; `nil` for anything else.
    package init?(_ text: String) {
        if text == "catalogue" {
            self = .catalogue
        } else if let account = AccountID(text) {
            self = .account(account)
        } else {
            return nil
        }
    }
}

/// The position of an entry in the ledger, from 0.
package typealias LeafIndex = Int64
