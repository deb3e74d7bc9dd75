internal import NodeAPI

/// What a node answers, and where: the table that requests and the OpenAPI document share.
enum NodeRoute: CaseIterable {
    case submit, verdict, cursor, log, account, catalogue, project, projects, changes
    case upload, download, progress, storeKeys, use, enrol
    case offerDevice, requestDevice, handOverDevice, readPairing
    case checkpoint, tile
    case health, readiness, metrics, openAPI

    /// The method, upper case.
    var method: String {
        switch self {
        case .submit, .use, .enrol: "POST"
        case .upload, .storeKeys, .offerDevice, .requestDevice, .handOverDevice: "PUT"
        default: "GET"
        }
    }

    /// The query items it takes; any other, or one twice, is refused.
    var items: [Substring] {
        switch self {
        case .account, .catalogue, .project, .projects: ["after", "at", "limit"]
        case .changes: ["size", "wait"]
        case .upload: ["offset", "length"]
        case .download: ["use"]
        case .cursor: ["challenge"]
        case .storeKeys: ["grant"]
        default: []
        }
    }

    /// Whether it tells the operator how the node is.
    var isForOperators: Bool {
        switch self {
        case .health, .readiness, .metrics: true
        default: false
        }
    }

    /// What it costs to answer, as limits count it: one for the least, more for pages, which are
    /// proven entry by entry, and for bodies, whose entries are verified and whose bytes are stored.
    func work(bodyBytes: Int) -> Double {
        let body = Double(min(max(bodyBytes, 0), NodeLimits.bodyBytes))
        return switch self {
        case .account, .catalogue, .project, .projects, .download: 8
        case .tile: 2
        case .upload: 1 + body / 65_536
        case .submit, .enrol, .use, .storeKeys: 1 + body / 1024
        default: 1
        }
    }

    /// The parts of the path; `*` stands for any one part, a last `**` for one or more.
    private var parts: [Substring] {
        switch self {
        case .submit: ["v1", "entries"]
        case .verdict: ["v1", "entries", "*"]
        case .cursor: ["v1", "devices", "me", "cursor"]
        case .log: ["v1", "log"]
        case .account: ["v1", "accounts", "me", "entries"]
        case .catalogue: ["v1", "catalogue"]
        case .project: ["v1", "projects", "*", "entries"]
        case .projects: ["v1", "projects", "entries"]
        case .changes: ["v1", "changes"]
        case .upload, .download: ["v1", "records", "*"]
        case .progress: ["v1", "records", "*", "offset"]
        case .storeKeys: ["v1", "records", "*", "keys"]
        case .use: ["v1", "uses"]
        case .enrol: ["v1", "enrolments"]
        case .offerDevice: ["v1", "pairings", "*", "offer"]
        case .requestDevice: ["v1", "pairings", "*", "request"]
        case .handOverDevice: ["v1", "pairings", "*", "handover"]
        case .readPairing: ["v1", "pairings", "*", "*"]
        case .checkpoint: ["checkpoint"]
        case .tile: ["tile", "**"]
        case .health: ["healthz"]
        case .readiness: ["readyz"]
        case .metrics: ["metrics"]
        case .openAPI: ["openapi.json"]
        }
    }

    private static let patterns = allCases.map { (route: $0, pattern: $0.parts) }

    /// The routes of a path, whatever the method; none if nothing is there.
    static func routes(of path: [Substring]) -> [NodeRoute] {
        patterns.filter { matches(path, $0.pattern) }.map(\.route)
    }

    /// The route of a request, by its path without the query; `nil` if nothing is there.
    static func route(_ method: String, _ path: Substring) -> NodeRoute? {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        return patterns.first { $0.route.method == method && matches(segments, $0.pattern) }?.route
    }

    private static func matches(_ path: [Substring], _ pattern: [Substring]) -> Bool {
        if pattern.last == "**" {
            return path.count >= pattern.count && path.starts(with: pattern.dropLast())
        }
        return path.count == pattern.count
            && zip(path, pattern).allSatisfy { $1 == "*" || $0 == $1 }
    }
}

/// A path that is there, asked with a method that is not.
struct MethodNotAllowed: Error {
    /// The methods that are, for the `Allow` header (RFC 9110, section 10.2.1).
    let allowed: [String]
}
