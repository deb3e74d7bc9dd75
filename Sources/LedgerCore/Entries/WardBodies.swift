/// The month somebody was born in: all that a coming of age needs, and no more is stated.
package struct BirthMonth: Hashable, Comparable, Sendable {
    /// The number of the month in UTC, as `Timestamp.month` counts.
    package let number: Int64

    /// The months a ledger can name: from January 1900 to December 2199.
    private static let range = Int64(1900 * 12)...Int64(2199 * 12 + 11)

    /// Makes a month from its number; `nil` for one out of range.
    package init?(number: Int64) {
        guard BirthMonth.range.contains(number) else { return nil }
        self.number = number
    }

    /// Reads `2012-05`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }),
            let year = Int64(parts[0]), let month = Int64(parts[1]), (1...12).contains(month)
        else { return nil }
        self.init(number: year * 12 + month - 1)
    }

    /// The month as `2012-05`.
    package var text: String {
        let month = number % 12 + 1
        return "\(number / 12)-\(month < 10 ? "0" : "")\(month)"
    }

    /// The moment from which everybody born in the month is `years` old: the end of that month.
    ///
    /// In UTC. `years` is 0 to 200.
    package func turns(_ years: Int64) -> Timestamp {
        Timestamp(startOfMonth: number + years * 12 + 1)
    }

    /// Orders by time.
    package static func < (left: BirthMonth, right: BirthMonth) -> Bool {
        left.number < right.number
    }
}

extension Timestamp {
    /// The first moment of a month in UTC, by its number as `month` counts; not before 1970.
    package init(startOfMonth number: Int64) {
        let days = Timestamp.dayNumber(year: number / 12, month: number % 12 + 1, day: 1)
        self.init(milliseconds: max(days, 0) * 86_400_000)
    }
}

/// A member takes care of a minor, who gets an account of their own.
///
/// It stands in the guardian's chain, which no study team reads.
package struct WardDeclared: Equatable, Sendable {
    /// The keys the guardian signs with for the ward: used for nothing else, so that what is
    /// signed for one does not show who signs for the other.
    package let keys: DeviceKeys
    /// When the ward was born.
    package let born: BirthMonth

    /// Makes a declaration.
    package init(keys: DeviceKeys, born: BirthMonth) {
        self.keys = keys
        self.born = born
    }

    /// The account of the ward.
    package var ward: AccountID { AccountID(firstDevice: keys.device) }
}

/// A minor has an account; signed by the operator, for a declaration.
///
/// It opens the ward's chain.
package struct WardEnrolled: Equatable, Sendable {
    /// The keys the guardian signs with.
    package let keys: DeviceKeys
    /// When the ward was born.
    package let born: BirthMonth
    /// The guardian.
    package let guardian: AccountID
    /// The entry by which the guardian declared it.
    package let declaration: Hash

    /// Makes an enrolment for what a guardian declared.
    package init(_ declared: WardDeclared, guardian: AccountID, declaration: Hash) {
        keys = declared.keys
        born = declared.born
        self.guardian = guardian
        self.declaration = declaration
    }
}

extension WardDeclared {
    var json: JSONValue {
        .sorted([
            .init("born", .string(born.text)), .init("key", .base64(keys.signing)),
            .init("wrap", .base64(keys.wrapping)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        born = try fields.parsed("born") { BirthMonth($0) }
        keys = try DeviceKeys(from: &fields)
    }
}

extension WardEnrolled {
    var json: JSONValue {
        .sorted([
            .init("born", .string(born.text)), .init("declaration", .hash(declaration)),
            .init("guardian", .string(guardian.text)), .init("key", .base64(keys.signing)),
            .init("wrap", .base64(keys.wrapping)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        born = try fields.parsed("born") { BirthMonth($0) }
        declaration = try fields.hash("declaration")
        guardian = try fields.parsed("guardian") { AccountID($0) }
        keys = try DeviceKeys(from: &fields)
    }
}
