import Core
import Crypto
import Engine
import HTTPTypes
import Hummingbird

extension API {
    /// The answer to a request whose idempotency key has started a run before.
    func earlierRun(
        _ request: Request, _ context: APIContext, _ body: [UInt8]
    ) async throws -> Response? {
        guard let key = try Self.idempotencyKey(request, context, body) else { return nil }
        switch try await storage.earlierClaim(key) {
        case .granted: return nil
        case .reused:
            throw Problem(
                .idempotencyKeyReused, "This Idempotency-Key was used with another body.",
                hint: "A new request needs a new key.")
        case .taken(let id):
            let earlier: Run? =
                if let active = scheduler.activeRun(id) { active.snapshot } else {
                    try await storage.run(id)
                }
            guard let run = earlier else { throw noRun(id, wasFound: false) }
            return .json(
                run.json(basePath: settings.basePath),
                status: run.status.isTerminal ? .ok : .accepted,
                headers: [.location: "\(settings.basePath)/runs/\(id)"])
        }
    }

    static func idempotencyKey(
        _ request: Request, _ context: APIContext, _ body: [UInt8]
    ) throws(Problem) -> IdempotencyKey? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count) else {
            throw Problem(.badRequest, "Idempotency-Key must have 1 to 255 characters.")
        }
        let tenant = [HTTPField.Name.organization, .project].map { request.headers[$0] ?? "" }
        return IdempotencyKey(
            principal: context.principal.name,
            route: ([request.method.rawValue, request.uri.path] + tenant).joined(separator: " "),
            key: key, bodyDigest: SHA256.hash(data: body).map { String($0, radix: 16) }.joined(separator: "."))
    }
}

extension HTTPField.Name {
    static let idempotencyKey = Self("Idempotency-Key")!
}
