internal import CSimulation

/// The disk of one machine: a directory in which SQLite's files live in memory.
///
/// SQLite finds it by the path of the directory; every other path is the real file system's.
package final class SimulatedVolume: @unchecked Sendable {
    /// What is left of the bytes that were written and not synced.
    package enum Keep: CaseIterable, Sendable {
        /// All: the process died, the machine lives.
        case all
        /// Nothing.
        case synced
        /// Each sector or not, by chance.
        case subset
        /// The first writes; the last of them up to a sector.
        case torn

        var code: simulation_keep {
            switch self {
            case .all: simulation_keep_all
            case .synced: simulation_keep_synced
            case .subset: simulation_keep_subset
            case .torn: simulation_keep_torn
            }
        }
    }

    /// What a failing operation reports.
    package enum Fault: CaseIterable, Sendable {
        /// EIO.
        case inputOutput
        /// ENOSPC.
        case diskFull
        /// Half is written, then the disk is full.
        case shortWrite

        var code: simulation_fault {
            switch self {
            case .inputOutput: simulation_io_error
            case .diskFull: simulation_disk_full
            case .shortWrite: simulation_short_write
            }
        }
    }

    /// Kinds of operations.
    package struct Operations: OptionSet, Sendable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
        package static let reads = Operations(rawValue: Int32(simulation_read.rawValue))
        package static let writes = Operations(rawValue: Int32(simulation_write.rawValue))
        package static let syncs = Operations(rawValue: Int32(simulation_sync.rawValue))
        package static let truncations = Operations(rawValue: Int32(simulation_truncate.rawValue))
        package static let any = Operations(rawValue: Int32(simulation_any.rawValue))
        /// All that a full disk can refuse.
        package static let changes: Operations = [.writes, .syncs, .truncations]
    }

    /// Where it is.
    package let directory: String
    private let volume: OpaquePointer
    /// Counts the crashes: whoever opened files before the last one is dead.
    package private(set) var generation = 0
    private var watcher: (() -> Void)?

    /// A process died while it started.
    package struct DiedAtStart: Error {}

    /// Makes an empty disk, in place of one of that name.
    package convenience init(directory: String, seed: UInt64 = 1) {
        SimulatedVolume.install()
        self.init(directory, simulation_volume_make(directory, seed))
    }

    private init(_ directory: String, _ volume: OpaquePointer) {
        self.directory = directory
        self.volume = volume
    }

    deinit { simulation_volume_free(volume) }

    private static func install() {
        let status = simulation_disk_install()
        precondition(status == 0, "SQLite takes our file system")
    }

    /// What the disk holds after a loss of power now; it goes on itself.
    package func image(at directory: String, keeping keep: Keep, seed: UInt64) -> SimulatedVolume {
        SimulatedVolume(directory, simulation_volume_image(volume, directory, keep.code, seed))
    }

    /// Ends the process that has the files open: what it still writes is not seen any more.
    package func crash(keeping keep: Keep) {
        generation += 1
        simulation_volume_crash(volume, keep.code)
    }

    /// Puts the files of another disk in place of these.
    package func restore(_ backup: SimulatedVolume) {
        generation += 1
        simulation_volume_restore(volume, backup.volume)
    }

    /// How many operations were asked for.
    package func count(_ operations: Operations) -> Int {
        Int(simulation_volume_count(volume, operations.rawValue))
    }

    /// Lets operations fail after `after` more of them; `count` times, or for ever without one.
    package func fail(
        _ operations: Operations, after: Int = 0, count: Int? = nil, with fault: Fault
    ) {
        simulation_volume_fail(
            volume, operations.rawValue, Int64(after), Int64(count ?? -1), fault.code)
    }

    /// Lets operations fail by chance, so many in a million.
    package func failOften(_ operations: Operations, partsInAMillion rate: Int, with fault: Fault) {
        simulation_volume_fail_often(volume, operations.rawValue, UInt32(rate), fault.code)
    }

    /// Heals it.
    package func heal() { simulation_volume_fail(volume, 0, 0, 0, simulation_io_error) }

    /// Says "synced" of SQLite's logs and does nothing, as `synchronous=NORMAL` would.
    package func lieAboutLogs(_ lies: Bool = true) {
        simulation_volume_lie_about_logs(volume, lies ? 1 : 0)
    }

    /// What SQLite finds first when it looks through a database here, opened anew; `nil` if it is
    /// whole.
    func defect(ofDatabase name: String) -> String? {
        var report = [CChar](repeating: 0, count: 256)
        let isWhole = simulation_database_check(
            "\(directory)/\(name)", &report, Int32(report.count))
        let text = report.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return isWhole != 0 ? nil : String(decoding: text, as: UTF8.self)
    }

    /// Calls back before each operation of these kinds; without a function, no more.
    package func watch(_ operations: Operations, _ body: (() -> Void)?) {
        watcher = body
        guard body != nil else { return simulation_volume_watch(volume, 0, nil, nil) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        simulation_volume_watch(
            volume, operations.rawValue,
            { context in
                guard let context else { return }
                Unmanaged<SimulatedVolume>.fromOpaque(context).takeUnretainedValue().watcher?()
            }, context)
    }
}
