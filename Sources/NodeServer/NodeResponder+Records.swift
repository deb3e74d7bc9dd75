internal import HTTPTypes
internal import Hummingbird
internal import LedgerCore
internal import NIOCore
internal import NodeAPI
internal import NodeSequencer

extension NodeResponder {
    /// `POST /v1/uses`.
    func use(_ request: NodeRequest) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        let query = try request.message(UseQuery.init(body:))
        try checkRoom()
        if let wait = uses.take(1, for: requester.device, now: options.now()) {
            throw door.refused(.uses, wait)
        }
        switch try await sequencer.use(query, by: requester.account, device: requester.device) {
        case .projectUnknown: throw Problem(.projectUnknown)
        case .deviceRevoked: throw Problem(.deviceRevoked)
        case .denied(let denial, let logged):
            counters.count("accord_uses_total{outcome=\"denied\"}")
            throw Problem(.useDenied, denial: denial, index: logged.index)
        case .allowed(let logged, let authorization, let records):
            counters.count("accord_uses_total{outcome=\"allowed\"}")
            let grant = UseGrant(
                entry: logged.entry.bytes, acceptance: try acceptance(of: logged),
                authorization: authorization, records: records)
            return Response(json: grant.body)
        }
    }

    /// `PUT /v1/records/{sha256}`.
    func upload(_ request: NodeRequest, _ text: Substring) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        let record = try recordID(text)
        guard let offset = try request.number("offset", in: 0...NodeLimits.recordBytes),
            let length = try request.number("length", in: 1...NodeLimits.recordBytes)
        else { throw Problem(.malformedRequest, detail: "offset and length are needed") }
        guard !request.body.isEmpty else {
            throw Problem(.malformedRequest, detail: "a piece has at least one byte")
        }
        let isOwned = try store.owners(of: record).contains(requester.account)
        if isOwned, let size = try records.size(of: record) {
            return Response(json: UploadProgress(offset: size, isComplete: true).body)
        }
        let taken =
            try store.storedBytes(of: requester.account)
            + records.partialBytes(of: requester.account, besides: record)
        // One whose file is gone is counted already.
        let more = isOwned ? 0 : max(length, NodeLimits.leastRecordBytes)
        guard taken + more <= options.accountQuotaBytes else {
            throw Problem(.quotaExceeded)
        }
        // One that has all its bytes only needs its name.
        let rest = try length - records.progress(of: record, owner: requester.account).offset
        guard try rest <= 0 || records.freeSpace().leaves(options.freeSpaceFloor, after: rest)
        else { throw Problem(.storageFull) }
        // What was erased is not taken again: neither begun nor finished.
        let isEdge = offset == 0 || offset + Int64(request.body.count) >= length
        if isEdge, await sequencer.isErased(record, of: requester.account) {
            try records.removePart(of: record, owner: requester.account)
            throw Problem(.notAllowed)
        }
        let progress: UploadProgress
        do {
            progress = try records.append(
                request.body, at: offset, length: length, to: record, owner: requester.account)
        } catch SealedRecordError.offsetMismatch(let expected) {
            throw Problem(.offsetMismatch, offset: expected)
        } catch SealedRecordError.contentMismatch {
            throw Problem(.recordMismatch)
        } catch SealedRecordError.beingWritten {
            throw Problem(.busy, retryAfterSeconds: 1)
        }
        if progress.isComplete {
            try await store.addRecord(record, owner: requester.account, sizeBytes: length)
            // An erasure that was committed meanwhile saw no owner.
            if await sequencer.isErased(record, of: requester.account) {
                try await store.removeRecord(record, owner: requester.account)
                if try store.owners(of: record).isEmpty {
                    try records.erase(record, owner: requester.account)
                }
                throw Problem(.notAllowed)
            }
        }
        return Response(json: progress.body)
    }

    /// `GET /v1/records/{sha256}/offset`.
    func progress(_ request: NodeRequest, _ text: Substring) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        let record = try recordID(text)
        let progress =
            try completeProgress(record, requester.account)
            ?? records.progress(of: record, owner: requester.account)
        return Response(json: progress.body)
    }

    /// `GET /v1/records/{sha256}`, by its owner or under a use.
    func download(_ request: NodeRequest, _ text: Substring) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        let record = try recordID(text)
        var use: Hash?
        if let useText = request.item("use") {
            use = Hash(hex: String(useText))
            guard let use, try await mayRead(record, under: use, requester) else {
                throw Problem(.notAllowed)
            }
        } else {
            guard try store.owners(of: record).contains(requester.account) else {
                throw Problem(.notFound)
            }
        }
        guard let size = try records.size(of: record) else { throw Problem(.notFound) }
        let (records, allowed) = (records, use)
        var headers = HTTPFields()
        headers[.contentType] = "application/octet-stream"
        headers[.cacheControl] = "no-store"
        let body = ResponseBody(contentLength: Int(size)) { writer in
            var offset: Int64 = 0
            while offset < size {
                // A revocation ends a slow read, too: of what allows it, or of the device.
                if offset > 0 {
                    guard try await mayRead(record, under: allowed, requester) else {
                        throw Problem(.notAllowed)
                    }
                }
                let wanted = Int(min(size - offset, Int64(NodeLimits.bodyBytes)))
                guard
                    let piece = try records.read(record, offset: offset, count: wanted),
                    !piece.isEmpty
                else { throw Problem(.notFound) }
                try await writer.write(ByteBuffer(bytes: piece))
                offset += Int64(piece.count)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Whether who began to read a record may go on: under a use, or where there is none as its owner.
    private func mayRead(_ record: Hash, under use: Hash?, _ requester: Requester) async throws
        -> Bool
    {
        guard let use else { return await sequencer.isInForce(requester.device) }
        return try await sequencer.mayRead(
            record, under: use, user: requester.account, device: requester.device)
    }

    /// `PUT /v1/records/{sha256}/keys`.
    func storeKeys(_ request: NodeRequest, _ text: Substring) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        let record = try recordID(text)
        var upload = try request.message(WrapUpload.init(body:))
        if let text = request.item("grant") {
            guard let grant = Hash(hex: String(text)) else {
                throw Problem(.malformedRequest, detail: "grant is no id of an entry")
            }
            upload.grant = grant
        }
        try checkRoom()
        // A record whose file is gone is asked for again.
        guard try completeProgress(record, requester.account) != nil else {
            throw Problem(.notFound)
        }
        guard
            try await sequencer.storeKeys(
                upload, of: record, owner: requester.account, device: requester.device)
        else { throw Problem(.authorizationNotInForce) }
        return Response(status: .noContent)
    }

    private func completeProgress(_ record: Hash, _ account: AccountID) throws -> UploadProgress? {
        guard try store.owners(of: record).contains(account),
            let size = try records.size(of: record)
        else { return nil }
        return UploadProgress(offset: size, isComplete: true)
    }

    private func recordID(_ text: Substring) throws -> Hash {
        guard let record = Hash(hex: String(text)) else { throw Problem(.notFound) }
        return record
    }
}
