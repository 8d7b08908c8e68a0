import Core
import Engine
import HTTPTypes
import Hummingbird

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
        try stream(run.log, after: cursor, request, context)
    }

    /// A run, wherever it is, from behind `cursor`; and where that was, in a word for the metrics.
    func stream(
        _ run: Run, after cursor: Int64, _ request: Request, _ context: APIContext
    ) async throws -> (Response, outcome: String) {
        if let active = scheduler.activeRun(run.id) {
            try Self.checkWasSent(cursor, last: active.log.lastSequence)
            return (try stream(active, after: cursor, request, context), "live")
        }
        try Self.checkWasSent(cursor, last: run.lastEvent)
        if run.status.isTerminal, cursor >= run.lastEvent { return (Response(status: .noContent), "ended") }
        return (try stream(await endedLogs.log(of: run, in: storage), after: cursor, request, context), "stored")
    }

    /// Who waits behind an event that there will never be would wait for ever.
    private static func checkWasSent(_ number: Int64, last: Int64) throws(Problem) {
        guard number <= last else {
            throw Problem(
                .badCursor, "The Last-Event-ID is not one that this server sent: the run's last event is \(last).",
                hint: "Leave it out, or use earliest or latest.")
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

    private func stream(
        _ log: EventLog, after cursor: Int64, _ request: Request, _ context: APIContext
    ) throws -> Response {
        guard let place = openStreams.enter(context.principal.name, limits: streamLimits) else {
            throw Self.tooManyStreams
        }
        let hub = hub
        let disconnects = scheduler.services.metrics.disconnects
        let reader = StreamReader(log: log, cursor: cursor, channel: context.channel, preamble: Self.retry)
        return Response(
            status: .ok, headers: Self.streamHeaders,
            body: ResponseBody { writer in
                log.readerCame()
                defer {
                    log.readerLeft()
                    withExtendedLifetime(place) {}
                }
                let end = await hub.follow(reader)
                disconnects.add(end.rawValue)
                switch end {
                case .finished, .draining: try await writer.finish(nil)
                case .clientLeft, .stalled: return  // nobody reads any more
                }
            })
    }
}
