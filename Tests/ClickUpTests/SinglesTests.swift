import PluginKit
import Synchronization
import Testing

@testable import ClickUp

/// Docs and tasks that are chosen one by one, and imported without a listing.
@Suite struct SinglesTests {
    private let clickUp = FakeClickUp()
    private let host = RecordingHost()

    init() {
        doc("d1", #""name":"Plan","date_updated":2000000000000,"parent":{"id":"600","type":6}"#)
        clickUp.answer("/api/v2/list/600", #"{"id":"600","folder":{"id":"500"},"space":{"id":"90","name":"Space"}}"#)
    }

    private func doc(_ id: String, _ fields: String) {
        clickUp.answer("/api/v3/workspaces/9/docs/\(id)", #"{"id":"\#(id)",\#(fields)}"#)
    }

    private func report(_ settings: String) async throws -> [String] {
        host.record.withLock { ($0.lines, $0.sentences, $0.documents) = ([], [], [:]) }
        try await runImport(clickUp, host.call(#"{"workspace_id":"9",\#(settings)}"#))
        return host.lines("report")
    }

    private var sentences: [String] { host.record.withLock { $0.sentences } }

    @Test(arguments: [
        #""exclude_doc_ids":["d1"]"#, #""exclude_space_ids":["90"]"#, #""exclude_folder_ids":["500"]"#,
        #""exclude_list_ids":["600"]"#,
    ])
    func `a doc that is excluded, or lies in what is, is left out and named`(exclusion: String) async throws {
        #expect(
            try await report(#""collections":["docs"],"doc_ids":["d1"],\#(exclusion)"#) == [
                "report skipped docs/d1 excluded", "report note -/- chosen",
            ])
        #expect(host["docs/d1"] == nil)
    }

    @Test(arguments: [#""exclude_space_ids":["91"]"#, #""exclude_folder_ids":["501"]"#, #""since":"2026-01-31""#])
    func `a doc of which that is not true comes`(exclusion: String) async throws {
        #expect(
            try await report(#""collections":["docs"],"doc_ids":["d1"],\#(exclusion)"#) == ["report note -/- chosen"])
        #expect(host["docs/d1"] != nil && host["pages/d1-p"] != nil)
    }

    @Test func `a doc that is excluded by its place is left out where places are chosen too`() async throws {
        clickUp.setDocs([#"{"id":"d1","date_updated":2000000000000,"parent":{"id":"600","type":6}}"#])
        let choice = #""collections":["docs"],"space_ids":["91"],"doc_ids":["d1"]"#
        #expect(try await report(#"\#(choice),"exclude_list_ids":["600"]"#).contains("report skipped docs/d1 excluded"))
        #expect(host["docs/d1"] == nil)
        #expect(try await !report(choice).contains { $0.contains("docs/d1") })
        #expect(host["docs/d1"] != nil)
    }

    @Test func `what is archived or older than since is left out and named`() async throws {
        doc("d2", #""archived":true"#)
        doc("d3", #""date_updated":5"#)
        clickUp.answer(
            "/api/v2/task/t", #"{"id":"t","date_updated":"5","list":{"id":"600"},"space":{"id":"90"}}"#)
        #expect(
            Set(
                try await report(
                    #""doc_ids":["d2","d3"],"task_ids":["t"],"since":"2026-01-31","include_archived":false"#)
            ).isSuperset(of: [
                "report skipped docs/d2 archived", "report skipped docs/d3 before-since",
                "report skipped tasks/t before-since",
            ]))
        #expect(["docs/d2", "docs/d3", "tasks/t"].allSatisfy { host[$0] == nil })
    }

    @Test func `a doc or task that ClickUp does not have is a note, and one that it calls deleted goes`() async throws {
        doc("d4", #""deleted":true"#)
        for path in ["/api/v3/workspaces/9/docs/dx", "/api/v2/task/tx"] {
            clickUp.fail(path, .success(FakeClickUp.response(#"{"err":"Not found"}"#, status: 404)))
        }
        clickUp.fail(
            "/api/v2/task/ty",
            .success(FakeClickUp.response(#"{"err":"Task not found, deleted","ECODE":"ITEM_013"}"#, status: 404)))
        let said = try await report(#""doc_ids":["d4","dx"],"task_ids":["tx","ty"]"#)
        #expect(
            Set(said) == [
                "report note docs/d4 upstream-not-found", "report note docs/dx upstream-not-found",
                "report note tasks/tx upstream-not-found", "report note tasks/ty upstream-not-found",
                "report note -/- chosen",
            ])
        #expect(Set(host.lines("remove")) == ["remove docs/d4", "remove tasks/ty"])
        #expect(host.lines("complete") == ["complete pages d4"])
        #expect(sentences.contains("ClickUp shows no doc dx to the token: nothing of it was imported."))
        #expect(sentences.contains("ClickUp calls task ty deleted: what may be stored of it is marked deleted."))
    }

    @Test func `that collections does not name what is chosen is said`() async throws {
        #expect(
            try await report(#""collections":["tasks"],"doc_ids":["d1"]"#) == [
                "report note docs/- not-asked", "report note -/- chosen",
            ])
        #expect(sentences.first == "Docs were chosen, and not asked for: `collections` does not name them.")
        #expect(
            try await report(#""collections":["docs"],"task_ids":["t"]"#) == [
                "report note tasks/- not-asked", "report note -/- chosen",
            ])
    }

    @Test func `a doc whose place cannot be had is a failure, and costs no other`() async throws {
        doc("d5", #""parent":{"id":"700","type":6}"#)
        clickUp.state.withLock {
            $0.alwaysFailing["/api/v2/list/700"] = FakeClickUp.response("", status: 500)
        }
        let said = try await report(#""collections":["docs"],"doc_ids":["d1","d5"],"exclude_space_ids":["91"]"#)
        #expect(said == ["report failed docs/d5 upstream-unavailable", "report note -/- chosen"])
        #expect(host["docs/d1"] != nil)
    }
}
