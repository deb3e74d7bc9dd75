internal import Hummingbird
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer

extension NodeResponder {
    /// `GET /checkpoint`.
    func checkpoint() -> Response {
        Response(
            bytes: ledger.shown.note, type: "text/plain; charset=utf-8", caching: "max-age=1")
    }

    /// `GET /tile/…`.
    func tile(_ request: NodeRequest) throws -> Response {
        guard let path = TilePath(parsing: String(request.path.dropFirst())) else {
            throw Problem(.notFound)
        }
        let bytes: [UInt8]
        switch path.content {
        case .hashes(let level):
            guard let tile = try ledger.tile(level: level, index: path.index, width: path.width)
            else {
                throw Problem(.notFound)
            }
            bytes = tile
        case .entries:
            let size = ledger.newest.size
            guard TilePath.width(.entries, index: path.index, treeSize: size) >= path.width else {
                throw Problem(.notFound)
            }
            let start = LeafIndex(path.index * TilePath.fullWidth)
            bytes = try EntryBundle.encode(
                try store.leaves(from: start, to: start + LeafIndex(path.width)))
        }
        return Response(
            bytes: bytes, type: "application/octet-stream",
            caching: "public, max-age=31536000, immutable")
    }

    /// `GET /v1/log`.
    func description() -> Response {
        Response(
            json: LogDescription(
                origin: ledger.logKey.name, verifierKey: ledger.logKey.text, time: clock.now()
            ).body)
    }

    /// `GET /v1/catalogue`.
    func cataloguePage(_ request: NodeRequest) throws -> Response {
        let wish = try PageWish(request, ledger: ledger)
        let key = PageCache.Key(after: wish.after ?? 0, size: wish.size, limit: wish.limit)
        let body = try pages.page(key) { try page(of: .catalogue, wish) }
        return Response(json: body)
    }

    /// `GET /v1/accounts/me/entries`.
    func accountPage(_ request: NodeRequest) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        let wish = try PageWish(request, ledger: ledger)
        return Response(json: try page(of: .account(requester.account), wish))
    }

    /// `GET /v1/projects/{id}/entries`.
    func projectPage(_ request: NodeRequest, _ text: Substring) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        guard let project = ProjectID(String(text)),
            let mayRead = await sequencer.mayRead(about: project, account: requester.account)
        else { throw Problem(.projectUnknown) }
        guard mayRead else { throw Problem(.notAllowed) }
        let wish = try PageWish(request, ledger: ledger)
        let found = try await readable(by: requester.account, request, wish) { after, limit in
            try store.entries(
                about: project, after: after, below: LeafIndex(wish.size), limit: limit)
        }
        return Response(json: try encode(found, wish, head: []))
    }

    /// `GET /v1/projects/entries`.
    func projectsPage(_ request: NodeRequest) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        let projects = await sequencer.readableProjects(of: requester.account)
        let wish = try PageWish(request, ledger: ledger)
        let found = try await readable(by: requester.account, request, wish) { after, limit in
            try store.entries(
                aboutAny: projects, after: after, below: LeafIndex(wish.size), limit: limit)
        }
        return Response(json: try encode(found, wish, head: []))
    }

    /// The first entries that an account may read of those that `read` gives; fewer than are wished
    /// for only where there are no more.
    private func readable(
        by account: AccountID, _ request: NodeRequest, _ wish: PageWish,
        _ read: (_ after: LeafIndex, _ limit: Int) throws -> [SequencedEntry]
    ) async throws -> [SequencedEntry] {
        let all = await sequencer.readableEntries(of: account)
        var readable = [SequencedEntry]()
        var after = LeafIndex(wish.after ?? -1)
        var limit = wish.limit
        while true {
            let found = try read(after, limit)
            readable += found.filter(all.contains)
            guard readable.count < wish.limit, found.count == limit, let last = found.last else {
                break
            }
            after = last.index
            limit = NodeLimits.pageCount
            // Whoever may read little of much pays for what is looked through, and must not keep others
            // waiting.
            door.charge(request.source, for: NodeRoute.projects.work(bodyBytes: 0))
            await Task.yield()
        }
        return Array(readable.prefix(wish.limit))
    }

    /// `GET /v1/changes`.
    func changes(_ request: NodeRequest) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        let size = try request.number("size", in: 0...Int64(Int.max)) ?? 0
        let wait = request.item("wait") ?? "\(NodeLimits.pollSeconds)s"
        guard wait.hasSuffix("s"), let seconds = Int64(wait.dropLast()),
            (0...NodeLimits.pollSeconds).contains(seconds)
        else { throw Problem(.malformedRequest, detail: "wait is out of range") }
        guard gates.enterPoll(requester.device) else {
            throw door.refused(.polls, 1)
        }
        defer { gates.leavePoll(requester.device) }
        let grown = await ledger.growth(
            beyond: Int(size), within: min(.seconds(seconds), options.pollDuration))
        guard let grown else { return Response(status: .noContent) }
        return Response(json: ChangeNotice(size: Int64(grown)).body)
    }

    private func page(of chain: ChainID, _ wish: PageWish) throws -> [UInt8] {
        let size = LeafIndex(wish.size)
        var found = try store.entries(
            of: chain, after: wish.after ?? 0, below: size, limit: wish.limit + 1)
        let isLast = found.count <= wish.limit
        if !isLast { found.removeLast() }
        return try encode(found, wish, head: isLast ? head(of: chain, size: wish.size) : [])
    }

    private func head(of chain: ChainID, size: Int) throws -> [UInt8] {
        let last = try store.lastEntry(of: chain, below: LeafIndex(size))
        let envelope = last.flatMap { EntryEnvelope(bytes: $0.envelope) }
        let head = last.flatMap { last in
            envelope.map { AccountChain.next($0.previousHead, entryID: last.entry.id) }
        }
        let statement = AccountHead(
            origin: ledger.logKey.name, treeSize: size, chain: chain,
            entryCount: last?.chainSequence ?? 0, head: head ?? AccountChain.start)
        return try sequencer.keys.log.sign(statement.text).bytes
    }

    private func encode(_ found: [SequencedEntry], _ wish: PageWish, head: [UInt8]) throws
        -> [UInt8]
    {
        guard let note = try note(size: wish.size),
            let proofs = try ledger.inclusion(of: found.map(\.index), size: wish.size)
        else { throw Problem(.checkpointUnknown) }
        let entries = zip(found, proofs).map { sequenced, proof in
            PagedEntry(
                index: sequenced.index, entry: sequenced.entry.bytes,
                envelope: sequenced.envelope, salt: sequenced.salt, proof: proof.hashes)
        }
        return EntryPage(checkpoint: note, entries: entries, head: head).body
    }
}

/// Which page is asked for.
private struct PageWish {
    let after: Int64?
    let size: Int
    let limit: Int

    init(_ request: NodeRequest, ledger: PublishedLedger) throws {
        after = try request.number("after", in: 0...Int64.max - 1)
        size =
            try request.number("at", in: 0...Int64(Int.max)).map { Int($0) }
            ?? ledger.shown.size
        limit = Int(
            try request.number("limit", in: 1...Int64(NodeLimits.pageCount))
                ?? Int64(NodeLimits.pageCount))
    }
}
