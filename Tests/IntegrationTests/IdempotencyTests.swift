import Foundation
import Testing

@Suite("Starting once", .realPrograms, .timeLimit(.minutes(30)))
struct IdempotencyTests {
    private static let path = "/integrations/hello/sync"

    @Test func `the same Idempotency-Key starts one run, also when that has ended and the daemon was killed`()
        async throws
    {
        let folder = try TemporaryFolder()
        let configuration = DaemonConfiguration(.fixture("hello"))
        let daemon = try await DaemonProcess.start(configuration, in: folder)
        let first = try await daemon.http.with("Idempotency-Key: one", "Prefer: wait=30").post(Self.path, json: "{}")
        #expect(try first.status == 200 && first.json["status"] == "succeeded")
        let again = try await daemon.http.with("Idempotency-Key: one").post(Self.path, json: "{}")
        #expect(try again.status == 200 && again.json["id"] == first.json["id"])
        #expect(again.head["location"] == "/runs/\(try first.json["id"]?.string ?? "")")
        try await daemon.kill()
        let next = try await DaemonProcess.start(configuration, in: folder)
        let later = try await next.http.with("Idempotency-Key: one").post(Self.path, json: "{}")
        #expect(try later.json["id"] == first.json["id"])
        #expect(try await next.runs().count == 1)
        #expect(try await next.http.with("Idempotency-Key: two").post(Self.path, json: "{}").status == 202)
    }

    @Test func `a key with another body is a 422, and one of no or too many characters a 400`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let http = daemon.http.with("Idempotency-Key: one", "Prefer: wait=30")
        #expect(try await http.post(Self.path, json: "{}").status == 200)
        let other = try await http.post(Self.path, json: #"{"full":true}"#)
        #expect(other.status == 422 && other.code == "idempotency-key-reused")
        let long = String(repeating: "x", count: 256)
        #expect(try await daemon.http.with("Idempotency-Key: \(long)").post(Self.path).status == 400)
        #expect(try await daemon.runs().count == 1)
    }

    @Test func `a key is one principal's, one route's and one tenant's own`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello"), .fixture("plain")))
        let http = daemon.http.with("Idempotency-Key: one", "Prefer: wait=30")
        var runs: Set<String?> = []
        runs.insert(try await http.post(Self.path, json: "{}").json["id"]?.string)
        runs.insert(try await http.post("/integrations/plain/sync", json: "{}").json["id"]?.string)
        runs.insert(try await http.tenant("other", "one").post(Self.path, json: "{}").json["id"]?.string)
        #expect(runs.count == 3 && !runs.contains(nil))
    }

    @Test func `a key whose request was refused is not used up`() async throws {
        let folder = try TemporaryFolder()
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("gated", settings: ["gate: \(folder.path("gate"))"])), in: folder)
        let path = "/integrations/gated/sync"
        let active = try await daemon.http.post(path).json["id"]?.string
        let http = daemon.http.with("Idempotency-Key: one", "Prefer: wait=30")
        #expect(try await http.post(path, json: #"{"full":true}"#).code == "run-active")
        try folder.write("", to: "gate")
        _ = try await daemon.http.events(ofRun: active ?? "")
        let answer = try await http.post(path, json: #"{"full":true}"#)
        #expect(try answer.status == 200 && answer.json["id"]?.string != active)
    }

    @Test func `Prefer: wait gives the result, or the run as it is when that takes longer`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello"), .fixture("gated")))
        let done = try await daemon.http.with("Prefer: wait=30").post(Self.path)
        #expect(try done.status == 200 && done.json["result"]?["totalImported"]?.integer ?? 0 > 0)
        let waiting = try await daemon.http.with("Prefer: respond-async, wait=0").post("/integrations/gated/sync")
        #expect(try waiting.status == 202 && waiting.json["endedAt"] == nil)
    }
}
