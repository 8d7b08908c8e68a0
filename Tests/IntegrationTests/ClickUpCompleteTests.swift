import Foundation
import Testing

@Suite("Importing all of ClickUp", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpCompleteTests {
    /// All that is imported without being named.
    private static let everything: [String] = []

    @Test(arguments: [
        ([], "{}"), (["--task-ties", "130"], "{}"), ([], #"{"oldestFirst":true}"#),
        (["--task-ties", "130"], #"{"oldestFirst":true,"withoutLastPage":true}"#),
        ([], #"{"withoutLastPage":true,"teamIgnoresArchived":true}"#),
    ])
    func `everything is stored as it is, in whatever way ClickUp lists it`(
        arguments: [String], options: String
    ) async throws {
        let setup = try await ClickUpSetup.start(
            ["--tasks", "260", "--docs", "14", "--rate-limit", "100000"] + arguments, settings: Self.everything)
        try await setup.control("options", options)
        let run = try await setup.run()
        #expect(run["status"] == "succeeded", "\(run)")
        #expect(try await ClickUpTruth.differences(setup) == [])
    }

    @Test func `tags, goals, views and time entries come when they are named`() async throws {
        let setup = try await ClickUpSetup.start(
            ["--tasks", "5", "--docs", "1"], settings: ["collections: [spaces, tags, goals, views, time_entries]"])
        let run = try await setup.run()
        #expect(run["status"] == "succeeded", "\(run)")
        let breakdown = run["result"]?["breakdown"]
        let imported = ["tags": 12, "goals": 2, "views": 14, "time_entries": 12, "spaces": 3]
        for (name, count) in imported { #expect(breakdown?[name]?["imported"]?.integer == count, "\(name)") }
        #expect(breakdown?.keys == Set(imported.keys))
        // A second time nothing is new and nothing is gone.
        let again = try await setup.run()["result"]?["breakdown"]
        for name in imported.keys { #expect(again?[name]?["unchanged"] == breakdown?[name]?["imported"]) }
    }

    private static let chats = ["collections: [spaces, folders, lists, tasks, members, views, comments]"]

    @Test func `what is said in chats comes with the views, all pages and replies`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "20", "--docs", "0"], settings: Self.chats)
        #expect(try await setup.run()["status"] == "succeeded")
        let kinds: Set = ["spaces", "folders", "lists", "tasks", "members", "views", "comments"]
        #expect(try await ClickUpTruth.differences(setup, collections: kinds, views: true) == [])
        // A chat of 27 has two pages, one of 25 too, as only an empty page tells that it was the last.
        let ofChats = try await setup.asked().filter { $0.hasPrefix("/api/v2/view/") }
        let chats = try await setup.stored("collection=views&include=metadata&limit=1000").filter {
            $0["metadata"]?["type"] == "conversation"
        }
        #expect(chats.count == 10 && ofChats.count == chats.count + 4, "\(ofChats)")
        // What was said since moves no date: the next sweep finds it, and a change of the chat's place does.
        try await setup.control("views/4c-everything", #"{"comment":"One more"}"#)
        _ = try await setup.run()
        #expect(try await setup.asked().allSatisfy { !$0.hasPrefix("/api/v2/view/") })
        _ = try await setup.run(#"{"settings":{"sweep":"now"}}"#)
        #expect(try await ClickUpTruth.differences(setup, collections: kinds, views: true) == [])
        let space = try #require(try await setup.stored("collection=spaces&limit=1").first?["externalId"]?.string)
        try await setup.control("spaces/\(space)", #"{"name":"Renamed"}"#)
        _ = try await setup.asked()
        _ = try await setup.run()
        let again = try await setup.asked().filter { $0.hasPrefix("/api/v2/view/") }
        #expect(Set(again).count == 4, "\(again)")
        #expect(try await ClickUpTruth.differences(setup, collections: kinds, views: true) == [])
    }

    @Test func `of a task everything is there to be read`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "200", "--docs", "0"], settings: Self.everything)
        _ = try await setup.run()
        let tasks = try await setup.stored("collection=tasks&include=content,metadata&limit=1000")
        let fields = tasks.flatMap { $0["metadata"]?["custom_fields"]?.items ?? [] }
        #expect(fields.contains { $0["name"] == "Stage" && $0["text"] == "Agreed" && $0["value"] == 2 })
        #expect(fields.contains { $0["name"] == "Areas" && $0["text"]?[0]?.string == "Billing" })
        #expect(fields.allSatisfy { $0["type_config"] == nil })
        #expect(tasks.contains { $0["metadata"]?["checklists"]?[0]?["items"]?.items.count == 3 })
        for field in ["dependencies", "linked_tasks", "tags", "watchers", "assignees"] {
            #expect(tasks.contains { $0["metadata"]?[field]?.items.isEmpty == false }, "\(field)")
        }
        #expect(tasks.contains { $0["metadata"]?["time_estimate"]?.string != nil })
        #expect(tasks.contains { $0["metadata"]?["archived"] == true })
        #expect(tasks.contains { $0["metadata"]?["status"]?["type"] == "closed" })
        let task = try #require(tasks.first)
        #expect(task["url"]?.string?.contains("/t/") == true && task["contentType"] == "text/markdown")
        #expect(task["authors"]?.items.count == 1 && task["updatedAt"]?.string?.hasSuffix("Z") == true)
    }

    @Test func `with one answer in twenty a 500 and one in fifty cut, nothing is lost`() async throws {
        let setup = try await ClickUpSetup.start(
            ["--tasks", "120", "--docs", "30", "--rate-limit", "100000"], settings: Self.everything)
        try await setup.control(
            "faults",
            #"[{"times":"always","percent":5,"status":500},{"times":"always","percent":2,"action":"reset"}]"#)
        let run = try await setup.run()
        #expect(run["status"] == "succeeded", "\(run)")
        #expect(try await ClickUpTruth.differences(setup) == [])
    }

    @Test func `a permission gap or a page that is broken is in the report, and the rest is imported`() async throws {
        let setup = try await ClickUpSetup.start(["--tasks", "150", "--docs", "3"], settings: Self.everything)
        let refusal =
            #""times":"always","status":401,"body":"{\"err\":\"Team not authorized\",\"ECODE\":\"OAUTH_027\"}""#
        try await setup.control("faults", #"{"match":{"path":"/api/v2/list/*/task"},\#(refusal)}"#)
        try await setup.control(
            "faults", #"{"match":{"path":"*/team/*/task","query":"_gt="},"times":"always","status":502}"#)
        let run = try await setup.run()
        #expect(run["status"] == "completed_with_errors", "\(run)")
        #expect(run["result"]?["breakdown"]?["tasks"]?["new"]?.integer ?? 0 >= 100)
        let codes = try await setup.reports().filter { $0["kind"] == "failed" }.compactMap { $0["code"]?.string }
        #expect(Set(codes) == ["upstream-forbidden", "upstream-unavailable"])
        // The next import finds what this one could not, and what was not listed is not deleted.
        _ = try await setup.simulator.http.send("DELETE", "/_simulator/faults")
        #expect(try await setup.run()["status"] == "succeeded")
        #expect(try await ClickUpTruth.differences(setup) == [])
    }
}
