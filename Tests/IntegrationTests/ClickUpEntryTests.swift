import Foundation
import Testing

/// The entries beside an import, schedules and the guard of deletions, with the real plugin.
@Suite("Testing and choosing from ClickUp", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpEntryTests {
    @Test func `a test makes two requests, and says who asks, what the token opens and the plan's limit`() async throws
    {
        let setup = try await ClickUpSetup.start(["--rate-limit", "100"])
        let answer = try await setup.daemon.http.post("/integrations/clickup/test").json
        #expect(answer["success"] == true, "\(answer)")
        #expect(answer["account"]?.string?.isEmpty == false)
        #expect(answer["details"]?["workspace"]?["id"] == .string(ClickUpSetup.workspace))
        let workspaces = try #require(answer["details"]?["workspaces"]?.items)
        #expect(workspaces.count == 1 && workspaces[0]["name"]?.string?.isEmpty == false)
        #expect(answer["details"]?["requestsPerMinute"] == 100)
        #expect(try await setup.requests().paths.sorted() == ["/api/v2/team", "/api/v2/user"])
    }

    @Test func `a test of the wrong workspace names those there are, and one of a wrong token asks once`() async throws
    {
        let simulator = try await ClickUpSetup.startSimulator()
        let setup = ClickUpSetup(
            simulator: simulator,
            daemon: try await ClickUpSetup.startDaemon(
                ClickUpSetup.lines(of: "elsewhere", at: simulator, workspace: "555")
                    + ClickUpSetup.lines(of: "clickup", at: simulator)))
        let elsewhere = try await setup.daemon.http.post("/integrations/elsewhere/test").json
        #expect(elsewhere["success"] == false && elsewhere["code"] == "upstream-not-found")
        let error = try #require(elsewhere["error"]?.string)
        #expect(error.contains("555") && error.contains(ClickUpSetup.workspace), "\(error)")
        #expect(try await setup.requests().paths.count <= 2)

        let wrong = ClickUpSetup(
            simulator: simulator,
            daemon: try await ClickUpSetup.startDaemon(
                ClickUpSetup.lines(of: "clickup", at: simulator), token: "pk_wrong"))
        let refused = try await wrong.daemon.http.post("/integrations/clickup/test").json
        #expect(refused["success"] == false && refused["code"] == "upstream-unauthorized", "\(refused)")
        #expect(try await wrong.requests().paths.count == 1)
    }

    @Test func `the structure has every place and doc, in its place, with counts`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "14", "--tasks", "80"], settings: [])
        #expect(try await setup.run()["status"] == "succeeded")
        let answer = try await setup.daemon.http.get("/integrations/clickup/structure")
        let nodes = try #require(try answer.json["nodes"]?.items)
        #expect(nodes.count == 1 && nodes[0]["kind"] == "workspace", "\(answer.text)")
        var found: [String: String] = [:]
        func walk(_ node: JSON, below parent: String?) {
            let key = "\(node["kind"]?.string ?? "?")s/\(node["id"]?.string ?? "?")"
            found[key] = parent ?? ""
            for child in node["nodes"]?.items ?? [] { walk(child, below: node["kind"] == "workspace" ? "" : key) }
        }
        walk(nodes[0], below: nil)
        found["workspaces/\(ClickUpSetup.workspace)"] = nil
        let stored = try await setup.stored("limit=1000").filter {
            ["spaces", "folders", "lists", "docs"].contains($0["collection"]?.string ?? "")
        }
        let expected = Dictionary(
            uniqueKeysWithValues: stored.map { item in
                let parent = item["parent"].map {
                    "\($0["collection"]?.string ?? "?")/\($0["externalId"]?.string ?? "?")"
                }
                return (ClickUpDocument.key(item), ClickUpDocument(item).parent ?? parent ?? "")
            })
        #expect(found == expected)
        // Archived tasks are not in ClickUp's own count of a list.
        let tasks = try await setup.stored("collection=tasks&include=metadata&limit=1000").count {
            $0["metadata"]?["archived"] != true
        }
        #expect(nodes[0]["count"]?.integer == tasks + 14)
    }

    @Test func `a schedule imports, and after the first time only what has changed`() async throws {
        let simulator = try await ClickUpSetup.startSimulator(["--tasks", "30", "--docs", "3"])
        let setup = ClickUpSetup(
            simulator: simulator,
            daemon: try await ClickUpSetup.startDaemon(
                ClickUpSetup.lines(of: "clickup", at: simulator, settings: [], more: ["schedule: every 1s"])))
        func ended() async throws -> [JSON] {
            try await setup.daemon.runs().filter { $0["status"] == "succeeded" }.reversed()
        }
        try await eventually("two scheduled imports") { try await ended().count >= 2 }
        let runs = try await ended()
        #expect(runs.allSatisfy { $0["requestedBy"] == "schedule" })
        let imported = runs.map { $0["result"]?["breakdown"]?["tasks"]?["new"]?.integer }
        #expect(imported[0] == 30 && (imported[1] ?? 0) == 0, "\(imported)")
        let task = try #require(try await setup.stored("collection=tasks").first?["externalId"]?.string)
        try await setup.control("tasks/\(task)", #"{"name":"Seen by the next"}"#)
        try await eventually("the next import brings it") {
            try await ClickUpTruth.differences(setup).isEmpty
        }
    }

    @Test func `when half of the tasks are gone they stay until that is allowed`() async throws {
        let collections = ["spaces", "folders", "lists", "tasks", "docs", "pages", "members"]
        let setup = try await ClickUpSetup.start(
            ["--tasks", "40", "--docs", "2"], settings: ["collections: [\(collections.joined(separator: ", "))]"])
        #expect(try await setup.run()["status"] == "succeeded")
        let tasks = try await setup.stored("collection=tasks&limit=1000").compactMap { $0["externalId"]?.string }
        for task in tasks.prefix(25) {
            // Subtasks are gone with the task above them.
            _ = try await setup.simulator.http.post("/_simulator/tasks/\(task)", json: #"{"delete":true}"#)
        }
        let refused = try await setup.run(#"{"full":true}"#)
        #expect(refused["status"] == "completed_with_errors", "\(refused)")
        let report = try await setup.reports()
        #expect(report.contains { $0["code"] == "mass-delete" && $0["collection"] == "tasks" }, "\(report)")
        #expect(try await setup.stored("collection=tasks&limit=1000").count == tasks.count)
        let allowed = try await setup.run(#"{"full":true,"allowMassDelete":true}"#)
        #expect(allowed["status"] == "succeeded", "\(allowed)")
        #expect(try await ClickUpTruth.differences(setup, collections: Set(collections)) == [])
    }
}
