import Testing

/// `server.cors`
@Suite("Pages of other origins", .realPrograms, .timeLimit(.minutes(30)))
struct CrossOriginTests {
    private static let origin = "https://app.example.com"

    private static func start(auth: Bool) async throws -> DaemonProcess {
        var configuration = DaemonConfiguration(
            server: ["cors: { allowed_origins: [\"\(origin)\"] }"], .fixture("hello"))
        if auth {
            configuration.more =
                "auth: {tokens: [{name: app, token: token-of-the-app, scopes: [integrations:read, integrations:write]}]}"
        }
        return try await DaemonProcess.start(configuration)
    }

    @Test func `a browser is told what a page may send, without a token`() async throws {
        let daemon = try await Self.start(auth: true)
        let asking = [
            "Origin: \(Self.origin)", "Access-Control-Request-Method: GET",
            "Access-Control-Request-Headers: authorization,last-event-id,x-org-id",
        ]
        for path in ["/integrations/hello/sync/stream", "/runs/x", "/nowhere"] {
            let answer = try await daemon.http.send("OPTIONS", path, asking)
            #expect(answer.status == 204 && answer.head["access-control-allow-origin"] == Self.origin)
            let allowed = try #require(answer.head["access-control-allow-headers"]).lowercased()
            for header in ["authorization", "last-event-id", "x-org-id", "x-project-id", "content-type"] {
                #expect(allowed.contains(header))
            }
            #expect(answer.head["access-control-allow-methods"]?.contains("POST") == true)
            #expect(answer.head["vary"] == "Origin")
            // A cookie would be sent by other tabs of the same page, too.
            #expect(answer.head["access-control-allow-credentials"] == nil)
        }
    }

    @Test func `answers, streams and refusals can be read`() async throws {
        let daemon = try await Self.start(auth: true)
        let page = daemon.http.with("Origin: \(Self.origin)", "Sec-Fetch-Site: cross-site")
        let app = page.bearer("token-of-the-app")
        let stream = try await app.sync("hello")
        #expect(stream.head?["access-control-allow-origin"] == Self.origin)
        #expect(try await stream.rest().last?.type == "complete")
        let answers = [
            (try await app.get("/runs"), 200), (try await page.get("/runs"), 401), (try await app.get("/runs/x"), 404),
            (try await page.get("/integrationd.js"), 200),
        ]
        for (answer, status) in answers {
            #expect(answer.status == status && answer.head["access-control-allow-origin"] == Self.origin)
            #expect(answer.head["access-control-expose-headers"]?.contains("Retry-After") == true)
        }
    }

    @Test func `without tokens a page of such an origin may ask, and no other`() async throws {
        let daemon = try await Self.start(auth: false)
        let page = daemon.http.with("Origin: \(Self.origin)", "Sec-Fetch-Site: cross-site")
        #expect(try await page.events(ofImport: "hello").last?.type == "complete")
        for origin in ["https://evil.example", "http://app.example.com", "\(Self.origin).evil.example", "null"] {
            let stranger = daemon.http.with("Origin: \(origin)", "Sec-Fetch-Site: cross-site")
            let answer = try await stranger.get("/integrations/hello/sync/stream")
            #expect(answer.code == "cross-site" && answer.head["access-control-allow-origin"] == nil)
            #expect(answer.head["vary"] == "Origin")
            let asked = try await stranger.send("OPTIONS", "/runs", ["Access-Control-Request-Method: GET"])
            #expect(asked.head["access-control-allow-origin"] == nil)
        }
        #expect(try await daemon.runs().count == 1)
    }

    @Test func `nothing is said about origins where none are named`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let answer = try await daemon.http.get("/runs")
        #expect(!answer.head.headers.contains { $0.name.hasPrefix("access-control") || $0.name == "vary" })
    }
}
