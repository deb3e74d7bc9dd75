internal import ArgumentParser
internal import Foundation
internal import LedgerCore
internal import Logging
internal import NodeAPI
internal import NodeSequencer
internal import NodeStore

extension AccordNode {
    /// Makes invitations.
    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes invitation codes: each for one person, once, within ten minutes.")

        @OptionGroup var data: FolderOption
        @Option(help: "How many codes.")
        var count = 1
        @Option(help: "A number that gives the same codes each time, for rehearsals.")
        var seed: UInt64?
        @Flag(help: "Prints JSON.")
        var json = false

        func validate() throws {
            guard (1...1000).contains(count) else {
                throw ValidationError("--count is 1 to 1000")
            }
        }

        func run() async throws {
            let (_, database, _) = try data.open()
            let now = try clock(file: nil, noted: database).now()
            let expires = now.adding(milliseconds: NodeLimits.invitationMilliseconds)
            var codes = [String]()
            for number in 0..<count {
                let code = code(number: number)
                try database.add(StoredInvitation(key: code.key, expires: expires))
                codes.append(code.grouped)
            }
            try database.close()
            if json {
                let value = JSONValue.object([
                    .init("codes", .array(codes.map(JSONValue.string))),
                    .init("expires", .integer(expires.milliseconds)),
                ])
                print(String(decoding: value.canonicalBytes, as: UTF8.self))
            } else {
                for code in codes { print(code) }
            }
        }

        private func code(number: Int) -> InvitationCode {
            if let seed {
                let bytes = Hash.of(
                    label: "accord/test-invitation/v1\n", Array("\(seed)\n\(number)\n".utf8)
                ).bytes
                return InvitationCode(random: Array(bytes.prefix(InvitationCode.length)))
            }
            var generator = SystemRandomNumberGenerator()
            return InvitationCode(
                random: (0..<InvitationCode.length).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                })
        }
    }

    /// Admits an institution.
    struct Admit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Admits an institution with the public keys of its first device.")

        @OptionGroup var data: FolderOption
        @Option(help: "A file with its public keys: {\"key\":\"…\",\"wrap\":\"…\"}, base64url.")
        var keys: String
        @Option(help: "Its name in English.")
        var nameEn: String
        @Option(help: "Its name in Chinese.")
        var nameZh = ""
        @Option(
            help:
                "What it may do: sponsor, officer, ethics or regulator; may be given several times."
        )
        var role: [String] = []
        @Option(help: "Where it is, such as CN; otherwise where the operator is.")
        var region = ""
        @Flag(help: "More than half of it is held by foreigners.")
        var foreignHeld = false
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            let roles = try (role.isEmpty ? ["sponsor"] : role).map { name in
                guard let role = InstitutionRole(rawValue: name) else {
                    throw CommandFailure(status: .wrongUse, message: "there is no role \(name)")
                }
                return role
            }
            let code = region.utf8
            guard
                code.isEmpty || (code.count == 2 && code.allSatisfy { (0x41...0x5a).contains($0) })
            else {
                throw CommandFailure(
                    status: .wrongUse, message: "--region is a code of two letters such as CN")
            }
            guard !nameEn.isEmpty || !nameZh.isEmpty else {
                throw CommandFailure(
                    status: .wrongUse, message: "it has a name: --name-en, --name-zh or both")
            }
            let institution = InstitutionAdmitted(
                name: LocalizedText(english: nameEn, chinese: nameZh), keys: try readKeys(),
                roles: Set(roles).sorted(), region: region, isForeignHeld: foreignHeld)
            let account = AccountID(firstDevice: institution.keys.device)
            let (entry, index) = try await OrderDesk(data: data).carryOut(.admit(institution))
            report(json: json, "admitted \(account.text)", account: account, entry, index)
        }

        private func readKeys() throws -> DeviceKeys {
            guard let content = FileManager.default.contents(atPath: keys) else {
                throw CommandFailure(status: .wrongUse, message: "could not read \(keys)")
            }
            let spaces: [UInt8] = [0x20, 0x09, 0x0a, 0x0d]
            let bytes = content.filter { !spaces.contains($0) }
            guard let value = try? JSONValue(canonical: Array(bytes)),
                case .deviceAdded(let keys)? = try? EntryBody(
                    kind: EntryKind.deviceAdded.rawValue, json: value)
            else {
                throw CommandFailure(
                    status: .wrongUse, message: "\(keys) does not hold the keys of a device")
            }
            return keys
        }
    }

    /// Mints points.
    struct Fund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Mints points for an institution's budget.")

        @OptionGroup var data: FolderOption
        @Argument(help: "The account of the institution.")
        var account: String
        @Argument(help: "How many points.")
        var points: Int64
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            guard let account = AccountID(account), (1...Points.limit.value).contains(points)
            else {
                throw CommandFailure(
                    status: .wrongUse, message: "an account and 1 to \(Points.limit.value) points")
            }
            let (entry, index) = try await OrderDesk(data: data).carryOut(
                .fund(account, Points(points)))
            report(json: json, "funded \(account.text)", account: account, entry, index)
        }
    }
}

