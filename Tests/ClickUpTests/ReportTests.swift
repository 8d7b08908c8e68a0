import PluginKit
import Synchronization
import Testing

@testable import ClickUp

/// What an import says of what it left out.
@Suite struct ReportTests {
    private let clickUp = FakeClickUp()
    private let host = RecordingHost()

    /// The report of an import with these settings, without what stands in `collections`' stead.
    private func report(_ settings: String) async throws -> [String] {
        try await runImport(clickUp, host.call(#"{"workspace_id":"9",\#(settings)}"#))
        return host.lines("report")
    }

    private var sentences: [String] { host.record.withLock { $0.sentences } }

    @Test func `collections that were not asked for are named`() async throws {
        let all = #""collections":["spaces","folders","lists","tasks","docs","pages","members","comments","attachments"#
        #expect(try await report(#"\#(all)"]"#) == ["report note -/- not-asked"])
        #expect(
            sentences == [
                "Not asked for, as `collections` does not name them: tags, goals, views, time entries."
            ])
        host.record.withLock { $0.lines = [] }
        #expect(
            try await report(#"\#(all)","tags","goals","views","time_entries"]"#).allSatisfy { $0.contains("failed") })
    }

    @Test func `what comes with another collection is said to be stored too`() async throws {
        #expect(
            try await report(#""collections":["comments"]"#) == [
                "report note -/- not-asked", "report note tasks/- stored-too",
            ])
        #expect(
            sentences.last
                == "Tasks are stored too: comments and attachments are found through their task, and go with it.")
        host.record.withLock { $0.lines = [] }
        #expect(try await report(#""collections":["pages"]"#).contains("report note docs/- stored-too"))
    }

    @Test func `places that were seen and left out are named, each with the reason`() async throws {
        #expect(
            try await report(
                #""collections":["spaces","folders","lists"],"list_ids":["600"],"exclude_space_ids":["91"]"#)
                == [
                    "report skipped spaces/91 excluded", "report skipped lists/601 not-chosen",
                    "report note -/- not-asked", "report note -/- chosen",
                ])
        #expect(sentences.contains("Space “Old” (91) is excluded."))
        #expect(sentences.contains("List 601 is none of what was chosen."))
        #expect(sentences.last == "Only what lies in these was asked for: lists 600.")
        host.record.withLock { ($0.lines, $0.sentences) = ([], []) }
        _ = try await report(#""collections":["lists","members","goals"],"list_ids":["600"]"#)
        #expect(
            sentences.last
                == "Only what lies in these was asked for: lists 600. Members and goals lie nowhere, and came all the same."
        )
    }

