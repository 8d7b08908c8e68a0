import Testing

/// How many requests an import makes, exactly: the simulator counts them.
@Suite("Requests to ClickUp", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpRequestTests {
    private static let core = ["collections: [spaces, folders, lists, tasks, docs, pages, members]"]
    /// As the simulator makes them: S spaces of 3 folders and 3 archived lists or lists in archived
    /// places each.
    private static let (spaces, tasks, docs) = (3, 500, 110)

    private static func pages(_ count: Int) -> Int { (count + 99) / 100 }

    private static func setup(_ settings: [String], _ arguments: [String] = []) async throws -> ClickUpSetup {
        try await ClickUpSetup.start(
            ["--tasks", "\(tasks)", "--docs", "\(docs)", "--pages-per-doc", "1", "--rate-limit", "100000"] + arguments,
            settings: settings)
    }

    @Test func `without what is archived a core import is the sum of its parts`() async throws {
        let setup = try await Self.setup(Self.core + ["include_archived: false"])
        #expect(try await setup.run()["status"] == "succeeded")
        let asked = try await setup.asked()
        let listed = try await setup.stored("collection=tasks&limit=1000").count
        // 2 for the workspace and its spaces; the docs of an invisible and of an archived place ask for that.
        let least = 2 + 2 * Self.spaces + Self.pages(listed) + Self.pages(Self.docs) + Self.docs
        #expect(asked.count <= least + 5 && Double(asked.count) <= 1.05 * Double(least), "\(asked.count) of \(least)")
    }

    @Test func `what is archived costs what the README says`() async throws {
        let setup = try await Self.setup(Self.core)
        #expect(try await setup.run()["status"] == "succeeded")
        let asked = try await setup.asked()
        let least = 2 + 2 * Self.spaces + Self.pages(Self.tasks) + Self.pages(Self.docs) + Self.docs
        // One listing each of archived spaces, docs and tasks; two for a space; one for a folder; two
        // for each list that the workspace's listing of tasks leaves out.
        let archived = 3 + 2 * Self.spaces + 3 * Self.spaces + 2 * 3 * Self.spaces
        #expect(Double(asked.count) <= 1.05 * Double(least) + Double(archived), "\(asked.count)")
    }

    @Test func `where nothing has changed an import asks for the structure and one page of each listing`() async throws
    {
        let setup = try await Self.setup(Self.core + ["include_archived: false"])
        _ = try await setup.run()
        _ = try await setup.asked()
        let change = try await setup.stored("changedAfter=0&limit=1000").compactMap { $0["change"]?.integer }.max() ?? 0
        let run = try await setup.run()
        #expect(run["status"] == "succeeded")
        let asked = try await setup.asked()
        let invisible = asked.count { $0.hasPrefix("/api/v2/list/9") && !$0.contains("/task") }
        #expect(asked.count - invisible == 2 + 2 * Self.spaces + 1 + Self.pages(Self.docs), "\(asked)")
        #expect(invisible <= 3)
        #expect(try await setup.stored("changedAfter=\(change)").isEmpty)
    }

    @Test func `comments cost their own pages and replies`() async throws {
        let setup = try await ClickUpSetup.start(
            ["--tasks", "60", "--docs", "5", "--comments", "30", "--rate-limit", "100000"],
            settings: ["collections: [spaces, folders, lists, tasks, docs, pages, members, comments]"])
        #expect(try await setup.run()["status"] == "succeeded")
        let asked = try await setup.asked()
        let truth = try await setup.simulator.http.get("/_simulator/truth").json["items"]?.items ?? []
        let comments = truth.filter { $0["collection"] == "comments" }
        let places = truth.filter { $0["collection"] == "tasks" || $0["collection"] == "lists" }
        let commented = Dictionary(grouping: comments.filter { $0["parent"]?.string?.hasPrefix("comments/") == false })
        {
            $0["parent"]?.string ?? ""
        }
        #expect(commented.keys.contains { $0.hasPrefix("lists/") })
        let answered = Set(comments.compactMap { $0["parent"]?.string }.filter { $0.hasPrefix("comments/") })
        // A page of 25 may be the last: only the next one, which is empty, tells.
        let pages = places.count - commented.count + commented.values.reduce(0) { $0 + $1.count / 25 + 1 }
        #expect(asked.count { $0.contains("/comment?") } == pages)
        #expect(asked.count { $0.contains("/reply") } == answered.count)
        #expect(try await ClickUpTruth.differences(setup, collections: ["comments"], stillStored: { _ in true }) == [])
    }

    @Test func `comments of lists are looked for whenever all tasks are, and of a list that is new`() async throws {
        let setup = try await ClickUpSetup.start(
            ["--tasks", "10", "--docs", "1"], settings: [])
        _ = try await setup.run()
        let list = try #require(try await setup.stored("collection=lists&limit=1").first?["externalId"]?.string)
        try await setup.control("lists/\(list)", #"{"comment":"One more"}"#)
        _ = try await setup.asked()
        _ = try await setup.run()
        #expect(try await setup.asked().allSatisfy { !$0.contains("/comment") })
        try await setup.control("lists/\(list)", #"{"name":"Renamed"}"#)
        _ = try await setup.run()
        let ofLists = try await setup.asked().filter { $0.contains("/comment?") && $0.contains("/list/") }
        #expect(Set(ofLists.map { $0.prefix { $0 != "?" } }) == ["/api/v2/list/\(list)/comment"])
        #expect(try await ClickUpTruth.differences(setup) == [])
        try await setup.control("lists/\(list)", #"{"comment":"And another"}"#)
        let lists = try await setup.stored("collection=lists&limit=1000").count
        _ = try await setup.run(#"{"settings":{"sweep":"now"}}"#)
        let asked = try await setup.asked().filter { $0.contains("/comment?") }
        #expect(Set(asked.map { $0.prefix { $0 != "?" } }).count == lists && asked.allSatisfy { $0.contains("/list/") })
        #expect(try await ClickUpTruth.differences(setup) == [])
    }

    @Test func `the comments of a task that has changed are fetched again, and no others`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "40", "--docs", "1"], settings: [])
        _ = try await setup.run()
        let tasks = try await setup.stored("collection=tasks&limit=1000").compactMap { $0["externalId"]?.string }
        let one = try #require(tasks.first)
        try await setup.control("tasks/\(one)", #"{"comment":"One more"}"#)
        _ = try await setup.asked()
        #expect(try await setup.run()["status"] == "succeeded")
        let asked = try await setup.asked()
        #expect(asked.filter { $0.contains("/comment?") } == ["/api/v2/task/\(one)/comment?"])
        #expect(try await ClickUpTruth.differences(setup) == [])
        // And once they are there, not again.
        _ = try await setup.run()
        #expect(try await setup.asked().allSatisfy { !$0.contains("/comment") })
    }
}
