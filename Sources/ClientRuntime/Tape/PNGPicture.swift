import Foundation

/// Turns an SVG picture into a PNG by Debian's `rsvg-convert`: no screen is needed.
enum PNGPicture {
    /// Writes a picture.
    ///
    /// - Parameters:
    ///   - svg: The picture.
    ///   - hasWideText: Whether it holds Chinese, which needs a font that has it.
    ///   - file: Where to.
    /// - Throws: `TapeProblem` that says what is missing.
    static func write(svg: String, hasWideText: Bool, to file: URL) throws {
        guard let converter = find("rsvg-convert") else {
            throw TapeProblem(
                "a .png needs rsvg-convert: apt install librsvg2-bin, or write .svg")
        }
        if hasWideText, let fonts = find("fc-list") {
            let found = try run(fonts, [":lang=zh-cn", "family"])
            guard !found.output.isEmpty else {
                throw TapeProblem(
                    "a .png of this screen needs a font with Chinese: apt install "
                        + "fonts-wqy-zenhei, or write .svg")
            }
        }
        let source = FileManager.default.temporaryDirectory.appending(
            path: "accord-\(UUID().uuidString).svg")
        // What stays behind in the temporary folder harms nobody.
        defer { try? FileManager.default.removeItem(at: source) }
        try Data(svg.utf8).write(to: source)
        let result = try run(
            converter, ["--output", file.path(percentEncoded: false), source.path])
        guard result.status == 0 else {
            throw TapeProblem("rsvg-convert could not draw the picture: \(result.output)")
        }
    }

    /// Where a program is, by the search path.
    static func find(_ name: String) -> URL? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { URL(filePath: "\($0)/\(name)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path(percentEncoded: false)) }
    }

    private static func run(_ program: URL, _ arguments: [String]) throws
        -> (status: Int32, output: String)
    {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
