import HTTPTypes
import Hummingbird

/// Lets pages of the origins that `server.cors` names read what the server answers.
///
/// They send a token like everyone; a cookie of theirs is neither asked for nor allowed.
struct CrossOriginMiddleware: RouterMiddleware {
    /// As browsers send them: `https://app.example.com`.
    let allowedOrigins: [String]

    /// What a page may send beside the few headers that need no permission.
    private static let requestHeaders =
        "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, X-Org-ID, X-Project-ID"
    private static let exposedHeaders = "ETag, Location, Retry-After, WWW-Authenticate"
    /// Seconds for which a browser need not ask again; Chromium takes no more.
    private static let permissionLifetime = 7200

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], allowedOrigins.contains(origin) else {
            var response = try await next(request, context)
            // Or a cache might give this answer to a page that may read it, and cannot.
            response.headers.append(HTTPField(name: .vary, value: "Origin"))
            return response
        }
        var response = Self.isPreflight(request) ? Self.permission : try await next(request, context)
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = Self.exposedHeaders
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        return response
    }

    /// Asks whether a request may be made.
    private static func isPreflight(_ request: Request) -> Bool {
        request.method == .options && request.headers[.accessControlRequestMethod] != nil
    }

    private static var permission: Response {
        Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: "GET, POST, DELETE",
                .accessControlAllowHeaders: requestHeaders,
                .accessControlMaxAge: String(permissionLifetime),
            ])
    }
}
