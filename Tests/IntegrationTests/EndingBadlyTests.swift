import Foundation
import Testing

/// Whatever a plugin does to its process ends its run and nothing else.
@Suite("Plugins that do their worst", .realPrograms, .timeLimit(.minutes(30)))
struct EndingBadlyTests {
    /// What one kind of misbehaviour must come to.
    struct Case: Sendable, CustomTestStringConvertible {
        var fixture = "ends_badly"
        var kind: String
        /// nil: the run goes on, and succeeds.
        var code: String? = "plugin-crashed"
        /// What the error says.
        var word = ""
        /// Lines of the integration.
        var lines: [String] = []
        /// Of the fixtures that have no kinds.
        var settings: [String]?

        var testDescription: String { kind }
        var name: String { kind.replacing("_", with: "-") }
        var integration: DaemonConfiguration.Integration {
            .fixture(fixture, name: name, settings: settings ?? ["kind: \(kind)"], lines)
        }
    }

    private static let accidents: [Case] =
        [
            Case(kind: "crash", word: "SIGSEGV"), Case(kind: "thread", word: "SIGSEGV"),
            Case(kind: "exit", word: "exit(0)"), Case(kind: "abort", word: "SIGABRT"),
            Case(kind: "overflow", word: "SIGSEGV"),
            Case(kind: "memory", word: "SIGSEGV", lines: ["limits: {memory: 128MiB}"]),
            Case(kind: "cpu", word: "SIGXCPU", lines: ["limits: {cpu: 1s}"]),
            Case(kind: "file", word: "SIGXFSZ", lines: ["limits: {file_size: 1MiB}"]),
            Case(kind: "fork_bomb", word: "SIGSEGV"),
            Case(kind: "close_socket", word: "closed its connection"),
            Case(fixture: "throws", kind: "throws", word: "SIGABRT", settings: []),
            Case(fixture: "constructor_crash", kind: "constructor", word: "SIGSEGV", settings: []),
            Case(fixture: "manifest_crash", kind: "manifest", word: "SIGABRT", settings: []),
            Case(
                fixture: "checkpointed", kind: "document", word: "after 37 documents",
                settings: ["documents: 100", "every: 10", "crash_at: 37"]),
            Case(kind: "loop", code: "plugin-stalled", word: "too long"),
            Case(kind: "stop", code: "plugin-stalled", word: "too long"),
        ]
        + (FileManager.default.isExecutableFile(atPath: FixturePlugins.swiftCompiler)
            ? [Case(fixture: "swift_trap", kind: "trap", word: "a trap", settings: [])] : [])
        + ["descriptors", "stdout", "large", "utf8"].map { kind in
            Case(
                fixture: "bad_manners", kind: kind, code: nil,
                settings: ["kind: \(kind == "large" ? "document" : kind)"])
        }
        + [Case(fixture: "late_caller", kind: "late_caller", code: nil, settings: [])]

    /// What goes for the daemon itself, past the host's functions.
    private static let attacks: [Case] =
        [
            ("noise", "a frame of"), ("length", "4294967295 bytes"), ("stranger", "unknown type 1"),
            ("unread", "does not read the answers"),
        ].map { Case(fixture: "hostile", kind: $0, code: "plugin-misbehaved", word: $1) }
        + ["promise", "deaf"].map { Case(fixture: "hostile", kind: $0, code: "plugin-stalled", word: "too long") }
        + [
            Case(fixture: "hostile", kind: "leave", word: "ended the thread"),
            Case(fixture: "hostile", kind: "table", word: "SIGSEGV"),
            Case(
                fixture: "hostile", kind: "line", code: nil, settings: ["kind: line", "bytes: \(32 << 20)"]),
            Case(fixture: "hostile", kind: "same", code: nil, settings: ["kind: same", "count: 50000"]),
        ]
        + ["ends", "passing", "nest"].map { Case(fixture: "hostile", kind: $0, code: nil) }

