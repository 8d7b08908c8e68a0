import Foundation
import Testing

/// Whatever a plugin does to its process ends its run and nothing else.
@Suite("Plugins that do their worst", .realPrograms, .timeLimit(.minutes(30)))
struct EndingBadlyTests {
    /// What one kind of end must look like.
    struct Case: Sendable, CustomTestStringConvertible {
        var kind: String
        var code = "plugin-crashed"
        /// What the error says.
        var word: String
        /// Lines of the integration.
        var lines: [String] = []

        var testDescription: String { kind }
    }

    private static let cases = [
        Case(kind: "crash", word: "SIGSEGV"), Case(kind: "thread", word: "SIGSEGV"),
        Case(kind: "exit", word: "exit(0)"), Case(kind: "abort", word: "SIGABRT"),
        Case(kind: "overflow", word: "SIGSEGV"),
        Case(kind: "memory", word: "SIGSEGV", lines: ["limits: {memory: 128MiB}"]),
        Case(kind: "cpu", word: "SIGXCPU", lines: ["limits: {cpu: 1s}"]),
        Case(kind: "file", word: "SIGXFSZ", lines: ["limits: {file_size: 1MiB}"]),
        Case(kind: "fork_bomb", word: "SIGSEGV"),
        Case(kind: "close_socket", word: "closed its connection"),
        Case(kind: "loop", code: "plugin-stalled", word: "too long"),
        Case(kind: "stop", code: "plugin-stalled", word: "too long"),
    ]

    @Test func `each end is an error event in words, and the other runs and streams do not notice`() async throws {
        let integrations = Self.cases.map { item in
            DaemonConfiguration.Integration.fixture(
                "ends_badly", name: Self.name(item), settings: ["kind: \(item.kind)"], item.lines)
        }
        var configuration = DaemonConfiguration(
            runs: ["stalled_after: 6s", "cancel_grace: 100ms", "max_concurrent: 8"],
            .fixture("counts", settings: ["documents: 15000", "progress: 15000", "delay_ms: 1"]))
        configuration.integrations += integrations
        let daemon = try await DaemonProcess.start(configuration)
        let bystander = try await daemon.http.sync("counts")
        _ = try await bystander.next()
        _ = try await daemon.http.get("/integrations")
        let before = try Self.descriptors(of: daemon)

        for item in Self.cases {
            let events = try await daemon.http.events(ofImport: Self.name(item))
            #expect(events.filter(\.isTerminal).count == 1, "\(item.kind)")
            let end = try #require(events.last).json
            #expect(end["type"] == "error" && end["code"]?.string == item.code, "\(item.kind): \(end)")
            #expect(end["error"]?.string?.contains(item.word) == true, "\(item.kind): \(end)")
            if item.code == "plugin-crashed" {
                #expect(end["error"]?.string?.contains("in step before_the_end after 2 documents") == true, "\(end)")
                #expect(end["hint"]?.string?.contains("last words of \(item.kind)") == true, "\(end)")
            }
            let run = try #require(try await daemon.runs("?integration=\(Self.name(item))").first)
            #expect(run["error"]?["message"] == end["error"] && run["counts"]?["imported"] == 2)
            #expect(try Self.children(of: daemon).count <= 1, "\(item.kind) left a process")
        }
        // What the stream skipped, the store would show.
        let rest = try await bystander.rest()
        #expect(rest.last?.type == "complete")
        #expect(try rest.last?.json["result"]?["totalImported"]?.integer == 15000)
        try await eventually("the daemon has as many descriptors as before, or fewer") {
            try Self.descriptors(of: daemon) <= before && Self.children(of: daemon).isEmpty
        }
        try await eventually("no temporary folder is left") {
            try FileManager.default.contentsOfDirectory(atPath: daemon.folder.path("tmp")).isEmpty
        }
    }

    private static func name(_ item: Case) -> String { item.kind.replacing("_", with: "-") }

