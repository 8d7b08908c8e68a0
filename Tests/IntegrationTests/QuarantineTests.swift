import Foundation
import Testing

@Suite("Plugins in quarantine", .realPrograms, .timeLimit(.minutes(30)))
struct QuarantineTests {
    /// A daemon whose plugin has crashed three times, from a folder of its own.
    private static func crashed() async throws -> (daemon: DaemonProcess, plugins: TemporaryFolder) {
        let plugins = try TemporaryFolder()
        try await put("crash", in: plugins)
        let yaml = """
            server: {listen: "127.0.0.1:0"}
            store: {sqlite: store.db}
            plugins: {directories: [\(plugins.url.path)]}
            integrations:
              shaky: {plugin: shaky.so, settings: {documents: 2}}
            """
        let daemon = try await DaemonProcess.start(yaml: yaml)
        for _ in 0..<3 {
            #expect(try await daemon.http.events(ofImport: "shaky").last?.json["code"] == "plugin-crashed")
        }
        return (daemon, plugins)
    }

    private static func put(_ fixture: String, in folder: TemporaryFolder) async throws {
        let file = folder.url.appending(path: "shaky.so")
        let content = try Data(contentsOf: try await FixturePlugins.compile(fixture))
        let new = folder.url.appending(path: "new.so")
        try content.write(to: new)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: new.path)
        #expect(rename(new.path, file.path) == 0)
    }

    @Test func `after three crashes it is not run, and everyone can see why, since when and until when`() async throws {
        let (daemon, plugins) = try await Self.crashed()
        let end = try #require(try await daemon.http.events(ofImport: "shaky").last).json
        #expect(end["code"] == "plugin-quarantined")
        #expect(end["error"]?.string?.contains("SIGSEGV") == true)
        let shown = try #require(try await daemon.http.get("/integrations/shaky").json["quarantine"])
        #expect(shown["crashes"] == 3 && shown["reason"]?.string?.contains("after 2 documents") == true, "\(shown)")
        let since = try #require(shown["since"]?.string), nextTry = try #require(shown["nextTry"]?.string)
        #expect(since < nextTry)
        #expect(daemon.log.contains("in quarantine"))
        let metrics = try await daemon.http.get("/metrics").text
        #expect(metrics.contains(#"integrationd_plugin_quarantined{integration="shaky"} 1"#))
        #expect(try await daemon.http.get("/integrations").json["items"]?[0]?["quarantine"] == shown)
        withExtendedLifetime(plugins) {}
    }

    @Test(arguments: [false, true])
    func `plugin list says so, while the daemon runs and afterwards`(isStopped: Bool) async throws {
        let (daemon, plugins) = try await Self.crashed()
        let nextTry = try #require(
            try await daemon.http.get("/integrations/shaky").json["quarantine"]?["nextTry"]?.string)
        if isStopped { _ = try await daemon.terminate() }
        let list = try await Command.run(["plugin", "list"], in: daemon.folder)
        #expect(list.status == .exited(0) && list.errors.isEmpty, "\(list.errors)")
        let line = try #require(list.lines.first { $0.hasPrefix("  shaky: in quarantine until ") }, "\(list.output)")
        #expect(line.contains(nextTry.prefix(19)) && line.contains("SIGSEGV"), "\(line) \(nextTry)")
        let json = try #require(try await Command.run(["plugin", "list", "--json"], in: daemon.folder).lines.first)
        #expect(try JSON(json)["quarantines"]?[0]?["integration"] == "shaky")
        try await Self.put("hello", in: plugins)
        let other = try await Command.run(["plugin", "list"], in: daemon.folder)
        #expect(!other.output.contains("quarantine"), "another file is in none: \(other.output)")
    }

    @Test func `a restart of the daemon does not end it`() async throws {
        let (daemon, plugins) = try await Self.crashed()
        let shown = try await daemon.http.get("/integrations/shaky").json["quarantine"]
        let yaml = try String(contentsOf: daemon.folder.url.appending(path: "integrations.yaml"), encoding: .utf8)
        _ = try await daemon.terminate()
        let again = try await DaemonProcess.start(yaml: yaml, in: daemon.folder)
        #expect(try await again.http.get("/integrations/shaky").json["quarantine"] == shown)
        #expect(try await again.http.events(ofImport: "shaky").last?.json["code"] == "plugin-quarantined")
        withExtendedLifetime(plugins) {}
    }

    @Test func `another file ends it`() async throws {
        let (daemon, plugins) = try await Self.crashed()
        try await Self.put("hello", in: plugins)
        // The settings of the old one do not fit the new one.
        let code = try await daemon.http.events(ofImport: "shaky").last?.json["code"]
        #expect(code == "settings-invalid")
        #expect(try await daemon.http.get("/integrations/shaky").json["quarantine"] == nil)
    }

    @Test func `so does whoever asks for it`() async throws {
        let (daemon, plugins) = try await Self.crashed()
        #expect(try await daemon.http.send("DELETE", "/integrations/shaky/quarantine").status == 204)
        #expect(try await daemon.http.send("DELETE", "/integrations/nobody/quarantine").status == 404)
        #expect(try await daemon.http.get("/integrations/shaky").json["quarantine"] == nil)
        #expect(try await daemon.http.events(ofImport: "shaky").last?.json["code"] == "plugin-crashed")
        withExtendedLifetime(plugins) {}
    }

    @Test func `so does a reload that changes the integration, and no other reload`() async throws {
        let (daemon, plugins) = try await Self.crashed()
        #expect(try await daemon.http.post("/reload").status == 200)
        #expect(try await daemon.http.get("/integrations/shaky").json["quarantine"] != nil)
        let file = daemon.folder.url.appending(path: "integrations.yaml")
        let yaml = try String(contentsOf: file, encoding: .utf8).replacing("documents: 2", with: "documents: 4")
        try daemon.folder.write(yaml, to: "integrations.yaml")
        #expect(try await daemon.http.post("/reload").json["applied"]?[0] == "shaky")
        #expect(try await daemon.http.get("/integrations/shaky").json["quarantine"] == nil)
        withExtendedLifetime(plugins) {}
    }
}
