import Foundation
import Testing

@Suite("POST …/sync", .realPrograms, .timeLimit(.minutes(30)))
struct StartingTests {
    private static let path = "/integrations/gated/sync"

    /// `gated`, which takes the run option `gate` and waits for ever without it; and `hello`.
    private static func start(server: [String] = []) async throws -> DaemonProcess {
        try await DaemonProcess.start(DaemonConfiguration(server: server, .fixture("gated"), .fixture("hello")))
    }

    @Test func `starting is a 202 with the run and where to find it`() async throws {
        let daemon = try await Self.start(server: ["base_path: /api"])
        let answer = try await daemon.http.post(Self.path)
        #expect(answer.status == 202)
        let run = try answer.json
        let id = try #require(run["id"]?.string)
        #expect(answer.head["location"] == "/api/runs/\(id)")
        #expect(run["integration"] == "gated" && run["orgId"] == "default" && run["projectId"] == "default")
        #expect(["queued", "running"].contains(run["status"]?.string))
        #expect(run["options"]?["full"] == false)
        #expect(try await daemon.http.get("/api/runs/\(id)").json["id"]?.string == id)
        let events = try await daemon.http.sync("gated").until(step: "before_the_gate")
        #expect(try events.first?.json["runId"]?.string == id)
    }

    @Test func `starting again with nothing or with the same options joins the run`() async throws {
        let daemon = try await Self.start()
        let first = try await daemon.http.post(Self.path, json: #"{"full":true}"#)
        #expect(first.status == 202)
        for body in [nil, #"{"full":true}"#, "{\"full\": true, \"collections\": []}"] {
            let again = try await daemon.http.post(Self.path, json: body)
            #expect(again.status == 200)
            #expect(try again.json["id"] == first.json["id"])
        }
        #expect(try await daemon.runs().count == 1)
    }

    @Test func `starting with other options while a run is active is a 409 with that run`() async throws {
        let daemon = try await Self.start()
        let first = try await daemon.http.post(Self.path)
        let answer = try await daemon.http.post(Self.path, json: #"{"full":true}"#)
        #expect(answer.status == 409 && answer.code == "run-active")
        #expect(answer.head["content-type"] == "application/problem+json")
        #expect(try answer.json["run"]?["id"] == first.json["id"])
        #expect(try await daemon.runs().count == 1)
    }

    @Test func `options reach the plugin`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("plain", settings: ["documents: 9"])))
        let answer = try await daemon.http.post("/integrations/plain/sync", json: #"{"settings":{"documents":4}}"#)
        let id = try #require(try answer.json["id"]?.string)
        try await eventually("the run ends") { try await daemon.http.get("/runs/\(id)").json["endedAt"] != nil }
        let run = try await daemon.http.get("/runs/\(id)").json
        #expect(run["counts"]?["imported"] == 4 && run["options"]?["settings"]?["documents"] == 4)
    }

    @Test(arguments: [
        ("nonsense", 400, "bad-request"), ("[]", 400, "bad-request"), ("{", 400, "bad-request"),
        ("1", 400, "bad-request"),
        (#"{"full":1}"#, 400, "bad-request"), (#"{"full":"yes"}"#, 400, "bad-request"),
        (#"{"collections":"items"}"#, 400, "bad-request"), (#"{"collections":[1]}"#, 400, "bad-request"),
        (#"{"settings":[]}"#, 400, "bad-request"), (#"{"other":true}"#, 400, "bad-request"),
        ("\u{0}", 400, "bad-request"), (#"{"settings":{"nothing":1}}"#, 422, "settings-invalid"),
        (#"{"settings":{"gate":1}}"#, 422, "settings-invalid"),
        (#"{"collections":["nothing"]}"#, 422, "settings-invalid"),
    ])
    func `a body that makes no sense is refused and starts nothing`(
        body: String, status: Int, code: String
    ) async throws {
        let daemon = try await Self.start()
        let answer = try await daemon.http.post(Self.path, json: body)
        #expect(answer.status == status && answer.code == code)
        #expect(answer.head["content-type"] == "application/problem+json")
        #expect(try await daemon.runs().isEmpty)
    }

    @Test(arguments: ["Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded", "X-Nothing: 1"])
    func `a body that is not said to be JSON is a 415`(header: String) async throws {
        let daemon = try await Self.start()
        let answer = try await daemon.http.send("POST", Self.path, [header], body: "{}")
        #expect(answer.status == 415 && answer.code == "unsupported-media-type")
        #expect(try await daemon.runs().isEmpty)
    }

    @Test func `a body over the limit is a 413`() async throws {
        let daemon = try await Self.start(server: ["limits: {body: 1KiB}"])
        let filler = String(repeating: " ", count: 1100)
        let answer = try await daemon.http.post(Self.path, json: "{\(filler)}")
        #expect(answer.status == 413 && answer.code == "payload-too-large")
        let fits = try await daemon.http.post(Self.path, json: "{\(filler.prefix(900))}")
        #expect(fits.status == 202)
        #expect(try await daemon.runs().count == 1)
    }

    @Test func `more runs than may be under way wait for their turn and say so`() async throws {
        let folder = try TemporaryFolder()
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                runs: ["max_concurrent: 1"], .fixture("gated", settings: ["gate: \(folder.path("gate"))"]),
                .fixture("hello")), in: folder)
        let first = try await daemon.http.sync("gated")
        try await first.until(step: "before_the_gate")
        let second = try await daemon.http.sync("hello")
        let queued = try await second.until(step: "queued")
        #expect(queued.map(\.step) == ["starting", "queued"])
        #expect(try await daemon.runs("?status=queued").count == 1)
        try folder.write("", to: "gate")
        #expect(try await first.rest().last?.type == "complete")
        #expect(try await second.rest().last?.type == "complete")
    }
}
