import Foundation
import LedgerCore
import Testing

/// A machine that is put back from a copy counts its decisions from there.
struct RestoredMachineTests {
    @Test func `what is decided after a restore counts, also after a refusal that was forgotten`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        for (project, seats) in [("sleep", 0), ("full", 1), ("steps", 0)] {
            let file = try node.scratch.write(projectFile(project, seats: seats), to: project)
            try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        }
        try node.member("bo").decide("signup", "full")
        let wei = try node.member("wei")
        try wei.decide("signup", "sleep")
        try wei.decide("grant", "sleep", "--kinds", "clinical", "--until", "2037-12-31")
        let copy = node.scratch.file("copy")
        try FileManager.default.copyItem(atPath: wei.home, toPath: copy.path)
        // A refused decision takes a number and stands in no chain.
        try wei.decide("signup", "full", status: 1)
        try FileManager.default.removeItem(atPath: wei.home)
        try FileManager.default.moveItem(atPath: copy.path, toPath: wei.home)

        // What stops goes through at once, under another number.
        _ = try wei.json("pause", "sleep")
        let status = try wei.json("authorizations")
        #expect("\(status)".contains("paused"), "\(status)")
        #expect(try wei.decide("signup", "steps")["state"]?.string == "proven")
        #expect(try wei.decide("revoke", "sleep")["state"]?.string == "proven")
    }
}
