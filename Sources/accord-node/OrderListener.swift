internal import NodeSequencer
internal import NodeStore
internal import ServiceLifecycle

/// Carries out what the operator orders when it is ordered, and not with the next tick.
struct OrderListener: Service {
    let bell: OrderBell
    let sequencer: Sequencer

    func run() async throws {
        await cancelWhenGracefulShutdown { await bell.listen(for: sequencer) }
        // Without a bell there is nothing to hear, and that ends no node.
        try? await gracefulShutdown()
    }
}
