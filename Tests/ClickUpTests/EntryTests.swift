import PluginKit
import Testing

@testable import ClickUp

@Suite struct WebhookTests {
    private static let secret = "O94IM25S7PXBPYTMNXLLET230SRP0S89COR7B1YOJ2ZIE"
    private static let everything =
        #""collections":["spaces","folders","lists","tasks","docs","pages","comments","attachments","goals"]"#

    /// - Parameter settings: beside the workspace.
    private func receive(
        _ body: String, signature: String? = nil, secret: String? = secret, settings: String = everything
    ) async throws -> WebhookReply {
        let host = RecordingHost(secrets: ["webhook_secret": secret, "api_token": "pk_secret"])
        var options = CallOptions()
        options.settings = Array(#"{"workspace_id":"9",\#(settings)}"#.utf8)
        let digits = Array("0123456789abcdef")
        let own = SHA256.authenticate(Array(body.utf8), key: Array(Self.secret.utf8))
            .map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
        let request = WebhookRequest(
            headers: [.init("x-signature", signature ?? own)], body: Array(body.utf8))
        return try await ClickUpPlugin().webhook(request, EntryCall(options: options, host: host))
    }

    @Test func `SHA-256 and HMAC give what their standards say`() {
        func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        #expect(
            hex(SHA256.digest([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            hex(SHA256.digest(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hex(SHA256.digest(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            hex(SHA256.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = [UInt8](repeating: 0xAA, count: 131)
        #expect(
            hex(SHA256.authenticate(Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8), key: long))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    static let events: [(String, JSONValue?)] = [
        (
            #"{"event":"taskUpdated","task_id":"a1","webhook_id":"w","history_items":[{"id":"7"},{"id":8}]}"#,
            ["task_ids": ["a1"], "collections": ["tasks", "comments", "attachments"]]
        ),
        (
            #"{"event":"taskCommentPosted","task_id":"a1","webhook_id":"w","history_items":[]}"#,
            ["task_ids": ["a1"], "collections": ["tasks", "comments", "attachments"]]
        ),
        (
            #"{"event":"listUpdated","list_id":162641234,"webhook_id":"w"}"#,
            [
                "list_ids": ["162641234"],
                "collections": ["spaces", "folders", "lists", "tasks", "comments", "attachments"],
            ]
        ),
        (
            #"{"event":"spaceCreated","space_id":"5"}"#,
            [
                "space_ids": ["5"],
                "collections": [
                    "spaces", "folders", "lists", "tasks", "comments", "attachments", "docs", "pages",
                ],
            ]
        ),
        (
            #"{"event":"folderDeleted","folder_id":"5"}"#,
            ["collections": ["spaces", "folders", "lists", "tasks"], "sweep": "now"]
        ),
        (#"{"event":"goalUpdated","goal_id":"5"}"#, ["collections": ["goals"]]),
        (#"{"event":"somethingNew"}"#, nil),
        // No id of ClickUp's: a run that is narrowed to it would be refused, with all that others asked for.
        (#"{"event":"taskUpdated","task_id":"z z"}"#, nil),
        (#"{"event":"taskUpdated","task_id":"../../x"}"#, nil),
        (#"{"event":"taskUpdated","task_id":"\#(String(repeating: "a", count: 65))"}"#, nil),
    ]

    @Test(arguments: events)
    func `an event names what an import has to look at`(body: String, importing: JSONValue?) async throws {
        #expect(try await receive(body).importing == importing)
    }

    @Test(
        arguments: [
            (0, #""collections":["tasks"]"#, ["task_ids": ["a1"], "collections": ["tasks"]]),
            (0, #""collections":["docs"]"#, nil), (5, #""sweep":"never""#, nil),
            // Where something is chosen, what is named need not be a part of it: that is an import's to find out.
            (0, #""space_ids":["5"]"#, [:]), (2, #""list_ids":["6"]"#, [:]),
            (4, #""space_ids":["5"]"#, ["sweep": "now"]),
            // A run with options of its own would not tell what is archived from what is gone.
            (4, #""include_archived":false"#, [:]), (4, #""include_archived":false,"space_ids":["5"]"#, [:]),
        ] as [(Int, String, JSONValue?)])
    func `a webhook brings nothing that the settings leave out`(
        event: Int, settings: String, importing: JSONValue?
    ) async throws {
        #expect(try await receive(Self.events[event].0, settings: settings).importing == importing)
    }

    @Test func `changes are numbered, so that a replay is one`() async throws {
        #expect(try await receive(Self.events[0].0).ids == ["w/7", "w/8"])
    }

    @Test(arguments: ["", "00", String(repeating: "0", count: 64)])
    func `what is not signed is refused`(signature: String) async throws {
        let error = await #expect(throws: PluginError.self) {
            try await receive(Self.events[0].0, signature: signature)
        }
        #expect(error?.status == .authFailed)
    }

    @Test func `without a secret nothing is taken, with several each is tried`() async throws {
        for secret in [nil, "", "another"] {
            await #expect(throws: PluginError.self) { try await receive(Self.events[0].0, secret: secret) }
        }
        _ = try await receive(Self.events[0].0, secret: "another \(Self.secret)")
    }

    @Test(arguments: ["", "{}", "no", #"{"event":5}"#])
    func `a body that names no event is a bad request`(body: String) async throws {
        let error = await #expect(throws: PluginError.self) { try await receive(body) }
        #expect(error?.status == .invalidSettings)
    }
}

@Suite struct ConnectionTests {
    private let clickUp = FakeClickUp()

    private func client(_ settings: Settings, _ host: RecordingHost) -> ClickUpClient {
        ClickUpClient(
            settings: settings, transport: clickUp, timekeeper: FakeTime().timekeeper, call: host.call())
    }

    @Test func `a test says who asks, and what the token opens, in two requests`() async throws {
        let host = RecordingHost()
        clickUp.answer("/api/v2/user", #"{"user":{"id":1,"username":"Ada","email":"ada@example.com"}}"#)
        let settings = try Settings(host.call())
        let test = try await ClickUpPlugin().test(client(settings, host), settings)
        #expect(test.account == "Ada" && clickUp.requests == ["/api/v2/team", "/api/v2/user"])
        let details = JSONValue.object(test.details)
        #expect(details["workspace"] == ["id": "9", "name": "Nine"] && details["workspaces"]?.array?.count == 1)
    }

    @Test func `the structure is a tree of places with the docs in them`() async throws {
        let host = RecordingHost()
        clickUp.answer(
            "/api/v2/space/90/folder?archived=false",
            #"{"folders":[{"id":"500","name":"F","lists":[{"id":"600","name":"L","task_count":"4"}]}]}"#)
        clickUp.setDocs([#"{"id":"d1","name":"Guide","parent":{"id":"600","type":6}}"#, #"{"id":"d2","name":""}"#])
        let settings = try Settings(host.call())
        let root = try await ClickUpPlugin().structure(client(settings, host), settings)
        #expect(root.kind == "workspace" && root.count == 6)
        let space = try #require(root.nodes.first { $0.id == "90" })
        #expect(space.nodes.map(\.kind) == ["folder", "list", "doc"] && space.count == 5)
        #expect(space.nodes.first?.nodes.first?.count == 4)
        #expect(root.nodes.contains { $0.id == "d2" && $0.name == "Untitled" })
    }
}
