package import Core
import Crypto
import HTTPTypes
import Hummingbird
import Logging

/// Knows tokens by their SHA-256 and compares in constant time.
package struct Authenticator: Sendable {
    /// A token that may be presented, and who that is.
    package struct Token: Sendable {
        /// 32 bytes.
        package var digest: [UInt8]
        package var principal: Principal

        package init(digest: [UInt8], principal: Principal) {
            self.digest = digest
            self.principal = principal
        }

        package init(secret: Secret, principal: Principal) {
            self.init(
                digest: Array(SHA256.hash(data: Array(secret.reveal().utf8))), principal: principal)
        }
    }

    let tokens: [Token]
    let sessionKey: SymmetricKey

    /// - Parameter sessionKey: what sessions are signed with; 32 bytes that nobody else knows.
    package init(tokens: [Token], sessionKey: [UInt8]) {
        self.tokens = tokens
        self.sessionKey = SymmetricKey(data: sessionKey)
    }

    /// Looks at every token, whatever is presented: time tells nothing.
    func token(bearer: String) -> Token? {
        let digest = SHA256.hash(data: Array(bearer.utf8))
        var found: Token?
        for token in tokens where digest == token.digest { found = token }  // in constant time
        return found
    }
}

/// Lets a request in, or says who may come in.
struct AuthenticationMiddleware: RouterMiddleware {
    /// As they are now: tokens may be replaced while the server runs.
    let settings: @Sendable () -> API.Settings

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let settings = settings()
        // Without tokens only this machine may ask.
        if let authenticator = settings.authenticator {
            context.principal = try authenticate(request, with: authenticator)
            context.isSession = request.headers[.authorization] == nil
            context.logger[metadataKey: "principal"] = "\(context.principal.name)"
        } else {
            try SameSite.check(request, allowedOrigins: settings.allowedOrigins)
        }
        return try await next(request, context)
    }

    /// A token that is sent counts, and else the cookie that stands for one.
    private func authenticate(
        _ request: Request, with authenticator: Authenticator
    ) throws(Problem) -> Principal {
        if let bearer = try Self.bearer(of: request) {
            guard let token = authenticator.token(bearer: bearer) else { throw Self.unknownToken }
            return token.principal
        }
        guard let session = SessionCookie.text(in: request) else {
            throw Problem(
                .unauthenticated, "A bearer token is needed.",
                hint: "Send `Authorization: Bearer …`.", headers: [.wwwAuthenticate: "Bearer"])
        }
        // A browser adds it by itself, so what other pages ask for must not use it.
        guard PageOrigin(request) == .own else {
            throw Problem(.crossSite, "The session is for pages of this server's own origin.")
        }
        guard let principal = authenticator.principal(session: String(session), at: .now) else {
            throw Problem(
                .unauthenticated, "The session is over.",
                hint: "Begin another with POST /session and a token.", headers: [.wwwAuthenticate: "Bearer"])
        }
        return principal
    }

    /// nil: there is no `Authorization`.
    static func bearer(of request: Request) throws(Problem) -> String? {
        guard let header = request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw unknownToken }
        return String(parts[1])
    }

    private static var unknownToken: Problem {
        Problem(
            .unauthenticated, "The token is not one that this server knows.",
            headers: [.wwwAuthenticate: #"Bearer error="invalid_token""#])
    }
}
