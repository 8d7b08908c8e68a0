import Foundation
import Testing

/// Cookies for pages of the daemon's own origin.
@Suite("Sessions", .realPrograms, .timeLimit(.minutes(30)))
struct SessionTests {
    private static func configuration(token: String = "token-of-the-page") -> DaemonConfiguration {
        var configuration = DaemonConfiguration(.fixture("hello"))
        configuration.more =
            "auth: {tokens: [{name: page, token: \(token), scopes: [integrations:read, integrations:write]}]}"
        return configuration
    }

    /// Opens a session and returns what a browser sends of it.
    private static func cookie(_ daemon: DaemonProcess) async throws -> String {
        let answer = try await daemon.http.bearer("token-of-the-page").post("/session")
        #expect(answer.status == 200)
        let set = try #require(answer.head["set-cookie"])
        return "Cookie: theme=dark; \(set.prefix { $0 != ";" })"
    }

    private static let eventSource = [
        "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors", "Accept: text/event-stream",
    ]
    private static let stream = "/integrations/hello/sync/stream"

    @Test func `the cookie is kept from scripts, from other sites and from the wire without TLS`() async throws {
        let daemon = try await DaemonProcess.start(Self.configuration())
        let page = daemon.http.bearer("token-of-the-page")
        let answer = try await page.post("/session")
        let attributes = try #require(answer.head["set-cookie"]).split(separator: "; ").dropFirst().map(String.init)
        #expect(Set(attributes) == ["Path=/", "HttpOnly", "SameSite=Strict"])
        #expect(try answer.json["expiresAt"]?.string != nil)
        #expect(!answer.text.contains("token-of-the-page"))
        let behindTLS = try await page.with("Origin: https://imports.example.com", "Host: imports.example.com")
            .post("/session")
        #expect(behindTLS.head["set-cookie"]?.hasSuffix("; Secure") == true)
        let key = daemon.folder.path("session.key")
        #expect(try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int == 0o600)
    }

    @Test func `an EventSource of the own origin starts an import with it and watches it`() async throws {
        let daemon = try await DaemonProcess.start(Self.configuration())
        var http = daemon.http
        http.headers = [try await Self.cookie(daemon)] + Self.eventSource
        #expect(try await http.events(ofImport: "hello").last?.type == "complete")
        let run = try #require(try await http.get("/runs").json["items"]?[0])
        #expect(run["requestedBy"] == "page")
        // Browsers do not say so over plain HTTP to another machine, but they name the page.
        for page in ["Origin: http://imports.lan:3001", "Referer: http://imports.lan:3001/page?of=mine"] {
            http.headers = [http.headers[0], "Host: imports.lan:3001", page, "Accept: text/event-stream"]
            #expect(try await http.get(Self.stream).text.contains("event: complete"))
        }
        #expect(try await daemon.http.bearer("token-of-the-page").get("/runs").json["items"]?.items.count == 3)
    }

    @Test(arguments: [
        ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors", "Accept: text/event-stream"],
        ["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Accept: text/event-stream"],
        ["Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Accept: text/html,*/*;q=0.8"],
        ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Accept: text/event-stream"],
        ["Sec-Fetch-Site: same-origin", "Accept: text/html,*/*;q=0.8"],
        ["Sec-Fetch-Site: same-origin", "Accept: text/event-stream", "Sec-Purpose: prefetch"],
        ["Sec-Fetch-Site: same-origin"], ["Accept: text/event-stream"],
        ["Origin: https://evil.example", "Accept: text/event-stream"],
        ["Referer: https://evil.example/localhost", "Accept: text/event-stream"],
        // What a browser that says nothing else sends for a link in the daemon's own page.
        ["Host: imports.lan", "Referer: http://imports.lan/", "Accept: text/html,*/*;q=0.8"],
    ])
    func `no cross-site and no navigating GET starts anything with it`(headers: [String]) async throws {
        let daemon = try await DaemonProcess.start(Self.configuration())
        var http = daemon.http
        http.headers = [try await Self.cookie(daemon)] + headers
        let answer = try await http.get(Self.stream)
        #expect(answer.code == "cross-site" || answer.code == "not-acceptable", "\(answer.text)")
        #expect(try await daemon.http.bearer("token-of-the-page").get("/runs").json["items"]?.items.isEmpty == true)
    }

