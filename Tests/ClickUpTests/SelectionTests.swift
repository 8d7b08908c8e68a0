import PluginKit
import Synchronization
import Testing

@testable import ClickUp

@Suite struct SelectionTests {
    private func selection(_ more: String) throws -> Selection {
        try Settings(RecordingHost().call(#"{"workspace_id":"9"\#(more.isEmpty ? "" : ",")\#(more)}"#)).selection
    }

    @Test func `without a choice everything is covered`() throws {
        let all = try selection("")
        #expect(all.isWhole && all.coversAllPlaces && !all.isOfSingles)
        #expect(all.covers(space: "1", folder: "2", list: "3") && all.collections == Collection.standard)
    }

    @Test func `what is chosen is covered with all that is in it, less what is left out`() throws {
        let some = try selection(#""space_ids":["1"],"list_ids":["30"],"exclude_folder_ids":["11"]"#)
        #expect(!some.isWhole && !some.coversAllPlaces)
        #expect(some.covers(space: "1") && some.covers(space: "1", folder: "10", list: "20"))
        #expect(!some.covers(space: "1", folder: "11", list: "20") && !some.covers(space: "2"))
        #expect(some.covers(space: "2", folder: "12", list: "30"))
    }

    @Test func `single docs and tasks need no places`() throws {
        #expect(try selection(#""doc_ids":["d"]"#).isOfSingles && selection(#""task_ids":["t"]"#).isOfSingles)
        #expect(try !selection(#""doc_ids":["d"],"space_ids":["1"]"#).isOfSingles)
    }

    @Test func `each choice has a fingerprint of its own, whatever the order`() throws {
        let texts = [
            "", #""space_ids":["1"]"#, #""folder_ids":["1"]"#, #""exclude_space_ids":["1"]"#, #""space_ids":["1","2"]"#,
            #""include_archived":false"#, #""since":"2026-01-31""#, #""collections":["tasks"]"#,
        ]
        let prints = try texts.map { try selection($0).fingerprint }
        #expect(Set(prints).count == texts.count)
        #expect(try selection(#""space_ids":["2","1"]"#).fingerprint == prints[4])
    }

    @Test(arguments: [
        ("1970-01-01", 0), ("2026-01-31", 1_769_817_600_000), ("2026-01-31T08:00:00Z", 1_769_846_400_000),
        ("2024-02-29T23:59:59.5Z", 1_709_251_199_500), ("2025-12-31", 1_767_139_200_000),
    ])
    func `a day or a time says since when`(text: String, milliseconds: Int64) throws {
        #expect(try selection(#""since":"\#(text)""#).since == milliseconds)
    }

    @Test(arguments: [
        "", "yesterday", "2026-1-31", "2026-13-01", "2026-00-10", "2026-02-29", "2026-04-31", "2026-12-32",
        "2026-01-00", "2026-01-31T08:00", "2026-01-31T25:00:00Z", "2026-01-31TZ",
    ])
    func `other times are refused`(text: String) {
        #expect(throws: PluginError.self) { try selection(#""since":"\#(text)""#) }
    }

    @Test(arguments: ["always", "every", "every 0h", "every 5x", "every -1h"])
    func `other sweeps are refused`(text: String) {
        #expect(throws: PluginError.self) { try selection(#""sweep":"\#(text)""#) }
    }
}

/// What is said to be gone where something was left out.
@Suite struct LeavingOutTests {
    private let clickUp = FakeClickUp()
    private let host = RecordingHost()

    /// What a second import with these settings says.
    private func complete(_ settings: String) async throws -> [String] {
        clickUp.setDocs([ImportTests.doc, #"{"id":"d2","name":"Free","date_updated":5}"#])
        for run in ["1", "2"] {
            host.record.withLock { $0.lines = [] }
            try await runImport(clickUp, host.call(#"{"workspace_id":"9","sweep":"now",\#(settings)}"#, run: run))
        }
        return host.lines("complete").filter { !$0.hasPrefix("complete pages") }
    }

    @Test func `leaving out a folder hides what is gone of tasks and places in its own space only`() async throws {
        let said = try await complete(
            #""collections":["spaces","folders","lists","tasks"],"exclude_folder_ids":["500"]"#)
        #expect(
            said == ["complete tasks 91", "complete lists 91", "complete folders 91", "complete spaces workspace"])
    }

    @Test func `what is archived is not gone where one run alone does without it`() async throws {
        clickUp.setDocs([ImportTests.doc])
        let settings = #"{"workspace_id":"9","sweep":"now","collections":["spaces","docs"],"include_archived":false}"#
        try await runImport(clickUp, host.call(settings, narrowed: true))
        #expect(host.lines("complete").filter { !$0.hasPrefix("complete pages") } == [])
        try await runImport(clickUp, host.call(settings, run: "run-2"))
        #expect(host.lines("complete").contains("complete docs *"))
    }

    @Test(arguments: [
        #""include_archived":false"#, #""exclude_list_ids":["600"]"#, #""space_ids":["90"]"#,
    ])
    func `a full import says what is gone as a sweep does, with since of places alone, a narrowed one nothing`(
        choice: String
    ) async throws {
        clickUp.setDocs([ImportTests.doc])
        let settings = #"{"workspace_id":"9","collections":["spaces","lists","tasks","docs"],\#(choice)"#
        func said(_ rest: String, full: Bool, narrowed: Bool = false) async throws -> [String] {
            host.record.withLock { $0.lines = [] }
            let run = "run\(rest)\(full)\(narrowed)"
            try await runImport(clickUp, host.call(settings + rest + "}", full: full, narrowed: narrowed, run: run))
            return host.lines("complete").filter { !$0.hasPrefix("complete pages") }
        }
        let full = try await said("", full: true)
        let sweep = try await said(#","sweep":"now""#, full: false)
        #expect(!full.isEmpty && full == sweep)
        #expect(try await said("", full: true, narrowed: true) == [])
        // Places have no date, and are listed in whole.
        let since = try await said(#","since":"2026-01-31""#, full: true)
        #expect(since == full.filter { !$0.hasPrefix("complete tasks") && !$0.hasPrefix("complete docs") })
    }

    @Test func `leaving out a doc hides what is gone of docs in its own space only`() async throws {
        let said = try await complete(#""collections":["spaces","docs"],"exclude_doc_ids":["d1"]"#)
        #expect(said == ["complete docs 91", "complete docs workspace", "complete spaces *"])
    }

    @Test func `of a space that was chosen less a folder nothing but docs is said to be gone`() async throws {
        let said = try await complete(
            #""collections":["lists","tasks","docs"],"space_ids":["90","91"],"exclude_folder_ids":["500"]"#)
        #expect(said == ["complete docs 91", "complete tasks 91", "complete lists 91"])
    }
}

@Suite struct CustomFieldTests {
    @Test func `options are named, by their place or id, and definitions left out`() throws {
        let fields = try JSONValue(
            parsing: Array(
                #"""
                [{"id":"1","name":"Stage","type":"drop_down","value":1,"type_config":{"options":[
                   {"id":"a","name":"Idea","orderindex":0},{"id":"b","name":"Built","orderindex":1}]}},
                 {"id":"2","name":"Stage","type":"drop_down","value":"a","type_config":{"options":[{"id":"a","name":"Idea","orderindex":0}]}},
                 {"id":"3","name":"Areas","type":"labels","value":["y","x"],"type_config":{"options":[{"id":"x","label":"X"},{"id":"y","label":"Y"}]}},
                 {"id":"4","name":"Who","type":"users","value":[{"id":1,"username":"Ada"},{"id":2,"username":null}]},
                 {"id":"5","name":"Empty","type":"text"},{"id":"6","name":"Null","type":"text","value":null},
                 {"id":"7","name":"Number","type":"number","value":"5"}]
                """#.utf8))
        let resolved = CustomField.resolved(fields).array ?? []
        #expect(resolved.map { $0["text"] } == ["Built", "Idea", ["Y", "X"], ["Ada"], nil])
        #expect(resolved.allSatisfy { $0["type_config"] == nil } && resolved.last?["value"] == "5")
    }
}

@Suite struct CommentTextTests {
    @Test func `fragments with attributes become Markdown, others stay as they are`() throws {
        func text(_ json: String) throws -> String { CommentText.markdown(try JSONValue(parsing: Array(json.utf8))) }
        #expect(try text(#"{"comment_text":"a *b*","comment":[{"text":"a *b*","attributes":{}}]}"#) == "a *b*")
        #expect(try text(#"{"comment":[{"text":"x"},{"text":"y"}]}"#) == "xy")
        #expect(
            try text(
                #"{"comment_text":"?","comment":[{"text":"So "},{"text":" bold ","attributes":{"bold":true}},{"text":"l","attributes":{"link":"https://x"}},{"text":"c","attributes":{"code":true}}]}"#
            ) == "So  **bold** [l](https://x)`c`")
    }
}
