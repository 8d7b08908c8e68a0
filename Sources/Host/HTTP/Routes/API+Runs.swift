import Core
import Engine
import Hummingbird

extension API {
    var runRoutes: [Route] {
        [
            Route(.get, "/runs", .read, listRuns),
            Route(.get, "/runs/{id}", .read, showRun),
        ]
    }

    @Sendable private func listRuns(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let parameters = Query(request)
        let integration = parameters["integration"]
        var query = RunQuery(tenant: try tenant(request, context, integration: integration))
        query.integration = integration
        query.statuses = try Self.statuses(parameters["status"])
        query.limit = try parameters.limit()
        query.after = parameters["after"]
        let page = try await storage.runs(query)
        return .page(page) { current($0).json(basePath: settings.basePath) }
    }

    @Sendable private func showRun(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let found = try await run(request, context)
        guard let patience = try Patience.queried(request), let active = scheduler.activeRun(found.id)
        else { return .json(found.json(basePath: settings.basePath)) }
        await active.log.waitForChange(after: found.lastEvent, atMost: patience)
        return .json(active.snapshot.json(basePath: settings.basePath))
    }

    /// The run that a path names, if it is the caller's.
    func run(_ request: Request, _ context: APIContext) async throws -> Run {
        let text = try context.parameters.require("id")
        let unknown = Problem(.runUnknown, "There is no run \"\(text)\".")
        guard let id = RunID(text) else { throw unknown }
        let found: Run? =
            if let active = scheduler.activeRun(id) { active.snapshot } else { try await storage.run(id) }
        guard let run = found else { throw noRun(id, wasFound: false) }
        guard run.tenant == (try tenant(request, context, integration: run.integration)) else {
            throw unknown
        }
        return run
    }

    /// The tenant of a request that may be about one integration.
    func tenant(
        _ request: Request, _ context: APIContext, integration name: String?
    ) throws(Problem) -> Tenant {
        try context.tenant(request, integration: integrations.first { $0.name == name })
    }

    /// The store learns of a run's progress late; the run itself knows it.
    private func current(_ stored: Run) -> Run {
        scheduler.activeRun(stored.id)?.snapshot ?? stored
    }

    private static func statuses(_ text: String?) throws(Problem) -> Set<RunStatus> {
        guard let text, !text.isEmpty else { return [] }
        var statuses: Set<RunStatus> = []
        for name in text.split(separator: ",") {
            guard let status = RunStatus(rawValue: String(name)) else {
                throw Problem(
                    .badRequest, "There is no status \"\(name)\".",
                    hint: "There are \(RunStatus.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            statuses.insert(status)
        }
        return statuses
    }
}
