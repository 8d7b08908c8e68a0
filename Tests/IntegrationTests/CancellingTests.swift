import Foundation
import Testing

@Suite("Cancelling", .realPrograms, .timeLimit(.minutes(30)))
struct CancellingTests {
    private static func cancel(_ run: String, of daemon: DaemonProcess) async throws -> HTTPClient.Response {
        try await daemon.http.post("/runs/\(run)/cancel")
    }

    @Test func `a plugin that listens ends at once, and what it has committed stays`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: ["cancel_grace: 10m"], .fixture("gated")))
        let stream = try await daemon.http.sync("gated")
        let run = try #require(try await stream.until(step: "before_the_gate").first?.json["runId"]?.string)
        try await eventually("the document is stored") {
            try await daemon.http.get("/documents").json["items"]?.items.count == 1
        }
        let answer = try await Self.cancel(run, of: daemon)
        #expect(answer.status == 202)
        #expect(try ["cancelling", "cancelled"].contains(answer.json["status"]?.string))
        let last = try #require(try await stream.rest().last)
        #expect(try last.type == "error" && last.json["code"] == "cancelled" && last.json["status"] == "cancelled")
        #expect(try await daemon.http.get("/documents").json["items"]?.items.count == 1)
    }

    @Test func `a plugin that does not listen is seen cancelling, and ended within its grace`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: ["cancel_grace: 1s"], .fixture("hang", settings: ["ignore_sigterm: 1"])))
        let stream = try await daemon.http.sync("hang")
        let run = try #require(try await stream.until(step: "hanging").first?.json["runId"]?.string)
        #expect(try await Self.cancel(run, of: daemon).json["status"] == "cancelling")
        #expect(try await daemon.http.get("/runs/\(run)").json["status"] == "cancelling")
        #expect(try await daemon.http.get("/integrations/hang/status").json["state"] == "running")
        #expect(try await stream.rest().last?.json["code"] == "cancelled")
    }

    @Test func `cancelling twice is a 200, and a run that has ended otherwise a 409`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("waits"), .fixture("hello")))
        let stream = try await daemon.http.sync("waits")
        let run = try #require(try await stream.until(step: "waiting_for_cancel").first?.json["runId"]?.string)
        #expect(try await Self.cancel(run, of: daemon).status == 202)
        _ = try await stream.rest()
        let again = try await Self.cancel(run, of: daemon)
        #expect(try again.status == 200 && again.json["status"] == "cancelled")
        let finished = try #require(try await daemon.http.events(ofImport: "hello").last?.json["runId"]?.string)
        let refused = try await Self.cancel(finished, of: daemon)
        #expect(refused.status == 409 && refused.code == "run-finished")
        let unknown = try await Self.cancel("nonsense", of: daemon)
        #expect(unknown.status == 404 && unknown.code == "run-unknown")
    }

    @Test func `a run that waits for its turn ends at once`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(runs: ["max_concurrent: 1"], .fixture("waits"), .fixture("hello")))
        try await daemon.http.sync("waits").until(step: "waiting_for_cancel")
        let queued = try await daemon.http.sync("hello")
        let run = try #require(try await queued.until(step: "queued").first?.json["runId"]?.string)
        #expect(try await Self.cancel(run, of: daemon).status == 202)
        #expect(try await queued.rest().last?.json["code"] == "cancelled")
    }

    @Test func `on_disconnect=cancel ends the run half a minute after its last reader has left`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("waits")))
        let path = "/integrations/waits/sync/stream"
        #expect(try await daemon.http.get("\(path)?on_disconnect=stop").status == 400)
        #expect(try await daemon.runs().isEmpty)
        let stream = try await daemon.http.stream("\(path)?on_disconnect=cancel")
        let first = try #require(try await stream.until(step: "waiting_for_cancel").first)
        let run = try #require(try first.json["runId"]?.string)
        stream.connection.leave()
        #expect(try await daemon.http.get("/runs/\(run)").json["status"] == "running")
        try await eventually("the run is cancelled", within: .seconds(90)) {
            try await daemon.http.get("/runs/\(run)?wait=10s").json["status"] == "cancelled"
        }
    }

    @Test func `a reader who only joined does not take the run along, whatever it asks for`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("gated")))
        let run = try #require(try await daemon.http.post("/integrations/gated/sync").json["id"]?.string)
        let joined = try await daemon.http.stream("/integrations/gated/sync/stream?on_disconnect=cancel")
        try await joined.until(step: "before_the_gate")
        joined.connection.leave()
        // Longer than the patience with a run that nobody reads.
        for _ in 1...2 {
            #expect(try await daemon.http.get("/runs/\(run)?wait=20s").json["status"] == "running")
        }
    }

    // MARK: And the daemon ends

    @Test func `what was asked to stop does not go on after a crash`() async throws {
        let folder = try TemporaryFolder()
        let configuration = DaemonConfiguration(runs: ["cancel_grace: 10m"], .fixture("hang"))
        let daemon = try await DaemonProcess.start(configuration, in: folder)
        let run = try #require(
            try await daemon.http.sync("hang").until(step: "hanging").first?.json["runId"]?.string)
        #expect(try await Self.cancel(run, of: daemon).status == 202)
        try await daemon.kill()
        let next = try await DaemonProcess.start(configuration, in: folder)
        let stored = try await next.http.get("/runs/\(run)").json
        #expect(stored["status"] == "cancelled" && stored["attempt"] == 1, "\(stored)")
    }

    @Test func `while the daemon stops, a run that goes on later is not said to be over, and can be cancelled`()
        async throws
    {
        let folder = try TemporaryFolder()
        let configuration = DaemonConfiguration(
            runs: ["cancel_grace: 10m"], .fixture("waits"), .fixture("hang"), .fixture("gated"))
        let daemon = try await DaemonProcess.start(configuration, in: folder)
        // This one keeps the daemon.
        try await daemon.http.sync("hang").until(step: "hanging")
        let others = ["waits": "waiting_for_cancel", "gated": "before_the_gate"]
        var last: [String: String] = [:]
        for (name, step) in others {
            let stream = try await daemon.http.sync(name)
            last[name] = try await stream.until(step: step).last?.lastEventID
        }
        daemon.process.send(SIGTERM)
        for name in others.keys {
            let cursor = try #require(last[name])
            try await eventually("the run of \(name) has stopped") {
                let answer = try await daemon.http.with("Last-Event-ID: \(cursor)").get(
                    "/integrations/\(name)/sync/stream")
                #expect(answer.status == 200 && !answer.text.contains("event: error"), "\(answer)")
                return !answer.text.contains("id: ")
            }
        }
        let run = try #require(last["gated"]?.split(separator: ".").first.map(String.init))
        let answer = try await Self.cancel(run, of: daemon)
        #expect(try answer.status == 202 && answer.json["status"] == "cancelling", "\(answer)")
        try await daemon.kill()
        let next = try await DaemonProcess.start(configuration, in: folder)
        #expect(try await next.http.get("/runs/\(run)").json["status"] == "cancelled")
        let waiting = try #require(last["waits"])
        let stream = try await next.http.with("Last-Event-ID: \(waiting)").sync("waits")
        #expect(try await stream.next()?.step == "resumed")
    }
}
