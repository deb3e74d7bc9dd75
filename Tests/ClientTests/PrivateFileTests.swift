import Dispatch
import Foundation
import Synchronization
import Testing

@testable import ClientRuntime

/// Files that only their owner can read.
@Suite struct PrivateFileTests {
    /// Calls `body` with an empty folder.
    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = URL(filePath: TestMember.temporaryFolder(), directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func `a file that is written among others touches none of them`() throws {
        try inFolder { folder in
            let file = folder.appending(path: "receipt")
            let other = folder.appending(path: "receipt.new")
            try Data("mine".utf8).write(to: other)
            try HomeFolders.writePrivate([1, 2], to: file, amongOthers: true)
            #expect(try Data(contentsOf: file) == Data([1, 2]))
            #expect(try Data(contentsOf: other) == Data("mine".utf8))
            #expect(try names(folder) == ["receipt", "receipt.new"])
        }
    }

    @Test func `of those who write a file at once each writes the whole of it, one by one`() throws
    {
        try inFolder { folder in
            let file = folder.appending(path: "vault.json")
            try Data("half of one".utf8).write(to: folder.appending(path: "vault.json.new"))
            let problems = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 8) { number in
                let bytes = [UInt8](repeating: UInt8(number), count: 4_096 * (number + 1))
                for _ in 0..<20 {
                    do {
                        try HomeFolders.writePrivate(bytes, to: file)
                    } catch {
                        problems.withLock { $0.append("\(error)") }
                    }
                }
            }
            let told = problems.withLock { $0 }
            #expect(told == [])
            let written = try Data(contentsOf: file)
            let number = try #require(written.first)
            #expect(written.count == 4_096 * (Int(number) + 1))
            #expect(written.allSatisfy { $0 == number })
            #expect(try names(folder) == ["vault.json"])
        }
    }

    @Test(arguments: [false, true])
    func `a file that cannot get its name leaves no draft`(amongOthers: Bool) throws {
        try inFolder { folder in
            let file = folder.appending(path: "receipt")
            // A file does not take the place of a folder.
            try FileManager.default.createDirectory(
                at: file.appending(path: "x"), withIntermediateDirectories: true)
            #expect(throws: HomeError.self) {
                try HomeFolders.writePrivate([1], to: file, amongOthers: amongOthers)
            }
            #expect(try names(folder) == ["receipt"])
        }
    }
}
