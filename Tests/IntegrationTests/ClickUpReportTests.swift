import Testing

/// What a run's report says, with the daemon and a simulated ClickUp.
@Suite("Reports of ClickUp imports", .realPrograms, .timeLimit(.minutes(10)))
struct ClickUpReportTests {
    private static let size = ["--tasks", "60", "--docs", "14", "--rate-limit", "100000"]

    private static func report(_ run: JSON) -> [JSON] { run["result"]?["report"]?.items ?? [] }

    private static func line(_ run: JSON, _ kind: String, _ collection: String, _ code: String) -> JSON? {
        report(run).first {
            $0["kind"]?.string == kind && $0["collection"]?.string == collection && $0["code"]?.string == code
        }
    }

    @Test func `what a choice leaves out is counted by collection, in each run the same`() async throws {
        let setup = try await ClickUpSetup.start(
            Self.size,
            settings: ["exclude_space_ids: [\"90100001\"]", "collections: [spaces, folders, lists, tasks, docs]"])
        let truth = try await setup.simulator.http.get("/_simulator/truth").json["items"]?.items ?? []
        let name = try #require(truth.first { $0["id"] == "90100001" }?["title"]?.string)
        let first = try await setup.run()
        #expect(first["status"] == "succeeded")
        let breakdown = try #require(first["result"]?["breakdown"])
        #expect(breakdown["spaces"]?["skipped"] == 1)
        for collection in ["folders", "lists", "tasks", "docs"] {
            let inside = truth.filter { $0["collection"]?.string == collection && $0["path"]?[0]?.string == name }.count
            #expect(inside > 0)
            // Tasks in the archived lists of that space are not asked for.
            let skipped = breakdown[collection]?["skipped"]?.integer ?? 0
            #expect(collection == "tasks" ? skipped > 0 && skipped <= inside : skipped == inside, "\(collection)")
            #expect(Self.line(first, "skipped", collection, "excluded")?["count"]?.integer == skipped)
        }
        #expect(
            Self.line(first, "skipped", "spaces", "excluded")?["message"]?.string
                == "Space “\(name)” (90100001) is excluded.")
        let second = try await setup.run()["result"]?["breakdown"]
        for collection in ["spaces", "folders", "lists", "docs"] {
            #expect(second?[collection]?["skipped"] == breakdown[collection]?["skipped"])
        }
        #expect(try await setup.stored("collection=docs").allSatisfy { $0["path"]?[0]?.string != name })
    }

    @Test func `a listing that cannot be read is no task that failed, and the run says that something did`()
        async throws
    {
        let setup = try await ClickUpSetup.start(
            Self.size, settings: ["collections: [spaces, folders, lists, tasks]"])
        let list = "90300020"
        try await setup.control(
            "faults", #"{"match":{"path":"/list/\#(list)/task"},"times":"always","status":403,"body":"{}"}"#)
        let run = try await setup.run()
        #expect(run["status"] == "completed_with_errors")
        #expect(run["result"]?["totalFailed"] == 0 && run["counts"]?["failed"] == 0)
        let line = try #require(Self.line(run, "failed", "tasks", "upstream-forbidden"))
        let words = line["message"]?.string ?? ""
        #expect(words.contains("parts of tasks could not be imported") && words.contains("(\(list))"), "\(words)")
    }

    @Test func `an empty workspace imports, and its docs too`() async throws {
        let setup = try await ClickUpSetup.start(["--spaces", "0", "--tasks", "5", "--docs", "3"], settings: [])
        for options in ["{}", #"{"settings":{"sweep":"now"}}"#] {
            let run = try await setup.run(options)
            #expect(run["status"] == "succeeded")
            #expect(run["result"]?["breakdown"]?["docs"]?["imported"] == 3)
            #expect(try await ClickUpTruth.differences(setup) == [])
        }
        #expect(try await setup.stored("collection=tasks").isEmpty)
    }

    @Test(arguments: [(12, true), (60, true), (60, false), (90, true)])
    func `a run of changes that was cut reports what the run did, in all its attempts`(
        point: Int, isKilled: Bool
    ) async throws {
        let folder = try TemporaryFolder()
        let simulator = try await ClickUpSetup.startSimulator([
            "--tasks", "250", "--docs", "130", "--pages-per-doc", "1", "--comments", "0", "--rate-limit", "100000",
        ])
        let integration = ClickUpSetup.lines(
            of: "clickup", at: simulator,
            settings: [
                "collections: [spaces, folders, lists, tasks, docs]", "exclude_doc_ids: [none]",
                "max_concurrent_requests: 4",
            ])
        let first = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        let full = try #require(try await first.run()["result"]?["breakdown"])
        let (tasks, docs) = (full["tasks"]?["new"]?.integer ?? 0, full["docs"]?["new"]?.integer ?? 0)
        for task in try await first.stored("collection=tasks&limit=1000") {
            try await first.control("tasks/\(task["externalId"]?.string ?? "")", #"{"name":"Changed"}"#)
        }
        for doc in try await first.stored("collection=docs&limit=1000").prefix(100) {
            try await first.control("docs/\(doc["externalId"]?.string ?? "")", #"{"name":"Changed"}"#)
        }
        try await first.control("options", #"{"latency":"20ms"}"#)
        _ = try await first.asked()
        let started = try await first.daemon.http.post("/integrations/clickup/sync", json: "{}").json
        let run = try #require(started["id"]?.string)
        try await eventually("the import is under way") {
            try await simulator.http.get("/_simulator/requests").json["items"]?.items.count ?? 0 >= point
        }
        if isKilled { try await first.daemon.kill() } else { _ = try await first.daemon.terminate() }
        let second = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        let end = try await second.end(of: run)
        #expect(end["status"] == "succeeded" && end["attempt"] == 2, "\(end)")
        let breakdown = try #require(end["result"]?["breakdown"])
        #expect(breakdown["tasks"]?["updated"]?.integer == tasks && breakdown["tasks"]?["imported"]?.integer == tasks)
        #expect(breakdown["docs"]?["updated"] == 100 && breakdown["docs"]?["imported"]?.integer == docs, "\(breakdown)")
        // What is said once of a run is said once, however many attempts it takes.
        let notes = Self.report(end).filter { $0["kind"] == "note" }
        #expect(notes.allSatisfy { $0["count"] == 1 }, "\(notes)")
        #expect(notes.contains { $0["code"] == "changes-only" } && notes.contains { $0["code"] == "not-asked" })
    }

    @Test func `where nothing has changed a run that is stopped and goes on counts each doc once`() async throws {
        let folder = try TemporaryFolder()
        let simulator = try await ClickUpSetup.startSimulator([
            "--tasks", "0", "--docs", "330", "--pages-per-doc", "1", "--rate-limit", "100000",
        ])
        let integration = ClickUpSetup.lines(of: "clickup", at: simulator)
        let first = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        _ = try await first.run()
        // Not answered, which keeps the import where it is.
        try await first.control(
            "faults",
            #"{"match":{"path":"*/docs","query":"cursor="},"skip":1,"times":"always","action":"delay","delay":"60s"}"#)
        _ = try await first.asked()
        let started = try await first.daemon.http.post("/integrations/clickup/sync", json: "{}").json
        let run = try #require(started["id"]?.string)
        try await eventually("the third page of docs is asked for") {
            let log = try await simulator.http.get("/_simulator/requests").json["items"]?.items ?? []
            return log.count { $0["query"]?.string?.contains("&cursor=") == true } >= 2
        }
        _ = try await first.daemon.terminate()
        try await first.forgetFaults()
        let second = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        let end = try await second.end(of: run)
        #expect(end["status"] == "succeeded" && end["attempt"] == 2)
        #expect(end["result"]?["breakdown"]?["docs"]?["unchanged"] == 330, "\(end)")
    }
}
