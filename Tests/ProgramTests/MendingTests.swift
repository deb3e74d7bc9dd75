import Foundation
import Testing

/// What commands say and do about a database that is not as it was left.
struct MendingTests {
    @Test func `a damaged database is mended by the next command, which says what it saved`()
        throws
    {
        let node = try TestNode()
        let ada = try node.member("ada")
        try ada.json("sync")
        let database = URL(filePath: ada.home + "/data/accord.sqlite")
        var bytes = try Data(contentsOf: database)
        // The root of the tables' names: nothing is found any more.
        for place in 100..<4_000 { bytes[place] = 0xee }
        try bytes.write(to: database)
        let first = try ada.run("status", "--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.errors.contains("was damaged and was mended"))
        #expect(first.errors.contains("damaged-"))
        try ada.json("sync")
        let again = try ada.run("activity", "--json")
        #expect(again.status == 0 && again.errors.isEmpty, "\(again.errors)")
        #expect(again.text.contains("member.enrolled"))
    }

    @Test func `a database of a newer program is read, and what it cannot do is said`() throws {
        let node = try TestNode()
        let team = try node.institution("team")
        let terms = try node.scratch.write(projectFile("sleep"), to: "sleep.json")
        try team.json("study", "publish", terms, "--node", node.address)
        let ada = try node.member("ada")
        try ada.json("sync")
        try SQLiteShell.run(
            ada.home + "/data/accord.sqlite", "UPDATE meta SET value = 99 WHERE key = 'schema'")
        #expect(try ada.run("activity", "--json").status == 0)
        // With nothing to write it is in step.
        #expect(try ada.run("sync").status == 0)
        let refused = try ada.run("signup", "sleep")
        #expect(refused.status != 0)
        #expect(refused.errors.contains("newer"), "\(refused.errors)")
    }
}

/// SQLite through Python, where the programs' own way would be what is tested.
private enum SQLiteShell {
    static func run(_ database: String, _ sql: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()",
            database, sql,
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
