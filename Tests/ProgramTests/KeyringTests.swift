import Foundation
import Glibc
import LedgerCore
import Testing

/// A session of its own: a bus, and the keyring of somebody's login on it.
private final class LoginSession {
    static let programs = [
        "/usr/bin/dbus-daemon", "/usr/bin/dbus-send", "/usr/bin/gnome-keyring-daemon",
    ]
    /// Whether all that a keyring takes is installed.
    static let isPossible =
        programs.allSatisfy { FileManager.default.fileExists(atPath: $0) }
        && dlopen("libsecret-1.so.0", RTLD_LAZY) != nil
    static let comment: Comment = "gnome-keyring or libsecret is not installed: skipped"

    let scratch = try? Scratch()
    private var bus: Process?
    private var keyring: Process?

    deinit { end() }

    private var folder: URL { scratch?.url ?? URL(filePath: "/nonexistent") }

    /// What a program of this session finds in its environment.
    var environment: [String: String] {
        [
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=\(folder.appending(path: "bus").path)",
            "HOME": folder.path, "XDG_RUNTIME_DIR": folder.path,
            "XDG_DATA_HOME": folder.appending(path: "data").path,
        ]
    }

    init() throws {
        // No service directories: nothing is started by itself.
        try Data(
            """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
             "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>session</type>
              <listen>unix:path=\(folder.appending(path: "bus").path)</listen>
              <policy context="default">
                <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
              </policy>
            </busconfig>
            """.utf8
        ).write(to: folder.appending(path: "bus.conf"))
        bus = try start(
            "/usr/bin/dbus-daemon",
            ["--nofork", "--nopidfile", "--config-file=\(folder.path)/bus.conf"])
        try wait {
            FileManager.default.fileExists(atPath: self.folder.appending(path: "bus").path)
        }
        try login(unlocked: true)
    }

    private func start(_ program: String, _ arguments: [String], input: String = "/dev/null") throws
        -> Process
    {
        try Programs.start(
            program, arguments, environment, input: input,
            output: folder.appending(path: "out"), errors: folder.appending(path: "err"))
    }

    /// Starts the keyring, with the password of the login or without.
    func login(unlocked: Bool) throws {
        logout()
        // Without a new line: it would be part of the password.
        try Data("login".utf8).write(to: folder.appending(path: "password"))
        keyring = try start(
            "/usr/bin/gnome-keyring-daemon",
            ["--foreground", "--components=secrets"] + (unlocked ? ["--unlock"] : []),
            input: folder.appending(path: "password").path)
        try wait {
            let asked = try Programs.run(
                "/usr/bin/dbus-send",
                [
                    "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                    "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets",
                ], environment: self.environment)
            return asked.text.contains("boolean true")
        }
    }

    /// Ends the keyring: it is not there any more.
    func logout() {
        keyring.map(Self.kill)
        keyring = nil
    }

    private func end() {
        logout()
        bus.map(Self.kill)
    }

    /// Both inherit a mask that holds every other signal back.
    private static func kill(_ process: Process) {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private func wait(_ isDone: () throws -> Bool) throws {
        for _ in 0..<400 {
            if try isDone() { return }
            usleep(25_000)
        }
        throw CocoaError(.executableNotLoadable)
    }

    /// Runs a command of somebody in this session.
    func run(_ person: Person, _ arguments: String..., answer: String = "") throws
        -> Programs.Result
    {
        var variables = environment
        variables["ACCORD_HOME"] = person.home
        return try Programs.run(
            "accord", arguments, environment: variables, input: answer)
    }
}

/// Keys bound to the keyring of a login: a real one, in a session of its own.
struct KeyringTests {
    private func member(_ node: TestNode) throws -> (person: Person, right: String) {
        let right = try node.scratch.write("five words nobody ever guesses\n", to: "right")
        let ada = try node.member("ada")
        try ada.json("passphrase", "--new-passphrase-file", right)
        return (ada, right)
    }

