import Core
import Engine
import HTTPTypes
import Hummingbird

extension API {
    var syncRoutes: [Route] {
        [
            Route(.get, "/integrations/{name}/sync/stream", .write, streamSync),
            Route(.post, "/integrations/{name}/sync", .write, startSync),
            Route(.get, "/integrations/{name}/status", .read, showStatus),
        ]
    }

    // MARK: GET …/sync/stream

    @Sendable private func streamSync(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let (integration, tenant) = try enabledIntegration(request, context)
        try Self.checkTakesStream(request)
        if Self.lastEventID(request) != nil {
            return try await resume(integration, tenant, request, context)
        }
        if let active = scheduler.activeRun(of: integration.name, tenant: tenant) {
            return try stream(active, after: 0, request, context)
        }
        try Self.checkMayStart(request, isSession: context.isSession)
        try checkStreamLimit(context.principal)
        let endsUnread = try Self.wantsCancelOnDisconnect(request)
        let (run, _) = try await start(integration, tenant, RunOptions(), endsUnread: endsUnread, context)
        return try stream(run, after: 0, request, context)
    }

    /// A cursor never starts anything.
    private func resume(
        _ integration: Integration, _ tenant: Tenant, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let resumes = scheduler.services.metrics.resumes
        do {
            let cursor = try Self.cursor(request)
            var found = scheduler.activeRun(cursor.run)?.snapshot
            if found == nil { found = try await storage.run(cursor.run) }
            guard let run = found, run.tenant == tenant, run.integration == integration.name else {
                throw noRun(cursor.run, wasFound: found != nil)
            }
            let (response, outcome) = try await stream(run, after: cursor.sequence, request, context)
            resumes.add(outcome)
            return response
        } catch {
            resumes.add("refused")
            throw error
        }
    }

    private static func wantsCancelOnDisconnect(_ request: Request) throws(Problem) -> Bool {
        switch Query(request)["on_disconnect"] {
        case nil, "continue": return false
        case "cancel": return true
        default: throw Problem(.badRequest, "on_disconnect is cancel or continue.")
        }
    }

    static func lastEventID(_ request: Request) -> String? {
        let query = Query(request)
        return request.headers[.lastEventID] ?? query["lastEventId"] ?? query["last_event_id"]
    }

    /// Where a client that comes back wants to go on.
    private static func cursor(_ request: Request) throws(Problem) -> EventID {
        guard let cursor = EventID(lastEventID(request) ?? "") else {
            throw Problem(
                .badCursor, "The Last-Event-ID is not one that this server sent.",
                hint: "Leave it out to join the active run or to start one.")
        }
        return cursor
    }

    private static func checkTakesStream(_ request: Request) throws(Problem) {
        guard MediaRanges(request.headers[values: .accept]).take("text/event-stream") else {
            throw Problem(.notAcceptable, "This is a text/event-stream, and `Accept` does not take it.")
        }
    }

    /// What a browser asks by itself must not set an import off.
    ///
    /// - Parameter isSession: then it must be what only a script asks for, since not every browser
    ///   tells that somebody merely looks at an address.
    private static func checkMayStart(_ request: Request, isSession: Bool) throws(Problem) {
        guard !isSession || MediaRanges(request.headers[values: .accept]).contains("text/event-stream") else {
            throw Problem(.notAcceptable, "This is a text/event-stream, and `Accept` does not name it.")
        }
        let isPrefetch = request.headers[.secPurpose]?.contains("prefetch") == true
        guard !isPrefetch, request.headers[.secFetchMode] != "navigate" else {
            throw Problem(
                .notAcceptable, "Looking at this address does not start an import.",
                hint: "Read it with EventSource, fetch or `curl -N`.")
        }
    }

    /// A run that is not there, or not for this caller; an id tells when it was made.
    func noRun(_ id: RunID, wasFound: Bool) -> Problem {
        if !wasFound, id.time + settings.keepRuns < .now {
            return Problem(.runExpired, "Run \(id) is older than runs are kept.")
        }
        return Problem(.runUnknown, "There is no run \(id).")
    }

    // MARK: POST …/sync

