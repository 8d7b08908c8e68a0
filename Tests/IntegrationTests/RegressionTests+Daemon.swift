import Foundation
import Testing

/// What went wrong in the daemon itself.
extension RegressionTests {
    @Test func `the temporary folders of a daemon that was killed are gone after the next start`() async throws {
        let folder = try TemporaryFolder()
        let name = try await Self.compile(
            #"""
            FIXTURE_IMPORT_PROGRESS {
                char path[4096];
                snprintf(path, sizeof path, "%s/left", call->temp_dir);
                FILE *file = fopen(path, "w");
                if (!file) return INTEGRATION_PERMANENT;
                fclose(file);
                progress(context, "has_written", call->temp_dir, 1, 1);
                fixture_wait(call, -1);
                return INTEGRATION_CANCELLED;
            }
            """#)
        let yaml = DaemonConfiguration(.fixture(name, name: "probe")).yaml
        var left: [String] = []
        for _ in 1...3 {
            let daemon = try await DaemonProcess.start(yaml: yaml, in: folder)
            for path in left { #expect(!FileManager.default.fileExists(atPath: path), "\(path)") }
            // The run goes on in the next daemon, whose stream begins with what the earlier ones said.
            let stream = try await daemon.http.sync("probe")
            var path: String?
            while path == nil, let event = try await stream.next() {
                guard event.step == "has_written", let said = try event.json["message"]?.string else { continue }
                if !left.contains(said) { path = said }
            }
            let written = try #require(path)
            #expect(FileManager.default.fileExists(atPath: written + "/left"))
            #expect(written.hasPrefix(folder.url.path), "\(written)")
            left.append(written)
            try await daemon.kill()
        }
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")), in: folder)
        #expect(try await daemon.http.events(ofImport: "hello").last?.type == "complete")
        let parent = URL(filePath: try #require(left.first)).deletingLastPathComponent().path
        try await eventually("nothing is left") {
            // The folder itself may be gone, too.
            try !FileManager.default.fileExists(atPath: parent)
                || FileManager.default.contentsOfDirectory(atPath: parent).isEmpty
        }
    }

    // MARK: Tenants

    @Test func `tenants that are named with dots have data folders of their own`() async throws {
        let daemon = try await Self.daemon(
            """
            FIXTURE_IMPORT_PROGRESS {
                progress(context, "data_dir", call->data_dir, 1, 1);
                return INTEGRATION_OK;
            }
            """)
        let names = [".", "..", "_.", "_..", "...", "web"]
        var folders: [String] = []
        for (organization, project) in names.map({ ($0, "web") }) + names.dropLast().map({ ("web", $0) }) {
            let events = try await daemon.http.tenant(organization, project).events(ofImport: "probe")
            let event = try #require(events.first { $0.step == "data_dir" }, "\(organization)/\(project)")
            folders.append(URL(filePath: try #require(try event.json["message"]?.string)).standardized.path)
        }
        #expect(Set(folders).count == 2 * names.count - 1, "\(folders)")
        let data = try #require(folders.last).components(separatedBy: "/data/").first ?? ""
        for path in folders {
            #expect(path.hasPrefix(data + "/data/"))
            #expect(path.dropFirst(data.count).split(separator: "/").count == 4, "\(path)")
        }
    }

    @Test func `an integration of another tenant is not there for a token that is bound elsewhere`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                more: """
                    auth:
                      tokens:
                        - name: bound
                          token: token-bound
                          scopes: [integrations:read, integrations:write]
                          organizations: [acme]
                          projects: [web]
                        - {name: all, token: token-for-all, scopes: [integrations:read, integrations:write]}
                    """,
                .fixture("hello", ["organization: beta", "project: secret-project"]), .fixture("plain")))
        let bound = daemon.http.bearer("token-bound")
        let paths = ["", "/status", "/sync/stream"].map { "/integrations/hello\($0)" }
        for http in [bound, bound.tenant("acme", "web"), bound.tenant("beta", "secret-project")] {
            for path in paths {
                // As if it were none at all.
                let answer = try await http.get(path)
                #expect(answer.status == 404 && answer.code == "integration-unknown", "\(path)")
                #expect(!answer.text.contains("beta") && !answer.text.contains("secret-project"), "\(answer.text)")
            }
            #expect(try await http.post("/integrations/hello/sync").status == 404)
        }
        #expect(try await bound.get("/integrations").json["items"]?.items.map { $0["name"] } == ["plain"])
        #expect(try await bound.get("/integrations/plain").status == 200)
        #expect(try await daemon.http.bearer("token-for-all").events(ofImport: "hello").last?.type == "complete")
    }

    // MARK: Requests

    @Test(arguments: ["zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}oops", "-1\r\n{}\r\n0\r\n\r\n"])
    func `a body in malformed chunks is a 400`(body: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let head = RawHTTP.lines([
            "Host: 127.0.0.1:\(daemon.port)", "Content-Type: application/json", "Transfer-Encoding: chunked",
        ])
        let answer = try await RawHTTP.request(
            "POST /integrations/hello/sync HTTP/1.1\r\n" + head + body, port: daemon.port)
        #expect(answer.head?.status == 400)
        #expect(try await daemon.runs().isEmpty)
        #expect(!daemon.log.contains(" error "), "\(daemon.log)")
    }

    @Test func `SIGHUP does not end the daemon`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("waits"), .fixture("hello")))
        let stream = try await daemon.http.sync("waits")
        try await stream.until(step: "waiting_for_cancel")
        // To the daemon alone, and not to its workers.
        kill(daemon.process.id, SIGHUP)
        #expect(try await daemon.http.events(ofImport: "hello").last?.type == "complete")
        #expect(try await daemon.runs("?integration=waits").first?["status"] == "running")
        #expect(try await daemon.terminate().status == .exited(0))
    }

    @Test func `a page of documents with contents ends at some megabytes, and the next have the rest`() async throws {
        let count = 11
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("big", settings: ["documents: \(count)"])))
        #expect(try await daemon.http.events(ofImport: "big").last?.type == "complete")
        let all = try await daemon.http.get("/documents?limit=1000").json
        let ids = all["items"]?.items.compactMap { $0["externalId"]?.string } ?? []
        #expect(ids.count == count)

        var pages: [[String]] = []
        var path: String? = "/documents?include=content&limit=1000"
        while let asked = path {
            let answer = try await daemon.http.get(asked)
            #expect(answer.status == 200 && answer.body.count < 16 << 20)
            let page = try answer.json
            let items = try #require(page["items"]).items
            for item in items { #expect(item["content"]?.string.map { $0.utf8.count > 1_900_000 } == true) }
            pages.append(items.compactMap { $0["externalId"]?.string })
            path = page["next"]?.string.map { "/documents?include=content&limit=1000&after=\($0)" }
        }
        #expect(pages.count > 1 && pages.count < count, "\(pages)")
        #expect(pages.flatMap { $0 } == ids)
    }
}
