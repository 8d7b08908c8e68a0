import Foundation
import Testing

@Suite("The commands that ask a daemon", .realPrograms, .timeLimit(.minutes(30)))
struct CLIDaemonTests {
    /// A daemon, and a folder without any configuration to ask it from.
    private struct Bench {
        let daemon: DaemonProcess
        let elsewhere: TemporaryFolder

        static func start(_ integrations: DaemonConfiguration.Integration..., server: [String] = [], more: String = "")
            async throws -> Bench
        {
            var configuration = DaemonConfiguration(server: server, more: more)
            configuration.integrations = integrations
            return Bench(daemon: try await .start(configuration), elsewhere: try TemporaryFolder())
        }

        /// A gate that `gated` and `troubled` wait at.
        static func gate(_ fixture: String, settings: [String] = []) async throws -> (Bench, open: () throws -> Void) {
            let folder = try TemporaryFolder()
            let integration = DaemonConfiguration.Integration.fixture(
                fixture, name: "slow", settings: ["gate: \(folder.path("gate"))"] + settings)
            let bench = Bench(
                daemon: try await .start(DaemonConfiguration(integration), in: folder), elsewhere: try TemporaryFolder()
            )
            return (bench, { _ = try folder.write("", to: "gate") })
        }

        var url: String { "http://127.0.0.1:\(daemon.port)" }

        func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Command {
            try await Command.run(
                arguments, in: elsewhere, environment: ["INTEGRATIOND_URL": url].merging(environment) { $1 })
        }

        func start(_ arguments: String...) throws -> ChildProcess {
            try Command.start(arguments, in: elsewhere, environment: ["INTEGRATIOND_URL": url])
        }
    }

    @Test(arguments: ["--server", "INTEGRATIOND_URL"])
    func `an import by a daemon is the same lines and exit codes as one without`(how: String) async throws {
        let bench = try await Bench.start(
            .fixture("hello"), .fixture("fails", settings: ["status: 3", "message: No."]))
        let folder = try TemporaryFolder()
        func sync(_ name: String) async throws -> Command {
            how == "--server"
                ? try await Command.run(["sync", name, "--server", bench.url + "/"], in: folder)
                : try await bench.run("sync", name)
        }
        let good = try await sync("hello")
        #expect(good.status == .exited(0) && good.errors.isEmpty, "\(good.errors)")
        #expect(good.lines.first == "starting: Starting hello import...")
        #expect(good.lines.last == "complete: Import complete: 3 imported, 0 failed")
        let bad = try await sync("fails")
        #expect(bad.status == .exited(1) && bad.lines.last == "error: Import failed: No.")
        #expect(try await bench.daemon.runs().map { $0["requestedBy"]?.string } == ["anonymous", "anonymous"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func `with --json each line is an event of the run, once and in order`() async throws {
        let bench = try await Bench.start(.fixture("counts", settings: ["documents: 100", "progress: 500"]))
        let command = try await bench.run("sync", "counts", "--json")
        let events = try command.lines.map { try JSON($0) }
        let numbers = events.compactMap { $0["seq"]?.integer }
        #expect(numbers == numbers.sorted() && Set(numbers).count == events.count && events.count > 100)
        #expect(events.last?["type"] == "complete")
        let id = try #require(events[0]["runId"]?.string)
        // Of a run that has ended, the store keeps the first and the newest of each step.
        let again = try await bench.run("watch", id, "--json")
        #expect(again.status == .exited(0) && again.lines.first == command.lines.first)
        #expect(again.lines.last == command.lines.last)
    }

    @Test func `a run that is under way is joined, and seen from its first event`() async throws {
        let (bench, open) = try await Bench.gate("gated")
        let first = try bench.start("sync", "slow")
        try await first.output.line { $0.hasPrefix("before_the_gate: ") }
        let second = try bench.start("sync", "slow")
        let third = try bench.start("watch")
        for process in [second, third] { try await process.output.line { $0.hasPrefix("before_the_gate: ") } }
        try open()
        let commands = [try await Command.end(of: first), try await .end(of: second), try await .end(of: third)]
        #expect(commands.allSatisfy { $0.status == .exited(0) && $0.output == commands[0].output })
        #expect(commands[1].errors == "Joined the run that is under way.\n" && commands[0].errors.isEmpty)
        #expect(try await bench.daemon.runs().count == 1)
    }

    @Test func `other options than those of the run under way are exit 2, and nothing is started`() async throws {
        let (bench, open) = try await Bench.gate("gated")
        let first = try bench.start("sync", "slow")
        try await first.output.line { $0.hasPrefix("before_the_gate: ") }
        let full = try await bench.run("sync", "slow", "--full")
        #expect(full.status == .exited(2) && full.errors.contains("is under way with other options"), "\(full.errors)")
        try open()
        #expect(try await Command.end(of: first).status == .exited(0))
        #expect(try await bench.run("sync", "slow", "--full").status == .exited(0))
        #expect(try await bench.daemon.runs().map { $0["options"]?["full"]?.bool } == [true, false])
    }

