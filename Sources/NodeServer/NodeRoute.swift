/// What a node answers, and where: the table that requests and the OpenAPI document share.
enum NodeRoute: CaseIterable {
    case submit, verdict, log, account, catalogue, project, projects, changes
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
        default: []
        }
    }

    /// The parts of the path; `*` stands for any one part, a last `**` for one or more.
    private var pattern: [Substring] {
        switch self {
        case .submit: ["v1", "entries"]
        case .verdict: ["v1", "entries", "*"]
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

    /// The routes of a path, whatever the method; none if nothing is there.
    static func routes(of path: [Substring]) -> [NodeRoute] {
        allCases.filter { $0.matches(path) }
    }

    private func matches(_ path: [Substring]) -> Bool {
        let pattern = pattern
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
