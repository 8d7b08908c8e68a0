import Foundation
import Testing

@Suite("Plugins that end wrongly", .realPrograms, .timeLimit(.minutes(30)))
struct BadPluginTests {
    /// Imports once, and sees that the daemon is alive afterwards.
    private static func end(
        of integration: DaemonConfiguration.Integration, runs: [String] = []
    ) async throws -> (daemon: DaemonProcess, end: JSON) {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: runs, integration, .fixture("hello", name: "afterwards")))
        let stream = try await daemon.http.sync(integration.name)
        #expect(stream.head?.status == 200)
        let events = try await stream.rest()
        #expect(events.filter(\.isTerminal).count == 1)
        #expect(events.first?.step == "starting" && events.dropLast().last?.step == "error")
        let end = try #require(events.last).json
        #expect(end["type"] == "error")
        let run = try #require(try await daemon.runs("?integration=\(integration.name)").first)
        #expect(run["error"]?["code"] == end["code"] && run["error"]?["message"] == end["error"])
        #expect(end["error"]?.string?.isEmpty == false)
        #expect(try await daemon.http.events(ofImport: "afterwards").last?.type == "complete")
        #expect(try await daemon.http.get("/healthz").status == 200)
        return (daemon, end)
    }

    @Test(arguments: [
        ("crash", "SIGSEGV"), ("abort", "SIGABRT"), ("exits", "exit(0)"), ("exits_quietly", "exit(3)"),
        ("throws", "SIGABRT"),
    ])
    func `a plugin that ends its process ends its run as plugin-crashed, and what it stored stays`(
        fixture: String, how: String
    ) async throws {
        let integration = DaemonConfiguration.Integration.fixture(fixture, settings: ["documents: 5"])
        let (daemon, end) = try await Self.end(of: integration)
        #expect(end["code"] == "plugin-crashed")
        #expect(end["error"]?.string?.contains(how) == true, "\(end)")
        let page = try await daemon.http.get("/documents?integration=\(integration.name)").json
        #expect(page["items"]?.items.count == 5)
    }

    @Test(arguments: [0, 1])
    func `a plugin that hangs is ended as plugin-stalled`(ignoresSIGTERM: Int) async throws {
        let (daemon, end) = try await Self.end(
            of: .fixture("hang", settings: ["ignore_sigterm: \(ignoresSIGTERM)"]),
            runs: ["stalled_after: 300ms", "cancel_grace: 100ms"])
        #expect(end["code"] == "plugin-stalled")
        #expect(try await daemon.http.get("/documents?integration=hang").json["items"]?.items.count == 1)
    }

    @Test func `an import over its time is ended as plugin-timeout`() async throws {
        let (_, end) = try await Self.end(
            of: .fixture("waits", ["timeout: 300ms"]), runs: ["cancel_grace: 5s"])
        #expect(end["code"] == "plugin-timeout")
    }

    @Test(arguments: ["documents", "text", "nulls", "long", "steps", "many_steps", "numbers", "forbidden"])
    func `garbage ends in an error event and not in a dead daemon`(kind: String) async throws {
        let (daemon, end) = try await Self.end(of: .fixture("garbage", settings: ["kind: \(kind)"]))
        #expect(["plugin-misbehaved", "plugin-crashed"].contains(end["code"]?.string))
        if kind != "forbidden" {
            #expect(end["code"] == "plugin-misbehaved")
            let text = try await daemon.http.get("/documents?integration=garbage&limit=1000").text
            // JSON sets no limit to numbers, but the tests' reader does.
            let page = try JSON(text.replacing("1e999", with: "0"))
            #expect(page["items"]?.items.contains { $0["externalId"] == "good" } == true)
        }
    }

    @Test(arguments: [
        ("no_version", "plugin-unavailable"), ("no_manifest", "plugin-unavailable"),
        ("no_import", "plugin-unavailable"),
        ("unresolved", "plugin-unavailable"), ("abi_major_2", "plugin-incompatible"),
        ("needs_abi_1_9", "plugin-incompatible"), ("constructor_crash", "plugin-crashed"),
        ("garbage_manifest", "plugin-unavailable"), ("null_manifest", "plugin-unavailable"),
        ("bad_schema", "plugin-unavailable"),
    ])
    func `a file that is no plugin of ours is an error event with its code`(
        fixture: String, code: String
    ) async throws {
        let (daemon, end) = try await Self.end(of: .fixture(fixture, name: "broken"))
        #expect(end["code"]?.string == code, "\(end)")
        let shown = try await daemon.http.get("/integrations/broken")
        #expect(shown.status == 200)
        #expect(try shown.json["plugin"] == .null)
        #expect(try shown.json["pluginError"]?["code"]?.string == code)
    }

    @Test(arguments: [
        ("missing.so", nil, "plugin-unavailable"), ("text.so", "This is no shared object.", "plugin-unavailable"),
        ("empty.so", "", "plugin-unavailable"), ("cut.so", "\u{7F}ELF\u{2}\u{1}\u{1}", "plugin-unavailable"),
    ])
    func `a file that is missing or no ELF file is an error event`(
        file: String, content: String?, code: String
    ) async throws {
        let folder = try TemporaryFolder()
        if let content { try folder.write(content, to: file) }
        let yaml = """
            server: {listen: "127.0.0.1:0"}
            store: {sqlite: store.db}
            plugins: {directories: [.]}
            integrations:
              broken: {plugin: \(file)}
            """
        let daemon = try await DaemonProcess.start(yaml: yaml, in: folder)
        let end = try #require(try await daemon.http.events(ofImport: "broken").last).json
        #expect(end["type"] == "error" && end["code"]?.string == code)
        #expect(end["error"]?.string?.contains(file) == true)
        #expect(try await daemon.http.get("/healthz").status == 200)
    }

    @Test func `a file that others can write is refused`() async throws {
        let folder = try TemporaryFolder()
        let plugin = try await FixturePlugins.compile(
            BuildProducts.fixtureFolders[0].appending(path: "hello.c"), to: folder.url, name: "hello")
        let yaml = """
            server: {listen: "127.0.0.1:0"}
            store: {sqlite: store.db}
            plugins: {directories: [.]}
            integrations:
              hello: {plugin: hello.so}
            """
        let daemon = try await DaemonProcess.start(yaml: yaml, in: folder)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: plugin.path)
        #expect(try await daemon.http.events(ofImport: "hello").last?.json["code"] == "plugin-refused")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: plugin.path)
        #expect(try await daemon.http.events(ofImport: "hello").last?.type == "complete")
    }

    @Test func `a thread that goes on after the return changes nothing`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("late_caller")))
        #expect(try await daemon.http.events(ofImport: "late-caller").last?.type == "complete")
        #expect(try await daemon.http.get("/documents").json["items"]?.items.count == 3)
    }

    @Test(arguments: [("threads", 800), ("stdout_noise", 3), ("main_thread", nil), ("env_dump", 6)])
    func `a plugin with a way of its own succeeds`(fixture: String, documents: Int?) async throws {
        let integration = DaemonConfiguration.Integration.fixture(fixture)
        let daemon = try await DaemonProcess.start(DaemonConfiguration(integration))
        let end = try #require(try await daemon.http.events(ofImport: integration.name).last)
        #expect(end.type == "complete")
        if let documents { #expect(try end.json["result"]?["totalImported"]?.integer == documents) }
    }

    @Test func `a secret is nowhere to be read`() async throws {
        let secret = #"s3cr3t/"tok en+ü"#
        for status in [0, 3] {
            let folder = try TemporaryFolder()
            let daemon = try await DaemonProcess.start(
                DaemonConfiguration(
                    .fixture("secrets", settings: ["token: ${TEST_TOKEN}", "status: \(status)"])),
                in: folder, ["--log-level", "trace"], environment: ["TEST_TOKEN": secret])
            let stream = try await daemon.http.sync("secrets")
            #expect(try await stream.rest().last?.type == (status == 0 ? "complete" : "error"))
            var said = [stream.text]
            let run = try #require(try await daemon.runs().first?["id"]?.string)
            for path in [
                "/runs", "/runs/\(run)", "/documents?include=content", "/integrations", "/integrations/secrets/status",
            ] { said.append(try await daemon.http.get(path).text) }
            _ = try await daemon.terminate()
            said += [try await daemon.process.errors.end(), try await daemon.process.output.end()]
            for text in said {
                for form in ["s3cr3t", "tok en", "tok%20en"] { #expect(!text.contains(form), "\(text)") }
            }
            #expect(stream.text.contains("***") && daemon.log.contains("The token is ***"))
            // Neither is it in what stays on the disk.
            let files = try #require(FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil))
            for case let file as URL in files where file.lastPathComponent.hasPrefix("store.db") {
                let content = try Data(contentsOf: file)
                #expect(content.firstRange(of: Data("s3cr3t".utf8)) == nil, "\(file.lastPathComponent)")
            }
        }
    }
}