    @Test func `a daemon that is killed and comes back is waited for, and each event comes once`() async throws {
        let (bench, open) = try await Bench.gate("gated")
        let process = try bench.start("sync", "slow", "--json")
        try await process.output.line { $0.contains("\"step\":\"before_the_gate\"") }
        try await bench.daemon.kill()
        try await process.errors.line { $0.hasPrefix("not connected, next try in ") }
        let folder = bench.daemon.folder
        let yaml = try String(contentsOf: folder.url.appending(path: "integrations.yaml"), encoding: .utf8)
        let again = try await DaemonProcess.start(
            yaml: yaml.replacing("127.0.0.1:0", with: "127.0.0.1:\(bench.daemon.port)"), in: folder)
        try open()
        let command = try await Command.end(of: process, within: .seconds(60))
        #expect(command.status == .exited(0), "\(command.errors)")
        let events = try command.lines.map { try JSON($0) }
        let numbers = events.compactMap { $0["seq"]?.integer }
        #expect(numbers == numbers.sorted() && Set(numbers).count == events.count)
        #expect(events.contains { $0["step"] == "resumed" } && events.last?["type"] == "complete")
        #expect(Set(events.compactMap { $0["runId"]?.string }).count == 1)
        #expect(try await again.runs().count == 1)
    }

    @Test func `a stream that merely ends is no success: without its daemon the command gives up with exit 3`()
        async throws
    {
        let (bench, _) = try await Bench.gate("gated")
        let process = try bench.start("sync", "slow", "--patience", "0")
        try await process.output.line { $0.hasPrefix("before_the_gate: ") }
        // The daemon ends the streams of runs that go on when it starts again.
        _ = try await bench.daemon.terminate()
        let command = try await Command.end(of: process)
        #expect(command.status == .exited(3) && !command.output.contains("complete"), "\(command.output)")
        #expect(command.errors.hasPrefix("error: "), "\(command.errors)")
    }

    @Test func `a daemon that is not there is exit 3 at once, with what to look for`() async throws {
        let folder = try TemporaryFolder()
        // A port that was free a moment ago.
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        _ = try await daemon.terminate()
        let url = "http://127.0.0.1:\(daemon.port)"
        for arguments in [
            ["sync", "hello"], ["watch"], ["runs"], ["documents"], ["integrations"], ["cancel", "hello"],
        ] {
            let command = try await Command.run(arguments + ["--server", url], in: folder)
            #expect(command.status == .exited(3) && command.output.isEmpty, "\(arguments)")
            #expect(command.errors.contains("no daemon answers at \(url)") && command.errors.contains("hint: "))
        }
    }

    @Test func `what cannot be asked is exit 2`() async throws {
        let bench = try await Bench.start(.fixture("hello"), .fixture("plain", ["enabled: false"]))
        let questions: [([String], String)] = [
            (["sync", "helo"], "helo"), (["sync", "plain"], "switched off"), (["watch"], "no run is under way"),
            (["watch", "hello"], "has never been run"), (["watch", "01a204ee-5e7f-7e78-aeae-577c052d7151"], "run"),
            (["cancel", "nothing"], "nothing"), (["documents", "none"], "none"), (["runs", "--status", "odd"], "odd"),
            (["runs", "--limit", "0"], "--limit"), (["runs", "--errors"], "need a run"), (["sync"], "name"),
            (["sync", "hello", "--organization", "a b"], "--organization"), (["hello"], "hello"),
            (["sync", "hello", "--server", "127.0.0.1"], "http://"),
        ]
        for (arguments, word) in questions {
            let command = try await Command.run(
                arguments, in: bench.elsewhere, environment: ["INTEGRATIOND_URL": bench.url])
            #expect(command.status == .exited(2), "\(arguments): \(command.status)")
            #expect(command.output.isEmpty && command.errors.contains(word), "\(arguments): \(command.errors)")
        }
        #expect(try await bench.daemon.runs().isEmpty)
    }

