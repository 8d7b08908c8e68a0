import Testing

@Suite("Documents", .realPrograms, .timeLimit(.minutes(30)))
struct DocumentTests {
    /// A daemon whose integration `source` is at this revision, after an import.
    private static func daemon(
        _ settings: [String], in folder: TemporaryFolder? = nil
    ) async throws -> (daemon: DaemonProcess, end: SSEParser.Event) {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("known_user", name: "source", settings: settings)), in: folder)
        return (daemon, try #require(try await daemon.http.events(ofImport: "source").last))
    }

    private static func allPages(_ http: HTTPClient, _ path: String, limit: Int) async throws -> [JSON] {
        var all: [JSON] = []
        var after = ""
        while true {
            let page = try await http.get("\(path)\(path.contains("?") ? "&" : "?")limit=\(limit)\(after)").json
            let items = try #require(page["items"]).items
            #expect(items.count <= limit)
            all += items
            guard let next = page["next"]?.string else { return all }
            #expect(items.count == limit)
            after = "&after=\(next)"
        }
    }

    private static func newestChange(of documents: [JSON]) -> Int {
        documents.compactMap { $0["change"]?.integer }.max() ?? 0
    }

    @Test func `a document has the members of the contract, and content only when asked for`() async throws {
        let (daemon, _) = try await Self.daemon(["documents: 1"])
        let listed = try #require(try await daemon.http.get("/documents").json["items"]?[0])
        #expect(
            listed.keys.isSuperset(of: [
                "id", "integration", "collection", "externalId", "title", "contentType", "url", "path", "authors",
                "metadata", "contentHash", "change", "syncedAt",
            ]))
        #expect(listed["content"] == nil && listed["deletedAt"] == nil)
        #expect(listed["integration"] == "source" && listed["collection"] == "items" && listed["externalId"] == "1")
        #expect(listed["title"] == "Item 1")
        let withContent = try #require(try await daemon.http.get("/documents?include=content").json["items"]?[0])
        #expect(withContent["content"] == "r1")
        let id = try #require(listed["id"]?.string)
        #expect(try await daemon.http.get("/documents/\(id)").json == withContent)
        let markdown = try await daemon.http.get("/documents/\(id)?format=markdown")
        #expect(markdown.head["content-type"] == "text/markdown; charset=utf-8" && markdown.text == "r1")
        #expect(try await daemon.http.get("/documents/\(id)?format=pdf").code == "bad-request")
    }

    @Test func `paging shows each document once, in the same order`() async throws {
        let (daemon, _) = try await Self.daemon(["documents: 25"])
        let whole = try await Self.allPages(daemon.http, "/documents", limit: 1000)
        #expect(whole.count == 25)
        for limit in [1, 7, 25] {
            #expect(try await Self.allPages(daemon.http, "/documents", limit: limit) == whole)
        }
        let changes = try await Self.allPages(daemon.http, "/documents?changedAfter=0", limit: 4)
        let numbers = changes.compactMap { $0["change"]?.integer }
        #expect(numbers.count == 25 && numbers == numbers.sorted() && Set(numbers).count == 25)
    }

    @Test func `filters choose`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello"), .fixture("plain")))
        _ = try await daemon.http.events(ofImport: "hello")
        _ = try await daemon.http.events(ofImport: "plain")
        func count(_ query: String) async throws -> Int? {
            try await daemon.http.get("/documents\(query)").json["items"]?.items.count
        }
        #expect(try await count("") == 13)
        #expect(try await count("?integration=hello") == 3)
        #expect(try await count("?integration=plain&collection=items") == 10)
        #expect(try await count("?integration=plain&collection=pages") == 0)
        #expect(try await count("?integration=nothing") == 0)
    }

    @Test func `a second import of unchanged data writes nothing and says so`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("counts", settings: ["documents: 30"])))
        _ = try await daemon.http.events(ofImport: "counts")
        let before = try await Self.allPages(daemon.http, "/documents?changedAfter=0", limit: 1000)
        let end = try #require(try await daemon.http.events(ofImport: "counts").last).json
        let items = try #require(end["result"]?["breakdown"]?["items"])
        #expect(items["unchanged"] == 30 && items["new"] == 0 && items["updated"] == 0)
        #expect(end["result"]?["totalImported"] == 30)
        let run = try #require(try await daemon.runs().first)
        #expect(run["counts"]?["unchanged"] == 30 && run["counts"]?["imported"] == 0)
        let after = try await Self.allPages(daemon.http, "/documents?changedAfter=0", limit: 1000)
        #expect(after.map { $0["change"] } == before.map { $0["change"] })
        #expect(after.map { $0["contentHash"] } == before.map { $0["contentHash"] })
        let newest = Self.newestChange(of: before)
        #expect(try await daemon.http.get("/documents?changedAfter=\(newest)").json["items"]?.items.isEmpty == true)
    }

    @Test func `a consumer that asks for changes misses nothing, deletions included`() async throws {
        let folder = try TemporaryFolder()
        let (first, _) = try await Self.daemon(["documents: 7"], in: folder)
        let all = try await Self.allPages(first.http, "/documents?changedAfter=0", limit: 1000)
        let seen = Self.newestChange(of: all)
        _ = try await first.terminate()

        let (second, end) = try await Self.daemon(["documents: 5", "revision: r2"], in: folder)
        let items = try #require(try end.json["result"]?["breakdown"]?["items"])
        #expect(items["updated"] == 5 && items["deleted"] == 2 && items["new"] == 0)
        let changes = try await Self.allPages(second.http, "/documents?changedAfter=\(seen)", limit: 3)
        #expect(Set(changes.compactMap { $0["externalId"]?.string }) == ["1", "2", "3", "4", "5", "6", "7"])
        let deleted = changes.filter { $0["deletedAt"] != nil }
        #expect(Set(deleted.compactMap { $0["externalId"]?.string }) == ["6", "7"])
        // Without `changedAfter` there is only what is there.
        #expect(try await second.http.get("/documents").json["items"]?.items.count == 5)
        // The same document keeps its id through all that.
        let ids = Dictionary(uniqueKeysWithValues: all.map { ($0["externalId"]?.string, $0["id"]?.string) })
        for change in changes { #expect(ids[change["externalId"]?.string] == change["id"]?.string) }
        _ = try await second.terminate()

        let (third, again) = try await Self.daemon(["documents: 7", "revision: r2"], in: folder)
        #expect(try again.json["result"]?["breakdown"]?["items"]?["unchanged"] == 5)
        #expect(try await third.http.get("/documents").json["items"]?.items.count == 7)
    }

    @Test func `a document that could not be read keeps what is stored of it`() async throws {
        let folder = try TemporaryFolder()
        let (first, _) = try await Self.daemon(["documents: 3"], in: folder)
        _ = try await first.terminate()
        let (second, end) = try await Self.daemon(["documents: 3", "revision: r2", "failed: 2"], in: folder)
        #expect(try end.json["status"] == "completed_with_errors")
        let page = try await second.http.get("/documents?include=content").json
        let contents = page["items"]?.items.map { ($0["externalId"]?.string ?? "") + $0["content", default: ""] }
        #expect(Set(contents ?? []) == ["1r2", "2r1", "3r2"])
    }

    @Test func `documents of 2 MB come out as they went in`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("big")))
        #expect(try await daemon.http.events(ofImport: "big").last?.type == "complete")
        let listed = try await daemon.http.get("/documents").json["items"]?.items ?? []
        #expect(!listed.isEmpty)
        for item in listed {
            let id = try #require(item["id"]?.string)
            let content = try #require(try await daemon.http.get("/documents/\(id)").json["content"]?.string)
            #expect(content.utf8.count > 1_900_000)
            #expect(!content.unicodeScalars.contains("\u{FFFD}"))
        }
    }

    // MARK: Runs

    @Test func `runs are listed newest first, in pages, and by integration and status`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("hello"), .fixture("fails", settings: ["status: 6"])))
        for name in ["hello", "fails", "hello", "fails", "hello"] {
            _ = try await daemon.http.events(ofImport: name)
        }
        let whole = try await daemon.runs()
        #expect(whole.map { $0["integration"]?.string } == ["hello", "fails", "hello", "fails", "hello"])
        let times = whole.compactMap { $0["createdAt"]?.string }
        #expect(times == times.sorted(by: >))
        #expect(try await Self.allPages(daemon.http, "/runs", limit: 2) == whole)
        #expect(try await Self.allPages(daemon.http, "/runs?integration=hello", limit: 1).count == 3)
        #expect(try await daemon.runs("?status=failed").count == 2)
        #expect(try await daemon.runs("?status=failed,succeeded").count == 5)
        #expect(try await daemon.runs("?status=running").isEmpty)
        #expect(try await daemon.runs("?integration=hello&status=failed").isEmpty)
    }

    @Test func `a run has the members of the contract`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let events = try await daemon.http.events(ofImport: "hello")
        let run = try #require(try await daemon.runs().first)
        #expect(
            run.keys.isSuperset(of: [
                "id", "integration", "orgId", "projectId", "status", "startedAt", "endedAt", "requestedBy", "options",
                "progress", "counts", "result", "lastEventId", "links",
            ]))
        #expect(run["status"] == "succeeded" && run["error"] == nil)
        #expect(
            run["counts"]?.keys == ["imported", "updated", "unchanged", "deleted", "failed", "collections"])
        #expect(run["counts"]?["collections"]?["items"]?["imported"] == 3)
        #expect(run["counts"]?["imported"] == 3)
        #expect(run["lastEventId"]?.string == events.last?.lastEventID)
        #expect(try run["result"] == events.last?.json["result"])
        #expect(try await daemon.http.get("/runs/\(run["id"]?.string ?? "")").json == run)
    }
}

extension JSON {
    fileprivate subscript(name: String, default fallback: String) -> String { self[name]?.string ?? fallback }
}
