import Foundation
import Testing

@Suite("Importing ClickUp", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpImportTests {
    /// What is stored is what the simulator has, by a reader of its own: nothing more, nothing less.
    @discardableResult
    private static func compare(_ setup: ClickUpSetup) async throws -> ClickUpListing {
        let listing = try await ClickUpListing.all(of: setup.simulator)
        let stored = Dictionary(
            try await setup.stored().map { (ClickUpDocument.key($0), ClickUpDocument($0)) },
            uniquingKeysWith: { first, _ in first })
        #expect(Set(stored.keys).symmetricDifference(listing.documents.keys).sorted() == [])
        for (key, expected) in listing.documents {
            let isEqual = stored[key] == expected
            #expect(
                isEqual, "\(key): \(String(describing: stored[key]).prefix(2000)) is not \("\(expected)".prefix(2000))")
        }
        return listing
    }

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    @Test func `the steps come in order, in the wording that people know`() async throws {
        let setup = try await ClickUpSetup.start()
        let events = try await setup.importAll()
        var steps: [String] = []
        for step in events.compactMap(\.step) where !steps.contains(step) { steps.append(step) }
        #expect(
            steps == [
                "starting", "fetching_workspace", "fetching_spaces", "spaces_fetched", "importing_docs",
                "fetching_docs",
                "storing_docs", "storing_doc", "fetching_pages", "storing_pages", "docs_complete", "complete",
            ])
        let bodies = try events.map { try $0.json }
        let messages = bodies.compactMap { $0["message"]?.string }
        for message in [
            "Starting ClickUp import...", "Fetching workspace details...", "Fetching spaces...", "Found 3 spaces",
            "Importing docs from 3 spaces...", "Fetching docs... (0 processed so far)", "Storing 15 docs...",
            "Storing doc: Getting Started", "Fetching pages for: Getting Started",
            "Docs import complete: 15 docs processed",
        ] { #expect(messages.contains(message), "\(message)") }
        let stored = try await setup.stored().count
        #expect(messages.last == "Import complete: \(stored) imported, 0 failed")
        let first = try #require(bodies.first { $0["step"] == "storing_doc" })
        #expect(first["count"] == 0 && first["total"] == 15)
        let end = try #require(bodies.last)
        #expect(end["success"] == true && end["result"]?["totalImported"]?.integer == stored)
        #expect(end["result"]?["breakdown"]?["docs"]?["imported"] == 15)
        #expect(end["result"]?["breakdown"]?["spaces"]?["imported"] == 3)
        #expect(end["result"]?["breakdown"]?.keys == ["spaces", "docs", "pages"])
    }

    @Test func `all spaces, docs and pages are stored as ClickUp has them, over several pages of the listing`()
        async throws
    {
        let setup = try await ClickUpSetup.start(["--docs", "130", "--spaces", "4"])
        for name in ["Shelved", "Also shelved"] {
            try await setup.control("docs", #"{"name":"\#(name)","archived":true,"content":"Kept."}"#)
        }
        #expect(try await setup.end()["type"] == "complete")
        let listing = try await Self.compare(setup)
        #expect(listing.docs.count == 132)
        #expect(listing.documents.keys.count { $0.hasPrefix("spaces/") } == 4)
        #expect(try await setup.requests().paths.count < 1000)
    }

    @Test func `the space of a doc is found through each kind of parent`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "12"])
        #expect(try await setup.end()["type"] == "complete")
        let listing = try await Self.compare(setup)
        #expect(listing.parentTypes == [4, 5, 6, 7, 12])
        let parents = listing.docs.map { listing.documents["docs/\($0["id"]?.string ?? "")"]?.parent }
        // Two lie in the workspace itself, one in a list that nobody can see.
        #expect(parents.count { $0 == nil } == 3 && parents.count { $0 != nil } == 9)
    }

    @Test func `what has no name or no content is kept`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "6"])
        try await setup.control("docs", #"{"name":null,"pages":[{"content":""},{"name":"","content":null},{}]}"#)
        try await setup.control("docs", #"{"name":"A doc without pages","pages":[]}"#)
        #expect(try await setup.end()["type"] == "complete")
        try await Self.compare(setup)
        let stored = try await setup.stored()
        #expect(stored.count { $0["collection"] == "docs" && $0["title"] == "" } == 2)
        #expect(stored.count { $0["collection"] == "pages" && $0["title"] == "" && $0["content"] == "" } == 3)
    }

    @Test func `a page may lie thirty levels deep, and a thousand in one doc`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "1"])
        let deep = (1...31).reversed().reduce("[]") { below, level in
            #"[{"name":"Level \#(level)","content":"At \#(level).","pages":\#(below)},{"name":"Beside \#(level)"}]"#
        }
        try await setup.control("docs", #"{"name":"Deep","pages":\#(deep)}"#)
        let many = (0..<1000).map { #"{"name":"Page \#($0)","content":"Text \#($0)."}"# }.joined(separator: ",")
        try await setup.control("docs", #"{"name":"Many","pages":[\#(many)]}"#)
        #expect(try await setup.end()["type"] == "complete")
        let listing = try await Self.compare(setup)
        let lowest = try #require(listing.documents.values.first { $0.title == Array("Level 31".utf8) })
        #expect(lowest.path.count == 32 && lowest.path.last == "Level 30")
        #expect(listing.documents.values.contains { $0.position == 999 })
    }

    @Test func `content is what ClickUp gave, byte for byte, in any script and any size`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "1"])
        let texts = [
            "NUL \u{0} and all controls \(String(String.UnicodeScalarView((1...31).compactMap(Unicode.Scalar.init)))) \u{7F}",
            "emoji 👩‍💻👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 and astral 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u{10FFFF} \u{FFFE} \u{E000}",
            "composed \u{E9} and decomposed e\u{301}, K \u{212A}, Å \u{212B}, ligature ﬁ",
            "right to left \u{202E}אבג\u{202C} عربي, zero width \u{200B}\u{200D}\u{FEFF}",
            "separators \u{2028}\u{2029}\u{85}",
            "\r\nline\rends\n\n \t ", "\"quotes\" \\back\\slashes\\u0041 </script> <!-- ' & %00 {{x}} ${HOME}",
            "日本語 中文 한국어 ภาษาไทย हिन्दी ქართული", " leading and trailing ", "\u{FEFF}byte order mark",
        ]
        for text in texts {
            let json = try Self.quoted(text)
            try await setup.control("docs", #"{"name":\#(json),"pages":[{"name":\#(json),"content":\#(json)}]}"#)
        }
        let large = String(repeating: "Zürich 東京 🚀 \u{0} \n", count: 2 << 20 / 24)
        #expect(large.utf8.count > 2_000_000)
        try await setup.control("docs", #"{"name":"Large","content":\#(try Self.quoted(large))}"#)
        #expect(try await setup.end()["type"] == "complete")
        let listing = try await Self.compare(setup)
        let contents = Set(listing.documents.values.map(\.content))
        for text in texts + [large] { #expect(contents.contains(Array(text.utf8)), "\(text.prefix(60))") }
    }

    @Test func `a page can be read as Markdown, as it is`() async throws {
        let setup = try await ClickUpSetup.start(["--docs", "2"])
        #expect(try await setup.end()["type"] == "complete")
        let page = try #require(try await setup.stored("collection=pages&include=content").first)
        let id = try #require(page["id"]?.string)
        let answer = try await setup.daemon.http.get("/documents/\(id)?format=markdown")
        #expect(answer.head["content-type"] == "text/markdown; charset=utf-8")
        #expect(answer.text == page["content"]?.string && answer.text.hasPrefix("# "))
        #expect(page["contentType"] == "text/markdown" && page["url"]?.string?.contains("/v/dc/") == true)
        #expect(page["authors"]?.items.isEmpty == false && page["updatedAt"]?.string?.hasSuffix("Z") == true)
    }

    @Test func `many requests are in flight at once, and no more than are allowed`() async throws {
        for (allowed, least) in [(1, 1), (6, 2)] {
            let setup = try await ClickUpSetup.start(
                ["--docs", "24", "--latency", "20ms"],
                settings: ClickUpSetup.docsAlone + ["max_concurrent_requests: \(allowed)"])
            #expect(try await setup.end()["type"] == "complete")
            let inFlight = try await setup.requests().maximumInFlight
            #expect(inFlight <= allowed && inFlight >= least, "\(inFlight) of \(allowed)")
        }
    }

    @Test func `without the archived ones they are not asked for`() async throws {
        let setup = try await ClickUpSetup.start(
            ["--docs", "3"], settings: ClickUpSetup.docsAlone + ["include_archived: false"])
        try await setup.control("docs", #"{"name":"Shelved","archived":true,"content":"Not wanted."}"#)
        #expect(try await setup.end()["result"]?["breakdown"]?["docs"]?["imported"] == 3)
        #expect(try await setup.stored().allSatisfy { $0["title"] != "Shelved" })
    }

    @Test func `the token is nowhere to be read`() async throws {
        let folder = try TemporaryFolder()
        let setup = try await ClickUpSetup.start(["--docs", "3"], in: folder, daemon: ["--log-level", "trace"])
        // An answer that repeats the token, as an error page of a proxy may.
        let body = #"{"err":"bad \#(ClickUpSetup.token)","token":"\#(ClickUpSetup.token)"}"#
        try await setup.control(
            "faults", #"{"match":{"path":"*/pages"},"status":404,"body":\#(try Self.quoted(body))}"#)
        let stream = try await setup.daemon.http.sync("clickup")
        #expect(try await stream.rest().last?.json["status"] == "completed_with_errors")
        var said = [stream.text]
        let run = try #require(try await setup.daemon.runs().first?["id"]?.string)
        for path in [
            "/runs", "/runs/\(run)", "/runs/\(run)/errors", "/runs/\(run)/log", "/runs/\(run)/events", "/integrations",
            "/integrations/clickup", "/documents?include=content&limit=1000",
        ] { said.append(try await setup.daemon.http.get(path).text) }
        _ = try await setup.daemon.terminate()
        said.append(try await setup.daemon.process.errors.end())
        for text in said { #expect(!text.contains("TOKEN_OF_THESE_TESTS"), "\(text.prefix(2000))") }
        #expect(said[0].contains("document_failed") && said[0].contains("***"))
        let files = try #require(FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.lastPathComponent.hasPrefix("store.db") {
            let content = try Data(contentsOf: file)
            #expect(content.firstRange(of: Data("TOKEN_OF_THESE_TESTS".utf8)) == nil, "\(file.lastPathComponent)")
        }
    }
}
