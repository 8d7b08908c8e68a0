import Foundation
import Testing

@Suite("Starting, joining and coming back", .realPrograms, .timeLimit(.minutes(30)))
struct JoiningTests {
    /// A daemon with the integration `slow`, which waits for `open()`.
    private struct Gated {
        let daemon: DaemonProcess
        let folder: TemporaryFolder

        static func start(_ more: DaemonConfiguration.Integration...) async throws -> Gated {
            let folder = try TemporaryFolder()
            var configuration = DaemonConfiguration(
                .fixture("gated", name: "slow", settings: ["gate: \(folder.path("gate"))"]))
            configuration.integrations += more
            return Gated(daemon: try await .start(configuration, in: folder), folder: folder)
        }

        func open() throws { try folder.write("", to: "gate") }
    }

    @Test func `a second GET joins the run from its first event`() async throws {
        let gated = try await Gated.start()
        let first = try await gated.daemon.http.sync("slow")
        try await first.until(step: "before_the_gate")
        let second = try await gated.daemon.http.sync("slow")
        #expect(try await second.next()?.step == "starting")
        try gated.open()
        _ = try await first.rest()
        _ = try await second.rest()
        #expect(first.bytes == second.bytes)
        #expect(try await gated.daemon.runs().count == 1)
    }

    @Test func `a GET after the end starts a new run`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        var runs: Set<String> = []
        for _ in 1...5 {
            let events = try await daemon.http.events(ofImport: "hello")
            #expect(events.first?.step == "starting" && events.last?.type == "complete")
            runs.insert(try #require(try events.first?.json["runId"]?.string))
        }
        #expect(runs.count == 5)
        #expect(try await daemon.runs().count == 5)
    }

    @Test func `a reader that leaves does not stop the run`() async throws {
        let gated = try await Gated.start()
        let stream = try await gated.daemon.http.sync("slow")
        try await stream.until(step: "before_the_gate")
        stream.connection.leave()
        let other = try await gated.daemon.http.sync("slow")
        try gated.open()
        #expect(try await other.rest().last?.type == "complete")
        #expect(try await gated.daemon.runs().count == 1)
    }

    @Test func `two integrations stream at once, each its own events`() async throws {
        let gated = try await Gated.start(.fixture("hello"))
        let slow = try await gated.daemon.http.sync("slow")
        try await slow.until(step: "before_the_gate")
        let hello = try await gated.daemon.http.events(ofImport: "hello")
        #expect(hello.last?.type == "complete")
        #expect(!hello.contains { $0.step == "before_the_gate" })
        try gated.open()
        let rest = try await slow.rest()
        #expect(rest.map(\.step) == ["after_the_gate", "complete", nil])
    }

    @Test func `two projects stream the same integration at once, each its own run`() async throws {
        let gated = try await Gated.start()
        let one = gated.daemon.http.tenant("acme", "one"), two = gated.daemon.http.tenant("acme", "two")
        let first = try await one.sync("slow"), second = try await two.sync("slow")
        let firstEvents = try await first.until(step: "before_the_gate")
        let secondEvents = try await second.until(step: "before_the_gate")
        #expect(try firstEvents[0].json["runId"] != secondEvents[0].json["runId"])
        try gated.open()
        #expect(try await first.rest().last?.type == "complete")
        #expect(try await second.rest().last?.type == "complete")
        for http in [one, two] {
            #expect(try await http.get("/documents").json["items"]?.items.count == 2)
            #expect(try await http.get("/runs").json["items"]?.items.count == 1)
        }
        #expect(try await gated.daemon.http.get("/documents").json["items"]?.items.isEmpty == true)
    }

    // MARK: Last-Event-ID

    @Test func `a cursor into an active run gets only what came after it`() async throws {
        let gated = try await Gated.start()
        let first = try await gated.daemon.http.sync("slow")
        let known = try await first.until(step: "before_the_gate")
        let cursor = try #require(known.last?.lastEventID)
        let second = try await gated.daemon.http.with("Last-Event-ID: \(cursor)").sync("slow")
        try gated.open()
        let rest = try await first.rest()
        #expect(try await second.rest() == rest)
        #expect(second.text.hasPrefix("retry: 2000\nid: "))
        #expect(try await gated.daemon.runs().count == 1)
    }

