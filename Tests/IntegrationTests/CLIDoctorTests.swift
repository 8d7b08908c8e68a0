import Foundation
import Testing

@Suite("integrationd doctor", .realPrograms, .timeLimit(.minutes(30)))
struct CLIDoctorTests {
    /// What it found, by check.
    private struct Findings {
        let status: ChildProcess.ExitStatus
        let all: [JSON]
        let output: String

        subscript(check: String) -> [JSON] { all.filter { $0["check"]?.string == check } }

        func has(_ check: String, _ level: String, _ words: String...) -> Bool {
            self[check].contains { finding in
                let text = "\(finding["message"]?.string ?? "") \(finding["next"]?.string ?? "")"
                return finding["level"]?.string == level && words.allSatisfy(text.contains)
            }
        }
    }

    private static func examine(
        _ folder: TemporaryFolder, _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> Findings {
        let command = try await Command.run(["doctor", "--json"] + arguments, in: folder, environment: environment)
        let all = try command.lines.map { try JSON($0) }
        // Whatever is not good comes with what to do about it.
        for finding in all where finding["level"] != "good" {
            #expect(finding["next"]?.string?.isEmpty == false, "\(finding)")
        }
        return Findings(status: command.status, all: all, output: command.output + command.errors)
    }

    private static func folder(_ configuration: DaemonConfiguration) async throws -> TemporaryFolder {
        for integration in configuration.integrations where !integration.fixture.hasPrefix("/") {
            try await FixturePlugins.compile(integration.fixture)
        }
        let folder = try TemporaryFolder()
        try folder.write(configuration.yaml, to: "integrations.yaml")
        return folder
    }

    @Test func `where all is well it ends with 0, has looked at everything and changed nothing`() async throws {
        let folder = try await Self.folder(DaemonConfiguration(.fixture("hello"), .fixture("counts")))
        let findings = try await Self.examine(folder)
        #expect(findings.status == .exited(0), "\(findings.output)")
        for check in ["configuration", "worker", "store", "port", "plugin folder", "plugin", "clock"] {
            #expect(findings.has(check, "good"), "\(check) in \(findings.output)")
        }
        #expect(findings["plugin"].count == 2 && findings.has("store", "good", "will be created"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["integrations.yaml"])
        let text = try await Command.run(["doctor"], in: folder)
        // Neither fixture can test a connection, which is no mistake.
        let marks = text.lines.map { $0.prefix(2) }
        #expect(text.status == .exited(0) && Set(marks) == ["✓ ", "• ", "  "], "\(text.output)")
        #expect(findings["connection"].count == 2 && findings.has("connection", "remark", "integrationd sync counts"))
    }

    @Test func `mistakes in the configuration are told with their places, and end with 2`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("server: {listen: 127.0.0.1}\nintegrations: {a: {plugn: x.so}}\n", to: "integrations.yaml")
        let findings = try await Self.examine(folder)
        #expect(findings.status == .exited(2))
        #expect(findings.has("configuration", "problem", "integrations.yaml:2:20", "did you mean \"plugin\"?"))
        #expect(findings["configuration"].count >= 2)
        let none = try await Self.examine(try TemporaryFolder())
        #expect(none.status == .exited(2) && none.has("configuration", "problem", "cannot read the file"))
    }

    @Test func `plugins that do not load and settings that do not fit are told, each for itself`() async throws {
        let folder = try await Self.folder(
            DaemonConfiguration(
                .fixture("hello"), .fixture("no_manifest"), .fixture("counts", settings: ["documents: many"]),
                .fixture("plain", ["enabled: false"])))
        let findings = try await Self.examine(folder)
        #expect(findings.status == .exited(2))
        #expect(findings.has("plugin", "good", "hello: ") && findings.has("plugin", "remark", "plain is switched off"))
        #expect(findings.has("plugin", "problem", "no-manifest: ", "integration_manifest"))
        #expect(findings.has("plugin", "problem", "counts: ", "documents"), "\(findings.output)")
    }

    @Test func `a port that another program has, a folder that others may write to, and a store that is none`()
        async throws
    {
        let simulator = try await SimulatorProcess.start()
        let folder = try await Self.folder(DaemonConfiguration(.fixture("hello")))
        let open = folder.path("open")
        try FileManager.default.createDirectory(atPath: open, withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: open)
        try folder.write(String(repeating: "This is no database. ", count: 20), to: "store.db")
        let yaml = DaemonConfiguration(.fixture("hello")).yaml
            .replacing("127.0.0.1:0", with: simulator.address.dropFirst("http://".count))
            .replacing("directories: [", with: "directories: [open, nowhere, ")
        try folder.write(yaml, to: "integrations.yaml")
        let findings = try await Self.examine(folder)
        #expect(findings.status == .exited(3), "\(findings.output)")
        #expect(findings.has("port", "problem", "is taken", "ss -ltnp"))
        #expect(findings.has("plugin folder", "problem", "chmod go-w \(open)"))
        #expect(findings.has("plugin folder", "remark", "nowhere"))
        #expect(findings.has("store", "problem", "not a store"))
    }

