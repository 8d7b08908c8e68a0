import HTTPTypes
import Hummingbird

/// One group of API routes, a file each in Routes.
protocol RouteSet: SendableMetatype {
    static func add(to table: RouteTable)
}

/// Where sets of routes enter themselves.
struct RouteTable {
    let router: Router<CallContext>
    let front: Front

    func get(_ path: String, _ answer: @escaping @Sendable (Call) throws -> JSON) {
        let front = front
        router.get(RouterPath(path)) { request, context in
            let call = Call(
                simulator: front.simulator, parameters: context.parameters, query: request.uri.queryParameters)
            return try await front.respond(request, context) { Answer(try answer(call)) }
        }
    }
}

/// One request as a route sees it.
struct Call: Sendable {
    let simulator: Simulator
    fileprivate let parameters: Parameters
    fileprivate let query: Parameters

    var workspace: Workspace { simulator.workspace }

    /// A path parameter; the route's path says that it is there.
    func parameter(_ name: String) -> String {
        parameters.get(name) ?? ""
    }

    /// A query parameter, decoded.
    func query(_ name: String) -> String? {
        query.get(name)
    }

    func number(_ name: String) -> Int? {
        query(name).flatMap { Int($0) }
    }

    func flag(_ name: String) -> Bool {
        query(name) == "true"
    }

    /// Refuses another workspace than the token's, the way ClickUp does.
    func checkWorkspace(_ name: String) throws {
        let text = parameter(name)
        guard let id = Int(text) else { throw APIError.workspaceIDInvalid(text) }
        guard id == workspace.id else { throw APIError.workspaceRefused }
    }
}

/// Answers what no route knows: another path as JSON, another method as HTML.
struct UnknownRoutes: RouterMiddleware {
    let front: Front

    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && !request.uri.path.hasPrefix("/_simulator") {
            let isRead = request.method == .get || request.method == .head
            return try await front.respond(request, context) {
                if isRead { throw APIError.routeNotFound }
                return Answer(status: .notFound, html: "<html><body><pre>Cannot use this method</pre></body></html>\n")
            }
        }
    }
}
