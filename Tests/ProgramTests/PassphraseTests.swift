import Foundation
import LedgerCore
import Testing

/// What commands say and do about the passphrase of the keys.
struct PassphraseTests {
    @Test func `a passphrase is set, asked for, changed and removed by command`() throws {
        let node = try TestNode()
        let ada = try node.member("ada")
        let (first, second) = (node.scratch.file("first"), node.scratch.file("second"))
        try Data("five words nobody ever guesses\n".utf8).write(to: first)
        try Data("1234\n".utf8).write(to: second)
        let set = try ada.json("passphrase", "--new-passphrase-file", first.path)
        #expect(set["passphrase"] == .bool(true))
        // It is needed from now on, and the old way is closed.
        let locked = try ada.run("sync")
        #expect(locked.status == 2 && locked.errors.contains("locked"))
        try ada.json("sync", "--passphrase-file", first.path)
        let wrong = try ada.run(
            "passphrase", "--passphrase-file", second.path, "--new-passphrase-file", first.path)
        #expect(wrong.status == 2 && wrong.errors.contains("not right"))
        let changed = try ada.run(
            "passphrase", "--passphrase-file", first.path, "--new-passphrase-file", second.path)
        #expect(changed.status == 0 && changed.errors.contains("guess"), "\(changed.errors)")
        let removed = try ada.run("passphrase", "--passphrase-file", second.path, "--remove")
        #expect(removed.status == 0 && removed.text.contains("no passphrase"))
        try ada.json("sync")
    }

    @Test func `an empty passphrase file makes no open keys, and counts as no wrong try`() throws {
        let node = try TestNode()
        let empty = try node.scratch.write("\nfive words nobody ever guesses\n", to: "empty")
        let ada = Person(node: node, folder: "ada")
        let keys = ["study", "keys", "--passphrase-file", empty]
        let refused = try ada.run(keys)
        #expect(refused.status == 2 && refused.errors.contains("empty"), "\(refused.errors)")
        let vault = node.scratch.file("ada/data/vault.json").path
        #expect(!FileManager.default.fileExists(atPath: vault))

        let wei = try node.member("wei")
        let right = try node.scratch.write("five words nobody ever guesses\n", to: "right")
        try wei.json("passphrase", "--new-passphrase-file", right)
        for _ in 0..<11 {
            #expect(try wei.run("sync", "--passphrase-file", empty).status == 2)
        }
        try wei.json("sync", "--passphrase-file", right)
    }

    @Test func `the tenth wrong passphrase in a row destroys the keys, and says the way back`()
        throws
    {
        let node = try TestNode()
        let ada = try node.member("ada")
        let (right, wrong) = (node.scratch.file("right"), node.scratch.file("wrong"))
        try Data("five words nobody ever guesses\n".utf8).write(to: right)
        try Data("four words are wrong\n".utf8).write(to: wrong)
        try ada.json("passphrase", "--new-passphrase-file", right.path)
        for left in [9, 8, 7, 6, 5, 4] {
            let answer = try ada.run("sync", "--passphrase-file", wrong.path)
            #expect(answer.status != 0)
            #expect(
                answer.errors.contains("destroyed: \(left).") == (left <= 5), "\(answer.errors)")
        }
        let waiting = try ada.run("sync", "--passphrase-file", right.path)
        #expect(waiting.status == 1 && waiting.errors.contains("1 min"), "\(waiting.errors)")
        // As if it had gone on for hours.
        try Data("9 0".utf8).write(to: URL(filePath: ada.home + "/data/secret.tries"))
        let last = try ada.run("sync", "--passphrase-file", wrong.path)
        #expect(last.status == 2 && last.errors.contains("another device"), "\(last.errors)")
        let after = try ada.run("sync", "--passphrase-file", right.path)
        #expect(after.status == 2 && after.errors.contains("destroyed"), "\(after.errors)")
        // What is there can be looked at still.
        #expect(try ada.run("activity").status == 0)
    }
}
