import Foundation
import Testing

/// Imports of a part, by the settings or by one run's options.
@Suite("Choosing from ClickUp", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpChoiceTests {
    private static let size = ["--tasks", "120", "--docs", "14", "--comments", "1", "--rate-limit", "100000"]

    private static func truth(_ setup: ClickUpSetup) async throws -> [JSON] {
        try await setup.simulator.http.get("/_simulator/truth").json["items"]?.items ?? []
    }

    private static func keys(_ items: [JSON], _ collection: String) -> Set<String> {
        Set(items.filter { $0["collection"]?.string == collection }.compactMap { $0["id"]?.string })
    }

    private static func stored(_ setup: ClickUpSetup, _ collection: String) async throws -> Set<String> {
        Set(try await setup.stored("collection=\(collection)&limit=1000").compactMap { $0["externalId"]?.string })
    }

    /// Space 90100001 has folders 90200010, 90200011 and lists 90300100, 90300101, ….
    private static let space = "90100001", list = "90300100", folder = "90200010"

    @Test func `a space has all that is in it, and nothing else`() async throws {
        let setup = try await ClickUpSetup.start(Self.size, settings: ["space_ids: [\"\(Self.space)\"]"])
        #expect(try await setup.run()["status"] == "succeeded")
        let truth = try await Self.truth(setup)
        let name = try #require(truth.first { $0["id"]?.string == Self.space }?["title"]?.string)
        for collection in ["folders", "lists", "tasks", "docs", "pages"] {
            let expected = Self.keys(truth.filter { $0["path"]?[0]?.string == name }, collection)
            #expect(try await Self.stored(setup, collection) == expected, "\(collection)")
            #expect(!expected.isEmpty)
        }
        #expect(try await Self.stored(setup, "spaces") == [Self.space])
    }

    @Test func `of tasks only those of the chosen places are asked for`() async throws {
        let setup = try await ClickUpSetup.start(
            Self.size, settings: ["list_ids: [\"\(Self.list)\"]", "collections: [lists, tasks]"])
        let run = try await setup.run()
        #expect(try await !Self.stored(setup, "tasks").isEmpty)
        #expect(run["result"]?["breakdown"]?["tasks"]?["skipped"] == 0)
    }

    @Test func `a list or a folder brings its tasks, and what is excluded stays out`() async throws {
        let setup = try await ClickUpSetup.start(
            Self.size,
            settings: [
                "list_ids: [\"\(Self.list)\"]", "folder_ids: [\"90200000\"]", "exclude_list_ids: [\"90300000\"]",
                "collections: [lists, tasks]",
            ])
        #expect(try await setup.run()["status"] == "succeeded")
        let lists = try await Self.stored(setup, "lists")
        #expect(lists == [Self.list, "90300001"])
        let tasks = try await setup.stored("collection=tasks&limit=1000")
        #expect(!tasks.isEmpty)
        for task in tasks { #expect(lists.contains(task["metadata"]?["list"]?["id"]?.string ?? "")) }
    }

    @Test func `a narrowed run leaves the rest of the store and the place of the next import alone`() async throws {
        let setup = try await ClickUpSetup.start(Self.size, settings: [])
        #expect(try await setup.run()["status"] == "succeeded")
        #expect(try await ClickUpTruth.differences(setup) == [])
        let before = try await setup.stored().count
        for options in [
            #"{"settings":{"list_ids":["\#(Self.list)"]}}"#, #"{"settings":{"include_archived":false}}"#,
            #"{"settings":{"exclude_space_ids":["\#(Self.space)"]}}"#, #"{"settings":{"since":"2025-01-02"}}"#,
            #"{"settings":{"collections":["docs"]}}"#, #"{"collections":["tasks"]}"#,
            #"{"settings":{"space_ids":["\#(Self.space)"],"sweep":"now"}}"#,
        ] {
            #expect(try await setup.run(options)["status"] == "succeeded", "\(options)")
            #expect(try await setup.stored().count == before, "\(options)")
        }
        _ = try await setup.asked()
        #expect(try await setup.run()["status"] == "succeeded")
        // An import of what has changed, as if none of these had been.
        #expect(try await setup.asked().filter { $0.contains("/team/9001234/task?") }.count == 2)
        #expect(try await ClickUpTruth.differences(setup) == [])
    }

    @Test func `docs and tasks may be chosen one by one`() async throws {
        let setup = try await ClickUpSetup.start(Self.size, settings: [])
        let truth = try await Self.truth(setup)
        let doc = try #require(Self.keys(truth, "docs").sorted().first)
        let task = try #require(Self.keys(truth, "tasks").sorted().first)
        _ = try await setup.asked()
        let run = try await setup.run(#"{"settings":{"doc_ids":["\#(doc)"],"task_ids":["\#(task)"]}}"#)
        #expect(run["status"] == "succeeded", "\(run)")
        #expect(try await Self.stored(setup, "docs") == [doc])
        #expect(try await Self.stored(setup, "tasks") == [task])
        let listings = try await setup.asked().filter { $0.hasSuffix("/docs?") || $0.contains("/team/9001234/task") }
        #expect(listings.isEmpty, "\(listings)")
        // A task that ClickUp calls deleted goes.
        try await setup.control("tasks/\(task)", #"{"delete":true}"#)
        #expect(try await setup.run(#"{"settings":{"task_ids":["\#(task)"]}}"#)["status"] == "succeeded")
        #expect(try await Self.stored(setup, "tasks").isEmpty)
    }

    @Test func `since leaves out what is older`() async throws {
        let setup = try await ClickUpSetup.start(
            Self.size, settings: ["since: \"2025-02-01\"", "collections: [tasks, docs, pages]"])
        #expect(try await setup.run()["status"] == "succeeded")
        let tasks = try await setup.stored("collection=tasks&limit=1000")
        #expect(!tasks.isEmpty && tasks.count < 120)
        for task in tasks { #expect((task["updatedAt"]?.string ?? "") >= "2025-02-01") }
        for doc in try await setup.stored("collection=docs") {
            #expect((doc["updatedAt"]?.string ?? "") >= "2025-02-01")
        }
    }

    @Test func `where the token goes is nothing that a run may choose`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "1", "--docs", "1"], settings: [])
        for options in [
            #"{"settings":{"base_url":"http://127.0.0.1:1"}}"#, #"{"settings":{"workspace_id":"5"}}"#,
            #"{"settings":{"api_token":"x"}}"#, #"{"settings":{"webhook_secret":"x"}}"#,
            #"{"settings":{"max_concurrent_requests":1}}"#,
        ] {
            let answer = try await setup.daemon.http.post("/integrations/clickup/sync", json: options)
            #expect(answer.code == "settings-invalid", "\(options): \(answer.text)")
        }
    }

    @Test func `tasks follow their list to its new name, also where a run took the list alone`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "40", "--docs", "1"], settings: [])
        _ = try await setup.run()
        let task = try #require(
            try await setup.stored("collection=tasks&limit=1000").first { $0["parent"]?["collection"] == "lists" })
        let list = try #require(task["parent"]?["id"]?.string)
        try await setup.control("lists/\(list)", #"{"name":"Renamed"}"#)
        _ = try await setup.run(#"{"collections":["lists"]}"#)
        _ = try await setup.run()
        #expect(try await ClickUpTruth.differences(setup) == [])
        // And then it is known.
        _ = try await setup.asked()
        _ = try await setup.run()
        #expect(try await setup.asked().allSatisfy { !$0.contains("list_ids") })
    }
}
