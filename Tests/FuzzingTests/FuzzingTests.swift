import Foundation
import Fuzzing
import TestSupport
import Testing

/// Every reader of bytes from outside, under mutants made from a seed; `make fuzz` goes on from here.
struct FuzzingTests {
    private static let mutantsEach = 3_000

    @Test(arguments: FuzzTarget.allCases)
    func `good input is read, and mutants break no promise`(target: FuzzTarget) throws {
        let seeds = try FuzzCorpus.seeds(for: target)
        for seed in seeds { try target.read(seed) }
        var mutator = Mutator(seed: 1)
        for number in 0..<Self.mutantsEach {
            let input = seeds[number % seeds.count]
            let other = seeds[(number / seeds.count) % seeds.count]
            let mutant = mutator.mutant(of: input, with: other)
            do {
                try target.read(mutant)
            } catch {
                Issue.record("\(error); mutant \(number): \(Data(mutant).base64EncodedString())")
                return
            }
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
    func `hostile files break no promise of any reader`() throws {
        let folder = try #require(SharedData.folder).appending(path: "hostile")
        let files = try #require(
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        for case let file as URL in files where !file.hasDirectoryPath {
            let bytes = [UInt8](try Data(contentsOf: file).prefix(64 * 1024))
            for target in FuzzTarget.allCases {
                do {
                    try target.read(bytes)
                } catch {
                    Issue.record("\(file.lastPathComponent): \(error)")
                }
            }
        }
    }
}
