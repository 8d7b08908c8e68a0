import Core
import Engine
import HTTPTypes
import Hummingbird
import NIOCore

extension API {
    var runActionRoutes: [Route] {
        [
            Route(.get, "/runs/{id}/events", .read, showEvents),
            Route(.get, "/runs/{id}/errors", .read, showErrors),
            Route(.get, "/runs/{id}/log", .read, showLog),
            Route(.post, "/runs/{id}/cancel", .write, cancelRun),
        ]
    }

    // MARK: POST …/cancel

    @Sendable private func cancelRun(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let run = try await run(request, context)
        if let active = scheduler.activeRun(run.id) {
            try await scheduler.cancelForGood(active)
            return .json(active.snapshot.json(basePath: settings.basePath), status: .accepted)
        }
        if !run.status.isTerminal {
            // The daemon stops: what would have gone on with the next one does not.
            try await storage.noteCancelling(run.id)
            return .json(try await self.run(request, context).json(basePath: settings.basePath), status: .accepted)
        }
        guard run.status == .cancelled else {
            throw Problem(.runFinished, "Run \(run.id) has ended: \(run.status.rawValue).")
        }
        return .json(run.json(basePath: settings.basePath))
    }

    // MARK: GET …/events

    @Sendable private func showEvents(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let run = try await run(request, context)
        switch EventFormat(accept: request.headers[values: .accept]) {
        case nil:
            throw Problem(
                .notAcceptable, "Events come as text/event-stream, application/x-ndjson or application/json.")
        case .stream: return try await eventStream(of: run, request, context)
        case .lines: return try await eventLines(of: run, after: try pageCursor(request, run))
        case .page:
            let limit = try Query(request).limit()
            return try await eventPage(of: run, after: try pageCursor(request, run), limit: limit)
        }
    }

    private func eventStream(
        of run: Run, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        do {
            let cursor = try Self.cursor(request, in: run)
            let (response, outcome) = try await stream(run, after: cursor ?? 0, request, context)
            if cursor != nil { scheduler.services.metrics.resumes.add(outcome) }
            return response
        } catch {
            if Self.lastEventID(request) != nil { scheduler.services.metrics.resumes.add("refused") }
            throw error
        }
    }

    /// Where a reader of one run wants to begin; nil: at the first event.
    private static func cursor(_ request: Request, in run: Run) throws(Problem) -> Int64? {
        switch lastEventID(request) {
        case nil, "earliest": return nil
        case "latest": return run.lastEvent
        case let text?:
            guard let id = EventID(text), id.run == run.id else {
                throw Problem(
                    .badCursor, "The Last-Event-ID is not one of this run.",
                    hint: "There are also earliest and latest.")
            }
            return id.sequence
        }
    }

    private func pageCursor(_ request: Request, _ run: Run) throws -> Int64 {
        try Query(request).integer("after") ?? Self.cursor(request, in: run) ?? 0
    }

    /// What there is now, one body a line.
    private func eventLines(of run: Run, after cursor: Int64) async throws -> Response {
        let events = try await allEvents(of: run, after: cursor)
        return Response(
            status: .ok,
            headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: events.map { $0.body + "\n" }.joined())))
    }

    private func eventPage(of run: Run, after cursor: Int64, limit: Int) async throws -> Response {
        let events = try await someEvents(of: run, after: cursor, limit: limit + 1)
        let page = events.prefix(limit)
        return .page(
            Page(
                items: page.map { JSONValue.raw($0.body) },
                next: events.count > limit ? page.last.map { String($0.sequence) } : nil)
        ) { $0 }
    }

    private func allEvents(of run: Run, after cursor: Int64) async throws -> [RunEvent] {
        var events: [RunEvent] = []
        while true {
            let more = try await someEvents(of: run, after: events.last?.sequence ?? cursor, limit: 1000)
            if more.isEmpty { return events }
            events += more
        }
    }

    private func someEvents(of run: Run, after cursor: Int64, limit: Int) async throws -> [RunEvent] {
        guard let active = scheduler.activeRun(run.id) else {
            return try await storage.events(of: run.id, after: cursor, limit: limit)
        }
        return active.log.read(after: cursor).entries.prefix(limit).map(\.event)
    }

    // MARK: GET …/errors and …/log

    @Sendable private func showErrors(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let run = try await run(request, context)
        let query = Query(request)
        let page = try await storage.reports(
            of: run.id, after: try query.integer("after") ?? 0, limit: try query.limit())
        return .page(page) { report in
            [
                "kind": .string(report.kind.rawValue),
                "collection": report.collection.map(JSONValue.string) ?? .null,
                "id": report.externalID.map(JSONValue.string) ?? .null,
                "code": .string(report.code), "message": .string(report.message),
            ]
        }
    }

    @Sendable private func showLog(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let run = try await run(request, context)
        let query = Query(request)
        let page = try await storage.logLines(
            of: run.id, after: try query.integer("after") ?? 0, limit: try query.limit())
        return .page(page) { line in
            [
                "time": .string(line.time.description), "level": .string(line.level),
                "source": .string(line.source.rawValue), "message": .string(line.message),
            ]
        }
    }
}

/// In what form events are asked for.
private enum EventFormat {
    case stream, lines, page

    /// The first form that `Accept` names; nothing in particular means JSON.
    init?(accept values: [String]) {
        let types = MediaRanges(values)
        if types.isEmpty {
            self = .page
            return
        }
        for type in types {
            switch type {
            case "text/event-stream", "text/*": self = .stream
            case "application/x-ndjson": self = .lines
            case "application/json", "application/*", "*/*": self = .page
            default: continue
            }
            return
        }
        return nil
    }
}
