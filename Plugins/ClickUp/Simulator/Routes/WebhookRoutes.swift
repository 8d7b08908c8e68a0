import HTTPTypes

/// Registering, changing and removing webhooks.  Nothing is delivered.
enum WebhookRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/team/:team/webhook") { call in
            try call.checkWorkspace("team")
            return ["webhooks": .array(call.projects.webhooks.map { json($0, call) })]
        }
        table.write(.post, "api/v2/team/:team/webhook") { call, body in
            try call.checkWorkspace("team")
            guard let endpoint = body["endpoint"]?.text, endpoint.hasPrefix("http") else { throw APIError.badRequest() }
            let webhook = call.simulator.editProjects { projects, _ in
                let number = projects.webhooks.count + 1
                let webhook = Webhook(
                    id: "4b67ac88-e506-4a29-9d42-26e504e3435\(number)", endpoint: endpoint,
                    events: body["events"]?.texts ?? ["*"],
                    secret: "O94IM25S7PXBPYTMNXLLET230SRP0S89COR7B1YOJ2ZIE\(number)")
                projects.webhooks.append(webhook)
                return webhook
            }
            return ["id": .string(webhook.id), "webhook": json(webhook, call)]
        }
        table.write(.delete, "api/v2/webhook/:webhook") { call, _ in
            let id = call.parameter("webhook")
            let isGone = call.simulator.editProjects { projects, _ in
                let count = projects.webhooks.count
                projects.webhooks.removeAll { $0.id == id }
                return projects.webhooks.count < count
            }
            guard isGone else { throw APIError.notFound }
            return [:]
        }
    }

    private static func json(_ webhook: Webhook, _ call: Call) -> JSON {
        [
            "id": .string(webhook.id), "userid": .int(183), "team_id": .int(call.workspace.id),
            "endpoint": .string(webhook.endpoint), "client_id": "SIMULATED",
            "events": .array(webhook.events.map { .string($0) }), "task_id": .null, "list_id": .null,
            "folder_id": .null,
            "space_id": .null,
            "health": ["status": .string(webhook.isActive ? "active" : "suspended"), "fail_count": .int(0)],
            "secret": .string(webhook.secret),
        ]
    }
}
