import TestSupport

extension Scene {
    /// Finding, comparing and fitting projects.
    static let catalogue: [Scene] = [
        Scene(name: "projects-filter", keys: "2 f Down Down Down Down Space"),
        Scene(name: "projects-filtered", keys: "2 f Space Down Down Down Down Space Escape / s l"),
        Scene(name: "projects-filter-name", keys: "2 f Space w S l e e p"),
        Scene(name: "projects-changes", keys: "2 d"),
        Scene(name: "projects-compare", keys: "2 = Down ="),
        Scene(name: "projects-marked", keys: "2 = Down"),
        Scene(name: "projects-caps", keys: "2 Enter PageDown", store: .corrected),
        Scene(name: "projects-about-me", keys: "2 m 1 9 9 0"),
    ]
}