private func report(
    json: Bool, _ text: String, account: AccountID, _ entry: Hash, _ index: LeafIndex
) {
    guard json else {
        print("\(text) at index \(index)")
        return
    }
    let value = JSONValue.object([
        .init("account", .string(account.text)), .init("entry", .string(entry.hex)),
        .init("index", .integer(index)),
    ])
    print(String(decoding: value.canonicalBytes, as: UTF8.self))
}

/// Has an order carried out: by the node that serves, or here if none does.
struct OrderDesk {
    let data: FolderOption

    func carryOut(_ order: OperatorOrder) async throws -> (Hash, LeafIndex) {
        let (keys, database, records) = try data.open()
        do {
            try order.check(for: keys)
        } catch EntryDefect.field(let name) {
            throw CommandFailure(
                status: .wrongUse, message: "beyond what an entry can hold: \(name)")
        }
        let id = try database.add(order)
        data.folder.bell.ring()
        let deadline = ContinuousClock.now + .seconds(15)
        while ContinuousClock.now < deadline {
            if let result = try database.result(ofOrder: id) { return try outcome(result) }
            // Whoever has the lock carries it out: the node that serves, or we.
            if let lock = try? data.folder.lock() {
                do {
                    try await carryOutHere(keys, database, records)
                } catch {
                    // Given again it would be carried out twice: points be minted twice, say.
                    let isOpen = try withExtendedLifetime(lock) {
                        try database.withdrawOrder(id)
                    }
                    if isOpen { throw error }
                    throw OrderDesk.doneAndThen(error)
                }
                withExtendedLifetime(lock) {}
            } else {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        throw CommandFailure(
            status: .notReachable,
            message: """
                the node did not answer in time; it still has the order and carries it out once it \
                can: do not give it again before you looked
                """)
    }

    private static func doneAndThen(_ error: any Error) -> CommandFailure {
        CommandFailure(
            status: .notReachable,
            message: "the order was carried out, do not give it again; after it: \(error)")
    }

    private func carryOutHere(
        _ keys: NodeKeys, _ database: NodeDatabase, _ records: RecordFiles
    ) async throws {
        let ownClock = try clock(file: nil, noted: database)
        let sequencer = try await Sequencer(
            store: database, records: records, keys: keys, clock: ownClock,
            keeper: try data.folder.keeper(for: database, logKey: keys.log.verifierKey),
            snapshots: data.folder.snapshots, logger: Logger(label: "accord-node"))
        try checkClock(ownClock, after: await sequencer.entryTime)
        await sequencer.requestTick()
        await sequencer.stop()
        try await sequencer.run()
    }

    private func outcome(_ result: OrderResult) throws -> (Hash, LeafIndex) {
        switch result {
        case .done(let entry, let index): return (entry, index)
        case .refused(let rejection):
            throw CommandFailure(
                status: .refused, message: "refused: \(rejection) (\(rejection.rawValue))")
        case .unreadable:
            throw CommandFailure(
                status: .refused, message: "refused: it is no statement the node can sign")
        }
    }
}
