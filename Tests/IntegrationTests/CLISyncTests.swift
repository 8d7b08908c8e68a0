import Foundation
import Testing

@Suite("integrationd sync", .realPrograms, .timeLimit(.minutes(30)))
struct CLISyncTests {
    /// A folder with a configuration, for commands that run in it.
    private static func folder(_ integrations: DaemonConfiguration.Integration...) async throws -> TemporaryFolder {
        var configuration = DaemonConfiguration()
        configuration.integrations = integrations
        for integration in integrations { try await FixturePlugins.compile(integration.fixture) }
        let folder = try TemporaryFolder()
        try folder.write(configuration.yaml, to: "integrations.yaml")
        return folder
    }

    @Test func `an import without a terminal is plain lines and exit 0, and its documents are there afterwards`()
        async throws
    {
        let folder = try await Self.folder(.fixture("hello"))
        let command = try await Command.run(["sync", "hello", "--config", "integrations.yaml"], in: folder)
        #expect(command.status == .exited(0) && command.errors.isEmpty)
        #expect(command.lines.first == "starting: Starting hello import...")
        #expect(command.lines.contains("greeting: Said hello (100 %)"))
        #expect(command.lines.last == "complete: Import complete: 3 imported, 0 failed")
        #expect(!command.output.contains("\r") && !command.output.contains("\u{1B}"))
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")), in: folder)
        #expect(try await daemon.http.get("/documents").json["items"]?.items.count == 3)
        let run = try #require(try await daemon.runs().first)
        #expect(run["status"] == "succeeded" && run["requestedBy"] == "cli")
    }

    @Test func `the configuration is integrations yaml of the working directory unless another is named`() async throws
    {
        let folder = try await Self.folder(.fixture("hello"))
        #expect(try await Command.run(["sync", "hello"], in: folder).status == .exited(0))
        let elsewhere = try TemporaryFolder()
        let path = folder.path("integrations.yaml")
        #expect(try await Command.run(["sync", "hello", "--config", path], in: elsewhere).status == .exited(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.url.path).isEmpty)
    }

    @Test func `with --json each line is an event and the last one the terminal event`() async throws {
        let folder = try await Self.folder(.fixture("hello"), .fixture("fails", settings: ["status: 6"]))
        for (name, status, type) in [("hello", 0, "complete"), ("fails", 1, "error")] {
            let command = try await Command.run(["sync", name, "--json"], in: folder)
            #expect(command.status == .exited(Int32(status)))
            let events = try command.lines.map { try JSON($0) }
            #expect(events.first?["step"] == "starting" && events.last?["type"]?.string == type)
            #expect(events.dropLast().allSatisfy { $0["type"] == "progress" })
            let numbers = events.compactMap { $0["seq"]?.integer }
            #expect(numbers == numbers.sorted() && Set(numbers).count == events.count)
        }
    }

    @Test func `a run that fails is exit 1 with the reason`() async throws {
        let folder = try await Self.folder(
            .fixture("fails", settings: ["status: 3", "message: The key has expired."]), .fixture("crash"))
        let refused = try await Command.run(["sync", "fails"], in: folder)
        #expect(refused.status == .exited(1))
        #expect(refused.lines.last == "error: Import failed: The key has expired.")
        let crashed = try await Command.run(["sync", "crash"], in: folder)
        #expect(crashed.status == .exited(1) && crashed.output.contains("SIGSEGV"))
    }

    @Test func `only some collections may be asked for, if the plugin has them`() async throws {
        let folder = try await Self.folder(.fixture("hello"))
        #expect(try await Command.run(["sync", "hello", "--collection", "items"], in: folder).status == .exited(0))
        let unknown = try await Command.run(["sync", "hello", "--collection", "itms"], in: folder)
        #expect(unknown.status == .exited(2) && unknown.errors.contains("itms") && unknown.errors.contains("items"))
    }

    @Test func `a configuration that cannot be used is exit 2`() async throws {
        let folder = try await Self.folder(.fixture("hello"), .fixture("plain", ["enabled: false"]))
        let unknown = try await Command.run(["sync", "helo"], in: folder)
        #expect(unknown.status == .exited(2))
        #expect(unknown.errors.contains("helo") && unknown.errors.contains("hello, plain"))
        let disabled = try await Command.run(["sync", "plain"], in: folder)
        #expect(disabled.status == .exited(2) && disabled.errors.contains("enabled: true"))
        let missing = try await Command.run(["sync", "hello", "--config", "nowhere.yaml"], in: folder)
        #expect(missing.status == .exited(2) && missing.errors.contains("nowhere.yaml"))
        try folder.write("integrations: {hello: {plugn: hello.so}}\n", to: "bad.yaml")
        let bad = try await Command.run(["sync", "hello", "--config", "bad.yaml"], in: folder)
        #expect(bad.status == .exited(2) && bad.errors.contains("bad.yaml:1:24: error: "), "\(bad.errors)")
        for command in [unknown, disabled, missing, bad] { #expect(command.output.isEmpty) }
    }

    @Test func `beside a daemon on the same store it is exit 3, which says whose store it is`() async throws {
        let folder = try TemporaryFolder()
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")), in: folder)
        let command = try await Command.run(["sync", "hello"], in: folder)
        #expect(command.status == .exited(3) && command.output.isEmpty)
        #expect(
            command.errors.contains(folder.path("store.db"))
                && command.errors.contains("hint: integrationd sync hello --server http://"))
        #expect(command.errors.contains("process \(daemon.process.id) (integrationd serve)"), "\(command.errors)")
        #expect(try await daemon.http.events(ofImport: "hello").last?.type == "complete")
        _ = try await daemon.terminate()
        #expect(try await Command.run(["sync", "hello"], in: folder).status == .exited(0))
    }

