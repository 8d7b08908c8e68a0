import Foundation
import Testing

@Suite("Options of a run, schedules and deletions", .realPrograms, .timeLimit(.minutes(30)))
struct RunOptionTests {
    private func sync(_ http: HTTPClient, _ name: String, _ body: String? = nil) async throws -> JSON {
        let response = try await http.with("Prefer: wait=30").post("/integrations/\(name)/sync", json: body)
        let run = try response.json
        #expect(run["endedAt"] != nil, "\(response.text)")
        return run
    }

    /// The title of the document by which a run of `entries` tells what checkpoint it was given.
    private func checkpoint(_ http: HTTPClient) async throws -> String? {
        let documents = try await http.get("/documents?integration=entries").json["items"]?.items ?? []
        return documents.first { $0["externalId"] == "checkpoint" }?["title"]?.string
    }

    @Test func `a narrowed run neither reads nor replaces the standing checkpoint`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("entries", settings: ["token: sesame"])))
        let first = try await sync(daemon.http, "entries")
        #expect(try await checkpoint(daemon.http) == "none")
        for body in [#"{"settings":{"ids":["1"]}}"#, #"{"collections":["items"]}"#, #"{"full":true}"#] {
            let run = try await sync(daemon.http, "entries", body)
            #expect(run["status"] == "succeeded")
            #expect(try await checkpoint(daemon.http) == "none", "\(body)")
            if body.contains("full") { continue }
            _ = try await sync(daemon.http, "entries")
            let standing = try await checkpoint(daemon.http)
            #expect(standing?.hasPrefix("of run ") == true && standing != nil, "\(body)")
        }
        #expect(first["status"] == "succeeded")
    }

    @Test func `only what the schema marks may differ, and nothing is started otherwise`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("entries", settings: ["token: sesame"])))
        for settings in [#"{"token":"stolen"}"#, #"{"behaviour":"crash"}"#, #"{"ids":"1"}"#, #"{"nothing":1}"#] {
            let answer = try await daemon.http.post("/integrations/entries/sync", json: #"{"settings":\#(settings)}"#)
            #expect(answer.status == 422 && answer.code == "settings-invalid", "\(settings): \(answer.text)")
        }
        let unknown = try await daemon.http.post("/integrations/entries/sync", json: #"{"collections":["others"]}"#)
        #expect(unknown.status == 422 && unknown.code == "settings-invalid")
        #expect(try await daemon.runs().isEmpty)
    }

    @Test func `more than 30 % of a collection are deleted only where that is allowed`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("shrinking", settings: ["documents: 10"]),
                .fixture("shrinking", name: "careless", settings: ["documents: 10"], ["allow_mass_delete: true"])))
        func living(_ name: String) async throws -> Int? {
            try await daemon.http.get("/documents?integration=\(name)").json["items"]?.items.count
        }
        for name in ["shrinking", "careless"] { #expect(try await sync(daemon.http, name)["status"] == "succeeded") }
        let refused = try await sync(daemon.http, "shrinking", #"{"full":true}"#)
        #expect(refused["status"] == "completed_with_errors" && refused["counts"]?["deleted"] == 0)
        let line = try #require(refused["result"]?["report"]?[0])
        #expect(line["code"] == "mass-delete" && line["collection"] == "items" && line["count"] == 1)
        #expect(line["message"]?.string?.hasPrefix("5 of 10 items are gone") == true, "\(line)")
        #expect(try await living("shrinking") == 10)
        let allowed = try await sync(daemon.http, "shrinking", #"{"full":true,"allowMassDelete":true}"#)
        #expect(allowed["status"] == "succeeded" && allowed["counts"]?["deleted"] == 5)
        #expect(try await living("shrinking") == 5)
        #expect(try await sync(daemon.http, "careless", #"{"full":true}"#)["counts"]?["deleted"] == 5)
    }

    @Test func `a schedule's next run is told, and kept`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("hello", name: "hourly", ["schedule: { at: every 1h, jitter: 10m }"]),
                .fixture("hello", name: "soon", ["schedule: every 1s"]), .fixture("hello", name: "never")))
        func next(_ name: String) async throws -> Date? {
            let json = try await daemon.http.get("/integrations/\(name)").json
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return try json["nextRun"]?.string.map { try Date($0, strategy: style) }
        }
        let hourly = try #require(try await next("hourly"))
        #expect((0...3_600).contains(hourly.timeIntervalSinceNow))
        #expect(hourly.timeIntervalSince1970.truncatingRemainder(dividingBy: 3_600) <= 600)
        #expect(try await next("never") == nil)
        try await eventually("two scheduled runs") {
            try await daemon.runs("?integration=soon&status=succeeded").count >= 2
        }
        #expect(try await daemon.runs("?integration=soon").allSatisfy { $0["requestedBy"] == "schedule" })
    }
}