    @Test func `a cursor into a finished run gets the rest of its log, and at its end 204`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let events = try await daemon.http.events(ofImport: "hello")
        let rest = try await daemon.http.with("Last-Event-ID: \(events[0].lastEventID)").events(ofImport: "hello")
        #expect(rest.last == events.last)
        #expect(rest.allSatisfy { events.dropFirst().contains($0) })
        let end = try #require(events.last).lastEventID
        let answer = try await daemon.http.with("Last-Event-ID: \(end)").get("/integrations/hello/sync/stream")
        #expect(answer.status == 204 && answer.body.isEmpty)
        #expect(try await daemon.runs().count == 1)
    }

    @Test(arguments: ["lastEventId", "last_event_id"])
    func `a cursor in the query is one too`(name: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let end = try #require(try await daemon.http.events(ofImport: "hello").last).lastEventID
        #expect(try await daemon.http.get("/integrations/hello/sync/stream?\(name)=\(end)").status == 204)
        #expect(try await daemon.http.get("/integrations/hello/sync/stream?\(name)=x").code == "bad-cursor")
        let start = end.replacing(/\.\d+$/, with: ".1")
        let both = daemon.http.with("Last-Event-ID: \(end)")
        #expect(try await both.get("/integrations/hello/sync/stream?\(name)=\(start)").status == 204)
        #expect(try await daemon.runs().count == 1)
    }

    @Test(arguments: [
        "x", "1", "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10", "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10.",
        "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10.x", "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10.-1",
        "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10.99999999999999999999", "../etc.1", "%00.1",
    ])
    func `a malformed cursor is a 400 and starts nothing`(cursor: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let answer = try await daemon.http.with("Last-Event-ID: \(cursor)").get("/integrations/hello/sync/stream")
        #expect(answer.status == 400 && answer.code == "bad-cursor")
        #expect(try await daemon.runs().isEmpty)
    }

    @Test func `a cursor of an unknown run, another tenant or another integration is a 404`() async throws {
        let gated = try await Gated.start(.fixture("hello"))
        let http = gated.daemon.http
        let stream = try await http.sync("slow")
        let active = try #require(try await stream.until(step: "before_the_gate").first).lastEventID
        let finished = try #require(try await http.events(ofImport: "hello").first).lastEventID
        let unknown = active.prefix(24) + "0123456789ab.1"  // as young as the active one, and not it
        let attempts = [
            (http, "slow", String(unknown)), (http, "hello", active), (http, "slow", finished),
            (http.tenant("other", "default"), "slow", active), (http.tenant("default", "other"), "hello", finished),
        ]
        for (http, integration, cursor) in attempts {
            let path = "/integrations/\(integration)/sync/stream"
            let answer = try await http.with("Last-Event-ID: \(cursor)").get(path)
            #expect(answer.status == 404 && answer.code == "run-unknown", "\(integration) \(cursor)")
        }
        #expect(try await gated.daemon.runs().count == 2)
    }

    @Test func `a cursor of a run that is older than what is kept is a 410`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(runs: ["keep: 1h"], .fixture("hello")))
        let old = "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10"  // of September 2025
        let answer = try await daemon.http.with("Last-Event-ID: \(old).1").get("/integrations/hello/sync/stream")
        #expect(answer.status == 410 && answer.code == "run-expired")
        #expect(try await daemon.http.get("/runs/\(old)").code == "run-expired")
        #expect(try await daemon.runs().isEmpty)
    }

    // MARK: What starts nothing

    @Test(arguments: [
        "Accept: application/json", "Accept: text/event-stream;q=0, application/json", "Accept: image/*",
        "Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "Sec-Fetch-Mode: navigate",
    ])
    func `a GET that only looks starts nothing`(header: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let answer = try await daemon.http.with(header).get("/integrations/hello/sync/stream")
        #expect(answer.status == 406 && answer.code == "not-acceptable")
        #expect(try await daemon.runs().isEmpty)
    }

    @Test(arguments: ["application/json", "text/html", "text/event-stream;q=0", "text/event-stream;q=0, */*"])
    func `who does not take a stream gets none, of an active run either`(accept: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("waits")))
        let id = try #require(
            try await daemon.http.sync("waits").until(step: "waiting_for_cancel").last?.lastEventID)
        let http = daemon.http.with("Accept: \(accept)")
        #expect(try await http.get("/integrations/waits/sync/stream").status == 406)
        #expect(try await http.get("/integrations/waits/sync/stream?lastEventId=\(id)").status == 406)
        #expect(try await daemon.runs().count == 1)
    }

    @Test func `a number that was never sent is refused, of an active run and of one that has ended`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("waits"), .fixture("hello")))
        let active = try await daemon.http.sync("waits").until(step: "waiting_for_cancel").last?.json["runId"]?.string
        let ended = try await daemon.http.events(ofImport: "hello").last?.json["runId"]?.string
        for (name, run) in [("waits", active), ("hello", ended)] {
            let cursor = "\(try #require(run)).5000"
            for path in ["/integrations/\(name)/sync/stream", "/runs/\(try #require(run))/events"] {
                let http = daemon.http.with("Last-Event-ID: \(cursor)", "Accept: text/event-stream")
                let answer = try await http.get(path)
                #expect(answer.status == 400 && answer.code == "bad-cursor", "\(path): \(answer.status)")
            }
        }
        let resumes = #"integrationd_stream_resumes_total{outcome="refused"}"#
        #expect(try await Metrics(of: daemon)[resumes] == 4)
    }

    @Test func `HEAD starts nothing`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        let answer = try await daemon.http.send("HEAD", "/integrations/hello/sync/stream")
        #expect(answer.status == 405 && answer.head["allow"] == "GET")
        #expect(try await daemon.runs().isEmpty)
    }

    @Test(arguments: ["Accept: text/event-stream", "Accept: */*", "Accept: text/*;q=0.5, image/png", "X-Nothing: 1"])
    func `a GET that takes the stream starts the run`(header: String) async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        #expect(try await daemon.http.with(header).events(ofImport: "hello").last?.type == "complete")
    }
}
