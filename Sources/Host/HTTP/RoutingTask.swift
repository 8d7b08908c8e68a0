import Hummingbird

/// Routes each request in a task of its own.
///
/// A task keeps the stack that its deepest call needed until it ends, and the task of a connection
/// goes on to write the response: what middleware and routes took would stay with each stream for as
/// long as that is open.
struct RoutingTask<Router: HTTPResponder>: HTTPResponder where Router.Context: Sendable {
    let router: Router

    func respond(to request: Request, context: Router.Context) async throws -> Response {
        async let response = router.respond(to: request, context: context)
        // A body here would break a whole connection of HTTP/2.
        return request.method == .head ? try await response.createHeadResponse() : try await response
    }
}
