internal import ArgumentParser
internal import NodeServer

/// How much at once and how much more each second, as `AT_ONCE,PER_SECOND`.
struct LimitArgument: ExpressibleByArgument {
    /// Below that nobody could join; above it there would be no limit.
    static let bursts = 16.0...16_777_216
    static let rates = 1.0...1_048_576

    let limit: RateLimit

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let burst = UInt32(parts[0]), let rate = UInt32(parts[1]),
            Self.bursts.contains(Double(burst)), Self.rates.contains(Double(rate))
        else { return nil }
        limit = RateLimit(burst: Double(burst), perSecond: Double(rate))
    }

    init(_ limit: RateLimit) { self.limit = limit }

    var defaultValueDescription: String { "\(Int(limit.burst)),\(Int(limit.perSecond))" }
}

/// What the node bears from whom; NODE.md has what each counts.
struct LimitOptions: ParsableArguments {
    private static let usual = NodeServerOptions()

    @Option(
        help: ArgumentHelp(
            "Units of work for one address: at once (16 to 16777216), each second (1 to 1048576).",
            discussion: "A unit is about a tenth of a millisecond of one core: see NODE.md.",
            valueName: "at-once,per-second"))
    var limitAddress = LimitArgument(usual.addressLimit)
    @Option(
        help: ArgumentHelp(
            "Units of work for all addresses together that are not known, in the same ranges.",
            valueName: "at-once,per-second"))
    var limitStrangers = LimitArgument(usual.strangerLimit)
    @Option(
        help: ArgumentHelp(
            "Requests in the name of one device from addresses that are not known.",
            valueName: "at-once,per-second"))
    var limitDevice = LimitArgument(usual.deviceLimit)
    @Option(
        help: ArgumentHelp(
            "What is malformed, unknown or wrongly signed from one address.",
            valueName: "at-once,per-second"))
    var limitWrong = LimitArgument(usual.defectLimit)
    @Option(
        help: ArgumentHelp(
            "Glances of one address at how the node is.", valueName: "at-once,per-second"))
    var limitOperators = LimitArgument(usual.operatorLimit)
    @Option(
        help: ArgumentHelp(
            "Wishes of one device to read records.", valueName: "at-once,per-second"))
    var limitUses = LimitArgument(usual.useLimit)
    @Option(
        help: ArgumentHelp(
            "Connections, 16 to 65536; the last quarter is for addresses that are known.",
            valueName: "count"))
    var connections = usual.connectionCount
    @Option(
        help: ArgumentHelp(
            "Connections of one address, 1 to as many as there may be.", valueName: "count"))
    var connectionsOfAddress = usual.connectionCountOfAddress
    @Option(
        help: ArgumentHelp(
            "How long an address is known after a good signature from there, 1 to 720.",
            valueName: "hours"))
    var knownHours = Int(usual.knownDuration.components.seconds / 3_600)

    func validate() throws {
        guard (16...65_536).contains(connections) else {
            throw ValidationError("--connections takes 16 to 65536")
        }
        guard (1...connections).contains(connectionsOfAddress) else {
            throw ValidationError("--connections-of-address takes 1 to \(connections)")
        }
        guard (1...720).contains(knownHours) else {
            throw ValidationError("--known-hours takes 1 to 720")
        }
    }

    /// Puts what was asked for into the options of a server.
    func apply(to options: inout NodeServerOptions) {
        options.addressLimit = limitAddress.limit
        options.strangerLimit = limitStrangers.limit
        options.deviceLimit = limitDevice.limit
        options.defectLimit = limitWrong.limit
        options.operatorLimit = limitOperators.limit
        options.useLimit = limitUses.limit
        options.connectionCount = connections
        options.connectionCountOfAddress = connectionsOfAddress
        options.knownDuration = .seconds(knownHours * 3_600)
    }
}
