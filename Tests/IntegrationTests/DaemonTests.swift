import Foundation
import Testing

@Suite("The daemon's life", .realPrograms, .timeLimit(.minutes(30)))
struct DaemonTests {
    /// Long enough for a busy machine, and shorter than what the daemon falls back to.
    private static let bound = Duration.seconds(15)

    // MARK: SIGTERM

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal ends an idle daemon with 0`(signal: Int32) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        #expect(try await daemon.http.get("/readyz").status == 200)
        daemon.process.send(signal)
        #expect(try await daemon.process.exitStatus(within: Self.bound) == .exited(0))
        #expect(try await daemon.process.errors.end().contains("stopped"))
    }

    @Test func `SIGTERM with streams open ends their bodies and the daemon within a bound`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("gated", name: "one"), .fixture("waits", name: "two")))
        var streams: [EventStream] = []
        for name in ["one", "two", "one"] {
            let stream = try await daemon.http.sync(name)
            try await stream.until(step: name == "one" ? "before_the_gate" : "waiting_for_cancel")
            streams.append(stream)
        }
        let (status, took) = try await daemon.terminate()
        #expect(status == .exited(0) && took < Self.bound)
        for stream in streams {
            // The chunked body has its end, and the client comes back by itself.
            #expect(try await stream.rest().allSatisfy { !$0.isTerminal })
            #expect(stream.isOver)
        }
    }

    @Test func `SIGTERM ends a daemon whose plugin ignores everything`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: ["cancel_grace: 200ms"], .fixture("hang", settings: ["ignore_sigterm: 1"])))
        let stream = try await daemon.http.sync("hang")
        try await stream.until(step: "hanging")
        let worker = try #require(Self.children(of: daemon.process.id).first)
        let (status, took) = try await daemon.terminate()
        #expect(status == .exited(0) && took < Self.bound)
        #expect(!Self.isAlive(worker))
    }

    @Test func `SIGTERM does not wait for a connection that says nothing`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let silent = try RawHTTP(port: daemon.port)
        let halfway = try RawHTTP(port: daemon.port)
        try await halfway.send(Array("POST /integrations/hello/sync HTTP/1.1\r\nHost: localhost\r\nContent-Le".utf8))
        #expect(try await daemon.http.get("/healthz").status == 200)
        let (status, took) = try await daemon.terminate()
        #expect(status == .exited(0) && took < Self.bound)
        _ = silent
    }

    // MARK: After the end

    /// How a daemon may end in the middle of a run.
    enum End: CaseIterable {
        case sigterm, sigkill
    }

    @Test(arguments: End.allCases)
    func `a run that was cut goes on after a restart, with the same id and numbers that grow`(end: End) async throws {
        let folder = try TemporaryFolder()
        let configuration = DaemonConfiguration(.fixture("gated", settings: ["gate: \(folder.path("gate"))"]))
        let first = try await DaemonProcess.start(configuration, in: folder)
        let seen = try await first.http.sync("gated").until(step: "before_the_gate")
        let id = try #require(try seen.first?.json["runId"]?.string)
        switch end {
        case .sigterm: _ = try await first.terminate()
        case .sigkill: try await first.kill()
        }

        try folder.write("", to: "gate")
        let second = try await DaemonProcess.start(configuration, in: folder)
        let cursor = try #require(seen.last).lastEventID
        let rest = try await second.http.with("Last-Event-ID: \(cursor)").events(ofImport: "gated")
        #expect(rest.contains { $0.step == "resumed" })
        #expect(rest.last?.type == "complete")
        let numbers = try (seen + rest).compactMap { try $0.json["seq"]?.integer }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        for event in rest { #expect(try event.json["runId"]?.string == id) }
        let run = try await second.http.get("/runs/\(id)").json
        #expect(run["status"] == "succeeded" && run["attempt"] == 2)
        #expect(try await second.runs().count == 1)
        #expect(try await second.http.get("/documents").json["items"]?.items.count == 2)
    }

    @Test func `a run that was cut too often is interrupted`() async throws {
        let folder = try TemporaryFolder()
        let configuration = DaemonConfiguration(.fixture("gated"))
        var run: String?
        for attempt in 1...3 {
            let daemon = try await DaemonProcess.start(configuration, in: folder)
            let events = try await daemon.http.sync("gated").until(step: "before_the_gate")
            if run == nil { run = try events.first?.json["runId"]?.string }
            #expect(try await daemon.http.get("/runs/\(run ?? "")").json["attempt"]?.integer == attempt)
            try await daemon.kill()
        }
        let daemon = try await DaemonProcess.start(configuration, in: folder)
        let ended = try await daemon.http.get("/runs/\(run ?? "")").json
        #expect(ended["status"] == "interrupted" && ended["error"]?["code"] == "interrupted")
        #expect(try await daemon.http.get("/integrations/gated/status").json["state"] == "error")
        let log = try await daemon.http.with("Last-Event-ID: \(run ?? "").1").events(ofImport: "gated")
        #expect(log.last?.type == "error")
        #expect(try log.last?.json["code"] == "interrupted")
        // And a new one may begin.
        let next = try #require(try await daemon.http.sync("gated").next())
        #expect(try next.json["runId"]?.string != run)
    }

    @Test func `a run whose integration is gone after a restart is interrupted`() async throws {
        let folder = try TemporaryFolder()
        let first = try await DaemonProcess.start(DaemonConfiguration(.fixture("gated")), in: folder)
        try await first.http.sync("gated").until(step: "before_the_gate")
        try await first.kill()
        let second = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")), in: folder)
        let run = try #require(try await second.runs().first)
        #expect(run["integration"] == "gated" && run["status"] == "interrupted")
    }

    @Test func `no worker outlives a daemon that was killed`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("hang", settings: ["ignore_sigterm: 1"])))
        try await daemon.http.sync("hang").until(step: "hanging")
        let worker = try #require(Self.children(of: daemon.process.id).first)
        try await daemon.kill()
        try await eventually("the worker is gone") { !Self.isAlive(worker) }
    }

    // MARK: The store

    @Test func `a second daemon on the same store ends with 3 and says why`() async throws {
        let configuration = DaemonConfiguration(.fixture("hello"))
        let first = try await DaemonProcess.start(configuration)
        let second = try DaemonProcess.spawn(yaml: configuration.yaml, in: first.folder)
        #expect(try await second.exitStatus() == .exited(3))
        let said = try await second.errors.end()
        #expect(said.contains("store.db") && said.contains("in use"), "\(said)")
        #expect(try await second.output.end().isEmpty)
        #expect(try await first.http.events(ofImport: "hello").last?.type == "complete")
    }

    @Test func `a store that is no database ends the daemon with 3 and says why`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(String(repeating: "This is no database. ", count: 500), to: "store.db")
        let daemon = try DaemonProcess.spawn(yaml: DaemonConfiguration(.fixture("hello")).yaml, in: folder)
        #expect(try await daemon.exitStatus() == .exited(3))
        #expect(try await daemon.errors.end().contains("store.db"))
    }

    @Test func `a port that is taken ends the daemon with 3 and says so`() async throws {
        let first = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let yaml = DaemonConfiguration(.fixture("hello")).yaml
            .replacing("listen: 127.0.0.1:0", with: "listen: 127.0.0.1:\(first.port)")
        let folder = try TemporaryFolder()
        let second = try DaemonProcess.spawn(yaml: yaml, in: folder)
        #expect(try await second.exitStatus() == .exited(3))
        #expect(try await second.errors.end().contains("cannot listen on 127.0.0.1:\(first.port)"))
    }

    // MARK: The log

    @Test func `each step and each run's end is a line in the log`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("hello"), .fixture("fails", settings: ["status: 6"])))
        let events = try await daemon.http.events(ofImport: "hello")
        let run = try #require(try events.first?.json["runId"]?.string)
        _ = try await daemon.http.events(ofImport: "fails")
        _ = try await daemon.terminate()
        let lines = try await daemon.process.errors.end().split(separator: "\n").filter { $0.contains(run) }
        for step in ["step=starting", "step=greeting"] {
            #expect(lines.filter { $0.contains(step) }.count == 1, "\(step)")
        }
        let succeeded = try #require(lines.first { $0.contains("run ended: succeeded") })
        #expect(succeeded.contains(" info ") && succeeded.contains("integration=hello"))
        let failed = daemon.log.split(separator: "\n").first { $0.contains("run ended: failed") }
        #expect(failed?.contains(" error ") == true && failed?.contains("The fixture was told to fail.") == true)
    }

    @Test func `the log level chooses`() async throws {
        for (level, lines) in [("debug", 4), ("error", 0)] {
            let daemon = try await DaemonProcess.start(
                DaemonConfiguration(.fixture("hello")), ["--log-level", level])
            _ = try await daemon.http.events(ofImport: "hello")
            _ = try await daemon.terminate()
            let log = try await daemon.process.errors.end()
            #expect(log.split(separator: "\n").filter { $0.contains("step=greeting") }.count == lines)
        }
    }

    @Test func `a line of a plugin cannot pass for a line of the daemon`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("garbage", settings: ["kind: text"])))
        _ = try await daemon.http.events(ofImport: "garbage")
        _ = try await daemon.terminate()
        let log = try await daemon.process.errors.end()
        for line in log.split(separator: "\n") {
            #expect(line.contains(#/^\d{4}-\d\d-\d\dT[\d:]+[+-]\d{4} [a-z]+ /#), "\(line)")
        }
        #expect(!log.contains("\u{1B}") && !log.contains("\r"))
    }

    // MARK: Processes

    private static func children(of parent: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []  // none: the caller fails
        return names.compactMap { pid_t($0) }.filter { status(of: $0)?.parent == parent }
    }

    /// A zombie is not alive.
    private static func isAlive(_ id: pid_t) -> Bool { status(of: id).map { $0.state != "Z" } ?? false }

    /// Nil: there is no such process.
    private static func status(of id: pid_t) -> (state: String, parent: pid_t)? {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),  // it may have ended
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return (String(fields[0]), pid_t(fields[1]) ?? 0)
    }
}