    @Test func `a daemon that runs is found, and what it says counts`() async throws {
        let folder = try TemporaryFolder()
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")), in: folder)
        let yaml = try String(contentsOf: folder.url.appending(path: "integrations.yaml"), encoding: .utf8)
        try folder.write(yaml.replacing("127.0.0.1:0", with: "127.0.0.1:\(daemon.port)"), to: "integrations.yaml")
        let findings = try await Self.examine(folder)
        #expect(findings.status == .exited(0), "\(findings.output)")
        #expect(findings.has("port", "good", "a daemon listens") && findings.has("daemon", "good", "is ready"))
        #expect(findings.has("store", "good", "in use by process \(daemon.process.id) (integrationd serve)"))
        #expect(findings.has("connection", "remark", "hello: ", "integrationd sync hello"))
        #expect(findings.has("clock", "good", ":\(daemon.port)"))
    }

    @Test func `a daemon elsewhere is asked without anything here`() async throws {
        let tokens = """
            auth:
              tokens:
                - {name: cli-user, token: token-of-the-tests, scopes: [integrations:read]}
            """
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(more: tokens, .fixture("hello"), .fixture("no_manifest", name: "broken")))
        let url = "http://127.0.0.1:\(daemon.port)"
        let elsewhere = try TemporaryFolder()
        let without = try await Self.examine(elsewhere, "--server", url)
        #expect(without.status == .exited(3) && without.has("daemon", "problem", "INTEGRATIOND_TOKEN"))
        #expect(without["configuration"].isEmpty && without["store"].isEmpty)
        let with = try await Self.examine(
            elsewhere, "--server", url, environment: ["INTEGRATIOND_TOKEN": "token-of-the-tests"])
        #expect(with.status == .exited(3) && with.has("daemon", "good", "is ready"), "\(with.output)")
        #expect(with.has("plugin", "problem", "broken: "))
        _ = try await daemon.terminate()
        let gone = try await Self.examine(elsewhere, "--server", url)
        #expect(gone.status == .exited(3) && gone.has("daemon", "problem", "no daemon answers"))
    }

    @Test func `a plugin in quarantine is a problem, with the way out, and integrations shows it too`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("crash")))
        for _ in 1...3 { _ = try await daemon.http.events(ofImport: "crash") }
        let (url, elsewhere) = ("http://127.0.0.1:\(daemon.port)", try TemporaryFolder())
        let findings = try await Self.examine(elsewhere, "--server", url)
        #expect(findings.status == .exited(3))
        #expect(
            findings.has("quarantine", "problem", "crash is not run until", "integrationd plugin retry crash"),
            "\(findings.output)")
        let list = try await Command.run(["integrations", "--server", url], in: elsewhere)
        #expect(list.lines.contains { $0.hasPrefix("crash: in quarantine until ") }, "\(list.output)")
    }

    /// A folder with ClickUp alone, at this simulator.
    private static func clickUp(
        at simulator: SimulatorProcess, workspace: String = ClickUpSetup.workspace
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            server: {listen: "127.0.0.1:0"}
            store: {sqlite: store.db}
            plugins: {directories: [\(BuildProducts.folder.path)]}
            integrations:
            \(ClickUpSetup.lines(of: "clickup", at: simulator, workspace: workspace))
            """, to: "integrations.yaml")
        return folder
    }

    @Test func `without a daemon each plugin tests its connection, and what fails comes with a next step`()
        async throws
    {
        let simulator = try await ClickUpSetup.startSimulator()
        let right = ["TOKEN": ClickUpSetup.token]
        let folder = try Self.clickUp(at: simulator)
        let good = try await Self.examine(folder, environment: right)
        #expect(good.status == .exited(0), "\(good.output)")
        #expect(good.has("connection", "good", "clickup: \(simulator.address) answers"))
        #expect(good.has("connection", "good", "clickup: works as "), "\(good.output)")
        #expect(good.has("clock", "good", simulator.address))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["integrations.yaml"])

        let badToken = try await Self.examine(folder, environment: ["TOKEN": "pk_1_WRONG"])
        #expect(badToken.status == .exited(3))
        #expect(
            badToken.has("connection", "problem", "clickup: ", "Put valid credentials into the settings of clickup"),
            "\(badToken.output)")
        #expect(!badToken.output.contains("pk_1_WRONG"))

        let elsewhere = try Self.clickUp(at: simulator, workspace: "1")
        let wrongWorkspace = try await Self.examine(elsewhere, environment: right)
        #expect(wrongWorkspace.status == .exited(3) || wrongWorkspace.status == .exited(2))
        #expect(
            wrongWorkspace.has("connection", "problem", "clickup: Workspace 1 is not visible", ClickUpSetup.workspace),
            "\(wrongWorkspace.output)")
    }

    @Test func `a daemon is asked for the same, and says the same`() async throws {
        let setup = try await ClickUpSetup.start(token: "pk_1_WRONG")
        let url = "http://127.0.0.1:\(setup.daemon.port)"
        let findings = try await Self.examine(try TemporaryFolder(), "--server", url)
        #expect(findings.status == .exited(3))
        #expect(
            findings.has("connection", "problem", "clickup: ", "Put valid credentials into the settings of clickup"),
            "\(findings.output)")
    }

    @Test func `an address that does not answer is told of, and the plugin is not asked as well`() async throws {
        let gone = try await SimulatorProcess.start()
        let folder = try Self.clickUp(at: gone)
        gone.process.send(SIGKILL)
        _ = try await gone.process.exitStatus()
        let bad = try await Self.examine(folder, environment: ["TOKEN": "pk_1"])
        #expect(bad.status == .exited(3) && bad.has("connection", "problem", "does not answer"), "\(bad.output)")
        #expect(bad["connection"].count == 1 && !bad.output.contains("pk_1"))
    }
}