    @Test func `docs that were seen and left out are named, each with the reason`() async throws {
        clickUp.setDocs([
            #"{"id":"d1","name":"Plan","date_updated":2000000000000,"parent":{"id":"90","type":4}}"#,
            #"{"id":"d2","name":"Old","date_updated":5}"#, #"{"id":"d3","archived":true,"date_updated":2000000000000}"#,
            #"{"id":"d4","date_updated":2000000000000}"#,
        ])
        let said = try await report(
            #""collections":["docs"],"exclude_doc_ids":["d1"],"include_archived":false,"since":"2026-01-31""#)
        #expect(
            said.filter { $0.contains("skipped") } == [
                "report skipped docs/d1 excluded", "report skipped docs/d2 before-since",
                "report skipped docs/d3 archived",
            ])
        #expect(
            sentences.prefix(2) == [
                "Doc “Plan” (d1) is excluded.", "Doc “Old” (d2) last changed before the time in `since`.",
            ])
        #expect(sentences.contains("What is archived was not asked for (include_archived is false)."))
        #expect(
            sentences.contains(
                "Only tasks and docs that changed since 2026-01-31T00:00:00.000Z were asked for (since): of those that "
                    + "are gone, only what lay in a place that is gone too is marked deleted."))
        #expect(host["docs/d4"] != nil && host["docs/d3"] == nil)
    }

    @Test func `tasks that were seen and left out are named, each with the reason`() async throws {
        func task(_ id: String, _ more: String) -> String {
            #"{"id":"\#(id)","name":"Do","list":{"id":"600"},"space":{"id":"90"}\#(more)}"#
        }
        clickUp.answer(
            "/api/v2/team/9/task",
            #"{"tasks":[\#(task("t1", #","archived":true"#)),\#(task("t2", "")),{"id":"t3","list":{"id":"601"},"space":{"id":"90"}}],"last_page":true}"#
        )
        let said = try await report(
            #""collections":["lists","tasks"],"exclude_list_ids":["601"],"include_archived":false"#)
        #expect(said.contains("report skipped tasks/t1 archived") && said.contains("report skipped tasks/t3 excluded"))
        #expect(host["tasks/t2"] != nil && host["tasks/t1"] == nil && host["tasks/t3"] == nil)
    }

    @Test func `ids that nothing has are named, chosen or excluded`() async throws {
        clickUp.setDocs([#"{"id":"d1","date_updated":5}"#])
        let said = try await report(
            #""space_ids":["90"],"doc_ids":["d1","dx"],"exclude_doc_ids":["dy"],"exclude_list_ids":["lx"],"exclude_folder_ids":["fx"],"exclude_space_ids":["sx"]"#
        )
        #expect(
            Set(said.filter { $0.hasSuffix("not-found") }) == [
                "report note docs/dx upstream-not-found", "report note docs/dy upstream-not-found",
                "report note lists/lx upstream-not-found", "report note folders/fx upstream-not-found",
                "report note spaces/sx upstream-not-found",
            ])
        #expect(sentences.contains("ClickUp shows no doc dx to the token: nothing of it was imported."))
        #expect(sentences.contains("ClickUp shows no list lx to the token: excluding it left nothing out."))
        // It may be archived.
        _ = try await report(#""list_ids":["ly"],"include_archived":false"#)
        #expect(
            sentences.contains {
                $0.hasPrefix("ClickUp shows no list ly to the token among what is in use: nothing of it")
            })
    }

    @Test func `a task that ClickUp does not have is named, and so are subtasks that were not chosen`() async throws {
        clickUp.answer(
            "/api/v2/task/t?include_markdown_description=true&include_subtasks=true",
            #"{"id":"t","name":"Top","list":{"id":"600"},"space":{"id":"90"},"subtasks":[{"id":"u","name":"Below","subtasks":[{"id":"v"}]},{"id":"w"}]}"#
        )
        clickUp.fail(
            "/api/v2/task/x",
            .success(FakeClickUp.response(#"{"err":"Task not found, deleted","ECODE":"ITEM_013"}"#, status: 404)))
        #expect(
            try await report(#""collections":["tasks"],"task_ids":["t","w","x"]"#) == [
                "report skipped tasks/u not-chosen", "report skipped tasks/v not-chosen",
                "report failed tasks/w upstream-invalid-answer", "report note tasks/x upstream-not-found",
                "report note -/- chosen",
            ])
        #expect(sentences.contains("Task “Below” (u) is none of what was chosen."))
        #expect(sentences.contains("ClickUp calls task x deleted: what may be stored of it is marked deleted."))
    }

    @Test func `a task that is chosen is left out all the same where it is excluded or archived`() async throws {
        let rest = #""list":{"id":"600"},"space":{"id":"90"}"#
        clickUp.answer("/api/v2/task/t", #"{"id":"t","name":"Top",\#(rest)}"#)
        clickUp.answer("/api/v2/task/u", #"{"id":"u","name":"Old","archived":true,\#(rest)}"#)
        for (exclusion, reasons) in [
            (#""exclude_list_ids":["600"]"#, ["tasks/t excluded", "tasks/u excluded"]),
            (#""include_archived":false"#, ["tasks/u archived"]),
        ] {
            host.record.withLock { ($0.lines, $0.documents) = ([], [:]) }
            let said = try await report(#""collections":["tasks"],"task_ids":["t","u"],\#(exclusion)"#)
            #expect(said.filter { $0.hasPrefix("report skipped") } == reasons.map { "report skipped \($0)" })
            #expect((host["tasks/t"] != nil) == (reasons.count == 1) && host["tasks/u"] == nil)
        }
    }

    @Test func `entries of time go with the place of their task`() async throws {
        func entry(_ id: String, _ list: String) -> String {
            #"{"id":"\#(id)","task_location":{"list_id":\#(list),"folder_id":500,"space_id":90}}"#
        }
        let time = FakeTime()
        time.milliseconds.withLock { $0 = 1_500_000_000_000 }
        clickUp.answer("/api/v2/team/9/time_entries", #"{"data":[\#(entry("e", "600")),\#(entry("f", "601"))]}"#)
        for choice in [#""list_ids":["600"]"#, #""exclude_list_ids":["601"]"#] {
            host.record.withLock { ($0.lines, $0.documents) = ([], [:]) }
            let settings = #"{"workspace_id":"9","collections":["time_entries"],\#(choice)}"#
            try await runImport(clickUp, host.call(settings), time)
            #expect(host["time_entries/e"] != nil && host["time_entries/f"] == nil, "\(choice)")
        }
    }

    @Test func `docs and tasks that are chosen alone bring nothing else, whatever is named`() async throws {
        clickUp.answer("/api/v2/team/9/goal", #"{"goals":[{"id":"g","name":"Goal"}]}"#)
        _ = try await report(#""collections":["docs","tasks","goals","tags"],"doc_ids":["d1"]"#)
        #expect(clickUp.requests("/api/v2/team/9/goal") == 0 && host["goals/g"] == nil)
    }

    @Test func `the tags of one space that cannot be had cost no other`() async throws {
        clickUp.answer("/api/v2/space/91/tag", #"{"tags":[{"name":"old"}]}"#)
        clickUp.state.withLock {
            $0.alwaysFailing["/api/v2/space/90/tag"] = FakeClickUp.response("{}", status: 403)
        }
        _ = try await report(#""collections":["spaces","tags"]"#)
        #expect(host["tags/91/old"] != nil && host.failures == ["report failed tags/- upstream-forbidden"])
        #expect(sentences.first?.hasPrefix("The tags of space “Space” (90) could not be had.") == true)
        #expect(host.lines("complete") == ["complete spaces *"])
    }

    @Test func `docs without pages are imported and named`() async throws {
        clickUp.setDocs([#"{"id":"d1","name":"Empty"}"#, #"{"id":"d2","name":"Full"}"#])
        clickUp.answer(FakeClickUp.pages("d1"), #"{"pages":[]}"#)
        #expect(try await report(#""collections":["docs"]"#).first == "report note docs/- without-pages")
        #expect(sentences.first == "1 doc without pages: Empty.")
        #expect(host["docs/d1"] != nil && host["docs/d2"] != nil)
    }

    @Test func `a listing that broke off is called by its name, and is no task`() async throws {
        clickUp.state.withLock {
            $0.answers["/api/v2/space/90/list?archived=false"] =
                #"{"lists":[{"id":"601","name":"Inbox","archived":true}]}"#
            $0.alwaysFailing["/api/v2/list/601/task"] = FakeClickUp.response("{}", status: 403)
        }
        _ = try await report(#""collections":["lists","tasks"]"#)
        #expect(Set(host.failures) == ["report failed tasks/- upstream-forbidden"])
        #expect(
            sentences.contains {
                $0.hasPrefix("The listing of the tasks of list “Inbox” (601) could not be read to its end.")
            })
    }

    @Test func `views of the workspace are those of no place that was chosen`() async throws {
        clickUp.answer("/api/v2/team/9/view", #"{"views":[{"id":"w","name":"All"}]}"#)
        clickUp.answer("/api/v2/list/600/view", #"{"views":[{"id":"l","name":"List"}]}"#)
        _ = try await report(#""collections":["lists","views"],"list_ids":["600"]"#)
        #expect(host["views/l"] != nil && host["views/w"] == nil)
        #expect(clickUp.requests("/api/v2/team/9/view") == 0)
    }

    @Test func `a comment is called after its first line that has something in it`() {
        let documents = Documents(workspace: Workspace(id: "9", name: "Nine"))
        for (text, title) in [(#"\n \n  Second\nthird"#, "Second"), (#" \n"#, ""), ("One", "One")] {
            let comment = documents.comment(
                try! JSONValue(parsing: Array(#"{"id":"c","comment_text":"\#(text)"}"#.utf8)),
                below: .init(.tasks, "t"),
                scope: "t", path: [])
            #expect(comment?.title == title)
        }
    }
}
