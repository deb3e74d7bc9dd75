import CProcess
import Foundation

/// What the system says about the person's session, without Foundation's way to it, which takes a
/// twentieth of a start.
enum Surroundings {
    /// The environment as it was when it was first asked for.
    static let environment: [String: String] = {
        var variables: [String: String] = [:]
        guard var next = process_environment() else { return variables }
        while let line = next.pointee {
            let text = String(cString: line)
            // The first of two wins, as with getenv(3).
            if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                let value = String(text[text.index(after: equals)...])
                variables.merge([String(text[..<equals]): value]) { first, _ in first }
            }
            next += 1
        }
        return variables
    }()

    /// How far the local time is ahead of UTC now, in minutes.
    static var utcOffsetMinutes: Int {
        var now = time(nil)
        var local = tm()
        guard localtime_r(&now, &local) != nil else { return 0 }
        return local.tm_gmtoff / 60
    }
}
