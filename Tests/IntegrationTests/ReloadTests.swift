import Foundation
import Synchronization
import Testing

@Suite("Reading the configuration again", .realPrograms, .timeLimit(.minutes(30)))
struct ReloadTests {
    /// Writes another configuration where a daemon reads it.
    private static func write(_ configuration: DaemonConfiguration, for daemon: DaemonProcess) async throws {
        for integration in configuration.integrations { try await FixturePlugins.compile(integration.fixture) }
        try daemon.folder.write(configuration.yaml, to: "integrations.yaml")
    }

    private static func names(_ json: JSON?) -> [String] { json?.items.compactMap(\.string) ?? [] }

    @Test func `integrations come, change and go, and the answer names them`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("hello", name: "stays"), .fixture("plain", name: "changes", settings: ["documents: 2"]),
                .fixture("hello", name: "goes")))
        #expect(try await daemon.http.events(ofImport: "goes").last?.type == "complete")
        try await Self.write(
            DaemonConfiguration(
                .fixture("hello", name: "stays"), .fixture("plain", name: "changes", settings: ["documents: 5"]),
                .fixture("hello", name: "comes")), for: daemon)
        #expect(try await daemon.http.get("/integrations/comes").status == 404)
        let answer = try await daemon.http.post("/reload")
        #expect(answer.status == 200)
        #expect(Self.names(try answer.json["applied"]) == ["comes", "changes", "goes"])
        #expect(Self.names(try answer.json["unchanged"]) == ["stays"])
        #expect(try answer.json["sections"]?.items.isEmpty == true)

        let listed = try await daemon.http.get("/integrations").json["items"]?.items ?? []
        #expect(listed.compactMap { $0["name"]?.string } == ["stays", "changes", "comes"])
        #expect(try await daemon.http.events(ofImport: "comes").last?.type == "complete")
        let end = try await daemon.http.events(ofImport: "changes").last
        #expect(try end?.json["result"]?["totalImported"]?.integer == 5)
        #expect(try await daemon.http.get("/integrations/goes").code == "integration-unknown")
        // What it has imported stays.
        #expect(try await daemon.http.get("/documents?integration=goes").json["items"]?.items.count == 3)
    }

    @Test(arguments: [
        ("  hello:\n    plugin: hello.so\n    plugn: x\n", "plugn"),
        ("  hello:\n    plugin: missing.so\n", "missing.so"),
        ("  hello:\n    plugin: hello.so\n    settings: {documents: many}\n", "documents"),
    ])
    func `a bad file changes nothing and says what is wrong and where`(entry: String, word: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        var yaml = DaemonConfiguration(.fixture("plain", name: "fine")).yaml
        try await FixturePlugins.compile("plain")
        yaml += entry
        try daemon.folder.write(yaml, to: "integrations.yaml")
        let answer = try await daemon.http.post("/reload")
        #expect(answer.status == 422 && answer.code == "configuration-invalid")
        let errors = Self.names(try answer.json["errors"])
        #expect(errors.count == 1)
        #expect(
            errors.first?.contains("integrations.yaml:") == true && errors.first?.contains(word) == true, "\(errors)")
        #expect(try await daemon.http.get("/integrations/fine").status == 404)
        #expect(try await daemon.http.events(ofImport: "hello").last?.type == "complete")
    }

    @Test func `what takes a restart is refused, with all that came with it`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        try await Self.write(
            DaemonConfiguration(server: ["heartbeat: 1s"], .fixture("hello"), .fixture("plain")), for: daemon)
        let answer = try await daemon.http.post("/reload")
        #expect(answer.status == 422)
        #expect(Self.names(try answer.json["errors"]).first?.contains("server has changed") == true)
        #expect(try await daemon.http.get("/integrations/plain").status == 404)
    }

    @Test func `a run under way goes on with what it began with, and its stream does not notice`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("waits", name: "long"), .fixture("hello", name: "other")))
        let stream = try await daemon.http.sync("long")
        let run = try #require(try await stream.until(step: "waiting_for_cancel").first?.json["runId"]?.string)
        try await Self.write(DaemonConfiguration(.fixture("hello", name: "other")), for: daemon)
        #expect(try await daemon.http.post("/reload").status == 200)
        #expect(try await daemon.http.get("/integrations/long").status == 404)
        let shown = try await daemon.http.get("/runs/\(run)").json
        #expect(shown["status"] == "running")
        #expect(try await daemon.http.post("/runs/\(run)/cancel").status == 202)
        #expect(try await stream.rest().last?.json["code"] == "cancelled")
    }

    @Test func `SIGHUP does the same, and what is wrong stands in the log`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        try daemon.folder.write("integrations: [", to: "integrations.yaml")
        kill(daemon.process.id, SIGHUP)
        _ = try await daemon.process.errors.line { $0.contains("the configuration was not taken") }
        #expect(try await daemon.http.get("/integrations/hello").status == 200)
        try await Self.write(DaemonConfiguration(.fixture("hello"), .fixture("plain")), for: daemon)
        kill(daemon.process.id, SIGHUP)
        _ = try await daemon.process.errors.line { $0.contains("configuration taken") }
        #expect(try await daemon.http.get("/integrations/plain").status == 200)
    }

    @Test func `a token needs the scope, and is replaced at once`() async throws {
        func auth(_ secret: String, _ scope: String) -> String {
            """
            auth:
              tokens:
                - {name: boss, token: \(secret), scopes: ["integrations:read", "integrations:\(scope)"]}
            """
        }
        let first = "0123456789abcdef0123456789abcdef", second = "fedcba9876543210fedcba9876543210"
        let daemon = try await DaemonProcess.start(DaemonConfiguration(more: auth(first, "admin"), .fixture("hello")))
        #expect(try await daemon.http.post("/reload").status == 401)
        try await Self.write(DaemonConfiguration(more: auth(second, "write"), .fixture("hello")), for: daemon)
        let answer = try await daemon.http.bearer(first).post("/reload")
        #expect(answer.status == 200)
        #expect(Self.names(try answer.json["sections"]) == ["auth"])
        #expect(try await daemon.http.bearer(first).get("/integrations").status == 401)
        #expect(try await daemon.http.bearer(second).get("/integrations").status == 200)
        #expect(try await daemon.http.bearer(second).post("/reload").code == "forbidden")
    }

    @Test func `more places let runs begin that wait`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: ["max_concurrent: 1"], .fixture("waits"), .fixture("hello")))
        let first = try await daemon.http.sync("waits")
        let run = try #require(try await first.until(step: "waiting_for_cancel").first?.json["runId"]?.string)
        let second = try await daemon.http.sync("hello")
        try await second.until(step: "queued")
        try await Self.write(
            DaemonConfiguration(runs: ["max_concurrent: 2"], .fixture("waits"), .fixture("hello")), for: daemon)
        #expect(Self.names(try await daemon.http.post("/reload").json["sections"]) == ["runs"])
        #expect(try await second.rest().last?.type == "complete")
        #expect(try await daemon.http.post("/runs/\(run)/cancel").status == 202)
    }

    @Test func `a schedule that a reload brings is followed, and one that it takes is not`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        try await Self.write(DaemonConfiguration(.fixture("hello", ["schedule: every 1s"])), for: daemon)
        #expect(try await daemon.http.post("/reload").status == 200)
        try await eventually("a scheduled run") { try await daemon.runs().contains { $0["requestedBy"] == "schedule" } }
        try await Self.write(DaemonConfiguration(.fixture("hello")), for: daemon)
        #expect(try await daemon.http.post("/reload").status == 200)
        #expect(try await daemon.http.post("/reload").json["unchanged"]?[0] == "hello")
    }

    @Test func `twenty reloads at once are done one after the other`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let statuses = try await withThrowingTaskGroup { group in
            for _ in 0..<20 { group.addTask { try await daemon.http.post("/reload").status } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.contains(200) && Set(statuses).isSubset(of: [200, 422]))
        #expect(try await daemon.http.post("/reload").status == 200)
    }

    // MARK: A thousand times

    /// What a daemon holds: pages in memory, descriptors, private copies of plugins.
    private struct Holdings {
        var resident, descriptors, copies: Int

        init(of daemon: DaemonProcess) throws {
            let process = "/proc/\(daemon.process.id)"
            let statm = try String(contentsOfFile: "\(process)/statm", encoding: .utf8).split(separator: " ")
            resident = (Int(statm[1]) ?? 0) * Int(getpagesize())
            descriptors = try FileManager.default.contentsOfDirectory(atPath: "\(process)/fd").count
            copies = try FileManager.default.contentsOfDirectory(atPath: daemon.folder.path("plugins")).count
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `a thousand reloads under load leave memory, descriptors and copies as they were`() async throws {
        let plugins = try TemporaryFolder()
        let original = try Data(contentsOf: try await FixturePlugins.compile("plain"))
        /// Another content of the same file: what stands behind an ELF file's end means nothing.
        func put(_ number: Int) throws {
            let new = plugins.url.appending(path: "new")
            try (original + Data("\(number)".utf8)).write(to: new)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: new.path)
            #expect(rename(new.path, plugins.path("plain.so")) == 0)
        }
        func yaml(_ number: Int) -> String {
            """
            server: {listen: "127.0.0.1:0"}
            store: {sqlite: store.db}
            plugins: {directories: [\(plugins.url.path)]}
            integrations:
              plain: {plugin: plain.so, settings: {documents: \(number % 7)}}
              \(number.isMultiple(of: 2) ? "even" : "odd"): {plugin: plain.so, schedule: "0 0 1 1 *"}
            """
        }
        try put(0)
        let daemon = try await DaemonProcess.start(yaml: yaml(0), ["--log-level", "critical"])
        func reload(_ numbers: Range<Int>) async throws {
            for number in numbers {
                if number.isMultiple(of: 20) { try put(number) }
                try daemon.folder.write(yaml(number), to: "integrations.yaml")
                let answer = try await daemon.http.post("/reload")
                try #require(answer.status == 200, "\(answer.text)")
            }
        }
        try await reload(1..<200)
        let before = try Holdings(of: daemon)
        // One import after the other, until the last reload is done.
        let isOver = Atomic(false)
        async let runs = {
            var ends: [String?] = []
            while !isOver.load(ordering: .relaxed) {
                ends.append(try await daemon.http.events(ofImport: "plain").last?.type)
            }
            return ends
        }()
        do {
            defer { isOver.store(true, ordering: .relaxed) }
            try await reload(200..<1200)
        }
        let ends = try await runs
        #expect(ends.count > 50 && ends.allSatisfy { $0 == "complete" })
        _ = try await daemon.http.events(ofImport: "plain")
        let after = try Holdings(of: daemon)
        #expect(after.resident < before.resident + 12 << 20, "\(before.resident >> 10) to \(after.resident >> 10) KiB")
        #expect(after.copies <= 2, "\(after.copies)")
        try await eventually("as many descriptors as before") {
            try Holdings(of: daemon).descriptors <= before.descriptors + 2
        }
    }
}
