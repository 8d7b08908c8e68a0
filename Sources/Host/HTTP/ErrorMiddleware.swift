import Core
import HTTPTypes
import Hummingbird
import Logging

/// Turns everything that is thrown below it into a problem body, and says what no route takes.
struct ErrorMiddleware: RouterMiddleware {
    /// Methods that some route takes at this path.
    let allowedMethods: @Sendable (String) -> [String]

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response(from: request, context: context)
        } catch let error as HTTPError where error.status == .notFound {
            return noRoute(request).response(from: request, context: context)
        } catch let error as HTTPError where error.status == .contentTooLarge {
            return Problem(.payloadTooLarge, "The body is larger than this server takes.")
                .response(from: request, context: context)
        } catch let error as any HTTPResponseError {
            return Problem(.badRequest, "The request makes no sense: \(error.status.reasonPhrase).")
                .response(from: request, context: context)
        } catch let error as StorageError {
            if case .badCursor = error {
                return Problem(.badCursor, error.description, hint: "Leave `after` out to begin anew.")
                    .response(from: request, context: context)
            }
            context.logger.error("request failed: \(error)")
            return Problem(.internal, "The store failed: \(error)").response(from: request, context: context)
        } catch {
            return internalProblem(error, context).response(from: request, context: context)
        }
    }

    private func noRoute(_ request: Request) -> Problem {
        let allowed = allowedMethods(request.uri.path)
        guard !allowed.isEmpty else { return Problem(.notFound, "There is nothing at \(request.uri.path).") }
        return Problem(
            .methodNotAllowed, "\(request.method.rawValue) does nothing at \(request.uri.path).",
            headers: [.allow: allowed.joined(separator: ", ")])
    }

    private func internalProblem(_ error: any Error, _ context: APIContext) -> Problem {
        context.logger.error("request failed: \(error)")
        return Problem(.internal, "The server failed; its log says more under the request's id.")
    }
}
