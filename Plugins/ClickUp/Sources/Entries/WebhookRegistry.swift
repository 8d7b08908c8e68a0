import PluginKit

/// The webhooks of a workspace at ClickUp: what `clickup-webhooks` does.
package struct WebhookRegistry: Sendable {
    package struct Webhook: Sendable, Hashable {
        package var id: String
        package var endpoint: String
        /// `active` or `suspended`.
        package var health: String
        package var secret: String
    }

    private let workspace: String
    private let token: String
    private let baseURL: String

    package init(workspace: String, token: String, baseURL: String) throws {
        // Anything else could smuggle a second header into the request.
        guard token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw PluginError(.invalidSettings, code: "settings-invalid", message: "This is no ClickUp token.")
        }
        (self.workspace, self.token) = (workspace, token)
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    }

    private var path: String { "/api/v2/team/\(ClickUpClient.escape(workspace))/webhook" }

    package func list() async throws -> [Webhook] {
        try await send("GET", path)["webhooks"]?.array?.compactMap(Self.webhook) ?? []
    }

    /// Of the whole workspace, for all events.
    package func register(_ endpoint: String) async throws -> Webhook {
        let answer = try await send("POST", path, ["endpoint": .string(endpoint), "events": "*"])
        guard let webhook = answer["webhook"].flatMap(Self.webhook) else {
            throw PluginError(UpstreamError(kind: .invalidAnswer, message: "ClickUp's answer holds no webhook."))
        }
        return webhook
    }

    package func remove(_ id: String) async throws {
        _ = try await send("DELETE", "/api/v2/webhook/\(ClickUpClient.escape(id))")
    }

    private static func webhook(_ fields: JSONValue) -> Webhook? {
        guard let id = fields["id"]?.text else { return nil }
        return Webhook(
            id: id, endpoint: fields["endpoint"]?.string ?? "",
            health: fields["health"]?["status"]?.string ?? "unknown",
            secret: fields["secret"]?.string ?? "")
    }

    private func send(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let transport = try CurlTransport(maximumConnections: 1)
        do {
            let response = try await transport.send(
                Request(
                    url: baseURL + path, headers: ["Authorization: \(token)", "Content-Type: application/json"],
                    method: method, body: body?.utf8))
            await transport.close()
            let json = try? JSONValue(parsing: response.body)  // an error page need not be JSON
            guard (200..<300).contains(response.status) else {
                let excerpt = Excerpt.body(response.body, masking: token)
                throw PluginError(UpstreamError(response: response, body: json, excerpt: excerpt))
            }
            return json ?? .null
        } catch {
            await transport.close()
            throw (error as? TransportError).map { PluginError(UpstreamError($0)) } ?? error
        }
    }
}
