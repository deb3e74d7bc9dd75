import TestSupport

extension Scene {
    /// Authorizations, points and activity, with their sheets.
    static let account: [Scene] = [
        Scene(name: "authorizations-extend", keys: "3 Down Down e Down"),
        Scene(name: "authorizations-narrow", keys: "3 s Space"),
        Scene(name: "authorizations-versions", keys: "3 v"),
        Scene(name: "authorizations-version", keys: "3 v Enter"),
        Scene(name: "authorizations-used", keys: "3 U"),
        Scene(name: "points-by-project", keys: "5 b"),
        Scene(name: "points-why", keys: "5 w"),
        Scene(name: "points-why-none", keys: "5 b Down Down Enter"),
        Scene(name: "points-entry", keys: "5 e"),
        Scene(name: "activity-shelf", keys: "6 f"),
        Scene(name: "activity-refusals", keys: "6 F F"),
        Scene(name: "activity-search", keys: "6 / b l o o d"),
        Scene(name: "activity-project", keys: "6 Down Down x"),
        Scene(name: "activity-notices", keys: "6 G v e Enter Escape F"),
        Scene(name: "activity-calendar", keys: "6 c"),
        Scene(name: "activity-calendar-before", keys: "6 c Left"),
        Scene(name: "activity-used", keys: "6 U"),
        Scene(name: "points-rewards", keys: "5 c"),
        Scene(name: "points-redeem", keys: "5 c Enter"),
        Scene(name: "proof-ids", keys: "6 G v i"),
        Scene(name: "proof-save", keys: "6 G v e"),
        Scene(name: "proof-code", keys: "6 G v c"),
        Scene(name: "take-home", keys: "4 X"),
        Scene(name: "taken-home", keys: "4 X Enter"),
        Scene(name: "results", keys: "4 E"),
        Scene(name: "results-none", keys: "4 E", store: .newcomer),
        Scene(name: "result", keys: "4 E Enter"),
        Scene(name: "result-other-key", keys: "4 E Down Enter"),
        Scene(name: "results-wishes", keys: "4 E Down Down Enter Down Space"),
        Scene(name: "results-wished", keys: "4 E Down Down Enter Down Space Enter"),
        Scene(name: "activity-nobody", keys: "6 U", store: .newcomer),
    ]
}
