internal import RulesModel

/// What a seed is about, and how much it does.
package enum SimulationKind: String, CaseIterable, Sendable {
    /// Two or three machines, 4–12 actions: every class of faults, and none for long.
    case brief
    /// Three machines, 12–36 actions.
    case small
    /// As the specification asks: 3–12 machines, 200–2,000 actions, up to 30 days.
    case full
    /// People at work under clocks that jump, stand still or show other decades.
    case clocks
    /// Programs that are ended again and again, half of them in the middle of their next start.
    case starts
}

/// Everything drawn from a seed before it begins: who takes part and what goes wrong how often.
///
/// Each class of faults is there in about half of the seeds (a swarm), so that some seeds have one
/// and some have all.
package struct Setting: Sendable {
    /// The seed.
    package let seed: UInt64
    var accounts: Int
    var clients: Int
    package var actions: Int
    /// The longest pause between two actions, in milliseconds.
    var pause: Int64
    /// How many of a thousand actions are followed by hours in which all machines sleep.
    var nights = 0
    var network = NetworkFaults()
    /// How many of a thousand actions are each of these.
    var partitions = 0
    var clientKills = 0
    var clientCuts = 0
    var clientTraps = 0
    var nodeKills = 0
    var nodeCuts = 0
    var nodeTraps = 0
    var suspensions = 0
    var restores = 0
    var clockJumps = 0
    var clientDiskFaults = 0
    var nodeDiskFaults = 0
    /// Whether the log goes on from an old copy of the node's disk at the end.
    var rollsBack = false
    /// Each how many starts of a client, and of the node, one is ended in the middle; 0 for none.
    var clientStartTraps = 0
    var nodeStartTraps = 0
    /// What it was drawn as; `nil` for a script of a test.
    package private(set) var kind: SimulationKind?
    /// What is done wrongly on purpose.
    package var bug: PlantedBug?
    /// A crash at one place, besides those by chance.
    package var crash: Crash?

    /// A machine that dies at one place of a script.
    package struct Crash: Sendable {
        /// Which machine.
        package enum Victim: CaseIterable, Sendable { case client, node }
        package let victim: Victim
        /// How many times tasks went on before.
        package let step: Int

        package init(_ victim: Victim, atStep step: Int) {
            self.victim = victim
            self.step = step
        }
    }

    /// The setting of a seed without any fault.
    package static func quiet(seed: UInt64, actions: Int) -> Setting {
        var setting = Setting(quiet: seed)
        setting.actions = actions
        return setting
    }

    private init(quiet seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        self.seed = seed
        accounts = 2
        clients = 3
        actions = 12 + numbers.below(13)
        pause = 2_000
    }

    /// Draws the setting of a seed.
    package init(seed: UInt64, kind: SimulationKind = .small) {
        switch kind {
        case .small: self.init(seed: seed, isSmall: true)
        case .full: self.init(seed: seed, isSmall: false)
        case .brief:
            self.init(seed: seed, isSmall: true)
            var numbers = SeededNumbers(seed: ~seed)
            clients = 2 + numbers.below(2)
            accounts = 1 + numbers.below(clients)
            actions = 4 + numbers.below(9)
            makeFaults(timesAsOften: 2)
        case .clocks:
            self.init(quiet: seed)
            clockJumps = 200
            suspensions = 20
            nights = 10
            network.requestLoss = 5
            network.answerLoss = 5
        case .starts:
            self.init(quiet: seed)
            pause = 20_000
            clientKills = 150
            clientCuts = 150
            nodeKills = 50
            nodeCuts = 50
            clientStartTraps = 2
            nodeStartTraps = 2
        }
        self.kind = kind
    }

    /// So few actions would meet hardly any fault.
    private mutating func makeFaults(timesAsOften factor: Int) {
        partitions *= factor
        clientKills *= factor
        clientCuts *= factor
        clientTraps *= factor
        nodeKills *= factor
        nodeCuts *= factor
        nodeTraps *= factor
        suspensions *= factor
        restores *= factor
        clockJumps *= factor
        clientDiskFaults *= factor
        nodeDiskFaults *= factor
    }

    private init(seed: UInt64, isSmall: Bool) {
        self.seed = seed
        var numbers = SeededNumbers(seed: seed)
        func sometimes(_ range: ClosedRange<Int>) -> Int {
            numbers.once(in: 2)
                ? range.lowerBound + numbers.below(range.upperBound - range.lowerBound + 1) : 0
        }
        accounts = isSmall ? 2 + numbers.below(2) : 2 + numbers.below(5)
        clients = min(accounts * 2, isSmall ? 3 : 3 + numbers.below(10))
        actions = isSmall ? 12 + numbers.below(25) : 200 + numbers.below(1_801)
        pause = [200, 2_000, 20_000][numbers.below(3)]
        nights = sometimes(isSmall ? 10...40 : 1...15)
        network.requestLoss = sometimes(1...30)
        network.answerLoss = sometimes(1...30)
        network.duplicates = sometimes(1...50)
        network.halfOpen = sometimes(1...3)
        network.staleCheckpoints = sometimes(1...20)
        network.delay = 1...[5, 200, 3_000][numbers.below(3)]
        let rate = isSmall ? 2 : 1
        partitions = sometimes(5...30) * rate
        clientKills = sometimes(5...30) * rate
        clientCuts = sometimes(5...30) * rate
        clientTraps = sometimes(5...30) * rate
        nodeKills = sometimes(2...15) * rate
        nodeCuts = sometimes(2...15) * rate
        nodeTraps = sometimes(2...15) * rate
        suspensions = sometimes(5...20) * rate
        restores = numbers.once(in: 4) ? 5 * rate : 0
        clockJumps = sometimes(5...20) * rate
        clientDiskFaults = sometimes(5...20) * rate
        nodeDiskFaults = numbers.once(in: 4) ? 5 * rate : 0
        rollsBack = numbers.once(in: 10)
        clientStartTraps = clientTraps > 0 ? 3 : 0
    }
}
