// swift-tools-version: 6.2
import PackageDescription

// Every target of ours is compiled alike: Swift 6 mode, warnings are errors, and an import has to
// be spelled out where it is used.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // For the linker to put functions in the order that `accord` wants them.
    .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(
    name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let asyncHTTPClient: Target.Dependency = .product(
    name: "AsyncHTTPClient", package: "async-http-client")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")

// What the tests run millions of times is optimized in debug builds, too: it compiles a little
// longer, and simulations, replays and parsers run several times as fast.
let hot = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

func layer(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

// A program is mapped into memory at every start: without a table of all its symbols, which nobody
// looks up, and with its relocations packed, a tenth of that is left away, and some of the time.
let lean: [LinkerSetting] = [
    .unsafeFlags([
        "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
        "-Xlinker", "--no-export-dynamic",
    ])
]

func program(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
    linkerSettings: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict,
        linkerSettings: lean + linkerSettings)
}

// What a person's way through the app calls stands side by side: eleven megabytes of its code are
// then in memory instead of twenty-one. A function that is no more is passed over; `make order` lists
// them anew.
let ordered: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-Xlinker",
            "--symbol-ordering-file=\(Context.packageDirectory)/Sources/accord/functions.order",
            "-Xlinker", "--no-warn-symbol-ordering",
        ], .when(configuration: .release))
]

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "accord",
    products: [
        .executable(name: "accord", targets: ["accord"]),
        .executable(name: "accord-node", targets: ["accord-node"]),
        .executable(name: "accord-bench", targets: ["accord-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Pure: values and decisions, no clock, disk, network, randomness or terminal.
        layer("LedgerCore", [crypto], settings: hot),
        layer("HealthRecords", ["LedgerCore", "CXML2", "CZlib", crypto], settings: hot),
        layer("NodeAPI", ["LedgerCore", crypto]),
        layer("SyncCore", ["LedgerCore", "NodeAPI"], settings: hot),
        layer("TerminalCore", settings: hot),
        layer("Screens", ["LedgerCore", "SyncCore", "TerminalCore", "CQREncode"]),
        layer("StudyImport", ["LedgerCore"]),

        // Adapters: one outside thing each.
        .systemLibrary(name: "CNcursesw"),
        .systemLibrary(name: "CQREncode"),
        .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0"),
        .systemLibrary(name: "CZlib"),
        .target(name: "CZip"),
        .target(name: "CProcess"),
        .target(name: "CLifeline"),
        .target(name: "CKeyring"),
        layer(
            "ClientStore", ["LedgerCore", "NodeAPI", "SyncCore", grdb], settings: hot),
        layer(
            "NodeStore", ["LedgerCore", "NodeAPI", "NodeSequencer", grdb, crypto],
            settings: hot),
        layer(
            "NodeClient",
            ["LedgerCore", "NodeAPI", "SyncCore", asyncHTTPClient, nioCore, nioHTTP1, nioPosix]),
        layer("CursesTerminal", ["TerminalCore", "CNcursesw"]),
        layer(
            "NodeServer",
            [
                "LedgerCore", "NodeAPI", "NodeSequencer", hummingbird, hummingbirdCore, httpTypes,
                nioCore, nioHTTP1, logging, lifecycle, crypto,
            ]),

        // Runtime: carries out what the cores decide.
        layer("NodeSequencer", ["LedgerCore", "NodeAPI", crypto, logging], settings: hot),
        layer("SyncEngine", ["LedgerCore", "NodeAPI", "SyncCore", logging], settings: hot),
        layer(
            "ClientRuntime",
            [
                "LedgerCore", "HealthRecords", "NodeAPI", "SyncCore", "SyncEngine", "ClientStore",
                "TerminalCore", "Screens", "CProcess", "CZip", crypto, cryptoExtras, toml, logging,
            ]),

        // Programs: arguments, wiring, start.
        program(
            "accord",
            [
                "LedgerCore", "HealthRecords", "NodeAPI", "SyncCore", "SyncEngine", "ClientStore",
                "NodeClient", "TerminalCore", "Screens", "CursesTerminal", "ClientRuntime",
                "StudyImport", "CProcess", "CLifeline", "CKeyring", arguments, crypto, logging,
            ], exclude: ["functions.order"], linkerSettings: ordered),
        program(
            "accord-node",
            [
                "LedgerCore", "NodeAPI", "NodeSequencer", "NodeStore", "NodeServer", "CLifeline",
                arguments, asyncHTTPClient, nioCore, nioHTTP1, crypto, logging, lifecycle,
                unixSignals,
            ]),
        program(
            "accord-bench",
            [
                "LedgerCore", "HealthRecords", "NodeAPI", "SyncCore", "SyncEngine", "ClientStore",
                "NodeClient", "TerminalCore", "Screens", "ClientRuntime", "NodeSequencer",
                "NodeStore", "NodeServer", "RulesModel", grdb, arguments, crypto, logging,
                lifecycle,
            ]),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: [
                "LedgerCore", "HealthRecords", "NodeAPI", "NodeSequencer", "SyncCore",
                "TerminalCore", "Screens", crypto,
            ],
            path: "Tests/TestSupport",
            swiftSettings: strict),
        // A second, naive model of the rules: shares no rule with LedgerCore, only its entries.
        .target(
            name: "RulesModel", dependencies: ["LedgerCore"], path: "Tests/RulesModel",
            swiftSettings: hot),
        // Every reader of bytes from outside, with what has to hold whatever they are.
        .target(
            name: "Fuzzing",
            dependencies: [
                "LedgerCore", "HealthRecords", "NodeAPI", "StudyImport", "TerminalCore",
                "RulesModel", "TestSupport", crypto,
            ],
            path: "Tests/Fuzzing", swiftSettings: strict),
        // Clients, a node, their disks and the network between, on one thread and from one seed.
        .target(
            name: "CSimulation", path: "Tests/CSimulation",
            linkerSettings: [
                .linkedLibrary("sqlite3"),
                // What a simulation checked once is remembered: signatures.c.
                .unsafeFlags([
                    "-Xlinker", "--wrap=CCryptoBoringSSL_ED25519_verify",
                    "-Xlinker", "--wrap=CCryptoBoringSSL_ED25519_sign",
                ]),
            ]),
        .target(
            name: "Simulation",
            dependencies: [
                "CSimulation", "LedgerCore", "NodeAPI", "SyncCore", "SyncEngine", "ClientStore",
                "NodeSequencer", "NodeStore", "NodeServer", "RulesModel", grdb, crypto, logging,
            ],
            path: "Tests/Simulation", swiftSettings: hot),
        .executableTarget(
            name: "Simulate", dependencies: ["Simulation", arguments], path: "Tests/Simulate",
            swiftSettings: strict),
        tests(
            "SimulationTests",
            ["Simulation", "LedgerCore", "SyncCore"]),
        tests("FuzzingTests", ["Fuzzing", "TestSupport"]),
        tests("LedgerCoreTests", ["LedgerCore", "RulesModel", "TestSupport", crypto]),
        tests("HealthRecordsTests", ["HealthRecords", "LedgerCore", "TestSupport", crypto]),
        tests("NodeAPITests", ["NodeAPI", "LedgerCore", "TestSupport", crypto]),
        tests("SyncCoreTests", ["SyncCore", "NodeAPI", "LedgerCore", "TestSupport", crypto]),
        tests("TerminalCoreTests", ["TerminalCore", "TestSupport"]),
        tests(
            "ScreensTests",
            [
                "Screens", "TerminalCore", "SyncCore", "LedgerCore", "StudyImport", "RulesModel",
                "TestSupport",
            ], exclude: ["Golden"]),
        tests("StudyImportTests", ["StudyImport", "LedgerCore", "TestSupport"]),
        tests(
            "CursesTerminalTests", ["CursesTerminal", "TerminalCore", "CNcursesw", "TestSupport"]),
        tests(
            "NodeTests",
            [
                "NodeServer", "NodeSequencer", "NodeStore", "NodeAPI", "LedgerCore", "TestSupport",
                asyncHTTPClient, nioCore, nioHTTP1, nioPosix, grdb, crypto, logging, lifecycle,
            ]),
        tests(
            "ClientTests",
            [
                "ClientRuntime", "ClientStore", "NodeClient", "SyncEngine", "SyncCore", "NodeAPI",
                "HealthRecords", "LedgerCore", "TerminalCore", "Screens", "TestSupport",
                "NodeServer", "NodeSequencer", "NodeStore", "RulesModel", grdb, crypto, logging,
                lifecycle,
            ]),
        tests("ProgramTests", ["LedgerCore", "TerminalCore", "RulesModel", "TestSupport"]),
        tests("TidyTests", []),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer brings the main program of `make fuzz`, so that target links under it only.
if Context.environment["ACCORD_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["Fuzzing"], path: "Tests/Fuzz",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
