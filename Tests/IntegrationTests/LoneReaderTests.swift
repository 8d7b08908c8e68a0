import Foundation
import Testing

/// A log's only reader on an event loop is written to by the run's own thread: here it reads, falls
/// behind, gets company and leaves, while events come one by one.
@Suite("A reader who is alone", .realPrograms, .timeLimit(.minutes(10)))
struct LoneReaderTests {
    /// Events further apart than those that are joined to one write; the plugin's own are at most 200 a second.
    private static func slowTicks(_ count: Int) -> DaemonConfiguration.Integration {
        .fixture("counts", settings: ["documents: 0", "progress: \(count)", "delay_ms: 2"])
    }

    private static func numbers(_ events: [SSEParser.Event]) throws -> [Int] {
        try events.map { try #require(try $0.json["seq"]?.integer) }
    }

    @Test func `gets each event once and in order, also when it takes nothing for a while`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(Self.slowTicks(1500)))
        let connection = try RawHTTP(port: daemon.port, receiveBuffer: 4096)
        let path = "/integrations/counts/sync/stream"
        try await connection.send(Array("GET \(path) HTTP/1.1\r\n\(RawHTTP.lines(["Host: 127.0.0.1"]))".utf8))
        try await connection.readHead()
        let stream = EventStream(connection)
        var events = try [#require(try await stream.next())]
        // More than the connection holds, less than the log keeps.
        try await eventually("the run is far ahead of its reader") {
            try await daemon.runs().first?["progress"]?["count"]?.integer ?? 0 >= 1200
        }
        events += try await stream.rest()
        #expect(try Self.numbers(events) == Array(1...events.count))
        #expect(events.count >= 400 && events.last?.type == "complete", "\(events.count) events")
    }

    @Test func `over TLS gets what is encrypted, and nothing else`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TLSIdentity(in: folder)
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(server: [identity.yaml], Self.slowTicks(100)), in: folder)
        let curl = try ChildProcess(
            "/usr/bin/curl",
            [
                "--silent", "--no-buffer", "--max-time", "60", "--http1.1", "--cacert", identity.certificate,
                "https://127.0.0.1:\(daemon.port)/integrations/counts/sync/stream",
            ])
        #expect(try await curl.exitStatus() == .exited(0))
        var parser = SSEParser()
        let events = parser.feed(Array(try await curl.output.end().utf8))
        #expect(try Self.numbers(events) == Array(1...events.count))
        #expect(events.count >= 50 && events.last?.type == "complete", "\(events.count) events")
    }

    @Test func `who gets company, and is alone again, misses nothing and sees nothing twice`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(Self.slowTicks(1000)))
        let first = try await daemon.http.sync("counts")
        var events = try [#require(try await first.next())]
        for _ in 0..<10 {
            // On either loop, and now and then on the first one's.
            let company = try await daemon.http.sync("counts")
            for number in 1...20 { #expect(try await company.next()?.json["seq"]?.integer == number) }
            company.connection.leave()
            for _ in 0..<40 { events.append(try #require(try await first.next())) }
        }
        events += try await first.rest()
        #expect(try Self.numbers(events) == Array(1...events.count))
        #expect(events.last?.type == "complete")
    }

    @Test func `who leaves takes its descriptors along`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(Self.slowTicks(100_000)))
        let keeper = try await daemon.http.sync("counts")
        try await keeper.until(step: "counting")
        keeper.connection.leave()
        func descriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.process.id)/fd").count
        }
        var before = Int.max
        try await eventually("the first reader is gone") {
            before = try descriptors()
            return try await Metrics(of: daemon)["integrationd_streams_open"] == 0
        }
        for _ in 0..<50 {
            let reader = try await daemon.http.sync("counts")
            for _ in 0..<5 { _ = try await reader.next() }
            reader.connection.leave()
        }
        try await eventually("the daemon has as many descriptors as before, or fewer") {
            try descriptors() <= before
        }
        let run = try #require(try await daemon.runs().first?["id"]?.string)
        _ = try await daemon.http.post("/runs/\(run)/cancel")
    }
}
