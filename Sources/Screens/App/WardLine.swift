package import LedgerCore

/// A minor the person takes care of, as this machine knows them.
package struct WardLine: Equatable, Sendable {
    /// Their account.
    package var account: AccountID
    /// What the person calls them; it is on this machine only.
    package var name: String
    /// When they were born.
    package var born: BirthMonth

    /// Makes a line.
    package init(account: AccountID, name: String, born: BirthMonth) {
        self.account = account
        self.name = name
        self.born = born
    }

    /// Whether all data of them is sensitive: they are under 14.
    package func isAlwaysSensitive(at time: Timestamp) -> Bool {
        time < born.turns(ComingOfAge.sensitiveYears)
    }
}
