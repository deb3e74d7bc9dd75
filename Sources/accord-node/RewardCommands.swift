internal import ArgumentParser
internal import Foundation
internal import LedgerCore
internal import NodeSequencer
internal import NodeStore

extension AccordNode {
    /// Rewards, and the people who wait for one.
    struct Reward: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Offers rewards for points, and hands over those that were reserved.",
            subcommands: [Offer.self, Withdraw.self, Waiting.self, HandOver.self, Release.self])
    }

    /// Sets the rules of a programme for points.
    struct ProgrammeRule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "programme",
            abstract: "Sets how long a programme's points stay, and the most a member can earn.")

        @OptionGroup var data: FolderOption
        @Argument(help: "The programme, such as staff-plan.")
        var programme: String
        @Option(help: "The version of the rules: one more than the last.")
        var version: Int64 = 1
        @Option(help: "How many days points stay once they are available, at least 60.")
        var days: Int64 = 730
        @Option(help: "The most points in a day (UTC); 0 for no limit.")
        var dayCap: Int64 = 0
        @Option(help: "The most points in a month (UTC); 0 for no limit.")
        var monthCap: Int64 = 0
        @Option(help: "The most points in all; 0 for no limit.")
        var lifetimeCap: Int64 = 0
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            guard let programme = Programme(rawValue: programme) else {
                let known = Programme.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandFailure(
                    status: .wrongUse, message: "choose a programme of \(known)")
            }
            let (versions, lifetimes) = (ProgrammeRuled.versions, ProgrammeRuled.lifetimeDays)
            let caps = 0...Points.limit.value
            guard versions.contains(version), lifetimes.contains(days),
                [dayCap, monthCap, lifetimeCap].allSatisfy({ caps.contains($0) })
            else {
                throw CommandFailure(
                    status: .wrongUse,
                    message: """
                        --version is 1 to \(versions.upperBound), --days \(lifetimes.lowerBound) to \
                        \(lifetimes.upperBound), and a cap 0 to \(caps.upperBound)
                        """)
            }
            let ruled = ProgrammeRuled(
                programme: programme, version: version, lifetimeMilliseconds: days * 86_400_000,
                dayCap: Points(dayCap), monthCap: Points(monthCap),
                lifetimeCap: Points(lifetimeCap))
            try await OrderDesk(data: data).state(
                .programmeRuled(ruled), json: json, "ruled \(programme.rawValue)")
        }
    }
}

extension AccordNode.Reward {
    /// Offers a reward, or more of it.
    struct Offer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Offers a reward: a new one, more units, or another price.")

        @OptionGroup var data: FolderOption
        @Argument(help: "The reward's name for commands, such as checkup.")
        var reward: String
        @Option(help: "What it costs, in points.")
        var price: Int64
        @Option(help: "How many units to add.")
        var units: Int64
        @Option(help: "What it is called in English.")
        var nameEn: String
        @Option(help: "What it is called in Chinese.")
        var nameZh = ""
        @Flag(help: "The node hands it over at once.")
        var instant = false
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            guard let id = RewardID(reward), (1...Points.limit.value).contains(price),
                (0...Points.limit.value).contains(units), !nameEn.isEmpty || !nameZh.isEmpty
            else {
                throw CommandFailure(
                    status: .wrongUse,
                    message: """
                        a name of letters, digits, . _ -, a price from 1 and units from 0 to \
                        \(Points.limit.value), and what it is called: --name-en, --name-zh or both
                        """)
            }
            let offered = RewardOffered(
                reward: id, title: LocalizedText(english: nameEn, chinese: nameZh),
                price: Points(price), units: units, isInstant: instant)
            try await OrderDesk(data: data).state(
                .rewardOffered(offered), json: json, "offered \(id.text)")
        }
    }

    /// Takes a reward out of the catalogue.
    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends the offer of a reward; what is reserved can still be handed over.")

        @OptionGroup var data: FolderOption
        @Argument(help: "The reward.")
        var reward: String
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            guard let id = RewardID(reward) else {
                throw CommandFailure(status: .wrongUse, message: "\(reward) is no reward")
            }
            try await OrderDesk(data: data).state(
                .rewardWithdrawn(id), json: json, "withdrew \(id.text)")
        }
    }

    /// Lists what is reserved.
    struct Waiting: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the reservations that wait, the oldest first.")

        @OptionGroup var data: FolderOption
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            let waiting = try await OrderDesk(data: data).replayed().openReservations
            if json {
                let value = JSONValue.array(
                    waiting.map { reservation in
                        JSONValue.object([
                            .init("account", .string(reservation.account.text)),
                            .init("expires", .integer(reservation.expiresAt.milliseconds)),
                            .init("points", .integer(reservation.statement.points.value)),
                            .init("reservation", .string(reservation.entry.hex)),
                            .init("reward", .string(reservation.statement.reward.text)),
                        ])
                    })
                print(String(decoding: value.canonicalBytes, as: UTF8.self))
            } else {
                for reservation in waiting {
                    let statement = reservation.statement
                    print(
                        "\(reservation.entry.hex)  \(statement.reward.text)  "
                            + "\(statement.points.value)  \(reservation.account.text)")
                }
            }
        }
    }

    /// Hands a reward over.
    struct HandOver: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "States that a reserved reward was handed over.")

        @OptionGroup var data: FolderOption
        @Argument(help: "The reservation, as  accord-node reward waiting  lists it.")
        var reservation: String
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            let desk = OrderDesk(data: data)
            let known = try await desk.reservation(reservation)
            try await desk.state(
                .pointsRedeemed(known.redemption), about: known.account, json: json,
                "handed \(known.statement.reward.text) over")
        }
    }

    /// Gives points back.
    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "States that a reserved reward cannot be had; the points go back.")

        @OptionGroup var data: FolderOption
        @Argument(help: "The reservation, as  accord-node reward waiting  lists it.")
        var reservation: String
        @Flag(help: "Prints JSON.")
        var json = false

        func run() async throws {
            let desk = OrderDesk(data: data)
            let known = try await desk.reservation(reservation)
            try await desk.state(
                .pointsReleased(known.release(.unavailable)), about: known.account, json: json,
                "gave \(known.statement.points.value) points back")
        }
    }
}

extension OrderDesk {
    /// Has a statement signed, and reports it.
    func state(
        _ body: EntryBody, about account: AccountID? = nil, json: Bool, _ text: String
    ) async throws {
        let (entry, index) = try await carryOut(.state(account, body))
        guard json else { return print("\(text) at index \(index)") }
        let value = JSONValue.object([
            .init("entry", .string(entry.hex)), .init("index", .integer(index)),
        ])
        print(String(decoding: value.canonicalBytes, as: UTF8.self))
    }

    /// Reads and checks the ledger, and replays what no snapshot covers.
    func replayed() async throws -> LedgerState {
        let (keys, database, _) = try data.open()
        let replay = try await LedgerReplay(
            store: database, logKey: keys.log.verifierKey, depth: .hashes,
            snapshots: data.folder.snapshots)
        try database.close()
        return replay.state
    }

    /// Returns an open reservation by the first digits of its entry.
    func reservation(_ digits: String) async throws -> Reservation {
        let found = try await replayed().openReservations.filter { $0.entry.hex.hasPrefix(digits) }
        guard let first = found.first, found.count == 1, !digits.isEmpty else {
            throw CommandFailure(
                status: .refused, message: "no reservation that waits is named \(digits)")
        }
        return first
    }
}
