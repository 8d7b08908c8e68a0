package import PluginKit

/// Two requests: who the token belongs to, and whether it opens the workspace.
extension ClickUpPlugin: ConnectionTesting {
    package func test(_ call: EntryCall) async throws -> ConnectionTest {
        try await withClient(call) { client, settings in try await test(client, settings) }
    }

    func test(_ client: ClickUpClient, _ settings: Settings) async throws -> ConnectionTest {
        let teams = try await client.get("/api/v2/team")
        let workspace = try Workspace(settings.workspaceID, in: teams)
        let user = try await client.get("/api/v2/user")["user"]
        let visible = (teams["teams"]?.array ?? []).map { team in
            JSONValue.object([
                .init("id", .string(team["id"]?.text ?? "")), .init("name", .string(team["name"]?.string ?? "")),
            ])
        }
        var details: [JSONValue.Member] = [
            .init("workspace", ["id": .string(workspace.id), "name": .string(workspace.name)]),
            .init("workspaces", .array(visible)),
        ]
        details.append("requestsPerMinute", client.limit)
        if let email = user?["email"]?.string { details.append(.init("email", .string(email))) }
        return ConnectionTest(account: user?["username"]?.string ?? user?["email"]?.string, details: details)
    }

    func withClient<Result>(_ call: EntryCall, _ body: (ClickUpClient, Settings) async throws -> Result) async throws
        -> Result
    {
        let settings = try Settings(call)
        return try await withTransport(settings) { transport in
            try await body(
                ClickUpClient(settings: settings, transport: transport, timekeeper: .system, call: call), settings)
        }
    }
}
