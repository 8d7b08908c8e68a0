import HTTPTypes

/// Registering, changing and removing webhooks. `Courier` delivers.
enum WebhookRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/team/:team/webhook") { call in
            try call.checkWorkspace("team")
            return ["webhooks": .array(call.projects.webhooks.all.map { json($0, call) })]
        }
        table.write(.post, "api/v2/team/:team/webhook") { call, body in
            try call.checkWorkspace("team")
            guard let endpoint = body["endpoint"]?.text, endpoint.hasPrefix("http"), let events = body["events"]?.texts
            else { throw APIError.badRequest() }
            let webhook = call.simulator.editProjects { projects, _ in
                projects.webhooks.register(endpoint, events, at: location(body))
            }
            return ["id": .string(webhook.id), "webhook": json(webhook, call)]
        }
        table.write(.put, "api/v2/webhook/:webhook") { call, body in
            let changed = call.simulator.editProjects { projects, _ in
                projects.webhooks.change(call.parameter("webhook")) { webhook in
                    webhook.endpoint = body["endpoint"]?.text ?? webhook.endpoint
                    webhook.events = body["events"]?.texts ?? webhook.events
                    if let status = body["status"]?.text {
                        webhook.isActive = status == "active"
                        if webhook.isActive { webhook.failures = 0 }
                    }
                }
            }
            guard let changed else { throw APIError.notFound }
            return ["id": .string(changed.id), "webhook": json(changed, call)]
        }
        table.write(.delete, "api/v2/webhook/:webhook") { call, _ in
            let id = call.parameter("webhook")
            guard call.simulator.editProjects({ projects, _ in projects.webhooks.remove(id) }) else {
                throw APIError.notFound
            }
            return [:]
        }
    }

    /// The most specific of those that are named.
    private static func location(_ body: [String: BodyValue]) -> WebhookLocation? {
        if let task = body["task_id"]?.text { return .task(task) }
        if let list = body["list_id"]?.number { return .list(list) }
        if let folder = body["folder_id"]?.number { return .folder(folder) }
        return body["space_id"]?.number.map { .space($0) }
    }

    private static func json(_ webhook: Webhook, _ call: Call) -> JSON {
        var places: [String: JSON] = [:]
        switch webhook.location {
        case .task(let id): places["task_id"] = .string(id)
        case .list(let id): places["list_id"] = .int(id)
        case .folder(let id): places["folder_id"] = .int(id)
        case .space(let id): places["space_id"] = .int(id)
        case nil: break
        }
        return [
            "id": .string(webhook.id), "userid": .int(183), "team_id": .int(call.workspace.id),
            "endpoint": .string(webhook.endpoint), "client_id": "SIMULATED",
            "events": .array(webhook.events.map { .string($0) }), "task_id": places["task_id"] ?? .null,
            "list_id": places["list_id"] ?? .null, "folder_id": places["folder_id"] ?? .null,
            "space_id": places["space_id"] ?? .null,
            "health": [
                "status": .string(webhook.isActive ? "active" : "suspended"), "fail_count": .int(webhook.failures),
            ],
            "secret": .string(webhook.secret),
        ]
    }
}
