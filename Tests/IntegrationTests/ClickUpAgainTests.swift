import Foundation
import Testing

@Suite("Importing ClickUp again", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpAgainTests {
    /// The id of the doc with this title.
    private static func doc(_ title: String, in setup: ClickUpSetup) async throws -> String {
        let docs = try await setup.stored("collection=docs&limit=1000")
        return try #require(docs.first { $0["title"]?.string == title }?["externalId"]?.string)
    }

    /// The highest change number so far.
    private static func lastChange(of setup: ClickUpSetup) async throws -> Int {
        try await setup.stored("changedAfter=0&limit=1000").compactMap { $0["change"]?.integer }.max() ?? 0
    }

    private static func pages(of doc: String, _ stored: [JSON]) -> [JSON] {
        var parents: Set<String> = [doc]
        var pages: [JSON] = []
        // Parents need not come before what is below them.
        while true {
            let more = stored.filter { page in
                page["collection"] == "pages" && parents.contains(page["parent"]?["id"]?.string ?? "")
                    && !pages.contains { $0["externalId"] == page["externalId"] }
            }
            if more.isEmpty { return pages }
            pages += more
            parents.formUnion(more.compactMap { $0["externalId"]?.string })
        }
    }

    @Test func `what has not changed is not fetched, not written and said to be unchanged`() async throws {
        let setup = try await ClickUpSetup.start()
        let first = try #require(try await setup.end()["result"])
        let change = try await Self.lastChange(of: setup)
        #expect(try await setup.requests().paths.ofPages.count == 15)
        let end = try await setup.end()
        let second = try #require(end["result"])
        #expect(end["type"] == "complete" && end["status"] == "succeeded")
        for collection in ["spaces", "docs"] {
            let counts = try #require(second["breakdown"]?[collection], "\(second)")
            #expect(counts["unchanged"] == first["breakdown"]?[collection]?["imported"], "\(collection): \(counts)")
        }
        // Pages that were not asked for are not counted either.
        for collection in ["spaces", "docs", "pages"] {
            for kind in ["new", "updated", "deleted", "failed"] {
                #expect((second["breakdown"]?[collection]?[kind] ?? 0) == 0, "\(collection) \(kind)")
            }
        }
        #expect(try await setup.requests().paths.ofPages.isEmpty)
        #expect(try await setup.stored("changedAfter=\(change)").isEmpty)
    }

    @Test func `a full import fetches everything again, and writes nothing all the same`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "5"])
        #expect(try await setup.end()["type"] == "complete")
        let change = try await Self.lastChange(of: setup)
        _ = try await setup.requests()
        let started = try await setup.daemon.http.post("/integrations/clickup/sync", json: #"{"full":true}"#)
        #expect(started.status == 202)
        let run = try #require(try started.json["id"]?.string)
        try await eventually("the run ends") {
            try await setup.daemon.http.get("/runs/\(run)").json["status"] == "succeeded"
        }
        #expect(try await setup.requests().paths.ofPages.count == 5)
        #expect(try await setup.stored("changedAfter=\(change)").isEmpty)
    }

    @Test func `an import of changes says that the other tasks were not looked at, and since when`() async throws {
        let setup = try await ClickUpSetup.start(
            ["--docs", "1"], settings: ["collections: [spaces, folders, lists, tasks]"])
        func lines(_ options: String = "{}") async throws -> [JSON] {
            try await setup.run(options)["result"]?["report"]?.items.filter { $0["code"] == "changes-only" } ?? []
        }
        #expect(try await lines() == [])
        let said = try await lines()
        #expect(said.count == 1 && said.first?["kind"] == "note", "\(said)")
        let words = said.first?["message"]?.string ?? ""
        #expect(
            words.hasPrefix("Only tasks that changed since 20") && words.contains("are not counted here"), "\(words)")
        // Where all are listed, there is nothing to say.
        #expect(try await lines(#"{"settings":{"sweep":"now"}}"#) == [])
    }

    @Test func `of what has changed only that is fetched and shown as changed`() async throws {
        let setup = try await ClickUpSetup.start()
        #expect(try await setup.end()["type"] == "complete")
        let change = try await Self.lastChange(of: setup)
        let id = try await Self.doc("Getting Started", in: setup)
        try await setup.control("docs/\(id)", #"{"content":"New words."}"#)
        _ = try await setup.requests()
        let breakdown = try #require(try await setup.end()["result"]?["breakdown"])
        #expect(breakdown["docs"]?["updated"] == 1 && breakdown["docs"]?["unchanged"] == 14, "\(breakdown)")
        let asked = try await setup.requests().paths.ofPages
        #expect(asked.count == 1 && asked.first?.contains(id) == true)
        let changed = try await setup.stored("changedAfter=\(change)&include=content")
        #expect(changed.contains { $0["content"] == "New words." && $0["collection"] == "pages" })
        #expect(changed.allSatisfy { $0["externalId"]?.string == id || $0["collection"] == "pages" })
    }

    @Test func `a new page is added, a deleted one becomes a tombstone, and a renamed doc has its new name`()
        async throws
    {
        let setup = try await ClickUpSetup.start(["--docs", "2"])
        let made = try await setup.control(
            "docs", #"{"name":"Changing","pages":[{"name":"Stays","content":"a"},{"name":"Goes","content":"b"}]}"#)
        let id = try #require(made["id"]?.string), goes = try #require(made["pages"]?[1]?.string)
        #expect(try await setup.end()["type"] == "complete")
        let change = try await Self.lastChange(of: setup)
        try await setup.control("pages/\(goes)", #"{"delete":true}"#)
        try await setup.control("docs/\(id)", #"{"name":"Changed","pages":[{"name":"Comes","content":"c"}]}"#)
        let counts = try #require(try await setup.end()["result"]?["breakdown"]?["pages"])
        #expect(counts["deleted"] == 1 && counts["new"] == 1, "\(counts)")
        let changed = try await setup.stored("changedAfter=\(change)")
        #expect(changed.filter { $0["deletedAt"] != nil }.map { $0["externalId"]?.string } == [goes])
        #expect(changed.contains { $0["title"] == "Comes" } && changed.contains { $0["title"] == "Changed" })
        #expect(try await setup.stored().allSatisfy { $0["externalId"]?.string != goes })
    }

    @Test func `a deleted doc becomes a tombstone together with its pages`() async throws {
        let setup = try await ClickUpSetup.start()
        #expect(try await setup.end()["type"] == "complete")
        let before = try await setup.stored("limit=1000")
        let change = try await Self.lastChange(of: setup)
        let id = try await Self.doc("Product Roadmap", in: setup)
        let pages = Self.pages(of: id, before)
        #expect(!pages.isEmpty)
        try await setup.control("docs/\(id)", #"{"delete":true}"#)
        let breakdown = try #require(try await setup.end()["result"]?["breakdown"])
        #expect(breakdown["docs"]?["deleted"] == 1 && breakdown["pages"]?["deleted"]?.integer == pages.count)
        let changed = try await setup.stored("changedAfter=\(change)")
        let gone = Set(changed.compactMap { $0["externalId"]?.string })
        #expect(gone == Set(pages.compactMap { $0["externalId"]?.string } + [id]))
        #expect(changed.allSatisfy { $0["deletedAt"] != nil })
        let after = try await setup.stored("limit=1000")
        #expect(after.count == before.count - gone.count)
        #expect(after.allSatisfy { !gone.contains($0["externalId"]?.string ?? "") })
        // Nothing is deleted twice.
        #expect(try await setup.end()["result"]?["breakdown"]?["docs"]?["deleted"] == 0)
    }

    @Test func `docs without a date are fetched each time and still written once`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "4"])
        try await setup.control("options", #"{"docsWithoutDates":true}"#)
        #expect(try await setup.end()["type"] == "complete")
        let change = try await Self.lastChange(of: setup)
        _ = try await setup.requests()
        #expect(try await setup.end()["result"]?["breakdown"]?["docs"]?["unchanged"] == 4)
        #expect(try await setup.requests().paths.ofPages.count == 4)
        #expect(try await setup.stored("changedAfter=\(change)").isEmpty)
    }

    @Test func `docs whose pages cannot be had fail alone, keep what is stored, and are repaired by the next import`()
        async throws
    {
        let setup = try await ClickUpSetup.start(["--docs", "8"])
        #expect(try await setup.end()["type"] == "complete")
        let before = try await setup.stored()
        let change = try await Self.lastChange(of: setup)
        let kinds = [("Getting Started", 404, "upstream-not-found"), ("Product Roadmap", 500, "upstream-unavailable")]
        var ids: [String] = []
        for (title, status, _) in kinds {
            let id = try await Self.doc(title, in: setup)
            ids.append(id)
            try await setup.control("docs/\(id)", #"{"content":"Repaired."}"#)
            try await setup.control(
                "faults", #"{"match":{"path":"*/\#(id)/pages"},"times":"always","status":\#(status)}"#)
        }
        let events = try await setup.importAll()
        let end = try #require(events.last).json
        #expect(end["type"] == "complete" && end["success"] == true && end["status"] == "completed_with_errors")
        #expect(end["result"]?["totalFailed"] == 2 && end["result"]?["breakdown"]?["docs"]?["failed"] == 2)
        let failed = try events.filter { $0.step == "document_failed" }.map { try $0.json }
        for (id, kind) in zip(ids, kinds) {
            let event = try #require(failed.first { $0["documentId"]?.string == id })
            #expect(event["code"]?.string == kind.2 && event["collection"] == "docs")
            #expect(event["message"]?.string?.isEmpty == false)
        }
        #expect(failed.count == 2)
        #expect(try await setup.stored("changedAfter=\(change)").isEmpty, "nothing is overwritten and nothing deleted")
        #expect(try await setup.stored() == before)
        #expect(Set(try await setup.reports().compactMap { $0["id"]?.string ?? $0["documentId"]?.string }) == Set(ids))

        _ = try await setup.simulator.http.send("DELETE", "/_simulator/faults")
        _ = try await setup.requests()
        #expect(try await setup.end()["status"] == "succeeded")
        #expect(try await setup.requests().paths.ofPages.count == 2)
        let repaired = try await setup.stored("changedAfter=\(change)&include=content")
        #expect(repaired.count { $0["content"] == "Repaired." } == 2)
    }
}