    @Test(arguments: ["accidents", "attacks"])
    func `each end is an event in words, and the other runs and streams do not notice`(kind: String) async throws {
        let cases = kind == "attacks" ? Self.attacks : Self.accidents
        var configuration = DaemonConfiguration(
            runs: ["stalled_after: 6s", "cancel_grace: 100ms", "max_concurrent: 8"],
            .fixture("counts", settings: ["documents: 1000000", "progress: 1000000", "delay_ms: 1"]))
        configuration.integrations += cases.map(\.integration)
        let daemon = try await DaemonProcess.start(configuration)
        let bystander = try await daemon.http.sync("counts")
        let bystanderRun = try #require(try await bystander.next()?.json["runId"]?.string)
        // Read all the while: the daemon cuts off who does not.
        async let restOfBystander = bystander.rest()
        func imported() async throws -> Int {
            try await daemon.http.get("/runs/\(bystanderRun)").json["counts"]?["imported"]?.integer ?? 0
        }
        // All files are described, so that what the daemon keeps of them is there.
        _ = try await daemon.http.get("/integrations")
        let before = try Self.descriptors(of: daemon)
        let memory = try Self.memory(of: daemon)

        for item in cases {
            let count = try await imported()
            try await Self.end(of: item, on: daemon)
            #expect(try Self.children(of: daemon).count <= 1, "\(item.kind) left a process")
            try await eventually("the other run goes on beside \(item.kind)") { try await imported() > count }
        }
        #expect(try await daemon.http.post("/runs/\(bystanderRun)/cancel").status == 202)
        let rest = try await restOfBystander
        #expect(try rest.last?.json["code"] == "cancelled")
        let counts = try rest.compactMap { try $0.step == "counting" ? $0.json["count"]?.integer : nil }
        #expect(counts == counts.sorted())
        // What the stream skipped, the store would show.
        #expect(try await Self.stored(of: "counts", on: daemon) == Set(1...(try await imported())))
        try await eventually("the daemon has as many descriptors as before, or fewer") {
            try Self.descriptors(of: daemon) <= before && Self.children(of: daemon).isEmpty
        }
        #expect(try Self.memory(of: daemon) < memory + 64 << 10, "KiB")
        try await eventually("no temporary folder is left") {
            try FileManager.default.contentsOfDirectory(atPath: daemon.folder.path("tmp")).isEmpty
        }
    }

    private static func end(of item: Case, on daemon: DaemonProcess) async throws {
        let events = try await daemon.http.events(ofImport: item.name)
        #expect(events.filter(\.isTerminal).count == 1, "\(item.kind)")
        let end = try #require(events.last).json
        guard let code = item.code else {
            #expect(end["type"] == "complete", "\(item.kind): \(end)")
            return
        }
        #expect(end["type"] == "error" && end["code"]?.string == code, "\(item.kind): \(end)")
        #expect(end["error"]?.string?.contains(item.word) == true, "\(item.kind): \(end)")
        let run = try #require(try await daemon.runs("?integration=\(item.name)").first)
        #expect(run["error"]?["message"] == end["error"])
        guard item.fixture == "ends_badly" else { return }
        #expect(run["counts"]?["imported"] == 2)
        if code == "plugin-crashed" {
            #expect(end["error"]?.string?.contains("in step before_the_end after 2 documents") == true, "\(end)")
            #expect(end["hint"]?.string?.contains("last words of \(item.kind)") == true, "\(end)")
        }
    }

    /// The numbers that the documents of `counts` have as ids.
    private static func stored(of integration: String, on daemon: DaemonProcess) async throws -> Set<Int> {
        var numbers: Set<Int> = []
        var after = ""
        while true {
            let page = try await daemon.http.get("/documents?integration=\(integration)&limit=1000\(after)").json
            numbers.formUnion((page["items"]?.items ?? []).compactMap { $0["externalId"]?.string.flatMap { Int($0) } })
            guard let next = page["next"]?.string else { return numbers }
            after = "&after=\(next)"
        }
    }

    private static func descriptors(of daemon: DaemonProcess) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.process.id)/fd").count
    }

    /// KiB that it has in memory.
    private static func memory(of daemon: DaemonProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(daemon.process.id)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return try #require(line?.split(separator: " ").compactMap { Int($0) }.first)
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
        #expect(log.count < 11_000, "the oldest go by the thousand")
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
