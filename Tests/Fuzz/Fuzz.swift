import Foundation
import Fuzzing

/// Ends the run so that libFuzzer keeps the input, and says why.
private func stop(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("\(reason)\n".utf8))
    abort()
}

/// libFuzzer's door: bytes for the target that `ACCORD_FUZZ_TARGET` names.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["ACCORD_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        stop("ACCORD_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

/// Writes the target's seeds into the folder that `ACCORD_FUZZ_SEEDS` names, before the first run.
@_cdecl("LLVMFuzzerInitialize")
func begin(_: UnsafeMutablePointer<Int32>, _: UnsafeMutableRawPointer) -> Int32 {
    guard let folder = ProcessInfo.processInfo.environment["ACCORD_FUZZ_SEEDS"] else { return 0 }
    do {
        for (number, seed) in try FuzzCorpus.seeds(for: target).enumerated() {
            try Data(seed).write(to: URL(filePath: "\(folder)/seed-\(number)"))
        }
        return 0
    } catch {
        stop("the seeds cannot be written: \(error)")
    }
}

/// Reads one input; a broken promise stops the fuzzer, which keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
func read(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    do {
        try target.read(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    } catch {
        stop("\(error)")
    }
}
