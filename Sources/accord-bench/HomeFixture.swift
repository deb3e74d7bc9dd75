import Foundation

/// The home folder that start and list are measured with: 5,000 projects, 10,000 own entries.
struct HomeFixture {
    static let projectCount = 5_000

    /// What `ACCORD_HOME` is set to.
    let path: String
    /// The port its node was on; nobody listens there now.
    let port: Int
    private let nodeFolder: String

    /// Makes the folder, or finds the one made before in the same run.
    static func prepared(
        in scratch: ScratchFolder, projects: Int = projectCount
    ) async throws -> HomeFixture {
        try await prepared(at: scratch.file("home-\(projects)"), projects: projects)
    }

    /// Makes the folder at a path, or finds the one made there before.
    static func prepared(at path: String, projects: Int) async throws -> HomeFixture {
        let nodeFolder = path + "-node"
        let note = path + "-port"
        if let known = FileManager.default.contents(atPath: note),
            let port = Int(String(decoding: known, as: UTF8.self))
        {
            return HomeFixture(path: path, port: port, nodeFolder: nodeFolder)
        }
        Progress.say("preparing \(projects) projects and 10,000 own entries")
        let world = try await BenchWorld(folder: nodeFolder)
        try await world.fillCatalogue(to: projects)
        try await world.prepareHome(at: path)
        let port = world.node.port
        try await world.node.stop()
        try Data("\(port)".utf8).write(to: URL(filePath: note))
        return HomeFixture(path: path, port: port, nodeFolder: nodeFolder)
    }

    /// Starts its node again, on the same port.
    func restartNode() async throws -> BenchNode {
        try await BenchNode(folder: nodeFolder, port: port)
    }
}
