import Core
import Engine
import HTTPTypes
import Hummingbird
import NIOCore

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
        let channel = context.channel
        return try openStream(request, context.principal) { _ in
            run.log.readerCame()
            defer { run.log.readerLeft() }
            return await hub.follow(run.log, after: cursor, on: channel, preamble: Self.retry)
        }
    }

    /// A run that has ended, from the store.
    func stream(stored run: Run, after cursor: Int64, _ request: Request, _ context: APIContext) throws -> Response {
        try openStream(request, context.principal) { writer in
            var cursor = cursor
            var preamble = Self.retry
            while true {
                let events = try await storage.events(of: run.id, after: cursor, limit: 500)
                guard let last = events.last else { return .finished }
                var buffer = ByteBuffer(string: preamble)
                for event in events { buffer.writeBytes(EventLog.block(event, of: run.id)) }
                try await writer.writer.write(buffer)
                cursor = last.sequence
                preamble = ""
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
        _ body: @escaping @Sendable (inout StreamWriter) async throws -> StreamReader.End
    ) throws -> Response {
        guard openStreams.enter(principal.name, limits: streamLimits) else { throw Self.tooManyStreams }
        let openStreams = openStreams
        let disconnects = scheduler.services.metrics.disconnects
        let requestBody = request.body
        return Response(
            status: .ok, headers: Self.streamHeaders,
            body: ResponseBody { writer in
                defer { openStreams.leave(principal.name) }
                var stream = StreamWriter(writer: writer)
                do {
                    stream = try await requestBody.consumeWithCancellationOnInboundClose { [stream] _ in
                        var stream = stream
                        let end = try await body(&stream)
                        disconnects.add(end.rawValue)
                        switch end {
                        case .finished, .draining: return stream
                        case .clientLeft, .stalled: throw CancellationError()
                        }
                    }
                } catch is CancellationError {
                    return  // nobody reads any more
                }
                try await stream.writer.finish(nil)
            })
    }
}

/// Takes a writer from one task to another.
private struct StreamWriter: @unchecked Sendable {
    // One task at a time uses it: the one that streams, and then the one that ends the body.
    var writer: any ResponseBodyWriter
}
