import Core
import HTTPTypes
import Hummingbird

extension API {
    var sessionRoutes: [Route] {
        [
            .withAnyToken(.post, "/session", openSession),
            Route(.delete, "/session", nil) { _, _ in
                // Also for a session that is over: there is nothing to keep.
                Response(status: .noContent, headers: [.setCookie: SessionCookie.clearing, .cacheControl: "no-store"])
            },
        ]
    }

    @Sendable private func openSession(_ request: Request, _ context: APIContext) async throws -> Response {
        guard PageOrigin(request) != .foreign else {
            throw Problem(.crossSite, "A session is for pages of this server's own origin.")
        }
        // Where no token is asked for, EventSource needs none.
        guard let authenticator = settings.authenticator else { return Response(status: .noContent) }
        guard let bearer = try AuthenticationMiddleware.bearer(of: request),
            let session = authenticator.session(bearer: bearer, at: .now)
        else {
            throw Problem(
                .unauthenticated, "A session begins with a token.",
                hint: "Send `Authorization: Bearer …`.", headers: [.wwwAuthenticate: "Bearer"])
        }
        return .json(
            ["expiresAt": .string(session.end.description)],
            headers: [.setCookie: SessionCookie.setting(session, for: request)])
    }
}