    @Test func `other sites read and start nothing with it, by whatever method`() async throws {
        let daemon = try await DaemonProcess.start(Self.configuration())
        var http = daemon.http
        http.headers = [try await Self.cookie(daemon), "Sec-Fetch-Site: same-site"]
        #expect(try await http.post("/integrations/hello/sync").code == "cross-site")
        #expect(try await http.get("/documents").code == "cross-site")
        http.headers[1] = "Sec-Fetch-Site: same-origin"
        #expect(try await http.get("/documents").status == 200)
        #expect(try await http.post("/integrations/hello/sync").status == 202)
    }

    @Test func `it outlives a restart of the daemon, and ends with its token`() async throws {
        let daemon = try await DaemonProcess.start(Self.configuration())
        let headers = [try await Self.cookie(daemon)] + Self.eventSource
        try await daemon.kill()
        let again = try await DaemonProcess.start(Self.configuration(), in: daemon.folder)
        #expect(try await again.http.with(headers[0], headers[1]).get("/runs").status == 200)
        try await again.kill()
        let renewed = try await DaemonProcess.start(Self.configuration(token: "another-token"), in: daemon.folder)
        let refusal = try await renewed.http.with(headers[0], headers[1]).get("/runs")
        #expect(refusal.status == 401 && refusal.code == "unauthenticated")
    }

    @Test func `a cookie that the daemon did not make is good for nothing`() async throws {
        let daemon = try await DaemonProcess.start(Self.configuration())
        let cookie = try await Self.cookie(daemon)
        let parts = cookie.split(separator: "=").last?.split(separator: ".") ?? []
        let (end, code) = (try #require(Int(parts[0])), parts[1])
        let turned = code.first == "0" ? "1" : "0"
        for forged in [
            "\(end + 1).\(code)", "\(end).\(turned)\(code.dropFirst())", "1.\(code)", "\(end)", "\(end).", ".", "x.y",
            "\(end).\(code).\(code)", "\(end).\(code)00", "token-of-the-page",
        ] {
            let http = daemon.http.with("Cookie: integrationd_session=\(forged)", "Sec-Fetch-Site: same-origin")
            let answer = try await http.get("/runs")
            #expect(answer.status == 401, "\(forged)")
        }
        // A wrong token is not made good by a cookie beside it.
        #expect(
            try await daemon.http.with(cookie, "Sec-Fetch-Site: same-origin").bearer("wrong").get("/runs").status == 401
        )
    }

    @Test func `only a token begins one, and only for the own origin`() async throws {
        let daemon = try await DaemonProcess.start(Self.configuration())
        let cookie = try await Self.cookie(daemon)
        #expect(try await daemon.http.post("/session").status == 401)
        #expect(try await daemon.http.bearer("wrong").post("/session").status == 401)
        #expect(try await daemon.http.with(cookie, "Sec-Fetch-Site: same-origin").post("/session").status == 401)
        let page = daemon.http.bearer("token-of-the-page")
        for header in ["Sec-Fetch-Site: same-site", "Origin: https://evil.example"] {
            let answer = try await page.with(header).post("/session")
            #expect(answer.code == "cross-site" && answer.head["set-cookie"] == nil)
        }
        let cleared = try await daemon.http.send("DELETE", "/session")
        #expect(cleared.status == 204)
        #expect(cleared.head["set-cookie"]?.contains("integrationd_session=; ") == true)
        #expect(cleared.head["set-cookie"]?.contains("Max-Age=0") == true)

        let open = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let unneeded = try await open.http.post("/session")
        #expect(unneeded.status == 204 && unneeded.head["set-cookie"] == nil)
    }
}
