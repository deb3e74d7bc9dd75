import Foundation
import LedgerCore
import Testing

/// The work of a study team and of those who watch it, told in commands.
struct StudyStoryTests {
    private func sample(_ name: String) -> String {
        Programs.package.appending(path: "Samples/records/\(name).json").path
    }

    /// Writes a template's project file, changed, and publishes it.
    private func publish(
        _ team: Person, _ name: String, change: (String) -> String = { $0 }
    ) throws -> String {
        let file = team.node.scratch.file("\(name).toml").path
        try team.json("study", "new", "--template", "sleep", file)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try change(text).write(toFile: file, atomically: true, encoding: .utf8)
        try team.json("study", "check", file)
        try team.json("study", "publish", file, "--escrow", "5000", "--node", team.node.address)
        return file
    }

    /// A member who hands the sample of a night's sleep to a project.
    private func takePart(_ person: Person, _ project: String) throws -> String {
        try person.json("sync")
        try person.json("signup", project)
        let imported = try person.json("records", "import", sample("wei-sleep"))
        let record = try #require(
            imported["records"]?.array?.first { $0["kind"]?.string == "wearable" }?["record"]?
                .integer)
        let given = try person.decide("contribute", project, "--records", String(record))
        try person.decide("grant", project, "--kinds", "wearable", "--until", "2027-06-30")
        return try #require(given["entry"]?.string)
    }

    private func events(_ ran: Programs.Result) throws -> [JSONValue] {
        #expect(ran.status == 0, "\(ran.errors)")
        return try ran.output.split(separator: 0x0a).map { try JSONValue(canonical: Array($0)) }
    }

    @Test func `a file with mistakes is told with places in both languages and never published`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try node.scratch.write(
            "project = \"a\"\nprogramme = \"staf-plan\"\n", to: "bad.toml")
        for (locale, words) in [("en_US.UTF-8", "did you mean"), ("zh_CN.UTF-8", "您是否想写")] {
            let checked = try team.run(["study", "check", file], locale: locale)
            #expect(checked.status == 2)
            #expect(checked.errors.contains("bad.toml:2:13: "))
            #expect(checked.errors.contains(words))
        }
        let published = try team.run("study", "publish", file, "--node", node.address)
        #expect(published.status == 2)
        #expect(published.errors.contains("bad.toml:2:13: "))
        #expect(try team.json("study", "list")["total"]?.integer == 0)
    }

    @Test func `a home that cannot tell which ledger it saw says what to do`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        try team.json("study", "list", "--node", node.address)
        let file = URL(filePath: team.home).appending(path: "data/seen-ledger.json")
        try Data("{".utf8).write(to: file)
        for (locale, words) in [("en_US.UTF-8", "remove the file"), ("zh_CN.UTF-8", "请删除该文件")] {
            let ran = try team.run(["study", "list"], locale: locale)
            #expect(ran.status == 2)
            #expect(ran.errors.contains(words), "\(ran.errors)")
        }
        try FileManager.default.removeItem(at: file)
        try team.json("study", "list")
        #expect(FileManager.default.fileExists(atPath: file.path))
    }

    @Test func `a home that worked with one ledger says so to another, and ends with an alarm`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        try team.json("study", "list", "--node", node.address)
        let other = try TestNode()
        let ran = try team.run("study", "list", "--node", other.address)
        #expect(ran.status == 4)
        #expect(ran.errors.contains("takes another --home"), "\(ran.errors)")
    }

    @Test func `a set in a project's JSON that holds anything but texts is refused with its place`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        for (name, text) in [
            ("limits[1]", #"{"project": "a", "limits": ["NPU", 5]}"#),
            ("criteria.regions[0]", #"[{"project": "a", "criteria": {"regions": [true]}}]"#),
        ] {
            let file = try node.scratch.write(text, to: "bad.json")
            let published = try team.run("study", "publish", file, "--node", node.address)
            #expect(published.status == 2)
            #expect(published.errors.contains("bad.json"))
            #expect(published.errors.contains(name))
        }
    }

    @Test func `a rule rejects a duplicate, an appeal brings it back to people, who accept it`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        _ = try publish(team, "sleep-1")
        let (wei, li) = (try node.member("wei"), try node.member("li"))
        _ = try takePart(wei, "sleep-1")
        let second = try takePart(li, "sleep-1")

        let rules = try node.scratch.write("use_every = \"never\"\n", to: "rules.toml")
        try team.json("study", "check", "--rules", rules)
        let first = try events(team.run("study", "run", "--once", "--rules", rules, "--json"))
        #expect(first.map { $0["event"]?.string } == ["reviewed", "reviewed"])
        #expect(first.map { $0["refusal"]?.string } == [nil, "duplicate"])
        // A rejection is no end: the member appeals, once, and the service leaves it to people.
        try li.json("sync")
        #expect(try li.decide("appeal", second)["state"]?.string == "proven")
        let again = try events(team.run("study", "run", "--once", "--rules", rules, "--json"))
        #expect(again.map { $0["event"]?.string } == ["appealed"])
        let waiting = try team.json("study", "review", "--appeals")["waiting"]?.array
        #expect(waiting?.map { $0["entry"]?.string } == [second])
        #expect(waiting?.first?["appealed"]?.string == "duplicate")
        let looked = try team.json(
            "study", "review", "--open", node.scratch.file("look").path)
        let seen = try #require(looked["uses"]?.array?.first?["files"]?.array?.first?.string)
        #expect(try String(contentsOfFile: seen, encoding: .utf8).contains("Observation"))
        #expect(try team.json("study", "review", "--accept", second)["recorded"]?.integer == 1)
        #expect(try team.json("study", "review")["waiting"]?.array?.isEmpty == true)
        try li.json("sync")
        #expect(try li.json("appeal", second, status: 1)["entries"]?.array?.count == 1)
    }

    @Test
    func `files come with a manifest, are not asked for twice, and go when no longer allowed`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        _ = try publish(team, "sleep-1")
        let wei = try node.member("wei")
        let contribution = try takePart(wei, "sleep-1")
        let out = node.scratch.file("used")
        let early = try team.run("study", "use", "sleep-1", "--out", out.path)
        #expect(early.status == 1 && early.errors.contains("waiting for review: 1"))
        let ran = try events(team.run("study", "run", "--once", "--json"))
        #expect(ran.map { $0["event"]?.string } == ["reviewed", "used"], "\(ran)")
        let used = try team.json("study", "use", "sleep-1", "--out", out.path)
        let use = try #require(used["uses"]?.array?.first)
        let manifest = try JSONValue(
            canonical: [UInt8](Data(contentsOf: out.appending(path: "manifest.json"))))
        let file = try #require(manifest["files"]?.array?.first)
        #expect(file["use"]?.string == use["entry"]?.string)
        #expect(file["contribution"]?.string == contribution)
        #expect(file["grant"]?.string?.count == 64)
        #expect(file["purpose"]?.string == "HMB")
        let path = out.appending(path: try #require(file["path"]?.string))
        #expect(
            Hash.of([UInt8](try Data(contentsOf: path))).hex == file["sha256"]?.string)

        // What is there is not asked for again; what was damaged meanwhile is.
        let kept = try team.json("study", "use", "sleep-1", "--out", out.path)
        #expect(kept["uses"]?.array?.first?["kept"] == .bool(true))
        #expect(kept["uses"]?.array?.first?["files"] == use["files"])
        try Data("cut".utf8).write(to: path)
        let healed = try team.json("study", "use", "sleep-1", "--out", out.path)
        #expect(healed["uses"]?.array?.first?["entry"]?.string != use["entry"]?.string)
        #expect(healed["uses"]?.array?.first?["kept"] == nil)

        // That another purpose was not agreed to says nothing of what is read for this one.
        let other = try team.json(
            "study", "use", "sleep-1", "--purpose", "CC", "--out", out.path, status: 1)
        #expect(other["uses"]?.array?.first?["denied"]?.string == "purpose-not-named")
        #expect(FileManager.default.fileExists(atPath: path.path))

        // What is made from it is told to its member, and ends with the revocation.
        let model = try node.scratch.write("a model of sleep", to: "model.txt")
        let derived = try team.json("study", "derive", out.path, model)
        #expect(derived["recorded"]?.integer == 1)
        try wei.json("sync")
        let told = try wei.run("activity")
        #expect(told.text.contains("Made by Sleep Institute from 1 record"), "\(told.text)")

        try wei.decide("revoke", "sleep-1")
        let late = try team.json("study", "derive", out.path, model, status: 1)
        #expect(late["recorded"]?.integer == 0)
        #expect(late["refused"]?.array?.first?["name"]?.string == "useNotAuthorized")
        let denied = try team.json("study", "use", "sleep-1", "--out", out.path, status: 1)
        #expect(denied["uses"]?.array?.first?["denied"]?.string == "revoked")
        #expect(!FileManager.default.fileExists(atPath: path.path))
    }

    @Test func `counts hide the few, and a board, a regulator and the operator have their say`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try publish(team, "sleep-1")
        let wei = try node.member("wei")
        _ = try takePart(wei, "sleep-1")
        let counts = try team.json("study", "counts", "sleep-1")
        #expect(counts["signed_up"] == nil && counts["authorized"] == nil)
        #expect(try team.run("study", "counts", "sleep-1").text.contains("fewer than 10"))
        #expect(try team.run("study", "counts", "sleep-1", "--least", "3").status != 0)

        // A major change shows what differs, and is refused before the board agreed.
        let board = try node.institution("board", role: "ethics")
        let wider = try String(contentsOfFile: file, encoding: .utf8)
            .replacing(
                "clinical = \"optional\"", with: "clinical = \"optional\"\ngenomic = \"optional\"")
        try wider.write(toFile: file, atomically: true, encoding: .utf8)
        let shown = try team.run("study", "amend", file, "--dry-run")
        #expect(shown.text.contains("+ genomic (optional)"))
        #expect(shown.text.contains("version 2.0"))
        let refused = try team.json("study", "amend", file, status: 1)
        #expect(refused["refused"]?.array?.first?["name"]?.string == "ethicsMissing")
        try board.json("study", "endorse", file, "--node", node.address)
        #expect(try team.json("study", "amend", file)["recorded"]?.integer == 1)

        // The operator finds that an authorization was never valid; its member sees it.
        let account = try #require(try wei.json("status")["account"]?.string)
        try node.operate(
            "invalidate", "sleep-1", "--member", account, "--reason", "wrong-person")
        try wei.json("sync")
        let states = try wei.json("authorizations")["authorizations"]?.array
        #expect(states?.first?["state"]?.string == "invalidated")

        let regulator = try node.institution("regulator", role: "regulator")
        let recipient = try #require(try team.json("study", "list")["account"]?.string)
        try regulator.json(
            "study", "approve", "sleep-1", "--recipient", recipient, "--number", "2026-BC-1",
            "--until", "2027-12-31", "--node", node.address)
        try node.operate(
            "approve", "sleep-1", "--recipient", recipient, "--kind", "security-review",
            "--number", "2026-SR-1", "--until", "2027-12-31")
        try regulator.json("study", "terminate", "sleep-1", "--reason", "approval-lapsed")
        try wider.replacing("seats = 200", with: "seats = 300")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let closed = try team.json("study", "amend", file, status: 1)
        #expect(closed["refused"]?.array?.first?["name"]?.string == "projectClosed")
    }

    @Test func `a recipient lists the erasures it owes and attests them`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        _ = try publish(team, "sleep-1")
        let wei = try node.member("wei")
        let contribution = try takePart(wei, "sleep-1")
        try wei.decide("revoke", "sleep-1", "--erase")
        let waiting = try #require(try team.json("study", "attest")["waiting"]?.array?.first)
        #expect(waiting["contributions"]?.array == [.string(contribution)])
        #expect(waiting["overdue"] == .bool(false))
        #expect(try team.json("study", "attest", "--overdue")["waiting"]?.array?.isEmpty == true)
        let erasure = try #require(waiting["erasure"]?.string)
        #expect(
            try team.json("study", "attest", "--erased", erasure)["recorded"]?.integer == 1)
        #expect(try team.json("study", "attest")["waiting"]?.array?.isEmpty == true)
        #expect(try team.run("study", "attest", "--erased", erasure).status == 1)
        try wei.json("sync")
        let kinds = try wei.json("activity")["entries"]?.array?.map { $0["kind"]?.string }
        #expect(kinds?.contains("erasure.attested/1") == true)
    }

    private func budget(_ person: Person) throws -> Int64? {
        try person.json("study", "list", "--node", person.node.address)["budget"]?.integer
    }

    @Test func `points are shared by a rule to the last one, and never beyond the budget`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let partner = try node.institution("partner")
        _ = try publish(team, "sleep-1")
        let own = try #require(try team.json("study", "list")["account"]?.string)
        let others = try #require(
            try partner.json("study", "list", "--node", node.address)["account"]?.string)

        // Without a rule, of a stranger and of somebody else's project nothing is signed.
        let early = try team.run("study", "split", "sleep-1", "--pay", "10")
        #expect(early.status == 1 && early.errors.contains("--share ACCOUNT=WEIGHT"))
        let stranger = String(repeating: "0", count: 32)
        let unknown = try team.run("study", "split", "sleep-1", "--share", "\(stranger)=1")
        #expect(unknown.status == 1 && unknown.errors.contains("nothing was signed"))
        #expect(try partner.run("study", "split", "sleep-1", "--share", "\(own)=1").status == 1)
        for share in ["\(own)", "\(own)=0", "\(own)=1000001", "nobody=1"] {
            #expect(try team.run("study", "split", "sleep-1", "--share", share).status == 2)
        }
        #expect(try team.json("study", "split", "sleep-1")["shares"]?.array?.isEmpty == true)

        let ruled = try team.json(
            "study", "split", "sleep-1", "--share", "\(own)=1", "\(others)=2")
        #expect(ruled["recorded"]?.integer == 1)
        let paid = try team.json("study", "split", "sleep-1", "--pay", "1000")
        let parts = try #require(paid["parts"]?.array)
        #expect(parts.compactMap { $0["points"]?.integer }.reduce(0, +) == 1_000)
        let given = parts.first { $0["account"]?.string == others }
        #expect(given?["points"]?.integer == 667)
        #expect(try budget(team) == 1_000_000 - 5_000 - 667)
        #expect(try budget(partner) == 1_000_667)

        // More than there is: refused here, and the ledger knows nothing of it.
        for (locale, words) in [("en_US.UTF-8", "nothing was signed"), ("zh_CN.UTF-8", "未签名")] {
            let late = try team.run(
                ["study", "split", "sleep-1", "--pay", "994334"], locale: locale)
            #expect(late.status == 1 && late.errors.contains(words), "\(late.errors)")
        }
        let shown = try team.json("study", "split", "sleep-1")
        #expect(shown["shared"]?.integer == 1_000)
        #expect(shown["budget"]?.integer == 994_333)
        let listed = try team.json("study", "list")["projects"]?.array?.first
        #expect(listed?["shares"] == shown["shares"])
        #expect(try team.run("study", "list").text.contains("1\u{2009}000 ★ shared"))
        #expect(try team.run("study", "split", "sleep-1").text.contains("2 of 3"))
    }

    @Test func `a member reads what a programme's caps leave before they bind`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let text = projectFile("sleep-1").replacing(
            #"["clinical", true]"#, with: #"["clinical", false]"#)
        let file = try node.scratch.write(text, to: "project.json")
        try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        let wei = try node.member("wei")
        #expect(try wei.json("points")["caps"]?.array?.isEmpty == true)
        try node.operate("programme", "staff-plan", "--lifetime-cap", "700")
        let contribution = try takePart(wei, "sleep-1")
        func left() throws -> [Int64?] {
            try wei.json("sync")
            let caps = try #require(try wei.json("points")["caps"]?.array)
            #expect(try wei.json("projects", "show", "sleep-1")["caps"]?.array == caps)
            #expect(caps.map { $0["span"]?.string } == ["lifetime"])
            #expect(caps.map { $0["limit"]?.integer } == [700])
            return caps.map { $0["left"]?.integer }
        }
        #expect(try left() == [700])
        try team.json("study", "review", "--accept", contribution)
        let deadline = ContinuousClock.now + .seconds(20)
        while try left() == [700], ContinuousClock.now < deadline {}
        #expect(try left() == [100])
        for (locale, said) in [
            ("en_US.UTF-8", "pays you at most 700 ★ in all, 100 ★ left"),
            ("zh_CN.UTF-8", "最多支付您总共 700 ★，还剩 100 ★"),
        ] {
            #expect(try wei.run(["points"], locale: locale).text.contains(said))
            let shown = try wei.run(["projects", "show", "sleep-1"], locale: locale).text
            let flat = shown.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(flat.contains(said.suffix(7)), "\(shown)")
        }
    }

    @Test func `a proposal to take points back is appealed against in the app`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        _ = try publish(team, "sleep-1")
        let officer = try node.institution("officer", role: "officer")
        let wei = try node.member("wei")
        let contribution = try takePart(wei, "sleep-1")
        try team.json("study", "review", "--accept", contribution)
        let account = try #require(try wei.json("status")["account"]?.string)
        let deadline = ContinuousClock.now + .seconds(20)
        var accrual: String?
        while accrual == nil, ContinuousClock.now < deadline {
            try wei.json("sync")
            accrual = try wei.json("points")["movements"]?.array?.first {
                $0["kind"]?.string == "points.accrued/1"
            }?["entry"]?.string
        }
        let proposed = try officer.json(
            "study", "correct", try #require(accrual), "--member", account, "--points", "5",
            "--node", node.address)
        #expect(proposed["recorded"]?.integer == 1)
        try wei.json("sync")
        let told = try Programs.run(
            "accord", ["--plain"], environment: ["ACCORD_HOME": wei.home],
            input: "wait\nappeal 1\nok\nwait\nquit\n")
        #expect(told.text.contains("Appeal signed"), "\(told.text)")
        let kinds = try wei.json("activity")["entries"]?.array?.map { $0["kind"]?.string }
        #expect(kinds?.contains("correction.appealed/1") == true, "\(told.text)")
    }

    /// The files of records in a folder that `study use` wrote, as `ACCOUNT/NAME`.
    private func records(in folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.contains("/") }.sorted()
    }

    /// A member whose record a study team accepted and read into a folder.
    private func used() throws -> (node: TestNode, team: Person, wei: Person, out: URL) {
        let node = try TestNode()
        let team = try node.institution("institute")
        _ = try publish(team, "sleep-1")
        let wei = try node.member("wei")
        _ = try takePart(wei, "sleep-1")
        _ = try events(team.run("study", "run", "--once", "--json"))
        let out = node.scratch.file("used")
        try team.json("study", "use", "sleep-1", "--out", out.path)
        return (node, team, wei, out)
    }

    @Test func `files of records that were erased go although nothing is left to ask for`() throws {
        let (_, team, wei, out) = try used()
        #expect(try records(in: out).count == 1)

        try wei.decide("revoke", "sleep-1", "--erase")
        let late = try team.run("study", "use", "sleep-1", "--out", out.path)
        #expect(late.status == 1, "\(late.errors)")
        #expect(try records(in: out).isEmpty)
        let manifest = try JSONValue(
            canonical: [UInt8](Data(contentsOf: out.appending(path: "manifest.json"))))
        #expect(manifest["files"]?.array?.isEmpty == true)
    }

    @Test func `files of a kind that a later grant leaves out go, and the others stay`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let terms = try node.scratch.write(projectFile("sleep-1"), to: "project.json")
        try team.json("study", "publish", terms, "--node", node.address)
        let wei = try node.member("wei")
        try wei.decide("signup", "sleep-1")
        let imported = try wei.json("records", "import", sample("wei-sleep"))["records"]?.array
        for kind in ["wearable", "clinical"] {
            let found = try #require(imported?.first { $0["kind"]?.string == kind })
            let record = try #require(found["record"]?.integer)
            try wei.decide("contribute", "sleep-1", "--records", String(record))
        }
        try wei.decide(
            "grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        _ = try events(team.run("study", "run", "--once", "--json"))
        let out = node.scratch.file("used")
        try team.json("study", "use", "sleep-1", "--out", out.path)
        #expect(try records(in: out).count == 2)

        try wei.decide("grant", "sleep-1", "--kinds", "clinical", "--until", "2037-12-31")
        try team.json("study", "use", "sleep-1", "--out", out.path, status: 1)
        let manifest = try JSONValue(
            canonical: [UInt8](Data(contentsOf: out.appending(path: "manifest.json"))))
        let files = try #require(manifest["files"]?.array)
        #expect(files.map { $0["kind"]?.string } == ["clinical"])
        #expect(try records(in: out) == files.compactMap { $0["path"]?.string })
    }

    @Test func `what a stopped run left unnamed goes, and one program at a time has a folder`()
        throws
    {
        let (node, team, wei, out) = try used()
        let named = try records(in: out)
        let account = try #require(named.first?.split(separator: "/").first)
        let place = out.appending(path: String(account))
        let name = Hash.of([1]).hex
        for left in ["\(name).json", "\(name).json.new", "notes.txt"] {
            try Data("{}".utf8).write(to: place.appending(path: left))
        }
        try team.json("study", "use", "sleep-1", "--out", out.path)
        #expect(try records(in: out) == named + ["\(account)/notes.txt"])

        // What is not its own stays, whatever it is called, and so does what a link leads to.
        let files = FileManager.default
        let elsewhere = node.scratch.file("elsewhere")
        let foreign = elsewhere.appending(path: "\(name).json")
        try files.createDirectory(at: elsewhere, withIntermediateDirectories: false)
        try Data("{}".utf8).write(to: foreign)
        try files.createSymbolicLink(
            at: out.appending(path: String(repeating: "0", count: 32)),
            withDestinationURL: elsewhere)
        try files.createSymbolicLink(
            at: place.appending(path: "\(name).xml"), withDestinationURL: foreign)
        try files.createDirectory(
            at: place.appending(path: "\(name).csv"), withIntermediateDirectories: false)
        try Data("mine".utf8).write(to: place.appending(path: "\(name).numbers"))
        try team.json("study", "use", "sleep-1", "--out", out.path)
        #expect(files.fileExists(atPath: foreign.path))
        for ending in ["csv", "numbers", "xml"] {
            #expect(files.fileExists(atPath: place.appending(path: "\(name).\(ending)").path))
        }

        let folder = open(out.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try #require(folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) == 0)
        let second = try team.run("study", "use", "sleep-1", "--out", out.path)
        #expect(second.status == 1)
        #expect(second.errors.contains("another program writes to"), "\(second.errors)")
        close(folder)

        // What is named and cannot be taken away is told, and stays named.
        try wei.decide("revoke", "sleep-1")
        try FileManager.default.moveItem(at: place, to: node.scratch.file("moved"))
        try FileManager.default.createSymbolicLink(at: place, withDestinationURL: place)
        let failed = try team.run("study", "use", "sleep-1", "--out", out.path)
        #expect(failed.status == 1)
        #expect(failed.errors.contains("could not be taken away"), "\(failed.errors)")
        let manifest = try JSONValue(
            canonical: [UInt8](Data(contentsOf: out.appending(path: "manifest.json"))))
        #expect(manifest["files"]?.array?.count == 1)
    }
}
