package import PluginKit

/// Imports a ClickUp workspace: its spaces, its docs and their pages.
package struct ClickUpPlugin: Plugin {
    package static let manifest: StaticString = #"""
        {
          "id": "org.integrationd.clickup",
          "name": "ClickUp",
          "version": "0.1.0",
          "min_abi": "1.0",
          "description": "Spaces, docs and pages of a ClickUp workspace.",
          "homepage": "https://developer.clickup.com",
          "settings_schema": {
            "type": "object",
            "additionalProperties": false,
            "required": ["workspace_id", "api_token"],
            "properties": {
              "workspace_id": {
                "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$",
                "title": "Workspace",
                "description": "The number in the address of the workspace: app.clickup.com/<workspace_id>/..."
              },
              "api_token": {
                "type": "string", "minLength": 1, "maxLength": 4096, "x-secret": true,
                "title": "API token",
                "description": "A personal token (pk_...), or an OAuth access token as \"Bearer <token>\"."
              },
              "base_url": {
                "type": "string", "default": "https://api.clickup.com", "pattern": "^https?://",
                "title": "Address of the API"
              },
              "include_archived": {
                "type": "boolean", "default": true, "x-run-option": true,
                "title": "Archived spaces and docs too"
              },
              "max_concurrent_requests": {
                "type": "integer", "minimum": 1, "maximum": 64, "default": 16,
                "title": "Requests in flight at the same time"
              }
            }
          },
          "collections": [
            {"name": "spaces", "title": "Spaces"},
            {"name": "docs", "title": "Docs"},
            {"name": "pages", "title": "Pages"}
          ],
          "network": ["api.clickup.com:443"],
          "limits": {"memory_mb": 1024, "timeout_s": 7200}
        }
        """#

    package init() {}

    package func `import`(_ call: ImportCall) async throws {
        let settings = try Settings(call)
        let transport = try CurlTransport(maximumConnections: settings.maximumConcurrentRequests)
        do {
            try await run(call, settings, transport)
        } catch {
            await transport.close()
            throw (error as? UpstreamError).map(PluginError.init) ?? error
        }
        await transport.close()
    }

    /// The import over any transport, as the tests run it.
    func run(
        _ call: ImportCall, _ settings: Settings, _ transport: some Transport,
        timekeeper: Timekeeper = .system
    ) async throws {
        let client = ClickUpClient(
            settings: settings, transport: transport, timekeeper: timekeeper, call: call)
        try await WorkspaceImport(call: call, settings: settings, client: client).run()
    }
}
