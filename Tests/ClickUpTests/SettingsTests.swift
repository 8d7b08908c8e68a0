import PluginKit
import Testing

@testable import ClickUp

@Suite struct SettingsTests {
    private func settings(_ text: String, token: String? = "pk_1") throws -> Settings {
        try Settings(RecordingHost(token: token).call(text))
    }

    @Test func `what is left out has a default`() throws {
        let settings = try settings(#"{"workspace_id":"9"}"#, token: " pk_1\n")
        #expect(settings.baseURL == "https://api.clickup.com" && settings.token == "pk_1")
        #expect(settings.selection.includesArchived && settings.maximumConcurrentRequests == 16)
    }

    @Test(arguments: [
        #"{}"#, #"{"workspace_id":""}"#, #"{"workspace_id":"9","max_concurrent_requests":0}"#,
        #"{"workspace_id":"9","max_concurrent_requests":65}"#,
        #"{"workspace_id":"9","base_url":"ftp://x"}"#,
        #"{"workspace_id":"9","base_url":"https://"}"#,
        #"{"workspace_id":"9","base_url":"https://u:p@x"}"#,
        #"{"workspace_id":"9","base_url":"https://x/?a=b"}"#,
        #"{"workspace_id":"9","base_url":"https://x y"}"#,
    ])
    func `what cannot work is refused`(text: String) {
        let error = #expect(throws: PluginError.self) { try settings(text) }
        #expect(error?.status == .invalidSettings && error?.code == "settings-invalid")
    }

    @Test(arguments: [nil, "", "  ", "pk_1\r\nX-Evil: 1", "pk_é"])
    func `a token that is none is refused and not repeated`(token: String?) {
        let error = #expect(throws: PluginError.self) {
            try settings(#"{"workspace_id":"9"}"#, token: token)
        }
        #expect(error?.status == .invalidSettings && error?.message.contains("Evil") == false)
    }

    @Test func `the manifest is JSON and names the collections`() throws {
        let text = String(cString: manifest(of: ClickUpPlugin.self))
        let manifest = try JSONValue(parsing: Array(text.utf8))
        #expect(manifest["id"] == "org.integrationd.clickup")
        #expect(
            manifest["collections"]?.array?.compactMap { $0["name"]?.string } == [
                "spaces", "folders", "lists", "tasks", "docs", "pages", "members", "comments", "attachments", "tags",
                "goals", "views", "time_entries",
            ])
        let properties = manifest["settings_schema"]?["properties"]
        #expect(properties?["api_token"]?["x-secret"] == true)
        #expect(properties?["include_archived"]?["x-run-option"] == true)
    }

    @Test func `ids from outside cannot leave their place in an address`() {
        #expect(ClickUpClient.escape("8cht190-831") == "8cht190-831")
        #expect(ClickUpClient.escape("../a?b=c&d#é") == "..%2Fa%3Fb%3Dc%26d%23%C3%A9")
        #expect(ClickUpClient.escape("..") == "%2E%2E")
    }
}

@Suite struct CurlTransportTests {
    @Test(arguments: ["file:///etc/hostname", "ftp://127.0.0.1/", "gopher://x", "http://"])
    func `only http and https are spoken`(url: String) async throws {
        let transport = try CurlTransport(maximumConnections: 2)
        let error = await #expect(throws: TransportError.self) {
            try await transport.send(Request(url: url))
        }
        #expect(error?.kind == .refused)
        await transport.close()
    }

    @Test func `a cancelled task never asks, and a closed transport neither`() async throws {
        let transport = try CurlTransport(maximumConnections: 1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await transport.send(Request(url: "http://127.0.0.1:1/"))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        await transport.close()
        await transport.close()
        await #expect(throws: CancellationError.self) {
            try await transport.send(Request(url: "file:///"))
        }
    }
}
