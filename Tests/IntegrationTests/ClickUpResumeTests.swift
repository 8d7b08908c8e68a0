import Foundation
import Testing

/// Imports that are cut short, and what they find when they go on.
@Suite("Going on with ClickUp", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpResumeTests {
    private static let size = [
        "--tasks", "550", "--docs", "130", "--pages-per-doc", "1", "--comments", "0", "--rate-limit", "100000",
    ]
    private static let core = ["collections: [spaces, folders, lists, tasks, docs, pages]"]
    private static let collections: Set<String> = ["spaces", "folders", "lists", "tasks", "docs", "pages"]

    /// Starts an import, and returns its id once so many requests were made.
    private static func begin(
        _ setup: ClickUpSetup, _ options: String = "{}", until: (_ asked: [String]) -> Bool
    ) async throws -> String {
        let started = try await setup.daemon.http.post("/integrations/clickup/sync", json: options).json
        let run = try #require(started["id"]?.string)
        try await eventually("the import is under way") {
            let log = try await setup.simulator.http.get("/_simulator/requests").json["items"]?.items ?? []
            return until(log.map { "\($0["path"]?.string ?? "")?\($0["query"]?.string ?? "")" })
        }
        return run
    }

    /// How often each page of each listing was fetched.
    private static func pages(_ asked: [String]) -> [String: Int] {
        asked.filter { $0.contains("/task?") || $0.contains("/docs?") }.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func isFar(_ asked: [String]) -> Bool {
        asked.count { $0.contains("/team/9001234/task?") } >= 5 && asked.contains { $0.contains("&cursor=") }
    }

    /// Fetched more than once, by listing.
    private static func again(_ asked: [String]) -> [String: Int] {
        pages(asked).filter { $0.value > 1 }.reduce(into: [:]) { again, page in
            let path = page.key.prefix { $0 != "?" }
            again["\(path)\(page.key.contains("archived=true") ? " archived" : "")", default: 0] += page.value - 1
        }
    }

    /// The last two chose something for themselves.
    @Test(arguments: 1...8)
    func `an import that is killed anywhere fetches of each listing one page again at the most`(seed: UInt64)
        async throws
    {
        let options = seed > 6 ? #"{"settings":{"sweep":"never"}}"# : "{}"
        let folder = try TemporaryFolder()
        let simulator = try await ClickUpSetup.startSimulator(Self.size + ["--latency", "10ms"])
        let integration = ClickUpSetup.lines(
            of: "clickup", at: simulator, settings: Self.core + ["max_concurrent_requests: 4"])
        let first = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        // Of some 210 requests, those of the listings are among the first hundred.
        let point = Int(seed &* 2_654_435_761 % 90) + 5
        let run = try await Self.begin(first, options) { $0.count >= point }
        try await first.daemon.kill()
        let second = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        #expect(try await second.end(of: run)["status"] == "succeeded")
        #expect(try await ClickUpTruth.differences(second, collections: Self.collections) == [])
        let again = Self.again(try await second.asked())
        #expect(again.values.allSatisfy { $0 == 1 }, "killed after \(point) requests: \(again)")
    }

    @Test func `of docs no page of the listing is fetched again, and few of those that were stored`() async throws {
        let folder = try TemporaryFolder()
        let simulator = try await ClickUpSetup.startSimulator([
            "--tasks", "0", "--docs", "330", "--pages-per-doc", "1", "--rate-limit", "100000", "--latency", "20ms",
        ])
        let integration = ClickUpSetup.lines(
            of: "clickup", at: simulator,
            settings: ["collections: [spaces, docs, pages]", "max_concurrent_requests: 4"])
        let first = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        let run = try await Self.begin(first) { $0.count { $0.contains("/pages?") } >= 200 }
        try await first.daemon.kill()
        let second = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        #expect(try await second.end(of: run)["status"] == "succeeded")
        let differences = try await ClickUpTruth.differences(second, collections: ["spaces", "docs", "pages"])
        #expect(differences == [], "\(differences.prefix(10))")
        let asked = try await second.asked()
        #expect(Self.pages(asked).values.allSatisfy { $0 == 1 }, "\(Self.pages(asked))")
        // A page of the listing at the most, and what was in flight.
        #expect(asked.count { $0.contains("/pages?") } <= 330 + 100 + 4)
    }

    @Test func `an import that is cancelled is gone on with by the next, which deletes nothing`() async throws {
        let setup = try await ClickUpSetup.start(
            Self.size + ["--latency", "60ms"], settings: Self.core + ["max_concurrent_requests: 4"])
        let run = try await Self.begin(setup, until: Self.isFar)
        #expect(try await setup.daemon.http.post("/runs/\(run)/cancel").status == 202)
        #expect(try await setup.end(of: run)["status"] == "cancelled")
        let changed = try #require(try await setup.stored("collection=tasks&limit=1").first?["externalId"]?.string)
        try await setup.control("tasks/\(changed)", #"{"name":"Changed meanwhile"}"#)
        let next = try await setup.run()
        #expect(next["status"] == "succeeded", "\(next)")
        #expect(next["result"]?["report"]?.items.contains { $0["code"] == "continued" } == true)
        for name in ["tasks", "docs", "pages", "lists"] {
            #expect(next["result"]?["breakdown"]?[name]?["deleted"] ?? 0 == 0, "\(name)")
        }
        #expect(try await ClickUpTruth.differences(setup, collections: Self.collections) == [])
        let again = Self.again(try await setup.asked())
        #expect(again.values.allSatisfy { $0 == 1 }, "\(again)")
    }

    @Test(arguments: [60, 75, 90])
    func `of comments too one page of a listing is fetched again at the most, and of what came before nothing`(
        point: Int
    ) async throws {
        let folder = try TemporaryFolder()
        let simulator = try await ClickUpSetup.startSimulator([
            "--tasks", "30", "--docs", "130", "--pages-per-doc", "1", "--comments", "60", "--rate-limit", "100000",
            "--latency", "10ms",
        ])
        let integration = ClickUpSetup.lines(
            of: "clickup", at: simulator, settings: ["max_concurrent_requests: 4"])
        let first = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        let run = try await Self.begin(first) { $0.count { $0.contains("/comment?") } >= point }
        try await first.daemon.kill()
        let second = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        #expect(try await second.end(of: run)["status"] == "succeeded")
        #expect(try await ClickUpTruth.differences(second) == [])
        let asked = try await second.asked()
        let again = Dictionary(grouping: asked.filter { $0.contains("/comment?") }) { $0.prefix { $0 != "?" } }
            .mapValues { $0.count - Set($0).count }
        #expect(again.values.allSatisfy { $0 <= 1 }, "killed after \(point) pages: \(again.filter { $0.value > 1 })")
        #expect(Self.again(asked) == [:])
    }

    @Test func `the second phase goes on where it stood`() async throws {
        let folder = try TemporaryFolder()
        let simulator = try await ClickUpSetup.startSimulator([
            "--tasks", "150", "--docs", "1", "--comments", "2", "--rate-limit", "100000", "--latency", "10ms",
        ])
        let integration = ClickUpSetup.lines(of: "clickup", at: simulator, settings: ["max_concurrent_requests: 4"])
        let first = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        let run = try await Self.begin(first) { $0.count { $0.contains("/comment?") } >= 70 }
        try await first.daemon.kill()
        let second = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        #expect(try await second.end(of: run)["status"] == "succeeded")
        #expect(try await ClickUpTruth.differences(second) == [])
        let asked = try await second.asked().filter { $0.contains("/comment?") }
        // What was done up to the last checkpoint is not fetched again: 25 tasks or lists and what was in flight.
        #expect(asked.count - Set(asked).count <= 25 + 2 * 4, "\(asked.count)")
    }

    @Test func `comments that could not be had are fetched by the next import`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "30", "--docs", "1"], settings: [])
        let task = try #require(
            try await setup.simulator.http.get("/_simulator/truth").json["items"]?.items
                .first { $0["parent"]?.string?.hasPrefix("tasks/") == true && $0["collection"] == "comments" }?[
                    "parent"]?
                .string?.dropFirst(6))
        try await setup.control("faults", #"{"match":{"path":"*/\#(task)/comment"},"times":"always","status":500}"#)
        let run = try await setup.run()
        #expect(run["status"] == "completed_with_errors" && run["result"]?["totalFailed"] == 0)
        let reported = try await setup.reports().filter { $0["kind"] == "failed" }
        #expect(reported.count == 1 && reported[0]["message"]?.string?.contains("(\(task))") == true, "\(reported)")
        _ = try await setup.simulator.http.send("DELETE", "/_simulator/faults")
        _ = try await setup.asked()
        #expect(try await setup.run()["status"] == "succeeded")
        #expect(try await setup.asked().filter { $0.contains("/comment?") } == ["/api/v2/task/\(task)/comment?"])
        #expect(try await ClickUpTruth.differences(setup) == [])
    }

    @Test func `comments that are refused twice are tried again by a sweep, and cost nothing until then`() async throws
    {
        let setup = try await ClickUpSetup.start(["--tasks", "30", "--docs", "1"], settings: [])
        #expect(try await setup.run()["status"] == "succeeded")
        let task = try #require(try await setup.stored("collection=tasks&limit=1").first?["externalId"]?.string)
        try await setup.control("tasks/\(task)", #"{"comment":"Said in private"}"#)
        try await setup.control("faults", #"{"match":{"path":"*/\#(task)/comment"},"times":"always","status":403}"#)
        for status in ["completed_with_errors", "completed_with_errors", "succeeded", "succeeded"] {
            _ = try await setup.asked()
            #expect(try await setup.run()["status"]?.string == status)
            let asked = try await setup.asked().filter { $0.contains("/comment?") }
            #expect(asked.isEmpty == (status == "succeeded"), "\(asked)")
        }
        #expect(try await setup.reports().contains { $0["code"] == "tried-later" })
        try await setup.reload(ClickUpSetup.lines(of: "clickup", at: setup.simulator, settings: ["sweep: now"]))
        #expect(try await setup.run()["status"] == "completed_with_errors")
        try await setup.forgetFaults()
        #expect(try await setup.run()["status"] == "succeeded")
        #expect(try await ClickUpTruth.differences(setup) == [])
    }

    @Test func `a sweep finds the tasks that are gone, an import of changes does not`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "50", "--docs", "1"], settings: [])
        _ = try await setup.run()
        let task = try #require(try await setup.stored("collection=tasks&limit=1").first?["externalId"]?.string)
        try await setup.control("tasks/\(task)", #"{"delete":true}"#)
        let changes = try await setup.run()
        #expect(changes["result"]?["breakdown"]?["tasks"]?["deleted"] ?? 0 == 0, "\(changes)")
        let swept = try await setup.run(#"{"settings":{"sweep":"now"}}"#)
        #expect(swept["result"]?["breakdown"]?["tasks"]?["deleted"]?.integer ?? 0 > 0, "\(swept)")
        #expect(try await ClickUpTruth.differences(setup) == [])
        let gone = try await setup.stored("changedAfter=0&limit=1000").filter { $0["externalId"]?.string == task }
        #expect(gone.count == 1 && gone[0]["deletedAt"]?.string != nil)
    }
}
