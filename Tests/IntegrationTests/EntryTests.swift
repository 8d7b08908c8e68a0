import Foundation
import Testing

@Suite("Test, structure and webhook", .realPrograms, .timeLimit(.minutes(30)))
struct EntryTests {
    private func daemon(
        _ behaviour: String = "good", in folder: TemporaryFolder? = nil, settings: [String] = [],
        server: [String] = [], more: String = ""
    ) async throws -> DaemonProcess {
        try await DaemonProcess.start(
            DaemonConfiguration(
                server: server, more: more,
                .fixture("entries", settings: ["behaviour: \(behaviour)", "token: sesame"] + settings),
                .fixture("hello")), in: folder)
    }

    // MARK: Test

    @Test func `a test tells what it found and how long it took`() async throws {
        let daemon = try await daemon()
        let answer = try await daemon.http.post("/integrations/entries/test")
        let json = try answer.json
        #expect(answer.status == 200 && json["success"] == true)
        #expect(json["account"] == "me" && json["details"]?["plan"] == "free")
        #expect(json["latencyMs"]?.integer != nil)
        #expect(try await daemon.http.get("/documents").json["items"]?.items == [], "a test stores nothing")
        #expect(try await daemon.runs().isEmpty, "a test is no run")
    }

    @Test(arguments: [
        ("unauthorized", "upstream-unauthorized", "The token is not valid."),
        ("crash", "plugin-crashed", "The plugin ended its process: it was ended by SIGABRT"),
        ("garbage", "plugin-misbehaved", "The reply of integration_test_v1 is not a JSON object."),
    ])
    func `a test that goes wrong says why`(behaviour: String, code: String, error: String) async throws {
        let daemon = try await daemon(behaviour)
        let answer = try await daemon.http.post("/integrations/entries/test")
        let json = try answer.json
        #expect(answer.status == 200 && json["success"] == false && json["code"] == .string(code))
        #expect(json["error"]?.string?.hasPrefix(String(error.prefix(30))) == true, "\(answer.text)")
    }

    @Test func `an entry that the plugin does not have is named`() async throws {
        let daemon = try await daemon()
        for (method, path) in [("POST", "test"), ("GET", "structure"), ("POST", "webhook")] {
            let answer = try await daemon.http.send(method, "/integrations/hello/\(path)", body: "")
            #expect(answer.status == 501 && answer.code == "not-supported", "\(path): \(answer.text)")
            #expect(answer.text.contains("integration_\(path)_v1"), "\(answer.text)")
        }
    }

    @Test func `a call that never stops printing ends with its time`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: ["cancel_grace: 100ms"], .fixture("floods", settings: [])))
        let began = ContinuousClock.now
        let answer = try await daemon.http.send("POST", "/integrations/floods/webhook", body: "{}")
        #expect(answer.status == 422 && answer.code == "plugin-timeout", "\(answer.text)")
        #expect(began.duration(to: .now) < .seconds(25), "a webhook has ten")
    }

    // MARK: Structure

    @Test func `the structure is what the plugin replies`() async throws {
        let daemon = try await daemon()
        let answer = try await daemon.http.get("/integrations/entries/structure")
        #expect(answer.status == 200)
        #expect(try answer.json["nodes"]?.items.first?["kind"] == "space")
    }

    @Test(arguments: [
        ("unauthorized", 502, "upstream-unauthorized"), ("silent", 422, "plugin-misbehaved"),
        ("crash", 422, "plugin-crashed"),
    ])
    func `a structure that cannot be had is a problem`(behaviour: String, status: Int, code: String) async throws {
        let daemon = try await daemon(behaviour)
        let answer = try await daemon.http.get("/integrations/entries/structure")
        #expect(answer.status == status && answer.code == code, "\(answer.text)")
    }

    @Test func `scopes: a reader may look and not test`() async throws {
        let more = """
            auth:
              tokens:
                - { name: reader, token: "reader-token-0123456789", scopes: ["integrations:read"] }
            """
        let daemon = try await daemon(more: more)
        let reader = daemon.http.bearer("reader-token-0123456789")
        #expect(try await daemon.http.get("/integrations/entries/structure").status == 401)
        #expect(try await reader.get("/integrations/entries/structure").status == 200)
        #expect(try await reader.post("/integrations/entries/test").status == 403)
        // The plugin checks who sends a webhook.
        #expect(try await webhook(daemon, signature: "sesame", "{}").status == 200)
    }

    // MARK: Webhook

    private func webhook(
        _ daemon: DaemonProcess, signature: String = "sesame", _ body: String, query: String = ""
    ) async throws -> HTTPClient.Response {
        try await daemon.http.send(
            "POST", "/integrations/entries/webhook\(query)", ["X-Signature: \(signature)"], body: body)
    }

    @Test func `a webhook's status follows the plugin's`() async throws {
        let daemon = try await daemon(server: ["limits: { body: 1KiB }"])
        #expect(try await webhook(daemon, #"{"a":1}"#).text == #"{"a":1}"#)
        #expect(try await webhook(daemon, "", query: "?empty").status == 204)
        let refused = try await webhook(daemon, signature: "wrong", "{}")
        #expect(refused.status == 401 && refused.text.contains("The signature does not match."))
        let failed = try await webhook(daemon, "")
        #expect(failed.status == 500 && failed.code == "internal")
        #expect(try await webhook(daemon, String(repeating: "x", count: 2_000)).status == 413)
        #expect(try await daemon.runs().isEmpty)
    }

    @Test func `what several webhooks ask for becomes one narrowed run, and a replay none`() async throws {
        let daemon = try await daemon()
        #expect(try await webhook(daemon, #"{"import":{"ids":["1"]},"ids":["h1"]}"#).status == 200)
        #expect(try await webhook(daemon, #"{"import":{"ids":["2","1"]},"ids":["h2"]}"#).status == 200)
        #expect(try await webhook(daemon, #"{"import":{"ids":["9"]},"ids":["h1","h2"]}"#).status == 200)
        try await eventually("a run that has ended") { try await daemon.runs().first?["status"] == "succeeded" }
        let runs = try await daemon.runs()
        #expect(runs.count == 1)
        #expect(runs[0]["requestedBy"] == "webhook")
        #expect(runs[0]["options"]?["settings"]?["ids"] == .array(["1", "2"]))
        #expect(daemon.log.contains("all of it was here before"))
    }

    @Test func `what a webhook asked for survives a daemon that is killed`() async throws {
        let folder = try TemporaryFolder()
        let first = try await daemon(in: folder)
        #expect(try await webhook(first, #"{"import":{"ids":["7"]},"ids":["h7"]}"#).status == 200)
        try await first.kill()
        let second = try await daemon(in: folder)
        #expect(try await webhook(second, #"{"import":{"ids":["7"]},"ids":["h7"]}"#).status == 200)
        try await eventually("a run that has ended") { try await second.runs().first?["status"] == "succeeded" }
        #expect(try await second.runs().map { $0["options"]?["settings"]?["ids"] } == [.array(["7"])])
    }

    @Test func `a flood of webhooks is slowed down`() async throws {
        let daemon = try await daemon()
        var statuses: [Int] = []
        while !statuses.contains(429), statuses.count < 500 {
            statuses.append(try await webhook(daemon, signature: "wrong", "{}").status)
        }
        #expect(Set(statuses) == [401, 429] && statuses.count > 50)
    }
}
