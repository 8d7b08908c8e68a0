import Foundation
import Testing

/// From a change in the workspace, through a delivery that the simulator signs, to the store.
@Suite("Webhooks of ClickUp", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpWebhookTests {
    private static let size = ["--tasks", "60", "--docs", "4", "--rate-limit", "100000"]

    private static func tool(_ words: [String], _ setup: ClickUpSetup, token: String? = ClickUpSetup.token)
        async throws -> Command
    {
        try await Command.run(
            words + ["--workspace", ClickUpSetup.workspace, "--base-url", setup.simulator.address],
            in: setup.daemon.folder, program: BuildProducts.webhookTool,
            environment: token.map { ["CLICKUP_API_TOKEN": $0] } ?? [:])
    }

    private static func endpoint(_ setup: ClickUpSetup) -> String {
        "http://127.0.0.1:\(setup.daemon.port)/integrations/clickup/webhook"
    }

    /// Registers a webhook by the tool, as people do.
    private static func register(_ setup: ClickUpSetup) async throws -> (id: String, secret: String) {
        let registered = try await tool(["register", endpoint(setup)], setup)
        #expect(registered.status == .exited(0), "\(registered.errors)")
        func value(_ name: String) -> String? {
            registered.lines.first { $0.hasPrefix(name + ":") }?.split(separator: " ").last.map(String.init)
        }
        return (try #require(value("id")), try #require(value("secret")))
    }

    /// A workspace that has been imported, whose webhook the daemon knows.
    private static func start(secret: String? = nil) async throws -> ClickUpSetup {
        let setup = try await ClickUpSetup.start(size, settings: [])
        let own = try await register(setup).secret
        try await setup.reload(
            ClickUpSetup.lines(
                of: "clickup", at: setup.simulator, settings: ["webhook_secret: \"\(secret ?? own)\""]))
        #expect(try await setup.run()["status"] == "succeeded")
        return setup
    }

    private static func deliveries(_ setup: ClickUpSetup, _ count: Int) async throws -> [JSON] {
        try await eventually("all is delivered") {
            let log = try await setup.simulator.http.get("/_simulator/deliveries").json
            return log["pending"] == 0 && log["items"]?.items.count ?? 0 >= count
        }
        return try await setup.simulator.http.get("/_simulator/deliveries").json["items"]?.items ?? []
    }

    private static func runs(_ setup: ClickUpSetup) async throws -> [JSON] {
        try await setup.daemon.runs().filter { $0["requestedBy"] == "webhook" }
    }

    private static func tasks(_ setup: ClickUpSetup) async throws -> [String] {
        try await setup.stored("collection=tasks&limit=1000").compactMap { $0["externalId"]?.string }
    }

    /// Waits until the webhooks have made the store what the workspace is.
    private static func isTrue(_ setup: ClickUpSetup, _ what: String) async throws {
        let collections: Set = ["spaces", "folders", "lists", "tasks", "comments", "attachments", "members"]
        func differences() async throws -> [String] {
            try await ClickUpTruth.differences(setup, collections: collections) {
                ["docs", "pages"].contains($0["collection"]?.string ?? "")
            }
        }
        do {
            try await eventually(what, within: .seconds(40)) { try await differences().isEmpty }
        } catch {
            Issue.record("\(what): \(try await differences())\n\(try await Self.runs(setup))")
        }
    }

    @Test func `what changes in tasks is in the store after one narrowed run`() async throws {
        let setup = try await Self.start()
        let tasks = try await Self.tasks(setup)
        let (renamed, answered, deleted) = (tasks[0], tasks[1], tasks[2])
        _ = try await setup.asked()
        try await setup.control("tasks/\(renamed)", #"{"name":"Renamed","status":3}"#)
        try await setup.control("tasks/\(answered)", #"{"comment":"One more","attachment":"a.pdf"}"#)
        try await setup.control("tasks/\(deleted)", #"{"delete":true}"#)
        let added = try await setup.control("tasks", #"{"name":"Added","markdown":"New."}"#)
        let deliveries = try await Self.deliveries(setup, 5)
        #expect(deliveries.allSatisfy { $0["status"] == 200 && $0["tries"] == 1 }, "\(deliveries)")
        try await Self.isTrue(setup, "the store follows")
        let runs = try await Self.runs(setup)
        #expect(runs.count == 1 && runs.first?["status"] == "succeeded", "\(runs)")
        let asked = Set(runs[0]["options"]?["settings"]?["task_ids"]?.items.compactMap(\.string) ?? [])
        #expect(asked.isSuperset(of: [renamed, answered, deleted, try #require(added["id"]?.string)]))
        // No listing was read for it.
        #expect(try await setup.asked().allSatisfy { !$0.contains("/team/9001234/task") && !$0.contains("/docs") })
    }

    @Test(arguments: 1...3)
    func `whatever happens to places and tasks, webhooks alone keep the store true`(seed: Int) async throws {
        let setup = try await Self.start()
        for round in 1...3 {
            let changes = try await setup.control("mutate", #"{"seed":\#(seed * 100 + round),"count":8}"#)
            try await Self.isTrue(setup, "after round \(round): \(changes)")
        }
        #expect(try await Self.runs(setup).allSatisfy { $0["endedAt"] == nil || $0["status"] == "succeeded" })
    }

    @Test func `a change that is told again is dropped by the id in its history`() async throws {
        let setup = try await Self.start()
        try await setup.control("options", #"{"webhookRepeats":2}"#)
        let task = try #require(try await Self.tasks(setup).first)
        try await setup.control("tasks/\(task)", #"{"name":"Once"}"#)
        let deliveries = try await Self.deliveries(setup, 3)
        #expect(deliveries.count == 3 && Set(deliveries.compactMap { $0["body"]?.string }).count == 1)
        try await eventually("the run ends") { try await Self.runs(setup).first?["status"] == "succeeded" }
        let before = setup.daemon.log.components(separatedBy: "all of it was here before").count - 1
        #expect(before == 2)
        // Also when the run is over.
        let body = try #require(deliveries[0]["body"]?.string)
        let again = try await setup.daemon.http.send(
            "POST", "/integrations/clickup/webhook", ["X-Signature: \(deliveries[0]["signature"]?.string ?? "")"],
            body: body)
        #expect(again.status == 200)
        try await eventually("it is dropped") {
            setup.daemon.log.components(separatedBy: "all of it was here before").count - 1 == 3
        }
        #expect(try await Self.runs(setup).count == 1)
    }

    @Test func `what is not signed with the secret is refused and starts nothing`() async throws {
        let setup = try await Self.start(secret: "another secret")
        let task = try #require(try await Self.tasks(setup).first)
        try await setup.control("tasks/\(task)", #"{"name":"Forged"}"#)
        let delivery = try #require(try await Self.deliveries(setup, 1).first)
        #expect(delivery["status"] == 401 && delivery["tries"] == 5, "\(delivery)")
        for signature in [[], ["X-Signature: "], ["X-Signature: \(String(repeating: "0", count: 64))"]] {
            let answer = try await setup.daemon.http.send(
                "POST", "/integrations/clickup/webhook", signature, body: delivery["body"]?.string ?? "")
            #expect(answer.status == 401, "\(answer.text)")
        }
        #expect(try await Self.runs(setup).isEmpty)
    }

    /// The minute before the second try is a real one: the log tells when it is over, so nothing is asked meanwhile.
    @Test(arguments: [
        (#""status":401,"body":"{\"err\":\"Token invalid\",\"ECODE\":\"OAUTH_025\"}""#, "upstream-unauthorized"),
        (#""status":503"#, "upstream-unavailable"),
    ])
    func `a run that fails as a whole is tried again after a minute, and the store is what the workspace is`(
        fault: String, code: String
    ) async throws {
        let setup = try await Self.start()
        let tasks = try await Self.tasks(setup)
        _ = try await setup.asked()
        try await setup.control("faults", #"{"times":"always",\#(fault)}"#)
        try await setup.control("tasks/\(tasks[0])", #"{"name":"Renamed","comment":"One more"}"#)
        try await setup.control("tasks/\(tasks[1])", #"{"delete":true}"#)
        let log = setup.daemon.process.errors
        try await log.line(within: .seconds(90)) { $0.contains("has failed: it is tried again at") }
        let first = try #require(try await Self.runs(setup).first)
        #expect(first["status"] == "failed" && first["error"]?["code"]?.string == code, "\(first)")
        #expect(try await setup.asked().allSatisfy { $0 == "/api/v2/team?" })
        try await setup.forgetFaults()
        let others = try await setup.daemon.runs().compactMap { $0["id"]?.string }
        try await log.line(within: .seconds(90)) { line in
            line.contains("Starting ClickUp import") && !others.contains(where: line.contains)
        }
        try await Self.isTrue(setup, "the store follows")
        try await eventually("the second run ends") { try await Self.runs(setup).first?["endedAt"] != nil }
        let runs = try await Self.runs(setup)
        let second = try #require(runs.first)
        #expect(runs.count == 2 && second["status"] == "succeeded" && second["options"] == first["options"], "\(runs)")
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let end = try style.parse(try #require(first["endedAt"]?.string))
        #expect(try style.parse(try #require(second["createdAt"]?.string)).timeIntervalSince(end) >= 60)
    }

    @Test func `the tool registers, lists and removes`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "1", "--docs", "1"], settings: [])
        let (id, secret) = try await Self.register(setup)
        let listed = try await Self.tool(["list"], setup)
        #expect(listed.lines == ["\(id)  active  \(Self.endpoint(setup))"])
        #expect(!listed.output.contains(secret))
        #expect(try await Self.tool(["remove", id], setup).status == .exited(0))
        #expect(try await Self.tool(["list"], setup).lines == ["There are none."])
        let missing = try await Self.tool(["remove", id], setup)
        #expect(missing.status != .exited(0) && missing.errors.contains("Not found"), "\(missing.errors)")
        let refused = try await Self.tool(["list"], setup, token: "pk_wrong")
        #expect(refused.status != .exited(0) && refused.errors.contains("Token invalid"), "\(refused.errors)")
        #expect(!(refused.errors + refused.output).contains("pk_wrong"))
        let without = try await Self.tool(["list"], setup, token: nil)
        #expect(without.status != .exited(0) && without.errors.contains("CLICKUP_API_TOKEN is not set"))
    }
}
