import Core
import Engine
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// What a plugin can do beside importing.
extension API {
    var entryRoutes: [Route] {
        [
            Route(.post, "/integrations/{name}/test", .write, testConnection),
            Route(.get, "/integrations/{name}/structure", .read, showStructure),
            Route(.post, "/integrations/{name}/webhook", nil, receiveWebhook),
        ]
    }

    /// How long each may take.
    private static let testPatience = Duration.seconds(30)
    private static let structurePatience = Duration.seconds(60)
    private static let webhookPatience = Duration.seconds(10)

    // MARK: POST …/test

    @Sendable private func testConnection(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let (integration, tenant) = try enabledIntegration(request, context)
        let start = ContinuousClock.now
        var members: [JSONValue.Member] = []
        do {
            let answer = try await call(.test, of: integration, tenant, within: Self.testPatience)
            members = [.init("success", true)]
            members += try answer.object(of: .test)?.members ?? []
        } catch let failure as RunFailure where failure.code != .notSupported {
            members = [.init("success", false), .init("error", .string(failure.message))]
            members += [.init("code", .string(failure.code.rawValue))]
            if let hint = failure.hint { members.append(.init("hint", .string(hint))) }
        } catch let failure as RunFailure {
            throw Problem(failure)
        }
        members.append(.init("latencyMs", .integer(start.duration(to: .now).wholeMilliseconds)))
        return .json(.object(members))
    }

    // MARK: GET …/structure

    @Sendable private func showStructure(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let (integration, tenant) = try enabledIntegration(request, context)
        do {
            let answer = try await call(.structure, of: integration, tenant, within: Self.structurePatience)
            guard let json = try answer.object(of: .structure) else {
                throw RunFailure(.pluginMisbehaved, "The plugin replied no structure.")
            }
            return .json(json)
        } catch let failure as RunFailure {
            throw Problem(failure)
        }
    }

    // MARK: POST …/webhook

    @Sendable private func receiveWebhook(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let name = try context.parameters.require("name")
        guard let integration = integrations.first(where: { $0.name == name }) else {
            throw Problem(.integrationUnknown, "There is no integration named \"\(name)\".")
        }
        guard integration.isEnabled else { throw Problem(.integrationDisabled, "\(name) is switched off.") }
        guard webhookLimits.take(name) else { throw Self.tooManyCalls }
        let webhook = WebhookRequest(
            method: request.method.rawValue, path: "/", query: request.uri.query ?? "",
            headers: request.headers.map { ($0.name.canonicalName, $0.value) },
            body: try await collectBody(of: request, context))
        let tenant = integration.tenant ?? .default
        do {
            let answer = try await call(.webhook(webhook), of: integration, tenant, within: Self.webhookPatience)
            return try await self.answer(answer, of: integration, tenant)
        } catch let failure as RunFailure where failure.code == .notSupported {
            throw Problem(failure)
        } catch let failure as RunFailure {
            // Who sends webhooks needs not know what is wrong here.
            scheduler.services.logger.error(
                "a webhook failed: \(failure.message.printable)", metadata: ["integration": "\(name)"])
            throw Problem(failure.code, "The request could not be handled.")
        }
    }

    private func answer(
        _ answer: EntryCalls.Answer, of integration: Integration, _ tenant: Tenant
    ) async throws -> Response {
        switch answer.status {
        case .ok: break
        case .authenticationFailed:
            throw Problem(
                .unauthenticated, answer.failure?.message ?? "The signature is wrong.",
                headers: [.wwwAuthenticate: "Signature"])
        case .invalidSettings: throw Problem(.badRequest, answer.failure?.message ?? "The request makes no sense.")
        default:
            scheduler.services.logger.error(
                "a webhook failed: \((answer.failure?.message ?? "\(answer.status)").printable)",
                metadata: ["integration": "\(integration.name)"])
            throw Problem(.internal, "The request could not be handled.")
        }
        guard let reply = answer.reply else { return Response(status: .noContent) }
        if let json = try? JSONValue(parsing: reply.body), json.members != nil {  // any other reply asks for nothing
            try await take(json, of: integration, tenant)
        }
        var headers: HTTPFields = [.cacheControl: "no-store"]
        headers[.contentType] = reply.contentType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
    }

    /// What the reply asks the host to do; stored before the sender hears that it was taken.
    private func take(_ reply: JSONValue, of integration: Integration, _ tenant: Tenant) async throws {
        let ids = (reply["ids"]?.elements ?? []).compactMap(\.stringValue).prefix(1_000).map { String($0.prefix(256)) }
        let wanted = reply["import"].flatMap { $0.members == nil ? nil : $0 }
        guard wanted != nil || !ids.isEmpty else { return }
        let isNew = try await webhookImports.receive(
            WebhookImport(integration: integration.name, tenant: tenant, ids: ids, settings: wanted))
        scheduler.services.logger.info(
            isNew ? "a webhook was taken" : "a webhook was dropped: all of it was here before",
            metadata: ["integration": "\(integration.name)", "changes": "\(ids.count)"])
    }

    // MARK: Calling

    private func call(
        _ entry: PluginEntry, of integration: Integration, _ tenant: Tenant, within patience: Duration
    ) async throws -> EntryCalls.Answer {
        do {
            // A daemon that stops does not wait for it.
            return try await cancelWhenGracefulShutdown {
                try await entryCalls.call(entry, of: integration, tenant: tenant, within: patience)
            }
        } catch is EntryCalls.Busy {
            throw Self.tooManyCalls
        }
    }

    private static var tooManyCalls: Problem {
        Problem(.tooManyRequests, "Too many calls at once.", headers: [.retryAfter: "1"])
    }
}

extension Problem {
    init(_ failure: RunFailure) { self.init(failure.code, failure.message, hint: failure.hint) }
}

/// How many requests the webhook of each integration takes, since each is a process.
final class WebhookLimits: Sendable {
    private let buckets = Mutex<[String: TokenBucket]>([:])

    func take(_ integration: String) -> Bool {
        buckets.withLock {
            $0[integration, default: TokenBucket(capacity: 60, perSecond: 10)].take(at: .now)
        }
    }
}
