import Core

extension OpenAPI {
    /// One of `sharedParameters`.
    static func parameter(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/parameters/\(name)")]
    }

    static func query(_ name: String, _ schema: JSONValue, _ description: String) -> JSONValue {
        ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
    }

    static func header(_ name: String, _ schema: JSONValue, _ description: String) -> JSONValue {
        ["name": .string(name), "in": "header", "description": .string(description), "schema": schema]
    }

    static func path(_ name: String, _ schema: JSONValue, _ description: String) -> JSONValue {
        [
            "name": .string(name), "in": "path", "required": true, "description": .string(description),
            "schema": schema,
        ]
    }

    static var sharedParameters: JSONValue {
        [
            "IntegrationName": path("name", string, "The integration's name in integrations.yaml."),
            "RunId": path("id", uuid, "The run's id."),
            "DocumentId": path("id", string, "The document's id."),
            "Organization": header("X-Org-ID", tenantName, tenantDescription),
            "Project": header("X-Project-ID", tenantName, tenantDescription),
            "LastEventId": header(
                "Last-Event-ID", string, "The id of the last event that was received: what came after it is sent."),
            "LastEventIdQuery": query("lastEventId", string, "Instead of the header `Last-Event-ID`."),
            "LastEventIdSnakeQuery": query("last_event_id", string, "Instead of the header `Last-Event-ID`."),
            "IntegrationFilter": query("integration", string, "Only this integration's."),
            "Limit": query(
                "limit", ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100], "How many at most."),
            "After": query("after", string, "The `next` of the page before."),
        ]
    }

    private static var tenantName: JSONValue { ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"] }

    private static var tenantDescription: String {
        "Whose things are meant. Left out: the integration's own, else the token's only one, else `default`."
    }
}