    @Test(.enabled(if: LoginSession.isPossible, LoginSession.comment))
    func `keys are bound to the keyring of a login, open in its session alone, and are unbound`()
        throws
    {
        let node = try TestNode()
        let session = try LoginSession()
        let (ada, right) = try member(node)
        let file = ["--passphrase-file", right]
        // What it means is said before, and nothing happens without a yes.
        let no = try session.run(ada, "passphrase", "--keyring", file[0], file[1])
        #expect(no.status == 1 && no.errors.contains("not bound: nothing was changed"))
        for part in ["are lost with it", "no other device", "no keys", "made before this"] {
            #expect(no.errors.contains(part), "\(no.errors)")
        }
        let yes = try session.run(
            ada, "passphrase", "--keyring", file[0], file[1], answer: "yes\n")
        #expect(yes.status == 0 && yes.text.contains("--no-keyring"), "\(yes.errors)")
        let again = try session.run(ada, "passphrase", "--keyring")
        #expect(again.status == 1 && again.errors.contains("already"))
        #expect(try ada.run("status").text.contains("passphrase and the keyring of your login"))
        #expect(try ada.json("status")["keyring"] == .bool(true))

        #expect(try session.run(ada, "sync", file[0], file[1]).status == 0)
        let away = try ada.run("sync", file[0], file[1])
        #expect(away.status == 2 && away.errors.contains("cannot be reached"), "\(away.errors)")
        let wrong = try node.scratch.write("another\n", to: "wrong")
        let refused = try session.run(ada, "sync", "--passphrase-file", wrong)
        #expect(refused.status == 2 && refused.errors.contains("not right"), "\(refused.errors)")
        let counter = ada.home + "/data/secret.tries"
        #expect(try String(contentsOfFile: counter, encoding: .utf8).hasPrefix("1 "))

        // It is there after the next login, and locked until somebody unlocks it.
        try session.login(unlocked: false)
        let locked = try session.run(ada, "sync", file[0], file[1])
        #expect(locked.status == 2 && locked.errors.contains("is locked"), "\(locked.errors)")
        try session.login(unlocked: true)
        let chinese = try session.run(ada, "sync", file[0], file[1], "--locale", "zh")
        #expect(chinese.status == 0, "\(chinese.errors)")
        // None of that was a try; the right passphrase ended the count.
        #expect(!FileManager.default.fileExists(atPath: counter))

        let undone = try session.run(ada, "passphrase", "--no-keyring", file[0], file[1])
        #expect(undone.status == 0, "\(undone.errors)")
        #expect(try ada.run("sync", file[0], file[1]).status == 0)
        let twice = try session.run(ada, "passphrase", "--no-keyring")
        #expect(twice.status == 1 && twice.errors.contains("not bound"))
    }

    @Test(.enabled(if: LoginSession.isPossible, LoginSession.comment))
    func `without a passphrase the keyring alone opens, and a lost one is answered by new keys`()
        throws
    {
        let node = try TestNode()
        let session = try LoginSession()
        let ada = try node.member("ada")
        let phone = Person(node: node, folder: "phone")
        let pairing = try DeviceTests.pair(ada, phone)
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        let old = try #require(try ada.json("status")["device"]?.string)
        let bound = try session.run(ada, "passphrase", "--keyring", answer: "yes\n")
        #expect(bound.status == 0 && bound.errors.contains("no passphrase"), "\(bound.errors)")
        #expect(!bound.errors.contains("no other device"))
        #expect(try session.run(ada, "sync").status == 0)
        let early = try session.run(
            ada, "join", "AAAA-AAAA-AAAAA", "--node", node.address, "--new-keys")
        #expect(early.status == 2 && early.errors.contains("leave --new-keys out"))

        // Another login has a keyring of its own.
        let other = try LoginSession()
        let missing = try other.run(ada, "sync")
        #expect(missing.status == 2 && missing.errors.contains("--new-keys"), "\(missing.errors)")
        #expect(missing.errors.contains("does not have its part"))
        #expect(try other.run(ada, "activity").status == 0)

        let anew = try DeviceTests.pair(phone, ada, joining: ["--new-keys"])
        try #require(anew.new.status == 0, "\(anew.new.errors)")
        #expect(anew.new.errors.contains("accord devices remove \(old)"))
        #expect(try ada.json("status")["device"]?.string != old)
        #expect(try ada.run("sync").status == 0)
        #expect(try ada.decide("devices", "remove", old)["state"]?.string == "proven")
    }

    /// What a session may look like in which no keyring can be asked.
    static let without: [[String: String]] = [
        [:], ["XDG_RUNTIME_DIR": "/nonexistent"],
        // Neither starts a bus, nor talks to another machine.
        ["DBUS_SESSION_BUS_ADDRESS": "autolaunch:"],
        ["DBUS_SESSION_BUS_ADDRESS": "tcp:host=127.0.0.1,port=9"],
        ["DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent;autolaunch:"],
        ["DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"],
    ]

    @Test func `where there is no keyring nothing can be bound, and nothing is started`() throws {
        let node = try TestNode()
        let ada = try node.member("ada")
        for var variables in Self.without {
            variables["ACCORD_HOME"] = ada.home
            let asked = try Programs.run(
                "accord", ["passphrase", "--keyring"], environment: variables, input: "yes\n")
            #expect(asked.status == 2 && asked.errors.contains("cannot be reached"))
        }
        #expect(try ada.run("sync").status == 0)
    }

    @Test(.enabled(if: LoginSession.isPossible, LoginSession.comment))
    func `a bus that does not answer is waited for for five seconds`() throws {
        let node = try TestNode()
        let ada = try node.member("ada")
        let socket = try SilentSocket(node.scratch.file("bus").path)
        defer { socket.close() }
        let start = ContinuousClock.now
        let asked = try Programs.run(
            "accord", ["passphrase", "--keyring"],
            environment: [
                "ACCORD_HOME": ada.home,
                "DBUS_SESSION_BUS_ADDRESS": "unix:path=\(node.scratch.file("bus").path)",
            ], input: "yes\n")
        #expect(asked.status == 2 && asked.errors.contains("in time"), "\(asked.errors)")
        #expect(ContinuousClock.now - start < .seconds(15))
    }
}

/// A socket that takes connections and says nothing.
private struct SilentSocket {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        try #require(path.utf8.count < room)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(descriptor, 8) == 0)
    }

    func close() { Glibc.close(descriptor) }
}
