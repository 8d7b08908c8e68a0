import Testing

@Suite("Requests", .realPrograms, .timeLimit(.minutes(30)))
struct RequestTests {
    // MARK: Routes

    @Test(arguments: ["", "/api", "/deep/base"])
    func `every route is at the root and below the base path`(basePath: String) async throws {
        let server = basePath.isEmpty ? [] : ["base_path: \(basePath)"]
        let daemon = try await DaemonProcess.start(DaemonConfiguration(server: server, .fixture("hello")))
        for prefix in ["", basePath] {
            let stream = try await daemon.http.stream("\(prefix)/integrations/hello/sync/stream")
            #expect(try await stream.rest().last?.type == "complete")
            let run = try #require(try await daemon.http.get("\(prefix)/runs").json["items"]?[0]?["id"]?.string)
            let page = try await daemon.http.get("\(prefix)/documents").json
            let document = try #require(page["items"]?[0]?["id"]?.string)
            let paths = [
                "/integrations", "/integrations/hello", "/integrations/hello/status", "/runs/\(run)",
                "/documents/\(document)", "/healthz", "/readyz",
            ]
            for path in paths { #expect(try await daemon.http.get(prefix + path).status == 200, "\(prefix + path)") }
            #expect(try await daemon.http.post("\(prefix)/integrations/hello/sync").status == 202)
            try await eventually("the run ends") {
                try await daemon.http.get("\(prefix)/integrations/hello/status").json["state"] == "complete"
            }
        }
    }

    @Test func `an integration shows its plugin, and no settings`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("secrets", name: "told", settings: ["token: s3cr3t-t0ken"], ["display_name: Told"]),
                .fixture("plain", ["enabled: false"])))
        let list = try await daemon.http.get("/integrations")
        #expect(list.head["content-type"] == "application/json")
        #expect(try list.json["items"]?.items.map { $0["name"]?.string } == ["told", "plain"])
        #expect(try list.json["next"] == .null)
        #expect(!list.text.contains("s3cr3t"))
        let one = try await daemon.http.get("/integrations/told").json
        #expect(try one == list.json["items"]?[0])
        #expect(one["displayName"] == "Told" && one["enabled"] == true && one["lastRun"] == .null)
        let plugin = try #require(one["plugin"])
        #expect(plugin["id"] == "com.example.fixture.secrets" && plugin["version"] == "1.0.0" && plugin["abi"] == "1.0")
        #expect(plugin["sha256"]?.string?.wholeMatch(of: /[0-9a-f]{64}/) != nil)
        #expect(one["capabilities"]?["progress"] == true && one["capabilities"]?["webhook"] == false)
        #expect(one["settingsSchema"]?["properties"]?["token"]?["x-secret"] == true)
        let other = try await daemon.http.get("/integrations/plain").json
        #expect(other["enabled"] == false && other["capabilities"]?["progress"] == false)
    }

    @Test func `links stand below the base path`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: ["base_path: /api"], .fixture("hello")))
        _ = try await daemon.http.events(ofImport: "hello")
        let run = try #require(try await daemon.runs().first)
        let link = try #require(run["links"]?["self"]?.string)
        #expect(link == "/api/runs/\(run["id"]?.string ?? "")")
        #expect(try await daemon.http.get(link).json == run)
        #expect(try await daemon.http.get("/integrations/hello").json["lastRun"]?["links"] == run["links"])
        #expect(try await daemon.http.get("/integrations/hello/status").json["run"] == run)
    }

    @Test func `the status goes from idle through running to complete or error`() async throws {
        let folder = try TemporaryFolder()
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("gated", settings: ["gate: \(folder.path("gate"))"]),
                .fixture("fails", settings: ["status: 6"])), in: folder)
        let status = "/integrations/gated/status"
        #expect(try await daemon.http.get(status).text == #"{"state":"idle","run":null}"#)
        let stream = try await daemon.http.sync("gated")
        try await stream.until(step: "before_the_gate")
        let running = try await daemon.http.get(status).json
        #expect(running["state"] == "running" && running["run"]?["progress"]?["step"] == "before_the_gate")
        try folder.write("", to: "gate")
        _ = try await stream.rest()
        #expect(try await daemon.http.get(status).json["state"] == "complete")
        _ = try await daemon.http.events(ofImport: "fails")
        let failed = try await daemon.http.get("/integrations/fails/status").json
        #expect(failed["state"] == "error" && failed["run"]?["error"]?["code"]?.string != nil)
    }

    @Test func `healthz and readyz answer without a token`() async throws {
        let daemon = try await DaemonProcess.start(Self.withTokens(.fixture("hello")))
        #expect(try await daemon.http.get("/healthz").text == #"{"status":"ok"}"#)
        #expect(try await daemon.http.get("/readyz").text == #"{"status":"ready"}"#)
        #expect(try await daemon.http.with("Host: elsewhere.example").get("/healthz").status == 200)
    }

    // MARK: Problems

    @Test(arguments: [
        ("GET", "/nowhere", 404, "not-found"), ("GET", "/integrations/nothing", 404, "integration-unknown"),
        ("GET", "/integrations/nothing/sync/stream", 404, "integration-unknown"),
        ("POST", "/integrations/nothing/sync", 404, "integration-unknown"),
        ("GET", "/integrations/off/sync/stream", 409, "integration-disabled"),
        ("POST", "/integrations/off/sync", 409, "integration-disabled"),
        // The number in the first is a time that is still to come.
        ("GET", "/runs/ffffffff-ffff-7a51-9c0f-5b1c2a7d9e10", 404, "run-unknown"),
        ("GET", "/runs/x", 404, "run-unknown"), ("GET", "/documents/x", 404, "not-found"),
        ("GET", "/runs?status=odd", 400, "bad-request"), ("GET", "/runs?limit=0", 400, "bad-request"),
        ("GET", "/runs?limit=1001", 400, "bad-request"), ("GET", "/documents?limit=x", 400, "bad-request"),
        ("GET", "/documents?changedAfter=-1", 400, "bad-request"), ("GET", "/runs?after=%21", 400, "bad-cursor"),
        ("GET", "/documents?after=nonsense", 400, "bad-cursor"),
        ("DELETE", "/integrations", 405, "method-not-allowed"),
        ("POST", "/integrations/hello/sync/stream", 405, "method-not-allowed"),
        ("GET", "/integrations/hello/sync", 405, "method-not-allowed"),
        ("PUT", "/api/runs", 405, "method-not-allowed"),
    ])
    func `what makes no sense is a problem with a code`(
        method: String, path: String, status: Int, code: String
    ) async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                server: ["base_path: /api"], .fixture("hello"), .fixture("plain", name: "off", ["enabled: false"])))
        let answer = try await daemon.http.send(method, path)
        #expect(answer.status == status)
        #expect(answer.head["content-type"] == "application/problem+json")
        let problem = try answer.json
        #expect(problem["code"]?.string == code && problem["status"]?.integer == status)
        #expect(problem["detail"]?.string?.isEmpty == false && problem["title"]?.string?.isEmpty == false)
        #expect(try await daemon.runs().isEmpty)
    }

    @Test(arguments: [
        ("DELETE", "/integrations", "GET"), ("DELETE", "/api/integrations/hello", "GET"),
        ("GET", "/integrations/hello/sync", "POST"), ("PATCH", "/integrations/hello/sync/stream", "GET"),
        ("POST", "/healthz", "GET"),
    ])
    func `a 405 names the methods that there are`(method: String, path: String, allowed: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(server: ["base_path: /api"], .fixture("hello")))
        let answer = try await daemon.http.send(method, path)
        let methods = try #require(answer.head["allow"]).split(separator: ",").map { $0.filter { $0 != " " } }
        #expect(answer.status == 405 && methods.contains(allowed) && !methods.contains(method))
    }

    @Test(arguments: [
        "GET /runs HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n", "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /integrations/%00%ff/status HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/9.9\r\n\r\n", "POST /integrations/hello/sync HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET /runs HTTP/1.1\r\nHost: localhost\r\nX-Long: \(String(repeating: "x", count: 100_000))\r\n\r\n",
    ])
    func `bytes that are no request for us do not hurt the daemon`(bytes: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        do {
            let answer = try await RawHTTP.request(bytes, port: daemon.port)
            #expect((400..<500).contains(answer.head?.status ?? 0))
        } catch is RawHTTP.Failure {}  // it may also hang up
        #expect(try await daemon.http.get("/healthz").status == 200)
        #expect(try await daemon.runs().isEmpty)
    }

    // MARK: Tokens and tenants

    private static func withTokens(_ integrations: DaemonConfiguration.Integration...) -> DaemonConfiguration {
        var configuration = DaemonConfiguration(
            more: """
                auth:
                  tokens:
                    - {name: all, token: token-for-all, scopes: [integrations:read, integrations:write]}
                    - {name: reader, sha256: \(readerDigest), scopes: [integrations:read]}
                    - {name: writer, token: token-to-write, scopes: [integrations:write]}
                    - name: bound
                      token: token-bound
                      scopes: [integrations:read, integrations:write]
                      organizations: [acme]
                      projects: [website, shop]
                    - name: single
                      token: token-single
                      scopes: [integrations:read, integrations:write]
                      organizations: [solo]
                      projects: [one]
                """)
        configuration.integrations = integrations
        return configuration
    }

    /// SHA-256 of `token-to-read`.
    private static let readerDigest = "1c3e089aa9fee9410d71490049f647e3a20ee1e351a95d79b25d6198309babad"

    @Test(arguments: [
        [], ["Authorization: Bearer wrong"], ["Authorization: Bearer"], ["Authorization: Basic dG9rZW4tZm9yLWFsbA=="],
        ["Authorization: token-for-all"], ["Authorization: Bearer token-for-al"],
        ["Authorization: Bearer token-for-all2"],
    ])
    func `without a token that the server knows there is nothing`(headers: [String]) async throws {
        let daemon = try await DaemonProcess.start(Self.withTokens(.fixture("hello")))
        var http = daemon.http
        http.headers = headers
        for path in [
            "/integrations", "/integrations/hello/sync/stream", "/integrations/nothing", "/runs", "/documents",
        ] {
            let answer = try await http.get(path)
            #expect(answer.status == 401 && answer.code == "unauthenticated", "\(path)")
            #expect(answer.head["www-authenticate"]?.hasPrefix("Bearer") == true)
        }
        #expect(try await http.get("/integrations?access_token=token-for-all").status == 401)
        #expect(try await daemon.http.bearer("token-for-all").get("/runs").json["items"]?.items.isEmpty == true)
    }

    @Test func `a token without the scope is refused, and one with it is not`() async throws {
        let daemon = try await DaemonProcess.start(Self.withTokens(.fixture("hello")))
        let reader = daemon.http.bearer("token-to-read"), writer = daemon.http.bearer("token-to-write")
        for answer in [
            try await reader.get("/integrations/hello/sync/stream"), try await reader.post("/integrations/hello/sync"),
            try await writer.get("/integrations"), try await writer.get("/runs"), try await writer.get("/documents"),
        ] {
            #expect(answer.status == 403 && answer.code == "forbidden")
        }
        #expect(try await reader.get("/integrations").status == 200)
        #expect(try await writer.events(ofImport: "hello").last?.type == "complete")
        #expect(try await reader.get("/runs").json["items"]?[0]?["requestedBy"] == "writer")
        #expect(!daemon.log.contains("token-to-write") && !daemon.log.contains("token-to-read"))
    }

    @Test func `a token that is bound to tenants is good for no other`() async throws {
        let daemon = try await DaemonProcess.start(Self.withTokens(.fixture("hello")))
        let bound = daemon.http.bearer("token-bound")
        for (organization, project) in [("other", "website"), ("acme", "other"), ("default", "default")] {
            let answer = try await bound.tenant(organization, project).get("/integrations/hello/sync/stream")
            #expect(answer.status == 403 && answer.code == "forbidden-tenant")
        }
        // It is for two projects, so it has to say which.
        #expect(try await bound.get("/runs").code == "forbidden-tenant")
        let events = try await bound.tenant("acme", "shop").events(ofImport: "hello")
        #expect(events.last?.type == "complete")
        #expect(try await bound.tenant("acme", "shop").get("/runs").json["items"]?.items.count == 1)
        #expect(try await bound.tenant("acme", "website").get("/runs").json["items"]?.items.isEmpty == true)
    }

    @Test func `a token for a single tenant means that one`() async throws {
        let daemon = try await DaemonProcess.start(Self.withTokens(.fixture("hello")))
        let single = daemon.http.bearer("token-single")
        _ = try await single.events(ofImport: "hello")
        let run = try #require(try await single.get("/runs").json["items"]?[0])
        #expect(run["orgId"] == "solo" && run["projectId"] == "one")
    }

    @Test(arguments: ["a b", "a/b", "ü", "", String(repeating: "x", count: 129), "a:b", "a\tb"])
    func `a malformed tenant is a 400 and starts nothing`(name: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        for header in ["X-Org-ID", "X-Project-ID"] {
            for path in ["/integrations/hello/sync/stream", "/runs", "/documents", "/integrations"] {
                let answer = try await daemon.http.with("\(header): \(name)").get(path)
                #expect(answer.status == 400 && answer.code == "bad-request", "\(header) \(path)")
            }
        }
        #expect(try await daemon.runs().isEmpty)
    }

    @Test func `an integration that belongs to a tenant is not there for another`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("hello", ["organization: acme", "project: website"]), .fixture("plain")))
        let stranger = daemon.http.tenant("other", "website")
        for path in ["/integrations/hello", "/integrations/hello/status", "/integrations/hello/sync/stream"] {
            let answer = try await stranger.get(path)
            #expect(answer.status == 404 && answer.code == "integration-unknown", "\(path)")
        }
        #expect(try await stranger.post("/integrations/hello/sync").code == "integration-unknown")
        #expect(try await stranger.get("/integrations").json["items"]?.items.map { $0["name"] } == ["plain"])
        #expect(try await daemon.http.events(ofImport: "hello").last?.type == "complete")
        let run = try #require(try await daemon.runs("?integration=hello").first)
        #expect(run["orgId"] == "acme" && run["projectId"] == "website")
        let id = try #require(run["id"]?.string)
        #expect(try await stranger.get("/runs/\(id)").code == "run-unknown")
        #expect(try await daemon.http.get("/runs/\(id)").status == 200)
        let page = try await daemon.http.get("/documents?integration=hello").json
        let document = try #require(page["items"]?[0]?["id"]?.string)
        #expect(try await stranger.get("/documents/\(document)").code == "not-found")
        #expect(try await daemon.http.get("/documents/\(document)").status == 200)
    }

    // MARK: Pages of other sites

    @Test(arguments: [
        ["Host: evil.example"], ["Host: evil.example:3001"], ["Host: 127.0.0.1.evil.example"], ["Host: 192.168.0.1"],
        ["Origin: https://evil.example"], ["Origin: null"], ["Origin: http://localhost.evil.example"],
        ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"],
    ])
    func `without tokens nothing of another site is served`(headers: [String]) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        var http = daemon.http
        http.headers = headers
        for path in ["/integrations", "/integrations/hello/sync/stream", "/documents"] {
            let answer = try await http.get(path)
            #expect(answer.status == 403 && answer.code == "cross-site", "\(path)")
        }
        #expect(try await http.post("/integrations/hello/sync").code == "cross-site")
        #expect(try await daemon.runs().isEmpty)
    }

    @Test func `without tokens this machine and pages of the server itself are served`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let port = daemon.port
        for headers in [
            ["Host: localhost:\(port)"], ["Host: [::1]:\(port)"], ["Host: 127.0.0.1"], ["Sec-Fetch-Site: same-origin"],
            ["Sec-Fetch-Site: none"], ["Host: localhost:\(port)", "Origin: http://localhost:\(port)"],
        ] {
            var http = daemon.http
            http.headers = headers
            #expect(try await http.get("/integrations").status == 200, "\(headers)")
        }
    }

    @Test func `with tokens any name of the server is good`() async throws {
        let daemon = try await DaemonProcess.start(Self.withTokens(.fixture("hello")))
        #expect(
            try await daemon.http.with("Host: imports.example.com").bearer("token-for-all").get("/integrations").status
                == 200)
    }
}
