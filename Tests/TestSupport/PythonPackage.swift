package import Foundation

/// A program others wrote, from PyPI: installed once, in `.build`.
package struct PythonPackage: Sendable {
    /// The interpreter that has the package.
    package let python: URL

    /// Finds or installs `name` in `version`, and with it `others` in the versions PyPI has.
    ///
    /// `module` is what it is imported by. `nil` where there is no Python of at least `minor` (3.`minor`), or nothing can be installed.
    package init?(
        _ name: String, version: String, module: String, others: [String] = [], minor: Int = 12
    ) {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let place = root.appending(path: ".build/\(name)-\(version)")
        python = place.appending(path: "bin/python")
        if hasModule(module) { return }
        for interpreter in PythonPackage.interpreters(minor: minor) {
            guard Self.isDone(interpreter, ["-m", "venv", place.path]),
                Self.isDone(
                    python, ["-m", "pip", "install", "-q", "\(name)==\(version)"] + others)
            else { continue }
            if hasModule(module) { return }
        }
        return nil
    }

    /// Runs Python with `arguments`, until it ends.
    ///
    /// - Returns: the exit status and what it wrote to both of its outputs.
    package func run(_ arguments: [String], environment: [String: String] = [:]) throws -> (
        status: Int32, output: String
    ) {
        try PythonPackage.run(python, arguments, environment: environment)
    }

    private func hasModule(_ module: String) -> Bool {
        Self.isDone(python, ["-c", "import \(module)"])
    }

    private static func interpreters(minor: Int) -> [URL] {
        let environment = ProcessInfo.processInfo.environment
        let versions = "\(environment["HOME"] ?? "")/.pyenv/versions"
        // Without pyenv there is nothing to list.
        let installed = (try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []
        var paths = installed.sorted().map { "\(versions)/\($0)/bin/python" }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            paths += ["\(folder)/python3.12", "\(folder)/python3.13", "\(folder)/python3"]
        }
        return paths.map { URL(filePath: $0) }.filter { path in
            isDone(path, ["-c", "import sys; sys.exit(sys.version_info < (3, \(minor)))"])
        }
    }

    /// Whether a program could be started and ended well.
    private static func isDone(_ program: URL, _ arguments: [String]) -> Bool {
        FileManager.default.isExecutableFile(atPath: program.path)
            && (try? run(program, arguments))?.status == 0
    }

    /// Runs any program with `arguments`, until it ends.
    ///
    /// - Returns: the exit status and what it wrote to both of its outputs.
    package static func run(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