    private static func descriptors(of daemon: DaemonProcess) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.process.id)/fd").count
    }

    /// Processes whose parent is the daemon, zombies included.
    private static func children(of daemon: DaemonProcess) throws -> [Int] {
        let tasks = "/proc/\(daemon.process.id)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).flatMap { task in
            // A thread may have ended meanwhile.
            ((try? String(contentsOfFile: "\(tasks)/\(task)/children", encoding: .utf8)) ?? "")
                .split(separator: " ").compactMap { Int($0) }
        }
    }

    @Test(arguments: ["constructor_crash", "manifest_crash"])
    func `a plugin that dies before it is called is an error event`(fixture: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture(fixture, name: "broken")))
        let end = try #require(try await daemon.http.events(ofImport: "broken").last).json
        #expect(end["code"] == "plugin-crashed" && end["error"]?.string?.contains("SIG") == true, "\(end)")
    }

    @Test func `a document too many is where it crashed`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("checkpointed", settings: ["documents: 100", "every: 10", "crash_at: 37"])))
        let end = try #require(try await daemon.http.events(ofImport: "checkpointed").last).json
        #expect(end["error"]?.string?.contains("after 37 documents") == true, "\(end)")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: FixturePlugins.swiftCompiler)))
    func `a trap of Swift is told as one`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("swift_trap", name: "trap")))
        let end = try #require(try await daemon.http.events(ofImport: "trap").last).json
        #expect(end["code"] == "plugin-crashed" && end["error"]?.string?.contains("a trap") == true, "\(end)")
    }

    // MARK: What harms nobody

    /// The run's end, its report and its log.
    private static func run(
        _ kind: String, _ more: [String] = []
    ) async throws -> (end: JSON, errors: [JSON], daemon: DaemonProcess) {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("bad_manners", settings: ["kind: \(kind)"] + more)))
        let events = try await daemon.http.events(ofImport: "bad-manners")
        let end = try #require(events.last).json
        #expect(end["type"] == "complete", "\(end)")
        let id = try #require(end["runId"]?.string)
        let errors = try await daemon.http.get("/runs/\(id)/errors").json["items"]?.items ?? []
        let page = try await daemon.http.get("/documents").json["items"]?.items ?? []
        #expect(page.contains { $0["externalId"] == "good" })
        return (end, errors, daemon)
    }

    @Test(arguments: [
        ("descriptors", "descriptors-left-open", "note"), ("document", "document-too-large", "failed"),
        ("rejected", "document-rejected", "failed"), ("utf8", "invalid-utf8", "note"),
    ])
    func `what harms nobody is in the report of a run that goes on`(
        kind: String, code: String, reported: String
    ) async throws {
        let (end, errors, _) = try await Self.run(kind)
        #expect(errors.map { $0["code"]?.string } == [code], "\(errors)")
        #expect(errors.first?["kind"]?.string == reported)
        #expect(end["status"]?.string == (reported == "failed" ? "completed_with_errors" : "succeeded"))
    }

    @Test func `a plugin that reports a refused document itself is taken at its word`() async throws {
        let (end, errors, _) = try await Self.run("rejected", ["reports: 1"])
        #expect(errors.map { $0["code"]?.string } == ["own-words"])
        #expect(end["result"]?["totalFailed"] == 1)
    }

    @Test func `a flood on stdout is cut to the newest lines, and how many are missing is said`() async throws {
        let (end, _, daemon) = try await Self.run("stdout")
        let id = try #require(end["runId"]?.string)
        var log: [JSON] = []
        var next: String? = "0"
        while let after = next {
            let page = try await daemon.http.get("/runs/\(id)/log?limit=1000&after=\(after)").json
            log += page["items"]?.items ?? []
            next = page["next"]?.string
        }
        #expect(log.count <= 10_000)
        #expect(log.contains { $0["source"] == "stdout" })
        #expect(log.contains { $0["source"] == "host" && $0["message"]?.string?.contains("lines came faster") == true })
    }

    @Test func `who calls after the return is told of in the report`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("late_caller")))
        let end = try #require(try await daemon.http.events(ofImport: "late-caller").last).json
        #expect(end["type"] == "complete")
        let id = try #require(end["runId"]?.string)
        let errors = try await daemon.http.get("/runs/\(id)/errors").json["items"]?.items ?? []
        #expect(errors.map { $0["code"]?.string } == ["late-calls"], "\(errors)")
    }
}
