import PluginKit
import Synchronization
import Testing

@testable import ClickUp

@Suite struct ImportTests {
    let clickUp = FakeClickUp()
    let host = RecordingHost()

    static let doc =
        #"{"id":"d1","name":"Guide","date_updated":5,"parent":{"id":"600","type":6},"creator":1}"#

    @Test func `an import tells its steps in the words that people know`() async throws {
        clickUp.setDocs([Self.doc])
        try await runImport(clickUp, host.call())
        #expect(
            host.lines("progress") == [
                "progress fetching_workspace: Fetching workspace details... -/-",
                "progress fetching_spaces: Fetching spaces... -/-",
                "progress spaces_fetched: Found 2 spaces 2/2",
                "progress importing_docs: Importing docs from 2 spaces... 0/-",
                "progress fetching_docs: Fetching docs... (0 processed so far) 0/-",
                "progress storing_docs: Storing 1 doc... 1/-",
                "progress fetching_docs: Fetching docs... (0 processed so far) 0/-",
                "progress storing_doc: Storing doc: Guide 0/1",
                "progress fetching_pages: Fetching pages for: Guide 0/1",
                "progress storing_pages: Storing 1 page for: Guide 0/1",
                "progress docs_complete: Docs import complete: 1 doc processed 1/1",
            ])
    }

    @Test func `a doc is stored after its pages and after their end`() async throws {
        clickUp.setDocs([Self.doc])
        try await runImport(clickUp, host.call())
        #expect(
            host.lines.filter { !$0.hasPrefix("progress") && !$0.hasPrefix("report note") } == [
                "upsert spaces/90", "upsert spaces/91", "known docs/d1", "upsert pages/d1-p",
                "complete pages d1", "upsert docs/d1", "complete docs *", "complete spaces *",
            ])
    }

    @Test func `documents carry what ClickUp says`() async throws {
        clickUp.setDocs([Self.doc])
        let content = #"# T\u00e9\r\n\u0000 \"q\" \ud83d\ude00"#
        clickUp.answer(
            FakeClickUp.pages("d1"),
            #"""
            [{"id":"p1","name":null,"content":"\#(content)","date_created":1000,"authors":[1,2],"avatar":null,
              "pages":[{"id":"p2","name":"Child","date_edited":"2000","creator_id":7}]}]
            """#)
        try await runImport(clickUp, host.call())
        let parent = try #require(host["pages/p1"])
        #expect(parent["content"] == .string("# Té\r\n\u{0} \"q\" 😀"))
        #expect(parent["title"] == "" && parent["scope"] == "d1" && parent["position"] == 0)
        #expect(parent["parent"] == ["collection": "docs", "id": "d1"])
        #expect(parent["path"] == ["Space", "Guide"] && parent["authors"] == ["Ada", "2"])
        #expect(
            parent["contentType"] == "text/markdown"
                && parent["createdAt"] == "1970-01-01T00:00:01.000Z")
        #expect(parent["url"] == "https://app.clickup.com/9/v/dc/d1/p1")
        #expect(parent["metadata"] == ["authors": [1, 2], "avatar": .null])
        let child = try #require(host["pages/p2"])
        #expect(child["parent"] == ["collection": "pages", "id": "p1"] && child["content"] == "")
        #expect(child["path"] == ["Space", "Guide", ""] && child["authors"] == ["7"])
        #expect(child["updatedAt"] == "1970-01-01T00:00:02.000Z")
        let doc = try #require(host["docs/d1"])
        #expect(doc["parent"] == ["collection": "spaces", "id": "90"] && doc["authors"] == ["Ada"])
        #expect(
            doc["url"] == "https://app.clickup.com/9/v/dc/d1"
                && doc["revision"]?.string?.hasPrefix("5.") == true)
    }

    @Test func `an unchanged doc is not fetched again`() async throws {
        clickUp.setDocs([Self.doc])
        try await runImport(clickUp, host.call())
        try await runImport(clickUp, host.call())
        #expect(clickUp.requests(FakeClickUp.pages("d1")) == 1)
        try await runImport(clickUp, host.call(full: true))
        #expect(clickUp.requests(FakeClickUp.pages("d1")) == 2)
    }

    @Test(arguments: [
        (#"{"workspace_id":"9"}"#, false), (#"{"workspace_id":"9","doc_ids":["d1"]}"#, true),
        (#"{"workspace_id":"9","space_ids":["90"]}"#, true),
    ])
    func `a run that was through, and whose end nobody noted, asks for nothing more`(settings: String, narrowed: Bool)
        async throws
    {
        clickUp.setDocs([Self.doc])
        try await runImport(clickUp, host.call(settings, narrowed: narrowed))
        let (requests, lines) = (clickUp.requests.count, host.lines.count)
        try await runImport(clickUp, host.call(settings, narrowed: narrowed))
        #expect(clickUp.requests.count == requests && host.lines.count == lines)
        // Another run does.
        try await runImport(clickUp, host.call(settings, narrowed: narrowed, run: "run-2"))
        #expect(clickUp.requests.count > requests)
    }

    @Test func `a doc without a date is fetched each time`() async throws {
        clickUp.setDocs([#"{"id":"d1","name":""}"#])
        try await runImport(clickUp, host.call())
        try await runImport(clickUp, host.call(run: "run-2"))
        #expect(clickUp.requests(FakeClickUp.pages("d1")) == 2)
        #expect(host.lines.contains("progress storing_doc: Storing doc: Untitled 0/1"))
    }

    @Test func `docs of every kind of parent find their space`() async throws {
        let parents = [
            ("a", "90", "4", "90"), ("b", "500", "5", "90"), ("c", "600", "6", "90"),
            ("d", "601", "6", "90"),
            ("e", "501", "5", "90"), ("f", "9", "7", nil), ("g", "9", "12", nil),
            ("h", "700", "6", "90"),
            ("i", "404", "6", nil), ("j", "90", #""SPACE""#, "90"),
        ]
        clickUp.answer("/api/v2/list/700", #"{"id":"700","space":{"id":"90"}}"#)
        clickUp.fail(
            "/api/v2/list/404",
            .success(FakeClickUp.response(#"{"ECODE":"SHARD_006"}"#, status: 404)))
        clickUp.setDocs(
            parents.map { #"{"id":"\#($0.0)","parent":{"id":"\#($0.1)","type":\#($0.2)}}"# })
        try await runImport(clickUp, host.call())
        for (id, _, _, space) in parents {
            #expect(host["docs/\(id)"]?["parent"]?["id"]?.string == space, "doc \(id)")
        }
        #expect(host["docs/h"]?["path"] == ["Space"])
    }

    @Test func `a doc that fails is reported and nothing of it is touched`() async throws {
        clickUp.setDocs([Self.doc, #"{"id":"d2","date_updated":1}"#])
        clickUp.fail(FakeClickUp.pages("d1"), .success(FakeClickUp.response("gone", status: 404)))
        try await runImport(clickUp, host.call())
        #expect(host.failures == ["report failed docs/d1 upstream-not-found"])
        #expect(host["docs/d1"] == nil && host["pages/d1-p"] == nil && host["docs/d2"] != nil)
        #expect(!host.lines.contains("complete pages d1") && host.lines.contains("complete docs *"))
    }

    @Test func `a page that the host refuses leaves its doc without a revision`() async throws {
        clickUp.setDocs([Self.doc])
        host.record.withLock { $0.refused["pages/d1-p"] = .tooLarge }
        try await runImport(clickUp, host.call())
        #expect(host.failures == ["report failed pages/d1-p payload-too-large"])
        #expect(host["docs/d1"] != nil && host["docs/d1"]?["revision"] == nil)
    }

    @Test func `a doc that ClickUp calls deleted counts as absent, and so do its pages`()
        async throws
    {
        clickUp.setDocs([#"{"id":"d1","deleted":true}"#])
        try await runImport(clickUp, host.call())
        #expect(host["docs/d1"] == nil && clickUp.requests(FakeClickUp.pages("d1")) == 0)
        #expect(host.lines.contains("complete pages d1") && host.lines.contains("complete docs *"))
    }

    @Test func `all pages of the listing are read, archived docs too, each doc once`() async throws {
        clickUp.answer(
            FakeClickUp.listing(), #"{"docs":[{"id":"a"},{"id":"b"}],"next_cursor":"c1"}"#)
        clickUp.answer(
            FakeClickUp.listing(false, "&cursor=c1"),
            #"{"docs":[{"id":"b"},{"id":"c"}],"next_cursor":""}"#)
        clickUp.answer(
            FakeClickUp.listing(archived: true),
            #"{"docs":[{"id":"a"},{"id":"z"}],"next_cursor":null}"#)
        try await runImport(clickUp, host.call())
        #expect(
            host.lines("upsert docs").sorted() == ["a", "b", "c", "z"].map { "upsert docs/\($0)" })
        #expect(
            host.lines("progress").last == "progress docs_complete: Docs import complete: 4 docs processed 4/4")
    }

    @Test func `without archived ones nothing archived is asked for`() async throws {
        try await runImport(clickUp, host.call(#"{"workspace_id":"9","include_archived":false}"#))
        #expect(!clickUp.requests.contains { $0.contains("archived=true") })
    }

    @Test func `a listing that goes in circles is walked under the cursor's older name`()
        async throws
    {
        let first = #"{"docs":[{"id":"a"}],"next_cursor":"c1"}"#
        clickUp.answer(FakeClickUp.listing(), first)
        clickUp.answer(FakeClickUp.listing(false, "&cursor=c1"), first)
        clickUp.answer(FakeClickUp.listing(false, "&next_cursor=c1"), #"{"docs":[{"id":"b"}]}"#)
        try await runImport(clickUp, host.call())
        #expect(host["docs/b"] != nil && host.lines.contains("complete docs *"))
    }

    @Test func `a listing that cannot be left deletes nothing and says so`() async throws {
        let first = #"{"docs":[{"id":"a"}],"next_cursor":"c1"}"#
        for rest in ["", "&cursor=c1", "&next_cursor=c1"] {
            clickUp.answer(FakeClickUp.listing(false, rest), first)
        }
        try await runImport(clickUp, host.call())
        #expect(host["docs/a"] != nil && !host.lines.contains("complete docs *"))
        #expect(host.failures == ["report failed docs/- incomplete-listing"])
    }

    @Test func `a collection that was not asked for is left alone`() async throws {
        var options = host.call().options
        options.collections = ["spaces"]
        clickUp.setDocs([Self.doc])
        try await runImport(clickUp, ImportCall(options: options, host: host))
        #expect(host["spaces/90"] != nil && clickUp.requests("/api/v3") == 0)
    }
}

extension FakeClickUp {
    static func listing(_ archived: Bool, _ rest: String) -> String {
        listing(archived: archived, rest)
    }
}
