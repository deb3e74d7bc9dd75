package import LedgerCore

/// A request to a node: everything but the host and the signature.
package struct NodeCall: Equatable, Sendable {
    /// The methods in use.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    /// The method.
    package let method: Method
    /// The path, starting with a slash.
    package let path: String
    /// The query without the question mark; empty where there is none.
    package let query: String
    /// The body; empty where there is none.
    package let body: [UInt8]
    /// Whether the request has to be signed by a device (`RequestSignature`).
    package let isSigned: Bool
    /// The media type of the body.
    package let contentType: String

    private init(
        _ method: Method, _ path: String, query: [(String, String)] = [], body: [UInt8] = [],
        isSigned: Bool = false, contentType: String = "application/json"
    ) {
        self.method = method
        self.path = path
        self.query = query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        self.body = body
        self.isSigned = isSigned
        self.contentType = contentType
    }
}

extension NodeCall {
    /// Sends entries; answered by a `VerdictList`.
    ///
    /// The entries authenticate themselves.
    package static func submit(_ submission: EntrySubmission) -> NodeCall {
        NodeCall(.post, "/v1/entries", body: submission.body)
    }

    /// Asks for the verdict on an entry; answered by a `Verdict`, or 404 if it is not known.
    package static func verdict(of entry: Hash) -> NodeCall {
        NodeCall(.get, "/v1/entries/\(entry.hex)")
    }

    /// Asks which log this is; answered by a `LogDescription`.
    package static let log = NodeCall(.get, "/v1/log")

    /// Asks for a page of the signing device's account; answered by an `EntryPage`.
    ///
    /// `after` is the number in the chain (`aseq`) of the last entry known, 0 for none; `size` the
    /// tree size the page is pinned to, `nil` for the newest checkpoint; `limit` the most entries
    /// wanted, `1...NodeLimits.pageCount`.
    package static func accountPage(
        after: Int64, at size: Int64?, limit: Int = NodeLimits.pageCount
    ) -> NodeCall {
        NodeCall(
            .get, "/v1/accounts/me/entries", query: page(after, size, limit), isSigned: true)
    }

    /// Asks for a page of the catalogue; answered by an `EntryPage`.
    ///
    /// As `accountPage(after:at:limit:)`, but open to everybody.
    package static func cataloguePage(
        after: Int64, at size: Int64?, limit: Int = NodeLimits.pageCount
    ) -> NodeCall {
        NodeCall(.get, "/v1/catalogue", query: page(after, size, limit))
    }

    /// Asks for a page of the entries about a project, whose sponsor or recipient signs.
    ///
    /// `after` is the index of the last entry known, `nil` for none; the rest is as in
    /// `accountPage(after:at:limit:)`.
    package static func projectPage(
        _ project: ProjectID, after: LeafIndex?, at size: Int64?,
        limit: Int = NodeLimits.pageCount
    ) -> NodeCall {
        NodeCall(
            .get, "/v1/projects/\(project.text)/entries", query: page(after, size, limit),
            isSigned: true)
    }

    /// Asks for a page of the entries about every project that the signing institution sponsors or
    /// receives: one question instead of one for each project.
    ///
    /// As `projectPage(_:after:at:limit:)`.
    package static func projectsPage(
        after: LeafIndex?, at size: Int64?, limit: Int = NodeLimits.pageCount
    ) -> NodeCall {
        NodeCall(.get, "/v1/projects/entries", query: page(after, size, limit), isSigned: true)
    }

    private static func page(_ after: Int64?, _ size: Int64?, _ limit: Int) -> [(String, String)] {
        var query = [(String, String)]()
        if let after { query.append(("after", String(after))) }
        if let size { query.append(("at", String(size))) }
        query.append(("limit", String(limit)))
        return query
    }

    /// Asks where the next entry of the asking device goes; answered by a `DevicePlace` that holds
    /// `challenge`, a number from 0 that was not asked with before.
    package static func devicePlace(challenge: Int64) -> NodeCall {
        NodeCall(
            .get, "/v1/devices/me/cursor", query: [("challenge", String(challenge))],
            isSigned: true)
    }

    /// Asks for the newest checkpoint, a signed note.
    package static let checkpoint = NodeCall(.get, "/checkpoint")

    /// Asks for a tile of hashes or an entry bundle.
    package static func tile(_ path: TilePath) -> NodeCall {
        NodeCall(.get, "/" + path.text)
    }

    /// Waits until the log is larger than `size`: 200 with a `ChangeNotice`, or 204.
    package static func changes(
        since size: Int64, waitSeconds: Int64 = NodeLimits.pollSeconds
    ) -> NodeCall {
        NodeCall(
            .get, "/v1/changes", query: [("size", String(size)), ("wait", "\(waitSeconds)s")],
            isSigned: true)
    }

    /// Sends a piece of a sealed record; answered by an `UploadProgress`.
    ///
    /// `offset` is where the piece starts, which is what the node holds so far; `length` the length
    /// of the whole record in bytes. A piece has at most `NodeLimits.bodyBytes`.
    package static func uploadRecord(
        _ record: Hash, offset: Int64, length: Int64, bytes: [UInt8]
    ) -> NodeCall {
        NodeCall(
            .put, "/v1/records/\(record.hex)",
            query: [("offset", String(offset)), ("length", String(length))], body: bytes,
            isSigned: true, contentType: "application/octet-stream")
    }

    /// Asks how much of an own record the node holds; answered by an `UploadProgress`.
    package static func uploadProgress(of record: Hash) -> NodeCall {
        NodeCall(.get, "/v1/records/\(record.hex)/offset", isSigned: true)
    }

    /// Reads a sealed record: an own one, or under an allowed use.
    package static func record(_ record: Hash, use: Hash? = nil) -> NodeCall {
        NodeCall(
            .get, "/v1/records/\(record.hex)", query: use.map { [("use", $0.hex)] } ?? [],
            isSigned: true)
    }

    /// Stores wrapped keys of an own record; with the grant they are for, only under that one.
    package static func storeKeys(of record: Hash, _ wraps: WrapUpload) -> NodeCall {
        NodeCall(
            .put, "/v1/records/\(record.hex)/keys",
            query: wraps.grant.map { [("grant", $0.hex)] } ?? [], body: wraps.body, isSigned: true)
    }

    /// Asks for records; answered by a `UseGrant`, or a `Problem` with `useDenied`.
    package static func use(_ query: UseQuery) -> NodeCall {
        NodeCall(.post, "/v1/uses", body: query.body, isSigned: true)
    }

    /// Redeems an invitation; answered by an `EnrolmentAnswer`.
    package static func enrol(_ request: EnrolmentRequest) -> NodeCall {
        NodeCall(.post, "/v1/enrolments", body: request.body)
    }

    /// Leaves a sealed message of a pairing; `isSigned` where the old device leaves it.
    package static func leavePairing(
        _ key: PairingKey, _ step: PairingStep, sealed: [UInt8]
    ) -> NodeCall {
        NodeCall(
            .put, "/v1/pairings/\(key.lookup)/\(step.rawValue)", body: sealed,
            isSigned: step != .request, contentType: "application/octet-stream")
    }

    /// Asks for a sealed message of a pairing; no body where it was not left yet.
    package static func readPairing(_ key: PairingKey, _ step: PairingStep) -> NodeCall {
        NodeCall(.get, "/v1/pairings/\(key.lookup)/\(step.rawValue)")
    }

    /// Asks whether the node runs.
    package static let health = NodeCall(.get, "/healthz")

    /// Asks whether the node can take entries.
    package static let readiness = NodeCall(.get, "/readyz")
}
