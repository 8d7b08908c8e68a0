package import Core
import GRDB

extension SQLiteStore {
    /// How long the id of a change is remembered.
    private static let memory = Duration.seconds(7 * 86_400)

    package func keep(_ request: WebhookImport) async throws -> WebhookImport? {
        let now = now().milliseconds
        return try await write("keep what a webhook asks for") { db in
            try db.perform(
                "DELETE FROM webhook_ids WHERE received_at < ?", [now - Self.memory.wholeMilliseconds])
            let isNew = try Self.remember(request, at: now, db)
            guard isNew, let settings = request.settings else { return isNew ? request : nil }
            try db.perform(
                """
                INSERT INTO webhook_imports (organization, project, integration, settings)
                VALUES (?, ?, ?, \(textPlaceholder))
                """, Self.source(of: request) + [Text(settings.text)])
            var kept = request
            kept.number = db.lastInsertedRowID
            return kept
        }
    }

    private static func source(of request: WebhookImport) -> StatementArguments {
        [request.tenant.organization, request.tenant.project, request.integration]
    }

    /// Whether any of its ids is new, or it has none.
    private static func remember(_ request: WebhookImport, at now: Int64, _ db: Database) throws -> Bool {
        var isNew = request.ids.isEmpty
        for id in request.ids {
            try db.perform(
                """
                INSERT INTO webhook_ids (organization, project, integration, id, received_at)
                VALUES (?, ?, ?, \(textPlaceholder), ?) ON CONFLICT DO NOTHING
                """, source(of: request) + [Text(id), now])
            if db.changesCount > 0 { isNew = true }
        }
        return isNew
    }

    package func keptWebhookImports() throws -> [WebhookImport] {
        try readBlocking("find what webhooks asked for") { db in
            try db.rows(
                """
                SELECT number, organization, project, integration, settings FROM webhook_imports
                ORDER BY number
                """, []
            ) { row in
                var request = WebhookImport(
                    integration: row[3], tenant: Tenant(organization: row[1], project: row[2]), ids: [],
                    settings: try JSONValue(parsing: row.text(4) ?? "{}"))
                request.number = row[0]
                return request
            }
        }
    }

    package func forgetWebhookImports(_ numbers: [Int64]) async throws {
        try await write("forget what webhooks asked for") { db in
            for number in numbers {
                try db.perform("DELETE FROM webhook_imports WHERE number = ?", [number])
            }
        }
    }
}
