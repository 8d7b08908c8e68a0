import Core
import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Counts the streams that are open, for the limits.
final class OpenStreams: Sendable {
    private struct Counts {
        var all = 0
        var byPrincipal: [String: Int] = [:]
    }

    struct Limits {
        var all: Int
        var perPrincipal: Int
    }

    private let counts = Mutex(Counts())

    func hasRoom(_ principal: String, limits: Limits) -> Bool {
        counts.withLock { Self.hasRoom($0, principal, limits) }
    }

    /// False when there are as many as there may be, in all or of one principal.
    func enter(_ principal: String, limits: Limits) -> Bool {
        counts.withLock { counts in
            guard Self.hasRoom(counts, principal, limits) else { return false }
            counts.all += 1
            counts.byPrincipal[principal, default: 0] += 1
            return true
        }
    }

    private static func hasRoom(_ counts: Counts, _ principal: String, _ limits: Limits) -> Bool {
        counts.all < limits.all && counts.byPrincipal[principal, default: 0] < limits.perPrincipal
    }

    func leave(_ principal: String) {
        counts.withLock { counts in
            counts.all -= 1
            let left = counts.byPrincipal[principal, default: 1] - 1
            counts.byPrincipal[principal] = left > 0 ? left : nil
        }
    }
}

extension API {
    /// How long a client is to wait before it reconnects.
    private static let retry = "retry: 2000\n"

    /// Never a length, an entity tag or a `Connection`: a stream has none, and HTTP/2 forbids it.
    private static let streamHeaders: HTTPFields = [
        .contentType: "text/event-stream",
        .cacheControl: "no-cache, no-store, no-transform",
        .accelBuffering: "no",
    ]

    /// A run that is under way, from behind `cursor` to its end.
    func stream(_ run: ActiveRun, after cursor: Int64, _ request: Request, _ context: APIContext) throws -> Response {
        try openStream(request, context.principal) { writer in
            run.log.readerCame()
            defer { run.log.readerLeft() }
            var reader = LogReader(log: run.log, cursor: cursor, heartbeat: settings.heartbeat)
            while let bytes = await reader.next() { try await writer.write(bytes) }
        }
    }

    /// A run that has ended, from the store.
    func stream(stored run: Run, after cursor: Int64, _ request: Request, _ context: APIContext) throws -> Response {
        try openStream(request, context.principal) { writer in
            var cursor = cursor
            while true {
                let events = try await storage.events(of: run.id, after: cursor, limit: 500)
                guard let last = events.last else { return }
                var buffer = ByteBuffer()
                for event in events { buffer.writeBytes(EventLog.block(event, of: run.id)) }
                try await writer.write(buffer)
                cursor = last.sequence
            }
        }
    }

    /// Refuses before a run is started for a stream that there is no room for.
    func checkStreamLimit(_ principal: Principal) throws(Problem) {
        guard openStreams.hasRoom(principal.name, limits: streamLimits) else { throw Self.tooManyStreams }
    }

    private static var tooManyStreams: Problem {
        Problem(.tooManyRequests, "Too many streams are open.", headers: [.retryAfter: "10"])
    }

    /// Without tokens everyone is the same principal, and only the limit in all counts.
    private var streamLimits: OpenStreams.Limits {
        OpenStreams.Limits(
            all: settings.maximumStreams,
            perPrincipal: settings.authenticator == nil
                ? settings.maximumStreams : settings.maximumStreamsPerToken)
    }

    private func openStream(
        _ request: Request, _ principal: Principal,
        _ body: @escaping @Sendable (inout StreamWriter) async throws -> Void
    ) throws -> Response {
        guard openStreams.enter(principal.name, limits: streamLimits) else { throw Self.tooManyStreams }
        let openStreams = openStreams
        let requestBody = request.body
        return Response(
            status: .ok, headers: Self.streamHeaders,
            body: ResponseBody { writer in
                defer { openStreams.leave(principal.name) }
                var stream = StreamWriter(writer: writer, preamble: Self.retry)
                do {
                    stream = try await requestBody.consumeWithCancellationOnInboundClose { [stream] _ in
                        var stream = stream
                        try await body(&stream)
                        return stream
                    }
                } catch is CancellationError {
                    return  // the reader has left
                }
                try await stream.finish()
            })
    }
}

/// Writes blocks; the first one carries the `retry` field.
private struct StreamWriter: @unchecked Sendable {
    // One task at a time uses it: the one that streams, and then the one that ends the body.
    private var writer: any ResponseBodyWriter
    private var preamble: String?

    init(writer: any ResponseBodyWriter, preamble: String) {
        self.writer = writer
        self.preamble = preamble
    }

    mutating func write(_ bytes: ByteBuffer) async throws {
        // A heartbeat before the first event is not a block.
        guard let preamble, bytes.readableBytes > ServerSentEvent.heartbeat.count else {
            return try await writer.write(bytes)
        }
        var first = ByteBuffer(string: preamble)
        first.writeImmutableBuffer(bytes)
        self.preamble = nil
        try await writer.write(first)
    }

    func finish() async throws { try await writer.finish(nil) }
}

/// Follows a log with a cursor; says something at least once per heartbeat.
private struct LogReader {
    let log: EventLog
    var cursor: Int64
    let heartbeat: Duration
    private var lastWrite = ContinuousClock.now

    init(log: EventLog, cursor: Int64, heartbeat: Duration) {
        self.log = log
        self.cursor = cursor
        self.heartbeat = heartbeat
    }

    /// What to write next; nil at the end of the log or when the task is cancelled.
    mutating func next() async -> ByteBuffer? {
        while !Task.isCancelled {
            let part = log.read(after: cursor)
            if let last = part.entries.last {
                cursor = last.event.sequence
                lastWrite = .now
                return Self.join(part.entries)
            }
            if part.isOver { return nil }
            if lastWrite + heartbeat <= .now {
                lastWrite = .now
                return ByteBuffer(bytes: ServerSentEvent.heartbeat)
            }
            await log.wait(after: cursor)
        }
        return nil
    }

    private static func join(_ entries: [EventLog.Entry]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(entries.reduce(0) { $0 + $1.block.count })
        for entry in entries { buffer.writeBytes(entry.block) }
        return buffer
    }
}
