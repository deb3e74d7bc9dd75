import ClientRuntime
import Foundation
import Screens
import Synchronization

/// The demo of this person, as the app starts and ends it.
@MainActor
final class DemoHolder {
    private let root: URL
    private let clock: RuntimeClock
    private var world: DemoWorld?
    private var starting: Task<Void, any Error>?

    init(folders: HomeFolders, clock: RuntimeClock) {
        root = DemoCommand.root(folders)
        self.clock = clock
    }

    /// Starts the demo and makes an invitation to it.
    func start() async throws -> DemoInvitation {
        let made = try made()
        let task = starting ?? Task { try await made.start() }
        starting = task
        do {
            try await task.value
        } catch {
            // It can be tried again, from the beginning.
            await made.stop()
            starting = nil
            throw error
        }
        return DemoInvitation(
            node: made.address, code: try await made.invite(), records: Installed.samples)
    }

    /// Starts the demo of who has joined it again beside the app, which shows meanwhile what it has;
    /// does nothing for anybody else.
    ///
    /// A node that was stopped with `accord demo stop-node` stays away.
    func resume(_ session: MemberSession) {
        guard world == nil, session.stage != .welcome, let address = DemoWorld.address(root),
            [nil, address].contains(session.profile.node)
        else { return }
        // Where that fails the app stays offline and says so; the reason is in the demo's log.
        starting = Task {
            let made = try made()
            try await made.resume()
            if session.profile.node != made.address {
                try session.changeProfile { $0.node = made.address }
            }
            session.wake()
        }
    }

    private func made() throws -> DemoWorld {
        let made = try world ?? DemoWorld(root: root, clock: clock)
        world = made
        return made
    }

    /// Ends what was started.
    func stop() async {
        starting?.cancel()
        _ = await starting?.result
        await world?.stop()
    }
}
