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

    private let tokens: [Token]

    package init(tokens: [Token]) { self.tokens = tokens }

    /// Looks at every token, whatever is presented: time tells nothing.
    func principal(bearer: String) -> Principal? {
        let digest = SHA256.hash(data: Array(bearer.utf8))
        var found: Principal?
        for token in tokens where Self.equal(digest, token.digest) { found = token.principal }
        return found
    }

    private static func equal(_ digest: SHA256Digest, _ other: [UInt8]) -> Bool {
        guard other.count == SHA256Digest.byteCount else { return false }
        return zip(digest, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Lets a request in, or says who may come in.
struct AuthenticationMiddleware: RouterMiddleware {
    /// nil: no tokens are configured, and only this machine may ask.
    let authenticator: Authenticator?
    let allowedOrigins: [String]

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let authenticator {
            context.principal = try authenticate(request, with: authenticator)
            context.logger[metadataKey: "principal"] = "\(context.principal.name)"
        } else {
            try SameSite.check(request, allowedOrigins: allowedOrigins)
        }
        return try await next(request, context)
    }

    private func authenticate(
        _ request: Request, with authenticator: Authenticator
    ) throws(Problem) -> Principal {
        guard let header = request.headers[.authorization] else {
            throw Problem(
                .unauthenticated, "A bearer token is needed.",
                hint: "Send `Authorization: Bearer …`.", headers: [.wwwAuthenticate: "Bearer"])
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer",
            let principal = authenticator.principal(bearer: String(parts[1]))
        else {
            throw Problem(
                .unauthenticated, "The token is not one that this server knows.",
                headers: [.wwwAuthenticate: #"Bearer error="invalid_token""#])
        }
        return principal
    }
}
