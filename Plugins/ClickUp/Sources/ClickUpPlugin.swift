package import PluginKit

/// Imports a ClickUp workspace: everything in it.
package struct ClickUpPlugin: Plugin {
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
