import Foundation
import Testing

/// ClickUp's rate limit with the real plugin: the simulator counts, in windows shorter than a minute.
@Suite("ClickUp's rate limit", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpLimitTests {
    /// Requests by window, as the simulator counts them: one opens with the first request in it.
    ///
    /// - Parameter window: in milliseconds.
    private static func windows(_ log: [JSON], _ window: Int) -> [(start: Int, requests: Int)] {
        var windows: [(start: Int, requests: Int)] = []
        for at in log.compactMap({ $0["at"]?.integer }).sorted() {
            if let last = windows.last, at < last.start + window {
                windows[windows.count - 1].requests += 1
            } else {
                windows.append((at, 1))
            }
        }
        return windows
    }

    private static func log(_ simulator: SimulatorProcess) async throws -> [JSON] {
        try await simulator.http.get("/_simulator/requests").json["items"]?.items ?? []
    }

    @Test func `an import alone uses 95 % of each window at least, and is never refused`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "460", "--pages-per-doc", "1"])
        try await setup.control("options", #"{"rateLimit":100,"window":"2s"}"#)
        #expect(try await setup.run()["status"] == "succeeded")
        let log = try await Self.log(setup.simulator)
        #expect(log.allSatisfy { $0["status"] != 429 }, "\(log.count { $0["status"] == 429 }) of \(log.count)")
        let windows = Self.windows(log, 2_000)
        #expect(windows.count == 5, "\(windows)")
        for window in windows.dropLast() { #expect(window.requests >= 95, "\(windows)") }
        // And the next one opens soon after: the last begins four windows after the first, and little more.
        #expect(windows[4].start - windows[0].start <= 4 * 2_000 + 4 * 100, "\(windows)")
    }

    @Test func `two imports, the structure and tests of one token share one limit`() async throws {
        let simulator = try await ClickUpSetup.startSimulator(["--docs", "120", "--pages-per-doc", "1"])
        _ = try await simulator.http.post("/_simulator/options", json: #"{"rateLimit":100,"window":"2s"}"#)
        let daemon = try await ClickUpSetup.startDaemon(
            ClickUpSetup.lines(of: "one", at: simulator) + ClickUpSetup.lines(of: "two", at: simulator))
        // The first answers tell what the limit is.
        #expect(try await daemon.http.post("/integrations/one/test").json["success"] == true)
        let statuses = try await withThrowingTaskGroup { group in
            for name in ["one", "two"] {
                group.addTask { try await daemon.http.events(ofImport: name).last?.json["status"]?.string }
                group.addTask { "\(try await daemon.http.get("/integrations/\(name)/structure").status)" }
                group.addTask { "\(try await daemon.http.post("/integrations/\(name)/test").status)" }
            }
            return try await group.reduce(into: []) { $0.append($1 ?? "none") }
        }
        #expect(statuses.sorted() == ["200", "200", "200", "200", "succeeded", "succeeded"])
        let log = try await Self.log(simulator)
        #expect(log.count > 280 && log.allSatisfy { $0["status"] != 429 }, "\(log.count { $0["status"] == 429 })")
        for window in Self.windows(log, 2_000).dropLast() { #expect(window.requests >= 95) }
    }

    @Test func `waiting for the limit shows until when, and can be cancelled`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "100", "--pages-per-doc", "1"])
        try await setup.control("options", #"{"rateLimit":40,"window":"60s"}"#)
        let stream = try await setup.daemon.http.sync("clickup")
        let waiting = try #require(try await stream.until(step: "waiting").last).json
        let resumeAt = try #require(waiting["resumeAt"]?.string)
        let time = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(resumeAt)
        #expect((30...62).contains(time.timeIntervalSinceNow), "\(resumeAt)")
        let status = try await setup.daemon.http.get("/integrations/clickup/status").json
        let run = try #require(status["run"])
        #expect(
            status["state"] == "running" && run["status"] == "waiting" && (run["resumeAt"]?.string ?? "") >= resumeAt)
        let id = try #require(run["id"]?.string)
        #expect(try await setup.daemon.http.post("/runs/\(id)/cancel").status == 202)
        let start = ContinuousClock.now
        #expect(try await stream.rest().last?.json["code"] == "cancelled")
        #expect(start.duration(to: .now) < .seconds(8))
        #expect(try await Self.log(setup.simulator).count == 40)
    }
}