    @Sendable private func startSync(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let (integration, tenant) = try enabledIntegration(request, context)
        let body = try await collectBody(of: request, context)
        if let earlier = try await earlierRun(request, context, body) { return earlier }
        let options = try Self.options(request, body: body)
        if let options, options != RunOptions() {
            do {
                try await catalog.check(options, of: integration.name)
            } catch let failure where failure.code == .settingsInvalid {
                throw Problem(.settingsInvalid, failure.message, hint: failure.hint)
            } catch {}  // a plugin that cannot be asked fails the run, where everyone looks for it
        }
        let (run, isNew) = try await start(integration, tenant, options ?? RunOptions(), context)
        if !isNew, let options, options != run.options {
            throw Problem(
                .runActive, "Run \(run.id) is under way with other options.",
                hint: "Wait for its end or cancel it.",
                extra: [.init("run", run.snapshot.json(basePath: settings.basePath))])
        }
        if let key = try Self.idempotencyKey(request, context, body) {
            // Twice at the same time is the same run all the same: there is one at a time.
            _ = try await storage.claim(key, for: run.id)
        }
        if let patience = Patience.preferred(request) { await run.log.waitForEnd(atMost: patience) }
        let snapshot = run.snapshot
        return .json(
            snapshot.json(basePath: settings.basePath),
            status: isNew && !snapshot.status.isTerminal ? .accepted : .ok,
            headers: [.location: "\(settings.basePath)/runs/\(run.id)"])
    }

    /// nil: an empty body, which asks for nothing in particular.
    private static func options(_ request: Request, body: [UInt8]) throws -> RunOptions? {
        guard !body.isEmpty else { return nil }
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
            throw Problem(.unsupportedMediaType, "The body must be application/json.")
        }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: body)
        } catch {
            throw Problem(.badRequest, "The body is not JSON: \(error)")
        }
        guard let members = json.members else {
            throw Problem(.badRequest, "The body must be a JSON object.")
        }
        var options = RunOptions()
        for member in members { try options.set(member) }
        return options
    }

    // MARK: GET …/status

    @Sendable private func showStatus(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let (integration, tenant) = try integration(request, context)
        let run = try await lastRun(of: integration, tenant)
        return .json([
            "state": .string(run?.status.state ?? "idle"),
            "run": run?.json(basePath: settings.basePath) ?? .null,
        ])
    }

    // MARK: Starting

    func enabledIntegration(
        _ request: Request, _ context: APIContext
    ) throws -> (integration: Integration, tenant: Tenant) {
        let found = try integration(request, context)
        guard found.integration.isEnabled else {
            throw Problem(
                .integrationDisabled, "\(found.integration.name) is switched off.",
                hint: "Set `enabled: true` in integrations.yaml.")
        }
        return found
    }

    private func start(
        _ integration: Integration, _ tenant: Tenant, _ options: RunOptions, endsUnread: Bool = false,
        _ context: APIContext
    ) async throws -> (run: ActiveRun, isNew: Bool) {
        do {
            return try await scheduler.start(
                integration, tenant: tenant, options: options, endsUnread: endsUnread,
                requestedBy: context.principal.name)
        } catch RunScheduler.Refusal.draining {
            throw Problem(.draining, "The daemon is stopping.", headers: [.retryAfter: "5"])
        } catch RunScheduler.Refusal.queueFull {
            throw Problem(
                .tooManyRequests, "Too many runs wait for their turn.", headers: [.retryAfter: "30"])
        }
    }
}

extension RunStatus {
    /// The coarse word that pollers get.
    fileprivate var state: String {
        switch self {
        case .queued, .running, .waiting, .cancelling: "running"
        case .succeeded, .completedWithErrors: "complete"
        case .failed, .cancelled, .interrupted: "error"
        }
    }
}

extension RunOptions {
    fileprivate mutating func set(_ member: JSONValue.Member) throws(Problem) {
        switch (member.key, member.value) {
        case ("full", .bool(let isFull)): self.isFull = isFull
        case ("collections", .array(let names)):
            collections = names.compactMap(\.stringValue)
            guard collections.count == names.count else {
                throw Problem(.badRequest, "collections must be an array of strings.")
            }
        case ("settings", .object): settings = member.value
        // As in the YAML, too.
        case ("allowMassDelete", .bool(let isAllowed)), ("allow_mass_delete", .bool(let isAllowed)):
            allowsMassDelete = isAllowed
        case ("full", _), ("collections", _), ("settings", _), ("allowMassDelete", _), ("allow_mass_delete", _):
            throw Problem(.badRequest, "\(member.key) has the wrong type.")
        default:
            throw Problem(
                .badRequest, "Unknown key \"\(member.key)\".",
                hint: "There are full, collections, settings, allowMassDelete.")
        }
    }
}