    @Test func `without its worker beside it every command is exit 3, which says where that has to be`() async throws {
        let folder = try await Self.folder(.fixture("hello"))
        let program = folder.url.appending(path: "integrationd")
        // By another process: a descriptor for writing that a program started meanwhile inherits makes the file busy.
        let copying = try ChildProcess("/bin/cp", [BuildProducts.daemon.path, program.path])
        #expect(try await copying.exitStatus() == .exited(0))
        for arguments in [["sync", "hello"], ["check"], ["serve"]] {
            let command = try await Command.run(arguments, in: folder, program: program)
            #expect(command.status == .exited(3), "\(arguments)")
            #expect(command.errors.contains("/integrationd-worker is missing"), "\(command.errors)")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal cancels the import, exit 4, and the next one can start`(signal: Int32) async throws {
        let folder = try await Self.folder(.fixture("gated"), .fixture("hello"))
        let process = try Command.start(["sync", "gated"], in: folder)
        try await process.output.line { $0.hasPrefix("before_the_gate: ") }
        process.send(signal)
        let command = try await Command.end(of: process)
        #expect(command.status == .exited(4))
        #expect(command.lines.last?.hasPrefix("error: ") == true, "\(command.output)")
        #expect(try await Command.run(["sync", "hello"], in: folder).status == .exited(0))
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("gated"), .fixture("hello")), in: folder)
        let run = try #require(try await daemon.runs("?integration=gated").first)
        #expect(run["status"] == "cancelled" && run["error"]?["code"] == "cancelled")
    }

    @Test func `an integration's own tenant is the one it imports for`() async throws {
        let folder = try await Self.folder(.fixture("hello", ["organization: acme", "project: website"]))
        #expect(try await Command.run(["sync", "hello"], in: folder).status == .exited(0))
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")), in: folder)
        let there = try await daemon.http.tenant("acme", "website").get("/documents").json
        #expect(there["items"]?.items.count == 3)
        #expect(try await daemon.http.get("/documents").json["items"]?.items.isEmpty == true)
    }

    @Test func `a reader of the output that leaves ends the command without a crash`() async throws {
        let folder = try await Self.folder(.fixture("many_progress"))
        let script = "'\(BuildProducts.daemon.path)' sync many-progress | head -n 1; echo \"${PIPESTATUS[0]}\""
        let shell = try ChildProcess("/bin/bash", ["-c", script], folder: folder.url.path)
        let command = try await Command.end(of: shell)
        #expect(command.lines.first == "starting: Starting many-progress import...")
        // 141: ended by SIGPIPE, as is the custom; 1: it says that it could not write.
        #expect(["0", "1", "141"].contains(command.lines.last ?? ""), "\(command.output) \(command.errors)")
        #expect(!command.errors.contains("Fatal error"), "\(command.errors)")
    }

    @Test func `an output that cannot be written is exit 3, and the import is cancelled`() async throws {
        let folder = try await Self.folder(.fixture("gated"), .fixture("hello"))
        let script = "'\(BuildProducts.daemon.path)' sync gated > /dev/full"
        let shell = try ChildProcess("/bin/sh", ["-c", script], folder: folder.url.path)
        let command = try await Command.end(of: shell)
        #expect(command.status == .exited(3) && command.errors.hasPrefix("error: stdout cannot be written"))
        #expect(try await Command.run(["sync", "hello"], in: folder).status == .exited(0))
    }

    @Test func `a daemon serves on when nobody reads its output any more`() async throws {
        let folder = try await Self.folder(.fixture("hello"))
        // The reader leaves after the line that names the port; every request is logged after that.
        let script = "'\(BuildProducts.daemon.path)' serve --log-level trace 2>&1 > greeting | head -n 1"
        let shell = try ChildProcess("/bin/sh", ["-c", script], folder: folder.url.path)
        let file = folder.url.appending(path: "greeting")
        try await eventually("the daemon listens") {
            // Not there before the shell has made it.
            (try? String(contentsOf: file, encoding: .utf8))?.hasSuffix("\n") == true
        }
        let greeting = try String(contentsOf: file, encoding: .utf8)
        let port = try #require(greeting.split(separator: ":").last.flatMap { Int($0.dropLast()) })
        let http = HTTPClient(port: port)
        for _ in 0..<3 { #expect(try await http.events(ofImport: "hello").last?.type == "complete") }
        #expect(try await http.get("/healthz").status == 200)
        shell.send(SIGTERM)
    }
}