    @Test func `what answers at the address and is no daemon is said to be none`() async throws {
        let simulator = try await SimulatorProcess.start()
        let folder = try TemporaryFolder()
        let command = try await Command.run(["runs", "--server", simulator.address], in: folder)
        #expect(
            command.status == .exited(3) && command.errors.contains("not as integrationd does"), "\(command.errors)")
    }

    // MARK: Tokens and TLS

    private static let tokens = """
        auth:
          tokens:
            - {name: cli-user, token: token-of-the-tests, scopes: [integrations:read, integrations:write]}
        """

    @Test func `a token comes from a variable or from a file that others cannot read, and from no argument`()
        async throws
    {
        let bench = try await Bench.start(.fixture("hello"), more: Self.tokens)
        let none = try await bench.run("sync", "hello")
        #expect(none.status == .exited(2) && none.errors.contains("INTEGRATIOND_TOKEN"), "\(none.errors)")
        #expect(try await bench.run("sync", "hello", environment: ["INTEGRATIOND_TOKEN": "wrong"]).status == .exited(2))
        let right = ["INTEGRATIOND_TOKEN": "token-of-the-tests"]
        #expect(try await bench.run("sync", "hello", environment: right).status == .exited(0))
        #expect(
            try await bench.daemon.http.bearer("token-of-the-tests").get("/runs").json["items"]?[0]?["requestedBy"]
                == "cli-user")

        let file = try bench.elsewhere.write("token-of-the-tests\n", to: "token").path
        for (mode, status) in [(0o644, 2), (0o600, 0)] as [(Int, Int32)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            let byOption = try await bench.run("runs", "--token-file", file)
            let byVariable = try await bench.run("runs", environment: ["INTEGRATIOND_TOKEN_FILE": file])
            for command in [byOption, byVariable] {
                #expect(command.status == .exited(status), "\(command.errors)")
                #expect(status == 0 || command.errors.contains("chmod 600"))
                #expect(!command.errors.contains("token-of-the-tests"))
            }
        }
        #expect(try await bench.run("runs", "--token", "token-of-the-tests").status == .exited(2))
    }

    @Test func `over TLS a certificate of one's own is trusted when it is named, and not before`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TLSIdentity(in: folder)
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: [identity.yaml], .fixture("hello")), in: folder)
        let url = "https://127.0.0.1:\(daemon.port)"
        let unknown = try await Command.run(["sync", "hello", "--server", url], in: folder)
        #expect(unknown.status == .exited(3) && unknown.errors.contains("--ca-file"), "\(unknown.errors)")
        let trusted = try await Command.run(
            ["sync", "hello", "--server", url, "--ca-file", identity.certificate], in: folder)
        #expect(trusted.status == .exited(0), "\(trusted.errors)")
        let variable = try await Command.run(
            ["runs", "--server", url], in: folder, environment: ["INTEGRATIOND_CA_FILE": identity.certificate])
        #expect(variable.status == .exited(0) && variable.output.contains("succeeded"))
    }

    @Test func `a proxy of the environment is not asked for this machine`() async throws {
        let bench = try await Bench.start(.fixture("hello"))
        let proxy = ["http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"]
        #expect(try await bench.run("sync", "hello", environment: proxy).status == .exited(0))
    }

    // MARK: Looking

    @Test func `runs lists them newest first, and shows one with what failed and what was logged`() async throws {
        let bench = try await Bench.start(.fixture("hello"), .fixture("troubled"), .fixture("stdout_noise"))
        for name in ["hello", "troubled", "stdout-noise"] { _ = try await bench.run("sync", name) }
        let list = try await bench.run("runs")
        #expect(list.status == .exited(0))
        #expect(list.lines.first?.split(separator: " ").first == "run" && list.lines.count == 4)
        #expect(list.lines[2].contains("completed_with_errors") && list.lines[3].contains("hello"))
        let ids = try await bench.daemon.runs().compactMap { $0["id"]?.string }
        #expect(zip(list.lines.dropFirst(), ids).allSatisfy { $0.hasPrefix($1) })

        let one = try await bench.run("runs", ids[1])
        for words in ["integration   troubled", "status        completed_with_errors", "items         5 new, 1 failed"]
        {
            #expect(one.lines.contains { $0.hasPrefix(words) }, "\(words) in:\n\(one.output)")
        }
        let errors = try await bench.run("runs", "troubled", "--errors")
        #expect(errors.lines.last == "failed  items/bad-1  too-strange  It cannot be read.", "\(errors.output)")
        let log = try await bench.run("runs", "stdout-noise", "--log")
        #expect(log.lines.contains { $0.contains("stdout") }, "\(log.output)")
        #expect(try await bench.run("runs", "--integration", "hello").lines.count == 2)
        #expect(try await bench.run("runs", "--status", "failed,cancelled").lines.count == 1)
        #expect(try await bench.run("runs", "--limit", "2").lines.count == 3)
        let json = try await bench.run("runs", "--json").lines.map { try JSON($0) }
        #expect(json.compactMap { $0["id"]?.string } == ids)
        #expect(try JSON(await bench.run("runs", ids[0], "--json").output)["id"]?.string == ids[0])
    }

    @Test func `documents lists what was imported and prints one`() async throws {
        let bench = try await Bench.start(
            .fixture("counts", settings: ["documents: 1200", "bytes: 10"]), .fixture("hello"))
        for name in ["counts", "hello"] { _ = try await bench.run("sync", name) }
        #expect(try await bench.run("documents").lines.count == 101)
        let all = try await bench.run("documents", "--integration", "counts", "--limit", "5000", "--json")
        let documents = try all.lines.map { try JSON($0) }
        #expect(Set(documents.compactMap { $0["externalId"]?.string }).count == 1200)
        #expect(try await bench.run("documents", "--collection", "nothing").lines.count == 1)
        let changed = try await bench.run("documents", "--changed-after", "1201", "--limit", "10", "--json")
        #expect(try changed.lines.map { try JSON($0)["integration"]?.string } == ["hello", "hello"])
        let id = try #require(documents[0]["id"]?.string)
        let content = try #require(try await bench.daemon.http.get("/documents/\(id)").json["content"]?.string)
        #expect(try await bench.run("documents", id).output == content + "\n")
        #expect(try JSON(await bench.run("documents", id, "--json").output)["title"] == documents[0]["title"])
    }

    @Test func `integrations says of each how it is, and what is in its way`() async throws {
        let bench = try await Bench.start(
            .fixture("hello"), .fixture("no_manifest", name: "broken"), .fixture("plain", ["enabled: false"]))
        _ = try await bench.run("sync", "hello")
        let list = try await bench.run("integrations")
        #expect(list.status == .exited(0))
        let words = [
            "hello  ", "com.example.fixture.hello 1.0.0", "succeeded", "broken  ", "cannot be loaded", "never",
            "plain (off)",
        ]
        for word in words { #expect(list.output.contains(word), "\(word) in:\n\(list.output)") }
        #expect(list.lines.contains { $0.hasPrefix("broken: ") && $0.contains("integration_manifest") })
        let json = try await bench.run("integrations", "--json").lines.map { try JSON($0)["name"]?.string }
        #expect(json == ["hello", "broken", "plain"])
    }

    @Test func `cancel asks the newest run to stop and can wait for that`() async throws {
        let (bench, _) = try await Bench.gate("gated")
        let watching = try bench.start("sync", "slow")
        try await watching.output.line { $0.hasPrefix("before_the_gate: ") }
        let command = try await bench.run("cancel", "slow", "--wait")
        #expect(command.status == .exited(0) && command.output == "cancelled\n")
        #expect(try await Command.end(of: watching).status == .exited(4))
        #expect(try await bench.run("cancel", "slow").output == "cancelled\n", "it is cancelled already")
        let hello = try await Bench.start(.fixture("hello"))
        _ = try await hello.run("sync", "hello")
        let late = try await hello.run("cancel", "hello")
        #expect(late.status == .exited(2) && late.errors.contains("has ended"), "\(late.errors)")
    }

    // MARK: Ctrl-C without a terminal

    @Test func `Ctrl-C leaves a run that a daemon makes, and says how to come back`() async throws {
        let (bench, open) = try await Bench.gate("gated")
        let process = try bench.start("sync", "slow")
        try await process.output.line { $0.hasPrefix("before_the_gate: ") }
        process.send(SIGINT)
        let command = try await Command.end(of: process)
        #expect(command.status == .exited(130))
        let run = try #require(try await bench.daemon.runs().first)
        let id = try #require(run["id"]?.string)
        #expect(run["status"] == "running" && command.errors.contains("integrationd watch \(id)"), "\(command.errors)")
        let back = try bench.start("watch", id)
        try await back.output.line { $0.hasPrefix("before_the_gate: ") }
        try open()
        #expect(try await Command.end(of: back).status == .exited(0))
    }

    @Test func `Ctrl-C twice cancels the run`() async throws {
        let (bench, _) = try await Bench.gate("gated")
        let process = try bench.start("sync", "slow")
        try await process.output.line { $0.hasPrefix("before_the_gate: ") }
        process.send(SIGINT)
        try await process.errors.line { $0.hasPrefix("Ctrl-C again within 3 s") }
        process.send(SIGINT)
        let command = try await Command.end(of: process)
        #expect(command.status == .exited(4) && command.lines.last?.hasPrefix("error: ") == true, "\(command.output)")
        #expect(try await bench.daemon.runs().first?["status"] == "cancelled")
    }

    // MARK: The daemon stays small

    @Test func `the daemon has nothing of the client's libraries in its memory`() async throws {
        let bench = try await Bench.start(.fixture("hello"))
        _ = try await bench.run("sync", "hello")
        let maps = try String(contentsOfFile: "/proc/\(bench.daemon.process.id)/maps", encoding: .utf8)
        #expect(!maps.contains("libcurl") && maps.contains("/integrationd"))
    }
}
