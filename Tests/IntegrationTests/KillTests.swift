import Foundation
import Testing

@Suite("Killed at any moment", .realPrograms, .timeLimit(.minutes(30)))
struct KillTests {
    private static let documents = 300
    /// A run has three attempts, so that it survives as many.
    private static let kills = 2

    @Test(arguments: UInt64(1)...26)
    func `a run whose daemon is killed at any moment goes on, and who comes back hears all of it once`(
        seed: UInt64
    ) async throws {
        var random = SplitMix64(state: seed)
        let folder = try TemporaryFolder()
        let configuration = DaemonConfiguration(
            .fixture("goes_on", name: "probe", settings: ["documents: \(Self.documents)"]))
        var reader = Reader(seed: seed)
        for _ in 1...Self.kills {
            let daemon = try await DaemonProcess.start(configuration, in: folder)
            let stream = try await reader.connect(to: daemon)
            let limit = Int.random(in: 1...30_000, using: &random)
            // Whoever has heard nothing has no cursor, and would ask for another run where this one has ended.
            while !stream.isOver, stream.bytes.count < limit || stream.parser.lastEventID.isEmpty {
                try await stream.read()
            }
            try await daemon.kill()
            // What was on its way reaches the reader, or does not.
            let isLost = Bool.random(using: &random)
            if !isLost { await Self.readOn(stream) }
            reader.take(stream.bytes, upTo: isLost ? limit : .max)
        }
        let daemon = try await DaemonProcess.start(configuration, in: folder)
        let stream = try await reader.connect(to: daemon)
        _ = try await stream.rest()
        reader.take(stream.bytes)
        print("killed at any moment, seed \(seed): after events \(reader.pauses)")

        reader.check()
        let run = try #require(reader.runs.first)
        let runs = try await daemon.runs()
        #expect(runs.map { $0["id"] } == [.string(run)], "seed \(seed)")
        #expect(runs.first?["status"] == "succeeded", "seed \(seed): \(runs)")
        let stored = try await RegressionTests.everything(daemon.http, "/documents")
        let names = stored.compactMap { $0["externalId"]?.string.flatMap { Int($0) } }
        #expect(names.sorted() == Array(1...Self.documents), "seed \(seed)")
        try reader.check(log: try await Self.log(of: run, daemon.http))
    }

    /// Takes what the connection of a daemon that is gone still holds.
    private static func readOn(_ stream: EventStream) async {
        // It has no proper end.
        while !stream.isOver { do { try await stream.read() } catch { return } }
    }

    /// The stored log, page by page.
    private static func log(of run: String, _ http: HTTPClient) async throws -> [JSON] {
        var events: [JSON] = []
        var path: String? = "/runs/\(run)/events?limit=10"
        while let asked = path {
            let page = try await http.with("Accept: application/json").get(asked).json
            events += try #require(page["items"]).items
            path = page["next"]?.string.map { "/runs/\(run)/events?limit=10&after=\($0)" }
        }
        return events
    }

    /// One who comes back with the id of the last whole event.
    private struct Reader {
        let seed: UInt64
        private var events: [SSEParser.Event] = []
        /// Whatever came over the wire, by its id.
        private var bodies: [String: String] = [:]
        /// How many events there were each time that a connection ended.
        private(set) var pauses: [Int] = []

        init(seed: UInt64) { self.seed = seed }

        var runs: Set<String> { Set(events.map { String($0.lastEventID.prefix { $0 != "." }) }) }

        func connect(to daemon: DaemonProcess) async throws -> EventStream {
            let cursor = events.last.map { ["Last-Event-ID: \($0.lastEventID)"] } ?? []
            return try await HTTPClient(port: daemon.port, headers: cursor).sync("probe")
        }

        /// Takes the events that are whole within the limit; of the first connection at least one.
        mutating func take(_ bytes: [UInt8], upTo limit: Int = .max) {
            var parser = SSEParser()
            for (offset, byte) in bytes.enumerated() {
                for event in parser.feed(CollectionOfOne(byte)) {
                    let earlier = bodies.updateValue(event.data, forKey: event.lastEventID)
                    #expect(earlier == nil || earlier == event.data, "seed \(seed): \(event.lastEventID)")
                    if offset < limit || events.isEmpty { events.append(event) }
                }
            }
            pauses.append(events.count)
        }

        func check() {
            #expect(runs.count == 1, "seed \(seed): \(runs)")
            let numbers = events.compactMap { $0.lastEventID.split(separator: ".").last.flatMap { Int($0) } }
            #expect(numbers.count == events.count, "seed \(seed)")
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed): \(numbers)")
            #expect(events.last?.type == "complete", "seed \(seed): \(events.suffix(1))")
            #expect(events.count { $0.isTerminal } == 1, "seed \(seed)")
        }

        /// There are fewer events than a log has room for: whatever is stored has been heard.
        func check(log: [JSON]) throws {
            let heard = Dictionary(events.map { ($0.lastEventID, $0.data) }) { first, _ in first }
            let run = runs.first ?? ""
            #expect(log.count > 10, "seed \(seed)")
            for event in log {
                let number = try #require(event["seq"]?.integer, "seed \(seed): \(event)")
                let body = try #require(heard["\(run).\(number)"], "seed \(seed): \(event) was not heard")
                #expect(try JSON(body) == event, "seed \(seed)")
            }
        }
    }
}

/// Numbers at random that are the same for the same seed.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
