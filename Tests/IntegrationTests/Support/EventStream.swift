/// A stream that a test reads, event by event, with all its bytes.
final class EventStream {
    let connection: RawHTTP
    /// Everything of the body so far.
    private(set) var bytes: [UInt8] = []
    private(set) var parser = SSEParser()
    private var waiting: [SSEParser.Event] = []
    private(set) var isOver = false

    init(_ connection: RawHTTP) { self.connection = connection }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var head: ResponseHead? { connection.head }

    /// The next event; nil at the end of the body.
    func next(within limit: Duration = patience) async throws -> SSEParser.Event? {
        while waiting.isEmpty, !isOver {
            try Task.checkCancellation()  // heartbeats may come for ever
            try await read(within: limit)
        }
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }

    /// Takes the next bytes of the body.
    func read(within limit: Duration = patience) async throws {
        guard let more = try await connection.body(within: limit) else {
            isOver = true
            return
        }
        bytes += more
        waiting += parser.feed(more)
    }

    /// All events up to the first of that step, or to the end of the body.
    @discardableResult
    func until(step: String) async throws -> [SSEParser.Event] {
        var events: [SSEParser.Event] = []
        while let event = try await next() {
            events.append(event)
            if event.step == step { break }
        }
        return events
    }

    /// All events up to the end of the body.
    func rest() async throws -> [SSEParser.Event] {
        var events: [SSEParser.Event] = []
        while let event = try await next() { events.append(event) }
        return events
    }

    /// The blocks of the body as text, without heartbeats: each ended with a blank line.
    var blocks: [[String]] {
        text.split(separator: "\n", omittingEmptySubsequences: false).split(separator: "")
            .map { $0.filter { $0 != ":" }.map(String.init) }
    }
}
